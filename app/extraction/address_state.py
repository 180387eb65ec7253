"""One place as it grows over a call: which parts are held, in which order they are written, what they rest on.

A later part of a kind replaces the earlier one (三栋, later 五栋); of names the longer form stays (天雅, 天雅居). The order is
that of writing (``Kind``), but for an estate: it stands where it was said, before the road, behind it or behind the number
(深汕路635号浪尾新村3栋).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.domain.ticket import Evidence
from app.extraction.address_grammar import Kind, Part
from app.extraction.spoken_numbers import cardinal

BASE = frozenset((Kind.ROAD, Kind.AREA, Kind.PLACE))
_ORDER = tuple(Kind)
_HIGH = 10


@dataclass
class Address:
    """One place.

    Attributes:
        held: the newest text of each kind; roads and places may be two.
        evidence: spans of what is held.
        by_citizen: a part came from the citizen.
        by_operator: the operator said it too.
        crossing: two roads that cross.
        heard: confidence of its parts.
        from_sound: recognised.
        asked: its name answered a question for the place.
        read_back: the address as single turns of the operator have it to which the citizen agreed.
        turns: how many of the citizen's turns told it.
        whole: nothing that might belong to it stood after it unread.
        area_late: the estate was said behind road and number.
        told: the citizen's parts, each with the number of its turn.
    """

    held: dict[Kind, list[str]] = field(default_factory=dict)
    evidence: list[Evidence] = field(default_factory=list)
    by_citizen: bool = False
    by_operator: bool = False
    crossing: bool = False
    heard: list[float] = field(default_factory=list)
    from_sound: bool = False
    asked: bool = False
    read_back: list[str] = field(default_factory=list)
    turns: int = 0
    whole: bool = True
    area_late: bool = False
    told: list[tuple[int, Kind, str]] = field(default_factory=list)

    @property
    def has_base(self) -> bool:
        """A road, area or named place is known."""
        return any(kind in self.held for kind in BASE)

    @property
    def has_number(self) -> bool:
        """Anything finer than a name is known."""
        return any(kind not in BASE for kind in self.held)

    def text(self) -> str:
        """Written form."""
        if self.crossing and len(self.held.get(Kind.ROAD, ())) > 1:
            return "与".join(self.held[Kind.ROAD][:2]) + "交界" + "".join(self.held.get(Kind.TAIL, ())[:1])
        order = list(_ORDER)
        if self.area_late or list(self.held)[:1] == [Kind.AREA]:
            order.remove(Kind.AREA)
            order.insert(order.index(Kind.PLACE) if self.area_late else 0, Kind.AREA)
        return "".join(
            "".join(self.held[kind][:1] if kind is not Kind.TAIL else self.held[kind])
            for kind in order
            if kind in self.held and not (kind is Kind.FLOOR and self._said_by_room())
        )

    def _said_by_room(self) -> bool:
        """十六楼1602: the room tells a floor of two digits; operators leave it out."""
        room, floor = self.held.get(Kind.ROOM, [""])[0], self.held[Kind.FLOOR][0].rstrip("楼层")
        number = cardinal(floor)
        return number is not None and number >= _HIGH and re.fullmatch(rf"{number}[0-9]{{2}}", room) is not None

    def forget(self) -> None:
        """Drop all parts: another place is told."""
        self.held.clear()
        self.evidence.clear()
        self.heard.clear()
        self.area_late = False

    def hold_name(self, part: Part) -> None:
        """Take a road, area or named place in; of two forms of one name the longer stays."""
        held = self.held.setdefault(part.kind, [])
        for place, name in enumerate(held):
            if alike(part.text, name):
                if len(part.text) > len(name):
                    held[place] = part.text
                return
        held.append(part.text)

    def hold_finer(self, part: Part) -> None:
        """Take a number, building, floor, room or tail in; the newest of a kind stays."""
        known = self.held.get(part.kind, [])
        if part.kind is Kind.ROOM and known and part.text == known[0] + "房":
            return  # the operator's 六零三房 for the citizen's 六零三
        number = self.held.get(Kind.NUMBER, [])
        if part.kind is Kind.BUILDING and number and part.text == number[0] + "楼":
            return  # 十八号，十八号楼: one number told twice
        if part.kind is Kind.TAIL and known and part.text.endswith(known[0]):
            self.held[part.kind] = [part.text]
            return
        self.held[part.kind] = [part.text]

    def trust(self, parts: Sequence[Part], *, confirmed: bool) -> None:
        """Take note of an operator's repetition; what it leaves out as needless goes: 三楼三零二 is 302, 客村怡乐路 is 怡乐路."""
        if confirmed:
            self.read_back.append(written(parts))
        kinds = {part.kind for part in parts}
        floor = self.held.get(Kind.FLOOR)
        if Kind.ROOM in kinds and Kind.FLOOR not in kinds and floor is not None:
            del self.held[Kind.FLOOR]
        village = self.held.get(Kind.AREA, [""])[0]
        if {Kind.ROAD, Kind.NUMBER} <= kinds and Kind.AREA not in kinds and village.endswith("村") and not village.endswith("新村"):
            del self.held[Kind.AREA]

    def note_order(self, parts: Sequence[Part]) -> None:
        """Remember where an estate was said, from a turn that tells road, number and estate."""
        kinds = [part.kind for part in parts]
        if Kind.ROAD in kinds and Kind.NUMBER in kinds and Kind.AREA in kinds:
            self.area_late = kinds.index(Kind.NUMBER) < kinds.index(Kind.AREA)


def written(parts: Sequence[Part]) -> str:
    """Parts of one turn as an address of their own."""
    alone = Address()
    for part in parts:
        alone.held.setdefault(part.kind, []).append(part.text)
    alone.note_order(parts)
    return alone.text()


def alike(left: str, right: str) -> bool:
    """One name is the other or a part of it."""
    return left == right or left in right or right in left
