"""Live calls at the desk: what the line reports becomes calls in the window, and F2 begins one where no line reports anything.

``LineDesk`` takes reports on the link's threads, puts them in order on its own ("line"), and does with the desk what ``LineBook`` says:
screen-pop on ring, listening from joined to released, hold unheard. A ring while a ticket is being finished is told, and the desk switches
when the call is joined; the ticket stays as a draft.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.assembly import call_phrases, new_session
from app.assembly_delivery import named_secrets
from app.desk_calls import CallParts, DeskCall, DeskCalls
from app.domain.call import NoticeRaised, Phase
from app.domain.dialogue import CallContext
from app.domain.errors import AppError
from app.domain.line import LineBook, LineCommand, LineEvent, LineEventKind, LineStep
from app.platform.settings import Settings
from app.platform.worker_thread import WorkerThread
from app.ports.line import LineLink
from app.ports.ports import AudioSource, Clock, SwitchingKnowledge
from app.services.call_words import CallWords
from app.services.live_call import LiveRun
from app.services.replay import AudioDriver, Latencies, SpeechGate
from app.store.outbox import SqliteOutbox
from app.store.ticket_store import SqliteTicketStore
from app.telephony.line_control import LineControl

if TYPE_CHECKING:
    from app.audio.device_source import Sides
    from asr.client import RecogniserClient

_BUSY = (Phase.TALKING, Phase.PAUSED)
#: Why a number that was dialled did not answer, by SIP's status.
_NOT_REACHED = {"486": "sip.callee_busy", "600": "sip.callee_busy", "404": "sip.callee_unknown", "484": "sip.callee_unknown",
                "604": "sip.callee_unknown", "408": "sip.callee_silent", "480": "sip.callee_silent", "487": "sip.callee_silent"}
Source = Callable[[Callable[[NoticeRaised], None]], AudioSource]


@dataclass(frozen=True, slots=True)
class LiveParts:
    """What live calls are made from.

    Attributes:
        city: the hotline's.
        source: makes a call's sound; takes what is told of it.
        link: the line, None for a telephone beside this PC.
        clock: time.
        announcement: what the operator announces, "" for nothing.
    """

    city: str
    source: Source
    link: LineLink | None
    clock: Clock
    announcement: str = ""


def live_call(event: LineEvent | None, serial: int, live: LiveParts, parts: CallParts,
              recogniser: Callable[[], RecogniserClient]) -> DeskCall:
    """A call that happens now, ringing.

    Args:
        event: the line's report, None for a call that the operator begins by hand.
        serial: tells calls of the same second apart.
        live: what it is made from.
        parts: what every call is made from.
        recogniser: a warm one.

    Raises:
        AppError: model or city cannot be used.
    """
    now = live.clock.now()
    context = CallContext(f"live-{now:%Y%m%d%H%M%S}-{serial}", now.isoformat(timespec="seconds"), live.city,
                          event.number if event is not None else "", event is not None and event.is_outgoing)
    if isinstance(parts.knowledge, SwitchingKnowledge):
        parts.knowledge.use_newest()
    call = DeskCall(new_session(context, parts.knowledge), parts)
    client, sound = recogniser(), parts.sound()
    driver = AudioDriver(live.source(call.post), client, live.clock, False, sound.take)
    phrases = call_phrases(context, parts.knowledge)
    call.follow = CallWords(client.set_context, phrases).follow
    run = LiveRun(driver, client, call.post, SpeechGate(call.post, Latencies()), phrases)
    call.play(run, lambda: client.versions)
    call.control = LineControl(run, call.post, live.link, event)
    call.sound = sound
    return call


class LineDesk:
    """See the module.

    Args:
        calls: the desk.
        live: what live calls are made from.
    """

    def __init__(self, calls: DeskCalls, live: LiveParts) -> None:
        self._calls, self._live = calls, live
        self._book = LineBook()
        self._serial = itertools.count(1)
        self._worker: WorkerThread[LineEvent] = WorkerThread("line", self._take)
        self._control: LineControl | None = None

    def start(self) -> None:
        """Take reports.

        Raises:
            AppError: the line cannot be listened to.
        """
        self._worker.start()
        if self._live.link is not None:
            self._live.link.start(self._worker.post, self._calls.post)

    def close(self) -> None:
        """Take no more."""
        if self._live.link is not None:
            self._live.link.close()
        self._worker.stop()

    def begin(self) -> None:
        """The operator answers a telephone that reports nothing; any thread."""
        self._pop(None, True)

    def _take(self, event: LineEvent) -> None:
        step = self._book.take(event)
        caller = {"number": "…" + event.number[-4:] if event.number else "-"}
        if step is LineStep.POP and self._calls.phase is Phase.WRAP_UP and not event.is_outgoing:
            self._calls.post(NoticeRaised("cti.rings_in_wrap_up", caller))
            self._control = None
        elif step in (LineStep.POP, LineStep.POP_AND_JOIN):
            self._pop(event, step is LineStep.POP_AND_JOIN)
        elif step is LineStep.JOIN:
            self._join(event)
        elif step is LineStep.SECOND:
            if event.kind is LineEventKind.RINGING:
                self._calls.post(NoticeRaised("cti.second_call", caller))
        elif step is LineStep.MISSED:
            self._missed(event, caller)
        elif step is LineStep.CONSULT:
            self._calls.later(lambda: self._consulted(event))
        elif step is not LineStep.NOTHING:
            self._calls.later(lambda: self._tell_control(step))
            from app.telephony.sip_calls import MIXED  # noqa: PLC0415 - see live_line

            if event.values.get(MIXED):
                self._calls.pause_recognition(True)

    def _pop(self, event: LineEvent | None, is_joined: bool) -> None:
        if self._calls.phase in _BUSY:
            self._calls.post(NoticeRaised("desk.hang_up_first"))
            return
        self._control = None
        made: list[DeskCall] = []

        def make(parts: CallParts, recogniser: Callable[[], RecogniserClient]) -> DeskCall:
            made.append(live_call(event, next(self._serial), self._live, parts, recogniser))
            return made[0]

        def then() -> None:
            control = made[0].control if made else None
            self._control = control if isinstance(control, LineControl) else None
            if is_joined:
                self._joined()

        self._calls.open_live(make, then)

    def _join(self, event: LineEvent) -> None:
        if self._calls.phase in (Phase.WRAP_UP, Phase.SUBMITTED, Phase.IDLE):
            self._pop(self._book.current or event, True)
        else:
            self._calls.later(self._joined)

    def _joined(self) -> None:
        """On the desk's thread, after the call is there."""
        if self._control is None:
            return
        self._control.joined()
        if self._live.announcement:
            self._calls.post(NoticeRaised("cti.announce", {"text": self._live.announcement}))

    def _tell_control(self, step: LineStep) -> None:
        """On the desk's thread."""
        control = self._control
        if control is None:
            return
        if step in (LineStep.HOLD, LineStep.RESUME):
            control.held(step is LineStep.HOLD)
        else:
            if step is LineStep.HANDED_ON:
                self._calls.post(NoticeRaised("cti.handed_on"))
            control.ended()

    def _consulted(self, event: LineEvent) -> None:
        """On the desk's thread."""
        if self._control is not None:
            self._control.consulted(event)

    def _missed(self, event: LineEvent, caller: dict[str, str]) -> None:
        if self._calls.phase is Phase.RINGING:
            self._calls.next_call()
        is_refused = bool(event.values.get("refused"))
        if event.is_outgoing:
            key = "sip.dial_given_up" if is_refused else _NOT_REACHED.get(event.values.get("why", "")[:3], "sip.dial_failed")
        else:
            key = "sip.rejected" if is_refused else "cti.missed"
        self._calls.post(NoticeRaised(key, caller))

    def dial(self, number: str) -> None:
        """Call a number; any thread."""
        link = self._live.link
        if link is None or not link.send(LineCommand.DIAL, {"target": number}):
            self._calls.post(NoticeRaised("cti.not_sent", {"command": LineCommand.DIAL.value}))


@contextlib.contextmanager
def live_line(calls: DeskCalls, settings: Settings, clock: Clock, store: SqliteTicketStore) -> Iterator[None]:
    """Live calls at this desk, as the settings say; what cannot be used is told and never keeps the desk from opening."""
    if not settings.flag("audio.live"):
        yield
        return
    link: LineLink | None = None
    sides: list[Sides] = []  # one, kept from call to call

    def devices(tell: Callable[[NoticeRaised], None]) -> AudioSource:
        from app.audio.device_source import DeviceSource, Sides  # noqa: PLC0415 - a call opens devices, the window does not

        if not sides:
            sides.append(Sides())
        return DeviceSource(settings.text("audio.microphone"), settings.text("audio.speaker"), clock, tell, sides[0])

    source: Source = devices
    try:
        secrets = named_secrets(SqliteOutbox(store, clock))
        if settings.text("sip.server") and settings.text("sip.user"):
            from app.assembly_sip import PASSWORD, sip_phone, sip_source  # noqa: PLC0415 - a desk without a softphone does not load it

            link = phone = sip_phone(settings, clock, secrets(PASSWORD) or "")
            source = sip_source(phone, settings, clock)
        elif settings.text("cti.mapping"):
            from app.assembly_cti import TOKEN, cti_link  # noqa: PLC0415 - three kinds of links that a desk without one does not load

            link = cti_link(settings, clock, secrets(TOKEN) or "")
    except AppError as error:
        calls.post(NoticeRaised(error.key, error.params))

    desk = LineDesk(calls, LiveParts(settings.text("desk.city"), source, link, clock, settings.text("call.announcement")))
    if source is devices:  # a softphone hears its own calls only: there is nothing to begin by hand
        calls.begin_live = desk.begin
    if link is not None and LineCommand.DIAL in link.commands:
        calls.dial_line = desk.dial
    try:
        desk.start()
    except AppError as error:
        calls.post(NoticeRaised(error.key, error.params))
    try:
        yield
    finally:
        calls.begin_live = calls.dial_line = None
        desk.close()
