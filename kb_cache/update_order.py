"""What a desk wants of a look for updates, what came of it, and both as JSON between the desk and the process that looks.

Light on purpose: the desk has this half from its start (``update_child``, ``update_poll``); what verifies and installs (``updater``,
``update_worker``) is loaded in the other process only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.errors import AppError, BugError, EnvironmentFault, OperatorVisibleError
from app.domain.knowledge_update import UpdateNews
from app.signed.line import UpdateLine

#: Errors that travel, by name.
KINDS: Mapping[str, type[AppError]] = {kind.__name__: kind for kind in (OperatorVisibleError, EnvironmentFault, BugError)}


@dataclass(frozen=True, slots=True)
class UpdatePlan:
    """What a desk wants: how to reach the publisher, which channel, pinned to which version ("" for none)."""

    line: UpdateLine
    channel: str
    pinned: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of a look: "current" or "installed", the news of it, and bytes over the line."""

    result: str
    news: UpdateNews | None
    fetched_bytes: int


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
        raise KINDS[told["kind"]](str(told["fault"]), **told["params"])
    news = told["news"]
    held = UpdateNews(news["version"], *(frozenset(map(str, news[name])) for name in ("changed", "removed", "recalled"))) if news else None
    return Looked(str(told["result"]), held, int(told["fetched_bytes"]))
