"""What the window of one call and the cases at the hub have to do with each other: its findings' cases, appeals and tasks begun there."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from app.domain.cases import HeldCase
from app.presenters.cases import CasesPresenter
from widgets.case_page import said
from widgets.lead_findings import FindingsBox


class CaseLinks(QObject):
    """See the module.

    Args:
        presenter: of the cases; what is begun goes there.
    """

    def __init__(self, presenter: CasesPresenter, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._box: FindingsBox | None = None
        presenter.of_record_told.connect(self._show_cases)
        presenter.changed.connect(self._show_note)

    @Slot(object)
    def meet(self, box: FindingsBox) -> None:
        """The findings of a call that is shown now; those of the one before are let go."""
        self._box = box
        box.destroyed.connect(self._let_go)
        box.lodged.connect(self._presenter.lodge)
        box.assigned.connect(self._presenter.assign)
        self._presenter.forget_note()
        self._presenter.ask_of_record(box.record.record_id)

    @Slot(str, object)
    def _show_cases(self, record_id: str, held: tuple[HeldCase, ...]) -> None:
        if self._box is not None and self._box.record.record_id == record_id:
            self._box.show_cases(self._presenter.state.member, held)

    @Slot()
    def _show_note(self) -> None:
        state = self._presenter.state
        if self._box is None:
            return
        self._box.note.tell(said(state.note) if state.note else "", state.note.mark if state.note else "")
        if not state.is_acting and state.note is not None:
            self._box.is_idle()

    @Slot()
    def _let_go(self) -> None:
        self._box = None
