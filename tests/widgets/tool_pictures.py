"""Pictures of what stands beside the call: palette, keys, settings, first start, notices, strip, training (``refresh_pictures``)."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.domain.call import NoticeRaised, noticed
from app.domain.training import score
from app.platform.catalogue_files import load_fields, load_taxonomy
from app.platform.resource_files import resource
from app.platform.settings import Settings
from app.presenters.desk import DeskPresenters
from app.presenters.first_start import FirstStartParts, FirstStartPresenter
from app.presenters.settings import SettingsPresenter
from app.presenters.training import TrainingPresenter
from app.services.training import script_question
from tests.widgets import sample_call
from tests.widgets.silent_line import SilentLine, find_nothing
from widgets.desk_window import DeskWindow
from widgets.language import Language, LanguageName
from widgets.theme.fonts import install_fonts
from widgets.theme.palette import ThemeName


@dataclass(frozen=True)
class ToolPicture:
    """One picture."""

    name: str
    tool: str
    theme: ThemeName = ThemeName.LIGHT
    language: LanguageName = LanguageName.CHINESE
    percent: int = 100


_TOOLS = ("palette", "keys", "settings", "first-start", "notices", "strip", "training", "score")
TOOL_PICTURES = (
    *(ToolPicture(f"{tool}-light", tool) for tool in _TOOLS),
    *(ToolPicture(f"{tool}-dark-english", tool, ThemeName.DARK, LanguageName.ENGLISH) for tool in _TOOLS),
    ToolPicture("settings-200-percent", "settings", percent=200),
    ToolPicture("first-start-200-percent", "first-start", percent=200),
)


def _open(window: DeskWindow, presenters: DeskPresenters, tool: str, folder: Path) -> QWidget:
    tools = window.tools
    policy = folder / "policy.toml"
    policy.write_text('[desk]\ncity = "广州市"\n', "utf-8")
    settings = SettingsPresenter(Settings(folder / "settings.toml", policy), lambda job: job(), window)
    scripts = tuple(sorted(resource("sample_calls").glob("*.json")))
    training = TrainingPresenter(lambda question: None, scripts, load_fields(), window)
    parts = FirstStartParts(lambda: ("Headset",), lambda: None, lambda: "zipformer", lambda progress: None, lambda path: None)
    first = FirstStartPresenter(parts, settings, window)
    tools.use_settings(settings)
    tools.use_training(training)
    tools.use_first_start(first)
    window.closed.connect(first.close)
    result = score(script_question(scripts[-1]), sample_call.draft())
    openers: dict[str, Callable[[], object]] = {
        "palette": tools.palette.ask, "keys": tools.show_keys, "settings": tools.show_settings, "first-start": tools.show_first_start,
        "notices": window.notice.show_all, "strip": tools.layout.toggle_strip, "training": tools.show_training,
        "score": lambda: training.scored.emit(result),
    }
    openers[tool]()
    QTest.qWait(400 if tool == "first-start" else 80)
    if tool == "strip":
        return tools.strip
    shown = QApplication.activeModalWidget()
    assert shown is not None
    if tool == "palette":
        tools.palette.line.setText("tj")
    return shown


def take_tool(picture: ToolPicture, language: Language, path: Path) -> None:
    """Draw one picture into a file."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    flash = app.cursorFlashTime()
    app.setCursorFlashTime(0)
    install_fonts(app, picture.percent)
    presenters = DeskPresenters(lambda event: None, SilentLine(), lambda: None, find_nothing, load_taxonomy(), load_fields())
    window = DeskWindow(presenters, language, picture.theme, picture.percent)
    window.resize(1366, 768)
    window.show()
    window.activateWindow()
    window.use_language(picture.language)
    state = noticed(noticed(sample_call.talking(), NoticeRaised("kb_update.expired_days", {"days": 3})), NoticeRaised("desk.hang_up_first"))
    presenters.deliver(state)
    QTest.qWait(120)
    with tempfile.TemporaryDirectory() as folder:
        shown = _open(window, presenters, picture.tool, Path(folder))
        QTest.qWait(120)
        shown.grab().save(str(path))
        shown.close()
    presenters.close()
    window.close()
    window.use_language(LanguageName.CHINESE)
    window.deleteLater()
    presenters.deleteLater()
    install_fonts(app)
    app.setCursorFlashTime(flash)
    QTest.qWait(1)
