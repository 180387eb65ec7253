"""What the caller wants, as one clause (要求停止夜间施工，晚上十点以后不得施工).

The finders in the order in which they are trusted: what the operator sums up and the citizen does not deny (``demand_summed``);
the citizen's answer to 您的诉求是 (``demand_answered``); the citizen's own clauses of wanting (``demand_own``); for a consultation
the questions asked (``demand_questions``); for praise and wrong numbers what those tell. The first that finds something counts;
where none does, the item's usual demand is proposed. Only a summary that the citizen confirmed may stand. Pure.
"""

from __future__ import annotations

from collections.abc import Callable

from app.extraction.demand_answered import answered
from app.extraction.demand_lost import lost_thing
from app.extraction.demand_misdialled import misdialled
from app.extraction.demand_own import own_wish
from app.extraction.demand_praised import praised_deed
from app.extraction.demand_questions import asked_questions
from app.extraction.demand_summed import summed_up
from app.extraction.demand_wording import Asked, Demand, worded
from app.extraction.dialogue_view import DialogueView
from app.extraction.matter_parts import FOLLOW_UP_CODE

_TAKE_BACK = "要求撤销之前的工单"
Finder = Callable[[DialogueView, Asked], "Demand | None"]


def find_demand(view: DialogueView, asked: Asked) -> Demand | None:
    """The demand of one matter, or None where it has no stretches."""
    if asked.kind == "其他" and asked.code == FOLLOW_UP_CODE and asked.stretches:
        told = asked.stretches[0]
        return Demand(_TAKE_BACK, 0.8, told.turn.evidence(told.start, told.end), "demand.withdrawn")
    finders: tuple[Finder, ...]
    if asked.kind == "咨询":
        finders = (summed_up, asked_questions)
    elif asked.kind in ("表扬", "其他"):
        finders = (praised_deed, misdialled, summed_up, answered, own_wish)
    else:
        finders = (summed_up, lost_thing, answered, own_wish)
    for finder in finders:
        found = finder(view, asked)
        if found is not None:
            return found
    if not asked.stretches:
        return None
    first = asked.stretches[0]
    text = asked.usual or asked.fallback or (f"{asked.problem}相关问题" if asked.kind == "咨询" else f"处理{asked.problem}问题")
    return Demand(worded(asked.kind, text), 0.3, first.turn.evidence(first.start, first.end), "demand.item")
