"""One channel's way from blocks of sound to speech events: time line, resampling, endpointing, decoding.

Events depend on the sound and its place on the call's time line only (a replay at full speed gives what real time gives);
the one measured figure in them is ``compute_ms``. A track lives in the speech process and is used by its one thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import soxr
from numpy.typing import NDArray

from app.domain.dialogue import (
    Channel,
    ChannelFinished,
    HypothesisRevised,
    SpeechEvent,
    Token,
    Utterance,
    UtteranceFinal,
)
from asr.crosstalk import Crosstalk
from asr.echoed_words import without_echo
from asr.endpoint import (
    FRAME,
    Endpointer,
    EndpointEvent,
    EndpointSettings,
    SpeechEnded,
    SpeechSound,
    SpeechStarted,
    VoiceDetector,
)
from asr.engine import SAMPLE_RATE_HZ, Hypothesis, UtteranceDecoder
from asr.protocol import Mark
from asr.upsample import RATE_IN_HZ, Doubler

PARTIAL_EVERY_MS = 320
_CONTIGUOUS_MS = 20
_FILL_MS = 2_000
_PER_MS = SAMPLE_RATE_HZ // 1000
_PREFIX = {Channel.OPERATOR: "o", Channel.CITIZEN: "c"}


class _Open:
    """The utterance that is going on."""

    def __init__(self, decoder: UtteranceDecoder, event: SpeechStarted, number: int) -> None:
        self.decoder = decoder
        self.number = number
        self.start_ms = event.start // _PER_MS
        self.origin_ms = event.sound_start // _PER_MS
        self.given = 0
        self.asked_at = -PARTIAL_EVERY_MS * _PER_MS
        self.revision = 0
        self.text = ""

    def give(self, sound: NDArray[np.float32]) -> None:
        self.decoder.accept(sound)
        self.given += len(sound)

    def due(self) -> bool:
        return self.given - self.asked_at >= PARTIAL_EVERY_MS * _PER_MS


class ChannelTrack:
    """Recognition of one channel of one call.

    Args:
        mark: where to go on; a fresh call has ``Mark(channel)``.
        from_ms: place of the first sound to come (before ``mark.settled_ms`` where a predecessor's sound is replayed).
        open_utterance: gives a new decoder.
        detector: this channel's voice detector.
        settings: endpointing figures.
        wants_partials: asked before each partial; False leaves it out.
        crosstalk: where the sound of both channels of the call is kept; None hears no echo.
    """

    def __init__(self, mark: Mark, from_ms: int, open_utterance: Callable[[], UtteranceDecoder], detector: VoiceDetector,
                 settings: EndpointSettings | None = None, wants_partials: Callable[[], bool] = lambda: True,
                 crosstalk: Crosstalk | None = None) -> None:
        self._channel = mark.channel
        self._open_utterance = open_utterance
        self._next = mark.next_utterance
        self._ended_ms = mark.ended_ms
        self._skip = -from_ms * _PER_MS % FRAME
        self._endpointer = Endpointer(detector, settings, from_ms * _PER_MS + self._skip, mark.settled_ms * _PER_MS,
                                      mark.ended_ms * _PER_MS, self._words)
        self._settled_ms = mark.settled_ms
        self._heard_ms = float(from_ms)
        self._rate_hz = SAMPLE_RATE_HZ
        self._resampler: soxr.ResampleStream | None = None
        self._doubler = Doubler()
        self._crosstalk = crosstalk
        self._utterance: _Open | None = None
        self._began = 0.0
        self._wants_partials = wants_partials

    @property
    def mark(self) -> Mark:
        """How far this channel is decided."""
        settled = max(self._settled_ms, self._endpointer.settled // _PER_MS)
        number = self._utterance.number if self._utterance else self._next
        return Mark(self._channel, round(self._heard_ms), settled, self._ended_ms, number)

    def accept(self, start_ms: int, pcm: bytes, rate_hz: int) -> Iterator[SpeechEvent]:
        """Take a block (signed 16 bit little endian mono) and give what follows; exhaust the iterator."""
        self._began = time.perf_counter()
        samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float32) / 32768.0
        gap_ms = start_ms - self._heard_ms
        if gap_ms > _CONTIGUOUS_MS:
            yield from self._bridge(start_ms, gap_ms)
        elif gap_ms < -_CONTIGUOUS_MS:
            samples = samples[round(-gap_ms * rate_hz / 1000):]
        if len(samples):
            self._heard_ms += len(samples) * 1000 / rate_hz
            yield from self._run(self._at_16k(samples, rate_hz))

    def finish(self) -> Iterator[SpeechEvent]:
        """No more sound: the last final, then ``ChannelFinished``."""
        self._began = time.perf_counter()
        yield from self._run(self._drained())
        yield from self._events(self._endpointer.flush())
        yield ChannelFinished(self._channel, round(self._heard_ms))

    def _bridge(self, start_ms: int, gap_ms: float) -> Iterator[SpeechEvent]:
        """Sound is missing: a short hole becomes silence, a long one ends the utterance and moves the time line."""
        if gap_ms <= _FILL_MS:
            self._heard_ms += gap_ms
            yield from self._run(self._at_16k(np.zeros(round(gap_ms * self._rate_hz / 1000), np.float32), self._rate_hz))
            return
        yield from self._run(self._drained())
        yield from self._events(self._endpointer.skip_to(start_ms * _PER_MS))
        self._heard_ms = float(start_ms)

    def _at_16k(self, samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
        before = self._drained() if rate_hz != self._rate_hz else None
        self._rate_hz = rate_hz
        if rate_hz == RATE_IN_HZ:
            samples = self._doubler.chunk(samples)
        elif rate_hz != SAMPLE_RATE_HZ:
            if self._resampler is None:
                self._resampler = soxr.ResampleStream(rate_hz, SAMPLE_RATE_HZ, 1, dtype="float32", quality="HQ")
            samples = self._resampler.resample_chunk(samples)
        return samples if before is None else np.concatenate((before, samples))

    def _drained(self) -> NDArray[np.float32]:
        """What the resampler still holds."""
        if self._rate_hz == RATE_IN_HZ:
            return self._doubler.rest()
        if self._resampler is None:
            return np.zeros(0, np.float32)
        rest: NDArray[np.float32] = self._resampler.resample_chunk(np.zeros(0, np.float32), last=True)
        self._resampler = None
        return rest

    def _run(self, samples: NDArray[np.float32]) -> Iterator[SpeechEvent]:
        if self._skip:
            # A successor cuts frames where its predecessor did, so that replayed sound gives the same utterances.
            skipped = min(self._skip, len(samples))
            samples, self._skip = samples[skipped:], self._skip - skipped
        if self._crosstalk is not None:
            self._crosstalk.hear(self._channel, self._endpointer.heard, samples)
        yield from self._events(self._endpointer.feed(samples))

    def _events(self, endpoints: Iterator[EndpointEvent]) -> Iterator[SpeechEvent]:
        for event in endpoints:
            if isinstance(event, SpeechStarted):
                self._utterance = _Open(self._open_utterance(), event, self._next)
                self._next += 1
                self._utterance.give(event.sound)
                yield from self._partial(self._utterance)
            elif self._utterance is None:
                continue
            elif isinstance(event, SpeechSound):
                self._utterance.give(event.sound)
                yield from self._partial(self._utterance)
            else:
                yield from self._final(self._utterance, event)

    def _partial(self, held: _Open) -> Iterator[SpeechEvent]:
        if not held.due() or not self._wants_partials():
            return
        if self._is_echo(held.start_ms, self._endpointer.heard):
            held.asked_at = held.given
            return
        hypothesis = self._own(held, held.decoder.partial(), self._endpointer.heard)
        if hypothesis.text == held.text:
            return
        held.asked_at = held.given
        yield self._revised(held, hypothesis)

    def _revised(self, held: _Open, hypothesis: Hypothesis) -> HypothesisRevised:
        held.text = hypothesis.text
        held.revision += 1
        heard = round(self._heard_ms)
        word_end = held.origin_ms + hypothesis.tokens[-1].end_ms if hypothesis.tokens else heard
        return HypothesisRevised(self._id(held), held.revision, self._channel, held.start_ms, heard, min(word_end, heard),
                                 self._elapsed_ms(), hypothesis.text)

    def _final(self, held: _Open, event: SpeechEnded) -> Iterator[SpeechEvent]:
        echo = not event.blip and self._is_echo(held.start_ms, event.end)
        whole = Hypothesis("") if event.blip or echo else held.decoder.finish()
        hypothesis = self._own(held, whole, event.end)
        self._utterance = None
        self._ended_ms = event.end // _PER_MS
        if not hypothesis.text:
            if held.text:
                yield self._revised(held, hypothesis)
            return
        start_ms, end_ms = held.start_ms, max(self._ended_ms, held.start_ms + 1)
        if hypothesis is not whole:  # the rest was the other side's
            start_ms = max(start_ms, held.origin_ms + hypothesis.tokens[0].start_ms)
            end_ms = max(start_ms + 1, min(end_ms, held.origin_ms + hypothesis.tokens[-1].end_ms))
        utterance = Utterance(
            index=-1, channel=self._channel, start_ms=start_ms, end_ms=end_ms,
            text=hypothesis.text, display=hypothesis.punctuated, confidence=hypothesis.confidence,
            tokens=_placed(hypothesis.tokens, held.origin_ms),
            alternatives=tuple(replace(a, tokens=_placed(a.tokens, held.origin_ms)) for a in hypothesis.alternatives))
        yield UtteranceFinal(self._id(held), utterance, round(self._heard_ms), self._elapsed_ms())

    def _is_echo(self, start_ms: int, end: int) -> bool:
        return self._crosstalk is not None and self._crosstalk.is_echo(self._channel, start_ms * _PER_MS, end)

    def _own(self, held: _Open, hypothesis: Hypothesis, end: int) -> Hypothesis:
        """Without what the other side's echo brought into it."""
        if self._crosstalk is None or not hypothesis.tokens:
            return hypothesis
        echo = self._crosstalk.echo(self._channel, held.start_ms * _PER_MS, end)
        return without_echo(hypothesis, echo, held.origin_ms) if echo is not None else hypothesis

    def _words(self) -> str:
        """What was heard of the open utterance; the endpointer asks while its speaker pauses."""
        return self._utterance.decoder.partial().text if self._utterance else ""

    def _id(self, held: _Open) -> str:
        return f"{_PREFIX[self._channel]}-{held.number:04d}"

    def _elapsed_ms(self) -> float:
        return round((time.perf_counter() - self._began) * 1000, 3)


def _placed(tokens: tuple[Token, ...], origin_ms: int) -> tuple[Token, ...]:
    return tuple(replace(t, start_ms=t.start_ms + origin_ms, end_ms=t.end_ms + origin_ms) for t in tokens)
