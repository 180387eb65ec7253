"""Submitting a ticket: what it lacks or what looks wrong, what the system stamps on it, one call to the store.

Findings are returned and never keep a ticket from being submitted: the operator decides. Only what nobody could know better
is stamped (the call's key and times, who took it, the city) and what the form itself sets where nothing was said and
nothing is suggested (not anonymous, natural person, …; 举报 is confidential by default). A suggestion that the operator
did not take is left out: no default speaks against it. Call from a thread that may wait for the disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.call import CallState, Phase
from app.domain.call_record import CallRecord
from app.domain.catalogue import FieldTable, Taxonomy
from app.domain.completeness import to_settle
from app.domain.field_rules import misfit
from app.domain.ticket import EMPTY, OPERATOR_STATES, FieldState, FieldValue, TicketDraft, Value
from app.domain.ticket_record import submitted_value
from app.ports.ports import Clock, StoredTicket, TicketStore

_REPORT = "举报"
#: What the form sets where the call says nothing (form rules of the customer).
_DEFAULTS: Mapping[str, Value] = {
    "requester_type": "自然人", "is_anonymous": False, "is_confidential": False, "need_callback": True, "agree_public": False,
    "urgency": "一般", "in_scope": "受理", "direct_answer": False, "dispatch_mode": "人工",
}


class Fault(StrEnum):
    """What is wrong with a field: needed and empty; needed and only suggested; filled with something that does not fit."""

    MISSING = "missing"
    NOT_TAKEN = "not_taken"
    MISFIT = "misfit"


@dataclass(frozen=True, slots=True)
class Finding:
    """One field to look at.

    Attributes:
        name: field name.
        label: what people call it.
        fault: what is wrong.
        detail: for a misfit why (``app.domain.field_rules.Misfit``), else empty.
        matter: which matter of the call.
    """

    name: str
    label: str
    fault: Fault
    detail: str = ""
    matter: int = 0


@dataclass(frozen=True, slots=True)
class Submission:
    """A ticket on the disk, and what was still to settle when it was submitted."""

    ticket: StoredTicket
    findings: tuple[Finding, ...]


class TicketSubmit:
    """The use case.

    Args:
        store: where tickets go.
        table: the field table.
        taxonomy: the item tree.
        clock: for the time of acceptance.
        agent_id: the operator's work number, empty where it is not set.
    """

    def __init__(self, store: TicketStore, table: FieldTable, taxonomy: Taxonomy, clock: Clock, agent_id: str = "") -> None:
        self._store, self._table, self._taxonomy, self._clock, self.agent_id = store, table, taxonomy, clock, agent_id

    def check(self, draft: TicketDraft) -> tuple[Finding, ...]:
        """What is missing, not taken or does not fit; in the order in which to settle it."""
        found: list[Finding] = []
        for matter in range(len(draft.matters)):
            for name in to_settle(draft, self._table, matter):
                is_suggested = draft.get(name, matter).state is FieldState.SUGGESTED
                found.append(self._finding(name, Fault.NOT_TAKEN if is_suggested else Fault.MISSING, "", matter))
            found.extend(self._misfits(draft, matter))
        return tuple(found)

    def submit(self, state: CallState, versions: Mapping[str, str], record: CallRecord | None = None) -> Submission:
        """Stamp and store the ticket as the operator sees it, and what the lead is told of it; returns when it is on the disk.

        Raises:
            OperatorVisibleError: the call has a ticket with other contents already.
            EnvironmentFault: the disk refuses; the draft is kept.
        """
        findings = self.check(state.draft)
        draft = self.stamped(state, versions)
        return Submission(self._store.submit(state.context, state.dialogue, draft, dict(versions), record), findings)

    def stamped(self, state: CallState, versions: Mapping[str, str]) -> TicketDraft:
        """The draft with what the system knows and what the form sets by default; the operator's own values stand."""
        matters: list[Mapping[str, FieldValue]] = [dict(matter) for matter in state.draft.matters]
        first = dict(matters[0])
        for name, value in self._known(state, versions).items():
            if first.get(name, EMPTY).state not in OPERATOR_STATES:
                first[name] = FieldValue(value, FieldState.FILLED, 1.0, rule="system")
        for name, value in {"region_city": state.context.city, **self._defaults(state.draft)}.items():
            if name in self._table and first.get(name, EMPTY).state is FieldState.EMPTY:
                first[name] = FieldValue(value, FieldState.FILLED, 1.0, rule="default")
        told = [matter for matter in matters[1:] if any(held.value is not None for held in matter.values())]
        return TicketDraft((first, *told))  # a matter added by hand and never filled is no ticket

    def _known(self, state: CallState, versions: Mapping[str, str]) -> dict[str, Value]:
        context = state.context
        known: dict[str, Value] = {
            "call_id": context.call_id, "accept_time": self._clock.now().isoformat(timespec="seconds"),
            "accept_channel": "电话", "caller_number": context.caller_number, "agent_id": self.agent_id,
            "call_start": context.call_time, "status": "待派遣",
            "model_version": "; ".join(f"{part} {version}" for part, version in sorted(versions.items())),
        }
        if state.phase in (Phase.WRAP_UP, Phase.SUBMITTED):
            known["call_end"] = _later(context.call_time, state.position_ms)
        if submitted_value(state.draft.get("direct_answer")) is True:
            known["status"] = "已直答"
        return {name: value for name, value in known.items() if value != ""}

    def _defaults(self, draft: TicketDraft) -> dict[str, Value]:
        is_report = any(submitted_value(draft.get("request_type", matter)) == _REPORT for matter in range(len(draft.matters)))
        return {**_DEFAULTS, "is_confidential": True} if is_report else dict(_DEFAULTS)

    def _misfits(self, draft: TicketDraft, matter: int) -> list[Finding]:
        found: list[Finding] = []
        for name, held in draft.matters[matter].items():
            value, spec = submitted_value(held), self._table.get(name)
            if value is None or value == "" or spec is None:
                continue
            why = str(misfit(spec, value) or "")
            if name == "item_code" and value not in self._taxonomy:
                why = "unknown"
            if why:
                found.append(self._finding(name, Fault.MISFIT, why, matter))
        return found

    def _finding(self, name: str, fault: Fault, detail: str, matter: int) -> Finding:
        return Finding(name, self._table.label(name), fault, detail, matter)


def _later(start: str, after_ms: int) -> str:
    try:
        begin = datetime.fromisoformat(start)
    except ValueError:  # a caller's context may lack a usable time; the end is optional
        return ""
    return (begin + timedelta(milliseconds=after_ms)).isoformat(timespec="seconds")
