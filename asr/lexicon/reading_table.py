"""Readings of many words at once: a compact table of usual readings and of the phrases that change them.

The same readings as ``asr.lexicon.syllables`` (pypinyin's), word by word and polyphones by the longest phrase first, but in
numpy and dictionaries: 50,000 words take 0.2 s instead of 8. Made from pypinyin's data at first use (two seconds) and kept in
the user's cache, so that a start needs no pypinyin; a damaged file is made again.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.platform.atomic_file import write_atomically
from asr.lexicon import syllables

FORMAT = 1
FILE = "reading_table.json"
_FIRST, _LAST, _ZERO = 0x4E00, 0x9FFF, 0x3007
_CODES = 0x10000
_PARTS = ("spoken", "parts", "usual", "phrases")

Ints = NDArray[np.int32]


@dataclass(frozen=True)
class ReadingTable:
    """Syllables by number, 0 is none.

    Attributes:
        spoken: toned syllable by number; the first is empty.
        parts: what the acoustic model writes for each: one or two token names.
        usual: number of each character's usual syllable, by code point, shape (65536,).
        phrases: syllable numbers of phrases that are not read as their characters usually are; an empty tuple for those that are.
        shifting: by code point, whether some phrase gives the character another reading.
        longest: length of the longest phrase by its first two characters.
    """

    spoken: list[str]
    parts: list[list[str]]
    usual: NDArray[np.int16]
    phrases: dict[str, tuple[int, ...]]
    shifting: NDArray[np.bool_]
    longest: dict[str, int]

    def rows(self, words: Sequence[str]) -> Ints:
        """Syllable numbers, shape (words, longest), filled up with 0; 0 inside a word is a character without a reading."""
        if not words:
            return np.zeros((0, 1), dtype=np.int32)
        spelled: NDArray[np.uint32] = np.array(words, dtype=np.str_).view(np.uint32).reshape(len(words), -1)
        codes = np.where(spelled < _CODES, spelled, 0)
        found: Ints = self.usual[codes].astype(np.int32)
        for row in np.flatnonzero(self.shifting[codes].any(axis=1)).tolist():
            self._shift(words[row], found[row])
        return found

    def _shift(self, word: str, row: Ints) -> None:
        """Longest phrases first, from left to right, as pypinyin cuts."""
        at, length = 0, len(word)
        while at < length - 1:
            step = 1
            for end in range(min(length, at + self.longest.get(word[at : at + 2], 0)), at + 1, -1):
                numbers = self.phrases.get(word[at:end])
                if numbers is not None:
                    step = end - at
                    if numbers:
                        row[at:end] = numbers
                    break
            at += step

    def tokens(self, numbers: dict[str, int]) -> NDArray[np.int32]:
        """Token numbers of each syllable, shape (syllables, 2): -1 where there is none, -2 where the model lacks a part."""
        result = np.full((len(self.spoken), 2), -1, dtype=np.int32)
        result[0] = -2
        for row, parts in enumerate(self.parts[1:], start=1):
            for column, part in enumerate(parts):
                result[row, column] = numbers.get(part, -2)
        return result

    def readings(self, word: str) -> list[str]:
        """Toned syllables of one word, as ``asr.lexicon.syllables.readings``; empty where a character has none."""
        row = self.rows([word])[0].tolist()
        return [self.spoken[number] for number in row] if all(row) else []


def token_rows(rows: Ints, tokens: NDArray[np.int32]) -> tuple[Ints, NDArray[np.bool_]]:
    """Token numbers of syllable rows, shape (words, 2 x longest), filled up with -1; and which words can be written at all."""
    count, longest = rows.shape
    length = longest - (rows[:, ::-1] != 0).argmax(axis=1) if longest else np.zeros(count, dtype=np.int64)
    inside = np.arange(longest)[None, :] < length[:, None]
    pairs = np.where(inside[:, :, None], tokens[rows], -1).reshape(count, 2 * longest)
    whole = (rows != 0).any(axis=1) & ~(pairs == -2).any(axis=1)
    order = np.argsort(pairs < 0, axis=1, kind="stable")
    return np.take_along_axis(pairs, order, axis=1), whole


def load(folder: Path) -> ReadingTable:
    """From the cache folder, else made anew and kept there; a disk that does not take it costs only time."""
    key = [FORMAT, metadata.version("pypinyin")]
    try:
        kept = json.loads((folder / FILE).read_text("utf-8"))
        if kept["key"] == key:
            return _from_parts(*(kept[name] for name in _PARTS))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        pass
    made = _made()
    kept = {"key": key, **dict(zip(_PARTS, made, strict=True))}
    with contextlib.suppress(OSError):
        write_atomically(folder / FILE, json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode())
    return _from_parts(*made)


def _from_parts(spoken: list[str], parts: list[list[str]], usual: list[int], phrases: dict[str, list[int]]) -> ReadingTable:
    table = np.zeros(_CODES, dtype=np.int16)
    table[_FIRST : _LAST + 1] = usual[:-1]
    table[_ZERO] = usual[-1]
    shifting = np.zeros(_CODES, dtype=bool)
    longest: dict[str, int] = {}
    for phrase, numbers in phrases.items():
        longest[phrase[:2]] = max(len(phrase), longest.get(phrase[:2], 0))
        for character, number in zip(phrase, numbers, strict=False):
            if table[ord(character) % _CODES] != number:
                shifting[ord(character) % _CODES] = True
    by_phrase = {phrase: tuple(numbers) for phrase, numbers in phrases.items()}
    return ReadingTable(spoken, parts, table, by_phrase, shifting, longest)


def _made() -> tuple[list[str], list[list[str]], list[int], dict[str, list[int]]]:
    """In the order of ``_PARTS``."""
    number = {"": 0}
    characters = [chr(code) for code in (*range(_FIRST, _LAST + 1), _ZERO)]
    alone = [syllables.readings(character)[0] for character in characters]
    usual = [0 if spoken == character else number.setdefault(spoken, len(number))
             for character, spoken in zip(characters, alone, strict=True)]
    by_character = dict(zip(characters, usual, strict=True))
    phrases: dict[str, list[int]] = {}
    for phrase, spoken in syllables.phrases():
        numbers = [number.setdefault(syllable, len(number)) for syllable in spoken]
        same = numbers == [by_character.get(character) for character in phrase]
        phrases[phrase] = [] if same else numbers
    spoken_list = list(number)
    return spoken_list, [list(syllables.tokens_of(s)) if s else [] for s in spoken_list], usual, phrases
