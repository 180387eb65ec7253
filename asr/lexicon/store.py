"""The compiled lexicon on disk: arrays in one folder a key, so that a start maps files instead of reading words.

The key holds the digest of everything that went in. A folder appears whole or not at all; old ones are removed, damaged ones
are made again by the caller.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import fields
from pathlib import Path

import numpy as np

from app.domain.errors import EnvironmentFault
from asr.lexicon.tree import PrefixTree
from asr.lm import ngram
from asr.lm.mixture import WordTable

_TREE = [f.name for f in fields(PrefixTree)]
_TABLE = ["general", "scored", "domain", "share"]
_TEXTS = "texts.json"
_PREFIX = "lexicon-"

Compiled = tuple[list[str], WordTable, PrefixTree, ngram.Ngram, list[str]]
"""Spellings, numbers, readings, domain model, and its words."""


def load(folder: Path, key: str) -> Compiled | None:
    """What was kept under ``key``, or None where there is nothing usable."""
    home = folder / (_PREFIX + key)
    if not home.is_dir():
        return None
    try:
        texts = json.loads((home / _TEXTS).read_text("utf-8"))
        table = WordTable(**{name: np.load(home / f"table_{name}.npy") for name in _TABLE})
        tree = PrefixTree(**{name: np.load(home / f"tree_{name}.npy") for name in _TREE})
        domain, domain_words = ngram.load(home)
    except (OSError, ValueError, EnvironmentFault):
        return None
    return texts, table, tree, domain, domain_words


def save(folder: Path, key: str, compiled: Compiled) -> None:
    """Keep under ``key`` and forget what was kept before. A disk that does not take it costs only time at the next start."""
    texts, table, tree, domain, domain_words = compiled
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".lexicon-", dir=folder))
    except OSError:
        return
    try:
        (staging / _TEXTS).write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
        (staging / ngram.WORDS_FILE).write_text("\n".join(domain_words), encoding="utf-8")
        for name in _TABLE:
            np.save(staging / f"table_{name}.npy", getattr(table, name))
        for name in _TREE:
            np.save(staging / f"tree_{name}.npy", getattr(tree, name))
        ngram.save(domain, staging)
        for old in folder.glob(_PREFIX + "*"):
            shutil.rmtree(old, ignore_errors=True)
        staging.replace(folder / (_PREFIX + key))
    except OSError:
        return
    finally:
        shutil.rmtree(staging, ignore_errors=True)
