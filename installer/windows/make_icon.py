"""tingdan.ico from installer/linux/tingdan.svg, drawn by Qt; run in the environment that is frozen (no picture lies in git).

    python make_icon.py tingdan.svg tingdan.ico
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SIZES = (16, 24, 32, 48, 64, 256)


def main(source: str, target: str) -> int:
    """Draw every size and join them; an ICO may hold PNG pictures."""
    application = QGuiApplication([source, "-platform", "offscreen"])
    pictures = [drawn(QSvgRenderer(source), size) for size in SIZES]
    offset = 6 + 16 * len(pictures)
    head = struct.pack("<HHH", 0, 1, len(pictures))
    for size, picture in zip(SIZES, pictures, strict=True):
        head += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(picture), offset)
        offset += len(picture)
    Path(target).write_bytes(head + b"".join(pictures))
    application.quit()
    return 0


def drawn(renderer: QSvgRenderer, size: int) -> bytes:
    """One size as PNG."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  (its stub knows bytes only)
    return bytes(content.data())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
