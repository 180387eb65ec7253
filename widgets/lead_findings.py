"""The quality check of one call: score as found and after appeals, each finding, the words behind it, and what can be done about it.

The words stand only where this PC holds the call, and are fetched on demand, for that is audited. An operator appeals against a finding
here, a lead sets a task for one; that needs the hub, and where there is none it is said.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.domain import cases
from app.domain.after_appeals import score_without
from app.domain.call_record import CallRecord, QualityRecord
from app.domain.cases import CaseKind, CaseState, HeldCase
from app.domain.dialogue import Channel, Utterance
from app.domain.lead_tables import Names
from app.domain.masking import Kind, Purpose, Role, mask_level, mask_value
from app.ports.cases import Member
from widgets.announcing import announce
from widgets.case_page import NoteLabel
from widgets.lead_filters import ChoiceBox
from widgets.lead_sheet_table import height_of, sheet_table
from widgets.lead_words import LeadWords, case_word, lead
from widgets.theme.palette import SPACE

_HEADS = ("finding", "points", "call_at", "call_case")
_MOST_ROWS = 4
_AROUND = 1


def around(dialogue: Sequence[Utterance], at_ms: int) -> tuple[Utterance, ...]:
    """The utterance that began last by a time, with those beside it."""
    said = sorted(dialogue, key=lambda each: each.start_ms)
    place = max(0, sum(each.start_ms <= at_ms for each in said) - 1)
    return tuple(said[max(0, place - _AROUND):place + _AROUND + 1])


class FindingsBox(QFrame):
    """See the module.

    Args:
        record: the call.
        words: names of codes.
    """

    words_wanted = Signal(str)
    lodged = Signal(str, str, str)
    assigned = Signal(str, str, str, int)

    def __init__(self, record: CallRecord, words: LeadWords, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.record, self._words = record, words
        self.findings = tuple(each for each in record.quality if each.is_breach)
        self._cases: tuple[HeldCase, ...] = ()
        self._member: Member | None = None
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(SPACE.s)
        self.heading, self.evidence, self.hint, self.note = QLabel(), QLabel(), QLabel(), NoteLabel()
        self.heading.setProperty("role", "heading")
        self.hint.setProperty("role", "hint")
        for label in (self.heading, self.evidence, self.hint):
            label.setWordWrap(True)
        self.evidence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.table = self._table()
        self.show_words_button = QPushButton(lead("call_words"))
        self.show_words_button.clicked.connect(self._on_words)
        for widget in (self.heading, self.note, self.table, self.evidence):
            rows.addWidget(widget)
        rows.addLayout(self._form())
        rows.addWidget(self.hint)
        self.evidence.hide()
        self._dialogue: tuple[Utterance, ...] | None = None
        self._role = Role.OPERATOR
        self._tell_head()
        self._choose()

    def is_idle(self) -> None:
        """A deed is over: what was pressed can be pressed again."""
        self._choose()

    def show_cases(self, member: Member | None, held: tuple[HeldCase, ...]) -> None:
        """The cases of this call, and who looks: now something can be done."""
        self._member, self._cases = member, held
        for row, finding in enumerate(self.findings):
            told = lead("between").join(lead("case_at", kind=case_word(each.case.kind.value), state=case_word(each.case.state.value))
                                        for each in self._of(finding))
            self.table.setItem(row, _HEADS.index("call_case"), QTableWidgetItem(told or "–"))
        self.table.resizeColumnsToContents()
        self._tell_head()
        self._choose()

    def show_words(self, dialogue: tuple[Utterance, ...], role: Role) -> None:
        """What was said, masked as the role of this PC is; an empty dialogue is not on this PC."""
        self._dialogue, self._role = dialogue, role
        self.show_words_button.setEnabled(False)
        self._choose()
        if self._chosen() is not None:
            announce(self, self.evidence.text())

    def _form(self) -> QHBoxLayout:
        form = QHBoxLayout()
        form.setSpacing(SPACE.s)
        self.ground, self.measure, self.days = ChoiceBox(), ChoiceBox(), QSpinBox()
        for box, codes, name in ((self.ground, cases.GROUNDS, "call_ground"), (self.measure, cases.MEASURES, "call_measure")):
            for code in sorted(codes, key=lambda each: (each == "other", each)):
                box.addItem(case_word(code), code)
            box.setAccessibleName(lead(name))
        self.days.setRange(1, cases.LONGEST_REMEDY)
        self.days.setValue(cases.REMEDY_DAYS)
        self.days.setSuffix(lead("call_days"))
        self.days.setAccessibleName(lead("call_days_name"))
        self.lodge, self.assign = QPushButton(f"{lead('call_lodge')}  Alt+L"), QPushButton(f"{lead('call_assign')}  Alt+T")
        self.lodge.setShortcut("Alt+L")
        self.assign.setShortcut("Alt+T")
        self.lodge.clicked.connect(self._on_lodge)
        self.assign.clicked.connect(self._on_assign)
        form.addWidget(self.show_words_button)
        form.addStretch(1)
        for widget in (self.ground, self.lodge, self.measure, self.days, self.assign):
            form.addWidget(widget)
        return form

    def _table(self) -> QTableWidget:
        rows = []
        for each in self.findings:
            minutes, seconds = divmod(each.at_ms // 1000, 60)
            rows.append((self._words.name(Names.RULE, each.rule), f"{each.points:g}", f"{minutes}:{seconds:02}", "–"))
        table = sheet_table(_HEADS, rows, lead("call_findings"), self)
        table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        table.setFixedHeight(height_of(table, _MOST_ROWS) + 4)
        if self.findings:
            table.setCurrentCell(0, 0)
        table.currentCellChanged.connect(self._choose)
        return table

    def _chosen(self) -> QualityRecord | None:
        row = self.table.currentRow()
        return self.findings[row] if 0 <= row < len(self.findings) else None

    def _of(self, finding: QualityRecord) -> tuple[HeldCase, ...]:
        return tuple(each for each in self._cases if each.case.code == finding.rule)

    def _choose(self, *_: int) -> None:
        """What can be done about the finding that is stood on, and its words."""
        finding, role = self._chosen(), self._member.role if self._member else ""
        kinds = {each.case.kind for each in self._of(finding)} if finding else set()
        is_granted = any(each.case.state is CaseState.GRANTED for each in self._of(finding)) if finding else False
        may_lodge = finding is not None and role == "operator" and CaseKind.APPEAL not in kinds
        may_assign = finding is not None and role in ("lead", "head") and CaseKind.REMEDY not in kinds and not is_granted
        parts: tuple[tuple[QWidget, bool], ...] = (
            (self.ground, may_lodge), (self.lodge, may_lodge),
            (self.measure, may_assign), (self.days, may_assign), (self.assign, may_assign))
        for widget, may in parts:
            widget.setVisible(may)
            widget.setEnabled(may)
        self.hint.setText(lead("call_within", days=cases.LODGED_WITHIN) if may_lodge else "" if self._member else lead("call_no_hub"))
        self.hint.setVisible(bool(self.hint.text()) and bool(self.findings))
        self.show_words_button.setVisible(bool(self.findings))
        self._tell_words(finding)

    def _tell_words(self, finding: QualityRecord | None) -> None:
        if self._dialogue is None or finding is None:
            return
        level = mask_level(self._role, Purpose.HANDLING, Kind.TEXT)
        lines = [lead(f"call_said_{'operator' if each.channel is Channel.OPERATOR else 'citizen'}",
                      words=mask_value(Kind.TEXT, each.display or each.text, level)) for each in around(self._dialogue, finding.at_ms)]
        self.evidence.setText("\n".join(lines) if lines else lead("call_no_words"))
        self.evidence.show()

    def _tell_head(self) -> None:
        score = self.record.quality_score
        if score < 0:
            self.heading.setText(lead("call_unchecked"))
            self.table.hide()
            return
        granted = frozenset(each.case.code for each in self._cases if each.case.state is CaseState.GRANTED)
        after = score_without(self.record, granted)
        key = "call_score" if after == score else "call_scores"
        self.heading.setText(lead(key, found=f"{score:g}", after=f"{after:g}"))
        self.table.setVisible(bool(self.findings))

    def _on_words(self) -> None:
        self.words_wanted.emit(self.record.record_id)

    def _on_lodge(self) -> None:
        finding = self._chosen()
        if finding is not None:
            self.lodge.setEnabled(False)
            self.lodged.emit(self.record.record_id, finding.rule, str(self.ground.currentData()))

    def _on_assign(self) -> None:
        finding = self._chosen()
        if finding is not None:
            self.assign.setEnabled(False)
            self.assigned.emit(self.record.record_id, finding.rule, str(self.measure.currentData()), self.days.value())
