"""Sound for the operator's ear: a clip, and what plays it (room: app.audio)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.domain.errors import AppError


@dataclass(frozen=True, slots=True)
class Clip:
    """Signed 16 bit little endian mono sound at ``rate_hz``."""

    pcm: bytes
    rate_hz: int


class SoundOutput(Protocol):
    """Plays one clip at a time. Any thread; all methods but ``close`` return at once."""

    def play(self, clip: Clip, on_fault: Callable[[AppError], None]) -> None:
        """Play a clip instead of what is playing; ``on_fault`` is told on the output's thread where that fails."""

    def stop(self) -> None:
        """Silence."""

    def close(self) -> None:
        """Silence, and free the device. Safe to call twice."""
