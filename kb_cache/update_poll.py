"""Looks at the publisher now and then, on a thread of its own ("kb-update"), and knows how old the knowledge base is.

A thousand desks that start at eight must not all ask at eight: the first look comes after a random part of the pause, every pause
is a fifth longer or shorter by chance. ``state_of`` tells what a desk shows: which version, and for how many days the publisher
has not vouched for it any more (知识库已过期 N 天); the knowledge base keeps answering.
"""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from app.domain.errors import AppError, BugError
from app.domain.knowledge_update import KnowledgeAge, UpdateNews
from app.platform import logs
from app.platform.atomic_file import write_atomically
from app.platform.worker_thread import WorkerThread
from app.ports.ports import Clock
from kb_cache.installed import InstalledFolder
from kb_cache.receipts import Carry, ReceiptFolder
from kb_cache.update_order import Looked

_STATUS = "status.json"
_JITTER = 0.2
_FIRST_AT_MOST_S = 300.0


class Looker(Protocol):
    """Looks once: here (``updater.KnowledgeUpdater``) or in a process of its own (``update_child.UpdateChild``)."""

    def look(self) -> Looked:
        """Install what is new; raises AppError."""

    def cut(self) -> None:
        """End a look that hangs; any thread."""


@dataclass(frozen=True, slots=True)
class UpdateTold:
    """Whom to tell; all on the update thread.

    Attributes:
        news: something is installed or recalled.
        trouble: what went wrong, once for each kind until it is over (None).
        age: after every look.
    """

    news: Callable[[UpdateNews], None] = lambda news: None
    trouble: Callable[[AppError | None], None] = lambda fault: None
    age: Callable[[KnowledgeAge], None] = lambda age: None


class UpdatePoll:
    """See the module. ``look_now`` and ``stop`` may be called from any thread.

    Args:
        updater: does it.
        installed: what the desk has.
        pause_s: between two looks, on the average.
        clock: time.
        told: whom to tell.
        carry: takes receipts to IT, None where they wait.
    """

    def __init__(self, updater: Looker, installed: InstalledFolder, pause_s: float, clock: Clock,
                 told: UpdateTold | None = None, carry: Carry | None = None) -> None:
        self._updater, self._installed, self._pause_s, self._clock = updater, installed, pause_s, clock
        self._told, self._carry = told or UpdateTold(), carry
        self._chance = secrets.SystemRandom()
        self._is_stopping = False
        self._trouble = ""
        self._next_s = clock.monotonic_s() + self._chance.uniform(0.0, min(pause_s, _FIRST_AT_MOST_S))
        self._worker: WorkerThread[None] = WorkerThread("kb-update", self._take, capacity=1, on_idle=self._work)

    def start(self) -> None:
        """Begin; the first look comes by chance."""
        self._worker.start()

    def look_now(self) -> None:
        """A person asks for a look."""
        self._worker.nudge(None)

    def stop(self, deadline_s: float = 5.0) -> bool:
        """End; a look that is under way is cut off."""
        self._is_stopping = True
        self._updater.cut()
        return self._worker.stop(deadline_s)

    def _take(self, _: None) -> None:
        self._next_s = self._clock.monotonic_s()

    def _work(self) -> float:
        left_s = self._next_s - self._clock.monotonic_s()
        if left_s > 0 or self._is_stopping:
            return max(left_s, 0.05)
        self._next_s = self._clock.monotonic_s() + self._pause_s * self._chance.uniform(1 - _JITTER, 1 + _JITTER)
        fault = self._look()
        key = fault.key if fault is not None else ""
        if key != self._trouble and not self._is_stopping:
            self._trouble = key
            self._told.trouble(fault)
        self._told.age(state_of(self._installed, self._clock))
        return max(self._next_s - self._clock.monotonic_s(), 0.05)

    def _look(self) -> AppError | None:
        """One look, then the receipts: that of a recall, which counts the calls that were shown the entry, goes with the same look."""
        try:
            news = look_and_remember(self._updater, self._installed, self._clock)
            if news is not None and not self._is_stopping:
                self._told.news(news)
        except AppError as error:
            return error
        except Exception as error:  # a bug of ours: told, and tried again; the desk must live
            logs.get("kb-update").error("bug", error)
            return BugError("kb_update.bug")
        finally:
            if self._carry is not None and not self._is_stopping:
                ReceiptFolder(self._installed.folder / "receipts").send(self._carry)
        return None


def look_and_remember(updater: Looker, installed: InstalledFolder, clock: Clock) -> UpdateNews | None:
    """One look; when it was and what came of it is kept for ``state_of``.

    Raises:
        AppError: as ``KnowledgeUpdater.look``.
    """
    result = "kb_update.bug"
    try:
        looked = updater.look()
        result = looked.result
        return looked.news
    except AppError as error:
        result = error.key
        raise
    finally:
        status = {"checked_at": clock.now().isoformat(timespec="seconds"), "result": result}
        with contextlib.suppress(OSError):
            write_atomically(installed.folder / _STATUS, json.dumps(status).encode())


def state_of(installed: InstalledFolder, clock: Clock, pinned: str = "") -> KnowledgeAge:
    """How fresh the knowledge base is; any thread, never raises."""
    try:
        status = json.loads((installed.folder / _STATUS).read_bytes())
        checked_at, result = str(status["checked_at"]), str(status["result"])
    except (OSError, ValueError, KeyError, TypeError):
        checked_at = result = ""
    current, until = installed.state().current, expires_at(installed)
    over = clock.now() - until if until is not None else timedelta(0)
    days = over.days + 1 if until is not None and over > timedelta(0) else 0
    age = KnowledgeAge(checked_at=checked_at, result=result, expires_at=until.isoformat() if until else "", expired_days=days,
                       pinned=pinned)
    if current is None:
        return age
    age = replace(age, installed_at=_installed_at(installed, current.file, clock))
    return KnowledgeAge(current.version, current.number, current.channel, **{
        name: value for name, value in asdict(age).items() if name not in ("version", "release", "channel")})


def expires_at(installed: InstalledFolder) -> datetime | None:
    """Until when the publisher vouches for what was last verified; None before the first time.

    Read from the metadata that python-tuf's client verified and kept. Only the dates are looked at: the whole library for three dates
    would cost every start of a desk.
    """
    try:
        kept = [json.loads((installed.folder / "tuf" / f"{role}.json").read_bytes()) for role in ("timestamp", "snapshot", "targets")]
        return min(datetime.fromisoformat(str(each["signed"]["expires"])) for each in kept).astimezone(UTC)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _installed_at(installed: InstalledFolder, file: str, clock: Clock) -> str:
    """When the rows in use were written, which never change again; "" where their file is gone."""
    try:
        made_s = (installed.folder / file).stat().st_mtime
    except OSError:
        return ""
    return datetime.fromtimestamp(made_s, clock.now().tzinfo).isoformat(timespec="seconds")
