"""Everything the search needs to know of words, put together: readings, prefix tree, general and hotline models.

Made once for a pair of models and the shipped word lists, and kept in the user's cache under a key of all of them; a
start then loads arrays. Words that come later are added by ``asr.lexicon.vocabulary``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from asr.lexicon import general, hotline, store
from asr.lexicon.segment import Segmenter
from asr.lexicon.tree import PrefixTree, build
from asr.lm import ngram
from asr.lm.mixture import WordTable
from asr.lm.train import BEGIN

FORMAT = 1
"""Counts up with every change of how the parts are put together."""


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
        classes: number of each word class in the domain model, by the class's name.
    """

    texts: list[str]
    table: WordTable
    tree: PrefixTree
    general: ngram.Ngram
    domain: ngram.Ngram | None
    begin_state: int
    tokens: dict[str, int]
    versions: dict[str, str]
    classes: dict[str, int]


def assemble(lm_folder: Path, tokens: Sequence[str], folder: Path) -> Lexicon:
    """From the cache ``folder`` where its key fits, else made anew (about ten seconds) and kept there.

    Raises:
        EnvironmentFault: the language model is missing or damaged.
    """
    model, words = ngram.load(lm_folder)
    lm_version, talk_version = _version(lm_folder), hotline.digest()
    key = hashlib.sha256("|".join([str(FORMAT), lm_version, talk_version, *tokens]).encode()).hexdigest()[:16]
    compiled = store.load(folder, key)
    if compiled is None:
        talk = hotline.build(Segmenter(words, model.uni_prob))
        compiled = _compiled(words, talk, {token: i for i, token in enumerate(tokens)})
        store.save(folder, key, compiled)
    texts, table, tree, domain, domain_words = compiled
    numbers = {token: i for i, token in enumerate(tokens)}
    versions = {"lm": lm_version[:12], "lexicon": key}
    classes = {word[1:-1]: i for i, word in enumerate(domain_words) if word.startswith("<")}
    return Lexicon(texts, table, tree, model, domain, BEGIN, numbers, versions, classes)


def _compiled(words: Sequence[str], talk: hotline.HotlineLanguage, tokens: dict[str, int]) -> store.Compiled:
    number_of = {word: i for i, word in enumerate(words)}
    domain_of = {word: i for i, word in enumerate(talk.words)}
    texts = list(words)
    general_number, domain, share = list(range(len(words))), [domain_of.get(word, 0) for word in words], [0.0] * len(words)
    spoken = [(number_of[word], syllables, cost) for word, syllables, cost in general.pronunciations(words)]
    for name, members in talk.members.items():
        for member in members:
            spoken += [(len(texts), syllables, cost) for syllables, cost in member.readings]
            texts.append(member.text)
            general_number.append(number_of.get(member.text, 0))
            domain.append(domain_of.get(f"<{name}>", 0))
            share.append(member.share)
    readable = [(word, general.token_sequence(syllables, tokens), cost) for word, syllables, cost in spoken]
    rows = [(word, sequence, cost) for word, sequence, cost in readable if sequence]
    table = WordTable(
        general=np.array(general_number, dtype=np.int64),
        scored=np.arange(len(texts)) < len(words),
        domain=np.array(domain, dtype=np.int64),
        share=np.array(share, dtype=np.float32),
    )
    tree = build([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])
    return texts, table, tree, talk.model, talk.words


def _version(lm_folder: Path) -> str:
    try:
        return str(json.loads((lm_folder / ngram.META_FILE).read_text(encoding="utf-8"))["sha256"])
    except (OSError, ValueError, KeyError):
        return hashlib.sha256(str((lm_folder / "bi_key.npy").stat().st_size).encode()).hexdigest()
