"""The written record: title (地点+对象+问题, 60 characters at most), content in three parts 地址 / 事项 / 备注.

Templates are data (``resources/record_templates.toml``), one a request type and what is special to each item. The citizen's
own words are kept, without fillers; what a unit needs and the talk did not give is marked. Pure but for reading the
templates once.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.extraction.talk_segments import Segment, clauses
from app.platform.resource_files import resource

TITLE_LIMIT = 60
WORDS_LIMIT = 400
_TELLING = {"opening", "aside", "told", "demand"}
_FILLER = re.compile(
    r"就是说|怎么说呢|你知道吧|我跟你(?:讲|说)|我慢慢跟你说|是这样的|叫什么来着|不好意思|"
    r"^(?:喂+|你好|您好|早上好|对+|是的?|嗯+|哦|啊|哎|唉|那个|就是|然后)+|(?:啊|呀|嘛|呢|啦|哦|吧)+$"
)
_ANNOUNCE = re.compile(
    r"^(?:我跟你讲)?(?:我)?(?:就)?(?:想|要)?(?:先)?(?:投诉|举报|反映|咨询|问问?|提)(?:一下)?(?:个|一个|两个)?(?:建议"
    r"|问题|事情|情况)?(?:就是|是)?"
)
_IDLE = re.compile(
    r"^(?:谢谢.*|麻烦.*|好.{0,2}|对.{0,2}|没有.{0,3}|是|行|可以.{0,3}|没错|等一下.*|我看一下|我想想|你们?快.{0,3}|再见"
    r"|我念给你|慢点.*|我拿支?笔|就这两个|明白了|知道了|"
    r".*(?:打|留)(?:这个|我)?(?:电话|号码).*|不用回访.*|要回访.*|保密.*|.{1,5}的.|(?:那倒|暂时)?没有|两(?:个|件)事情?"
    r"|.{0,6}回(?:个|我)?电话)$"
)


@dataclass(frozen=True, slots=True)
class Templates:
    """The template file."""

    kinds: Mapping[str, Mapping[str, str]]
    items: Mapping[str, Mapping[str, Any]]

    def line(self, part: str, kind: str, code: str) -> str:
        """The template of a part for a kind and an item."""
        special = str(self.items.get(code, {}).get(part, ""))
        return special or str(self.kinds.get(kind, self.kinds.get("投诉", {})).get(part, ""))

    def problem(self, code: str, name: str) -> str:
        """The item's problem in a few words; the leaf's name where the file has none."""
        return str(self.items.get(code, {}).get("problem") or name)

    def usual(self, code: str, said: str = "") -> str:
        """What callers of this item usually want, in the case that was said; empty where the file has none."""
        held = self.items.get(code, {})
        for line in held.get("when", ()):
            words, _, demand = str(line).partition(":")
            if any(word in said for word in words.split("|") if word):
                return demand.strip()
        return str(held.get("demand", ""))

    def asks(self, code: str) -> tuple[str, ...]:
        """What the unit needs to know about this item."""
        return tuple(str(self.items.get(code, {}).get("ask", "")).split())


def read_templates(path: Path) -> Templates:
    """A template file as values."""
    data = tomllib.loads(path.read_text("utf-8"))
    return Templates(data.pop("kind"), data)


@functools.cache
def templates() -> Templates:
    """The shipped templates."""
    return read_templates(resource("record_templates.toml"))


@dataclass(frozen=True, slots=True)
class Facts:
    """What a record is written from; empty strings where nothing is known."""

    kind: str
    code: str
    item_name: str
    place: str = ""
    short_place: str = ""
    landmark: str = ""
    subject: str = ""
    time: str = ""
    words: str = ""
    demand: str = ""
    callback: str = ""
    ticket_no: str = ""
    plate: str = ""
    amount: str = ""


def facts_of(kind: str, code: str, item_name: str, values: Mapping[str, str], words: str, demand: str) -> Facts:
    """Facts from field values by name."""
    area = "".join(values.get(name, "") for name in ("region_district", "region_street"))
    detail = values.get("address_detail", "")
    back = values.get("need_callback", "")
    return Facts(
        kind, code, item_name, place=area + values.get("region_community", "") + detail, short_place=area + detail,
        landmark=values.get("landmark", ""), subject=values.get("subject", ""), time=values.get("event_time_text", ""),
        words=words, demand=demand, callback={"True": "需回访。", "False": "不需回访。"}.get(back, ""),
        ticket_no=values.get("prev_ticket_no", ""), plate=values.get("plate_no", ""), amount=values.get("amount", ""),
    )


def title(facts: Facts) -> str:
    """One line, at most TITLE_LIMIT characters; the problem is never cut off."""
    form = templates()
    problem = form.problem(facts.code, facts.item_name)
    line = form.line("title", facts.kind, facts.code)
    place = facts.short_place
    subject = _beyond(facts.subject, place)
    text = _filled(line, facts, problem, place, subject)
    if len(text) > TITLE_LIMIT:
        text = _filled(line, facts, problem, place[: max(0, TITLE_LIMIT - (len(text) - len(place)))], subject)
    return text[:TITLE_LIMIT]


def content(facts: Facts) -> str:
    """Three parts, each on its line; what is missing is marked."""
    form = templates()
    problem = form.problem(facts.code, facts.item_name)
    where = facts.place + (f"（{facts.landmark}）" if facts.landmark else "")
    place = where or ("无（咨询）" if facts.kind in ("咨询", "其他", "表扬") else "【待核实】")
    matter = _filled(form.line("matter", facts.kind, facts.code), facts, problem, facts.place, facts.subject)
    note = _filled(form.line("note", facts.kind, facts.code), facts, problem, facts.place, facts.subject).strip("。") or "无"
    missing = [ask for ask in form.asks(facts.code) if not _answered(ask, facts)]
    tail = f"\n待核实：{'、'.join(missing)}" if missing else ""
    return f"地址：{place}\n事项：{_tidy(matter)}\n备注：{_tidy(note)}。{tail}"


def own_words(stretches: Sequence[Segment], masked: frozenset[tuple[int, int]] = frozenset()) -> str:
    """The citizen's own words on a matter, with commas where a pause was.

    Fillers, idle clauses and clauses that are mostly name, number, place or time (``masked``) are dropped: those stand in
    their own fields.
    """
    kept: list[str] = []
    length = 0
    for segment in stretches:
        if segment.turn.is_operator or segment.role not in _TELLING or (segment.role == "told" and segment.weight < 0.4):
            continue
        for first, last in clauses(segment.turn):
            start, end = max(first, segment.start), min(last, segment.end)
            text = _ANNOUNCE.sub("", _FILLER.sub("", segment.turn.text[start:end])) if end > start else ""
            hidden = sum(position in masked for position in segment.turn.origin[start:end])
            telling = len(text) >= 3 and hidden * 2 <= end - start and not _IDLE.match(text)
            if telling and text not in kept and length < WORDS_LIMIT:
                kept.append(text)
                length += len(text)
    return "，".join(kept)


_KNOWN = (("地点", "short_place"), ("地址", "short_place"), ("地", "short_place"), ("位置", "short_place"), ("时间",
    "time"), ("时段", "time"), ("名称", "subject"),
    ("单位", "subject"), ("商家", "subject"), ("工单编号", "ticket_no"), ("车牌号", "plate"), ("金额", "amount"))


def _answered(ask: str, facts: Facts) -> bool:
    if any(ask.endswith(word) and getattr(facts, field) for word, field in _KNOWN):
        return True
    pairs = {ask[i : i + 2] for i in range(len(ask) - 1)}
    said = facts.words + facts.subject + facts.place + facts.time
    return any(pair in said for pair in pairs)


def _beyond(subject: str, place: str) -> str:
    """The subject without what the place before it already says (上步村三巷8号房东 -> 房东)."""
    for length in range(len(subject), 3, -1):
        if subject[:length] in place:
            return subject[length:]
    return subject


def _filled(line: str, facts: Facts, problem: str, place: str, subject: str) -> str:
    about = f"被反映对象：{facts.subject}。" if facts.subject else ""
    time = f"{facts.time}，" if facts.time else ""
    slots = {"place": place, "subject": subject, "about": about, "problem": problem, "time": time,
        "words": facts.words or problem,
             "demand": facts.demand, "callback": facts.callback}
    try:
        return line.format_map(slots)
    except (KeyError, IndexError, ValueError):
        return problem


def _tidy(text: str) -> str:
    text = re.sub(r"，+", "，", re.sub(r"。+", "。", text))
    return re.sub(r"，。|。，", "。", text).strip("，。") + ("。" if text.endswith("。") else "")
