"""The words of a submitted call as they may leave the desk where the centre's policy says so: both sides' turns, personal data hidden.

Off unless IT turns it on at the desks and at the hub (docs/privacy.md). Hidden by ＊: what the tickets say of persons, proposed or
submitted (names, also by a part of them or spelled out; numbers, also in pieces; addresses from the road's number on, names of estates
and buildings); what looks personal without a ticket knowing it (``app.domain.pseudonyms``, ``app.domain.masking``); and whole turns in
which a name is asked for, told, spelled or read back, because names are what no pattern knows. Of calls whose citizen asked for secrecy
or gave no name, nothing leaves at all. The reader of the form trusts nothing. Pure; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.dialogue import Channel, Utterance
from app.domain.json_values import Json, array_at, object_of, text_of, whole_of
from app.domain.masking import KINDS, MASK, Kind
from app.domain.pseudonyms import Pseudonyms, known_in
from app.domain.spoken_digits import SPOKEN
from app.domain.ticket import Value

MOST_TURNS = 2000
MOST_CHARACTERS = 2000
#: Of one call: some ten hours of talk.
MOST_IN_ALL = 200_000
_MOST_MS = 2**31 - 1
_RECORD_ID = re.compile(r"[0-9a-f]{32}")
_SIDES = {Channel.CITIZEN: "citizen", Channel.OPERATOR: "agent"}
#: Tickets of which no word leaves.
_SECRET_TYPES = frozenset({"举报"})
_SECRET_FLAGS = ("is_confidential", "is_anonymous")
#: What an address is made of down to the road: this much stays, as in every mask.
_ROADS = re.compile(r"[一-龥]{1,8}?(?:特别行政区|自治区|省|市|区|县|镇|乡|街道|大道|马路|公路|环路|路|街|巷|里|村)")
_NUMBERED = re.compile(f"[0-9０-９{SPOKEN}十百A-Za-z]+(?:号楼|[号栋座楼单元室层房弄巷幢期梯]*)")
_LEAST_PLACE = 2
_ASKS_NAME = re.compile("贵姓|怎么称呼|如何称呼|姓什么|姓名|名字|全名|大名|叫什么|哪个字|哪几个字|怎么写")
_SPELLS = re.compile(r"([一-龥])[一-龥]{0,3}的\1(?!.*[？?吗呢])|字旁|字头|偏旁|三点水|两点水|单人旁|双人旁|草字头|竖心旁|木子李|弓长张"
                     "|立早章|耳东陈|双木林|口天吴|言午许|古月胡|(?:免贵|[我复本])姓[一-龥]|^姓[一-龥]")
_COMMON_PLACES = frozenset({"小区", "门口", "附近", "对面", "旁边", "楼下", "楼上", "路口", "社区", "花园", "大厦", "广场", "居委会"})


@dataclass(frozen=True, slots=True)
class SharedTurn:
    """One turn: ``side`` is ``citizen`` or ``agent``, ``at_ms`` its beginning on the call's time line."""

    side: str
    at_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class SharedText:
    """The words of one call, by the id of its record."""

    record_id: str
    turns: tuple[SharedTurn, ...]


def may_leave(tickets: Sequence[Mapping[str, Value | None]]) -> bool:
    """Whether the words of a call with these tickets (a mapping a matter) may leave at all."""
    return bool(tickets) and not any(values.get("request_type") in _SECRET_TYPES or any(values.get(flag) is True for flag in _SECRET_FLAGS)
                                     for values in tickets)


def shared_text(record_id: str, dialogue: Sequence[Utterance], tickets: Sequence[Mapping[str, Value | None]], hiding: Pseudonyms
                ) -> SharedText | None:
    """The words of a call as they may leave; None where they may not, or there are none (any more).

    Args:
        record_id: of the call's record.
        dialogue: finals, in order.
        tickets: submitted values, a mapping a matter.
        hiding: finds what is personal.
    """
    if not dialogue or not may_leave(tickets):
        return None
    known, places, named = known_in(tickets), places_in(tickets), _naming(dialogue)
    turns = (SharedTurn(_SIDES[each.channel], max(0, each.start_ms), _hidden(each.text) if each.index in named else
                        _clean(_without(hiding.masked(each.text, known), places))) for each in dialogue[:MOST_TURNS])
    return SharedText(record_id, tuple(_first(turns)))


def _first(turns: Iterable[SharedTurn]) -> Iterator[SharedTurn]:
    """As many as one call may have."""
    total = 0
    for turn in turns:
        total += len(turn.text)
        if total > MOST_IN_ALL:
            return
        yield turn


def _naming(dialogue: Sequence[Utterance]) -> frozenset[int]:
    """Turns (by index) in which a name may stand: the citizen's answer to a question for it, what spells one, and the word after that."""
    found: set[int] = set()
    is_asked = is_read_back = False
    for each in dialogue:
        spells = _SPELLS.search(each.text) is not None
        if each.channel is Channel.OPERATOR:
            if spells or is_read_back:
                found.add(each.index)
            is_asked, is_read_back = _ASKS_NAME.search(each.text) is not None or (spells and not is_asked), False
        elif is_asked or spells:
            found.add(each.index)
            is_read_back = True
    return frozenset(found)


def places_in(tickets: Sequence[Mapping[str, Value | None]]) -> tuple[str, ...]:
    """Names of estates, buildings and such in the tickets' addresses: what is left of them without roads and numbers; longest first."""
    found: dict[str, None] = {}
    for values in tickets:
        for name, value in values.items():
            if KINDS.get(name) is Kind.ADDRESS and isinstance(value, str):
                for part in re.split(r"[^一-龥]+", _NUMBERED.sub(" ", _ROADS.sub(" ", value))):
                    if len(part) >= _LEAST_PLACE and part not in _COMMON_PLACES:
                        found[part] = None
    return tuple(sorted(found, key=len, reverse=True))


def text_to_json(text: SharedText) -> dict[str, Json]:
    """As an object."""
    return {"record_id": text.record_id, "turns": [{"side": each.side, "at_ms": each.at_ms, "text": each.text} for each in text.turns]}


def text_from_json(held: object) -> SharedText:
    """Inverse of ``text_to_json``; ValueError where it is none."""
    keys = object_of(held)
    record_id, turns = text_of(keys.get("record_id")), array_at(keys, "turns")
    if not _RECORD_ID.fullmatch(record_id) or len(turns) > MOST_TURNS:
        raise ValueError("no text of a call")
    return SharedText(record_id, tuple(_turn(object_of(each)) for each in turns))


def _turn(keys: Mapping[str, object]) -> SharedTurn:
    side, at_ms, text = text_of(keys.get("side")), whole_of(keys.get("at_ms")), text_of(keys.get("text"))
    if side not in _SIDES.values() or not 0 <= at_ms <= _MOST_MS or len(text) > MOST_CHARACTERS or not text.isprintable():
        raise ValueError("no turn")
    return SharedTurn(side, at_ms, text)


def _without(text: str, places: Sequence[str]) -> str:
    for place in places:
        text = text.replace(place, MASK * len(place))
    return text


def _hidden(text: str) -> str:
    return MASK * min(len(text), MOST_CHARACTERS)


def _clean(text: str) -> str:
    return "".join(each for each in text if each.isprintable())[:MOST_CHARACTERS]
