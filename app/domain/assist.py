"""What became of knowledge cards: shown, opened, copied, spoken, judged; and how much that may move an entry.

Pure. Events are kept in the encrypted store (``app.store.assist``); ``standing`` turns their counts into a bounded shift of an
entry's place, with its reasons in numbers, so that "why is this one first" always has an answer. What an operator calls wrong or
outdated only ever steps back: nothing rises by being looked at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class AssistAct(StrEnum):
    """What happened to an entry."""

    SHOWN = "shown"
    OPENED = "opened"
    COPIED = "copied"
    SPOKEN = "spoken"
    USED = "used"
    NOT_USEFUL = "not_useful"
    WRONG = "wrong"
    OUTDATED = "outdated"


#: What an operator says of a card by one key.
VERDICTS = (AssistAct.USED, AssistAct.NOT_USEFUL, AssistAct.WRONG, AssistAct.OUTDATED)


class AssistOrigin(StrEnum):
    """How the operator came by the entry."""

    PUSH = "push"
    SEARCH = "search"
    BROWSE = "browse"


@dataclass(frozen=True, slots=True)
class AssistEvent:
    """One event.

    Attributes:
        at: ISO 8601 with offset.
        call_id: the call at hand, empty outside calls.
        entry_id: the entry.
        entry_version: its version then.
        act: what happened.
        origin: how the entry was reached.
        kb_version: version of the knowledge base.
        at_ms: time in the call.
        agent_id: the operator's work number, may be empty.
    """

    at: str
    call_id: str
    entry_id: str
    entry_version: int
    act: AssistAct
    origin: AssistOrigin
    kb_version: str = ""
    at_ms: int = 0
    agent_id: str = ""


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that no card answered. ``text`` carries no digits, names or addresses that the program could see."""

    at: str
    call_id: str
    text: str
    kb_version: str = ""


@dataclass(frozen=True, slots=True)
class EntryUse:
    """What the centre did with an entry, each event weighted by its age (``HALF_LIFE_DAYS``)."""

    entry_id: str
    counts: Mapping[AssistAct, float] = field(default_factory=dict)
    last_at: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How use moves an entry.

    Attributes:
        shift: added to the logit of its score, from ``-MOST_DOWN`` to ``MOST_UP``.
        heat: how much it is used, 0 and up, for sorting.
        helped: uses that counted for it, rounded.
        doubted: judgements against it, rounded.
    """

    shift: float
    heat: float
    helped: int
    doubted: int


HALF_LIFE_DAYS = 30.0
MOST_UP = 0.35
MOST_DOWN = 0.7
_FOR = {AssistAct.USED: 1.0, AssistAct.SPOKEN: 0.8, AssistAct.COPIED: 0.5, AssistAct.OPENED: 0.2}
_AGAINST = {AssistAct.WRONG: 2.0, AssistAct.OUTDATED: 1.5, AssistAct.NOT_USEFUL: 0.5}
_HALFWAY_UP, _HALFWAY_DOWN = 10.0, 4.0


def standing(use: EntryUse) -> Standing:
    """The bounded effect of an entry's use: half of the way up at ten uses, half of the way down at two ``wrong``."""
    good = sum(weight * use.counts.get(act, 0.0) for act, weight in _FOR.items())
    bad = sum(weight * use.counts.get(act, 0.0) for act, weight in _AGAINST.items())
    shift = MOST_UP * good / (good + _HALFWAY_UP) - MOST_DOWN * bad / (bad + _HALFWAY_DOWN)
    helped = sum(use.counts.get(act, 0.0) for act in (AssistAct.USED, AssistAct.SPOKEN, AssistAct.COPIED))
    return Standing(shift, good, round(helped), round(sum(use.counts.get(act, 0.0) for act in _AGAINST)))


def shifted(score: float, shift: float) -> float:
    """A share moved by ``shift`` on the logit scale; 0 and 1 stay."""
    if not 0.0 < score < 1.0:
        return score
    return 1.0 / (1.0 + math.exp(-(math.log(score / (1.0 - score)) + shift)))
