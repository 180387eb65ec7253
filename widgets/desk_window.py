"""The desk: one window for a whole call. Layout, focus and shortcuts; everything it shows comes from presenters.

Use::

    app = QApplication(sys.argv)
    language = prepare_application(app)                    # widgets.application
    presenters = DeskPresenters(intents, call_control, submit, search, taxonomy, fields)   # app.presenters.desk
    window = DeskWindow(presenters, language)
    window.show()
    ...                                                    # any thread: presenters.deliver(state)
    presenters.close()

Keys stand in ``app/domain/commands.py``. Closing the window emits ``closed``; it stops nothing by itself. ``view_changed`` tells which
looks to keep. With ``records`` it shows submitted tickets too, and a lock page before everything while nobody is there.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QHBoxLayout,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.presenters.desk import DeskPresenters
from app.presenters.idle import LockView
from app.presenters.records import RecordPresenters
from app.presenters.start import StartView
from widgets.call_bar import CallBar, EmergencyBar
from widgets.call_work import CallWork
from widgets.cards import CardStrip
from widgets.command_hub import MenuButton
from widgets.conversation_view import ConversationPanel
from widgets.desk_tools import DeskTools
from widgets.knowledge_panel import KnowledgePanel
from widgets.language import Language, LanguageName
from widgets.notice import Notice
from widgets.record_panels import RecordPanels
from widgets.shortcuts import bind_act
from widgets.start_panel import NextButton, StartPanel
from widgets.submit_bar import SubmitBar
from widgets.summary_box import SummaryBox
from widgets.theme.fonts import install_fonts
from widgets.theme.palette import SPACE, Theme, ThemeName
from widgets.theme.stylesheet import qt_palette, stylesheet
from widgets.ticket_panel import TicketPanel
from widgets.view_menu import PERCENTS, ViewButton

_CALL_BAR_WIDTH = 344
_ICON_PX = 17


class DeskWindow(QMainWindow):
    """The operator's window.

    Args:
        presenters: feed it and take its acts.
        language: the application's language switch; None for a window that does not switch.
        theme_name: first palette.
        font_percent: type size that the application was prepared with.
        locked: looks ("theme", "font_percent", "language") that the machine's policy decides.
        records: what feeds the panels on submitted tickets; None for a window without them.
    """

    closed = Signal()
    view_changed = Signal(str, object)
    """"theme", "font_percent" or "language", and its new value: to be kept in the settings."""
    view_refused = Signal(str)
    """The operator asked for a look that the policy decides."""

    def __init__(self, presenters: DeskPresenters, language: Language | None = None,
                 theme_name: ThemeName = ThemeName.LIGHT, font_percent: int = 100,
                 locked: frozenset[str] = frozenset(), records: RecordPresenters | None = None) -> None:
        super().__init__()
        self._presenters = presenters
        self._language = language
        self._percent = font_percent
        self._locked = locked
        self._focused: QWidget | None = None
        self._was_talking = False
        self.theme = Theme(theme_name, self)
        self.call_bar = CallBar(presenters.call_bar, self.theme)
        self.emergency = EmergencyBar(presenters.call_bar, self.theme)
        self.cards = CardStrip(presenters.knowledge, self.theme)
        self.conversation = ConversationPanel(presenters.conversation, self.theme)
        self.summary = SummaryBox(presenters.summary, self.theme)
        self.conversation.add_below(self.summary)
        self.ticket = TicketPanel(presenters.ticket, self.theme)
        self.knowledge = KnowledgePanel(presenters.knowledge, self.theme)
        self.notice = Notice(presenters.notices, self.theme)
        groups = frozenset({"font_percent": "percent"}.get(look, look) for look in locked)
        self.view_button = ViewButton(theme_name, font_percent, language.name if language is not None else None, groups)
        self.menu_button = MenuButton()
        self.start = StartPanel(presenters.start, self.theme)
        self.next_button = NextButton(presenters.start)
        self.records = RecordPanels(records, self.theme) if records is not None else None
        keys = tuple(key for key in (self.records.callbacks, self.records.button) if key is not None) if self.records is not None else ()
        beside = (self.notice, *keys, self.next_button, self.view_button, self.menu_button)
        self.submit_bar = SubmitBar(presenters.submission, beside, self.theme)
        self.work = CallWork(presenters, self.ticket, self.conversation, self.cards, self.theme)
        presenters.levels.changed.connect(self.call_bar.show_levels)
        if language is not None:
            self._tell_language(language.name.value)
        self._lay_out()
        self._add_shortcuts()
        self.work.bind(self._desk)
        self.work.panel.submit_requested.connect(self._on_submit)
        self.work.panel.next_requested.connect(self._on_next)
        self.tools = DeskTools(self, self._desk, presenters)
        self.tools.strip.copy_wanted.connect(self.work.copy_next)
        self.submit_bar.submit_requested.connect(self._on_submit)
        self.next_button.next_requested.connect(self._on_next)
        presenters.start.changed.connect(self._on_start)
        presenters.submission.field_wanted.connect(self._on_field_wanted)
        presenters.knowledge.entry.ticket_note.connect(self._on_ticket_note)
        self.view_button.theme_chosen.connect(self.use_theme)
        self.view_button.percent_chosen.connect(self.use_font_percent)
        self.view_button.language_chosen.connect(self.use_language)
        self.theme.changed.connect(self._on_theme)
        self._on_theme()
        self._retranslate()
        self.resize(1366, 768)
        self.conversation.list.setFocus()

    @Slot(str)
    def use_theme(self, name: str) -> None:
        """Change the palette (a ``ThemeName``)."""
        self.theme.use(ThemeName(name))
        self.view_button.mark("theme", name)
        self.view_changed.emit("theme", name)

    @Slot(int)
    def use_font_percent(self, percent: int) -> None:
        """Change the type size, 90 to 200."""
        self._percent = percent
        app = QApplication.instance()
        if isinstance(app, QApplication):
            install_fonts(app, percent)
        self.call_bar.setFixedWidth(_CALL_BAR_WIDTH * percent // 100)
        self._on_theme()
        self.ticket.align_labels()
        self.view_button.mark("percent", str(percent))
        self.view_changed.emit("font_percent", percent)

    @Slot(str)
    def use_language(self, name: str) -> None:
        """Change the language (a ``LanguageName``); needs the switch given at construction."""
        if self._language is None:
            return
        self._tell_language(LanguageName(name).value)
        self._language.use(LanguageName(name))
        self.view_button.mark("language", name)
        self.view_changed.emit("language", LanguageName(name).value)

    def ask_theme(self, name: ThemeName) -> None:
        """Another palette by command; refused where the policy decides."""
        if "theme" in self._locked:
            self.view_refused.emit("theme")
        else:
            self.use_theme(name)

    def ask_language(self, name: LanguageName) -> None:
        """Another language by command; refused where the policy decides."""
        if "language" in self._locked:
            self.view_refused.emit("language")
        else:
            self.use_language(name)

    def _tell_language(self, name: str) -> None:
        self.notice.language = self.knowledge.language = self.start.language = name
        if self.records is not None:
            self.records.use_language(name)

    @Slot()
    def _larger(self) -> None:
        self._step_font(1)

    @Slot()
    def _smaller(self) -> None:
        self._step_font(-1)

    def _step_font(self, steps: int) -> None:
        if "font_percent" in self._locked:
            self.view_refused.emit("font_percent")
            return
        nearest = min(range(len(PERCENTS)), key=lambda place: abs(PERCENTS[place] - self._percent))
        self.use_font_percent(PERCENTS[min(max(nearest + steps, 0), len(PERCENTS) - 1)])

    def _lay_out(self) -> None:
        desk = QWidget()
        desk.setObjectName("desk")
        self.call_bar.setFixedWidth(_CALL_BAR_WIDTH * self._percent // 100)
        top = QHBoxLayout()
        top.setSpacing(SPACE.s)
        top.addWidget(self.call_bar)
        top.addWidget(self.work.top, 1)
        self.panes = QSplitter(Qt.Orientation.Horizontal)
        self.panes.setChildrenCollapsible(False)
        self.panes.setHandleWidth(SPACE.s)
        self.panes.addWidget(self.start)
        self.panes.setStretchFactor(0, 72)
        for pane, stretch in ((self.conversation, 28), (self.ticket, 44), (self.knowledge, 28)):
            self.panes.addWidget(pane)
            self.panes.setStretchFactor(self.panes.count() - 1, stretch)
        self.panes.setSizes([980, 380, 600, 370])
        body = QVBoxLayout(desk)
        body.setContentsMargins(SPACE.s, SPACE.s, SPACE.s, SPACE.s)
        body.setSpacing(SPACE.s)
        body.addLayout(top)
        body.addWidget(self.emergency)
        if self.records is not None:
            body.addWidget(self.records.repeat)
            self.ticket.add_above(self.records.old_ticket)
            self.records.repeats_changed.connect(self.call_bar.show_repeats)
        body.addWidget(self.panes, 1)
        if self.records is not None:
            body.addWidget(self.records.page, 1)
        body.addWidget(self.submit_bar)
        self._desk = desk
        self._pages = QStackedWidget()
        self._pages.addWidget(desk)
        self.setCentralWidget(self._pages)
        if self.records is not None:
            self._pages.addWidget(self.records.lock)
            self.records.page_wanted.connect(self._show_page)
            self.records.lock_changed.connect(self._on_lock)

    def _add_shortcuts(self) -> None:
        acts = {
            "knowledge.search": self._focus_search, "call.conversation": self._focus_conversation, "ticket.form": self._focus_form,
            "ticket.next_open": self.ticket.go_to_next_open, "ticket.next_matter": self.ticket.show_next_matter,
            "call.open_recording": self._open_recording, "window.larger": self._larger, "window.smaller": self._smaller,
            "knowledge.card_1": self._open_card_1, "knowledge.card_2": self._open_card_2, "knowledge.card_3": self._open_card_3,
        }
        for command, act in acts.items():
            bind_act(self._desk, command, act, repeats=True)  # the desk's own: dead while the lock page is there
        bind_act(self, "program.quit", self._quit)

    @Slot(bool)
    def _show_page(self, is_wanted: bool) -> None:
        """My tickets instead of conversation and form, or these again."""
        if self.records is None or is_wanted != self.records.page.isHidden() or (is_wanted and not self.ticket.commit()):
            return
        # One goes before the other comes: both at once would ask for a taller window.
        for pane in (self.panes, self.records.page) if is_wanted else (self.records.page, self.panes):
            pane.setVisible((pane is self.records.page) == is_wanted)
        if not is_wanted:
            (self.start.take_focus if not self.start.isHidden() else self.conversation.list.setFocus)()

    @Slot(object)
    def _on_lock(self, view: LockView) -> None:
        if self.records is None or view.is_locked == (self._pages.currentWidget() is self.records.lock):
            return
        self._presenters.strip.lock(view.is_locked)
        if not view.is_locked:
            self._pages.setCurrentWidget(self._desk)
            if self._focused is not None:
                self._focused.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.ticket.commit()
        self._focused = self.focusWidget()
        self._close_what_stands_before()
        self._pages.setCurrentWidget(self.records.lock)
        self.records.lock.take_focus()

    def _close_what_stands_before(self) -> None:
        """Menus, choices and dialogs may show what somebody said. The keyboard comes back from them: where no window manager gives it
        on, a key on the lock page (Ctrl+Q, the passphrase) would reach nobody."""
        had_keyboard = QApplication.activeWindow() is not None
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        for dialog in self.findChildren(QDialog):
            if dialog.isVisible():
                dialog.reject()
        if had_keyboard:
            self.activateWindow()

    @Slot()
    def _quit(self) -> None:
        self.close()

    @Slot()
    def _open_recording(self) -> None:
        if self.ticket.commit():
            self.start.choose_file()

    @Slot()
    def _on_next(self) -> None:
        if self.ticket.commit():
            self._presenters.start.next_call()

    @Slot(object)
    def _on_start(self, view: StartView) -> None:
        if view.is_talking and not self._was_talking:
            self._show_page(False)  # whoever answers wants the call before them
        self._was_talking = view.is_talking
        was_idle = not self.start.isHidden()
        self.start.setVisible(view.is_idle)
        self.tools.layout.show_idle(view.is_idle)
        self.ticket.setVisible(not view.is_idle)
        if view.is_idle and not was_idle:
            self.start.take_focus()
        elif was_idle and not view.is_idle:
            self.conversation.list.setFocus()

    @Slot()
    def _on_submit(self) -> None:
        if self.ticket.commit():
            self._presenters.submission.submit()

    @Slot(int, str)
    def _on_field_wanted(self, matter: int, name: str) -> None:
        self._presenters.ticket.show_matter(matter)
        self.ticket.go_to(name)

    @Slot(str)
    def _on_ticket_note(self, text: str) -> None:
        """The path through an entry's steps goes behind what stands in the ticket's content, typed words included."""
        editor = self.ticket.editors.get("content")
        if editor is None or editor.view.locked or self.ticket.isHidden() or not self.ticket.commit():
            return
        if self._presenters.ticket.type_into("content", "\n".join(filter(None, (editor.text(), text)))) is not None:
            self.knowledge.view.guide.note_taken()

    @Slot()
    def _focus_search(self) -> None:
        self._show_page(False)
        self.tools.layout.bring("knowledge")
        self.knowledge.focus_search()

    @Slot()
    def _focus_conversation(self) -> None:
        self._show_page(False)
        self.tools.layout.bring("conversation")
        self.conversation.list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def _focus_form(self) -> None:
        self._show_page(False)
        next(iter(self.ticket.editors.values())).take_focus()

    @Slot()
    def _open_card_1(self) -> None:
        self._presenters.knowledge.open_card(0)

    @Slot()
    def _open_card_2(self) -> None:
        self._presenters.knowledge.open_card(1)

    @Slot()
    def _open_card_3(self) -> None:
        self._presenters.knowledge.open_card(2)

    @Slot()
    def _on_theme(self) -> None:
        palette = self.theme.palette
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.setPalette(qt_palette(palette))
        self.setStyleSheet(stylesheet(palette, self._percent))
        size = round(_ICON_PX * self._percent / 100)
        for button in self.findChildren(QAbstractButton):
            button.setIconSize(QSize(size, size))

    def _retranslate(self) -> None:
        self.setWindowTitle(self.tr("听单 · 坐席工作台"))

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """From now on keys and mouse are noticed."""
        super().showEvent(event)
        if self.records is not None:
            self.records.touches.watch(self.windowHandle())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the focused button, as in a dialog: Qt knows only the space bar in a window. Once a press."""
        focused = self.focusWidget()
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        is_plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if is_enter and is_plain and isinstance(focused, QAbstractButton) and focused.isEnabled():
            event.accept()
            if not event.isAutoRepeat():
                focused.click()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Send what is being typed, tell, and close."""
        self.ticket.commit()
        self.closed.emit()
        super().closeEvent(event)
