"""The demand as the citizen answers it: to 您的诉求是, to 怎么处理, to what else is wanted.

A question that itself sums up, asks about an earlier ticket or asks how much is none of these. Of one answer on several matters each
gets the clauses that name it. Where the operator repeats the answer in own words, those are taken. Pure.
"""

from __future__ import annotations

import re

from app.extraction.demand_clauses import WAIVED, WANT, WEAK_WANT, tells_wish
from app.extraction.demand_echoed import operator_echo
from app.extraction.demand_summed import SUMMED, fitting_group
from app.extraction.demand_wording import Asked, Demand, said_demand
from app.extraction.demand_words import wish_of
from app.extraction.dialogue_view import DialogueView, Turn
from app.extraction.questions import Topic
from app.extraction.talk_segments import BOTH_ASKED, clauses

_DEED_FIRST = re.compile(r"[查修赔退换拆关封罚停拖清]")
_REASON = re.compile(r"^(?:肯定|反正|不然|要不然|否则|合同|本来|因为|真是|[^，]{0,6}才(?:不|放心))")
_EARLIER = re.compile(r"(?:之前|上次|原来|当时)的?(?:诉求|要求)")
_FOLLOWED = frozenset({Topic.NAME, Topic.PHONE, Topic.ALT_PHONE, Topic.PLACE, Topic.CALLBACK})
_SUGGEST_FIRST = re.compile(r"我?(?:的)?(?:建议|希望|要求)|最好|能不能")
_TOLD_FIRST = re.compile(r"[点号日天月]|昨|今|早上|上个|左右")
_ASKS_MORE = re.compile(r"还有(?:没有)?(?:其他|别的|什么|其它)(?:的)?(?:要求|诉求|想法)")
_DEMAND_ASKED = re.compile(
    r"怎么(?:样)?(?:改|处理|解决|办)|(?:有|是)什么(?:要求|诉求|想法)|帮您(?:做|处理|解决)(?:什么|哪)|(?:要求|诉求"
    r"|希望)(?:呢|是|有哪些|具体是)?$|想要什么"
)
_HOW_MUCH = re.compile(r"(?:退|赔|补|还)(?:的是|给您|您)?(?:多少|哪)")


def _asked_for(asked: Asked, question: Turn | None, turn: Turn) -> bool:
    """The operator asked what is wanted, and the turn answers that."""
    if question is None or question.number == 0 or turn.number < 3 or turn.is_backchannel or _EARLIER.search(question.text):
        return False
    if (Topic.DEMAND not in question.topics and not _DEMAND_ASKED.search(question.text)) or _HOW_MUCH.search(question.text):
        return False
    summed = SUMMED.search(question.text)
    if summed is not None and fitting_group(summed, asked.kind) is not None and not _ASKS_MORE.search(question.text):
        return False
    if Topic.DEMAND not in question.topics or not _FOLLOWED.intersection(question.topics[question.topics.index(Topic.DEMAND):]):
        return True
    return bool(WANT.search(turn.text) or WEAK_WANT.search(turn.text))


def answered(view: DialogueView, asked: Asked) -> Demand | None:
    """The first answer of this matter that wishes something, in the operator's wording where it is repeated; else None."""
    own = {segment.turn.number for segment in asked.stretches}
    for question, turn in view.exchanges():
        mine = turn.number in own or (asked.several and question is not None and BOTH_ASKED.search(question.text) is not None)
        if not mine or not _asked_for(asked, question, turn):
            continue
        echoed = operator_echo(view, turn)
        if echoed is not None:
            return said_demand(asked, echoed[0], echoed[1], 0.84, "demand.echo")
        kept: list[tuple[int, int]] = []
        for a, b in _from_wish(turn, clauses(turn)):
            clause = turn.text[a:b]
            short = bool(kept) or _DEED_FIRST.match(clause) is not None
            if tells_wish(clause, going_on=short) and not WAIVED.search(clause) and not _REASON.match(clause):
                kept.append((a, b))
        kept = _mine(asked, turn, kept)[:3]
        if kept:
            text = wish_of([turn.text[a:b] for a, b in kept])
            return said_demand(asked, text, tuple(s for a, b in kept for s in turn.evidence(a, b)), 0.84, "demand.answer")
    return None


def _from_wish(turn: Turn, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Clauses from the first that wishes: what was asked beside (哪天遇到的) is answered before it."""
    wishing = [n for n, (a, b) in enumerate(spans) if _SUGGEST_FIRST.search(turn.text[a:b]) or WANT.search(turn.text[a:b])]
    return spans[wishing[0] :] if wishing and _TOLD_FIRST.search(turn.text[: spans[wishing[0]][0]]) else spans


def _mine(asked: Asked, turn: Turn, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of one answer on several matters the clauses that name this one more than another."""
    if not asked.others:
        return spans
    kept = [(a, b) for a, b in spans if _names(asked.own, turn.text[a:b]) >= max(_names(other, turn.text[a:b]) for other in asked.others)]
    named = [(a, b) for a, b in kept if _names(asked.own, turn.text[a:b])]
    return named or kept


def _names(words: str, clause: str) -> int:
    """How many of a matter's characters a clause names; pairs count double."""
    return sum(char in words for char in set(clause)) + 2 * sum(clause[i : i + 2] in words for i in range(len(clause) - 1))
