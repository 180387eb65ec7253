"""A knowledge folder: ``manifest.json`` and the entries it names. Written in one switch, read back whole.

The entries lie in a file named by their content; the manifest names it and is replaced by one rename. Whatever happens
in between, a reader finds the old knowledge or the new one. The file of the version before stays for a reader that is
still at it. Whoever writes holds ``alone`` from reading to writing, so that no two programs lose each other's rows.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.knowledge import KnowledgeEntry
from app.platform.atomic_file import write_atomically
from app.platform.resource_files import resource
from app.platform.single_instance import InstanceLock
from kb_cache.foreign import load_shapes
from kb_cache.records import RecordError, entry_of, line_of
from kb_cache.source import MANIFEST, Content, locate, parse, read_bytes

_PUBLIC = 0o644
_LOCK = ".import.lock"
_HALF_WRITTEN = (".entries-*", f".{MANIFEST}.*")


@dataclass(frozen=True, slots=True)
class Merged:
    """Entries of two sources made one, and how many ids were new, changed, the same, or only in the old one."""

    entries: tuple[KnowledgeEntry, ...]
    added: int
    changed: int
    same: int
    kept: int


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else writes this folder meanwhile; it is made where it does not exist.

    Raises:
        OperatorVisibleError: another program does, or the folder holds something else.
        EnvironmentFault: the disk refuses.
    """
    _refuse_other(folder)
    lock = InstanceLock(folder / _LOCK)
    if not lock.try_acquire():
        raise OperatorVisibleError("kb_content.busy", path=folder.name)
    try:
        yield
    finally:
        lock.release()


def held_in(folder: Path) -> tuple[KnowledgeEntry, ...]:
    """Entries of a folder that is to be written, none where it is new or an earlier try ended before its switch.

    Raises:
        OperatorVisibleError, EnvironmentFault: as ``read_content``.
    """
    return read_content(folder).entries if _is_ours(folder) else ()


def read_content(path: Path) -> Content:
    """All entries of a knowledge base of any kind: folder, JSON Lines, known foreign shape, built index.

    Raises:
        OperatorVisibleError, EnvironmentFault: as ``kb_cache.opening.open_kb``.
    """
    located = locate(path)
    if not located.is_index:
        return parse(read_bytes(located), located, load_shapes(resource("knowledge", "shapes")))
    try:
        with contextlib.closing(sqlite3.connect(f"{located.path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as index:
            meta = dict(index.execute("SELECT key, value FROM meta"))
            entries = tuple(entry_of(json.loads(record)) for (record,) in index.execute("SELECT record FROM entry ORDER BY n"))
    except (sqlite3.Error, ValueError, RecordError) as error:
        raise EnvironmentFault("kb_cache.index_damaged", path=located.path.name) from error
    return Content(entries, str(meta.get("version", "")), (), str(meta.get("shape", "")))


def merged(old: Iterable[KnowledgeEntry], new: Iterable[KnowledgeEntry]) -> Merged:
    """Entries of both by id; the new one wins, and its version counts up where its content changed."""
    by_id = {entry.id: entry for entry in old}
    before = dict(by_id)
    added = changed = same = 0
    for entry in new:
        held = before.get(entry.id)
        if held is None:
            added += 1
            by_id[entry.id] = entry
        elif replace(entry, version=held.version) == held and entry.version <= held.version:
            same += 1
        else:
            changed += 1
            by_id[entry.id] = replace(entry, version=max(entry.version, held.version + 1))
    return Merged(tuple(by_id.values()), added, changed, same, len(before) - changed - same)


def write_folder(folder: Path, entries: Sequence[KnowledgeEntry], name: str, version: str = "") -> str:
    """Write a knowledge folder, new or in place of what it holds, within ``alone``; returns the version.

    Args:
        folder: made where it does not exist.
        entries: at least one.
        name: of the knowledge base, for people.
        version: as the desk shows it; "" takes the first 12 hex digits of the content's SHA-256.

    Raises:
        OperatorVisibleError: the folder holds something else.
        EnvironmentFault: the disk refuses; what was there still holds.
    """
    data = "".join(f"{line_of(entry)}\n" for entry in entries).encode()
    digest = hashlib.sha256(data).hexdigest()
    version = version or digest[:12]
    file = f"entries-{digest[:12]}.jsonl"
    manifest = {"name": name, "version": version, "entries": len(entries), "sha256": digest, "file": file}
    _refuse_other(folder)
    try:
        former = _named_file(folder)
        write_atomically(folder / file, data)
        (folder / file).chmod(_PUBLIC)
        write_atomically(folder / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1).encode())
        (folder / MANIFEST).chmod(_PUBLIC)
        for old in folder.glob("entries-*.jsonl"):
            if old.name not in (file, former):
                old.unlink(missing_ok=True)
        for pattern in _HALF_WRITTEN:  # of a program that was killed
            for part in folder.glob(pattern):
                part.unlink(missing_ok=True)
    except OSError as error:
        raise EnvironmentFault("kb_content.unwritable", path=folder.name, reason=error.strerror or "") from error
    return version


def _refuse_other(folder: Path) -> None:
    try:
        others = folder.is_dir() and [path.name for path in folder.iterdir()
                                      if path.name != _LOCK and not any(path.match(pattern) for pattern in _HALF_WRITTEN)]
    except OSError as error:
        raise EnvironmentFault("kb_cache.unreadable", path=folder.name, reason=error.strerror or "") from error
    if folder.is_file() or (others and not _is_ours(folder)):
        raise OperatorVisibleError("kb_content.target_taken", path=folder.name)


def _is_ours(folder: Path) -> bool:
    return (folder / MANIFEST).is_file() or any(folder.glob("entries*.jsonl"))


def _named_file(folder: Path) -> str:
    try:
        return str(json.loads((folder / MANIFEST).read_bytes()).get("file", ""))
    except (OSError, ValueError, AttributeError):
        return ""
