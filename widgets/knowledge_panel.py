"""The knowledge panel: what the desk knows and how old it is, search, lists, and the open entry to read from."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from app.platform import messages
from app.presenters.cards import Card
from app.presenters.knowledge import KnowledgePresenter, Shelf
from widgets.card_tools import CardTools
from widgets.elided_text import ElidedText
from widgets.entry_view import EntryView
from widgets.knowledge_list import ResultDelegate, ResultList, ShelfBar
from widgets.shortcuts import bind_key, keyed, with_keys
from widgets.theme.icons import icon
from widgets.theme.palette import SIZES, SPACE, Theme

# Below so many lines of text list and entry take turns.
LOW_LINES = 23
# The list's part of the height until the operator moves the line, in thousandths.
LIST_SHARE = 330


class KnowledgePanel(QFrame):
    """See the module.

    Args:
        presenter: feeds it and takes the acts.
        theme: colours.
    """

    def __init__(self, presenter: KnowledgePresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._presenter = presenter
        self._theme = theme
        self._is_chosen = False
        self._is_low, self._wants_list = True, False  # until the height is known
        self._searched = ""
        self.language = "zh"
        self._heading, self._count = QLabel(), QLabel()
        self._heading.setProperty("role", "heading")
        self._count.setProperty("role", "hint")
        self.waiting = QPushButton()
        self.waiting.setProperty("role", "tool")
        bind_key(self.waiting, "knowledge.waiting")
        self.age = ElidedText(1, scale=SIZES.small / SIZES.base)
        self.search = QLineEdit()
        self.search.setObjectName("search")
        self.search.setClearButtonEnabled(True)
        self._glass = QAction(self)
        self.search.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self.shelves = ShelfBar(presenter)
        self.results = ResultList(presenter)
        self.results.setItemDelegate(ResultDelegate(theme, self.results))
        self.view = EntryView(presenter.entry, theme)
        self.tools = CardTools(presenter)
        self._build()
        self._connect()
        self._retranslate()

    @property
    def answer(self) -> QTextBrowser:
        """The text of the open entry."""
        return self.view.answer.text

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE.s)
        head.addWidget(self._heading)
        head.addWidget(self.age, 1)
        head.addWidget(self.waiting)
        head.addWidget(self._count)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(SPACE.s)
        split.addWidget(self.results)
        split.addWidget(self.view)
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 3)
        self._split = split
        body = QVBoxLayout(self)
        body.setContentsMargins(SPACE.m, SPACE.m, SPACE.m, SPACE.m)
        body.setSpacing(SPACE.s)
        body.addLayout(head)
        body.addWidget(self.search)
        body.addWidget(self.shelves)
        body.addWidget(split, 1)
        body.addWidget(self.tools)
        self.waiting.hide()

    def _connect(self) -> None:
        presenter = self._presenter
        self.search.textChanged.connect(presenter.type_query)
        self.search.returnPressed.connect(self._on_return)
        self.waiting.clicked.connect(presenter.show_waiting)
        presenter.results_changed.connect(self._on_results)
        presenter.search_failed.connect(self._on_failed)
        presenter.card_opened.connect(self._on_opened)
        presenter.cards.modelReset.connect(self._on_cards)
        presenter.call_changed.connect(self._on_call_changed)
        presenter.shelf_changed.connect(self._on_shelf)
        presenter.waiting_changed.connect(self._on_waiting)
        presenter.age_changed.connect(self._draw_age)
        presenter.entry.changed.connect(self._on_entry)
        self.shelves.chosen.connect(self._want_list)
        self.view.page_wanted.connect(self._want_entry)
        self._theme.changed.connect(self._on_theme)

    @Slot()
    def focus_search(self) -> None:
        """Put the cursor into the search box."""
        self._want_list()
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    @Slot()
    def _on_return(self) -> None:
        self._presenter.search_now()
        self._want_list()
        if self._presenter.results.cards:
            self.results.setFocus(Qt.FocusReason.OtherFocusReason)
            self.results.setCurrentIndex(self._presenter.results.index(0))

    @Slot()
    def _want_list(self) -> None:
        self._wants_list = True
        self._fit()

    @Slot()
    def _want_entry(self) -> None:
        self._wants_list = False
        self._fit()

    def _fit(self) -> None:
        """Where there is room for one only (large type), either the list is there or the open entry; the row of pages always is."""
        was_low, self._is_low = self._is_low, self.height() < LOW_LINES * self.fontMetrics().lineSpacing()
        self.results.setVisible(self._wants_list or not self._is_low)
        self.view.fold(self._is_low and self._wants_list)
        self.view.answer.be_low(self._is_low)
        if was_low and not self._is_low:  # a list that comes back would be as small as it can be
            QTimer.singleShot(0, self._divide)  # once the layout has its height
        self._on_results(self._searched)

    @Slot()
    def _divide(self) -> None:
        height = self._split.height()
        self._split.setSizes([height * LIST_SHARE // 1000, height - height * LIST_SHARE // 1000])

    @Slot(object)
    def _on_results(self, searched: str) -> None:
        if searched and searched != self._searched:
            self._searched = searched
            self._want_list()
        self._searched = searched
        count = len(self._presenter.results.cards)
        if searched:
            words = self.tr("找到 {count} 条").format(count=count) if count else self.tr("没有找到，换个说法试试")
        elif self._presenter.shelf is Shelf.CALL and not self._is_low:
            words = self.tr("本通推送 {count} 条").format(count=count) if count else ""
        else:
            words = self.tr("{count} 条").format(count=count)
        self._count.setText(words)

    @Slot(str)
    def _on_failed(self, key: str) -> None:
        self._count.setText(messages.text(key, lang=self.language))

    @Slot()
    def _on_shelf(self) -> None:
        """Another list was asked for: what stood in the search box is done with."""
        if self.search.text() and self._presenter.shelf is not Shelf.CALL:
            self.search.clear()

    @Slot(int)
    def _on_waiting(self, count: int) -> None:
        self.waiting.setText(self.tr("{count} 条待看").format(count=count))
        self.waiting.setVisible(count > 0)

    @Slot(object)
    def _on_opened(self, card: Card) -> None:
        self._is_chosen = True
        self._want_entry()
        self.results.stand_on(card.entry.id)

    @Slot()
    def _on_cards(self) -> None:
        """The best card's answer lies ready, until the operator chooses or works in one: nobody is drawn away from what they read."""
        cards = self._presenter.cards.cards
        if not self._is_chosen and cards and not self.view.is_touched():
            self._presenter.preview(cards[0])
            self.results.stand_on(cards[0].entry.id)

    @Slot()
    def _on_call_changed(self) -> None:
        self._is_chosen = False
        cards = self._presenter.cards.cards
        self._presenter.preview(cards[0] if cards else None)

    @Slot()
    def _on_entry(self) -> None:
        self.tools.show_card(self._presenter.entry.card)

    @Slot()
    def _draw_age(self) -> None:
        words = self.age_words()
        self.age.set_text(words)
        self.age.setToolTip(words)
        palette = self._theme.palette
        self.age.set_colour(palette.wrong.ink if self._presenter.age.expired_days else palette.muted)

    def age_words(self) -> str:
        """How old the knowledge is, the worst first where its time is over."""
        age = self._presenter.age
        parts = [age.version or self._presenter.base_version]
        if age.installed_at:
            parts.append(self.tr("更新于 {day}").format(day=age.installed_at[:10]))
        if age.pinned:
            parts.append(self.tr("固定在这一版"))
        if age.expired_days:
            parts.insert(0, self.tr("已过期 {days} 天").format(days=age.expired_days))
        return " · ".join(filter(None, parts))

    @Slot()
    def _on_theme(self) -> None:
        self._glass.setIcon(icon("search", self._theme.palette.muted))
        self.results.viewport().update()
        self._draw_age()

    def _retranslate(self) -> None:
        self._heading.setText(self.tr("知识库"))
        self.search.setPlaceholderText(with_keys(self, self.tr("搜索知识（F3）"), "knowledge.search"))
        self.search.setAccessibleName(self.tr("搜索知识"))
        self._glass.setText(self.tr("搜索知识"))  # a screen reader meets the picture, too
        self.results.setAccessibleName(self.tr("知识条目"))
        self.waiting.setToolTip(keyed(self.waiting, self.tr("新的知识卡片在等：现在就看 Alt+H")))
        self._on_waiting(self._presenter.waiting)
        self._on_results(self._searched)
        self._on_theme()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More room, or less."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange) and hasattr(self, "tools"):
            self._fit()
        super().changeEvent(event)
