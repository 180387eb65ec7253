"""A dialogue as field rules read it: turns without punctuation, each character tied to where it was said.

Recognised sound has no punctuation and cuts one turn into several utterances; a text script has light punctuation and
one utterance a turn. Both become the same view: neighbouring utterances of one side are joined, punctuation and
hesitation (呃, 嗯) are dropped and kept only as hints (``breaks``), digits and Latin letters are brought to one form
(half-width, upper case). Rules match on ``Turn.text`` and give ``Turn.evidence(start, end)`` as spans of the
utterances' own texts.

Pure: no state, no I/O. Every field module of this room may use it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from app.domain.dialogue import Channel, Utterance
from app.domain.ticket import Evidence
from app.extraction.heard_phrases import heard_phrases
from app.extraction.questions import Topic, topics

_HESITATION = frozenset("呃嗯唔")
_PAUSE_MS = 350
_CERTAIN = 0.9995
_BACKCHANNEL = re.compile(
    r"^(?:嗯|好的?|是的?|对的?|哦|啊|您?请?(?:说|讲|继续)(?:吧)?|您慢慢说|慢慢说|不急|听到了?"
    r"|明白|了解|稍等)*$"
)
_ASSENT = re.compile(
    r"^(?:哎|哦|啊|喂)*(?:对|系(?!统|列|不系)|是(?!不是|什么|谁|哪)|没错|正确|可以|好|行(?!驶|李|人)|要(?!是|么|怎)|需要|没问题"
    r"|嗯|同意|愿意|当然|清楚|方便|有(?!没有|什么|人))"
)
_DENIAL = re.compile(
    r"^(?:哎|哦|啊|喂|那)*(?:不(?!过|好意思|锈钢|管|知道|清楚|记得)|没有|没(?!错|问题|关系|变|换|改)|别|错了|非也|算了"
    r"|哪有|说错|搞错|弄错)"
)


class Reply(StrEnum):
    """How a turn answers what was said before it."""

    ASSENT = "assent"
    DENIAL = "denial"
    OTHER = "other"


@dataclass(frozen=True)
class Turn:
    """Neighbouring utterances of one side as one text.

    Attributes:
        number: place among the view's turns.
        speaker: who spoke.
        text: no punctuation, spaces or hesitation; Latin letters upper case, digits half-width.
        origin: for each character of ``text``, (utterance, offset in that utterance's text).
        breaks: positions in ``text`` before which punctuation, a pause or a new utterance stands (a hint only).
        marks: the punctuation that stands before a position, where there is any.
        confidences: for each character, 0 to 1.
        syllables: for each character, toned pinyin as heard; empty strings where the engine gives none.
        readings: the turn as other readings of its utterances have it, one utterance changed in each.
    """

    number: int
    speaker: Channel
    text: str
    origin: tuple[tuple[int, int], ...]
    breaks: frozenset[int] = frozenset()
    marks: tuple[tuple[int, str], ...] = ()
    confidences: tuple[float, ...] = ()
    syllables: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()

    @property
    def is_operator(self) -> bool:
        """The operator's turn."""
        return self.speaker is Channel.OPERATOR

    @cached_property
    def from_sound(self) -> bool:
        """Recognised, so that characters may be wrong; a text script is certain."""
        return any(confidence < _CERTAIN for confidence in self.confidences) or any(self.syllables)

    @cached_property
    def topics(self) -> tuple[Topic, ...]:
        """What it asks for or speaks of (see questions)."""
        return topics(self.text)

    @cached_property
    def is_backchannel(self) -> bool:
        """Nothing but listening noise (好的, 您说)."""
        return _BACKCHANNEL.match(self.text) is not None

    @cached_property
    def reply(self) -> Reply:
        """Assent or denial at the turn's beginning."""
        if _DENIAL.match(self.text):
            return Reply.DENIAL
        return Reply.ASSENT if _ASSENT.match(self.text) or not self.text else Reply.OTHER

    def confidence(self, start: int = 0, end: int | None = None) -> float:
        """How sure recognition was of a span: between mean and least of its characters; 1 for an empty span."""
        part = self.confidences[start:end]
        return (sum(part) / len(part) + min(part)) / 2 if part else 1.0

    def evidence(self, start: int = 0, end: int | None = None) -> tuple[Evidence, ...]:
        """The span in the utterances' own texts, one piece an utterance, in order of speech."""
        pieces: list[Evidence] = []
        for utterance, offset in self.origin[start:end]:
            if pieces and pieces[-1].utterance == utterance:
                pieces[-1] = Evidence(utterance, pieces[-1].start, offset + 1)
            else:
                pieces.append(Evidence(utterance, offset, offset + 1))
        return tuple(pieces)


@dataclass(frozen=True)
class DialogueView:
    """All turns of a call so far, in order."""

    turns: tuple[Turn, ...]

    def of(self, speaker: Channel) -> Iterator[Turn]:
        """One side's turns."""
        return (turn for turn in self.turns if turn.speaker is speaker)

    @property
    def citizen(self) -> Iterator[Turn]:
        """The citizen's turns."""
        return self.of(Channel.CITIZEN)

    @property
    def operator(self) -> Iterator[Turn]:
        """The operator's turns."""
        return self.of(Channel.OPERATOR)

    def question_before(self, turn: Turn) -> Turn | None:
        """The other side's last turn before ``turn`` that is more than listening noise."""
        for earlier in reversed(self.turns[: turn.number]):
            if earlier.speaker is not turn.speaker and not earlier.is_backchannel:
                return earlier
        return None

    def topics_before(self, turn: Turn) -> tuple[Topic, ...]:
        """What the operator asked before a citizen's turn; empty where nothing was asked."""
        question = self.question_before(turn)
        return question.topics if question is not None else ()

    def answer_after(self, turn: Turn) -> Turn | None:
        """The other side's next turn."""
        for later in self.turns[turn.number + 1 :]:
            if later.speaker is not turn.speaker:
                return later
        return None

    def exchanges(self) -> Iterator[tuple[Turn | None, Turn]]:
        """Each citizen's turn with the operator's turn that it answers."""
        return ((self.question_before(turn), turn) for turn in self.citizen)


def view_of(dialogue: Sequence[Utterance]) -> DialogueView:
    """The view of a dialogue; evidence counts utterances by their place in ``dialogue``."""
    turns: list[Turn] = []
    group: list[int] = []
    for position, utterance in enumerate(dialogue):
        if group and dialogue[group[-1]].channel is not utterance.channel:
            _close(turns, dialogue, group)
        group.append(position)
    _close(turns, dialogue, group)
    return DialogueView(tuple(turns))


def _close(turns: list[Turn], dialogue: Sequence[Utterance], group: list[int]) -> None:
    if not group:
        return
    builder = _TurnBuilder()
    for position in group:
        builder.add(position, dialogue[position])
    turns.append(builder.turn(len(turns), dialogue[group[0]].channel))
    group.clear()


class _TurnBuilder:
    """Collects the characters of one turn."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.origin: list[tuple[int, int]] = []
        self.breaks: set[int] = set()
        self.marks: dict[int, str] = {}
        self.confidences: list[float] = []
        self.syllables: list[str] = []
        self.utterances: list[tuple[str, tuple[str, ...]]] = []

    def add(self, position: int, utterance: Utterance) -> None:
        """Append one utterance."""
        confidences, syllables, pauses = _by_character(utterance)
        if self.text:
            self.breaks.add(len(self.text))
        self.utterances.append((_plain(utterance.text), tuple(_plain(other.text) for other in utterance.alternatives)))
        only_hesitation = all(not c.isalnum() or c in _HESITATION for c in utterance.text)
        for offset, raw in enumerate(utterance.text):
            if not raw.isalnum() or (raw in _HESITATION and not only_hesitation):
                self.breaks.add(len(self.text))
                if not raw.isalnum() and not raw.isspace():
                    self.marks[len(self.text)] = raw
                continue
            if offset in pauses:
                self.breaks.add(len(self.text))
            self.text.append(_normal(raw))
            self.origin.append((position, offset))
            self.confidences.append(confidences[offset])
            self.syllables.append(syllables[offset])

    def turn(self, number: int, speaker: Channel) -> Turn:
        """The finished turn."""
        text, confidences = heard_phrases().mended("".join(self.text), self.confidences)
        return Turn(
            number,
            speaker,
            text,
            tuple(self.origin),
            frozenset(self.breaks),
            tuple(sorted(self.marks.items())),
            confidences,
            tuple(self.syllables),
            self._readings(),
        )

    def _readings(self) -> tuple[str, ...]:
        """The whole turn for every other reading of one of its utterances."""
        texts = [text for text, _ in self.utterances]
        return tuple(
            "".join([*texts[:place], other, *texts[place + 1 :]])
            for place, (_, others) in enumerate(self.utterances)
            for other in others
        )


def _plain(text: str) -> str:
    return "".join(_normal(character) for character in text if character.isalnum() and character not in _HESITATION)


def _by_character(utterance: Utterance) -> tuple[list[float], list[str], set[int]]:
    """Confidence and syllable of each character, and characters before which a pause stands."""
    length = len(utterance.text)
    confidences = [utterance.confidence] * length
    syllables = [""] * length
    pauses: set[int] = set()
    last_end = None
    for token in utterance.tokens:
        if not 0 <= token.start < token.end <= length:
            continue
        for offset in range(token.start, token.end):
            confidences[offset] = token.confidence
        if token.end - token.start == 1:
            syllables[token.start] = token.syllable
        if last_end is not None and token.start_ms - last_end >= _PAUSE_MS:
            pauses.add(token.start)
        last_end = token.end_ms
    return confidences, syllables, pauses


def _normal(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character).upper()
    return folded if len(folded) == 1 else character
