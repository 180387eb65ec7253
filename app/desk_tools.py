"""What the desk's window has beside its calls, wired to this PC: settings, who is signed in, layout, a second start.

Used by ``app.desk`` while a desk is opened. GUI thread; what writes goes to the desk's thread.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Slot

from app.assembly import present_actor
from app.desk_calls import DeskCalls
from app.desk_first_start import parts
from app.desk_training import TrainingCall
from app.domain.catalogue import FieldTable
from app.domain.training import Question
from app.platform import paths
from app.platform.catalogue_files import load_fields
from app.platform.resource_files import resource
from app.platform.settings import Settings
from app.platform.window_memory import FILE_NAME as MEMORY_FILE
from app.platform.window_memory import WindowMemory
from app.presenters.first_start import FirstStartPresenter
from app.presenters.settings import SettingsPresenter
from app.presenters.training import TrainingPresenter
from app.services.knowledge_use import KnowledgeUse
from app.services.ticket_submit import TicketSubmit
from app.store.ticket_store import SqliteTicketStore
from widgets.desk_window import DeskWindow

AGENT = "desk.agent_id"
#: A second start writes here.
CALL_NAME = "desk.call"


class SignedIn(QObject):
    """Keeps the work number that tickets, use of knowledge and audit trail carry that of who sits there.

    Args:
        submit: stamps tickets.
        use: records what was done with knowledge.
        store: writes the audit trail.
        later: does something on the desk's thread.
    """

    def __init__(self, submit: TicketSubmit, use: KnowledgeUse, store: SqliteTicketStore,
                 later: Callable[[Callable[[], None]], None]) -> None:
        super().__init__()
        self._submit, self._use, self._store, self._later = submit, use, store, later

    @Slot(str, object)
    def on_applied(self, key: str, value: object) -> None:
        """A setting was changed."""
        if key == AGENT:
            self._submit.agent_id = self._use.agent_id = str(value)
            self._later(self._change_actor)  # after the settings were written there

    def _change_actor(self) -> None:
        self._store.actor = present_actor()


class RaisedByOther(QObject):
    """Brings the window to the front when the program is started a second time: that start touches a file, this one watches it.

    Args:
        path: the file; made here.
        window: what comes to the front.
    """

    def __init__(self, path: Path, window: DeskWindow) -> None:
        super().__init__(window)
        self._window = window
        with contextlib.suppress(OSError):
            path.touch()
        self._watcher = QFileSystemWatcher([str(path)], self)
        self._watcher.fileChanged.connect(self._on_changed)

    @Slot()
    def _on_changed(self) -> None:
        self._window.tools.layout.raise_window()


def call_other(path: Path) -> None:
    """Ask the desk that is open to show itself; what goes wrong costs nothing but that."""
    with contextlib.suppress(OSError):
        path.write_text("raise", "utf-8")


def fit_training(window: DeskWindow, calls: DeskCalls, scripts: tuple[Path, ...], fields: FieldTable) -> TrainingPresenter:
    """Training calls at this desk."""

    def begin(question: Question) -> None:
        calls.open_training(question.call, lambda session, parts: TrainingCall(session, parts, question, presenter.tell))

    presenter = TrainingPresenter(begin, scripts, fields, window)
    window.tools.use_training(presenter)
    return presenter


def fit_layout(window: DeskWindow) -> None:
    """The window as it was left, its tray, and the ear for a second start. After the settings."""
    window.tools.use_memory(WindowMemory(paths.config_dir() / MEMORY_FILE))
    window.tools.use_tray()
    RaisedByOther(paths.data_dir() / CALL_NAME, window)


def fit_settings(window: DeskWindow, settings: Settings, later: Callable[[Callable[[], None]], None],
                 signed_in: SignedIn) -> SettingsPresenter:
    """Give the window its settings; a change is felt where it can be."""
    presenter = SettingsPresenter(settings, later, window)
    presenter.applied.connect(signed_in.on_applied)
    window.tools.use_settings(presenter)
    return presenter


def fit_tools(window: DeskWindow, settings: Settings, calls: DeskCalls, signed_in: SignedIn) -> None:
    """All of it, in the one order that works: the tray asks the settings."""
    presenter = fit_settings(window, settings, calls.later, signed_in)
    fit_layout(window)
    first_start = FirstStartPresenter(parts(), presenter, window)
    window.closed.connect(first_start.close)
    window.tools.use_first_start(first_start)
    fit_training(window, calls, tuple(sorted(resource("sample_calls").glob("*.json"))), load_fields())
