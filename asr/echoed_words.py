"""Takes words out of a reading that are the other side's echo: the rest is what this side's speaker said himself. Pure.

An echo that runs into the operator's own answer without a pause is one utterance with it; each word's sound tells whose it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.domain.dialogue import Token
from asr.crosstalk import Echo
from asr.engine import SAMPLE_RATE_HZ, Hypothesis

_PER_MS = SAMPLE_RATE_HZ // 1000
#: A syllable is told when it is recognised: its sound begins so much before, and lasts so long at least.
_BEFORE_MS, _LEAST_MS = 80, 160
#: Own syllables in a row that are left between echoed ones: fewer are an echo that something else covered.
_LEAST_OWN = 2


def without_echo(hypothesis: Hypothesis, echo: Echo, origin_ms: int) -> Hypothesis:
    """The reading without the other side's words; the very same where none is.

    Args:
        hypothesis: of one utterance.
        echo: of the utterance's sound.
        origin_ms: place of the utterance's first sound, from which its tokens count.
    """
    kept = _own(hypothesis.tokens, echo, origin_ms)
    if all(kept):
        return hypothesis
    text, tokens = _cut(hypothesis.text, hypothesis.tokens, kept)
    others = [(each, _cut(each.text, each.tokens, _own(each.tokens, echo, origin_ms))) for each in hypothesis.alternatives]
    alternatives = tuple(replace(each, text=rest, tokens=parts) for each, (rest, parts) in others if rest and rest != text)
    confidence = round(sum(token.confidence for token in tokens) / len(tokens), 4) if tokens else 0.0
    return Hypothesis(text, tokens, confidence, alternatives if tokens else ())


def _own(tokens: Sequence[Token], echo: Echo, origin_ms: int) -> list[bool]:
    """For each token whether this side said it."""
    own = []
    for token in tokens:
        begin_ms = origin_ms + token.start_ms - _BEFORE_MS
        end_ms = max(origin_ms + token.end_ms, begin_ms + _LEAST_MS)
        own.append(not echo.is_others(begin_ms * _PER_MS, end_ms * _PER_MS))
    return _without_crumbs(own)


def _without_crumbs(own: list[bool]) -> list[bool]:
    """A single own token with echo on both sides is none."""
    kept, at = list(own), 0
    while at < len(own):
        until = at
        while until < len(own) and own[until] == own[at]:
            until += 1
        if own[at] and until - at < _LEAST_OWN and at > 0 and until < len(own):
            kept[at:until] = [False] * (until - at)
        at = until
    return kept


def _cut(text: str, tokens: Sequence[Token], kept: Sequence[bool]) -> tuple[str, tuple[Token, ...]]:
    """Text and tokens of those that are kept, at their new places."""
    out, rest = "", list[Token]()
    for token, is_kept in zip(tokens, kept, strict=True):
        if is_kept:
            rest.append(replace(token, start=len(out), end=len(out) + token.end - token.start))
            out += text[token.start:token.end]
    return out, tuple(rest)
