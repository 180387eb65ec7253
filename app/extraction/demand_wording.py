"""A found demand as the ticket words it: the verb of its kind, its object and who is to act.

The words stay the citizen's. Where they name no object (修一下) the item's usual demand from the record templates is proposed; a curt
wish of a report (处罚他们) gets it in front, a complaint's wish the one who is to act where the item tells who. What the usual
demand had to complete is less sure than what was said. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.ticket import Evidence
from app.extraction.demand_clauses import ASKING, WAIVED, WANT, clauses_inside
from app.extraction.demand_words import clean, is_bare, is_idle
from app.extraction.talk_segments import Segment

LIMIT = 120
_SHORT = 6
_CURT = 14
_LIMITS = re.compile(r"之内|以内|天内|书面|不得|不准")
_LONGEST_TOLD = 12
_FRONT = (8, _CURT)  # up to this length a wish that does not name the item's thing gets the usual demand in front
_VERB = {"咨询": "咨询", "求助": "请求", "投诉": "要求", "举报": "要求", "建议": "建议", "表扬": "表扬", "其他": ""}
_AGENTS: tuple[tuple[str, str], ...] = (
    ("0606", ""), ("0607", ""), ("060503", "培训机构"), ("060506", "平台"),
    ("06", "商家"), ("0901", "公司"), ("1002", "公司"), ("2103", "公司"),
    ("070201", "工厂"), ("020303", "中介"), ("0203", "开发商"), ("020201", "开发商"),
    ("020101", "物业"), ("020102", "物业"), ("020401", "房东"),
    ("160202", "主办方"), ("160101", "旅行社"), ("130202", "学校"), ("130201", "学校"),
    ("130301", "幼儿园"), ("120101", "医院"), ("120102", "医院"),
    ("010105", "企业"), ("040401", "驾校"), ("050101", "交警"), ("150301", "快递公司"),
    ("120302", "托育机构"),
)
_BY_AUTHORITY = re.compile(r"(?:尽快|立即|依法|严肃|好好)*(?:去|来)?(?:查|处罚|取缔|调查|检查|处理|核实|监管|没收|协调)")
_SPOTTED = re.compile(
    r"(?:有|掉了|丢了|发现|看到)(?:一|两|几|好几)?[个条根只辆台栋块堆窝棵处](?:很大的|大|小|好大的)?(?P<thing>[一-鿿]{2,6}?)"
    r"(?=$|在|掉|倒|坏|断|压|挡|歪|塌|堵|漏|流)"
)
_BARE_VERB = re.compile(r"(?:清除|来摘|摘|处理|清理|拖走|搬走|移走|维修|来修|修|拆除|检查|查处|清走|抓走|抓|捉|砍掉|砍除)$")
_HAS_AGENT = re.compile(r"部门|派人|公司|老板|司机|商家|店|物业|房东|平台|学校|医院|交警|城管|警察|工厂|厂|有人|政府"
    r"|村|业主|中介|驾校|银行|单位|人员|主办")


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand with how sure it is and where it was said."""

    text: str
    confidence: float
    evidence: tuple[Evidence, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a demand is looked for in: the matter's stretches, its kind, number and the item's usual words
    (``usual`` where the item is likely, ``fallback`` in any case); ``several``: the call has further matters; ``own``
    and ``others`` are words that tell this one and each of those; ``subject``: who is meant, where known."""

    stretches: Sequence[Segment]
    kind: str
    number: int
    problem: str
    usual: str
    code: str = ""
    fallback: str = ""
    several: bool = False
    own: str = ""
    others: Sequence[str] = ()
    subject: str = ""


def worded(kind: str, text: str) -> str:
    """With the verb of its kind in front where none stands there (投诉: 要求…), not longer than a ticket takes."""
    verb = _VERB.get(kind, "要求")
    if kind == "其他":
        return f"误拨，想{text}"[:LIMIT] if text.startswith(("查", "找", "问", "办")) else f"误拨，{text}"[:LIMIT]
    if text.startswith((verb, "要求", "请求", "希望", "表扬", "建议")):
        return text[:LIMIT]
    return f"{verb}{text.removeprefix('请')}"[:LIMIT]


def acting(asked: Asked, text: str) -> str:
    """With the one who is to act where the item tells who (要求退款: 要求商家退款)."""
    agent = next((who for code, who in _AGENTS if asked.code.startswith(code)), "") if asked.kind in ("投诉", "举报") else ""
    if not agent or not text.startswith("要求") or _HAS_AGENT.search(text[:12]) or _BY_AUTHORITY.match(text[2:]):
        return text
    return f"要求{agent}{text[2:]}"[:LIMIT]


def completed(asked: Asked, text: str) -> str:
    """A first wish without object (尽快来摘) with the thing that was spotted (马蜂窝)."""
    head, comma, rest = text.partition("，")
    if asked.kind != "求助" or not _BARE_VERB.search(head):
        return text
    for segment in asked.stretches:
        for start, end in [] if segment.turn.is_operator else clauses_inside(segment):
            spotted = _SPOTTED.search(segment.turn.text[start:end])
            if spotted and spotted["thing"] not in text:
                return f"{head}{spotted['thing']}{comma}{rest}"
    return text


def said_demand(asked: Asked, text: str, evidence: tuple[Evidence, ...], confidence: float, rule: str) -> Demand | None:
    """The demand of own words; where they name no object, the item's usual one with what was said to be wrong."""
    if asked.usual and any(segment.turn.from_sound for segment in asked.stretches) and _shares(asked.usual, text):
        rest = [wish for wish in text.split("，") if (not _shares(asked.usual, wish) and not is_bare(wish)) or _LIMITS.search(wish)]
        return Demand(worded(asked.kind, "，".join([asked.usual, *rest])), 0.5, evidence, "demand.usual")  # heard words may be others
    wishes = [wish for wish in text.split("，") if not WAIVED.search(wish)]
    said = [wish for wish in wishes if not is_bare(wish)]
    if asked.usual and said and len(said) < len(wishes):
        shared = any(_shares(asked.usual, wish) for wish in said)
        text = "，".join(said if shared else [re.sub("^(?:要求|请求)", "", asked.usual), *said])
        return Demand(worded(asked.kind, text), 0.5, evidence, "demand.usual")
    if asked.usual and (is_bare(text) or _says_more(asked.usual, text)):
        told = _told_before(asked.stretches) if is_bare(text) and asked.kind == "求助" else ""
        told = told if len(told) <= _LONGEST_TOLD or not _shares(asked.usual, told) else ""
        return Demand(worded(asked.kind, f"{asked.usual}，{told}" if told else asked.usual), 0.5, evidence, "demand.usual")
    if is_idle(text):
        return None
    if asked.usual and len(text) <= _FRONT[asked.kind == "举报"] and not _shares(asked.usual, text):
        return Demand(worded(asked.kind, f"{asked.usual}，{text}"), 0.5, evidence, "demand.usual")
    return Demand(acting(asked, worded(asked.kind, completed(asked, text))), confidence, evidence, rule)


def _shares(usual: str, own: str) -> bool:
    """Two wishes name the same thing."""
    return any(own[i : i + 2] in usual for i in range(len(own) - 1))


def _says_more(usual: str, own: str) -> bool:
    """A short wish whose object the item's usual demand names too (追回工资: 支付拖欠的工资)."""
    return len(own) <= _SHORT and any(own[i : i + 2] in usual for i in range(2, len(own) - 1))


def _told_before(stretches: Sequence[Segment]) -> str:
    """The first clause that says what is wrong."""
    for segment in stretches:
        if segment.role == "opening":
            spans = [(a, b) for a, b in clauses_inside(segment)]
            asking = None if segment.turn.marks else ASKING.search(segment.turn.text, *spans[0]) if spans else None
            if asking and asking.start() > spans[0][0] + 6:
                spans = [(spans[0][0], asking.start())]
            spoken = (clean(segment.turn.text[a:b]) for a, b in spans)
            return next((text for text in spoken if len(text) >= 6 and not WANT.search(text)), "")
    return ""
