"""Which unit answers for a matter, and why: the item's table, the district rule, and what the operator announced.

An item names who answers first (district or street) and the city's bureau. With a known district 区住建局 becomes
天河区住建局, with a known street 镇街 becomes its office. What the operator says (会转生态环境部门处理) confirms one of
them. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.catalogue import Item
from app.domain.ticket import Evidence
from app.extraction.dialogue_view import DialogueView
from app.extraction.talk_segments import DISPATCH

_SPLIT = re.compile(r"[/、,，→]")
_BRACKET = re.compile(r"[(（].*?[)）]")


@dataclass(frozen=True, slots=True)
class UnitAdvice:
    """A proposed unit.

    Attributes:
        unit: name as it would stand on the ticket.
        confidence: 0 to 1.
        reasons: for people, most telling first.
        others: further units, best first.
        evidence: what was said for it.
    """

    unit: str
    confidence: float
    reasons: tuple[str, ...]
    others: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()


def units_of(item: Item) -> tuple[str, ...]:
    """First responsible units of an item, then the city's, in the table's order."""
    names: list[str] = []
    for cell in (item.first_unit, item.city_unit):
        for part in _SPLIT.split(_BRACKET.sub("", cell)):
            name = part.strip()
            if name and name != "—" and name not in names:
                names.append(name)
    return tuple(names)


def official_units(items: Iterable[Item], districts: Iterable[str], streets: Iterable[str]) -> frozenset[str]:
    """Every name of a unit that can be proposed in a city with these districts and streets."""
    plain = {name for item in items for name in units_of(item)}
    local = {_localised(name, {"region_district": district}) for district in districts for name in plain if name.startswith("区")}
    near = {_localised(name, {"region_street": street}) for street in streets for name in plain if name.startswith("镇街")}
    return frozenset(plain | local | near)


def advise(item: Item, probability: float, places: Mapping[str, str], view: DialogueView) -> UnitAdvice | None:
    """Propose the unit for an item.

    Args:
        item: the likely leaf.
        probability: how sure the leaf is.
        places: known ``region_district`` and ``region_street``.
        view: the dialogue, for what the operator announced.
    """
    names = units_of(item)
    if not names:
        return None
    said = announced(view)
    chosen, reasons = 0, [f"事项 {item.name} 首派 {names[0]}"]
    evidence: tuple[Evidence, ...] = ()
    for number, name in enumerate(names):
        spoken = next(((text, where) for text, where in said if _alike(text, name)), None)
        if spoken is not None:
            chosen, evidence = number, spoken[1]
            reasons = [f"坐席已告知转 {spoken[0]}", f"事项 {item.name} 的责任单位"]
            break
    local = [_localised(name, places) for name in names]
    if local[chosen] != names[chosen]:
        reasons.append(f"事发地 {places.get('region_street') or places.get('region_district')}")
    confidence = min(0.97, probability * (0.95 if evidence else 0.72))
    others = tuple(name for number, name in enumerate(local) if number != chosen)
    return UnitAdvice(local[chosen], confidence, tuple(reasons), others, evidence)


def announced(view: DialogueView) -> tuple[tuple[str, tuple[Evidence, ...]], ...]:
    """Units that the operator said the ticket goes to, last one first."""
    found = []
    for turn in view.operator:
        for match in DISPATCH.finditer(turn.text):
            found.append((match[1], turn.evidence(match.start(1), match.end(1))))
    return tuple(reversed(found))


_KINDS: Sequence[tuple[str, str]] = (
    ("住建", "住建|住房城乡|住房和城乡|房管|建设"), ("城管", "城管|城市管理|综合执法|执法队"), ("市场监管",
        "市场监管|市监|工商|质监|食药"),
    ("生态环境", "环保|生态环境|环境"), ("公安", "公安|派出所|民警|交警|治安"), ("交警", "交警|交管|车管"), ("交通",
        "交通运输|交通(?!警)|客管|运管"),
    ("水务", "水务|排水|供水|自来水"), ("人社", "人社|劳动|社保|就业|人力资源|仲裁"), ("教育", "教育"), ("卫健",
        "卫健|卫生|疾控"), ("民政", "民政|婚姻登记|救助站"),
    ("镇街", "街道|镇政府|居委|村委|镇街"), ("消防", "消防"), ("医保", "医保|医疗保障"), ("规自",
        "规划|自然资源|国土|不动产"), ("林业", "林业|园林|绿化"),
    ("供电", "供电|电网|电力"), ("燃气", "燃气"), ("地铁", "地铁"), ("公积金", "公积金"), ("税务", "税务"), ("文旅",
        "文旅|文广|文化|旅游|体育"), ("路灯", "路灯|照明"),
    ("残联", "残联"), ("司法", "司法"), ("农业", "农业农村|农业"), ("应急", "应急|安监|三防"), ("邮政", "邮政|快递"),
        ("通信", "运营商|通信|移动|电信|联通"), ("公交", "公交"), ("退役", "退役军人"),
)
_KIND_RE = tuple((kind, re.compile(pattern)) for kind, pattern in _KINDS)


def kinds_of(name: str) -> frozenset[str]:
    """Which lines of government a unit's name speaks of."""
    return frozenset(kind for kind, pattern in _KIND_RE if pattern.search(name))


def _alike(spoken: str, written: str) -> bool:
    return bool(kinds_of(spoken) & kinds_of(written))


def _localised(name: str, places: Mapping[str, str]) -> str:
    district, street = places.get("region_district", ""), places.get("region_street", "")
    if name.startswith("镇街"):
        rest = name[2:]
        return f"{street}{rest or '办事处' if street.endswith('街道') else rest or '人民政府'}" if street else name
    if name.startswith("区") and district:
        return district + name[1:]
    return name
