"""Surnames: single and compound ones, the frequent first, and which of them sound alike.

Recognition writes a rare surname with a frequent one's character; so in recognised text a surname is also what only sounds
like one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from app.extraction.sound import Sound

BAD_GIVEN = frozenset("的是了在我你他她它不没吗呢吧啊就那这个们说跟都要给到把被很请问姓叫号码电话哦哎喂嘛呀")
NEAR = 0.3
_OF_A_SOUND = 3


class Surnames:
    """A surname list with its sounds.

    Args:
        surnames: single and compound surnames, frequent ones first.
        sound: readings of characters.
    """

    def __init__(self, surnames: Sequence[str], sound: Sound) -> None:
        self.rank = {surname: place for place, surname in reversed(list(enumerate(surnames)))}
        self.compound = tuple(surname for surname in surnames if len(surname) > 1)
        self._sound = sound
        self._by_sound: dict[str, list[str]] = {}
        for surname in self.rank:
            for key in {key for key in sound.all_keys(surname)[:1]}:
                self._by_sound.setdefault(key, []).append(surname)

    @classmethod
    def load(cls, path: Path, sound: Sound) -> Surnames:
        """Read ``surnames.txt``: one line of single surnames, one of compound ones."""
        lines = [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]
        return cls([*lines[0], *lines[1].split()], sound)

    def opens_compound(self, text: str, start: int, surname: str) -> bool:
        """Whether ``surname`` is only the first character of the compound one that stands at ``start`` (司 of 司徒)."""
        return len(surname) == 1 and any(text.startswith(compound, start) for compound in self.compound)

    def alike(self, surname: str) -> Sequence[str]:
        """Surnames of the same sound, frequent ones first."""
        return self._by_sound.get(self._sound.key(surname), ())

    def at(self, text: str, start: int, called: set[str], *, from_sound: bool = False) -> Iterable[str]:
        """Surnames that stand at ``start``; in recognised text also those that only sound like what stands there."""
        if start >= len(text):
            return
        yield from (compound for compound in self.compound if text.startswith(compound, start))
        if text[start] in self.rank or text[start] in called:
            yield text[start]
        if not from_sound:
            return
        said = text[start : start + 2]
        yield from (compound for compound in self.compound if said != compound and self._sound.same(said, compound))
        for surname in called:
            if len(surname) == 1 and surname != text[start] and self._sound.distance(text[start], surname) <= NEAR:
                yield surname
        if text[start] not in self.rank and text[start] not in BAD_GIVEN:
            yield from self.alike(text[start])[:_OF_A_SOUND]
