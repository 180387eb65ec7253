"""Delivering the outbox: what goes when, in which order, and how long to wait after a failure.

Untried before failed, oldest first, one message of a ticket at a time. A message that fails waits by itself,
``backoff_s`` long, while others go on; a failure of line, server or credentials (``Failed.is_line``) makes all wait, because all
would meet it. What the server asks for by Retry-After is obeyed. What it refuses waits for a person and holds up its own ticket
only. Nothing is ever given up or dropped: days offline cost nothing but an attempt every ten minutes.

``DeliveryThread`` is the thread "network" of the desk: it sleeps until something is queued, is due, or it is stopped. The
store is the only memory: whoever dies at any moment finds everything there.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from app.domain.delivery import Delivered, Failed, OutboxMessage, Outcome, Refused
from app.domain.errors import AppError, OperatorVisibleError
from app.platform import logs
from app.ports.outbox import Consignment, Courier, Outbox
from app.ports.ports import Clock
from app.services.sending import LOOK_AGAIN_S, LinePace, SendingThread, backoff_s

#: No message waits longer by its own or its server's wish; a time further off means that the clock was set back.
FARTHEST_S = 26 * 3600.0
_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one attempt."""

    message: OutboxMessage
    outcome: Outcome


class Delivery:
    """The use case, without a thread. One thread at a time.

    Args:
        outbox: what waits.
        courier: how it travels.
        clock: for times.
        on_attempt: told every attempt after it is on the disk.
        chance: see ``backoff_s``.
    """

    def __init__(self, outbox: Outbox, courier: Courier, clock: Clock, on_attempt: Callable[[Attempt], None] = lambda attempt: None,
                 chance: Callable[[], float] = random.random) -> None:
        self._outbox, self._courier, self._clock = outbox, courier, clock
        self._on_attempt, self._chance = on_attempt, chance
        self._log = logs.get("delivery")
        self._pace = LinePace(clock, chance)

    def send_due(self, is_stopping: Callable[[], bool] = lambda: False) -> tuple[Attempt, ...]:
        """Try everything that is due, once each, and what of their tickets becomes free by it.

        Raises:
            EnvironmentFault: the store cannot be read or written; everything is as it was.
        """
        done: list[Attempt] = []
        tried: set[tuple[int, int]] = set()
        while not is_stopping() and self._pace.wait_s() <= 0:
            now_s = self._now_s()
            due = [m for m in self._outbox.due(now_s, now_s + FARTHEST_S, _AT_ONCE + len(tried))
                   if (m.row_id, m.revision) not in tried]
            if not due:
                break
            for message in due[:_AT_ONCE]:
                if is_stopping() or self._pace.wait_s() > 0:
                    break
                tried.add((message.row_id, message.revision))
                done.append(self._attempt(message))
        return tuple(done)

    def wait_s(self) -> float:
        """Seconds until there may be something to do, at most ``LOOK_AGAIN_S``."""
        due_s = self._outbox.next_due_s()
        if due_s is None:
            return LOOK_AGAIN_S
        return min(LOOK_AGAIN_S, max(due_s - self._now_s(), self._pace.wait_s(), 0.0))

    def line_is_free(self) -> None:
        """A person wants an attempt now, whatever the line did before."""
        self._pace.free()

    def _attempt(self, message: OutboxMessage) -> Attempt:
        try:
            consignment = self._outbox.consignment(message.row_id)
        except (ValueError, OperatorVisibleError) as error:  # one damaged ticket must not hold up the others
            self._log.error("unreadable", error, ticket_no=message.ticket_no)
            self._outbox.settle(message.row_id, refused := Refused("delivery.ticket_unreadable"))
            self._tell(Attempt(message, refused))
            return Attempt(message, refused)
        outcome = self._delivered(consignment)
        due_s = self._now_s() + self._pause_s(message, outcome) if isinstance(outcome, Failed) else 0.0
        self._outbox.settle(message.row_id, outcome, due_s,
                            self._courier.carried(consignment) if isinstance(outcome, Delivered) else ())
        if isinstance(outcome, Delivered):
            self._courier.settled(consignment)
        self._tell(Attempt(message, outcome))
        return Attempt(message, outcome)

    def _delivered(self, consignment: Consignment) -> Outcome:
        try:
            return self._courier.deliver(consignment)
        except Exception as error:  # a bug in the courier must neither lose the message nor hold up others
            self._log.error("courier_failed", error, ticket_no=consignment.message.ticket_no)
            return Failed("delivery.bug", type(error).__name__)

    def _pause_s(self, message: OutboxMessage, outcome: Failed) -> float:
        if outcome.is_line:
            return self._pace.failed(outcome.retry_after_s)  # the message itself is not at fault: it goes as soon as the line is free
        return max(backoff_s(message.attempts + 1, self._chance), outcome.retry_after_s or 0.0)

    def _tell(self, attempt: Attempt) -> None:
        outcome, message = attempt.outcome, attempt.message
        told = {"ticket_no": message.ticket_no, "row": message.row_id, "attempt": message.attempts + 1, "status": outcome.status}
        if isinstance(outcome, Delivered):
            self._log.info("delivered", **told, was_known=outcome.was_known)
        else:
            self._log.warning("refused" if isinstance(outcome, Refused) else "put_off", **told, reason=outcome.reason)
        if not isinstance(outcome, Failed) or not outcome.is_line:
            self._pace.well()
        self._on_attempt(attempt)

    def _now_s(self) -> float:
        return self._clock.now().timestamp()


class DeliveryThread(SendingThread):
    """The thread "network".

    Args:
        delivery: what it runs.
        courier: closed at the end.
        on_trouble: see ``SendingThread``.
    """

    def __init__(self, delivery: Delivery, courier: Courier, on_trouble: Callable[[AppError | None], None] = lambda fault: None) -> None:
        super().__init__("network", delivery, courier.close, on_trouble)
