"""What a ticket still lacks: fields to ask the citizen for, and fields to settle before it is submitted.

The field table says which fields are always or sometimes needed; when "sometimes" holds is a rule of the form and stands
here. Fields that the system or a default fills are never asked for. Pure functions of draft and table; an identity number
is never asked for by default (form rules, docs: the customer's ``deadlines.md``).
"""

from __future__ import annotations

from app.domain.catalogue import FieldTable
from app.domain.ticket import FieldState, TicketDraft, Value

# In the order in which an operator asks.
_ASKED = (
    "request_type", "item_code", "prev_ticket_no", "region_district", "address_detail", "subject", "requester_name", "org_name",
    "contact_phone", "need_callback",
)
_WRITTEN = ("title", "content")
_OWN_OF_A_MATTER = frozenset({"request_type", "item_code", "address_detail", "subject", "title", "content"})
_OLD_TICKET_ITEMS = frozenset({"220201"})  # 催办重办: pressed for, added to or taken back
_PLACELESS_TYPES = frozenset({"咨询", "建议", "表扬", "其他"})


def to_ask(draft: TicketDraft, table: FieldTable, matter: int = 0) -> tuple[str, ...]:
    """Fields that are needed and that nothing is known of, in the order in which to ask."""
    return tuple(name for name in _needed(draft, table, matter, _ASKED) if _held(draft, name, matter) is None)


def to_settle(draft: TicketDraft, table: FieldTable, matter: int = 0) -> tuple[str, ...]:
    """Needed fields that are empty or only suggested: with one of them the ticket is not complete."""
    return tuple(
        name for name in _needed(draft, table, matter, (*_ASKED, *_WRITTEN))
        if _held(draft, name, matter) is None or _state(draft, name, matter) is FieldState.SUGGESTED
    )


def is_needed(draft: TicketDraft, table: FieldTable, name: str, matter: int = 0) -> bool:
    """Whether the ticket as it stands must have the field."""
    return bool(_needed(draft, table, matter, (name,))) and name in (*_ASKED, *_WRITTEN)


def _needed(draft: TicketDraft, table: FieldTable, matter: int, names: tuple[str, ...]) -> tuple[str, ...]:
    known = (name for name in names if name in table)
    return tuple(name for name in known if _applies(draft, name, matter))


def _applies(draft: TicketDraft, name: str, matter: int) -> bool:
    if matter > 0 and name not in _OWN_OF_A_MATTER:
        return False
    request_type = _held(draft, "request_type", matter)
    if name in ("requester_name", "contact_phone", "need_callback"):
        return _held(draft, "is_anonymous", 0) is not True
    if name == "address_detail":
        return request_type not in _PLACELESS_TYPES
    if name == "prev_ticket_no":
        return _held(draft, "item_code", matter) in _OLD_TICKET_ITEMS
    if name == "subject":
        return request_type == "举报"
    if name == "org_name":
        return _held(draft, "requester_type", 0) in ("法人", "其他组织")
    return True


def _held(draft: TicketDraft, name: str, matter: int) -> Value | None:
    value = draft.get(name, matter).value
    if value is None and matter > 0 and name not in ("item_code", "title", "content"):
        value = draft.get(name, 0).value  # a further matter holds only what is its own
    return None if value in ("", []) else value


def _state(draft: TicketDraft, name: str, matter: int) -> FieldState:
    held = draft.get(name, matter)
    return draft.get(name, 0).state if held.value is None else held.state
