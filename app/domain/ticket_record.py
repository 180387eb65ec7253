"""What of a draft becomes a ticket: the submitted value of a field, what had been proposed, and the fields of each matter.

A suggestion that the operator did not take is not submitted: a wrong value that looks sure is worse than none. It stays on
record as what was proposed. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.ticket import OPERATOR_STATES, FieldState, FieldValue, TicketDraft, Value

#: What says where: a further matter takes all of it from the first one, or, with any place of its own, none of it.
PLACE_FIELDS = frozenset({
    "region_city", "region_district", "region_street", "region_community", "address_detail", "addr_parts", "landmark",
})

#: The call and the person: the same for all matters of a call unless a matter says otherwise.
CALL_FIELDS = frozenset({
    "call_id", "accept_time", "accept_channel", "caller_number", "agent_id", "call_start", "call_end", "language",
    "requester_name", "requester_title", "requester_type", "org_name", "uscc", "contact_phone", "alt_phone", "id_type",
    "id_no", "requester_address", "is_anonymous", "is_confidential", "allow_dept_contact", "need_callback",
    "agree_public", "status", "model_version",
})

#: Stamped by the system at submission: two submissions of one ticket differ in them and are still the same ticket.
STAMPED_FIELDS = frozenset({"accept_time", "call_end", "model_version"})


def submitted_value(held: FieldValue) -> Value | None:
    """What goes out for a field: what stands filled, edited or confirmed; None for anything less."""
    return held.value if held.state is FieldState.FILLED or held.state in OPERATOR_STATES else None


def proposed_value(held: FieldValue) -> Value | None:
    """What recognition had put there (or suggested), None where it had nothing."""
    return held.proposed if held.state in OPERATOR_STATES else held.value


def matter_fields(draft: TicketDraft, matter: int) -> dict[str, FieldValue]:
    """All fields of one matter's ticket: its own, the call's, and the first matter's place where it has none.

    Item, type, title, content, demand, time and the thing complained about are never taken from another matter.
    """
    own: Mapping[str, FieldValue] = draft.matters[matter] if matter < len(draft.matters) else {}
    if matter == 0:
        return dict(own)
    shared = CALL_FIELDS if PLACE_FIELDS & own.keys() else CALL_FIELDS | PLACE_FIELDS
    taken = {name: value for name, value in draft.matters[0].items() if name in shared}
    if PLACE_FIELDS & own.keys() and "region_city" in draft.matters[0]:
        taken["region_city"] = draft.matters[0]["region_city"]
    return {**taken, **own}
