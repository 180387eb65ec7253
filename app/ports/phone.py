"""What a telephone can do beyond answering, holding and hanging up (room: app.telephony). A recording can do none of it.

``CallControl`` is what every source of calls has; an adapter that has a line implements this Protocol beside it, and says which of its keys
work. Methods return at once; what came of it is told as events (``CallMuted``, notices).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol, runtime_checkable


class PhoneFeature(StrEnum):
    """Keys that a telephone may have."""

    MUTE = "mute"
    KEYPAD = "keypad"
    TRANSFER = "transfer"
    CONSULT = "consult"
    COMPLETE = "complete"
    RETURN = "return"
    CONFERENCE = "conference"


@runtime_checkable
class PhoneKeys(Protocol):
    """See the module."""

    @property
    def features(self) -> frozenset[PhoneFeature]:
        """Keys that work in the call at hand; empty where there is no line."""

    def mute(self, is_muted: bool) -> None:
        """Switch the operator's microphone off or on."""

    def send_digit(self, digit: str) -> None:
        """Send one of ``0123456789*#`` as a tone."""

    def transfer(self, number: str) -> None:
        """Hand the caller to a number, blindly."""


@runtime_checkable
class ConsultKeys(Protocol):
    """A colleague is asked before he gets the caller, or comes into the call; how far that is comes as ``ConsultChanged``."""

    def consult(self, number: str) -> None:
        """Hold the caller and call somebody else."""

    def complete(self) -> None:
        """Hand the caller to whom is consulted."""

    def go_back(self) -> None:
        """Leave whom is consulted, go on with the caller."""

    def confer(self, number: str = "") -> None:
        """All three: with whom is consulted, else with a number that is called first."""


@runtime_checkable
class DialKey(Protocol):
    """A line that can call somebody while no call is there."""

    @property
    def can_dial(self) -> bool:
        """Whether there is such a line, and no call now."""

    def dial(self, number: str) -> None:
        """Call a number; it comes as a call that rings."""


@runtime_checkable
class Listening(Protocol):
    """What hears the call: it can be told to hear nothing for a while, and it may hear a call that no line reports."""

    @property
    def can_begin(self) -> bool:
        """Whether answering begins a call although nothing rings (a telephone beside this PC)."""

    def pause_recognition(self, is_paused: bool) -> None:
        """Hear nothing, or hear again; what came of it is told as ``RecognitionPaused``."""
