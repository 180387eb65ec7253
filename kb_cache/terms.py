"""Text to search terms: five views of the same words, each term one stable integer.

Recognition writes homophones, swaps fuzzy sounds and drops syllables, so that one view alone fails where another still
holds: characters (u), character bigrams (b), words (w), fuzzy-pinyin syllables (f) and bigrams of these (z). A term's
key packs its view into the top bits, so that all views share one posting table. Keys are part of the index format:
a change here needs a new ``FORMAT`` in ``kb_cache.index_format``.
"""

from __future__ import annotations

import functools
import hashlib
import re
import unicodedata
from collections.abc import Collection, Sequence
from enum import IntEnum
from itertools import pairwise

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]

_SHIFT = 58
_HALF = 24
_SPACE = ord(" ")
_KEEP = re.compile(r"[㐀-鿿a-z0-9]+")
_NUMERALS = {**dict(zip("0123456789", "零一二三四五六七八九", strict=True)), "幺": "一"}
_NUMERAL = re.compile("[0-9幺]")
_SOUNDS_ALIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h"))


class View(IntEnum):
    """One way to cut a text. The value is the key's top bits."""

    CHARACTER = 1
    BIGRAM = 2
    WORD = 3
    SOUND = 4
    SOUND_BIGRAM = 5


def plain(text: str) -> str:
    """Lower-case, half-width, digits as Chinese digits; whatever is neither letter nor Han becomes one space."""
    folded = text if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text)
    kept = " ".join(_KEEP.findall(folded.lower()))
    return _NUMERAL.sub(_said_numeral, kept) if _NUMERAL.search(kept) else kept


def _said_numeral(found: re.Match[str]) -> str:
    return _NUMERALS[found[0]]


@functools.lru_cache(maxsize=4096)
def long_words(text: str) -> frozenset[str]:
    """Words of more than one character of a text (not plain), as ``words`` cuts them."""
    return frozenset(word for word in words(plain(text)) if len(word) > 1)


def words(text: str) -> list[str]:
    """Words of a plain text in search mode (long words with their parts), as rjieba cuts them."""
    import rjieba  # noqa: PLC0415  # loads its dictionary at first use, 0.1 s

    return [word for word in rjieba.cut_for_search(text) if not word.isspace()]


@functools.lru_cache(maxsize=20_000)
def is_word(text: str) -> bool:
    """True for a word of the segmenter's dictionary."""
    import rjieba  # noqa: PLC0415

    return bool(rjieba.has_word(text))


@functools.lru_cache(maxsize=16_384)
def syllables(text: str) -> tuple[int, ...]:
    """Fuzzy syllables of a plain text, in order; 0 where a piece ends. Windows and heads are met again and again."""
    import rjieba  # noqa: PLC0415

    found: list[int] = []
    for word in rjieba.cut(text):
        found.extend(_word_sounds(word))
    return tuple(found)


def character_sounds(text: str) -> tuple[int, ...]:
    """The commonest fuzzy syllable of each character of a plain text, 0 for a space: places line up with the text."""
    return tuple([0 if char == " " else _character_sound(char) for char in text])


def terms(text: str) -> frozenset[int]:
    """All terms of a text, each once. ``text`` need not be plain."""
    return frozenset(occurrences([text])[0].tolist()) if text else frozenset()


def terms_of_each(texts: Sequence[str]) -> list[frozenset[int]]:
    """Terms of several texts at once: one call for the windows of a query."""
    if not texts:
        return []
    keys, owners = occurrences(texts)
    found: list[set[int]] = [set() for _ in texts]
    for key, owner in zip(keys.tolist(), owners.tolist(), strict=True):
        found[owner].add(key)
    return [frozenset(each) for each in found]


def occurrences(texts: Sequence[str], views: Collection[View] = tuple(View), by_word: bool = True,
                are_plain: bool = False) -> tuple[IntArray, IntArray]:
    """Every occurrence of every term of the texts, and the number of its text; both int64, in no special order.

    Args:
        texts: any texts.
        views: which terms are wanted.
        by_word: sounds as the words have them; else each character's commonest one (twenty times as fast, for long texts).
        are_plain: the texts are what ``plain`` gives.
    """
    cleaned = texts if are_plain else [plain(text) for text in texts]
    found: list[tuple[IntArray, IntArray]] = []
    if View.CHARACTER in views or View.BIGRAM in views:
        codes = np.frombuffer(" ".join([*cleaned, ""]).encode("utf-32-le"), dtype="<u4").astype(np.int64)
        owners = np.repeat(np.arange(len(cleaned)), [len(text) + 1 for text in cleaned])
        found += _singles_and_pairs(np.where(codes == _SPACE, 0, codes), owners, View.CHARACTER, View.BIGRAM, views)
    if View.SOUND in views or View.SOUND_BIGRAM in views:
        sounds, owners = _sounds(cleaned) if by_word else _common_sounds(cleaned)
        found += _singles_and_pairs(sounds, owners, View.SOUND, View.SOUND_BIGRAM, views)
    if View.WORD in views:
        spoken = [[_word_key(word) for word in words(text) if len(word) > 1] for text in cleaned]
        keys = np.fromiter((key for each in spoken for key in each), dtype=np.int64)
        found.append((keys, np.repeat(np.arange(len(spoken)), [len(each) for each in spoken])))
    return np.concatenate([keys for keys, _ in found]), np.concatenate([owners for _, owners in found])


def _sounds(cleaned: Sequence[str]) -> tuple[IntArray, IntArray]:
    heard = [syllables(text) for text in cleaned]
    sounds = np.fromiter((sound for each in heard for sound in (*each, 0)), dtype=np.int64)
    return sounds, np.repeat(np.arange(len(heard)), [len(each) + 1 for each in heard])


def _common_sounds(cleaned: Sequence[str]) -> tuple[IntArray, IntArray]:
    codes = np.frombuffer(" ".join([*cleaned, ""]).encode("utf-32-le"), dtype="<u4")
    known, places = np.unique(codes, return_inverse=True)
    sounds = np.array([0 if code == _SPACE else _character_sound(chr(code)) for code in known.tolist()], dtype=np.int64)
    return sounds[places], np.repeat(np.arange(len(cleaned)), [len(text) + 1 for text in cleaned])


def covered(text: str, keys: Collection[int]) -> int:
    """How many syllables of a text lie in a pair of syllables that is among the keys."""
    sounds = syllables(plain(text))
    known = [(View.SOUND_BIGRAM << _SHIFT) + (first << _HALF | second) in keys for first, second in pairwise(sounds)]
    return sum(before or after for before, after in zip([False, *known], [*known, False], strict=True))


def _singles_and_pairs(codes: IntArray, owners: IntArray, single: View, pair: View,
                       views: Collection[View]) -> list[tuple[IntArray, IntArray]]:
    """Keys of the codes and of neighbouring codes; a code of 0 parts pieces and texts."""
    there = codes > 0
    joined = there[:-1] & there[1:]
    both = (codes[:-1] << _HALF | codes[1:])[joined]
    found = [((single << _SHIFT) + codes[there], owners[there]), ((pair << _SHIFT) + both, owners[:-1][joined])]
    return [each for each, view in zip(found, (single, pair), strict=True) if view in views]


def view_of(key: int) -> View:
    """The view a key belongs to."""
    return View(key >> _SHIFT)


@functools.lru_cache(maxsize=100_000)
def _word_key(word: str) -> int:
    digest = hashlib.blake2b(word.encode(), digest_size=7).digest()
    return (View.WORD << _SHIFT) + int.from_bytes(digest, "big")


@functools.lru_cache(maxsize=100_000)
def _word_sounds(word: str) -> tuple[int, ...]:
    if word.isspace():
        return (0,)
    if len(word) > 1 and any(_readings(char) > 1 for char in word):
        from pypinyin import lazy_pinyin  # noqa: PLC0415  # 0.15 s to load

        return tuple(_sound_code(fuzzy(sound)) for sound in lazy_pinyin(word))
    return tuple(map(_character_sound, word))


@functools.cache
def _character_sound(char: str) -> int:
    from pypinyin import lazy_pinyin  # noqa: PLC0415

    return _sound_code(fuzzy(lazy_pinyin(char)[0]))


@functools.cache
def _readings(char: str) -> int:
    """How many toneless readings a character has; a letter has one."""
    from pypinyin import Style, pinyin  # noqa: PLC0415

    return len(set(pinyin(char, style=Style.NORMAL, heteronym=True)[0]))


def fuzzy(sound: str) -> str:
    """A toneless syllable with what southern speakers and recognisers mix up made one: zh=z ch=c sh=s n=l f=h -ng=-n."""
    for written, heard in _SOUNDS_ALIKE:
        if sound.startswith(written):
            sound = heard + sound[len(written):]
            break
    return sound[:-1] if sound.endswith("ng") and len(sound) > 2 else sound


def half_alike(code: int, other: int) -> bool:
    """True where two fuzzy syllables share what they begin with or what they end with."""
    first, second = _halves().get(code), _halves().get(other)
    return first is not None and second is not None and (first[0] == second[0] or first[1] == second[1])


@functools.cache
def _halves() -> dict[int, tuple[str, str]]:
    """Fuzzy syllables of Mandarin by code, cut into initial and final."""
    from pypinyin.constants import PINYIN_DICT  # noqa: PLC0415
    from pypinyin.contrib.tone_convert import to_normal  # noqa: PLC0415

    raw = {reading for readings in set(PINYIN_DICT.values()) for reading in readings.split(",")}
    found: dict[int, tuple[str, str]] = {}
    for sound in {fuzzy(to_normal(reading)) for reading in raw}:
        initial = sound[0] if sound and sound[0] not in "aeiouvü" else ""
        found[_sound_code(sound)] = (initial, sound[len(initial):])
    return found


@functools.lru_cache(maxsize=4096)
def _sound_code(sound: str) -> int:
    """A stable non-zero 24-bit code of a syllable (ASCII letters pack exactly up to four, longer ones are hashed)."""
    raw = sound.encode()
    if len(raw) <= 3:
        return int.from_bytes(raw, "big")
    return int.from_bytes(hashlib.blake2b(raw, digest_size=3).digest(), "big") or 1
