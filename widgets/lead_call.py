"""One call behind a number: its quality check, what became of each field; its ticket, where it lies on this PC, masked for its role."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.call_record import CallRecord, FieldOutcome, FieldRecord
from app.domain.dialogue import Channel, Utterance
from app.domain.lead_counts import Dimension, item_codes
from app.domain.lead_tables import Names
from app.domain.masking import Kind, Purpose, Role, known_of, mask_field, mask_level, mask_value
from app.ports.ports import StoredTicket
from widgets.dialog_size import fit
from widgets.lead_findings import FindingsBox
from widgets.lead_sheet_table import height_of, sheet_table
from widgets.lead_voice import VoiceBox
from widgets.lead_words import LeadWords, lead, percent, seconds
from widgets.theme.palette import SPACE, Theme

_WIDTH_PX, _HEIGHT_PX = 780, 740
_LEAST_ROWS = 5
_LINES_OF_WORDS = 12
_COLUMNS = ("by_field", "call_state", "call_confidence", "call_outcome", "distance", "call_rule")


class CallDialog(QDialog):
    """See the module.

    Args:
        record: the call.
        words: names of codes.
        theme: colours.
    """

    ticket_wanted = Signal(str)

    def __init__(self, record: CallRecord, words: LeadWords, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.record, self._words, self._theme = record, words, theme
        self.setWindowTitle(lead("call_title", at=record.at[:16].replace("T", " ")))
        outer, scroll, body = QVBoxLayout(self), QScrollArea(), QWidget()
        self._scroll, self._room = scroll, QTimer(self)  # fires once everything has its place on the longer sheet
        self._room.setSingleShot(True)
        self._room.timeout.connect(self._bring_words)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(body)
        for each in (scroll.viewport(), body):
            each.setAutoFillBackground(False)  # the sheet's own ground
        outer.addWidget(scroll, 1)
        self._rows = QVBoxLayout(body)
        self._rows.setContentsMargins(0, 0, SPACE.s, 0)
        self._rows.setSpacing(SPACE.s)
        for line in self._head(record):
            self._say(line)
        self._wants_all = False
        self.words = QPlainTextEdit()
        self.words.setReadOnly(True)
        self.words.setAccessibleName(lead("call_all_words"))
        self.words.setMinimumHeight(_LINES_OF_WORDS * self.fontMetrics().lineSpacing())  # rather scroll the sheet than squeeze it
        self.words.hide()
        self.findings = FindingsBox(record, words, self)
        self._rows.addWidget(self.findings)
        self.voice = VoiceBox(record, self)
        self._rows.addWidget(self.voice)
        self._say(lead("call_fields"), "heading")
        self.table = self._fields(record)
        self._rows.addWidget(self.table, 1)
        self.none = self._say(lead("call_no_ticket"), "hint")
        self.none.hide()
        self._rows.addWidget(self.words, 1)
        self._place = self._rows.count()
        buttons = QDialogButtonBox()
        self.ticket_button = QPushButton(lead("call_ticket"))
        self.ticket_button.clicked.connect(self._on_ticket)
        buttons.addButton(self.ticket_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.words_button = QPushButton(lead("call_all_words"))
        self.words_button.clicked.connect(self._on_words)
        buttons.addButton(self.words_button, QDialogButtonBox.ButtonRole.ActionRole)
        close = buttons.addButton(lead("close"), QDialogButtonBox.ButtonRole.RejectRole)
        close.clicked.connect(self.reject)
        outer.addWidget(buttons)
        scroll.setMinimumWidth(body.minimumSizeHint().width() + scroll.verticalScrollBar().sizeHint().width())
        fit(self, _WIDTH_PX, _HEIGHT_PX)
        (self.findings.table if self.findings.findings else self.table).setFocus()

    def show_ticket(self, ticket: StoredTicket | None, role: Role) -> None:
        """The ticket's fields, or that it is not here."""
        self.ticket_button.setEnabled(False)
        self.none.setVisible(ticket is None)
        if ticket is None:
            return
        title = self._say(f"{lead('call_ticket_no')} {ticket.ticket_no}", "heading")
        self._rows.removeWidget(title)
        values = {name: held.get("value") for name, held in ticket.fields.items() if isinstance(held, dict)}
        known = known_of(values)
        shown = [(self._words.dimension_value(Dimension.FIELD, name), _written(mask_field(name, value, role, Purpose.HANDLING, known)))
                 for name, value in values.items() if value not in (None, "", [])]
        made = self._table(("by_field", "call_value"), shown, lead("call_ticket_no"))
        self._rows.insertWidget(self._place, title)
        self._rows.insertWidget(self._place + 1, made, 1)
        made.setFocus()

    def show_words(self, dialogue: tuple[Utterance, ...], role: Role) -> None:
        """What was said: about the finding that is stood on, and all of it where that was asked for; masked for the role of this PC."""
        self.findings.show_words(dialogue, role)
        if not self._wants_all:
            return
        level = mask_level(role, Purpose.HANDLING, Kind.TEXT)
        lines = [f"{each.start_ms // 60_000}:{each.start_ms // 1000 % 60:02}　" + lead(
                     "call_said_operator" if each.channel is Channel.OPERATOR else "call_said_citizen",
                     words=mask_value(Kind.TEXT, each.display or each.text, level)) for each in dialogue]
        self.words.setPlainText("\n".join(lines) or lead("call_no_words"))
        self.words_button.setEnabled(False)
        self.words.show()
        self.words.setFocus()
        self._room.start()

    @Slot()
    def _bring_words(self) -> None:
        self._scroll.verticalScrollBar().setValue(self.words.y() - SPACE.s)

    def _on_words(self) -> None:
        self._wants_all = True
        self.findings.words_wanted.emit(self.record.record_id)

    def _on_ticket(self) -> None:
        self.ticket_wanted.emit(self.record.record_id)

    def _say(self, words: str, role: str = "") -> QLabel:
        label = QLabel(words)
        label.setWordWrap(True)
        label.setProperty("role", role)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._rows.addWidget(label)
        return label

    def _head(self, record: CallRecord) -> list[str]:
        items = lead("between").join(self._words.name(Names.ITEM, code) for code in item_codes(record))
        versions = {part: record.versions.get(part) or "–" for part in ("program", "model", "vocabulary", "knowledge")}
        effort = record.effort
        return [
            lead("call_head", operator=record.agent or "–", district=record.district, street=record.street, item=items,
                 duration=seconds(record.duration_ms / 1000)),
            lead("call_effort", wrap_up=seconds(effort.wrap_up_ms / 1000), keys=effort.keys, clicks=effort.clicks),
            lead("call_versions", **versions),
        ]

    def _fields(self, record: CallRecord) -> QTableWidget:
        ordered = sorted(record.fields, key=lambda each: (each.matter, each.outcome is FieldOutcome.TAKEN))
        table = self._table(_COLUMNS, [self._cells(each) for each in ordered], lead("call_fields"))
        for row, each in enumerate(ordered):
            if each.proposed == "filled" and each.outcome in (FieldOutcome.EDITED, FieldOutcome.CLEARED):
                for item in (table.item(row, column) for column in range(len(_COLUMNS))):
                    if item is not None:
                        item.setForeground(QColor(self._theme.palette.wrong.ink))
        return table

    def _table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], name: str) -> QTableWidget:
        table = sheet_table(heads, rows, name, self)
        table.setMinimumHeight(height_of(table, _LEAST_ROWS) + SPACE.s)  # rather scroll the sheet than squeeze it
        return table

    def _cells(self, field: FieldRecord) -> tuple[str, ...]:
        return (self._words.dimension_value(Dimension.FIELD, field.name), lead(f"state_{field.proposed}"),
                percent(field.confidence) if field.proposed else "–", lead(f"outcome_{field.outcome.value}"),
                percent(field.distance) if field.outcome is FieldOutcome.EDITED else "–", field.rule or "–")


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "✓" if value else "–"
    return lead("between").join(str(each) for each in value) if isinstance(value, list) else str(value)
