"""What is summed beforehand: cubes, and how one call record becomes facts that are added up.

A cube counts one thing (fields' outcomes, calls, cards, ...) by day, team and kind of call, by keys of its own (a field, a code),
and by at most one further dimension; a question that needs two of them is answered from the records themselves
(``app.hub.answers``). Team ``*`` holds all teams together, so that a head's question reads no more rows than a lead's. A cube
whose first counter is ``calls`` counts calls that have any such fact, once each. Definitions that window and hub share stand in
``app.domain.lead_counts``. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from app.domain.call_record import CallRecord, FieldOutcome
from app.domain.lead_counts import (
    DELAY_EDGES_MS,
    MOST_WRONG,
    VERSIONS,
    WRAP_UP_EDGES_MS,
    Dimension,
    confidence_bin,
    histogram_bin,
    is_right,
    is_wrong_filled,
    item_codes,
)
from app.domain.lead_voice import SCALES, bin_of, voice_values

ALL = "*"
Key = tuple[str | int, ...]
#: Which counter, and how much.
Adds = tuple[tuple[int, float], ...]
_CALL_WIDE = (Dimension.HOUR, Dimension.OPERATOR, Dimension.CITY, Dimension.DISTRICT, *VERSIONS, Dimension.SOUND)


class Fact(NamedTuple):
    """Something of one call: of which item's matter ("" where that makes no difference), the cube's own keys, what it adds."""

    item: str
    own: Key
    adds: Adds


@dataclass(frozen=True, slots=True)
class Cube:
    """One cube.

    Attributes:
        name: of its table, after ``sum_``.
        own: its own keys; ``early`` of them stand before the day in the primary key.
        counters: what is summed.
        facts: one record's facts.
        item_facts: its facts by item where these are not the same.
        dimensions: those it is kept by, one at a time, beside none.
        numbers: own keys that are whole numbers.
        fractions: counters that are not whole.
        total_over: whether rows with ``*`` for the first own key are kept: where ``calls`` do not add up over it.
        early: see ``own``.
        columns: dimensions of the call as a whole that are keys of their own, after ``own``: such a cube answers any of them together,
            and is kept by team only.
    """

    name: str
    own: tuple[str, ...]
    counters: tuple[str, ...]
    facts: Callable[[CallRecord], list[Fact]]
    dimensions: tuple[Dimension, ...]
    numbers: frozenset[str] = frozenset()
    fractions: frozenset[str] = frozenset()
    total_over: bool = False
    early: int = 0
    columns: tuple[Dimension, ...] = ()
    item_facts: Callable[[CallRecord], list[Fact]] | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns of the primary key, in its order."""
        late = (*self.own[self.early:], *(each.value for each in self.columns))
        return ("dimension", "team", *self.own[:self.early], "day", "value", "kind", *late)

    @property
    def counts_calls(self) -> bool:
        """Whether the first counter is calls, counted once each."""
        return self.counters[0] == "calls"


def fold(cube: Cube, facts: Iterable[Fact], key_of: Callable[[Fact], Key | None]) -> dict[Key, list[float]]:
    """One call's facts added up by key (None: left out); ``calls`` is 1 in each."""
    sums: dict[Key, list[float]] = {}
    for fact in facts:
        key = key_of(fact)
        if key is None:
            continue
        held = sums.get(key)
        if held is None:
            held = sums[key] = [0] * len(cube.counters)
        for index, amount in fact.adds:
            held[index] += amount
    if cube.counts_calls:
        for held in sums.values():
            held[0] = 1
    return sums


def add_to(sums: dict[Key, list[float]], key: Key, more: list[float]) -> None:
    """Add a vector of counters to what stands under ``key``."""
    held = sums.get(key)
    if held is None:
        sums[key] = list(more)
    else:
        for index, amount in enumerate(more):
            if amount:
                held[index] += amount


# --- facts -------------------------------------------------------------------------------------------------------------------

_OUTCOMES = ("calls", "filled_taken", "filled_edited", "filled_cleared", "suggested_taken", "suggested_edited", "suggested_left",
             "typed", "confirmed", "distance")
#: A field that stood filled and was left counts as cleared, one that was suggested and cleared counts as left; the rest is typed.
_COUNTER_OF = {
    ("filled", FieldOutcome.TAKEN): 1, ("filled", FieldOutcome.EDITED): 2, ("filled", FieldOutcome.CLEARED): 3,
    ("filled", FieldOutcome.LEFT): 3, ("suggested", FieldOutcome.TAKEN): 4, ("suggested", FieldOutcome.EDITED): 5,
    ("suggested", FieldOutcome.LEFT): 6, ("suggested", FieldOutcome.CLEARED): 6,
}


_TYPED, _CONFIRMED, _DISTANCE = 7, 8, 9


def _outcome_facts(record: CallRecord) -> list[Fact]:
    items = item_codes(record)
    facts = []
    for each in record.fields:
        adds: list[tuple[int, float]] = [(_COUNTER_OF.get((each.proposed, each.outcome), _TYPED), 1)]
        if each.confirmed:
            adds.append((_CONFIRMED, 1))
        if each.outcome is FieldOutcome.EDITED:
            adds.append((_DISTANCE, each.distance))
        facts.append(Fact(_item(items, each.matter), (each.name,), tuple(adds)))
    return facts


def _bin_facts(record: CallRecord) -> list[Fact]:
    items = item_codes(record)
    return [Fact(_item(items, each.matter), (each.name, each.proposed, confidence_bin(each.confidence)),
                 ((0, 1), (1, int(is_right(each))), (2, each.confidence)))
            for each in record.fields if each.proposed]


def _call_facts(record: CallRecord) -> list[Fact]:
    return [Fact("", (), _call_adds(record, len(item_codes(record))))]


def _call_item_facts(record: CallRecord) -> list[Fact]:
    """A call of two matters counts in the items of both."""
    return [Fact(item, (), _call_adds(record, matters)) for item, matters in Counter(item_codes(record)).items()]


def _call_adds(record: CallRecord, matters: int) -> Adds:
    wrap_up = record.effort.wrap_up_ms
    adds: list[tuple[int, float]] = [
        (1, matters), (2, record.duration_ms), (3, record.effort.keys), (4, record.effort.clicks), (5, wrap_up),
        (6, record.unanswered), (7, int(record.unanswered > 0)), (8, int(bool(record.degradations)))]
    if record.quality_score >= 0:
        adds += [(9, 1), (10, record.quality_score)]
    if wrap_up:
        adds.append((len(_CALL) + histogram_bin(wrap_up, WRAP_UP_EDGES_MS), 1))
    return tuple(adds)


def _rank_facts(record: CallRecord) -> list[Fact]:
    items = item_codes(record)
    return [Fact(_item(items, each.matter), (each.name, each.rank if each.offered else -1), ((0, 1),))
            for each in record.choices if each.submitted]


def _confusion_facts(record: CallRecord) -> list[Fact]:
    return [Fact("", (each.name, each.offered[0], each.submitted), ((0, 1),))
            for each in record.choices if each.offered and each.offered[0] != each.submitted]


_CALL = ("calls", "matters", "duration_ms", "keys", "clicks", "wrap_up_ms", "unanswered", "calls_unanswered", "degraded", "checked",
         "score")
_VOICE = ("calls", "total")
_CARD = ("calls", "shown", "pushed", "opened", "used", "spoken", "dismissed", "wrong")
_CARD_ACTS = {1: {"shown"}, 3: {"opened"}, 4: {"used", "copied"}, 5: {"spoken"}, 6: {"dismissed"}, 7: {"wrong", "outdated"}}


def _card_facts(record: CallRecord) -> list[Fact]:
    facts = []
    for each in record.cards:
        adds: list[tuple[int, float]] = [(2, 1)] if each.origin == "push" else []
        adds += [(index, 1) for index, acts in _CARD_ACTS.items() if not acts.isdisjoint(each.acts)]
        if each.delay_ms >= 0:
            adds.append((len(_CARD) + histogram_bin(each.delay_ms, DELAY_EDGES_MS), 1))
        facts.append(Fact("", (each.entry_id,), tuple(adds)))
    return facts


def _finding_facts(record: CallRecord) -> list[Fact]:
    breaches = [Fact("", ("quality", each.rule), ((1, 1), (2, each.points))) for each in record.quality if each.is_breach]
    return breaches + [Fact("", ("degradation", code), ((1, 1),)) for code in record.degradations]


def _voice_facts(record: CallRecord) -> list[Fact]:
    return [Fact("", (indicator.value,), ((1, value), (len(_VOICE) + bin_of(indicator, value), 1)))
            for indicator, value in voice_values(record).items()]


def _wrong_facts(record: CallRecord) -> list[Fact]:
    return [Fact("", (min(MOST_WRONG, sum(map(is_wrong_filled, record.fields))),), ((0, 1),))]


def _item_work_facts(record: CallRecord) -> list[Fact]:
    return [Fact("", (fact.item,), fact.adds) for fact in _outcome_facts(record)]


def _item(items: tuple[str, ...], matter: int) -> str:
    return items[matter] if 0 <= matter < len(items) else ""


OUTCOME = Cube("outcome", ("field",), _OUTCOMES, _outcome_facts,
               (*(each for each in _CALL_WIDE if each is not Dimension.OPERATOR), Dimension.ITEM),
               fractions=frozenset({"distance"}), total_over=True, early=1)
#: To compare versions as people differ: by operator and all versions together.
OUTCOME_WORK = Cube("outcome_work", ("field",), _OUTCOMES, _outcome_facts, (), fractions=frozenset({"distance"}), total_over=True,
                    early=1, columns=(Dimension.OPERATOR, *VERSIONS))
BIN = Cube("bin", ("field", "proposed_as", "bin"), ("proposed", "right_ones", "confidence"), _bin_facts, (*VERSIONS, Dimension.SOUND),
           numbers=frozenset({"bin"}), fractions=frozenset({"confidence"}))
CALL = Cube("call", (), (*_CALL, *(f"w{index:02d}" for index in range(len(WRAP_UP_EDGES_MS) + 1))), _call_facts,
            (*_CALL_WIDE, Dimension.ITEM, Dimension.STREET, Dimension.DESK), fractions=frozenset({"score"}),
            item_facts=_call_item_facts)
RANK = Cube("rank", ("choice", "rank"), ("count",), _rank_facts, (*_CALL_WIDE, Dimension.ITEM), numbers=frozenset({"rank"}), early=1)
CONFUSION = Cube("confusion", ("choice", "offered", "submitted"), ("count",), _confusion_facts, VERSIONS, early=1)
CARD = Cube("card", ("entry_id",), (*_CARD, *(f"d{index:02d}" for index in range(len(DELAY_EDGES_MS) + 1))), _card_facts,
            (Dimension.KNOWLEDGE,))
FINDING = Cube("finding", ("source", "code"), ("calls", "findings", "points"), _finding_facts, _CALL_WIDE,
               fractions=frozenset({"points"}), early=1)
VOICE = Cube("voice", ("indicator",), (*_VOICE, *(f"b{index:02d}" for index in range(max(map(len, SCALES.values())) - 1))), _voice_facts,
             (Dimension.OPERATOR,), fractions=frozenset({"total"}), early=1)

#: Calls by how many of their fields stood filled wrong.
WRONG = Cube("wrong", ("wrong_fields",), ("count",), _wrong_facts, (*_CALL_WIDE, Dimension.DESK), numbers=frozenset({"wrong_fields"}))

#: To compare versions within items: by item and all versions together.
ITEM_WORK = Cube("item_work", ("item",), _OUTCOMES, _item_work_facts, (), fractions=frozenset({"distance"}), columns=VERSIONS)

# --- matters by place, item and time -------------------------------------------------------------------------------------------

_PLACE = ("hour", "city", "district", "street", "item")
#: Which of the place columns a row tells; the others hold ``*``. A question takes the first that has all it needs.
LEVELS: tuple[tuple[str, ...], ...] = (
    ("city", "district"), ("hour", "city", "district"), ("city", "district", "street"), ("city", "district", "item"),
    ("hour", "item"), ("city", "district", "street", "item"), _PLACE)
#: The last but one is kept for all teams only, the last (almost a row a matter) by team only.
LEVEL_OF_ALL, LEVEL_OF_A_TEAM = str(len(LEVELS) - 2), str(len(LEVELS) - 1)


def _matter_facts(record: CallRecord) -> list[Fact]:
    """One a matter, with all of its place; the roll-up coarsens them to ``LEVELS``."""
    call = (record.at[11:13], record.city, record.district, record.street)
    return [Fact(item, (*call, item), ((0, 1),)) for item in item_codes(record)]


def coarse(own: Key, level: tuple[str, ...]) -> Key:
    """A matter's place as a level tells it."""
    return tuple(value if name in level else ALL for name, value in zip(_PLACE, own, strict=True))


MATTER = Cube("matter", ("level", *_PLACE), ("count",), _matter_facts, (), early=1)

CUBES = (OUTCOME, OUTCOME_WORK, BIN, CALL, RANK, CONFUSION, CARD, FINDING, VOICE, WRONG, ITEM_WORK, MATTER)
#: Kept by team only: a row for all teams would be the row of the operator's team.
OF_A_TEAM = frozenset({Dimension.OPERATOR, Dimension.DESK})
