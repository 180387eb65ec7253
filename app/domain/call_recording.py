"""Makes what a desk records of a submitted call (``app.domain.call_record``) from what is known of it when it is submitted.

The door through which nothing personal passes: of a field only what became of its proposal goes through; of a choice or a place
only what an official catalogue holds (``Official``), anything else that an operator wrote there becomes ``OUTSIDE``; of knowledge ids and
acts; of the dialogue times and confidence. Pure; any thread.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.assist import AssistEvent, AssistOrigin
from app.domain.call import CallState
from app.domain.call_record import (
    CallKind,
    CallRecord,
    CardRecord,
    ChoiceRecord,
    Effort,
    FieldOutcome,
    FieldRecord,
    QualityRecord,
    SoundRecord,
    VoiceRecord,
)
from app.domain.call_record_form import DISMISSED, MOST_CHARACTERS, MOST_RATE, MOST_SEMITONES
from app.domain.dialogue import Channel, Utterance
from app.domain.knowledge import Push
from app.domain.quality import indicators
from app.domain.ticket import OPERATOR_STATES, FieldState, FieldValue, TicketDraft, Value
from app.domain.ticket_record import proposed_value, submitted_value

#: In place of a value that no official catalogue holds: an operator's own words stay here.
OUTSIDE = "?"
#: Fields that are chosen out of a catalogue.
CHOICES = ("item_code", "lead_unit", "request_type")
#: Set by the program itself, neither recognised nor written.
_STAMPED = frozenset({"system", "default"})
_MOST_OFFERED = 5
_SHOWN = "shown"
_SIDES = {Channel.CITIZEN: "citizen", Channel.OPERATOR: "agent"}
_PROPOSED = {FieldState.FILLED: "filled", FieldState.SUGGESTED: "suggested"}

#: How far two texts are apart, 0 to 1.
Distance = Callable[[str, str], float]


@dataclass(frozen=True, slots=True)
class Official:
    """What may leave by its name or code: field name (``CHOICES``, ``region_district``, ``region_street``) to all values that there are."""

    values: Mapping[str, Collection[str]] = field(default_factory=dict)

    def code(self, name: str, value: Value | None) -> str:
        """The value where the catalogue holds it, ``OUTSIDE`` where it holds none such, "" for nothing."""
        if value is None or value in ("", []):
            return ""
        return value if isinstance(value, str) and value in self.values.get(name, ()) else OUTSIDE

    def place(self, name: str, value: Value | None) -> str:
        """The same for a place: "" where it is not known."""
        return code if (code := self.code(name, value)) != OUTSIDE else ""


@dataclass(frozen=True, slots=True)
class SideLevels:
    """One side's sound as it came in; see ``SoundRecord``."""

    level_dbfs: float = 0.0
    noise_dbfs: float = 0.0
    clipped_share: float = 0.0
    pitch_semitones: float = 0.0


@dataclass(frozen=True, slots=True)
class CallTold:
    """What is known of a call beside its state.

    Attributes:
        card_delays_ms: for each push in its order, from the end of the words that called for it until it was shown.
        final_delays_ms: of each side's finals, after their speech ended.
        dismissed: entries that the operator waved away.
        degradations: codes, each once.
        wrap_up_ms: from the end of the call until it was submitted.
        levels: of both sides, where sound was heard.
        unheard: stretches of the call that nobody listened to (held, recognition paused), in milliseconds.
    """

    card_delays_ms: tuple[int, ...] = ()
    final_delays_ms: Mapping[Channel, tuple[int, ...]] = field(default_factory=dict)
    dismissed: frozenset[str] = frozenset()
    degradations: tuple[str, ...] = ()
    wrap_up_ms: int = 0
    levels: Mapping[Channel, SideLevels] = field(default_factory=dict)
    unheard: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """What the quality check found."""

    findings: tuple[QualityRecord, ...] = ()
    score: float = -1.0


@dataclass(frozen=True, slots=True)
class Desk:
    """Where and by whom: random id of the PC, work number, versions by part."""

    desk: str
    agent: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Everything a record is made from besides ids: see ``recorded``."""

    state: CallState
    told: CallTold
    events: Sequence[AssistEvent] = ()
    unanswered: int = 0
    keys: int = 0
    clicks: int = 0
    checked: Checked = Checked()


def recorded(record_id: str, at: str, desk: Desk, call: Recorded, official: Official, distance: Distance) -> CallRecord:
    """The record of a call as it is submitted.

    Args:
        record_id: 32 hexadecimal digits, random.
        at: ISO 8601 with offset.
        desk: where.
        call: what is known of it; its draft is the one that is submitted, before the system stamps it.
        official: what may leave by its name.
        distance: edit distance of two texts over the longer one's length.
    """
    state, told = call.state, call.told
    draft = _filled(state.draft)
    return CallRecord(
        record_id, at, _code(desk.desk), _code(desk.agent), kind_of(state.context.call_id), duration_ms=state.position_ms,
        city=_code(state.context.city), district=_place("region_district", draft, official),
        street=_place("region_street", draft, official), matters=len(draft.matters),
        versions={_code(part): _code(version) for part, version in desk.versions.items() if version},
        fields=field_records(draft, distance), choices=choice_records(draft, official),
        cards=card_records(state.pushes, told, call.events), unanswered=call.unanswered,
        sound=sound_records(state.dialogue, told), degradations=told.degradations,
        effort=Effort(call.keys, call.clicks, told.wrap_up_ms), quality=call.checked.findings, quality_score=call.checked.score,
        voice=voice_record(state.dialogue, told))


def kind_of(call_id: str) -> CallKind:
    """By the id that the desk gave the call."""
    return CallKind.LIVE if call_id.startswith("live-") else CallKind.REPLAY


def field_records(draft: TicketDraft, distance: Distance) -> tuple[FieldRecord, ...]:
    """What became of each field of each matter."""
    found = (field_record(name, held, number, distance) for number, matter in enumerate(draft.matters) for name, held in matter.items())
    return tuple(each for each in found if each is not None)


def field_record(name: str, held: FieldValue, matter: int, distance: Distance) -> FieldRecord | None:
    """What became of one field; None where it stayed empty, or the program itself set it."""
    if held.rule in _STAMPED and held.state not in OPERATOR_STATES:
        return None
    proposed, submitted = _words(proposed_value(held)), _words(submitted_value(held))
    if not proposed and not submitted:
        return None
    state = _proposed_state(held) if proposed else ""
    outcome = _outcome(proposed, submitted, state)
    rule, sure = (_code(held.rule), min(1.0, max(0.0, held.confidence))) if proposed else ("", 0.0)
    away = 0.0 if outcome is FieldOutcome.TAKEN else round(min(1.0, max(0.0, distance(proposed, submitted))), 4)
    return FieldRecord(name, outcome, state, round(sure, 4), away, rule, matter, held.state is FieldState.CONFIRMED)


def choice_records(draft: TicketDraft, official: Official) -> tuple[ChoiceRecord, ...]:
    """What was offered and submitted out of catalogues."""
    found = []
    for number, matter in enumerate(draft.matters):
        for name in CHOICES:
            held = matter.get(name)
            if held is None or (held.rule in _STAMPED and held.state not in OPERATOR_STATES):
                continue
            offers = [proposed_value(held), *(candidate.value for candidate in held.alternatives)]
            offered = tuple(dict.fromkeys(code for code in (official.code(name, each) for each in offers) if code))[:_MOST_OFFERED]
            submitted = official.code(name, submitted_value(held))
            if offered or submitted:
                rank = offered.index(submitted) + 1 if submitted in offered and submitted != OUTSIDE else 0
                sure = round(min(1.0, max(0.0, held.confidence)), 4) if offered else 0.0
                found.append(ChoiceRecord(name, submitted, offered, rank, sure, number))
    return tuple(found)


def card_records(pushes: Sequence[Push], told: CallTold, events: Sequence[AssistEvent]) -> tuple[CardRecord, ...]:
    """Cards that came by themselves, then what the operator looked up; each entry once, with all that was done with it.

    Args:
        pushes: in order of time.
        told: their delays, and what was waved away.
        events: of this call, in any order.
    """
    acts: dict[str, dict[str, None]] = {}
    for event in sorted(events, key=lambda event: event.at_ms):
        acts.setdefault(event.entry_id, {})[str(event.act)] = None
    cards: dict[str, CardRecord] = {}
    for number, push in enumerate(pushes):
        delay_ms = told.card_delays_ms[number] if number < len(told.card_delays_ms) else -1
        for rank, ranked in enumerate(push.ranked, 1):
            entry = ranked.entry
            cards.setdefault(entry.id, CardRecord(
                _code(entry.id), entry.version, str(AssistOrigin.PUSH), _acts({_SHOWN: None, **acts.get(entry.id, {})}, entry.id, told),
                rank, delay_ms, max(0, push.at_ms)))
    for event in sorted(events, key=lambda event: event.at_ms):
        if event.entry_id not in cards:
            cards[event.entry_id] = CardRecord(_code(event.entry_id), max(0, event.entry_version), str(event.origin),
                                               _acts(acts[event.entry_id], event.entry_id, told), at_ms=max(0, event.at_ms))
    return tuple(cards.values())


def sound_records(dialogue: Sequence[Utterance], told: CallTold) -> tuple[SoundRecord, ...]:
    """Both sides' sound; a side of which nothing was heard and nothing measured is left out."""
    found = []
    voices = indicators(dialogue)
    rates = {Channel.CITIZEN: voices.citizen_rate, Channel.OPERATOR: voices.operator_rate}
    for channel, side in _SIDES.items():
        said = [each for each in dialogue if each.channel is channel]
        levels = told.levels.get(channel)
        if not said and levels is None:
            continue
        weights = [max(1, len(each.text)) for each in said]
        sure = sum(each.confidence * weight for each, weight in zip(said, weights, strict=True)) / sum(weights) if said else 0.0
        levels = levels or SideLevels()
        found.append(SoundRecord(side, round(min(1.0, max(0.0, sure)), 4), sum(max(0, each.end_ms - each.start_ms) for each in said),
                                 len(said), round(levels.level_dbfs, 1), round(levels.noise_dbfs, 1), round(levels.clipped_share, 5),
                                 _p95(told.final_delays_ms.get(channel, ())), round(min(MOST_RATE, rates[channel]), 2),
                                 round(min(MOST_SEMITONES, levels.pitch_semitones), 1)))
    return tuple(found)


def voice_record(dialogue: Sequence[Utterance], told: CallTold) -> VoiceRecord | None:
    """How the sides stood to each other; None where nothing was said."""
    if not dialogue:
        return None
    voices = indicators(dialogue, told.unheard)
    return VoiceRecord(voices.overlap_ms, voices.silence_ms, voices.longest_silence_ms)


def _filled(draft: TicketDraft) -> TicketDraft:
    """Without matters that nobody filled: they become no ticket."""
    return TicketDraft((*draft.matters[:1], *(each for each in draft.matters[1:] if any(held.value is not None for held in each.values()))))


def _outcome(proposed: str, submitted: str, state: str) -> FieldOutcome:
    if not proposed:
        return FieldOutcome.TYPED
    if submitted == proposed:
        return FieldOutcome.TAKEN
    if submitted:
        return FieldOutcome.EDITED
    return FieldOutcome.CLEARED if state == "filled" else FieldOutcome.LEFT


def _proposed_state(held: FieldValue) -> str:
    """A draft of an older program does not tell how a proposal stood when it was taken over: then it counts as the weaker one."""
    state = held.proposed_state if held.state in OPERATOR_STATES else held.state
    return _PROPOSED.get(state, "suggested")


def _acts(acts: Mapping[str, None], entry_id: str, told: CallTold) -> tuple[str, ...]:
    return (*acts, DISMISSED) if entry_id in told.dismissed else tuple(acts)


def _place(name: str, draft: TicketDraft, official: Official) -> str:
    """Of the first matter that has it."""
    found = (official.place(name, submitted_value(draft.get(name, matter))) for matter in range(len(draft.matters)))
    return next((place for place in found if place), "")


def _words(value: Value | None) -> str:
    if value is None:
        return ""
    return "、".join(value) if isinstance(value, list) else str(value)


def _p95(values: Sequence[int]) -> int:
    """Nearest rank."""
    ranked = sorted(values)
    return max(0, ranked[math.ceil(0.95 * len(ranked)) - 1]) if ranked else 0


def _code(text: str) -> str:
    """An id as the form takes it."""
    return "".join(each for each in text if each.isprintable())[:MOST_CHARACTERS]
