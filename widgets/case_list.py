"""A list of cases to be worked off: what is shown above it, one row a case, late ones red and first. Arrows choose, Enter opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QModelIndex, QSignalBlocker, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.domain.cases import CaseKind, HeldCase, turn_of
from app.domain.lead_tables import Row, Table, columns
from app.presenters.cases import CasesState, Show
from widgets.lead_filters import ChoiceBox
from widgets.lead_table_view import LeadTableView
from widgets.lead_words import LeadWords, case_word, lead
from widgets.theme.palette import SPACE, Theme

#: What can stand in a column of the list.
CELLS: Mapping[str, Callable[[HeldCase], str | int]] = {
    "case_due": lambda held: held.case.due,
    "case_late": lambda held: "late" if held.late else "",
    "case_kind": lambda held: held.case.kind.value,
    "case_rule": lambda held: held.case.code,
    "case_state": lambda held: held.case.state.value,
    "case_turn": turn_of,
    "case_called": lambda held: held.called[:16].replace("T", " "),
    "case_opened": lambda held: held.case.opened,
    "case_ticket": lambda held: held.case.subject,
    "by_operator": lambda held: held.case.agent,
    "tries": lambda held: held.case.tries,
    "rounds": lambda held: held.case.rounds,
    "satisfaction": lambda held: held.case.answers.get("satisfaction", ""),
    "case_reason": lambda held: held.case.answers.get("reason", ""),
}
_MOST_ROWS = 8


def case_table(name: str, titles: str, rows: tuple[HeldCase, ...]) -> Table:
    """Cases as a table of the lead's window; ``titles``: of ``CELLS``, divided by blanks. A row's ``record_id`` is the case's id."""
    made = (Row(tuple(CELLS[title](held) for title in titles.split()), mark="bad" if held.late else "", record_id=held.case.case_id)
            for held in rows)
    return Table(name, columns(titles), tuple(made))


class CaseList(QFrame):
    """See the module.

    Args:
        name: of the table (title ``table_<name>``).
        titles: its columns, of ``CELLS``.
        kinds: that can be chosen; with one there is nothing to choose.
        words: what codes are called.
        theme: colours.
    """

    chosen = Signal(str)
    opened = Signal(str)
    kind_wanted = Signal(object)
    show_wanted = Signal(object)

    def __init__(self, name: str, titles: str, kinds: tuple[CaseKind, ...], words: LeadWords, theme: Theme,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._titles, self._kinds = name, titles, kinds
        self._state = CasesState()
        self._awaits_keys = False
        self.setProperty("role", "panel")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE.m, SPACE.s, SPACE.m, SPACE.s)
        layout.setSpacing(SPACE.s)
        head = QHBoxLayout()
        head.setSpacing(SPACE.s)
        self.title, self.none = QLabel(), QLabel()
        self.title.setProperty("role", "heading")
        self.none.setProperty("role", "hint")
        self.none.setWordWrap(True)
        self.what, self.kind = ChoiceBox(), ChoiceBox()
        for show in Show:
            self.what.addItem("", show)
        for kind in (None, *kinds):
            self.kind.addItem("", kind)
        self.kind.setVisible(len(kinds) > 1)
        self.what.activated.connect(self._on_what)
        self.kind.activated.connect(self._on_kind)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.what)
        head.addWidget(self.kind)
        layout.addLayout(head)
        layout.addWidget(self.none)
        self.table = LeadTableView(words, theme, self)
        self.table.most_rows = _MOST_ROWS
        self.table.opened.connect(self._on_opened)
        self.table.selectionModel().currentRowChanged.connect(self._on_current)
        layout.addWidget(self.table)
        self._retell()

    def show_state(self, state: CasesState) -> None:
        """Another list, or the same one as it stands now; told to nobody that a row is stood on."""
        is_other = state.rows != self._state.rows or (state.member is None) != (self._state.member is None)
        self._state = state
        self.what.setCurrentIndex(self.what.findData(state.show))
        self.kind.setCurrentIndex(self.kind.findData(state.kind))
        self._tell()
        if is_other:
            with QSignalBlocker(self.table.selectionModel()):
                self.table.show_table(self.held_table())
        self.table.setVisible(bool(state.rows))
        self._stand()
        if self._awaits_keys and state.rows and self.what.hasFocus():
            self.settle()

    def held_table(self) -> Table:
        """The list as a table, for a file."""
        return case_table(self._name, self._titles, self._state.rows)

    def settle(self) -> None:
        """Take the keyboard, on the list once there is one."""
        self._awaits_keys = not self._state.rows
        with QSignalBlocker(self.table.selectionModel()):  # where no row is stood on Qt takes the first one with the keyboard
            (self.table if self._state.rows else self.what).setFocus()
        self._stand()

    def _stand(self) -> None:
        """On the row of the case that is shown beside the list; on none where it has left the list."""
        wanted = self._state.chosen.case.case_id if self._state.chosen else ""
        current = self.table.current_row()
        if current is not None and current.record_id == wanted and self.table.selectionModel().hasSelection():
            return
        model = self.table.held
        place = next((place for place in range(model.rowCount()) if (row := model.row(place)) and row.record_id == wanted), -1)
        with QSignalBlocker(self.table.selectionModel()):
            if place >= 0:
                self.table.selectRow(place)
            else:
                self.table.clearSelection()
                self.table.setCurrentIndex(QModelIndex())  # else a click on the row that Qt stands on would choose nothing
        self.table.viewport().update()

    def _tell(self) -> None:
        state = self._state
        late = sum(held.late for held in state.rows)
        key = "cases_listed_late" if late else "cases_listed"
        self.title.setText(lead(key, title=lead(f"table_{self._name}"), count=len(state.rows), late=late))
        self.none.setText(lead("busy") if state.member is None else lead(f"cases_none_{state.show.value}"))
        self.none.setVisible(not state.rows and state.error is None)
        self.table.setAccessibleName(self.title.text())

    def _on_what(self, place: int) -> None:
        self.show_wanted.emit(Show(self.what.itemData(place)))  # Qt gives a StrEnum back as a str

    def _on_kind(self, place: int) -> None:
        held = self.kind.itemData(place)
        self.kind_wanted.emit(CaseKind(held) if held else None)

    def _on_current(self) -> None:
        row = self.table.current_row()
        if row is not None:
            self.chosen.emit(row.record_id)

    def _on_opened(self, row: Row) -> None:
        self.opened.emit(row.record_id)

    def _retell(self) -> None:
        for place, show in enumerate(Show):
            self.what.setItemText(place, lead(f"cases_show_{show.value}"))
        for place, kind in enumerate((None, *self._kinds)):
            self.kind.setItemText(place, case_word(kind.value) if kind else lead("cases_every_kind"))
        self.what.setAccessibleName(lead("cases_show"))
        self.kind.setAccessibleName(lead("cases_kind"))
        self._tell()

    def changeEvent(self, event: QEvent) -> None:
        """Another language."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retell()
        super().changeEvent(event)
