"""One case: what it is about, every step of it, and a button for each step that whoever looks may take now.

Each button has its key. A step that ends a case is asked once more, in place: it cannot be taken back.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.cases import CaseAct, CaseKind, CaseStep, HeldCase, turn_of
from app.domain.lead_tables import Names
from widgets.flow_layout import FlowLayout
from widgets.lead_words import LeadWords, case_word, lead
from widgets.theme.palette import SPACE

#: Key of each step of an appeal and a remedy task.
KEYS: Mapping[CaseAct, str] = {
    CaseAct.GRANT: "Alt+G", CaseAct.REFUSE: "Alt+R", CaseAct.WITHDRAW: "Alt+W", CaseAct.REPORT: "Alt+P", CaseAct.ACCEPT: "Alt+A",
    CaseAct.SEND_BACK: "Alt+B", CaseAct.CANCEL: "Alt+C"}
#: What is asked once more.
ENDING = frozenset({CaseAct.GRANT, CaseAct.REFUSE, CaseAct.WITHDRAW, CaseAct.ACCEPT, CaseAct.CANCEL})
_BESIDE_EMS, _MOST_STEPS = 46, 9


class CaseDetail(QFrame):
    """See the module.

    Args:
        words: what codes are called.
    """

    act_wanted = Signal(object)
    call_wanted = Signal(str)

    def __init__(self, words: LeadWords, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._held: HeldCase | None = None
        self._acts: tuple[CaseAct, ...] = ()
        self._asked: CaseAct | None = None
        self.setProperty("role", "panel")
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._sides.setContentsMargins(SPACE.m, SPACE.s, SPACE.m, SPACE.m)
        self._sides.setSpacing(SPACE.l)
        left, right = QVBoxLayout(), QVBoxLayout()
        left.setSpacing(SPACE.s)
        right.setSpacing(SPACE.s)
        self.heading, self.about, self.question, self.steps_title = QLabel(), QLabel(), QLabel(), QLabel()
        self.heading.setProperty("role", "heading")
        self.steps_title.setProperty("role", "heading")
        self.about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for label in (self.heading, self.about, self.question):
            label.setWordWrap(True)
            left.addWidget(label)
        self._row = QWidget()
        self._buttons_layout = FlowLayout(SPACE.s, self._row)
        self.buttons: dict[CaseAct, QPushButton] = {act: self._button() for act in KEYS}
        self.yes, self.no, self.call = self._button(), self._button(), self._button()
        self.yes.setProperty("role", "primary")
        left.addWidget(self._row)
        left.addStretch(1)
        self.steps = QListWidget()
        self.steps.setFrameShape(QFrame.Shape.NoFrame)
        self.steps.setWordWrap(True)
        right.addWidget(self.steps_title)
        right.addWidget(self.steps)
        right.addStretch(1)
        self._sides.addLayout(left, 1)
        self._sides.addLayout(right, 1)
        self._wire()

    def show_case(self, held: HeldCase | None, acts: tuple[CaseAct, ...]) -> None:
        """Another case, or the same one as it stands now."""
        if held is None or self._held is None or (held.case.case_id, held.case.version) != (
                self._held.case.case_id, self._held.case.version) or self._asked not in acts:
            self._asked = None
        self._held, self._acts = held, acts
        self._tell()

    def _button(self) -> QPushButton:
        made = QPushButton()
        self._buttons_layout.addWidget(made)
        return made

    def _wire(self) -> None:
        for act, button in self.buttons.items():
            button.setProperty("act", act.value)
            button.clicked.connect(self._on_act)
            shortcut = QShortcut(QKeySequence(KEYS[act]), self)
            shortcut.activated.connect(button.click)  # does nothing while the button is hidden: it is disabled then, too
        self.yes.clicked.connect(self._on_yes)
        self.no.clicked.connect(self._on_no)
        self.call.clicked.connect(self._on_call)
        refusal = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        refusal.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        refusal.activated.connect(self._on_no)

    def _on_act(self) -> None:
        button = self.sender()
        act = CaseAct(str(button.property("act"))) if button is not None else None
        if act not in self._acts:
            return
        if act in ENDING:
            self._asked = act
            self._tell()
            self.yes.setFocus()
        else:
            self.act_wanted.emit(act)

    def _on_yes(self) -> None:
        act, self._asked = self._asked, None
        if act is not None:
            self.act_wanted.emit(act)

    def _on_no(self) -> None:
        act, self._asked = self._asked, None
        self._tell()
        if act is not None:
            self.buttons[act].setFocus()

    def _on_call(self) -> None:
        if self._held is not None:
            self.call_wanted.emit(self._held.case.subject)

    def _tell(self) -> None:
        held = self._held
        self.setVisible(held is not None)
        if held is None:
            return
        case = held.case
        rule = self._words.name(Names.RULE, case.code)
        self.heading.setText(lead("case_heading", kind=case_word(case.kind.value), rule=rule, state=case_word(case.state.value)))
        self.about.setText("\n".join(_about(held)))
        self.question.setText(lead("case_sure", act=case_word(self._asked.value)) if self._asked else "")
        self.question.setVisible(self._asked is not None)
        for act, button in self.buttons.items():
            button.setText(f"{case_word(act.value)}  {KEYS[act]}")
            is_open = act in self._acts and self._asked is None
            button.setVisible(is_open)
            button.setEnabled(is_open)
        for button, key in ((self.yes, "case_yes"), (self.no, "case_no")):
            button.setText(lead(key))
            button.setVisible(self._asked is not None)
        self.yes.setDefault(True)
        self.call.setText(lead("case_call"))
        self.call.setVisible(self._asked is None and case.kind is not CaseKind.CALLBACK)
        self.steps_title.setText(lead("case_steps"))
        self.steps.setAccessibleName(lead("case_steps"))
        self.steps.clear()
        for step in held.steps:
            self.steps.addItem(QListWidgetItem(_step(step)))
        lines = min(_MOST_STEPS, max(3, len(held.steps))) + 0.5
        self.steps.setFixedHeight(round(lines * (QFontMetricsF(self.steps.font()).height() + SPACE.xs)))
        self._buttons_layout.invalidate()
        self._row.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The steps stand beside, or below where there is no room."""
        super().resizeEvent(event)
        is_wide = self.width() >= _BESIDE_EMS * self.fontMetrics().height()
        self._sides.setDirection(QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom)

    def changeEvent(self, event: QEvent) -> None:
        """Another language or type size."""
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.FontChange) and hasattr(self, "call"):
            self._tell()
        super().changeEvent(event)


def _about(held: HeldCase) -> list[str]:
    case = held.case
    said = "、".join(case_word(each) for each in (case.answers.get("ground"), case.answers.get("measure")) if each)
    lines = [lead("case_whose", agent=case.agent or "–", team=case.team or "–", called=held.called[:16].replace("T", " ") or "–")]
    if said:
        lines.append(lead(f"case_said_{case.kind.value}", said=said))
    if case.due:
        key = "case_due_late" if held.late else "case_due_estimated" if case.estimated else "case_due"
        lines.append(lead(key, due=case.due) + lead("case_turn", who=case_word(turn_of(held))))
    if case.rounds:
        lines.append(lead("case_rounds", rounds=case.rounds))
    if turn_of(held) == "head":
        lines.append(lead("case_head_only"))
    return lines


def _step(step: CaseStep) -> str:
    due = lead("case_step_due", due=step.due) if step.due else ""
    return lead("case_step", at=step.at[:16].replace("T", " "), role=case_word(step.role), by=step.by, act=case_word(step.act),
                state=case_word(step.state), due=due)
