"""Which turns speak of the place of the incident, which of the caller's home, and which of neither.

The operator's question decides (您自己住在哪里 -> home); the operator's own words count only as a read-back or a
question that the citizen does not deny, never as advice (请到番禺区东环路的窗口) or dispatch (转宝安区劳动监察).
"""

from __future__ import annotations

import re
from enum import StrEnum

from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.questions import Topic


class Role(StrEnum):
    """What a turn's places are."""

    INCIDENT = "incident"
    HOME = "home"
    NONE = "none"


_PLACE_TOPICS = frozenset((Topic.PLACE, Topic.REGION, Topic.COMMUNITY))
_CHECKS = re.compile(
    r"[吗吧]$|对吗|对吧|是吗|是吧|是不是|核对|重复|反映的是|反映的|您反映|您说的是|确认|呢|哪|几号"
    r"|什么|记下|登记的是|好的?$"
)
_ADVICE = re.compile(
    r"请(?:您)?(?:到|去|带|前往)|可以(?:到|去|在|带|前往|先)|窗口|办理|受理|比如|预约|拨打"
    r"|带上?身份证|报失|转(?:交|到|给|由|区|市|街)?|会转|马上转"
)
_HOME_SAID = re.compile(
    r"我(?:们)?(?:自己|本人|家|现在|一家)*(?:就)?(?:是)?住(?:在|的(?:是|地方)|(?=[一-鿿]{2,12}[路街巷村号栋座苑园]))|我家(?:是|在|住)|家住"
)
_AT_HOME = re.compile(r"(?:不是|没有|不在?|我?不(?:是)?住(?:在)?(?:那里|那儿|那边|那|这里|这儿|这边|一起))*"
                      r"(?:嗯|哦|啊|就|在)*我(?:自己)?家(?:里|啊|呢|嘛|就)*(?:是|在|住)"
                      r"(?!.{0,3}(?:楼下|门口|旁边|对面|隔壁|附近|楼上|后面|前面))"
                      r"|.{2,16}?(?:就)?(?:是)?我(?:自己)?家(?:的)?$")
_ELSEWHERE = re.compile(
    r"(?:户口|老家|户籍|单位|公司|上班)(?:是|在)|(?:我)?(?:爸妈|父母|老人|儿子|女儿|妹妹"
    r"|哥哥|姐姐|弟弟|亲戚|朋友)(?:他们)?(?:家)?住"
)


WHICH_PLACE = re.compile(
    r"哪(?:一)?(?:个|座|所|家|间)(?:站|公园|学校|小学|中学|医院|场馆|体育馆|景区|隧道|桥|天桥|出口|口|地铁站|车站|收费站"
    r"|市场|广场|小区|幼儿园|银行|酒店|商场|超市|楼盘|工地|厂|大厅|窗口)|站名|什么(?:站|场馆|公园|学校)"
)
_PATIENCE = re.compile(r"(?:好的?|嗯|可以|没事|没关系|行|您|请|先|慢慢|看|找|想|说|不急|别急|别着急|稍等|等您|一下|吧|我等您)+")
_ANOTHERS = re.compile(r"(?:您|你)(?:的)?(?:父亲|母亲|爸|妈|老人|公公|婆婆|儿子|女儿|邻居|爷爷|奶奶|外公|外婆|朋友|亲戚)"
                       r"[^户]*(?:地方|房子|家)")
_SEAT_ASKED = re.compile(r"座位|几排|几座")
_SEAT = re.compile(r"座位|几排|几座|几年级")


def asked_place(view: DialogueView, turn: Turn) -> bool:
    """The citizen's turn answers a question for the place, be it after a word of patience (好的，您慢慢看)."""
    question = view.question_before(turn)
    if question is not None and _PATIENCE.fullmatch(question.text):
        question = view.question_before(view.turns[question.number - 1]) if question.number else None
    if question is None or _SEAT.search(question.text):
        return False
    return bool(_PLACE_TOPICS.intersection(question.topics)) or WHICH_PLACE.search(question.text) is not None


def role_of(view: DialogueView, turn: Turn) -> Role:
    """What the places named in a turn are."""
    return _operator_role(view, turn) if turn.is_operator else _citizen_role(view, turn)


def _citizen_role(view: DialogueView, turn: Turn) -> Role:
    asked = view.topics_before(turn)
    question = view.question_before(turn)
    if question is not None and _SEAT_ASKED.search(question.text):
        return Role.NONE
    if Topic.HOME in asked:
        return Role.INCIDENT if question is not None and _first_place_is_anothers(view, question) else Role.HOME
    if _PLACE_TOPICS.intersection(asked):
        return Role.HOME if _AT_HOME.match(turn.text) else Role.INCIDENT
    if _HOME_SAID.search(turn.text):
        return Role.HOME
    return Role.NONE if _ELSEWHERE.search(turn.text) else Role.INCIDENT


def _first_place_is_anothers(view: DialogueView, question: Turn) -> bool:
    """我妈住的那个地方… - 您母亲住的地方在哪里: the first place that is asked for, of another person's home, is the incident's."""
    if _ANOTHERS.search(question.text) is None:
        return False
    earlier = (turn for turn in view.operator if turn.number < question.number)
    return not any(_PLACE_TOPICS.intersection(turn.topics) for turn in earlier)


def _operator_role(view: DialogueView, turn: Turn) -> Role:
    answer = view.answer_after(turn)
    if answer is not None and answer.reply is Reply.DENIAL and not answer.text.startswith("没"):
        return Role.NONE
    before = view.question_before(turn)
    if before is None:
        return Role.INCIDENT if re.search(r"反映的|您反映|投诉的是", turn.text) else Role.NONE
    if not _CHECKS.search(turn.text) and not _is_echo(turn, before) and not _is_question(turn):
        return Role.NONE
    if _ADVICE.search(turn.text) and not re.search(r"反映的|您反映|核对|您说的", turn.text):
        return Role.NONE
    if Topic.HOME in turn.topics and not before.is_operator:
        return _citizen_role(view, before) if _is_echo(turn, before) else Role.NONE
    role = _citizen_role(view, before)
    return Role.INCIDENT if role is Role.NONE or not _is_echo(turn, before) else role


def _is_question(turn: Turn) -> bool:
    """A script marks it (属于白云区同和街道？)."""
    return any(mark == "？" for _, mark in turn.marks) or turn.text.startswith(("属于", "是属于", "归"))


def _is_echo(turn: Turn, before: Turn) -> bool:
    """Four characters in a row of the operator's turn were said right before."""
    return any(turn.text[place : place + 4] in before.text for place in range(max(0, len(turn.text) - 3)))
