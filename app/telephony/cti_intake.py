"""The one door through which messages of any CTI link come in: parsed, checked, told. Any thread; one message at a time.

Nothing that arrives can raise, and nothing of a message's text reaches a log or a notice: refusals are told by reason, at most one notice a
minute for each reason. ``observe`` (the recorder) sees what arrived before it is judged.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.domain.call import NoticeRaised
from app.domain.line import LineEvent
from app.ports.ports import Clock
from app.telephony.cti_guard import RateLimit, ReplayGuard
from app.telephony.cti_mapping import CtiMapping, Refusal

log = logging.getLogger(__name__)
MOST_BYTES = 64 * 1024
MOST_A_MESSAGE = 64
_MOST_PER_10_S = 500
_TELL_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class Arrived:
    """What became of one message, for recorder and tester."""

    message: object
    outcome: LineEvent | Refusal | None


class CtiIntake:
    """See the module.

    Args:
        mapping: reads messages.
        clock: time.
        observe: told every message and what became of it.
    """

    def __init__(self, mapping: CtiMapping, clock: Clock, observe: Callable[[Arrived], None] | None = None) -> None:
        self.mapping, self._clock, self._observe = mapping, clock, observe
        self._lock = threading.Lock()
        self._guard = ReplayGuard()
        self._flood = RateLimit(_MOST_PER_10_S, 10.0)
        self._told_s: dict[str, float] = {}
        self.refused: Counter[str] = Counter()
        self.on_event: Callable[[LineEvent], None] = lambda event: None
        self.tell: Callable[[NoticeRaised], None] = lambda notice: None

    def take_text(self, raw: bytes | str) -> Refusal | None:
        """A message as it came: an object, or a list of them; the first refusal, None where all is well."""
        if len(raw) > MOST_BYTES:
            return self.refuse("oversized")
        try:
            held = json.loads(raw)
        except (ValueError, RecursionError):
            return self.refuse("malformed")
        messages = held if isinstance(held, list) else [held]
        if len(messages) > MOST_A_MESSAGE:
            return self.refuse("oversized")
        refusals = [refusal for message in messages if (refusal := self.take(message)) is not None]
        return refusals[0] if refusals else None

    def take(self, message: object) -> Refusal | None:
        """One message."""
        with self._lock:
            outcome = self._judged(message)
            if self._observe is not None:
                self._observe(Arrived(message, outcome))
            if isinstance(outcome, LineEvent):
                self.on_event(outcome)  # under the lock: reports stay in their order
        return self.refuse(outcome.reason) if isinstance(outcome, Refusal) else None

    def refuse(self, reason: str) -> Refusal:
        """Count and tell a refusal."""
        with self._lock:
            self.refused[reason] += 1
            now_s = self._clock.monotonic_s()
            is_new = now_s - self._told_s.get(reason, float("-inf")) >= _TELL_EVERY_S
            if is_new:
                self._told_s[reason] = now_s
        if is_new:
            log.warning("cti message refused: %s, %d in all", reason, self.refused[reason])
            self.tell(NoticeRaised(f"cti.refused_{reason}", {"name": self.mapping.name}))
        return Refusal(reason)

    def _judged(self, message: object) -> LineEvent | Refusal | None:
        if not self._flood.take(self._clock.monotonic_s()):
            return Refusal("flood")
        outcome = self.mapping.event(message)
        if not isinstance(outcome, LineEvent):
            return outcome
        return self._guard.check(self.mapping.stamp(message), self._clock.now()) or outcome


def encoded(message: Mapping[str, object]) -> str:
    """A message to send."""
    return json.dumps(message, ensure_ascii=False)
