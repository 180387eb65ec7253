"""The ``Recogniser`` of the program: owns the speech process, feeds it, restarts it, and loses no sound silently.

A call's sound is kept until the worker has decided it (``asr.backlog``). When the worker dies, hangs or talks nonsense, a
new one is started after a short, growing pause and hears the undecided sound again; finals carry the mark from which it
goes on, in the same frame, so that none is lost and none comes twice. Sound that ends three workers in a row is given up
and reported.

Threads: ``asr-io`` (spawns, reads, calls ``on_event``), ``asr-writer`` (the only one that writes to the pipe, so that neither
``on_event`` nor a full pipe can lock the others), ``asr-watch`` (kills a silent worker). ``accept`` blocks while more than
``max_pending_ms`` of sound waits: that is the back-pressure on a file; a live call stays far below it.

    with client.warm() early, then per call: start(on_event), accept(...)*, finish(), ... ChannelFinished x 2; close() once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.domain.dialogue import (
    Channel,
    ChannelFinished,
    HypothesisRevised,
    RecogniserFailed,
    SpeechEvent,
    UtteranceFinal,
)
from app.domain.errors import AppError, EnvironmentFault
from app.ports.ports import AudioBlock
from asr.backlog import Backlog
from asr.engine import Capabilities
from asr.loading import EngineSpec, spec_to_json
from asr.overload import NOTICE, Effort, LoadControl, OverloadSettings
from asr.protocol import (
    VERSION,
    Frame,
    ProtocolFault,
    event_from_json,
    mark_from_json,
    mark_to_json,
    read_frame,
    write_frame,
)
from asr.usage import Usage, usage_from_json
from asr.worker_process import WorkerProcess, worker_command

log = logging.getLogger(__name__)
OnEvent = Callable[[SpeechEvent], None]
Message = tuple[dict[str, object], bytes]


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """Limits of the client.

    Attributes:
        max_pending_ms: unrecognised sound of both channels at which ``accept`` blocks.
        start_timeout_s: a worker that has not loaded its engine by then is killed.
        beat_timeout_s: a worker that gives no sign of life for so long is killed.
        progress_timeout_s: a worker that has sound but finishes no block for so long is killed.
        poison_deaths: deaths without progress after which the sound at hand is given up.
        max_deaths: deaths without progress after which recognition of the call is given up.
        overload: what a live call gives up first when the PC is too busy; None for replays, which take their time.
    """

    max_pending_ms: int = 60_000
    start_timeout_s: float = 180.0
    beat_timeout_s: float = 10.0
    progress_timeout_s: float = 90.0
    poison_deaths: int = 3
    max_deaths: int = 6
    overload: OverloadSettings | None = None


class RecogniserClient:
    """See the module. All public methods are safe from any thread; one call at a time.

    Args:
        spec: the engine that the worker loads.
        settings: limits.
        command: how the worker is started (tests).
        environment: variables for the worker on top of this process's.
    """

    def __init__(self, spec: EngineSpec, settings: ClientSettings | None = None, command: Sequence[str] | None = None,
                 environment: Mapping[str, str] | None = None) -> None:
        self._spec = spec
        self._set = settings or ClientSettings()
        self._command = list(command or worker_command())
        self._environment = dict(environment or {})
        self._cond = threading.Condition()
        self._threads: dict[str, threading.Thread] = {}
        self._process: WorkerProcess | None = None
        self._ready = False
        self._closed = False
        self._fault: AppError | None = None
        self._outbox: deque[Message] = deque()
        self._call = 0
        self._on_event: OnEvent | None = None
        self._backlog = Backlog()
        self._load = LoadControl(self._set.overload, time.monotonic())
        self._phrases: list[str] = []
        self._finishing = False
        self._revisions: dict[str, int] = {}
        self._deaths = 0
        self._dead = False
        self._last_sign = 0.0
        self._last_progress = 0.0
        self._versions: dict[str, str] = {}
        self._capabilities = Capabilities(False, False, False, False)
        self._usage_before = Usage()
        self._usage = Usage()
        self.restarts = 0

    # ------------------------------------------------------------------ what the program calls

    @property
    def versions(self) -> dict[str, str]:
        """Engine, model and language-model versions; empty until the worker is ready."""
        with self._cond:
            return dict(self._versions)

    @property
    def capabilities(self) -> Capabilities:
        """What the engine can do; nothing until the worker is ready."""
        with self._cond:
            return self._capabilities

    @property
    def usage(self) -> Usage:
        """Computing time of all workers so far and the highest memory of any of them."""
        with self._cond:
            return self._usage_before.plus(self._usage)

    @property
    def pending_ms(self) -> float:
        """Sound taken and not yet recognised, both channels together."""
        with self._cond:
            return self._backlog.pending_ms

    @property
    def worker_pid(self) -> int | None:
        """Process id of the running worker, for diagnosis."""
        with self._cond:
            return self._process.pid if self._process else None

    def warm(self) -> None:
        """Start the worker ahead of the first call, or once more after recognition was given up; returns at once."""
        failed = self._threads.get("asr-io") if self._fault else None
        if failed is not None and failed is not threading.current_thread():
            failed.join(3.0)
        with self._cond:
            if self._closed:
                return
            if failed is not None and not failed.is_alive():
                self._threads.pop("asr-io", None)
                self._fault, self._deaths = None, 0
            for target, name in ((self._io, "asr-io"), (self._write, "asr-writer"), (self._watch, "asr-watch")):
                if name not in self._threads:
                    self._threads[name] = threading.Thread(target=target, name=name, daemon=True)
                    self._threads[name].start()

    def wait_ready(self, timeout_s: float = 180.0) -> bool:
        """Wait until the engine is loaded; False where the time is up.

        Raises:
            AppError: the engine cannot be loaded (a missing or damaged model), by its own key.
        """
        self.warm()
        with self._cond:
            self._cond.wait_for(lambda: self._ready or self._fault or self._closed, timeout_s)
            if self._fault:
                raise self._fault
            return self._ready

    def start(self, on_event: OnEvent) -> None:
        """Begin a call: sound of a call before it is forgotten. Events come on the thread ``asr-io``."""
        self.warm()
        with self._cond:
            self._call += 1
            self._on_event = on_event
            self._backlog = Backlog()
            self._load = LoadControl(self._set.overload, time.monotonic())
            self._phrases = []
            self._finishing = False
            self._revisions = {}
            self._deaths = 0
            self._dead = False
            self._last_progress = time.monotonic()
            self._refill()

    def accept(self, block: AudioBlock) -> None:
        """Take sound; blocks while too much waits. Sound for a recogniser that has failed for good is counted as lost there."""
        with self._cond:
            self._cond.wait_for(lambda: self._backlog.pending_ms < self._set.max_pending_ms or self._dead or self._closed)
            if self._dead or self._closed or self._finishing:
                return
            if not self._load.sets_aside(block):
                self._queue(block)

    def set_context(self, phrases: Sequence[str]) -> None:
        """Words likely from now on; replaces the ones before."""
        with self._cond:
            self._phrases = list(phrases)
            self._send(({"type": "context", "phrases": self._phrases}, b""))

    def finish(self) -> None:
        """No more sound; returns at once, the last finals and a ``ChannelFinished`` a channel follow."""
        with self._cond:
            if self._finishing:
                return
            self._finishing = True
            self._last_progress = time.monotonic()
            self._take_up()
            self._send(({"type": "finish", "call": self._call}, b""))
            dead = self._dead
        if dead:
            self._tell_finished()

    def drain(self, timeout_s: float = 60.0) -> bool:
        """Wait until all sound taken so far is recognised and its events are delivered; False where the time is up.

        Not from ``on_event``. With it a fast replay applies events at the same places of the call as a real one.
        """
        with self._cond:
            return self._cond.wait_for(
                lambda: self._backlog.acked >= self._backlog.accepted or self._dead or self._closed, timeout_s)

    def close(self) -> None:
        """End the worker and the threads; safe twice."""
        with self._cond:
            if self._closed:
                return
            self._closed = True
            self._outbox.clear()
            self._outbox.append(({"type": "quit"}, b""))
            process = self._process
            self._cond.notify_all()
        others = [t for t in self._threads.values() if t is not threading.current_thread()]
        for patience_s in (1.0, 3.0):
            for thread in others:
                thread.join(patience_s)
            if process is not None and any(t.is_alive() for t in others):
                process.kill()

    # ------------------------------------------------------------------ asr-io

    def _io(self) -> None:
        while True:
            try:
                process = WorkerProcess(self._command, self._environment)
            except EnvironmentFault as error:
                self._give_up(error)
                return
            with self._cond:
                closed = self._closed
                self._process, self._ready = process, False
                self._last_sign = time.monotonic()
            if closed:
                process.kill()
            reason = self._converse(process)
            with self._cond:
                self._process, self._ready = None, False
                self._usage_before, self._usage = self._usage_before.plus(self._usage), Usage()
                self._outbox.clear()
            code = process.end(1.0 if self._closed else 0.0)
            if self._closed:
                return
            log.warning("speech process ended: %s, exit code %s", reason, code)
            if self._fault or not self._recover():
                return

    def _converse(self, process: WorkerProcess) -> str:
        """Talk with one worker until it is gone; gives the reason in a word."""
        try:
            write_frame(process.stdin, {"type": "hello", "version": VERSION, "engine": spec_to_json(self._spec)})
            while (frame := read_frame(process.stdout)) is not None:
                self._last_sign = time.monotonic()
                self._take(frame)
        except ProtocolFault as error:
            return error.key
        except (OSError, ValueError, KeyError, TypeError) as error:
            return type(error).__name__
        return "end of stream"

    def _take(self, frame: Frame) -> None:
        header = frame.header
        if "usage" in header:
            with self._cond:
                self._usage = usage_from_json(header["usage"])
        if frame.type == "hello":
            self._take_hello(header)
        elif frame.type == "failed":
            self._give_up(EnvironmentFault(str(header["key"]), **dict(header["params"])))
        elif frame.type in ("event", "done") and header["call"] == self._call:
            if frame.type == "event":
                self._take_event(event_from_json(header["event"]), int(header["call"]))
            self._advance(header)
        self._adapt()

    def _adapt(self) -> None:
        """Fit the effort to the sound that waits, and say so; a worker gives a sign at least every second."""
        with self._cond:
            active = self._active() and not self._finishing
            if not active or not self._load.observe(self._backlog.pending_ms, time.monotonic()):
                return
            effort = self._load.effort
            if self._ready:
                self._outbox.appendleft(self._effort())
                self._cond.notify_all()
        log.warning("effort of recognition: %s", effort.name)
        self._tell(RecogniserFailed(NOTICE[effort], recovering=True))

    def _take_hello(self, header: Mapping[str, object]) -> None:
        if header["version"] != VERSION:
            raise ProtocolFault("asr.peer_version")
        versions, capabilities = header["versions"], header["capabilities"]
        assert isinstance(versions, dict) and isinstance(capabilities, dict)
        with self._cond:
            self._versions = {"engine": str(header["name"]), **{str(k): str(v) for k, v in versions.items()}}
            self._capabilities = Capabilities(**capabilities)
            self._ready = True
            self._last_progress = time.monotonic()
            self._refill()
            self._cond.notify_all()

    def _advance(self, header: Mapping[str, object]) -> None:
        values = header["mark"]
        assert isinstance(values, list)
        with self._cond:
            seq = header.get("seq")
            if isinstance(seq, int) and self._backlog.done(seq):
                self._deaths = 0
            self._last_progress = time.monotonic()
            self._backlog.advance(mark_from_json(values))
            self._take_up()
            self._cond.notify_all()

    def _take_event(self, event: SpeechEvent, call: int) -> None:
        if isinstance(event, HypothesisRevised):
            revision = max(event.revision, self._revisions.get(event.utterance_id, 0) + 1)
            self._revisions[event.utterance_id] = revision
            event = replace(event, revision=revision)
        elif isinstance(event, UtteranceFinal):
            number = int(event.utterance_id.rpartition("-")[2])
            if number < self._backlog.marks[event.utterance.channel].next_utterance:
                log.error("final %s came twice; the second is dropped", event.utterance_id)
                return
        elif isinstance(event, ChannelFinished):
            with self._cond:
                self._backlog.finished.add(event.channel)
        self._tell(event, call)

    def _tell(self, event: SpeechEvent, call: int | None = None) -> None:
        """Hand an event to the listener of its call; one of an earlier call has nobody left to hear it."""
        with self._cond:
            on_event = self._on_event if call in (None, self._call) else None
        if on_event is None:
            return
        try:
            on_event(event)
        except Exception as error:
            log.error("a listener of %s failed: %s", type(event).__name__, type(error).__name__)

    def _recover(self) -> bool:
        """After a death: report, wait a little longer each time, drop what keeps ending workers; False to give up."""
        with self._cond:
            self._deaths += 1
            self.restarts += 1
            deaths = self._deaths
            active = self._active()
            lost_ms = self._backlog.drop_poison() if deaths == self._set.poison_deaths and active else 0
        if deaths >= self._set.max_deaths:
            self._give_up(EnvironmentFault("asr.worker_keeps_failing"))
            return False
        if active:
            key = "asr.sound_given_up" if lost_ms else "asr.worker_restarting"
            self._tell(RecogniserFailed(key, recovering=True, lost_ms=lost_ms))
        with self._cond:
            pause_s = 0.0 if deaths == 1 else min(4.0, 0.25 * 2.0 ** (deaths - 2))
            self._cond.wait_for(lambda: self._closed, pause_s)
            return not self._closed

    def _active(self) -> bool:
        return self._on_event is not None and len(self._backlog.finished) < len(Channel)

    def _give_up(self, fault: AppError) -> None:
        with self._cond:
            self._fault, self._dead = fault, True
            active, finishing = self._active(), self._finishing
            lost_ms = self._backlog.drop_all() + self._load.drop_all()
            self._cond.notify_all()
        log.error("speech recognition has stopped: %s", fault.key)
        if active:
            self._tell(RecogniserFailed(fault.key, recovering=False, lost_ms=lost_ms))
            if finishing:
                self._tell_finished()

    def _tell_finished(self) -> None:
        for channel, mark in self._backlog.marks.items():
            if channel not in self._backlog.finished:
                self._backlog.finished.add(channel)
                self._tell(ChannelFinished(channel, mark.heard_ms))

    # ------------------------------------------------------------------ asr-writer and asr-watch

    def _queue(self, block: AudioBlock) -> None:
        """Number a block and send it. Under the lock."""
        if self._backlog.pending_ms <= 0:
            self._last_progress = time.monotonic()
        item = self._backlog.add(block)
        self._send(_audio(self._call, item.seq, block))

    def _take_up(self) -> None:
        """Queue what was set aside and has its turn. Under the lock."""
        while (block := self._load.next_aside(self._backlog.pending_ms, self._finishing)) is not None:
            self._queue(block)

    def _effort(self) -> Message:
        return {"type": "effort", "call": self._call, "partials": self._load.effort is Effort.FULL}, b""

    def _send(self, message: Message) -> None:
        """Queue a message for the running worker; what a new one needs is rebuilt by ``_refill``. Under the lock."""
        if self._ready:
            self._outbox.append(message)
            self._cond.notify_all()

    def _refill(self) -> None:
        """All that a fresh or reused worker must be told of the call at hand. Under the lock."""
        self._outbox.clear()
        if not self._ready or self._call == 0:
            return
        channels = [{"mark": mark_to_json(mark), "from_ms": at} for mark, at in self._backlog.begin_channels()]
        self._outbox.append(({"type": "begin", "call": self._call, "channels": channels}, b""))
        if self._load.effort:
            self._outbox.append(self._effort())
        if self._phrases:
            self._outbox.append(({"type": "context", "phrases": self._phrases}, b""))
        self._outbox.extend(_audio(self._call, item.seq, item.block) for item in self._backlog.replay())
        if self._finishing:
            self._outbox.append(({"type": "finish", "call": self._call}, b""))
        self._cond.notify_all()

    def _write(self) -> None:
        while True:
            with self._cond:
                self._cond.wait_for(lambda: (self._outbox and self._process is not None) or self._closed)
                if self._process is None or not self._outbox:
                    return
                (header, payload), stream = self._outbox.popleft(), self._process.stdin
            try:
                write_frame(stream, header, payload)
            except (OSError, ValueError):
                log.debug("the worker's pipe is gone")
            if header["type"] == "quit":
                return

    def _watch(self) -> None:
        with self._cond:
            while not self._cond.wait_for(lambda: self._closed, 0.5):
                why = self._silence()
                if why and self._process is not None:
                    log.error("speech process is killed: %s", why)
                    self._process.kill()

    def _silence(self) -> str:
        """Why the worker at hand is given up, or an empty string."""
        now = time.monotonic()
        if not self._ready:
            return "not ready in time" if now - self._last_sign > self._set.start_timeout_s else ""
        if now - self._last_sign > self._set.beat_timeout_s:
            return "no sign of life"
        waiting = self._backlog.pending_ms > 0 or (self._finishing and self._active())
        return "no progress" if waiting and now - self._last_progress > self._set.progress_timeout_s else ""


def _audio(call: int, seq: int, block: AudioBlock) -> Message:
    header: dict[str, object] = {"type": "audio", "call": call, "seq": seq, "channel": block.channel.value,
                                 "start_ms": block.start_ms, "rate_hz": block.rate_hz}
    return header, block.pcm
