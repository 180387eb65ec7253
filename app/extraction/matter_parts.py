"""A call cut into its matters, each with its likely items and request types.

The stretches of the talk (``talk_segments``) carry matter numbers; here they are ranked, and parts that tell the same thing are
taken together again: a second matter must be announced or be plainly something else. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.catalogue import Item
from app.domain.ticket import Hit
from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.hits import SURE_HEARING
from app.extraction.item_model import classifier
from app.extraction.items import Ranking, tree
from app.extraction.request_types import rank_types
from app.extraction.talk_segments import Segment, is_counted, segments
from app.extraction.units import announced, kinds_of, units_of

SPLIT_SHARE = 0.25
MIN_MASS = 2.0
DISPATCH_BOOST = 0.8
REPEAT_BOOST = 3.0
FOLLOW_UP_CODE = "220201"
WRONG_NUMBER_BOOST = 2.0
WRONG_NUMBER_CODE = "240401"
_FOLLOW_UP = re.compile(
    r"催(?:办|一下|单)|(?:上次|之前|上个月|上周|前几天|上个星期|早就|已经|前面)(?:.{0,10})(?:打过|反映过|投诉过|报过"
    r"|登记过)|打过(?:.{0,4})电话|(?:你们那个|那个|工)单(?:.{0,12})(?:没|不|怎么|咋|等)|跟进(?:以前|之前)|重(?:新)?办|(?:没|还没)(?:人)?(?:理|回复|处理|答复)我"
)
_WITHDRAWN = re.compile(r"撤(?:单|掉|回|销|了)|(?:取消|不要)(?:掉|了)?(?:那个|之前的?|上次的?)?(?:单|工单|投诉)"
                        r"|不(?:再)?(?:追究|投诉)[了喽咯啦]")
_WITHDRAWAL = re.compile(r"(?:登记|办理|为什么要?|帮您)撤(?:单|销)|撤单已")
_OLD = re.compile(r"之前|上次|以前|那个单|工单|登记过|打过")
_DEMANDED = re.compile(r"(?:您的?|您这次的?|有什么|还有其他|^好?的?)(?:诉求|要求)"
                       r"|(?:希望|想)(?:要)?(?:我们)?(?:怎么|如何)(?:处理|解决|改|调整|办)"
                       r"|希望(?:怎么办|得到|街道|医院|公司|部门)|要求.{2,30}(?:对吗|对吧|是吗|是吧)|您要求")
_REPORTED = re.compile(r"您(?:是|就是|主要)?(?:想|要)?(?:反映|投诉|举报)(?!什么|哪).{2,40}?(?:对吗|对吧|是吗|是吧)")
_WISHED = re.compile(r"希望(?:你们|能)?(?:把|尽快|早点|赶紧|补|退)")
_RESCUE = re.compile(r"按特急|紧急救援|应急救援|通知救援|安排转移|(?:转|通知)(?:幺|一)(?:幺|一|二)[零九]")
_ELSEWHERE = re.compile(r"(?:属于|归)[一-鿿]{2,4}[市省县]|受理不了|不能受理|不归(?:我们|本市)"
                        r"|(?:请|可以)?(?:您)?(?:拨)?打[一-鿿]{2,4}的?(?:幺|一)二三四五|区号")
ELSEWHERE_CODE, ELSEWHERE_MALUS, TALK = "240301", -1.5, 3
_ORDINAL = re.compile(r"第[二三四](?:个|件)|二是|另一(?:个|件)")
_TICKET_ASKED = re.compile(r"(?:工单|登记|受理)(?:的)?(?:编号|号)|单号|催办|重办|撤单")
_NOT_HERE = re.compile(r"(?:这里|我们|这边)(?:是|不是).{0,12}(?:热线|公司|银行|客服)|(?:打|拨)错|打的是(?:幺"
                       r"|一)二三四五|请?(?:您)?(?:直接)?拨打幺零")


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter of a call with what it was told by."""

    number: int
    stretches: tuple[Segment, ...]
    ranking: Ranking
    types: tuple[tuple[str, float], ...]

    @property
    def sure(self) -> float:
        """Probability of the item, lowered by how well the talk was heard."""
        return self.ranking.probabilities[0] * self.heard

    @property
    def heard(self) -> float:
        """How far recognition was sure of what the matter rests on, 0 to 1; 1 from SURE_HEARING on."""
        told = [(s.weight, s.turn.confidence(s.start, s.end)) for s in self.stretches if not s.turn.is_operator]
        total = sum(weight for weight, _ in told)
        mean = sum(weight * sure for weight, sure in told) / total if total else 1.0
        return min(1.0, mean / SURE_HEARING)


def matters_of(view: DialogueView, hits: Sequence[Hit] = ()) -> tuple[Matter, ...]:
    """The call cut into matters; empty where nothing telling was said yet."""
    stretches = segments(view, hits)
    told = [segment for segment in stretches if not segment.turn.is_operator]
    if not told:
        return ()
    numbers = sorted({segment.matter for segment in told})
    main = _matter(0, stretches, view)
    if main.ranking.mass < MIN_MASS:
        return ()
    if len(numbers) == 1:
        return (main,)
    parts = [_matter(0, tuple(s for s in stretches if s.matter == number), view, alone=False) for number in numbers]
    counted = is_counted(view)
    parts = _distinct([part for part in parts if part.ranking.mass >= MIN_MASS], counted=counted)
    if len(parts) < 2:
        return (main,)
    return tuple(Matter(number, part.stretches, part.ranking, part.types) for number, part in enumerate(parts))


def _distinct(parts: list[Matter], *, counted: bool = False) -> list[Matter]:
    """Merge parts that tell the same matter: same leaf, unsure leaf, or two questions of one area."""
    kept: list[Matter] = []
    for part in parts:
        code, kind = part.ranking.codes[0], part.types[0][0]
        twin = any(code == other.ranking.codes[0]
                   or (kind == other.types[0][0] == "咨询" and code[:2] == other.ranking.codes[0][:2]) for other in kept)
        if kept and (twin or (not counted and part.ranking.probabilities[0] < SPLIT_SHARE and (kind == "咨询" or not _numbered(part)))):
            continue
        kept.append(part)
    return kept


def _numbered(part: Matter) -> bool:
    """The citizen counted it off (第二个) or the operator asked for it: it is a matter of its own, sure or not."""
    return any(segment.role != "aside" and _ORDINAL.match(segment.turn.text[segment.start:]) for segment in part.stretches)


def _matter(number: int, stretches: Sequence[Segment], view: DialogueView, *, alone: bool = True) -> Matter:
    repeated = alone and _is_follow_up(view)
    boosts = _boosts(view, repeated=repeated) if alone else {}
    ranking = classifier().rank([(segment.text, segment.weight) for segment in stretches], boosts)
    likely = [(share, item_of(code).request_types) for code, share in zip(ranking.codes, ranking.probabilities, strict=True)]
    own = {segment.turn.number for segment in stretches}
    demanded = any(_DEMANDED.search(turn.text) for turn in view.operator if turn.number in own and turn.number > 0)
    demanded = demanded or any(_WISHED.search(turn.text) for turn in view.citizen if turn.number in own)
    rescued = alone and any(_RESCUE.search(turn.text) for turn in view.operator)
    types = rank_types(stretches, likely, repeated=repeated, demanded=demanded, withdrawn=alone and is_withdrawn(view), rescued=rescued,
                       reported=any(_REPORTED.search(turn.text) and _agreed(view, turn) for turn in view.operator if turn.number in own))
    return Matter(number, tuple(stretches), ranking, types)


def _agreed(view: DialogueView, turn: Turn) -> bool:
    answer = view.answer_after(turn)
    return answer is not None and answer.reply is Reply.ASSENT


def is_withdrawn(view: DialogueView) -> bool:
    """The citizen takes an old ticket back."""
    said = "".join(turn.text for turn in view.citizen)
    asked = any(_TICKET_ASKED.search(turn.text) for turn in view.operator)
    taken_up = any(_WITHDRAWAL.search(turn.text) for turn in view.operator)
    return asked and bool(_WITHDRAWN.search(said)) and (taken_up or bool(_OLD.search(said)))


def _is_follow_up(view: DialogueView) -> bool:
    said = any(_FOLLOW_UP.search(turn.text) for turn in view.citizen) or is_withdrawn(view)
    return said and any(_TICKET_ASKED.search(turn.text) for turn in view.operator)


def _boosts(view: DialogueView, *, repeated: bool) -> Mapping[str, float]:
    boosts: dict[str, float] = {FOLLOW_UP_CODE: REPEAT_BOOST} if repeated else {}
    if any(turn.number > 0 and _NOT_HERE.search(turn.text) for turn in view.operator):
        boosts[WRONG_NUMBER_CODE] = WRONG_NUMBER_BOOST
    if len(list(view.operator)) >= TALK and not any(_ELSEWHERE.search(turn.text) for turn in view.operator):
        boosts[ELSEWHERE_CODE] = ELSEWHERE_MALUS
    said = announced(view)
    if said and not repeated:
        kinds = frozenset(kind for name, _ in said for kind in kinds_of(name))
        for code in classifier().codes:
            if kinds and any(kinds & kinds_of(unit) for unit in units_of(item_of(code))):
                boosts[code] = boosts.get(code, 0.0) + DISPATCH_BOOST
    return boosts


def item_of(code: str) -> Item:
    """The leaf of a code; a bare one where the tree in use does not hold it."""
    return tree().get(code) or Item(code, (code,))
