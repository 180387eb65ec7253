"""The parts behind ``tingdan store``: key, open store, records, retention, by order of a user. Without Qt."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.assembly import backup_rules, present_actor
from app.domain.audit import Action, Actor
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.json_values import Json
from app.domain.ticket_search import TicketQuery
from app.platform import key_rotation, paths
from app.platform.passphrase_prompt import terminal_prompt
from app.platform.secrets import Prompt, open_secrets
from app.platform.single_instance import InstanceLock
from app.ports.ports import Clock, StoredTicket
from app.store import backups, replacing, upkeep
from app.store.page_check import fits
from app.store.records import SqliteRecords
from app.store.ticket_store import FILE_NAME, SqliteTicketStore

DESK_LOCK = "desk.lock"


@dataclass(frozen=True, slots=True)
class OpenRecords:
    """An open store with what looks into it."""

    store: SqliteTicketStore
    records: SqliteRecords


def store_path() -> Path:
    """The user's store."""
    return paths.data_dir() / FILE_NAME


def store_key(prompt: Prompt | None = None) -> bytes:
    """The key of the user's store; a rotation that was cut off is settled.

    Raises:
        AppError: neither keyring nor passphrase give it.
    """
    path = store_path()
    return open_secrets(path.parent, path.exists(), prompt or terminal_prompt(), opens=lambda key: fits(path, key)).store_key()


@contextlib.contextmanager
def opened_records(clock: Clock, actor: Actor | None = None) -> Iterator[OpenRecords]:
    """The user's store, open beside a desk or alone.

    Raises:
        AppError: there is none, or it does not open.
    """
    if not store_path().exists():
        raise EnvironmentFault("store.missing")
    store = SqliteTicketStore(store_path(), store_key(), clock)
    try:
        store.actor = actor or present_actor()
        yield OpenRecords(store, SqliteRecords(store, clock))
    finally:
        store.close()


def chosen_tickets(opened: OpenRecords, query: TicketQuery) -> Iterator[StoredTicket]:
    """Whole tickets of a stretch of time, oldest first, read one after the other."""
    for number in opened.records.numbers(query.since, query.until):
        held = opened.records.stored(number)
        if held is not None:
            yield held


def rotate_key(clock: Clock) -> None:
    """Give the store a new key while no desk is open.

    Raises:
        AppError: a desk is open, the key cannot be had, the disk refuses; the store is as it was.
    """
    path, prompt = store_path(), terminal_prompt()
    with InstanceLock(path.parent / DESK_LOCK):
        if key_rotation.is_pending(path.parent):
            store_key(prompt)  # settles it
        pair = key_rotation.begin(path.parent, prompt)
        try:
            replacing.rekey(path, pair.present, pair.following)
        except BaseException:
            if not fits(path, pair.following):
                key_rotation.give_up(path.parent)
            raise
        key_rotation.finish(path.parent)
    _note(clock, Action.KEY_ROTATED, {})


def forget_former_keys(clock: Clock) -> tuple[int, int]:
    """Remove former keys, and automatic backups that only they open; how many of each."""
    key, folder = store_key(), backup_rules().folder
    count = key_rotation.forget_former(store_path().parent)
    lost = [each for each in backups.backups(folder) if not fits(each, key)]
    for each in lost:
        backups.remove(each)
    _note(clock, Action.KEY_ROTATED, {"forgotten": count, "backups": len(lost)})
    return count, len(lost)


def restore(backup: Path, clock: Clock) -> Path | None:
    """Take a backup as the store; name of the former store, None where there was none.

    Raises:
        AppError: a desk is open, the backup does not open or is damaged; nothing was changed.
    """
    path, prompt = store_path(), terminal_prompt()
    with InstanceLock(path.parent / DESK_LOCK):
        key = store_key(prompt)
        former = () if fits(backup, key) else key_rotation.former_keys(path.parent, prompt)
        aside = replacing.restore(path, key, former, backup, clock)
    _note(clock, Action.RESTORED, {"backup": backup.name, "aside": aside.name if aside else ""})
    return aside


def back_up(target: Path | None, clock: Clock) -> Path:
    """Make a backup at a place of its own, or an automatic one now.

    Raises:
        EnvironmentFault: the store is damaged, the target exists, no room.
    """
    with opened_records(clock) as opened:
        if target is None:
            made = opened.store.with_key(lambda key: backups.back_up_now(store_path(), key, backup_rules(), clock))
        else:
            made = target
            opened.store.with_key(lambda key: upkeep.back_up(store_path(), key, target))
        opened.records.note(Action.BACKED_UP, made.name, {"automatic": False})
    return made


def replace_backups(clock: Clock) -> tuple[int, Path]:
    """A new automatic backup in place of all older ones; how many went, and the new one."""
    old = backups.backups(backup_rules().folder)
    made = back_up(None, clock)
    for each in old:
        backups.remove(each)
    return len(old), made


def new_file(target: Path) -> Path:
    """A place for a file that must not exist yet."""
    if target.exists():
        raise OperatorVisibleError("store.target_exists", file=target.name)
    return target


def _note(clock: Clock, action: Action, detail: dict[str, Json]) -> None:
    with opened_records(clock) as opened:
        opened.records.note(action, "store", detail)
