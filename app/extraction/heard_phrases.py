"""Stock phrases that recognition heard with a wrong character (处理结果需要回坊吗 -> 回访).

Rules find their cues by characters (回访, 保密, 要求, 什么时候); recognition errs on single characters, half of the time by a
homophone. So before rules read a recognised turn, a character that stands in no known piece of talk is replaced where the
characters around it make one of the phrases of ``resources/heard_phrases.txt`` and the sound allows it: the more of the phrase
stands as heard, the less the sound has to agree. A character inside an ordinary word (心情) is harder to move. Length never
changes (evidence stays where it is), numerals are never touched or made from other words but inside a run of digits, a sure
character and a script's text are left as they are. What was replaced on little counts as less sure, so that a value that rests on
it is only suggested. What people see is the heard text. Pure after loading.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from app.extraction.sound import Sound
from app.platform.resource_files import resource

_SHORTEST, _LONGEST = 2, 5
_SURE = 0.97
_PASSES = 2
_NUMERALS = frozenset("零一二三四五六七八九十百千万亿幺两点半")
_DIGITS = "零一二三四五六七八九幺"
# Words of one character that talk is full of: recognition takes them for each other, and no short piece proves that.
_COMMON = frozenset(
    "是的我你您他她它们这那哪有没不了吗呢吧啊在就都也还又再要会能可请和跟给把被让叫到去来打过着说讲看想问里上下外前后左右大小多少个新老旧"
    "喂哎哦对好行厂店路街楼房车门水电人家得地住姓名号年月日天元米岁块从由向往因为但与或条只家辆位根份张次间栋座单写查办交领退"
)
_NO_DIGITS = frozenset("是就要有以已")  # words that part digits (不是六二，是二六)
# Length of the piece that a replacement completes: how far its sound may lie where the heard character stands alone, and where
# it stands in a word.
_ALLOWED = {5: (1.0, 0.3), 4: (0.6, 0.0), 3: (0.0, -1.0), 2: (0.0, -1.0)}
_WEAK = 3  # a piece of this length or a digit is little to go by
_DOUBT = 0.55
_RUN = 5  # digits around a misheard one


class HeardPhrases:
    """The phrases, indexed with one character left open.

    Args:
        phrases: known pieces of talk, two characters or more.
        sound: readings of characters.
    """

    def __init__(self, phrases: Sequence[str], sound: Sound) -> None:
        self._sound = sound
        self._known: set[str] = set()
        self._open: dict[str, str] = {}
        for phrase in phrases:
            for size in range(_SHORTEST, _LONGEST + 1):
                for start in range(len(phrase) - size + 1):
                    self._learn(phrase[start : start + size])
        self._digit_of = {sound.keys(digit)[0]: digit for digit in _DIGITS}

    def _learn(self, piece: str) -> None:
        if piece in self._known:
            return
        self._known.add(piece)
        if len(piece) not in _ALLOWED or (len(piece) == _SHORTEST and not _is_word(piece)):
            return
        for place, character in enumerate(piece):
            if character not in _NUMERALS:
                key = f"{piece[:place]}*{piece[place + 1 :]}"
                self._open[key] = self._open.get(key, "") + character

    def mended(self, text: str, confidences: Sequence[float]) -> tuple[str, tuple[float, ...]]:
        """A turn's text with misheard characters of known phrases replaced, as long as before, and its confidences.

        Args:
            text: without punctuation.
            confidences: of each character, 0 to 1.
        """
        unsure = "".join("?" if confidence < _SURE else "." for confidence in confidences)
        if "?" not in unsure:
            return text, tuple(confidences)
        new, doubtful = self._mended(text, unsure)
        return new, tuple(min(c, _DOUBT) if n in doubtful else c for n, c in enumerate(confidences))

    @functools.lru_cache(maxsize=4096)  # noqa: B019 - one shared instance lives as long as the program
    def _mended(self, text: str, unsure: str) -> tuple[str, frozenset[int]]:
        doubtful: set[int] = set()
        for _ in range(_PASSES):
            before, in_word = text, _in_words(text)
            for place, mark in enumerate(unsure):
                if mark == "?" and text[place] not in _NUMERALS:
                    character, size = self._character(text, place, in_word=in_word[place])
                    if character != text[place]:
                        text = text[:place] + character + text[place + 1 :]
                        if size <= _WEAK:
                            doubtful.add(place)
            if text == before:
                break
        return text, frozenset(doubtful)

    def _character(self, text: str, place: int, *, in_word: bool) -> tuple[str, int]:
        """What most likely was said, with the length of the piece that tells it."""
        heard = text[place]
        digit = self._digit(text, place)
        if digit:
            return digit, 1
        stands_in = self._longest(text, place)
        if stands_in > _SHORTEST:
            return heard, stands_in
        for size, (alone, inside) in _ALLOWED.items():
            farthest = inside if in_word or stands_in == _SHORTEST else alone
            if heard in _COMMON:
                farthest = 0.0 if size == _LONGEST else -1.0
            near = [(distance, character) for character in self._candidates(text, place, size)
                    if (distance := self._sound.distance(heard, character)) <= farthest]
            if near:
                return min(near)[1], size
        return heard, 1

    def _longest(self, text: str, place: int) -> int:
        """Length of the longest known piece that a character stands in, 1 where it stands in none."""
        for size in range(_LONGEST, _SHORTEST - 1, -1):
            for start in range(max(0, place - size + 1), min(place, len(text) - size) + 1):
                if text[start : start + size] in self._known:
                    return size
        return 1

    def _candidates(self, text: str, place: int, size: int) -> str:
        found = ""
        for start in range(max(0, place - size + 1), min(place, len(text) - size) + 1):
            found += self._open.get(f"{text[start:place]}*{text[place + 1 : start + size]}", "")
        return found

    def _digit(self, text: str, place: int) -> str:
        """The digit that a character sounds like, inside a run of digits; empty elsewhere."""
        if text[place] in _NO_DIGITS:
            return ""
        before = len(text[:place]) - len(text[:place].rstrip(_DIGITS))
        rest = text[place + 1 :]
        after = len(rest) - len(rest.lstrip(_DIGITS))
        if not before or not after or before + after < _RUN:
            return ""
        return next((self._digit_of[key] for key in self._sound.keys(text[place]) if key in self._digit_of), "")


@functools.lru_cache(maxsize=4096)
def _in_words(text: str) -> tuple[bool, ...]:
    """Which characters stand in a word of two or more."""
    import rjieba  # noqa: PLC0415  # loads its dictionary at first use, 0.1 s

    return tuple(len(word) > 1 for word in rjieba.cut(text, False) for _ in word)


def _is_word(text: str) -> bool:
    import rjieba  # noqa: PLC0415

    return bool(rjieba.has_word(text))


@functools.cache
def heard_phrases() -> HeardPhrases:
    """With the phrases that are shipped."""
    lines = resource("heard_phrases.txt").read_text("utf-8").splitlines()
    phrases = [word for line in lines if not line.startswith("#") for word in line.split()]
    return HeardPhrases(phrases, Sound.load(resource("readings.csv")))
