"""Times of one turn that tell one moment in parts or more and more exactly: 前天下午放学的时候，四点五十; 四点停的，四点零五分."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from app.extraction.time_expressions import EXPRESSION, NUMBER, PART, resolve
from app.extraction.told_times import ToldTime

_MOMENTS = frozenset(("日", "时段", "分"))
_EXACTNESS = {"日": 0, "时段": 1, "分": 2}
_NEAR_BY = 16
_DAY_NAMED = 0.5
_THIRD = re.compile(r"[上中下]旬$")


def one_told(times: list[ToldTime], call_time: datetime) -> list[ToldTime]:
    """Times of one turn, those that tell one moment in parts or more and more exactly taken together."""
    told: list[ToldTime] = []
    for time in times:
        last = told[-1] if told else None
        joined = _joined(last, time, call_time) if last is not None else None
        if joined is not None:
            told[-1] = joined
        else:
            told.append(time)
    return told


def _joined(last: ToldTime, time: ToldTime, call_time: datetime) -> ToldTime | None:
    """Both as one, or None where they are two times.

    四点停的，四点零五分: the minutes; 前天下午放学的时候，四点五十: the hour of that day, also after a slip of the tongue
    (昨天早上九点，不对，十点); 这个星期一，十六号上午: the same day told again, more exactly.
    """
    third = _THIRD.search(last.text)
    if third is not None and last.score > 0 and time.precision == "日" and time.span[0] - last.span[1] <= 1:
        match = EXPRESSION.match(last.text[: third.start()] + time.text)
        start, precision = resolve(match, call_time, since=False) if match is not None else (None, "")
        if start is not None and precision == "日":
            return replace(time, text=last.text + time.text, start=start, score=max(last.score, time.score), dated=True)
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


def _same_hour(earlier: ToldTime, later: ToldTime) -> bool:
    """The later one repeats only the hour, with minutes."""
    if earlier.start is None or later.start is None or later.precision != "分" or earlier.start.minute:
        return False
    bare = re.match(rf"{NUMBER}点", later.text) is not None and re.search(r"点", earlier.text) is not None
    return bare and later.start.minute > 0 and (later.start.hour - earlier.start.hour) % 12 == 0
