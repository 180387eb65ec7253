"""The speech process kept alive: spawned, listened to, fed, watched, and replaced when it dies, hangs or talks nonsense.

Knows processes and pipes, nothing of calls: its owner (``asr.client``) says what a fresh worker must be told and takes
the frames. One lock, the owner's condition, guards both; methods with "under the lock" in them expect it held.

Threads: ``asr-io`` (spawns, reads, calls the owner's ``take``), ``asr-writer`` (the only one that writes to the pipe, so that
neither a listener nor a full pipe can lock the others), ``asr-watch`` (kills a worker that hangs, by the rules of ``asr.liveness``).
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from app.domain.errors import AppError, EnvironmentFault
from asr.call_feed import Message
from asr.engine import Capabilities
from asr.liveness import Liveness, LivenessSettings
from asr.loading import EngineSpec, spec_to_json
from asr.protocol import VERSION, Frame, ProtocolFault, read_frame, write_frame
from asr.usage import Usage, usage_from_json
from asr.worker_process import WorkerProcess

WATCH_S = 0.1
_RELOAD_EVERY_S = 1.0
log = logging.getLogger(__name__)


class Owner(Protocol):
    """Whose speech process it is."""

    def replay(self) -> list[Message]:
        """What a worker that is ready must be told. Under the lock."""

    def waits(self) -> bool:
        """Whether the worker owes something. Under the lock."""

    def take(self, frame: Frame) -> None:
        """A frame about a call, on ``asr-io``, without the lock."""

    def died(self, poisoned: bool) -> None:
        """The worker is gone and another will come; ``poisoned``: give up the sound at hand. On ``asr-io``."""

    def model_gone(self, fault: AppError) -> None:
        """A new worker cannot load what the one before could; told once, it is tried again. On ``asr-io``."""

    def gave_up(self, fault: AppError) -> None:
        """No further worker will come by itself. On ``asr-io``."""


class Supervisor:
    """See the module.

    Args:
        spec: the engine that workers load.
        settings: limits.
        command: how a worker is started.
        environment: variables for it on top of this process's.
        cond: the owner's condition; notified when anything changes.
        owner: whom to serve.
    """

    def __init__(self, spec: EngineSpec, settings: LivenessSettings, command: Sequence[str], environment: Mapping[str, str],
                 cond: threading.Condition, owner: Owner) -> None:
        self._spec, self._set = spec, settings
        self._command, self._environment = list(command), dict(environment)
        self._cond, self._owner = cond, owner
        self._threads: dict[str, threading.Thread] = {}
        self._process: WorkerProcess | None = None
        self._live = Liveness(settings)
        self._outbox: deque[Message] = deque()
        self._telling = False
        self._refused: AppError | None = None
        self._gone_since_s: float | None = None
        self._usage_before, self._usage = Usage(), Usage()
        self.ready = False
        self.closed = False
        self.fault: AppError | None = None
        self.versions: dict[str, str] = {}
        self.capabilities = Capabilities(False, False, False, False)
        self.restarts = 0

    @property
    def usage(self) -> Usage:
        """All workers so far. Under the lock."""
        return self._usage_before.plus(self._usage)

    @property
    def pid(self) -> int | None:
        """Of the worker at hand. Under the lock."""
        return self._process.pid if self._process else None

    def warm(self) -> None:
        """Start the threads and with them a worker, or once more after giving up; returns at once."""
        failed = self._threads.get("asr-io") if self.fault else None
        if failed is not None and failed is not threading.current_thread():
            failed.join(3.0)
        with self._cond:
            if self.closed:
                return
            if failed is not None and not failed.is_alive():
                self._threads.pop("asr-io", None)
                self.fault = None
                self._live.fresh_start()
            for target, name in ((self._io, "asr-io"), (self._write, "asr-writer"), (self._watch, "asr-watch")):
                if name not in self._threads:
                    self._threads[name] = threading.Thread(target=target, name=name, daemon=True)
                    self._threads[name].start()

    # ------------------------------------------------------------------ under the lock

    def send(self, messages: Iterable[Message]) -> None:
        """Queue messages for a worker that is ready; what a new one needs is the owner's ``replay``. Under the lock."""
        if not self.ready:
            return
        for message in messages:
            kind = message[0]["type"]
            if kind == "context" and self._outbox and self._outbox[-1][0]["type"] == kind:
                self._outbox.pop()  # nothing was said in between
            self._outbox.append(message)
        self._cond.notify_all()

    def send_first(self, message: Message) -> None:
        """Ahead of the sound that waits. Under the lock."""
        if self.ready:
            self._outbox.appendleft(message)
            self._cond.notify_all()

    def begin_anew(self) -> None:
        """Forget what is queued and tell the worker what the owner replays. Under the lock."""
        if self.ready and not self.closed:
            self._outbox.clear()
            self.send(self._owner.replay())

    def new_call(self) -> None:
        """Deaths of another call do not count. Under the lock."""
        self._live.fresh_start()
        self.progress()

    def progress(self, news: bool = False) -> None:
        """The worker finished something, or gets work after a rest. Under the lock."""
        self._live.progress(time.monotonic(), news)

    def close(self) -> None:
        """End the worker and the threads; safe twice."""
        with self._cond:
            if self.closed:
                return
            self.closed = True
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
                closed = self.closed
                self._process, self.ready, self._refused = process, False, None
                self._live.started(time.monotonic())
            if closed:
                process.kill()
            reason = self._converse(process)
            with self._cond:
                self._process, self.ready = None, False
                self._usage_before, self._usage = self.usage, Usage()
                self._outbox.clear()
            code = process.end(1.0 if self.closed else 0.0)
            if self.closed:
                return
            log.warning("speech process ended: %s, exit code %s", reason, code)
            if not self._goes_on():
                return

    def _converse(self, process: WorkerProcess) -> str:
        """Talk with one worker until it is gone; gives the reason in a word."""
        try:
            write_frame(process.stdin, {"type": "hello", "version": VERSION, "engine": spec_to_json(self._spec)})
            while (frame := read_frame(process.stdout)) is not None:
                self._take(frame)
        except ProtocolFault as error:
            return error.key
        except (OSError, ValueError, KeyError, TypeError) as error:
            return type(error).__name__
        return "end of stream"

    def _take(self, frame: Frame) -> None:
        header = frame.header
        with self._cond:
            if "usage" in header:
                self._usage = usage_from_json(header["usage"])
            self._live.sign(time.monotonic(), self._usage.cpu_s if frame.type == "beat" else None)
            self._telling = True
        try:
            if frame.type == "hello":
                self._take_hello(header)
            elif frame.type == "failed":
                self._refused = EnvironmentFault(str(header["key"]), **dict(header["params"]))
            else:
                self._owner.take(frame)
        finally:
            with self._cond:
                self._telling = False

    def _take_hello(self, header: Mapping[str, object]) -> None:
        if header["version"] != VERSION:
            raise ProtocolFault("asr.peer_version")
        versions, capabilities = header["versions"], header["capabilities"]
        assert isinstance(versions, dict) and isinstance(capabilities, dict)
        with self._cond:
            self.versions = {"engine": str(header["name"]), **{str(k): str(v) for k, v in versions.items()}}
            self.capabilities = Capabilities(**capabilities)
            self.ready = True
            self._gone_since_s = None
            self._live.ready(time.monotonic(), self.capabilities.partials)
            self.begin_anew()
            self._cond.notify_all()

    def _goes_on(self) -> bool:
        """After a worker's end: whether another follows, after a pause that grows."""
        if self._refused is not None:
            return self._tries_again(self._refused)
        with self._cond:
            self._live.died()
            self.restarts += 1
        if self._live.hopeless:
            self._give_up(EnvironmentFault("asr.worker_keeps_failing"))
            return False
        self._owner.died(self._live.poisoned)
        return self._pause(self._live.pause_s)

    def _tries_again(self, refused: AppError) -> bool:
        """The engine does not load: hopeless at a start, but a model that was there a moment ago may be put back."""
        now_s = time.monotonic()
        if not self.versions or (self._gone_since_s is not None and now_s - self._gone_since_s > self._set.reload_patience_s):
            self._gone_since_s = None
            self._give_up(refused)
            return False
        if self._gone_since_s is None:
            self._gone_since_s = now_s
            self._owner.model_gone(refused)
        return self._pause(_RELOAD_EVERY_S)

    def _pause(self, seconds: float) -> bool:
        with self._cond:
            self._cond.wait_for(lambda: self.closed, seconds)
            return not self.closed

    def _give_up(self, fault: AppError) -> None:
        with self._cond:
            self.fault = fault
            self._cond.notify_all()
        log.error("speech recognition has stopped: %s", fault.key)
        self._owner.gave_up(fault)

    # ------------------------------------------------------------------ asr-writer and asr-watch

    def _write(self) -> None:
        while True:
            with self._cond:
                self._cond.wait_for(lambda: (self._outbox and self._process is not None) or self.closed)
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
            while not self._cond.wait_for(lambda: self.closed, WATCH_S):
                if self._process is None:
                    continue
                why = self._live.verdict(time.monotonic(), self._owner.waits(), self._telling, self._process.wants_to_run)
                if why:
                    log.error("speech process is killed: %s", why)
                    self._process.kill()
