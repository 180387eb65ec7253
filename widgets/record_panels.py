"""The window's panels on submitted tickets, made and wired together: page, bar of repeated callers, key, lock page, touches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from app.presenters.idle import LockView
from app.presenters.records import RecordPresenters
from widgets.callbacks_button import CallbacksButton
from widgets.lock_page import LockPage
from widgets.old_ticket_line import OldTicketLine
from widgets.repeat_bar import RepeatBar
from widgets.shortcuts import bind_act
from widgets.theme.palette import Theme
from widgets.tickets_button import TicketsButton
from widgets.tickets_page import TicketsPage
from widgets.touches import Touches

if TYPE_CHECKING:
    from widgets.callbacks_dialog import CallbacksDialog


class RecordPanels(QObject):
    """See the module; the window lays them out.

    Args:
        records: presenters.
        theme: colours.
    """

    page_wanted = Signal(bool)
    """The page of tickets is to be shown, or left."""
    repeats_changed = Signal(object)
    """The ``RepeatView``: how many earlier tickets fit."""
    lock_changed = Signal(object)
    """The ``LockView``."""

    def __init__(self, records: RecordPresenters, theme: Theme) -> None:
        super().__init__()
        self._records, self._theme = records, theme
        self.page = TicketsPage(records, theme)
        self.repeat = RepeatBar(records.repeats, theme)
        self.old_ticket = OldTicketLine(records.old_ticket, theme)
        self.button = TicketsButton(records.unsent, theme)
        self.lock = LockPage(records.idle, theme)
        self.touches = Touches(records.idle.touch, self)
        self.callbacks = CallbacksButton(records.callbacks, theme) if records.callbacks is not None else None
        self._list: CallbacksDialog | None = None
        if self.callbacks is not None and records.callbacks is not None:
            self.callbacks.clicked.connect(self._show_callbacks)
            records.callbacks.opened.connect(self._show_ticket)
        bind_act(self.button, "program.lock", records.idle.lock_now)
        self.button.clicked.connect(self._toggle)
        self.page.closed.connect(self._leave)
        records.detail.draft_opened.connect(self._leave)
        records.repeats.changed.connect(self.repeats_changed)
        records.repeats.opened.connect(self._show_ticket)
        records.old_ticket.opened.connect(self._show_ticket)
        records.idle.changed.connect(self._on_lock)

    def use_language(self, name: str) -> None:
        """Language of message texts."""
        self.page.language = self.repeat.language = self.button.language = self.lock.language = name

    @Slot()
    def _toggle(self) -> None:
        self.page_wanted.emit(self.page.isHidden())

    @Slot()
    def _leave(self) -> None:
        self._records.detail.hide()
        self.page_wanted.emit(False)

    @Slot()
    def _show_callbacks(self) -> None:
        if self._records.callbacks is None:
            return
        if self._list is None:
            from widgets.callbacks_dialog import CallbacksDialog  # noqa: PLC0415 - the start has no use for it

            self._list = CallbacksDialog(self._records.callbacks, self._theme, self.page.window())
        self._list.ask()

    @Slot(str)
    def _show_ticket(self, ticket_no: str) -> None:
        self.page.show_ticket(ticket_no)
        self.page_wanted.emit(True)

    @Slot(object)
    def _on_lock(self, view: LockView) -> None:
        self.lock_changed.emit(view)
