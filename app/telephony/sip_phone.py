"""The softphone as a ``LineLink``: keeps baresip running and registered, and says what is true of it.

Everything happens on one thread, "sip", in order: baresip's events, answers and output, the operator's commands, and what is due. A process
that ends is started anew after half a second, then later and later; a registration that fails is tried anew after five seconds up to half a
minute, one that the server refuses after two minutes (a wrong password that is tried often locks the account). The operator is told once
what is wrong and what to do, and once when all is well again.

    EnvironmentFault   sip.not_installed, sip.no_memory_folder, sip.cannot_start (``app.telephony.sip_process``), at ``start``
"""

from __future__ import annotations

import contextlib
import re
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.domain.call import NoticeRaised
from app.domain.errors import AppError
from app.domain.line import LineCommand, LineEvent
from app.platform.worker_thread import WorkerThread
from app.ports.ports import Clock
from app.telephony.sip_account import SipAccount
from app.telephony.sip_calls import CHANGE_S, SipCalls
from app.telephony.sip_control import Answer, SipControl
from app.telephony.sip_process import SipProcess, SipSound, local_address
from app.telephony.sip_trace import SipMessage, SipTrace

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
FIRST_REGISTER_S, REFUSED_S = 5.0, 120.0
#: So long a server may take over an answer to REGISTER before the operator is told.
ANSWER_S = 5.0
_READY_S = 15.0
_WELL_S = 30.0
_REFUSED = (401, 403, 404, 407)
_SOUND_FAILED = re.compile(r"start_(source|player) failed|alsa: .*(could not|cannot|unable)", re.IGNORECASE)


@dataclass(slots=True)
class _Run:
    """One process and what belongs to it."""

    process: SipProcess
    control: SipControl
    trace: SipTrace = field(default_factory=SipTrace)
    address: str = ""
    began_s: float = 0.0
    is_ready: bool = False

    def send(self, command: str, params: str = "", call_id: str = "") -> str:
        """See ``SipControl``."""
        return self.control.send(command, params, call_id)

    def tags(self, call_id: str) -> tuple[str, str]:
        """See ``SipTrace``."""
        return self.trace.tags(call_id)


class SipPhone:
    """See the module.

    Args:
        account: where it registers.
        room: the conference room's number, "" for none.
        sound: devices.
        folder: of ``memory_folder``; removed by ``close``.
        clock: time.
        keep_alive_s: seconds between signs of life that an idle softphone asks of the server (OPTIONS); 0 for none.
    """

    def __init__(self, account: SipAccount, room: str, sound: SipSound, folder: Path, clock: Clock, keep_alive_s: int = 0) -> None:
        self._account, self._sound, self._folder, self._clock, self._keep_alive_s = account, sound, folder, clock, keep_alive_s
        self._calls = SipCalls(account, room, self._report, self._notify)
        self._on_event: Callable[[LineEvent], None] = lambda event: None
        self._tell: Callable[[NoticeRaised], None] = lambda notice: None
        self._worker: WorkerThread[Callable[[], None]] = WorkerThread("sip", lambda job: job(), on_idle=self._look)
        self._run: _Run | None = None
        self._wait_s, self._register_wait_s = FIRST_WAIT_S, FIRST_REGISTER_S
        self._due: dict[str, float] = {}
        self._trouble = ""
        self._knows_options: bool | None = None  # whether the server answers them; None: it was not asked yet, or may be dead
        self.is_registered = False
        self._is_closing = False
        self._settled = threading.Event()

    @property
    def tap(self) -> Path:
        """Folder in which what is heard appears (``app.audio.softphone_source``)."""
        return self._folder / "tap"

    @property
    def is_talking(self) -> bool:
        """Whether the caller should be heard now: joined and not held. Any thread."""
        return self._calls.is_talking

    @property
    def is_muted(self) -> bool:
        """Whether the operator has switched his microphone off here. Any thread."""
        return self._calls.is_muted

    @property
    def pid(self) -> int:
        """Of the process that runs now; 0 for none."""
        run = self._run
        return run.process.pid if run is not None else 0

    @property
    def commands(self) -> frozenset[LineCommand]:
        """See ``LineLink``."""
        return self._calls.commands

    def start(self, on_event: Callable[[LineEvent], None], tell: Callable[[NoticeRaised], None]) -> None:
        """Run and register; see ``LineLink``."""
        self._on_event, self._tell = on_event, tell
        self._worker.start()
        self._worker.post(self._begin)

    def send(self, command: LineCommand, values: Mapping[str, str]) -> bool:
        """See ``LineLink``."""
        run = self._run
        if run is None or not run.is_ready or command not in self.commands:
            return False
        self._worker.post(lambda: self._command(command, values))
        return True

    def peer_lost(self) -> None:
        """Whoever listens has heard nothing of the caller for so long that he is gone: end the call. Any thread."""
        self._worker.post(self._calls.peer_lost)

    def wait_settled(self, seconds: float) -> bool:
        """Whether the server has answered (registered or refused) within so long; for a command that checks an account."""
        return self._settled.wait(seconds)

    @property
    def trouble(self) -> str:
        """Message key of what is wrong now; "" where nothing is known to be."""
        return self._trouble

    def close(self) -> None:
        """Hang up, leave the server, end everything; safe to call twice."""
        if not self._is_closing:
            self._is_closing = True
            self._worker.post(self._end)
        self._worker.stop(15.0)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _report(self, event: LineEvent) -> None:
        self._on_event(event)

    def _notify(self, notice: NoticeRaised) -> None:
        self._tell(notice)

    # ------------------------------------------------------------------ the process's life

    def _begin(self) -> None:
        if self._is_closing:
            return
        run: list[_Run] = []

        def later(job: Callable[[_Run], None]) -> None:
            self._worker.post(lambda: job(run[0]) if run and run[0] is self._run else None)

        control = SipControl(lambda event: later(lambda _: self._take(event)), lambda answer: later(lambda _: self._answered(answer)),
                             lambda: later(self._ready), self._account.address)
        process = SipProcess(self._account, self._sound, self._folder, control, lambda line: later(lambda each: self._line(each, line)))
        run.append(_Run(process, control, address=local_address(self._account.host), began_s=self._clock.monotonic_s()))
        self._run = run[0]
        try:
            process.start()
        except AppError as error:
            control.close()
            self._run = None
            self._say(error.key)
            self._settled.set()
            self._due["restart"] = self._clock.monotonic_s() + LONGEST_WAIT_S
            return
        self._due["ready"] = self._clock.monotonic_s() + _READY_S

    def _ready(self, run: _Run) -> None:
        run.is_ready = True
        run.process.forget_configuration()
        self._due.pop("ready", None)
        self._calls.baresip = run
        self._register()

    def _line(self, run: _Run, line: str | None) -> None:
        """A line that the process printed; None: it has ended."""
        if line is None:
            self._gone(run)
        elif (message := run.trace.feed(line)) is not None:
            self._seen(message)
        elif _SOUND_FAILED.search(line):
            self._tell(NoticeRaised("sip.sound_failed"))

    def _gone(self, run: _Run) -> None:
        run.control.close()
        self._run = self._calls.baresip = None
        self.is_registered = False
        self._due.clear()
        if self._is_closing:
            return
        now_s = self._clock.monotonic_s()
        if now_s - run.began_s > _WELL_S:
            self._wait_s = FIRST_WAIT_S
        self._calls.lost()
        self._forget_sound()
        self._say("sip.process_died")
        self._due["restart"] = now_s + self._wait_s
        self._wait_s = min(self._wait_s * 2, LONGEST_WAIT_S)

    def _end(self) -> None:
        self._due.clear()
        run, self._run = self._run, None
        self._calls.baresip = None
        if run is not None:
            run.process.close()

    def _look(self) -> float:
        """What is due; seconds until the next look."""
        now_s = self._clock.monotonic_s()
        for name in [each for each, at_s in self._due.items() if at_s <= now_s]:
            if self._due.pop(name, None) is not None:
                {"restart": self._begin, "ready": self._stuck, "register": self._register, "answer": self._unanswered,
                 "ask": self._ask, "sign": self._no_sign, "change": self._calls.wait_no_longer}[name]()
        return max(0.05, min(self._due.values(), default=now_s + 3600.0) - now_s)

    def _stuck(self) -> None:
        """It runs and does not speak to us."""
        if self._run is not None:
            self._run.process.kill()

    # ------------------------------------------------------------------ registration

    def _register(self) -> None:
        """Make the account anew, which registers it; during a call there is time afterwards."""
        run = self._run
        if run is None or not run.is_ready:
            return
        if not self._calls.is_idle:
            self._due["register"] = self._clock.monotonic_s() + FIRST_REGISTER_S
            return
        if run.address != local_address(self._account.host) and not self.is_registered and self._trouble:
            run.process.kill()  # another network: its sockets are bound to an address that is no more
            return
        run.send("uadel", self._account.address)
        run.send("uanew", self._account.line())
        self._due["answer"] = self._clock.monotonic_s() + ANSWER_S

    def _ask(self) -> None:
        """For a sign of life, so that a server that is gone is not noticed only at the next registration."""
        run = self._run
        if run is None or not self.is_registered or self._knows_options is False:
            return
        if self._calls.is_idle:
            run.send("options", self._account.server_uri)
            self._due["sign"] = self._clock.monotonic_s() + ANSWER_S
        else:
            self._due["ask"] = self._clock.monotonic_s() + self._keep_alive_s

    def _no_sign(self) -> None:
        """Nothing came. A server that never answered this question may still be well: registering tells."""
        if self._knows_options:
            self._unregistered("")
        else:
            self._knows_options = False
            self._register()

    def _seen(self, message: SipMessage) -> None:
        """A SIP message came or went: REGISTER matters here, and any answer to OPTIONS."""
        if message.method == "OPTIONS" and message.status and self._due.pop("sign", None) is not None:
            self._knows_options = True
            self._due["ask"] = self._clock.monotonic_s() + self._keep_alive_s
        if message.method == "INVITE" and message.status >= 300 and message.status not in (401, 407):
            self._calls.unchanged(message.call_id)
        if message.method != "REGISTER":
            return
        if not message.status:
            self._due.setdefault("answer", self._clock.monotonic_s() + ANSWER_S)
        elif message.status not in (100, 401, 407):  # a challenge alone is no answer; a second one shows as REGISTER_FAIL
            self._due.pop("answer", None)

    def _take(self, event: Mapping[str, object]) -> None:
        kind = event.get("type")
        if kind == "REGISTER_OK":
            self._registered()
        elif kind == "REGISTER_FAIL":
            self._unregistered(str(event.get("param", "")))
        else:
            self._calls.take(event)
            self._wait_for_change()
            if self._calls.is_idle:
                self._forget_sound()

    def _command(self, command: LineCommand, values: Mapping[str, str]) -> None:
        self._calls.command(command, values)
        self._wait_for_change()

    def _wait_for_change(self) -> None:
        if self._calls.waits:
            self._due.setdefault("change", self._clock.monotonic_s() + CHANGE_S)
        else:
            self._due.pop("change", None)

    def _answered(self, answer: Answer) -> None:
        self._calls.answered(answer)

    def _forget_sound(self) -> None:
        """What nobody listened to."""
        with contextlib.suppress(OSError):
            for file in self.tap.glob("*.wav"):
                file.unlink(missing_ok=True)

    def _registered(self) -> None:
        self.is_registered = True
        self._register_wait_s = FIRST_REGISTER_S
        self._due.pop("answer", None)
        self._due.pop("register", None)
        if self._keep_alive_s:
            self._due["ask"] = self._clock.monotonic_s() + self._keep_alive_s
        if self._trouble:
            self._trouble = ""
            self._tell(NoticeRaised("sip.back", {"server": self._account.server}))
        self._settled.set()

    def _unregistered(self, why: str) -> None:
        self.is_registered = False
        self._knows_options = self._knows_options or None  # it may have been dead when it was asked
        for name in ("answer", "ask", "sign"):
            self._due.pop(name, None)
        now_s = self._clock.monotonic_s()
        if why[:3].isdigit() and int(why[:3]) in _REFUSED:
            self._say("sip.refused")
            self._due["register"] = now_s + REFUSED_S
        else:
            self._say("sip.server_gone")
            self._due["register"] = now_s + self._register_wait_s
            self._register_wait_s = min(self._register_wait_s * 2, LONGEST_WAIT_S)
        self._settled.set()

    def _unanswered(self) -> None:
        """The server has not answered in time: told now; baresip itself waits for half a minute."""
        self._unregistered("")

    def _say(self, key: str) -> None:
        """Tell a trouble once, until another one comes or it is over."""
        if key != self._trouble:
            self._trouble = key
            self._tell(NoticeRaised(key, {"server": self._account.server, "user": self._account.user}))
