"""The size of a dialog: as drawn for usual type, more for larger type, never more than the screen."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QDialog

from widgets.theme.palette import SIZES

_MARGIN_PX = 60


def fit(dialog: QDialog, width_px: int, height_px: int) -> None:
    """Resize a dialog that is about to be shown; ``width_px`` and ``height_px`` hold at 100 %."""
    scale = max(1.0, QApplication.font().pointSizeF() / SIZES.base)
    # Lines grow with the type; half of the growth is enough for the height of lists and pages that scroll.
    grown = (round(width_px * scale), round(height_px * (1 + scale) / 2))
    screen = dialog.screen().availableSize()
    hint = dialog.sizeHint()
    dialog.resize(min(max(grown[0], hint.width()), max(screen.width() - _MARGIN_PX, width_px)),
                  min(max(grown[1], hint.height()), max(screen.height() - _MARGIN_PX, height_px)))
