"""Expressions of time and what they mean: 上个星期三下午三点多, 每天晚上, 这半个月, 去年年底 -> start and precision.

One pattern reads an expression with its parts by name; ``resolve`` computes what they say relative to the call. Which
expression of a call is the time of the event is decided in ``event_time``. Pure.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from app.extraction.spoken_numbers import cardinal

NUMBER = r"[零〇一二两三四五六七八九十0-9]{1,3}"
PART = r"凌晨|清晨|大清早|一大早|早上|早晨|早间|上午|中午|下午|傍晚|晚上|夜晚|夜里|半夜|深夜|晚间|白天|早"
_DAY = r"大前天|前天|前日|昨天|昨日|今天|今日|当天|明天|后天|第二天|昨(?=晚|夜|早|儿)|今(?=晚|早|儿)|前(?=晚)"
_NOT_DAY = "路街巷道里弄村园第栋幢座楼厅牌庭院厦场城区线大零〇一二两三四五六七八九十百0-9月的份址铺店房"
_NO_DAY = "线楼院门铺房店车公馆码桌床机店位小大之"
_WEEKDAY = r"(?:上上|上|这|本|下)?个?(?:星期|礼拜|周)[一二三四五六日天末1-7]"
_MONTH_REF = r"(?:上上|上|这|本|下|当)个?月(?:份)?"
_MONTH = rf"(?:{_MONTH_REF}|{NUMBER}月(?:份)?)"
_MONTH_DAY = rf"(?:{NUMBER}[号日](?!线|楼|院|门|铺|房|店|车|公馆|码)|初{NUMBER}|月初|月中|月底|初|中旬|下旬|上旬|底)"
_PLAIN_DAY = (
    r"(?:[二三]?十[一二三四五六七八九]?|[1-3][0-9])(?![0-9个天块元多几岁年月点次人千百万度平层楼栋号日期台件份])"
)
_YEAR = r"(?:今年|去年|大前年|前年|大后年|后年|明年|[二一12][零九0-9〇][零一二三四五六七八九0-9〇]{2}年(?![度级款版届]))"
_HOLIDAY = (
    r"(?:元旦|春节|过年|除夕|大年(?:三十|初[一二三四五六七八九十])|清明|五一|端午|中秋|国庆|十一(?=节|假期|那天|当天|期间|黄金|长假))(?:节|假期)?(?:那天"
    r"|当天|期间|过后|之后|以后|后|之前|以前|前(?![天晚年些]))?"
)
_CLOCK = (
    rf"(?P<hour>(?<![有慢快大小早晚多少差高低轻这那补了])一(?!点都|点也|点儿|点点)"
    rf"|(?!一点){NUMBER})点(?!\d)(?P<minute>半|[一三]刻|(?!一(?:直|共|下|次|起|个|天))零?{NUMBER}(?![点个])(?:分)?)?(?:钟"
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
_PERIODIC = (
    r"(?:每天|每日|天天|每晚|每周(?![一二三四五六日末])|每逢?个?(?=星期|礼拜|周)"
    r"|每个?(?:星期|礼拜)(?![一二三四五六日天])|每个?月|每逢|每到|每年|工作日|周末|平时|一到|隔三差五|隔天)"
)
_POINT = (
    rf"(?:(?P<year>{_YEAR})的?(?P<season>年底|年初|年中|上半年|下半年|春天|夏天|秋天|冬天|暑假"
    rf"|寒假)?|(?P<bare_season>年初|年底|上半年|下半年|暑假|寒假))?(?:(?P<holiday>{_HOLIDAY})|(?P<month>{_MONTH})?(?:的)?(?P<mday>(?<=月){_MONTH_DAY}"
    rf"|(?<=月的){_MONTH_DAY}|(?<=[一二三四五六七八九十0-9]月){_PLAIN_DAY}"
    rf"|(?<=份){_MONTH_DAY}|(?<![一-鿿]){NUMBER}号(?!线|楼|院|门|铺|房|店|车)"
    rf"|(?<![{_NOT_DAY}]){NUMBER}号(?![{_NO_DAY}])|(?<=(?:期|拜|周)[一二三四五六日天])[一二三]?十[一二三四五六七八九]?号)?)"
    rf"(?:那天|当天)?(?P<week>{_WEEKDAY})?的?(?P<day>{_DAY})?儿?的?(?P<part>{PART}|晚|夜)?(?:的)?(?:大概"
    rf"|大约|差不多|应该是|也就)?(?:{_CLOCK})?"
)
EXPRESSION = re.compile(
    rf"(?P<since>从|自从|自|打从|打)?(?P<periodic>{_PERIODIC})?(?:都|的|在)?(?:(?P<ago>{_AGO})"
    rf"|(?P<lasting>{_LASTING})|(?P<duration>{_DURATION})|{_POINT})"
)
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
_EXACT_ENOUGH = ("左右", "前后")  # 七点四十左右 tells the minute, 两点左右 only the hour


def resolve(match: re.Match[str], call_time: datetime, *, since: bool) -> tuple[datetime | None, str]:
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
    if start is None and precision == "日" and since:
        return None, "持续"
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
    if not day_text or not re.search(r"[号日]|初?[一二三四五六七八九十]|[0-9]", day_text):
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
    words = {"明年": 1, "后年": 2, "大后年": 3, "今年": 0, "去年": -1, "前年": -2, "大前年": -3}
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
    exact = match.group("about") is None or (match.group("about") in _EXACT_ENOUGH and minute > 0)
    return start, "分" if exact and not vague else "时段"


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
