"""Saves a picture of a window, also with QT_QPA_PLATFORM=offscreen: `tingdan replay --screenshot`, golden pictures."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.domain.errors import EnvironmentFault


def save(window: QWidget, path: Path) -> None:
    """Write what the window shows as PNG.

    Args:
        window: shown before; its pending layout is done first.
        path: file to write; the folder must exist.

    Raises:
        EnvironmentFault: the file cannot be written.
    """
    window.ensurePolished()
    layout = window.layout()
    if layout is not None:
        layout.activate()
    if not window.grab().save(str(path), "PNG"):
        raise EnvironmentFault("desk.screenshot_failed", path=str(path))
