"""Automatic backups of the store in a folder of their own, the newest few of them kept.

A backup is made where the newest one is older than the interval (so at the first start of a day), whole or not at all, under
the store's own key; beside it lies a copy of ``secrets.json``, without which a passphrase opens nothing. The oldest ones go
only after a new one is there. ``BackupThread`` does it beside an open store.
"""

from __future__ import annotations

import itertools
import re
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from app.domain.audit import Action
from app.domain.errors import AppError
from app.platform import logs
from app.platform.clock import SystemClock
from app.ports.ports import Clock
from app.store import audit_rows, upkeep
from app.store.faults import translated
from app.store.ticket_store import SqliteTicketStore

FOLDER = "backups"
_STAMP = "%Y%m%d-%H%M%S"
_NAME = re.compile(r"tickets-(\d{8}-\d{6})(?:-\d+)?\.db")
_LOOK_AGAIN_S = 600.0
_JOIN_S = 10.0
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class BackupRules:
    """How often and how many.

    Attributes:
        folder: where they lie.
        every_h: hours between two; 0 makes none.
        keep: how many are kept.
    """

    folder: Path
    every_h: int = 24
    keep: int = 7


def backups(folder: Path) -> tuple[Path, ...]:
    """The automatic backups, newest first."""
    found = [each for each in folder.glob("tickets-*.db") if _NAME.fullmatch(each.name)] if folder.is_dir() else []
    return tuple(sorted(found, reverse=True))


def is_due(rules: BackupRules, clock: Clock) -> bool:
    """Whether the newest backup is older than the interval (or lies in the future: the clock was wrong)."""
    if rules.every_h <= 0:
        return False
    newest = next(iter(backups(rules.folder)), None)
    if newest is None:
        return True
    now = clock.now()
    made = datetime.strptime(_NAME.fullmatch(newest.name)[1], _STAMP).replace(tzinfo=now.tzinfo)  # type: ignore[index]
    return not timedelta() <= now - made < timedelta(hours=rules.every_h)


def back_up_now(path: Path, key: bytes, rules: BackupRules, clock: Clock) -> Path:
    """Make one, then remove those beyond the number kept; the new one.

    Raises:
        EnvironmentFault: the store is damaged, or there is no room; the backups are as they were.
    """
    name = f"tickets-{clock.now():{_STAMP}}"
    target = next(free for serial in itertools.count(1)
                  if not (free := rules.folder / f"{name}{f'-{serial}' if serial > 1 else ''}.db").exists())
    with translated(rules.folder, key):
        rules.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        upkeep.back_up(path, key, target)
        record = path.with_name("secrets.json")
        if record.exists():
            shutil.copyfile(record, target.with_suffix(".secrets.json"))
        for old in backups(rules.folder)[max(1, rules.keep):]:
            remove(old)
    return target


def back_up_if_due(store: SqliteTicketStore, rules: BackupRules, clock: Clock) -> Path | None:
    """Make one beside an open store where one is due; it stands in the audit trail."""
    if not is_due(rules, clock):
        return None
    made = store.with_key(lambda key: back_up_now(store.path, key, rules, clock))
    at = clock.now().isoformat()
    store.writing(lambda db: audit_rows.add(db, at, store.actor, Action.BACKED_UP, made.name, {"automatic": True}))
    return made


def remove(backup: Path) -> None:
    """Remove one backup with its record."""
    backup.unlink(missing_ok=True)
    backup.with_suffix(".secrets.json").unlink(missing_ok=True)


class BackupThread:
    """Looks at start and now and then whether a backup is due, on the thread "store-backup"; then does what comes once a day.

    Args:
        make: makes one where it is due; may wait for the disk.
        on_fault: told what hindered one, on the thread.
        once_a_day: done at the start and every 24 hours (removal of what is old); given whether to end early. What hinders it
            is tried again at the next look.
        clock: steady time between two.
    """

    def __init__(self, make: Callable[[], object], on_fault: Callable[[AppError], None],
                 once_a_day: Callable[[Callable[[], bool]], object] | None = None, clock: Clock | None = None) -> None:
        self._make, self._on_fault, self._once_a_day, self._clock = make, on_fault, once_a_day, clock or SystemClock()
        self._done_at_s: float | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-backup", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; a backup in the making is finished or given up. Safe to call twice."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._guarded("no_backup", self._make)
            self._guarded("not_purged", self._daily)
            self._stop.wait(_LOOK_AGAIN_S)

    def _guarded(self, name: str, work: Callable[[], object]) -> None:
        try:
            work()
        except AppError as fault:  # a full disk, a locked store, one that closes: tried again at the next look
            logs.get("store").error(name, fault)
            if fault.key != "store.locked" and not self._stop.is_set():
                self._on_fault(fault)

    def _daily(self) -> None:
        now_s = self._clock.monotonic_s()
        if self._once_a_day is None or self._stop.is_set() or (self._done_at_s is not None and now_s - self._done_at_s < _DAY_S):
            return
        self._once_a_day(self._stop.is_set)
        self._done_at_s = now_s
