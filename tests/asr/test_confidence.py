"""Confidence of characters: figures that a reader may take at their word."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.errors import EnvironmentFault
from asr.confidence import Calibration, least_beside, odds


def test_agreement_decides_and_the_order_is_kept() -> None:
    calibration = Calibration.load()
    sure = [calibration.characters([share])[0] for share in (0.0, 0.2, 0.5, 0.8, 1.0)]
    assert sure == sorted(sure)
    assert sure[0] < 0.1
    assert sure[2] < 0.5 < sure[3], "half of the readings is no more than a guess"
    assert sure[4] > 0.97


def test_a_doubtful_neighbour_makes_a_character_doubtful() -> None:
    """A word is wrong as a whole: the second character of a misheard name is less sure than its own share says."""
    calibration = Calibration.load()
    alone, beside_doubt, doubt = (calibration.characters([0.9, 0.9, 0.9])[1], *calibration.characters([0.9, 0.2])[:2])
    assert doubt < beside_doubt < alone


def test_shares_beyond_their_bounds_stay_finite() -> None:
    """Double counting in the beam may give a share a little above 1."""
    assert odds(1.0001) == odds(1.0)
    assert least_beside([]) == []
    assert least_beside([0.3]) == [1.0]
    assert least_beside([0.3, 0.9, 0.5]) == [0.9, 0.3, 0.9]


def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    damaged = tmp_path / "confidence.toml"
    damaged.write_text("[character]\nbase = 'much'\n", "utf-8")
    with pytest.raises(EnvironmentFault, match="resources_damaged"):
        Calibration.load(damaged)
