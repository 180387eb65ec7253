"""Golden pictures: each screen of ``every_screen`` small and grey, so that a test finds a hidden panel, a cut line, a wrong theme.

``python -m tests.widgets.golden_pictures [FOLDER]`` draws them anew (``make pictures`` too): look at what changed before it is kept.
They belong to the font they were drawn with (``made_with.json``); with another font a comparison says nothing, so it is not made.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QFont, QFontMetricsF, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.widgets.every_screen import SETTLE_MS, Look, screens
from widgets.application import prepare_application
from widgets.language import Language, LanguageName
from widgets.theme.palette import ThemeName

FOLDER = Path(__file__).with_name("golden")
LOOKS = (Look(), Look(LanguageName.ENGLISH, ThemeName.LIGHT, 200))
#: A small picture's pixel is this many of the screen, by type size: letters at 200 % are twice as large.
SHRINK = {100: 4, 200: 6}
#: Side of a tile of the small picture, and by how much its mean grey (0 to 255) may differ. Measured: the same screen drawn again 0, the
#: weakest label cut to its half 2.6, another renderer of letters (imitated by blur) 5.9: exact on one renderer, not tolerant of another.
TILE, LIMIT = 16, 2.5
_STEP = 17  # 16 greys: half the bytes of all 256, and at most 8 away
_PROBE = "听单工作台 12345 Submit"

Grey = NDArray[np.float32]


def path_of(name: str, look: Look) -> Path:
    """Where a screen's golden picture lies."""
    return FOLDER / f"{name}-{look.name}.png"


def small(image: QImage, look: Look) -> QImage:
    """A screen's picture shrunk, grey, in few steps."""
    shrink = SHRINK[look.percent]
    grey = image.convertToFormat(QImage.Format.Format_RGB32).scaled(
        max(1, image.width() // shrink), max(1, image.height() // shrink), Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation).convertToFormat(QImage.Format.Format_Grayscale8)
    flat = (np.rint(pixels(grey) / _STEP) * _STEP).astype(np.uint8)
    return QImage(flat.tobytes(), grey.width(), grey.height(), grey.width(), QImage.Format.Format_Grayscale8).copy()


def pixels(grey: QImage) -> Grey:
    """A grey picture's numbers, by row."""
    lines = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())
    return lines[:, :grey.width()].astype(np.float32)


def far_tiles(now: QImage, then: QImage) -> list[tuple[int, int, float]]:
    """Column, row and mean difference of each tile that differs by more than ``LIMIT``; one (-1, -1) for another size."""
    if now.size() != then.size():
        return [(-1, -1, 255.0)]
    away = np.abs(pixels(now) - pixels(then))
    tiles = ((column, row, float(away[row * TILE:(row + 1) * TILE, column * TILE:(column + 1) * TILE].mean()))
             for row in range(-(-away.shape[0] // TILE)) for column in range(-(-away.shape[1] // TILE)))
    return [tile for tile in tiles if tile[2] > LIMIT]


def unlike(name: str, look: Look, widget: QWidget, rounds: Iterator[int]) -> list[str]:
    """How a screen differs from its golden picture; looked at again for each of ``rounds`` while it does (it may not have settled)."""
    path = path_of(name, look)
    if not path.is_file():
        return [f"{name}: has no golden picture"]
    then = QImage(str(path)).convertToFormat(QImage.Format.Format_Grayscale8)
    while far := far_tiles(small(widget.grab().toImage(), look), then):
        if next(rounds, None) is None:
            worst = max(far, key=lambda tile: tile[2])
            return [f"{name}: {len(far)} tiles differ, most (column, row, grey) {worst}"]
        QTest.qWait(50)
    return []


def drawn_with() -> dict[str, object]:
    """The font in use: its family and how wide it draws a probe, in tenths of a pixel."""
    font = QFont(QApplication.font())
    font.setPixelSize(100)
    return {"qt": qVersion(), "family": font.family(), "probe": round(QFontMetricsF(font).horizontalAdvance(_PROBE) * 10)}


def made_with() -> dict[str, object]:
    """The font that the golden pictures were drawn with."""
    held: dict[str, object] = json.loads((FOLDER / "made_with.json").read_text("utf-8"))
    return held


def renew(language: Language) -> int:
    """Draw all anew and drop those of screens that are no more; their bytes."""
    FOLDER.mkdir(exist_ok=True)
    kept = set()
    for look in LOOKS:
        for name, widget in screens(look, language):
            QTest.qWait(4 * SETTLE_MS)
            path = path_of(name, look)
            kept.add(path)
            small(widget.grab().toImage(), look).save(str(path), quality=0)
    for path in set(FOLDER.glob("*.png")) - kept:
        path.unlink()
    (FOLDER / "made_with.json").write_text(json.dumps(drawn_with(), ensure_ascii=False) + "\n", "utf-8")
    return sum(path.stat().st_size for path in kept)


if __name__ == "__main__":
    if sys.argv[1:]:
        FOLDER = Path(sys.argv[1])
    print("golden pictures, bytes:", renew(prepare_application(QApplication([]))))
