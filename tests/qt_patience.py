"""Waiting in a test while Qt's events go on: for what is so at last, never for a time."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtTest import QTest

PATIENCE_MS = 60_000


def wait_until(is_so: Callable[[], object]) -> None:
    """Until ``is_so``.

    Raises:
        AssertionError: it was not within a minute.
    """
    for _ in range(PATIENCE_MS // 20):
        if is_so():
            return
        QTest.qWait(20)
    raise AssertionError("not in time")
