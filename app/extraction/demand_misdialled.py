"""The wish of a wrong number: whom the caller meant, as either side puts it (这里不是送水站). Pure."""

from __future__ import annotations

import re

from app.extraction.demand_wording import Asked, Demand
from app.extraction.dialogue_view import DialogueView
from app.extraction.talk_segments import clauses

_NOT_HERE = re.compile(r"(?:这里|我们|这边)(?:不是|并不是)(?P<whom>[^，的]{2,10})$")
_MEANT = re.compile(r"拨(?:一次|打)?(?P<whom>[^，的您我]{2,10})的电话")
_TAKEN_FOR = re.compile(r"不是(?:那个)?(?P<whom>[^，您我]{3,10})吗$")


def misdialled(view: DialogueView, asked: Asked) -> Demand | None:
    """A wrong number: whom the caller meant, as the operator puts it (这里不是送水站)."""
    for turn in view.turns if asked.kind == "其他" else ():
        meant = _MEANT if turn.is_operator else _TAKEN_FOR
        for start, end in clauses(turn):
            match = meant.search(turn.text[start:end]) or (_NOT_HERE.search(turn.text[start:end]) if turn.is_operator else None)
            if match is not None:
                return Demand(f"误拨，想打{match['whom']}电话", 0.7, turn.evidence(start, end), "demand.misdialled")
    return None
