"""The desk's icons: small SVG drawings of our own (``resources/icons``), tinted with a palette's colour.

``currentColor`` in the file is replaced before drawing. Pictures are kept by name, colour and size: an icon is drawn once.
"""

from __future__ import annotations

import functools

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.platform.resource_files import resource

SCALE = 2
"""Drawn at twice the size, so that a screen at 200 % is sharp too."""


@functools.lru_cache(maxsize=512)
def pixmap(name: str, colour: str, size_px: int = 16) -> QPixmap:
    """A square picture of an icon; needs a QGuiApplication."""
    source = resource("icons", f"{name}.svg").read_text("utf-8").replace("currentColor", colour)
    renderer = QSvgRenderer(QByteArray(source.encode()))
    picture = QPixmap(QSize(size_px, size_px) * SCALE)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter, QRectF(0, 0, size_px * SCALE, size_px * SCALE))
    painter.end()
    picture.setDevicePixelRatio(SCALE)
    return picture


def icon(name: str, colour: str, disabled_colour: str = "", size_px: int = 18) -> QIcon:
    """An icon for buttons and actions."""
    made = QIcon()
    for px in (size_px, 2 * size_px):  # the larger for large type
        made.addPixmap(pixmap(name, colour, px))
        if disabled_colour:
            made.addPixmap(pixmap(name, disabled_colour, px), QIcon.Mode.Disabled)
    return made
