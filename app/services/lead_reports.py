"""The lead's counts of one desk, or of any set of call records: the port ``LeadSource`` over records in memory.

For the desk's own data (some ten thousand calls) and for the sample; a hub counts in its database. Answers of the same question are
kept until the records change. Any thread may call: the records are frozen and the answers are made anew or taken whole.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TypeVar

from app.domain.after_appeals import GrantedCount, granted_counts
from app.domain.call_record import CallRecord, CardRecord, FieldOutcome, FieldRecord
from app.domain.lead_counts import (
    DELAY_EDGES_MS,
    MOST_WRONG,
    WRAP_UP_EDGES_MS,
    Behind,
    BinCount,
    CallCount,
    CallLine,
    CallPage,
    CardCount,
    Confusion,
    Dimension,
    FindingCount,
    FloorDesk,
    MatterCount,
    OutcomeCount,
    RankCount,
    Scope,
    Slice,
    WrongCount,
    confidence_bin,
    histogram_bin,
    is_right,
    is_wrong_filled,
)
from app.domain.lead_voice import VoiceCount, voice_counts
from app.services.lead_selection import USED_ACTS, WRONG_ACTS, Chosen, HeldCall, stands_behind, wrong_fields

By = tuple[Dimension, ...]
T = TypeVar("T")

_MOST_KEPT = 256
_TALLIES = {
    ("filled", FieldOutcome.TAKEN): "filled_taken", ("filled", FieldOutcome.EDITED): "filled_edited",
    ("filled", FieldOutcome.CLEARED): "filled_cleared", ("suggested", FieldOutcome.TAKEN): "suggested_taken",
    ("suggested", FieldOutcome.EDITED): "suggested_edited", ("suggested", FieldOutcome.LEFT): "suggested_left",
    ("suggested", FieldOutcome.CLEARED): "suggested_left", ("filled", FieldOutcome.LEFT): "filled_cleared",
}


class RecordedCalls:
    """Counts over records; see ``app.ports.lead`` for what each method answers.

    Args:
        records: of each call one; a ``record_id`` that comes twice is taken once.
        role: of whoever looks, for the window's heading.
        teams: work number to team, where known.
        granted: rules whose findings an appeal took back, by record.
    """

    def __init__(self, records: Iterable[CallRecord], role: str = "operator", teams: dict[str, str] | None = None,
                 granted: Callable[[], Mapping[str, Collection[str]]] = dict) -> None:
        self._role, self._teams, self._granted = role, teams or {}, granted
        self._kept: dict[object, object] = {}
        self.take(records)

    def take(self, records: Iterable[CallRecord]) -> None:
        """Other records in place of those held."""
        by_id = {record.record_id: record for record in records}
        self._held = sorted((HeldCall.of(record, self._teams.get(record.agent, "")) for record in by_id.values()),
                            key=lambda held: (held.record.at, held.record.record_id))
        self._by_id = by_id
        self._kept = {}

    def scope(self) -> Scope:
        """Whose calls these are."""
        days = [held.values[Dimension.DAY] for held in self._held] or [""]
        return Scope(self._role, min(days), max(days), len(self._held))

    def outcomes(self, asked: Slice, by: By = ()) -> tuple[OutcomeCount, ...]:
        """What became of fields."""
        return self._once(("outcomes", asked, by), lambda: _outcomes(self._calls(asked), Chosen(asked), by))

    def bins(self, asked: Slice, by: By = ()) -> tuple[BinCount, ...]:
        """Proposals by confidence."""
        return self._once(("bins", asked, by), lambda: _bins(self._calls(asked), Chosen(asked), by))

    def calls(self, asked: Slice, by: By = ()) -> tuple[CallCount, ...]:
        """Calls, effort, quality."""
        return self._once(("calls", asked, by), lambda: _calls(self._calls(asked), Chosen(asked), by))

    def wrong_calls(self, asked: Slice, by: By = ()) -> tuple[WrongCount, ...]:
        """Calls by how many fields stood filled wrong."""
        def count() -> tuple[WrongCount, ...]:
            chosen = Chosen(asked)
            tally = Counter((held.key(by), min(MOST_WRONG, wrong_fields(held, chosen))) for held in self._calls(asked))
            return tuple(WrongCount(key, wrong, calls) for (key, wrong), calls in sorted(tally.items()))

        return self._once(("wrong_calls", asked, by), count)

    def voices(self, asked: Slice, by: By = ()) -> tuple[VoiceCount, ...]:
        """Voice indicators."""
        return self._once(("voices", asked, by), lambda: voice_counts((held.key(by), held.record) for held in self._calls(asked)))

    def ranks(self, asked: Slice, choice: str, by: By = ()) -> tuple[RankCount, ...]:
        """Where the submitted one stood."""
        chosen, tally = Chosen(asked), Counter[tuple[tuple[str, ...], int]]()
        for held in self._calls(asked):
            for each, item in chosen.choices(held, choice):
                if each.submitted:
                    tally[held.key(by, item), each.rank if each.offered else -1] += 1
        return tuple(RankCount(key, rank, count) for (key, rank), count in sorted(tally.items()))

    def confusions(self, asked: Slice, choice: str, limit: int = 200) -> tuple[Confusion, ...]:
        """What was offered first and not submitted."""
        chosen, tally = Chosen(asked), Counter[tuple[str, str]]()
        for held in self._calls(asked):
            for each, _ in chosen.choices(held, choice):
                if each.offered and each.offered[0] != each.submitted:
                    tally[each.offered[0], each.submitted] += 1
        rows = sorted(tally.items(), key=lambda pair: (-pair[1], pair[0]))
        return tuple(Confusion(*codes, count) for codes, count in rows[:limit])

    def cards(self, asked: Slice, limit: int = 2000) -> tuple[CardCount, ...]:
        """By entry."""
        return self._once(("cards", asked), lambda: _cards(self._calls(asked)))[:limit]

    def findings(self, asked: Slice, by: By = ()) -> tuple[FindingCount, ...]:
        """Breaches."""
        return _found(self._calls(asked), by, lambda record: [(each.rule, each.points) for each in record.quality if each.is_breach])

    def granted(self, asked: Slice, by: By = ()) -> tuple[GrantedCount, ...]:
        """What granted appeals took back."""
        taken = [(self._by_id[each], rules) for each, rules in self._granted().items() if each in self._by_id]

        def count(records: Iterable[CallRecord]) -> tuple[tuple[CallCount, ...], tuple[FindingCount, ...]]:
            some = RecordedCalls(records, self._role, self._teams)
            return some.calls(asked, by), some.findings(asked, by)

        return granted_counts(taken, count)

    def degradations(self, asked: Slice, by: By = ()) -> tuple[FindingCount, ...]:
        """What was worse than it should be."""
        return _found(self._calls(asked), by, lambda record: [(code, 0.0) for code in record.degradations])

    def matters(self, asked: Slice, by: By) -> tuple[MatterCount, ...]:
        """Matters by place, item and time."""
        chosen, tally = Chosen(asked), Counter[tuple[str, ...]]()
        for held in self._calls(asked):
            tally.update(held.key(by, item) for item in held.items if chosen.matter(item))
        return tuple(MatterCount(key, count) for key, count in sorted(tally.items()))

    def behind(self, asked: Slice, which: Behind, offset: int = 0, limit: int = 200) -> CallPage:
        """Calls behind a number, newest first."""
        chosen = Chosen(asked)
        found = [held for held in reversed(self._held) if chosen.call(held) and stands_behind(held, chosen, which)]
        return CallPage(len(found), tuple(_line(held) for held in found[offset:offset + limit]))

    def record(self, record_id: str) -> CallRecord | None:
        """One call."""
        return self._by_id.get(record_id)

    def floor(self) -> tuple[FloorDesk, ...]:
        """A desk alone sees no others."""
        return ()

    def _calls(self, asked: Slice) -> Iterator[HeldCall]:
        chosen = Chosen(asked)
        return (held for held in self._held if chosen.call(held))

    def _once(self, question: object, count: Callable[[], T]) -> T:
        found = self._kept.get(question)
        if found is None:  # a hub's threads share these counts: none may take away what another is about to return
            found = count()
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[question] = found
        return found  # type: ignore[return-value]


def _outcomes(calls: Iterable[HeldCall], chosen: Chosen, by: By) -> tuple[OutcomeCount, ...]:
    tallies: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    distances: dict[tuple[str, ...], float] = defaultdict(float)
    for held in calls:
        seen = set()
        for field, item in chosen.fields(held):
            key = held.key(by, item, field.name)
            tally = tallies[key]
            tally[_tally_of(field)] += 1
            tally["confirmed"] += field.confirmed
            if field.outcome is FieldOutcome.EDITED:
                distances[key] += field.distance
            seen.add(key)
        for key in seen:
            tallies[key]["calls"] += 1
    return tuple(OutcomeCount(key, distance=distances[key], **tally) for key, tally in sorted(tallies.items()))


def _tally_of(field: FieldRecord) -> str:
    return _TALLIES.get((field.proposed, field.outcome), "typed")


def _bins(calls: Iterable[HeldCall], chosen: Chosen, by: By) -> tuple[BinCount, ...]:
    tallies: dict[tuple[tuple[str, ...], int], list[float]] = defaultdict(lambda: [0, 0, 0.0])
    for held in calls:
        for field, item in chosen.fields(held):
            if field.proposed:
                tally = tallies[(*held.key(by, item, field.name), field.proposed), confidence_bin(field.confidence)]
                tally[0] += 1
                tally[1] += is_right(field)
                tally[2] += field.confidence
    return tuple(BinCount(key, index, int(proposed), int(right), confidence)
                 for (key, index), (proposed, right, confidence) in sorted(tallies.items()))


def _calls(calls: Iterable[HeldCall], chosen: Chosen, by: By) -> tuple[CallCount, ...]:
    groups: dict[tuple[str, ...], list[tuple[CallRecord, int]]] = defaultdict(list)
    for held in calls:
        counted = Counter(held.key(by, item) for item in held.items if chosen.matter(item))
        for key, matters in counted.items():
            groups[key].append((held.record, matters))
    return tuple(_call_count(key, rows) for key, rows in sorted(groups.items()))


def _call_count(key: tuple[str, ...], rows: list[tuple[CallRecord, int]]) -> CallCount:
    records = [record for record, _ in rows]
    checked = [record.quality_score for record in records if record.quality_score >= 0]
    return CallCount(
        key, calls=len(records), matters=sum(matters for _, matters in rows),
        duration_ms=sum(record.duration_ms for record in records), keys=sum(record.effort.keys for record in records),
        clicks=sum(record.effort.clicks for record in records), wrap_up_ms=sum(record.effort.wrap_up_ms for record in records),
        wrap_up=_histogram((record.effort.wrap_up_ms for record in records if record.effort.wrap_up_ms), WRAP_UP_EDGES_MS),
        unanswered=sum(record.unanswered for record in records), calls_unanswered=sum(record.unanswered > 0 for record in records),
        degraded=sum(bool(record.degradations) for record in records), checked=len(checked), score=sum(checked),
    )


def _histogram(values_ms: Iterable[int], edges: tuple[int, ...]) -> tuple[int, ...]:
    counted = Counter(histogram_bin(value, edges) for value in values_ms)
    return tuple(counted[index] for index in range(len(edges) + 1))


def _cards(calls: Iterable[HeldCall]) -> tuple[CardCount, ...]:
    groups: dict[str, list[tuple[str, CardRecord]]] = defaultdict(list)
    for held in calls:
        for card in held.record.cards:
            groups[card.entry_id].append((held.record.record_id, card))
    rows = (_card_count(entry_id, cards) for entry_id, cards in groups.items())
    return tuple(sorted(rows, key=lambda row: (-row.shown, row.entry_id)))


def _card_count(entry_id: str, rows: list[tuple[str, CardRecord]]) -> CardCount:
    cards = [card for _, card in rows]

    def did(acts: frozenset[str]) -> int:
        return sum(not acts.isdisjoint(card.acts) for card in cards)

    return CardCount(
        entry_id, calls=len({record_id for record_id, _ in rows}), shown=did(frozenset({"shown"})),
        pushed=sum(card.origin == "push" for card in cards), opened=did(frozenset({"opened"})), used=did(USED_ACTS),
        spoken=did(frozenset({"spoken"})), dismissed=did(frozenset({"dismissed"})), wrong=did(WRONG_ACTS),
        delays=_histogram((card.delay_ms for card in cards if card.delay_ms >= 0), DELAY_EDGES_MS),
    )


def _found(calls: Iterable[HeldCall], by: By,
           codes_of: Callable[[CallRecord], list[tuple[str, float]]]) -> tuple[FindingCount, ...]:
    tallies: dict[tuple[tuple[str, ...], str], list[float]] = defaultdict(lambda: [0, 0, 0.0])
    for held in calls:
        found = codes_of(held.record)
        for key in {held.key(by, item) for item in held.items}:
            for code in {code for code, _ in found}:
                tally = tallies[key, code]
                tally[0] += 1
                tally[1] += sum(each == code for each, _ in found)
                tally[2] += sum(points for each, points in found if each == code)
    return tuple(FindingCount(key, code, int(calls_), int(findings), points)
                 for (key, code), (calls_, findings, points) in sorted(tallies.items()))


def _line(held: HeldCall) -> CallLine:
    record = held.record
    return CallLine(
        record.record_id, record.at, record.agent, record.desk, record.district, held.items[0], record.duration_ms,
        taken=sum(field.proposed == "filled" and is_right(field) for field in record.fields),
        wrong=sum(is_wrong_filled(field) for field in record.fields),
        typed=sum(field.outcome is FieldOutcome.TYPED for field in record.fields),
        sound=held.values[Dimension.SOUND], score=record.quality_score,
    )
