"""A call that happens now: its sound from an ``AudioSource`` as it comes, on the same thread and through the same steps as a recording."""

from __future__ import annotations

from app.services.replay import ReplayRun

HELD = "held"


class LiveRun(ReplayRun):
    """See the module. The citizen does not wait: while the call is held its sound goes by unheard."""

    def pause(self) -> None:
        """Hear nothing until ``resume``."""
        self.hush(HELD, True)

    def resume(self) -> None:
        """Hear again."""
        self.hush(HELD, False)
