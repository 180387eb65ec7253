"""Where the item classifier lies, and what the program does without it.

It is trained at set-up and lies beside its phrase bank; ``tingdan train-items`` trains it anew, into the user's data folder where
the program's own folder cannot be written (a system-wide installation). Where no file can be read, the phrase bank itself
is the model: each leaf is the mean of its sayings, made in about a second. Such an untrained model only suggests, is told
in the log, and ``tingdan doctor`` names the command that mends it. The first file that can be read is used, in the order of ``places``.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.domain.errors import AppError
from app.domain.health import Check
from app.extraction.items import ItemClassifier, read_bank, term_lines, tree
from app.platform import logs, paths
from app.platform.resource_files import resource

_log = logs.get("items")
FILE_NAME = "model.npz"
REMEDY = "tingdan train-items"
STEEPNESS = 8.0  # likeness of unit vectors to log-odds


def shipped_place() -> Path:
    """Beside the phrase bank."""
    return resource("items", FILE_NAME)


def own_place() -> Path:
    """In the user's data folder."""
    return paths.data_dir() / "items" / FILE_NAME


def places() -> tuple[Path, ...]:
    """Where a trained model may lie, best first."""
    return shipped_place(), own_place()


@functools.cache
def classifier() -> ItemClassifier:
    """The model in use."""
    found, faults = first_usable(places())
    if faults:
        _log.warning("item_classifier_left_out", keys="+".join(fault.key for fault in faults), trained=found is not None)
    return found or untrained()


def first_usable(files: Sequence[Path]) -> tuple[ItemClassifier | None, tuple[AppError, ...]]:
    """The first model that can be read, and why those before it cannot."""
    faults: list[AppError] = []
    for file in files:
        try:
            return ItemClassifier.load(file), tuple(faults)
        except AppError as fault:
            faults.append(fault)
    return None, tuple(faults)


def untrained() -> ItemClassifier:
    """The phrase bank as a model: each leaf the mean of its sayings."""
    from app.extraction import train_items  # noqa: PLC0415 - with pypinyin's tables; needed only where the trained file is missing

    bank = read_bank(resource("items"))
    texts = train_items.training_texts(bank, {item.code: item for item in tree().items})
    chars, ids, table = train_items.syllable_table()
    words, idf = train_items.vocabulary(texts, table, 1)
    index = {word: number for number, word in enumerate(words)}
    weights = np.zeros((len(words), len(texts)), np.float32)
    for column, group in enumerate(texts.values()):
        for text in group:
            rows, values = train_items.vector(text, index, idf, table)
            weights[rows, column] += values
    weights *= STEEPNESS / np.maximum(np.linalg.norm(weights, axis=0), 1e-9)
    scale = np.float32(np.abs(weights).max() / 127)
    return ItemClassifier({
        "codes": np.asarray(list(texts)), "vocabulary": np.asarray("\n".join(words)), "idf": idf,
        "weights": np.round(weights / scale).astype(np.int8), "scale": np.asarray(scale), "bias": np.zeros(len(texts), np.float32),
        "chars": np.asarray(chars), "syllables": np.asarray(ids), "terms": np.asarray(term_lines(bank)),
    }, trained=False)


def item_checks() -> tuple[Check, ...]:
    """For ``tingdan doctor``: whether a trained model is there and belongs to the phrase bank."""
    from app.extraction.train_items import bank_digest  # noqa: PLC0415 - as above

    found, faults = first_usable(places())
    if found is None:
        damaged = next((fault for fault in faults if fault.key != "items.model_missing"), faults[0])
        return (Check("items.model", False, damaged.key, damaged.params, REMEDY),)
    if found.bank != bank_digest():
        return (Check("items.model", False, "items.model_stale", {"leaves": len(found.codes)}, REMEDY),)
    return (Check("items.model", True, "items.model_ready", {"leaves": len(found.codes)}),)
