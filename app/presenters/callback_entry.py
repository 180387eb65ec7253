"""The result of a callback while it is entered, key by key: said how, solved or not, why. Pure.

Keys: 0 nobody answered; 1 … 5 how satisfied; then Y or N, solved or not; then, where somebody is to be asked why, 1 … 7 the reason.
Backspace takes the last one back. ``2 Y`` and Enter is a whole result. Nothing is assumed: what was not pressed is not there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from app.domain.callbacks import needs_reason
from app.domain.cases import REASONS, SATISFACTION, CaseAct

MISSED_KEY = "0"
#: In the order in which they are offered; "other" last.
REASON_ORDER = (*sorted(REASONS - {"other"}), "other")
SOLVED_KEYS = {"y": "yes", "n": "no"}


class Stage(StrEnum):
    """What is asked next."""

    SAID = "said"
    SOLVED = "solved"
    REASON = "reason"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Entry:
    """What was entered so far."""

    act: CaseAct | None = None
    satisfaction: str = ""
    solved: str = ""
    reason: str = ""

    @property
    def stage(self) -> Stage:
        """What is asked next."""
        if self.act is None:
            return Stage.SAID
        if self.act is CaseAct.MISSED:
            return Stage.READY
        if not self.solved:
            return Stage.SOLVED
        return Stage.REASON if needs_reason(self.satisfaction, self.solved) and not self.reason else Stage.READY

    @property
    def asks_why(self) -> bool:
        """Whether a reason belongs to it."""
        return bool(self.solved) and needs_reason(self.satisfaction, self.solved)

    @property
    def answers(self) -> dict[str, str]:
        """For the act."""
        if self.act is not CaseAct.REACHED:
            return {}
        return {"satisfaction": self.satisfaction, "solved": self.solved, "reason": self.reason}

    def pressed(self, key: str) -> Entry | None:
        """After a key; None where the key says nothing here."""
        if key == "\b":
            return self._back()
        if self.stage is Stage.SAID or (key == MISSED_KEY and self.stage is not Stage.REASON):
            return self._said(key)
        if self.stage is Stage.SOLVED:
            return replace(self, solved=SOLVED_KEYS[key]) if key in SOLVED_KEYS else self._said(key)
        if self.stage is Stage.REASON and key.isdecimal() and 1 <= int(key) <= len(REASON_ORDER):
            return replace(self, reason=REASON_ORDER[int(key) - 1])
        return None

    def chosen(self, what: str, code: str) -> Entry:
        """After a click on a code of ``satisfaction`` ("" for nobody answered), ``solved`` or ``reason``."""
        if what == "satisfaction":
            return Entry(CaseAct.REACHED, code) if code else Entry(CaseAct.MISSED)
        return replace(self, solved=code, reason="") if what == "solved" else replace(self, reason=code)

    def _said(self, key: str) -> Entry | None:
        if key == MISSED_KEY:
            return Entry(CaseAct.MISSED)
        if key.isdecimal() and 1 <= int(key) <= len(SATISFACTION):
            return Entry(CaseAct.REACHED, SATISFACTION[int(key) - 1])
        return None

    def _back(self) -> Entry:
        if self.reason:
            return replace(self, reason="")
        return replace(self, solved="") if self.solved else Entry()
