"""The demand of a consultation: what is asked, as a noun phrase (``consultations``).

Questions come with what they are about: the clauses before the first, the told clause that names the item's matter where the
questions do not. A read-back (…对吧), what the citizen does not remember and talk of callbacks are no questions of the matter. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.ticket import Evidence
from app.extraction.consultations import topic_of, written_question
from app.extraction.demand_clauses import clauses_inside, is_question
from app.extraction.demand_wording import Asked, Demand, worded
from app.extraction.demand_words import clean, restated
from app.extraction.dialogue_view import DialogueView
from app.extraction.talk_segments import Segment

_LONG_QUESTION, _SHORT_QUESTION = 40, 7


def asked_questions(view: DialogueView, asked: Asked) -> Demand | None:
    """What the citizen asks in up to three stretches of this matter, or None."""
    parts: list[str] = []
    context: list[str] = []
    questions: list[str] = []
    evidence: list[Evidence] = []
    for segment in asked.stretches:
        if segment.turn.is_operator or len(parts) >= 4:
            continue
        kept = _question_spans(segment, whole=not parts)
        words = [(restated(clean(segment.turn.text[a:b])), is_question(segment.turn, a, b)) for a, b in kept]
        text = "，".join(word for word, _ in words if word)
        if len(text) >= 4:
            parts.append(text)
            evidence += [span for a, b in kept for span in segment.turn.evidence(a, b)]
            context += [word for word, is_asked in words if not is_asked and not questions]
            questions += _asked_in(segment, kept, later=bool(parts[1:]))
    if not parts:
        return None
    written = _about(asked.problem, written_question(context, questions), context)
    return Demand(worded("咨询", written or "；".join(parts)), 0.8, tuple(evidence), "demand.question")


def _asked_in(segment: Segment, kept: Sequence[tuple[int, int]], *, later: bool) -> list[str]:
    """Question clauses; a short one further on in the talk with the clause before it, which says what it is about."""
    out: list[str] = []
    before = ""
    for start, end in kept:
        clause = clean(segment.turn.text[start:end], question=True)
        if is_question(segment.turn, start, end):
            out.append(before + clause if later and before and len(clause) < _SHORT_QUESTION else clause)
            before = ""
        else:
            before = clause
    return out


def _about(problem: str, written: str, context: Sequence[str]) -> str:
    """With the told clause in front that names the item's matter where the questions do not (身份证丢了，能不能补办)."""
    names = {problem[i : i + 2] for i in range(len(problem) - 1)}
    if not written or any(name in written for name in names):
        return written
    told = next((clause for clause in reversed(context) if any(name in clause for name in names)), "")
    return f"{topic_of(told)}，{written}" if told else written


def _question_spans(segment: Segment, *, whole: bool) -> list[tuple[int, int]]:
    """The clauses of a question with what it is about before it."""
    turn = segment.turn
    spans = clauses_inside(segment)
    asked = [n for n, (a, b) in enumerate(spans) if is_question(turn, a, b)]
    if not asked:
        return []
    first = 0 if whole and sum(b - a for a, b in spans[: asked[-1] + 1]) <= _LONG_QUESTION else max(0, asked[0] - 2)
    return [(a, b) for a, b in spans[first : asked[-1] + 1] if len(clean(turn.text[a:b])) >= 2]
