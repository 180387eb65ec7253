"""Submitted calls as a rehearsal needs them: context, words, submitted values by matter, cards that were made use of. Any thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from app.domain import json_form
from app.domain.assist import AssistAct
from app.domain.dialogue import CallContext, Utterance
from app.domain.ticket import OPERATOR_STATES, Value
from app.store import rows
from app.store.ticket_store import SqliteTicketStore

_HELPED = (AssistAct.OPENED, AssistAct.COPIED, AssistAct.SPOKEN, AssistAct.USED)


@dataclass(frozen=True, slots=True)
class SubmittedCall:
    """One submitted call.

    Attributes:
        ticket_no: of its first ticket.
        context: as it was before a word was said.
        dialogue: what was said; empty where retention removed it.
        submitted: by matter, field name to submitted value; what the program itself had set does not occur.
        helped: entries that the operator opened, copied, spoke or called useful.
    """

    ticket_no: str
    context: CallContext
    dialogue: tuple[Utterance, ...]
    submitted: tuple[dict[str, Value | None], ...]
    helped: frozenset[str]


def submitted_calls(store: SqliteTicketStore, last: int, since: str = "", only_live: bool = False) -> Iterator[SubmittedCall]:
    """The newest calls that still have their words, newest first.

    Args:
        store: open.
        last: at most so many.
        since: ISO date; older ones are left out.
        only_live: without replayed recordings.
    """
    with store.reading() as db:
        held = db.execute("SELECT call_id, context FROM calls WHERE substr(submitted_at, 1, 10) >= ?1 AND (?2 = 0 OR call_id LIKE 'live-%')"
                          " AND EXISTS (SELECT 1 FROM utterances u WHERE u.call_id = calls.call_id)"
                          " ORDER BY submitted_at DESC, call_id LIMIT ?3", [since, int(only_live), last]).fetchall()
    marks = ", ".join(f"'{act}'" for act in _HELPED)
    for call_id, context in held:
        with store.reading() as db:
            numbers = db.execute("SELECT ticket_no FROM tickets WHERE call_id = ? ORDER BY matter", [call_id]).fetchall()
            tickets = [rows.get_ticket(db, number) for (number,) in numbers]
            helped = db.execute(f"SELECT DISTINCT entry_id FROM kb_events WHERE call_id = ? AND act IN ({marks})",  # noqa: S608
                                [call_id]).fetchall()
            said = rows.dialogue(db, call_id)
        submitted = tuple(_heard_or_written(cast("dict[str, dict[str, object]]", ticket.fields)) for ticket in tickets)
        yield SubmittedCall(tickets[0].ticket_no, json_form.context_from_json(json_form.loads(context)), said, submitted,
                            frozenset(str(entry) for (entry,) in helped))


def _heard_or_written(fields: dict[str, dict[str, object]]) -> dict[str, Value | None]:
    return {name: cast("Value | None", held["value"]) for name, held in fields.items()
            if held.get("rule") not in ("system", "default") or held.get("state") in OPERATOR_STATES}
