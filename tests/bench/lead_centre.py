"""A simulated centre as counts: what ``make bench-lead`` watches. Drawn by the million with numpy, asked through the lead's own port.

Each call has an operator (who is also a desk), an item, a district and ten fields, each of which stands filled or not and is wrong or not; the odds
of a wrong field are the product of what day, operator, item, the call itself (a bad line, a hard speaker) and a worse model make of it. Only the
questions that the page of alarms asks are answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from app.domain.lead_counts import MOST_WRONG, Dimension, OutcomeCount, Scope, Slice, WrongCount

LAST = date(2026, 11, 20)
DAYS = 56
PLANTED = 14
#: How often a field stands filled, and the share wrong of it.
_FIELDS = tuple((f"field{index}", filled, wrong) for index, (filled, wrong) in enumerate((
    (0.5, 0.05), (0.9, 0.03), (0.92, 0.03), (0.7, 0.05), (0.55, 0.08), (0.38, 0.05), (0.35, 0.1), (0.95, 0.04), (0.75, 0.09), (0.5, 0.06))))
_ITEMS, _DISTRICTS = 30, 8
Ints = npt.NDArray[np.int64] | npt.NDArray[np.int32] | npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class CentreOrder:
    """What is simulated.

    Attributes:
        operators: each at a desk of their own.
        calls_a_day: of each, on a working day.
        worse_calls: share of calls, from ``PLANTED`` days before the end, whose odds of a wrong field are ``worse_by`` times as great.
        worse_by: see there.
        at_desks: the worse calls are all calls of so many desks in place of calls here and there.
        named: the worse model has a version of its own.
        day_noise: how much days differ (standard deviation of the logarithm of the odds).
        call_noise: how much calls differ.
        operator_noise: how much operators differ.
        operator_drift: by how much each operator changes from one half of the time to the other.
        item_noise: how hard items are.
        season: from the first to the last day the hardest third of the items becomes so many times as frequent.
        seed: of everything.
    """

    operators: int = 12
    calls_a_day: float = 25.0
    worse_calls: float = 0.0
    worse_by: float = 5.0
    at_desks: bool = False
    named: bool = False
    day_noise: float = 0.03
    call_noise: float = 0.3
    operator_noise: float = 0.2
    operator_drift: float = 0.0
    item_noise: float = 0.4
    season: float = 1.0
    seed: int = 1


class Centre:
    """Counts of a centre; of ``LeadSource`` what the page of alarms asks."""

    def __init__(self, order: CentreOrder) -> None:
        self.days = [str(LAST - timedelta(days=DAYS - 1 - place)) for place in range(DAYS)]
        self._names = {Dimension.DAY: self.days, Dimension.FIELD: [name for name, _, _ in _FIELDS], Dimension.MODEL: ["1.2", "1.3-bad"],
                       Dimension.VOCABULARY: ["2026.10"], Dimension.KNOWLEDGE: ["2026.11.1"],
                       Dimension.DISTRICT: [f"district{place}" for place in range(_DISTRICTS)],
                       Dimension.ITEM: [f"{place:06}" for place in range(_ITEMS)],
                       Dimension.OPERATOR: [f"{place:04}" for place in range(order.operators)],
                       Dimension.DESK: [f"desk{place:04}" for place in range(order.operators)]}
        random = np.random.default_rng(order.seed)
        care = random.normal(0, order.operator_noise, order.operators)
        care = np.array([care, care + random.normal(0, order.operator_drift, order.operators)])
        hard = np.sort(random.normal(0, order.item_noise, _ITEMS))
        often, moods = random.gamma(0.8, 1, _ITEMS), random.normal(0, order.day_noise, DAYS)
        parts: dict[Dimension, list[Ints]] = {}
        fields: list[tuple[Ints, Ints]] = []
        for day in range(DAYS):
            is_late = day >= DAYS - PLANTED
            weekend = 0.72 if date.fromisoformat(self.days[day]).isoweekday() > 5 else 1.0
            calls = random.poisson(order.operators * order.calls_a_day * weekend)
            desk = random.integers(0, order.operators, calls)
            weights = often * np.where(np.arange(_ITEMS) >= 2 * _ITEMS // 3, order.season ** (day / (DAYS - 1)), 1.0)
            item = random.choice(_ITEMS, calls, p=weights / weights.sum())
            bad = self._bad(order, random, desk) if is_late and order.worse_calls else np.zeros(calls, bool)
            level = moods[day] + care[int(day >= DAYS // 2)][desk] + hard[item] + random.normal(0, order.call_noise, calls)
            level = level + np.where(bad, np.log(order.worse_by), 0.0)
            made = [self._field(random, level, filled, wrong) for _, filled, wrong in _FIELDS]
            fields.append((np.array([each[0] for each in made], np.int8), np.array([each[1] for each in made], np.int8)))
            own = {Dimension.DAY: np.full(calls, day), Dimension.DESK: desk, Dimension.OPERATOR: desk, Dimension.ITEM: item,
                   Dimension.DISTRICT: random.integers(0, _DISTRICTS, calls), Dimension.MODEL: (bad & order.named).astype(np.int64),
                   Dimension.VOCABULARY: np.zeros(calls, np.int64), Dimension.KNOWLEDGE: np.zeros(calls, np.int64)}
            for dimension, values in own.items():
                parts.setdefault(dimension, []).append(values.astype(np.int32))
        self._values = {dimension: np.concatenate(held) for dimension, held in parts.items()}
        self._filled, self._wrong = (np.concatenate([each[place] for each in fields], axis=1) for place in (0, 1))
        self._wrong_calls = np.minimum(self._wrong.sum(axis=0), MOST_WRONG)

    @staticmethod
    def _bad(order: CentreOrder, random: np.random.Generator, desk: Ints) -> npt.NDArray[np.bool_]:
        if order.at_desks:
            return desk < max(1, round(order.worse_calls * order.operators))
        return random.random(len(desk)) < order.worse_calls

    @staticmethod
    def _field(random: np.random.Generator, level: npt.NDArray[np.float64], filled: float, wrong: float) -> tuple[Ints, Ints]:
        odds = wrong / (1 - wrong) * np.exp(level)
        stands = random.random(len(level)) < filled
        return stands.astype(np.int8), (stands & (random.random(len(level)) < odds / (1 + odds))).astype(np.int8)

    def scope(self) -> Scope:
        """First and last day."""
        return Scope("head", self.days[0], self.days[-1], len(self._wrong_calls))

    def outcomes(self, asked: Slice, by: tuple[Dimension, ...] = ()) -> tuple[OutcomeCount, ...]:
        """Filled rightly or wrongly, by call-wide dimensions and at most the field last."""
        per_field = by[-1:] == (Dimension.FIELD,)
        keys, codes, chosen = self._groups(asked, by[:-1] if per_field else by)
        rows = []
        for place in range(len(_FIELDS)) if per_field else (-1,):
            filled, wrong = ((self._filled, self._wrong) if place < 0 else (self._filled[place:place + 1], self._wrong[place:place + 1]))
            totals, wrongs = (np.bincount(codes, held[:, chosen].sum(axis=0), len(keys)).astype(int) for held in (filled, wrong))
            tail = (self._names[Dimension.FIELD][place],) if per_field else ()
            rows += [OutcomeCount((*key, *tail), filled_taken=int(total - wrong), filled_edited=int(wrong))
                     for key, total, wrong in zip(keys, totals, wrongs, strict=True) if total]
        return tuple(rows)

    def wrong_calls(self, asked: Slice, by: tuple[Dimension, ...] = ()) -> tuple[WrongCount, ...]:
        """Calls by wrong fields."""
        keys, codes, chosen = self._groups(asked, by)
        counts = np.bincount(codes * (MOST_WRONG + 1) + self._wrong_calls[chosen], minlength=len(keys) * (MOST_WRONG + 1))
        return tuple(WrongCount(keys[place // (MOST_WRONG + 1)], int(place % (MOST_WRONG + 1)), int(counts[place]))
                     for place in np.flatnonzero(counts))

    def _groups(self, asked: Slice, by: tuple[Dimension, ...]) -> tuple[list[tuple[str, ...]], npt.NDArray[np.int64], slice | Ints]:
        first, last = (self.days.index(each) if each in self.days else end for each, end in ((asked.since, 0), (asked.until, DAYS - 1)))
        days = self._values[Dimension.DAY]
        start, stop = int(np.searchsorted(days, first)), int(np.searchsorted(days, last, "right"))
        chosen: slice | Ints = slice(start, stop)
        for dimension in {each for each, _ in asked.only}:
            wanted = [self._names[dimension].index(value) for each, value in asked.only if each is dimension]
            chosen = np.arange(start, stop)[np.isin(self._values[dimension][start:stop], wanted)]
        codes = np.zeros(len(days[chosen]), np.int64)
        keys: list[tuple[str, ...]] = [()]
        for dimension in by:
            names = self._names[dimension]
            codes = codes * len(names) + self._values[dimension][chosen].astype(np.int64)
            keys = [(*key, name) for key in keys for name in names]
        return keys, codes, chosen
