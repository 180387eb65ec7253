"""The hub as an ASGI application: routes, errors as answers, one log line a request, the background task of each process."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.errors import AppError, EnvironmentFault
from app.hub.background import Background
from app.hub.callback_routes import callback_routes
from app.hub.case_routes import case_routes
from app.hub.desk_routes import desk_routes
from app.hub.lead_routes import lead_routes
from app.hub.people_routes import it_routes, people_routes
from app.hub.schema import migrate
from app.hub.services import HubServices
from app.hub.text_routes import text_routes
from app.platform import logs

_LOG = logs.get("hub")
_RETRY_S = "5"


def hub_application(services: HubServices, version: str) -> FastAPI:
    """The application; its start brings the tables up and begins the background task, its end closes both."""

    @asynccontextmanager
    async def life(application: FastAPI) -> AsyncIterator[None]:
        ran = migrate(services.database, services.clock)
        _LOG.info("started", migrations=len(ran), sqlite=services.database.is_sqlite)
        background = Background(services)
        background.start()
        yield
        background.close()
        services.database.close()
        _LOG.info("stopped")

    documents: dict[str, Any] = {} if services.config.open_docs else {"openapi_url": None}
    application = FastAPI(title="Tingdan hub", version=version, lifespan=life, docs_url=None, redoc_url=None, **documents)
    application.state.services = services
    for routes in (desk_routes, people_routes, lead_routes, it_routes, case_routes, callback_routes, text_routes):
        application.include_router(routes(services))
    application.add_exception_handler(AppError, _told)
    application.add_exception_handler(ValueError, _wrong)
    application.add_middleware(_LogLines)
    _describe_token(application)
    return application


async def _told(request: Request, error: Exception) -> JSONResponse:
    """Faults are to be sent again later, all else is the sender's to change."""
    assert isinstance(error, AppError)
    if isinstance(error, EnvironmentFault):
        _LOG.warning("fault", key=error.key)
        return JSONResponse({"detail": error.key}, 503, {"Retry-After": _RETRY_S})
    return JSONResponse({"detail": error.key, "params": {name: str(value) for name, value in error.params.items()}}, 422)


async def _wrong(request: Request, error: Exception) -> JSONResponse:
    """Strict readers say what is wrong by ValueError; their words may hold what was sent, so they stay here."""
    return JSONResponse({"detail": "malformed"}, 422)


def _describe_token(application: FastAPI) -> None:
    made = application.openapi

    def openapi() -> dict[str, Any]:
        document = made()
        document.setdefault("components", {})["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        return document

    application.openapi = openapi  # type: ignore[method-assign]


class _LogLines:
    """One line a request: route by its name, status, milliseconds; no address, no path, no query, no header."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            route = scope.get("state", {}).get("route", "none")
            _LOG.info("request", route=route, status=status, took_ms=round((time.monotonic() - began) * 1000))


def openapi_text(application: FastAPI) -> str:
    """The OpenAPI document."""
    return json.dumps(application.openapi(), ensure_ascii=False, indent=1)
