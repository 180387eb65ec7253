"""Routes for desks: join, records, heartbeat, receipts, floor."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request

from app.hub import wire
from app.hub.bodies import body_reader
from app.hub.guarded import Guarded, visitor_of
from app.hub.ingest import MOST_RECORDS
from app.hub.services import HubServices


def desk_routes(services: HubServices) -> APIRouter:
    """The router; see ``app.hub.wire`` for the bodies."""
    router = APIRouter(tags=["desk"])
    route = Guarded(router, services)
    body = body_reader(services.config.most_bytes, services.config.most_inflated_bytes)

    @route("POST", "/v1/enrol", "enrol", openapi_extra=wire.body(wire.ENROLMENT))
    def enrol(held: Annotated[object, Depends(body)]) -> dict[str, str]:
        """A desk joins with a code; the token is told once."""
        code, desk, program = wire.enrolment_of(held)
        token = services.desks.enrol(code, desk, program)
        if token is None:
            raise HTTPException(403, "code")
        return {"token": token}

    @route("POST", "/v1/records", "take_records", openapi_extra=wire.body(wire.RECORDS))
    def take_records(request: Request, held: Annotated[object, Depends(body)]) -> dict[str, object]:
        """Call records, in any order and as often as the desk likes; 200 means that they are on the hub's disk."""
        batch = wire.records_of(held, MOST_RECORDS)
        if batch is None:
            raise HTTPException(413, "too_many_records")
        visitor = visitor_of(request)
        taken = services.ingest.take(visitor.desk, visitor.team, batch)
        return {"accepted": taken.accepted, "known": taken.known,
                "refused": [{"record_id": record_id, "reason": reason} for record_id, reason in taken.refused]}

    @route("POST", "/v1/heartbeat", "take_heartbeat", openapi_extra=wire.body(wire.HEARTBEAT))
    def take_heartbeat(request: Request, held: Annotated[object, Depends(body)]) -> dict[str, str]:
        """Versions, the desk's clock, what it does, how many records wait."""
        services.desks.heartbeat(visitor_of(request).desk, wire.heartbeat_of(held))
        return {"at": services.clock.now().isoformat()}

    @route("POST", "/v1/receipts", "take_receipts", openapi_extra=wire.body(wire.RECEIPTS))
    def take_receipts(request: Request, held: Annotated[object, Depends(body)]) -> dict[str, int]:
        """Receipts of knowledge updates."""
        desk = visitor_of(request).desk
        new, known = services.desks.receipts(desk, wire.receipts_of(held, desk))
        return {"accepted": new, "known": known}

    @route("POST", "/v1/floor", "take_floor", openapi_extra=wire.body(wire.FLOOR))
    def take_floor(request: Request, held: Annotated[object, Depends(body)]) -> dict[str, str]:
        """What goes on at the desk now."""
        services.desks.floor(visitor_of(request).desk, wire.floor_of(held))
        return {"at": services.clock.now().isoformat()}

    return router
