"""The caller's own flat, where it lies in the house of the incident: 施工的那户是幺二零二，我在它下面，幺幺零二; 我住三楼，三零四.

The home is the incident's house with the caller's own unit, floor and room; a room says its floor. It is given only where it
differs from the place of the incident.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.extraction.address_grammar import Kind, Part
from app.extraction.address_state import Address
from app.extraction.dialogue_view import Turn
from app.extraction.spoken_numbers import written

_NUMBER = r"[A-Z]?[零〇一二三四五六七八九十幺0-9]"
_OWN_FLAT = re.compile(
    rf"我(?:自己|本人|家|们家)?(?:就)?(?:是)?(?:住)?在(?:它|他|她|他们|的)?(?:家)?(?:楼下|下面|楼上|上面|隔壁"
    rf"|对面)?(?=.{{0,2}}{_NUMBER})|我(?:们)?家(?:是|就是|住)?(?=.{{0,2}}{_NUMBER})"
    rf"|我(?:自己|们|本人)?(?:就)?(?:是)?住(?:在)?(?:的(?:是)?)?(?:(?:它|他|她|他们|她们|人家)家?(?:的)?)?(?:楼下|楼上|隔壁|对面)?(?:的)?(?=.{{0,1}}{_NUMBER})"
)
_YOURS = re.compile(
    r"您(?:自己|本人|家)?(?:就)?(?:是|住|在)(?:的)?(?:楼下|楼上|隔壁|对面)?"
    r"(?=[A-Z]?[零〇一二三四五六七八九十幺0-9]{3,4}(?:$|[房室]))"
)
_FINER = frozenset((Kind.UNIT, Kind.FLOOR, Kind.ROOM, Kind.TAIL))
_BARE_ROOM = re.compile(r"[A-Z]?[零〇一二三四五六七八九幺洞0-9]{3,4}(?![零〇一二三四五六七八九十百千幺0-9号栋座楼层块元点月])")
_NEAR_BY = 8


def own_part(turn: Turn) -> int:
    """From where on a turn speaks of the caller's own flat; its end where nowhere."""
    match = (_YOURS if turn.is_operator else _OWN_FLAT).search(turn.text)
    return match.end() if match is not None else len(turn.text)


def bare_room(turn: Turn, start: int) -> list[Part]:
    """A room told by its digits alone right after 我住 or 我在它下面."""
    match = _BARE_ROOM.search(turn.text, start, min(len(turn.text), start + _NEAR_BY))
    return [Part(Kind.ROOM, written(match.group()), *match.span())] if match is not None else []


def move_in(home: Address, incident: Address, turn: Turn, mine: Sequence[Part]) -> None:
    """Fill ``home``: the incident's house with the caller's own parts."""
    held = {kind: list(names) for kind, names in incident.held.items() if kind not in _FINER}
    home.held.update(held)
    home.area_late = incident.area_late
    room = any(part.kind is Kind.ROOM for part in mine)
    for part in mine:
        if part.kind is Kind.FLOOR and room:
            continue
        home.held[part.kind] = [part.text]
        home.evidence += turn.evidence(part.start, part.end)
        home.heard.append(turn.confidence(part.start, part.end))
    home.by_citizen, home.from_sound = True, turn.from_sound
