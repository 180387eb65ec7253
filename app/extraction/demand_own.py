"""The demand in clauses of wanting that nobody asked for (希望…, 能不能派人…, 把…拆掉).

The last stretch that wishes counts, with the clauses that go on from a wish; without any word of wanting the last clauses that call
for something (赶紧恢复供水), unless they tell what others refused. Pure.
"""

from __future__ import annotations

import re

from app.extraction.demand_clauses import QUESTION, WANT, WEAK_WANT, tells_wish, wish_clauses
from app.extraction.demand_echoed import operator_echo
from app.extraction.demand_wording import Asked, Demand, said_demand
from app.extraction.demand_words import clean, restated, wish_of
from app.extraction.dialogue_view import DialogueView
from app.extraction.talk_segments import Segment

_GOES_ON = re.compile(r"^(?:再|把|将|先|还要|也要|并|然后(?:把|再|要)|以后|今后|不要|不准|该|叫|让|找个|要么|或者"
    r"|.{0,6}(?:再|还要|也要?)(?:装|加|补|查|清|罚|扫|修|设|给)|.{0,8}就(?:处)?罚)")
_REFUSED = re.compile(r"不肯|不给|不愿|没人|没有?(?:修|退|赔|来|处理|解决)|都不|拒绝|说(?!法)|不了|过(?:几|两|三"
    r"|好多)?次|不退|不赔|[了过]$")
_DONE = re.compile(r"我(?:已经|就|都|也)*(?:叫|让|喊|请)(?:了)?(?:他们?|她们?|人|大家|别人).{1,12}了$")  # 我叫他们都站远点了
_SUGGEST = re.compile(r"建议|希望|应该|最好|能不能|可不可以|延长|增加|增设|改成|装个|设个")
_TO_DO = re.compile(r"想|要|查|找|订|撤")
_PRAISE = re.compile(r"表扬|感谢|谢谢|点赞|锦旗|好人好事")


def own_wish(view: DialogueView, asked: Asked) -> Demand | None:
    """The wish of the last stretch that has one (of a wrong number the first), in the operator's wording where it is repeated."""
    wanting = {"建议": _SUGGEST, "表扬": _PRAISE, "其他": _TO_DO}.get(asked.kind, WANT)
    best: list[tuple[Segment, int, int]] = []
    for segment in asked.stretches:
        if segment.turn.is_operator:
            continue
        spoken = segment.turn.text
        found: list[tuple[Segment, int, int]] = []
        for a, b in wish_clauses(segment):
            wished = wanting.search(spoken[a:b]) is not None
            goes_on = bool(found) and found[-1][2] == a and (
                _GOES_ON.match(spoken[a:b]) is not None or restated(clean(spoken[a:b])) != clean(spoken[a:b])
            )
            done = _DONE.match(spoken[a:b]) is not None
            if (wished or goes_on) and not done and tells_wish(spoken[a:b], going_on=goes_on):
                found.append((segment, a, b))
        if found and (asked.kind != "其他" or not best):
            best = found
    if not best and asked.kind in ("投诉", "举报", "求助"):
        best = _hinted(asked)
    if not best:
        return None
    best = best[:3]
    echoed = operator_echo(view, best[-1][0].turn)
    if echoed is not None and asked.kind in ("投诉", "举报", "求助", "建议"):
        return said_demand(asked, *echoed, 0.8, "demand.echo")
    text = wish_of([segment.turn.text[a:b] for segment, a, b in best])
    return said_demand(asked, text, tuple(s for segment, a, b in best for s in segment.turn.evidence(a, b)), 0.75, "demand.own")


def _hinted(asked: Asked) -> list[tuple[Segment, int, int]]:
    """The last clauses that call for something without a word of wanting (赶紧恢复供水)."""
    for segment in reversed(asked.stretches):
        spoken = segment.turn.text
        if segment.turn.is_operator:
            continue
        found = [(segment, a, b) for a, b in wish_clauses(segment)
                 if WEAK_WANT.search(spoken[a:b]) and not _REFUSED.search(spoken[a:b]) and not QUESTION.search(spoken[a:b])
                 and tells_wish(spoken[a:b])]
        if found:
            return found[:2]
    return []
