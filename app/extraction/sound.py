"""How Chinese characters sound, and how far apart two sounds are.

Recognition errs on rare names far more by character than by sound (half of its errors are homophones), and southern
speakers merge zh/z, ch/c, sh/s, n/l, f/h and -ng/-n. Names are therefore compared by toneless syllables with those
classes merged; what differs beyond that costs by how easily it is confused. Readings come from
``resources/readings.csv``.

Pure after loading; one ``Sound`` is shared by all rules of the room.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import product
from pathlib import Path

_INITIALS = (
    "zh",
    "ch",
    "sh",
    "b",
    "p",
    "m",
    "f",
    "d",
    "t",
    "n",
    "l",
    "g",
    "k",
    "h",
    "j",
    "q",
    "x",
    "r",
    "z",
    "c",
    "s",
    "y",
    "w",
)
_MERGED_INITIALS = {"zh": "z", "ch": "c", "sh": "s", "n": "l", "f": "h"}
_NEAR_INITIALS = frozenset(
    frozenset(pair)
    for pair in (
        ("b", "p"),
        ("d", "t"),
        ("g", "k"),
        ("j", "q"),
        ("z", "c"),
        ("z", "s"),
        ("z", "j"),
        ("c", "q"),
        ("s", "x"),
        ("r", "l"),
        ("h", "w"),
        ("h", "k"),
        ("m", "l"),
        ("y", "r"),
        ("y", "l"),
        ("b", "d"),
        ("g", "d"),
        ("p", "t"),
        ("h", "g"),
        ("", "y"),
        ("", "w"),
        ("w", "m"),
    )
)
_NEAR_FINALS = frozenset(
    frozenset(pair)
    for pair in (
        ("an", "ian"),
        ("an", "uan"),
        ("en", "in"),
        ("en", "un"),
        ("e", "uo"),
        ("o", "uo"),
        ("u", "v"),
        ("i", "v"),
        ("ai", "ei"),
        ("ou", "u"),
        ("ao", "ou"),
        ("ao", "iao"),
        ("ian", "van"),
        ("in", "vn"),
        ("ie", "ve"),
        ("i", "ei"),
        ("a", "ia"),
        ("a", "ua"),
        ("uan", "van"),
        ("ian", "uan"),
        ("ei", "ui"),
        ("on", "un"),
        ("on", "en"),
        ("on", "ion"),
        ("on", "ou"),
        ("iu", "ou"),
        ("e", "a"),
        ("an", "en"),
        ("e", "i"),
        ("u", "ou"),
    )
)
_MAX_KEYS = 8
LEAST_COST = 0.25  # of two syllables that are not alike
# Only these are read in several ways in names and places; other characters' rare readings would make everything sound alike.
_POLYPHONES = frozenset(
    "曾单解盖区仇朴覃查员长乐行重朝调都会石车参藏弹尉洗燕任华缪翟埔涌圳冲厦朱大地得的了着少给还和中正兴应相传强蔚祭便当绿滘冼佘洞莞"
)


class Sound:
    """Readings and keys of characters.

    Args:
        readings: toneless syllables of each character, the usual one first.
    """

    def __init__(self, readings: dict[str, tuple[str, ...]]) -> None:
        self._readings = readings
        self._keys: dict[str, tuple[str, ...]] = {}

    @classmethod
    def load(cls, path: Path) -> Sound:
        """Read ``readings.csv`` (character,syllables apart by spaces)."""
        readings: dict[str, tuple[str, ...]] = {}
        for line in path.read_text("utf-8").splitlines():
            character, _, syllables = line.partition(",")
            readings[character] = tuple(syllables.split())
        return cls(readings)

    def readings(self, character: str) -> tuple[str, ...]:
        """Toneless syllables, the usual one first; the character itself where it has none."""
        return self._readings.get(character) or (character.lower(),)

    def keys(self, character: str) -> tuple[str, ...]:
        """Merged-class keys of a character, the usual one first, without repeats."""
        found = self._keys.get(character)
        if found is None:
            readings = self.readings(character) if character in _POLYPHONES else self.readings(character)[:1]
            found = tuple(dict.fromkeys(merged(syllable) for syllable in readings))
            self._keys[character] = found
        return found

    def key(self, text: str) -> str:
        """Usual key of a whole text, syllables apart by spaces."""
        return " ".join(self.keys(character)[0] for character in text)

    def all_keys(self, text: str) -> list[str]:
        """Keys of a text over its characters' readings, at most eight."""
        combinations = product(*(self.keys(character)[:2] for character in text))
        return [" ".join(combination) for combination, _ in zip(combinations, range(_MAX_KEYS), strict=False)]

    def same(self, left: str, right: str) -> bool:
        """Both texts can sound alike (merged classes, any reading)."""
        return len(left) == len(right) and all(
            a == b or not set(self.keys(a)).isdisjoint(self.keys(b)) for a, b in zip(left, right, strict=True)
        )

    def distance(self, left: str, right: str, heard: Sequence[str] = ()) -> float:
        """Mean confusion cost a syllable, 0 (sound alike) to 1; 1 where the lengths differ.

        Args:
            left: what recognition wrote.
            right: the name.
            heard: syllables as heard for ``left`` (may be toned, may be empty strings), preferred over its readings.
        """
        if len(left) != len(right) or not left:
            return 1.0
        total = 0.0
        for position, (a, b) in enumerate(zip(left, right, strict=True)):
            if a == b:
                continue
            total += min(_cost(x, y) for x in self._spoken(a, position, heard) for y in self.keys(b))
        return total / len(left)

    def nearest(self, character: str, spelled: Sequence[str], worst: float) -> str:
        """The spelled character that sounds most like ``character``; empty where none is near enough."""
        near = [
            (self.distance(character, other), place) for place, other in enumerate(spelled) if len(other) == 1
        ]
        best = min(near, default=(1.0, 0))
        return spelled[best[1]] if near and best[0] <= worst else ""

    def spoken_keys(self, text: str, heard: Sequence[str] = ()) -> list[tuple[str, ...]]:
        """Keys of each character of a recognised text: of the syllable that was heard and of its usual reading."""
        return [self._spoken(character, position, heard) for position, character in enumerate(text)]

    def _spoken(self, character: str, position: int, heard: Sequence[str]) -> tuple[str, ...]:
        syllable = heard[position].rstrip("012345") if position < len(heard) else ""
        return (merged(syllable), *self.keys(character)[:1]) if syllable else self.keys(character)


@cache
def merged(syllable: str) -> str:
    """Key of a toneless syllable: classes that southern speakers and recognition merge become one."""
    initial, final = _split(syllable)
    if final.endswith("ng"):
        final = final[:-1]
    return _MERGED_INITIALS.get(initial, initial) + ":" + final


@cache
def _split(syllable: str) -> tuple[str, str]:
    for initial in _INITIALS:
        if syllable.startswith(initial):
            return initial, syllable[len(initial) :]
    return "", syllable


@cache
def _cost(left: str, right: str) -> float:
    if left == right:
        return 0.0
    first, _, final = left.partition(":")
    other, _, last = right.partition(":")
    cost = 0.0
    if first != other:
        cost += 0.3 if frozenset((first, other)) in _NEAR_INITIALS else 0.6
    if final != last:
        cost += LEAST_COST if frozenset((final, last)) in _NEAR_FINALS else 0.6
    return min(1.0, cost)
