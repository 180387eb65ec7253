"""The old ticket that a call names (催办, 补充, 撤单): found on this PC or not, and one act to look at it.

The look-up is ``app.services.old_tickets``'s; here only what it found is shown, for as long as its number stands on the ticket.
GUI thread only.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from app.domain.call import CallState, Phase
from app.domain.masking import Purpose, Role, mask_field
from app.domain.ticket import OPERATOR_STATES
from app.presenters.ticket_lines import minute


@dataclass(frozen=True, slots=True)
class OldTicketView:
    """What the line draws.

    Attributes:
        asked: the number as it was said; empty where none was.
        ticket_no: whole number of the ticket that fits best; empty where none is on this PC.
        at: when it was submitted, to the minute.
        title: masked by role.
        status: where it stood then.
        others: how many more end in the same digits.
    """

    asked: str = ""
    ticket_no: str = ""
    at: str = ""
    title: str = ""
    status: str = ""
    others: int = 0


class OldTicketPresenter(QObject):
    """Feeds the line.

    Args:
        role: what may be seen.
    """

    changed = Signal(object)
    opened = Signal(str)
    """Number of the old ticket that the operator wants to see."""

    def __init__(self, role: Role, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._role = role
        self.view = OldTicketView()

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """Take over a new state."""
        view = self._view(state)
        if view != self.view:
            self.view = view
            self.changed.emit(view)

    @Slot()
    def open(self) -> None:
        """Look at the old ticket."""
        if self.view.ticket_no:
            self.opened.emit(self.view.ticket_no)

    def _view(self, state: CallState) -> OldTicketView:
        looked, number = state.old_tickets, state.draft.get("prev_ticket_no")
        # A look-up that failed leaves the last one's answer: it says nothing about this number.
        if looked is None or not looked.asked or looked.asked != number.value or state.phase in (Phase.IDLE, Phase.SUBMITTED):
            return OldTicketView()
        if number.state in OPERATOR_STATES and state.draft.get("follow_up").value:
            return OldTicketView()  # chosen on the bar of repeated callers, which says so
        if not looked.found:
            return OldTicketView(looked.asked)
        best = looked.found[0]
        title = str(mask_field("title", best.title, self._role, Purpose.LIST) or "") if best.title else ""
        return OldTicketView(looked.asked, best.ticket_no, minute(best.submitted_at), title, best.status, len(looked.found) - 1)
