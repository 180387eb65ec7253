"""Address parts in one turn: roads, areas and buildings by name, numbers with their kind, what stands at the end.

No list of roads is shipped: a road is what ends in a road word and reaches back to the nearest boundary (a pause, a
region, a word such as 在). Recognition may have written its characters wrongly; that is for the caller's confidence,
not for the grammar. Numbers are converted to written form except floors (三楼 stays, as operators file it) and what
belongs to a name (三巷, 六马路).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.extraction.address_words import BOUNDARY, GENERIC, SIDES, SOFT
from app.extraction.spoken_numbers import written


class Kind(StrEnum):
    """What an address part is; the order is that of writing."""

    ROAD = "road"
    AREA = "area"
    NUMBER = "number"
    POLE = "pole"
    PLACE = "place"
    BUILDING = "building"
    UNIT = "unit"
    FLOOR = "floor"
    ROOM = "room"
    TAIL = "tail"


@dataclass(frozen=True, slots=True)
class Part:
    """One part with its written form and place in the turn's text."""

    kind: Kind
    text: str
    start: int
    end: int
    negated: bool = False


_NUM = r"[零〇一二两三四五六七八九十百千幺洞拐0-9]+"
_ROAD = re.compile(
    r"(?:大道(?:东|西|南|北|中)(?![门面边侧方向站口往走间段学])|大道|大街(?!道)|大马路|马路|快速路|高速公路|高速(?!路"
    r"|公)|国道|省道|环岛|公路"
    r"|路(?![口灯过由上面边费障况程线牌]|人(?!行)|大道)|直街|横街|正街|后街"
    r"|街(?![道坊边上头口办区]|大道)|横巷|大巷|巷(?![子口])|胡同|大桥|立交桥?|隧道"
    r"|里(?=[一二三四五六七八九十百0-9幺零两]+号)|坊(?=[一二三四五六七八九十百0-9幺零两]+号))"
)
_AREA = re.compile(
    r"(?:第?[一二三四五六七八九十]?工业区|工业园区?|科技园区?|产业园区?|创意园区?|物流园区?|开发区|保税区|新村"
    r"|城中村|新邨|邨|村(?![委民口里官长])|围(?=[一二三四五六七八九十0-9东西南北]+[巷号街])|屋村)"
)
_PLACE = re.compile(
    r"(?:机场(?:[一二三四五]号|T[1-3])?航站楼|花园小区|苑小区|小区|花园|花苑|雅苑|佳苑|嘉苑|名苑|苑|雅居|公寓|大厦|写字楼|大楼|商业广场|广场(?!舞)"
    r"|商业城|商业街"
    r"|商业中心|购物中心|国际中心|会展中心|体育中心|文化中心|活动中心|商务中心|政务中心|政务服务中心"
    r"|便民服务中心|政务大厅|办证大厅|办事大厅"
    r"|[一-鿿]{2}中心(?=[A-Z]|[东西南北][区座塔门]|[一二三四五六七八九十零幺0-9]+(?:[栋座楼层期区室房号]"
    r"|$))|商场|批发市场|农贸市场|肉菜市场|菜市场"
    r"|市场(?!监管|部门|价)"
    r"|新城|名城|山庄|家园|豪园|豪庭|名庭|华庭|雅庭|御园|豪苑|府邸|公馆|别墅|宿舍楼?|大院|小学|中学|幼儿园|学校|校门"
    r"|学院|大学|人民医院|医院|卫生院|养老院|敬老院|福利院|公园|湿地|水库|酒店|宾馆|客运站|火车站|汽车站"
    r"|公交总站|总站|收费站|服务区|路站(?![口长])"
    r"|地铁站|公交站|体育馆|体育场|游泳馆|图书馆|博物馆|少年宫|驾校|口岸|机场|码头|停车场|加油站|超市|购物城"
    r"|美食城|国际城"
    r"|半岛|湾畔|御府|名邸|天地|世家|名轩|豪轩|雅轩|庄园|大本营"
    r"|[一-鿿](?:城|府|湾|轩|阁|居|汇|园|里|台|庭|楼)(?=[一二三四五六七八九十]期|[A-Z东西南北]区"
    r"|(?:[零一二三四五六七八九十百0-9]+|[A-Z])(?:栋|座(?!机|位)|幢|号楼|单元|楼|层|号[铺档])))"
    r"(?:(?:第)?[一二三四五六七八九十A-Z]期|[A-Z东西南北]区(?![的]))?"
)
_NUMBERED = re.compile(
    rf"(?P<own>自编)?(?P<num>{_NUM}|[A-Z]{_NUM}|[A-Z]|(?<=[一-鿿])[东西南北](?=塔))(?P<kind>号楼(?![下上])|号大院|号院(?![内子])|号铺"
    rf"|号档口?|号摊位?|号卡位|号窗口|号柜台|号诊室|号车间|号仓库?|塔(?=[楼层一二三四五六七八九十0-9])"
    rf"|号(?!停车场|航站楼|门(?![口前牌面市])|厂房?|仓|机房|线|码|开|早|晚|上午|下午|那天|之前|以前"
    rf"|的时候|左右|凌晨|出口|口)|栋|幢|座(?!机|位)|单元|梯(?!田)|楼(?![下上道顶])|层(?!楼)|房(?!东|子|租|间|屋)"
    rf"|室|铺|档(?!口|案|次))(?P<sub>之{_NUM}(?![楼层栋座]))?"
)
_COLLECTIVE = re.compile(r"(?:的)?(第?[一二三四五六七八九十0-9]{1,3}(?:经济社|合作社|社|村民小组|小组|生产队|队))(?![区保交会长])")
_SPECIAL_FLOOR = re.compile(r"首层|负[一二三]楼|负[一二三]层|地下[一二三]层|顶楼")
_ROOM = re.compile(r"[A-Z]?[零〇一二三四五六七八九幺洞0-9]{3,4}(?![零〇一二三四五六七八九十百千幺0-9号栋座层块元点月]|楼(?![上下]))")
_POLE = re.compile(rf"(?:路?灯杆|电线杆|灯柱|杆)(?:的)?(?:编号|号)?(?:是|从)*({_NUM})(?:号)?[到至道倒]({_NUM})(?:号)?")
_POLE_ONE = re.compile(rf"(路?灯杆|电线杆|灯柱)(?:的)?(?:编号|号)?(?:是|从)*({_NUM})(?:号)?")
_TAIL = re.compile(
    r"(?:的|那个|这个|那处)?(门口(?!那个|有|写|挂|的(?!人行道|路|马路|空地|垃圾|停车)|来|去|经过|就)|门前|大门口|后门口?"
    r"|正门口?|侧门口?|[东南西北]门口?(?!路|街)|出入口|出口(?!成)|入口|进口(?!的)|后巷|斑马线|天面|走廊|楼梯口"
    r"|楼梯间|楼道(?!里面?停)|电梯口|楼下|楼顶|天台|人行道|村口|桥底|桥下|(?:垃圾)?投放点|垃圾站|充电桩"
    r"|公交站台|快递柜|平台(?!上面?的)|[东西南北前后左右]座(?![位机])"
    r"|地下车库|地下停车场"
    r"|(?:旁边?|对面|后面|侧面)(?:的|有)?(?:那个|这个|那块|那条|那片|那座|一块|一条|一个)?(?:公厕"
    r"|公共厕所|空地|巷子|小巷|垃圾站|垃圾房|垃圾桶|路口"
    r"|停车场|绿化带|工地|人行道|河涌|围墙|鱼塘|水塘|菜地|草地|草坪|荒地|绿地|球场|桥底|烂尾楼|变电站|档口|水沟|小公园)"
    r"|负一层|大堂|院内|门岗|架空层|后面(?=的?(?:空地|巷|马路|路))|路段|一带|首层商铺|商铺|铺位)"
)
_RAMP = re.compile(r"[一-鿿]{2,5}?(?:出口|入口|匝道|服务区|收费站|路段|立交)")
_VERB_ROAD = re.compile(r"(?:公里|里|米|段|截)路$|(?:^|.)[走过修跑堵让绕迷铺挖占挡拦认问带赶顺开半]路$")
_NEGATED = re.compile(r"(?:不是|不叫|不在)$")
_COUNTED = re.compile(
    r"^(?:正规|私人|私立|公立|附近|定点|大型|看|[一二两三几某每别我它他她哪这那]*[家间所座个栋]|上|读|念"
    r"|进|去|别的|其他|什么|附近的?|本|我们|公司|工厂|单位"
    r"|员工|职工|家属)+(?:的)?"
)
_DAY_OF_MONTH = re.compile(r"[一二两三四五六七八九]|[一二三]?十[一二三四五六七八九]?|[1-9]|[12][0-9]|3[01]")
_BEFORE_DATE = re.compile(
    r"月(?:份)?(?:的)?$|(?:[前昨今]天|[星期礼拜周][一二三四五六日天])(?:开始|起)?(?:就|也)?(?:是|的)?$"
)
_AFTER_DATE = re.compile(r"(?:就|才)?(?:开始|起(?!火)|入院|出院|到期|发的工资|手术)|(?:上|下)午|早上|晚上|凌晨")
INSTITUTION = re.compile(
    r"(?:第?[一二三四五六七八九十]|中心|实验|中医|人民|妇幼(?:保健)?|镇|区|市|成人|职业(?:技术)?|党群"
    r"|政务|便民|行政|公共|不动产|社保|文化|体育)+(?:服务)?"
    r"(?:小学|中学|幼儿园|学校|医院|卫生院|保健院|服务中心|登记中心|大厅|体育馆|图书馆|活动中心|市场)"
)
_WARD = re.compile(r"(?:[一-鿿]{0,2}急诊科?|[一-鿿]{1,3}科(?![技学])|门诊部?|住院部|住院大楼|[一-鿿]{0,2}病房|住院楼)")
_DIVISION_BEFORE = re.compile(r"[一-鿿]{2}(?:[区县市镇]|街道)$")
_OFFICIAL = 4
_TURNING = re.compile(r"(?:那里|那边|这边|这里)?(?:一直)?(?:拐|转(?!角)|进(?!口)|走进|开进|插进|拐弯|右转|左转)")
_LONGEST_NAME = 10
_LONGEST_NUMBER = 7
_LONGEST_STEM = 3
_WRITTEN = {"号", "号楼", "号院", "号铺", "栋", "幢", "座", "单元", "房", "室", "铺", "梯"}
_KIND_OF = {
    "号": Kind.NUMBER,
    "号院": Kind.NUMBER,
    "号大院": Kind.NUMBER,
    "号档": Kind.ROOM,
    "号档口": Kind.ROOM,
    "号摊": Kind.ROOM,
    "号摊位": Kind.ROOM,
    "号卡位": Kind.ROOM,
    "号窗口": Kind.ROOM,
    "号柜台": Kind.ROOM,
    "号诊室": Kind.ROOM,
    "号车间": Kind.ROOM,
    "号仓": Kind.ROOM,
    "号仓库": Kind.ROOM,
    "档": Kind.ROOM,
    "塔": Kind.BUILDING,
    "号铺": Kind.ROOM,
    "号楼": Kind.BUILDING,
    "栋": Kind.BUILDING,
    "幢": Kind.BUILDING,
    "座": Kind.BUILDING,
    "单元": Kind.UNIT,
    "梯": Kind.UNIT,
    "楼": Kind.FLOOR,
    "层": Kind.FLOOR,
    "房": Kind.ROOM,
    "室": Kind.ROOM,
    "铺": Kind.ROOM,
}


def parts(text: str, breaks: frozenset[int], masked: Iterable[tuple[int, int]]) -> list[Part]:
    """Address parts of a turn in the order of speech.

    Args:
        text: the turn's text.
        breaks: positions before which a pause stands (may be empty).
        masked: spans of region names, which are boundaries and not parts.
    """
    covered = {place for start, end in masked for place in range(start, end)}
    numbers = list(_numbered(text, covered, breaks))
    walls = {part.end for part in numbers}
    roads = list(_named(text, breaks, covered, _ROAD, Kind.ROAD, walls))
    walls |= {part.end for part in roads}
    found = [
        *numbers,
        *roads,
        *_named(text, breaks, covered, _AREA, Kind.AREA, walls),
        *_named(text, breaks, covered, _PLACE, Kind.PLACE, walls),
    ]
    found += [Part(Kind.FLOOR, match.group(), *match.span()) for match in _SPECIAL_FLOOR.finditer(text)]
    found += [
        Part(Kind.POLE, f"灯杆{written(match.group(1))}至{written(match.group(2))}号", *match.span())
        for match in _POLE.finditer(text)
    ]
    if not any(part.kind is Kind.POLE for part in found):
        found += [
            Part(Kind.POLE, f"{match.group(1)}{written(match.group(2))}号", *match.span())
            for match in _POLE_ONE.finditer(text)
        ]
    found += [
        Part(Kind.NUMBER, match.group(1), match.start(1), match.end())
        for part in found
        if part.kind is Kind.AREA and part.text.endswith("村") and (match := _COLLECTIVE.match(text, part.end)) is not None
    ]
    kept = _with_towers(_without_overlaps(found))
    kept = _without_overlaps([*kept, *_rooms(text, kept)])
    return _without_overlaps([*kept, *_tails(text, kept)])


def _named(
    text: str, breaks: frozenset[int], covered: set[int], suffix: re.Pattern[str], kind: Kind, walls: set[int]
) -> Iterable[Part]:
    found: list[Part] = []
    for match in suffix.finditer(text):
        if kind is Kind.ROAD and match.end() not in breaks and text.startswith("地铁站", match.end()):
            continue  # 花城路地铁站 is a station
        if match.start() in covered or (match.group() == "村" and not _ends_village(text, match.end(), breaks)):
            continue
        floor = found[-1].end if found and kind is Kind.ROAD else 0
        start = _once(text, _reach(text, match.start(), breaks, covered, floor, walls), match.end())
        bare = start == match.start() and len(match.group()) >= _OFFICIAL
        if kind is Kind.PLACE and (bare or INSTITUTION.fullmatch(text, start, match.end())):
            official = _DIVISION_BEFORE.search(text, 0, start)  # 金湾区政务服务中心 carries its division
            start = official.start() if official is not None else start
        stem, name = text[start : match.start()], text[start : match.end()]
        if stem and found and start == floor and _is_number(stem) and not found[-1].negated:
            found[-1] = Part(kind, found[-1].text + name, found[-1].start, match.end())
        elif stem and _names_place(text, start, match.end(), kind) and not _is_number(stem):
            found.append(Part(kind, name, start, match.end(), _is_negated(text, start, breaks)))
    return found


def _is_generic(name: str, kind: Kind) -> bool:
    """A kind of place without a name: 幼儿园, 上幼儿园, 家医院 (of 哪家医院), 政府大楼 is one."""
    bare = _COUNTED.sub("", name) if kind is Kind.PLACE else name
    return name in GENERIC or bare in GENERIC


def _names_place(text: str, start: int, end: int, kind: Kind) -> bool:
    """A name, not a kind of place, a way or a verb (走路)."""
    name = text[start:end]
    return not _is_generic(name, kind) and not _is_way(text, start, end, kind) and not _VERB_ROAD.search(name)


def _is_way(text: str, start: int, end: int, kind: Kind) -> bool:
    """从炭步大道拐进来 tells the way, not the place."""
    return kind is Kind.ROAD and text.endswith("从", 0, start) and _TURNING.match(text, end) is not None


def _is_number(name: str) -> bool:
    return re.fullmatch(r"[东南西北上下]?第?[零一二两三四五六七八九十百]+(?:个|条)?", name) is not None


def _ends_village(text: str, end: int, breaks: frozenset[int]) -> bool:
    """村 ends a name only before a number, a pause or a word that does not go on naming."""
    return (
        end >= len(text)
        or end in breaks
        or re.match(
            rf"{_NUM}|[A-Z]"
            rf"|[口里的那这是在有旁西东南北附对门前后呢吗吧啊村第]"
            rf"|[一-鿿]{{1,4}}(?:庙|祠|牌坊|学校|小学|塘|工地|厂|桥|市场|后面|旁边|对面|附近)",
            text[end:],
        )
        is not None
    )


def _once(text: str, start: int, end: int) -> int:
    """A name said twice in a row, or after its own generic word (是个幼儿园，小星星幼儿园), begins at the second."""
    name = text[start:end]
    for length in range(len(name) // 2, 1, -1):
        if name[length:].startswith(name[:length]):
            return start + length
    inner = _PLACE.search(text, start, end - 1)
    return inner.end() if inner is not None and inner.group() in GENERIC and inner.end() < end - 2 else start


def _reach(text: str, end: int, breaks: frozenset[int], covered: set[int], floor: int, walls: set[int]) -> int:
    """Where a name that ends before ``end`` begins."""
    start = end
    lowest = max(0, end - _LONGEST_NAME, floor)
    while start > lowest:
        before = start - 1
        if before in covered or text[before] in BOUNDARY or start in walls:
            break
        if text[before] == "边" and text[before - 1 : before] in SIDES:
            break
        if start in breaks and start < end:
            break
        if any(text.endswith(word, 0, start) for word in SOFT):
            break
        start = before
    if start == 0 and text.startswith("好") and end - start >= _LONGEST_STEM:
        start = 1
    if start < end and text[start] in "和同" and (start in walls or start == floor):
        start += 1
    return start


def _is_negated(text: str, start: int, breaks: frozenset[int]) -> bool:
    """不是三栋 denies what follows; 不是，五栋 and 啊不是五栋 deny what came before."""
    match = _NEGATED.search(text[:start])
    return match is not None and start not in breaks and text[match.start() - 1 : match.start()] not in tuple("啊哦呃哎诶")


def _numbered(text: str, covered: set[int], breaks: frozenset[int]) -> Iterable[Part]:
    for match in _NUMBERED.finditer(text):
        if match.start() in covered:
            continue
        if kind_of_date(text, match) or _floor_range(text, match):
            continue
        if len(match.group("num")) > _LONGEST_NUMBER:
            continue
        number, kind, sub = match.group("num"), match.group("kind"), match.group("sub") or ""
        if kind in ("楼", "层", "塔"):
            value = number + kind
        elif number[0].isascii() and number[0].isalpha():
            value = number[0] + (written(number[1:]) if number[1:] else "") + kind
        else:
            value = written(number) + kind
        if sub:
            value += sub
        if match.group("own"):
            value = "自编" + value
        negated = _is_negated(text, match.start(), breaks)
        yield Part(_KIND_OF[kind], value, match.start(), match.end(), negated)


def kind_of_date(text: str, match: re.Match[str]) -> bool:
    """这个月一号, 十月八号, 从大前天开始就是二十五号, 上个礼拜一九号 are dates."""
    if match.group("kind") != "号" or not (_DAY_OF_MONTH.fullmatch(match.group("num"))):
        return False
    before = text[max(0, match.start() - 12) : match.start()]
    return _BEFORE_DATE.search(before) is not None or _AFTER_DATE.match(text, match.end()) is not None


def _floor_range(text: str, match: re.Match[str]) -> bool:
    """二楼到四楼, 停在十二楼和十三楼中间 are no floor of an address."""
    if match.group("kind") not in ("楼", "层"):
        return False
    return (
        re.match(rf"(?:[到至和跟与]|之间){_NUM}[楼层]", text[match.end() :]) is not None
        or re.search(rf"{_NUM}[楼层][到至和跟与]$|[停卡困]在$", text[: match.start()]) is not None
    )


def _with_towers(found: list[Part]) -> list[Part]:
    """三栋B座 is one building: a tower of a block, said without a gap."""
    kept: list[Part] = []
    for part in found:
        last = kept[-1] if kept else None
        if (
            last is not None
            and last.kind is part.kind is Kind.BUILDING
            and last.end == part.start
            and last.text.endswith(("栋", "幢", "号楼"))
            and part.text.endswith(("座", "塔"))
            and not part.negated
        ):
            kept[-1] = Part(Kind.BUILDING, last.text + part.text, last.start, part.end, last.negated)
            continue
        kept.append(part)
    return kept


def _rooms(text: str, found: list[Part]) -> Iterable[Part]:
    """Three or four digits right after a building, unit, floor or house number."""
    for part in found:
        tall = part.kind is Kind.PLACE and part.text.endswith(("大厦", "大楼", "公寓", "写字楼"))
        if tall or part.kind in (Kind.BUILDING, Kind.UNIT, Kind.FLOOR, Kind.NUMBER):
            match = _ROOM.match(text, part.end)
            if match is not None:
                yield Part(Kind.ROOM, written(match.group()), match.start(), match.end())


def _tails(text: str, found: list[Part]) -> Iterable[Part]:
    """What stands right after a part (门口, 人行道), several in a row."""
    ends = [part.end for part in found]
    ramps = [(part.end, _RAMP.match(text, part.end)) for part in found if part.text.endswith(("高速", "高速公路"))]
    yield from (Part(Kind.TAIL, ramp.group(), *ramp.span()) for _, ramp in ramps if ramp is not None)
    yield from (
        Part(Kind.TAIL, ward.group(), *ward.span())
        for part in found
        if part.text.endswith(("医院", "卫生院")) and (ward := _WARD.match(text, part.end)) is not None
    )
    for end in ends:
        position, words = end, []
        while (match := _TAIL.match(text, position)) is not None:
            words.append(re.sub("的|有|那个|这个|那块|那条|那片|那座|一块|一条|一个", "", match.group(1)))
            position = match.end()
        if words:
            yield Part(Kind.TAIL, "".join(words), end, position)


def _without_overlaps(found: Iterable[Part]) -> list[Part]:
    """In order of speech; of overlapping parts the longer one, a road before an area or place."""
    ordered = sorted(found, key=lambda part: (part.start, -part.end))
    kept: list[Part] = []
    for part in ordered:
        if kept and part.start < kept[-1].end:
            if (
                part.end > kept[-1].end
                and part.kind in (Kind.ROAD, Kind.AREA, Kind.PLACE)
                and part.end - part.start > kept[-1].end - kept[-1].start
            ):
                kept[-1] = part
            continue
        kept.append(part)
    return kept
