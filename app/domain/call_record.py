"""What a desk records of a submitted call for its lead: outcomes, codes and counts; never what was said, nor about whom.

One ``CallRecord`` a call. It is made once the ticket is submitted, lies in the encrypted store and travels to the hub by the
desk's own outbox; ``record_id`` makes it harmless to send it twice. Values of fields do not occur: a field is told by what
became of the proposal and by how far off it was. What a place or an item is, is told by its code. ``record_id`` cannot be
traced to a call without the desk's own store. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

#: Of the form below; a reader takes records of its own and of earlier forms.
RECORD_FORM = 1


class FieldOutcome(StrEnum):
    """What became of a field between proposal and submitted ticket.

    TAKEN: submitted as proposed. EDITED: proposed, and submitted otherwise. CLEARED: stood filled, and was emptied.
    LEFT: was suggested only, and nothing was submitted. TYPED: nothing was proposed, and the operator wrote it.
    """

    TAKEN = "taken"
    EDITED = "edited"
    CLEARED = "cleared"
    LEFT = "left"
    TYPED = "typed"


class CallKind(StrEnum):
    """Whether people talked, or a recording was replayed. Training is not recorded."""

    LIVE = "live"
    REPLAY = "replay"


@dataclass(frozen=True, slots=True)
class FieldRecord:
    """One field of one matter that was proposed or submitted; fields that stayed empty all along do not occur.

    Attributes:
        name: of the field table.
        outcome: what became of it.
        proposed: state of the last proposal before the operator took over or submitted: ``filled``, ``suggested``, or ``""``.
        confidence: of that proposal, 0 to 1; 0 where there was none.
        distance: how far the submitted text is from the proposed one, edit distance over the longer length, 0 (equal) to 1.
        rule: dotted name of what proposed it, "" where nothing did.
        matter: which matter of the call.
        confirmed: the operator took it expressly, rather than letting it stand.
    """

    name: str
    outcome: FieldOutcome
    proposed: str = ""
    confidence: float = 0.0
    distance: float = 0.0
    rule: str = ""
    matter: int = 0
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class ChoiceRecord:
    """A choice out of a catalogue (item, unit, type): what was offered, and what was submitted.

    Attributes:
        name: field name (``item_code``, ``handling_unit``, ``request_type``, ...).
        submitted: code (or official name, where the catalogue has no codes) that went out, "" for none.
        offered: codes that were offered, best first, at most five.
        rank: place of ``submitted`` among them, from 1; 0 where it was not among them.
        confidence: of the first one.
        matter: which matter.
    """

    name: str
    submitted: str
    offered: tuple[str, ...] = ()
    rank: int = 0
    confidence: float = 0.0
    matter: int = 0


@dataclass(frozen=True, slots=True)
class CardRecord:
    """A card of the knowledge base in this call.

    Attributes:
        entry_id: the entry.
        entry_version: its version then.
        origin: ``push``, ``search`` or ``browse``.
        acts: what was done with it, each once, of ``app.domain.assist.AssistAct`` and ``dismissed``.
        rank: its place when shown, from 1.
        delay_ms: from the end of the words that called for it until it was shown; -1 where it was asked for.
        at_ms: when, on the call's time line.
    """

    entry_id: str
    entry_version: int
    origin: str
    acts: tuple[str, ...]
    rank: int = 1
    delay_ms: int = -1
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class SoundRecord:
    """One side's sound and how well it was recognised.

    Attributes:
        side: ``citizen`` or ``agent``.
        confidence: mean confidence of its finals, weighted by length, 0 to 1.
        speech_ms: how long it spoke.
        utterances: finals.
        level_dbfs: mean level of its speech, 0 where unknown.
        noise_dbfs: noise floor, 0 where unknown.
        clipped_share: share of clipped samples, 0 to 1.
        final_p95_ms: 95th percentile of the delay of finals after their speech ended, 0 where unknown.
        rate: characters a second while speaking, 0 where unknown.
        pitch_semitones: how far the voice moved up and down: from the 10th to the 90th percentile of its pitch, 0 where unknown.
            How high it is does not stand here: that would tell people apart.
    """

    side: str
    confidence: float
    speech_ms: int
    utterances: int
    level_dbfs: float = 0.0
    noise_dbfs: float = 0.0
    clipped_share: float = 0.0
    final_p95_ms: int = 0
    rate: float = 0.0
    pitch_semitones: float = 0.0


@dataclass(frozen=True, slots=True)
class VoiceRecord:
    """How both sides spoke: indicators to look at, never findings. Between the first and the last word of the call.

    Attributes:
        overlap_ms: both spoke.
        silence_ms: nobody spoke, and somebody listened.
        longest_silence_ms: the longest such stretch.
    """

    overlap_ms: int = 0
    silence_ms: int = 0
    longest_silence_ms: int = 0


@dataclass(frozen=True, slots=True)
class Effort:
    """What the ticket cost the operator: keys and clicks in the window during call and wrap-up; seconds of wrap-up."""

    keys: int = 0
    clicks: int = 0
    wrap_up_ms: int = 0


@dataclass(frozen=True, slots=True)
class QualityRecord:
    """One finding of the quality check, without its words: rule, whether it is a breach, points, and when."""

    rule: str
    is_breach: bool
    points: float = 0.0
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One submitted call.

    Attributes:
        record_id: 32 hexadecimal digits; the same however often the record is made or sent.
        at: ISO 8601 with offset: when the ticket was submitted.
        desk: this PC's random id.
        agent: the operator's work number, may be empty.
        kind: live or replayed.
        form: of this record.
        duration_ms: of the call.
        city: official name.
        district: name as of the field table's region_district, "" where unknown.
        street: name as of region_street, "" where unknown.
        matters: how many tickets it became.
        versions: part (``program``, ``model``, ``vocabulary``, ``knowledge``, ``rules``) to version.
        fields: what became of each field.
        choices: items, units, types.
        cards: knowledge shown or opened.
        unanswered: questions that no card answered (how many; their words stay here).
        sound: both sides.
        degradations: codes of what was worse than it should be (``no_sound.citizen``, ``overload``, ``restart``, ...), each once.
        effort: keys, clicks, wrap-up.
        quality: findings of the quality check.
        quality_score: 0 to 100, -1 where the call was not checked.
        voice: overlap and silence; a record of an older program has none.
    """

    record_id: str
    at: str
    desk: str
    agent: str = ""
    kind: CallKind = CallKind.LIVE
    form: int = RECORD_FORM
    duration_ms: int = 0
    city: str = ""
    district: str = ""
    street: str = ""
    matters: int = 1
    versions: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[FieldRecord, ...] = ()
    choices: tuple[ChoiceRecord, ...] = ()
    cards: tuple[CardRecord, ...] = ()
    unanswered: int = 0
    sound: tuple[SoundRecord, ...] = ()
    degradations: tuple[str, ...] = ()
    effort: Effort = Effort()
    quality: tuple[QualityRecord, ...] = ()
    quality_score: float = -1.0
    voice: VoiceRecord | None = None
