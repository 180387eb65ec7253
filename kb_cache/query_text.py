"""From what a caller says to what is searched: fillers out, everyday words helped, rambling cut into windows."""

from __future__ import annotations

import functools
import itertools
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from app.domain.errors import BugError
from app.platform.resource_files import resource
from kb_cache.terms import character_sounds, half_alike, is_word, plain, syllables

WINDOW = 32
STEP = 16
SHORT = 36
_SOUND_LENGTHS = (2, 3, 4, 5, 6)
_SURE_LENGTH = 2
_LONG = 4
_AROUND = 3
_PRIVATE = 0xF0000
_HAN = re.compile("[㐀-鿿]")
_NUMBERS = itertools.count()


@dataclass(frozen=True, slots=True)
class Speech:
    """How people talk: ``fillers`` and ``asking`` are cut out, ``formal`` gives the words of office for everyday ones.

    ``intents``: pattern over the text, the same over its sounds (``sounding``), words of office.
    """

    fillers: re.Pattern[str]
    everyday: Mapping[str, tuple[str, ...]]
    formal: Mapping[str, str]
    intents: tuple[tuple[re.Pattern[str], re.Pattern[str], str], ...]


@functools.cache
def speech(path: Path | None = None) -> Speech:
    """The shipped tables (``resources/knowledge/speech.toml``), read once.

    Raises:
        BugError: the shipped table is damaged.
    """
    where = path or resource("knowledge", "speech.toml")
    try:
        table = tomllib.loads(where.read_text("utf-8"))
        formal = {said: " ".join(meant) for said, meant in table["everyday"].items()}
        cut = [*table["fillers"], *table["asking"], *table["persons"]]
        intents = tuple((re.compile(each["said"]), re.compile(sounding(each["said"])), " ".join(each["means"]))
                        for each in table["intents"])
        return Speech(_any_of(cut), _by_first(formal), formal, intents)
    except (OSError, KeyError, AttributeError, re.error, tomllib.TOMLDecodeError) as error:
        raise BugError("kb_cache.mapping_damaged", name=where.name) from error


def content(text: str) -> str:
    """Plain text without fillers and ways of asking; what is left of a text of these only is ""."""
    return " ".join(speech().fillers.sub(" ", plain(text)).split())


def differing(text: str, other: str) -> str:
    """The stretch of another reading that the text has not, with a word's length around it; "" where there is none."""
    begin = _same(text, other)
    end = _same(text[begin:][::-1], other[begin:][::-1])
    return other[max(0, begin - _AROUND):len(other) - max(0, end - _AROUND)] if begin < len(other) - end else ""


def _same(text: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return next((at for at, (one, two) in enumerate(zip(text, other, strict=False)) if one != two), min(len(text), len(other)))


def formal_words(text: str) -> list[str]:
    """Words of office for the everyday words of a plain text, one piece for each."""
    table = speech()
    found: dict[str, None] = {}
    at = 0
    while at < len(text):
        said = next((said for said in table.everyday.get(text[at], ()) if text.startswith(said, at)), "")
        if said:
            found[table.formal[said]] = None
        at += len(said) or 1
    return list(found)


def formal_by_sound(text: str) -> list[str]:
    """Words of office for everyday words that a plain text only sounds like: recognition wrote them with other characters.

    Two syllables sound like many words: they count only where what is written is no word itself.
    """
    return [words for words, is_whole in _heard(text) if is_whole]


def formal_nearly(text: str) -> list[str]:
    """Words of office for everyday words of which a plain text has all syllables but one."""
    return [words for words, is_whole in _heard(text) if not is_whole]


@functools.lru_cache(maxsize=64)
def _heard(text: str) -> tuple[tuple[str, bool], ...]:
    """Words of office by sound, each once, and whether all syllables of the everyday word were there."""
    sounds = syllables(text)
    if len(sounds) != len(text):  # a mixed text (letters): places do not line up
        return ()
    known = _formal_by_sound()
    found: dict[str, bool] = {}
    for start, pair in enumerate(pairwise(sounds)):
        for offset, phrase, words in known.get((*pair, 1), ()):
            _take(found, words, _misses(sounds, start - offset, phrase), phrase, text, start - offset)
        for offset, phrase, words in known.get((pair[0], sounds[start + 2], 2), ()) if start + 2 < len(sounds) else ():
            _take(found, words, _misses(sounds, start - offset, phrase), phrase, text, start - offset)
    return tuple(found.items())


def _take(found: dict[str, bool], words: str, misses: int, phrase: tuple[int, ...], text: str, start: int) -> None:
    length = len(phrase)
    if misses == 0 and (length > _SURE_LENGTH or not is_word(text[start:start + length])):
        found[words] = True
    elif misses == 1 and length > _SURE_LENGTH:
        found.setdefault(words, False)


def _misses(sounds: Sequence[int], start: int, phrase: tuple[int, ...]) -> int:
    """How many syllables of a phrase are others at this place; the phrase's length where it does not fit in."""
    if start < 0 or start + len(phrase) > len(sounds):
        return len(phrase)
    wrong = [(sound, there) for sound, there in zip(phrase, sounds[start:], strict=False) if sound != there]
    if len(wrong) == 1 and len(phrase) < _LONG and not half_alike(*wrong[0]):
        return len(phrase)
    return len(wrong)


def meant(text: str) -> list[str]:
    """Words of office for what a plain text is after (to renew, to look up, to appeal), one piece for each intent.

    What only sounds like it counts too: recognition writes it with other characters.
    """
    heard = sounding(text)
    return [words for said, sounds, words in speech().intents if said.search(text) or sounds.search(heard)]


def sounding(text: str) -> str:
    """A text with one private character for each fuzzy syllable; a pattern's own signs stay, so that it matches sounds."""
    return "".join(map(_as_sound, text))


@functools.cache
def _as_sound(char: str) -> str:
    return chr(_PRIVATE + _sound_number(character_sounds(char)[0])) if _HAN.fullmatch(char) else char


@functools.cache
def _sound_number(sound: int) -> int:
    """Some 400 fuzzy syllables, numbered as they are met in this process."""
    return next(_NUMBERS)


@functools.cache
def _formal_by_sound() -> dict[tuple[int, int, int], list[tuple[int, tuple[int, ...], str]]]:
    """Two syllables of an everyday word and their distance -> where in it the first stands, all its syllables, the words of office.

    With one syllable wrong a pair of neighbours is still right, but for the middle one of three.
    """
    found: dict[tuple[int, int, int], list[tuple[int, tuple[int, ...], str]]] = {}
    for said, words in sorted(speech().formal.items(), key=lambda each: len(each[0])):
        sounds = tuple(syllables(said))
        if len(said) not in _SOUND_LENGTHS or len(sounds) != len(said) or 0 in sounds:
            continue
        for offset, (first, second) in enumerate(pairwise(sounds)):
            found.setdefault((first, second, 1), []).append((offset, sounds, words))
        if len(sounds) == _SURE_LENGTH + 1:
            found.setdefault((sounds[0], sounds[2], 2), []).append((0, sounds, words))
    return found


def windows(text: str) -> list[str]:
    """The text where it is short, else overlapping stretches of it, so that rambling around a question does not count."""
    if len(text) <= SHORT:
        return [text]
    return [text[start:start + WINDOW] for start in range(0, max(1, len(text) - WINDOW + STEP), STEP)]


def _by_first(phrases: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Phrases by their first character, longest first: at each place of a text few are tried."""
    found: dict[str, list[str]] = {}
    for phrase in sorted(filter(None, phrases), key=len, reverse=True):
        found.setdefault(phrase[0], []).append(phrase)
    return {first: tuple(each) for first, each in found.items()}


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
