"""``CallbackDesk`` over HTTP. One thread at a time."""

from __future__ import annotations

from collections.abc import Sequence

from app.delivery.lead_hub import HubLeadSource
from app.domain.callback_figures import CallbackBy, CallbackCount
from app.domain.cases import CaseState
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.json_values import array_at, object_of, text_at, whole_at

_OK, _MALFORMED = 200, 422


class HubCallbacks:
    """See ``app.ports.callbacks``.

    Args:
        hub: signed in; stays the caller's.
    """

    def __init__(self, hub: HubLeadSource) -> None:
        self._hub = hub

    def counts_by(self, since: str, until: str, by: CallbackBy | None = None) -> tuple[CallbackCount, ...]:
        """Callbacks planned in a stretch of days."""
        params = [("since", since), ("until", until), *([("by", by.value)] if by is not None else [])]
        held = self._asked("GET", "/v1/callback-counts", params)
        try:
            return tuple(_count(object_of(row)) for row in array_at(object_of(held), "rows"))
        except ValueError as error:
            raise EnvironmentFault("lead.hub_answer") from error

    def plan_tickets(self, tickets: Sequence[str], agent: str) -> int:
        """Callbacks about tickets."""
        return self._planned("/v1/callbacks", {"tickets": list(tickets), "agent": agent}, agent)

    def plan_calls(self, record_ids: Sequence[str], agent: str = "") -> int:
        """Callbacks about calls."""
        return self._planned("/v1/callbacks-of-calls", {"records": list(record_ids), "agent": agent}, agent)

    def _planned(self, path: str, body: object, agent: str) -> int:
        status, held = self._hub.ask("POST", path, [], body)
        if status == _MALFORMED:
            raise OperatorVisibleError("callbacks.agent_unknown", agent=agent)
        if status != _OK or not isinstance(held, dict) or not isinstance(held.get("cases"), list):
            raise _refusal(status)
        return len(held["cases"])

    def _asked(self, method: str, path: str, params: list[tuple[str, str]]) -> object:
        status, held = self._hub.ask(method, path, params)
        if status != _OK:
            raise _refusal(status)
        return held


def _refusal(status: int) -> OperatorVisibleError | EnvironmentFault:
    if status >= 500:
        return EnvironmentFault("lead.hub_answer")
    return OperatorVisibleError({401: "lead.signed_out", 403: "hub.case_role"}.get(status, "lead.hub_refused"), status=status)


def _count(row: dict[str, object]) -> CallbackCount:
    return CallbackCount(text_at(row, "key"), CaseState(text_at(row, "state")), text_at(row, "satisfaction"), text_at(row, "solved"),
                         text_at(row, "reason"), whole_at(row, "count"), whole_at(row, "late"))
