"""The operator's form of address (程先生, 谭女士): it tells the caller's title and often the surname.

Where the operator uses none, the citizen's own words may tell the title (我是女的, 我老公).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.domain.ticket import Hit
from app.extraction.dialogue_view import DialogueView, Turn
from app.extraction.hits import found

TITLES = {
    "先生": "先生",
    "女士": "女士",
    "小姐": "女士",
    "太太": "女士",
    "阿姨": "女士",
    "大姐": "女士",
    "大妈": "女士",
    "阿婆": "女士",
    "奶奶": "女士",
    "婆婆": "女士",
    "姐姐": "女士",
    "靓女": "女士",
    "大娘": "女士",
    "大爷": "先生",
    "大叔": "先生",
    "叔叔": "先生",
    "伯伯": "先生",
    "阿伯": "先生",
    "大伯": "先生",
    "爷爷": "先生",
    "大哥": "先生",
    "师傅": "先生",
    "靓仔": "先生",
    "老伯": "先生",
    "阿叔": "先生",
    "小伙子": "先生",
}
_ADDRESS = re.compile(r"(" + "|".join(sorted(TITLES, key=len, reverse=True)) + ")")
_TOLD = re.compile(r"姓([一-鿿])")
_OWN_WORDS = re.compile(r"(?:^|我)(?:可|就|其实)?(?:是)(?:个|一个)?(男|女)(?:生|的|孩子?|士)")
_BEFORE_NAME = frozenset("好的是问谢那嗯哦对叫位行请为给跟和向让帮啊您称醒了吗吧呢")
_OWN = frozenset("我您你他她那位个的名")


@dataclass(frozen=True, slots=True)
class FormOfAddress:
    """The operator addresses the caller."""

    surname: str
    title: str
    turn: Turn
    start: int
    end: int


def title_hits(view: DialogueView, address: list[FormOfAddress]) -> Iterable[Hit]:
    """Hits for requester_title: the operator's form of address, else what the citizen says of themselves."""
    for turn in view.citizen:
        question = view.question_before(turn)
        said = _OWN_WORDS.search(turn.text)
        if said is not None and question is not None and _ADDRESS.search(question.text):
            yield found("requester_title", "先生" if said.group(1) == "男" else "女士", 0.95, turn.evidence(*said.span()),
                        "title.own_words", heard=turn.confidence(*said.span()))
            return
    if address:
        votes = Counter(entry.title for entry in address)
        title = votes.most_common(1)[0][0]
        evidence = [
            piece
            for entry in reversed(address)
            if entry.title == title
            for piece in entry.turn.evidence(entry.start, entry.end)
        ]
        heard = max(entry.turn.confidence(entry.start, entry.end) for entry in address if entry.title == title)
        yield found(
            "requester_title", title, 0.97 if len(votes) == 1 else 0.7, evidence, "title.address", heard=heard
        )
        return
    for turn in view.citizen:
        match = re.search(
            r"我(老公|先生|丈夫|男朋友|老婆|太太|妻子|媳妇|女朋友)"
            r"|我是(?:一?个)?(?:一名)?(.{0,2})(先生|女士|小姐|太太)",
            turn.text,
        )
        if match is not None:
            own = match.group(3)
            spouse = match.group(1)
            title = TITLES[own] if own else "女士" if spouse in ("老公", "先生", "丈夫", "男朋友") else "先生"
            yield found(
                "requester_title",
                title,
                0.95 if own else 0.75,
                turn.evidence(*match.span()),
                "title.own_words" if own else "title.spouse",
                heard=turn.confidence(*match.span()),
            )
            return


def forms_of_address(view: DialogueView, surnames: Mapping[str, int]) -> list[FormOfAddress]:
    """Every place where the operator addresses the caller.

    Args:
        view: the dialogue.
        surnames: surnames with their rank.
    """
    entries = []
    told = {match.group(1) for turn in view.citizen for match in _TOLD.finditer(turn.text)}
    for turn in view.operator:
        for match in _ADDRESS.finditer(turn.text):
            start = match.start()
            before = turn.text[max(0, start - 2) : start]
            surname = before if before in surnames else before[-1:] if before[-1:] in surnames else ""
            if not surname and before[-1:] in told and (start == 1 or start - 1 in turn.breaks):
                surname = before[-1:]  # a surname in no list, told (我姓潭) and repeated (潭先生)
            # An operator does not speak of the own husband: a surname was lost.
            if turn.marks and surname and not _opens(turn, start - len(surname)):
                surname = ""  # 开锁师傅 is no 锁师傅
            misheard = before == "我" and start == 1
            if not surname and before[-1:] in _OWN and not misheard:
                continue
            if surname and turn.text[max(0, start - len(surname) - 1) : start - len(surname)] in ("您", "我", "你"):
                continue
            entries.append(
                FormOfAddress(
                    _before_given(turn, start, surnames) or surname,
                    TITLES[match.group(1)],
                    turn,
                    start - len(surname),
                    match.end(),
                )
            )
    return entries


def _opens(turn: Turn, start: int) -> bool:
    """A form of address begins a clause or follows a word that leads to it."""
    return start <= 0 or start in turn.breaks or turn.text[start - 1] in _BEFORE_NAME


def _before_given(turn: Turn, start: int, surnames: Mapping[str, int]) -> str:
    """The surname of a full name before the title (解涛先生); only where it begins the turn or follows a pause."""
    for length in (2, 3):
        begin = start - length
        if begin >= 0 and (begin == 0 or begin in turn.breaks) and turn.text[begin] in surnames:
            return turn.text[begin : begin + 2] if turn.text[begin : begin + 2] in surnames else turn.text[begin]
    return ""
