"""What the desk tells of a draft that was left open: enough to find it again, and no more of what somebody said."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.dialogue import CallContext
from app.domain.ticket import TicketDraft


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """A draft in a list. ``call_time`` is ISO 8601; ``title`` is the ticket's, else its district and street, else empty."""

    call_id: str
    call_time: str
    title: str


def open_draft(context: CallContext, draft: TicketDraft) -> OpenDraft:
    """The list entry of a draft."""
    title = draft.get("title").value
    place = "".join(str(draft.get(name).value or "") for name in ("region_district", "region_street"))
    return OpenDraft(context.call_id, context.call_time, title if isinstance(title, str) and title else place)
