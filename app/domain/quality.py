"""Quality check of a call (质检): rules as data over the dialogue with its times; each finding with the words that carry it.

A rule that does not apply to a call says nothing: a call without a dictated number has none to read back. What recognition may have
misheard is also taken by its sound (``says``), and a number counts as read back where enough of its digits come back: a false
accusation is worse than a missed one. ``due`` gives what can still be mended while the citizen is there. Voice indicators are figures
for a person to look at, never findings. Pure; any thread.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum

from app.domain.dialogue import Channel, Utterance
from app.domain.spoken_digits import as_digits, digit_runs
from app.domain.ticket import Evidence, TicketDraft

WHOLE_SCORE = 100.0
_LEAST_DICTATED = 7
_MEANT_SHARE = 0.5
_NUMBER_TURNS = 3


class RuleKind(StrEnum):
    """How a rule looks at a call; see ``resources/quality_rules.toml``."""

    SAYS = "says"
    NEVER = "never"
    READ_BACK = "read_back"
    INTERRUPTS = "interrupts"
    SILENCE = "silence"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class QualityRule:
    """One rule.

    Attributes:
        id: stable name; its text is the message ``quality.<id>``.
        kind: how it looks.
        points: taken from 100 by a breach.
        words: of the operator.
        sounds: the same by sound: toneless pinyin, blanks between.
        excused: words of either side that make it void.
        only_types: request types that it is for; empty: all.
        not_types: request types that it is not for.
        least_said: utterances of the operator from which it counts.
        remind: whether it is told while the citizen is there.
        figures: what else its kind needs.
    """

    id: str
    kind: RuleKind
    points: float = 0.0
    words: tuple[re.Pattern[str], ...] = ()
    sounds: tuple[str, ...] = ()
    excused: tuple[re.Pattern[str], ...] = ()
    only_types: frozenset[str] = frozenset()
    not_types: frozenset[str] = frozenset()
    least_said: int = 0
    remind: bool = False
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """A breach of a rule.

    Attributes:
        rule: its id.
        points: taken from the score.
        at_ms: when, on the call's time line.
        evidence: the words that carry it; for something that was not said those after which it was due.
    """

    rule: str
    points: float
    at_ms: int
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """What was found, and the score, 0 to 100; -1 where nothing could be checked."""

    findings: tuple[Finding, ...] = ()
    score: float = -1.0


@dataclass(frozen=True, slots=True)
class VoiceIndicators:
    """How both sides spoke. Figures, no verdicts.

    Attributes:
        operator_rate: characters a second of the operator, 0 where unknown.
        citizen_rate: of the citizen.
        overlap_ms: both spoke.
        silence_ms: nobody spoke, between first and last word.
        longest_silence_ms: the longest such stretch.
        operator_share: of all speaking time, 0 to 1.
    """

    operator_rate: float = 0.0
    citizen_rate: float = 0.0
    overlap_ms: int = 0
    silence_ms: int = 0
    longest_silence_ms: int = 0
    operator_share: float = 0.0


@dataclass(frozen=True, slots=True)
class _Call:
    said: tuple[Utterance, ...]
    operator: tuple[Utterance, ...]
    citizen: tuple[Utterance, ...]
    types: frozenset[str]
    phone: str
    unheard: tuple[tuple[int, int], ...] = ()


def check(rules: Sequence[QualityRule], dialogue: Sequence[Utterance], draft: TicketDraft,
          unheard: Sequence[tuple[int, int]] = ()) -> QualityCheck:
    """All breaches of a whole call, in order of time.

    Args:
        rules: of the centre.
        dialogue: in order of arrival.
        draft: the ticket: which types it has, which phone the citizen gave.
        unheard: stretches (milliseconds) that nobody listened to: no silence.
    """
    call = _call(dialogue, draft, unheard)
    if not call.operator:
        return QualityCheck()
    found = sorted((finding for rule in rules for finding in _breaches(rule, call)), key=lambda finding: (finding.at_ms, finding.rule))
    return QualityCheck(tuple(found), max(0.0, WHOLE_SCORE - sum(finding.points for finding in found)))


def due(rules: Sequence[QualityRule], dialogue: Sequence[Utterance], draft: TicketDraft) -> tuple[str, ...]:
    """Ids of what is missing by now and can still be said while the citizen is there.

    What may come at any time is due once the operator has said ``remind_after`` things after the citizen gave the phone (particulars
    come last, in either order), or ``remind_said`` things in all; a number once ``remind_after`` further things were said.

    Args:
        rules: of the centre; those that remind count.
        dialogue: so far.
        draft: the ticket so far.
    """
    call = _call(dialogue, draft)
    given = _phone_given(call, draft)
    return tuple(dict.fromkeys(finding.rule for rule in rules if rule.remind for finding in _breaches(rule, call)
                               if _is_due(rule, finding, call, given)))


def _is_due(rule: QualityRule, finding: Finding, call: _Call, given: int | None) -> bool:
    since = finding.evidence[0].utterance
    if rule.kind is not RuleKind.READ_BACK:
        if len(call.operator) >= rule.figures.get("remind_said", float("inf")):
            return True
        if given is None:
            return False
        since = max(since, given)
    return sum(each.index > since for each in call.operator) >= rule.figures.get("remind_after", 2)


def _phone_given(call: _Call, draft: TicketDraft) -> int | None:
    """Index of the utterance in which the phone on the ticket was given, -1 where it stood there before, None where there is none."""
    if not call.phone:
        return None
    if dictated := _dictated(call):
        return dictated[0][0].index
    return max((each.utterance for each in draft.get("contact_phone").evidence), default=-1)


def indicators(dialogue: Sequence[Utterance], unheard: Sequence[tuple[int, int]] = ()) -> VoiceIndicators:
    """Rates, overlap and silence.

    Args:
        dialogue: in any order.
        unheard: stretches (milliseconds) that nobody listened to: no silence.
    """
    said = sorted(dialogue, key=lambda each: each.start_ms)
    if not said:
        return VoiceIndicators()
    overlap_ms = silence_ms = longest_ms = 0
    ended_ms = said[0].end_ms
    for each in said[1:]:
        gap_ms = each.start_ms - ended_ms
        if gap_ms > 0:
            gap_ms -= _deaf_ms(unheard, ended_ms, each.start_ms)
            silence_ms, longest_ms = silence_ms + gap_ms, max(longest_ms, gap_ms)
        else:
            overlap_ms += min(-gap_ms, each.end_ms - each.start_ms)
        ended_ms = max(ended_ms, each.end_ms)
    spoken = {channel: sum(each.end_ms - each.start_ms for each in said if each.channel is channel) for channel in Channel}
    whole = sum(spoken.values())
    return VoiceIndicators(_rate(said, Channel.OPERATOR), _rate(said, Channel.CITIZEN), overlap_ms, silence_ms, longest_ms,
                           spoken[Channel.OPERATOR] / whole if whole else 0.0)


def _call(dialogue: Sequence[Utterance], draft: TicketDraft, unheard: Sequence[tuple[int, int]] = ()) -> _Call:
    types = frozenset(str(value) for matter in range(len(draft.matters)) if (value := draft.get("request_type", matter).value))
    said = tuple(dialogue)
    phone = str(draft.get("contact_phone").value or "")
    return _Call(said, tuple(each for each in said if each.channel is Channel.OPERATOR),
                 tuple(each for each in said if each.channel is Channel.CITIZEN), types or frozenset({""}), as_digits(phone),
                 tuple(unheard))


def _breaches(rule: QualityRule, call: _Call) -> tuple[Finding, ...]:
    if len(call.operator) < rule.least_said or (rule.only_types and not rule.only_types & call.types) or call.types <= rule.not_types:
        return ()
    if any(pattern.search(each.text) for pattern in rule.excused for each in call.said):
        return ()
    return _LOOKS[rule.kind](rule, call)


def _says(rule: QualityRule, call: _Call) -> tuple[Finding, ...]:
    first, last = int(rule.figures.get("first", 0)), int(rule.figures.get("last", 0))
    among = call.operator[:first] if first else call.operator[-last:] if last else call.operator
    if any(_heard(rule, each) for each in among):
        return ()
    at = among[-1] if last else call.operator[0]
    return (_finding(rule, at),)


def _never(rule: QualityRule, call: _Call) -> tuple[Finding, ...]:
    found = [(each, match) for each in call.operator for pattern in rule.words for match in pattern.finditer(each.text)]
    first = {each.index: (each, match) for each, match in reversed(found)}  # one finding for each utterance
    return tuple(Finding(rule.id, rule.points, each.start_ms, (Evidence(each.index, match.start(), match.end()),))
                 for _, (each, match) in sorted(first.items()))


def _read_back(rule: QualityRule, call: _Call) -> tuple[Finding, ...]:
    """Only a number that the citizen dictated, and that stands on the ticket, must be said back."""
    if len(call.phone) < _LEAST_DICTATED:
        return ()
    dictated = _dictated(call)
    if not dictated:
        return ()
    place = dictated[0][0]
    later = [each for each in call.operator if each.index > place.index]
    wanted = min(rule.figures.get("least_digits", _LEAST_DICTATED), rule.figures.get("share", 1.0) * len(call.phone))
    for at in range(len(later)):
        if _common("".join(as_digits(each.text) for each in later[at:at + _NUMBER_TURNS]), call.phone) >= wanted:
            return ()
    start, end = dictated[0][1]
    return (Finding(rule.id, rule.points, place.end_ms, (Evidence(place.index, start, end),)),)


def _dictated(call: _Call) -> list[tuple[Utterance, tuple[int, int]]]:
    """Where the citizen said the number on the ticket: utterances and their runs of digits."""
    return [(each, span) for each in call.citizen for span in digit_runs(each.text, 3)
            if _common(as_digits(each.text), call.phone) >= _MEANT_SHARE * len(call.phone)]


def _interrupts(rule: QualityRule, call: _Call) -> tuple[Finding, ...]:
    after_ms, on_ms = rule.figures.get("after_ms", 0), rule.figures.get("goes_on_ms", 0)
    cut = [each for each in call.operator if any(
        other.start_ms + after_ms <= each.start_ms and each.start_ms + on_ms <= other.end_ms for other in call.citizen)]
    most = int(rule.figures.get("most", 0))
    return (_finding(rule, *cut[most:]),) if len(cut) > most else ()


def _silence(rule: QualityRule, call: _Call) -> tuple[Finding, ...]:
    said, found = sorted(call.said, key=lambda each: each.start_ms), []
    ended_ms = said[0].end_ms
    for before, each in itertools.pairwise(said):
        ended_ms = max(ended_ms, before.end_ms)
        held = any(_heard(rule, other) for other in call.operator if other.end_ms <= ended_ms and other.end_ms >= ended_ms - 15_000)
        longest = rule.figures.get("longest_held_ms" if held else "longest_ms", float("inf"))
        if each.start_ms - ended_ms - _deaf_ms(call.unheard, ended_ms, each.start_ms) > longest:
            found.append(Finding(rule.id, rule.points, ended_ms, (Evidence(before.index, 0, len(before.text)),)))
    return tuple(found)


def _deaf_ms(unheard: Sequence[tuple[int, int]], since_ms: int, until_ms: int) -> int:
    """How much of a stretch nobody listened to; held and paused at once counts once."""
    passed_ms, deaf_ms = since_ms, 0
    for begin_ms, end_ms in sorted(unheard):
        first_ms, last_ms = max(begin_ms, passed_ms), min(end_ms, until_ms)
        if last_ms > first_ms:
            passed_ms, deaf_ms = last_ms, deaf_ms + last_ms - first_ms
    return deaf_ms


def _rates(rule: QualityRule, call: _Call) -> tuple[Finding, ...]:
    rate = _rate(call.operator, Channel.OPERATOR)
    fits = not rate or rule.figures.get("slowest", 0.0) <= rate <= rule.figures.get("fastest", float("inf"))
    return () if fits else (_finding(rule, call.operator[0]),)


_LOOKS: Mapping[RuleKind, Callable[[QualityRule, _Call], tuple[Finding, ...]]] = {
    RuleKind.SAYS: _says, RuleKind.NEVER: _never, RuleKind.READ_BACK: _read_back, RuleKind.INTERRUPTS: _interrupts,
    RuleKind.SILENCE: _silence, RuleKind.RATE: _rates,
}


def _finding(rule: QualityRule, *at: Utterance) -> Finding:
    return Finding(rule.id, rule.points, at[0].start_ms, tuple(Evidence(each.index, 0, len(each.text)) for each in at))


def _heard(rule: QualityRule, said: Utterance) -> bool:
    if any(pattern.search(said.text) for pattern in rule.words):
        return True
    sound = f" {' '.join(token.syllable.rstrip('012345') for token in said.tokens)} " if rule.sounds else ""
    return any(f" {wanted} " in sound for wanted in rule.sounds)


def _rate(said: Sequence[Utterance], channel: Channel) -> float:
    mine = [each for each in said if each.channel is channel and each.end_ms > each.start_ms]
    spoken_ms = sum(each.end_ms - each.start_ms for each in mine)
    return sum(sum(letter.isalnum() for letter in each.text) for each in mine) * 1000 / spoken_ms if spoken_ms else 0.0


def _common(one: str, other: str) -> int:
    """How many digits in a row (a single wrong one between two runs is passed over) stand in both."""
    blocks = [block for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks() if block.size >= 2]
    shifts = {block.a - block.b for block in blocks}
    return max((sum(block.size for block in blocks if abs(block.a - block.b - shift) <= 1) for shift in shifts), default=0)
