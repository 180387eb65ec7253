"""Routes for masked words of calls: desks bring them, leads read them one call at a time, heads and IT read who looked."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request

from app.domain.json_values import array_at, object_of
from app.domain.lead_wire import PREFIX
from app.domain.shared_text import MOST_CHARACTERS, MOST_IN_ALL, MOST_TURNS, text_to_json
from app.hub import wire
from app.hub.bodies import body_reader
from app.hub.case_forms import ID
from app.hub.guarded import Guarded, visitor_of
from app.hub.services import HubServices
from app.hub.shared_texts import MOST_TEXTS

_TEXTS = {"type": "object", "required": ["texts"], "properties": {"texts": {"type": "array", "maxItems": MOST_TEXTS, "items": {
    "type": "object", "required": ["record_id", "turns"], "properties": {
        "record_id": {"type": "string", "pattern": ID},
        "turns": {"type": "array", "maxItems": MOST_TURNS, "items": {
            "type": "object", "required": ["side", "at_ms", "text"], "properties": {
                "side": {"type": "string", "enum": ["citizen", "agent"]}, "at_ms": {"type": "integer", "minimum": 0},
                "text": {"type": "string", "maxLength": MOST_CHARACTERS}}}}}}}}}


def text_routes(services: HubServices) -> APIRouter:
    """The router."""
    router = APIRouter(tags=["texts"])
    route = Guarded(router, services)
    body = body_reader(services.config.most_bytes, services.config.most_inflated_bytes)

    @route("POST", "/v1/texts", "take_texts", openapi_extra=wire.body(_TEXTS))
    def take_texts(request: Request, held: Annotated[object, Depends(body)]) -> dict[str, object]:
        """Masked words of calls whose records are here; refused for good where this hub's switch is off. 413 beyond 200,000 characters."""
        texts = array_at(object_of(held), "texts")
        if len(texts) > MOST_TEXTS:
            raise HTTPException(413, "too_many_texts")
        if _characters(texts) > MOST_IN_ALL:
            raise HTTPException(413, "too_many_characters")
        taken, refused = services.texts.take(visitor_of(request).desk, texts)
        return {"accepted": taken, "refused": [{"record_id": record_id, "reason": reason} for record_id, reason in refused]}

    @route("GET", f"{PREFIX}/text", "lead_text")
    def lead_text(request: Request, record_id: Annotated[str, Query(pattern=ID)]) -> dict[str, Any]:
        """The masked words of one call; that you looked is written down."""
        found = services.texts.read(visitor_of(request), record_id)
        if found is None:
            raise HTTPException(404, "text")
        return dict(text_to_json(found))

    @route("GET", "/v1/text-looks", "list_text_looks")
    def list_text_looks() -> dict[str, Any]:
        """Who looked at which call's words, newest first; at most 500."""
        return {"rows": services.texts.looks()}

    return router


def _characters(texts: Iterable[object]) -> int:
    """Of all turns together: hiding numbers takes some seconds for as many as are allowed."""
    held = (turn for each in texts if isinstance(each, dict) and isinstance(each.get("turns"), list) for turn in each["turns"])
    return sum(len(turn["text"]) for turn in held if isinstance(turn, dict) and isinstance(turn.get("text"), str))
