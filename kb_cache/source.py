"""Reads a knowledge base from where it lies: our JSON Lines, a foreign JSON Lines shape, or a folder with one of these.

A file that is not what it says is refused whole, with the line (a damaged line may mean that more is missing); a record
that merely breaks a rule is refused alone and counted in the report.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.knowledge import KnowledgeEntry
from kb_cache.foreign import Shape
from kb_cache.records import RecordError, Refusal, entry_of

SQLITE_MAGIC = b"SQLite format 3\0"
MANIFEST = "manifest.json"
ENTRIES = "entries.jsonl"
MAX_SOURCE_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Located:
    """Where a knowledge base lies: a ready index, or JSON Lines with the version its manifest names."""

    path: Path
    is_index: bool
    version: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What was read.

    Attributes:
        entries: all entries taken, in file order; ids are unique.
        version: as the manifest names it, else the first 12 hex digits of the content's SHA-256.
        refusals: records that were not taken.
        shape: name of the mapping, "" for our own format.
    """

    entries: tuple[KnowledgeEntry, ...]
    version: str
    refusals: tuple[Refusal, ...]
    shape: str


def locate(path: Path) -> Located:
    """Find the knowledge base at ``path`` (a file or a folder).

    Raises:
        OperatorVisibleError: nothing there, or a folder without one.
        EnvironmentFault: it cannot be read.
    """
    try:
        if path.is_dir():
            return _in_folder(path)
        if not path.exists():
            raise OperatorVisibleError("kb_cache.not_found", path=path.name)
        with path.open("rb") as stream:
            return Located(path, stream.read(len(SQLITE_MAGIC)) == SQLITE_MAGIC)
    except OSError as error:
        raise EnvironmentFault("kb_cache.unreadable", path=path.name, reason=error.strerror or "") from error


def read_bytes(located: Located) -> bytes:
    """The JSON Lines file whole.

    Raises:
        EnvironmentFault: it cannot be read.
        OperatorVisibleError: it is empty or beyond all measure.
    """
    try:
        size = located.path.stat().st_size
        if size == 0 or size > MAX_SOURCE_BYTES:
            raise OperatorVisibleError("kb_cache.empty" if size == 0 else "kb_cache.too_large", path=located.path.name)
        return located.path.read_bytes()
    except OSError as error:
        raise EnvironmentFault("kb_cache.unreadable", path=located.path.name, reason=error.strerror or "") from error


def parse(data: bytes, located: Located, shapes: Sequence[Shape]) -> Content:
    """Entries of a JSON Lines file.

    Raises:
        OperatorVisibleError: not UTF-8, a line that is not a JSON object, no entry at all.
    """
    name = located.path.name
    entries: dict[str, KnowledgeEntry] = {}
    refusals: list[Refusal] = []
    shape: Shape | None = None
    for first, line, record in _records(data, name):
        if first:
            shape = next((known for known in shapes if known.fits(record)), None)
        try:
            entry = entry_of(shape.convert(record) if shape else record)
            if entry.id in entries:
                raise RecordError("duplicate")
            entries[entry.id] = entry
        except RecordError as refused:
            refusals.append(Refusal(line, str(refused)))
    if not entries:
        reason = refusals[0].reason if refusals else ""
        raise OperatorVisibleError("kb_cache.no_entries", path=name, refused=len(refusals), reason=reason)
    version = located.version or hashlib.sha256(data).hexdigest()[:12]
    return Content(tuple(entries.values()), version, tuple(refusals), shape.name if shape else "")


def _records(data: bytes, name: str) -> Iterator[tuple[bool, int, dict[str, object]]]:
    """(is the first record, line number from 1, record) of every line that is not blank."""
    first = True
    for number, raw in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not raw.strip():
            continue
        try:
            record = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise OperatorVisibleError("kb_cache.bad_line", path=name, line=number) from error
        if not isinstance(record, dict):
            raise OperatorVisibleError("kb_cache.bad_line", path=name, line=number)
        yield first, number, record
        first = False


def _in_folder(folder: Path) -> Located:
    for index in sorted(folder.glob("*.sqlite")):
        return Located(index, is_index=True)
    named = folder / (_named_by(folder / MANIFEST) or ENTRIES)
    found = [named] if named.is_file() else sorted(folder.glob("*.jsonl"))
    if len(found) != 1:
        raise OperatorVisibleError("kb_cache.folder_empty" if not found else "kb_cache.folder_ambiguous",
                                   path=folder.name)
    return Located(found[0], is_index=False, version=_checked_manifest(folder / MANIFEST, found[0]))


def _named_by(manifest: Path) -> str:
    """The entries' file as a manifest names it, "" where it names none (a plain name: never a way out of the folder)."""
    try:
        name = json.loads(manifest.read_bytes()).get("file", "") if manifest.is_file() else ""
    except (ValueError, AttributeError) as error:
        raise OperatorVisibleError("kb_cache.bad_manifest", path=manifest.name) from error
    if not isinstance(name, str) or name != Path(name).name or (name and not (manifest.parent / name).is_file()):
        raise OperatorVisibleError("kb_cache.bad_manifest", path=manifest.name)
    return name


def _checked_manifest(manifest: Path, entries: Path) -> str:
    """The version a manifest names; "" without one. The manifest's SHA-256, where it has one, must fit the entries."""
    if not manifest.is_file():
        return ""
    try:
        stated = json.loads(manifest.read_bytes())
        version, digest = str(stated["version"]), stated.get("sha256", "")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OperatorVisibleError("kb_cache.bad_manifest", path=manifest.name) from error
    if digest and digest != hashlib.sha256(entries.read_bytes()).hexdigest():
        raise EnvironmentFault("kb_cache.manifest_mismatch", path=entries.name)
    return version
