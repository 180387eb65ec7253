"""Telling pairs of characters as words people can read: overlapping ones joined as they stand in the text. Pure."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST = 8


def joined_terms(text: str, pairs: Sequence[str]) -> list[str]:
    """Stretches of the text that the pairs cover, in the order of the first pair in each (路灯, 灯坏 -> 路灯坏).

    Args:
        text: what was said; a space parts what does not belong together.
        pairs: short terms, most telling first.
    """
    covered: list[tuple[int, int, int]] = []
    for rank, pair in enumerate(pairs):
        place = text.find(pair)
        while place >= 0:
            covered.append((place, place + len(pair), rank))
            place = text.find(pair, place + 1)
    merged: list[tuple[int, int, int]] = []
    for start, end, rank in sorted(covered):
        if merged and start < merged[-1][1] and end - merged[-1][0] <= LONGEST:
            held = merged[-1]
            merged[-1] = (held[0], max(end, held[1]), min(rank, held[2]))
        else:
            merged.append((start, end, rank))
    ranked = sorted(merged, key=lambda span: (span[2], span[0]))
    return list(dict.fromkeys(text[start:end] for start, end, _ in ranked))
