"""The calls of one desk, one after the other, without Qt: recordings rung in, drafts taken up again, back to idle.

``DeskCalls`` is the telephone, the inbox and the submit key of the window; it stands still as long as the window while the
``DeskCall`` behind it changes. What may take a while (opening, closing, reading drafts, writing settings) runs on its thread
"desk", in order, and its failure is a notice: the desk stays. The speech process is started once and reused by every call.
All public methods may be called from any thread and return at once unless they say otherwise.
"""

from __future__ import annotations

import functools
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.assembly import VERSION, ReplayOrder, call_phrases, engine_spec, new_context, new_session
from app.domain.call import (
    CallEvent,
    CallReleased,
    CallState,
    NoticeRaised,
    Phase,
    RecognitionPaused,
    SubmitAsked,
    TicketSubmitted,
    noticed,
)
from app.domain.call_record import CallRecord
from app.domain.dialogue import CallContext
from app.domain.errors import AppError, OperatorVisibleError
from app.domain.open_drafts import OpenDraft, open_draft
from app.domain.ticket import TicketDraft
from app.domain.training import PREFIX
from app.platform.worker_thread import WorkerThread
from app.ports.phone import ConsultKeys, PhoneFeature, PhoneKeys
from app.ports.ports import CallControl, Clock, KnowledgeBase, OldTickets, SwitchingKnowledge, TicketStore
from app.services.call_recorder import CallRecorder
from app.services.call_session import CallRunner, CallSession
from app.services.call_sound import CallSound
from app.services.call_words import CallWords
from app.services.old_tickets import OldTicketLookup
from app.services.replay import AudioDriver, Latencies, ReplayRun, ScriptRun, SpeechGate, read_script
from app.services.ticket_submit import TicketSubmit
from app.services.unheard import Unheard
from app.telephony.replay_control import Playback, ReplayControl

if TYPE_CHECKING:
    from asr.client import RecogniserClient

CLOSE_DEADLINE_S = 15.0
SCRIPT_ENDING = ".json"
_NOTICE_PAUSE_S = 5.0
_PLAYERS = ("audio", "script")

#: Makes a call of another kind.
Make = Callable[[CallSession, "CallParts"], "DeskCall"]
#: Writes down a bug of ours; where it happened in a word.
Report = Callable[[BaseException, str], object]


@dataclass(frozen=True, slots=True)
class CallParts:
    """What every call of a desk is built from. ``knowledge`` is searched on the thread of the call at hand only."""

    knowledge: KnowledgeBase
    store: TicketStore
    submit: TicketSubmit
    clock: Clock
    report: Report
    sound: Callable[[], CallSound] = CallSound
    """Keeps a call's sound while its ticket is open."""
    recorder: CallRecorder | None = None
    """Makes what the lead is told of each call; None: nothing is recorded."""
    warming: tuple[Callable[[], None], ...] = ()
    """Loads what the first call needs (``app.assembly_warming``): done on the desk's thread while no call is there."""


class GuardedRunner(CallRunner):
    """A call thread that survives our bugs: the event that met one is left out and reported, the next one is taken."""

    def __init__(self, session: CallSession, on_state: Callable[[CallState, CallEvent], None], report: Report) -> None:
        super().__init__(session, on_state)
        self._report = report

    def _handle(self, event: CallEvent) -> None:
        try:
            super()._handle(event)
        except Exception as error:
            self._report(error, "call")


class _Silence:
    """Plays nothing: the call of a draft is over."""

    position_ms = 0
    fault: AppError | None = None

    def hush(self, reason: str, is_hushed: bool) -> bool:
        return False

    def start(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def stop(self) -> None: ...
    def close(self) -> None: ...


class DeskCall:
    """One call from ring to ticket. Set ``deliver`` (takes every new state, on the call thread) before ``start``.

    Args:
        session: where it begins.
        parts: see there.
    """

    def __init__(self, session: CallSession, parts: CallParts) -> None:
        self._parts = parts
        self.deliver: Callable[[CallState], None] = _drop
        self.follow: Callable[[CallState], None] = _drop
        self.runner = GuardedRunner(session, self._on_state, parts.report)
        self._submitter: WorkerThread[CallState] = WorkerThread("submit", self._submit)
        self._last = session.state
        self.unheard = Unheard()
        self.trace = parts.recorder.begin() if parts.recorder is not None else None
        self._quality = parts.recorder.watch(self.post) if parts.recorder is not None else None
        self._knowledge = parts.knowledge.version  # what this call saw, whatever a later one switches to
        self._old_tickets = OldTicketLookup(parts.store, self.post) if isinstance(parts.store, OldTickets) else None
        self.play(_Silence(), lambda: {"engine": "draft"})

    def play(self, playback: ReplayRun | ScriptRun | _Silence, engine: Callable[[], dict[str, str]]) -> None:
        """What is heard in this call, and the versions of what understands it."""
        self.playback = playback
        self.sound: CallSound | None = None
        self._engine = engine
        heard: Playback = playback
        self.control: CallControl = ReplayControl(heard, self.post)

    @property
    def state(self) -> CallState:
        """The newest state."""
        return self.runner.session.state

    @property
    def versions(self) -> dict[str, str]:
        """What made this ticket."""
        unheard = self.unheard.told(self.playback.position_ms)
        paused = {"not_transcribed": unheard} if unheard else {}  # whoever reads the ticket must know that words are missing
        return {"program": VERSION, **self._engine(), "knowledge": self._knowledge, **paused}

    def start(self) -> None:
        """Ring."""
        self.runner.start()
        self._submitter.start()
        self.deliver(self.state)

    def post(self, event: CallEvent) -> None:
        """The operator's events."""
        self.runner.post(event)

    def submit(self) -> None:
        """Submit what stands after every event posted before; the answer comes as a state."""
        self.runner.post(SubmitAsked())

    def keep(self) -> None:
        """Have the store keep the newest state; any thread, at any time."""
        state = self.state
        if state.phase is not Phase.SUBMITTED and (state.dialogue or state.draft != TicketDraft()):
            self._save(state)

    def _save(self, state: CallState) -> None:
        self._parts.store.save_draft(state.context, state.dialogue, state.draft)

    def close(self) -> None:
        """Stop everything of this call, blocking; the draft stays in the store."""
        self.deliver = _drop
        self.playback.close()
        self.runner.stop()
        self._submitter.stop()
        if self.sound is not None:
            self.sound.forget()
        # A call and its parts hold each other, and a long-lived process collects such circles late: a day of them is a hundred MB.
        self.follow, self._quality, self._old_tickets = _drop, None, None
        silence = _Silence()
        self.playback, self.control, self.sound = silence, ReplayControl(silence, _drop_event), None

    def _on_state(self, state: CallState, event: CallEvent) -> None:
        last, self._last = self._last, state
        if self.trace is not None:
            self.trace.take(state, event)
        if self._quality is not None:
            self._quality.seen(state)
        if state.phase is not Phase.SUBMITTED and (state.dialogue is not last.dialogue or state.draft is not last.draft):
            self._save(state)
        if isinstance(event, SubmitAsked):
            self._submitter.post(state)
        elif isinstance(event, TicketSubmitted) and self.sound is not None:
            self.sound.forget()
        if state.draft is not last.draft:
            self.follow(state)
            if self._old_tickets is not None:
                self._old_tickets.seen(state)
        self.deliver(state)

    def _submit(self, state: CallState) -> None:
        try:
            stored = self._parts.submit.submit(state, self.versions, self._record(state)).ticket
        except AppError as error:
            self.post(NoticeRaised(error.key, error.params))
        except Exception as error:  # the thread must live: the operator will press again
            self._parts.report(error, "submit")
        else:
            self.post(TicketSubmitted(stored.ticket_no))

    def _record(self, state: CallState) -> CallRecord | None:
        """What the lead is told; a bug there must not keep a ticket from being submitted."""
        if self._parts.recorder is None or self.trace is None:
            return None
        try:
            levels = self.sound.meter.levels(state.dialogue) if self.sound is not None else None
            return self._parts.recorder.record(state, self.trace.told(levels), self.versions)
        except Exception as error:
            self._parts.report(error, "record")
            return None


def recorded_call(order: ReplayOrder, parts: CallParts, recogniser: Callable[[], RecogniserClient],
                  serial: str = "", make: Make | None = None) -> DeskCall:
    """A recording or a script, ringing.

    Args:
        order: what to replay.
        parts: see there.
        recogniser: a warm one; asked for only where there is sound.
        serial: tells calls of the same second apart.
        make: makes a training call: nothing is prefilled, its id says what it is; None for a call as any other.

    Raises:
        AppError: the recording, the model or the city cannot be used.
    """
    script = read_script(order.script) if order.script is not None else None
    context = new_context(order, parts.clock, script.city if script else "", script.call_time if script else "")
    if isinstance(parts.knowledge, SwitchingKnowledge):
        parts.knowledge.use_newest()  # between calls: no call sees two versions
    call_id = f"{PREFIX if make is not None else ''}{context.call_id}{serial}"
    session = new_session(replace(context, call_id=call_id), parts.knowledge, prefills=make is None)
    call = (make or DeskCall)(session, parts)
    if script is not None:
        call.play(ScriptRun(script, call.post, order.realtime), lambda: {"engine": "script"})
        return call
    from app.audio.two_channel_file import TwoChannelFile  # noqa: PLC0415 - a sound library, for recordings only

    assert order.recording is not None
    client, sound = recogniser(), parts.sound()
    driver = AudioDriver(TwoChannelFile(order.recording), client, parts.clock, order.realtime, sound.take)
    phrases = call_phrases(context, parts.knowledge)
    call.follow = CallWords(client.set_context, phrases).follow
    call.play(ReplayRun(driver, client, call.post, SpeechGate(call.post, Latencies()), phrases), lambda: client.versions)
    call.sound = sound
    return call


def drafted_call(call_id: str, parts: CallParts) -> DeskCall:
    """A draft that was left open, after its call.

    Raises:
        OperatorVisibleError: there is no such draft any more.
        EnvironmentFault: the store cannot be read.
    """
    for context, dialogue, draft in parts.store.drafts():
        if context.call_id == call_id:
            session = new_session(context, parts.knowledge)
            heard_ms = max((utterance.end_ms for utterance in dialogue), default=0)
            session.state = CallState(context, Phase.WRAP_UP, heard_ms, dialogue, {}, draft)
            call = DeskCall(session, parts)
            if call.trace is not None:
                call.trace.reopened()
            return call
    raise OperatorVisibleError("desk.draft_gone")


class DeskCalls:
    """See the module. Set ``deliver`` and ``show_drafts`` before ``start``.

    Args:
        parts: what calls are built from.
        city: the hotline's, shown while the desk waits.
        realtime: play recordings in time.
    """

    def __init__(self, parts: CallParts, city: str, realtime: bool = True) -> None:
        self.deliver: Callable[[CallState], None] = _drop
        self.show_drafts: Callable[[tuple[OpenDraft, ...]], None] = lambda drafts: None
        self.begin_live: Callable[[], None] | None = None
        """Begins a call by hand where sound can be heard (``app.desk_line``); set before ``start``."""
        self.dial_line: Callable[[str], None] | None = None
        """Calls a number where the line can (``app.desk_line``); set before ``start``."""
        self._parts, self._realtime = parts, realtime
        self._idle = CallState(CallContext("idle", parts.clock.now().isoformat(timespec="seconds"), city), Phase.IDLE)
        self._lock = threading.Lock()  # of ``_call`` and of the order in which states of different calls are delivered
        self._call: DeskCall | None = None
        self._serial = itertools.count(1)
        self._client: RecogniserClient | None = None
        self._worker: WorkerThread[Callable[[], None]] = WorkerThread("desk", self._run)
        self._told_s = float("-inf")
        self._is_closing = False

    def start(self, warms: bool = True) -> None:
        """Show the idle desk, look for drafts; ``warm`` as well unless somebody does it later."""
        self._worker.start()
        self.deliver(self._idle)
        self.later(self._refresh)
        if warms:
            self.warm()

    def warm(self) -> None:
        """Have recognition and what else the first call needs ready; a call that came before needs nothing of it."""
        self.later(functools.partial(self._warm_by, self._warm))
        for job in self._parts.warming:
            self.later(functools.partial(self._warm_by, job))

    def close(self) -> None:
        """End the call at hand and everything else; blocks. Its draft stays in the store."""
        self._is_closing = True
        self.later(self._end_call)
        self._worker.stop(CLOSE_DEADLINE_S)
        if self._client is not None:
            self._client.close()

    def later(self, job: Callable[[], None]) -> None:
        """Do something on the desk's thread; an AppError becomes a notice."""
        self._worker.post(job)

    def open_recording(self, path: Path) -> None:
        """Ring with a recording, or with a call script (.json)."""
        if path.suffix.lower() == SCRIPT_ENDING:
            order = ReplayOrder(script=path, realtime=self._realtime)
        else:
            order = ReplayOrder(recording=path, realtime=self._realtime)
        self._begin(lambda: recorded_call(order, self._parts, self._recogniser, f"-{next(self._serial)}"))

    def open_training(self, path: Path, make: Make) -> None:
        """Ring with a recording or call script that is to be filled in by hand; ``make`` makes the call (``app.desk_training``)."""
        is_script = path.suffix.lower() == SCRIPT_ENDING
        order = ReplayOrder(script=path if is_script else None, recording=None if is_script else path, realtime=self._realtime)
        self._begin(lambda: recorded_call(order, self._parts, self._recogniser, f"-{next(self._serial)}", make))

    def open_live(self, make: Callable[[CallParts, Callable[[], RecogniserClient]], DeskCall], then: Callable[[], None]) -> None:
        """Ring with a call that happens now; ``then`` runs on the desk's thread once it is there (or could not be made)."""
        self._begin(lambda: make(self._parts, self._recogniser))
        self.later(then)

    def open_draft(self, call_id: str) -> None:
        """Take a draft up again."""
        self._begin(lambda: drafted_call(call_id, self._parts))

    def discard_draft(self, call_id: str) -> None:
        """Remove a draft for good."""

        def discard() -> None:
            self._parts.store.discard_draft(call_id)
            self._refresh()

        self.later(discard)

    def next_call(self) -> None:
        """Back to idle; what is not submitted stays a draft."""
        if self._leave():
            self.later(self._refresh)

    def post(self, event: CallEvent) -> None:
        """The operator's events; without a call only notices have a place."""
        with self._lock:
            call = self._call
            if call is None:
                if isinstance(event, NoticeRaised):
                    self._idle = noticed(self._idle, event)
                    self.deliver(self._idle)
                return
        call.post(event)

    def pause_recognition(self, is_paused: bool) -> None:
        """Hear nothing of the call at hand, or hear again; a draft or a script has nothing to hear."""
        call = self._call
        if call is not None and call.playback.hush("operator", is_paused):
            call.unheard.note(call.playback.position_ms, is_paused)
            call.post(RecognitionPaused(is_paused))
            if not is_paused:
                call.post(NoticeRaised("desk.not_transcribed", {"when": call.unheard.told(call.playback.position_ms)}))

    @property
    def can_begin(self) -> bool:
        """Whether answering begins a call although nothing rings."""
        return self.begin_live is not None

    @property
    def phase(self) -> Phase:
        """Where the call at hand stands."""
        call = self._call
        return call.state.phase if call is not None else Phase.IDLE

    def sound(self) -> CallSound | None:
        """Sound of the call at hand; None without a call, or where it has none."""
        call = self._call
        return call.sound if call is not None else None

    def submit(self) -> None:
        """Submit the ticket of the call at hand, with all that was posted before."""
        self.post(SubmitAsked())

    def on_crash(self, _error: BaseException, report: str) -> None:
        """A bug of ours on any thread: keep the draft, say so, and let no call hang whose sound has died."""
        call = self._call
        thread = threading.current_thread().name

        def tell() -> None:
            if call is not None:
                call.keep()
                if thread in _PLAYERS:
                    call.post(CallReleased(call.playback.position_ms))
            now_s = self._parts.clock.monotonic_s()
            if now_s - self._told_s >= _NOTICE_PAUSE_S:  # a bug in drawing a notice must not feed itself
                self._told_s = now_s
                self.post(NoticeRaised("platform.internal_error", {"report": report}))

        self.later(tell)  # never wait for the call's inbox on the call's own thread

    # ------------------------------------------------------------------ CallControl

    def answer(self) -> None:
        """Take the call; where none is there and sound devices are, one begins (a telephone beside this PC)."""
        if (call := self._call) is not None:
            call.control.answer()
        elif self.begin_live is not None:
            self.begin_live()

    def pause(self) -> None:
        """Hold."""
        if (call := self._call) is not None:
            call.control.pause()

    def resume(self) -> None:
        """Go on."""
        if (call := self._call) is not None:
            call.control.resume()

    def hang_up(self) -> None:
        """End the call."""
        if (call := self._call) is not None:
            call.control.hang_up()

    def hand_over(self, number: str) -> None:
        """Hand the caller to an emergency number."""
        if (call := self._call) is not None:
            call.control.hand_over(number)

    # ------------------------------------------------------------------ PhoneKeys

    @property
    def features(self) -> frozenset[PhoneFeature]:
        """Keys of the line of the call at hand; none for a recording."""
        keys = self._keys
        return keys.features if keys is not None else frozenset()

    def mute(self, is_muted: bool) -> None:
        """Microphone off or on."""
        if (keys := self._keys) is not None:
            keys.mute(is_muted)

    def send_digit(self, digit: str) -> None:
        """A tone."""
        if (keys := self._keys) is not None:
            keys.send_digit(digit)

    def transfer(self, number: str) -> None:
        """Hand the caller to a number."""
        if (keys := self._keys) is not None:
            keys.transfer(number)

    def consult(self, number: str) -> None:
        """Call somebody while the caller waits."""
        if (keys := self._consults) is not None:
            keys.consult(number)

    def complete(self) -> None:
        """The caller to whom is consulted."""
        if (keys := self._consults) is not None:
            keys.complete()

    def go_back(self) -> None:
        """To the caller."""
        if (keys := self._consults) is not None:
            keys.go_back()

    def confer(self, number: str = "") -> None:
        """All three."""
        if (keys := self._consults) is not None:
            keys.confer(number)

    @property
    def can_dial(self) -> bool:
        """Whether the line can call somebody, and no call is there."""
        return self.dial_line is not None and self.phase not in (Phase.RINGING, Phase.TALKING, Phase.PAUSED)

    def dial(self, number: str) -> None:
        """Call a number; the ticket at hand stays as a draft."""
        if self.dial_line is not None and self.can_dial:
            self.dial_line(number)

    @property
    def _consults(self) -> ConsultKeys | None:
        call = self._call
        control = call.control if call is not None else None
        return control if isinstance(control, ConsultKeys) else None

    @property
    def _keys(self) -> PhoneKeys | None:
        call = self._call
        control = call.control if call is not None else None
        return control if isinstance(control, PhoneKeys) else None

    # ------------------------------------------------------------------ inside

    def _begin(self, make: Callable[[], DeskCall]) -> None:
        if self._leave():
            self.later(lambda: self._ring(make))

    def _leave(self) -> bool:
        """Take the call from the desk at once, close it soon; False (and a notice) while people talk."""
        with self._lock:
            call = self._call
            if call is not None and call.state.phase in (Phase.TALKING, Phase.PAUSED):
                call.post(NoticeRaised("desk.hang_up_first"))
                return False
            self._call = None
            self._idle = replace(self._idle, notice=None)
            if call is not None:
                call.deliver = _drop
                self.later(call.close)
            self.deliver(self._idle)
        return True

    def _ring(self, make: Callable[[], DeskCall]) -> None:
        self._end_call()  # two were asked for at once: the last one rings
        try:
            call = make()
        except AppError:
            self._refresh()
            raise
        self.show_drafts(())
        with self._lock:
            call.deliver = self.deliver
            self._call = call
            call.start()

    def _end_call(self) -> None:
        with self._lock:
            call, self._call = self._call, None
        if call is not None:
            call.close()

    def _refresh(self) -> None:
        if self._call is None:
            self.show_drafts(tuple(open_draft(context, draft) for context, _, draft in self._parts.store.drafts()))

    def _warm(self) -> None:
        self._recogniser()

    def _warm_by(self, job: Callable[[], None]) -> None:
        if self._call is None and not self._is_closing:
            job()

    def _recogniser(self) -> RecogniserClient:
        """On the desk's thread."""
        if self._client is None:
            from asr.client import ClientSettings, RecogniserClient  # noqa: PLC0415 - when the window is there
            from asr.overload import OverloadSettings  # noqa: PLC0415

            # Sound that comes in real time may meet a busy PC; a fast replay takes its time instead.
            overload = OverloadSettings() if self._realtime else None
            self._client = RecogniserClient(engine_spec(ReplayOrder()), ClientSettings(overload=overload))
        self._client.warm()
        return self._client

    def _run(self, job: Callable[[], None]) -> None:
        try:
            job()
        except AppError as error:
            self.post(NoticeRaised(error.key, error.params))
        except Exception as error:
            self._parts.report(error, "desk")


def _drop_event(_event: CallEvent) -> None:
    """A call that is put away takes nothing any more."""


def _drop(state: CallState) -> None:
    """A state that nobody is to see any more."""
