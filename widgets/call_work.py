"""What an operator does with a call beside reading it: wrapping up, listening again, copying out, choosing an item. Keys and focus.

The panel of the wrap-up stands in the place of the cards, which are still in the knowledge pane then. At the end of the call the
cursor goes to the first field that wants attention, unless the operator is in the form already; when nothing is open any more, to the
key that submits.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from app.presenters.desk import DeskPresenters
from app.presenters.wrap_up import WrapUpView
from widgets.conversation_view import ConversationPanel
from widgets.shortcuts import bind_act
from widgets.theme.palette import Theme
from widgets.ticket_panel import TicketPanel
from widgets.wrap_up_panel import WrapUpPanel


class CallWork(QObject):
    """See the module.

    Args:
        presenters: the desk's.
        ticket: the form.
        conversation: what was said.
        cards: stand where the wrap-up comes.
        theme: colours.
    """

    def __init__(self, presenters: DeskPresenters, ticket: TicketPanel, conversation: ConversationPanel, cards: QWidget,
                 theme: Theme) -> None:
        super().__init__(ticket)
        self._presenters, self._ticket = presenters, ticket
        self.panel = WrapUpPanel(presenters.wrap_up, theme)
        self.top = QStackedWidget()
        self._cards = cards
        self.top.addWidget(cards)
        self.top.addWidget(self.panel)
        self._copied = ""
        presenters.wrap_up.wanted.connect(self._on_wanted)
        presenters.wrap_up.changed.connect(self._on_view)
        presenters.copying.copied.connect(self._on_copied)
        presenters.copying.call_changed.connect(self._take_back)
        if (app := QGuiApplication.instance()) is not None:
            app.aboutToQuit.connect(self._take_back)
        conversation.listen_requested.connect(presenters.listening.listen_to)
        self.panel.field_wanted.connect(self._on_field_wanted)
        ticket.settled.connect(self._on_settled)
        presenters.wrap_up.agreed.connect(self._on_agreed)

    def bind(self, surface: QWidget) -> None:
        """Bind the keys that no button has."""
        acts = {
            "call.read_back": self._presenters.wrap_up.toggle, "ticket.listen": self._presenters.listening.listen,
            "ticket.items": self._ticket.choose_item, "ticket.copy_field": self._copy_field, "ticket.copy_all": self._copy_all,
            "ticket.copy_next": self.copy_next,
        }
        for command, act in acts.items():
            bind_act(surface, command, act)

    @Slot(bool)
    def _on_wanted(self, is_wanted: bool) -> None:
        self.top.setCurrentWidget(self.panel if is_wanted else self._cards)
        is_free = is_wanted and self._presenters.wrap_up.view.is_over and not self._is_in(self._ticket)
        if is_free and not self._ticket.go_to_next_open():
            self.panel.take_focus()

    @Slot(object)
    def _on_view(self, view: WrapUpView) -> None:
        if view.ticket_no and self.top.currentWidget() is self.panel and (self._is_in(self._ticket) or self._is_in(self.panel)):
            self.panel.take_focus()

    @Slot()
    def _on_settled(self) -> None:
        """Enter in the last open field."""
        if self._presenters.wrap_up.view.is_over and self.top.currentWidget() is self.panel:
            self.panel.take_focus()
        else:
            self._ticket.focusNextChild()

    @Slot()
    def _on_agreed(self) -> None:
        """What was read out is taken: on to what was not."""
        if not self._ticket.go_to_next_open():
            self._on_settled()

    @Slot(int, str)
    def _on_field_wanted(self, matter: int, name: str) -> None:
        self._presenters.ticket.show_matter(matter)
        self._ticket.go_to(name)

    @Slot()
    def _copy_field(self) -> None:
        if self._ticket.commit():
            self._presenters.copying.copy_field()

    @Slot()
    def _copy_all(self) -> None:
        if self._ticket.commit():
            self._presenters.copying.copy_all()

    @Slot()
    def copy_next(self) -> None:
        """The next field of the profile's order for the clipboard."""
        self._presenters.copying.copy_next()

    @Slot(str)
    def _on_copied(self, text: str) -> None:
        self._copied = text
        QGuiApplication.clipboard().setText(text)

    @Slot()
    def _take_back(self) -> None:
        """What was copied of one call waits on the clipboard neither for the next nor for who uses this PC after us."""
        if self._copied and QGuiApplication.clipboard().text() == self._copied:
            QGuiApplication.clipboard().clear()
        self._copied = ""

    def _is_in(self, panel: QWidget) -> bool:
        focused = QApplication.focusWidget()
        return focused is not None and panel.isAncestorOf(focused)
