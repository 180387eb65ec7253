"""The page "Cases" of the lead's window: appeals and remedy tasks, those to be done first, each followed to its end.

Above, a word on what was done or why it was not; the list; below it the case that is stood on.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from app.domain.cases import CaseAct, CaseKind
from app.domain.lead_tables import PageView
from app.platform import messages
from app.presenters.cases import CasesPresenter, Note, Show
from widgets.announcing import announce
from widgets.case_detail import CaseDetail
from widgets.case_list import CaseList
from widgets.language import present_language, told
from widgets.lead_words import LeadWords, case_word
from widgets.theme.palette import SPACE, Theme

COLUMNS = "case_due case_late case_kind case_rule case_state case_turn by_operator case_called"


def said(note: Note) -> str:
    """A note in the window's language."""
    return told(note.key, **note.params, **{name: case_word(code) for name, code in note.codes.items()})


class NoteLabel(QLabel):
    """A word on what was done; gone where there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._shown = ""
        self.hide()

    def tell(self, words: str, mark: str = "") -> None:
        """Other words; ``mark`` as in ``Note``."""
        self.setVisible(bool(words))
        self.setText(words)
        side = SPACE.m if mark else 0
        self.setContentsMargins(side, side // 2, side, side // 2)
        self.setProperty("role", {"bad": "leadBad", "good": "leadGood"}.get(mark, "hint"))
        self.style().unpolish(self)
        self.style().polish(self)
        if words != self._shown:
            announce(self, words)
        self._shown = words


class CasePage(QScrollArea):
    """See the module; an ``OwnPage`` of the lead's window.

    Args:
        presenter: state.
        words: what codes are called.
        theme: colours.
    """

    call_wanted = Signal(str)

    def __init__(self, presenter: CasesPresenter, words: LeadWords, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.presenter = presenter
        self.note, self.error = NoteLabel(), NoteLabel()
        self.list = CaseList("cases", COLUMNS, (CaseKind.APPEAL, CaseKind.REMEDY), words, theme)
        self.detail = CaseDetail(words)
        body = QWidget()
        body.setObjectName("form")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, SPACE.xs, SPACE.s, SPACE.m)
        layout.setSpacing(SPACE.m)
        for each in (self.error, self.note, self.list, self.detail):
            layout.addWidget(each)
        layout.addStretch(1)
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.chosen.connect(presenter.choose)
        self.list.opened.connect(self._on_opened)
        self.list.kind_wanted.connect(self._on_kind)
        self.list.show_wanted.connect(self._on_show)
        self.detail.act_wanted.connect(self._on_act)
        self.detail.call_wanted.connect(self.call_wanted)
        presenter.changed.connect(self._show_state)
        self._show_state()

    def view(self) -> PageView | None:
        """The list, for a file."""
        return PageView(tables=(self.list.held_table(),)) if self.presenter.state.member else None

    def settle(self) -> None:
        """Take the keyboard."""
        self.list.settle()

    @Slot()
    def _show_state(self) -> None:
        state = self.presenter.state
        had_keys = self.detail.isAncestorOf(focus) if (focus := self.focusWidget()) else False
        with QSignalBlocker(self.list):
            self.list.show_state(state)
        self.detail.show_case(state.chosen, state.acts)
        self.note.tell(said(state.note) if state.note else "", state.note.mark if state.note else "")
        error = state.error
        self.error.tell(messages.text(error.key, error.params, present_language()) if error else "", "bad")
        if had_keys and self.isVisible() and not state.is_acting and state.note is not None:
            self.list.settle()  # the button that was pressed is gone

    def _on_opened(self, case_id: str) -> None:
        held = next((each for each in self.presenter.state.rows if each.case.case_id == case_id), None)
        if held is not None:
            self.call_wanted.emit(held.case.subject)

    @Slot(object)
    def _on_kind(self, kind: CaseKind | None) -> None:
        self.presenter.show_kind(kind)

    @Slot(object)
    def _on_show(self, show: Show) -> None:
        self.presenter.show_what(show)

    @Slot(object)
    def _on_act(self, act: CaseAct) -> None:
        self.presenter.take(act)

    def changeEvent(self, event: QEvent) -> None:
        """Another language."""
        if event.type() == QEvent.Type.LanguageChange and hasattr(self, "detail"):
            self._show_state()
        super().changeEvent(event)
