"""Readings of Chinese words as the acoustic model's tokens: initials and toned finals, and numbered syllables for people.

The model was trained on texts read by pypinyin (initials with y and w, ``strict=False``), so the same library gives
the tokens that it learnt to write, sandhi tones of fixed words included. pypinyin is imported where it is needed: a start with
a compiled lexicon does without it, and its import takes 0.4 s.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_TONE_MARKS = {"\u0304": 1, "\u0301": 2, "\u030c": 3, "\u0300": 4}


def readings(word: str) -> list[str]:
    """Toned syllables of a word in its usual reading, one a character ("zhōng")."""
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    return [str(syllable) for syllable in lazy_pinyin(word, style=Style.TONE)]


def all_readings(character: str) -> list[str]:
    """Every reading of one character, the usual first."""
    from pypinyin import Style, pinyin  # noqa: PLC0415

    return [str(syllable) for syllable in pinyin(character, style=Style.TONE, heteronym=True)[0]]


def phrases() -> Iterator[tuple[str, list[str]]]:
    """Every phrase of the library with its reading; words are cut into the longest of these."""
    from pypinyin.constants import PHRASES_DICT  # noqa: PLC0415

    for phrase, spoken in PHRASES_DICT.items():
        if len(spoken) == len(phrase):
            yield phrase, [str(options[0]) for options in spoken]


@lru_cache(maxsize=8192)
def tokens_of(syllable: str) -> tuple[str, ...]:
    """("zh", "ōng") for "zhōng"; a capital letter stands for itself."""
    if len(syllable) == 1 and syllable.isascii() and syllable.isupper():
        return (syllable,)
    from pypinyin.contrib.tone_convert import to_finals_tone, to_initials  # noqa: PLC0415

    initial, final = to_initials(syllable, strict=False), to_finals_tone(syllable, strict=False)
    return tuple(part for part in (initial, final) if part) or (syllable,)


@lru_cache(maxsize=8192)
def numbered(syllable: str) -> str:
    """ "zhong1" for "zhōng", "de5" for "de"; ü is written v."""
    tone = 5
    plain: list[str] = []
    for mark in unicodedata.normalize("NFD", syllable):
        if mark in _TONE_MARKS:
            tone = _TONE_MARKS[mark]
        elif mark == "\u0308" and plain:
            plain[-1] = "v"
        elif not unicodedata.combining(mark):
            plain.append(mark)
    return "".join(plain) + (str(tone) if plain and plain[0].islower() else "")
