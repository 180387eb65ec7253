"""Administrative divisions: cities, districts, streets, communities, found by name, by stem and by sound.

Codes are the statistical division codes: 4 digits a city, 6 a district, 9 a street or town, 12 a community; a code's
prefix is its parent's. Divisions of all shipped cities are read at start; a city's communities when the city is first
needed. The stem is what people say for short (员村街道 -> 员村, 后亭社区居委会 -> 后亭).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from app.extraction.sound import LEAST_COST, Sound

_COMMITTEE = re.compile(r"(?:村民|居民|居居|居|村)?(?:委员会|委委员会|委会会|委会|委)$")
_COMMUNITY_TAIL = re.compile(r"(?:社区|居民|村民|(?<=社区)居|(?<=.{2})(?<!新)村)$")
_VILLAGE = "村"
_STREET_TAIL = re.compile(r"(?:街道办事处|街道|镇|乡)$")
_DISTRICT_TAIL = re.compile(r"(?:自治县|区|县|市)$")
_NOT_SAID = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})


class Level(IntEnum):
    """Length of a division's code."""

    CITY = 4
    DISTRICT = 6
    STREET = 9
    COMMUNITY = 12


@dataclass(frozen=True, slots=True)
class Division:
    """One division with its official name and what people say for short."""

    code: str
    name: str
    stem: str

    @property
    def level(self) -> Level:
        """By the length of its code."""
        return Level(len(self.code))


@dataclass(frozen=True, slots=True)
class Match:
    """A division with how well it fits what was heard: 1 equal characters, below by sound."""

    division: Division
    score: float


class Gazetteer:
    """All shipped divisions.

    Args:
        folder: holds ``divisions.csv`` and ``communities/<city code>.csv``.
        sound: readings shared with the other rules.
    """

    def __init__(self, folder: Path, sound: Sound) -> None:
        self._folder = folder
        self._sound = sound
        self._by_code: dict[str, Division] = {}
        self._by_city: dict[tuple[str, Level], list[Division]] = defaultdict(list)
        self._cities: dict[str, Division] = {}
        self._read(folder / "divisions.csv")
        self._communities_read: set[str] = set()
        self._indexes: dict[tuple[str, Level], _Index] = {}

    def city(self, name: str) -> Division | None:
        """A city by its official name or its stem."""
        return self._cities.get(name) or self._cities.get(_DISTRICT_TAIL.sub("", name))

    @property
    def cities(self) -> Iterable[Division]:
        """All cities."""
        return self._by_city[("", Level.CITY)]

    def get(self, code: str) -> Division | None:
        """A division by its code; its city's communities are read if need be."""
        if len(code) == Level.COMMUNITY:
            self._read_communities(code[:4])
        return self._by_code.get(code)

    def divisions(self, city_code: str, level: Level) -> Sequence[Division]:
        """All of one level in a city."""
        if level is Level.COMMUNITY:
            self._read_communities(city_code)
        return self._by_city[(city_code, level)]

    def by_stem(self, stem: str, city_code: str, level: Level, within: str = "") -> list[Division]:
        """Divisions with exactly this stem (or official name) below the code ``within``."""
        index = self._index(city_code, level).by_stem
        found = index.get(stem, ())
        if not found and level is Level.COMMUNITY and stem.endswith(_VILLAGE):
            # 石榴岗村 for 石榴岗村社区, whose stem is 石榴岗.
            found = [division for division in index.get(stem[:-1], ()) if division.name.startswith(stem)]
        return [division for division in found if division.code.startswith(within)]

    def by_sound(
        self, stem: str, city_code: str, level: Level, within: str = "", heard: Sequence[str] = (), worst: float = 0.3
    ) -> list[Match]:
        """Divisions whose stem sounds like ``stem``, best first.

        Args:
            stem: as recognised.
            city_code: where to look.
            level: of which kind.
            within: code prefix.
            heard: syllables as heard, one a character.
            worst: greatest mean confusion cost a syllable.
        """
        index = self._index(city_code, level)
        matches = []
        for division in self._alike(index, stem, heard, worst):
            if within and not division.code.startswith(within):
                continue
            cost = self._sound.distance(stem, division.stem, heard)
            if cost <= worst:
                matches.append(Match(division, 1.0 - cost if division.stem != stem else 1.0))
        return sorted(matches, key=lambda match: (-match.score, match.division.code))

    def _alike(self, index: _Index, stem: str, heard: Sequence[str], worst: float) -> Iterable[Division]:
        """Those that can come out at ``worst`` or better.

        A syllable that differs costs at least ``LEAST_COST``; where that leaves one syllable equal at least, only
        divisions with an equal syllable in its place are compared (28 times faster in a city of 11,000 communities).
        """
        if worst * len(stem) >= LEAST_COST * len(stem):
            return index.by_length.get(len(stem), ())
        by_key = index.by_key(self._sound)
        found: dict[str, Division] = {}
        for place, keys in enumerate(self._sound.spoken_keys(stem, heard)):
            for key in keys:
                found.update((division.code, division) for division in by_key.get((len(stem), place, key), ()))
        return found.values()

    def stem_pattern(self, city_code: str, level: Level) -> re.Pattern[str]:
        """Finds any stem of two characters or more of one level in a city, the longest first."""
        return self._index(city_code, level).pattern

    def _index(self, city_code: str, level: Level) -> _Index:
        index = self._indexes.get((city_code, level))
        if index is None:
            index = _Index(self.divisions(city_code, level))
            self._indexes[(city_code, level)] = index
        return index

    def _read_communities(self, city_code: str) -> None:
        if city_code not in self._communities_read:
            self._communities_read.add(city_code)
            path = self._folder / "communities" / f"{city_code}.csv"
            if path.exists():
                self._read(path)

    def _read(self, path: Path) -> None:
        for line in path.read_text("utf-8").splitlines():
            code, _, name = line.partition(",")
            if name in _NOT_SAID:
                continue
            division = Division(code, name, stem_of(name, Level(len(code)), self._street_name(code)))
            self._by_code[code] = division
            self._by_city[(code[:4] if len(code) > Level.CITY else "", division.level)].append(division)
            if division.level is Level.CITY:
                self._cities[name] = self._cities[division.stem] = division

    def _street_name(self, code: str) -> str:
        parent = self._by_code.get(code[:9]) if len(code) == Level.COMMUNITY else None
        return parent.name if parent else ""


class _Index:
    """Lookups over the divisions of one level of one city."""

    def __init__(self, divisions: Iterable[Division]) -> None:
        self.by_stem: dict[str, list[Division]] = defaultdict(list)
        self.by_length: dict[int, list[Division]] = defaultdict(list)
        for division in divisions:
            self.by_stem[division.stem].append(division)
            self.by_length[len(division.stem)].append(division)
        stems = sorted((stem for stem in self.by_stem if len(stem) > 1), key=len, reverse=True)
        self.pattern = re.compile("|".join(map(re.escape, stems)) if stems else r"(?!)")
        self._by_key: dict[tuple[int, int, str], list[Division]] | None = None

    def by_key(self, sound: Sound) -> dict[tuple[int, int, str], list[Division]]:
        """Divisions by length of their stem, place in it and key of the syllable there; made when first needed."""
        if self._by_key is None:
            found: dict[tuple[int, int, str], list[Division]] = defaultdict(list)
            for length, divisions in self.by_length.items():
                for division in divisions:
                    for place, character in enumerate(division.stem):
                        for key in sound.keys(character):
                            found[length, place, key].append(division)
            self._by_key = found
        return self._by_key


def stem_of(name: str, level: Level, street_name: str = "") -> str:
    """What people say for short; never empty."""
    if level is Level.COMMUNITY:
        stem = _community_stem(name)
        if street_name and street_name in stem:
            stem = stem.split(street_name, 1)[1]
        return stem or name
    tail = _STREET_TAIL if level is Level.STREET else _DISTRICT_TAIL
    stem = tail.sub("", name)
    return stem if len(stem) > 1 else name


def _community_stem(name: str) -> str:
    """石榴岗村社区居委会 -> 石榴岗, 六联社区居委会 -> 六联, 南村村委会 -> 南村: what is left has two characters at least."""
    stem = _COMMITTEE.sub("", name)
    while (shorter := _COMMUNITY_TAIL.sub("", stem)) != stem:
        stem = shorter
    own = stem.rpartition("社区")[2]  # 爱联社区爱联居委会 is the 爱联 of 爱联社区
    return own if len(own) > 1 else stem
