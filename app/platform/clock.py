"""The one place that reads the wall clock; everybody else takes a ``Clock`` by constructor.

Times carry their offset. Hotlines of mainland China run on +08:00 whatever the PC's zone is set to, so that is the zone
of ``SystemClock`` unless another is given. Any thread.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone, tzinfo

BEIJING = timezone(timedelta(hours=8))


class SystemClock:
    """The PC's clock.

    Args:
        zone: zone of ``now``.
    """

    def __init__(self, zone: tzinfo = BEIJING) -> None:
        self._zone = zone

    def now(self) -> datetime:
        """Wall clock with offset."""
        return datetime.now(self._zone)

    def monotonic_s(self) -> float:
        """Seconds that never go back, also while the wall clock is set."""
        return time.monotonic()
