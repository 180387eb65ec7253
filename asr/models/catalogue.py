"""The models that the program knows, from ``resources/models.toml``: names, licences, addresses, checksums."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
        address: official archive, empty where there is none.
        max_archive_bytes: an archive or its content larger than this is refused.
        files: what it consists of; empty for a model that is made on this PC.
        package: Debian package that holds its source, or empty.
        source: file in that package.
    """

    id: str
    title: str
    licence: str
    publisher: str
    folder: str
    address: str = ""
    max_archive_bytes: int = 0
    files: tuple[ModelFile, ...] = ()
    package: str = ""
    source: str = ""


def entry(model_id: str) -> ModelEntry:
    """The entry of that id; the three ids above always exist."""
    return entries()[model_id]


@functools.cache
def entries() -> Mapping[str, ModelEntry]:
    """All entries by id, in the file's order."""
    table = tomllib.loads(resource("models.toml").read_text("utf-8"))
    return {model_id: _entry(model_id, dict(values)) for model_id, values in table.items()}


def _entry(model_id: str, values: dict[str, Any]) -> ModelEntry:
    files = tuple(ModelFile(**item) for item in values.pop("files", ()))
    return ModelEntry(id=model_id, files=files, **values)
