"""What `tingdan doctor` says of the hub: each thing that can be wrong is told apart, in both languages, with what mends it."""

from __future__ import annotations

from datetime import datetime

import pytest

from app.platform import messages
from app.ports.hub import HubSeen
from app.services.doctor import render_text
from app.services.hub_health import HubStanding, checks_of

NOW = datetime.fromisoformat("2026-11-20T09:00:00+08:00")
WELL = HubStanding(True, waiting=2, oldest="2026-11-20T08:00:00+08:00", last_sent="2026-11-20T08:30:00+08:00")
SEEN = HubSeen(200, clock_off_s=3)


@pytest.mark.parametrize(("seen", "standing", "wrong"), [
    (SEEN, WELL, {}),
    (HubSeen(0, "delivery.certificate"), WELL, {"hub.reached": "hub_desk.doctor_unreached"}),
    (HubSeen(502), WELL, {"hub.reached": "hub_desk.doctor_no_hub"}),
    (HubSeen(401, clock_off_s=0), WELL, {"hub.enrolled": "hub_desk.doctor_revoked"}),
    (HubSeen(401, clock_off_s=0), HubStanding(), {"hub.enrolled": "hub_desk.doctor_not_enrolled"}),
    (HubSeen(200, clock_off_s=-500), WELL, {"hub.clock": "hub_desk.doctor_clock_off"}),
    (SEEN, HubStanding(True, waiting=9, oldest="2026-11-18T08:00:00+08:00"), {"hub.records": "hub_desk.doctor_late"}),
    (SEEN, HubStanding(True, refused=4, lost=7), {"hub.refused": "hub_desk.doctor_refused", "hub.lost": "hub_desk.doctor_lost"}),
    (SEEN, HubStanding(True, shares=False), {}),
])
def test_what_is_wrong_is_told_and_nothing_else(seen: HubSeen, standing: HubStanding, wrong: dict[str, str]) -> None:
    checks = checks_of("hub.example", seen, standing, NOW)
    assert {check.name: check.key for check in checks if not check.ok} == wrong
    for lang in ("zh", "en"):
        told = render_text(checks, lang)
        assert "{" not in told
        assert not [check.key for check in checks if messages.text(check.key, check.params, lang) == check.key]


def test_the_way_of_the_clock_is_told() -> None:
    for off_s, way in ((300, "ahead of"), (-300, "behind")):
        clock = next(check for check in checks_of("hub.example", HubSeen(200, clock_off_s=off_s), WELL, NOW) if check.name == "hub.clock")
        assert clock.params == {"seconds": 300, "way": messages.text(f"hub_desk.doctor_{way.split()[0]}")}
