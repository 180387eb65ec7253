"""Routes for appeals, remedy tasks and callbacks. Who may begin what stands in the table of rights, who may take a step in ``MOVES``."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from fastapi.responses import JSONResponse

from app.domain import cases
from app.domain.cases import Case, CaseAct, CaseKind
from app.domain.errors import OperatorVisibleError
from app.domain.json_values import array_at, object_of, text_at, text_of, whole_of
from app.hub import wire
from app.hub.bodies import body_reader
from app.hub.case_book import BEGUN, CaseBook, case_id_of, refused
from app.hub.case_forms import AGENT, ID, MAYBE_DAY, RULE, TICKET, matching
from app.hub.guarded import Guarded, visitor_of
from app.hub.rights import Role, Visitor
from app.hub.services import HubServices
from app.platform.deadline_files import ChineseWorkCalendar

_MOST_BYTES = 64_000
_MOST_TICKETS = 500
CaseId = Annotated[str, Path(pattern=ID)]
Day = Annotated[str, Query(pattern=MAYBE_DAY)]
Subject = Annotated[str, Query(pattern=r"^[0-9A-Za-z-]{0,40}$")]

_APPEAL = {"type": "object", "required": ["record_id", "rule", "ground"], "properties": {
    "record_id": {"type": "string", "pattern": ID}, "rule": {"type": "string", "pattern": RULE},
    "ground": {"type": "string", "enum": sorted(cases.GROUNDS)}}}
_REMEDY = {"type": "object", "required": ["record_id", "rule", "measure"], "properties": {
    "record_id": {"type": "string", "pattern": ID}, "rule": {"type": "string", "pattern": RULE},
    "measure": {"type": "string", "enum": sorted(cases.MEASURES)},
    "days": {"type": "integer", "minimum": 1, "maximum": cases.LONGEST_REMEDY}}}
_CALLBACKS = {"type": "object", "required": ["tickets", "agent"], "properties": {
    "tickets": {"type": "array", "maxItems": _MOST_TICKETS, "items": {"type": "string", "pattern": TICKET}},
    "agent": {"type": "string", "pattern": AGENT}}}
_ANSWERS = {"type": "object", "properties": {
    "satisfaction": {"type": "string", "enum": list(cases.SATISFACTION)}, "solved": {"type": "string", "enum": ["yes", "no"]},
    "reason": {"type": "string", "enum": ["", *sorted(cases.REASONS)]},
    "version": {"type": "integer", "minimum": -1, "maximum": 1_000_000, "description": "of the case as it was seen: else 409"}}}


def case_routes(services: HubServices) -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/v1", tags=["cases"])
    route, book = Guarded(router, services), CaseBook(services.database, services.clock, ChineseWorkCalendar())
    _beginning(route, services, book)
    _following(route, book)
    return router


def _beginning(route: Guarded, services: HubServices, book: CaseBook) -> None:
    body = body_reader(_MOST_BYTES, _MOST_BYTES)

    def finding(request: Request, held: object) -> tuple[str, str, tuple[str, str, Any]]:
        """Record, rule and call of a finding that the visitor may see."""
        keys = object_of(held)
        record_id, rule = matching(text_at(keys, "record_id"), ID), matching(text_at(keys, "rule"), RULE)
        visitor = visitor_of(request)
        call, record = book.call(visitor, record_id), services.answers(visitor).record(record_id)
        if call is None or record is None or not any(each.rule == rule and each.is_breach for each in record.quality):
            raise HTTPException(404, "hub.no_finding")
        return record_id, rule, call

    def _begun(request: Request, case: Case) -> dict[str, Any]:
        found = book.begin(visitor_of(request), [case], BEGUN[case.kind])
        if not found:  # another team's by now, or taken back at this very moment
            raise HTTPException(404, "hub.no_finding")
        return _shown(found[0], book)

    @route("POST", "/appeals", "lodge_appeal", openapi_extra=wire.body(_APPEAL))
    def lodge_appeal(request: Request, held: Annotated[object, Depends(body)]) -> dict[str, Any]:
        """An operator disputes a finding of their own call, within five working days."""
        record_id, rule, (team, agent, day) = finding(request, held)
        case_id = case_id_of(CaseKind.APPEAL, record_id, rule)
        case = cases.appealed(case_id, record_id, rule, (team, agent), day, book.today(), text_at(object_of(held), "ground"), book.calendar)
        return _begun(request, case)

    @route("POST", "/remedies", "assign_remedy", openapi_extra=wire.body(_REMEDY))
    def assign_remedy(request: Request, held: Annotated[object, Depends(body)]) -> dict[str, Any]:
        """A lead sets a task for a finding."""
        record_id, rule, (team, agent, _) = finding(request, held)
        keys = object_of(held)
        case = cases.remedied(case_id_of(CaseKind.REMEDY, record_id, rule), record_id, rule, (team, agent), book.today(),
                              text_at(keys, "measure"), book.calendar, whole_of(keys.get("days", cases.REMEDY_DAYS)))
        return _begun(request, case)

    @route("POST", "/callbacks", "plan_callbacks", openapi_extra=wire.body(_CALLBACKS))
    def plan_callbacks(request: Request, held: Annotated[object, Depends(body)]) -> dict[str, Any]:
        """Tickets whose citizens an operator is to call back. An open callback stays as it is; after an ended one another begins."""
        keys = object_of(held)
        tickets, agent = array_at(keys, "tickets"), matching(text_at(keys, "agent"), AGENT)
        if len(tickets) > _MOST_TICKETS:
            raise HTTPException(413, "too_large")
        whose = whose_to_call(visitor_of(request), agent, book)
        numbers = dict.fromkeys(matching(text_of(each), TICKET) for each in tickets)
        planned = [cases.planned(case_id_of(CaseKind.CALLBACK, number), number, whose, book.today(), book.calendar) for number in numbers]
        return {"cases": [_shown(case, book) for case in book.begin(visitor_of(request), planned, BEGUN[CaseKind.CALLBACK])]}


def _following(route: Guarded, book: CaseBook) -> None:
    body = body_reader(_MOST_BYTES, _MOST_BYTES)

    @route("GET", "/cases", "list_cases")
    def list_cases(request: Request, kind: CaseKind | None = None, only_open: bool = True, only_late: bool = False,
                   subject: Subject = "") -> dict[str, Any]:
        """What is to be done, by its day; at most 500. ``subject``: of one record, or one ticket."""
        found = book.listed(visitor_of(request), kind, only_open=only_open, only_late=only_late, subject=subject)
        called = book.called(found)
        return {"cases": [{**_shown(case, book), "called": called.get(case.subject, "")} for case in found]}

    @route("GET", "/case-counts", "count_cases")
    def count_cases(request: Request, since: Day = "", until: Day = "") -> dict[str, Any]:
        """Cases by kind, state and what was answered, of those opened in these days."""
        return {"rows": book.counts(visitor_of(request), since, until)}

    @route("GET", "/cases/{case_id}", "show_case")
    def show_case(request: Request, case_id: CaseId) -> dict[str, Any]:
        """One case and every step of it."""
        found = book.one(visitor_of(request), case_id)
        if found is None:
            raise HTTPException(404, "case")
        return {**_shown(found[0], book), "called": book.called([found[0]]).get(found[0].subject, ""), "steps": found[1]}

    @route("POST", "/cases/{case_id}/{act}", "move_case", openapi_extra=wire.body(_ANSWERS))
    def move_case(request: Request, case_id: CaseId, act: CaseAct, held: Annotated[object, Depends(body)]) -> Any:
        """A step: 403 where it is not theirs, 409 where the case does not stand there (any more)."""
        keys = object_of(held)
        answers = {name: text_of(value) for name, value in keys.items() if name in ("satisfaction", "solved", "reason")}
        try:
            case = book.move(visitor_of(request), case_id, act, answers, whole_of(keys.get("version", -1)))
        except OperatorVisibleError as error:
            return JSONResponse({"detail": error.key, "params": {name: str(each) for name, each in error.params.items()}}, refused(error))
        if case is None:
            raise HTTPException(404, "case")
        return _shown(case, book)


def whose_to_call(visitor: Visitor, agent: str, book: CaseBook) -> tuple[str, str]:
    """Team and work number of who is to call; a lead gives work to their own team only, nobody to a number that nobody has."""
    team = book.team_of(agent)
    if team is None or (visitor.role is not Role.HEAD and team != visitor.team):
        raise HTTPException(422, "agent")
    return team, agent



def _shown(case: Case, book: CaseBook) -> dict[str, Any]:
    return {"case_id": case.case_id, "kind": case.kind.value, "subject": case.subject, "code": case.code, "team": case.team,
            "agent": case.agent, "state": case.state.value, "opened": case.opened, "due": case.due, "estimated": case.estimated,
            "late": case.is_late(book.today()), "rounds": case.rounds, "tries": case.tries, "answers": dict(case.answers),
            "version": case.version}
