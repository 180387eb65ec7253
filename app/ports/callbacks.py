"""The ports on callbacks: ``CallbackStore`` (an operator's list, and results on their way; room: app.store), ``CallbackDesk`` (a lead).

Any thread; reads have connections of their own, writes are on the disk when they return.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.domain.callback_figures import CallbackBy, CallbackCount
from app.domain.callbacks import CallbackResult
from app.domain.cases import Case


@dataclass(frozen=True, slots=True)
class CallbackList:
    """What this desk knows.

    Attributes:
        agent: whose list it is.
        cases: callbacks as they stand with what was told here.
        waiting: ids of cases with a result that the hub has not got.
        at: ISO 8601 of the hub's last word, "" for none yet.
    """

    agent: str = ""
    cases: tuple[Case, ...] = ()
    waiting: frozenset[str] = frozenset()
    at: str = ""


class CallbackStore(Protocol):
    """See the module."""

    def listed(self) -> CallbackList:
        """The list."""

    def replace(self, agent: str, cases: Sequence[Case], at: str) -> None:
        """The hub's list; where a result still waits, the case stays as it stands here."""

    def keep(self, agent: str, result: CallbackResult, after: Case) -> None:
        """A result to be sent, and how the case stands with it: one transaction."""

    def due(self, limit: int) -> tuple[tuple[str, CallbackResult], ...]:
        """(work number, result) that the hub has not got, oldest first; none only where none waits. What cannot be read is set aside."""

    def damaged(self) -> int:
        """How many ``due`` set aside since the program started."""

    def settle(self, result_ids: Sequence[str]) -> None:
        """The hub has these, or never will take them."""


class CallbackDesk(Protocol):
    """Counts and plans of callbacks where they are kept, beside ``app.ports.cases.CaseDesk``, for a person who signed in.

    Every method may raise EnvironmentFault: the hub cannot be reached; OperatorVisibleError: refused. One thread at a time.
    """

    def counts_by(self, since: str, until: str, by: CallbackBy | None = None) -> tuple[CallbackCount, ...]:
        """Callbacks planned in a stretch of days; ``by``: with this key, else with none."""

    def plan_tickets(self, tickets: Sequence[str], agent: str) -> int:
        """Have a work number call back about tickets, by their numbers; how many are planned now (known ones counted)."""

    def plan_calls(self, record_ids: Sequence[str], agent: str = "") -> int:
        """The same about calls, each by who took it where no work number is given; calls that are not the person's are left out."""
