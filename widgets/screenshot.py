"""Saves a picture of a window, also with QT_QPA_PLATFORM=offscreen: `tingdan replay --screenshot`, golden pictures."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QRect
from PySide6.QtGui import QImage, QImageWriter, QPainter, QPalette
from PySide6.QtWidgets import QWidget

from app.domain.errors import EnvironmentFault
from app.platform.atomic_file import write_atomically
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
    made = QBuffer()
    writer = QImageWriter(made, QByteArray(b"png"))
    writer.setCompression(100)
    height = window.childrenRect().bottom() + SPACE.m if is_trimmed else window.height()
    shown = window.grab(QRect(0, 0, window.width(), min(window.height(), height)))
    image = QImage(shown.size(), QImage.Format.Format_RGB888)
    image.setDevicePixelRatio(shown.devicePixelRatio())
    image.fill(window.window().palette().color(QPalette.ColorRole.Window))  # a part of one paints no ground: it came out black
    painter = QPainter(image)
    painter.drawPixmap(0, 0, shown)
    painter.end()
    try:
        if not path.parent.is_dir() or not writer.write(image):
            raise OSError
        write_atomically(path, bytes(made.data().data()))  # on a full disk the picture of before stays whole
    except OSError as error:
        raise EnvironmentFault("desk.screenshot_failed", path=str(path)) from error
