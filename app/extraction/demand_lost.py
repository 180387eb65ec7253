"""What somebody lost and where, as the wish to get it back (请求帮忙找回遗落在出租车后备箱的小提琴).

Only for the leaf of lost property, where nothing better was said than that it is gone. The thing is the clause's own word, the one
told right after a vague word (一个乐器，小提琴), with the colour that the citizen describes. Pure.
"""

from __future__ import annotations

import re

from app.extraction.demand_clauses import clauses_inside
from app.extraction.demand_wording import Asked, Demand, worded
from app.extraction.dialogue_view import DialogueView

LOST_CODE = "040203"
_LEFT = re.compile(
    r"(?:把|将)?(?:我)?(?:的)?(?P<what>[^把将的，]{1,8}?)(?:给)?(?:落|忘|丢|掉|遗失|漏|留)在(?P<where>[^的，我你他]{1,8}?)(?:了|$)"
)
_LEAD = re.compile(r"^(?:你好|我|就|是|不小心|可能|好像|有|把|将|的|那个|一)*(?:[个部只台件把本串副张](?=[一-鿿]))?")
_VAGUE = re.compile(r"^(?:东西|乐器|物品|包|手机|袋子|行李|证件)$")
_NOUN = re.compile(r"^(?:是|就是)?(?:一?[个部只台件把本串副张])?(?P<noun>[一-鿿]{2,6})$")
_NOT_NOUN = re.compile(r"[我你他她了吗呢要想请就都没不昨今前上下]")
_COLOUR = re.compile(r"(?P<colour>[深浅]?[一-鿿]色)的?(?P<thing>[一-鿿]{0,6})$")


def lost_thing(view: DialogueView, asked: Asked) -> Demand | None:
    """The wish to get a told thing back; None elsewhere, and where the thing or its place was not told."""
    if asked.code != LOST_CODE or asked.kind != "求助":
        return None
    for segment in asked.stretches:
        turn = segment.turn
        spans = [] if turn.is_operator else clauses_inside(segment)
        for place, (start, end) in enumerate(spans):
            left = _LEFT.search(turn.text[start:end])
            what = _LEAD.sub("", left["what"]) if left else ""
            if left is None or not what:
                continue
            later = turn.text[slice(*spans[place + 1])] if place + 1 < len(spans) else ""
            noun = _NOUN.match(later) if _VAGUE.match(what) and not _NOT_NOUN.search(later) else None
            thing = noun["noun"] if noun else _coloured(view, what)
            text = f"帮忙找回遗落在{left['where'].rstrip('上里')}的{thing}"
            return Demand(worded(asked.kind, text), 0.7, turn.evidence(start, end), "demand.lost")
    return None


def _coloured(view: DialogueView, what: str) -> str:
    """A thing with the colour that was told of it (手机，红色的)."""
    for turn in view.citizen:
        for clause in re.split(r"[，的](?=.{0,3}色)|，", turn.text):
            told = _COLOUR.search(clause)
            if told is not None and (not told["thing"] or what[-1] in told["thing"]):
                return f"{told['colour']}{told['thing'] or what}"
    return what
