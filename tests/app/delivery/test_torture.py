"""A short torture; the long one is ``make torture``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.bench.torture import MOST_LOST_S, torture


@pytest.mark.skipif(os.name != "posix", reason="forks")
def test_ten_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    tally = torture(10, tmp_path, seed=7)
    assert tally.faults == []
    assert tally.worst_lost_s <= MOST_LOST_S
    assert tally.kills == 10
    assert tally.drafts_checked > 0
