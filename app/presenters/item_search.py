"""Finding an item of the tree as an operator types it: code, characters, initials (cyyy), pinyin, or how citizens put it. No Qt.

Every leaf is looked at for every key: a plain pass over five thousand leaves costs a few milliseconds (tests hold 5,000), and needs no
index that could be stale. Sounds are made at the first search that needs them. A better kind of match stands before a worse one; within
a kind the tree's order stands, because operators know it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from app.domain.catalogue import Item, Taxonomy

MOST = 50
_LATIN = re.compile(r"[a-z]+")
_HAN = re.compile(r"[㐀-鿿]")
#: A character read in two ways may be typed by either, but eight readings of a name are enough.
_MOST_READINGS = 8


@dataclass(frozen=True, slots=True)
class _Sounds:
    """Initials of a leaf's name in its readings, of its whole path, and its name's full pinyin."""

    names: tuple[str, ...]
    path: str
    full: str


class ItemSearch:
    """See the module; make one a window.

    Args:
        taxonomy: the item tree.
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy

    def find(self, typed: str, most: int = MOST) -> tuple[Item, ...]:
        """Leaves that fit what was typed, best first; nothing for nothing."""
        text = "".join(typed.split()).casefold()
        if not text:
            return ()
        ranked = [(rank, place) for place, item in enumerate(self._taxonomy.items) if (rank := self._rank(text, place, item)) is not None]
        return tuple(self._taxonomy.items[place] for _, place in sorted(ranked)[:most])

    def _rank(self, text: str, place: int, item: Item) -> int | None:
        if text.isdecimal():
            return 0 if item.code.startswith(text) else None
        if _LATIN.fullmatch(text):
            return _sound_rank(text, self._sounds[place])
        name = item.name.casefold()
        if name.startswith(text):
            return 0
        if text in name:
            return 1
        if text in "".join(item.path).casefold() or text == item.label.casefold():
            return 2
        return 3 if any(text in saying for saying in item.sayings) else None

    @cached_property
    def _sounds(self) -> tuple[_Sounds, ...]:
        return tuple(_Sounds(_initials(item.name), _initials("".join(item.path))[0], _full(item.name)) for item in self._taxonomy.items)


def _sound_rank(text: str, sounds: _Sounds) -> int | None:
    if any(name.startswith(text) for name in sounds.names):
        return 0
    if any(text in name for name in sounds.names):
        return 1
    if sounds.full.startswith(text):
        return 2
    if text in sounds.path:
        return 3
    return 4 if len(text) >= 4 and text in sounds.full else None


def _initials(text: str) -> tuple[str, ...]:
    han = "".join(_HAN.findall(text))
    if not han:
        return ("",)
    from pypinyin import Style, pinyin  # noqa: PLC0415  # 0.2 s to load

    readings = pinyin(han, style=Style.FIRST_LETTER, heteronym=False)
    several = pinyin(han, style=Style.FIRST_LETTER, heteronym=True)
    usual = "".join(each[0] for each in readings)
    made = [usual]
    for letters in product(*(dict.fromkeys(each) for each in several)):
        if len(made) >= _MOST_READINGS:
            break
        word = "".join(letters)
        if word not in made:
            made.append(word)
    return tuple(made)


def _full(text: str) -> str:
    han = "".join(_HAN.findall(text))
    from pypinyin import Style, pinyin  # noqa: PLC0415

    return "".join(each[0] for each in pinyin(han, style=Style.NORMAL)) if han else ""
