"""The window still looks as in the pictures that were looked at (docs/pictures), within a tolerance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QImage, QRawFont
from PySide6.QtWidgets import QApplication

from app.domain.errors import EnvironmentFault
from tests.widgets.conftest import Desk
from tests.widgets.refresh_pictures import (
    FOLDER,
    PICTURES,
    RECORDS_PICTURES,
    Picture,
    RecordsPicture,
    take,
    take_records,
)
from widgets import screenshot
from widgets.language import Language

# Differences of a quarter-size grey picture, 0 to 255: another font renderer moves edges by less.
MEAN, SHARE_FAR, FAR = 2.0, 0.01, 48


def grey(path: Path) -> NDArray[np.int16]:
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)
    assert not image.isNull(), path
    small = image.scaled(image.width() // 4, image.height() // 4, Qt.AspectRatioMode.IgnoreAspectRatio,
                         Qt.TransformationMode.SmoothTransformation).convertToFormat(QImage.Format.Format_Grayscale8)
    lines = np.frombuffer(small.constBits(), np.uint8).reshape(small.height(), small.bytesPerLine())
    return lines[:, :small.width()].astype(np.int16)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_the_window_looks_as_it_was_looked_at(application: Language, tmp_path: Path, picture: Picture) -> None:
    take(picture, application, tmp_path / "now.png")
    now, then = grey(tmp_path / "now.png"), grey(FOLDER / f"{picture.name}.png")
    assert now.shape == then.shape
    difference = np.abs(now - then)
    assert difference.mean() <= MEAN, "look at it, then: python -m tests.widgets.refresh_pictures"
    assert (difference > FAR).mean() <= SHARE_FAR, "look at it, then: python -m tests.widgets.refresh_pictures"


@pytest.mark.parametrize("picture", RECORDS_PICTURES, ids=lambda picture: picture.name)
def test_panels_on_tickets_look_as_they_were_looked_at(application: Language, tmp_path: Path, picture: RecordsPicture) -> None:
    take_records(picture, application, tmp_path / "now.png")
    now, then = grey(tmp_path / "now.png"), grey(FOLDER / f"{picture.name}.png")
    assert now.shape == then.shape
    difference = np.abs(now - then)
    assert difference.mean() <= MEAN, "look at it, then: python -m tests.widgets.refresh_pictures"
    assert (difference > FAR).mean() <= SHARE_FAR, "look at it, then: python -m tests.widgets.refresh_pictures"


def test_chinese_is_drawn_as_characters_not_as_boxes(application: Language, tmp_path: Path) -> None:
    font = QRawFont.fromFont(QApplication.font())
    assert all(font.supportsCharacter(letter) for letter in "听单工作台请问您贵姓棠德南路")
    assert QFontMetrics(QApplication.font()).horizontalAdvance("听") > 8


def test_a_picture_that_cannot_be_written_is_told(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as caught:
        screenshot.save(desk.window, tmp_path / "absent" / "x.png")
    assert caught.value.key == "desk.screenshot_failed"
