"""CallControl over a recording: answering starts the sound, hold pauses it, hanging up ends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from app.domain.call import CallAnswered, CallEvent, CallPaused, CallResumed, NoticeRaised


class Playback(Protocol):
    """What plays the recording."""

    @property
    def position_ms(self) -> int:
        """How far it is."""

    def start(self) -> None:
        """Begin."""

    def pause(self) -> None:
        """Stand still."""

    def resume(self) -> None:
        """Go on."""

    def stop(self) -> None:
        """End."""


class ReplayControl:
    """See the module.

    Args:
        playback: plays the recording and posts CallReleased at its end.
        post: the call's inbox.
    """

    def __init__(self, playback: Playback, post: Callable[[CallEvent], None]) -> None:
        self._playback, self._post = playback, post

    def answer(self) -> None:
        """Start the recording."""
        self._post(CallAnswered())
        self._playback.start()

    def pause(self) -> None:
        """Stand still."""
        self._playback.pause()
        self._post(CallPaused(self._playback.position_ms))

    def resume(self) -> None:
        """Go on."""
        self._playback.resume()
        self._post(CallResumed(self._playback.position_ms))

    def hang_up(self) -> None:
        """End it."""
        self._playback.stop()

    def hand_over(self, number: str) -> None:
        """A recording cannot be handed over: say so."""
        self._post(NoticeRaised("telephony.hand_over_rehearsed", {"number": number}))
