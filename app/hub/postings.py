"""Which calls have a mark, by day and team: so that the calls behind a number are found without looking at the others.

A *token* is something a call has and a lead may ask for: a field's outcome, a card's entry, an item, a finding, a district. A posting tells
how many calls of a day and team have it, and which, as far as they are few: beyond ``MOST_IDS`` it only counts on. Where it names all
of them they are opened by their ids; where it does not, one call in a few dozen has the token, and the calls of that day are looked
through, newest first, which then does not take long (``app.hub.search``). Team ``*`` counts all teams together and names none. So rows
stay small, whatever a mark's frequency is, and what a page of calls costs does not grow with the calls that are kept.

Tokens are made of a record's marks and columns (``app.hub.marks``), never of its body: rows of an older program get them, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection

from app.domain.call_record import FieldOutcome
from app.domain.lead_counts import MOST_WRONG, VERSIONS, Behind, Dimension
from app.hub.cubes import ALL
from app.hub.database import upsert
from app.hub.marks import ACT_GROUPS, ACTS, CARD, END, FIELD, OTHER, OUTCOMES
from app.hub.narrowed import Narrowed
from app.hub.tables import POSTING, RECORD

MOST_IDS = 32
#: What every call has.
EVERY = "*"
#: Between ids.
SEPARATOR = "\x1e"
#: What tokens of a call are made of.
COLUMNS = (RECORD.c.record_id, RECORD.c.day, RECORD.c.team, RECORD.c.city, RECORD.c.district, RECORD.c.street, RECORD.c.sound,
           RECORD.c.wrong, RECORD.c.marks)
#: What ``Posted.rows`` tells.
POSTED = ("day", "token", "team", "calls", "ids")
#: Columns that are tokens, and by which letter these start.
_PLACES = {Dimension.CITY: "C", Dimension.DISTRICT: "D", Dimension.STREET: "S", Dimension.SOUND: "h"}
_WRONG = frozenset({FieldOutcome.EDITED, FieldOutcome.CLEARED})
_WRONG_LETTERS = frozenset(OUTCOMES[each] for each in _WRONG)
#: Tokens of which a call has at least one; whether having the one token is all that is asked.
Group = tuple[tuple[str, ...], bool]


class Posted:
    """Postings of some records, gathered before they are written."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str, str], list[str]] = {}

    def add(self, row: Any) -> None:
        """A record's row with at least ``COLUMNS``."""
        for token in tokens_of(row):
            self._held.setdefault((row.day, token, row.team), []).append(row.record_id)

    def rows(self) -> list[tuple[int | str, ...]]:
        """Day, token, team, how many calls, ids."""
        rows: dict[tuple[str, str, str], list[int | str]] = {}
        for (day, token, team), ids in self._held.items():
            rows[day, token, team] = [len(ids), "".join(each + SEPARATOR for each in ids[:MOST_IDS])]
            rows.setdefault((day, token, ALL), [0, ""])[0] += len(ids)  # type: ignore[operator]
        return [(*key, *held) for key, held in sorted(rows.items())]

    def put(self, connection: Connection) -> None:
        """Add them to those that are there."""
        full = MOST_IDS * (32 + len(SEPARATOR))
        upsert(connection, POSTING, self.rows(), add=("calls",), changes=(
            f'"ids" = CASE WHEN length("posting"."ids") < {full} THEN "posting"."ids" || excluded."ids" ELSE "posting"."ids" END',))


def tokens_of(row: Any) -> set[str]:
    """What a call has."""
    tokens = {EVERY, *(letter + getattr(row, dimension.value) for dimension, letter in _PLACES.items())}
    tokens.update(f"n{least}" for least in range(1, min(row.wrong, MOST_WRONG) + 1))
    for mark in row.marks.split(END):
        if mark.startswith("f"):
            tokens.update(_field_tokens(mark))
        elif mark.startswith("c"):
            entry, _, acts = mark.partition(CARD)
            tokens.add(entry)
            tokens.update("a" + act for act, done in zip(ACTS, acts, strict=True) if done == "1")
        elif mark:
            tokens.add(mark)
    return tokens


def _field_tokens(mark: str) -> Iterator[str]:
    """``f NAME`` and its outcome; any field of that outcome; ``w NAME`` where it stood filled wrong."""
    name, _, tail = mark.partition(FIELD)
    yield name
    yield name + FIELD + tail[0]
    yield "o" + tail[0]
    if tail[0] in _WRONG_LETTERS and tail[1] == "F":
        yield "w" + name[1:]


def groups_of(which: Behind, narrow: Narrowed) -> tuple[list[Group], bool]:
    """Of each group a call has a token; whether that is all that is asked but for days, teams and the rest of each group."""
    groups = list(_groups_behind(which))
    is_all = which.bins is None and not (which.proposed and not (which.field or which.outcomes))
    for dimension, values in narrow.only.items():
        tokens = _tokens_of_dimension(dimension, sorted(values))
        if tokens:
            groups.append((tokens, len(tokens) == 1))
        elif dimension is not Dimension.TEAM:
            is_all = False
    return groups, is_all


def _tokens_of_dimension(dimension: Dimension, values: Iterable[str]) -> tuple[str, ...]:
    if dimension in _PLACES:
        return tuple(_PLACES[dimension] + value for value in values)
    if dimension is Dimension.ITEM:
        return tuple("i" + value for value in values)
    if dimension is Dimension.FIELD:
        return tuple("f" + value for value in values)
    if dimension in VERSIONS and all(values):  # a version that is not told is no token
        return tuple(f"v{dimension.value}{OTHER}{value}" for value in values)
    return ()


def _groups_behind(which: Behind) -> Iterator[Group]:
    if which.unanswered:
        yield ("u",), True
    if which.degradation:
        yield ("d" + which.degradation,), True
    if which.finding:
        yield ("q" + which.finding,), True
    if which.wrong_from:
        yield (f"n{min(which.wrong_from, MOST_WRONG)}",), which.wrong_from <= MOST_WRONG
    if which.choice:
        yield ("x" + OTHER.join((which.choice, which.offered_first, which.submitted)),), True
    if which.entry_id:
        yield ("c" + which.entry_id,), not which.act
    elif which.act:
        acts = ACT_GROUPS.get(which.act, (which.act,))
        yield tuple("a" + act for act in acts), len(acts) == 1
    if which.field or which.outcomes:
        yield _field_group(which)


def _field_group(which: Behind) -> Group:
    if which.bins is None and which.proposed == "filled" and set(which.outcomes) == _WRONG:
        return (f"w{which.field}" if which.field else "n1",), True
    is_all = not which.proposed and which.bins is None
    letters = [OUTCOMES[each] for each in which.outcomes]
    if not letters:
        return ("f" + which.field,), is_all
    start = f"f{which.field}{FIELD}" if which.field else "o"
    return tuple(start + letter for letter in letters), is_all and len(letters) == 1
