"""All panels on submitted tickets, wired together: my tickets, repeated callers, what was not sent, the idle lock.

Use (``app.desk``)::

    records = RecordPresenters(parts, presenters, calls.open_draft)
    window = DeskWindow(presenters, language, records=records)
    store.on_queued, told = records.unsent.news, records.unsent.note_attempt
    records.start()
    ...
    records.close()            # before the store closes; joins "records"
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from app.domain.call import CallState, Phase
from app.presenters.callbacks import CallbacksPresenter
from app.presenters.desk import DeskPresenters
from app.presenters.errands import Errands
from app.presenters.idle import IdlePresenter, LockView
from app.presenters.old_ticket import OldTicketPresenter
from app.presenters.record_parts import RecordParts
from app.presenters.repeats import RepeatsPresenter
from app.presenters.submission import SubmitView
from app.presenters.ticket_detail import TicketDetailPresenter
from app.presenters.ticket_list import TicketListPresenter
from app.presenters.unsent import UnsentPresenter


class RecordPresenters(QObject):
    """The presenters; made, used and closed on the GUI thread.

    Args:
        parts: ports and rules.
        desk: the other presenters of the window.
        open_draft: takes a draft up again.
    """

    def __init__(self, parts: RecordParts, desk: DeskPresenters, open_draft: Callable[[str], None]) -> None:
        super().__init__()
        self._errands = Errands(self)
        self._submitted = ""
        self._was_locked = False
        self.tickets = TicketListPresenter(parts, self._errands, self)
        self.detail = TicketDetailPresenter(parts, self._errands, open_draft, self)
        self.detail.can_dial = lambda: desk.call_bar.can_dial
        self.detail.number_wanted.connect(desk.call_bar.dial)
        desk.call_bar.changed.connect(self.detail.on_line)
        self.repeats = RepeatsPresenter(parts, self._errands, desk.post, self)
        self.old_ticket = OldTicketPresenter(parts.role, self)
        self.unsent = UnsentPresenter(parts, self._errands, self)
        self.callbacks = CallbacksPresenter(parts, parts.callbacks, self._errands, self) if parts.callbacks is not None else None
        if self.callbacks is not None:
            self.callbacks.can_dial = lambda: desk.call_bar.can_dial
            self.callbacks.number_wanted.connect(desk.call_bar.dial)
        self.idle = IdlePresenter(parts.lock, parts.clock, self._errands, self)
        for presenter in (self.repeats, self.old_ticket, self.idle):
            desk.bridge.state_changed.connect(presenter.show_state)
        desk.bridge.state_changed.connect(self._on_state)
        desk.submission.changed.connect(self._on_submission)
        self.idle.changed.connect(self._on_lock)

    def use_delivery(self, try_now: Callable[[], None] | None) -> None:
        """What delivers, None where nothing does."""
        self.detail.try_now = try_now
        self.unsent.is_configured = try_now is not None
        self.unsent.news()

    def start(self) -> None:
        """Read what stands there, begin to wait."""
        self.tickets.watch_terms()
        self.unsent.news()
        self.idle.start()

    def close(self) -> None:
        """End the thread; safe to call twice."""
        for presenter in (self.tickets, self.repeats, self.unsent, self.idle):
            presenter.stop()
        if self.callbacks is not None:
            self.callbacks.stop()
        self._errands.close()

    @Slot(object)
    def _on_state(self, state: CallState) -> None:
        if state.phase is Phase.SUBMITTED and state.ticket_no != self._submitted:
            self._submitted = state.ticket_no
            self.tickets.watch_terms()
            self.unsent.news()

    @Slot(object)
    def _on_submission(self, view: SubmitView) -> None:
        self.idle.is_sending = view.is_sending

    @Slot(object)
    def _on_lock(self, view: LockView) -> None:
        was_locked, self._was_locked = self._was_locked, view.is_locked
        if view.is_locked and not was_locked:
            self.detail.hide()
            self.repeats.hide()
            if self.callbacks is not None:
                self.callbacks.hide()
        elif was_locked and not view.is_locked:
            self.tickets.watch_terms()
            self.tickets.reload()
            self.unsent.news()
            self.repeats.look_again()
            if self.callbacks is not None:
                self.callbacks.news()
