"""Finds the ticket that a caller presses for, adds to or takes back, as soon as its number stands in the draft.

Numbers are said in groups and repaired half-way, so the draft's number changes a few times a call; each new one is looked
up once. The answer comes back as an event through the call's inbox, so a replayed sequence of events stays the same. ``seen``
is called on the call thread; a look-up takes a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable

from app.domain.call import CallEvent, CallState, OldTicket, OldTicketsLookedUp
from app.domain.errors import AppError
from app.platform import logs
from app.ports.ports import OldTickets, StoredTicket

FIELD = "prev_ticket_no"


class OldTicketLookup:
    """One call's look-ups.

    Args:
        tickets: where to look.
        post: takes the answer; returns at once.
    """

    def __init__(self, tickets: OldTickets, post: Callable[[CallEvent], None]) -> None:
        self._tickets, self._post = tickets, post
        self._asked = ""
        self._log = logs.get("old_tickets")

    def seen(self, state: CallState) -> None:
        """Take a new state; looks up where another number stands than before."""
        value = state.draft.get(FIELD).value
        number = value if isinstance(value, str) else ""
        if number == self._asked:
            return
        self._asked = number
        if not number:
            self._post(OldTicketsLookedUp(""))
            return
        try:
            found = self._tickets.find(number)
        except AppError as error:
            self._log.warning("lookup_failed", key=error.key)
            return
        self._log.info("looked_up", found=len(found))
        self._post(OldTicketsLookedUp(number, tuple(_told(ticket) for ticket in found)))


def _told(ticket: StoredTicket) -> OldTicket:
    return OldTicket(ticket.ticket_no, ticket.submitted_at, _value(ticket, "title"), _value(ticket, "status"))


def _value(ticket: StoredTicket, name: str) -> str:
    held = ticket.fields.get(name)
    value = held.get("value") if isinstance(held, dict) else None
    return value if isinstance(value, str) else ""
