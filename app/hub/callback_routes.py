"""Routes for callbacks beside those of all cases: a desk's list and results, calls chosen by a lead, counts."""

import re
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request

from app.domain import cases
from app.domain.callback_figures import CallbackBy
from app.domain.callbacks import TOLD_ACTS, CallbackResult
from app.domain.cases import Case, CaseAct
from app.domain.json_values import array_at, object_of, text_at
from app.hub import wire
from app.hub.bodies import body_reader
from app.hub.callback_book import Call, CallbackBook
from app.hub.case_book import CaseBook
from app.hub.case_routes import whose_to_call
from app.hub.guarded import Guarded, visitor_of
from app.hub.services import HubServices
from app.platform.deadline_files import ChineseWorkCalendar

MOST_RESULTS, _MOST_CALLS = 100, 200
_MOST_BYTES = 128_000
_ID, _AGENT, _CODE = "^[0-9a-f]{32}$", r"^[0-9A-Za-z_.-]{1,40}$", r"^[0-9A-Za-z_.-]{0,60}$"
_A_DAY, _MAYBE_DAY = r"^\d{4}-\d{2}-\d{2}$", r"^(\d{4}-\d{2}-\d{2})?$"
_PLACE = r"^\w{0,20}$"
Day = Annotated[str, Query(pattern=_MAYBE_DAY)]

_WHO = {"type": "object", "required": ["agent"], "properties": {"agent": {"type": "string", "pattern": _AGENT}}}
_RESULTS = {"type": "object", "required": ["agent", "results"], "properties": {
    "agent": {"type": "string", "pattern": _AGENT},
    "results": {"type": "array", "maxItems": MOST_RESULTS, "items": {
        "type": "object", "required": ["result_id", "case_id", "act", "day"], "properties": {
            "result_id": {"type": "string", "pattern": _ID}, "case_id": {"type": "string", "pattern": _ID},
            "act": {"type": "string", "enum": sorted(TOLD_ACTS)}, "day": {"type": "string", "pattern": _A_DAY},
            "satisfaction": {"type": "string", "enum": ["", *cases.SATISFACTION]}, "solved": {"type": "string", "enum": ["", "yes", "no"]},
            "reason": {"type": "string", "enum": ["", *sorted(cases.REASONS)]},
            "item": {"type": "string", "pattern": _CODE}, "district": {"type": "string", "pattern": _PLACE}}}}}}
_CALLS = {"type": "object", "required": ["records"], "properties": {
    "records": {"type": "array", "maxItems": _MOST_CALLS, "items": {"type": "string", "pattern": _ID}},
    "agent": {"type": "string", "pattern": r"^[0-9A-Za-z_.-]{0,40}$"}}}


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
        agent = _matching(object_of(held), "agent", _AGENT)
        return {"callbacks": [_shown(each) for each in book.due(visitor_of(request), agent)]}

    @route("POST", "/callback-results", "tell_callbacks", openapi_extra=wire.body(_RESULTS))
    def tell_callbacks(request: Request, held: Annotated[object, Depends(body)]) -> dict[str, Any]:
        """What came of callbacks; sent again it changes nothing. 200 means that it is on the hub's disk."""
        keys = object_of(held)
        results = array_at(keys, "results")
        if len(results) > MOST_RESULTS:
            raise HTTPException(413, "too_large")
        told = [_result(object_of(each)) for each in results]
        taken, refused = book.take(visitor_of(request), _matching(keys, "agent", _AGENT), told)
        return {"taken": taken, "refused": [{"result_id": result_id, "reason": reason} for result_id, reason in refused]}


def _for_people(route: Guarded, cases_book: CaseBook, book: CallbackBook) -> None:
    body = body_reader(_MOST_BYTES, _MOST_BYTES)

    @route("POST", "/callbacks-of-calls", "plan_callbacks_of_calls", openapi_extra=wire.body(_CALLS))
    def plan_callbacks_of_calls(request: Request, held: Annotated[object, Depends(body)]) -> dict[str, Any]:
        """Calls whose citizens are to be called back, by ``agent`` or, without one, each by who took the call."""
        keys = object_of(held)
        records = [_matching({"id": each}, "id", _ID) for each in array_at(keys, "records")]
        if len(records) > _MOST_CALLS:
            raise HTTPException(413, "too_large")
        agent = _matching(keys, "agent", r"^[0-9A-Za-z_.-]{0,40}$") if "agent" in keys else ""
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
    said = {name: _matching(keys, name, pattern) for name, pattern in (
        ("satisfaction", _CODE), ("solved", _CODE), ("reason", _CODE), ("item", _CODE), ("district", _PLACE)) if name in keys}
    day = date.fromisoformat(_matching(keys, "day", _A_DAY)).isoformat()
    return CallbackResult(_matching(keys, "result_id", _ID), _matching(keys, "case_id", _ID), act, day, **said)


def _matching(keys: dict[str, object], name: str, pattern: str) -> str:
    text = text_at(keys, name)
    if not re.fullmatch(pattern, text):
        raise ValueError(name)
    return text


def _shown(case: Case) -> dict[str, Any]:
    return {"case_id": case.case_id, "subject": case.subject, "team": case.team, "agent": case.agent, "state": case.state.value,
            "opened": case.opened, "due": case.due, "estimated": case.estimated, "rounds": case.rounds, "tries": case.tries}
