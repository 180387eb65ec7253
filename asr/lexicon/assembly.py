"""Everything the search needs to know of words, put together: readings, prefix tree, general and hotline models.

Made once for a pair of models and the shipped word lists, and kept in the user's cache under a key of all of them; a
start then loads arrays. Phrases of one call are added beside the fixed tree, below a second root.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from app.platform.paths import cache_dir
from asr.lexicon import general
from asr.lexicon.syllables import readings
from asr.lexicon.tree import PrefixTree, build, merged
from asr.lm import ngram
from asr.lm.mixture import WordTable

HOT = -7.0
"""Natural-log probability of a call's phrase after anything: about one word in a thousand."""


@dataclass(frozen=True)
class Lexicon:
    """Words by number: spelling, numbers in the models, readings in the tree.

    Attributes:
        texts: spelling by word number.
        table: numbers in the two models.
        tree: readings.
        general, domain: the models.
        begin_state: the domain model's state at the begin of an utterance.
        tokens: token numbers by spelling.
        versions: of the parts, for reports.
    """

    texts: list[str]
    table: WordTable
    tree: PrefixTree
    general: ngram.Ngram
    domain: ngram.Ngram | None
    begin_state: int
    tokens: dict[str, int]
    versions: dict[str, str]


def assemble(lm_folder: Path, tokens: Sequence[str], cache_folder: Path | None = None) -> Lexicon:
    """From the cache where its key fits, else made anew (about ten seconds) and kept.

    Raises:
        EnvironmentFault: the language model is missing or damaged.
    """
    model, words = ngram.load(lm_folder)
    folder = cache_folder or cache_dir() / "lexicon"
    folder.mkdir(parents=True, exist_ok=True)
    lm_version = _version(lm_folder)
    numbers = {token: i for i, token in enumerate(tokens)}
    entries = general.cached(words, folder / "readings.json", lm_version)
    number_of = {word: i for i, word in enumerate(words)}
    ids, sequences, costs = [], [], []
    for word, spoken, cost in entries:
        sequence = general.token_sequence(spoken, numbers)
        if sequence:
            ids.append(number_of[word])
            sequences.append(sequence)
            costs.append(cost)
    size = len(words)
    table = WordTable(np.arange(size), np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.float32))
    return Lexicon(words, table, build(ids, sequences, costs), model, None, 0, numbers, {"lm": lm_version[:12]})


def with_phrases(lexicon: Lexicon, phrases: Sequence[str]) -> Lexicon:
    """The same lexicon with a call's phrases favoured: a known word gets a floor, an unknown one is added beside."""
    wanted = {phrase for phrase in phrases if len(phrase) > 1 and general.is_chinese(phrase)}
    hot = np.full(len(lexicon.texts), -np.inf, dtype=np.float32)
    known = [i for i, text in enumerate(lexicon.texts) if text in wanted]
    hot[known] = HOT
    new = sorted(wanted - {lexicon.texts[i] for i in known})
    sequences = [(word, general.token_sequence(readings(word), lexicon.tokens)) for word in new]
    spoken = [(word, sequence) for word, sequence in sequences if sequence]
    count = len(spoken)
    table = WordTable(
        np.concatenate([lexicon.table.general, np.zeros(count, dtype=np.int64)]),
        np.concatenate([lexicon.table.domain, np.zeros(count, dtype=np.int64)]),
        np.concatenate([lexicon.table.share, np.zeros(count, dtype=np.float32)]),
        np.concatenate([hot, np.full(count, HOT, dtype=np.float32)]),
    )
    tree = lexicon.tree
    if spoken:
        first = len(lexicon.texts)
        tree = merged(tree, build(range(first, first + count), [s for _, s in spoken], [0.0] * count))
    return replace(lexicon, texts=lexicon.texts + [word for word, _ in spoken], table=table, tree=tree)


def _version(lm_folder: Path) -> str:
    try:
        return str(json.loads((lm_folder / ngram.META_FILE).read_text(encoding="utf-8"))["sha256"])
    except (OSError, ValueError, KeyError):
        return hashlib.sha256(str((lm_folder / "bi_key.npy").stat().st_size).encode()).hexdigest()
