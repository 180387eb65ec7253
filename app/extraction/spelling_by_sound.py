"""Spelled characters where recognition wrote other words of the same sound: 稚气的至 is 志气的志, 盐渍旁洗澡那个谈 is
言字旁西早谭.

Callers spell names with few words: ``resources/spelling_words.csv`` (word,character) lists the usual ones,
``spelled_components.csv`` the usual descriptions of parts. What stands before 的 (or 那个) is compared with them by
sound; the character said after it must sound like the one that the word stands for. Only for recognised turns: a text
script says what it says.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.extraction.sound import Sound

_OF = re.compile(r"(?:的那个|那个|那|的|得|地)(?=([一-鿿]))")
_LINK = re.compile(r"(?:的那个|那个|的|得|那)?([一-鿿])")
_WORST_WORD = 0.22
_WORST_SAID = 0.36
_WORST_PARTS = 0.16
_SURE = 0.13
_MOST_OPTIONS = 2
_REMEMBERED = 128


class SpellingBySound:
    """Finds spelled characters by sound.

    Args:
        words: (word, character it stands for).
        components: parts as spoken -> characters they may mean.
        sound: readings.
    """

    def __init__(self, words: Sequence[tuple[str, str]], components: Mapping[str, str], sound: Sound) -> None:
        self._sound = sound
        self._by_length: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for word, character in words:
            self._by_length[len(word)].append((word, character))
        self._components = [
            (parts, options)
            for parts, options in components.items()
            if len(parts) >= 2 and len(options) <= _MOST_OPTIONS
        ]
        # Not ``lru_cache`` over a method: that and its owner hold each other, and each call's tables would wait for a collection.
        self._known: dict[str, tuple[tuple[str, int, int, bool], ...]] = {}

    @classmethod
    def load(cls, path: Path, components: Mapping[str, str], sound: Sound) -> SpellingBySound:
        """Read ``spelling_words.csv``."""
        rows = [line.split(",", 1) for line in path.read_text("utf-8").splitlines() if "," in line]
        return cls([(word, character) for word, character in rows], components, sound)

    def find(self, text: str) -> tuple[tuple[str, int, int, bool], ...]:
        """(character, start, end, sure) of every spelling in the text, in order of speech."""
        known = self._known.get(text)
        if known is None:
            found = sorted((*self._words(text), *self._parts(text)), key=lambda fact: (fact[1], -fact[2]))
            known = self._known[text] = tuple(found)
            while len(self._known) > _REMEMBERED:
                del self._known[next(iter(self._known))]
        return known

    def _words(self, text: str) -> list[tuple[str, int, int, bool]]:
        found = []
        for match in _OF.finditer(text):
            said = match.group(1)
            best: tuple[float, int, str] | None = None
            for length in (4, 3, 2):
                window = text[max(0, match.start() - length) : match.start()]
                if len(window) < length:
                    continue
                for word, character in self._by_length[length]:
                    distance = self._fit(window, word, said, character)
                    if distance <= _WORST_WORD and (best is None or distance < best[0]):
                        best = (distance, length, character)
            if best is not None:
                found.append((best[2], match.start() - best[1], match.end() + 1, best[0] <= _SURE))
        return found

    def _fit(self, window: str, word: str, said: str, character: str) -> float:
        """How far the words before 的 and the character after it are from a usual spelling; 1 where they are another one."""
        if self._sound.distance(said, character[-1]) <= _WORST_SAID:
            return self._sound.distance(window, word)
        return _WORST_WORD if window == word else 1.0

    def _parts(self, text: str) -> list[tuple[str, int, int, bool]]:
        found = []
        for parts, options in self._components:
            length = len(parts)
            worst = _WORST_PARTS if length > 2 else 0.0
            for start in range(len(text) - length):
                if self._sound.distance(text[start : start + length], parts) > worst:
                    continue
                link = _LINK.match(text, start + length)
                if link is None:
                    continue
                meant = [one for one in options if self._sound.distance(link.group(1), one) <= _WORST_SAID]
                if meant:
                    found.append((meant[0], start, link.end(), True))
        return found
