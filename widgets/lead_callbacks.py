"""The page "Callbacks" of the lead's window: what is to be done, late ones first; results, redo, give up; plans; figures below.

Keys while the list has the keyboard: the result (``widgets.callback_entry``), R once the matter was done anew, G to give that up,
Ctrl+B plans further callbacks. A result that could not be kept stays on the screen, to be kept again.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.domain.callback_figures import CallbackBy
from app.domain.callbacks import is_of_call
from app.domain.cases import CaseAct, CaseKind, CaseState, CaseStep, HeldCase
from app.domain.lead_tables import PageView
from app.platform import messages
from app.presenters.callback_entry import Entry
from app.presenters.cases import CasesState, Note, Show
from app.presenters.lead_callbacks import PERIODS, LeadCallbacksPresenter
from app.services.lead_views_callbacks import BY
from widgets.callback_entry import CallbackEntry
from widgets.callback_plan import PlanDialog
from widgets.case_list import CaseList
from widgets.case_page import NoteLabel, said
from widgets.flow_layout import FlowLayout
from widgets.language import present_language, told
from widgets.lead_filters import ChoiceBox
from widgets.lead_page import PageBody
from widgets.lead_words import LeadWords, case_word
from widgets.theme.palette import SPACE, Theme

COLUMNS = "case_due case_late case_state case_ticket by_operator tries rounds satisfaction case_reason"
PLAN_KEY = "Ctrl+B"
_ACT_KEYS = {"r": CaseAct.REDONE, "g": CaseAct.GIVE_UP}
_MOST_STEPS = 4


class LeadCallbacksPage(QScrollArea):
    """See the module; an ``OwnPage`` of the lead's window.

    Args:
        presenter: state.
        words: what codes are called.
        theme: colours.
    """

    call_wanted = Signal(str)

    def __init__(self, presenter: LeadCallbacksPresenter, words: LeadWords, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.presenter = presenter
        self._stood, self._is_keeping, self._advances, self._version = "", False, False, -1
        self._kept_note: Note | None = None
        self.note, self.plan_note, self.error = NoteLabel(), NoteLabel(), NoteLabel()
        self.list = CaseList("callbacks", COLUMNS, (CaseKind.CALLBACK,), words, theme)
        self.entry = CallbackEntry()
        self.figures = PageBody(words, theme)
        self.about, self._days, self._by = QLabel(), ChoiceBox(), ChoiceBox()
        self.plan, self.redone, self.give_up = QPushButton(), QPushButton(), QPushButton()
        self._dialog: PlanDialog | None = None
        self._lay_out()
        QShortcut(QKeySequence(PLAN_KEY), self, self.ask_plan, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.list.table.installEventFilter(self)
        self._connect()
        self._retell()
        self._show_state()
        self._show_figures()

    def view(self) -> PageView | None:
        """List and figures, for a file."""
        return self.presenter.view() if self.presenter.cases.state.member else None

    def settle(self) -> None:
        """Take the keyboard."""
        self.list.settle()

    @Slot()
    def ask_plan(self) -> None:
        """Ask a lead for ticket numbers."""
        if not self._may_plan():
            return
        self._dialog = PlanDialog(self.presenter, self)
        self._dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._dialog.open()

    def _may_plan(self) -> bool:
        member = self.presenter.cases.state.member
        return member is None or member.role != "operator"

    def _lay_out(self) -> None:
        body = QWidget()
        body.setObjectName("form")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, SPACE.xs, SPACE.s, SPACE.m)
        layout.setSpacing(SPACE.m)
        acts = QFrame()
        acts.setProperty("role", "panel")
        rows = QVBoxLayout(acts)
        rows.setContentsMargins(SPACE.m, SPACE.s, SPACE.m, SPACE.s)
        self.about.setWordWrap(True)
        self.about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        keys = QWidget()
        flow = FlowLayout(SPACE.s, keys)
        for button in (self.plan, self.redone, self.give_up):
            flow.addWidget(button)
        rows.addWidget(self.about)
        rows.addWidget(keys)
        chosen = QHBoxLayout()
        chosen.addWidget(self._days)
        chosen.addWidget(self._by)
        chosen.addStretch(1)
        for each in (self.error, self.note, self.plan_note, self.list, self.entry, acts):
            layout.addWidget(each)
        layout.addLayout(chosen)
        layout.addWidget(self.figures)
        layout.addStretch(1)
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for days in PERIODS:
            self._days.addItem("", days)
        for by in BY:
            self._by.addItem("", by)

    def _connect(self) -> None:
        presenter, cases = self.presenter, self.presenter.cases
        self.list.chosen.connect(self._on_chosen)
        self.list.opened.connect(self._on_opened)
        self.list.show_wanted.connect(self._on_show)
        self.entry.saved.connect(self._on_saved)
        self.plan.clicked.connect(self.ask_plan)
        self.redone.clicked.connect(self._on_redone)
        self.give_up.clicked.connect(self._on_give_up)
        self._days.activated.connect(self._on_figures)
        self._by.activated.connect(self._on_figures)
        cases.changed.connect(self._show_state)
        presenter.changed.connect(self._show_figures)

    @Slot()
    def _show_state(self) -> None:
        state = self.presenter.cases.state
        with QSignalBlocker(self.list):
            self.list.show_state(state)
        chosen = state.chosen.case.case_id if state.chosen else ""
        if chosen != self._stood:
            self._stood, self._is_keeping = chosen, False
            self.entry.clear()
        if self._is_keeping and not state.is_acting and state.note is not None:
            self._is_keeping = False
            if state.note.mark == "good":
                self.entry.clear()
                self._advances = True
        self.entry.open(CaseAct.REACHED in state.acts)
        self.plan.setVisible(self._may_plan())
        self.redone.setVisible(CaseAct.REDONE in state.acts)
        self.give_up.setVisible(CaseAct.GIVE_UP in state.acts)
        self.about.setText(_about(state.chosen))
        self.about.setVisible(state.chosen is not None)
        _tell(self.note, state.note or self._kept_note)
        error = state.error
        self.error.tell(messages.text(error.key, error.params, present_language()) if error else "", "bad")
        self._go_on(state)

    def _go_on(self, state: CasesState) -> None:
        """After a result was kept and listed, on to the next callback that waits for one; the word on what was kept stays."""
        if not self._advances or state.is_busy or state.is_acting:
            return
        current = next((held for held in state.rows if held.case.case_id == self._stood), None)
        if current is not None and current.case.version == self._version:
            return  # the list is not there yet
        self._advances = False
        waiting = [held for held in state.rows if held.case.case_id != self._stood and held.case.state is CaseState.PLANNED]
        if waiting:
            self._kept_note = state.note
            self.presenter.cases.choose(waiting[0].case.case_id)

    @Slot()
    def _show_figures(self) -> None:
        state = self.presenter.state
        self._days.setCurrentIndex(self._days.findData(state.days))
        self._by.setCurrentIndex(self._by.findData(state.by))
        if state.figures is not None:
            self.figures.show_view(state.figures)
        _tell(self.plan_note, state.note)

    @Slot(str)
    def _on_chosen(self, case_id: str) -> None:
        self._kept_note = None
        self.presenter.cases.choose(case_id)

    @Slot(object)
    def _on_saved(self, entry: Entry) -> None:
        chosen = self.presenter.cases.state.chosen
        if entry.act is not None and chosen is not None:
            self._is_keeping, self._version, self._kept_note = True, chosen.case.version, None
            self.presenter.cases.take(entry.act, entry.answers)

    @Slot()
    def _on_redone(self) -> None:
        self.presenter.cases.take(CaseAct.REDONE)

    @Slot()
    def _on_give_up(self) -> None:
        self.presenter.cases.take(CaseAct.GIVE_UP)

    @Slot(object)
    def _on_show(self, show: Show) -> None:
        self.presenter.cases.show_what(show)

    @Slot(str)
    def _on_opened(self, case_id: str) -> None:
        held = next((each for each in self.presenter.cases.state.rows if each.case.case_id == case_id), None)
        if held is not None and is_of_call(held.case.subject):
            self.call_wanted.emit(held.case.subject)

    @Slot()
    def _on_figures(self) -> None:
        self.presenter.choose(int(self._days.currentData()), CallbackBy(self._by.currentData()))

    def _retell(self) -> None:
        self.plan.setText(told("callbacks.plan"))
        self.redone.setText(told("callbacks.redone"))
        self.give_up.setText(told("callbacks.give_up"))
        for place, days in enumerate(PERIODS):
            self._days.setItemText(place, told(f"callbacks.days_{days}"))
        for place, by in enumerate(BY):
            self._by.setItemText(place, f"{told('callbacks.by')} {told(f'callbacks.by_{by.value}')}")
        self._days.setAccessibleName(told("callbacks.show_figures"))
        self._by.setAccessibleName(told("callbacks.by"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys in the list that belong to the entry or to an act."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if self.entry.press(event):
                return True
            act = _ACT_KEYS.get(event.text().lower()) if event.modifiers() == Qt.KeyboardModifier.NoModifier else None
            if act is not None and act in self.presenter.cases.state.acts:
                self.presenter.cases.take(act)
                return True
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        """Another language."""
        if event.type() == QEvent.Type.LanguageChange and hasattr(self, "figures"):
            self._retell()
            self._show_state()
            self._show_figures()
        super().changeEvent(event)


def _tell(label: NoteLabel, note: Note | None) -> None:
    label.tell(said(note) if note else "", note.mark if note else "")


def _about(held: HeldCase | None) -> str:
    """Ticket, and what was done so far."""
    if held is None:
        return ""
    steps = "　".join(_step(each) for each in held.steps[-_MOST_STEPS:])
    return f"{held.case.subject}　{told('callbacks.steps', steps=steps)}" if steps else held.case.subject


def _step(step: CaseStep) -> str:
    return f"{step.at[5:16].replace('T', ' ')} {step.by} {case_word(step.act)}"
