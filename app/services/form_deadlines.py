"""The form's dates follow the request type that the operator chose.

Extraction previews the dates of the type that it heard. Once the operator has edited or confirmed the type, the dates are those of his
type, or none where he emptied it; a date that he wrote himself stands. Pure but for the city's table, which is read once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from app.domain.deadline_preview import CHECK, DUE, previewed
from app.domain.dialogue import CallContext
from app.domain.ticket import EMPTY, OPERATOR_STATES, FieldState, FieldValue, TicketDraft
from app.platform.deadline_files import ChineseWorkCalendar, rules_of


def with_deadlines(draft: TicketDraft, context: CallContext) -> TicketDraft:
    """The draft with the dates of each matter whose request type is the operator's."""
    matters = [dict(matter) for matter in draft.matters]
    changed = False
    for held in matters:
        kind = held.get("request_type", EMPTY)
        if kind.state not in OPERATOR_STATES:
            continue
        fresh = _dates(str(kind.value or ""), context)
        for name in (DUE, CHECK):
            before = held.get(name, EMPTY)
            after = fresh.get(name, EMPTY)
            if before.state not in OPERATOR_STATES and before != after:
                held[name] = after
                changed = True
    return replace(draft, matters=tuple(matters)) if changed else draft


def _dates(request_type: str, context: CallContext) -> dict[str, FieldValue]:
    rules = rules_of(context.city)
    try:
        today = date.fromisoformat(context.call_time[:10])
    except ValueError:
        return {}
    if rules is None or not request_type:
        return {}
    return {each.name: FieldValue(each.deadline.label, FieldState.SUGGESTED if each.deadline.estimated else FieldState.FILLED, 1.0,
                                  rule="deadline.estimated" if each.deadline.estimated else "deadline.rules", reasons=each.reasons)
            for each in previewed(rules, request_type, today, ChineseWorkCalendar())}
