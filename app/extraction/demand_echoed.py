"""The operator's wording of a wish that the citizen has just told (检修安排在夜间，增设直梯指引，是吗).

Only clauses that take up what was said count, none on what the operator does next, and none that the citizen denies. Pure.
"""

from __future__ import annotations

import re

from app.domain.ticket import Evidence
from app.extraction.demand_clauses import OTHER_TALK
from app.extraction.demand_summed import SUMMARY_END
from app.extraction.demand_words import clean, is_idle, restated
from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.questions import Topic
from app.extraction.talk_segments import clauses

_SHORTEST = 6
_ASKS_BACK = re.compile(r"^(?:请问)?是.{2,}[吗么]$|(?<!对)(?<!是)吗$")
_NEXT_STEP = re.compile(r"需要|是否|会转|已经?|转|马上|感谢|我|您|登记|[吗呢吧]$|^(?:好的?|明白|是|请)|先生|女士|号"
                        r"|[零一二三四五六七八九幺]{3}")


def operator_echo(view: DialogueView, turn: Turn) -> tuple[str, tuple[Evidence, ...]] | None:
    """The operator's wording of an answer (检修安排在夜间，增设直梯指引，是吗), where the citizen does not deny it."""
    echo = view.answer_after(turn)
    if echo is None or {Topic.NAME, Topic.PHONE}.intersection(echo.topics):
        return None
    reply = view.answer_after(echo)
    if reply is not None and reply.reply is Reply.DENIAL:
        return None
    kept = [(a, b) for a, b in clauses(echo) if b - a >= 4 and not OTHER_TALK.search(echo.text[a:b])
            and (_alike(echo.text[a:b], turn.text) or _taken_up(echo.text[a:b], turn.text))]
    kept = [(a, b) for a, b in kept if not _ASKS_BACK.search(echo.text[a:b])]
    text = "，".join(filter(None, (restated(clean(re.split(SUMMARY_END, echo.text[a:b])[0])) for a, b in kept)))
    if len(text) < _SHORTEST or is_idle(text) or not echo.marks:
        return None
    return text, tuple(span for a, b in kept for span in echo.evidence(a, b))


def _alike(clause: str, said: str) -> bool:
    """Half of a clause's pairs were said before."""
    pairs = [clause[i : i + 2] for i in range(len(clause) - 1)]
    return sum(pair in said for pair in pairs) >= 0.4 * len(pairs)


def _taken_up(clause: str, said: str) -> bool:
    """A clerk's wording of what was just wished: some of its characters, and nothing of what the operator does next."""
    return _NEXT_STEP.search(clause) is None and len(set(clause) & set(said)) >= max(2, len(clause) // 3)
