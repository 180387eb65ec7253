"""The wish of a caller who praises: who, for which deed (表扬某司机归还手机).

Nobody is praised who is only called 谁 or 好人; without a deed only a subject that other rules found is enough. Pure.
"""

from __future__ import annotations

import re

from app.extraction.demand_clauses import OTHER_TALK, clauses_inside
from app.extraction.demand_wording import LIMIT, Asked, Demand
from app.extraction.demand_words import clean
from app.extraction.dialogue_view import DialogueView, Turn

_ANYBODY = 4  # whom so few characters name (一个医生) is better told by the name found
_DEED = re.compile(r"找到|找回|查(?:了)?监控|掏钱|给.{0,6}买了?|服务.{0,6}(?:好|热情|周到|到位)|态度.{0,4}好"
                   r"|主动|帮|扶|送|救|捡|归还|交还|耐心|热心|细心|垫付|追|护送|陪|守|背|让座")
_VAGUE_WHO = re.compile(r"^(?:谁|人不|你先|人|个人|一个人|好人|好事|一下|的)+的?$")
_PERSON = re.compile(r"(?P<who>[^，]{0,12}?(?:小姑娘|姑娘|小伙子?|师傅|司机|工作人员|民警|警察|护士|医生|老师|话务员"
                     r"|[^人成]员|阿姨|大姐|保安|护工|窗口))$")
_PRAISED = re.compile(r"(?:表扬|感谢)(?:一下)?(?:你们的?|一?[位个名]|那[位个名]|这[位个名])*(?P<who>[^，]{2,16})$")


def praised_deed(view: DialogueView, asked: Asked) -> Demand | None:
    """Who is praised, for which deed."""
    who, deeds = "", list[tuple[Turn, int, int]]()
    for segment in asked.stretches if asked.kind == "表扬" else ():
        turn = segment.turn
        for start, end in [] if turn.is_operator else clauses_inside(segment):
            praised = None if "不表扬" in turn.text[start:end] else _PRAISED.search(turn.text[start:end])
            person = None if who else _PERSON.search(turn.text[start:end])
            if praised and not who and not _VAGUE_WHO.match(praised["who"]):
                who = re.sub(r"^(?:他|她|的)+", "", praised["who"])
            elif person is not None:
                who = person["who"]
            elif _DEED.search(turn.text[start:end]) and not OTHER_TALK.search(turn.text[start:end]):
                deeds.append((turn, start, end))
    who = asked.subject if asked.subject and len(who) <= _ANYBODY else who
    if asked.subject and not deeds:
        told_by = asked.stretches[0]
        return Demand(f"表扬{who}", 0.7, told_by.turn.evidence(told_by.start, told_by.end), "demand.praise")
    if not who or not deeds:
        return None
    told = "，".join(re.sub(r"^(?:是|就是|还|又|而且|然后)*(?:他|她|人家)?(?:就|还|又|很"
    r"|都)*", "", clean(t.text[a:b])) for t, a, b in deeds[:2])
    return Demand(f"表扬{who}{told}"[:LIMIT], 0.7, tuple(s for t, a, b in deeds[:2] for s in t.evidence(a, b)), "demand.praise")
