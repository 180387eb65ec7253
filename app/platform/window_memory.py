"""Where the window stood and what was open in it, kept for the next start in ``window.json`` beside the settings.

No setting: nobody writes it by hand, and losing it costs a few clicks. What cannot be read or written is left alone, silently. Holds no
personal data. GUI thread; ``save`` writes once, when the window closes.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from app.platform.atomic_file import write_atomically

FILE_NAME = "window.json"
_MOST_BYTES = 65536


class WindowMemory:
    """Named texts, lists of texts and switches.

    Args:
        path: the file; need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: dict[str, object] = {}
        with contextlib.suppress(OSError, ValueError):
            if path.stat().st_size <= _MOST_BYTES and isinstance(read := json.loads(path.read_text("utf-8")), dict):
                self._held = read

    def text(self, name: str) -> str:
        """A text, "" for none."""
        held = self._held.get(name)
        return held if isinstance(held, str) else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, () for none."""
        held = self._held.get(name)
        return tuple(each for each in held if isinstance(each, str)) if isinstance(held, list) else ()

    def flag(self, name: str) -> bool:
        """A switch, off where nothing is known."""
        return self._held.get(name) is True

    def put(self, name: str, value: str | bool | tuple[str, ...]) -> None:
        """Keep a value until ``save``."""
        self._held[name] = list(value) if isinstance(value, tuple) else value

    def save(self) -> None:
        """Write what is held."""
        with contextlib.suppress(OSError):
            write_atomically(self._path, json.dumps(self._held, ensure_ascii=False, indent=1).encode())
