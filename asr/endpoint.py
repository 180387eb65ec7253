"""Endpointing: where an utterance begins and ends on one channel, causally, from a voice detector's probabilities.

Why a state machine of our own around a small detector: the decoder wants sound from before the first syllable (a streaming
encoder mishears a turn that is cut tightly), phone numbers are read in groups with half a second between them and must
stay together, and the operator must not wait longer than 700 ms for a final. So speech is declared after a short run
of voiced frames, the pre-roll goes to the decoder first, and an utterance ends after a pause whose length depends on the words
heard so far (``asr.completeness``); the longer it lasts, the shorter the pause that ends it, so that a monologue is cut where
the speaker breathes.

Rules: positions are samples of the channel at 16 kHz and events depend on them only, never on wall time or on how sound
was blocked. One endpointer serves one channel and one thread. Quiet frames cost a few microseconds: the detector is asked
only when a frame rises above the channel's own noise floor (``NoiseFloor``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from asr.completeness import Pauses, pause_after
from asr.engine import SAMPLE_RATE_HZ
from asr.tones import is_signal

FRAME = 512
FRAME_MS = FRAME * 1000 // SAMPLE_RATE_HZ
WARM_FRAMES = 8
Samples = NDArray[np.float32]


class VoiceDetector(Protocol):
    """Probability that a frame holds speech."""

    def probability(self, frame: Samples) -> float:
        """0 to 1 for the next FRAME samples at 16 kHz; frames come in order."""

    def reset(self) -> None:
        """Forget what came before."""


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """Figures of the state machine; measured by tests/bench/endpoint.py.

    Attributes:
        on: probability that counts as speech while none is going on.
        on_loud: the same for a frame that stands ``loud_db`` above the noise floor: a lone 对 of 300 ms convinces no detector.
        loud_db: see above.
        off: probability below which a frame is silence while speech is going on.
        onset_frames: voiced frames out of the last ``onset_window`` that begin an utterance.
        onset_window: see above.
        pauses: silence that ends an utterance.
        preroll_ms: sound from before the first voiced frame that the decoder gets.
        least_ms: what held less speech than this was a click or a note of music: it gives no final.
        soften_after_ms: from this age of an utterance on the pause shrinks linearly ...
        breath_db: from then on a frame less than this above the noise floor counts as a pause too.
        shortest_pause_ms: ... to this, reached at ``longest_ms``.
        longest_ms: an utterance is cut here, come what may.
    """

    on: float = 0.5
    on_loud: float = 0.2
    loud_db: float = 14.0
    off: float = 0.35
    onset_frames: int = 3
    onset_window: int = 5
    pauses: Pauses = field(default_factory=Pauses)
    preroll_ms: int = 500
    least_ms: int = 112
    soften_after_ms: int = 14_000
    breath_db: float = 8.0
    shortest_pause_ms: int = 96
    longest_ms: int = 28_000


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Speech was found: it began at ``start``; ``sound`` is for the decoder and begins at ``sound_start`` (pre-roll)."""

    start: int
    sound_start: int
    sound: Samples


@dataclass(frozen=True, slots=True)
class SpeechSound:
    """More sound of the utterance, one frame."""

    sound: Samples


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The utterance is over; its last speech ended at ``end`` (samples). ``blip``: too short to have been speech."""

    end: int
    blip: bool = False


EndpointEvent = SpeechStarted | SpeechSound | SpeechEnded


class NoiseFloor:
    """The level below which a channel's frames need no detector: the lowest of the last seconds plus a margin.

    Line noise differs by 40 dB between sources, so the floor is the channel's own. Only frames well under any speech are
    spared; a mistake costs computing time, not words, because the margin is small and speech rises in a frame or two.
    """

    WINDOW_FRAMES = 64
    WINDOWS = 8
    MARGIN_DB = 3.0
    ALWAYS_QUIET_DB = -66.0

    def __init__(self) -> None:
        self._minima: deque[float] = deque(maxlen=self.WINDOWS)
        self._current = 0.0
        self._count = 0
        self._smooth: float | None = None
        self.above_db = 0.0

    def is_quiet(self, level_db: float) -> bool:
        """Take one frame's level; True where the detector need not be asked. ``above_db``: its distance from the floor."""
        self._smooth = level_db if self._smooth is None else 0.7 * self._smooth + 0.3 * level_db
        self._current = min(self._current, self._smooth)
        self._count += 1
        if self._count >= self.WINDOW_FRAMES:
            self._minima.append(self._current)
            self._current, self._count = self._smooth, 0
        floor = max(self.ALWAYS_QUIET_DB, min((*self._minima, self._current)))
        self.above_db = level_db - floor
        return level_db < self.ALWAYS_QUIET_DB or (bool(self._minima) and level_db < floor + self.MARGIN_DB)


class Endpointer:
    """The state machine of one channel.

    Args:
        detector: the channel's own voice detector.
        settings: figures.
        position: sample position of the first sample to come.
        decided: no utterance may begin before this position (sound replayed for warming up after a restart).
        ended: end of the utterance before; pre-roll does not reach back over it.
        words: what was heard of the open utterance so far; asked while its speaker pauses.
    """

    def __init__(self, detector: VoiceDetector, settings: EndpointSettings | None = None, position: int = 0,
                 decided: int = 0, ended: int = 0, words: Callable[[], str] = str) -> None:
        self._detector = detector
        self._words = words
        self._set = settings or EndpointSettings()
        self._floor = NoiseFloor()
        self._rest: Samples = np.zeros(0, np.float32)
        self._position = position
        self._decided = decided
        keep = self._set.preroll_ms // FRAME_MS + self._set.onset_window + WARM_FRAMES
        self._past: deque[Samples] = deque(maxlen=keep)
        self._voiced: deque[bool] = deque(maxlen=self._set.onset_window)
        self._asleep = 0
        self._speaking = False
        self._start = 0
        self._silent_ms = 0
        self._quiet_ms = 0
        self._last_speech = 0
        self._ended = ended

    @property
    def heard(self) -> int:
        """Samples taken so far, those that wait for a full frame included."""
        return self._position + len(self._rest)

    @property
    def settled(self) -> int:
        """All sound before this position is decided: what comes out of it has come out."""
        if self._speaking:
            return self._start
        pending = len(self._voiced) if any(self._voiced) else 0
        return max(self._ended, self._decided, self._position - pending * FRAME)

    @property
    def speaking(self) -> bool:
        """Whether an utterance is open."""
        return self._speaking

    def feed(self, samples: Samples) -> Iterator[EndpointEvent]:
        """Take sound and give what follows from it, frame by frame (lazily: exhaust the iterator)."""
        data = np.concatenate((self._rest, samples)) if len(self._rest) else samples
        whole = len(data) // FRAME
        self._rest = data[whole * FRAME:].copy()
        for number in range(whole):
            yield from self._frame(data[number * FRAME:(number + 1) * FRAME])

    def flush(self) -> Iterator[EndpointEvent]:
        """No more sound: end what is open."""
        if len(self._rest):
            short, self._rest = self._rest, np.zeros(0, np.float32)
            padded = np.concatenate((short, np.zeros(FRAME - len(short), np.float32)))
            yield from self._frame(padded)
            self._position -= FRAME - len(short)
        if self._speaking:
            yield self._end()

    def skip_to(self, position: int) -> Iterator[EndpointEvent]:
        """The time line jumps (lost sound): end what is open and go on at ``position``."""
        yield from self.flush()
        self._position = position
        self._ended = max(self._ended, position)
        self._past.clear()
        self._voiced.clear()
        self._detector.reset()

    def _frame(self, frame: Samples) -> Iterator[EndpointEvent]:
        level_db = 10.0 * float(np.log10(np.dot(frame, frame) / FRAME + 1e-12))
        quiet = self._floor.is_quiet(level_db)
        probability = self._ask(frame, quiet and not self._speaking)
        self._past.append(frame)
        self._position += FRAME
        if self._speaking:
            yield SpeechSound(frame)
            yield from self._go_on(probability)
        else:
            yield from self._wait(probability)

    def _ask(self, frame: Samples, spare: bool) -> float:
        """The detector's probability; after a stretch of spared frames it first hears the last of them again."""
        if spare and not any(self._voiced):
            self._asleep += 1
            return 0.0
        if self._asleep:
            if self._asleep >= WARM_FRAMES:
                self._detector.reset()  # after hold music its memory holds music: it missed the first seconds of speech
            for past in list(self._past)[-min(self._asleep, WARM_FRAMES):]:
                self._detector.probability(past)
            self._asleep = 0
        probability = self._detector.probability(frame)
        return 0.0 if probability >= self._set.on_loud and is_signal(frame) else probability

    def _wait(self, probability: float) -> Iterator[EndpointEvent]:
        if self._position <= self._decided:
            return
        loud = self._floor.above_db >= self._set.loud_db
        self._voiced.append(probability >= (self._set.on_loud if loud else self._set.on))
        if sum(self._voiced) < self._set.onset_frames:
            return
        run = len(self._voiced) - list(self._voiced).index(True)
        start = max(self._position - run * FRAME, self._ended)
        sound = self._before(start)
        self._speaking, self._start = True, start
        self._silent_ms, self._quiet_ms, self._last_speech = 0, 0, self._position
        self._voiced.clear()
        yield SpeechStarted(start, self._position - len(sound), sound)

    def _before(self, start: int) -> Samples:
        """Sound up to now, from ``preroll_ms`` before ``start`` on, but not from within the utterance before."""
        first = max(start - self._set.preroll_ms * SAMPLE_RATE_HZ // 1000, self._ended)
        wanted = self._position - first
        sound: Samples = np.concatenate(list(self._past))
        return sound[-wanted:] if wanted < len(sound) else sound

    def _go_on(self, probability: float) -> Iterator[EndpointEvent]:
        if probability >= self._set.off:
            self._silent_ms, self._last_speech = 0, self._position
        else:
            self._silent_ms += FRAME_MS
        self._quiet_ms = self._quiet_ms + FRAME_MS if self._floor.above_db < self._set.breath_db else 0
        age_ms = (self._position - self._start) * 1000 // SAMPLE_RATE_HZ
        # A breath of 100 ms passes the detector by, which looks further back; the level shows it.
        pause_ms = self._silent_ms if age_ms < self._set.soften_after_ms else max(self._silent_ms, self._quiet_ms)
        if age_ms >= self._set.longest_ms or (pause_ms >= self._shortest(age_ms) and pause_ms >= self._pause_that_ends(age_ms)):
            yield self._end()

    def _shortest(self, age_ms: int) -> float:
        """The pause below which nothing ends, whatever the words."""
        return self._softened(self._set.pauses.complete_ms, age_ms)

    def _pause_that_ends(self, age_ms: int) -> float:
        """Asks for the words, so only where the pause might be long enough."""
        return self._softened(pause_after(self._words(), self._set.pauses), age_ms)

    def _softened(self, pause_ms: float, age_ms: int) -> float:
        s = self._set
        if age_ms <= s.soften_after_ms:
            return pause_ms
        share = min(1.0, (age_ms - s.soften_after_ms) / (s.longest_ms - s.soften_after_ms))
        return pause_ms + share * (s.shortest_pause_ms - pause_ms)

    def _end(self) -> SpeechEnded:
        self._speaking = False
        self._silent_ms = 0
        self._voiced.clear()
        self._ended = self._last_speech
        blip = (self._last_speech - self._start) * 1000 < self._set.least_ms * SAMPLE_RATE_HZ
        return SpeechEnded(self._last_speech, blip)
