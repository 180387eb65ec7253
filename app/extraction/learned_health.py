"""What ``tingdan doctor`` says of what was learned from the centre's history. Nothing is changed."""

from __future__ import annotations

from pathlib import Path

from app.domain.errors import AppError
from app.domain.health import Check
from app.extraction.history import Learned

NAME = "items.learned"
REMEDY = "tingdan learn FILE"


def learned_checks(folder: Path) -> tuple[Check, ...]:
    """One finding: nothing learned, what was learned, or that it is damaged."""
    try:
        learned = Learned(folder)
    except AppError as error:
        return (Check(NAME, False, error.key, error.params, REMEDY),)
    if not learned.targets:
        return (Check(NAME, True, "learn.doctor_none"),)
    return (Check(NAME, True, "learn.doctor_ready", {"units": len(learned.labels("unit")), "types": len(learned.labels("request_type")),
                                                     "items": len(learned.labels("item_code"))}),)
