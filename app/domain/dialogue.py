"""What two people said: tokens, utterances, and the events that speech recognition gives.

Speech, status and error are separate types. A partial (``HypothesisRevised``) replaces the one before it with the same
``utterance_id`` and is never stored; a final (``UtteranceFinal``) is said once. Times are milliseconds from the start of
the call's audio. Texts are in spoken form (幺三八, 一百二十号) without punctuation, as recognised.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """The two sides of a call; left is the operator, right the citizen."""

    OPERATOR = "operator"
    CITIZEN = "citizen"


@dataclass(frozen=True, slots=True)
class Token:
    """One recognised piece (a character, a letter) of an utterance's text.

    Attributes:
        start: first character in the utterance's text.
        end: one past the last character.
        start_ms: begin of its sound.
        end_ms: end of its sound.
        confidence: 0 to 1.
        syllable: toned pinyin as heard ("zhong1"; tone 5 is neutral), empty where the engine gives none.
    """

    start: int
    end: int
    start_ms: int
    end_ms: int
    confidence: float
    syllable: str = ""


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading of the same utterance, with its share of the probability (0 to 1).

    ``tokens`` are its pieces with syllables, times and confidence where the engine gives them; drafts do not keep them.
    """

    text: str
    confidence: float
    tokens: tuple[Token, ...] = ()


@dataclass(frozen=True, slots=True)
class Utterance:
    """One stretch of speech of one side, recognised for good.

    Attributes:
        index: place in the dialogue, counted from 0 in order of ``start_ms``'s arrival; -1 until it is placed.
        channel: who spoke.
        start_ms: begin of speech.
        end_ms: end of speech.
        text: spoken form, no punctuation (a text script may bring its light punctuation).
        display: for people: punctuation and written numbers.
        confidence: 0 to 1.
        tokens: pieces with times; empty where the engine gives none (a text script).
        alternatives: other readings, best first, without the text itself.
    """

    index: int
    channel: Channel
    start_ms: int
    end_ms: int
    text: str
    display: str = ""
    confidence: float = 1.0
    tokens: tuple[Token, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class HypothesisRevised:
    """A partial: what an utterance looks like so far.

    Attributes:
        utterance_id: same for all partials and the final of one utterance.
        revision: counts up from 1.
        channel: who speaks.
        start_ms: begin of speech.
        heard_ms: how much of the channel's audio it rests on.
        word_end_ms: where the newest word ended in the audio (latency is counted from it).
        compute_ms: time from taking the last block of sound to giving this event.
        text: spoken form.
    """

    utterance_id: str
    revision: int
    channel: Channel
    start_ms: int
    heard_ms: int
    word_end_ms: int
    compute_ms: float
    text: str


@dataclass(frozen=True, slots=True)
class UtteranceFinal:
    """A final: the utterance is over and will not change.

    ``heard_ms`` is how much of the channel's audio was heard when it was decided, ``compute_ms`` the time from taking the
    last block of sound to giving this event.
    """

    utterance_id: str
    utterance: Utterance
    heard_ms: int = 0
    compute_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class ChannelFinished:
    """All audio of one channel was recognised; ``heard_ms`` is its length."""

    channel: Channel
    heard_ms: int


@dataclass(frozen=True, slots=True)
class RecogniserFailed:
    """Recognition stopped or lost something; ``recovering`` says whether a new worker takes over by itself."""

    key: str
    recovering: bool
    lost_ms: int = 0


SpeechEvent = HypothesisRevised | UtteranceFinal | ChannelFinished | RecogniserFailed


@dataclass(frozen=True, slots=True)
class CallContext:
    """What is known of a call before a word is said.

    Attributes:
        call_id: key of the call; no personal data.
        call_time: ISO 8601 with offset; relative times in the talk count from it.
        city: official name of the hotline's city (广州市).
        caller_number: calling line, digits; empty where withheld. Where the operator called: the number that was dialled.
        is_outgoing: the operator called the citizen.
    """

    call_id: str
    call_time: str
    city: str
    caller_number: str = ""
    is_outgoing: bool = False
