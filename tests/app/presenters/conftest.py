"""Presenters need an event loop, no pixels; any Qt warning fails the test."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QCoreApplication, QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication


@pytest.fixture(scope="session")
def loop() -> QCoreApplication:
    """The event loop; a QApplication, because the widgets' tests share the process."""
    return QApplication.instance() or QApplication(["tests"])


@pytest.fixture(autouse=True)
def qt_messages(loop: QCoreApplication) -> Iterator[None]:
    """Fails a test during which Qt warned."""
    heard: list[str] = []

    def hear(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if kind is not QtMsgType.QtDebugMsg:
            heard.append(text)

    before = qInstallMessageHandler(hear)
    yield
    qInstallMessageHandler(before)
    assert not heard, f"Qt said: {heard}"
