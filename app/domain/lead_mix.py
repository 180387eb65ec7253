"""Harder and easier items: what the mix of a day's, or of a version's, items alone does to the share of wrong fields.

Items are not alike: where noise is right nine times in ten, an address out of a long story is not. A season or a campaign changes what
people call about, and with it the share of wrong fields, though the help is as good as ever. Direct standardisation (Fleiss, Levin, Paik,
Statistical Methods for Rates and Proportions, 3rd ed. 2003, ch. 19) with the reference's shares by item; a rare item is drawn towards the
share of all, ``DRAWN`` fields strong. Pure; any thread.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

#: So many fields of an item's own weigh as much as the share of all.
DRAWN = 40.0

#: Day, item, wrong fields, filled fields.
ItemDay = tuple[str, str, int, int]


def mix_offsets(reference: Iterable[ItemDay], days: Iterable[ItemDay]) -> dict[str, float]:
    """Day to the difference that its items alone should make: logarithm of the odds against those of the reference.

    Args:
        reference: of the reference days: how hard each item usually is.
        days: of all days, those of the reference too.

    Returns:
        Nothing where the reference has no wrong or no right field; a day without filled fields is left out.
    """
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for _, item, wrong, filled in reference:
        sums[item][0] += wrong
        sums[item][1] += filled
    wrong_all, filled_all = (math.fsum(each[place] for each in sums.values()) for place in (0, 1))
    if not 0 < wrong_all < filled_all:
        return {}
    usual = wrong_all / filled_all
    shares = {item: (wrong + DRAWN * usual) / (filled + DRAWN) for item, (wrong, filled) in sums.items()}
    middle = math.fsum(shares[item] * filled for item, (_, filled) in sums.items()) / filled_all
    expected: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for day, item, _, filled in days:
        expected[day][0] += filled * shares.get(item, usual)
        expected[day][1] += filled
    return {day: _log_odds(hits / filled) - _log_odds(middle) for day, (hits, filled) in expected.items() if filled}


def _log_odds(p: float) -> float:
    return math.log(p / (1 - p))
