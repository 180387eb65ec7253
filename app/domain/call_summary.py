"""What a call came to so far, in a sentence a matter: for the desk while it goes on, and for whoever it is handed to.

Made of the ticket as it stands, the operator's own values included, so it never says anything else than the form. What is
only suggested is marked (待核). Before anything stands on the ticket it is the citizen's first telling words. Pure; any thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.call import CallState, Phase
from app.domain.dialogue import Channel
from app.domain.ticket import OPERATOR_STATES, FieldState, TicketDraft

UNSURE = "（待核）"
_WORDS_LIMIT, _TELLING = 60, 8
_WHO, _WHAT = ("requester_name", "requester_title", "contact_phone"), ("event_time_text", "title", "demand", "prev_ticket_no", "lead_unit")
_PLAIN_URGENCY = "一般"


@dataclass(frozen=True, slots=True)
class CallSummary:
    """The summary; ``is_final`` once the parties are apart: nothing but the operator's edits changes it then."""

    text: str
    is_final: bool


def summary_of(state: CallState) -> CallSummary:
    """The summary of a call in its present state; its text is empty where nothing was told yet."""
    lines = [line for matter in range(len(state.draft.matters)) if (line := _line(state.draft, matter))]
    if len(lines) > 1:
        lines = [f"{number}. {line}" for number, line in enumerate(lines, 1)]
    is_final = state.phase in (Phase.WRAP_UP, Phase.SUBMITTED)
    return CallSummary("\n".join(lines) or _first_words(state), is_final)


def _line(draft: TicketDraft, matter: int) -> str:
    who = "".join(_shown(draft, name, 0) for name in _WHO[:2]) if matter == 0 else ""
    phone = _shown(draft, _WHO[2], 0) if matter == 0 else ""
    parts = [part for part in (who, f"电话{phone}" if phone else "", *(_labelled(draft, name, matter) for name in _WHAT)) if part]
    if len(parts) <= bool(who) + bool(phone):
        return ""  # who calls, but not yet why
    urgency = _shown(draft, "urgency", matter)
    mark = f"【{urgency}】" if urgency and not urgency.startswith(_PLAIN_URGENCY) else ""
    return mark + "，".join(parts) + "。"


def _labelled(draft: TicketDraft, name: str, matter: int) -> str:
    value = _shown(draft, name, matter)
    label = {"prev_ticket_no": "原工单", "lead_unit": "拟派"}.get(name, "")
    return f"{label}{value}" if value else ""


def _shown(draft: TicketDraft, name: str, matter: int) -> str:
    held = draft.get(name, matter)
    if held.value in (None, "", []) or isinstance(held.value, list | bool):
        return ""
    sure = held.state is FieldState.FILLED or held.state in OPERATOR_STATES
    return f"{held.value}{'' if sure else UNSURE}"


def _first_words(state: CallState) -> str:
    told = (u.display or u.text for u in state.dialogue if u.channel is Channel.CITIZEN and len(u.text) >= _TELLING)
    return next(told, "")[:_WORDS_LIMIT]
