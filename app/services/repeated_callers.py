"""Repeated callers: earlier tickets that fit the call at hand, an old ticket by its spoken number, and how to follow it up.

``RepeatedCallers.look`` asks the store a few narrow questions (by phone, by road or estate, by item in the district) and
scores the answers (``app.domain.repeats``); some milliseconds, on any thread that may wait for the disk. A follow-up is the
call's own ticket with ``prev_ticket_no``, ``follow_up`` (补充, 催办) and the tag 重复: it is submitted, kept, audited and
delivered like any other, the mapping tells the centre's system what it answers. The old ticket stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from app.domain.audit import Action
from app.domain.call import FieldEdited
from app.domain.dialogue import CallContext
from app.domain.repeats import SHOWN, Facts, Repeat, facts_of, repeats
from app.domain.spoken_digits import SPOKEN, as_digits
from app.domain.ticket import TicketDraft
from app.domain.ticket_search import LEAST_END, FollowUp, TicketQuery, TicketRow
from app.ports.ports import Clock
from app.ports.records import AuditTrail, TicketRecords

WINDOW_DAYS = 30
REPEATED_TAG = "重复"
NUMBER_DIGITS = 18
_MOST = 50
_LEAST_LIKENESS = 0.85
_BEFORE_NUMBER = re.compile(f"^[^0-9０-９{SPOKEN}]{{2,}}")


@dataclass(frozen=True, slots=True)
class NumberMatch:
    """An old ticket for a spoken number; ``likeness`` is 1 where every digit agrees."""

    row: TicketRow
    likeness: float


class RepeatedCallers:
    """See the module.

    Args:
        records: submitted tickets.
        trail: the audit trail.
        clock: for the window.
        window_days: how far back is looked.
    """

    def __init__(self, records: TicketRecords, trail: AuditTrail, clock: Clock, window_days: int = WINDOW_DAYS) -> None:
        self._records, self._trail, self._clock, self._window_days = records, trail, clock, window_days

    def look(self, context: CallContext, draft: TicketDraft, least: float = SHOWN) -> tuple[Repeat, ...]:
        """Earlier tickets within the window that fit, best first.

        Raises:
            EnvironmentFault: the store cannot be read.
        """
        facts = facts_of(context, draft)
        rows = {row.ticket_no: row for query in self._questions(facts) for row in self._records.search(query).rows}
        return repeats(facts, rows.values(), least)

    def by_number(self, said: str) -> tuple[NumberMatch, ...]:
        """Old tickets for a number as it was said or written (幺二 …, "2611 2109"), a part of it, or with a digit misheard.

        Exact ones alone where there are any; else those that differ in few digits, likest first.
        """
        digits = as_digits(said)
        if len(digits) < LEAST_END:
            return ()
        exact = self._records.search(TicketQuery(number=digits, limit=_MOST)).rows
        if exact:
            return tuple(NumberMatch(row, 1.0) for row in exact)
        if len(digits) < NUMBER_DIGITS - 2:
            return ()
        parts = (digits[:12], digits[:10], digits[-6:], digits[-4:])
        near = {row.ticket_no: row for part in parts for row in self._records.search(TicketQuery(number=part, limit=_MOST)).rows}
        from rapidfuzz.distance import Levenshtein  # noqa: PLC0415 - where there is a number to compare

        likeness = {number: Levenshtein.normalized_similarity(digits, as_digits(number.partition("-")[0])) for number in near}
        likest = sorted((number for number in near if likeness[number] >= _LEAST_LIKENESS), key=lambda each: -likeness[each])
        return tuple(NumberMatch(near[number], likeness[number]) for number in likest)

    def follow_up(self, row: TicketRow, act: FollowUp, draft: TicketDraft) -> tuple[FieldEdited, ...]:
        """The operator's decision as events for the call: its ticket now adds to (补充) or presses for (催办) an old one.

        The decision goes to the audit trail; the window posts the events into the call's inbox.
        """
        held = draft.get("tags").value
        tags = [str(each) for each in held] if isinstance(held, list) else []
        number = row.parent_no or row.ticket_no
        self._trail.note(Action.MERGED, number, {"act": act.value, "child": row.ticket_no})
        return (FieldEdited("prev_ticket_no", row.ticket_no), FieldEdited("follow_up", act.value),
                FieldEdited("tags", [*tags, *([REPEATED_TAG] if REPEATED_TAG not in tags else [])]))

    def follow_ups(self, ticket_no: str) -> tuple[TicketRow, ...]:
        """What was added to or pressed for an old ticket so far, newest first."""
        return self._records.search(TicketQuery(answers=ticket_no)).rows

    def _questions(self, facts: Facts) -> list[TicketQuery]:
        since = self._clock.now() - timedelta(days=self._window_days)
        phones = dict.fromkeys(phone for phone in (facts.line, *facts.phones) if len(phone) >= LEAST_END)
        asked = [TicketQuery(phone=phone, since=since, limit=_MOST) for phone in phones]
        road = _BEFORE_NUMBER.match(facts.place)
        if road is not None:
            asked.append(TicketQuery(place=road[0], since=since, limit=_MOST))
        if facts.item_code and facts.district:
            asked.append(TicketQuery(place=facts.district, item_code=facts.item_code, since=since, limit=_MOST))
        return asked
