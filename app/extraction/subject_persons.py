"""Persons complained about or praised: a member of staff by name, somebody known by a by-name or a surname only. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.extraction.dialogue_view import Turn
from app.extraction.subject_names import VAGUE
from app.extraction.subject_roles import Subject
from app.extraction.talk_segments import clauses

_NICKNAME = re.compile(r"(?:都|人)?叫(?:他|她|它)(?:做)?(?P<name>[老小阿][一-鿿]|[一-鿿][哥姐叔婶伯])"
                       r"|(?:听人|大家|人家|都|外号|绰号)(?:都)?叫(?:他|她)?(?:做)?(?P<other>[一-鿿]{2,4})(?=$|不知|不晓)")
_FULL_NAME = re.compile(r"(?:全名|真名|大名|本名)(?:好像|应该|可能)?(?:是|叫)(?P<name>[一-鿿]{2,3}?)(?=$|.{2}的|[一-鿿]的)")
_FLOOR = re.compile(r"(?P<where>[一二三四五六七八九十]{1,3}楼|隔壁|对面|楼[上下])(?:那个|那家|的)?姓(?P<surname>[一-鿿])的")
_ROLE_ASKED = re.compile(r"(?P<role>房东|老板娘?|司机|师傅|教练|经理|包工头)")
_SURNAMED = re.compile(r"(?P<role>老板娘?|房东|司机|包工头|师傅|教练|经理)[^您我]{0,6}?(?:听说|好像|应该)?(?:是)?姓(?P<surname>[一-鿿])")
_PERSON_NAME = re.compile(r"(?:.{0,8}?(?:写着?的?是?|叫做?|姓名是?|名字是?|好像叫?))?(?P<name>[一-鿿]{2,3})$")


def staff_by_name(turn: Turn) -> Iterator[Subject]:
    """A member of staff by name (胸牌上写着，宋楚怡)."""
    for start, end in clauses(turn):
        match = _PERSON_NAME.match(turn.text[start:end])
        if match is not None and not VAGUE.search(turn.text[start:end]):
            at = start + match.start("name")
            yield Subject(match["name"], 0.7 * turn.confidence(), turn.evidence(at, at + len(match["name"])), "subject.staff")
            return


def known_as(turn: Turn, question: Turn | None = None) -> Iterator[Subject]:
    """Somebody of whom only a by-name or a surname is known (大家都叫他老曾; 外面的老板，听说姓赖; 五楼那个姓史的)."""
    for start, end in clauses(turn):
        nick = _NICKNAME.search(turn.text[start:end])
        if nick is not None:
            name = nick["name"] or nick["other"]
            yield Subject(name, 0.6 * turn.confidence(), turn.evidence(start, end), "subject.by_name")
        full = _FULL_NAME.search(turn.text[start:end])
        if full is not None:
            role = _ROLE_ASKED.search(question.text) if question is not None else None
            name = (role["role"] if role else "") + full["name"]
            yield Subject(name, 0.7 * turn.confidence(), turn.evidence(start, end), "subject.full_name")
    floor = _FLOOR.search(turn.text)
    if floor is not None:
        name = f"{floor['where']}姓{floor['surname']}的住户"
        yield Subject(name, 0.62 * turn.confidence(), turn.evidence(*floor.span()), "subject.neighbour")
    match = _SURNAMED.search(turn.text)
    if match is not None:
        name = f"{match['surname']}姓{match['role']}"
        yield Subject(name, 0.6 * turn.confidence(), turn.evidence(*match.span()), "subject.surname")
