"""Times that a turn tells, each with how likely it is the time of the event.

What answers the operator's question for the time counts most; an unasked one only when it names a day or an hour, and not where
it speaks of a wish (十点以后不能再), a term (三天之内), an earlier call, another moment of life (什么时候结婚的) or was taken back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.extraction.dialogue_view import DialogueView, Turn
from app.extraction.questions import Topic
from app.extraction.time_expressions import EXPRESSION, resolve
from app.extraction.time_extent import DIRECT_BEGIN, extent, is_clock

_USUALLY = re.compile(
    r"一般|通常|平时|往常|每天|每晚|每次|经常|大(?:概|约)(?:几点到|在几点到)|几点到几点|哪些时候|哪个时段|什么时段|时间段"
)
_EVERY = re.compile(
    r"天天|每天|每晚|晚晚|每日|这几天|这阵子|这段时间|经常|老是|隔三差五|一到|每到|早高峰|晚高峰|周末|工作日|平时"
)
_ASKS_OTHER = re.compile(
    r"(?:什么时候|几点|何时|哪天|什么时间)[^吗]{0,8}(?:方便|有空|解决|处理|到期|上门|接电话|过来|联系)"
    r"|(?:希望|要求|想|期望|诉求)[^吗]{0,8}(?:什么时候|多久|几点|何时|哪天|多长时间)|(?:处理|解决)(?:的)?(?:时间|期限)"
)
_BACKGROUND = re.compile(
    r"^(?:的时候)?[才就刚在去到]{0,2}(?:入(?:的)?(?:职|住|学|党|园)|进(?:的)?(?:公司|厂|单位|去的)|上(?:的)?班|签(?:的|了)?(?:[一二三两几]年)?(?:的)?(?:劳动)?合同"
    r"|出生|结(?:的)?婚|离(?:的)?婚|搬(?:进|来|过来|的|到)|毕(?:的)?业|退(?:的)?休|参(?:的)?(?:保|军|加工作)|买(?:的)?(?:房|车|的)|交(?:的)?(?:房|楼)|租(?:的|了)"
    r"|来(?:的)?(?:广州|深圳|珠海|这边)|办(?:的|了)卡|开(?:的)?(?:店|业)|到期|过期)"
)
_LIFE = re.compile(r"结婚|离婚|出生|退休|毕业|参加工作|入户|落户|入职|交房|拿证|办证")
_BACKGROUND_WORDS = ("签", "买", "搬", "租", "交", "办", "入住", "到期")
NAMED_UNASKED = 0.8
_LIFE_LESS = 1.3
_CALLED_THEN = re.compile(
    r"(?:上次|之前|那次|第[一二三]次|我)[^，]{0,4}(?:打(?:过来|电话|来|的)|投诉|反映|报|登记)(?:的)?"
    r"(?:时候|时间|日期)?(?:就)?(?:是|在)?$"
)
_SHOULD_BE = re.compile(r"(?:哦|啊|呃|嗯)*(?:应该是|应该|改成|是(?=上|这|前|昨|[二一]))")
_WISH = re.compile(
    r"^(?:(?:以后|之后|后|以前|之前|前)?(?:就|都)?(?:不能|不得|不要|不准|不许|别再|必须|才能|再来|来查|来看|来办|给我"
    r"|都方便|方便|可以打|再打)"
    r"|之内|以内|内)"
)
_ASKS_BEGIN = re.compile(r"(?:什么时候|什么时间|何时|哪天|几号|几月|多久)(?:就)?开始|从(?:什么时候|什么时间|几时|哪天|几号|几月|何时)")
_TAKEN_BACK = re.compile(r"(?:哦|啊|哎|嗯)*(?:不对|不是(?!我|他|很)|说错|错了|记错)")
_NOW = re.compile(r"现在(?:都|已经)?$")
_NO_TIME = re.compile(r"不是(?:在)?$|(?:今天|今日|现在)(?:都|已经)?是$")
_ASKS_END = re.compile(r"到(?:几点|什么时候|哪天|几号|多晚)")
_EACH_WEEKDAY = re.compile(r"每(?:个|逢|到)?(?:(?:星期|礼拜|周)[一二三四五六日天][、和跟与]?)+$")
_FROM_THEN = re.compile(r"(?:以后|之后|过后)")
_END_LESS = 2.0
_AGAIN = re.compile(r"^.{0,8}又")
_OLD_CALL = re.compile(
    r"^.{0,6}(?:道歉|赔礼|打过|打了|打的?电话|投诉(?:过|的|了)|反映(?:过|的|了)|来过电话|报(?:过|的(?!警)|了(?!警|名))|登记(?:过|的|了)|打的(?!车|人)|提交|下的单|受理)"
)
_EARLIER = re.compile(r"^.{0,6}(?:隔壁|别人|人家|上次|以前)")


@dataclass(frozen=True, slots=True)
class ToldTime:
    """A time as told.

    Attributes:
        text: its words.
        start: what they mean; None for what comes again and again.
        precision: as in the field table.
        turn: where it was said.
        span: its place in the turn's text.
        score: how likely it is the time of the event; 2 and more for an answer, 0 for none.
        dated: it names a day.
        clock: where its hour begins in ``text``; -1 where it names none.
    """

    text: str
    start: datetime | None
    precision: str
    turn: Turn
    span: tuple[int, int]
    score: float
    dated: bool = False
    clock: int = -1


def times_in(view: DialogueView, turn: Turn, call_time: datetime) -> Iterable[ToldTime]:
    """All times of a turn, scored."""
    question = view.question_before(turn)
    asked = question is not None and Topic.TIME in question.topics and not _ASKS_OTHER.search(question.text)
    life = asked and question is not None and _LIFE.search(question.text) is not None
    usual = asked and question is not None and _USUALLY.search(question.text) is not None
    ongoing = asked and question is not None and _ASKS_BEGIN.search(question.text) is not None
    for match in EXPRESSION.finditer(turn.text):
        if not match.group().strip("从自打都的在"):
            continue
        end, since = extent(turn, match, ongoing=ongoing)
        start, precision = resolve(match, call_time, since=since)
        if not precision:
            continue
        if precision == "分" and end > match.end():
            precision = "时段"
        ranges = end > match.end() or _FROM_THEN.match(turn.text, end) is not None
        if _again_and_again(turn, match, usual=usual or _asked_later(view, turn), ranges=ranges):
            start, precision = None, "周期性"
        after = turn.text[end : end + 12]
        score = _score(match, precision, asked=asked, after=after) - (_LIFE_LESS if life else 0.0)
        score -= _END_LESS * (asked and question is not None and _ASKS_END.search(question.text) is not None)
        if not asked and _AGAIN.match(after) and _repeated(view, turn, match):
            score = NAMED_UNASKED
        background = _BACKGROUND.match(after)
        if background is not None and not _same_matter(question, background.group()):
            score -= 0.8
        score += _around(turn, match, end) if score else 0.0
        if _corrected(turn, match, end) or _TAKEN_BACK.match(turn.text, end) or _NO_TIME.search(turn.text[: match.start()]):
            score = 0.0
        if not asked and (
            _CALLED_THEN.search(turn.text[: match.start()]) or (question and _ASKS_OTHER.search(question.text))
        ):
            score = 0.0
        text = clean(turn.text[match.start() : end])
        dated = bool(match.group("day") or match.group("week") or match.group("mday"))
        clock = match.start("hour") - end + len(text) if match.group("hour") else -1
        yield ToldTime(text, start, precision, turn, (match.start(), end), score, dated, clock)


def _asked_later(view: DialogueView, turn: Turn) -> bool:
    """The operator goes on to ask for the habit (下午五点以后… - 一般摆到几点)."""
    question = view.answer_after(turn)
    return question is not None and _USUALLY.search(question.text) is not None and _ASKS_END.search(question.text) is not None


def _repeated(view: DialogueView, turn: Turn, match: re.Match[str]) -> bool:
    """The operator takes the day up (上周五加装的，好的)."""
    answer = view.answer_after(turn)
    return bool(match.group("day") or match.group("week")) and answer is not None and match.group() in answer.text


def _corrected(turn: Turn, match: re.Match[str], end: int) -> bool:
    """二零二三年三月，哦，应该是二零二三年四月: the like told anew right after."""
    repair = _SHOULD_BE.match(turn.text, end)
    later = EXPRESSION.match(turn.text, repair.end()) if repair is not None else None
    return later is not None and bool(later.group().strip()) and bool(match.group().strip())


def _again_and_again(turn: Turn, match: re.Match[str], *, usual: bool, ranges: bool) -> bool:
    """An hour without a day that is told as a habit: the operator asked 一般几点, or the turn says 天天, 每晚."""
    if match.group("week") and _EACH_WEEKDAY.search(turn.text, 0, match.start()):
        return True
    if not match.group("hour") or not (usual or ranges) or match.group("day") or match.group("week") or match.group("mday"):
        return False
    return usual or (ranges and _EVERY.search(turn.text) is not None)


def _same_matter(question: Turn | None, after: str) -> bool:
    """The operator asked for just this (什么时候买的 - 九月三号买的)."""
    return question is not None and any(word in question.text and word in after for word in _BACKGROUND_WORDS)


def _around(turn: Turn, match: re.Match[str], end: int) -> float:
    """What the words around a time add: 七点就开始了 tells more, 现在都九点了 less."""
    begun = is_clock(match) and DIRECT_BEGIN.match(turn.text, end) is not None
    return (0.3 if begun else 0.0) - (0.4 if _NOW.search(turn.text[: match.start()]) else 0.0)


def clean(text: str) -> str:
    """Without particles in front."""
    return re.sub(r"^(?:都|的|在)+", "", text)


def _score(match: re.Match[str], precision: str, *, asked: bool, after: str) -> float:
    """How likely this is the time of the event: 2 and more for an answer, 0 for none."""
    if _WISH.match(after) or (_OLD_CALL.match(after) and not asked):
        return 0.0
    named = bool(
        match.group("day")
        or match.group("week")
        or match.group("mday")
        or (match.group("hour") and match.group("part"))
    )
    if _AGAIN.match(after) and not asked:
        return 0.0
    if asked:
        score = 2.0 + 0.5 * named + 0.2 * (match.group("hour") is not None) + 0.5 * (precision == "持续")
        return score - (0.5 if match.group("duration") else 0.0)
    if match.group("duration") or match.group("ago") or precision in ("年", "月") or _EARLIER.match(after):
        return 0.0
    if match.group("lasting"):
        return 0.0 if match.group("lasting") in ("最近", "近期") else 0.5
    if match.group("day") == "今天" and not match.group("hour") and not match.group("part"):
        return 0.0
    if precision == "周期性":
        return 0.9 if match.group("hour") else 0.7 if match.group("part") else 0.3
    return 1.0 if match.group("hour") and (match.group("day") or match.group("week")) else 0.8 if named else 0.0
