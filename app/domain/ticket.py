"""The ticket while it grows: fields with state, confidence and evidence, and the rule that an operator's edit wins.

Field names are those of the field table (``resources/ticket_fields.csv``, column 字段(en)). ``TicketDraft.merge`` is the only
way in which recognised values enter a ticket; ``TicketDraft.edit`` and its siblings are the operator's ways. Everything
is immutable: a change gives a new draft.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

Value = str | bool | int | list[str]


class FieldState(StrEnum):
    """How a value came to stand in its field. The last two are the operator's and are never overwritten."""

    EMPTY = "empty"
    SUGGESTED = "suggested"
    FILLED = "filled"
    EDITED = "edited"
    CONFIRMED = "confirmed"


OPERATOR_STATES = frozenset({FieldState.EDITED, FieldState.CONFIRMED})


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a value was said: utterance index and the half-open span of characters in its text."""

    utterance: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A further possible value with its confidence, 0 to 1."""

    value: Value
    confidence: float


@dataclass(frozen=True, slots=True)
class Hit:
    """What extraction found for one field of one matter.

    Attributes:
        name: field name of the field table.
        value: normalised value, as a careful operator would write it.
        state: FILLED (sure enough to stand) or SUGGESTED (one key takes it).
        confidence: calibrated probability that the value is right, 0 to 1.
        evidence: spans that carry it, most telling first.
        rule: the rule or model that gave it, a stable dotted name ("phone.read_back").
        code: official code where the value has one (a division, an item), else empty.
        alternatives: other values, best first.
        matter: 0 for the call's only or first matter; 1, 2, … for further ones.
        reasons: why, in words for the operator (similar settled tickets, telling terms, district rule), most telling first.
    """

    name: str
    value: Value
    state: FieldState
    confidence: float
    evidence: tuple[Evidence, ...] = ()
    rule: str = ""
    code: str = ""
    alternatives: tuple[Candidate, ...] = ()
    matter: int = 0
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A field's content. ``value`` is None exactly in state EMPTY, but for a field that the operator emptied (EDITED).

    ``proposed`` is what recognition had put there when the operator first took the field over (None: nothing), so that
    the record can tell what was proposed from what was submitted, and ``proposed_state`` in which state it stood then (EMPTY: nothing
    stood there); in the other states value and state themselves are the proposal. Confidence, rule and alternatives stay those of it.
    """

    value: Value | None = None
    state: FieldState = FieldState.EMPTY
    confidence: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    rule: str = ""
    code: str = ""
    alternatives: tuple[Candidate, ...] = ()
    proposed: Value | None = None
    reasons: tuple[str, ...] = ()
    proposed_state: FieldState = FieldState.EMPTY


EMPTY = FieldValue()


@dataclass(frozen=True, slots=True)
class TicketDraft:
    """All matters of one call: ``matters[0]`` holds the fields of the call and of its first matter.

    A further matter holds only the fields that are its own.

    Attributes:
        matters: see above.
        flags: moments of the call that the operator marked, in milliseconds, in order.
        least: how many matters the operator wants at least: one that was added by hand stays while it is empty.
        dropped: numbers by which extraction knows the matters that the operator threw away.
    """

    matters: tuple[Mapping[str, FieldValue], ...] = field(default_factory=lambda: ({},))
    flags: tuple[int, ...] = ()
    least: int = 1
    dropped: tuple[int, ...] = ()

    def get(self, name: str, matter: int = 0) -> FieldValue:
        """The field's content; EMPTY where nothing is known."""
        return self.matters[matter].get(name, EMPTY) if matter < len(self.matters) else EMPTY

    def merge(self, hits: Iterable[Hit]) -> TicketDraft:
        """Take what extraction found in the whole dialogue so far.

        ``hits`` is a complete picture: a field that extraction no longer supports becomes empty again, unless the operator
        edited or confirmed it. The order of hits does not matter; of two hits for one field the surer one stands.
        """
        best: dict[tuple[int, str], Hit] = {}
        for hit in hits:
            if hit.matter in self.dropped:
                continue
            at = (hit.matter - sum(number < hit.matter for number in self.dropped), hit.name)
            if at not in best or _rank(hit) > _rank(best[at]):
                best[at] = hit
        count = max([self.least, len(self._operator_matters()), *(matter + 1 for matter, _ in best)])
        matters: list[Mapping[str, FieldValue]] = []
        for number in range(max(1, count)):
            held = self.matters[number] if number < len(self.matters) else {}
            kept = {name: value for name, value in held.items() if value.state in OPERATOR_STATES}
            found = {name: _value_of(hit) for (matter, name), hit in best.items() if matter == number}
            matters.append({**found, **kept})
        return replace(self, matters=tuple(matters))

    def edit(self, name: str, value: Value | None, matter: int = 0) -> TicketDraft:
        """The operator writes or empties a field; evidence of what stood there is kept for comparison."""
        held = self.get(name, matter)
        return self._with(name, matter, _taken_over(held, value, FieldState.EDITED))

    def confirm(self, name: str, matter: int = 0) -> TicketDraft:
        """The operator takes the value that stands in a field."""
        held = self.get(name, matter)
        if held.value is None:
            return self
        return self._with(name, matter, _taken_over(held, held.value, FieldState.CONFIRMED))

    def release(self, name: str, matter: int = 0) -> TicketDraft:
        """The operator gives a field back to recognition; it is empty until the next merge."""
        return self._with(name, matter, EMPTY)

    def add_matter(self) -> TicketDraft:
        """The operator wants a further matter; what extraction finds of its own accord comes into it, too."""
        return replace(self, matters=(*self.matters, {}), least=len(self.matters) + 1)

    def drop_matter(self, matter: int) -> TicketDraft:
        """The operator throws a further matter away, for good where extraction had found it; the first one is the call's and stays."""
        if not 0 < matter < len(self.matters):
            return self
        known = self._numbers(matter + 1)[matter]
        is_found = any(_proposal(self.get(name, matter)) is not None for name in ("item_code", "request_type"))
        return replace(self, matters=self.matters[:matter] + self.matters[matter + 1:], least=max(1, self.least - (matter < self.least)),
                       dropped=tuple(sorted({*self.dropped, known})) if is_found else self.dropped)

    def flag(self, at_ms: int) -> TicketDraft:
        """Mark a moment, or take the mark at this very moment away."""
        return replace(self, flags=tuple(sorted({*self.flags} ^ {at_ms})))

    def by_operator(self) -> tuple[Mapping[str, Value | None], ...]:
        """What the operator wrote or took, by matter as extraction numbers them; None for what was emptied."""
        held = dict(zip(self._numbers(len(self.matters)), self.matters, strict=True))
        return tuple({name: value.value for name, value in held.get(number, {}).items() if value.state in OPERATOR_STATES}
                     for number in range(max(held) + 1))

    def _numbers(self, count: int) -> tuple[int, ...]:
        """By which numbers extraction knows the first ``count`` matters."""
        return tuple(itertools.islice((number for number in itertools.count() if number not in self.dropped), count))

    def _with(self, name: str, matter: int, value: FieldValue) -> TicketDraft:
        matters = [dict(m) for m in self.matters]
        while len(matters) <= matter:
            matters.append({})
        matters[matter][name] = value
        return replace(self, matters=tuple(matters))

    def _operator_matters(self) -> tuple[Mapping[str, FieldValue], ...]:
        last = 0
        for number, held in enumerate(self.matters):
            if any(value.state in OPERATOR_STATES for value in held.values()):
                last = number
        return self.matters[: last + 1]


def _rank(hit: Hit) -> tuple[bool, float, str, str]:
    return (hit.state is FieldState.FILLED, hit.confidence, hit.rule, str(hit.value))


def _proposal(held: FieldValue) -> Value | None:
    return held.proposed if held.state in OPERATOR_STATES else held.value


def _taken_over(held: FieldValue, value: Value | None, state: FieldState) -> FieldValue:
    """The field in the operator's hands; what recognition had put there stays known."""
    before = held.proposed_state if held.state in OPERATOR_STATES else held.state
    return replace(held, value=value, state=state, proposed=_proposal(held), proposed_state=before)


def _value_of(hit: Hit) -> FieldValue:
    return FieldValue(hit.value, hit.state, hit.confidence, hit.evidence, hit.rule, hit.code, hit.alternatives, reasons=hit.reasons)
