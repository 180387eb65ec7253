"""Who or what is complained about (被反映对象): a shop, a company, a driver, a landlord, somebody's dog.

The best supported of what the ways to find a subject yield: names of firms (``subject_names``), what a citizen spells
(``subject_spelling``), persons (``subject_persons``), owners of things (``subject_owners``) and parts played in the talk
(``subject_roles``). The answer to 叫什么名字 / 哪一家 / 公司全称 counts most. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from app.domain.ticket import Hit
from app.extraction.dialogue_view import DialogueView, Turn
from app.extraction.questions import Topic
from app.extraction.subject_names import (
    SHORTEST_NAME,
    TOO_GENERAL,
    complained_of,
    confirmed_names,
    named_firms,
    without_place,
)
from app.extraction.subject_owners import owners
from app.extraction.subject_persons import known_as, staff_by_name
from app.extraction.subject_roles import OWN_FIRM, Subject, by_role, vehicle
from app.extraction.subject_spelling import spelled_out

_ASKED_NAME = re.compile(r"(?<!您)(?<!你)(?<!您的)叫什么|全称|名称|店名|(?:哪|那)(?:一)?(?:家|个|所|间)(?:公司|厂|店|学校"
                         r"|医院|物业|驾校|机构|平台|旅行社|银行|中介|单位|酒店|商场|超市|小区|工地|楼盘|医院|景区|公园|市场)|哪一?家"
                         r"|什么(?:景区|公园|市场|公司|店|厂|名字|名称|学校|机构|平台|单位)")
_PLACE_ASKED = re.compile(r"小区|楼盘")
_FIRM_ASKED = re.compile(r"物业|公司|店|商家|厂|学校|单位|机构|平台|主办")
_PLACE_FIELDS = frozenset({"region_district", "region_street", "region_community"})
_WHICH_FIRM = re.compile(r"(?:哪|那)(?:一)?(?:家|个|所|间)(?:公司|厂|店|学校|医院|物业|驾校|机构|平台|旅行社|银行|中介"
                         r"|酒店|饭店|餐厅|幼儿园|超市|工地)|(?:公司|单位|企业|物业|店|厂|机构|介绍所|学校|医院|商家)(?:的)?(?:全称|名称|名字|叫什么)")
_CALLED_ASKED = re.compile(r"叫什么(?!路)|名称|全称|店名|旅行社|医院|银行|中介|楼盘|工地")
_WHERE_ASKED = re.compile(r"哪块地|哪个(?:位置|地方|方位|区|街道|镇|村|社)|哪里|什么(?:位置|地方|路)|地址")
_STAFF_ASKED = re.compile(r"(?:工作人员|司机|师傅|民警|医生|老师|话务员|护士|窗口|对方)(?:的)?(?:姓名|名字|叫什么|怎么称呼)")


def find_subject(view: DialogueView, hits: Sequence[Hit], code: str = "") -> Subject | None:
    """The best-supported subject of a complaint, or None.

    Args:
        view: the dialogue.
        hits: what other rules found: a plate or an address tells whose driver or landlord it is.
        code: the matter's likely item; the estate's management is complained about only where the item is its own.
    """
    values = {hit.name: str(hit.value) for hit in hits if hit.matter == 0}
    best = vehicle(view, values)
    if best is not None:
        return best
    for found in (*_candidates(view, hits, code), *by_role(view, values)):
        if best is None or found.confidence > best.confidence:
            best = found
    return best


def _candidates(view: DialogueView, hits: Sequence[Hit], code: str) -> Iterator[Subject]:
    places = tuple(str(hit.value) for hit in hits if hit.name in _PLACE_FIELDS)
    for turn in view.citizen:
        question = view.question_before(turn)
        if question is not None and _STAFF_ASKED.search(question.text):
            yield from staff_by_name(turn)
            continue
        if question is not None and OWN_FIRM.search(question.text):
            continue
        yield from known_as(turn, question)
        asked = question is not None and _asks_name(question)
        if asked:
            yield from spelled_out(turn)
        for reading in (turn, *_read_otherwise(turn)) if asked else (turn,):
            for found in named_firms(view, reading, asked=asked):
                bare = without_place(found.name, places)
                if len(bare) >= SHORTEST_NAME and bare not in TOO_GENERAL:
                    yield replace(found, name=bare)
        yield from complained_of(turn)
    yield from confirmed_names(view, places)
    yield from owners(view, hits, code)


def _asks_name(question: Turn) -> bool:
    if _WHICH_FIRM.search(question.text):
        return True
    if _PLACE_ASKED.search(question.text) and not _FIRM_ASKED.search(question.text):
        return False
    named = _FIRM_ASKED.search(question.text) or _CALLED_ASKED.search(question.text)
    asks_place = named is None and _WHERE_ASKED.search(question.text) is not None
    return bool(_ASKED_NAME.search(question.text)) and Topic.NAME not in question.topics and not asks_place


def _read_otherwise(turn: Turn) -> Iterator[Turn]:
    """The turn with other readings of the same length: where a name was spelled the one that fits the spelling counts."""
    for text in turn.readings:
        if len(text) == len(turn.text) and text != turn.text:
            yield replace(turn, text=text)
