"""Names of subjects known by being spelled: an answer to 叫什么 whose characters the citizen tells at once (渔火，打渔的渔).

Such a name may have any ending; it stands near the beginning of the answer. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from app.extraction.dialogue_view import Turn
from app.extraction.subject_names import LEADS, SPELLED_CLAUSE, VAGUE
from app.extraction.subject_roles import Subject
from app.extraction.talk_segments import clauses

_LONGEST_BARE, _FIRST_CLAUSES = 10, 3
_OF_WORD = re.compile(r"[一-鿿]{1,4}的(?P<char>[一-鿿])$")
_NEAR_START = 32
_WORD_OF = re.compile(r"(?P<word>[一-鿿]{2})的(?P<char>[一-鿿])")


def spelled_out(turn: Turn) -> Iterator[Subject]:
    """The first clause of an answer to 叫什么, whose characters the citizen goes on to spell: a name of whatever ending."""
    if not turn.marks:
        yield from _spelled_on(turn)
        return
    spans = clauses(turn)
    for (start, end), (after, stop) in pairwise(spans[:_FIRST_CLAUSES]):
        clause, next_clause = turn.text[start:end], turn.text[after:stop]
        lead = LEADS.match(clause)
        name = clause[lead.end():] if lead else clause
        spelled = _OF_WORD.match(next_clause)
        if spelled is None or not 2 <= len(name) <= _LONGEST_BARE or VAGUE.search(name) or SPELLED_CLAUSE.search(name):
            continue
        if spelled["char"] in name:
            yield Subject(name, 0.78 * (0.5 + 0.5 * turn.confidence()), turn.evidence(end - len(name), end), "subject.spelled")
            return


def _spelled_on(turn: Turn) -> Iterator[Subject]:
    """The same where nothing parts name and spelling (叫康惠堂健康的康)."""
    for match in _WORD_OF.finditer(turn.text[:_NEAR_START]):
        head = turn.text[: match.start()]
        lead = LEADS.match(head)
        name = head[lead.end():] if lead else head
        if match["char"] in match["word"] and match["char"] in name and 2 <= len(name) <= _LONGEST_BARE and not VAGUE.search(name):
            yield Subject(name, 0.74 * (0.5 + 0.5 * turn.confidence()), turn.evidence(match.start() - len(name), match.start()),
                          "subject.spelled")
            return
