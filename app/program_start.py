"""Before the command: does a newer version that came over the channel start in our place? Costs one look at a file where there is none.

Called by the frozen program's entry (installer/frozen_entry.py) only. Settings are read where there is something to decide: with
``program.updates`` switched off by the policy, the packaged program runs whatever lies in the user's folder.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from app.domain.errors import AppError
from app.platform import paths
from app.program.launch import launched
from app.program.poll import OFF
from app.program.versions import STATE


def start_newer(arguments: Sequence[str]) -> int | None:
    """The exit code of the newer version, None where this program is to go on.

    Args:
        arguments: of the command, without the program's name.
    """
    try:
        folder = paths.data_dir() / "program"
        if not (folder / STATE).exists():
            return None
        from app.platform.settings import load_settings  # noqa: PLC0415  (see above)

        is_wanted = load_settings().text("program.updates") != OFF
    except (AppError, OSError):
        return None
    return launched(arguments, Path(os.path.realpath(folder)), is_wanted)
