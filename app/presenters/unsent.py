"""What has not reached the centre, in one line: how many, since when the line is down, how many were refused.

Nothing is asked over and over: the outbox is read after something was queued, tried or mended (``news``, any thread). A ticket
that is on its way for the first time is no news and not counted. GUI thread but for ``news`` and ``note_attempt``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from app.domain.delivery import Failed, OutboxMessage, OutboxState
from app.domain.errors import AppError
from app.presenters.errands import Errands
from app.presenters.record_parts import RecordParts
from app.presenters.ticket_lines import minute
from app.services.delivery import Attempt

_GATHER_MS = 150


@dataclass(frozen=True, slots=True)
class UnsentView:
    """What the bottom line draws.

    Attributes:
        waiting: tickets that were tried, or wait with nobody to deliver them.
        refused: tickets that wait for a person.
        since: to the minute: since when line, server or credentials fail; empty where they do not.
        reason: message key of the newest failure, empty for none.
        is_configured: something delivers.
    """

    waiting: int = 0
    refused: int = 0
    since: str = ""
    reason: str = ""
    is_configured: bool = True


class UnsentPresenter(QObject):
    """Feeds the line.

    Args:
        parts: ports.
        errands: the thread.
    """

    changed = Signal(object)
    outbox_changed = Signal()
    """Messages were queued, tried or settled: lists of them are old."""
    _told = Signal()

    def __init__(self, parts: RecordParts, errands: Errands, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._parts, self._errands = parts, errands
        self.view = UnsentView()
        self.is_configured = True
        self._down_since: datetime | None = None
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(_GATHER_MS)
        self._gather.timeout.connect(self._read)
        self._told.connect(self._on_told, Qt.ConnectionType.QueuedConnection)

    def news(self) -> None:
        """Something was queued or settled; any thread, returns at once."""
        self._told.emit()

    def note_attempt(self, attempt: Attempt) -> None:
        """What came of an attempt; on the thread "network"."""
        outcome = attempt.outcome
        if not isinstance(outcome, Failed) or not outcome.is_line:
            self._down_since = None
        elif self._down_since is None:
            self._down_since = self._parts.clock.now()
        self.news()

    def stop(self) -> None:
        """No more timers."""
        self._gather.stop()

    @Slot()
    def _on_told(self) -> None:
        if not self._gather.isActive():
            self._gather.start()

    @Slot()
    def _read(self) -> None:
        self._errands.ask(lambda: self._parts.outbox.messages(open_only=True), self._on_read, self._on_failed)

    def _on_read(self, messages: tuple[OutboxMessage, ...]) -> None:
        waiting = [each for each in messages if each.state is OutboxState.WAITING and (each.attempts or not self.is_configured)]
        newest = max(waiting, key=lambda each: each.tried_at, default=None)
        down = self._down_since
        view = UnsentView(
            len({each.ticket_no for each in waiting}),
            len({each.ticket_no for each in messages if each.state is OutboxState.REFUSED}),
            minute(down.isoformat()) if down is not None and waiting else "",
            newest.reason if newest is not None else "", self.is_configured)
        if view != self.view:
            self.view = view
            self.changed.emit(view)
        self.outbox_changed.emit()

    def _on_failed(self, _error: AppError) -> None:
        """The store is locked or its disk is away: said elsewhere; the next news reads again."""
