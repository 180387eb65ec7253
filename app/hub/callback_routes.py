"""Routes for callbacks beside those of all cases: a desk's list and results, calls chosen by a lead, counts."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request

from app.domain import cases
from app.domain.callback_figures import CallbackBy
from app.domain.callbacks import TOLD_ACTS, CallbackResult
from app.domain.cases import Case, CaseAct
from app.domain.json_values import array_at, object_of, text_at, text_of
from app.hub import wire
from app.hub.bodies import body_reader
from app.hub.callback_book import Call, CallbackBook
from app.hub.case_book import CaseBook
from app.hub.case_forms import A_DAY, AGENT, CODE, ID, MAYBE_AGENT, MAYBE_DAY, PLACE, matching
from app.hub.case_routes import whose_to_call
from app.hub.guarded import Guarded, visitor_of
from app.hub.services import HubServices
from app.platform.deadline_files import ChineseWorkCalendar

MOST_RESULTS, _MOST_CALLS = 100, 200
_MOST_BYTES = 128_000
Day = Annotated[str, Query(pattern=MAYBE_DAY)]

_WHO = {"type": "object", "required": ["agent"], "properties": {"agent": {"type": "string", "pattern": AGENT}}}
_RESULTS = {"type": "object", "required": ["agent", "results"], "properties": {
    "agent": {"type": "string", "pattern": AGENT},
    "results": {"type": "array", "maxItems": MOST_RESULTS, "items": {
        "type": "object", "required": ["result_id", "case_id", "act", "day"], "properties": {
            "result_id": {"type": "string", "pattern": ID}, "case_id": {"type": "string", "pattern": ID},
            "act": {"type": "string", "enum": sorted(TOLD_ACTS)}, "day": {"type": "string", "pattern": A_DAY},
            "satisfaction": {"type": "string", "enum": ["", *cases.SATISFACTION]}, "solved": {"type": "string", "enum": ["", "yes", "no"]},
            "reason": {"type": "string", "enum": ["", *sorted(cases.REASONS)]},
            "item": {"type": "string", "pattern": CODE}, "district": {"type": "string", "pattern": PLACE}}}}}}
_CALLS = {"type": "object", "required": ["records"], "properties": {
    "records": {"type": "array", "maxItems": _MOST_CALLS, "items": {"type": "string", "pattern": ID}},
    "agent": {"type": "string", "pattern": MAYBE_AGENT}}}


def callback_routes(services: HubServices) -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/v1", tags=["callbacks"])
    route = Guarded(router, services)
    cases_book = CaseBook(services.database, services.clock, ChineseWorkCalendar())
    book = CallbackBook(services.database, services.clock, cases_book)
    _for_desks(route, book)
    _for_people(route, cases_book, book)
    return router


def _for_desks(route: Guarded, book: CallbackBook) -> None:
    body = body_reader(_MOST_BYTES, _MOST_BYTES)

    @route("POST", "/desk-callbacks", "desk_callbacks", openapi_extra=wire.body(_WHO))
    def desk_callbacks(request: Request, held: Annotated[object, Depends(body)]) -> dict[str, Any]:
        """The open callbacks of the work number at this desk, by their day."""
        agent = matching(text_at(object_of(held), "agent"), AGENT)
        return {"callbacks": [_shown(each) for each in book.due(visitor_of(request), agent)]}

    @route("POST", "/callback-results", "tell_callbacks", openapi_extra=wire.body(_RESULTS))
    def tell_callbacks(request: Request, held: Annotated[object, Depends(body)]) -> dict[str, Any]:
        """What came of callbacks; sent again it changes nothing. 200 means that it is on the hub's disk."""
        keys = object_of(held)
        results = array_at(keys, "results")
        if len(results) > MOST_RESULTS:
            raise HTTPException(413, "too_large")
        told = [_result(object_of(each)) for each in results]
        taken, refused = book.take(visitor_of(request), matching(text_at(keys, "agent"), AGENT), told)
        return {"taken": taken, "refused": [{"result_id": result_id, "reason": reason} for result_id, reason in refused]}


def _for_people(route: Guarded, cases_book: CaseBook, book: CallbackBook) -> None:
    body = body_reader(_MOST_BYTES, _MOST_BYTES)

    @route("POST", "/callbacks-of-calls", "plan_callbacks_of_calls", openapi_extra=wire.body(_CALLS))
    def plan_callbacks_of_calls(request: Request, held: Annotated[object, Depends(body)]) -> dict[str, Any]:
        """Calls whose citizens are to be called back, by ``agent`` or, without one, each by who took the call."""
        keys = object_of(held)
        records = [matching(text_of(each), ID) for each in array_at(keys, "records")]
        if len(records) > _MOST_CALLS:
            raise HTTPException(413, "too_large")
        agent = matching(text_at(keys, "agent"), MAYBE_AGENT) if "agent" in keys else ""
        visitor = visitor_of(request)
        whose = whose_to_call(visitor, agent, cases_book) if agent else None
        found = book.calls(visitor, list(dict.fromkeys(records)))
        chosen = [Call(each.record_id, *whose, each.item, each.district) if whose else each for each in found]
        return {"cases": [_shown(each) for each in book.plan(visitor, [each for each in chosen if each.agent])]}

    @route("GET", "/callback-counts", "count_callbacks")
    def count_callbacks(request: Request, since: Day = "", until: Day = "", by: CallbackBy | None = None) -> dict[str, Any]:
        """Callbacks planned in these days, by state and what was answered; and by operator, team, item, district or day."""
        return {"rows": book.counts(visitor_of(request), since, until, by)}


def _result(keys: dict[str, object]) -> CallbackResult:
    act = CaseAct(text_at(keys, "act"))
    if act not in TOLD_ACTS:
        raise ValueError("act")
    said = {name: matching(text_at(keys, name), pattern) for name, pattern in (
        ("satisfaction", CODE), ("solved", CODE), ("reason", CODE), ("item", CODE), ("district", PLACE)) if name in keys}
    day = date.fromisoformat(matching(text_at(keys, "day"), A_DAY)).isoformat()
    return CallbackResult(matching(text_at(keys, "result_id"), ID), matching(text_at(keys, "case_id"), ID), act, day, **said)



def _shown(case: Case) -> dict[str, Any]:
    return {"case_id": case.case_id, "subject": case.subject, "team": case.team, "agent": case.agent, "state": case.state.value,
            "opened": case.opened, "due": case.due, "estimated": case.estimated, "rounds": case.rounds, "tries": case.tries}
