"""How a desk stands with its hub, for ``tingdan doctor``: reached, enrolled, clocks, what waits, what was refused or lost. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.health import Check
from app.platform import messages
from app.ports.hub import HubSeen

CLOCK_OFF_S = 120
LATE = timedelta(days=1)
_OK, _REVOKED = 200, 401
_WHY = frozenset({"unreachable", "certificate", "proxy", "stalled", "cut"})
_ENROL, _STATUS, _SEND = "tingdan records enrol", "tingdan records status", "tingdan records send"


@dataclass(frozen=True, slots=True)
class HubStanding:
    """What this PC knows of itself.

    Attributes:
        is_enrolled: it has a token.
        shares: records go to the hub.
        waiting: records that the hub has not got.
        oldest: when the oldest of them was submitted (ISO 8601), "" for none.
        refused: records that the hub will never take.
        lost: records that were dropped before the hub had them.
        last_sent: when the hub last took one, "" for never.
    """

    is_enrolled: bool = False
    shares: bool = True
    waiting: int = 0
    oldest: str = ""
    refused: int = 0
    lost: int = 0
    last_sent: str = ""


def checks_of(hub: str, seen: HubSeen, standing: HubStanding, now: datetime) -> tuple[Check, ...]:
    """Findings, the most basic first.

    Args:
        hub: its host.
        seen: how it answered.
        standing: of this PC.
        now: by this PC's clock.
    """
    return (_reached(hub, seen), *_enrolled(hub, seen, standing), *_clock(seen), *_records(standing, now))


def _reached(hub: str, seen: HubSeen) -> Check:
    if not seen.status:
        return Check("hub.reached", False, "hub_desk.doctor_unreached", {"hub": hub, "reason": _why(seen.reason)})
    if seen.status not in (_OK, _REVOKED):
        return Check("hub.reached", False, "hub_desk.doctor_no_hub", {"hub": hub, "status": seen.status})
    return Check("hub.reached", True, "hub_desk.doctor_reached", {"hub": hub})


def _enrolled(hub: str, seen: HubSeen, standing: HubStanding) -> Iterator[Check]:
    if not standing.is_enrolled:
        yield Check("hub.enrolled", False, "hub_desk.doctor_not_enrolled", {"hub": hub}, _ENROL)
    elif seen.status == _REVOKED:
        yield Check("hub.enrolled", False, "hub_desk.doctor_revoked", {"hub": hub}, _ENROL)
    elif seen.status == _OK:
        yield Check("hub.enrolled", True, "hub_desk.doctor_enrolled", {"hub": hub})


def _clock(seen: HubSeen) -> Iterator[Check]:
    if seen.clock_off_s is not None:
        is_right = abs(seen.clock_off_s) <= CLOCK_OFF_S
        way = messages.text("hub_desk.doctor_ahead" if seen.clock_off_s > 0 else "hub_desk.doctor_behind")
        yield Check("hub.clock", is_right, "hub_desk.doctor_clock" if is_right else "hub_desk.doctor_clock_off",
                    {"seconds": abs(seen.clock_off_s), "way": way})


def _records(standing: HubStanding, now: datetime) -> Iterator[Check]:
    if not standing.shares:
        yield Check("hub.records", True, "hub_desk.doctor_not_shared")
        return
    is_late = bool(standing.oldest) and now - datetime.fromisoformat(standing.oldest) > LATE
    told = {"waiting": standing.waiting, "oldest": _short(standing.oldest), "last": _short(standing.last_sent)}
    yield Check("hub.records", not is_late, "hub_desk.doctor_late" if is_late else "hub_desk.doctor_waiting", told,
                _SEND if is_late else "")
    if standing.refused:
        yield Check("hub.refused", False, "hub_desk.doctor_refused", {"count": standing.refused}, _STATUS)
    if standing.lost:
        yield Check("hub.lost", False, "hub_desk.doctor_lost", {"count": standing.lost}, _STATUS)


def _why(reason: str) -> str:
    """What the line's code means for the hub; the texts of delivery speak of the ticket system."""
    code = reason.partition(".")[2]
    return messages.text(f"hub_desk.line_{code if code in _WHY else 'cut'}")


def _short(at: str) -> str:
    return at[:16].replace("T", " ") or "–"
