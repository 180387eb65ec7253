"""A table of the lead's window: shares as figure, dot and interval on one scale a column; Enter shows the calls behind a row.

The scale's ends stand in the head of the column, so no legend has to be looked up. Drawn for what is in sight only.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from app.domain.lead_figures import Share
from app.domain.lead_tables import Change, Kind, Names, Row, Table
from app.presenters.lead_table import AXIS_ROLE, CELL_ROLE, GAP_ROLE, MARK_ROLE, LeadTableModel, Words
from widgets.theme.palette import SPACE, Palette, Theme

Index = QModelIndex | QPersistentModelIndex
MOST_ROWS = 14
_GLYPH_EMS = 3.0
_MOST_GLYPH_EMS = 9.0
_STRIPE_PX = 3
_MOST_TEXT_EMS = 12.0
_LEAST_TEXT_EMS = 5.0
_LEAST_NAME_EMS = 7.0
#: The column that says why a row is marked; in the mark's colour, too.
_REASON = "alerts"
_LONG_NAMES = (Names.ENTRY, Names.ITEM, Names.RULE, Names.CHOICE)
#: Height of an interval below its figure, size of its dot beside the usual one, and least width of such a column.
_STACKED, _STACKED_MARK, _STACKED_EMS = 0.5, 0.8, 3.0


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
        area = self._ground(painter, option, index).adjusted(SPACE.s, 0, -SPACE.s, 0)
        if index.data(GAP_ROLE):
            area.adjust(SPACE.xl, 0, 0, 0)
        cell, axis, mark = index.data(CELL_ROLE), index.data(AXIS_ROLE), index.data(MARK_ROLE)
        painter.setFont(option.font)
        metrics = QFontMetricsF(option.font)
        is_marked = index.column() == 0 or _model(index).table.columns[index.column()].title == _REASON
        ink = {"bad": palette.wrong.ink, "good": palette.confirmed.ink}.get(mark, palette.text) if is_marked else palette.text
        words = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        if axis is not None:
            width = min(area.width(), metrics.horizontalAdvance(words if isinstance(cell, Change) else "100.0%"))
            if _model(index).is_stacked:
                upper = QRectF(area.left(), area.top() + SPACE.xs, width, metrics.height())
                self._words(painter, upper, words, ink, Qt.AlignmentFlag.AlignRight)
                below = QRectF(area.left(), upper.bottom(), area.width(), area.bottom() - upper.bottom())
                self._interval(painter, below, cell, axis, _STACKED_MARK * metrics.height())
            else:
                self._words(painter, QRectF(area.left(), area.top(), width, area.height()), words, ink, Qt.AlignmentFlag.AlignRight)
                self._interval(painter, area.adjusted(width + SPACE.m, 0, 0, 0), cell, axis, metrics.height())
        else:
            align = Qt.AlignmentFlag(index.data(Qt.ItemDataRole.TextAlignmentRole)) & Qt.AlignmentFlag.AlignHorizontal_Mask
            self._words(painter, area, words, ink, align)
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> QRectF:
        """Ground of a cell: the row that is stood on has a stripe at its beginning; a rule below."""
        palette, area = self._theme.palette, QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(palette.accent_soft))
            if index.column() == 0:
                painter.fillRect(QRectF(area.left(), area.top(), _STRIPE_PX, area.height()), QColor(palette.accent))
        painter.setPen(QPen(QColor(palette.line), 1))
        painter.drawLine(QPointF(area.left(), area.bottom()), QPointF(area.right() + 1, area.bottom()))
        return area

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
        gap = SPACE.xl if index.data(GAP_ROLE) else 0
        if index.data(AXIS_ROLE) is not None:
            if _model(index).is_stacked:
                words = metrics.horizontalAdvance(str(index.data(Qt.ItemDataRole.DisplayRole) or "")) + 2
                return QSize(round(max(words, _STACKED_EMS * metrics.height()) + 2 * SPACE.s) + gap, round(height))
            return QSize(round(metrics.horizontalAdvance("100.0%") + _GLYPH_EMS * metrics.height() + 2 * SPACE.m) + gap, round(height))
        words = metrics.horizontalAdvance(str(index.data(Qt.ItemDataRole.DisplayRole) or ""))
        most = _MOST_TEXT_EMS * metrics.height()
        return QSize(round(min(words, most) + 2 * SPACE.s + 2) + gap, round(height))


def _model(index: Index) -> LeadTableModel:
    model = index.model()
    assert isinstance(model, LeadTableModel)
    return model


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
        self.most_rows = MOST_ROWS
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
        """Another table, sorted as it comes; or the same counted anew: then sorted as it was, on the row that was stood on."""
        before, stood_on = self.held.table, self.current_row()
        is_again = (before.name, before.columns, before.offset) == (table.name, table.columns, table.offset)
        if not is_again:
            self._sorted = (-1, Qt.SortOrder.AscendingOrder)
            self.horizontalHeader().setSortIndicator(*self._sorted)
        self.held.show_table(table)
        if self._sorted[0] >= 0:
            self.held.sort(*self._sorted)
        self.fit()
        if table.rows:
            self.setCurrentIndex(self.held.index(self.held.place_of(stood_on) if is_again and stood_on else 0, 0))

    def fit(self) -> None:
        """Widths by what stands in them; the first column of words takes what is left; as high as its rows, up to ``most_rows``."""
        metrics = QFontMetricsF(self.font())
        height = round(metrics.height() + 2 * SPACE.s)
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(height)
        head = self.horizontalHeader()
        head.setMinimumSectionSize(round(2 * metrics.height()))
        self.held.gap = " " * max(1, round(SPACE.xl / QFontMetricsF(head.font()).horizontalAdvance(" ")))
        self._fit_widths(metrics.height())
        if self.held.is_stacked:
            height = round((1 + _STACKED) * metrics.height() + 2 * SPACE.s)
            self.verticalHeader().setDefaultSectionSize(height)
        self._stretch(metrics.height())
        rows = min(self.most_rows, self.held.rowCount())
        bar = self.horizontalScrollBar().sizeHint().height() if self._over() > 0 else 0
        self.setFixedHeight(head.sizeHint().height() + rows * height + bar + 2)

    def _fit_widths(self, em: float) -> None:
        """Give way step by step until nothing leaves the window: intervals below figures, heads on two lines, long names cut."""
        self.held.is_stacked = self.held.is_tight = False
        self._measure(em)
        if self._over() > 0 and self.held.has_axes():
            self.held.is_stacked = True
            self._measure(em)
        if self._over() > 0:
            self.held.is_tight = True
            self._measure(em)
            self._narrow(em)

    def _over(self) -> int:
        """By how much the columns are too wide."""
        return self.horizontalHeader().length() - self.viewport().width()

    def _measure(self, em: float) -> None:
        """Widths that words and figures need."""
        small = QFontMetricsF(self.horizontalHeader().font())
        for place, column in enumerate(self.held.table.columns):
            lines = str(self.held.headerData(place, Qt.Orientation.Horizontal)).split("\n")
            arrow = small.height() if not self.held.is_tight or place == self._sorted[0] else 0.0
            title = max(small.horizontalAdvance(line) for line in lines) + 2 * SPACE.s + 2 + arrow
            wanted = max(round(title), self.sizeHintForColumn(place))
            if column.kind is Kind.TEXT and not self.held.is_tight:
                wanted = max(wanted, round(_LEAST_TEXT_EMS * em))
            self.setColumnWidth(place, wanted)

    def _narrow(self, em: float) -> None:
        """Long names give way before figures leave the window; the whole name is in the tip."""
        for place, column in enumerate(self.held.table.columns):
            if (over := self._over()) > 0 and column.names in _LONG_NAMES:
                self.setColumnWidth(place, max(self.columnWidth(place) - over, round(_LEAST_NAME_EMS * em)))

    def _stretch(self, em: float) -> None:
        """What is left over widens the columns with intervals, then the first column of words."""
        columns = self.held.table.columns
        left = -self._over()
        if left <= 0 or not columns:
            return
        wide = [place for place in range(len(columns)) if self.held.axis(place) is not None]
        for place in wide:
            more = min(left // len(wide), round((_MOST_GLYPH_EMS - _GLYPH_EMS) * em))
            self.setColumnWidth(place, self.columnWidth(place) + more)
        left = -self._over()
        texts = [place for place, column in enumerate(columns) if column.kind is Kind.TEXT] or [0]
        for place in texts:
            self.setColumnWidth(place, self.columnWidth(place) + left // len(texts))
        self.setColumnWidth(texts[-1], self.columnWidth(texts[-1]) + left % len(texts))

    def _on_head(self, place: int) -> None:
        head = self.horizontalHeader()
        order = Qt.SortOrder.DescendingOrder if self.held.table.columns[place].kind is not Kind.TEXT else Qt.SortOrder.AscendingOrder
        if head.sortIndicatorSection() == place and self._sorted == (place, order):
            order = Qt.SortOrder.AscendingOrder if order is Qt.SortOrder.DescendingOrder else Qt.SortOrder.DescendingOrder
        self._sorted = (place, order)
        head.setSortIndicator(place, order)
        self.held.sort(place, order)
        if self.held.is_tight:
            self.fit()  # its arrow wants room

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
