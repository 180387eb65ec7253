"""When it happened: event_time_text, event_time_start, event_time_precision, relative to the call's start.

Expressions are read by one grammar (从上个星期三开始, 昨天晚上八点多, 每天晚上七八点到第二天早上, 这个月一号) over
the citizen's words. What answers the operator's question for the time stands; an unasked one counts only when it
names a day or an hour, and not where it speaks of a wish (十点以后不能再), a term (三天之内) or an earlier call.

Precisions are those of the field table: 分 (a minute), 时段 (a part of a day), 日, 月, 年, 持续 (since), 周期性
(again and again, no start).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.dialogue import CallContext
from app.domain.ticket import Hit
from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.hits import found
from app.extraction.purpose import only_asks
from app.extraction.questions import Topic
from app.extraction.time_expressions import EXPRESSION, NUMBER, PART, resolve

_END_POINT = re.compile(
    rf"(?:一直)?(?:到|至)(?:现在|今天|目前|如今|(?:第二天|次日|隔天)?(?:的)?(?:{PART})?(?:{NUMBER}点(?:半"
    rf"|{NUMBER}分?)?(?:多|左右|钟)?)?)"
)
_BEGIN = re.compile(r"(?:[一-鿿]{0,8}?)(?:那天|那时候|当天)?(?:就)?(?:开始|起|以来)")
_DIRECT_BEGIN = re.compile(r"(?:就|才)?(?:开始|起(?!来|火|诉|码)|以来)")
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
_ASKS_POINT = re.compile(r"发生|事故|受伤|被|的事(?!项)|事发|什么时候|什么时间|哪(?:一)?天|几号|何时")
_ASKS_EVENT = re.compile(r"发生|事故|出事|受伤|被|的事(?!项)|事发|案发|丢")
_BACKGROUND = re.compile(
    r"^(?:的时候)?[才就刚在去到]{0,2}(?:入(?:的)?(?:职|住|学|党|园)|进(?:的)?(?:公司|厂|单位|去的)|上(?:的)?班|签(?:的|了)?(?:[一二三两几]年)?(?:的)?(?:劳动)?合同"
    r"|出生|结(?:的)?婚|离(?:的)?婚|搬(?:进|来|过来|的|到)|毕(?:的)?业|退(?:的)?休|参(?:的)?(?:保|军|加工作)|买(?:的)?(?:房|车|的)|交(?:的)?(?:房|楼)|租(?:的|了)"
    r"|来(?:的)?(?:广州|深圳|珠海|这边)|办(?:的|了)卡|开(?:的)?(?:店|业)|到期|过期)"
)
_LIFE = re.compile(r"结婚|离婚|出生|退休|毕业|参加工作|入户|落户|入职|交房|拿证|办证")
_BACKGROUND_WORDS = ("签", "买", "搬", "租", "交", "办", "入住", "到期")
_ASKS_FOR_IT = re.compile(
    r"发生|开始|事发|出事|出现|发现|多久了|多长时间|几天(?:了|啦)|的事|^(?:大概|大约|一般|是|请问|具体|那|这|嗯|好的?|您|说的|记得)*"
    r"(?:什么时候|几点|几时|什么时间|哪(?:一)?天|哪个时段|时间|从)|什么时间段|时间(?:是|呢)|时间和?地点|什么时候$"
)
_RIVAL = 1.8
_NAMED_UNASKED = 0.8
_LIFE_LESS = 1.3
_MOMENTS = frozenset(("日", "时段", "分"))
_EXACTNESS = {"日": 0, "时段": 1, "分": 2}
_NEAR_BY = 16
_DAY_NAMED = 0.5
_CALLED_THEN = re.compile(
    r"(?:上次|之前|那次|第[一二三]次|我)[^，]{0,4}(?:打(?:过来|电话|来|的)|投诉|反映|报|登记)(?:的)?"
    r"(?:时候|时间|日期)?(?:就)?(?:是|在)?$"
)
_SHOULD_BE = re.compile(r"(?:哦|啊|呃|嗯)*(?:应该是|应该|改成|是(?=上|这|前|昨|[二一]))")
_ANY_JUST = re.compile(r"刚刚|刚才|刚(?![好来到毕装开搬买换租])")
_JUST_NOW = re.compile(r"刚刚|刚才|(?<!才)刚(?=发生|断|倒|掉|停|打完|走|看到|经过|下班|路过)")
_NOT_AN_EVENT = re.compile(
    r"^(?:我)?(?:也|都|已经)?(?:说|讲|打(?:过|了|的|电话|给|来|进)|提|问|挂|跟|查|那个|那位|你|您|没听|听|讲的|不是|忘|报|错)"
)
_WISH = re.compile(
    r"^(?:(?:以后|之后|后|以前|之前|前)?(?:就|都)?(?:不能|不得|不要|不准|不许|别再|必须|才能|再来|来查|来看|来办|给我"
    r"|都方便|方便|可以打|再打)"
    r"|之内|以内|内)"
)
_ASKS_BEGIN = re.compile(r"(?:什么时候|何时|哪天|几号|几月|多久)(?:就)?开始|从(?:什么时候|哪天|几号|几月|何时)")
_TAKEN_BACK = re.compile(r"(?:哦|啊|哎|嗯)*(?:不对|不是(?!我|他|很)|说错|错了|记错)")
_HAPPENED = re.compile(r"(?:就|才)?(?:被|给).{0,8}了|(?:就|才)?[撞砸刮摔碰掉断塌]")
_UNTIL_NOW = re.compile(r"(?:就)?(?:一直)?[一-鿿]{1,2}到(?:现在|今天|目前)")
_OPENING = 3
_HAPPENED_LATER = re.compile(
    r"(?!之?前|以前|到期)[一-鿿]{0,6}?(?:丢了|弄丢|掉了|撞|摔|受伤|出事|被偷|被骗|生了|生的|买了|出生|住院)"
)
_NOW = re.compile(r"现在(?:都|已经)?$")
_NEGATED = re.compile(r"不是(?:在)?$")
_TOLD_SINCE = re.compile(r"(那天|那时候|那会儿)?(?:就(?!开始|起)|一直|没|不|都)")
_AGAIN = re.compile(r"^.{0,8}又")
_OLD_CALL = re.compile(
    r"^.{0,6}(?:道歉|赔礼|打过|打了|打的?电话|投诉(?:过|的|了)|反映(?:过|的|了)|来过电话|报(?:过|的(?!警)|了(?!警|名))|登记(?:过|的|了)|打的(?!车|人)|提交|下的单|受理)"
)
_EARLIER = re.compile(r"^.{0,6}(?:隔壁|别人|人家|上次|以前)")


@dataclass(frozen=True, slots=True)
class _Time:
    text: str
    start: datetime | None
    precision: str
    turn: Turn
    span: tuple[int, int]
    score: float
    dated: bool = False
    clock: int = -1


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
        for time in _one_told(list(_times(view, turn, call_time)), call_time)
    ]
    times += list(_told_with_the_question(view, call_time)) if quiet else list(_just_now(view, call_time))
    times = [time for time in times if time.score > 0 and not _to_come(time, call_time)]
    if not times and not quiet:
        times = list(_offered(view, call_time))
    if not times:
        return ()
    best = max(times, key=lambda time: (time.score, -time.turn.number, len(time.text)))
    confidence = 0.95 if best.score >= 2 and _settled(view, best, times) else 0.8
    evidence = best.turn.evidence(*best.span)
    heard = best.turn.confidence(*best.span)
    if best.turn.from_sound and _cut_short(best):
        heard = min(heard, 0.6)
    rule = "event_time.answer" if best.score >= 2 else "event_time.unasked"
    values = {"event_time_text": best.text, "event_time_precision": best.precision}
    if best.start is not None:
        values["event_time_start"] = best.start.isoformat()
    return tuple(found(name, value, confidence, evidence, rule, heard=heard) for name, value in values.items())


def _settled(view: DialogueView, best: _Time, times: list[_Time]) -> bool:
    """The question was for the event itself and nothing else answers it as well, or the operator repeated just this time."""
    answer = view.answer_after(best.turn)
    if answer is not None and _plain(best.text) in answer.text:
        return True
    rivals = [time for time in times if time is not best and time.score >= _RIVAL and time.start != best.start]
    return not rivals and _ASKS_FOR_IT.search(_question(view, best.turn)) is not None


def _plain(text: str) -> str:
    return re.sub(r"^从|(?:左右|开始|起)$", "", text)


def _question(view: DialogueView, turn: Turn) -> str:
    question = view.question_before(turn)
    return question.text if question is not None else ""


def _to_come(time: _Time, call_time: datetime) -> bool:
    """A time after the call is no event that happened."""
    return time.start is not None and time.start > call_time and time.precision != "持续"


def _one_told(times: list[_Time], call_time: datetime) -> list[_Time]:
    """Times of one turn, those that tell one moment in parts or more and more exactly taken together."""
    told: list[_Time] = []
    for time in times:
        last = told[-1] if told else None
        joined = _joined(last, time, call_time) if last is not None else None
        if joined is not None:
            told[-1] = joined
        else:
            told.append(time)
    return told


def _joined(last: _Time, time: _Time, call_time: datetime) -> _Time | None:
    """Both as one, or None where they are two times.

    四点停的，四点零五分: the minutes; 前天下午放学的时候，四点五十: the hour of that day, also after a slip of the tongue
    (昨天早上九点，不对，十点); 这个星期一，十六号上午: the same day told again, more exactly.
    """
    if time.score <= 0 or not {last.precision, time.precision} <= _MOMENTS or last.start is None or time.start is None:
        return None
    score = max(last.score, time.score)
    if last.score > 0 and _same_hour(last, time):
        return replace(last, start=last.start.replace(minute=time.start.minute), precision="分", score=score)
    if last.dated and not time.dated and time.clock >= 0 and time.span[0] - last.span[1] <= _NEAR_BY:
        if last.clock >= 0 and last.score > 0:
            return None
        day = last.text[: last.clock] if last.clock >= 0 else last.text
        day = re.sub(rf"(?:{PART})$", "", day) if re.match(PART, time.text) else day
        match = EXPRESSION.match(day + time.text)
        if match is None or match.end() < len(day + time.text):
            return None
        start, precision = resolve(match, call_time, since=False)
        score = max(score, time.score + _DAY_NAMED)
        return (
            replace(time, text=day + time.text, start=start, precision=precision, score=score, dated=True)
            if precision
            else None
        )
    exact = _EXACTNESS[time.precision] > _EXACTNESS[last.precision]
    if last.score > 0 and last.dated and time.dated and last.start.date() == time.start.date() and exact:
        return replace(time, score=score)
    return None


def _same_hour(earlier: _Time, later: _Time) -> bool:
    """The later one repeats only the hour, with minutes."""
    if earlier.start is None or later.start is None or later.precision != "分" or earlier.start.minute:
        return False
    bare = re.match(rf"{NUMBER}点", later.text) is not None and re.search(r"点", earlier.text) is not None
    return bare and later.start.minute > 0 and (later.start.hour - earlier.start.hour) % 12 == 0


def _told_with_the_question(view: DialogueView, call_time: datetime) -> Iterable[_Time]:
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
                yield _Time(_clean(match.group()), start, precision, turn, match.span(), _NAMED_UNASKED)


def _just_now(view: DialogueView, call_time: datetime) -> Iterable[_Time]:
    """刚刚, 刚才: at the call; counts where nothing more exact was said."""
    for turn in view.citizen:
        question = view.question_before(turn)
        asked = question is not None and Topic.TIME in question.topics
        for match in (_ANY_JUST if asked else _JUST_NOW).finditer(turn.text):
            if _NOT_AN_EVENT.match(turn.text[match.end() :]):
                continue
            score = 2.0 if asked else 0.2
            yield _Time(match.group(), call_time, "分", turn, match.span(), score)


def _offered(view: DialogueView, call_time: datetime) -> Iterable[_Time]:
    """A time that the operator names in a question and the citizen affirms (是昨天下午发生的吗 - 对)."""
    for turn in view.operator:
        answer = view.answer_after(turn)
        if answer is None or answer.reply is not Reply.ASSENT or not _ASKS_EVENT.search(turn.text):
            continue
        for time in _times(view, turn, call_time):
            if time.score >= _NAMED_UNASKED:
                yield replace(time, score=1.5)


def _cut_short(time: _Time) -> bool:
    """A recognised expression that seems to go on (六典半) or to have lost its beginning."""
    after = time.turn.text[time.span[1] : time.span[1] + 6]
    started = time.turn.text[max(0, time.span[0] - 4) : time.span[0]]
    return re.search(r"[点半刻钟]|开始|起", after) is not None or re.search(r"[天期月]", started) is not None


def _call_time(context: CallContext) -> datetime | None:
    try:
        return datetime.fromisoformat(context.call_time)
    except ValueError:
        return None


def _times(view: DialogueView, turn: Turn, call_time: datetime) -> Iterable[_Time]:
    question = view.question_before(turn)
    asked = question is not None and Topic.TIME in question.topics and not _ASKS_OTHER.search(question.text)
    life = asked and question is not None and _LIFE.search(question.text) is not None
    usual = asked and question is not None and _USUALLY.search(question.text) is not None
    ongoing = asked and question is not None and _ASKS_BEGIN.search(question.text) is not None
    for match in EXPRESSION.finditer(turn.text):
        if not match.group().strip("从自打都的在"):
            continue
        end, since = _extent(turn, match, ongoing=ongoing)
        start, precision = resolve(match, call_time, since=since)
        if not precision:
            continue
        if precision == "分" and end > match.end():
            precision = "时段"
        if _again_and_again(turn, match, usual=usual, ranges=end > match.end()):
            start, precision = None, "周期性"
        after = turn.text[end : end + 12]
        score = _score(match, precision, asked=asked, after=after) - (_LIFE_LESS if life else 0.0)
        if not asked and _AGAIN.match(after) and _repeated(view, turn, match):
            score = _NAMED_UNASKED
        background = _BACKGROUND.match(after)
        if background is not None and not _same_matter(question, background.group()):
            score -= 0.8
        score += _around(turn, match, end) if score else 0.0
        if _corrected(turn, match, end) or _TAKEN_BACK.match(turn.text, end) or _NEGATED.search(turn.text[: match.start()]):
            score = 0.0
        if not asked and (
            _CALLED_THEN.search(turn.text[: match.start()]) or (question and _ASKS_OTHER.search(question.text))
        ):
            score = 0.0
        text = _clean(turn.text[match.start() : end])
        dated = bool(match.group("day") or match.group("week") or match.group("mday"))
        clock = match.start("hour") - end + len(text) if match.group("hour") else -1
        yield _Time(text, start, precision, turn, (match.start(), end), score, dated, clock)


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
    if not match.group("hour") or match.group("day") or match.group("week") or match.group("mday"):
        return False
    return usual or (ranges and _EVERY.search(turn.text) is not None)


def _same_matter(question: Turn | None, after: str) -> bool:
    """The operator asked for just this (什么时候买的 - 九月三号买的)."""
    return question is not None and any(word in question.text and word in after for word in _BACKGROUND_WORDS)


def _extent(turn: Turn, match: re.Match[str], *, ongoing: bool) -> tuple[int, bool]:
    """Where the expression ends with its 到…, 那天, 开始, and whether it tells since when something lasts."""
    text, end = turn.text, match.end()
    tail = _END_POINT.match(text, end)
    if tail is not None and len(tail.group()) > 1 and _has_more(tail.group()):
        end = tail.end()
    lasts = end > match.end() and re.search(r"现在|目前|如今", text[match.end() : end]) is not None
    if _is_clock(match) and not lasts:
        return end, False
    if match.group("since") and (told := _TOLD_SINCE.match(text, end)) is not None:
        return end + len(told.group(1) or ""), True
    begin = (_BEGIN if match.group("since") else _DIRECT_BEGIN).match(text, end)
    if begin is not None:
        paused = any(place in turn.breaks for place in range(end + 1, begin.end()))
        return end if paused else begin.end(), True
    happened = _HAPPENED.match(text, end) is not None
    return end, lasts or _stopped_until_now(match, text, end) or (ongoing and not happened) or _goes_on_since(text, end)


def _stopped_until_now(match: re.Match[str], text: str, end: int) -> bool:
    """从昨天晚上停到现在: since then."""
    return match.group("since") is not None and _UNTIL_NOW.match(text, end) is not None


def _is_clock(match: re.Match[str]) -> bool:
    """An hour without 从: a moment, also where 开始 follows."""
    return match.group("hour") is not None and match.group("since") is None


def _around(turn: Turn, match: re.Match[str], end: int) -> float:
    """What the words around a time add: 七点就开始了 tells more, 现在都九点了 less."""
    begun = _is_clock(match) and _DIRECT_BEGIN.match(turn.text, end) is not None
    return (0.3 if begun else 0.0) - (0.4 if _NOW.search(turn.text[: match.start()]) else 0.0)


def _goes_on_since(text: str, end: int) -> bool:
    """A later clause of the turn counts from this time (前年三月一号…从入职那天起就没买过)."""
    if re.search(r"从[一-鿿]{0,8}?(?:那天|那时|那时候|以后|之后|当天)(?:起|开始)?(?:就|一直)", text[:end]):
        return True
    later = re.search(r"从[一-鿿]{0,8}?(?:那天|那时|那时候|以后|之后|当天)?(?:起|开始)就", text[end:])
    return later is not None


def _has_more(tail: str) -> bool:
    return re.search(r"现在|今天|目前|如今|第二天|次日|隔天|点|早|晚|午|夜|凌晨", tail) is not None


def _clean(text: str) -> str:
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
