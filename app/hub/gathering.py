"""Sums of many calls at once: facts go into columns, one column is one array, and a cube's dimensions are added up one after the other.

A step of the roll-ups counts some ten thousand facts by a dozen dimensions. Adding them one by one in dictionaries took longer than all the
rest; here a fact is looked at once, and what is done a dozen times is done by ``numpy``. Pure; one thread.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.domain.call_record import CallRecord
from app.domain.lead_counts import Dimension, call_values
from app.hub.cubes import ALL, CUBES, LEVEL_OF_A_TEAM, LEVEL_OF_ALL, LEVELS, MATTER, OF_A_TEAM, Cube, Fact, Key, coarse

#: Dimension, team, day, its value, kind of call.
Place = tuple[str, str, str, str, str]
Row = tuple[Any, ...]
_Whole = NDArray[np.int64]


class Gathered:
    """Facts of calls, for every cube.

    Args:
        cubes: which.
    """

    def __init__(self, cubes: Sequence[Cube] = CUBES) -> None:
        self._cubes = cubes
        self._calls = 0
        self._places: dict[Dimension | None, list[Place]] = {None: [], **{each: [] for cube in cubes for each in cube.dimensions}}
        self._facts = {cube.name: _Facts(cube) for cube in cubes}
        self._of_items: dict[str, _Facts] = {cube.name: _Facts(cube) for cube in cubes if Dimension.ITEM in cube.dimensions}
        self._items: dict[str, list[Place]] = {name: [] for name in self._of_items}

    def add(self, record: CallRecord, team: str) -> None:
        """The facts of a call of a team."""
        values = call_values(record, team)
        day, kind = values[Dimension.DAY], values[Dimension.KIND]
        for dimension, places in self._places.items():
            if dimension is None:
                places.append(("", team, day, "", kind))
            elif dimension is not Dimension.ITEM:
                places.append((dimension.value, team, day, values[dimension], kind))
        known: dict[Any, list[Fact]] = {}
        for cube in self._cubes:
            facts = known.get(cube.facts)
            if facts is None:
                facts = known[cube.facts] = cube.facts(record)
            if facts:
                self._facts[cube.name].add(self._calls, _as_kept(cube, facts, values))
            if cube.name in self._items:
                self._add_items(cube, cube.item_facts(record) if cube.item_facts else facts, team, day, kind)
        self._calls += 1

    def _add_items(self, cube: Cube, facts: Sequence[Fact], team: str, day: str, kind: str) -> None:
        items = dict.fromkeys(fact.item for fact in facts)
        places = self._items[cube.name]
        for item in items:
            of_item = facts if len(items) == 1 else [fact for fact in facts if fact.item == item]
            self._of_items[cube.name].add(len(places), of_item)
            places.append((Dimension.ITEM.value, team, day, item, kind))

    def rows(self, cube: Cube) -> list[Row]:
        """Rows of a cube's table, by team and of all teams together, in the order of their keys."""
        found: list[Row] = []
        columns = self._facts[cube.name].columns()
        for dimension in (None, *cube.dimensions):
            if dimension is Dimension.ITEM:
                found += _rows_of(cube, self._of_items[cube.name].columns(), dimension, self._items[cube.name])
            else:
                found += _rows_of(cube, columns, dimension, self._places[dimension])
        return sorted(found)


def _as_kept(cube: Cube, facts: Sequence[Fact], values: Mapping[Dimension, str]) -> Sequence[Fact]:
    """With the levels of a matter, or with the columns that are keys of their own."""
    if cube is MATTER:
        return [Fact("", (str(index), *coarse(fact.own, level)), fact.adds) for fact in facts for index, level in enumerate(LEVELS)]
    if cube.columns:
        tail = tuple(values[each] for each in cube.columns)
        return [Fact("", (*fact.own, *tail), fact.adds) for fact in facts]
    return facts


def _rows_of(cube: Cube, columns: _Columns, dimension: Dimension | None, places: Sequence[Place]) -> Iterator[Row]:
    by_team, of_team = _numbered(places)
    of_a_team = columns.which(lambda own: own[0] != LEVEL_OF_ALL) if cube is MATTER else None
    yield from _made(cube, by_team, columns.sums(of_team, of_a_team))
    if cube.columns or dimension in OF_A_TEAM:
        return
    together, of_all = _numbered([(place[0], ALL, *place[2:]) for place in by_team])
    wanted = columns.which(lambda own: own[0] != LEVEL_OF_A_TEAM) if cube is MATTER else None
    yield from _made(cube, together, columns.sums(of_all[of_team], wanted))


def _made(cube: Cube, places: Sequence[Place], sums: Iterator[tuple[int, Key, list[float]]]) -> Iterator[Row]:
    early, fractions = cube.early, [index for index, name in enumerate(cube.counters) if name in cube.fractions]
    for number, own, cells in sums:
        dimension, team, day, value, kind = places[number]
        counted: list[float] = list(map(int, cells))
        for index in fractions:
            counted[index] = cells[index]
        yield (dimension, team, *own[:early], day, value, kind, *own[early:], *counted)


class _Facts:
    """Facts as they come: of which call, which own key, what they add. A cube with a total over its first own key counts calls."""

    def __init__(self, cube: Cube) -> None:
        self._cube = cube
        self._own: dict[Key, int] = {}
        self._fact_own: list[int] = []
        self._adds: list[tuple[int, float]] = []
        self._adds_of: list[int] = []
        self._calls: list[int] = []
        self._facts_of: list[int] = []

    def add(self, call: int, facts: Sequence[Fact]) -> None:
        """Those of one call, of which others are told apart by its number."""
        own, seen = self._own, set[int]()
        counts = self._cube.counts_calls
        for fact in facts:
            number = own.setdefault(fact.own, len(own))
            self._fact_own.append(number)
            self._adds += fact.adds
            if counts and number not in seen:
                seen.add(number)
                self._adds.append((0, 1))
                self._adds_of.append(len(fact.adds) + 1)
            else:
                self._adds_of.append(len(fact.adds))
        self._facts_of.append(len(facts))
        self._calls.append(call)

    def columns(self) -> _Columns:
        """All of them as arrays."""
        calls, facts_of = np.array(self._calls, np.int64), np.array(self._facts_of, np.int64)
        fact_call = np.repeat(calls, facts_of)
        fact_own = np.array(self._fact_own, np.int64)
        of_fact = np.repeat(np.arange(len(fact_own)), np.array(self._adds_of, np.int64))
        flat = np.fromiter(itertools.chain.from_iterable(self._adds), np.float64, 2 * len(self._adds)).reshape(-1, 2)
        counter, amount = flat[:, 0].astype(np.int64), flat[:, 1]
        call, own = fact_call[of_fact], fact_own[of_fact]
        keys = list(self._own)
        if self._cube.total_over and keys:  # all own keys together once more; a call counts once
            numbers: dict[Key, int] = {}
            together = np.array([numbers.setdefault((ALL, *key[1:]), len(numbers)) for key in keys], np.int64) + len(keys)
            more = counter > 0
            first_fact = np.cumsum(facts_of) - facts_of
            call = np.concatenate([call, call[more], calls])
            own = np.concatenate([own, together[own[more]], together[fact_own[first_fact]]])
            amount = np.concatenate([amount, amount[more], np.ones(len(calls))])
            counter = np.concatenate([counter, counter[more], np.zeros(len(calls), np.int64)])
            keys += numbers
        return _Columns(keys, call, own, counter, amount, len(self._cube.counters))


class _Columns:
    """What is added: of which call, to which own key, to which counter, how much."""

    def __init__(self, keys: list[Key], call: _Whole, own: _Whole, counter: _Whole, amount: NDArray[np.float64], width: int) -> None:
        self._keys, self._call, self._own, self._counter, self._amount, self._width = keys, call, own, counter, amount, width

    def which(self, is_wanted: Any) -> NDArray[np.bool_]:
        """Which own keys are wanted."""
        return np.array([bool(is_wanted(key)) for key in self._keys], bool)

    def sums(self, place_of_call: _Whole, wanted: NDArray[np.bool_] | None) -> Iterator[tuple[int, Key, list[float]]]:
        """Number of the place, own key, and the counters' sums."""
        chosen = slice(None) if wanted is None else wanted[self._own]
        own, counter, amount = self._own[chosen], self._counter[chosen], self._amount[chosen]
        cells, of_cell = np.unique(place_of_call[self._call[chosen]] * len(self._keys) + own, return_inverse=True)
        sums = np.bincount(of_cell * self._width + counter, weights=amount, minlength=len(cells) * self._width)
        places, owns = np.divmod(cells, max(1, len(self._keys)))
        counted: list[list[float]] = sums.reshape(-1, self._width).tolist()  # type: ignore[assignment]
        for place, key, held in zip(places.tolist(), owns.tolist(), counted, strict=True):
            yield place, self._keys[key], held


def _numbered(places: Sequence[Place]) -> tuple[list[Place], _Whole]:
    """Each place once, and its number where it stood."""
    numbers: dict[Place, int] = {}
    return_of = np.array([numbers.setdefault(place, len(numbers)) for place in places], np.int64)
    return list(numbers), return_of
