"""The quality check at the desk: a quiet line while something can still be mended, and the result for the lead's record."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.domain.call import CallEvent, CallState, NoticeRaised, Phase
from app.domain.call_record import QualityRecord
from app.domain.call_recording import Checked
from app.domain.dialogue import Channel
from app.domain.quality import QualityRule, check, due

_TALKING = frozenset({Phase.TALKING, Phase.PAUSED})


class QualityWatch:
    """Tells once a call what is missing by now. On the call thread.

    Args:
        rules: of the centre.
        post: takes the line; returns at once.
    """

    def __init__(self, rules: Sequence[QualityRule], post: Callable[[CallEvent], None]) -> None:
        self._rules, self._post = tuple(rule for rule in rules if rule.remind), post
        self._heard = 0
        self._told: set[str] = set()

    def seen(self, state: CallState) -> None:
        """Take a state; looks only after the operator has said something."""
        heard, self._heard = self._heard, len(state.dialogue)
        if state.phase not in _TALKING or heard == self._heard or not state.dialogue or state.dialogue[-1].channel is not Channel.OPERATOR:
            return
        for rule_id in due(self._rules, state.dialogue, state.draft):
            if rule_id not in self._told:
                self._told.add(rule_id)
                self._post(NoticeRaised(f"quality.remind_{rule_id}"))


def checked(rules: Sequence[QualityRule], state: CallState, unheard: Sequence[tuple[int, int]] = ()) -> Checked:
    """What the check found in a call, without its words."""
    found = check(rules, state.dialogue, state.draft, unheard)
    return Checked(tuple(QualityRecord(each.rule, True, each.points, max(0, each.at_ms)) for each in found.findings), found.score)
