"""The conversation: bubbles of both sides, what is being said now, and a list that never scrolls away from a reader.

The view follows the newest words only while it stands at the end. Whoever scrolled up stays where they are and gets a
button "jump to latest". Evidence of a focused field is brought into view; when it goes out, a view that followed
before follows again. Citizen stand left, operator right, each with icon and word; a partial is lighter and italic, unsure words
fainter with dots below, evidence on a ground with a line below.
"""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPen,
    QResizeEvent,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.domain.dialogue import Channel
from app.presenters.conversation import ROW_ROLE, ConversationPresenter, ConversationRow
from widgets.theme.icons import icon, pixmap
from widgets.theme.palette import SIZES, SPACE, Palette, Theme

_BUBBLE_SHARE = 0.86
_PAD_X, _PAD_Y = 10, 6
_ICON_SHARE = 0.75
_NEAR_END_PX = 6

Index = QModelIndex | QPersistentModelIndex


class BubbleDelegate(QStyledItemDelegate):
    """Paints a ``ConversationRow``. Heights are kept by text and width, so a long call stays cheap.

    Args:
        theme: colours.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._heights: dict[tuple[str, int, bool], tuple[float, float]] = {}
        # By row number, emptied by ``forget_rows``: asking the model costs more than all the rest.
        self._sizes: dict[int, QSize] = {}
        self.names = {Channel.CITIZEN: "", Channel.OPERATOR: ""}
        self.speaking = ""

    def forget(self) -> None:
        """Type size or font changed."""
        self._heights.clear()
        self._sizes.clear()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Width of the view, height of header and bubble."""
        number = index.row()
        size = self._sizes.get(number)
        if size is None:
            width = self._view_width()
            _, height = self._measure(index.data(ROW_ROLE), option.font, width)
            size = QSize(width, round(self._header_height(option.font) + height + 2 * _PAD_Y + SPACE.m))
            self._sizes[number] = size
        return size

    @Slot(QModelIndex, QModelIndex)
    def forget_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        """These rows have new texts."""
        for number in range(first.row(), last.row() + 1):
            self._sizes.pop(number, None)

    @Slot(QModelIndex, int, int)
    def forget_rows(self, parent: QModelIndex, first: int, last: int) -> None:
        """Rows came or went, from ``first`` on (the model changes its end only)."""
        for number in [number for number in self._sizes if number >= first]:
            del self._sizes[number]

    def forget_sizes(self) -> None:
        """The view has another width."""
        self._sizes.clear()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Header line and bubble."""
        row: ConversationRow = index.data(ROW_ROLE)
        palette = self._theme.palette
        area = QRect(option.rect)
        is_citizen = row.channel is Channel.CITIZEN
        text_width, text_height = self._measure(row, option.font, area.width())
        bubble_width = text_width + 2 * _PAD_X
        left = area.left() + SPACE.m if is_citizen else area.right() - SPACE.m - bubble_width
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        header = self._header_height(option.font)
        self._paint_header(painter, option.font, row, QRectF(area.left() + SPACE.m, area.top() + 2,
                                                             area.width() - 2 * SPACE.m, header))
        bubble = QRectF(left, area.top() + header + 2, bubble_width, text_height + 2 * _PAD_Y)
        self._paint_bubble(painter, bubble, row, palette)
        layout = self._layout(row, option.font, self._text_limit(area.width()))
        painter.setPen(QColor(palette.text if row.is_final else palette.muted))
        layout.draw(painter, QPointF(bubble.left() + _PAD_X, bubble.top() + _PAD_Y), self._formats(row, palette))
        painter.restore()

    def _paint_header(self, painter: QPainter, base: QFont, row: ConversationRow, area: QRectF) -> None:
        palette = self._theme.palette
        is_citizen = row.channel is Channel.CITIZEN
        colour = palette.citizen_line if is_citizen else palette.muted
        words = f"{self.names[row.channel]}  {_clock(row.start_ms)}"
        if not row.is_final:
            words += f"  {self.speaking}"
        font = QFont(base)
        font.setPointSizeF(base.pointSizeF() * SIZES.small / SIZES.base)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        width, size = metrics.horizontalAdvance(words), round(metrics.height() * _ICON_SHARE)
        left = area.left() if is_citizen else area.right() - width - size - 5
        top = area.top() + (area.height() - size) / 2
        painter.drawPixmap(QPointF(left, top), pixmap("citizen" if is_citizen else "operator", colour, size))
        painter.setPen(QColor(colour if is_citizen else palette.muted))
        painter.drawText(QRectF(left + size + 5, area.top(), width + 4, area.height()),
                         Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)

    def _paint_bubble(self, painter: QPainter, bubble: QRectF, row: ConversationRow, palette: Palette) -> None:
        is_citizen = row.channel is Channel.CITIZEN
        pen = QPen(QColor(palette.line if row.is_final else palette.line_strong), 1,
                   Qt.PenStyle.SolidLine if row.is_final else Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(QColor(palette.citizen if is_citizen else palette.operator))
        painter.drawRoundedRect(bubble.adjusted(0.5, 0.5, -0.5, -0.5), SPACE.radius, SPACE.radius)
        if is_citizen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette.citizen_line))
            painter.drawRoundedRect(QRectF(bubble.left(), bubble.top() + 4, 3, bubble.height() - 8), 1.5, 1.5)

    def _formats(self, row: ConversationRow, palette: Palette) -> list[QTextLayout.FormatRange]:
        formats: list[QTextLayout.FormatRange] = []
        for start, end in row.unsure:
            unsure = QTextCharFormat()
            unsure.setForeground(QColor(palette.faint))
            unsure.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
            unsure.setUnderlineColor(QColor(palette.faint))
            formats.append(_range(start, end, unsure))
        for start, end in row.evidence:
            evidence = QTextCharFormat()
            evidence.setBackground(QColor(palette.evidence))
            evidence.setForeground(QColor(palette.evidence_ink))
            evidence.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
            formats.append(_range(start, end, evidence))
        return formats

    def _measure(self, row: ConversationRow, font: QFont, width: int) -> tuple[float, float]:
        key = (row.text, width, row.is_final)
        held = self._heights.get(key)
        if held is None:
            layout = self._layout(row, font, self._text_limit(width))
            held = (max(24.0, layout.maximumWidth() if layout.lineCount() == 0 else _widest(layout)),
                    layout.boundingRect().height())
            if len(self._heights) > 4000:
                self._heights.clear()
            self._heights[key] = held
        return held

    def _layout(self, row: ConversationRow, font: QFont, limit: float) -> QTextLayout:
        body = QFont(font)
        body.setItalic(not row.is_final)
        layout = QTextLayout(row.text, body)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        top = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(limit)
            line.setPosition(QPointF(0, top))
            top += line.height()
        layout.endLayout()
        return layout

    def _text_limit(self, width: int) -> float:
        return max(80.0, (width - 2 * SPACE.m) * _BUBBLE_SHARE - 2 * _PAD_X)

    def _header_height(self, font: QFont) -> float:
        return QFontMetricsF(font).height() + 1

    def _view_width(self) -> int:
        view = self.parent()
        assert isinstance(view, QListView)
        return view.viewport().width()


class ConversationList(QListView):
    """The list itself. ``following_changed`` tells whether it stands at the end."""

    following_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("conversation")
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._is_following = True
        self._resumes = False
        self.verticalScrollBar().setSingleStep(24)
        self.verticalScrollBar().valueChanged.connect(self._on_moved)
        self.verticalScrollBar().rangeChanged.connect(self._on_range)

    @property
    def is_following(self) -> bool:
        """Whether new words scroll the view."""
        return self._is_following

    @Slot()
    def follow(self) -> None:
        """Go to the newest words and stay there."""
        self._resumes = False
        self._set_following(True)
        self.scrollToBottom()

    def locate(self, row: int) -> None:
        """Bring a row into view; a view that followed will follow again after ``release``."""
        index = self.model().index(row, 0)
        if not self.viewport().rect().contains(self.visualRect(index)):
            self._resumes = self._resumes or self._is_following
            self._set_following(False)
            self.scrollTo(index, QListView.ScrollHint.PositionAtCenter)

    def release(self) -> None:
        """The evidence is out of interest."""
        if self._resumes:
            self.follow()

    @Slot(int)
    def _on_moved(self, value: int) -> None:
        is_at_end = value >= self.verticalScrollBar().maximum() - _NEAR_END_PX
        if is_at_end:
            self._resumes = False
        self._set_following(is_at_end)

    @Slot(int, int)
    def _on_range(self, minimum: int, maximum: int) -> None:
        if self._is_following:
            self.verticalScrollBar().setValue(maximum)

    def _set_following(self, is_following: bool) -> None:
        if is_following != self._is_following:
            self._is_following = is_following
            self.following_changed.emit(is_following)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay rows out for the new width, and stay at the end where it stood there."""
        was_following = self._is_following
        delegate = self.itemDelegate()
        if isinstance(delegate, BubbleDelegate):
            delegate.forget_sizes()
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()
        if was_following:
            self._set_following(True)


class ConversationPanel(QFrame):
    """Heading, list and the button that jumps to the newest words.

    Args:
        presenter: feeds it.
        theme: colours.
    """

    def __init__(self, presenter: ConversationPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._theme = theme
        self._heading = QLabel()
        self._heading.setProperty("role", "heading")
        self._legend = QLabel()
        self._legend.setProperty("role", "hint")
        self.list = ConversationList()
        self._delegate = BubbleDelegate(theme, self.list)
        self.list.setItemDelegate(self._delegate)
        # Before the view hears of a change itself: it asks for sizes at once.
        presenter.model.dataChanged.connect(self._delegate.forget_changed)
        presenter.model.rowsInserted.connect(self._delegate.forget_rows)
        presenter.model.rowsRemoved.connect(self._delegate.forget_rows)
        self.list.setModel(presenter.model)
        self.latest = QPushButton(self)
        self.latest.setProperty("role", "latest")
        self.latest.hide()
        self.latest.clicked.connect(self.list.follow)
        self.list.following_changed.connect(self._on_following)
        presenter.evidence_located.connect(self._on_evidence)
        presenter.evidence_cleared.connect(self._on_evidence_cleared)
        head = QHBoxLayout()
        head.addWidget(self._heading)
        head.addStretch(1)
        head.addWidget(self._legend)
        head.setContentsMargins(0, 0, SPACE.m, 0)
        body = QVBoxLayout(self)
        body.setContentsMargins(SPACE.l, SPACE.m, 2, SPACE.s)
        body.setSpacing(SPACE.s)
        body.addLayout(head)
        body.addWidget(self.list, 1)
        theme.changed.connect(self._on_theme)
        self._retranslate()
        self._on_theme()

    @Slot(bool)
    def _on_following(self, is_following: bool) -> None:
        self.latest.setVisible(not is_following)
        self._place_latest()

    @Slot(int)
    def _on_evidence(self, row: int) -> None:
        self.list.locate(row)

    @Slot()
    def _on_evidence_cleared(self) -> None:
        self.list.release()

    @Slot()
    def _on_theme(self) -> None:
        self.latest.setIcon(icon("latest", self._theme.palette.on_accent))
        self.list.viewport().update()

    def _place_latest(self) -> None:
        self.latest.adjustSize()
        spot = self.list.geometry()
        self.latest.move(QPoint(spot.center().x() - self.latest.width() // 2, spot.bottom() - self.latest.height() - SPACE.s))
        self.latest.raise_()

    def _retranslate(self) -> None:
        self._heading.setText(self.tr("通话内容"))
        self._legend.setText(self.tr("虚线：正在说　点线：没听清"))
        self.latest.setText(self.tr("跳到最新"))
        self.latest.setAccessibleName(self.tr("跳到最新的话"))
        self.list.setAccessibleName(self.tr("通话内容"))
        self._delegate.names = {Channel.CITIZEN: self.tr("市民"), Channel.OPERATOR: self.tr("坐席")}
        self._delegate.speaking = self.tr("正在说…")
        self.list.viewport().update()

    def changeEvent(self, event: QEvent) -> None:
        """Language or font changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self._delegate.forget()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the button at the list's foot."""
        super().resizeEvent(event)
        self._place_latest()


def _clock(ms: int) -> str:
    return f"{ms // 60_000:02d}:{ms // 1000 % 60:02d}"


def _range(start: int, end: int, form: QTextCharFormat) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start, made.length, made.format = start, end - start, form
    return made


def _widest(layout: QTextLayout) -> float:
    return max(layout.lineAt(number).naturalTextWidth() for number in range(layout.lineCount())) + 1
