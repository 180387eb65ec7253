"""Persons known by what they own or drive (狗主人, 某车牌车主, 560路公交车司机, 某号房东).

The plate, the line or the building tells which; without a plate nobody is complained about as the owner of a car. The estate's
management is meant only where the item is its own. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.domain.ticket import Hit
from app.extraction.dialogue_view import DialogueView
from app.extraction.spoken_numbers import written
from app.extraction.subject_roles import Subject

_BUS_LINE = re.compile(r"([一二两三四五六七八九十百零幺0-9]{1,6})路(?:公交)?(?:车|$|，)|([一二两三四五六七八九十百零幺0-9]{1,6})路")
_OWNERS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?:的士|出租车|计程车)"), "出租车司机"),
    (re.compile(r"(?:网约车|滴滴|专车|快车)"), "网约车司机"),
    (re.compile(r"公交车?(?:的)?司机"), "公交车司机"),
    (re.compile(r"车主|违停|乱停|停(?:在|了|到)"), "车主"),
    (re.compile(r"房东"), "房东"),
    (re.compile(r"二房东"), "二房东"),
    (re.compile(r"开发商"), "开发商"),
    (re.compile(r"狗(?:的)?主人|狗主|养狗的"), "狗主人"),
    (re.compile(r"教练"), "驾校教练"),
    (re.compile(r"物业"), "小区物业"),
    (re.compile(r"包工头"), "包工头"),
    (re.compile(r"(?:楼上|隔壁|对面|楼下)(?:的)?(?:邻居|住户|业主|那家|人家)"), "邻居"),
)


def _bus_line(view: DialogueView) -> str:
    """The line of a bus as it is written (五百六十路 -> 560路); empty where none was said."""
    for turn in view.citizen:
        match = _BUS_LINE.search(turn.text)
        if match is not None:
            return written(match.group(1) or match.group(2)) + "路"
    return ""


def owners(view: DialogueView, hits: Sequence[Hit], code: str) -> Iterator[Subject]:
    """The owner or driver that a turn names, one a turn; ``hits`` tell plate and address, ``code`` the likely item."""
    values = {hit.name: str(hit.value) for hit in hits if hit.matter == 0}
    for turn in view.citizen:
        for pattern, name in _OWNERS:
            match = pattern.search(turn.text)
            if match is None:
                continue
            sure, full = 0.45, name
            if name == "小区物业" and code and not code.startswith("0201"):
                continue
            if name == "车主":
                if "plate_no" not in values or code.startswith("0403"):
                    continue  # whom a car park wrongs drives the car himself
                sure, full = 0.7, values["plate_no"] + name
            elif name.endswith("车司机") and "plate_no" in values:
                line = _bus_line(view) if name == "公交车司机" else ""
                sure, full = 0.75, (line or values["plate_no"]) + name
            elif name == "房东" and "address_detail" in values:
                building = re.match(r".*?(?:号|栋|楼)", values["address_detail"])
                full, sure = (building[0] if building else "") + name, 0.6 if building else 0.45
            yield Subject(full, sure, turn.evidence(match.start(), match.end()), "subject.owner")
            break
