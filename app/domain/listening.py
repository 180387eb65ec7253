"""Which stretch of the call's sound to play for a field or an utterance: long enough to understand, short enough to wait for.

Evidence is a span of characters; its tokens say when it was said. A span without token times falls back to its utterance. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.dialogue import Utterance
from app.domain.ticket import Evidence

LEAST_MS, MOST_MS = 3000, 5000
#: What a click on an utterance plays at most.
UTTERANCE_MOST_MS = 15_000
_LEAD_MS = 400

#: First and last millisecond on the call's time line.
Stretch = tuple[int, int]


def evidence_stretch(evidence: Sequence[Evidence], dialogue: Sequence[Utterance]) -> Stretch | None:
    """3 to 5 s around the most telling piece of evidence; None where there is none."""
    for piece in evidence:
        if 0 <= piece.utterance < len(dialogue):
            return _comfortable(*_said(piece, dialogue[piece.utterance]))
    return None


def utterance_stretch(utterance: Utterance) -> Stretch:
    """All of an utterance, at most 15 s of it."""
    start = max(0, utterance.start_ms - _LEAD_MS)
    return start, min(utterance.end_ms + _LEAD_MS, start + UTTERANCE_MOST_MS)


def _said(piece: Evidence, utterance: Utterance) -> Stretch:
    tokens = [token for token in utterance.tokens if token.start < piece.end and token.end > piece.start]
    if tokens:
        return tokens[0].start_ms, tokens[-1].end_ms
    length = max(1, len(utterance.text))
    spoken = utterance.end_ms - utterance.start_ms
    return utterance.start_ms + spoken * piece.start // length, utterance.start_ms + spoken * piece.end // length


def _comfortable(start: int, end: int) -> Stretch:
    """Some sound before, and the whole between 3 and 5 s, with the beginning of what was said always in it."""
    start, end = max(0, start - _LEAD_MS), end + _LEAD_MS
    short = LEAST_MS - (end - start)
    if short > 0:
        start = max(0, start - short // 2)
        end = start + LEAST_MS
    return start, min(end, start + MOST_MS)
