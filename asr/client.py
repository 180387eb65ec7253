"""The ``Recogniser`` of the program: takes a call's sound, gives its speech events, and loses no sound silently.

Three parts: this API, the call as it is kept (``asr.call_feed``), and the speech process kept alive (``asr.supervision``).
When the worker dies, hangs or talks nonsense, a new one hears the undecided sound again; finals carry the mark from which it
goes on, in the same frame, so that none is lost and none comes twice. Sound that ends three workers in a row is given up
and reported.

``accept`` blocks while more than ``max_pending_ms`` of sound waits: that is the back-pressure on a file; a live call stays far
below it. Events come on the thread ``asr-io``.

    with client.warm() early, then per call: start(on_event), accept(...)*, finish(), ... ChannelFinished x 2; close() once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.dialogue import RecogniserFailed, SpeechEvent
from app.domain.errors import AppError
from app.ports.ports import AudioBlock
from asr.call_feed import CallFeed, Message, OnEvent
from asr.engine import Capabilities
from asr.liveness import LivenessSettings
from asr.loading import EngineSpec
from asr.overload import NOTICE, OverloadSettings
from asr.protocol import Frame, event_from_json
from asr.supervision import Supervisor
from asr.usage import Usage
from asr.worker_process import worker_command

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """Limits of the client.

    Attributes:
        max_pending_ms: unrecognised sound of both channels at which ``accept`` blocks.
        overload: what a live call gives up first when the PC is too busy; None for replays, which take their time.
        liveness: when a worker counts as hung, and when recognition is given up.
    """

    max_pending_ms: int = 60_000
    overload: OverloadSettings | None = None
    liveness: LivenessSettings = field(default_factory=LivenessSettings)


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
        self._set = settings or ClientSettings()
        self._cond = threading.Condition()
        self._calls = 0
        self._feed: CallFeed | None = None
        self._workers = Supervisor(spec, self._set.liveness, command or worker_command(), environment or {}, self._cond,
                                   _Listening(self))

    # ------------------------------------------------------------------ what is known

    @property
    def versions(self) -> dict[str, str]:
        """Engine, model and language-model versions; empty until the worker is ready."""
        with self._cond:
            return dict(self._workers.versions)

    @property
    def capabilities(self) -> Capabilities:
        """What the engine can do; nothing until the worker is ready."""
        with self._cond:
            return self._workers.capabilities

    @property
    def usage(self) -> Usage:
        """Computing time of all workers so far and the highest memory of any of them."""
        with self._cond:
            return self._workers.usage

    @property
    def pending_ms(self) -> float:
        """Sound taken and not yet recognised, both channels together."""
        with self._cond:
            return self._feed.backlog.pending_ms if self._feed else 0.0

    @property
    def worker_pid(self) -> int | None:
        """Process id of the running worker, for diagnosis."""
        with self._cond:
            return self._workers.pid

    @property
    def restarts(self) -> int:
        """How many workers have died so far."""
        with self._cond:
            return self._workers.restarts

    # ------------------------------------------------------------------ what the program calls

    def warm(self) -> None:
        """Start the worker ahead of the first call, or once more after recognition was given up; returns at once."""
        self._workers.warm()

    def wait_ready(self, timeout_s: float = 180.0) -> bool:
        """Wait until the engine is loaded; False where the time is up.

        Raises:
            AppError: the engine cannot be loaded (a missing or damaged model), by its own key.
        """
        self.warm()
        workers = self._workers
        with self._cond:
            self._cond.wait_for(lambda: workers.ready or workers.fault or workers.closed, timeout_s)
            if workers.fault:
                raise workers.fault
            return workers.ready

    def start(self, on_event: OnEvent) -> None:
        """Begin a call: sound of a call before it is forgotten. Events come on the thread ``asr-io``."""
        self.warm()
        with self._cond:
            self._calls += 1
            self._feed = CallFeed(self._calls, on_event, self._set.overload, time.monotonic())
            self._workers.new_call()
            self._workers.begin_anew()

    def accept(self, block: AudioBlock) -> None:
        """Take sound; blocks while too much waits. Sound for a recogniser that has failed for good is counted as lost there."""
        with self._cond:
            feed = self._feed
            if feed is None:
                return
            self._cond.wait_for(lambda: feed.backlog.pending_ms < self._set.max_pending_ms or self._over(feed))
            if self._over(feed) or feed.finishing:
                return
            self._send(feed, feed.accept(block))

    def set_context(self, phrases: Sequence[str]) -> None:
        """Words likely from now on; replaces the ones before."""
        with self._cond:
            if self._feed is not None:
                self._workers.send([self._feed.set_context(phrases)])

    def finish(self) -> None:
        """No more sound; returns at once, the last finals and a ``ChannelFinished`` a channel follow."""
        with self._cond:
            feed = self._feed
            if feed is None or feed.finishing:
                return
            self._workers.progress()
            self._send(feed, feed.finish())
        if feed.given_up:
            self._end(feed)

    def drain(self, timeout_s: float = 60.0) -> bool:
        """Wait until all sound taken so far is recognised and its events are delivered; False where the time is up.

        Not from ``on_event``. With it a fast replay applies events at the same places of the call as a real one.
        """
        with self._cond:
            feed = self._feed
            if feed is None:
                return True
            return self._cond.wait_for(lambda: feed.backlog.acked >= feed.backlog.accepted or self._over(feed), timeout_s)

    def close(self) -> None:
        """End the worker and the threads; safe twice."""
        self._workers.close()

    # ------------------------------------------------------------------ within

    def _over(self, feed: CallFeed) -> bool:
        """Whether nothing will come for this call any more. Under the lock."""
        return feed.given_up or feed is not self._feed or self._workers.closed

    def _send(self, feed: CallFeed, messages: list[Message]) -> None:
        """Under the lock."""
        if messages and feed.backlog.acked + len(messages) >= feed.backlog.accepted:
            self._workers.progress()  # the worker had nothing to do until now
        self._workers.send(messages)

    def _tell(self, feed: CallFeed, event: SpeechEvent) -> None:
        """Hand an event to the listener of its call; one of an earlier call has nobody left to hear it."""
        with self._cond:
            if feed is not self._feed:
                return
        try:
            feed.on_event(event)
        except Exception as error:
            log.error("a listener of %s failed: %s", type(event).__name__, type(error).__name__)

    def _end(self, feed: CallFeed) -> None:
        with self._cond:
            ends = feed.unfinished()
        for event in ends:
            self._tell(feed, event)


class _Listening:
    """The client as the supervisor's ``Owner``; methods on ``asr-io`` unless they say otherwise."""

    def __init__(self, client: RecogniserClient) -> None:
        self._client = client
        self._cond = client._cond

    def replay(self) -> list[Message]:
        """Under the lock."""
        feed = self._client._feed
        return feed.replay() if feed else []

    def waits(self) -> bool:
        """Under the lock."""
        feed = self._client._feed
        return feed is not None and feed.waits

    def take(self, frame: Frame) -> None:
        """An event, an acknowledgement, or a sign of life."""
        client, header = self._client, frame.header
        with self._cond:
            feed = client._feed
        if feed is None:
            return
        if frame.type in ("event", "done") and header["call"] == feed.number:
            self._event(feed, frame)
            with self._cond:
                client._workers.progress(feed.advance(header))
                client._workers.send(feed.taken_up())
                self._cond.notify_all()
        self._adapt(feed)

    def _event(self, feed: CallFeed, frame: Frame) -> None:
        if frame.type != "event":
            return
        with self._cond:
            event = feed.heard(event_from_json(frame.header["event"]))
        if event is not None:
            self._client._tell(feed, event)

    def _adapt(self, feed: CallFeed) -> None:
        """Fit the effort to the sound that waits, and say so; a worker gives a sign several times a second."""
        with self._cond:
            if not feed.adapted(time.monotonic()):
                return
            effort = feed.effort
            self._client._workers.send_first(feed.effort_message())
            if not effort:
                self._client._workers.send(feed.taken_up())
        log.warning("effort of recognition: %s", effort.name)
        self._client._tell(feed, RecogniserFailed(NOTICE[effort], recovering=True))

    def died(self, poisoned: bool) -> None:
        """One line, and where a stretch of sound keeps ending workers it is given up."""
        with self._cond:
            feed = self._client._feed
            if feed is None or not feed.active:
                return
            lost_ms = feed.backlog.drop_poison() if poisoned else 0
            self._cond.notify_all()
        key = "asr.sound_given_up" if lost_ms else "asr.worker_restarting"
        self._client._tell(feed, RecogniserFailed(key, recovering=True, lost_ms=lost_ms))

    def model_gone(self, fault: AppError) -> None:
        """Say so in a line; the sound waits."""
        log.error("the model cannot be loaded again: %s", fault.key)
        with self._cond:
            feed = self._client._feed
        if feed is not None and feed.active:
            self._client._tell(feed, RecogniserFailed("asr.model_gone", recovering=True))

    def gave_up(self, fault: AppError) -> None:
        """The rest of this call is not recognised."""
        with self._cond:
            feed = self._client._feed
            if feed is None:
                return
            active, lost_ms = feed.active, feed.give_up()
            self._cond.notify_all()
        if active:
            self._client._tell(feed, RecogniserFailed(fault.key, recovering=False, lost_ms=lost_ms))
            if feed.finishing:
                self._client._end(feed)
