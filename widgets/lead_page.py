"""One page of the lead's window from top to bottom: sentences, tiles, charts, tables; whatever a ``PageView`` holds.

Parts are kept and shown again, so that a page that is counted anew does not flicker. A tile with calls behind it is a button.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.domain.lead_figures import Share
from app.domain.lead_tables import Ask, Kind, PageView, Row, Table, Tile, Told
from widgets.flow_layout import FlowLayout
from widgets.lead_chart import LeadChart
from widgets.lead_table_view import LeadTableView
from widgets.lead_words import LeadWords, lead, percent
from widgets.theme.palette import SPACE, Theme

_CHART_PX = 340
_USUAL_EM_PX = 23


class TileBox(QFrame):
    """A figure with its interval and what it was before.

    Args:
        words: how figures are written.
    """

    opened = Signal(object, str)

    def __init__(self, words: LeadWords, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._tile: Tile | None = None
        self.setProperty("role", "panel")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE.m, SPACE.s, SPACE.m, SPACE.s)
        layout.setSpacing(2)
        self._title, self._value, self._below = QPushButton(), QLabel(), QLabel()
        self._title.setProperty("role", "tile")
        self._title.clicked.connect(self._on_clicked)
        self._value.setProperty("role", "number")
        self._below.setProperty("role", "hint")
        for each in (self._title, self._value, self._below):
            layout.addWidget(each)
        layout.addStretch(1)  # figures of all tiles stand at one height

    def show_tile(self, tile: Tile) -> None:
        """Another figure."""
        self._tile = tile
        title = lead(f"tile_{tile.title}")
        self._title.setText(title + (" ›" if tile.ask else ""))
        self._title.setEnabled(tile.ask is not None)
        value = self._words.value(tile.kind, tile.value)
        self._value.setText(value)
        below = []
        if isinstance(tile.value, Share) and tile.value.total:
            below.append(f"{percent(tile.value.low)} – {percent(tile.value.high)}")
        if _known(tile.before):
            below.append(lead("tile_before", value=self._words.value(tile.kind, tile.before)))
        self._below.setText("\n".join(below))
        self._below.setVisible(bool(below))
        self.setAccessibleName(f"{title} {value} {self._below.text()}")
        self._title.setAccessibleName(self.accessibleName())

    def _on_clicked(self) -> None:
        if self._tile is not None and self._tile.ask is not None:
            self.opened.emit(self._tile.ask, lead(f"tile_{self._tile.title}"))


def _known(cell: object) -> bool:
    return cell is not None and not (isinstance(cell, Share) and not cell.total)


class TableBox(QFrame):
    """A table with its title.

    Args:
        words: what cells are called.
        theme: colours.
    """

    opened = Signal(object, str)
    turned = Signal(int)

    def __init__(self, words: LeadWords, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self.setProperty("role", "panel")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE.m, SPACE.s, SPACE.m, SPACE.s)
        layout.setSpacing(SPACE.s)
        self._title, self._none = QLabel(), QLabel()
        self._title.setProperty("role", "heading")
        self._none.setProperty("role", "hint")
        self.view = LeadTableView(words, theme, self)
        self.view.opened.connect(self._on_opened)
        self._newer, self._older = QPushButton(), QPushButton()
        self._newer.clicked.connect(self._on_newer)
        self._older.clicked.connect(self._on_older)
        self._turning = QWidget()
        turning = QHBoxLayout(self._turning)
        turning.setContentsMargins(0, 0, 0, 0)
        turning.addWidget(self._newer)
        turning.addWidget(self._older)
        turning.addStretch(1)
        for each in (self._title, self._none, self.view, self._turning):
            layout.addWidget(each)

    def show_table(self, table: Table) -> None:
        """Another table."""
        title = lead(f"table_{table.name}")
        if table.total > len(table.rows):
            shown = f"{table.offset + 1}–{table.offset + len(table.rows)}"
            title = lead("table_of_more" if table.is_at_least else "table_of", title=title, shown=shown, total=f"{table.total:,}")
        self._turning.setVisible(table.total > len(table.rows))
        self._newer.setText(lead("newer"))
        self._older.setText(lead("older"))
        self._newer.setEnabled(table.offset > 0)
        self._older.setEnabled(table.offset + len(table.rows) < table.total)
        self._title.setText(title)
        self._none.setText(lead("table_empty"))
        self._none.setVisible(not table.rows)
        self.view.setVisible(bool(table.rows))
        self.view.setAccessibleName(title)
        self.view.show_table(table)

    def _on_newer(self) -> None:
        self.turned.emit(-1)

    def _on_older(self) -> None:
        self.turned.emit(1)

    def _on_opened(self, row: Row) -> None:
        columns = self.view.held.table.columns
        names = [self._words.cell(column, cell) for column, cell in zip(columns, row.cells, strict=True) if column.kind is Kind.TEXT]
        self.opened.emit(row, " · ".join(names[:3]))


class PageBody(QWidget):
    """The parts of a page.

    Args:
        words: what things are called.
        theme: colours.
    """

    ask_opened = Signal(object, str)
    record_opened = Signal(str)
    turned = Signal(int)

    def __init__(self, words: LeadWords, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words, self._theme = words, theme
        self._view = PageView()
        self.setObjectName("form")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, SPACE.xs, SPACE.s, SPACE.m)
        layout.setSpacing(SPACE.m)
        self._told, self._tiles, self._charts = QWidget(), QWidget(), QWidget()
        self._told_layout = QVBoxLayout(self._told)
        self._told_layout.setContentsMargins(0, 0, 0, 0)
        self._told_layout.setSpacing(SPACE.xs)
        self._tiles_layout = FlowLayout(SPACE.m, self._tiles)
        self._grid = QGridLayout(self._charts)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(SPACE.m)
        for each in (self._told, self._tiles, self._charts):
            layout.addWidget(each)
        self._tables_layout = QVBoxLayout()
        self._tables_layout.setSpacing(SPACE.m)
        layout.addLayout(self._tables_layout)
        layout.addStretch(1)
        self._labels: list[QLabel] = []
        self._tile_boxes: list[TileBox] = []
        self._chart_boxes: list[QFrame] = []
        self._plots: list[LeadChart] = []
        self._table_boxes: list[TableBox] = []

    def show_view(self, view: PageView) -> None:
        """Another page."""
        self._view = view
        self._show_told(view.told)
        while len(self._tile_boxes) < len(view.tiles):
            box = TileBox(self._words, self._tiles)
            box.opened.connect(self.ask_opened)
            self._tile_boxes.append(box)
            self._tiles_layout.addWidget(box)
        for place, box in enumerate(self._tile_boxes):
            box.setVisible(place < len(view.tiles))
            if place < len(view.tiles):
                box.show_tile(view.tiles[place])
        self._even_tiles(view)
        self._tiles.setVisible(bool(view.tiles))
        self._show_charts(view)
        while len(self._table_boxes) < len(view.tables):
            table_box = TableBox(self._words, self._theme, self)
            table_box.opened.connect(self._on_row)
            table_box.turned.connect(self.turned)
            self._table_boxes.append(table_box)
            self._tables_layout.addWidget(table_box)
        for place, table_box in enumerate(self._table_boxes):
            table_box.setVisible(place < len(view.tables))
            if place < len(view.tables):
                table_box.show_table(view.tables[place])

    def first_table(self) -> LeadTableView | None:
        """The first table, for the keyboard."""
        return self._table_boxes[0].view if self._table_boxes and self._view.tables else None

    def _show_told(self, told: tuple[Told, ...]) -> None:
        while len(self._labels) < len(told):
            label = QLabel()
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._labels.append(label)
            self._told_layout.addWidget(label)
        for place, label in enumerate(self._labels):
            label.setVisible(place < len(told))
            if place < len(told):
                label.setText(self._words.sentence(told[place]))
                label.setProperty("role", {"bad": "leadBad", "good": "leadGood"}.get(told[place].mark, "hint"))
                side = SPACE.m if told[place].mark else 0
                label.setContentsMargins(side, side // 2, side, side // 2)
                label.style().unpolish(label)
                label.style().polish(label)
        self._told.setVisible(bool(told))

    def _even_tiles(self, view: PageView) -> None:
        """All tiles of a page as high as the highest, none narrower than its neighbours need."""
        boxes = self._tile_boxes[:len(view.tiles)]
        for box in boxes:
            box.setMinimumSize(0, 0)
        height = max((box.sizeHint().height() for box in boxes), default=0)
        width = sorted(box.sizeHint().width() for box in boxes)[len(boxes) // 2] if boxes else 0
        for box in boxes:
            box.setMinimumSize(width, height)

    def _show_charts(self, view: PageView) -> None:
        while len(self._plots) < len(view.charts):
            frame = QFrame()
            frame.setProperty("role", "panel")
            inner = QVBoxLayout(frame)
            inner.setContentsMargins(SPACE.m, SPACE.s, SPACE.m, SPACE.s)
            plot = LeadChart(self._words, self._theme, frame)
            inner.addWidget(plot)
            self._chart_boxes.append(frame)
            self._plots.append(plot)
        for place, frame in enumerate(self._chart_boxes):
            frame.setVisible(place < len(view.charts))
            if place < len(view.charts):
                self._plots[place].show_chart(view.charts[place])
        self._charts.setVisible(bool(view.charts))
        self._place_charts()

    def _place_charts(self) -> None:
        """As many beside each other as have room."""
        scale = self.fontMetrics().height() / _USUAL_EM_PX
        wide = max(1, min(len(self._view.charts), int(self.width() / (_CHART_PX * max(1.0, scale)))))
        for place in range(len(self._chart_boxes)):
            self._grid.addWidget(self._chart_boxes[place], place // wide, place % wide)
        for column in range(3):
            self._grid.setColumnStretch(column, 1 if column < wide else 0)

    def _on_row(self, row: Row, title: str) -> None:
        if row.record_id:
            self.record_opened.emit(row.record_id)
        elif isinstance(row.ask, Ask):
            self.ask_opened.emit(row.ask, title)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Charts move."""
        super().resizeEvent(event)
        self._place_charts()

    def changeEvent(self, event: QEvent) -> None:
        """Another language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.show_view(self._view)
        super().changeEvent(event)


class LeadPage(QScrollArea):
    """A page that scrolls."""

    def __init__(self, words: LeadWords, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.body = PageBody(words, theme)
        self.setWidget(self.body)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
