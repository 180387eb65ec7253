"""Where the program's read-only data lies: the ``resources`` package, also in a frozen program."""

from __future__ import annotations

from pathlib import Path

import resources

ROOT = Path(resources.__file__).parent


def resource(*parts: str) -> Path:
    """Path of a shipped data file or folder; it need not exist."""
    return ROOT.joinpath(*parts)
