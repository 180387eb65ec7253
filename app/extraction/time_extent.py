"""Where a spoken time ends (…到第二天早上, …那天起) and whether it tells since when something lasts.

从昨天晚上停到现在 and 上个星期三开始 tell a beginning; 前天被刮了一下 tells a moment, also where the operator asked since when.
"""

from __future__ import annotations

import re

from app.extraction.dialogue_view import Turn
from app.extraction.time_expressions import NUMBER, PART

_END_POINT = re.compile(
    rf"(?:一直)?(?:到|至)(?:现在|今天|目前|如今|(?:第二天|次日|隔天)?(?:的)?(?:{PART})?(?:{NUMBER}点(?:半"
    rf"|{NUMBER}分?)?(?:多|左右|钟)?)?)"
)
_END_DAY = re.compile(rf"(?:一直)?(?:到|至)(?:{NUMBER}月(?:份)?)?(?:{NUMBER}几?|[二三]?十几)[号日]")
_STILL = re.compile(r"(?:一直)?(?:到|至)(?:现在|目前|如今)")
_BEGIN = re.compile(r"(?:[一-鿿]{0,8}?)(?:那天|那时候|当天)?(?:就)?(?:开始|起|以来)")
DIRECT_BEGIN = re.compile(r"(?:就|才)?(?:开始|起(?!来|火|诉|码)|以来)")
_TOLD_SINCE = re.compile(r"(那天|那时候|那会儿)?(?:就(?!开始|起)|一直|没|不|都)")
_UNTIL_NOW = re.compile(r"(?:就)?(?:一直)?[一-鿿]{1,2}到(?:现在|今天|目前)")
_AFTERWARDS = re.compile(r"之后|以后|过后")
_HAPPENED = re.compile(r"(?:就|才)?(?:被|给).{0,8}了|(?:就|才)?[撞砸刮摔碰掉断塌]")


def extent(turn: Turn, match: re.Match[str], *, ongoing: bool) -> tuple[int, bool]:
    """Where the expression ends with its 到…, 那天, 开始, and whether it tells since when something lasts."""
    text, end = turn.text, match.end()
    last_day = _END_DAY.match(text, end) if match.group("since") and match.group("mday") else None
    if last_day is not None:
        return last_day.end(), True
    tail = _END_POINT.match(text, end)
    if tail is not None and end in turn.breaks and _STILL.match(text, end):
        tail = None  # 这个月三号，到现在已经交了两万三: said of something else
    if tail is not None and len(tail.group()) > 1 and _has_more(tail.group()):
        end = tail.end()
    lasts = end > match.end() and re.search(r"现在|目前|如今", text[match.end() : end]) is not None
    if is_clock(match) and not lasts:
        return end, False
    if match.group("since") and (later := _AFTERWARDS.match(text, end) or _AFTERWARDS.match(text, end - 2)):
        return max(end, later.end()), True
    if match.group("since") and (told := _TOLD_SINCE.match(text, end)) is not None:
        return end + len(told.group(1) or ""), True
    begin = (_BEGIN if match.group("since") else DIRECT_BEGIN).match(text, end)
    if begin is not None:
        paused = any(place in turn.breaks for place in range(end + 1, begin.end()))
        return end if paused else begin.end(), True
    happened = _HAPPENED.match(text, end) is not None
    return end, lasts or _stopped_until_now(match, text, end) or (ongoing and not happened) or _goes_on_since(text, end)


def _stopped_until_now(match: re.Match[str], text: str, end: int) -> bool:
    """从昨天晚上停到现在: since then."""
    return match.group("since") is not None and _UNTIL_NOW.match(text, end) is not None


def is_clock(match: re.Match[str]) -> bool:
    """An hour without 从: a moment, also where 开始 follows."""
    return match.group("hour") is not None and match.group("since") is None


def _goes_on_since(text: str, end: int) -> bool:
    """A later clause of the turn counts from this time (前年三月一号…从入职那天起就没买过)."""
    if re.search(r"从[一-鿿]{0,8}?(?:那天|那时|那时候|以后|之后|当天)(?:起|开始)?(?:就|一直)", text[:end]):
        return True
    later = re.search(r"从[一-鿿]{0,8}?(?:那天|那时|那时候|以后|之后|当天)?(?:起|开始)就", text[end:])
    return later is not None


def _has_more(tail: str) -> bool:
    return re.search(r"现在|今天|目前|如今|第二天|次日|隔天|点|早|晚|午|夜|凌晨", tail) is not None
