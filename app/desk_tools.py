"""What the desk's window has beside its calls, wired to this PC: settings and who is signed in.

Used by ``app.desk`` while a desk is opened. GUI thread; what writes goes to the desk's thread.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from app.assembly import present_actor
from app.platform.settings import Settings
from app.presenters.settings import SettingsPresenter
from app.services.knowledge_use import KnowledgeUse
from app.services.ticket_submit import TicketSubmit
from app.store.ticket_store import SqliteTicketStore
from widgets.desk_window import DeskWindow

AGENT = "desk.agent_id"


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


def fit_settings(window: DeskWindow, settings: Settings, later: Callable[[Callable[[], None]], None],
                 signed_in: SignedIn) -> SettingsPresenter:
    """Give the window its settings; a change is felt where it can be."""
    presenter = SettingsPresenter(settings, later, window)
    presenter.applied.connect(signed_in.on_applied)
    window.tools.use_settings(presenter)
    return presenter
