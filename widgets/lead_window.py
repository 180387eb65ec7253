"""The team lead's window: pages on the left, the slice above, the page below; everything by keyboard.

Ctrl+1 … Ctrl+9, Ctrl+0, Ctrl+-, Ctrl+=, Ctrl+[ and Ctrl+] turn pages, Alt+Left returns from the calls behind a number, F5 counts again,
Ctrl+S saves, Ctrl+P prints. The window knows nothing of where the counts come from.
"""

from __future__ import annotations

from typing import Protocol, cast

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetricsF, QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMainWindow,
    QMenu,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.domain.call_record import CallRecord
from app.domain.dialogue import Utterance
from app.domain.lead_counts import Scope
from app.domain.lead_tables import Ask, PageView
from app.domain.masking import Role
from app.platform import messages
from app.ports.ports import StoredTicket
from app.presenters.lead import LeadPresenter, Page
from widgets.announcing import announce
from widgets.language import Language, LanguageName, present_language
from widgets.lead_call import CallDialog
from widgets.lead_filters import FilterBar
from widgets.lead_page import LeadPage
from widgets.lead_style import lead_stylesheet
from widgets.lead_words import LeadWords, lead
from widgets.theme.fonts import install_fonts
from widgets.theme.palette import SPACE, Theme, ThemeName
from widgets.theme.stylesheet import qt_palette
from widgets.view_menu import ViewButton

EXPORTS = ("xlsx", "csv", "png", "pdf")
PRINT = "print"
_NAV_EMS = 7.5
_KEYS = "1234567890-=[];"


class OwnPage(Protocol):
    """What a page of its own has besides being a widget."""

    def view(self) -> PageView | None:
        """What of it is saved to a file, None for nothing yet."""

    def settle(self) -> None:
        """The page is to be seen: take the keyboard."""


class LeadWindow(QMainWindow):
    """See the module.

    Args:
        presenter: state and answers.
        words: names of codes.
        language: the window's language.
        theme: to begin with.
        percent: type size.
        is_sample: the data is invented, and the window says so.
    """

    export_wanted = Signal(str, str)
    print_wanted = Signal()
    view_changed = Signal(str, object)
    #: The findings of a call that is shown now (``FindingsBox``).
    findings_shown = Signal(object)

    def __init__(self, presenter: LeadPresenter, words: LeadWords, language: Language, theme: ThemeName = ThemeName.LIGHT,
                 percent: int = 100, is_sample: bool = False) -> None:
        super().__init__()
        self.presenter, self._words, self._language, self._percent, self._is_sample = presenter, words, language, percent, is_sample
        self._theme = Theme(theme, self)
        self._scope: Scope | None = None
        self.role = Role.OPERATOR
        self.filters = FilterBar(presenter, words)
        self.page = LeadPage(words, self._theme)
        self.page.body.ask_opened.connect(self._on_ask)
        self.page.body.record_opened.connect(presenter.ask_record)
        self.page.body.turned.connect(presenter.turn)
        self._own: dict[Page, QWidget] = {}
        self._tools: dict[Page, QWidget] = {}
        self.nav = self._navigation()
        self._title, self._hint, self._scope_label = QLabel(), QLabel(), QLabel()
        self._back, self._export, self._refresh = QPushButton(), QPushButton(), QPushButton()
        self._view = ViewButton(theme, percent, language.name)
        self.setCentralWidget(self._central())
        self._shortcuts()
        presenter.changed.connect(self._show_state)
        presenter.scope_told.connect(self._show_scope)
        presenter.record_told.connect(self._show_record)
        presenter.ticket_told.connect(self._show_ticket)
        presenter.words_told.connect(self._show_words)
        self._view.theme_chosen.connect(self.use_theme)
        self._view.percent_chosen.connect(self.use_percent)
        self._view.language_chosen.connect(self._on_language)
        self._restyle()
        self._retell()
        self._show_state()

    def add_page(self, page: Page, widget: QWidget) -> None:
        """A page with widgets of its own (an ``OwnPage``) instead of tiles, charts and tables; see ``LeadPresenter.attach``."""
        self._own[page] = widget
        self._right.addWidget(widget, 1)
        self._show_state()

    def add_tool(self, page: Page, widget: QWidget) -> None:
        """A key of one page, in the head beside those of all; a lead's, not to be seen by operators."""
        self._tools[page] = widget
        self._head.insertWidget(self._head.indexOf(self._refresh), widget)
        self._show_state()

    def view(self) -> PageView | None:
        """What the page shows, for a file."""
        own = cast("OwnPage | None", self._own.get(self.presenter.state.page))
        return self.presenter.state.view if own is None else own.view()

    def body(self) -> QWidget:
        """The page itself."""
        return self._own.get(self.presenter.state.page, self.page.body)

    def whole(self) -> QWidget:
        """All of the page, also what would have to be scrolled to, for a picture."""
        body = self.body()
        return (body.widget() or body) if isinstance(body, QScrollArea) else body

    @property
    def theme(self) -> Theme:
        """Colours, for pages of their own."""
        return self._theme

    def use_theme(self, name: str) -> None:
        """Another palette."""
        self._theme.use(ThemeName(name))
        self._restyle()
        self._view.mark("theme", name)
        self.view_changed.emit("theme", name)

    def use_percent(self, percent: int) -> None:
        """Another type size."""
        self._percent = percent
        app = QApplication.instance()
        if isinstance(app, QApplication):
            install_fonts(app, percent)
        self._restyle()
        self._view.mark("percent", str(percent))
        self._size_nav()
        self.view_changed.emit("percent", percent)

    def use_language(self, name: LanguageName) -> None:
        """Another language, at once."""
        self._language.use(name)
        self._view.mark("language", name.value)

    def _on_language(self, name: str) -> None:
        self.use_language(LanguageName(name))
        self.view_changed.emit("language", name)

    def _central(self) -> QWidget:
        made = QWidget()
        made.setObjectName("desk")
        outer = QHBoxLayout(made)
        outer.setContentsMargins(SPACE.m, SPACE.m, SPACE.m, SPACE.m)
        outer.setSpacing(SPACE.m)
        left = QFrame()
        left.setProperty("role", "panel")
        column = QVBoxLayout(left)
        column.setContentsMargins(SPACE.xs, SPACE.s, SPACE.xs, SPACE.s)
        column.addWidget(self.nav, 1)
        self._scope_label.setWordWrap(True)
        self._scope_label.setProperty("role", "hint")
        self._scope_label.setMargin(SPACE.s)
        column.addWidget(self._scope_label)
        self._left = left
        outer.addWidget(left)
        right = QVBoxLayout()
        right.setSpacing(SPACE.s)
        head = QHBoxLayout()
        head.setSpacing(SPACE.s)
        self._title.setProperty("role", "number")
        self._hint.setProperty("role", "hint")
        self._hint.setWordWrap(True)
        head.addWidget(self._back)
        head.addWidget(self._title)
        head.addWidget(self._hint, 1)
        for button in (self._refresh, self._export, self._view):
            head.addWidget(button)
        right.addLayout(head)
        self._head = head
        right.addWidget(self.filters)
        right.addWidget(self.page, 1)
        right.addStretch()  # where nothing can be shown the head stays above
        self._right = right
        outer.addLayout(right, 1)
        self._menu = QMenu(self)
        self._export.setMenu(self._menu)
        self._menu.triggered.connect(self._on_export)
        self._back.clicked.connect(self.presenter.back)
        self._refresh.clicked.connect(self.presenter.refresh)
        return made

    def _navigation(self) -> QListWidget:
        made = QListWidget()
        made.setObjectName("leadPages")
        made.setFrameShape(QFrame.Shape.NoFrame)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for page in Page:
            item = QListWidgetItem()
            item.setData(Qt.ItemDataRole.UserRole, page)
            made.addItem(item)
        made.currentRowChanged.connect(self._on_page)
        return made

    def _shortcuts(self) -> None:
        for place, page in enumerate(Page):
            QShortcut(QKeySequence(f"Ctrl+{_KEYS[place]}"), self, lambda page=page: self._on_page_key(page))
        QShortcut(QKeySequence("Alt+Left"), self, self.presenter.back)
        QShortcut(QKeySequence("F5"), self, self.presenter.refresh)
        QShortcut(QKeySequence("Ctrl+S"), self, self._export.showMenu)
        QShortcut(QKeySequence("Ctrl+P"), self, self.print_wanted.emit)

    def _size_nav(self) -> None:
        metrics = QFontMetricsF(self.nav.font())
        widest = max(metrics.horizontalAdvance(self.nav.item(row).text()) for row in range(self.nav.count()))
        self._left.setFixedWidth(round(max(widest + 4 * SPACE.m, _NAV_EMS * metrics.height())))
        for row in range(self.nav.count()):
            self.nav.item(row).setSizeHint(QSize(0, round(metrics.height() + 2 * SPACE.s)))

    def _on_page_key(self, page: Page) -> None:
        if not self.nav.item(list(Page).index(page)).isHidden():
            self.presenter.show_page(page)

    def _is_operators(self) -> bool:
        return self._scope is not None and self._scope.is_hub and self._scope.role == "operator"

    @Slot(int)
    def _on_page(self, row: int) -> None:
        page = self.nav.item(row).data(Qt.ItemDataRole.UserRole)
        if Page(page) is not self.presenter.state.page:
            self.presenter.show_page(Page(page))

    @Slot()
    def _show_state(self) -> None:
        state = self.presenter.state
        row = list(Page).index(state.page)
        if self.nav.currentRow() != row:
            self.nav.setCurrentRow(row)
        title = lead("behind", title=state.behind) if state.behind else lead(f"page_{state.page.value}")
        self._title.setText(title)
        self._back.setVisible(self.presenter.can_go_back)
        hint = lead(f"hint_{state.page.value}")
        if state.is_busy and state.view is None:
            hint = lead("busy")
        if state.error is not None:
            hint = messages.text(state.error.key, state.error.params, present_language())
        self._hint.setText(hint)
        if state.view is not None and not state.is_busy and state.page not in self._own:
            self.page.body.show_view(state.view)
            announce(self, title)
        own = self._own.get(state.page)
        self.page.setVisible(state.view is not None and own is None)
        for page, widget in self._own.items():
            if page is state.page and not widget.isVisible():
                widget.show()
                cast("OwnPage", widget).settle()
            widget.setVisible(page is state.page)
        for page, tool in self._tools.items():
            tool.setVisible(page is state.page and not self._is_operators())
        self.filters.setVisible(state.page is not Page.FLOOR and own is None)  # what goes on now has no period

    @Slot(object)
    def _show_scope(self, scope: Scope) -> None:
        self._scope = scope
        kind = "sample" if self._is_sample else "hub" if scope.is_hub else "own" if scope.calls else "empty"
        role = lead(f"role_{scope.role}")
        self.nav.item(list(Page).index(Page.FLOOR)).setHidden(self._is_operators())  # not theirs to see
        self._show_state()
        self._scope_label.setText(lead(f"scope_{kind}", calls=f"{scope.calls:,}", first=scope.first_day, last=scope.last_day, role=role))

    @Slot(object)
    def _show_record(self, record: CallRecord) -> None:
        dialog = CallDialog(record, self._words, self._theme, self)
        dialog.setPalette(qt_palette(self._theme.palette))  # a window of its own has the application's ground otherwise
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.ticket_wanted.connect(self.presenter.ask_ticket)
        dialog.findings.words_wanted.connect(self.presenter.ask_words)
        self.findings_shown.emit(dialog.findings)
        dialog.open()

    @Slot(object)
    def _show_ticket(self, ticket: StoredTicket | None) -> None:
        for dialog in self.findChildren(CallDialog):
            if dialog.isVisible():
                dialog.show_ticket(ticket, self.role)

    @Slot(str, object)
    def _show_words(self, record_id: str, words: tuple[Utterance, ...]) -> None:
        for dialog in self.findChildren(CallDialog):
            if dialog.isVisible() and dialog.record.record_id == record_id:
                dialog.show_words(words, self.role)

    @Slot(object, str)
    def _on_ask(self, ask: Ask, title: str) -> None:
        self.presenter.open_behind(ask, title)

    def _on_export(self, action: object) -> None:
        form = str(action.data())  # type: ignore[attr-defined]
        if form == PRINT:
            self.print_wanted.emit()
            return
        name, _ = QFileDialog.getSaveFileName(self, lead("export"), f"tingdan-{self.presenter.state.page.value}.{form}", f"*.{form}")
        if name:
            self.export_wanted.emit(form, name if name.lower().endswith(f".{form}") else f"{name}.{form}")

    def heading(self) -> str:
        """Title of the page with its days."""
        asked = self.presenter.state.asked
        days = f"{asked.since} – {asked.until}" if asked.since != asked.until else asked.since
        return f"{self._title.text()}　{days}"

    def tell(self, words: str) -> None:
        """A word in the window's foot: what was saved, what failed."""
        self.statusBar().showMessage(words)
        announce(self, words)

    def _restyle(self) -> None:
        self.setStyleSheet(lead_stylesheet(self._theme.palette, self._percent))
        self.setPalette(qt_palette(self._theme.palette))

    def _retell(self) -> None:
        self.setWindowTitle(lead("title"))
        for row, page in enumerate(Page):
            self.nav.item(row).setText(lead(f"page_{page.value}"))
            self.nav.item(row).setToolTip(f"Ctrl+{_KEYS[row]}")
        self.nav.setAccessibleName(lead("pages"))
        self._back.setText(lead("back"))
        self._refresh.setText(lead("refresh"))
        self._export.setText(lead("export"))
        self._menu.clear()
        for form in EXPORTS:
            self._menu.addAction(lead(f"export_{form}")).setData(form)
        self._menu.addSeparator()
        self._menu.addAction(f"{lead('print')}\tCtrl+P").setData(PRINT)
        self._size_nav()
        if self._scope is not None:
            self._show_scope(self._scope)
        self._show_state()

    def showEvent(self, event: QShowEvent) -> None:
        """Somebody looks."""
        super().showEvent(event)
        self.presenter.see(not self.isMinimized())

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        super().hideEvent(event)
        self.presenter.see(False)

    def changeEvent(self, event: QEvent) -> None:
        """Another language; or the window is made small."""
        if event.type() == QEvent.Type.LanguageChange and hasattr(self, "_menu"):
            self._retell()
        if event.type() == QEvent.Type.WindowStateChange:
            self.presenter.see(self.isVisible() and not self.isMinimized())
        super().changeEvent(event)
