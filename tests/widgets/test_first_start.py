"""The first start: by keyboard to the end, every step skippable, a model is fetched and can be stopped, the work number is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.domain.errors import EnvironmentFault
from app.platform.settings import Settings
from app.platform.window_memory import WindowMemory
from app.presenters.first_start import FirstStartParts, FirstStartPresenter
from app.presenters.settings import SettingsPresenter
from tests.widgets.conftest import Desk
from widgets.first_start_dialog import FirstStartDialog


@dataclass
class Pc:
    """Devices and downloads that a test machine cannot have."""

    has_model: bool = False
    has_sound: bool = False
    endless: bool = False
    played: list[str] = field(default_factory=list)

    def engine(self) -> str:
        if not self.has_model:
            raise EnvironmentFault("audio.no_output")
        return "zipformer"

    def download(self, progress: Callable[[int, int | None], None]) -> None:
        done = 0
        while self.endless or done < 3_000_000:
            done += 1_000_000
            progress(done, 3_000_000)
        self.has_model = True

    def parts(self) -> FirstStartParts:
        return FirstStartParts(lambda: ("Headset",) if self.has_sound else (), lambda: self.played.append("tone"), self.engine,
                               self.download, lambda path: None, self.try_sound)

    def try_sound(self, microphone: str, speaker: str) -> tuple[tuple[str, dict[str, object]], ...]:
        return (("sound.check_well_operator", {"level": -20, "noise": -60}), ("sound.check_unheard", {}))


@pytest.fixture
def pc(desk: Desk, tmp_path: Path) -> Iterator[Pc]:
    made = Pc()
    settings = SettingsPresenter(Settings(tmp_path / "settings.toml", tmp_path / "policy.toml"), lambda job: job(), desk.window)
    presenter = FirstStartPresenter(made.parts(), settings, desk.window)
    desk.window.tools.use_first_start(presenter)
    desk.window.tools.use_memory(WindowMemory(tmp_path / "window.json"))
    yield made
    presenter.close()


def shown(desk: Desk) -> FirstStartDialog:
    desk.window.tools.offer_first_start()
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, FirstStartDialog)
    return dialog


def test_by_keyboard_to_the_end_without_devices_and_never_again(desk: Desk, pc: Pc, tmp_path: Path) -> None:
    dialog = shown(desk)
    desk.wait_for(lambda: "没有找到声音设备" in dialog.sound.text(), 30_000)
    for _ in range(3):
        QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.agent.hasFocus()
    QTest.keyClicks(dialog.agent, "A017")
    QTest.keyClick(dialog.agent, Qt.Key.Key_Return)
    assert not dialog.isVisible()
    assert Settings(tmp_path / "settings.toml", tmp_path / "policy.toml").text("desk.agent_id") == "A017"
    desk.window.tools.offer_first_start()
    assert QApplication.activeModalWidget() is None, "it is offered once"
    assert WindowMemory(tmp_path / "window.json").flag("first_start_done")
    desk.window.tools.hub.trigger("program.first_start")
    again = QApplication.activeModalWidget()
    assert isinstance(again, FirstStartDialog)
    again.reject()


def test_a_model_is_fetched_with_progress_and_found(desk: Desk, pc: Pc) -> None:
    pc.has_sound = True
    dialog = shown(desk)
    desk.wait_for(dialog.play_button.isEnabled, 30_000)
    dialog.play_button.click()
    desk.wait_for(lambda: pc.played == ["tone"], 30_000)
    dialog.next_button.click()
    desk.wait_for(lambda: "还不能识别语音" in dialog.model.text(), 30_000)
    dialog.download_button.click()
    desk.wait_for(lambda: "zipformer" in dialog.model.text(), 30_000)
    assert not dialog.download_button.isVisible()
    dialog.reject()


def test_a_download_can_be_stopped(desk: Desk, pc: Pc) -> None:
    dialog = shown(desk)
    dialog.next_button.click()
    desk.wait_for(dialog.download_button.isVisible, 30_000)
    desk.wait_for(lambda: "还不能识别语音" in dialog.model.text(), 30_000)
    pc.endless = True
    dialog.download_button.click()
    desk.wait_for(dialog.stop_button.isVisible, 30_000)
    dialog.stop_button.click()
    desk.wait_for(lambda: "已停止" in dialog.model.text(), 30_000)
    assert dialog.download_button.isVisible()
    dialog.reject()


def test_a_knowledge_base_that_is_not_there_is_refused(desk: Desk, pc: Pc) -> None:
    dialog = shown(desk)
    dialog._on_knowledge("/no/such/folder")
    assert not dialog.fault.isHidden()
    dialog.reject()


def test_sound_is_tried_before_the_shift_and_from_the_settings(desk: Desk, pc: Pc) -> None:
    dialog = shown(desk)
    dialog.try_button.click()
    desk.wait_for(lambda: "测试声没有听到" in dialog.sound.text(), 30_000)
    assert "麦克风正常：最大 -20 分贝" in dialog.sound.text()
    dialog.reject()
