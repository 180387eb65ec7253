"""A recorded call through the whole chain: sound or script -> recognition -> session -> one result.

The driver feeds sound in order of its time line; at speed ``realtime`` each block waits until it is due, at ``max`` it does
not. Recognition, extraction and knowledge push depend on the time line only, so both speeds give the same result.
"""

from __future__ import annotations

import contextlib
import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.domain.call import CallAnswered, CallEvent, CallReleased, CallState, NoticeRaised
from app.domain.dialogue import (
    Channel,
    ChannelFinished,
    HypothesisRevised,
    RecogniserFailed,
    SpeechEvent,
    Utterance,
    UtteranceFinal,
)
from app.domain.errors import AppError, BugError, EnvironmentFault, OperatorVisibleError
from app.ports.ports import AudioBlock, AudioSource, Clock, Recogniser
from app.services.call_session import CallRunner, CallSession

FINISH_DEADLINE_S = 600.0
_SPOKEN_MS_PER_CHARACTER = 220


@dataclass(slots=True)
class Latencies:
    """Latencies of one call in milliseconds, on the call's time line plus the time of computing.

    ``partial_ms``: end of a word in the audio to the partial that first shows it. ``final_ms``: end of speech to the final.
    """

    partial_ms: list[float] = field(default_factory=list)
    final_ms: list[float] = field(default_factory=list)
    _seen_word_end: dict[str, int] = field(default_factory=dict)

    def note(self, event: SpeechEvent) -> None:
        """Take one speech event."""
        if isinstance(event, HypothesisRevised):
            if event.word_end_ms > self._seen_word_end.get(event.utterance_id, -1):
                self._seen_word_end[event.utterance_id] = event.word_end_ms
                self.partial_ms.append(event.heard_ms - event.word_end_ms + event.compute_ms)
        elif isinstance(event, UtteranceFinal):
            self.final_ms.append(event.heard_ms - event.utterance.end_ms + event.compute_ms)


def percentile(values: Sequence[float], share: float) -> float | None:
    """Nearest-rank percentile, ``share`` 0 to 1; None without values."""
    if not values:
        return None
    ranked = sorted(values)
    return round(ranked[min(len(ranked) - 1, int(share * len(ranked)))], 1)


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What a replay gave. ``fault`` is set where the recording or recognition broke off; the state holds all before it."""

    state: CallState
    latencies: Latencies
    audio_ms: int
    wall_s: float
    fault: AppError | None = None


class AudioDriver:
    """Feeds a source into a recogniser, in time or as fast as it goes; can be paused and stopped from other threads.

    Args:
        source: sound of the call.
        recogniser: takes it; already started.
        clock: monotonic time.
        realtime: wait for each block until it is due.
        on_block: told each block that was fed (evidence play-back keeps them).
    """

    def __init__(self, source: AudioSource, recogniser: Recogniser, clock: Clock, realtime: bool,
                 on_block: Callable[[AudioBlock], None] | None = None) -> None:
        self._source, self._recogniser, self._clock, self._realtime = source, recogniser, clock, realtime
        self._on_block = on_block
        self._stopped = threading.Event()
        self._running = threading.Event()
        self._running.set()
        self._hushed: frozenset[str] = frozenset()
        self.position_ms = 0

    def run(self) -> AppError | None:
        """Feed everything; blocks. Returns the fault that ended the sound early, or None."""
        fault: AppError | None = None
        begin_s = self._clock.monotonic_s()
        try:
            for block in self._source.blocks():
                paused_s = self._wait_while_paused()
                begin_s += paused_s
                if self._stopped.is_set():
                    break
                if self._realtime:
                    due_s = begin_s + block.start_ms / 1000 - self._clock.monotonic_s()
                    if due_s > 0 and self._stopped.wait(due_s):
                        break
                self.position_ms = block.start_ms
                if not self._hushed:
                    self._take(block)
        except EnvironmentFault as error:
            fault = error
        finally:
            self._source.close()
        return fault

    def hush(self, reason: str, is_hushed: bool) -> None:
        """Time and sound go on, but nobody hears or keeps it, while there is any reason (the call is held, the operator wants it)."""
        self._hushed = self._hushed | {reason} if is_hushed else self._hushed - {reason}

    def _take(self, block: AudioBlock) -> None:
        self._recogniser.accept(block)
        if self._on_block is not None:
            self._on_block(block)

    def pause(self) -> None:
        """Feed nothing until ``resume``."""
        self._running.clear()

    def resume(self) -> None:
        """Go on."""
        self._running.set()

    def stop(self) -> None:
        """End feeding soon."""
        self._stopped.set()
        self._running.set()

    def close(self) -> None:
        """Stop, and free a source that was never asked for sound."""
        self.stop()
        self._source.close()

    def _wait_while_paused(self) -> float:
        if self._running.is_set():
            return 0.0
        since_s = self._clock.monotonic_s()
        self._running.wait()
        return self._clock.monotonic_s() - since_s


class SpeechGate:
    """Passes a recogniser's events on and knows when both channels are done or recognition is lost for good."""

    def __init__(self, post: Callable[[CallEvent], None], latencies: Latencies) -> None:
        self._post, self._latencies = post, latencies
        self._finished: set[Channel] = set()
        self.done = threading.Event()
        self.fault: AppError | None = None

    def __call__(self, event: SpeechEvent) -> None:
        """Take one event, on the recogniser's thread."""
        self._latencies.note(event)
        self._post(event)
        if isinstance(event, ChannelFinished):
            self._finished.add(event.channel)
            if len(self._finished) == len(Channel):
                self.done.set()
        elif isinstance(event, RecogniserFailed) and not event.recovering:
            self.fault = EnvironmentFault(event.key, lost_ms=event.lost_ms)
            self.done.set()


def replay_audio(source: AudioSource, recogniser: Recogniser, session: CallSession, clock: Clock,
                 realtime: bool, phrases: Sequence[str] = ()) -> ReplayResult:
    """Run one recording to its end; ``phrases`` are the recogniser's vocabulary. Closes source and recogniser.

    Raises:
        OperatorVisibleError: the recording or the model cannot be used at all.
        BugError: the call thread died.
    """
    latencies = Latencies()
    audio_ms = source.duration_ms or 0
    began_s = clock.monotonic_s()
    deaths: list[BaseException] = []
    runner = CallRunner(session, lambda _state, _event: None, deaths.append)
    gate = SpeechGate(runner.post, latencies)
    runner.start()
    try:
        runner.post(CallAnswered())
        recogniser.start(gate)
        recogniser.set_context(phrases)
        fault = AudioDriver(source, recogniser, clock, realtime).run()
        recogniser.finish()
        if not gate.done.wait(FINISH_DEADLINE_S):
            fault = fault or EnvironmentFault("replay.recognition_stalled")
    finally:
        recogniser.close()
        runner.post(CallReleased(audio_ms))
        runner.stop()
    if deaths:
        raise BugError("replay.call_thread_died") from deaths[0]
    return ReplayResult(session.state, latencies, audio_ms, clock.monotonic_s() - began_s, fault or gate.fault)


@dataclass(frozen=True, slots=True)
class Script:
    """A call script: its turns as finals, and what it says of the call itself. Gold answers are never read."""

    finals: tuple[UtteranceFinal, ...]
    city: str
    call_time: str
    length_ms: int


def read_script(path: Path) -> Script:
    """Read a call script (turns with speaker, text and pause).

    Raises:
        OperatorVisibleError: missing, not JSON, or without usable turns.
    """
    if not path.is_file():
        raise OperatorVisibleError("replay.script_missing", path=str(path))
    try:
        held = json.loads(path.read_text("utf-8"))
        finals: list[UtteranceFinal] = []
        at_ms = 0
        for number, turn in enumerate(held["turns"]):
            channel = Channel(turn["speaker"])
            spoken = str(turn["text"])
            start_ms = max(0, at_ms + round(float(turn.get("pause", 0.5)) * 1000))
            at_ms = start_ms + max(1, len(spoken)) * _SPOKEN_MS_PER_CHARACTER
            finals.append(UtteranceFinal(f"t-{number:04}", Utterance(-1, channel, start_ms, at_ms, spoken), at_ms))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise OperatorVisibleError("replay.script_unusable", path=str(path)) from error
    return Script(tuple(finals), str(held.get("city", "")), str(held.get("call_time", "")), at_ms)


def replay_script(script: Script, session: CallSession, clock: Clock) -> ReplayResult:
    """Run the turns of a script through the session, without recognition."""
    began_s = clock.monotonic_s()
    latencies = Latencies()
    session.apply(CallAnswered())
    for final in script.finals:
        session.apply(final)
    session.apply(CallReleased(script.length_ms))
    return ReplayResult(session.state, latencies, script.length_ms, clock.monotonic_s() - began_s)


class _PlayedCall(ABC):
    """A call played on a thread of its own into a running session.

    Args:
        name: the thread's.
        post: the call's inbox.
    """

    def __init__(self, name: str, post: Callable[[CallEvent], None]) -> None:
        self._post = post
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.fault: AppError | None = None
        self.ended = threading.Event()

    def start(self) -> None:
        """Begin; a second call does nothing."""
        with contextlib.suppress(RuntimeError):
            self._thread.start()

    def hush(self, reason: str, is_hushed: bool) -> bool:
        """Hear nothing for a while; False where there is no sound that could go unheard."""
        return False

    @abstractmethod
    def stop(self) -> None:
        """End soon."""

    def close(self, deadline_s: float = 5.0) -> None:
        """Stop and wait for the thread."""
        self.stop()
        if self._thread.is_alive():
            self._thread.join(deadline_s)

    @abstractmethod
    def _run(self) -> None:
        """Play to the end, then call ``_over``; on the thread."""

    def _over(self, position_ms: int) -> None:
        self._post(CallReleased(position_ms))
        self.ended.set()


class ReplayRun(_PlayedCall):
    """A recording played on its own thread ("audio") into a running session, for the window.

    Args:
        driver: feeds the sound.
        recogniser: started with the run, told to finish when the sound ends.
        post: the call's inbox.
        gate: tells when recognition is done.
        phrases: the recogniser's vocabulary when the call begins.
    """

    def __init__(self, driver: AudioDriver, recogniser: Recogniser, post: Callable[[CallEvent], None],
                 gate: SpeechGate, phrases: Sequence[str] = ()) -> None:
        super().__init__("audio", post)
        self._phrases = phrases
        self._driver, self._recogniser, self._gate = driver, recogniser, gate

    @property
    def position_ms(self) -> int:
        """How far the sound was fed."""
        return self._driver.position_ms

    def hush(self, reason: str, is_hushed: bool) -> bool:
        """See ``AudioDriver.hush``."""
        self._driver.hush(reason, is_hushed)
        return True

    def pause(self) -> None:
        """Feed nothing until ``resume``."""
        self._driver.pause()

    def resume(self) -> None:
        """Go on."""
        self._driver.resume()

    def stop(self) -> None:
        """End the sound; what was heard is still recognised."""
        self._driver.stop()

    def close(self, deadline_s: float = 5.0) -> None:
        """Stop and wait for the audio thread; what is not recognised yet stays so."""
        self._driver.stop()
        self._gate.done.set()
        super().close(deadline_s)
        self._driver.close()

    def _run(self) -> None:
        try:
            self._recogniser.start(self._gate)
            self._recogniser.set_context(self._phrases)
            self.fault = self._driver.run()
            self._recogniser.finish()
            self._gate.done.wait(FINISH_DEADLINE_S)
        except AppError as error:
            self.fault = error
        if self.fault is not None:
            self._post(NoticeRaised(self.fault.key, self.fault.params))
        self._over(self._driver.position_ms)


class ScriptRun(_PlayedCall):
    """A call script played into a running session on its own thread ("script"), for the window.

    Args:
        script: turns to post.
        post: the call's inbox.
        realtime: wait for each turn until it is due.
    """

    def __init__(self, script: Script, post: Callable[[CallEvent], None], realtime: bool) -> None:
        super().__init__("script", post)
        self._script, self._realtime = script, realtime
        self._stopped = threading.Event()
        self._running = threading.Event()
        self._running.set()
        self.position_ms = 0

    def pause(self) -> None:
        """Post nothing until ``resume``."""
        self._running.clear()

    def resume(self) -> None:
        """Go on."""
        self._running.set()

    def stop(self) -> None:
        """End soon."""
        self._stopped.set()
        self._running.set()

    def _run(self) -> None:
        for final in self._script.finals:
            self._running.wait()
            wait_s = max(0, final.heard_ms - self.position_ms) / 1000 if self._realtime else 0.0
            if self._stopped.wait(wait_s):
                break
            self._post(final)
            self.position_ms = final.heard_ms
        self._over(self.position_ms)
