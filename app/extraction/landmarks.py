"""landmark: what the place lies beside (棠下地铁站A出口旁, 小星星幼儿园旁).

A landmark needs a name and a relation to it, in either order: 上步地铁站B出口出来右手边; 旁边就是车陂地铁站B口.
Generic words (那个地铁站旁边) are none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from app.domain.ticket import Hit
from app.extraction.address_grammar import Kind, Part, parts
from app.extraction.address_read_back import is_confirmed, landmark_of
from app.extraction.address_repeated import repeated_addresses
from app.extraction.dialogue_view import DialogueView, Turn
from app.extraction.hits import found
from app.extraction.place_talk import Role, asked_place, role_of
from app.extraction.places import spans
from app.extraction.regions import Mention
from app.extraction.spoken_letters import with_letters
from app.extraction.spoken_numbers import CARDINAL
from app.extraction.talk_segments import clauses

_EXIT = re.compile(
    r"(?:的)?(?:[A-Z]|[一二三四五六七八九十0-9]{1,2}号?)(?:出入口|出口|口)"
    r"|(?:的)?(?:[东南西北正侧后]门口?|[东南西北]出口|[东南西北]口)"
)
_SIDE = re.compile(
    rf"(?:的)?(?:出来|出去|过来|下车)?(?:的|以后|之后|后)?(?:就是|就在|在)?(斜对面|正对面|对面|旁边|旁|附近|隔壁"
    rf"|后面|背后|右手边|左手边|右边|左边|前面|侧面|(?:往|向)[东南西北前]边?)(?:的)?"
    rf"(?:再)?(?:走|过去)?(?:个)?(?:大概|大约|差不多)?({CARDINAL}(?:多|来)?米)?"
)
_BEFORE = re.compile(
    r"(斜对面|正对面|对面|旁边|附近|隔壁|后面|前面|靠近|挨着|紧挨着?|靠着)(?:就)?(?:是"
    r"|有)?(?:一?个|一?家|一?所|那个)?"
    r"(?:幼儿园|小学|中学|学校|医院|超市|酒店|公园|小区|地铁站|公交站|市场|商场|大厦|加油站)?$"
)
_THING = re.compile(
    r"(路口|村口|门口|巷口)?(?:的)?(?:那棵|那个|那座|一棵|一个)?(大榕树|榕树|大树|售货亭|报刊亭|牌坊|凉亭|保安亭"
    r"|岗亭|公告栏|雕像|人行天桥|天桥)"
    r"(?:的)?(底下|下面|旁边|旁|对面|后面)"
)
_ONLY_BESIDE = re.compile(
    r"(?:就|就在|在|是|那里|嗯|哦|靠近)*(?P<name>[一-鿿A-Z0-9]{2,10}?)(?P<side>斜对面|正对面|对面|旁边|隔壁|附近|背后)"
    r"(?:的)?(?:那里|那边|这里|这边|那[个条栋排间座][一-鿿]{0,3})?(?:啊|吧|呢|啦)?"
)
_FACING = re.compile(
    r"(?P<side>斜对面|正对面|对面|旁边|隔壁)(?:就)?(?:是|有)(?:一)?(?:个|家|间|所|座)?(?P<name>加油站|幼儿园|小学|中学|菜市场|医院|派出所|银行|公园"
    r"|地铁站|公交站|学校|超市|消防站|邮局|酒店|药店|停车场|篮球场|变电站|垃圾站|公厕|祠堂|教堂|寺庙?|庙)(?:的|啊|吧|呢)?"
)
_KIND_CALLED = re.compile(
    r"(?P<side>斜对面|正对面|对面|旁边|隔壁|后面)(?:就)?(?:是|有)(?:一?[个家间所座])?"
    r"(?P<kind>幼儿园|小学|中学|学校|医院|超市|银行|酒店|公园|市场|大厦)"
    r"(?:名字)?(?:就)?叫(?:做)?(?P<name>[一-鿿]{2,6}?(?P=kind))"
)
_FROM_EXIT = re.compile(
    rf"(?P<exit>[A-Z])(?:出)?口(?:那里)?(?:出来|出去)(?:以后|之后|再)?(?P<way>(?:往|向)[东南西北](?:边)?(?:走)?{CARDINAL}(?:多|来)?米)"
)
_STATION = re.compile(r"(?:就是|那个|在|从|是|^)(?P<name>[一-鿿]{2,8}?(?:地铁站|站))(?=[A-Z](?:出)?口)")
_NO_LANDMARK = re.compile(
    r"[我你他她它您谁有没不说去来吗在从这那]|^(?:路灯|公司|单位|家|房子|小区|楼|门口?|马路|公路|店|车|老人|学校|幼儿园|医院|医院门口|路边|村|员工宿舍)$"
    r"|[号栋座室房楼层]$"
)
_WRITTEN = {
    "底下": "下",
    "下面": "下",
    "旁边": "旁",
    "靠近": "附近",
    "挨着": "旁",
    "紧挨着": "旁",
    "紧挨": "旁",
    "靠着": "旁",
    "正对面": "对面",
}


def landmarks(view: DialogueView, named: Mapping[int, Sequence[Mention]]) -> tuple[Hit, ...]:
    """The hit for landmark, if any: the first one told of the incident, the citizen's before the operator's."""
    hits: list[tuple[bool, Hit]] = []
    for turn in view.turns:
        if role_of(view, turn) is not Role.INCIDENT:
            continue
        hits += [(turn.is_operator, hit) for hit in _in_turn(turn, named.get(turn.number, ()))]
    again = [one for one in repeated_addresses(view, named) if one.beside and one.agreed and not one.turn.from_sound]
    if again:
        one = again[-1]
        start = one.turn.text.find(one.beside[:2])
        hits = [(True, found("landmark", one.beside, 0.8, one.turn.evidence(max(start, 0), max(start, 0) + len(one.beside)),
                                 "landmark.repeated"))]
    others: tuple[Callable[[DialogueView, Turn, Sequence[Mention]], Iterable[Hit]], ...] = (
        _apart, _called, _by_exit, _by_clause, _by_thing,
    )
    for rule in others:
        if not hits:
            hits = [
                (turn.is_operator, hit)
                for turn in view.turns
                if role_of(view, turn) is Role.INCIDENT
                for hit in rule(view, turn, named.get(turn.number, ()))
            ]
    hits.sort(key=lambda pair: (pair[0], -pair[1].confidence))
    return (hits[0][1],) if hits else ()


def _in_turn(turn: Turn, named: Sequence[Mention]) -> Iterable[Hit]:
    text = with_letters(turn.text) if turn.from_sound else turn.text
    for part in parts(text, turn.breaks, spans(named)):
        if part.kind is not Kind.PLACE:
            continue
        name_end = _with_exit(text, part)
        name = part.text + text[part.end : name_end].lstrip("的")
        told = _relation(turn, part, name_end)
        if told is None:
            continue
        relation, start, end = told
        yield found(
            "landmark",
            name + relation,
            0.7 if turn.from_sound else 0.82,
            turn.evidence(start, end),
            "landmark.relation",
            heard=turn.confidence(start, end),
        )


def _apart(view: DialogueView, turn: Turn, named: Sequence[Mention]) -> Iterable[Hit]:
    """What a confirmed read-back tells apart: 花地大道南一百二十三号加油站对面的鹤洞大桥桥底."""
    if not turn.is_operator or not is_confirmed(view, turn):
        return
    masked = spans(named)
    areas = [part.end for part in parts(turn.text, turn.breaks, masked) if part.kind is Kind.AREA]
    starts = [0, *sorted(turn.breaks), *(end for _, end in masked), *areas]
    for start in sorted(set(starts), reverse=True):
        told = landmark_of(turn, start)
        if told is not None:
            name, begin, end = told
            yield found("landmark", name, 0.75, turn.evidence(begin, end), "landmark.read_back", heard=turn.confidence(begin, end))
            return


def _by_clause(view: DialogueView, turn: Turn, named: Sequence[Mention]) -> Iterable[Hit]:
    """A clause of an answer for the place that is only name and relation: 华师大旁边那个, 对面是个加油站."""
    if turn.is_operator or not asked_place(view, turn):
        return
    covered = {place for start, end in spans(named) for place in range(start, end)}
    for first, end in clauses(turn):
        start = next((place for place in range(first, end) if place not in covered), end)
        text = turn.text[start:end]
        name = _ONLY_BESIDE.fullmatch(text) or _FACING.fullmatch(text)
        if name is None or _NO_LANDMARK.search(name["name"]):
            continue
        side = _WRITTEN.get(name["side"], name["side"])
        yield found("landmark", name["name"] + side, 0.65, turn.evidence(start, end), "landmark.clause",
                    heard=turn.confidence(start, end))
        return


def _called(view: DialogueView, turn: Turn, named: Sequence[Mention]) -> Iterable[Hit]:
    """A kind of house beside the place that is named at once (旁边就是幼儿园，叫贝贝幼儿园)."""
    match = _KIND_CALLED.search(turn.text)
    if match is not None:
        value = match["name"] + _WRITTEN.get(match["side"], match["side"])
        yield found("landmark", value, 0.72, turn.evidence(*match.span()), "landmark.called", heard=turn.confidence(*match.span()))


def _by_exit(view: DialogueView, turn: Turn, named: Sequence[Mention]) -> Iterable[Hit]:
    """The way from an exit whose station was named before (从E口出来往东五十米)."""
    match = _FROM_EXIT.search(turn.text)
    station = next((told["name"] for other in view.turns if (told := _STATION.search(other.text))), "")
    if match is not None and station:
        value = f"{station}{match['exit']}口{match['way']}"
        yield found("landmark", value, 0.66, turn.evidence(*match.span()), "landmark.exit", heard=turn.confidence(*match.span()))


def _by_thing(view: DialogueView, turn: Turn, named: Sequence[Mention]) -> Iterable[Hit]:
    """Things without a name of their own (路口那棵大榕树底下, 售货亭旁边)."""
    match = _THING.search(turn.text)
    if match is not None:
        where, thing, side = match.groups()
        value = (where or "") + thing + _WRITTEN.get(side, side)
        yield found(
            "landmark", value, 0.7, turn.evidence(*match.span()), "landmark.thing", heard=turn.confidence(*match.span())
        )


def is_landmark(turn: Turn, part: Part) -> bool:
    """A named place that is told as lying beside, not as the place itself."""
    return _relation(turn, part, _with_exit(turn.text, part)) is not None


def _with_exit(text: str, part: Part) -> int:
    """Where the name ends when its exit or gate is taken in."""
    match = _EXIT.match(text, part.end)
    return match.end() if match is not None else part.end


def _beside_a_name(turn: Turn, start: int) -> bool:
    """华师大旁边那个丽江花苑: the relation belongs to the name before it."""
    return bool(turn.marks) and start > 1 and start not in turn.breaks and turn.text[start - 1] not in "在的是就有"


def _relation(turn: Turn, part: Part, name_end: int) -> tuple[str, int, int] | None:
    before = _BEFORE.search(turn.text[: part.start])
    if before is not None and not _beside_a_name(turn, before.start()):
        return _WRITTEN.get(before.group(1), before.group(1)), before.start(), name_end
    side = _SIDE.match(turn.text, name_end)
    if side is None:
        return None
    return _WRITTEN.get(side.group(1), side.group(1)) + (side.group(2) or ""), part.start, side.end()
