"""The port ``CaseDesk``: appeals, remedy tasks and callbacks where they are kept, for a person who signed in.

Who may see what and take which step is decided there; ``app.domain.cases.acts_for`` tells the same beforehand, so that a window offers
nothing that would be refused. One thread at a time, never the window's: each question is one exchange over the network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.domain.cases import CaseAct, CaseKind, HeldCase


@dataclass(frozen=True, slots=True)
class Member:
    """Who signed in: name, role (``operator``, ``lead``, ``head``, ``it``), team of a lead, work number of an operator."""

    name: str
    role: str
    team: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class CaseCount:
    """How many cases of a kind, state, rule and answers, and how many of them are late."""

    kind: CaseKind
    state: str
    code: str
    answers: Mapping[str, str] = field(default_factory=dict)
    count: int = 0
    late: int = 0


class CaseDesk(Protocol):
    """See the module.

    Every method may raise EnvironmentFault: the hub cannot be reached, and nothing is known to have been done (asking again is harmless:
    a case is begun once, a step names the version it was taken from); OperatorVisibleError: refused. Keys that callers tell apart:
    ``hub.case_state`` and ``hub.case_moved``: somebody else was first, the case stands elsewhere now; ``cases.unknown``: none such.
    """

    def member(self) -> Member:
        """Who signed in."""

    def listed(self, kind: CaseKind | None = None, *, ended: bool = False, only_late: bool = False,
               subject: str = "") -> tuple[HeldCase, ...]:
        """Cases that the person may see: open ones by their day, with ``ended`` the others after them; at most 500, without steps.

        ``subject``: of one record (appeals, remedy tasks) or one ticket (callbacks).
        """

    def one(self, case_id: str) -> HeldCase:
        """A case with its steps."""

    def appeal(self, record_id: str, rule: str, ground: str) -> HeldCase:
        """Dispute a finding of one's own call; one that was disputed already stays as it stands."""

    def remedy(self, record_id: str, rule: str, measure: str, days: int) -> HeldCase:
        """Set a task for a finding, due in so many working days; one that was set already stays as it stands."""

    def plan(self, tickets: Sequence[str], agent: str) -> tuple[HeldCase, ...]:
        """Have an operator call back about these tickets; those that were planned already stay as they stand."""

    def move(self, held: HeldCase, act: CaseAct, answers: Mapping[str, str] | None = None) -> HeldCase:
        """Take a step from where ``held`` shows the case; refused where it has moved on."""

    def counts(self, since: str = "", until: str = "") -> tuple[CaseCount, ...]:
        """Cases begun in a stretch of days."""
