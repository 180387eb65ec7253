"""What a desk has installed of the publisher's releases: the folder ``kb-updates`` in the user's data folder.

    state.json                 the pointer: release in use, the one before, recalls, what the newest update changed
    rows-<release>-<crc>.sqlite  rows of a release, read-only once named; the CRC-32 of the file shows damage at open
    desk_id                    a random number: this PC in roll-outs and receipts
    root.json                  the root that this PC was told to trust
    tuf/                       metadata as last verified
    download/                  pieces of targets, to be resumed
    receipts/                  receipts that nobody took yet
    update.lock                one program at a time

A release becomes the one in use by one atomic rename of ``state.json``; before it everything it names is on the disk. Readers
never lock: they read the pointer and open what it names. Search indexes are made from rows and can be made again.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from app.domain.errors import EnvironmentFault
from app.domain.knowledge import KnowledgeEntry
from app.platform.atomic_file import sync_folder, write_atomically
from kb_cache.channel import Recall
from kb_cache.records import RecordError, entry_of
from kb_cache.rows import Changes, set_hash

STATE = "state.json"
_ROWS_NAME = re.compile(r"rows-(\d+)-([0-9a-f]{8})\.sqlite")
_SCHEMA = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE row(id TEXT PRIMARY KEY, line TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class InstalledRelease:
    """A release on this PC: its number, version, channel, hash of its rows, and the file that holds them."""

    number: int
    version: str
    channel: str
    row_hash: str
    file: str


@dataclass(frozen=True, slots=True)
class InstalledState:
    """The pointer.

    Attributes:
        current: in use, None before the first update.
        previous: in use before, kept for a worse day.
        changed: ids that the newest update put.
        removed: ids that it dropped.
        changed_from: hash of the rows that these two start from.
        changed_hash: hash of the rows that were put, as read by themselves.
        recalled: entries that must not be used.
        seen: highest metadata versions met, as {"root": n, "timestamp": n}.
    """

    current: InstalledRelease | None = None
    previous: InstalledRelease | None = None
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    recalled: tuple[Recall, ...] = ()
    seen: Mapping[str, int] | None = None
    changed_from: str = ""
    changed_hash: str = ""


@dataclass(frozen=True, slots=True)
class NewestChanges:
    """What turns the release before into the one in use: entries to put, ids to take out."""

    entries: tuple[KnowledgeEntry, ...]
    removed: tuple[str, ...]


class InstalledFolder:
    """See the module. Reading never raises for a missing or damaged folder; writing raises EnvironmentFault."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def is_used(self) -> bool:
        """Whether an update was ever installed, as far as files tell."""
        return bool(self.candidates())

    def state(self) -> InstalledState:
        """The pointer; where it is damaged, what the rows files tell."""
        try:
            whole = json.loads((self.folder / STATE).read_bytes())
            return InstalledState(
                _release(whole["current"]), _release(whole["previous"]), tuple(map(str, whole["changed"])),
                tuple(map(str, whole["removed"])), tuple(Recall(**one) for one in whole["recalled"]), dict(whole["seen"] or {}),
                str(whole.get("changed_from", "")), str(whole.get("changed_hash", "")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return InstalledState()

    def stamp(self) -> int:
        """Changes whenever the pointer does."""
        try:
            return (self.folder / STATE).stat().st_mtime_ns
        except OSError:
            return 0

    def put_state(self, state: InstalledState) -> None:
        """Move the pointer: the one step that decides."""
        try:
            write_atomically(self.folder / STATE, json.dumps(asdict(state), ensure_ascii=False).encode())
        except OSError as error:
            raise self._fault(error) from error

    def candidates(self) -> tuple[str, ...]:
        """Files to open, best first: the one in use, the one before, then any other from the newest release down."""
        state = self.state()
        named = [one.file for one in (state.current, state.previous) if one is not None]
        found = [(int(match[1]), path.name) for path in self.folder.glob("rows-*.sqlite") if (match := _ROWS_NAME.fullmatch(path.name))]
        others = [name for _, name in sorted(found, reverse=True) if name not in named]
        return tuple(dict.fromkeys((*named, *others)))

    def entries(self, file: str) -> tuple[str, tuple[KnowledgeEntry, ...]]:
        """Version and entries of a rows file; rows of a later format that this program cannot read are left out.

        Raises:
            EnvironmentFault: damaged.
        """
        meta, lines = self.read(file)
        entries: list[KnowledgeEntry] = []
        for line in lines.values():
            with contextlib.suppress(RecordError):
                entries.append(entry_of(json.loads(line)))
        if not entries:
            raise EnvironmentFault("kb_cache.index_damaged", path=file)
        return meta.get("version", ""), tuple(entries)

    def read(self, file: str) -> tuple[dict[str, str], dict[str, str]]:
        """Meta and rows (id to line) of a rows file, after its check sum.

        Raises:
            EnvironmentFault: missing or damaged.
        """
        path, match = self.folder / file, _ROWS_NAME.fullmatch(file)
        try:
            if match is None or crc(path) != match[2]:
                raise EnvironmentFault("kb_cache.index_damaged", path=file)
            with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
                return (dict(database.execute("SELECT key, value FROM meta")),
                        dict(database.execute("SELECT id, line FROM row ORDER BY id")))
        except (OSError, sqlite3.Error, ValueError) as error:
            raise EnvironmentFault("kb_cache.index_damaged", path=file) from error

    def count(self, file: str) -> int:
        """How many rows a file holds, 0 where it cannot be read."""
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(
                f"{(self.folder / file).absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            return int(database.execute("SELECT count(*) FROM row").fetchone()[0])
        return 0

    def former(self, entry_id: str) -> KnowledgeEntry | None:
        """An entry as the release before the one in use had it; None where there is none or its file is damaged. For people to
        compare, so the file's check sum is not taken."""
        previous = self.state().previous
        if previous is None:
            return None
        path = self.folder / previous.file
        try:
            with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
                row = database.execute("SELECT line FROM row WHERE id = ?", (entry_id,)).fetchone()
            return entry_of(json.loads(row[0])) if row is not None else None
        except (sqlite3.Error, ValueError, RecordError):
            return None

    def newest_changes(self) -> NewestChanges | None:
        """What the newest update changed, read row by row and checked by its own hash, so that it costs what the change is large;
        None where that is not known for sure. A row that this program cannot read is one to take out."""
        state = self.state()
        if state.current is None or state.previous is None or not state.changed_hash or state.changed_from != state.previous.row_hash:
            return None
        path = self.folder / state.current.file
        try:
            with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
                rows = [row for key in state.changed for row in database.execute("SELECT id, line FROM row WHERE id = ?", (key,))]
        except sqlite3.Error:
            return None
        if set_hash(rows) != state.changed_hash:
            return None
        entries, removed = [], list(state.removed)
        for key, line in rows:
            try:
                entries.append(entry_of(json.loads(line)))
            except (RecordError, ValueError):
                removed.append(key)
        return NewestChanges(tuple(entries), tuple(removed))

    def apply(self, changes: Changes, version: str, base: Mapping[str, str]) -> tuple[Path, str]:
        """Write the rows of a release into a new, unnamed file in one transaction.

        Args:
            changes: what to put and drop.
            version: the release's.
            base: rows of the release that the changes start from, {} for a full file.

        Returns:
            The file, and the hash of the rows as they are read back from it.

        Raises:
            EnvironmentFault: the disk refuses.
        """
        part: Path | None = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix="part-", suffix=".tmp", dir=self.folder)
            os.close(handle)
            part = Path(name)
            return part, _fill(part, changes, version, base)
        except (OSError, sqlite3.Error) as error:
            if part is not None:
                _remove(part)
            raise self._fault(error) from error

    def keep(self, part: Path, number: int) -> str:
        """Have a new rows file on the disk under its name; gives the name."""
        try:
            with part.open("rb+") as stream:
                os.fsync(stream.fileno())
            name = f"rows-{number}-{crc(part)}.sqlite"
            part.replace(self.folder / name)
            sync_folder(self.folder)
        except OSError as error:
            raise self._fault(error) from error
        return name

    def switch(self, release: InstalledRelease, changes: Changes) -> None:
        """Make a release the one in use; ``changes`` start from the one that was."""
        state = self.state()
        previous = state.current if state.current is not None and state.current.file != release.file else state.previous
        self.put_state(replace(state, current=release, previous=previous, changed=tuple(sorted(changes.puts)), removed=changes.drops,
                               changed_from=state.current.row_hash if state.current is not None else "",
                               changed_hash=set_hash(changes.puts.items())))

    def tidy(self) -> None:
        """Remove what no pointer names: older rows, half-made files, downloads. Only under the lock."""
        state = self.state()
        kept = {one.file for one in (state.current, state.previous) if one is not None}
        for path in (*self.folder.glob("rows-*.sqlite"), *self.folder.glob("part-*.tmp*"), *(self.folder / "download").glob("*")):
            if path.name not in kept:
                _remove(path)

    def desk(self) -> str:
        """This PC's random number, made at first use; where the disk refuses, one for this run."""
        path = self.folder / "desk_id"
        with contextlib.suppress(OSError):
            held = path.read_text("ascii", errors="replace").strip()
            if re.fullmatch("[0-9a-f]{32}", held):
                return held
        new = secrets.token_hex(16)
        with contextlib.suppress(OSError):
            write_atomically(path, new.encode())
        return new

    def root(self) -> bytes | None:
        """The root that this PC was told to trust."""
        try:
            return (self.folder / "root.json").read_bytes()
        except OSError:
            return None

    def trust(self, root: bytes) -> None:
        """Trust another root; what the former one vouched for is forgotten, the rows stay."""
        try:
            for path in sorted((self.folder / "tuf").rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
            self.put_state(replace(self.state(), seen={}))
            write_atomically(self.folder / "root.json", root)
        except OSError as error:
            raise self._fault(error) from error

    def _fault(self, error: Exception) -> EnvironmentFault:
        reason = (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__
        return EnvironmentFault("kb_cache.cache_unwritable", path=self.folder.name, reason=reason)


def crc(path: Path) -> str:
    """CRC-32 of a file in eight hex digits."""
    value = 0
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            value = zlib.crc32(block, value)
    return f"{value:08x}"


def _fill(path: Path, changes: Changes, version: str, base: Mapping[str, str]) -> str:
    database = sqlite3.connect(path, isolation_level=None)
    try:
        database.executescript("PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF;" + _SCHEMA)  # a new file: fsync follows
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT INTO row VALUES(?,?)", base.items())
        database.executemany("DELETE FROM row WHERE id = ?", ((key,) for key in changes.drops))
        database.executemany("INSERT OR REPLACE INTO row VALUES(?,?)", changes.puts.items())
        database.executemany("INSERT INTO meta VALUES(?,?)", (("version", version), ("release", str(changes.release))))
        database.execute("COMMIT")
        return set_hash(_rows_in(database))
    finally:
        database.close()


def _rows_in(database: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    yield from database.execute("SELECT id, line FROM row")


def _release(given: Mapping[str, object] | None) -> InstalledRelease | None:
    if given is None:
        return None
    number, texts = given["number"], [given[name] for name in ("version", "channel", "row_hash", "file")]
    if not isinstance(number, int) or not all(isinstance(text, str) for text in texts) or not _ROWS_NAME.fullmatch(str(texts[3])):
        raise ValueError("release")
    return InstalledRelease(number, *map(str, texts))


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):  # in use on Windows: goes another day
        path.unlink(missing_ok=True)
