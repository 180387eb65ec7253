"""What a lead asks and gets: a slice of the calls, and counts by dimension. Counts only; shares are made in ``lead_figures``.

Two answer alike: a hub over all desks (SQL) and one desk over its own records (``app.services.lead_reports``). That is why
everything that is a matter of definition stands here and is called by both: which day a call belongs to, what its sound is
called, which bin a confidence falls into, how far a delay is told. Counts add up over slices, shares do not; so only counts
travel. Pure; any thread.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.call_record import CallRecord, FieldOutcome, FieldRecord, SoundRecord


class Dimension(StrEnum):
    """What counts are told apart by, and what a slice is narrowed by.

    DAY, HOUR (``00`` to ``23``), WEEKDAY (``1`` Monday to ``7``) as on the clock at the desk. FIELD: name of a field. ITEM: code
    that was submitted, "" for none. OPERATOR: work number. TEAM: as the hub knows it, "" on a desk. The versions of five parts.
    SOUND: ``sound_class`` of the call. A call without the value has "".
    """

    DAY = "day"
    HOUR = "hour"
    WEEKDAY = "weekday"
    FIELD = "field"
    ITEM = "item"
    OPERATOR = "operator"
    TEAM = "team"
    DESK = "desk"
    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    PROGRAM = "program"
    MODEL = "model"
    VOCABULARY = "vocabulary"
    KNOWLEDGE = "knowledge"
    RULES = "rules"
    SOUND = "sound"
    KIND = "kind"


VERSIONS = (Dimension.PROGRAM, Dimension.MODEL, Dimension.VOCABULARY, Dimension.KNOWLEDGE, Dimension.RULES)

#: Confidence bins: ``[index / 50, (index + 1) / 50)``, the last one closed.
BINS = 50
#: Upper edges (milliseconds, inclusive) of the histogram of card delays; one more bin holds what took longer.
DELAY_EDGES_MS = (100, 200, 300, 400, 500, 600, 800, 1000, 1250, 1500, 2000, 3000, 5000, 10_000)
#: Upper edges (milliseconds, inclusive) of the histogram of wrap-up; one more bin holds what took longer.
WRAP_UP_EDGES_MS = tuple(seconds * 1000 for seconds in (5, 10, 15, 20, 30, 40, 50, 60, 75, 90, 120, 150, 180, 240, 300, 420, 600))
#: Calls with so many wrong fields or more are counted together.
MOST_WRONG = 6
ITEM_CHOICE = "item_code"


@dataclass(frozen=True, slots=True)
class Slice:
    """The calls that are asked about.

    Attributes:
        since: first day, ``YYYY-MM-DD``, inclusive; "" for all before.
        until: last day, inclusive; "" for all after.
        only: dimension and wanted value; all must hold. One dimension twice means either value.
        hours: first hour and the hour after the last one.
    """

    since: str = ""
    until: str = ""
    only: tuple[tuple[Dimension, str], ...] = ()
    hours: tuple[int, int] = (0, 24)


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """What became of fields. ``key`` has one value for each dimension asked by, in their order.

    ``filled_*`` stood filled when proposed, ``suggested_*`` were suggested only. ``distance`` is the sum over edited ones.
    ``calls`` is how many calls had any such field.
    """

    key: tuple[str, ...]
    calls: int = 0
    filled_taken: int = 0
    filled_edited: int = 0
    filled_cleared: int = 0
    suggested_taken: int = 0
    suggested_edited: int = 0
    suggested_left: int = 0
    typed: int = 0
    confirmed: int = 0
    distance: float = 0.0


@dataclass(frozen=True, slots=True)
class BinCount:
    """Proposals of one confidence bin: how many, how many were submitted as proposed, the sum of their confidences.

    Key: values of the dimensions asked by, then ``filled`` or ``suggested``. What was proposed and left out counts as not right.
    """

    key: tuple[str, ...]
    bin: int
    proposed: int
    right: int
    confidence: float


@dataclass(frozen=True, slots=True)
class CallCount:
    """Calls and what they cost. ``wrap_up`` is the histogram over ``WRAP_UP_EDGES_MS`` (calls with a wrap-up only).

    ``score`` is the sum over ``checked`` calls. By item (a dimension of the matter) a call of two matters counts in both.
    """

    key: tuple[str, ...]
    calls: int = 0
    matters: int = 0
    duration_ms: int = 0
    keys: int = 0
    clicks: int = 0
    wrap_up_ms: int = 0
    wrap_up: tuple[int, ...] = ()
    unanswered: int = 0
    calls_unanswered: int = 0
    degraded: int = 0
    checked: int = 0
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class WrongCount:
    """How many calls had ``wrong_fields`` fields that stood filled and were edited or cleared (``MOST_WRONG``: or more)."""

    key: tuple[str, ...]
    wrong_fields: int
    count: int


@dataclass(frozen=True, slots=True)
class RankCount:
    """How often what was submitted stood at ``rank`` of what was offered; 0: it was not among them; -1: nothing was offered."""

    key: tuple[str, ...]
    rank: int
    count: int


@dataclass(frozen=True, slots=True)
class Confusion:
    """``proposed`` was offered first, ``submitted`` (another one, "" for none) went out."""

    proposed: str
    submitted: str
    count: int


@dataclass(frozen=True, slots=True)
class CardCount:
    """An entry's cards. ``pushed`` came by themselves, the others were searched or browsed. ``delays`` over ``DELAY_EDGES_MS``.

    ``calls`` with this entry; a card is ``wrong`` when marked wrong or outdated, ``used`` when marked as used or copied.
    """

    entry_id: str
    calls: int = 0
    shown: int = 0
    pushed: int = 0
    opened: int = 0
    used: int = 0
    spoken: int = 0
    dismissed: int = 0
    wrong: int = 0
    delays: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FindingCount:
    """How many calls had a finding of the quality check or a degradation of this ``code``, and how many findings."""

    key: tuple[str, ...]
    code: str
    calls: int
    findings: int
    points: float = 0.0


@dataclass(frozen=True, slots=True)
class MatterCount:
    """How many matters: for hot spots."""

    key: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Behind:
    """Which calls of a slice stand behind a number; what is empty does not narrow. All that is given must hold in one call.

    ``outcomes``, ``proposed``, ``field`` and the confidence bounds hold of one and the same field; ``choice``, ``offered_first``
    and ``submitted`` of one choice; ``entry_id`` and ``act`` of one card.

    Attributes:
        field: name.
        outcomes: any of these.
        proposed: ``filled`` or ``suggested``.
        bins: first and last confidence bin.
        choice: name of the choice whose first offer was ``offered_first`` and whose submitted code was ``submitted``.
        entry_id: a card of this entry.
        act: on which this was done.
        finding: rule of the quality check that was breached.
        degradation: code.
        unanswered: had questions that no card answered.
        wrong_from: had at least so many fields that stood filled and were edited or cleared.
    """

    field: str = ""
    outcomes: tuple[FieldOutcome, ...] = ()
    proposed: str = ""
    bins: tuple[int, int] | None = None
    choice: str = ""
    offered_first: str = ""
    submitted: str = ""
    entry_id: str = ""
    act: str = ""
    finding: str = ""
    degradation: str = ""
    unanswered: bool = False
    wrong_from: int = 0


@dataclass(frozen=True, slots=True)
class CallLine:
    """One call in a list. ``wrong`` fields stood filled and were edited or cleared; ``taken`` stood filled and were submitted so."""

    record_id: str
    at: str
    operator: str
    desk: str
    district: str
    item: str
    duration_ms: int
    taken: int
    wrong: int
    typed: int
    sound: str
    score: float = -1.0


@dataclass(frozen=True, slots=True)
class CallPage:
    """Some of the calls, newest first, and how many there are in all; ``is_at_least``: there are so many or more."""

    total: int
    lines: tuple[CallLine, ...]
    is_at_least: bool = False


class DeskState(StrEnum):
    """What a desk is doing, by its last heartbeat; SILENT: none came for a while."""

    IDLE = "idle"
    RINGING = "ringing"
    TALKING = "talking"
    ON_HOLD = "on_hold"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class FloorDesk:
    """One desk now.

    Attributes:
        desk: its id.
        operator: who works there.
        team: as the hub knows it.
        state: what it does.
        since: ISO 8601, when that began.
        alerts: codes of what needs a look, most urgent first (``long_call``, ``long_hold``, ``no_sound``, ``overload``,
            ``outbox_stuck``, ``old_version``, ...); texts are the window's.
        versions: part to version.
        seen_at: ISO 8601 of the last heartbeat.
    """

    desk: str
    operator: str
    team: str
    state: DeskState
    since: str
    alerts: tuple[str, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    seen_at: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose calls these are: ``role`` (``operator``, ``lead``, ``head``, ``it``), first and last day with calls, how many."""

    role: str
    first_day: str
    last_day: str
    calls: int
    is_hub: bool = False


# --- definitions that both sources share ---------------------------------------------------------------------------------------

_SNR_GOOD_DB, _SNR_FAIR_DB = 20.0, 12.0
_CLIPPED_GOOD, _CLIPPED_FAIR = 0.001, 0.01
_HEARD_GOOD, _HEARD_FAIR = 0.85, 0.7
_CLASSES = ("good", "fair", "poor")


def sound_class(record: CallRecord) -> str:
    """``good``, ``fair`` or ``poor`` by the worst of what is known of the citizen's side, "" where nothing is.

    Distance between speech and noise: 20 and 12 dB (below 12 dB telephone speech becomes hard to follow); clipped samples: one in
    a thousand, one in a hundred; mean confidence of recognition: 0.85 and 0.7.
    """
    side = next((each for each in record.sound if each.side == "citizen" and each.speech_ms > 0), None)
    return "" if side is None else _CLASSES[_worst(side)]


def _worst(side: SoundRecord) -> int:
    grades = [_grade(side.confidence, _HEARD_GOOD, _HEARD_FAIR), _grade(-side.clipped_share, -_CLIPPED_GOOD, -_CLIPPED_FAIR)]
    if side.level_dbfs and side.noise_dbfs:
        grades.append(_grade(side.level_dbfs - side.noise_dbfs, _SNR_GOOD_DB, _SNR_FAIR_DB))
    return max(grades)


def _grade(value: float, good: float, fair: float) -> int:
    return 0 if value >= good else 1 if value >= fair else 2


def confidence_bin(confidence: float) -> int:
    """Index of the bin, 0 to ``BINS`` - 1."""
    return min(BINS - 1, max(0, int(confidence * BINS + 1e-9)))


def histogram_bin(value_ms: int, edges: tuple[int, ...]) -> int:
    """Index of the bin whose upper edge is the first that is not below the value."""
    return bisect.bisect_left(edges, value_ms)


def item_of(record: CallRecord, matter: int) -> str:
    """Code of the item that was submitted for this matter, "" for none."""
    return next((each.submitted for each in record.choices if each.name == ITEM_CHOICE and each.matter == matter), "")


def item_codes(record: CallRecord) -> tuple[str, ...]:
    """The item of each matter, in their order; ``("",)`` for a call without matters."""
    return tuple(item_of(record, matter) for matter in range(max(1, record.matters)))


def call_values(record: CallRecord, team: str = "") -> Mapping[Dimension, str]:
    """Values of all dimensions that a call has as a whole: all but FIELD and ITEM."""
    day, hour = record.at[:10], record.at[11:13]
    versions = {each: record.versions.get(each.value, "") for each in VERSIONS}
    return {
        Dimension.DAY: day, Dimension.HOUR: hour, Dimension.WEEKDAY: weekday_of(day), Dimension.OPERATOR: record.agent,
        Dimension.TEAM: team, Dimension.DESK: record.desk, Dimension.CITY: record.city, Dimension.DISTRICT: record.district,
        Dimension.STREET: record.street, Dimension.SOUND: sound_class(record), Dimension.KIND: record.kind.value, **versions,
    }


def weekday_of(day: str) -> str:
    """``1`` for Monday to ``7`` for Sunday of ``YYYY-MM-DD``; "" where it is none."""
    try:
        return str(date.fromisoformat(day).isoweekday())
    except ValueError:
        return ""


def is_right(field: FieldRecord) -> bool:
    """Whether a proposal was submitted as proposed."""
    return field.outcome is FieldOutcome.TAKEN


def is_wrong_filled(field: FieldRecord) -> bool:
    """Whether a field stood filled and was edited or cleared: what a lead must not see often."""
    return field.proposed == "filled" and field.outcome in (FieldOutcome.EDITED, FieldOutcome.CLEARED)
