"""address_detail and requester_address: what several turns say of one place, put together as it is filed.

Parts come from ``address_grammar``. A later turn without a road of its own completes or replaces single parts (几号呢
-> 八号; 不是三栋，是五栋); a read-back repeats them. Incident and home are kept apart; a home is given only where it
differs. Two roads with a crossing word are a crossing, getting on and off a vehicle is a way from one place to another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from app.domain.ticket import Hit
from app.extraction.address_grammar import Kind, Part, parts
from app.extraction.address_read_back import beside, confirmed_rest, is_confirmed, with_echoes
from app.extraction.address_repeated import Repeated, repeated_addresses
from app.extraction.address_settling import WORDS_OF_BOTH, settled
from app.extraction.address_state import BASE, Address, alike
from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.gazetteer import Level
from app.extraction.hits import found
from app.extraction.landmarks import is_landmark
from app.extraction.own_flat import bare_room, move_in, own_part
from app.extraction.place_talk import Role, asked_place, role_of
from app.extraction.places import spans
from app.extraction.questions import Topic
from app.extraction.regions import Mention
from app.extraction.sound import Sound
from app.extraction.spoken_letters import with_letters
from app.extraction.talk_segments import clauses
from app.extraction.trips import trip

_FILLER = re.compile(
    r"^(?:的|那个|那栋|那里|那边|那|就是|就|在|是|哦|啊|不是|不对|说错了|错了|应该是|门牌号?|是个|里面|进去|大概"
    r"|它|嗯|对|这个|这栋|我们|左边|右边|一个|还有|好像|旁边|叫)*$"
)
_ENDS_IN_FILLER = re.compile(r"(?:的|那个|那栋|在|是|不对|错了|门牌号?)$")
_WHICH_COOPERATIVE = re.compile(r"哪(?:一)?个(社|队|组|屯)(?!区|会)")
_NEXT_MATTER = re.compile(r"第二(?:个|件)|还有一(?:个|件)(?:事|问题)?|另外一(?:个|件)(?:事|问题)?|再一个|再说")
_GOES_ON = re.compile(r"(?:这里|那里|那边|这边|这个位置)?(?:对|是|吧|吗|好|没错|您|请|那|什么|属于|哪|几|有|的|嗯|行|明白|收到|已经|马上)")
_SHOPS = ("超市", "酒店", "宾馆", "加油站")
_SLIP = re.compile(r"^不(?:这里)?(?:应该)?(?:叫)*$|不是|不对|说错|错了|应该是|记错|讲错")
_SLIP_GAP = 18
_ONLY_NEAR = re.compile(r"[一-鿿]{1,8}(?:斜对面|正对面|对面|旁边|隔壁|附近)(?:那里|那边|的)?$")
_DATE_TALK = re.compile(r"日期|月[一-鿿0-9]{1,3}号")
_BETWEEN = ("中间", "之间")
_MIDDLE = re.compile(r"中间|之间")
_DAY = re.compile(r"[12]?[0-9]号|3[01]号")
_CROSSING = re.compile(
    r"^(?:的?那个|这个|的)*(?:十字|丁字|三岔)?(?:路口|交界处?|交叉口?|交叉路口|交汇处?|拐角"
    r"|相交|转角)"
)
_OVER_CROSSING = re.compile(rf"(?:{_CROSSING.pattern[1:]})?(?:的|那个|那座|那条)*(人行天桥|天桥|地下通道|人行隧道)")
_CONNECTED = re.compile(r"^(?:跟|和|与|同|交|到)$")
_OF_LANDMARK = re.compile(
    r"^(?:[A-Z]?[一二三四五六七八九十0-9]?(?:出口|出入口|口))?(?:的)?(?:出来|旁边?|附近|这边|那边|这一带|那一带"
    r"|对面|隔壁|过来|过去|往[东南西北前后左右]|右手|左手|后面|斜对面|右边|左边)"
)
_LANDMARK_BEFORE = re.compile(
    r"(?:旁边|对面|隔壁|附近|后面|前面|靠近|挨着)(?:就)?(?:是|有)?(?:一?个|一?家|一?所"
    r"|那个)?(?:幼儿园|小学|中学|学校|医院|超市|酒店|公园|小区|地铁站|公交站|市场|商场"
    r"|大厦|加油站)?$"
)
_MORE_ADDRESS = re.compile(
    r".{0,6}?(?:[零〇一二三四五六七八九十幺0-9A-Z]+(?:号|栋|座|楼|层|房|室|档|铺|单元|期|区|巷)"
    r"|[东西南北][门塔座区口]|出口|入口|对面|旁边|后面|里面|附近)"
)
_REST = re.compile(
    r"(?!.*[有是了在说我你他她就去来到没不吧呢啊被给叫吗])[一-鿿A-Z0-9]{1,7}"
    r"(?:口|边|门|楼|路段|巷|桥|站|处|方向|侧|车库|场|厅|公园|空地|塘|摊位|店|角|道|栋|座|阳台|后院|围墙|公厕|河涌"
    r"|工地|楼道|电梯|仓库|厂房|宿舍|食堂)$"
)
_NAME_LEAD = re.compile(r"(?:的|就|在|是|那个|这个|叫做?|站名|名字|位置|好像|应该|嗯|哦|啊|对|我们|我|到|从|区|市|街道)*")
_ONLY_NAME = re.compile(
    r"(?P<name>[一-鿿A-Z0-9]{2,14}?(?:地铁站|公交站|车站|总站|站|体育馆|体育场|体育中心|会展中心|公园|隧道|大桥|天桥"
    r"|立交桥?|收费站|服务区|码头"
    r"|客运站|机场|航站楼|广场|小学|中学|幼儿园|大学|学院|医院|卫生院|政务中心|办事大厅|图书馆|博物馆|市场|商场)"
    r"(?:[A-Z][0-9一二三四]?(?:出入口|出口|口)|[东南西北正]门)?)(?:那里|那边|这里|这边|门口|里面|附近)?(?:的|啊|吧|了)?"
)
_NO_NAME = re.compile(r"^(?:这|那|哪|什么|一|我们|附近|小区|旁边|对面|门口|下一|上一|前一|每|到|坐|本|各|地铁站"
    r"|公交站|火车站$|车站$)|[有没说去了吗]|不")
_BUS = re.compile(r"等车|公交|车站|坐车")
_FAR_NUMBER = 14
_PLAIN = frozenset((Kind.ROAD, Kind.NUMBER, Kind.BUILDING, Kind.FLOOR))
_LOOSE = 3
_SHORTEST_ROAD = 3
_WORST_SHORT = 0.13
_WORST_LONG = 0.22
_LONG_NAME = 4


def addresses(
    view: DialogueView,
    named: Mapping[int, Sequence[Mention]],
    local: Sequence[str] = (),
    sound: Sound | None = None,
    villages: Sequence[str] = (),
) -> tuple[Hit, ...]:
    """Hits for address_detail and requester_address.

    Args:
        view: the dialogue.
        named: divisions by turn.
        local: names of the neighbourhood, which recognised roads and villages are compared with by sound.
        sound: readings; without it nothing is compared.
        villages: village names that stand in region_community.
    """
    incident, home = Address(), Address()
    closed = False
    for turn in view.turns:
        role = role_of(view, turn)
        if role is Role.NONE:
            continue
        text = with_letters(turn.text) if turn.from_sound else turn.text
        said = parts(text, turn.breaks, spans(named.get(turn.number, ())))
        if turn.from_sound and sound is not None:
            said = [_mended(part, local, sound) for part in said]
        said = [*said, *_cooperative(view, turn)]
        said = with_echoes(view, turn, _without_dates(view, turn, _standing(turn, said)))
        closed = closed or (incident.has_number and _NEXT_MATTER.search(turn.text) is not None)
        own = own_part(turn) if incident.has_base and incident.has_number else len(turn.text)
        asked = asked_place(view, turn) or role is Role.HOME or _answers_read_back(view, turn, named)
        mine = [part for part in said if part.start >= own and part.kind not in BASE]
        chain = _chain(turn, [part for part in said if part.start < own], asked=asked)
        if chain and not (closed and role is Role.INCIDENT):
            confirmed = turn.is_operator and is_confirmed(view, turn)
            _apply(view, home if role is Role.HOME else incident, turn, chain, asked=asked, confirmed=confirmed)
        if own < len(turn.text) and not turn.is_operator and not home.has_base and (mine := mine or bare_room(turn, own)):
            move_in(home, incident, turn, mine)
    if not incident.has_base and home.has_base:
        incident, home = home, Address()  # no other place is told: it is at the caller's
    _without_village(incident, villages)
    return _hits(view, named, incident, home)


def _hits(view: DialogueView, named: Mapping[int, Sequence[Mention]], incident: Address, home: Address) -> tuple[Hit, ...]:
    """The ride, the operator's repetition or what was put together; the home where it differs."""
    hits = list(trip(view, named))
    again = settled(view, incident, repeated_addresses(view, named)) if not hits else None
    if again is not None:
        hits.append(_repeated_hit(incident, again))
    elif not hits and incident.has_base:
        hits.append(_hit("address_detail", incident))
    if not hits:
        hits += _by_name_only(view, named)
    if home.has_base and home.text() != incident.text():
        hit = _hit("requester_address", home)
        hits.append(replace(hit, value=_other_street(view, named) + home.text()))
    return tuple(hits)


def _other_street(view: DialogueView, named: Mapping[int, Sequence[Mention]]) -> str:
    """Street and community of a home that lies in another street than the incident; empty where it lies in the same or none is told."""
    streets: dict[Role, set[str]] = {Role.HOME: set(), Role.INCIDENT: set(), Role.NONE: set()}
    told: list[str] = []
    districts: dict[Role, str] = {}
    for turn in view.citizen:
        role = role_of(view, turn)
        said = [one for one in named.get(turn.number, ()) if one.division.level is Level.DISTRICT and not one.negated]
        if said:
            districts[role] = said[-1].division.name
        lower = [one for one in named.get(turn.number, ()) if one.division.level is not Level.DISTRICT and not one.negated]
        streets[role] |= {one.division.code for one in lower if one.division.level is Level.STREET}
        if role is Role.HOME:
            texts = [turn.text[one.start : one.end] for one in lower]
            told = [text for text in texts if text.endswith(("街道", "镇", "社区", "村"))] or told
    if not streets[Role.HOME] or not streets[Role.INCIDENT] or streets[Role.HOME] & streets[Role.INCIDENT]:
        return ""
    district = districts.get(Role.HOME, "")
    return (district if district != districts.get(Role.INCIDENT, district) else "") + "".join(told)


def _cooperative(view: DialogueView, turn: Turn) -> list[Part]:
    """The village's own division, named when asked for (是哪个社 - 上楼社)."""
    question = view.question_before(turn)
    asked = _WHICH_COOPERATIVE.search(question.text) if question is not None and not turn.is_operator else None
    told = re.match(rf"(?:是|嗯|哦|我们|在)*([一-鿿]{{1,4}}?{asked.group(1)})", turn.text) if asked is not None else None
    return [Part(Kind.NUMBER, told.group(1), *told.span(1))] if told is not None else []


def _standing(turn: Turn, said: list[Part]) -> list[Part]:
    """Without what was taken back at once (宝能体育馆，哦不是，讲错了，是天河体育馆)."""
    kept = []
    said = _between_two(turn, _without_surroundings(turn, said))
    for place, part in enumerate(said):
        later = next((other for other in said[place + 1 :] if other.kind is part.kind and not other.negated), None)
        gap = turn.text[part.end : later.start] if later is not None else ""
        if later is None or len(gap) > _SLIP_GAP or not _SLIP.search(gap):
            kept.append(part)
    return kept


def _without_surroundings(turn: Turn, said: list[Part]) -> list[Part]:
    """Without the road and number of a clause that only tells what lies opposite (花地大道南一百二十三号加油站对面)."""
    if not turn.marks:
        return said
    for start, end in clauses(turn):
        inside = [part for part in said if start <= part.start and part.end <= end]
        others = [part for part in said if part.kind in BASE and part not in inside]
        if inside and others and inside[-1].end < end - 2 and _ONLY_NEAR.search(turn.text, inside[-1].end, end):
            said = [part for part in said if part not in inside]
    return said


def _between_two(turn: Turn, said: list[Part]) -> list[Part]:
    """三栋和四栋中间: one part, not two of which the later stands."""
    for first, second in pairwise(said):
        after = _MIDDLE.match(turn.text, second.end)
        both = first.kind is second.kind is Kind.BUILDING
        if both and after is not None and turn.text[first.end : second.start] in ("和", "跟", "与", "同"):
            whole = replace(first, text=f"{first.text}和{second.text}{after.group()}", end=after.end())
            return [whole if part is first else part for part in said if part is not second]
    return said


def _without_dates(view: DialogueView, turn: Turn, said: list[Part]) -> list[Part]:
    """Without 二十九号 in answer to a question for a day."""
    question = view.question_before(turn)
    if question is None or any(part.kind in BASE for part in said):
        return said
    if not _DATE_TALK.search(question.text) and (Topic.TIME not in question.topics or Topic.PLACE in question.topics):
        return said
    return [part for part in said if part.kind is not Kind.NUMBER or not _DAY.fullmatch(part.text)]


def _answers_read_back(view: DialogueView, turn: Turn, named: Mapping[int, Sequence[Mention]]) -> bool:
    """The citizen answers an operator who has just repeated an address: finer parts complete or repair it."""
    question = view.question_before(turn)
    if turn.is_operator or question is None:
        return False
    repaired = turn.reply is Reply.DENIAL and Topic.HOME not in question.topics
    if role_of(view, question) is not Role.INCIDENT and not repaired:
        return False
    return any(
        part.kind is Kind.NUMBER or part.kind is Kind.BUILDING
        for part in parts(question.text, question.breaks, spans(named.get(question.number, ())))
    )


def _without_village(address: Address, villages: Sequence[str]) -> None:
    """A village that stands in its own field, or begins the road's name, is not repeated; alone it is no address."""
    roads = address.held.get(Kind.ROAD, [])
    for place, road in enumerate(roads):
        village = next(
            (name for name in villages if road.startswith(name) and len(road) >= len(name) + _SHORTEST_ROAD), ""
        )
        roads[place] = road[len(village) :]
    area = next(iter(address.held.get(Kind.AREA, ())), "")
    named = area in villages and (bool(roads) or not address.has_number)
    if area.endswith("村") and (named or any(road.startswith(area[:-1]) for road in roads)):
        del address.held[Kind.AREA]


def _mended(part: Part, local: Sequence[str], sound: Sound) -> Part:
    """A recognised road or village whose beginning sounds like a name of the neighbourhood gets that name's characters."""
    if part.kind not in (Kind.ROAD, Kind.AREA):
        return part
    best: tuple[float, str] | None = None
    for name in local:
        head = part.text[: len(name)]
        if len(head) < len(name):
            continue
        distance = sound.distance(head, name)
        if distance <= (_WORST_SHORT if len(name) < _LONG_NAME else _WORST_LONG) and (
            best is None or distance < best[0]
        ):
            best = (distance, name)
    return part if best is None else replace(part, text=best[1] + part.text[len(best[1]) :])


def _by_name_only(view: DialogueView, named: Mapping[int, Sequence[Mention]]) -> list[Hit]:
    """A stop, hall or exit named in answer to a question for the place, where no road or house is known."""
    names: list[Hit] = []
    for question, turn in view.exchanges():
        if question is None or not asked_place(view, turn):
            continue
        if role_of(view, turn) is not Role.INCIDENT:
            continue
        later = view.answer_after(turn)
        if later is not None and is_confirmed(view, later) and role_of(view, later) is Role.INCIDENT:
            names += _names_in(question, later, named)
        names += _names_in(question, turn, named)
    return names[:1]


def _names_in(question: Turn, turn: Turn, named: Mapping[int, Sequence[Mention]]) -> list[Hit]:
    """Clauses of a turn that are nothing but the name of a stop, hall or exit."""
    covered = {place for start, end in spans(named.get(turn.number, ())) for place in range(start, end)}
    for first, end in clauses(turn):
        begin = next((place for place in range(first, end) if place not in covered), end)
        lead = _NAME_LEAD.match(turn.text, begin, end)
        start = lead.end() if lead else begin
        match = _ONLY_NAME.fullmatch(turn.text, start, end)
        if match is not None and not _NO_NAME.search(match["name"]):
            name = match["name"]
            name += "公交站" if name.endswith("地铁站") and _BUS.search(question.text) else ""
            return [found("address_detail", name, 0.6, turn.evidence(start, match.end("name")), "address.name",
                          heard=turn.confidence(start, end))]
    return []


def _hit(name: str, address: Address) -> Hit:
    """A value stands when the operator read back the very same address, or it is no more than a road and number."""
    text = address.text()
    read_back = address.by_citizen and text in address.read_back
    plain = set(address.held) <= _PLAIN and not address.crossing and address.turns == 1
    confidence = 0.95 if read_back and address.whole else 0.84 if plain or read_back else 0.75
    rule = "address.read_back" if read_back else "address.said"
    heard = sum(address.heard) / len(address.heard) if address.heard else 1.0
    if address.from_sound:
        # Names of roads are rare words: recognition writes them wrongly without noticing.
        confidence = 0.75 if read_back else 0.65
    return found(name, text, confidence, list(dict.fromkeys(address.evidence)), rule, heard=heard)


def _repeated_hit(address: Address, again: Repeated) -> Hit:
    """The address as the operator repeated it; it stands where the citizen agreed to what are the citizen's own words."""
    sure = again.agreed and not again.clipped and again.said >= WORDS_OF_BOTH and address.whole
    heard = sum(address.heard) / len(address.heard) if address.heard else again.turn.confidence(*again.spans[0])
    confidence = 0.75 if again.turn.from_sound or address.from_sound else 0.95 if sure else 0.84
    evidence = [*address.evidence, *(piece for span in again.spans for piece in again.turn.evidence(*span))]
    return found("address_detail", again.text, confidence, list(dict.fromkeys(evidence)), "address.repeated", heard=heard)


def _chain(turn: Turn, said: list[Part], *, asked: bool) -> list[Part]:
    """Parts that belong together: neighbours with nothing but filling words between them, landmarks left out."""
    said = [part for part in said if not _is_landmark(turn, part)]
    said = said[beside(turn, said) :]
    numbered = any(part.kind is Kind.NUMBER for part in said)
    chain: list[Part] = []
    for part in said:
        if part.kind is Kind.PLACE and numbered and part.text.endswith(_SHOPS):
            continue
        gap = turn.text[chain[-1].end : part.start] if chain else turn.text[: part.start]
        begins = not chain and (turn.is_operator or asked or len(gap) <= _LOOSE)
        if part.kind in BASE or (chain and _joins(chain[-1], part, gap)) or (begins and _leads(gap, asked=asked)):
            chain.append(part)
    return chain


def _leads(gap: str, *, asked: bool) -> bool:
    """What stands before a first part without a name may lead to it."""
    return _FILLER.match(gap) is not None or (asked and _ENDS_IN_FILLER.search(gap) is not None)


def _joins(last: Part, part: Part, gap: str) -> bool:
    if len(gap) <= 1 or _FILLER.match(gap):
        return True
    if _SLIP.search(gap) and len(gap) <= 10:
        return True
    return last.kind is Kind.ROAD and part.kind in (Kind.NUMBER, Kind.POLE) and len(gap) <= _FAR_NUMBER


def _is_landmark(turn: Turn, part: Part) -> bool:
    if part.kind is not Kind.PLACE:
        return False
    after, before = turn.text[part.end : part.end + 8], turn.text[: part.start]
    return (
        part.text.endswith(("地铁站", "公交站"))
        or is_landmark(turn, part)
        or _OF_LANDMARK.match(after) is not None
        or _LANDMARK_BEFORE.search(before) is not None
    )


def _apply(view: DialogueView, address: Address, turn: Turn, chain: list[Part], *, asked: bool, confirmed: bool = False) -> None:
    positive = [part for part in chain if not part.negated]
    bases = [part for part in positive if part.kind in BASE]
    if _only_between(address, positive) or (bases and not _accept_base(address, turn, bases, positive, asked=asked)):
        return
    if not bases and not address.has_base:
        return
    for part in positive:
        if part.kind not in BASE:
            address.hold_finer(part)
    address.note_order(positive)
    for part in positive:
        address.evidence += turn.evidence(part.start, part.end)
        address.heard.append(turn.confidence(part.start, part.end))
    ends = _ends_openly if turn.is_operator else _ends_cleanly
    address.whole = address.whole and ends(turn, positive[-1].end)
    rest = None
    if confirmed and (address.has_number or Kind.AREA in address.held):
        rest = confirmed_rest(view, turn, positive[-1])
    elif asked and not turn.is_operator and address.has_number:
        rest = _rest(turn, positive[-1].end)
    if rest is not None:
        address.held.setdefault(Kind.TAIL, []).append(rest)
    if turn.is_operator:
        address.trust(positive, confirmed=confirmed)
    else:
        address.turns += 1
        address.told += [(turn.number, part.kind, part.text) for part in positive]
    address.from_sound = address.from_sound or turn.from_sound
    address.by_operator = address.by_operator or turn.is_operator
    address.by_citizen = address.by_citizen or not turn.is_operator


def _only_between(address: Address, positive: Sequence[Part]) -> bool:
    """六栋和七栋之间 after an address that was read back with its building only tells more of it; else it is the place."""
    if not any(part.kind is Kind.BUILDING and part.text.endswith(_BETWEEN) for part in positive):
        return False
    if Kind.BUILDING in address.held and address.read_back:
        return True
    address.held.pop(Kind.TAIL, None)
    return False


def _rest(turn: Turn, end: int) -> str | None:
    """What a clause of a script adds after its last known part (八十八号|后面那栋楼), where it is plainly a place."""
    stop = min((place for place in turn.breaks if place > end), default=len(turn.text))
    text = turn.text[end:stop]
    if not turn.marks or end in turn.breaks or _REST.match(text) is None:
        return None
    return re.sub(r"^的|那[个栋条块边]|这[个栋条块边]", "", text).replace("边的", "边")


def _ends_cleanly(turn: Turn, end: int) -> bool:
    """After an address the turn ends, pauses or goes on with a particle; and no further number follows at once."""
    rest = turn.text[end : end + 12]
    if rest and end not in turn.breaks and turn.marks and rest[0] not in "对是吗吧的哈啊哦呢那这里":
        return False
    return _MORE_ADDRESS.match(rest) is None


def _ends_openly(turn: Turn, end: int) -> bool:
    """An operator's repetition ends where it asks or goes on to something else; without punctuation only words tell."""
    return bool(turn.marks) or end == len(turn.text) or _GOES_ON.match(turn.text, end) is not None


def _accept_base(address: Address, turn: Turn, bases: list[Part], positive: list[Part], *, asked: bool) -> bool:
    """Take a turn's road, area and place names into the address; False where they speak of another place."""
    roads = [part for part in bases if part.kind is Kind.ROAD]
    numbered = any(part.kind not in BASE for part in positive)
    known = [name for kind in BASE for name in address.held.get(kind, ())]
    same = any(alike(part.text, name) for part in bases for name in known)
    if not known and not (asked or turn.is_operator or numbered or len(roads) > 1 or _stated(turn, bases[0])):
        return False
    if known and not same and roads and Kind.ROAD in address.held:
        if not (numbered and not turn.is_operator) and address.has_number:
            return False
        if address.crossing or (not numbered and not asked):
            return False
        address.forget()
    if known and not same and not roads and Kind.ROAD in address.held and not (asked or turn.is_operator):
        return False
    fresh = not address.asked or (numbered and not roads and not address.has_number)
    if asked and known and not same and fresh and Kind.ROAD not in address.held:
        address.held.clear()
    address.asked = address.asked or asked
    for part in bases:
        if part.kind is Kind.PLACE and roads and any(p.kind is Kind.PLACE and p.end <= roads[0].start for p in bases) and (
            part.start >= roads[0].end
        ):
            address.held.pop(Kind.PLACE, None)
        address.hold_name(part)
    _cross(address, turn, roads)
    return True


def _cross(address: Address, turn: Turn, roads: list[Part]) -> None:
    for first, second in pairwise(roads):
        between = turn.text[first.end : second.start]
        if _CONNECTED.match(between) and (
            _CROSSING.match(turn.text[second.end :])
            or _OVER_CROSSING.match(turn.text, second.end)
            or "路口" in turn.text[second.end : second.end + 8]
        ):
            address.crossing = True
            over = _OVER_CROSSING.match(turn.text, second.end)
            if over is not None:
                address.held[Kind.TAIL] = [over.group(1)]
            address.held[Kind.ROAD] = [first.text, second.text]


def _stated(turn: Turn, part: Part) -> bool:
    """在…, 是…, 地址… stands before, or a number right after."""
    return re.search(r"(?:在|地址是?|位于|就是|住)$", turn.text[: part.start]) is not None
