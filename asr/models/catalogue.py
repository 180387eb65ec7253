"""The models that the program knows, from ``resources/models.toml``: names, licences, addresses, checksums."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.errors import OperatorVisibleError
from app.platform.resource_files import resource

ZIPFORMER = "zipformer-zh-3.3m"
WHISPER = "whisper-base"
LANGUAGE_MODEL = "libime-zh"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file that a model consists of, as published."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model of the catalogue.

    Attributes:
        id: stable name.
        title: for people.
        licence: SPDX identifier.
        publisher: who publishes it.
        folder: its folder's name below a models folder.
        engine: the engine that reads it.
        address: official archive, empty where there is none.
        archive_bytes: length of that archive, 0 where its publisher does not tell.
        archive_sha256: checksum of that archive; empty where it is not known, or where ``files`` are compared instead.
        max_archive_bytes: an archive or its content larger than this is refused.
        files: what it consists of; empty for a model that is made on this PC, or that is known by its archive.
        marks: files that tell that it is there, where ``files`` is empty.
        package: Debian package that holds its source, or empty.
        source: file in that package.
    """

    id: str
    title: str
    licence: str
    publisher: str
    folder: str
    engine: str = ""
    address: str = ""
    archive_bytes: int = 0
    archive_sha256: str = ""
    max_archive_bytes: int = 0
    files: tuple[ModelFile, ...] = ()
    marks: tuple[str, ...] = ()
    package: str = ""
    source: str = ""

    @property
    def by_archive(self) -> bool:
        """Known by its archive: a whole tree of files is installed, and their checksums are written down then."""
        return bool(self.marks)

    @property
    def bytes(self) -> int:
        """What has to be fetched, 0 where it is not known."""
        return self.archive_bytes or sum(file.bytes for file in self.files)


def entry(model_id: str) -> ModelEntry:
    """The entry of that id; the three ids above always exist.

    Raises:
        OperatorVisibleError: there is none.
    """
    if model_id not in entries():
        raise OperatorVisibleError("asr.model_unknown", model=model_id, known=", ".join(entries()))
    return entries()[model_id]


@functools.cache
def entries() -> Mapping[str, ModelEntry]:
    """All entries by id, in the file's order."""
    table = tomllib.loads(resource("models.toml").read_text("utf-8"))
    return {model_id: _entry(model_id, dict(values)) for model_id, values in table.items()}


def _entry(model_id: str, values: dict[str, Any]) -> ModelEntry:
    files = tuple(ModelFile(**item) for item in values.pop("files", ()))
    marks = tuple(values.pop("marks", ()))
    return ModelEntry(id=model_id, files=files, marks=marks, **values)
