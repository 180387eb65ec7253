"""What a confirmed read-back says of a place beyond its known parts.

An operator repeats an address as it will be filed; the citizen says 对. Then the whole clause is the address, also where no
grammar knows its last words (…三十九号驾校后门往里两百米的河堤，对吗), and what lies beside it is told apart (…加油站对面的鹤洞大桥桥底).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.extraction.address_grammar import Kind, Part
from app.extraction.address_state import BASE
from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.spoken_numbers import CARDINAL, written

_CHECK = re.compile(r"(?:那里|那边|这里|这边)?(?:对吗|对吧|是吗|是吧|是不是|没错吧|对不对|吗|吧)$")
_REST = re.compile(
    r"(?!.*(?:[是了说我你您他她就去来没不吧呢啊被叫吗投诉反映要停漏坏修]|噪音|施工|占道|问题))[一-鿿A-Z0-9]{1,16}"
    r"(?:[口边门楼巷桥站处侧场厅园塘店角道栋座梯堤岸滩坡井亭岗库房坪院]|路段|方向|车库|空地|摊位|阳台|围墙|公厕|河涌|工地|电梯|仓库|宿舍|食堂|位置)$"
)
_METRES = re.compile(rf"({CARDINAL})(多|来)?(米|公里)")
_APART = re.compile(
    r"(?P<name>[一-鿿A-Z0-9]{2,16}?(?<!号))(?P<side>斜对面|正对面|对面|旁边|隔壁|附近|后面|前面)(?:的|那个|那条|那座|那块)+(?P<place>[一-鿿]{2,8})"
)
_NOT_A_NAME = re.compile(r"[您我你他是有清理把将要]|诉求|反映")
_NUMBERED = re.compile(rf"({CARDINAL})号")
_NAME = re.compile(r"(?!.*[有是在了的我你他她说去到来吗呢吧])[一-鿿]{2,8}(?<![路街道区边面])")
_BESIDE = re.compile(r"[一-鿿]{0,8}?(?:斜对面|正对面|对面|旁边|隔壁|附近|后面|前面|下面|背后)(?:的|那个|那条|那座)+$")


def is_confirmed(view: DialogueView, turn: Turn) -> bool:
    """The citizen agrees to an operator's turn at once."""
    answer = view.answer_after(turn)
    return answer is not None and answer.reply is Reply.ASSENT and bool(answer.text)


def confirmed_rest(view: DialogueView, turn: Turn, last: Part) -> str | None:
    """The rest of the clause after the last known part, in written form; None where it is no place."""
    end = last.end
    stop = min((place for place in turn.breaks if place > end), default=len(turn.text))
    text = _CHECK.sub("", turn.text[end:stop])
    apart = _APART.fullmatch(text)
    text = apart["place"] if apart is not None else text
    named = turn.marks and last.kind is not Kind.TAIL and _is_echo(view, turn, text)
    if end in turn.breaks or not text or not (_REST.match(text) or named):
        return None
    text = _METRES.sub(lambda match: written(match.group(1)) + (match.group(2) or "") + match.group(3), text)
    return re.sub(r"^的|那[个栋条块边]|这[个栋条块边]|的(?=[一-鿿]{1,4}$)", "", text)


def landmark_of(turn: Turn, start: int) -> tuple[str, int, int] | None:
    """What a read-back's place lies beside (鸭湖村|观音庙后面的废砖厂): written form and span; None where nothing."""
    stop = min((place for place in turn.breaks if place > start), default=len(turn.text))
    match = _APART.fullmatch(_CHECK.sub("", turn.text[start:stop]))
    if match is None or _NOT_A_NAME.search(match["name"]):
        return None
    name = _NUMBERED.sub(lambda number: written(number.group(1)) + "号", match["name"])
    return name + match["side"], start, start + match.end("side")


def with_echoes(view: DialogueView, turn: Turn, said: list[Part]) -> list[Part]:
    """An operator's parts with the names between or behind them that the citizen gave (大沙东路的丰乐荟三楼)."""
    if not turn.is_operator or not turn.marks or not any(part.kind in (Kind.ROAD, Kind.NUMBER) for part in said):
        return said
    whole: list[Part] = []
    for place, part in enumerate(said):
        whole.append(part)
        if part.kind not in (Kind.ROAD, Kind.NUMBER) or part.negated:
            continue
        stop = min([cut for cut in turn.breaks if cut > part.end] + [len(turn.text)])
        stop = min(stop, said[place + 1].start) if place + 1 < len(said) else stop
        lead = 1 if turn.text[part.end : part.end + 1] == "的" else 0
        name = _CHECK.sub("", turn.text[part.end + lead : stop])
        if part.end not in turn.breaks and _is_echo(view, turn, name):
            whole.append(Part(Kind.PLACE, name, part.end + lead, part.end + lead + len(name)))
    return whole


def _is_echo(view: DialogueView, turn: Turn, name: str) -> bool:
    """A short name that the citizen said before in these characters."""
    if not _NAME.fullmatch(name):
        return False
    return any(name in earlier.text for earlier in view.turns[: turn.number] if not earlier.is_operator)


def beside(turn: Turn, said: Sequence[Part]) -> int:
    """How many parts in front only tell what the place lies beside: road and number of 花地大道南123号加油站对面的鹤洞大桥桥底."""
    for place in range(1, len(said)):
        if said[place].kind in BASE and _BESIDE.fullmatch(turn.text[said[place - 1].end : said[place].start]):
            return place
    return 0
