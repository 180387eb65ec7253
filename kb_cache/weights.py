"""What each view of a text counts for in the ranking: data, fitted on texts (``resources/knowledge/ranking.toml``)."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import BugError
from app.platform.resource_files import resource
from kb_cache.terms import View


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of BM25 sums.

    Attributes:
        head: by view of titles and question variants.
        body: by view of answers; a view without weight is not indexed.
        whole: share of what is said as a whole; the rest is its best window.
        long_body: times the weights of answers where what is said is long.
    """

    head: Mapping[View, float]
    body: Mapping[View, float]
    whole: float
    long_body: float = 1.0


@functools.cache
def weights(path: Path | None = None) -> Weights:
    """The shipped weights, read once.

    Raises:
        BugError: the shipped table is damaged.
    """
    where = path or resource("knowledge", "ranking.toml")
    try:
        table = tomllib.loads(where.read_text("utf-8"))
        head, body = ({View[name.upper()]: float(value) for name, value in table[field].items() if value} for field in ("head", "body"))
        return Weights(head, body, float(table["whole"]), float(table["long_body"]))
    except (OSError, KeyError, AttributeError, TypeError, ValueError) as error:
        raise BugError("kb_cache.mapping_damaged", name=where.name) from error
