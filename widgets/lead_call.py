"""One call behind a number: what became of each field, what was offered, how it sounded. Its ticket opens where it lies on this PC."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.domain.call_record import CallRecord, FieldOutcome, FieldRecord
from app.domain.lead_counts import Dimension, item_codes
from app.domain.lead_tables import Names
from widgets.dialog_size import fit
from widgets.lead_words import LeadWords, lead, percent, seconds
from widgets.theme.palette import SPACE, Theme

_WIDTH_PX, _HEIGHT_PX = 760, 560
_COLUMNS = ("by_field", "call_state", "call_confidence", "call_outcome", "distance", "call_rule")


class CallDialog(QDialog):
    """See the module.

    Args:
        record: the call.
        words: names of codes.
        theme: colours.
        open_ticket: shows the ticket of the call, None where it is not on this PC.
    """

    def __init__(self, record: CallRecord, words: LeadWords, theme: Theme, open_ticket: Callable[[], None] | None,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words, self._theme = words, theme
        self.setWindowTitle(lead("call_title", at=record.at[:16].replace("T", " ")))
        layout = QVBoxLayout(self)
        layout.setSpacing(SPACE.s)
        for line in self._head(record):
            label = QLabel(line)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            layout.addWidget(label)
        title = QLabel(lead("call_fields"))
        title.setProperty("role", "heading")
        layout.addWidget(title)
        self.table = self._fields(record)
        layout.addWidget(self.table, 1)
        buttons = QDialogButtonBox()
        close = buttons.addButton(lead("close"), QDialogButtonBox.ButtonRole.RejectRole)
        close.clicked.connect(self.reject)
        if open_ticket is not None:
            self.ticket = QPushButton(lead("call_ticket"))
            self.ticket.setProperty("role", "primary")
            self.ticket.clicked.connect(open_ticket)
            buttons.addButton(self.ticket, QDialogButtonBox.ButtonRole.ActionRole)
        else:
            none = QLabel(lead("call_no_ticket"))
            none.setProperty("role", "hint")
            layout.addWidget(none)
        layout.addWidget(buttons)
        fit(self, _WIDTH_PX, _HEIGHT_PX)
        self.table.setFocus()

    def _head(self, record: CallRecord) -> list[str]:
        items = "、".join(self._words.name(Names.ITEM, code) for code in item_codes(record))
        versions = {part: record.versions.get(part) or "–" for part in ("program", "model", "vocabulary", "knowledge")}
        effort = record.effort
        return [
            lead("call_head", operator=record.agent or "–", district=record.district, street=record.street, item=items,
                 duration=seconds(record.duration_ms / 1000)),
            lead("call_effort", wrap_up=seconds(effort.wrap_up_ms / 1000), keys=effort.keys, clicks=effort.clicks),
            lead("call_versions", **versions),
        ]

    def _fields(self, record: CallRecord) -> QTableWidget:
        table = QTableWidget(len(record.fields), len(_COLUMNS), self)
        table.setHorizontalHeaderLabels([lead(name if name.startswith("call") else f"col_{name}") for name in _COLUMNS])
        table.setAccessibleName(lead("call_fields"))
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        ordered = sorted(record.fields, key=lambda each: (each.matter, each.outcome is FieldOutcome.TAKEN))
        for row, each in enumerate(ordered):
            for column, words in enumerate(self._cells(each)):
                made = QTableWidgetItem(words)
                if each.proposed == "filled" and each.outcome in (FieldOutcome.EDITED, FieldOutcome.CLEARED):
                    made.setForeground(QColor(self._theme.palette.wrong.ink))
                table.setItem(row, column, made)
        table.resizeColumnsToContents()
        table.horizontalHeader().setStretchLastSection(True)
        return table

    def _cells(self, field: FieldRecord) -> tuple[str, ...]:
        return (self._words.dimension_value(Dimension.FIELD, field.name), lead(f"state_{field.proposed}"),
                percent(field.confidence) if field.proposed else "–", lead(f"outcome_{field.outcome.value}"),
                percent(field.distance) if field.outcome is FieldOutcome.EDITED else "–", field.rule or "–")
