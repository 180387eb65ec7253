"""What hints at a request type in a text, as counts for a history to learn its own weights for. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from app.extraction.items import Ranking, tree
from app.extraction.request_types import TYPES, cue_spans

_ASKING: Mapping[str, re.Pattern[str]] = {
    "?": re.compile(r"[?？]"), "!": re.compile(r"[!！]"), "请问": re.compile("请问"), "吗": re.compile("吗"),
    "如何": re.compile("怎么|如何|是否|能否|可否|多少|哪"), "?$": re.compile(r"[?？吗呢]$"),
}
_FIRST_SHARE, _FURTHER_SHARE = 1.2, 0.6


def cue_counts(texts: Sequence[tuple[str, float]]) -> dict[str, float]:
    """How often the rules' cues of each type, and words of asking, occur in weighted texts."""
    counts: dict[str, float] = {}
    for text, weight in texts:
        said = text.replace(" ", "")
        found = {kind: len(cue_spans(said, kind)) for kind in TYPES}
        found.update({name: len(pattern.findall(said)) for name, pattern in _ASKING.items()})
        for name, count in found.items():
            if count:
                counts[name] = counts.get(name, 0.0) + weight * count
    return counts


def usual_types(ranking: Ranking) -> dict[str, float]:
    """The usual request types of the likely items, 0 to 2."""
    shares: dict[str, float] = {}
    for code, share in zip(ranking.codes, ranking.probabilities, strict=True):
        leaf = tree().get(code)
        for place, kind in enumerate(leaf.request_types if leaf is not None else ()):
            shares[kind] = shares.get(kind, 0.0) + share * (_FURTHER_SHARE if place else _FIRST_SHARE)
    return shares
