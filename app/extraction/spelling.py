"""Characters as callers spell them: 建设的建, 弓长张, 木字旁加一个辛苦的辛, 双口吕.

A spelled fact says which character is meant and settles homophones: recognition often writes the wrong character for
a name but the right one inside a common word, so the character is taken from the word (前程的"成" gives 程). Words
for a part of a character (加一个辛苦的辛, 右边一个武) are not the character and are skipped. What follows 不是 is
what is not meant.

Component spellings come from ``resources/spelled_components.csv`` (parts, then all characters that they may mean).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from app.extraction.sound import Sound
from app.extraction.spelling_by_sound import SpellingBySound

_OF = re.compile(r"(?:里面的那个|里的那个|的那个|那个|这个|里面的|里的|中的|的)(?=([一-鿿]))")
_PART_BEFORE = re.compile(
    r"(?:加上?|一个|下面|上面|左边|右边|里面|中间|底下|旁边|外面|下边|上边)(?:一个|个|是"
    r"|是个)?(?:[^的是]{0,2})$"
)
_NOT_BEFORE = re.compile(r"(?:不是|并非|没有)(?:那个)?$")
_RADICAL = re.compile(
    r"([一-鿿]字|三点水|两点水|单人|双人|提手|竖心|草字|竹字|宝盖|走之|绞丝|反犬)(?:旁|头|底"
    r"|边)?(?:的|那个|这个)+([一-鿿])"
)
_DESCRIBED = re.compile(
    r"([一-鿿])(?:字)?(?:就)?是(?=(?:那个)?(?:上面|下面|左边|右边|左|右|上|下|里面|外面"
    r"|三点水|两点水"
    r"|[一-鿿]字(?:旁|头|底)|单人|双人|草字|提手|竖心|宝盖|走之|绞丝|反犬|一个|两个|三个))"
)
_READ = re.compile(r"(?:也|就|要)?(?:读|念|音).")  # 覃，读秦的覃 tells how it sounds
_WITH_PART = re.compile(
    r"(?:再|然后)?(?:加(?:上|一个|个)?|右边|左边|下面|上面|旁边)(?:是|一个|个)?[一-鿿]{1,3}?(?:旁|头|底|边|刀)(?:(?:的|那个|这个)+([一-鿿]))?"
)
_TAKEN_BACK = re.compile(r"(?:啊|哦|哎)*(?:不对|不是(?!那个)|说错|错了|讲错|口误)")
_STOP = frozenset("的是了在我你他她就那个这叫姓不没有")
_LONGEST_WORD = 5
_FEW = 2


@dataclass(frozen=True, slots=True)
class Spelled:
    """A character that was spelled out: where the spelling stands and how sure it is."""

    character: str
    start: int
    end: int
    sure: bool = True


class Spelling:
    """Finds spelled characters.

    Args:
        components: parts as spoken -> characters they may mean (弓长 -> 张, 西早 -> 谭覃).
        sound: readings, to take the meant character out of the word.
        heard: finds spellings in recognised turns.
    """

    def __init__(self, components: Mapping[str, str], sound: Sound, heard: SpellingBySound) -> None:
        self._sound = sound
        self._heard = heard
        self._components = dict(components)
        ordered = sorted(components, key=len, reverse=True)
        self._component = re.compile("(" + "|".join(map(re.escape, ordered)) + ")(?:的那个|那个|的)?([一-鿿])?")

    @classmethod
    def load(cls, components_path: Path, words_path: Path, sound: Sound) -> Spelling:
        """Read ``spelled_components.csv`` (parts, then the characters that they may mean) and ``spelling_words.csv``."""
        rows = (line.split(",", 1) for line in components_path.read_text("utf-8").splitlines() if "," in line)
        components = {parts: character for parts, character in rows}
        return cls(components, sound, SpellingBySound.load(words_path, components, sound))

    def facts(self, text: str, *, from_sound: bool = False) -> list[Spelled]:
        """Spelled characters of a turn in the order of speech; overlapping ones once.

        Args:
            text: the turn's text.
            from_sound: recognised, so that a spelling may be written with other characters of the same sound.
        """
        plain = self._plain(text)
        if not from_sound:
            return plain
        heard = [
            Spelled(*fact)
            for fact in self._heard.find(text)
            if not _PART_BEFORE.search(text[: fact[1]]) and not _NOT_BEFORE.search(text[: fact[1]])
        ]
        taken = [(fact.start, fact.end) for fact in heard]
        # Without a known word behind it, equal sound alone does not settle a recognised character.
        rest = [
            replace(fact, sure=False)
            for fact in plain
            if not any(start < fact.end and fact.start < end for start, end in taken)
        ]
        return sorted([*heard, *rest], key=lambda fact: (fact.start, fact.end))

    def _plain(self, text: str) -> list[Spelled]:
        found = [*self._by_word(text), *self._by_components(text), *self._by_radical(text)]
        found += self._described(text)
        found.sort(key=lambda fact: (fact.start, -fact.end))
        kept: list[Spelled] = []
        for fact in found:
            if _TAKEN_BACK.match(text, fact.end):
                continue
            if kept and fact.start < kept[-1].end and fact.end <= kept[-1].end:
                continue
            kept.append(fact)
        return kept

    def _by_word(self, text: str) -> list[Spelled]:
        found = []
        for match in _OF.finditer(text):
            said = match.group(1)
            if text[match.start() - 1 : match.start()] in ("旁", "头", "底", "边"):
                continue
            if match.group() in ("那个", "这个") and text[: match.start()].endswith("就是"):
                continue
            word_start = max(0, match.start() - _LONGEST_WORD)
            place = self._last_same(text, word_start, match.start(), said)
            if place is None:
                continue
            start = self._word_start(text, place, match.start())
            before = text[:start]
            if _PART_BEFORE.search(before) or _NOT_BEFORE.search(before) or _READ.match(text, place + 1, match.start()):
                continue
            whole = _WITH_PART.match(text, match.end() + 1)
            if whole is not None:
                meant = whole.group(1)
                if meant and self._sound.same(meant, said):
                    found.append(Spelled(meant, start, whole.end()))
                continue
            found.append(Spelled(text[place], start, match.end() + 1))
        return found

    def _last_same(self, text: str, start: int, end: int, said: str) -> int | None:
        """Place of the word's character that is or sounds like the one said after 的; equal characters first."""
        places = range(end - 1, start - 1, -1)
        equal = next((place for place in places if text[place] == said), None)
        if equal is not None:
            return equal
        for place in range(end - 1, max(start, end - 4) - 1, -1):
            if text[place] in _STOP:
                return None
            if self._sound.same(text[place], said):
                return place
        return None

    def _word_start(self, text: str, place: int, end: int) -> int:
        """A word of the spelling has two characters or more; take one before the character when it stands last."""
        return place if place < end - 1 else max(0, place - 1)

    def _by_components(self, text: str) -> list[Spelled]:
        found = []
        for match in self._component.finditer(text):
            before = text[: match.start()]
            if _NOT_BEFORE.search(before) or _PART_BEFORE.search(before):
                continue
            meant = self._meant(self._components[match.group(1)], match.group(2))
            if meant:
                found.append(Spelled(meant, match.start(), match.end()))
        return found

    def _meant(self, options: str, said: str | None) -> str:
        """Which of the characters that fit the parts was said; empty where none sounds like it."""
        if not said:
            return ""
        return said if said in options else next((one for one in options if self._sound.same(said, one)), "")

    def _by_radical(self, text: str) -> list[Spelled]:
        return [
            Spelled(match.group(2), match.start(), match.end(), sure=False)
            for match in _RADICAL.finditer(text)
            if match.group(2) not in _STOP and not _NOT_BEFORE.search(text[: match.start()])
        ]

    def _described(self, text: str) -> list[Spelled]:
        """炳是火字旁…: of the characters with this part, the one that sounds like what was said."""
        found = []
        for match in _DESCRIBED.finditer(text):
            said = match.group(1)
            if said in _STOP:
                continue
            part = self._component_at(text, match.end())
            options = self._components.get(part, "")
            meant = self._meant(options, said) if part else ""
            found.append(Spelled(meant or said, match.start(), match.end(), sure=bool(meant) and len(options) > _FEW))
        return found

    def _component_at(self, text: str, start: int) -> str:
        """The radical that is named from ``start`` on (火字旁, 三点水); empty where none is."""
        for length in (4, 3, 2):
            if len(self._components.get(text[start : start + length], "")) > _FEW:
                return text[start : start + length]
        return ""
