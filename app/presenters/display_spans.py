"""Where a span of the spoken text stands in the text for people (punctuated, written numbers). Pure functions.

Evidence and token confidence count characters of ``Utterance.text`` (幺三八零零…); the screen shows ``Utterance.display``
(13800…). Both are aligned once an utterance with digits folded together; a rewritten stretch maps as a whole.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from difflib import SequenceMatcher

Span = tuple[int, int]

_DIGITS = str.maketrans("零〇幺一二两三四五六七八九", "0011223456789")


def display_spans(text: str, display: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """Half-open spans of ``text`` as sorted, joined spans of ``display``; empty ones are left out."""
    wanted = tuple(spans)
    if not wanted:
        return ()
    places = _places(text, display)
    found: list[Span] = []
    for start, end in wanted:
        inside = [places[i] for i in range(max(0, start), min(end, len(text)))]
        inside = [place for place in inside if place[1] > place[0]]
        if inside:
            found.append((inside[0][0], max(place[1] for place in inside)))
    return _joined(found)


@functools.lru_cache(maxsize=2048)
def _places(text: str, display: str) -> tuple[Span, ...]:
    """For each character of ``text`` the span of ``display`` that shows it (empty where it is not shown)."""
    if text == display:
        return tuple((i, i + 1) for i in range(len(text)))
    places: list[Span] = [(0, 0)] * len(text)
    matcher = SequenceMatcher(None, text.translate(_DIGITS), display.translate(_DIGITS), autojunk=False)
    for operation, a0, a1, b0, b1 in matcher.get_opcodes():
        for i in range(a0, a1):
            if operation == "equal":
                places[i] = (b0 + i - a0, b0 + i - a0 + 1)
            elif operation == "replace":
                places[i] = (b0, b1)
    return tuple(places)


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
