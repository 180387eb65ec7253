"""When it happened: event_time_text, event_time_start, event_time_precision, relative to the call's start.

Expressions are read by one grammar (从上个星期三开始, 昨天晚上八点多, 每天晚上七八点到第二天早上, 这个月一号) over
the citizen's words. What answers the operator's question for the time stands; an unasked one counts only when it
names a day or an hour, and not where it speaks of a wish (十点以后不能再), a term (三天之内) or an earlier call.

Precisions are those of the field table: 分 (a minute), 时段 (a part of a day), 日, 月, 年, 持续 (since), 周期性
(again and again, no start).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from app.domain.dialogue import CallContext
from app.domain.ticket import Hit
from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.hits import found
from app.extraction.purpose import only_asks
from app.extraction.questions import Topic
from app.extraction.time_expressions import EXPRESSION, resolve
from app.extraction.time_joining import one_told
from app.extraction.told_times import NAMED_UNASKED, ToldTime, clean, times_in

_ASKS_POINT = re.compile(r"发生|事故|受伤|被|的事(?!项)|事发|什么时候|什么时间|哪(?:一)?天|几号|何时")
_ASKS_EVENT = re.compile(r"发生|事故|出事|受伤|被|的事(?!项)|事发|案发|丢")
_ASKS_FOR_IT = re.compile(
    r"发生|开始|事发|出事|出现|发现|多久了|多长时间|几天(?:了|啦)|的事|^(?:大概|大约|一般|是|请问|具体|那|这|嗯|好的?|您|说的|记得)*"
    r"(?:什么时候|几点|几时|什么时间|哪(?:一)?天|哪个时段|时间|从)|什么时间段|时间(?:是|呢)|时间和?地点|什么时候$"
)
_RIVAL = 1.8
_ANY_JUST = re.compile(r"刚刚|刚才|刚(?![好来到毕装开搬买换租])")
_JUST_NOW = re.compile(r"刚刚|刚才|(?<!才)刚(?=发生|断|倒|掉|停|打完|走|看到|经过|下班|路过)")
_NOT_AN_EVENT = re.compile(
    r"^(?:我)?(?:也|都|已经)?(?:说|讲|打(?:过|了|的|电话|给|来|进)|提|问|挂|跟|查|那个|那位|你|您|没听|听|讲的|不是|忘|报|错)"
)
_WELL_HEARD = 0.86  # below it a time seems whole that has lost its day or its hour
_ALL_RIGHT = 0.75
_OPENING = 3
_HAPPENED_LATER = re.compile(
    r"(?!之?前|以前|到期)[一-鿿]{0,6}?(?:丢了|弄丢|掉了|撞|摔|受伤|出事|被偷|被骗|生了|生的|买了|出生|住院)"
)


def event_time(view: DialogueView, context: CallContext) -> tuple[Hit, ...]:
    """Hits for the three event_time fields; none where no usable expression was said."""
    call_time = _call_time(context)
    if call_time is None:
        return ()
    quiet = only_asks(view)
    times = [
        time
        for turn in view.citizen
        if not quiet or _ASKS_POINT.search(_question(view, turn))
        for time in one_told(list(times_in(view, turn, call_time)), call_time)
    ]
    times += list(_told_with_the_question(view, call_time)) if quiet else list(_just_now(view, call_time))
    times = [time for time in times if time.score > 0 and not _to_come(time, call_time)]
    if not times and not quiet:
        times = list(_offered(view, call_time))
    if not times:
        return ()
    best = max(times, key=lambda time: (time.score, -time.turn.number, len(time.text)))
    best = _as_repeated(view, best, times, call_time)
    confidence = 0.95 if best.score >= 2 and _settled(view, best, times) else 0.8
    evidence = best.turn.evidence(*best.span)
    heard = best.turn.confidence(*best.span)
    if best.turn.from_sound and (heard < _WELL_HEARD or _cut_short(best) or not _heard_whole(view, best)):
        heard = min(heard, 0.6)
    rule = "event_time.answer" if best.score >= 2 else "event_time.unasked"
    values = {"event_time_text": best.text, "event_time_precision": best.precision}
    if best.start is not None:
        values["event_time_start"] = best.start.isoformat()
    return tuple(found(name, value, confidence, evidence, rule, heard=heard) for name, value in values.items())


def _settled(view: DialogueView, best: ToldTime, times: list[ToldTime]) -> bool:
    """The question was for the event itself and nothing else answers it as well, or the operator repeated just this time."""
    answer = view.answer_after(best.turn)
    if answer is not None and _plain(best.text) in answer.text:
        return True
    rivals = [time for time in times if time is not best and time.score >= _RIVAL and time.start != best.start]
    return not rivals and _ASKS_FOR_IT.search(_question(view, best.turn)) is not None


def _as_repeated(view: DialogueView, best: ToldTime, times: list[ToldTime], call_time: datetime) -> ToldTime:
    """Of several times of one answer the one that the operator repeated with its day, where the citizen agreed."""
    for turn in view.operator:
        answer = view.answer_after(turn)
        if turn.number < best.turn.number or answer is None or answer.reply is not Reply.ASSENT or not answer.text:
            continue
        if _plain(best.text) in turn.text:
            return best
        for told in times_in(view, turn, call_time):
            meant = [time for time in times if time.turn is best.turn and time is not best and time.clock >= 0]
            if told.dated and told.clock >= 0 and any(_plain(time.text) in told.text for time in meant):
                return replace(told, score=best.score)
    return best


def _heard_whole(view: DialogueView, best: ToldTime) -> bool:
    """Every character of the time was probably heard right, or the operator said the same time.

    One wrong character of eight makes another time of it (八号 heard as 壕号 leaves 这个月): the chances multiply.
    """
    later = (turn for turn in view.operator if turn.number > best.turn.number)
    if any(_plain(best.text) in turn.text for turn in later):
        return True
    return math.prod(best.turn.confidences[best.span[0] : best.span[1]]) >= _ALL_RIGHT


def _plain(text: str) -> str:
    return re.sub(r"^从|(?:左右|开始|起)$", "", text)


def _question(view: DialogueView, turn: Turn) -> str:
    question = view.question_before(turn)
    return question.text if question is not None else ""


def _to_come(time: ToldTime, call_time: datetime) -> bool:
    """A time after the call is no event that happened."""
    return time.start is not None and time.start > call_time and time.precision != "持续"


def _told_with_the_question(view: DialogueView, call_time: datetime) -> Iterable[ToldTime]:
    """A call that only asks, of something that happened (身份证上个礼拜六丢了，怎么补): the day of that."""
    for turn in view.citizen:
        if turn.number > _OPENING:
            return
        for match in EXPRESSION.finditer(turn.text):
            if not match.group().strip("从自打都的在") or not _HAPPENED_LATER.match(turn.text, match.end()):
                continue
            if not (match.group("day") or match.group("week") or match.group("mday") or match.group("month")):
                continue
            start, precision = resolve(match, call_time, since=False)
            if precision in ("日", "月", "时段", "分"):
                yield ToldTime(clean(match.group()), start, precision, turn, match.span(), NAMED_UNASKED)


def _just_now(view: DialogueView, call_time: datetime) -> Iterable[ToldTime]:
    """刚刚, 刚才: at the call; counts where nothing more exact was said."""
    for turn in view.citizen:
        question = view.question_before(turn)
        asked = question is not None and Topic.TIME in question.topics
        for match in (_ANY_JUST if asked else _JUST_NOW).finditer(turn.text):
            if _NOT_AN_EVENT.match(turn.text[match.end() :]):
                continue
            score = 2.0 if asked else 0.2
            yield ToldTime(match.group(), call_time, "分", turn, match.span(), score)


def _offered(view: DialogueView, call_time: datetime) -> Iterable[ToldTime]:
    """A time that the operator names in a question and the citizen affirms (是昨天下午发生的吗 - 对)."""
    for turn in view.operator:
        answer = view.answer_after(turn)
        if answer is None or answer.reply is not Reply.ASSENT or not _ASKS_EVENT.search(turn.text):
            continue
        for time in times_in(view, turn, call_time):
            if time.score >= NAMED_UNASKED:
                yield replace(time, score=1.5)


def _cut_short(time: ToldTime) -> bool:
    """A recognised expression that seems to go on (六典半) or to have lost its beginning."""
    after = time.turn.text[time.span[1] : time.span[1] + 6]
    started = time.turn.text[max(0, time.span[0] - 4) : time.span[0]]
    return re.search(r"[点半刻钟]|开始|起", after) is not None or re.search(r"[天期月]", started) is not None


def _call_time(context: CallContext) -> datetime | None:
    try:
        return datetime.fromisoformat(context.call_time)
    except ValueError:
        return None
