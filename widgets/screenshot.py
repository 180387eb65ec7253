"""Saves a picture of a window, also with QT_QPA_PLATFORM=offscreen: `tingdan replay --screenshot`, golden pictures."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QRect
from PySide6.QtGui import QImage, QImageWriter, QPainter, QPalette
from PySide6.QtWidgets import QWidget

from app.domain.errors import EnvironmentFault
from widgets.theme.palette import SPACE


def save(window: QWidget, path: Path, is_trimmed: bool = False) -> None:
    """Write what the window shows as PNG.

    Args:
        window: shown before; its pending layout is done first.
        path: file to write; the folder must exist.
        is_trimmed: end below the lowest part, without empty ground.

    Raises:
        EnvironmentFault: the file cannot be written.
    """
    window.ensurePolished()
    layout = window.layout()
    if layout is not None:
        layout.activate()
    writer = QImageWriter(str(path))
    writer.setFormat(QByteArray(b"png"))
    writer.setCompression(100)
    height = window.childrenRect().bottom() + SPACE.m if is_trimmed else window.height()
    shown = window.grab(QRect(0, 0, window.width(), min(window.height(), height)))
    image = QImage(shown.size(), QImage.Format.Format_RGB888)
    image.setDevicePixelRatio(shown.devicePixelRatio())
    image.fill(window.window().palette().color(QPalette.ColorRole.Window))  # a part of one paints no ground: it came out black
    painter = QPainter(image)
    painter.drawPixmap(0, 0, shown)
    painter.end()
    if not writer.write(image):
        raise EnvironmentFault("desk.screenshot_failed", path=str(path))
