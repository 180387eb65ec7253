"""The list of the knowledge pane: what was found or pushed, favourites, recent entries; and the row that chooses and sorts.

While the pointer or the focus is on the list, nothing new moves in (``KnowledgePresenter.hold_list``). The row that stands out stays
the same entry when the list changes around it.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QEnterEvent,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
)
from PySide6.QtWidgets import (
    QButtonGroup,
    QListView,
    QMenu,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.domain.knowledge import Tier
from app.presenters.cards import CARD_ROLE, Card
from app.presenters.knowledge import KnowledgePresenter, Order, Shelf
from widgets.cards import mark_of, tier_word
from widgets.flow_layout import FlowLayout
from widgets.row_painting import draw_ground, draw_words, small_font
from widgets.shortcuts import bind_key
from widgets.theme.palette import SPACE, Theme

Index = QModelIndex | QPersistentModelIndex


class ResultDelegate(QStyledItemDelegate):
    """A result in two lines: title, then marks and what to say.

    Args:
        theme: colours.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Two lines and a rule."""
        height = QFontMetricsF(option.font).lineSpacing() + QFontMetricsF(small_font(option.font)).lineSpacing()
        return QSize(80, round(height) + 2 * SPACE.s)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Title, then speakable answer, elided."""
        card: Card = index.data(CARD_ROLE)
        palette = self._theme.palette
        painter.save()
        area = draw_ground(painter, option, palette)
        inner = area.adjusted(SPACE.m, SPACE.xs, -SPACE.m, -SPACE.xs)
        title_font = QFont(option.font)
        title_font.setBold(True)
        draw_words(painter, title_font, palette.text, inner, card.entry.title)
        below = inner.adjusted(0, QFontMetricsF(title_font).lineSpacing(), 0, 0)
        words = (mark_of(card), card.entry.speakable or card.entry.answer)
        draw_words(painter, small_font(option.font), palette.muted, below, " ".join(filter(None, words)))
        painter.restore()


class ResultList(QListView):
    """Results; Enter or a click opens the current one.

    Args:
        presenter: feeds it.
    """

    def __init__(self, presenter: KnowledgePresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._stood_on = ""
        self.setModel(presenter.results)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.clicked.connect(self._open)
        presenter.results.modelAboutToBeReset.connect(self._remember)
        presenter.results.modelReset.connect(self._stand_again)

    def stand_on(self, entry_id: str) -> None:
        """Make an entry the current one, where the list has it."""
        for row, card in enumerate(self._presenter.results.cards):
            if card.entry.id == entry_id:
                self.setCurrentIndex(self._presenter.results.index(row))

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        card = index.data(CARD_ROLE)
        if card is not None:
            self._presenter.open(card)

    @Slot()
    def _remember(self) -> None:
        card = self.currentIndex().data(CARD_ROLE)
        self._stood_on = card.entry.id if card is not None else ""

    @Slot()
    def _stand_again(self) -> None:
        if self._stood_on:
            self.stand_on(self._stood_on)

    def _touch(self) -> None:
        self._presenter.hold_list(self.underMouse() or self.hasFocus())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """The pointer came."""
        super().enterEvent(event)
        self._touch()

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer left."""
        super().leaveEvent(event)
        self._touch()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The focus came: the first row stands out where none did."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self._presenter.results.cards:
            self.setCurrentIndex(self._presenter.results.index(0))
        self._touch()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The focus went."""
        super().focusOutEvent(event)
        self._touch()


class ShelfBar(QWidget):
    """Which list, which tier, in which order.

    Args:
        presenter: takes the choice.
    """

    chosen = Signal()
    """The operator wants to see a list."""

    def __init__(self, presenter: KnowledgePresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        row = FlowLayout(SPACE.xs, self)
        self.shelves = {shelf: QPushButton() for shelf in Shelf}
        self._group = QButtonGroup(self)
        for shelf, button in self.shelves.items():
            button.setCheckable(True)
            button.setProperty("role", "tool")
            button.setProperty("shelf", shelf.value)
            self._group.addButton(button)
            row.addWidget(button)
        bind_key(self.shelves[Shelf.FAVOURITES], "knowledge.favourites")
        bind_key(self.shelves[Shelf.RECENT], "knowledge.recent")
        self.sorting = QPushButton()
        self.sorting.setProperty("role", "tool")
        self._menu = QMenu(self)
        self._orders = self._choices([order.value for order in Order])
        self._menu.addSeparator()
        self._tiers = self._choices(["", *(tier.value for tier in Tier)])
        self.sorting.setMenu(self._menu)
        bind_key(self.sorting, "knowledge.sorting")
        row.addWidget(self.sorting)
        self._group.buttonClicked.connect(self._on_shelf)
        self._menu.triggered.connect(self._on_sorting)
        presenter.shelf_changed.connect(self.draw)
        self._retranslate()

    def _choices(self, values: list[str]) -> dict[str, QAction]:
        group, made = QActionGroup(self), {}
        for value in values:
            action = QAction(self)
            action.setCheckable(True)
            group.addAction(action)
            self._menu.addAction(action)
            made[value] = action
        return made

    @Slot()
    def draw(self) -> None:
        """Show what is chosen."""
        self.shelves[self._presenter.shelf].setChecked(True)
        order, tier = self._presenter.order, self._presenter.tier
        self._orders[order.value].setChecked(True)
        self._tiers[tier].setChecked(True)
        words = [self._orders[order.value].text()] + ([self._tiers[tier].text()] if tier else [])
        self.sorting.setText(" · ".join(words))
        self.sorting.setAccessibleName(self.tr("排序和层级：{words}").format(words=" ".join(words)))

    @Slot(QPushButton)
    def _on_shelf(self, button: QPushButton) -> None:
        self._presenter.turn_to(Shelf(button.property("shelf")))
        self.chosen.emit()

    @Slot(QAction)
    def _on_sorting(self, _action: QAction) -> None:
        order = next(value for value, action in self._orders.items() if action.isChecked())
        tier = next(value for value, action in self._tiers.items() if action.isChecked())
        self._presenter.order_by(Order(order), tier)
        self.draw()
        self.chosen.emit()

    def _retranslate(self) -> None:
        words = {Shelf.CALL: self.tr("本通"), Shelf.FAVOURITES: self.tr("收藏"), Shelf.RECENT: self.tr("最近")}
        told = {Shelf.CALL: self.tr("本通电话推送的知识"), Shelf.FAVOURITES: self.tr("收藏的知识"), Shelf.RECENT: self.tr("最近打开的知识")}
        for shelf, button in self.shelves.items():
            button.setText(words[shelf])
            button.setAccessibleName(told[shelf])
            button.setToolTip(told[shelf])
        orders = {Order.BEST: self.tr("按相关"), Order.UPDATED: self.tr("按更新"), Order.HEAT: self.tr("按热度"),
                  Order.NAME: self.tr("按名称")}
        for order, words_of_it in orders.items():
            self._orders[order.value].setText(words_of_it)
        self._tiers[""].setText(self.tr("全部层级"))
        for tier in Tier:
            self._tiers[tier.value].setText(tier_word(tier))
        self.draw()

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)
