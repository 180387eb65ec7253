"""Stretches of a call that the operator kept from being transcribed, for the ticket. Any thread; times on the call's time line."""

from __future__ import annotations

import threading


class Unheard:
    """See the module."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._over: list[tuple[int, int]] = []
        self._since_ms: int | None = None

    def note(self, at_ms: int, is_paused: bool) -> None:
        """Transcription pauses, or goes on; a second time does nothing."""
        with self._lock:
            if is_paused and self._since_ms is None:
                self._since_ms = at_ms
            elif not is_paused and self._since_ms is not None:
                self._over.append((self._since_ms, max(self._since_ms, at_ms)))
                self._since_ms = None

    def told(self, now_ms: int) -> str:
        """All stretches as minutes and seconds (``1:05-1:40, 2:10-2:12``), one that lasts until now; "" for none."""
        with self._lock:
            open_now = [(self._since_ms, max(self._since_ms, now_ms))] if self._since_ms is not None else []
            return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in (*self._over, *open_now))


def _clock(at_ms: int) -> str:
    return f"{at_ms // 60_000}:{at_ms // 1000 % 60:02}"
