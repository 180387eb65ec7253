"""The incident's address as the operator repeats it: clause by clause what the citizen said before, in written form.

An operator repeats an address as it will be filed, without what is needless (a market's kind, a shop's name after 叫) and with
all that belongs to it, also where no grammar knows the words (灵山岛尖C一地块, 湖边台阶). So the clauses of the repetition that are
made of the citizen's words are the address; divisions are left out, what lies beside (旁边是…) and what is said of it is not taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.extraction.address_grammar import INSTITUTION, Kind, Part, parts
from app.extraction.address_read_back import is_confirmed
from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.place_talk import Role, role_of
from app.extraction.regions import Mention
from app.extraction.spoken_numbers import CARDINAL, written

_CHECK = re.compile(
    r"(?:这里|那里|这边|那边|附近)?(?:对吗|对吧|是吗|是吧|是不是|没错吧|对不对|对不|是这里吧|吗|吧|好的?"
    r"|记下了|记好了|收到)+$"
)
_LEAD = re.compile(r"(?:嗯|哦|好的?|那|您(?:说|反映)的?(?:是|地址是)?|地址(?:是|在)?|就?是|在|位于|位置|的|跟您核对(?:一下)?|也就是)+")
_SAYS = re.compile(
    r"[是有吗呢吧了谁么您我你他她它们]|什么|哪|怎么|几|反映|投诉|举报|登记|转|问题|情况|处理|核实|帮|请"
    r"|好的|属于|需要|诉求|要求|希望|投放时间"
)
_ORGANISATION = re.compile(r"(?:公司|集团|中介|药店|工地|店铺?|店|餐厅|餐馆|酒楼|药房|房产|地产|网吧|网咖|厂家|商家|火锅|理发|修车|KTV)$")
_BESIDE = re.compile(
    r"(?:旁边?|对面|隔壁|附近|楼下|后面|前面)(?:那家|那个)?$|(?:旁边|对面|隔壁|附近|后面|前面)的(?:那个"
    r"|那栋)?[一-鿿]{2,6}$"
)
_DROPPED = re.compile(r"的那[个栋条块边]?|那[个栋条块边]|这[个栋条块边]|的(?=[一-鿿A-Z0-9])")
_LOT = re.compile(r"([A-Z])([零〇一二两三四五六七八九十幺0-9]+)(?=地块|区|号|栋|座|档|铺|馆|厅|口|出口|$)")
_HOUSE = re.compile(rf"(?:(?<=路)|(?<=街)|(?<=道)|(?<=巷)|(?<=[东西南北中])){CARDINAL}(?=号)")
_RANGE = re.compile(r"[到至]")
_PLACE_END = re.compile(
    r"(?:[口边门楼巷桥站处侧场厅园塘角道栋座梯堤岸滩坡井亭岗库房坪院间内旁尾脚底顶沟渠河涌廊堂馆山湖池墙阶号铺档队社组期区村塔阁层]|路段|方向|地块|空地|摊位|阳台|工地|宿舍"
    r"|食堂|位置|交界|中间|上方)$"
)
_CUT = re.compile(r"(?P<name>[一-鿿A-Z0-9]{2,14}?)(?P<side>斜对面|正对面|对面|旁边|隔壁|附近|门口(?=那))(?:的|那个|那座|那条|那家)+")
_NEAR_BY = re.compile(r"(?P<first>靠近)(?P<near>[一-鿿A-Z0-9]{2,12})"
    r"|(?P<side>旁边|对面|隔壁|楼下|楼上)(?:就)?(?:是|有)(?:一?[家个间])?(?P<of>[一-鿿A-Z0-9]{2,12})"
                      r"|(?P<name>[一-鿿A-Z0-9]{2,14}?)(?P<behind>斜对面|正对面|对面|旁边|隔壁|附近)")
_TELLS_BESIDE = re.compile(r"靠近|(?:旁边|对面|隔壁|楼下)(?:就)?是")
_PUBLIC = re.compile(r"(?:人行)?天桥|人行道|隧道|桥底|桥下|工地|空地|路段|[东南西北正侧后]门|公交站|地下通道|河边|湖边|停车场|垃圾站")
_WRITTEN_SIDE = {"旁边": "旁", "正对面": "对面"}
_SHOPS = ("超市", "酒店", "宾馆", "加油站", "生鲜", "餐厅")
_THERE = re.compile(r"(?:门口|楼下|门前|楼顶|天台|后门|院内)(?=的)")
SHOP_ASKED = re.compile(r"哪(?:一)?家|店名|什么店|(?:店|公司|餐厅|商家|驾校|机构|厂)(?:的)?(?:叫|名)")
_SAID_SHARE = 0.75
_SHORTEST = 2
_LONGEST = 30
_WORTH = 3


@dataclass(frozen=True, slots=True)
class Repeated:
    """An address in an operator's turn.

    Attributes:
        text: as it is filed.
        turn: where it was repeated.
        spans: its clauses in the turn's text.
        parts: those of its parts that the grammar knows.
        agreed: the citizen said yes to it.
        clipped: without punctuation, words of the same turn follow that nothing sets apart.
        beside: what it lies beside, as a landmark is filed; empty where nothing.
        said: the share of its pairs of characters that the citizen said before.
    """

    text: str
    turn: Turn
    spans: tuple[tuple[int, int], ...]
    parts: tuple[Part, ...]
    agreed: bool
    said: float
    beside: str = ""
    clipped: bool = False


def repeated_addresses(view: DialogueView, named: Mapping[int, Sequence[Mention]]) -> list[Repeated]:
    """All repetitions of the incident's place that nobody denied, in order of speech."""
    found = []
    for turn in view.operator:
        answer = view.answer_after(turn)
        before = view.question_before(turn)
        if before is None or role_of(view, turn) is not Role.INCIDENT or (answer is not None and answer.reply is Reply.DENIAL):
            continue
        one = _repeated(view, turn, named)
        if one is not None:
            found.append(one)
    return found


def _repeated(view: DialogueView, turn: Turn, named: Mapping[int, Sequence[Mention]]) -> Repeated | None:
    masked = tuple(
        (mention.start, mention.end)
        for mention in named.get(turn.number, ())
        if not turn.text[mention.start : mention.end].endswith("村")
    )
    known = [part for part in parts(turn.text, turn.breaks, masked) if not part.negated]
    heard = "|".join(earlier.text for earlier in view.turns[: turn.number] if not earlier.is_operator)
    covered = {place for start, end in masked for place in range(start, end)}
    taken: list[tuple[int, int]] = []
    beside = ""
    for start, end in _clauses(turn):
        begin, after = _outside(turn, start, end, covered, further=bool(taken))
        lead = _LEAD.match(turn.text, begin, end)
        begin = lead.end() if lead is not None else begin
        check = _CHECK.search(turn.text, begin, after)
        stop = check.start() if check is not None else after
        near, begin = _beside(turn, begin, stop, further=bool(taken))
        beside = near or beside
        if near and begin == stop:
            continue
        if stop - begin < _SHORTEST or not _is_place(
            turn, begin, stop, known, heard, divisions=[place for _, place in masked], first=not taken
        ):
            if taken and begin < end:
                break
            continue
        last = _last_place(view, turn, begin, stop, known)
        taken.append((begin, last))
        cut_off = after < end and after - begin > _SHORTEST and end - 1 not in covered
        if check is not None or last < stop or cut_off:
            break
    if not taken:
        return None
    text = "".join(_filed(turn, start, end, known) for start, end in taken)
    inside = tuple(part for part in known if any(start <= part.start and part.end <= end for start, end in taken))
    pairs = [turn.text[i : i + 2] for start, end in taken for i in range(start, end - 1)]
    said = sum(pair in heard for pair in pairs) / max(1, len(pairs))
    if not _SHORTEST < len(text) <= _LONGEST:
        return None
    return Repeated(text, turn, tuple(taken), inside, is_confirmed(view, turn), said, beside,
                    not turn.marks and last < stop)


def _beside(turn: Turn, begin: int, stop: int, *, further: bool) -> tuple[str, int]:
    """What a clause tells to lie beside the place (empty where nothing), and where the place itself begins."""
    near = _NEAR_BY.fullmatch(turn.text, begin, stop)
    if near is not None and (further or near["name"] is None):
        return _landmark(near), stop
    cut = _CUT.match(turn.text, begin, stop)
    if cut is None:
        return "", begin
    name = _HOUSE.sub(lambda match: written(match.group()), cut["name"])
    return name + _WRITTEN_SIDE.get(cut["side"], cut["side"]), cut.end()


def _landmark(near: re.Match[str]) -> str:
    """靠近工商银行, 旁边是大参林药店 -> 大参林药店旁, 楼下是永发五金 -> 楼下永发五金."""
    if near["near"]:
        return near["first"] + near["near"]
    if near["name"]:
        return _HOUSE.sub(lambda match: written(match.group()), near["name"]) + _WRITTEN_SIDE.get(near["behind"], near["behind"])
    side = _WRITTEN_SIDE.get(near["side"], near["side"])
    return side + near["of"] if side in ("楼下", "楼上") else near["of"] + side


def _outside(turn: Turn, start: int, end: int, covered: set[int], *, further: bool) -> tuple[int, int]:
    """A clause without the divisions in front and behind; one in front of 中心小学 belongs to that name."""
    begin = start
    while begin < end and begin in covered:
        begin += 1
    if further and begin > start and INSTITUTION.match(turn.text, begin, end):
        return start, end
    stop = next((place for place in range(begin, end) if place in covered), end)
    if stop < end and any(place not in covered for place in range(stop, end)) and stop - begin < _WORTH:
        return _outside(turn, next(p for p in range(stop, end) if p not in covered), end, covered, further=further)
    return begin, stop


def _clauses(turn: Turn) -> list[tuple[int, int]]:
    cuts = set(turn.breaks)
    if not turn.marks:
        cuts |= {match.start() for match in _TELLS_BESIDE.finditer(turn.text)}
    edges = [0, *sorted(place for place in cuts if 0 < place < len(turn.text)), len(turn.text)]
    return [(start, end) for start, end in pairwise(edges) if start < end]


def _is_place(turn: Turn, start: int, end: int, known: Sequence[Part], heard: str, *, divisions: Sequence[int], first: bool) -> bool:
    """A clause that names a place or goes on naming it: the citizen's words, nothing said of it, nothing beside it."""
    text = turn.text[start:end]
    inside = [part for part in known if start <= part.start and part.end <= end]
    if _ORGANISATION.search(text) and not (inside and inside[-1].end == end):
        return False
    if _BESIDE.search(text) and not inside:
        return False
    after_division = any(end_of <= start and start - end_of <= 1 for end_of in divisions)
    if first and not inside and not after_division:
        return False
    if not first and inside and inside[-1].kind is Kind.PLACE and text.endswith(_SHOPS):
        return False
    if _PUBLIC.fullmatch(text) and not first:
        return True
    if not first and inside and (inside[0].kind is Kind.AREA or inside[0].start > start):
        return False
    rest = text
    for part in inside:
        rest = rest.replace(turn.text[part.start : part.end], "|")
    if _SAYS.search(rest):
        return False
    pairs = [text[i : i + 2] for i in range(len(text) - 1)]
    echoed = sum(pair in heard for pair in pairs)
    return bool(inside) or (_PLACE_END.search(text) is not None and echoed >= _SAID_SHARE * len(pairs))


def _last_place(view: DialogueView, turn: Turn, start: int, end: int, known: Sequence[Part]) -> int:
    """Where the place ends in a clause: what follows its last part is taken only where it ends as places do."""
    inside = [part for part in known if start <= part.start and part.end <= end]
    while len(inside) > 1 and inside[-1].kind is Kind.PLACE and (
        inside[-1].text.endswith(_SHOPS) or _is_shop(view, turn, inside[-1])
    ):
        end = inside.pop().start
    there = _THERE.match(turn.text, inside[-1].end, end) if inside else None
    if there is not None:
        return there.end()
    if not inside or _PLACE_END.search(turn.text, inside[-1].end, end):
        return end
    return inside[-1].end


def _is_shop(view: DialogueView, turn: Turn, part: Part) -> bool:
    """The name of a shop that the citizen told when asked for it (哪家店 - 叫渔家大院)."""
    for question, answer in view.exchanges():
        asked = answer.number < turn.number and question is not None and SHOP_ASKED.search(question.text) is not None
        if asked and "叫" + part.text in answer.text:
            return True
    return False


def _filed(turn: Turn, start: int, end: int, known: Sequence[Part]) -> str:
    """A clause in written form: known parts as the grammar writes them, what stands between as said."""
    out: list[str] = []
    place = start
    for part in known:
        if start <= part.start and part.end <= end and part.start >= place:
            out.append(_literal(turn.text[place : part.start], inner=bool(out)))
            out.append(part.text)
            place = part.end
    out.append(_literal(turn.text[place:end], inner=bool(out)))
    return "".join(out)


def _literal(text: str, *, inner: bool) -> str:
    text = _LOT.sub(lambda match: match.group(1) + written(match.group(2)), text)
    if inner and _RANGE.fullmatch(text):
        return "至"
    return _DROPPED.sub("", text).removesuffix("的")
