"""Appeals, remedy tasks and callbacks at the centre's hub, for a person who signed in. One thread at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.delivery.lead_hub import HubLeadSource
from app.domain.cases import CaseAct
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.json_values import array_at, object_of

_OK, _SIGNED_OUT, _NOT_THEIRS, _MISSING, _BUSY = 200, 401, 403, 404, 503
Shown = dict[str, object]


class HubCases:
    """See the module; every method raises OperatorVisibleError for what the hub refuses, EnvironmentFault where it does not answer.

    Args:
        hub: signed in; stays the caller's.
    """

    def __init__(self, hub: HubLeadSource) -> None:
        self._hub = hub

    def member(self) -> Shown:
        """Who signed in: name, role, team, work number."""
        return self._asked("GET", "/v1/session", [])

    def listed(self, kind: str, *, everything: bool, only_late: bool, subject: str = "") -> list[Shown]:
        """Cases that the person may see, those to be done first; of one record or ticket where ``subject`` is given."""
        params = [("only_open", str(not everything).lower()), ("only_late", str(only_late).lower()), *([("kind", kind)] if kind else []),
                  *([("subject", subject)] if subject else [])]
        return _rows(self._asked("GET", "/v1/cases", params), "cases")

    def counts(self, since: str, until: str) -> list[Shown]:
        """Cases by kind, state and answers."""
        return _rows(self._asked("GET", "/v1/case-counts", [("since", since), ("until", until)]), "rows")

    def one(self, case_id: str) -> Shown:
        """A case with its steps."""
        return self._asked("GET", f"/v1/cases/{case_id}", [])

    def appeal(self, record_id: str, rule: str, ground: str) -> Shown:
        """Dispute a finding."""
        return self._asked("POST", "/v1/appeals", [], {"record_id": record_id, "rule": rule, "ground": ground})

    def remedy(self, record_id: str, rule: str, measure: str, days: int) -> Shown:
        """Set a task."""
        return self._asked("POST", "/v1/remedies", [], {"record_id": record_id, "rule": rule, "measure": measure, "days": days})

    def callbacks(self, tickets: Sequence[str], agent: str) -> list[Shown]:
        """Plan callbacks for an operator."""
        return _rows(self._asked("POST", "/v1/callbacks", [], {"tickets": list(tickets), "agent": agent}), "cases")

    def move(self, case_id: str, act: CaseAct, answers: Mapping[str, str], version: int = -1) -> Shown:
        """Take a step; ``version``: of the case as it was seen, -1 for any."""
        return self._asked("POST", f"/v1/cases/{case_id}/{act.value}", [], {**answers, "version": version})

    def _asked(self, method: str, path: str, params: list[tuple[str, str]], body: object = None) -> Shown:
        status, held = self._hub.ask(method, path, params, body)
        if status == _OK and isinstance(held, dict):
            return object_of(held)
        detail = held.get("detail") if isinstance(held, dict) else None
        told = held.get("params") if isinstance(held, dict) else None
        if isinstance(detail, str) and detail.startswith("hub."):
            raise OperatorVisibleError(detail, **(told if isinstance(told, dict) else {}))
        if status >= _BUSY - 3:
            raise EnvironmentFault("lead.hub_answer")
        keys = {_SIGNED_OUT: "lead.signed_out", _NOT_THEIRS: "hub.case_role", _MISSING: "cases.unknown"}
        raise OperatorVisibleError(keys.get(status, "lead.hub_refused"), status=status)


def _rows(held: Shown, name: str) -> list[Shown]:
    try:
        return [object_of(each) for each in array_at(held, name)]
    except ValueError as error:  # something else on the way answered
        raise EnvironmentFault("lead.hub_answer") from error
