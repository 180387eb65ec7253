"""Where the program's read-only data lies: the ``resources`` package, also in a frozen program."""

from __future__ import annotations

from pathlib import Path

import resources

ROOT = Path(resources.__file__).parent
_over: list[Path] = []


def resource(*parts: str) -> Path:
    """Path of a shipped data file or folder; it need not exist."""
    for folder in _over:
        laid = folder.joinpath(*parts)
        if laid.exists():
            return laid
    return ROOT.joinpath(*parts)


def lay_over(folder: Path) -> None:
    """From now on, in this process, what a folder has stands for what is shipped under the same name; a folder of ours that it has, whole.

    For a process that is begun for this (a rehearsal's): word lists that were read before stay as they are.
    """
    _over.append(folder)
