"""Routes for people beside the lead's: log in and out, and what IT reads."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Request, Response

from app.domain.errors import OperatorVisibleError
from app.hub import wire
from app.hub.bodies import body_reader
from app.hub.guarded import Guarded, visitor_of
from app.hub.people import Person
from app.hub.schema import MIGRATIONS, applied
from app.hub.services import HubServices

_MOST_LOG_IN_BYTES = 4096


def people_routes(services: HubServices) -> APIRouter:
    """The router."""
    router = APIRouter(tags=["people"])
    _sessions(Guarded(router, services), services)
    return router


def _sessions(route: Guarded, services: HubServices) -> None:
    body = body_reader(_MOST_LOG_IN_BYTES, _MOST_LOG_IN_BYTES)

    @route("POST", "/v1/session", "log_in", openapi_extra=wire.body(wire.LOG_IN))
    def log_in(held: Annotated[object, Depends(body)]) -> dict[str, str]:
        """Name and password for a token that holds some hours."""
        name, password = wire.log_in_of(held)
        session = services.people.log_in(name, password)
        if session is None:
            raise HTTPException(401, "name_or_password", {"WWW-Authenticate": "Bearer"})
        token, person, until = session
        return {"token": token, "role": person.role.value, "team": person.team, "agent": person.agent, "expires_at": until}

    @route("DELETE", "/v1/session", "log_out", status_code=204)
    def log_out(request: Request) -> Response:
        """The token holds no longer."""
        services.people.log_out(request.headers.get("authorization", "").partition(" ")[2])
        return Response(status_code=204)

    @route("GET", "/v1/session", "who_am_i")
    def who_am_i(request: Request) -> dict[str, str]:
        """Name, role, team, work number."""
        visitor = visitor_of(request)
        return {"name": visitor.name, "role": visitor.role.value, "team": visitor.team, "agent": visitor.agent}

    @route("POST", "/v1/password", "change_password", openapi_extra=wire.body(wire.PASSWORD))
    def change_password(request: Request, held: Annotated[object, Depends(body)]) -> dict[str, str]:
        """A new password; all sessions of the name end."""
        old, new = wire.passwords_of(held)
        visitor = visitor_of(request)
        if services.people.log_in(visitor.name, old) is None:
            raise HTTPException(403, "name_or_password")
        services.people.put(Person(visitor.name, visitor.role, visitor.team, visitor.agent), new)
        return {"name": visitor.name}


def it_routes(services: HubServices) -> APIRouter:
    """Desks, versions, receipts; health."""
    router = APIRouter(tags=["it"])
    route = Guarded(router, services)

    @route("GET", "/v1/desks", "list_desks")
    def list_desks() -> dict[str, object]:
        """Each desk with its versions and what is wrong with it."""
        return {"desks": services.desks.all()}

    @route("GET", "/v1/versions", "list_versions")
    def list_versions() -> dict[str, object]:
        """How many desks have which version of what."""
        return {"versions": services.desks.versions()}

    @route("GET", "/v1/receipts", "list_receipts")
    def list_receipts() -> dict[str, object]:
        """The newest receipts of knowledge updates."""
        return {"receipts": services.desks.newest_receipts()}

    @route("DELETE", "/v1/desks/{desk}", "revoke_desk", status_code=204)
    def revoke_desk(desk: Annotated[str, Path(pattern="^[0-9A-Za-z_.:-]{1,64}$")]) -> Response:
        """Shut a desk out."""
        if not services.desks.revoke(desk):
            raise HTTPException(404, "desk")
        return Response(status_code=204)

    @route("GET", "/health", "health")
    def health() -> dict[str, str]:
        """The process runs."""
        return {"state": "up"}

    @route("GET", "/ready", "ready")
    def ready() -> dict[str, str]:
        """The database answers and has the tables of this program."""
        done = services.database.run(applied, reads=True)
        if len(done) < len(MIGRATIONS):
            raise OperatorVisibleError("hub.not_migrated")
        return {"state": "ready"}

    return router
