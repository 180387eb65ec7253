"""Which form of the incident's address is filed: what was put together from the turns, or what the operator repeated.

The repetition wins where it names road or place and every number that the citizen told, before it or after; what it leaves out
between its parts, or the name of a shop, was left out on purpose. A repetition of the name alone completes road and number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.extraction.address_grammar import Kind
from app.extraction.address_repeated import SHOP_ASKED, Repeated
from app.extraction.address_state import BASE, Address
from app.extraction.dialogue_view import DialogueView

_FINER = frozenset(Kind) - BASE
_WITHIN = frozenset((Kind.BUILDING, Kind.UNIT, Kind.FLOOR, Kind.ROOM))
_ECHO = 0.9
WORDS_OF_BOTH = 0.7


def settled(view: DialogueView, address: Address, repeats: Sequence[Repeated]) -> Repeated | None:
    """The repetition that is the address better than what was put together; None where none is.

    Args:
        view: the dialogue.
        address: the incident's place, put together from the turns.
        repeats: the operator's repetitions.
    """
    if address.crossing:
        return None
    shops = "|".join(
        answer.text for question, answer in view.exchanges() if question is not None and SHOP_ASKED.search(question.text)
    )
    for again in reversed(repeats):
        if _is_whole(address, again, shops):
            if address.text().startswith(again.text) and not _shop_left_out(address, again, shops):
                return None
            return None if again.text in _as_heard(address.text()) else again
    for again in reversed(repeats):
        text = _completed(address, again)
        if text:
            return replace(again, text=text, agreed=False)
    return None


def _as_heard(text: str) -> tuple[str, ...]:
    """The address and its forms with a word more that operators leave out."""
    return text, text.replace("小区", ""), text + "房"


def _is_whole(address: Address, again: Repeated, shops: str) -> bool:
    """The repetition names road or place and all that the citizen told of numbers, before or after it."""
    kinds = {part.kind for part in again.parts}
    if not kinds & BASE and (again.parts or address.has_base):
        return False
    if any(number > again.turn.number and kind is not Kind.PLACE and text not in again.text for number, kind, text in address.told):
        return False
    if Kind.ROAD in address.held and Kind.ROAD not in kinds:
        return False
    roads = address.held.get(Kind.ROAD, ())[:1]
    if roads and roads[0] not in again.text and again.said < _ECHO:
        return False
    if not _left_out(address, again, kinds, shops):
        return False
    finer = all(name in again.text for kind in _FINER for name in address.held.get(kind, ()))
    return finer and bool(kinds & _FINER or not address.has_number)


def _left_out(address: Address, again: Repeated, kinds: set[Kind], shops: str) -> bool:
    """A name that the repetition lacks was left out on purpose: what stands before and behind it is there."""
    names = [name for kind in (Kind.AREA, Kind.PLACE) for name in address.held.get(kind, ())[:1]]
    missing = [name for name in names if name not in again.text and again.text not in name]
    if Kind.NUMBER in kinds and _shop_left_out(address, again, shops):
        return True
    return not missing or (Kind.NUMBER in kinds and bool(kinds & _WITHIN))


def _shop_left_out(address: Address, again: Repeated, shops: str) -> bool:
    """What the repetition lacks is the name of the shop, which has a field of its own."""
    names = address.held.get(Kind.PLACE, ())[:1]
    return any(name not in again.text and name in shops for name in names)


def _completed(address: Address, again: Repeated) -> str:
    """Road and number with the place that the operator named between (梅村路18号 and 悦荟广场); empty where it does not fit."""
    places = [part for part in again.parts if part.kind is Kind.PLACE]
    if len(places) != 1 or Kind.PLACE in address.held or Kind.AREA in address.held or set(address.held) != {Kind.ROAD, Kind.NUMBER}:
        return ""
    if any(part.kind not in (Kind.ROAD, Kind.PLACE) for part in again.parts):
        return ""
    return address.text() + places[0].text
