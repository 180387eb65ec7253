"""``CaseDesk`` over HTTP: the answers of ``HubCases`` as cases. One thread at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.delivery.hub_cases import HubCases, Shown
from app.delivery.lead_hub import HubLeadSource
from app.domain.cases import Case, CaseAct, CaseKind, CaseState, CaseStep, HeldCase
from app.domain.errors import EnvironmentFault
from app.domain.json_values import array_at, object_of, text_at, text_of, truth_of, whole_at, whole_of
from app.ports.cases import CaseCount, Member


class HubCaseDesk:
    """See ``app.ports.cases``.

    Args:
        hub: signed in; stays the caller's.
    """

    def __init__(self, hub: HubLeadSource) -> None:
        self._hub = HubCases(hub)

    def member(self) -> Member:
        """Who signed in."""
        keys = self._hub.member()
        try:
            return Member(*(text_at(keys, name) for name in ("name", "role", "team", "agent")))
        except ValueError as error:
            raise EnvironmentFault("lead.hub_answer") from error

    def listed(self, kind: CaseKind | None = None, *, ended: bool = False, only_late: bool = False,
               subject: str = "") -> tuple[HeldCase, ...]:
        """Cases that the person may see."""
        return _all(self._hub.listed(kind.value if kind else "", everything=ended, only_late=only_late, subject=subject))

    def one(self, case_id: str) -> HeldCase:
        """A case with its steps."""
        return _held(self._hub.one(case_id))

    def appeal(self, record_id: str, rule: str, ground: str) -> HeldCase:
        """Dispute a finding."""
        return _held(self._hub.appeal(record_id, rule, ground))

    def remedy(self, record_id: str, rule: str, measure: str, days: int) -> HeldCase:
        """Set a task."""
        return _held(self._hub.remedy(record_id, rule, measure, days))

    def plan(self, tickets: Sequence[str], agent: str) -> tuple[HeldCase, ...]:
        """Plan callbacks."""
        return _all(self._hub.callbacks(tickets, agent))

    def move(self, held: HeldCase, act: CaseAct, answers: Mapping[str, str] | None = None) -> HeldCase:
        """Take a step."""
        return _held(self._hub.move(held.case.case_id, act, answers or {}, held.case.version))

    def counts(self, since: str = "", until: str = "") -> tuple[CaseCount, ...]:
        """Cases begun in a stretch of days."""
        try:
            return tuple(CaseCount(CaseKind(text_at(row, "kind")), text_at(row, "state"), text_at(row, "code"), _words(row["answers"]),
                                   whole_at(row, "count"), whole_at(row, "late")) for row in self._hub.counts(since, until))
        except (ValueError, KeyError) as error:
            raise EnvironmentFault("lead.hub_answer") from error


def _all(shown: Sequence[Shown]) -> tuple[HeldCase, ...]:
    return tuple(_held(each) for each in shown)


def _held(shown: Shown) -> HeldCase:
    """A case as it came; EnvironmentFault for one that is none."""
    try:
        keys = object_of(shown)
        case = Case(CaseKind(text_at(keys, "kind")), text_at(keys, "case_id"), text_at(keys, "subject"), text_at(keys, "code"),
                    text_at(keys, "team"), text_at(keys, "agent"), CaseState(text_at(keys, "state")), text_at(keys, "opened"),
                    text_at(keys, "due"), whole_at(keys, "rounds"), whole_at(keys, "tries"), _words(keys["answers"]),
                    truth_of(keys["estimated"]), whole_of(keys.get("version", -1)))  # an older hub tells no version: any will do
        return HeldCase(case, truth_of(keys["late"]), tuple(_step(each) for each in array_at(keys, "steps", ())),
                        text_at(keys, "called", ""))
    except (ValueError, KeyError) as error:
        raise EnvironmentFault("lead.hub_answer") from error


def _step(held: object) -> CaseStep:
    keys = object_of(held)
    return CaseStep(*(text_at(keys, name) for name in ("at", "by", "role", "act", "state", "due")))


def _words(held: object) -> dict[str, str]:
    return {name: text_of(value) for name, value in object_of(held).items()}
