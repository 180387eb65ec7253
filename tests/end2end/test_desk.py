"""The desk of a day in a real window, offscreen: calls one after the other, drafts, passphrase, second start, looks, bugs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from app.desk import Desk, opened_desk
from app.domain.call import FieldEdited, Phase
from app.domain.errors import OperatorVisibleError
from app.platform import crash
from app.platform.clock import SystemClock
from app.platform.resource_files import resource
from app.platform.secrets import open_secrets
from app.platform.settings import load_settings
from app.store.ticket_store import FILE_NAME, SqliteTicketStore
from asr.models.choice import fault_of
from widgets.passphrase_dialog import PassphraseDialog, PassphrasePrompt
from widgets.theme.palette import PALETTES, ThemeName

COMMAND = Path(sys.executable).with_name("tingdan")
SAMPLE = resource("sample_calls") / "night-construction.flac"
SCRIPT = SAMPLE.with_suffix(".json")
OTHER = resource("sample_calls") / "left-turn-light.json"
PASSPHRASE = "correct horse battery"
CALL_THREADS = {"call", "audio", "script", "submit"}
DEADLINE_S = 120.0


@pytest.fixture
def kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose store has a passphrase."""
    monkeypatch.setenv("TINGDAN_PASSPHRASE", PASSPHRASE)
    return home


@pytest.fixture
def desk(kept: Path) -> Iterator[Desk]:
    with opened_desk(realtime=False) as held:
        held.window.activateWindow()
        until(lambda: phase(held) is Phase.IDLE, "the desk waits")
        yield held
    settle()


def settle() -> None:
    QCoreApplication.sendPostedEvents(None, 52)  # DeferredDelete
    QTest.qWait(1)


def until(holds: Callable[[], bool], what: str) -> None:
    """Let the window and (outside of Qt, which keeps the interpreter) the other threads go on."""
    deadline_s, pause = time.monotonic() + DEADLINE_S, threading.Event()
    while not holds():
        assert time.monotonic() < deadline_s, f"not within {DEADLINE_S:.0f} s: {what}"
        QTest.qWait(2)
        pause.wait(0.004)


def phase(desk: Desk) -> Phase | None:
    state = desk.presenters.bridge.state
    return state.phase if state is not None else None


def take_call(desk: Desk) -> None:
    """Answer what rings and hear it to the end."""
    until(lambda: phase(desk) is Phase.RINGING, "it rings")
    desk.window.activateWindow()
    assert QTest.qWaitForWindowActive(desk.window)
    QTest.keyClick(desk.window, Qt.Key.Key_F2)
    until(lambda: phase(desk) is Phase.WRAP_UP, "the call is over")


def submit(desk: Desk) -> str:
    for _ in range(2):
        QTest.keyClick(desk.window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        QTest.qWait(20)
    until(lambda: phase(desk) is Phase.SUBMITTED, "the ticket is stored")
    state = desk.presenters.bridge.state
    assert state is not None
    return state.ticket_no


def stored(home: Path) -> SqliteTicketStore:
    return SqliteTicketStore(home / "data" / FILE_NAME, open_secrets(home / "data", True).store_key(), SystemClock())


def test_two_calls_one_after_the_other_and_a_bad_file_between(desk: Desk, kept: Path, tmp_path: Path) -> None:
    assert not desk.window.start.isHidden()
    assert desk.window.ticket.isHidden()
    assert not desk.window.submit_bar.button.isEnabled()
    numbers: list[str] = []
    for script in (SCRIPT, OTHER):
        desk.presenters.start.open_recording(script)
        take_call(desk)
        assert desk.window.start.isHidden()
        desk.calls.post(FieldEdited("landmark", f"门口{len(numbers)}"))  # the very last edit belongs to the ticket
        desk.calls.submit()
        until(lambda: phase(desk) is Phase.SUBMITTED, "the ticket is stored")
        state = desk.presenters.bridge.state
        assert state is not None
        numbers.append(state.ticket_no)
        QTest.keyClick(desk.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        until(lambda: phase(desk) is Phase.IDLE and not names() & CALL_THREADS, "the call's threads end")
        assert desk.presenters.start.view.drafts == ()
        QTest.keyClick(desk.window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
        dialog = desk.window.findChild(QFileDialog)
        assert dialog is not None
        dialog.fileSelected.emit(str(tmp_path / "gone.wav"))
        dialog.close()
        until(lambda: desk.window.notice.text() != "", "the bad file is told")
        assert phase(desk) is Phase.IDLE
    store = stored(kept)
    tickets = {ticket.ticket_no: str(ticket.fields["landmark"]) for ticket in store.tickets()}
    store.close()
    assert [("门口0" in tickets[numbers[0]]), ("门口1" in tickets[numbers[1]])] == [True, True]


def names() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


def test_sound_twice_in_one_speech_process(language_model: Path, home_with_lexicon: Path, desk: Desk, tmp_path: Path,
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    import soundfile

    monkeypatch.setenv("TINGDAN_MODELS", os.pathsep.join([os.environ.get("TINGDAN_MODELS", ""), str(language_model.parent)]))
    if (fault := fault_of("auto")) is not None:
        pytest.skip(f"no recognition engine installed: {fault.key}")
    sound, rate_hz = soundfile.read(SAMPLE, dtype="int16")
    short = tmp_path / "short.flac"
    soundfile.write(short, sound[: 12 * rate_hz], rate_hz)
    workers = set()
    for _ in range(2):
        desk.calls.open_recording(short)
        take_call(desk)
        state = desk.presenters.bridge.state
        assert state is not None
        assert state.dialogue
        assert desk.calls._client is not None
        workers.add(desk.calls._client.worker_pid)
        assert_heard_again(desk)
        desk.calls.next_call()
        until(lambda: phase(desk) is Phase.IDLE, "idle again")
    assert len(workers) == 1


def assert_heard_again(desk: Desk) -> None:
    """The call's sound can be listened to until its ticket is submitted, and is gone then."""
    sound = desk.calls.sound()
    state = desk.presenters.bridge.state
    assert sound is not None
    assert state is not None
    said = state.dialogue[0]
    clip = sound.clip((said.start_ms, said.end_ms))
    assert clip is not None
    assert any(clip.pcm)
    desk.calls.submit()
    until(lambda: phase(desk) is Phase.SUBMITTED, "submitted")
    assert sound.clip((said.start_ms, said.end_ms)) is None


def test_a_draft_of_a_killed_desk_is_finished(kept: Path) -> None:
    killed = subprocess.Popen([sys.executable, str(Path(__file__).with_name("desk_process.py")), str(SCRIPT)])
    try:
        def drafted() -> bool:
            if not (kept / "data" / FILE_NAME).exists():
                return False
            store = stored(kept)
            try:
                return any(draft.get("landmark").value == "南门" for _, _, draft in store.drafts())
            finally:
                store.close()

        until(drafted, "the draft is on the disk")
    finally:
        killed.kill()
        killed.wait()
    with opened_desk(realtime=False) as desk:
        until(lambda: len(desk.window.start.drafts) == 1, "the draft is offered")
        shown = desk.presenters.start.view.drafts[0]
        assert "13800605217" not in str(shown)
        assert "程思远" not in str(shown)
        desk.window.start.drafts[0].open.click()
        until(lambda: phase(desk) is Phase.WRAP_UP, "the draft is open")
        state = desk.presenters.bridge.state
        assert state is not None
        assert len(state.dialogue) > 10
        assert desk.window.ticket.editors["landmark"].text() == "南门"
        assert "南门" in desk.window.ticket.editors["content"].text(), "the record follows what the operator wrote"
        assert desk.presenters.conversation.model.row(3).is_flagged
        assert submit(desk)
        desk.calls.next_call()
        until(lambda: phase(desk) is Phase.IDLE, "idle again")
        assert desk.window.start.drafts == []
    settle()


def test_a_draft_is_discarded_on_the_second_press(desk: Desk, kept: Path) -> None:
    desk.calls.open_recording(OTHER)
    take_call(desk)
    desk.calls.next_call()
    until(lambda: len(desk.window.start.drafts) == 1, "the draft is offered")
    desk.window.start.drafts[0].discard.click()
    QTest.qWait(20)
    assert len(desk.window.start.drafts) == 1
    desk.window.start.drafts[0].discard.click()
    until(lambda: desk.window.start.drafts == [], "the draft is gone")


def test_the_second_start_says_so_and_brings_the_window_back(desk: Desk) -> None:
    desk.window.showMinimized()
    done = subprocess.run([str(COMMAND)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.strip() == "听单已在运行。请使用已打开的窗口。"
    until(lambda: not desk.window.isMinimized(), "the first window comes to the front")


def type_into_dialogs(*typed: tuple[str, str] | None) -> None:
    """Fill in the dialogs that come up, in order; None presses quit."""
    waiting = list(typed)

    def fill() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, PassphraseDialog):
            return
        given = waiting.pop(0)
        if given is None:
            dialog.reject()
        else:
            dialog.first.setText(given[0])
            dialog.second.setText(given[1])
            dialog.buttons.accepted.emit()
        if not waiting:
            timer.stop()

    timer = QTimer(QApplication.instance())
    timer.timeout.connect(fill)
    timer.start(20)


def test_passphrase_set_wrong_and_given_up(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TINGDAN_PASSPHRASE", raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    QApplication.instance() or QApplication(["tests"])
    type_into_dialogs(("short", "short"), (PASSPHRASE, "another"), (PASSPHRASE, PASSPHRASE))
    with opened_desk():
        pass
    type_into_dialogs(("no", ""), (PASSPHRASE, ""))
    with opened_desk():
        pass
    type_into_dialogs(("no", ""), ("no", ""), ("no", ""))
    with pytest.raises(OperatorVisibleError, match="passphrase_wrong"), opened_desk():
        pass
    prompt = PassphrasePrompt()
    type_into_dialogs(None)
    with pytest.raises(Exception, match="passphrase_needed"), opened_desk(prompt=prompt):
        pass
    assert prompt.is_cancelled
    settle()


def test_looks_are_kept_and_the_policy_holds(kept: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("[desk]\nfont_percent = 110\n", "utf-8")
    monkeypatch.setattr("app.platform.settings.policy_folder", lambda: tmp_path)
    with opened_desk() as desk:
        desk.window.activateWindow()
        assert QTest.qWaitForWindowActive(desk.window)
        desk.window.use_theme("dark")
        QTest.keyClick(desk.window, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
        until(lambda: load_settings().text("desk.theme") == "dark", "the theme is kept")
        # Another notice (no speech model on this PC) may have taken the line meanwhile; then the reason is in the list.
        told = desk.presenters.notices.model
        until(lambda: any(notice.params.get("setting") == "desk.font_percent" for notice in told.notices), "the reason is told")
        assert load_settings().whole("desk.font_percent") == 110
    with opened_desk() as desk:
        assert desk.window.theme.palette == PALETTES[ThemeName.DARK]
        desk.window.use_theme("light")
    settle()


def test_a_bug_is_told_and_the_call_goes_on(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                            capsys: pytest.CaptureFixture[str]) -> None:
    hooks = crash.install(tmp_path / "crash")
    try:
        with opened_desk(hooks, realtime=False) as desk:
            desk.calls.open_recording(SCRIPT)
            take_call(desk)
            desk.calls.post(FieldEdited("landmark", "甲", matter=object()))  # type: ignore[arg-type]
            until(lambda: "程序内部出错" in desk.window.notice.text(), "the bug is told")
            desk.calls.post(FieldEdited("landmark", "乙"))
            until(lambda: desk.window.ticket.editors["landmark"].text() == "乙", "the call goes on")
    finally:
        hooks.uninstall()
    assert list((tmp_path / "crash").glob("*.json"))
    settle()
