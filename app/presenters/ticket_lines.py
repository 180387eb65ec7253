"""A line of "my tickets": a draft or a submitted ticket, masked by role, with its delivery and its term. Pure; any thread.

A line never holds more of a person than its role may see in a list; what is compared in a search is compared before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from app.domain.deadlines import Deadline, Light, lights
from app.domain.delivery import MessageKind, OutboxMessage, OutboxState
from app.domain.masking import Purpose, Role, known_of, mask_field
from app.domain.open_drafts import OpenDraft
from app.domain.ticket_search import TicketRow, digits_of, folded
from app.presenters.record_parts import Terms
from app.services.deadline_watch import Watched, watched

#: Older open tickets show their date, but no light: nobody waits for a light of last year.
WATCH_DAYS = 90
#: What a ticket's status says as long as the centre has said nothing.
UNTOLD_STATUS = "待派遣"
_TO_MINUTE = 16


class Standing(StrEnum):
    """Where a line stands on its way, for one mark and one word."""

    DRAFT = "draft"
    KEPT = "kept"
    QUEUED = "queued"
    RETRIED = "retried"
    REFUSED = "refused"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class TicketLine:
    """One line.

    Attributes:
        key: ticket number, or a draft's call.
        call_id: the call.
        number: ticket number, empty for a draft.
        at: submission (a draft: call), to the minute.
        standing: see there.
        title: masked by role, like the next three.
        name: who called.
        phone: contact number, else the line's.
        place: district and place.
        request_type: 投诉, …
        item_code: item.
        status: what the centre says.
        answers: number of the old ticket that it follows up, with ``follow_up`` 补充 or 催办.
        follow_up: see ``answers``.
        message: its ticket's message to the centre; None for a draft.
        attachments: messages of its files.
        due: last day of its term, None where none runs.
        light: supervision light, None where none is shown.
    """

    key: str
    call_id: str
    number: str
    at: str
    standing: Standing
    title: str = ""
    name: str = ""
    phone: str = ""
    place: str = ""
    request_type: str = ""
    item_code: str = ""
    status: str = ""
    answers: str = ""
    follow_up: str = ""
    message: OutboxMessage | None = None
    attachments: tuple[OutboxMessage, ...] = ()
    due: Deadline | None = None
    light: Light | None = None

    @property
    def receipt(self) -> str:
        """The centre's number."""
        return self.message.receipt if self.message is not None else ""


def first_number(row: TicketRow) -> str:
    """The number under which a ticket's call is delivered."""
    return row.parent_no or row.ticket_no


def ticket_line(row: TicketRow, messages: Sequence[OutboxMessage], role: Role, terms: Terms, today: date) -> TicketLine:
    """The line of a submitted ticket.

    Args:
        row: the ticket.
        messages: of its call, newest first.
        role: who looks.
        terms: how terms are counted.
        today: for the light.
    """
    shown = masked_row(row, role, Purpose.LIST)
    message = next((each for each in messages if each.kind is MessageKind.TICKET and each.state is not OutboxState.MENDED), None)
    files = tuple(each for each in messages if each.kind is MessageKind.ATTACHMENT)
    due, light = term_of(row, terms, today)
    return TicketLine(
        row.ticket_no, row.call_id, row.ticket_no, minute(row.submitted_at), standing(message), shown["title"], shown["name"],
        shown["phone"], shown["place"], row.request_type, row.item_code, row.status, row.answers, row.follow_up, message, files,
        due, light)


def draft_line(draft: OpenDraft, role: Role) -> TicketLine:
    """The line of a draft."""
    title = str(mask_field("title", draft.title, role, Purpose.LIST) or "")
    return TicketLine(draft.call_id, draft.call_id, "", minute(draft.call_time), Standing.DRAFT, title)


def masked_row(row: TicketRow, role: Role, purpose: Purpose) -> dict[str, str]:
    """Title, name, phone and place of a ticket as a role may see them."""
    phone = row.phones[0] if row.phones else ""
    known = known_of({"requester_name": row.name, "contact_phone": phone, "address_detail": row.place})

    def hidden(field: str, value: str) -> str:
        return str(mask_field(field, value, role, purpose, known) or "") if value else ""

    return {"title": hidden("title", row.title), "name": hidden("requester_name", row.name) or hidden("org_name", row.org),
            "phone": hidden("contact_phone", phone), "place": row.district + hidden("address_detail", row.place)}


def standing(message: OutboxMessage | None) -> Standing:
    """Where a submitted ticket stands by its message."""
    if message is None:
        return Standing.KEPT
    if message.state is OutboxState.WAITING:
        return Standing.RETRIED if message.attempts else Standing.QUEUED
    return Standing.REFUSED if message.state is OutboxState.REFUSED else Standing.DELIVERED


def running(row: TicketRow, terms: Terms) -> Watched | None:
    """The running term of a ticket, None where none runs.

    Of a ticket whose state the centre never told nobody here knows whether its department has signed for it: only the term of
    handling gives it a light, for a red light that nobody can vouch for is worse than none.
    """
    held = watched(row, terms.rules, terms.calendar)
    return replace(held, signed=True) if held is not None and row.status == UNTOLD_STATUS else held


def term_of(row: TicketRow, terms: Terms, today: date) -> tuple[Deadline | None, Light | None]:
    """Last day of a ticket's running term, and its light."""
    held = running(row, terms)
    if held is None:
        return None, None
    if held.term.started < today - timedelta(days=WATCH_DAYS):
        return held.term.due, None
    return held.term.due, lights(held.term, today, terms.calendar, signed=held.signed)


def holds(row: TicketRow, text: str, item_codes: Iterable[str]) -> bool:
    """Whether a text stands in a ticket: the same that the store's search compares, for short lists."""
    if not text:
        return True
    flat, digits = folded(text), digits_of(text)
    if digits and len(digits) == len(flat):
        return digits in digits_of(row.ticket_no) or any(digits in phone for phone in row.phones)
    return (any(flat in folded(each) for each in (row.name, row.org, row.district + row.place, row.title, row.subject))
            or row.item_code in item_codes)


def minute(stamp: str) -> str:
    """An ISO time to the minute, for people."""
    return stamp[:_TO_MINUTE].replace("T", " ")
