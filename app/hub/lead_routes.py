"""Routes for the lead's window: the port ``LeadSource`` over HTTP, as ``app.domain.lead_wire`` describes it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response

from app.domain.call_record_form import MOST_CHARACTERS, to_json
from app.domain.lead_counts import Dimension, Slice
from app.domain.lead_wire import MOST_BY, PREFIX, behind_of_params, by_of_param, row_to_json, slice_of_params
from app.hub.answers import LeadAnswers
from app.hub.guarded import Guarded, visitor_of
from app.hub.services import HubServices

By = tuple[Dimension, ...]
_MOST_ONLY = 50
_MOST_FIELDS = 1000
_DAY = r"^(\d{4}-\d{2}-\d{2})?$"
Day = Annotated[str, Query(pattern=_DAY)]
Only = Annotated[list[str] | None, Query(description="dimension:value", max_length=_MOST_ONLY)]
Hours = Annotated[str, Query(pattern=r"^([01]?\d|2[0-4])-([01]?\d|2[0-4])$")]
Listed = Annotated[str, Query(description="dimensions, separated by commas", max_length=100)]
Short = Annotated[str, Query(max_length=MOST_CHARACTERS)]
Limit = Annotated[int, Query(ge=1, le=10_000)]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]


def lead_routes(services: HubServices) -> APIRouter:
    """The router."""
    router = APIRouter(prefix=PREFIX, tags=["lead"])
    route = Guarded(router, services)

    def answers(request: Request) -> LeadAnswers:
        return services.answers(visitor_of(request))

    _counts(route, answers)
    _lists(route, answers)
    _calls(route, answers)
    return router


def _counts(route: Guarded, answers: Callable[[Request], LeadAnswers]) -> None:
    """The methods that take a slice and dimensions."""
    most = {"matters": MOST_BY + 1}
    for name in ("outcomes", "bins", "calls", "wrong_calls", "voices", "findings", "degradations", "granted", "matters"):
        route("GET", f"/{name}", f"lead_{name}")(_counting(name, most.get(name, MOST_BY), answers))

    @route("GET", "/ranks", "lead_ranks")
    def ranks(request: Request, choice: Short, since: Day = "", until: Day = "", only: Only = None, hours: Hours = "0-24",
              by: Listed = "") -> Response:
        """Where what was submitted stood among what was offered."""
        return _rows(answers(request).ranks(_slice(request), choice, _by(by, MOST_BY, has_field=False)))


def _counting(name: str, most: int, answers: Callable[[Request], LeadAnswers]) -> Callable[..., Response]:
    def endpoint(request: Request, since: Day = "", until: Day = "", only: Only = None, hours: Hours = "0-24",
                 by: Listed = "") -> Response:
        keys = _by(by, most, has_field=name in ("outcomes", "bins"))
        if name in ("wrong_calls", "voices") and Dimension.ITEM in keys:
            raise HTTPException(422, "by")
        return _rows(getattr(answers(request), name)(_slice(request), keys))

    endpoint.__doc__ = f"``LeadSource.{name}``."
    return endpoint


def _lists(route: Guarded, answers: Callable[[Request], LeadAnswers]) -> None:
    """The methods that give a list of their own."""

    @route("GET", "/scope", "lead_scope")
    def scope(request: Request) -> Response:
        """Whose calls these are."""
        return _answer(row_to_json(answers(request).scope()))

    @route("GET", "/confusions", "lead_confusions")
    def confusions(request: Request, choice: Short, since: Day = "", until: Day = "", only: Only = None,
                   hours: Hours = "0-24", limit: Limit = 200) -> Response:
        """What was offered first, and not submitted."""
        return _rows(answers(request).confusions(_slice(request), choice, limit))

    @route("GET", "/cards", "lead_cards")
    def cards(request: Request, since: Day = "", until: Day = "", only: Only = None, hours: Hours = "0-24",
              limit: Limit = 2000) -> Response:
        """Cards by entry."""
        return _rows(answers(request).cards(_slice(request), limit))

    @route("GET", "/floor", "lead_floor")
    def floor(request: Request) -> Response:
        """Desks now."""
        return _rows(answers(request).floor())


def _calls(route: Guarded, answers: Callable[[Request], LeadAnswers]) -> None:
    """Calls one by one."""

    @route("GET", "/behind", "lead_behind", openapi_extra={"parameters": [
        {"name": name, "in": "query", "schema": {"type": "string", "maxLength": MOST_CHARACTERS}}
        for name in ("field", "proposed", "choice", "offered_first", "submitted", "entry_id", "act", "finding", "degradation", "outcome",
                     "bins", "unanswered", "wrong_from")]})
    def behind(request: Request, since: Day = "", until: Day = "", only: Only = None, hours: Hours = "0-24",
               offset: Offset = 0, limit: Limit = 200) -> Response:
        """The calls behind a number."""
        which = _understood(behind_of_params, request.query_params.multi_items())
        if which.bins is not None and not 0 <= which.bins[0] <= which.bins[1] < 50:
            raise HTTPException(422, "bins")
        if not 0 <= which.wrong_from <= _MOST_FIELDS:
            raise HTTPException(422, "wrong_from")
        return _answer(row_to_json(answers(request).behind(_slice(request), which, offset, limit)))

    @route("GET", "/record", "lead_record")
    def record(request: Request, record_id: Annotated[str, Query(pattern="^[0-9a-f]{32}$")]) -> Response:
        """One call's whole record."""
        found = answers(request).record(record_id)
        if found is None:
            raise HTTPException(404, "record")
        return _answer(to_json(found))


def _slice(request: Request) -> Slice:
    params = request.query_params.multi_items()
    if any(not value.isprintable() or len(value) > MOST_CHARACTERS * 2 for _, value in params):
        raise HTTPException(422, "unprintable")
    asked: Slice = _understood(slice_of_params, params)
    return asked


def _by(given: str, most: int, *, has_field: bool) -> By:
    by: By = _understood(lambda text: by_of_param(text, most), given)
    if Dimension.FIELD in by and not has_field:
        raise HTTPException(422, "by")
    return by


def _understood(read: Callable[[Any], Any], given: object) -> Any:
    try:
        return read(given)
    except ValueError:
        raise HTTPException(422, "question") from None


def _rows(rows: Sequence[object]) -> Response:
    """``{"rows": [...]}`` of dataclasses whose fields are plain: the same as ``row_to_json``, and a large answer is not slow."""
    names = [each.name for each in fields(rows[0])] if rows else []  # type: ignore[arg-type]
    held = [{name: getattr(row, name) for name in names} for row in rows]
    return _answer({"rows": held})


def _answer(held: object) -> Response:
    return Response(json.dumps(held, ensure_ascii=False, separators=(",", ":")), media_type="application/json")

