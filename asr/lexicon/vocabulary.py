"""Words added at run time: of a call, of a centre. They join the compiled lexicon in well under a second, 50,000 at once.

A phrase is a line ``word [class] [weight]``, apart by spaces or a tab; the word alone is enough. Classes: ``place``, ``person``,
``organisation``, ``number``, ``term`` (the default), or the same in Chinese. A term has at least its share of a small probability
after anything, so that a long list cannot drown the language; a word with a class is one more member of that class and scored
wherever the hotline's talk expects one. Words that are not all Chinese characters are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from asr.lexicon.assembly import Lexicon
from asr.lexicon.general import is_chinese
from asr.lexicon.local_readings import GIVEN, PLACE, SURNAME, tables
from asr.lexicon.reading_table import ReadingTable, token_rows
from asr.lexicon.tree import build_rows, merged
from asr.lm.mixture import WordTable

TERM = "term"
KINDS = {
    "term": TERM, "place": "place", "person": "person", "organisation": "organisation", "number": "number",
    "词语": TERM, "地名": "place", "人名": "person", "机构": "organisation", "号码": "number",
}  # fmt: skip
LONGEST = 16
"""Characters; a longer phrase is a sentence, and no search needs it as one word."""
LEAST_WEIGHT, MOST_WEIGHT = 0.01, 100.0
MASS = 0.05
"""Probability of all added terms together, after anything."""
FEW = 50.0
"""Fewer words than these do not get more each: about one word in a thousand."""
_CLASS_SHARE = 0.7
"""Of a class's probability that its added members have together."""
_ENDINGS = (
    ("区", "区县市"), ("街道", ("街道", "镇", "乡")), ("社区", ("社区", "村", "居委会", "村委会")),
    ("大路", ("路", "街", "大道", "巷", "道", "高速")),
)  # fmt: skip
_CLASSES = {"person": "姓", "organisation": "吉", "number": "热线"}


class Word(NamedTuple):
    """A word to add: spelling, one of the values of ``KINDS``, weight against the other words of its list."""

    text: str
    kind: str = TERM
    weight: float = 1.0


class BadLineError(ValueError):
    """A line of a vocabulary that means nothing."""


def parse(line: str) -> Word:
    """One phrase.

    Raises:
        BadLineError: no word of Chinese characters, an unknown class, a weight out of bounds.
    """
    text, *rest = line.split() or [""]
    if not 1 < len(text) <= LONGEST or not is_chinese(text) or len(rest) > 2:
        raise BadLineError(line)
    word = Word(text)
    for field in rest:
        if field in KINDS:
            word = word._replace(kind=KINDS[field])
            continue
        try:
            weight = float(field)
        except ValueError:
            raise BadLineError(line) from None
        if not LEAST_WEIGHT <= weight <= MOST_WEIGHT:
            raise BadLineError(line)
        word = word._replace(weight=weight)
    return word


def usable(lines: Iterable[str]) -> list[Word]:
    """The phrases among the lines that mean something; of a word given twice, the last."""
    found: dict[str, Word] = {}
    for line in lines:
        try:
            word = parse(line)
        except BadLineError:
            continue
        found[word.text] = word
    return list(found.values())


def with_words(lexicon: Lexicon, words: Sequence[Word], table: ReadingTable) -> Lexicon:
    """The same lexicon with these words favoured. Unknown ones, and new members of classes, are added beside, below a second
    root; a member that is there already gets a greater share."""
    index = dict(zip(reversed(lexicon.texts), range(len(lexicon.texts) - 1, -1, -1), strict=True))
    classes = np.array([_class_of(word, lexicon.classes) for word in words], dtype=np.int64)
    floor = np.where(classes > 0, -np.inf, _floors(words)).astype(np.float32)
    known = np.array([index.get(word.text, -1) for word in words], dtype=np.int64)
    first = len(lexicon.texts) - int(lexicon.table.scored[::-1].argmax())  # members of classes stand behind the plain words
    members = dict(zip(zip(lexicon.texts[first:], lexicon.table.domain[first:].tolist(), strict=True),
                       range(first, len(lexicon.texts)), strict=True))
    member = np.array([members.get((word.text, number), -1) for word, number in zip(words, classes.tolist(), strict=True)],
                      dtype=np.int64)
    beside = (member < 0) & ((known < 0) | (classes > 0))
    rows, whole = token_rows(_read(words, table), table.tokens(lexicon.tokens))
    added = np.flatnonzero(beside & whole)

    hot = np.full(len(lexicon.texts), -np.inf, dtype=np.float32) if lexicon.table.hot is None else lexicon.table.hot.copy()
    share, shares = lexicon.table.share.copy(), _shares(words, classes)
    for numbers, values, gains in ((known, hot, floor), (member, hot, floor), (member, share, shares)):
        there = np.flatnonzero(numbers >= 0)
        np.maximum.at(values, numbers[there], gains[there])
    general = np.where(known[added] >= 0, lexicon.table.general[known[added]], 0)
    words_table = WordTable(
        np.concatenate([lexicon.table.general, general]),
        np.concatenate([lexicon.table.scored, np.zeros(added.size, dtype=bool)]),
        np.concatenate([lexicon.table.domain, classes[added]]),
        np.concatenate([share, shares[added]]),
        np.concatenate([hot, floor[added]]),
    )
    tree = lexicon.tree
    if added.size:
        own = np.arange(len(lexicon.texts), len(lexicon.texts) + added.size, dtype=np.int32)
        tree = merged(tree, build_rows(own, rows[added], np.zeros(added.size, dtype=np.float32)))
    texts = lexicon.texts + [words[i].text for i in added.tolist()]
    return replace(lexicon, texts=texts, table=words_table, tree=tree)


def _read(words: Sequence[Word], table: ReadingTable) -> NDArray[np.int32]:
    """Syllable numbers of the words; names and places as they are read here."""
    rows = table.rows([word.text for word in words])
    number = {syllable: i for i, syllable in enumerate(table.spoken)}
    places, surnames, given = ({c: number.get(s, 0) for c, s in tables()[kind].items()} for kind in (PLACE, SURNAME, GIVEN))
    for row, word in enumerate(words):
        if word.kind == "place":
            if not places.keys().isdisjoint(word.text):
                rows[row, : len(word.text)] = [places.get(c) or n for c, n in zip(word.text, rows[row].tolist(), strict=False)]
        elif word.kind == "person":
            local = [surnames, *[given] * (len(word.text) - 1)]
            rows[row, : len(word.text)] = [
                here.get(c) or n for here, c, n in zip(local, word.text, rows[row].tolist(), strict=False)
            ]
    return rows


def _floors(words: Sequence[Word]) -> NDArray[np.float32]:
    weight = np.array([word.weight for word in words], dtype=np.float64)
    share = np.minimum(weight / max(float(weight.sum()), FEW), 1.0 / FEW)
    floors: NDArray[np.float32] = np.log(MASS * share).astype(np.float32)
    return floors


def _shares(words: Sequence[Word], classes: NDArray[np.int64]) -> NDArray[np.float32]:
    """Natural log of each word's share in its class, 0 without a class."""
    weight = np.array([word.weight for word in words], dtype=np.float64)
    total = np.bincount(classes, weights=weight)
    shares: NDArray[np.float32] = np.where(
        classes > 0, np.log(_CLASS_SHARE * weight / np.maximum(total[classes], FEW)), 0.0
    ).astype(np.float32)
    return shares


def _class_of(word: Word, classes: dict[str, int]) -> int:
    """Number of the domain model's class that the word belongs to; 0 for none."""
    if word.kind == "place":
        name = next((name for name, endings in _ENDINGS if word.text.endswith(tuple(endings))), "根")
    else:
        name = _CLASSES.get(word.kind, "")
    return classes.get(name, 0)
