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

from app.domain.errors import AppError, BugError, EnvironmentFault, OperatorVisibleError
from app.domain.knowledge_update import UpdateNews
from app.platform.clock import SystemClock
from app.signed.transport import UpdateLine
from kb_cache.installed import InstalledFolder
from kb_cache.receipts import ReceiptFolder
from kb_cache.updater import KnowledgeUpdater, Looked, UpdatePlan

_KINDS: Mapping[str, type[AppError]] = {kind.__name__: kind for kind in (OperatorVisibleError, EnvironmentFault, BugError)}
_LOWER = 10


def order_of(folder: Path, cache: Path, plan: UpdatePlan) -> dict[str, object]:
    """What the process is told."""
    line = plan.line
    return {"folder": str(folder), "cache": str(cache), "channel": plan.channel, "pinned": plan.pinned, "address": line.address,
            "ca_file": str(line.ca_file) if line.ca_file else "", "proxy": line.proxy,
            "limits": [line.connect_s, line.stall_s, line.grace_s, line.least_bytes_per_s]}


def result_of(told: Mapping[str, Any]) -> Looked:
    """What came of the look.

    Raises:
        AppError: what the updater raised.
        KeyError, TypeError: not an answer of ours.
    """
    if "fault" in told:
        raise _KINDS[told["kind"]](str(told["fault"]), **told["params"])
    news = told["news"]
    held = UpdateNews(news["version"], *(frozenset(map(str, news[name])) for name in ("changed", "removed", "recalled"))) if news else None
    return Looked(str(told["result"]), held, int(told["fetched_bytes"]))


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
                "kind": next(name for name, kind in _KINDS.items() if isinstance(error, kind))}
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
