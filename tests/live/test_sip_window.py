"""A SIP call answered, held, muted, keyed, transferred and hung up in the real window (offscreen), heard through a real sound server."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
os.environ["QT_QPA_PLATFORM"] = "offscreen"

import numpy as np
import psutil
import soundfile
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app import cli
from app.desk import Desk, opened_desk
from app.domain.call import Phase
from app.domain.dialogue import Channel
from tests.end2end.test_desk import phase, settle
from tests.live.sip_relay import SipRelay
from tests.live.sip_seat import text
from tests.live.sipp import CITIZEN, PASSWORD, USER, Sipp, a_law, caller, free_port, missing, server
from tests.live.sound_server import SoundServer, sound_server
from tests.live.test_sip_call import pressed, ready, recording, silent
from widgets.phone_keys import DialWindow, KeypadWindow, TransferWindow

__all__ = ["ready", "recording"]  # fixtures
pytestmark = [pytest.mark.qt,
              pytest.mark.skipif(bool(missing()), reason=f"needs {', '.join(missing())} (Debian: baresip-core sip-tester sox)")]


@pytest.fixture
def sounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    with sound_server(tmp_path, monkeypatch) as running:
        yield running


@pytest.fixture
def registrar(tmp_path: Path) -> Iterator[Sipp]:
    with Sipp(tmp_path, server(), calls=0) as one:
        yield one


@pytest.fixture
def port(registrar: Sipp, home_with_lexicon: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """The softphone's, set up as an administrator does it: settings, and the password by its command."""
    found = free_port()
    (home_with_lexicon / "config").mkdir()
    (home_with_lexicon / "config" / "settings.toml").write_text(
        f'[sip]\nserver = "127.0.0.1:{registrar.port}"\nuser = "{USER}"\nport = {found}\nconference = "3000"\n', "utf-8")
    monkeypatch.setenv("TINGDAN_PASSPHRASE", "correct horse battery")
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
    assert cli.main(["sip", "secret", "set"]) == 0
    return found


@pytest.fixture
def desk(ready: None, sounds: SoundServer, port: int) -> Iterator[Desk]:
    with opened_desk() as held:
        until(lambda: phase(held) is Phase.IDLE, "the desk waits")
        yield held
    settle()


def until(holds: Callable[[], bool], what: str) -> None:
    for _ in range(6000):
        if holds():
            return
        QTest.qWait(10)
    raise AssertionError(f"not within a minute: {what}")


def notices(desk: Desk) -> list[str]:
    state = desk.presenters.bridge.state
    return [each.key for each in state.notices] if state is not None else []


def words(desk: Desk, channel: Channel) -> str:
    state = desk.presenters.bridge.state
    return text(state, channel) if state is not None else ""


def test_the_account_is_checked_by_its_command(sounds: SoundServer, port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sip", "test"]) == 0
    assert USER in capsys.readouterr().out


def test_all_keys_of_the_call_bar(desk: Desk, sounds: SoundServer, port: int, recording: Path, tmp_path: Path) -> None:
    voice = a_law(recording, tmp_path / "citizen.alaw", 2, pad_s=20.0)
    samples, rate_hz = soundfile.read(recording)
    soundfile.write(tmp_path / "operator.wav", samples[:, 0], rate_hz)
    bar, relay = desk.window.call_bar, SipRelay(port)
    try:
        until(baresip_is_there, "the softphone runs")
        with Sipp(tmp_path, caller(voice), f"127.0.0.1:{relay.port}"):
            until(lambda: phase(desk) is Phase.RINGING, "it rings")
            assert bar.answer.isEnabled()
            assert bar.hang_up.isEnabled()
            QTest.mouseClick(bar.answer, Qt.MouseButton.LeftButton)
            until(lambda: phase(desk) is Phase.TALKING, "it is joined")
            sounds.play(tmp_path / "operator.wav", "mouth")
            until(lambda: bool(words(desk, Channel.CITIZEN) and words(desk, Channel.OPERATOR)), "both sides are heard")
            until(lambda: heard_by_operator(sounds), "the citizen's voice reaches the headset")

            QTest.mouseClick(bar.hold, Qt.MouseButton.LeftButton)
            until(lambda: phase(desk) is Phase.PAUSED, "it is held")
            until(lambda: any("a=sendonly" in message for message in relay.seen.sip), "the citizen's side knows")
            QTest.mouseClick(bar.hold, Qt.MouseButton.LeftButton)
            until(lambda: phase(desk) is Phase.TALKING, "it is resumed")

            QTest.mouseClick(bar.phone.mute, Qt.MouseButton.LeftButton)
            until(bar.phone.mute.isChecked, "it is muted")
            sent = len(relay.seen.from_desk)
            until(lambda: silent(relay, sent), "the citizen hears nothing")
            QTest.qWait(5000)
            assert not [key for key in notices(desk) if key.startswith("sound.")], "the operator knows that he is muted"
            QTest.mouseClick(bar.phone.mute, Qt.MouseButton.LeftButton)
            until(lambda: not bar.phone.mute.isChecked(), "it is open again")

            QTest.mouseClick(bar.phone.keypad, Qt.MouseButton.LeftButton)
            keypad = bar.phone.findChild(KeypadWindow)
            QTest.mouseClick(keypad.keys["7"], Qt.MouseButton.LeftButton)
            until(lambda: pressed(relay, "7"), "the tone goes out")
            keypad.close()

            QTest.mouseClick(bar.phone.transfer, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
            window = bar.phone.findChild(TransferWindow)
            QTest.keyClicks(window.number, "2002")
            QTest.keyClick(window.number, Qt.Key.Key_Return)
            until(lambda: phase(desk) is Phase.WRAP_UP, "he is handed on")
            assert "cti.handed_on" in notices(desk)
            assert any(message.startswith("REFER") and "sip:2002@" in message for message in relay.seen.sip)
        desk.calls.next_call()
        with Sipp(tmp_path, caller(voice), f"127.0.0.1:{relay.port}"):
            until(lambda: phase(desk) is Phase.RINGING, "another rings")
            QTest.mouseClick(bar.answer, Qt.MouseButton.LeftButton)
            until(lambda: phase(desk) is Phase.TALKING, "it is joined")
            QTest.mouseClick(bar.hang_up, Qt.MouseButton.LeftButton)
            until(lambda: phase(desk) is Phase.WRAP_UP, "it is over")
            until(lambda: any(message.startswith("BYE") for message in relay.seen.sip), "the citizen's side knows")
    finally:
        relay.close()


def test_a_colleague_is_asked_110_comes_in_and_the_citizen_is_called_back(desk: Desk, port: int, recording: Path,
                                                                           tmp_path: Path) -> None:
    voice = a_law(recording, tmp_path / "citizen.alaw", 2, pad_s=60.0)
    bar = desk.window.call_bar
    until(baresip_is_there, "the softphone runs")
    assert bar.phone.dial.isVisible(), "an idle desk dials"
    with Sipp(tmp_path, caller(voice), f"127.0.0.1:{port}"):
        until(lambda: phase(desk) is Phase.RINGING, "it rings")
        bar.answer.click()
        until(lambda: phase(desk) is Phase.TALKING, "it is joined")
        numbered(desk, "2002").ask.click()
        until(bar.consult.complete.isEnabled, "the colleague has answered")
        assert phase(desk) is Phase.PAUSED, "the citizen waits meanwhile"
        assert not bar.phone.transfer.isEnabled()
        bar.consult.go_back.click()
        until(lambda: phase(desk) is Phase.TALKING and bar.consult.isHidden(), "back with the citizen")

        numbered(desk, "2003").ask.click()
        until(bar.consult.complete.isEnabled, "the next one has answered")
        bar.consult.complete.click()
        until(lambda: phase(desk) is Phase.WRAP_UP, "the citizen is handed on")
        assert "cti.handed_on" in notices(desk)
        assert bar.consult.isHidden()
    desk.calls.next_call()
    until(lambda: phase(desk) is Phase.IDLE, "the desk waits again")
    with Sipp(tmp_path, caller(voice), f"127.0.0.1:{port}"):
        until(lambda: phase(desk) is Phase.RINGING, "another rings")
        bar.answer.click()
        until(lambda: phase(desk) is Phase.TALKING, "it is joined")
        numbered(desk, "110").all.click()
        until(lambda: "sip.conference_up" in notices(desk), "all three talk")
        until(lambda: phase(desk) is Phase.TALKING and bar.consult.isHidden(), "nobody waits")
        bar.hang_up.click()
        until(lambda: phase(desk) is Phase.WRAP_UP, "it is over")
    until(bar.phone.dial.isEnabled, "the citizen can be called back")
    bar.phone.dial.click()
    window = bar.phone.findChildren(DialWindow)[-1]
    assert window.number.text() == CITIZEN, "his number stands there"
    QTest.keyClick(window.number, Qt.Key.Key_Return)
    until(lambda: phase(desk) is Phase.TALKING, "he answers")
    state = desk.presenters.bridge.state
    assert state is not None
    assert (state.context.caller_number, state.context.is_outgoing) == (CITIZEN, True)
    bar.hang_up.click()
    until(lambda: phase(desk) is Phase.WRAP_UP, "it is over")


def numbered(desk: Desk, number: str) -> TransferWindow:
    """The transfer's window, a number typed."""
    desk.window.call_bar.phone.transfer.click()
    window = desk.window.call_bar.phone.findChildren(TransferWindow)[-1]
    window.number.clear()
    QTest.keyClicks(window.number, number)
    return window


def baresip_is_there() -> bool:
    """Whether the softphone's process runs; sipp sends again until it answers."""
    return any(child.name() == "baresip" for child in psutil.Process().children())


def heard_by_operator(sounds: SoundServer) -> bool:
    """Whether the headset plays something."""
    command = ["timeout", "1", "parec", "--device=headset.monitor", "--raw", "--format=s16le", "--rate=8000", "--channels=1"]
    recorded = subprocess.run(command, env=sounds.environment, capture_output=True, check=False).stdout
    return bool((np.abs(np.frombuffer(recorded[:len(recorded) // 2 * 2], "<i2").astype(int)) > 500).any())
