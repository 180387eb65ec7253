"""What the operator must know: the line, what was not seen yet, and the list of all.

States are coalesced on their way here, so each carries its last notices; nothing is lost when two come at once. The newest notice takes
the line. One in passing ("copied", "hang up first") gives it back after a while to an important one that nobody has looked at: that
stays until the list was opened. GUI thread only; one single-shot timer, no polling.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal, Slot

from app.domain.call import CallState, NoticeRaised
from app.platform import messages
from app.platform.clock import SystemClock
from app.ports.ports import Clock

KEEPS = 100
PASSES_AFTER_MS = 8000
_KEEPS_KNOWN = 256
#: Answers to what the operator has just done, or good news: nobody has to come back to them.
_IN_PASSING = ("copying.", "audio.", "platform.setting_locked", "desk.hang_up_first", "desk.drop_matter_again", "desk.no_value",
               "telephony.hand_over_rehearsed",
               "kb_update.installed", "program_update.ready", "store.well_again", "asr.overload_over", "replay.throwaway_store",
               "training.", "quality.remind_")


@dataclass(frozen=True, slots=True)
class Told:
    """One notice.

    Attributes:
        key: message key.
        params: for the text.
        at: hour and minute.
        is_important: stays until it was seen.
        is_seen: it stood in the line and passed, or the list was opened.
        times: how often it came in a row.
    """

    key: str
    params: Mapping[str, object]
    at: str
    is_important: bool
    is_seen: bool = False
    times: int = 1


@dataclass(frozen=True, slots=True)
class NoticesView:
    """What the line draws: its notice (None: nothing), and how many others nobody has seen."""

    line: Told | None = None
    unseen: int = 0


class NoticesPresenter(QObject):
    """See the module.

    Args:
        clock: time of day.
    """

    changed = Signal(object)
    came = Signal(object)
    """A ``Told`` that is important has come."""

    def __init__(self, clock: Clock | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock: Clock = clock or SystemClock()
        self._known: deque[NoticeRaised] = deque(maxlen=_KEEPS_KNOWN)
        self.model = NoticeModel(self)
        self.view = NoticesView()
        self._passing = QTimer(self)
        self._passing.setSingleShot(True)
        self._passing.setInterval(PASSES_AFTER_MS)
        self._passing.timeout.connect(self._on_passed)

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """Take over a new state."""
        carried = state.notices if state.notice is None else (*state.notices, state.notice)
        new = [notice for place, notice in enumerate(carried)
               if not any(notice is other for other in carried[:place]) and not any(notice is known for known in self._known)]
        for notice in new:
            self._known.append(notice)
            self._add(notice)
        if new:
            if self.view.line is not None and not self.view.line.is_important:
                self._see(self.view.line)
            self._show(self.model.notices[0])
        elif state.notice is None and self.view.line is not None and not self.view.line.is_important:
            self._see(self.view.line)
            self._show(self._waiting())

    @Slot()
    def see_all(self) -> None:
        """The list was opened."""
        self.model.see_all()
        self._passing.stop()
        self._show(None)

    def close(self) -> None:
        """No timer is left running."""
        self._passing.stop()

    def _add(self, notice: NoticeRaised) -> None:
        told = Told(notice.key, notice.params, self._clock.now().strftime("%H:%M"), not notice.key.startswith(_IN_PASSING))
        newest = self.model.notices[0] if self.model.notices else None
        if newest is not None and (newest.key, dict(newest.params)) == (told.key, dict(told.params)):
            told = replace(told, times=newest.times + 1)
            self.model.replace_newest(told)
        else:
            self.model.add(told)
        if told.is_important:
            self.came.emit(told)

    @Slot()
    def _on_passed(self) -> None:
        line = self.view.line
        if line is not None and not line.is_important and (waiting := self._waiting()) is not None:
            self._see(line)
            self._show(waiting)

    def _waiting(self) -> Told | None:
        return next((told for told in self.model.notices if told.is_important and not told.is_seen), None)

    def _see(self, told: Told) -> None:
        self.model.see(told)

    def _show(self, line: Told | None) -> None:
        unseen = sum(not told.is_seen and told is not line for told in self.model.notices)
        self._passing.stop()
        if line is not None and not line.is_important:
            self._passing.start()
        view = NoticesView(line, unseen)
        if view != self.view:
            self.view = view
            self.changed.emit(view)


class NoticeModel(QAbstractListModel):
    """All notices of this start of the program, newest first."""

    ToldRole = Qt.ItemDataRole.UserRole + 1

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.notices: list[Told] = []
        self.language = "zh"

    def add(self, told: Told) -> None:
        """A new one."""
        self.beginInsertRows(QModelIndex(), 0, 0)
        self.notices.insert(0, told)
        self.endInsertRows()
        if len(self.notices) > KEEPS:
            self.beginRemoveRows(QModelIndex(), KEEPS, len(self.notices) - 1)
            del self.notices[KEEPS:]
            self.endRemoveRows()

    def replace_newest(self, told: Told) -> None:
        """The newest once more."""
        self.notices[0] = told
        self._redraw()

    def see(self, told: Told) -> None:
        """Somebody has seen one."""
        self.notices = [replace(each, is_seen=True) if each is told else each for each in self.notices]
        self._redraw()

    def see_all(self) -> None:
        """Somebody has seen all of them."""
        self.notices = [each if each.is_seen else replace(each, is_seen=True) for each in self.notices]
        self._redraw()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """How many."""
        return 0 if parent is not None and parent.isValid() else len(self.notices)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Time and text; the ``Told``."""
        if not index.isValid():
            return None
        told = self.notices[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            again = f"  ×{told.times}" if told.times > 1 else ""
            return f"{told.at}  {messages.text(told.key, told.params, self.language)}{again}"
        return told if role == self.ToldRole else None

    def _redraw(self) -> None:
        if self.notices:
            self.dataChanged.emit(self.index(0), self.index(len(self.notices) - 1))
