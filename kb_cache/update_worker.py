"""The process in which a desk's look for updates runs: ``python -m kb_cache.update_worker``, for ``kb_cache.update_child`` only.

Unpacking, hashing and indexing ten thousand entries take seconds of Python and a few hundred megabytes: beside a window they would make
it stutter, and the memory would stay. So they are done here, at a low priority, and the system takes everything back. One JSON
object comes by standard input, one goes out by standard output. When standard input ends the desk is gone and so are we; being
killed at any moment is one of the faults that an update outlives.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.domain.errors import AppError
from app.platform.clock import SystemClock
from app.signed.line import UpdateLine
from kb_cache.installed import InstalledFolder
from kb_cache.receipts import ReceiptFolder
from kb_cache.update_order import KINDS, Looked, UpdatePlan
from kb_cache.updater import KnowledgeUpdater

_LOWER = 10


def main() -> int:
    """One look; 0 where an answer was given, whatever it says."""
    order = json.loads(sys.stdin.buffer.readline())
    # The descriptor, not the stream: a thread that waits inside a buffered stream makes the interpreter abort at its end.
    threading.Thread(target=_end_with, args=(sys.stdin.fileno(),), name="kb-update-owner", daemon=True).start()
    if hasattr(os, "nice"):  # on Windows the desk starts us below normal
        with contextlib.suppress(OSError):
            os.nice(_LOWER)
    try:
        told = _answer(_updater(order).look())
    except AppError as error:
        told = {"fault": error.key, "params": {name: str(value) for name, value in error.params.items()},
                "kind": next(name for name, kind in KINDS.items() if isinstance(error, kind))}
    sys.stdout.buffer.write(json.dumps(told, ensure_ascii=False).encode() + b"\n")
    sys.stdout.buffer.flush()
    return 0


def _answer(looked: Looked) -> dict[str, object]:
    news = looked.news
    return {"result": looked.result, "fetched_bytes": looked.fetched_bytes,
            "news": {"version": news.version, "changed": sorted(news.changed), "removed": sorted(news.removed),
                     "recalled": sorted(news.recalled)} if news else None}


def _updater(order: Mapping[str, Any]) -> KnowledgeUpdater:
    installed = InstalledFolder(Path(order["folder"]))
    line = UpdateLine(order["address"], Path(order["ca_file"]) if order["ca_file"] else None, order["proxy"], *order["limits"])
    return KnowledgeUpdater(installed, Path(order["cache"]), UpdatePlan(line, order["channel"], order["pinned"]), SystemClock(),
                            ReceiptFolder(installed.folder / "receipts"))


def _end_with(owner: int) -> None:
    while os.read(owner, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
