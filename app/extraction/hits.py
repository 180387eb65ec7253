"""How rules of this room state what they found: one place for the border between filled and suggested.

A rule gives the probability that its value is right when every character was heard right; ``found`` lowers it by how
sure recognition was of the characters. "A wrong field that looks sure is worse than an empty one": only from
``FILL_FROM`` on a value stands by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.ticket import Candidate, Evidence, FieldState, Hit, Value

FILL_FROM = 0.85
SURE_HEARING = 0.8


def found(
    name: str,
    value: Value,
    confidence: float,
    evidence: Sequence[Evidence],
    rule: str,
    *,
    heard: float = 1.0,
    code: str = "",
    alternatives: Sequence[Candidate] = (),
) -> Hit:
    """A hit whose state follows from its confidence.

    Args:
        name: field name of the field table.
        value: normalised value.
        confidence: of the rule, 0 to 1.
        evidence: spans that carry it.
        rule: stable dotted name.
        heard: recognition's mean confidence over the evidence, 0 to 1 (1 for text).
        code: official code.
        alternatives: other values, best first.
    """
    sure = round(confidence * min(1.0, heard / SURE_HEARING), 3)
    state = FieldState.FILLED if sure >= FILL_FROM else FieldState.SUGGESTED
    return Hit(name, value, state, sure, tuple(evidence), rule, code, tuple(alternatives))
