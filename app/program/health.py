"""Is a new program well on this PC? It is started by itself, away from the window, and asked; what is wrong already does not count.

The answer is that of ``tingdan program check --json``: the doctor's findings but for the store's (whose key belongs to the desk), and
whether every part of the program can be loaded. The program in use has answered the same question before.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Collection, Sequence
from pathlib import Path

from app.domain.health import Check

FORMAT = "tingdan-program-check/1"
WITHIN_S = 180.0


def as_json(checks: Sequence[Check]) -> str:
    """The answer of a program."""
    return json.dumps({"format": FORMAT, "wrong": sorted(check.name for check in checks if not check.ok)})


def tried(program: Path, wrong_already: Collection[str], within_s: float = WITHIN_S) -> str:
    """"" where the program is as well as the one in use, else a short reason.

    Args:
        program: the executable.
        wrong_already: names of checks that fail with the program in use.
        within_s: for its answer.
    """
    quiet = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        done = subprocess.run([str(program), "program", "check", "--json"], stdin=subprocess.DEVNULL,  # noqa: S603 compared with what was signed
                              capture_output=True, check=False, timeout=within_s, creationflags=quiet,
                              env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
        told = json.loads(done.stdout)
        wrong = {str(name) for name in told["wrong"]}
        if told["format"] != FORMAT:
            return "format"
    except OSError as error:
        return error.strerror or type(error).__name__
    except subprocess.TimeoutExpired:
        return "timeout"
    except (ValueError, KeyError, TypeError):
        return f"exit {done.returncode}"
    return ", ".join(sorted(wrong - set(wrong_already)))
