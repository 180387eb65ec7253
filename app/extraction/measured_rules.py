"""How often each rule's values were right where they stood, and what that means for the next one.

A rule's own confidence is its writer's belief. ``resources/rule_precision.toml`` holds what was counted instead, over calls
that were opened for tuning, apart for texts and for words that may be misheard (`make bench-rules` writes it). A rule of
which too many values were wrong does not stand by itself, whatever it believes; one that stands carries the counted share.
Rules counted too seldom keep their belief. Pure; the table is read once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from app.domain.ticket import FieldState, Hit
from app.extraction.hits import FILL_FROM

STANDS_FROM = 0.95
ENOUGH = 12
_MOST = 0.99
_DEMOTED = 0.84


@dataclass(frozen=True, slots=True)
class MeasuredRules:
    """Right and wrong values by ``field/rule``, of texts and from sound.

    Attributes:
        text: (right, wrong) of values that stood, from certain words.
        sound: the same from words that may be misheard.
    """

    text: Mapping[str, tuple[int, int]]
    sound: Mapping[str, tuple[int, int]]

    @classmethod
    def load(cls, path: Path) -> MeasuredRules:
        """Read the table; raises ``OSError`` or ``TOMLDecodeError`` where it is broken."""
        tables = tomllib.loads(path.read_text("utf-8"))
        text, sound = ({name: (int(counted[0]), int(counted[1])) for name, counted in tables.get(kind, {}).items()}
                       for kind in ("text", "sound"))
        return cls(text, sound)

    def share(self, hit: Hit, *, from_sound: bool) -> float | None:
        """The share of right values, held towards a half by one of each; None where too few were counted."""
        right, wrong = (self.sound if from_sound else self.text).get(f"{hit.name}/{hit.rule}", (0, 0))
        return (right + 1) / (right + wrong + 2) if right + wrong >= ENOUGH else None

    def applied(self, hits: Iterable[Hit], *, from_sound: bool) -> tuple[Hit, ...]:
        """The hits with the states and confidences that were counted; suggested ones stay as they are."""
        return tuple(self._applied(hit, from_sound=from_sound) for hit in hits)

    def _applied(self, hit: Hit, *, from_sound: bool) -> Hit:
        share = self.share(hit, from_sound=from_sound) if hit.state is FieldState.FILLED else None
        if share is None:
            return hit
        right, wrong = (self.sound if from_sound else self.text)[f"{hit.name}/{hit.rule}"]
        if wrong and right / (right + wrong) < STANDS_FROM:
            return replace(hit, state=FieldState.SUGGESTED, confidence=round(min(share, _DEMOTED), 3))
        return replace(hit, confidence=round(min(_MOST, max(FILL_FROM, share)), 3))
