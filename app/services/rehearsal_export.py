"""Calls as scripts with other people in them, for rehearsals elsewhere (docs/rehearsal.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.domain.dialogue import UtteranceFinal
from app.domain.json_values import Json
from app.domain.masking import Known
from app.domain.pseudonyms import Pseudonyms, known_in
from app.services.rehearsal import RehearsalCall


def exported(calls: Iterable[RehearsalCall], pseudonyms: Pseudonyms) -> Iterator[dict[str, Json]]:
    """Each call as a script: turns, city, time, what was submitted, which cards helped. No number, desk or operator of it."""
    for number, call in enumerate(calls, 1):
        known = known_in(call.submitted)
        submitted: list[Json] = [dict(pseudonyms.ticket(values, known)) for values in call.submitted]
        yield {"id": f"call-{number:04}", "city": call.context.city, "call_time": call.context.call_time,
               "turns": _turns(call.finals, pseudonyms, known), "submitted": submitted, "helped": sorted(call.helped)}


def _turns(finals: Iterable[UtteranceFinal], pseudonyms: Pseudonyms, known: Known) -> list[Json]:
    turns: list[Json] = []
    ended_ms = 0
    for final in finals:
        said = final.utterance
        turns.append({"speaker": said.channel.value, "text": pseudonyms.text(said.text, known),
                      "pause": round((said.start_ms - ended_ms) / 1000, 2)})
        ended_ms = said.end_ms
    return turns
