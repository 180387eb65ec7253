"""Opens knowledge bases: builds an index into the cache where needed, falls back for the default one.

An index in the cache is named ``kb-<hash of content and format>-<CRC-32 over the file's pieces>.sqlite``: it appears by one rename, a new
content gets a new name, and damage shows at open without reading anything else. Several programs may build the same
index at once; the last rename wins and both are right.
"""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
import tempfile
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import AppError, EnvironmentFault
from app.domain.knowledge import KnowledgeEntry
from app.platform.resource_files import resource
from kb_cache.foreign import load_shapes
from kb_cache.index_build import build
from kb_cache.index_format import FORMAT
from kb_cache.index_reader import IndexedKnowledge
from kb_cache.installed import InstalledFolder
from kb_cache.records import Refusal
from kb_cache.rows import set_hash
from kb_cache.source import Content, Located, locate, parse, read_bytes

_KEPT_INDEXES = 6
_SMALL = 0.01
_HALF_BUILT_S = 3600
_PIECE = 1 << 21
_WORTH_THREADS = 4
_THREADS = 2


@dataclass(frozen=True, slots=True)
class OpenedDefault:
    """The default knowledge base and how it came.

    Attributes:
        knowledge: ready to search.
        origin: "installed", "last_good" or "sample".
        problem: why a better one did not open, None where it did.
    """

    knowledge: IndexedKnowledge
    origin: str
    problem: AppError | None


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What a source holds, without opening it: for ``tingdan doctor`` and imports."""

    version: str
    entries: int
    shape: str
    refusals: tuple[Refusal, ...]


def open_kb(path: Path, cache_folder: Path) -> IndexedKnowledge:
    """Open the knowledge base at ``path``: our JSON Lines, a known foreign shape, a built index, or a folder with one.

    The result belongs to the calling thread; other threads open their own.

    Raises:
        OperatorVisibleError: there is none, or it is not one.
        EnvironmentFault: it or the cache cannot be read or written, or is damaged.
    """
    located = locate(path)
    if located.is_index:
        return IndexedKnowledge(located.path)
    data = read_bytes(located)
    key = _key(data, located)
    known = _from_cache(cache_folder, key)
    return known or _build_into(cache_folder, key, parse(data, located, load_shapes(resource("knowledge", "shapes"))))


def open_default(installed: Path | None, cache_folder: Path, signed: InstalledFolder | None = None) -> OpenedDefault:
    """The knowledge base of this PC, whatever happens to its files: installed, else the last good one, else the sample.

    Args:
        installed: where a knowledge base was put by hand.
        cache_folder: where indexes are kept.
        signed: what signed updates brought; it comes before what was put by hand.

    Raises:
        EnvironmentFault: even the shipped sample cannot be read (a broken installation).
    """
    problem: AppError | None = None
    pointer = cache_folder / "last_good"
    if signed is not None and signed.is_used:
        opened, problem = _open_signed(signed, cache_folder)
        if opened is not None:
            _remember(pointer, opened.path)
            return OpenedDefault(opened, "installed" if problem is None else "last_good", problem)
        last = _last_good(pointer)
        if last is not None:
            return OpenedDefault(last, "last_good", problem)
    if installed is not None and installed.exists():
        try:
            knowledge = open_kb(installed, cache_folder)
            _remember(pointer, knowledge.path)
            return OpenedDefault(knowledge, "installed", None)
        except AppError as error:
            problem = error
        last = _last_good(pointer)
        if last is not None:
            return OpenedDefault(last, "last_good", problem)
    sample = resource("sample_kb")
    try:
        return OpenedDefault(open_kb(sample, cache_folder), "sample", problem)
    except EnvironmentFault as error:  # the cache's disk refuses: the sample needs none
        located = locate(sample)
        content = parse(read_bytes(located), located, ())
        return OpenedDefault(_build_aside(content), "sample", problem or error)


def describe_source(path: Path) -> SourceReport:
    """Read a JSON Lines source and tell what is in it.

    Raises:
        OperatorVisibleError, EnvironmentFault: as ``open_kb``.
    """
    located = locate(path)
    if located.is_index:
        with_index = IndexedKnowledge(located.path)
        with_index.close()
        return SourceReport(with_index.version, with_index.size, with_index.shape, ())
    content = parse(read_bytes(located), located, load_shapes(resource("knowledge", "shapes")))
    return SourceReport(content.version, len(content.entries), content.shape, content.refusals)


def build_index(entries: tuple[KnowledgeEntry, ...], version: str, path: Path) -> None:
    """Write an index file for ``entries`` at ``path``, atomically.

    Raises:
        EnvironmentFault: the disk refuses.
    """
    part = _part_of(path.parent)
    try:
        build(part, entries, version, "")
        _sync(part)
        part.replace(path)
    except OSError as error:
        raise EnvironmentFault("kb_cache.cache_unwritable", path=path.name, reason=error.strerror or "") from error
    finally:
        part.unlink(missing_ok=True)


def index_rows(row_hash: str, version: str, entries: Callable[[], tuple[KnowledgeEntry, ...]], cache_folder: Path) -> None:
    """Have the index of a release in the cache, before it is switched to.

    Raises:
        EnvironmentFault: the disk refuses.
    """
    key = _rows_key(row_hash, version)
    known = _from_cache(cache_folder, key) or _build_into(cache_folder, key, Content(entries(), version, (), ""))
    known.close()


def has_index(row_hash: str, version: str, cache_folder: Path) -> bool:
    """Whether the index of a release lies in the cache, as far as names tell."""
    return any(cache_folder.glob(f"kb-{_rows_key(row_hash, version)}-*.sqlite"))


def is_small(changes: int, entries: int) -> bool:
    """Whether so many changes are searched beside an index of so many entries, until there is time for a new one."""
    return changes <= max(1, int(entries * _SMALL))


def _with_changes(signed: InstalledFolder, cache_folder: Path) -> IndexedKnowledge | None:
    """The index of the release before with what the newest update changed beside it; None where there is no such thing."""
    state, changes = signed.state(), signed.newest_changes()
    if changes is None or state.previous is None or state.current is None:
        return None
    known = _from_cache(cache_folder, _rows_key(state.previous.row_hash, state.previous.version))
    if known is None:
        return None
    if is_small(len(changes.entries) + len(changes.removed), known.size):
        known.change(changes.entries, changes.removed, state.current.version)
        return known
    known.close()
    return None


def _open_signed(signed: InstalledFolder, cache_folder: Path) -> tuple[IndexedKnowledge | None, AppError | None]:
    """The best release that opens, and why a better one does not. An index in the cache is as good as the rows it came from."""
    problem: AppError | None = None
    state = signed.state()
    named = {one.file: one for one in (state.current, state.previous) if one is not None}
    if state.current is None:
        problem = EnvironmentFault("kb_cache.index_damaged", path="state.json")
    for file in signed.candidates():
        release = named.get(file)
        known = _from_cache(cache_folder, _rows_key(release.row_hash, release.version)) if release else None
        if known is None and release is not None and release is state.current:
            known = _with_changes(signed, cache_folder)
        if known is not None:
            return known, problem
        try:
            rows = signed.read(file)[1]
            version, entries = signed.entries(file)
            key = _rows_key(set_hash(rows.items()), version)
            content = Content(entries, version, (), "")
            return _from_cache(cache_folder, key) or _build_into(cache_folder, key, content), problem
        except AppError as error:
            problem = problem or error
    return None, problem


def _rows_key(row_hash: str, version: str) -> str:
    return hashlib.sha256(f"rows|{row_hash}|{version}|{FORMAT}".encode()).hexdigest()[:20]


def _key(data: bytes, located: Located) -> str:
    digest = hashlib.sha256(_by_piece(memoryview(data), lambda piece: hashlib.sha256(piece).digest()))
    digest.update(f"|{located.version}|{FORMAT}".encode())
    for shape in sorted(resource("knowledge", "shapes").glob("*.toml")):
        digest.update(shape.read_bytes())
    return digest.hexdigest()[:20]


def _from_cache(folder: Path, key: str) -> IndexedKnowledge | None:
    """The index of this content where a good one lies in the cache; a damaged one is removed."""
    for path in sorted(folder.glob(f"kb-{key}-*.sqlite")):
        try:
            if path.stem.rsplit("-", 1)[1] == _crc(path):
                return IndexedKnowledge(path)
        except (AppError, OSError):
            pass  # damaged: built again below
        _remove(path)
    return None


def _build_into(folder: Path, key: str, content: Content) -> IndexedKnowledge:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = _part_of(folder)
    except OSError as error:
        raise EnvironmentFault("kb_cache.cache_unwritable", path=folder.name, reason=error.strerror or "") from error
    try:
        build(part, content.entries, content.version, content.shape)
        _sync(part)
        path = folder / f"kb-{key}-{_crc(part)}.sqlite"
        part.replace(path)
        _forget_old(folder, path)
        return IndexedKnowledge(path)
    except OSError as error:
        raise EnvironmentFault("kb_cache.cache_unwritable", path=folder.name, reason=error.strerror or "") from error
    finally:
        part.unlink(missing_ok=True)


def _build_aside(content: Content) -> IndexedKnowledge:
    """An index in the system's temporary folder, removed once it is open (at exit where the system holds it)."""
    with tempfile.TemporaryDirectory(prefix="tingdan-kb-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "kb.sqlite"
        build(path, content.entries, content.version, content.shape)
        return IndexedKnowledge(path)


def _part_of(folder: Path) -> Path:
    handle, name = tempfile.mkstemp(prefix="part-", suffix=".tmp", dir=folder)
    os.close(handle)
    return Path(name)


def _sync(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _crc(path: Path) -> str:
    """CRC-32 of the CRC-32 of the file's pieces: zlib lets other threads run, so that both cores of a small PC read it."""
    with path.open("rb") as stream:
        if not path.stat().st_size:
            return f"{0:08x}"
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as held, memoryview(held) as whole:
            return f"{zlib.crc32(_by_piece(whole, lambda piece: zlib.crc32(piece).to_bytes(4, 'big'))):08x}"


def _by_piece(whole: memoryview, digest: Callable[[memoryview], bytes]) -> bytes:
    """Digests of the pieces of a text, joined."""
    pieces = [whole[start:start + _PIECE] for start in range(0, len(whole), _PIECE)]
    try:
        if len(pieces) < _WORTH_THREADS:
            return b"".join(map(digest, pieces))
        with ThreadPoolExecutor(_THREADS, "kb-verify") as pool:
            return b"".join(pool.map(digest, pieces))
    finally:
        for piece in pieces:
            piece.release()


def _forget_old(folder: Path, newest: Path) -> None:
    """Keep the cache small: the newest few indexes stay, what a killed program left half-built goes after an hour."""
    made = newest.stat().st_mtime
    for path in folder.glob("part-*.tmp"):
        with contextlib.suppress(OSError):  # another program just finished it
            if path.stat().st_mtime < made - _HALF_BUILT_S:
                _remove(path)
    indexes = sorted(folder.glob("kb-*.sqlite"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in indexes[_KEPT_INDEXES:]:
        if path != newest:
            _remove(path)


def _remember(pointer: Path, path: Path) -> None:
    try:
        if not pointer.is_file() or pointer.read_text("utf-8") != path.name:
            pointer.write_text(path.name, "utf-8")
    except OSError:
        pass  # only a help for a worse day


def _last_good(pointer: Path) -> IndexedKnowledge | None:
    try:
        path = pointer.parent / pointer.read_text("utf-8")
        return IndexedKnowledge(path) if path.parent == pointer.parent and path.stem.rsplit("-", 1)[1] == _crc(path) else None
    except (AppError, OSError, ValueError, IndexError):
        return None


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):  # in use on Windows: goes another day
        path.unlink(missing_ok=True)
