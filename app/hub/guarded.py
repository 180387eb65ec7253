"""Routes with their guard: each is registered by its name in ``app.hub.rights`` and opens only to those who stand there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter, Depends, HTTPException, Request

from app.hub.rights import RIGHTS, Role, Visitor
from app.hub.services import HubServices

Endpoint = TypeVar("Endpoint", bound=Callable[..., object])
_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"description": "the body is no JSON, or no gzip"}, 401: {"description": "no valid token"},
    403: {"description": "not for this role"}, 404: {"description": "there is none"}, 413: {"description": "too much at once"},
    415: {"description": "an encoding but gzip"}, 422: {"description": "understood, and wrong"}, 429: {"description": "later"},
    503: {"description": "the database does not answer: send it again"},
}


class Guarded:
    """Registers routes on a router."""

    def __init__(self, router: APIRouter, services: HubServices) -> None:
        self._router = router
        self._services = services

    def __call__(self, method: str, path: str, name: str, **said: Any) -> Callable[[Endpoint], Endpoint]:
        """Decorator of an endpoint; ``name`` must stand in the table of rights."""
        if name not in RIGHTS:
            raise KeyError(name)

        def check(request: Request) -> None:
            visitor = self._services.visitor(request.headers.get("authorization", ""))
            request.state.visitor = visitor
            request.state.route = name
            if not visitor.may(name):
                if visitor.role is Role.NOBODY:
                    raise HTTPException(401, "token", {"WWW-Authenticate": "Bearer"})
                raise HTTPException(403, "role")

        def register(endpoint: Endpoint) -> Endpoint:
            open_to_all = Role.NOBODY in RIGHTS[name]
            extra = said.pop("openapi_extra", {}) | ({} if open_to_all else {"security": [{"token": []}]})
            self._router.add_api_route(path, endpoint, methods=[method], name=name, operation_id=name, response_model=None,
                                       responses=_ERRORS, dependencies=[Depends(check)], openapi_extra=extra, **said)
            return endpoint

        return register


def visitor_of(request: Request) -> Visitor:
    """Who asks, as the guard found."""
    visitor: Visitor = request.state.visitor
    return visitor
