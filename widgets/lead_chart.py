"""A chart of the lead's window, drawn with pyqtgraph: named where the line ends, intervals shown, the axis with its numbers.

No legend, no grid beyond faint rules, no zooming by accident. Only the lead's process imports this module (pyqtgraph takes half a
second). What it shows is said to a screen reader in words as well.
"""

from __future__ import annotations

import math
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.domain.lead_tables import Chart, ChartKind, Point, Series
from widgets.lead_words import LeadWords, lead, percent, whole
from widgets.theme.palette import SIZES, SPACE, Theme

_HEIGHT_EMS = 13.0
_ROOM, _DOT_ROOM = 0.08, 0.4
_BAR = 0.7
_TICKS = 4
_LEAST_END, _MOST_END = 0.2, 0.5
_USUAL_EM_PX = 23
#: How much of a chart's height title and axis leave; and where a line's name may stand beside its end: right of it, else above or below,
#: nearest first (0 is with its top at the end's height, 1 with its bottom).
_PLOT_SHARE = 0.65
_BESIDE = (0.5, 1.1, -0.1, 1.7, -0.7, 2.3, -1.5, -2.1)


class LeadChart(QWidget):
    """See the module.

    Args:
        words: names of series.
        theme: colours.
    """

    pointed = Signal(str)

    def __init__(self, words: LeadWords, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words, self._theme = words, theme
        self._chart: Chart | None = None
        self._span, self._ends = (0.0, 1.0), [(0.0, 0.0)]
        self._title = QLabel()
        self._title.setProperty("role", "heading")
        self._plot: Any = pg.PlotWidget(self)
        self._plot.setFrameShape(self._plot.Shape.NoFrame)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.getPlotItem().setContentsMargins(0, SPACE.m, SPACE.s, 0)
        self._plot.setMouseEnabled(False, False)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._plot.setMouseTracking(True)
        self._plot.viewport().setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents, False)
        self._plot.scene().sigMouseMoved.connect(self._on_moved)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE.xs)
        layout.addWidget(self._title)
        layout.addWidget(self._plot, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._draw)

    def show_chart(self, chart: Chart) -> None:
        """Draw another one."""
        self._chart = chart
        self._draw()

    def _draw(self) -> None:
        chart = self._chart
        if chart is None:
            return
        palette, item = self._theme.palette, self._plot.getPlotItem()
        self.setFixedHeight(round(_HEIGHT_EMS * QFontMetricsF(self.font()).height()))
        self._title.setText(lead(f"chart_{chart.name}"))
        item.clear()
        self._plot.setBackground(palette.surface)
        low, high = self._span = _y_range(chart)
        self._ends.clear()
        self._draw_axes(chart, low, high)
        for y, key in chart.lines:
            item.addItem(pg.InfiniteLine(y, 0, pg.mkPen(palette.danger, width=1.2, style=Qt.PenStyle.DashLine)))
            self._label(lead(f"line_{key}"), self._x_range(chart)[0], y, palette.wrong.ink, (0, 1))
        drawers = {ChartKind.LINE: self._line, ChartKind.DOTS: self._dots, ChartKind.STEPS: self._steps, ChartKind.BARS: self._bars}
        for place, series in enumerate(chart.series):
            if series.points:
                drawers[chart.kind](chart, series, (palette.accent, palette.edited.ink, palette.suggested.ink)[place % 3])
        item.setXRange(*self._x_range(chart), padding=0)
        item.setYRange(low, high, padding=0)
        self.setAccessibleName(self._title.text())
        self.setAccessibleDescription(self._said(chart))

    def _x_range(self, chart: Chart) -> tuple[float, float]:
        xs = [point.x for series in chart.series for point in series.points] or [0.0, 1.0]
        low, high = min(xs), max(xs)
        if chart.kind is ChartKind.BARS:
            return low - 0.6, high + 0.6
        if chart.kind is ChartKind.DOTS:
            ys = [point.y for series in chart.series for point in series.points] or [0.0, 1.0]
            return max(0.0, math.floor(10 * min(low, *ys) - 0.2) / 10), 1.01
        room = max(high - low, 0.1)
        # What stands at the line's end needs its room.
        return low - 0.02 * room, high + (self._end_room(chart) if chart.kind is ChartKind.LINE else 0.12) * room

    def _end_room(self, chart: Chart) -> float:
        """Room right of the last day for what stands there, as a share of all days; in a narrow chart long names get half of it at most."""
        metrics = QFontMetricsF(self._small_font(is_bold=True))
        words = max((metrics.horizontalAdvance(self._end_words(chart, series)) for series in chart.series), default=0.0)
        share = min(_MOST_END, (1.1 * words + 2 * SPACE.m) / max(1, self.width() - 4 * SPACE.xl))
        return max(_LEAST_END, share / (1 - share))

    def _end_words(self, chart: Chart, series: Series) -> str:
        """What stands at the end of a line."""
        ended = percent(series.points[-1].y) if series.points and chart.percent and not chart.lines else ""
        name = self._words.name(series.names, series.label) if series.names else ""
        return " ".join(part for part in (name, ended) if part)

    def _small_font(self, is_bold: bool = False) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * SIZES.small / SIZES.base)
        font.setBold(is_bold)
        return font

    def _draw_axes(self, chart: Chart, low: float, high: float) -> None:
        palette, item = self._theme.palette, self._plot.getPlotItem()
        font = self._small_font()
        metrics = QFontMetricsF(font)
        left, bottom = item.getAxis("left"), item.getAxis("bottom")
        ticks = _ticks(low, high)
        written = [(value, percent_tick(value) if chart.percent else whole(value)) for value in ticks]
        left.setTicks([written])
        left.setWidth(max(metrics.horizontalAdvance(text) for _, text in written) + 3 * SPACE.s)
        if chart.x_percent:
            x_low, x_high = self._x_range(chart)
            bottom.setTicks([[(value, percent_tick(value)) for value in _ticks(x_low, min(1.0, x_high))]])
        else:
            bottom.setTicks([list(chart.ticks)])
        titled = bool(chart.x_title)
        bottom.setHeight(metrics.height() * (2.3 if titled else 1.3) + SPACE.s)
        for axis in (left, bottom):
            axis.setStyle(tickFont=font, tickLength=0, tickTextOffset=SPACE.xs)
            axis.setTextPen(palette.muted)
            axis.setPen(pg.mkPen(palette.line, width=1))
        # The lowest and highest number may reach over the axis's end by half their height; so may what a first bar begins at.
        left.setStyle(hideOverlappingLabels=round(metrics.height()))
        bottom.setStyle(hideOverlappingLabels=round(metrics.height()) if chart.kind is ChartKind.BARS else True)
        bottom.setLabel(lead(f"axis_{chart.x_title}") if titled else "", color=palette.muted, **{"font-size": f"{font.pointSizeF():.1f}pt"})
        bottom.showLabel(titled)
        left.showLabel(False)
        for value in ticks:
            item.addItem(pg.InfiniteLine(value, 0, pg.mkPen(palette.line, width=1)), ignoreBounds=True)

    def _line(self, chart: Chart, series: Series, colour: str) -> None:
        item, points = self._plot.getPlotItem(), series.points
        xs = [point.x for point in points]
        if any(point.high > point.low for point in points):
            self._band(xs, [point.low for point in points], [point.high for point in points], colour)
        item.plot(xs, [point.y for point in points], pen=self._pen(colour), antialias=True)
        last = points[-1]
        item.addItem(self._scatter([last], colour, 8))
        self._label(self._end_words(chart, series), last.x, last.y, colour, (-0.08, self._beside(chart, last.y)), is_bold=True)

    def _dots(self, chart: Chart, series: Series, colour: str) -> None:
        item, palette, points = self._plot.getPlotItem(), self._theme.palette, series.points
        item.plot([0, 1], [0, 1], pen=pg.mkPen(palette.line_strong, width=1.2, style=Qt.PenStyle.DashLine), antialias=True)
        for point in points:
            item.plot([point.x, point.x], [point.low, point.high], pen=self._pen(colour), antialias=True)
        item.addItem(self._scatter(points, colour, 9))
        low = self._x_range(chart)[0]
        middle = low + 0.55 * (1 - low)
        self._label(lead("line_as_told"), middle, middle, palette.muted, (0, 0))

    def _steps(self, chart: Chart, series: Series, colour: str) -> None:
        points = series.points
        self._band([point.x for point in points], [point.low for point in points], [point.high for point in points], colour)
        pen = self._pen(colour)
        self._plot.getPlotItem().plot([point.x for point in points], [point.y for point in points], pen=pen, antialias=True)
        marked = [Point(x, y, y, y) for x, y, _ in series.marks]
        self._plot.getPlotItem().addItem(self._scatter(marked, colour, 8))
        middle = (points[0].x + points[-1].x) / 2
        for x, y, words in series.marks:
            self._label(f"{words}  {percent(y)}", x, y, colour, (0, 1.05) if x <= middle else (1.03, 0), is_bold=True)

    def _bars(self, chart: Chart, series: Series, colour: str) -> None:
        points = series.points
        top = max(points, key=lambda point: point.y)
        self._plot.getPlotItem().addItem(pg.BarGraphItem(x=[point.x for point in points], height=[point.y for point in points], width=_BAR,
                                                         brush=colour, pen=pg.mkPen(None)))
        side = 0.0 if top is points[0] else 1.0 if top is points[-1] else 0.5  # at the edge it begins with its bar
        self._label(whole(top.y), top.x + (side - 0.5) * _BAR, top.y, colour, (side, 1), is_bold=True)

    def _band(self, xs: list[float], lows: list[float], highs: list[float], colour: str) -> None:
        soft = QColor(colour)
        soft.setAlphaF(0.16)
        upper, lower = pg.PlotCurveItem(xs, highs), pg.PlotCurveItem(xs, lows)
        self._plot.getPlotItem().addItem(pg.FillBetweenItem(upper, lower, brush=pg.mkBrush(soft)))

    def _scatter(self, points: tuple[Point, ...] | list[Point], colour: str, size: int) -> Any:
        return pg.ScatterPlotItem([point.x for point in points], [point.y for point in points], size=size * self._scale(),
                                  brush=pg.mkBrush(colour), pen=pg.mkPen(self._theme.palette.surface, width=1.5))

    def _scale(self) -> float:
        """How much larger than usual the type is."""
        return max(1.0, QFontMetricsF(self.font()).height() / _USUAL_EM_PX)

    def _pen(self, colour: str) -> Any:
        return pg.mkPen(colour, width=2 * self._scale())

    def _share(self, y: float) -> float:
        """Where a value stands between the ends of the axis, 0 at the bottom."""
        low, high = self._span
        return (y - low) / (high - low)

    def _words_share(self) -> float:
        """Height of a line of words as a share of the drawing's."""
        return SIZES.small / SIZES.base / (_HEIGHT_EMS * _PLOT_SHARE)

    def _beside(self, chart: Chart, y: float) -> float:
        """Where the name of a line stands at its end: within the chart, on no rule of the chart and on no other name."""
        height, share = self._words_share(), self._share(y)
        taken = self._ends + [(at, at) for at in (self._share(line) for line, _ in chart.lines)]
        for anchor in _BESIDE:
            low, high = share - (1 - anchor) * height, share + anchor * height
            if low >= 0 and high <= 1 and all(high <= other_low or low >= other_high for other_low, other_high in taken):
                self._ends.append((low, high))
                return anchor
        return _BESIDE[0]

    def _label(self, words: str, x: float, y: float, colour: str, anchor: tuple[float, float], is_bold: bool = False) -> None:
        if not words:
            return
        text = pg.TextItem(words, color=colour, anchor=anchor)
        text.setFont(self._small_font(is_bold))
        text.setPos(x, y)
        self._plot.getPlotItem().addItem(text, ignoreBounds=True)

    def _said(self, chart: Chart) -> str:
        parts = []
        for series in chart.series:
            name = self._words.name(series.names, series.label) if series.names else ""
            written = [self._value(chart, point.y) for point in series.points]
            parts.append(f"{name} {written[0]} … {written[-1]}" if written else name)
        return "；".join(parts)

    def _value(self, chart: Chart, value: float) -> str:
        return percent(value) if chart.percent else whole(value)

    def _on_moved(self, place: QPointF) -> None:
        """What lies under the pointer, in words."""
        chart = self._chart
        box = self._plot.getPlotItem().getViewBox()
        if chart is None or not box.sceneBoundingRect().contains(place):
            return
        x = box.mapSceneToView(place).x()
        points = [point for series in chart.series for point in series.points]
        if not points:
            return
        point = min(points, key=lambda each: abs(each.x - x))
        tick = min(chart.ticks, key=lambda each: abs(each[0] - point.x), default=(point.x, ""))
        where = tick[1] if tick[0] == point.x else percent(point.x) if chart.x_percent else ""
        told = f"{where} {self._value(chart, point.y)}".strip()
        if point.high > point.low:
            told += f"（{self._value(chart, point.low)} … {self._value(chart, point.high)}）"
        self._plot.setToolTip(told)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width: words at the ends of lines take another share of it."""
        super().resizeEvent(event)
        if self._chart is not None and event.size().width() != event.oldSize().width():
            self._plot.getPlotItem().setXRange(*self._x_range(self._chart), padding=0)

    def changeEvent(self, event: QEvent) -> None:
        """Another language or type size."""
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._draw()
        super().changeEvent(event)


def percent_tick(value: float) -> str:
    """``85%``, with a digit only where the step needs it."""
    return f"{100 * value:.0f}%" if abs(100 * value - round(100 * value)) < 1e-6 else f"{100 * value:.1f}%"


def _y_range(chart: Chart) -> tuple[float, float]:
    points = [point for series in chart.series for point in series.points]
    if not points:
        return 0.0, 1.0
    lows = [min(point.low, point.y) if point.high > point.low else point.y for point in points]
    highs = [max(point.high, point.y) for point in points] + [y for y, _ in chart.lines]
    low, high = min(lows), max(highs)
    if chart.from_zero:
        return 0.0, high * (1 + 2 * _ROOM) or 1.0
    if chart.kind is ChartKind.DOTS:
        return max(0.0, math.floor(10 * low - 0.2) / 10), 1.01
    room = max(high - low, 0.02) * _ROOM
    # Above 100 % there is nothing but the upper half of the dot at a line's end.
    return (max(0.0, low - room), min(1.0 + _DOT_ROOM * room, high + room)) if chart.percent else (low - room, high + room)


def _ticks(low: float, high: float) -> list[float]:
    """Round values within the range, about ``_TICKS``."""
    span = max(high - low, 1e-9)
    raw = span / _TICKS
    scale = 10 ** math.floor(math.log10(raw))
    step = next(scale * times for times in (1, 2, 2.5, 5, 10) if scale * times >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(index * step, 10) for index in range(first, math.floor(high / step + 1e-9) + 1)]
