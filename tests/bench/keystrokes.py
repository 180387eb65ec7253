"""The keystroke-level model: what an act of the operator costs in keys, clicks and seconds.

After S. K. Card, T. P. Moran and A. Newell, "The keystroke-level model for user performance time with interactive systems",
Communications of the ACM 23 (1980): K a key, P pointing, H moving the hand between keyboard and mouse, B a mouse button down
or up, M making up one's mind. Figures of the paper; K is that of an average non-secretary typist.

Chinese goes through a pinyin input method: the letters of every syllable and one key a phrase that takes it. The phrase wanted
is always the first that is offered: kinder to whoever types than any real input method. Digits, Latin letters and signs are a
key each. A chord counts each of its keys (Ctrl+Enter: two); a click counts one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import rjieba
from pypinyin import Style, lazy_pinyin

KEY_S, POINT_S, HOME_S, BUTTON_S, THINK_S = 0.28, 1.10, 0.40, 0.10, 1.35
_HAN = re.compile(r"[㐀-鿿]")


@dataclass
class Cost:
    """Sums of one kind of act. ``clicks`` are pressed and released; ``drags`` (a selection) count as a click and point twice."""

    keys: int = 0
    clicks: int = 0
    drags: int = 0
    homes: int = 0
    thinks: int = 0

    @property
    def presses(self) -> int:
        """Keys and clicks."""
        return self.keys + self.clicks + self.drags

    @property
    def seconds(self) -> float:
        """By the model."""
        pointing = self.clicks + 2 * self.drags
        return (KEY_S * self.keys + POINT_S * pointing + 2 * BUTTON_S * (self.clicks + self.drags)
                + HOME_S * self.homes + THINK_S * self.thinks)

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.keys + other.keys, self.clicks + other.clicks, self.drags + other.drags, self.homes + other.homes,
                    self.thinks + other.thinks)


@dataclass
class Ledger:
    """Costs by field ("" for what belongs to none: submitting)."""

    costs: dict[str, Cost] = field(default_factory=dict)

    def of(self, name: str) -> Cost:
        """The account of a field."""
        return self.costs.setdefault(name, Cost())

    def total(self, *without: str) -> Cost:
        """Everything but some fields."""
        return sum((cost for name, cost in self.costs.items() if name not in without), Cost())


def typing_keys(text: str) -> int:
    """Keys that write a text."""
    keys = 0
    for phrase in rjieba.cut(text):
        if _HAN.search(phrase):
            keys += sum(len(syllable) for syllable in lazy_pinyin(phrase, style=Style.NORMAL)) + 1
        else:
            keys += len(phrase)
    return keys
