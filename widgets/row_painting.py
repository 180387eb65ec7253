"""How rows of the knowledge pane are drawn: ground, rule, one elided line of words."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from widgets.theme.palette import SIZES, Palette

_STRIPE_PX = 3


def small_font(font: QFont) -> QFont:
    """The font of a second line."""
    small = QFont(font)
    small.setPointSizeF(font.pointSizeF() * SIZES.small / SIZES.base)
    return small


def draw_ground(painter: QPainter, option: QStyleOptionViewItem, palette: Palette) -> QRectF:
    """Ground of a row (the chosen one stands out by a stripe, too) and the rule below; gives the row's area."""
    area = QRectF(option.rect)
    if option.state & QStyle.StateFlag.State_Selected:
        painter.fillRect(area, QColor(palette.accent_soft))
        painter.fillRect(QRectF(area.left(), area.top(), _STRIPE_PX, area.height()), QColor(palette.accent))
    painter.setPen(QPen(QColor(palette.line), 1))
    painter.drawLine(QPointF(area.left(), area.bottom()), QPointF(area.right(), area.bottom()))
    return area


def draw_words(painter: QPainter, font: QFont, colour: str, area: QRectF, text: str, ascent: float = 0.0) -> None:
    """One line at the top of ``area``, ended by … where it does not fit; ``ascent`` puts it on another font's base line."""
    painter.setFont(font)
    painter.setPen(QColor(colour))
    metrics = QFontMetricsF(font)
    elided = metrics.elidedText(text.replace("\n", " "), Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(QPointF(area.left(), area.top() + (ascent or metrics.ascent())), elided)
