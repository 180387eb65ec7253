"""Asks for secrets on the terminal, without showing them: the store's passphrase (``app.platform.secrets.open_secrets``), a code."""

from __future__ import annotations

import getpass
import sys

from app.platform.messages import text
from app.platform.secrets import MIN_PASSPHRASE_CHARS, Prompt

_TRIES = 3


def terminal_prompt() -> Prompt | None:
    """A prompt where a person sits at a terminal, else None."""
    is_terminal = sys.stdin is not None and sys.stdin.isatty() and sys.stderr is not None and sys.stderr.isatty()
    return _ask if is_terminal else None


def secret_line(label: str) -> str:
    """A secret: typed unseen at a terminal, else the first line of standard input; "" for none."""
    return getpass.getpass(label) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")


def _ask(is_new: bool) -> str | None:
    """One passphrase; a new one is asked twice. None where the person gives up (empty line, end of input)."""
    try:
        if not is_new:
            return _read("platform.ask_passphrase") or None
        for _ in range(_TRIES):
            given = _read("platform.ask_new_passphrase")
            if not given or given == _read("platform.ask_again"):
                return given or None
            print(text("platform.not_the_same"), file=sys.stderr)  # noqa: T201
    except EOFError:
        return None
    return None


def _read(key: str) -> str:
    return getpass.getpass(text(key, {"least": MIN_PASSPHRASE_CHARS}) + " ", stream=sys.stderr)
