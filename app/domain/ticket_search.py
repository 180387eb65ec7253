"""Finding submitted tickets: what can be asked for, and a row of the answer.

All parts of a ``TicketQuery`` must hold together. Texts match anywhere inside, characters as they are written (no
sounds): 试验路 finds 试验路八十八号. Digits of a phone match whole, by their end (4 or more) or their beginning (7 or more);
a ticket's number whole, by its beginning or its last digits (4 or more). Pure values; any thread.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LEAST_END = 4
LEAST_BEGINNING = 7


class FollowUp(StrEnum):
    """What a repeated call does to the old ticket: adds to it, or presses for it."""

    SUPPLEMENT = "补充"
    PRESS = "催办"


@dataclass(frozen=True, slots=True)
class TicketQuery:
    """What is looked for; empty parts do not restrict.

    Attributes:
        text: one box for everything: digits are looked up as number and phone, words as name, place and title.
        number: a ticket's number or a part of it.
        phone: a phone number of the person or of the line, or a part of it.
        name: in the name of person or organisation.
        place: in district, street, community, address and landmark.
        item_code: an item, or the first 2 or 4 digits of a group of items.
        request_type: 投诉, 咨询, …
        status: 待派遣, 处理中, …
        since: submitted at this time or later.
        until: submitted before this time.
        answers: number of a ticket whose follow-ups (补充, 催办) are looked for.
        limit: how many rows at most.
    """

    text: str = ""
    number: str = ""
    phone: str = ""
    name: str = ""
    place: str = ""
    item_code: str = ""
    request_type: str = ""
    status: str = ""
    since: datetime | None = None
    until: datetime | None = None
    answers: str = ""
    limit: int = 100


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One ticket in a list: what a person needs to tell it from others. Holds personal data: mask it (``app.domain.masking``).

    Attributes:
        ticket_no: its number.
        parent_no: the call's first ticket, empty for that one itself.
        call_id: the call.
        submitted_at: ISO 8601.
        status: where it stands (待派遣 until the centre says otherwise).
        request_type: 投诉, 咨询, …
        item_code: item.
        title: one line.
        name: who called.
        org: organisation, empty where none.
        phones: contact, other and calling number, digits only.
        district: official name.
        place: street, community, address and landmark in one text.
        subject: what is complained about.
        urgency: 一般, 紧急, 特急.
        due_date: as the centre set it, ISO date, empty where it did not.
        answers: the old ticket that this one adds to or presses for, empty for none.
        follow_up: 补充 or 催办 where ``answers`` is set by a merge.
        agent_id: who took it.
    """

    ticket_no: str
    parent_no: str
    call_id: str
    submitted_at: str
    status: str
    request_type: str = ""
    item_code: str = ""
    title: str = ""
    name: str = ""
    org: str = ""
    phones: tuple[str, ...] = ()
    district: str = ""
    place: str = ""
    subject: str = ""
    urgency: str = ""
    due_date: str = ""
    answers: str = ""
    follow_up: str = ""
    agent_id: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The rows found, newest first; ``is_cut``: there may be more than were looked at or asked for."""

    rows: tuple[TicketRow, ...]
    is_cut: bool = False


def folded(text: str) -> str:
    """A text as it is compared: compatibility forms made one, lower case, letters and digits only."""
    return "".join(each for each in unicodedata.normalize("NFKC", text).lower() if each.isalnum())


def digits_of(text: str) -> str:
    """The digits of a number however it is written."""
    return "".join(each for each in unicodedata.normalize("NFKC", text) if each.isdecimal() and each.isascii())
