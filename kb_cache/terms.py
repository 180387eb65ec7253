"""Text to search terms: five views of the same words, each term one stable integer.

Recognition writes homophones, swaps fuzzy sounds and drops syllables, so that one view alone fails where another still
holds: characters (u), character bigrams (b), words (w), fuzzy-pinyin syllables (f) and bigrams of these (z). A term's
key packs its view into the top bits, so that all views share one posting table. Keys are part of the index format:
a change here needs a new ``FORMAT`` in ``kb_cache.index_format``.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import re
import unicodedata
from enum import IntEnum

_SHIFT = 58
_KEEP = re.compile(r"[㐀-鿿a-z0-9]+")
_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
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
    folded = unicodedata.normalize("NFKC", text).lower()
    return " ".join(_KEEP.findall(folded)).translate(_DIGITS).replace("幺", "一")


def words(text: str) -> list[str]:
    """Words of a plain text in search mode (long words with their parts), as rjieba cuts them."""
    import rjieba  # noqa: PLC0415  # loads its dictionary at first use, 0.1 s

    return [word for word in rjieba.cut_for_search(text) if not word.isspace()]


def syllables(text: str) -> list[int]:
    """Fuzzy syllables of a plain text, in order; 0 where a piece ends."""
    import rjieba  # noqa: PLC0415

    found: list[int] = []
    for word in rjieba.cut(text):
        found.extend(_word_sounds(word))
    return found


def terms(text: str) -> dict[View, list[int]]:
    """All terms of a text, with repetition, by view. ``text`` need not be plain."""
    clean = plain(text)
    characters = [ord(char) for char in clean if char != " "]
    sounds = syllables(clean)
    return {
        View.CHARACTER: [_key(View.CHARACTER, code) for code in characters],
        View.BIGRAM: [_key(View.BIGRAM, ord(a) << 21 | ord(b))
                      for a, b in itertools.pairwise(clean) if a != " " and b != " "],
        View.WORD: [_word_key(word) for word in words(clean) if len(word) > 1],
        View.SOUND: [_key(View.SOUND, sound) for sound in sounds if sound],
        View.SOUND_BIGRAM: [_key(View.SOUND_BIGRAM, a << 24 | b)
                            for a, b in itertools.pairwise(sounds) if a and b],
    }


def view_of(key: int) -> View:
    """The view a key belongs to."""
    return View(key >> _SHIFT)


def _key(view: View, code: int) -> int:
    return view << _SHIFT | code


@functools.lru_cache(maxsize=100_000)
def _word_key(word: str) -> int:
    digest = hashlib.blake2b(word.encode(), digest_size=7).digest()
    return _key(View.WORD, int.from_bytes(digest, "big"))


@functools.lru_cache(maxsize=100_000)
def _word_sounds(word: str) -> tuple[int, ...]:
    from pypinyin import lazy_pinyin  # noqa: PLC0415  # 0.15 s to load

    if word.isspace():
        return (0,)
    return tuple(_sound_code(fuzzy(sound)) for sound in lazy_pinyin(word))


def fuzzy(sound: str) -> str:
    """A toneless syllable with what southern speakers and recognisers mix up made one: zh=z ch=c sh=s n=l f=h -ng=-n."""
    for written, heard in _SOUNDS_ALIKE:
        if sound.startswith(written):
            sound = heard + sound[len(written):]
            break
    return sound[:-1] if sound.endswith("ng") and len(sound) > 2 else sound


@functools.lru_cache(maxsize=4096)
def _sound_code(sound: str) -> int:
    """A stable non-zero 24-bit code of a syllable (ASCII letters pack exactly up to four, longer ones are hashed)."""
    raw = sound.encode()
    if len(raw) <= 3:
        return int.from_bytes(raw, "big")
    return int.from_bytes(hashlib.blake2b(raw, digest_size=3).digest(), "big") or 1
