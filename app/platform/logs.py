"""Logs: one JSON object a line, size-capped, and built so that personal data cannot get in.

Our own rooms log an event name with ids, counts and durations::

    log = logs.get("store")
    log.info("draft_saved", call_id=call_id, utterances=12, took_ms=4)

What a field may hold is enforced, not asked for: numbers, flags, and short ASCII words (an id, a version, an error class);
a run of seven or more digits (a phone, an identity number) becomes a digest that can be matched within one run but not read;
anything else becomes its type. Records of other packages go in as place and level only, never their text or arguments. An
exception goes in as its class and frames (file, line, function), never its message. Any thread.
"""

from __future__ import annotations

import hashlib
import json
import logging
import logging.handlers
import re
import secrets
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType

from app.domain.errors import AppError
from app.ports.ports import Clock

ROOT = "tingdan"
FILE_NAME = "tingdan.jsonl"
MAX_BYTES = 1 << 20
KEEP_FILES = 5

_WORD = re.compile(r"[A-Za-z0-9_.:+/@#=-]{1,80}")
_DIGITS = re.compile(r"(?:\d[-.:/_]?){7,}")
# New in every process: a phone number cannot be found again by trying all of them.
_DIGEST_KEY = secrets.token_bytes(16)
_FRAMES = 30
# Set on the record by Log; a foreign record has none.
_FIELDS = "tingdan_fields"


class Log:
    """The log of one room."""

    def __init__(self, room: str) -> None:
        self._logger = logging.getLogger(f"{ROOT}.{room}")
        ours = logging.getLogger(ROOT)
        if not ours.handlers:  # else Python's handler of last resort would print errors with their messages
            ours.addHandler(logging.NullHandler())

    def debug(self, event: str, /, **fields: object) -> None:
        """Of use to developers only."""
        self._write(logging.DEBUG, event, fields)

    def info(self, event: str, /, **fields: object) -> None:
        """Something that happened as it should."""
        self._write(logging.INFO, event, fields)

    def warning(self, event: str, /, **fields: object) -> None:
        """Something that was mended or done without."""
        self._write(logging.WARNING, event, fields)

    def error(self, event: str, /, error: BaseException | None = None, **fields: object) -> None:
        """Something that failed; ``error`` goes in as class and frames."""
        self._write(logging.ERROR, event, fields, error)

    def _write(self, level: int, event: str, fields: dict[str, object], error: BaseException | None = None) -> None:
        trace = (type(error), error, error.__traceback__) if error is not None else None
        self._logger.log(level, event, exc_info=trace, extra={_FIELDS: fields}, stacklevel=3)


def get(room: str) -> Log:
    """The log of a room ("store")."""
    return Log(room)


def start(folder: Path, clock: Clock, max_bytes: int = MAX_BYTES, keep_files: int = KEEP_FILES,
          level: int = logging.INFO) -> Callable[[], None]:
    """Write all logs of this process to ``folder``; gives a function that ends it.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        folder / FILE_NAME, maxBytes=max_bytes, backupCount=keep_files, encoding="utf-8", delay=False)
    handler.setFormatter(JsonLines(clock))
    root, ours = logging.getLogger(), logging.getLogger(ROOT)
    root.addHandler(handler)
    before = ours.level
    ours.setLevel(level)

    def stop() -> None:
        root.removeHandler(handler)
        ours.setLevel(before)
        handler.close()

    return stop


class JsonLines(logging.Formatter):
    """Record to line. See the module for what goes in."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def format(self, record: logging.LogRecord) -> str:
        """One line of ASCII JSON without line break."""
        line: dict[str, object] = {
            "at": _stamp(self._clock.now()), "level": record.levelname.lower(), "log": record.name,
            "thread": safe(record.threadName),
        }
        fields = getattr(record, _FIELDS, None)
        if isinstance(fields, dict):
            line["event"] = safe(record.msg)
            line.update({f"{name}_" if name in line else name: safe(value) for name, value in fields.items()})
        else:
            line["place"] = f"{record.module}:{record.lineno}"
        if record.exc_info and record.exc_info[0] is not None:
            line.update(error_form(record.exc_info[1], record.exc_info[2]))
        return json.dumps(line, ensure_ascii=True)


def safe(value: object) -> object:
    """The value where it can hold no personal data, else what is left of it without."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < 10**9 else _digest(str(value))
    if isinstance(value, str):
        if not _WORD.fullmatch(value):
            return f"<text {len(value)}>"
        return _DIGITS.sub(lambda run: _digest(run.group()), value)
    return f"<{type(value).__name__}>"


def error_form(error: BaseException | None, trace: TracebackType | None) -> dict[str, object]:
    """An exception's classes (with its causes), our message key, and frames; no message, no values."""
    kinds: list[str] = []
    key = error.key if isinstance(error, AppError) else ""
    seen = error
    while seen is not None and len(kinds) < 5:
        kinds.append(type(seen).__name__)
        seen = seen.__cause__ or seen.__context__
    frames = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
    held: dict[str, object] = {"error": kinds, "frames": frames[-_FRAMES:]}
    if key:
        held["key"] = key
    return held


def _digest(text: str) -> str:
    return "#" + hashlib.blake2s(text.encode(), digest_size=4, key=_DIGEST_KEY).hexdigest()


def _stamp(now: datetime) -> str:
    return now.isoformat(timespec="milliseconds")
