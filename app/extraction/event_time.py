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
from datetime import datetime, timedelta

from app.domain.dialogue import CallContext
from app.domain.ticket import Hit
from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.hits import found
from app.extraction.purpose import only_asks
from app.extraction.questions import Topic
from app.extraction.spoken_numbers import cardinal

_N = r"[零〇一二两三四五六七八九十0-9]{1,3}"
_PART = r"凌晨|清晨|大清早|一大早|早上|早晨|早间|上午|中午|下午|傍晚|晚上|夜晚|夜里|半夜|深夜|晚间|白天|早"
_DAY = r"大前天|前天|前日|昨天|昨日|今天|今日|当天|明天|后天|第二天|昨(?=晚|夜|早|儿)|今(?=晚|早|儿)|前(?=晚)"
_NOT_DAY = "路街巷道里弄村园第栋幢座楼厅牌庭院厦场城区线大零〇一二两三四五六七八九十百0-9月的份址铺店房"
_NO_DAY = "线楼院门铺房店车公馆码桌床机店位小大之"
_WEEKDAY = r"(?:上上|上|这|本|下)?个?(?:星期|礼拜|周)[一二三四五六日天末1-7]"
_MONTH_REF = r"(?:上上|上|这|本|下|当)个?月(?:份)?"
_MONTH = rf"(?:{_MONTH_REF}|{_N}月(?:份)?)"
_MONTH_DAY = rf"(?:{_N}[号日](?!线|楼|院|门|铺|房|店|车|公馆|码)|初{_N}|月初|月中|月底|初|中旬|下旬|上旬|底)"
_YEAR = r"(?:今年|去年|前年|大前年|[二一12][零九0-9〇][零一二三四五六七八九0-9〇]{2}年(?![度级款版届]))"
_HOLIDAY = (
    r"(?:元旦|春节|过年|除夕|大年(?:三十|初[一二三四五六七八九十])|清明|五一|端午|中秋|国庆|十一(?=节|假期|那天|当天|期间|黄金|长假))(?:节|假期|那天"
    r"|当天|期间|过后|之后|以后|后|前)?"
)
_CLOCK = (
    rf"(?P<hour>(?<![有慢快大小早晚多少差高低轻这那补了])一(?!点都|点也|点儿|点点)"
    rf"|(?!一点){_N})点(?!\d)(?P<minute>半|[一三]刻|(?!一(?:直|共|下|次|起|个|天))零?{_N}(?:分)?)?(?:钟"
    rf"|整)?(?P<about>多|左右|前后|来钟|不到|过|出头)?"
)
_AGO = (
    r"(?:[零一二两三四五六七八九十半几0-9]{1,3})个?(?:来|多|半)?个?(?:半)?(?:分钟|钟头|小时|天|星期|礼拜|周"
    r"|月|年)(?:多)?(?:之|以)?前"
)
_LASTING = (
    r"(?:(?:这|近|最近)(?:半个月|一个月|[几两三四五六七八九十一]+(?:天|个月|个星期|年|周))|最近(?!一次|的一次"
    r"|一回)|近期"
    r"|这段时间|这阵子|这一阵|这几天|这两天)"
)
_DURATION = (
    r"(?:快|都|已经|有|大)*(?:[零一二两三四五六七八九十半几好0-9]{1,3})个?(?:来|多|半)?个?(?:半)?(?:天|星期"
    r"|礼拜|周|月|年)(?:多)?(?:了|啦|左右|吧|这样)"
)
_PERIODIC = r"(?:每天|每日|天天|每晚|每周(?![一二三四五六日末])|每逢?个?(?=星期|礼拜|周)|每个?(?:星期|礼拜)(?![一二三四五六日天])|每个?月|每逢|每到|每年|工作日|周末|平时|一到|隔三差五|隔天)"
_JUST = r"刚刚|刚才|现在|目前|正在"
_POINT = (
    rf"(?:(?P<year>{_YEAR})的?(?P<season>年底|年初|年中|上半年|下半年|春天|夏天|秋天|冬天|暑假"
    rf"|寒假)?|(?P<bare_season>年初|年底|上半年|下半年|暑假|寒假))?(?:(?P<holiday>{_HOLIDAY})|(?P<month>{_MONTH})?(?:的)?(?P<mday>(?<=月){_MONTH_DAY}"
    rf"|(?<=月的){_MONTH_DAY}"
    rf"|(?<=份){_MONTH_DAY}|(?<![一-鿿]){_N}号(?!线|楼|院|门|铺|房|店|车)"
    rf"|(?<![{_NOT_DAY}]){_N}号(?![{_NO_DAY}]))?)"
    rf"(?:那天|当天)?(?P<week>{_WEEKDAY})?的?(?P<day>{_DAY})?儿?的?(?P<part>{_PART}|晚|夜)?(?:的)?(?:大概"
    rf"|大约|差不多|应该是|也就)?(?:{_CLOCK})?"
)
_EXPRESSION = re.compile(
    rf"(?P<since>从|自从|自|打从|打)?(?P<periodic>{_PERIODIC})?(?:都|的|在)?(?:(?P<ago>{_AGO})"
    rf"|(?P<lasting>{_LASTING})|(?P<duration>{_DURATION})|{_POINT})"
)
_END_POINT = re.compile(
    rf"(?:一直)?(?:到|至)(?:现在|今天|目前|如今|(?:第二天|次日|隔天)?(?:的)?(?:{_PART})?(?:{_N}点(?:半"
    rf"|{_N}分?)?(?:多|左右|钟)?)?)"
)
_BEGIN = re.compile(r"(?:[一-鿿]{0,8}?)(?:那天|那时候|当天)?(?:就)?(?:开始|起|以来)")
_DIRECT_BEGIN = re.compile(r"(?:就|才)?(?:开始|起(?!来|火|诉|码)|以来)")
_HOUR_OF_PART = {
    "凌晨": 0,
    "清晨": 5,
    "大清早": 6,
    "一大早": 6,
    "早上": 6,
    "早晨": 6,
    "早间": 6,
    "早": 6,
    "上午": 8,
    "中午": 12,
    "下午": 13,
    "傍晚": 18,
    "晚上": 19,
    "夜晚": 19,
    "晚": 19,
    "夜": 19,
    "晚间": 19,
    "夜里": 22,
    "半夜": 23,
    "深夜": 23,
    "白天": 8,
}
_LATE = frozenset({"下午", "傍晚", "晚上", "夜晚", "晚", "夜", "晚间", "夜里", "半夜", "深夜"})
_DAYS = {
    "大前天": -3,
    "前天": -2,
    "前日": -2,
    "前": -2,
    "昨天": -1,
    "昨日": -1,
    "昨": -1,
    "今天": 0,
    "今日": 0,
    "今": 0,
    "当天": 0,
    "明天": 1,
    "后天": 2,
    "第二天": 0,
}
_WEEKDAYS = {
    "一": 0,
    "二": 1,
    "三": 2,
    "四": 3,
    "五": 4,
    "六": 5,
    "末": 5,
    "日": 6,
    "天": 6,
    **{str(n): n - 1 for n in range(1, 8)},
}
_HOLIDAYS = {"元旦": (1, 1), "五一": (5, 1), "国庆": (10, 1), "十一": (10, 1)}
_SEASONS = {
    "年底": 12,
    "年初": 1,
    "年中": 6,
    "上半年": 1,
    "下半年": 7,
    "春天": 3,
    "夏天": 6,
    "秋天": 9,
    "冬天": 12,
    "暑假": 7,
    "寒假": 1,
}
_FESTIVALS = {
    "春节": {2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26)},
    "清明": {2024: (4, 4), 2025: (4, 4), 2026: (4, 5), 2027: (4, 5), 2028: (4, 4)},
    "端午": {2024: (6, 10), 2025: (5, 31), 2026: (6, 19), 2027: (6, 9), 2028: (5, 28)},
    "中秋": {2024: (9, 17), 2025: (10, 6), 2026: (9, 25), 2027: (9, 15), 2028: (10, 3)},
}
_USUALLY = re.compile(r"一般|通常|平时|往常|每天|每晚|每次|经常|大(?:概|约)(?:几点到|在几点到)|几点到几点|哪些时候|哪个时段|什么时段|时间段")
_EVERY = re.compile(r"天天|每天|每晚|晚晚|每日|这几天|这阵子|这段时间|经常|老是|隔三差五|一到|每到|早高峰|晚高峰|周末|工作日|平时")
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
_BACKGROUND_WORDS = ("签", "买", "搬", "租", "交", "办", "入住", "到期")
_NAMED_UNASKED = 0.8
_JUST_NOW = re.compile(r"刚刚|刚才|(?<!才)刚(?=发生|断|倒|掉|停|打完|走|看到|经过|下班|路过)")
_NOT_AN_EVENT = re.compile(r"^(?:我)?(?:也|都|已经)?(?:说|讲|打(?:过|了|的|电话|给|来|进)|提|问|挂|跟|查|那个|那位|你|您|没听|听|讲的|不是|忘|报|错)")
_WISH = re.compile(
    r"^(?:(?:以后|之后|后|以前|之前|前)?(?:就|都)?(?:不能|不得|不要|不准|不许|别再|必须|才能|再来|来查|来看|来办|给我"
    r"|都方便|方便|可以打|再打)"
    r"|之内|以内|内)"
)
_EXACT_ENOUGH = ("左右", "前后")
_ASKS_BEGIN = re.compile(r"(?:什么时候|何时|哪天|几号|几月|多久)(?:就)?开始|从(?:什么时候|哪天|几号|几月|何时)")
_TAKEN_BACK = re.compile(r"(?:哦|啊|哎|嗯)*(?:不对|不是(?!我|他|很)|说错|错了|记错)")
_NOW = re.compile(r"现在(?:都|已经)?$")
_NEGATED = re.compile(r"不是(?:在)?$")
_TOLD_SINCE = re.compile(r"(那天|那时候|那会儿)?(?:就(?!开始|起)|一直|没|不|都)")
_AGAIN = re.compile(r"^.{0,8}又")
_OLD_CALL = re.compile(
    r"^.{0,6}(?:打过|打了|打的?电话|投诉(?:过|的|了)|反映(?:过|的|了)|来过电话|报(?:过|的(?!警)|了(?!警|名))|登记(?:过|的|了)|打的(?!车|人)|提交|下的单|受理)"
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
        for time in _one_told(list(_times(view, turn, call_time)))
    ]
    times += [] if quiet else list(_just_now(view, call_time))
    times = [time for time in times if time.score > 0 and not _to_come(time, call_time)]
    if not times and not quiet:
        times = list(_offered(view, call_time))
    if not times:
        return ()
    best = max(times, key=lambda time: (time.score, -time.turn.number, time.span[1] - time.span[0]))
    confidence = 0.95 if best.score >= 2 else 0.8
    evidence = best.turn.evidence(*best.span)
    heard = best.turn.confidence(*best.span)
    if best.turn.from_sound and _cut_short(best):
        heard = min(heard, 0.6)
    rule = "event_time.answer" if best.score >= 2 else "event_time.unasked"
    values = {"event_time_text": best.text, "event_time_precision": best.precision}
    if best.start is not None:
        values["event_time_start"] = best.start.isoformat()
    return tuple(found(name, value, confidence, evidence, rule, heard=heard) for name, value in values.items())


def _question(view: DialogueView, turn: Turn) -> str:
    question = view.question_before(turn)
    return question.text if question is not None else ""


def _to_come(time: _Time, call_time: datetime) -> bool:
    """A time after the call is no event that happened."""
    return time.start is not None and time.start > call_time and time.precision != "持续"


def _one_told(times: list[_Time]) -> list[_Time]:
    """Times of one turn, where a later one only makes an earlier one more exact (四点停的，四点零五分)."""
    told: list[_Time] = []
    for time in times:
        last = told[-1] if told else None
        if last is not None and last.score > 0 and _same_hour(last, time):
            start = last.start.replace(minute=time.start.minute) if last.start and time.start else last.start
            told[-1] = replace(time, start=start, precision="分", score=max(last.score, time.score))
            continue
        told.append(time)
    return told


def _same_hour(earlier: _Time, later: _Time) -> bool:
    """The later one repeats only the hour, with minutes."""
    if earlier.start is None or later.start is None or later.precision != "分" or earlier.start.minute:
        return False
    bare = re.match(rf"{_N}点", later.text) is not None and re.search(r"点", earlier.text) is not None
    return bare and later.start.minute > 0 and (later.start.hour - earlier.start.hour) % 12 == 0


def _just_now(view: DialogueView, call_time: datetime) -> Iterable[_Time]:
    """刚刚, 刚才: at the call; counts where nothing more exact was said."""
    for turn in view.citizen:
        question = view.question_before(turn)
        asked = question is not None and Topic.TIME in question.topics
        for match in _JUST_NOW.finditer(turn.text):
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
    usual = asked and question is not None and _USUALLY.search(question.text) is not None
    ongoing = asked and question is not None and _ASKS_BEGIN.search(question.text) is not None
    for match in _EXPRESSION.finditer(turn.text):
        if not match.group().strip("从自打都的在"):
            continue
        end, since = _extent(turn, match, ongoing=ongoing)
        start, precision = _resolve(match, call_time, since=since)
        if not precision:
            continue
        if precision == "分" and end > match.end():
            precision = "时段"
        if _again_and_again(turn, match, usual=usual, ranges=end > match.end()):
            start, precision = None, "周期性"
        after = turn.text[end : end + 12]
        score = _score(match, precision, asked=asked, after=after)
        background = _BACKGROUND.match(after)
        if background is not None and not _same_matter(question, background.group()):
            score -= 0.8
        score += _around(turn, match, end) if score else 0.0
        if _TAKEN_BACK.match(turn.text, end) or _NEGATED.search(turn.text[: match.start()]):
            score = 0.0
        yield _Time(_clean(turn.text[match.start() : end]), start, precision, turn, (match.start(), end), score)


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
    return end, lasts or ongoing or _goes_on_since(text, end)


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


def _resolve(match: re.Match[str], call_time: datetime, *, since: bool) -> tuple[datetime | None, str]:
    """Start and precision of an expression; an empty precision where it is none."""
    if match.group("periodic"):
        return None, "周期性"
    if match.group("lasting"):
        return _lasting_start(match.group("lasting"), call_time), "持续"
    if match.group("ago") or match.group("duration"):
        return _ago(
            match.group("ago") or match.group("duration"), call_time, lasting=since or bool(match.group("duration"))
        )
    day, precision = _date(match, call_time)
    if match.group("hour"):
        start, precision = _with_clock(match, day, call_time, named=bool(precision))
    elif match.group("part") and (precision or day):
        if not precision:
            return None, ""
        hour = _HOUR_OF_PART.get(match.group("part"), 0)
        start = (day or call_time).replace(hour=hour, minute=0, second=0, microsecond=0)
        precision = "时段"
    else:
        start = day
    if not precision:
        return None, ""
    return start, "持续" if since else precision


def _date(match: re.Match[str], call_time: datetime) -> tuple[datetime | None, str]:
    midnight = call_time.replace(hour=0, minute=0, second=0, microsecond=0)
    if match.group("day"):
        if match.group("day") in ("第二天", "当天"):
            return None, ""
        return midnight + timedelta(days=_DAYS[match.group("day")]), "日"
    if match.group("week"):
        return _weekday(match.group("week"), midnight), "日"
    return _month_day(match, midnight)


def _weekday(text: str, midnight: datetime) -> datetime:
    monday = midnight - timedelta(days=midnight.weekday())
    target = monday + timedelta(days=_WEEKDAYS[text[-1]])
    if text.startswith("上上"):
        return target - timedelta(days=14)
    if text.startswith("上"):
        return target - timedelta(days=7)
    if text.startswith("下"):
        return target + timedelta(days=7)
    return target if target <= midnight else target - timedelta(days=7)


def _month_day(match: re.Match[str], midnight: datetime) -> tuple[datetime | None, str]:
    if match.group("bare_season"):
        return midnight.replace(month=_SEASONS[match.group("bare_season")], day=1), "月"
    year_text, month_text, day_text, holiday = (match.group(name) for name in ("year", "month", "mday", "holiday"))
    if holiday:
        month_day = next((value for name, value in _HOLIDAYS.items() if holiday.startswith(name)), None)
        month_day = month_day or _festival(holiday, _year(year_text, midnight) or midnight.year)
        if month_day is None or holiday.endswith(("后", "前")):
            return None, "日" if holiday.endswith(("后", "前")) else ""
        year = _year(year_text, midnight) or midnight.year - (month_day > (midnight.month, midnight.day))
        return midnight.replace(year=year, month=month_day[0], day=month_day[1]), "日"
    if not (year_text or month_text or day_text):
        return None, ""
    year = _year(year_text, midnight) or midnight.year
    month, shifted_year = _month(month_text, midnight, year, has_year=bool(year_text))
    season = _SEASONS.get(match.group("season") or "")
    if month is None and season:
        return midnight.replace(year=year, month=season, day=1), "月"
    if month is None:
        return (midnight.replace(year=year, month=1, day=1), "年") if not day_text else _bare_day(day_text, midnight)
    if not day_text or not re.search(r"[号日]|初[一二三四五六七八九十]", day_text):
        rough = {"月中": 10, "中旬": 10, "中": 10, "月底": 21, "下旬": 21, "底": 21}.get(day_text or "", 1)
        return midnight.replace(year=shifted_year, month=month, day=rough), "月"
    return _safe_date(midnight, shifted_year, month, cardinal(day_text.strip("号日初")))


def _festival(holiday: str, year: int) -> tuple[int, int] | None:
    """A feast of the lunar year; 过年 alone is a season, not a day."""
    return next((days.get(year) for name, days in _FESTIVALS.items() if holiday.startswith(name)), None)


def _safe_date(midnight: datetime, year: int, month: int, day: int | None) -> tuple[datetime | None, str]:
    try:
        return midnight.replace(year=year, month=month, day=day or 1), "日" if day else "月"
    except ValueError:
        return None, ""


def _bare_day(day_text: str, midnight: datetime) -> tuple[datetime | None, str]:
    """二十号 without a month: the last one that has been."""
    day = cardinal(day_text.strip("号日"))
    if day is None or not 1 <= day <= 31:
        return None, ""
    month, year = (midnight.month, midnight.year) if day <= midnight.day else _back(midnight.month, midnight.year, 1)
    return _safe_date(midnight, year, month, day)


def _year(text: str | None, midnight: datetime) -> int | None:
    if not text:
        return None
    words = {"今年": 0, "去年": -1, "前年": -2, "大前年": -3}
    if text in words:
        return midnight.year + words[text]
    year = cardinal(text[:-1])
    return year if year and 1950 <= year <= midnight.year + 1 else midnight.year


def _month(text: str | None, midnight: datetime, year: int, *, has_year: bool) -> tuple[int | None, int]:
    if not text:
        return None, year
    if text[0] in "上这本下当":
        back = 2 if text.startswith("上上") else 1 if text.startswith("上") else -1 if text.startswith("下") else 0
        return _back(midnight.month, midnight.year, back)
    month = cardinal(re.sub(r"月份?", "", text))
    if month is None or not 1 <= month <= 12:
        return None, year
    return month, year if has_year or month <= midnight.month else year - 1


def _back(month: int, year: int, months: int) -> tuple[int, int]:
    total = year * 12 + month - 1 - months
    return total % 12 + 1, total // 12


def _with_clock(
    match: re.Match[str], day: datetime | None, call_time: datetime, *, named: bool
) -> tuple[datetime | None, str]:
    hour, vague = _hour(match.group("hour"))
    if hour is None or hour > 24:
        return None, ""
    minute = _minute(match.group("minute"))
    part = match.group("part") or ""
    base = day or call_time.replace(hour=0, minute=0, second=0, microsecond=0)
    shift = 0
    if part in _LATE and hour == 12:
        hour, shift = 0, 1
    elif part in _LATE and part not in ("下午", "傍晚") and hour <= 5:
        shift = 1
    elif (part in _LATE or (part == "中午" and hour < 6)) and hour < 12:
        hour += 12
    start = base.replace(hour=0) + timedelta(days=shift, hours=hour, minutes=minute)
    if not part and not named and hour < 12 and start + timedelta(hours=12) <= call_time:
        start += timedelta(hours=12)
    if day is None and start > call_time:
        start -= timedelta(days=1)
    return start, "时段" if vague or match.group("about") not in (None, *_EXACT_ENOUGH) else "分"


def _hour(text: str) -> tuple[int | None, bool]:
    """Hour, and whether two were named (七八点)."""
    if len(text) == 2 and "十" not in text and not text.isascii() and "零" not in text:
        return cardinal(text[0]), True
    if len(text) == 3 and text[0] == "十":
        return cardinal(text[:2]), True
    return cardinal(text), False


def _minute(text: str | None) -> int:
    if not text:
        return 0
    if text == "半":
        return 30
    if text.endswith("刻"):
        return 15 if text[0] == "一" else 45
    value = cardinal(text.strip("分").lstrip("零") or "零")
    return value if value is not None and value < 60 else 0


_UNIT_DAYS = {"天": 1, "星期": 7, "礼拜": 7, "周": 7}


def _ago(text: str, call_time: datetime, *, lasting: bool) -> tuple[datetime | None, str]:
    match = re.search(
        r"([零一二两三四五六七八九十0-9]+|半|几|好几)个?(来|多)?(半)?个?(?:多)?(分钟|钟头|小时|天"
        r"|星期|礼拜|周|月|年)",
        text,
    )
    if match is None:
        return None, ""
    number, unit = match.group(1), match.group(4)
    about = len(number) > 1 and "十" not in number and not number.isascii()
    count = 0.5 if number == "半" else cardinal(number[0] if about else number)
    precision = (
        "持续" if lasting else {"分钟": "分", "小时": "时段", "钟头": "时段", "月": "月", "年": "年"}.get(unit, "日")
    )
    if count is None:
        return None, precision
    count += 0.5 if match.group(3) else 0.0
    midnight = call_time.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit in ("分钟", "小时", "钟头"):
        return call_time - timedelta(minutes=count * (1 if unit == "分钟" else 60)), precision
    if unit in _UNIT_DAYS:
        return midnight - timedelta(days=int(count * _UNIT_DAYS[unit])), precision
    months = count * (12 if unit == "年" else 1)
    if months < 1:
        return midnight - timedelta(days=15), precision
    month, year = _back(midnight.month, midnight.year, int(months))
    return midnight.replace(year=year, month=month, day=min(midnight.day, 28)), precision


def _lasting_start(text: str, call_time: datetime) -> datetime | None:
    match = re.search(r"(半个月|一个月|[两三四五六七八九十一]+(?:天|个月|个星期|年|周))", text)
    if match is None or "两天" in text:
        return None
    return _ago(match.group(1), call_time, lasting=True)[0]
