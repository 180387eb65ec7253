"""Keeps harm from a CTI link: messages sent again, old ones, floods, guessed tokens. Pure over a clock's seconds; one thread at a time."""

from __future__ import annotations

import hmac
from collections import deque
from datetime import datetime

from app.telephony.cti_mapping import Refusal, Stamp

_REMEMBERED = 4096
_MILLISECONDS_FROM = 1e11


class ReplayGuard:
    """Refuses a message that came before, and one whose own time is too far from now.

    Args:
        most_s: how far a message's time may be from the PC's.
    """

    def __init__(self, most_s: float = 60.0) -> None:
        self._most_s = most_s
        self._seen: dict[str, None] = {}

    def check(self, stamp: Stamp, now: datetime) -> Refusal | None:
        """None where the message is new."""
        if stamp.time:
            at_s = message_time_s(stamp.time, now)
            if at_s is None:
                return Refusal("malformed")
            if abs(at_s - now.timestamp()) > self._most_s:
                return Refusal("stale")
        if not stamp.message_id:
            return None
        if stamp.message_id in self._seen:
            return Refusal("replayed")
        self._seen[stamp.message_id] = None
        if len(self._seen) > _REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return None


class RateLimit:
    """At most ``most`` within ``within_s`` seconds."""

    def __init__(self, most: int, within_s: float) -> None:
        self._times: deque[float] = deque(maxlen=most)
        self._within_s = within_s

    def is_over(self, now_s: float) -> bool:
        """Whether the limit is reached; counts nothing."""
        return len(self._times) == self._times.maxlen and now_s - self._times[0] < self._within_s

    def take(self, now_s: float) -> bool:
        """Count one; False where it is one too many."""
        if self.is_over(now_s):
            return False
        self._times.append(now_s)
        return True


def is_token(given: str, token: str) -> bool:
    """Compared in constant time; an empty token never fits."""
    return bool(token) and hmac.compare_digest(given.encode("utf-8", "replace"), token.encode("utf-8"))


def message_time_s(text: str, now: datetime) -> float | None:
    """Seconds since the epoch of a message's time: seconds, milliseconds, or ISO 8601 (without offset: the PC's)."""
    try:
        number = float(text)
    except ValueError:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            return None
        return (at if at.tzinfo is not None else at.replace(tzinfo=now.tzinfo)).timestamp()
    if not 0 < number < 1e15:
        return None
    return number / 1000 if number > _MILLISECONDS_FROM else number
