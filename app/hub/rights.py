"""Who may use which route, as data, and whose calls a person sees. Tested for every route and role. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Whoever comes. NOBODY: without a valid token. A desk's token opens a desk's routes only, a person's never those."""

    NOBODY = "nobody"
    DESK = "desk"
    OPERATOR = "operator"
    LEAD = "lead"
    HEAD = "head"
    IT = "it"


#: Roles that people have.
PEOPLE = (Role.OPERATOR, Role.LEAD, Role.HEAD, Role.IT)
_EVERYBODY = frozenset(Role)
_PEOPLE = frozenset(PEOPLE)
_DESK = frozenset({Role.DESK})
_CALLS = frozenset({Role.OPERATOR, Role.LEAD, Role.HEAD})
_FLOOR = frozenset({Role.LEAD, Role.HEAD})
_DESKS = frozenset({Role.IT, Role.HEAD})

#: Route (its name in the OpenAPI document) to those who may use it.
RIGHTS: dict[str, frozenset[Role]] = {
    "health": _EVERYBODY,
    "ready": _EVERYBODY,
    "enrol": _EVERYBODY,
    "log_in": _EVERYBODY,
    "log_out": _PEOPLE,
    "who_am_i": _PEOPLE,
    "change_password": _PEOPLE,
    "take_records": _DESK,
    "take_heartbeat": _DESK,
    "take_receipts": _DESK,
    "take_floor": _DESK,
    "take_texts": _DESK,
    "lead_text": _FLOOR,
    "list_text_looks": _DESKS,
    "lead_scope": _CALLS,
    "lead_outcomes": _CALLS,
    "lead_bins": _CALLS,
    "lead_calls": _CALLS,
    "lead_wrong_calls": _CALLS,
    "lead_voices": _CALLS,
    "lead_ranks": _CALLS,
    "lead_confusions": _CALLS,
    "lead_cards": _CALLS,
    "lead_findings": _CALLS,
    "lead_degradations": _CALLS,
    "lead_granted": _CALLS,
    "lead_matters": _CALLS,
    "lead_behind": _CALLS,
    "lead_record": _CALLS,
    "lead_floor": _FLOOR,
    "list_desks": _DESKS,
    "list_versions": _DESKS,
    "list_receipts": _DESKS,
    "revoke_desk": frozenset({Role.IT}),
    "lodge_appeal": frozenset({Role.OPERATOR}),
    "assign_remedy": _FLOOR,
    "plan_callbacks": _FLOOR,
    "plan_callbacks_of_calls": _FLOOR,
    "count_callbacks": _CALLS,
    "desk_callbacks": _DESK,
    "tell_callbacks": _DESK,
    "list_cases": _CALLS,
    "count_cases": _CALLS,
    "show_case": _CALLS,
    "move_case": _CALLS,
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks.

    Attributes:
        role: what they are.
        name: of the person, "" for desks.
        team: whose calls a lead sees.
        agent: work number whose calls an operator sees.
        desk: id of the desk, "" for people.
    """

    role: Role
    name: str = ""
    team: str = ""
    agent: str = ""
    desk: str = ""

    def may(self, route: str) -> bool:
        """Whether this visitor may use a route; a route that the table does not know is nobody's."""
        return self.role in RIGHTS.get(route, frozenset())

    def sees(self, team: str, agent: str) -> bool:
        """Whether a call of this team and work number is theirs to see."""
        if self.role is Role.HEAD:
            return True
        if self.role is Role.LEAD:
            return bool(self.team) and team == self.team
        return self.role is Role.OPERATOR and bool(self.agent) and agent == self.agent
