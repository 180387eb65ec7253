"""How a desk stands at this moment, for the lead's floor list: phase, since when, and what is wrong. No word of the call. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.call import Phase

_BUSY = frozenset({Phase.RINGING, Phase.TALKING, Phase.PAUSED})


@dataclass(frozen=True, slots=True)
class FloorState:
    """One desk now.

    Attributes:
        phase: of ``app.domain.call.Phase``.
        since: ISO 8601: when it came to that phase.
        alerts: codes of what is wrong in this call, each once.
    """

    phase: Phase
    since: str
    alerts: tuple[str, ...] = ()

    @property
    def is_busy(self) -> bool:
        """Whether people are in a call."""
        return self.phase in _BUSY

    @property
    def short(self) -> str:
        """``call``, ``wrap_up`` or ``idle``."""
        return "call" if self.is_busy else "wrap_up" if self.phase is Phase.WRAP_UP else "idle"
