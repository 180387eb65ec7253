"""Training: what a trainee filled in, compared with gold field by field, scored and explained. Pure functions.

A field counts one point. Values with an official form (numbers, codes, choices, divisions) are right or wrong; free words earn half where
at least half of them agree. What gold leaves empty must stay empty: a wrong field that looks sure is worse than an empty one, so
filling it in costs half a point.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from pathlib import Path

from app.domain.ticket import TicketDraft, Value

#: Begins the id of every training call; nothing of such a call is ever stored.
PREFIX = "training-"
#: Keys of gold in call scripts, and the fields of the form that hold them.
GOLD_FIELDS = {"district": "region_district", "street": "region_street", "community": "region_community",
               "home_address": "requester_address"}
_FREE = frozenset({"title", "content", "demand", "address_detail", "requester_address", "landmark", "subject", "org_name",
                   "event_time_text"})
_COMPARED = frozenset({
    "requester_name", "requester_title", "org_name", "contact_phone", "alt_phone", "id_no", "requester_address", "is_anonymous",
    "is_confidential", "need_callback", "request_type", "item_code", "demand", "event_time_text", "region_district", "region_street",
    "region_community", "address_detail", "landmark", "subject", "plate_no", "prev_ticket_no", "amount", "urgency", "title", "content"})
#: An empty field that the form fills by itself is no mistake of the trainee's.
_OWN = frozenset({"title", "content", "urgency", "is_anonymous", "is_confidential"})
_NOISE = re.compile(r"[\s，。、；：,.;:（）()\-]+")
_ALIKE, _HALF = 0.8, 0.5


class Verdict(StrEnum):
    """What became of a field; the values are message keys."""

    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"
    MISSING = "missing"
    INVENTED = "invented"


@dataclass(frozen=True, slots=True)
class Question:
    """One recorded call with the ticket that a careful operator would file.

    Attributes:
        title: what the trainee sees before.
        call: recording, or call script.
        matters: gold by field name, a mapping for each matter.
        evidence: field name to the words that carry it.
    """

    title: str
    call: Path
    matters: tuple[Mapping[str, Value], ...]
    evidence: Mapping[str, str] = field(default_factory=dict)
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Field name to values that are as right."""


@dataclass(frozen=True, slots=True)
class FieldScore:
    """One field of the result."""

    name: str
    matter: int
    wanted: str
    given: str
    verdict: Verdict
    points: float
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """The result of one call; ``percent`` 0 to 100."""

    title: str
    fields: tuple[FieldScore, ...]
    percent: int


def is_training(call_id: str) -> bool:
    """Whether a call is a training call."""
    return call_id.startswith(PREFIX)


def score(question: Question, draft: TicketDraft) -> Score:
    """Compare a draft with gold."""
    found: list[FieldScore] = []
    for matter, gold in enumerate(question.matters):
        for name in sorted(_COMPARED):
            if matter and gold.get(name) == question.matters[0].get(name):
                continue  # a further matter holds only what is its own
            given = draft.get(name, matter).value
            if (one := _field(question, name, matter, gold.get(name), given)) is not None:
                found.append(one)
    most = sum(1 for one in found if one.verdict is not Verdict.INVENTED)
    points = sum(one.points for one in found)
    return Score(question.title, tuple(found), round(100 * max(0.0, points) / most) if most else 100)


def _field(question: Question, name: str, matter: int, wanted: Value | None, given: Value | None) -> FieldScore | None:
    right, told = _text(wanted), _text(given)
    evidence = question.evidence.get(name, "")
    if not right:
        if not told or name in _OWN or given is False:
            return None
        return FieldScore(name, matter, "", told, Verdict.INVENTED, -0.5, evidence)
    if not told:
        return FieldScore(name, matter, right, "", Verdict.MISSING, 0.0, evidence)
    share = max(_alike(name, each, told) for each in (right, *question.also.get(name, ())))
    verdict = Verdict.RIGHT if share >= _ALIKE else Verdict.PARTLY if share >= _HALF else Verdict.WRONG
    return FieldScore(name, matter, right, told, verdict, {Verdict.RIGHT: 1.0, Verdict.PARTLY: 0.5}.get(verdict, 0.0), evidence)


def _alike(name: str, wanted: str, given: str) -> float:
    one, other = _NOISE.sub("", wanted).lower(), _NOISE.sub("", given).lower()
    if one == other:
        return 1.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio() if name in _FREE else 0.0


def _text(value: Value | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "、".join(str(each) for each in value) if isinstance(value, list) else str(value)
