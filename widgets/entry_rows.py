"""Lists of the open entry: materials, places and phones to copy; its relatives in the three tiers to go to."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from app.presenters.knowledge_entry import ROW_ROLE, DetailKind, DetailRow, EntryPresenter, FamilyRow
from widgets.cards import tier_word
from widgets.row_painting import draw_ground, draw_words, small_font
from widgets.theme.palette import SPACE, Theme

Index = QModelIndex | QPersistentModelIndex


class RowDelegate(QStyledItemDelegate):
    """A row: a word for its kind, the words, and below what belongs to it.

    Args:
        theme: colours.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """One line, or two."""
        row = index.data(ROW_ROLE)
        height = QFontMetricsF(option.font).lineSpacing()
        if isinstance(row, DetailRow) and row.more:
            height += QFontMetricsF(small_font(option.font)).lineSpacing()
        return QSize(80, round(height) + 2 * SPACE.s)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The words, elided."""
        row: DetailRow | FamilyRow = index.data(ROW_ROLE)
        palette = self._theme.palette
        painter.save()
        area = draw_ground(painter, option, palette)
        left, words, more, is_bold = self._words(row)
        inner = area.adjusted(SPACE.m + left, SPACE.s, -SPACE.s, -SPACE.xs)
        small, font = small_font(option.font), QFont(option.font)
        font.setBold(is_bold)
        kind = self._kind_word(row)
        width = QFontMetricsF(small).horizontalAdvance(kind) + SPACE.s
        draw_words(painter, small, palette.muted, inner, kind, QFontMetricsF(font).ascent())
        draw_words(painter, font, palette.text, inner.adjusted(width, 0, 0, 0), words)
        if more:
            draw_words(painter, small, palette.muted, inner.adjusted(width, QFontMetricsF(font).lineSpacing(), 0, 0), more)
        painter.restore()

    def _words(self, row: DetailRow | FamilyRow) -> tuple[int, str, str, bool]:
        if isinstance(row, DetailRow):
            return 0, row.text, row.more, row.kind is DetailKind.PHONE
        return row.depth * SPACE.l, row.entry.title, "", row.is_here

    def _kind_word(self, row: DetailRow | FamilyRow) -> str:
        if isinstance(row, FamilyRow):
            return tier_word(row.entry.tier)
        return {DetailKind.MATERIAL: self.tr("材料"), DetailKind.PLACE: self.tr("地点"), DetailKind.PHONE: self.tr("电话")}[row.kind]

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        """The whole text in a tool tip."""
        row = index.data(ROW_ROLE)
        if row is None:
            return False
        QToolTip.showText(event.globalPos(), row.whole if isinstance(row, DetailRow) else row.entry.title, view)
        return True


class RowList(QListView):
    """Rows of an entry; Enter or a click acts on one.

    Args:
        presenter: feeds it.
        theme: colours.
    """

    def __init__(self, presenter: EntryPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.setProperty("role", "rows")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setItemDelegate(RowDelegate(theme, self))
        self.clicked.connect(self.act)

    @Slot(QModelIndex)
    def act(self, index: QModelIndex) -> None:
        """What Enter does."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter acts; so does the key for copying."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or event.matches(QKeySequence.StandardKey.Copy):
            self.act(self.currentIndex())
        else:
            super().keyPressEvent(event)


class DetailList(RowList):
    """Materials, places, phones: one act copies a row.

    Args:
        presenter: feeds it.
        theme: colours.
    """

    copied = Signal(str)

    def __init__(self, presenter: EntryPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(presenter, theme, parent)
        self.setModel(presenter.details)

    @Slot(QModelIndex)
    def act(self, index: QModelIndex) -> None:
        """Copy the row."""
        row = index.data(ROW_ROLE)
        if isinstance(row, DetailRow):
            words = row.text if row.kind is DetailKind.PHONE else row.whole
            QGuiApplication.clipboard().setText(words)
            self._presenter.note_copied()
            self.copied.emit(words)


class FamilyList(RowList):
    """Document, digest, questions: one act opens a relative.

    Args:
        presenter: feeds it.
        theme: colours.
    """

    def __init__(self, presenter: EntryPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(presenter, theme, parent)
        self.setModel(presenter.family)

    @Slot(QModelIndex)
    def act(self, index: QModelIndex) -> None:
        """Open the relative."""
        row = index.data(ROW_ROLE)
        if isinstance(row, FamilyRow):
            self._presenter.open_relative(row)
