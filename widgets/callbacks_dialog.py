"""The operator's callbacks: late ones first; Ctrl+D dials, Ctrl+I shows the ticket, digits enter the result.

Not modal: a call that was dialled here is led in the window as any other; the list waits beside it on the same line. A child of the
window, so that the lock closes it.
"""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Slot
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QShortcut, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.domain.callbacks import Band, is_of_call
from app.domain.cases import CaseState
from app.presenters.callback_entry import Entry
from app.presenters.callbacks import CallbackLine, CallbacksPresenter, CallbacksView
from widgets.callback_entry import CallbackEntry
from widgets.case_page import NoteLabel
from widgets.dialog_size import fit
from widgets.language import told
from widgets.theme.palette import SPACE, Theme

_SIZE = (880, 600)
_HEADS = ("col_due", "col_ticket", "col_what", "col_tries", "col_stand")
_WHAT = 2


class CallbacksDialog(QDialog):
    """See the module; made once, shown again.

    Args:
        presenter: feeds it and takes the acts.
        theme: colours.
        parent: the window.
    """

    def __init__(self, presenter: CallbacksPresenter, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._presenter, self._theme = presenter, theme
        self._kept = presenter.view.kept
        self._lines: tuple[CallbackLine, ...] = ()
        self.setModal(False)
        self.note, self.hint, self.as_of = NoteLabel(), QLabel(), QLabel()
        self.hint.setWordWrap(True)
        self.hint.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.as_of.setProperty("role", "hint")
        self.as_of.setWordWrap(True)
        self.model = QStandardItemModel(self)
        self.list = self._table()
        self.entry = CallbackEntry()
        self.dial, self.open_ticket, self.copy = QPushButton(), QPushButton(), QPushButton()
        self.dial.setProperty("role", "primary")
        self._lay_out()
        for key, button in (("Ctrl+D", self.dial), ("Ctrl+I", self.open_ticket), ("Ctrl+C", self.copy)):
            button.setAutoDefault(False)
            QShortcut(QKeySequence(key), self, button.click)
        self.entry.saved.connect(self._on_saved)
        self.dial.clicked.connect(self._on_dial)
        self.open_ticket.clicked.connect(self._on_open)
        self.copy.clicked.connect(self._on_copy)
        presenter.changed.connect(self._on_view)
        theme.changed.connect(self._redraw)
        fit(self, *_SIZE)
        self._retell()

    def ask(self) -> None:
        """Show it, with the list as it is now."""
        self._presenter.look_again()
        self.show()
        self.raise_()
        self.activateWindow()
        self.list.setFocus()

    def line(self) -> CallbackLine | None:
        """The callback that is stood on."""
        place = self.list.currentIndex().row()
        return self._presenter.view.lines[place] if 0 <= place < len(self._presenter.view.lines) else None

    def _table(self) -> QTableView:
        made = QTableView()
        made.setModel(self.model)
        made.setShowGrid(False)
        made.setWordWrap(False)
        made.setTabKeyNavigation(False)
        made.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        made.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        made.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        made.verticalHeader().hide()
        made.setFrameShape(QTableView.Shape.NoFrame)
        head = made.horizontalHeader()
        head.setHighlightSections(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        made.installEventFilter(self)
        made.selectionModel().currentRowChanged.connect(self._on_current)
        made.doubleClicked.connect(self._on_open)
        return made

    def _lay_out(self) -> None:
        keys = QHBoxLayout()
        keys.setSpacing(SPACE.s)
        for button in (self.dial, self.open_ticket, self.copy):
            keys.addWidget(button)
        keys.addStretch(1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(SPACE.l, SPACE.l, SPACE.l, SPACE.l)
        rows.setSpacing(SPACE.s)
        rows.addWidget(self.list, 1)
        rows.addWidget(self.hint)
        rows.addLayout(keys)
        rows.addWidget(self.entry)
        rows.addWidget(self.note)
        rows.addWidget(self.as_of)

    @Slot(object)
    def _on_view(self, view: CallbacksView) -> None:
        is_kept, self._kept = view.kept != self._kept, view.kept
        if is_kept:
            self.entry.clear()
        if is_kept or view.lines != self._lines:
            self._fill(is_kept)
        self._draw_line()
        self._draw_foot()
        params = view.note_params or {}
        self.note.tell(told(view.note_key, **params) if view.note_key else "", "bad" if view.is_fault else "good")

    @Slot()
    def _redraw(self) -> None:
        self._fill()

    def _fill(self, goes_on: bool = False) -> None:
        """The rows anew, on the one that was stood on; ``goes_on``: on the first one that waits for a result."""
        view, before = self._presenter.view, self.line_id()
        self._lines = view.lines
        with QSignalBlocker(self.list.selectionModel()):
            self.model.setRowCount(0)
            for line in view.lines:
                self.model.appendRow(self._cells(line))
            ids = [line.case.case_id for line in view.lines]
            waits = [line.case.state is CaseState.PLANNED and not line.waits for line in view.lines]
            first = waits.index(True) if True in waits else 0
            place = ids.index(before) if before in ids and not goes_on else first
            self.list.setCurrentIndex(self.model.index(place, 0))
        self._widen()
        if self.line_id() != before:
            self.entry.clear()  # what was typed was meant for another one

    def _draw_foot(self) -> None:
        view = self._presenter.view
        words = told("callbacks.as_of", at=datetime.fromisoformat(view.at).strftime("%m-%d %H:%M")) if view.at \
            else told("callbacks.as_of_never")
        self.as_of.setText(words + (told("callbacks.waiting", count=view.waiting) if view.waiting else ""))

    def _widen(self) -> None:
        """Columns as wide as what stands in them; what a ticket is about takes the rest."""
        metrics = self.list.fontMetrics()
        head = self.list.horizontalHeader()
        for column in range(self.model.columnCount()):
            texts = [self.model.item(row, column).text() for row in range(self.model.rowCount())]
            texts.append(str(self.model.headerData(column, Qt.Orientation.Horizontal) or ""))
            if column != _WHAT:
                head.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
                head.resizeSection(column, max(map(metrics.horizontalAdvance, texts)) + 2 * SPACE.m)
        head.setSectionResizeMode(_WHAT, QHeaderView.ResizeMode.Stretch)
        self.list.verticalHeader().setDefaultSectionSize(metrics.height() + 2 * SPACE.s)

    def line_id(self) -> str:
        """Id of the case that was stood on."""
        item = self.model.item(self.list.currentIndex().row(), 0)
        return str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else ""

    def _cells(self, line: CallbackLine) -> list[QStandardItem]:
        case = line.case
        stand = [told(f"callbacks.band_{line.band.value}")]
        if case.rounds:
            stand.append(told("callbacks.again", count=case.rounds))
        if line.waits:
            stand.append(told("callbacks.sent_later"))
        number = line.number or f"# {case.subject[:8]}"
        what = "　".join(filter(None, (line.what, line.phone)))
        texts = (case.due[5:], number, what, told("callbacks.tries", count=case.tries) if case.tries else "", "　".join(stand))
        cells = [QStandardItem(text) for text in texts]
        for cell in cells:
            cell.setToolTip(cell.text())
            if line.band is Band.LATE:
                cell.setForeground(QColor(self._theme.palette.wrong.ink))
        cells[0].setData(case.case_id, Qt.ItemDataRole.UserRole)
        return cells

    def _draw_line(self) -> None:
        line = self.line()
        self.entry.open(line is not None and line.case.state is CaseState.PLANNED and not self._presenter.view.is_saving)
        self.dial.setEnabled(line is not None and line.is_here)
        self.open_ticket.setEnabled(line is not None and line.is_here)
        self.copy.setEnabled(line is not None and bool(line.number))
        words = ""
        if line is None:
            words = told("callbacks.list_empty")
        elif not line.is_here:
            is_unknown = is_of_call(line.case.subject) and not line.number
            words = told("callbacks.elsewhere_call" if is_unknown else "callbacks.elsewhere", number=line.number)
        self.hint.setText(words)
        self.hint.setVisible(bool(words))

    @Slot()
    def _on_current(self) -> None:
        self.entry.clear()
        self._presenter.choose()
        self._draw_line()

    @Slot(object)
    def _on_saved(self, entry: Entry) -> None:
        if (line := self.line()) is not None:
            self._presenter.save(line.case.case_id, entry)

    @Slot()
    def _on_dial(self) -> None:
        if (line := self.line()) is not None:
            self._presenter.dial(line.case.case_id)

    @Slot()
    def _on_open(self) -> None:
        if (line := self.line()) is not None:
            self._presenter.open(line.case.case_id)

    @Slot()
    def _on_copy(self) -> None:
        if (line := self.line()) is not None and line.number:
            QApplication.clipboard().setText(line.number)

    def _retell(self) -> None:
        self.setWindowTitle(told("callbacks.title"))
        self.dial.setText(f"{told('callbacks.dial')} Ctrl+D")
        self.open_ticket.setText(f"{told('callbacks.open_ticket')} Ctrl+I")
        self.copy.setText(f"{told('callbacks.copy_number')} Ctrl+C")
        self.list.setAccessibleName(told("callbacks.title"))
        self.model.setHorizontalHeaderLabels([told(f"callbacks.{head}") for head in _HEADS])
        self._fill()
        self._on_view(self._presenter.view)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys in the list that belong to the entry."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self.entry.press(event):
            return True
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        """Another language."""
        if event.type() == QEvent.Type.LanguageChange and hasattr(self, "_kept"):
            self._retell()
        super().changeEvent(event)
