"""A table of the lead's window: shares as figure, dot and interval on one scale a column; Enter shows the calls behind a row.

The scale's ends stand in the head of the column, so no legend has to be looked up. Drawn for what is in sight only.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from app.domain.lead_figures import Share
from app.domain.lead_tables import Change, Kind, Row, Table
from app.presenters.lead_table import AXIS_ROLE, CELL_ROLE, MARK_ROLE, LeadTableModel, Words
from widgets.row_painting import draw_ground
from widgets.theme.palette import SPACE, Palette, Theme

Index = QModelIndex | QPersistentModelIndex
MOST_ROWS = 14
_GLYPH_EMS = 6.5
_FIGURE_EMS = 3.6
_MOST_TEXT_EMS = 16.0
_LEAST_TEXT_EMS = 5.0


class FigureDelegate(QStyledItemDelegate):
    """Paints cells.

    Args:
        theme: colours.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, words, and for shares the interval."""
        painter.save()
        palette = self._theme.palette
        area = draw_ground(painter, option, palette).adjusted(SPACE.s, 0, -SPACE.s, 0)
        cell, axis, mark = index.data(CELL_ROLE), index.data(AXIS_ROLE), index.data(MARK_ROLE)
        painter.setFont(option.font)
        metrics = QFontMetricsF(option.font)
        is_first = index.column() == 0
        ink = {"bad": palette.wrong.ink, "good": palette.confirmed.ink}.get(mark, palette.text) if is_first else palette.text
        words = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        if axis is not None:
            width = min(area.width(), _FIGURE_EMS * metrics.height() if isinstance(cell, Change) else metrics.horizontalAdvance("100.0%"))
            self._words(painter, QRectF(area.left(), area.top(), width, area.height()), words, ink, Qt.AlignmentFlag.AlignRight)
            self._interval(painter, area.adjusted(width + SPACE.m, 0, 0, 0), cell, axis, metrics.height())
        else:
            align = Qt.AlignmentFlag(index.data(Qt.ItemDataRole.TextAlignmentRole)) & Qt.AlignmentFlag.AlignHorizontal_Mask
            self._words(painter, area, words, ink, align)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(palette.focus), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(option.rect).adjusted(1, 1, -1, -2))
        painter.restore()

    def _words(self, painter: QPainter, area: QRectF, words: str, ink: str, align: Qt.AlignmentFlag) -> None:
        painter.setPen(QColor(ink))
        elided = QFontMetricsF(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, int(align | Qt.AlignmentFlag.AlignVCenter), elided)

    def _interval(self, painter: QPainter, area: QRectF, cell: object, axis: tuple[float, float], height: float) -> None:
        known = isinstance(cell, Change) or (isinstance(cell, Share) and cell.total)
        if area.width() < 2 * height or axis[1] <= axis[0]:
            return
        palette: Palette = self._theme.palette
        middle = area.center().y()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

        def place(value: float) -> float:
            return area.left() + (min(max(value, axis[0]), axis[1]) - axis[0]) / (axis[1] - axis[0]) * area.width()

        painter.setPen(QPen(QColor(palette.line), 1))
        painter.drawLine(QPointF(area.left(), middle), QPointF(area.right(), middle))
        if isinstance(cell, Change):
            painter.drawLine(QPointF(place(0), middle - height / 2), QPointF(place(0), middle + height / 2))
        if known:
            assert isinstance(cell, Share | Change)
            painter.setPen(QPen(QColor(palette.accent), max(2.0, height / 7), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(QPointF(place(cell.low), middle), QPointF(place(cell.high), middle))
            painter.setPen(QPen(QColor(palette.surface), 1.5))
            painter.setBrush(QColor(palette.accent))
            painter.drawEllipse(QPointF(place(cell.value or 0.0), middle), height / 4.2, height / 4.2)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Width of the words, with the interval for shares."""
        metrics = QFontMetricsF(option.font)
        height = metrics.height() + 2 * SPACE.s
        if index.data(AXIS_ROLE) is not None:
            return QSize(round(metrics.horizontalAdvance("100.0%") + _GLYPH_EMS * metrics.height() + 2 * SPACE.m), round(height))
        words = metrics.horizontalAdvance(str(index.data(Qt.ItemDataRole.DisplayRole) or ""))
        most = _MOST_TEXT_EMS * metrics.height()
        return QSize(round(min(words, most) + 2 * SPACE.s + 2), round(height))


class LeadTableView(QTableView):
    """See the module.

    Args:
        words: what cells are called.
        theme: colours.
    """

    opened = Signal(object)

    def __init__(self, words: Words, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self.held = LeadTableModel(words, self)
        self.setModel(self.held)
        self.setItemDelegate(FigureDelegate(theme, self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSortingEnabled(False)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setSectionsClickable(True)
        head.setHighlightSections(False)
        head.setSortIndicatorShown(True)
        head.sectionClicked.connect(self._on_head)
        self.doubleClicked.connect(self._on_opened)
        theme.changed.connect(self.viewport().update)

    def show_table(self, table: Table) -> None:
        """Another table; sorted as it comes."""
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.held.show_table(table)
        self.fit()
        if table.rows:
            self.setCurrentIndex(self.held.index(0, 0))

    def fit(self) -> None:
        """Widths by what stands in them; the first column of words takes what is left; as high as its rows, up to ``MOST_ROWS``."""
        metrics = QFontMetricsF(self.font())
        height = round(metrics.height() + 2 * SPACE.s)
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(height)
        head = self.horizontalHeader()
        head.setMinimumSectionSize(round(2 * metrics.height()))
        for place in range(self.held.columnCount()):
            title = metrics.horizontalAdvance(str(self.held.headerData(place, Qt.Orientation.Horizontal))) + 2 * metrics.height()
            wanted = max(round(title), self.sizeHintForColumn(place))
            if self.held.table.columns[place].kind is Kind.TEXT:
                wanted = max(wanted, round(_LEAST_TEXT_EMS * metrics.height()))
            self.setColumnWidth(place, wanted)
        self._stretch()
        rows = min(MOST_ROWS, self.held.rowCount())
        head_height = head.sizeHint().height()
        bar = self.horizontalScrollBar().sizeHint().height() if head.length() > self.viewport().width() else 0
        self.setFixedHeight(head_height + rows * height + bar + 2)

    def _stretch(self) -> None:
        """What is left over widens columns with intervals, and the first one where there are none."""
        head, columns = self.horizontalHeader(), self.held.table.columns
        left = self.viewport().width() - head.length()
        if left <= 0 or not columns:
            return
        wide = [place for place in range(len(columns)) if self.held.axis(place) is not None] or [0]
        most = round(10 * QFontMetricsF(self.font()).height())
        for place in wide:
            self.setColumnWidth(place, self.columnWidth(place) + min(most, left // len(wide)))

    def _on_head(self, place: int) -> None:
        head = self.horizontalHeader()
        order = Qt.SortOrder.DescendingOrder if self.held.table.columns[place].kind is not Kind.TEXT else Qt.SortOrder.AscendingOrder
        if head.sortIndicatorSection() == place and self._sorted == (place, order):
            order = Qt.SortOrder.AscendingOrder if order is Qt.SortOrder.DescendingOrder else Qt.SortOrder.DescendingOrder
        self._sorted = (place, order)
        head.setSortIndicator(place, order)
        self.held.sort(place, order)

    _sorted: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)

    def _on_opened(self, index: QModelIndex) -> None:
        row = self.held.row(index.row())
        if row is not None:
            self.opened.emit(row)

    def current_row(self) -> Row | None:
        """The row that is stood on."""
        return self.held.row(self.currentIndex().row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter shows what is behind."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._on_opened(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Another type size or language."""
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.LanguageChange):
            self.fit()
            self.viewport().update()
        super().changeEvent(event)

    def resizeEvent(self, event: QEvent) -> None:
        """Another width."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self.fit()
