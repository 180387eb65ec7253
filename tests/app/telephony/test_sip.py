"""The softphone without a call: its account's line, its own control connection, what it reports of calls, and a real process's secrets."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.domain.call import NoticeRaised
from app.domain.errors import AppError, OperatorVisibleError
from app.domain.line import LineCommand, LineEvent, LineEventKind
from app.platform.clock import SystemClock
from app.telephony.sip_account import SipAccount, number_of
from app.telephony.sip_calls import MIXED, SipCalls
from app.telephony.sip_control import TOPIC, USER, Answer, SipControl
from app.telephony.sip_phone import SipPhone
from app.telephony.sip_process import SipSound, memory_folder
from app.telephony.sip_trace import SipTrace

PATIENCE_S = 60.0
PASSWORD = "p4ss'w(o)rd!$%&/=?*+#,:@^"
ACCOUNT = SipAccount("pbx.hotline.example:5070", "1001", PASSWORD, display="12345 热线")
QUIET = SipSound("aubridge,nobody", "aubridge,nobody", "aubridge,alert", ("aubridge.so",), rings=False)


# ---------------------------------------------------------------------------------------------------------------- account


def test_a_line_holds_what_baresip_must_know() -> None:
    assert ACCOUNT.line() == ('"12345 热线" <sip:1001@pbx.hotline.example:5070;transport=udp>;audio_codecs=pcma;regint=60;'
                              f"auth_pass={PASSWORD}")
    assert PASSWORD not in repr(ACCOUNT)
    assert ACCOUNT.uri("02083330000") == "sip:02083330000@pbx.hotline.example:5070"
    assert (number_of("sip:+8613900000000@x"), number_of("sip:anonymous@anonymous.invalid")) == ("8613900000000", "")


@pytest.mark.parametrize(("change", "key"), [
    ({"server": "pbx;transport=tls"}, "sip.account_wrong"), ({"user": "10 01"}, "sip.account_wrong"),
    ({"display": 'a" <sip:x@y>'}, "sip.account_wrong"), ({"login": "x;auth_pass=y"}, "sip.account_wrong"),
    ({"password": "half;answermode=auto"}, "sip.password_unusable"), ({"password": "two words"}, "sip.password_unusable"),
    ({"password": "x" * 200}, "sip.account_wrong"),
])
def test_what_would_arrive_otherwise_is_refused(change: dict[str, str], key: str) -> None:
    with pytest.raises(OperatorVisibleError) as caught:
        SipAccount(**{"server": "pbx", "user": "1001", "password": "x", **change})
    assert caught.value.key == key


@pytest.mark.parametrize("number", ["", "110\nhangup", "sip:x@y z", "110;x", "<sip:1@2>", "姓名"])
def test_only_numbers_are_dialled(number: str) -> None:
    with pytest.raises(OperatorVisibleError):
        ACCOUNT.uri(number)


# ---------------------------------------------------------------------------------------------------------------- control


class Listener:
    """What came over the control connection."""

    def __init__(self) -> None:
        self.ready = threading.Event()
        self.answers: list[Answer] = []
        self.control = SipControl(lambda event: None, self.answers.append, self.ready.set)
        self.control.start()


@pytest.fixture
def listener() -> Iterator[Listener]:
    one = Listener()
    yield one
    one.control.close()


def connect(port: int, password: str) -> socket.socket:
    def field(text: str) -> bytes:
        return len(text).to_bytes(2, "big") + text.encode()

    body = field("MQTT") + b"\x04\xc2\x00\x3c" + field(TOPIC) + field(USER) + field(password)
    line = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
    line.sendall(b"\x10" + bytes([len(body)]) + body)
    return line


def test_nobody_but_our_own_process_is_let_in_and_then_nobody(listener: Listener) -> None:
    for rubbish in (b"GET / HTTP/1.1\r\n\r\n", b"\x10\xff\xff\xff\xff\xff", b""):
        with socket.create_connection(("127.0.0.1", listener.control.port), PATIENCE_S) as line:
            line.sendall(rubbish)
            line.shutdown(socket.SHUT_WR)
            assert line.recv(16) == b""
    with connect(listener.control.port, "guessed") as line:
        assert line.recv(16) == b""
    assert not listener.control.send("quit")
    with connect(listener.control.port, listener.control.password) as line:
        assert line.recv(4) == b"\x20\x02\x00\x00"
        line.sendall(b"\x82\x05\x00\x01\x00\x00\x00")
        assert line.recv(5) == b"\x90\x03\x00\x01\x00"
        assert listener.ready.wait(PATIENCE_S)
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", listener.control.port), PATIENCE_S)
        token = listener.control.send("hold", "", "call-7")
        sent = line.recv(4096)
        assert json.loads(sent[sent.index(b"{"):]) == {"command": "hold", "token": token, "accountaor": "", "callid": "call-7"}


# ---------------------------------------------------------------------------------------------------------------- calls


class Baresip:
    """Notes commands; answers are given by the test."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []

    def send(self, command: str, params: str = "", call_id: str = "") -> str:
        self.sent.append((command, params, call_id))
        return str(len(self.sent))

    def tags(self, call_id: str) -> tuple[str, str]:
        return ("theirs", "ours")


class Scene:
    """Calls, and what they report."""

    def __init__(self, room: str = "") -> None:
        self.events: list[LineEvent] = []
        self.notices: list[NoticeRaised] = []
        self.calls = SipCalls(ACCOUNT, room, self.events.append, self.notices.append)
        self.baresip = self.calls.baresip = Baresip()

    def event(self, kind: str, call_id: str, is_outgoing: bool = False, param: str = "") -> None:
        self.calls.take({"type": kind, "id": call_id, "direction": "outgoing" if is_outgoing else "incoming",
                         "peeruri": "sip:13900000000@pbx", "param": param})

    def joined(self) -> None:
        self.event("CALL_INCOMING", "a")
        self.event("CALL_ESTABLISHED", "a")

    @property
    def transfers(self) -> list[str]:
        return [call_id for command, _, call_id in self.baresip.sent if command == "transfer"]

    @property
    def kinds(self) -> list[LineEventKind]:
        return [event.kind for event in self.events]


def test_a_call_is_told_as_it_happens_and_muting_is_what_the_telephone_says() -> None:
    scene = Scene()
    scene.joined()
    scene.calls.command(LineCommand.MUTE, {})
    scene.calls.answered(Answer("1", True, "\ncall un-muted\n"))  # it stood the other way round
    assert [command for command, _, _ in scene.baresip.sent] == ["mute", "mute"]
    scene.calls.command(LineCommand.HOLD, {})
    scene.event("CALL_CLOSED", "a", param="Connection reset by peer")
    assert scene.kinds == [LineEventKind.RINGING, LineEventKind.ANSWERED, LineEventKind.HELD, LineEventKind.RELEASED]
    assert {event.call_id for event in scene.events} == {"sip-1"}


def test_a_consulted_colleague_who_hangs_up_late_is_not_taken_for_the_next_one() -> None:
    scene = Scene()
    scene.joined()
    scene.calls.command(LineCommand.CONSULT, {"target": "2002"})
    scene.event("CALL_ESTABLISHED", "b", True)
    scene.calls.command(LineCommand.RETURN, {})
    scene.calls.command(LineCommand.CONSULT, {"target": "2003"})
    scene.event("CALL_CLOSED", "b", True)
    scene.event("CALL_ESTABLISHED", "c", True)
    assert [notice.key for notice in scene.notices] == ["sip.consult_up", "sip.consult_up"]
    scene.calls.command(LineCommand.COMPLETE, {})
    assert scene.transfers == []  # the citizen's telephone has not answered yet that it is held
    for _ in range(3):  # held, taken back, held
        assert scene.calls.waits
        scene.event("CALL_REMOTE_SDP", "a", param="answer")
    assert not scene.calls.waits
    assert scene.baresip.sent[-1] == (
        "transfer", "<sip:2003@pbx.hotline.example:5070?Replaces=c%3Bto-tag%3Dtheirs%3Bfrom-tag%3Dours>", "a")


def test_a_conference_is_one_call_that_goes_on() -> None:
    scene = Scene(room="3000")
    scene.joined()
    scene.calls.command(LineCommand.CONFERENCE, {"target": "110"})
    scene.event("CALL_ESTABLISHED", "b", True)
    scene.event("CALL_ESTABLISHED", "room", True)
    assert scene.calls.waits
    scene.calls.wait_no_longer()
    assert scene.transfers == ["a"]
    scene.event("CALL_CLOSED", "a", param="Call transfered")
    assert scene.transfers == ["a", "b"]  # 110 goes in when the citizen is there: else baresip takes him back meanwhile
    scene.event("CALL_CLOSED", "b", True, "Call transfered")
    assert scene.kinds[-1] is LineEventKind.RESUMED
    assert MIXED in scene.events[-1].values
    scene.event("CALL_CLOSED", "room", True)
    assert scene.kinds[-1] is LineEventKind.RELEASED
    assert {event.call_id for event in scene.events} == {"sip-1"}
    assert scene.calls.is_idle


def test_a_citizen_who_is_held_stays_held_when_baresip_takes_him_back_by_itself() -> None:
    scene = Scene()
    scene.joined()
    scene.calls.command(LineCommand.CONSULT, {"target": "2002"})
    scene.event("CALL_ESTABLISHED", "b", True)
    scene.event("CALL_CLOSED", "b", True, "Connection reset by peer")
    assert scene.baresip.sent[-1] == ("hold", "", "a")
    assert not scene.calls.is_talking
    scene.event("CALL_INCOMING", "second")
    scene.event("CALL_CLOSED", "second")  # he heard busy
    assert scene.baresip.sent[-2:] == [("hangup", "", "second"), ("hold", "", "a")]
    scene.calls.command(LineCommand.RESUME, {})
    scene.event("CALL_CLOSED", "third")
    assert scene.baresip.sent[-1] == ("resume", "", "a")


def test_a_conference_into_which_the_citizen_does_not_come_is_none() -> None:
    scene = Scene(room="3000")
    scene.joined()
    scene.calls.command(LineCommand.CONFERENCE, {"target": "110"})
    scene.event("CALL_ESTABLISHED", "b", True)
    scene.event("CALL_ESTABLISHED", "room", True)
    scene.calls.unchanged("a")  # his telephone refuses to be held; he is sent on all the same
    scene.event("TRANSFER_FAILED", "a")
    assert scene.baresip.sent[-1] == ("hangup", "", "room")
    scene.event("CALL_CLOSED", "room", True)
    assert scene.baresip.sent[-2:] == [("hold", "", "a"), ("hold", "", "b")]
    assert [notice.key for notice in scene.notices] == ["sip.transfer_failed", "sip.conference_failed"]
    scene.calls.command(LineCommand.RETURN, {})
    assert scene.kinds[-1] is LineEventKind.RESUMED


def test_a_citizen_of_whom_nothing_comes_is_gone_and_nobody_who_is_held() -> None:
    scene = Scene()
    scene.joined()
    scene.calls.command(LineCommand.HOLD, {})
    scene.calls.peer_lost()
    assert scene.notices == []
    scene.calls.command(LineCommand.RESUME, {})
    scene.calls.peer_lost()
    assert [notice.key for notice in scene.notices] == ["sip.peer_dead"]
    assert scene.baresip.sent[-1] == ("hangup", "", "a")


def test_who_is_dialled_while_the_last_call_is_still_ending_is_called_when_it_is_over() -> None:
    scene = Scene()
    scene.joined()
    scene.calls.command(LineCommand.DIAL, {"target": "2002"})
    assert [notice.key for notice in scene.notices] == ["desk.hang_up_first"]
    scene.calls.command(LineCommand.HANG_UP, {})
    scene.calls.command(LineCommand.DIAL, {"target": "2002"})
    assert scene.baresip.sent[-1][0] == "hangup"
    scene.event("CALL_CLOSED", "a")
    assert scene.baresip.sent[-1] == ("dial", "sip:2002@pbx.hotline.example:5070", "")
    scene.event("CALL_ESTABLISHED", "b", True)
    assert scene.kinds[-3:] == [LineEventKind.RELEASED, LineEventKind.RINGING, LineEventKind.ANSWERED]
    assert scene.events[-1].is_outgoing


def test_how_far_it_is_with_a_colleague_is_told_until_he_is_gone() -> None:
    scene = Scene(room="3000")
    scene.joined()
    scene.calls.command(LineCommand.CONSULT, {"target": "2002"})
    scene.calls.command(LineCommand.RETURN, {})  # he has not answered yet
    scene.calls.command(LineCommand.CONSULT, {"target": "2003"})
    scene.event("CALL_CLOSED", "b", True)  # the first one, late
    scene.event("CALL_ESTABLISHED", "c", True)
    scene.event("CALL_CLOSED", "c", True)
    told = [(event.kind.value, event.target) for event in scene.events if "consult" in event.kind]
    assert told == [("consulting", "2002"), ("consult_over", ""), ("consulting", "2003"), ("consulted", "2003"), ("consult_over", "")]
    assert [notice.key for notice in scene.notices] == ["sip.consult_up", "sip.consult_over"]


def test_every_command_without_a_call_says_that_nothing_was_done() -> None:
    for command in LineCommand:
        scene = Scene(room="3000")
        scene.calls.command(command, {"target": "110; rubbish"})
        assert len(scene.notices) == 1
        assert scene.calls.is_idle


def test_tags_of_a_dialog_are_read_from_its_messages() -> None:
    trace = SipTrace()
    seen = [trace.feed(line) for line in (
        "\x1b[36;1m#", "UDP 10.0.0.2:5060 -> 10.0.0.1:5060", "INVITE sip:2002@pbx SIP/2.0\r", "To: <sip:2002@pbx>\r",
        "From: <sip:1001@pbx>;tag=ours\r", "Call-ID: x\r", "CSeq: 7 INVITE\r", "\r", "v=0\r", "\x1b[;m",
        "\x1b[36;1m#", "UDP 10.0.0.1:5060 -> 10.0.0.2:5060", "SIP/2.0 200 OK\r", "To: <sip:2002@pbx>;tag=theirs\r",
        "From: <sip:1001@pbx>;tag=ours\r", "Call-ID: x\r", "CSeq: 7 INVITE\r", "\r", "\x1b[;m")]
    assert [message.status for message in seen if message is not None] == [0, 200]
    assert trace.tags("x") == ("theirs", "ours")
    assert trace.tags("y") == ("", "")


# ---------------------------------------------------------------------------------------------------------------- process


@pytest.fixture
def phone() -> Iterator[tuple[SipPhone, list[str]]]:
    """A real process, without a server that answers."""
    if shutil.which("baresip") is None:
        pytest.skip("needs baresip (Debian: baresip-core)")
    try:
        folder = memory_folder()
    except AppError:
        pytest.skip("needs a folder in memory")
    told: list[str] = []
    one = SipPhone(SipAccount("127.0.0.1:9", "1001", PASSWORD), "", QUIET, folder, SystemClock())
    one.start(lambda event: None, lambda notice: told.append(notice.key))
    yield one, told
    one.close()
    assert not folder.exists()


def until(holds: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(round(PATIENCE_S / 0.02)):
        if holds():
            return
        pause.wait(0.02)
    raise AssertionError("it did not happen")


def test_the_password_is_nowhere_to_be_read_and_a_process_that_dies_is_started_again(phone: tuple[SipPhone, list[str]]) -> None:
    one, told = phone
    until(lambda: one.pid > 0 and not (one.tap.parent / "run").exists())  # it has read its configuration and speaks to us
    assert one.wait_settled(PATIENCE_S)  # the account was handed over: the server does not answer
    assert told == ["sip.server_gone"]
    assert stat.S_IMODE(one.tap.parent.stat().st_mode) == 0o700
    assert PASSWORD not in Path(f"/proc/{one.pid}/cmdline").read_text("utf-8")
    assert PASSWORD not in Path(f"/proc/{one.pid}/environ").read_text("utf-8")
    for file in one.tap.parent.rglob("*"):
        assert file.is_dir() or PASSWORD.encode() not in file.read_bytes()
    first = one.pid
    os.kill(first, signal.SIGKILL)
    until(lambda: one.pid not in (0, first) and one.send(LineCommand.HANG_UP, {}))
    assert "sip.process_died" in told
