"""A short soak: the program of `make soak` for some minutes of calls."""

from __future__ import annotations

import pytest

from app.domain.errors import EnvironmentFault
from asr.models.choice import choose_engine
from tests.bench.asr_soak import grown, soak


def test_calls_one_after_the_other_leave_no_sound_unaccounted() -> None:
    try:
        choose_engine("zipformer")
    except EnvironmentFault as fault:
        pytest.skip(f"the streaming engine is not installed here ({fault.key})")
    seen = soak(hours=0.04, minutes=15, kill_every=2, spoken_s=35)
    assert seen.calls >= 2 and seen.finals > 10 and seen.kills
    assert seen.unaccounted_ms == 0 and seen.lost_ms == 0
    assert set(seen.lines) == {"asr.worker_restarting"}
    assert max(seen.program_mb) < 1.3 * min(seen.program_mb)


def test_growth_is_seen() -> None:
    assert grown([100.0] * 40) == 0
    assert grown([100 + n for n in range(40)]) > 0.15
