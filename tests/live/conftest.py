"""Live calls take minutes of real time: `make test-live` (TINGDAN_LIVE=1) collects them, `make test` does not."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.live.real_time import RealTime

collect_ignore_glob = [] if os.environ.get("TINGDAN_LIVE") else ["test_*.py"]


@pytest.fixture
def real_time() -> Iterator[RealTime]:
    """Whether the PC keeps real time while the test runs."""
    with RealTime() as watch:
        yield watch
