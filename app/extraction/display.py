"""An utterance for people: punctuation where there is none, and written numbers in detected spans.

Only spans with a clear shape are converted (phones and other long digit strings, address numbers, money, clock
times); words beside them stay as said, since converting whole sentences does harm (一下, 万一). A text that has
punctuation keeps it.
"""

from __future__ import annotations

import re

from app.domain.dialogue import Utterance
from app.extraction.spoken_numbers import CARDINAL, DIGITS, cardinal, written

_GROUP = r"[零〇洞幺一二两三四五六七拐八九勾0-9]"
_LONG = re.compile(
    rf"{_GROUP}{{2,}}(?:[，,、 ]{_GROUP}{{2,}})+|{_GROUP}{{5,}}"
    rf"|(?=[零〇一二三四五六七八九]*幺){_GROUP}{{3,}}"
)
_HOUSE = re.compile(rf"({CARDINAL})(号楼|号|栋|幢|座|单元|房|室)(?!线)")
_MONEY = re.compile(rf"({CARDINAL})(块钱|块|元)")
_CLOCK = re.compile(rf"(凌晨|早上|上午|中午|下午|傍晚|晚上|今晚|昨晚)({CARDINAL})点(半|{CARDINAL}分?)?(多|钟|左右)?")
_DATE = re.compile(r"([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})([号日])")
_QUESTION = re.compile(
    r"(?:吗|呢|么|什么|哪里|哪儿|多少|几号|几点|怎么办|贵姓|怎么称呼|谁|吧|对不对|是不是"
    r"|行不行|可不可以|能不能)[啊呀哪]?$"
)
_PUNCTUATION = re.compile(r"[，。？！；：、,.?!;:]")
_PAUSE_MS = 350
_MIN_COMMA = 4


def display(utterance: Utterance) -> str:
    """Text for people; never raises, keeps everything that was said."""
    text = utterance.text
    if not text.strip():
        return text
    if not _PUNCTUATION.search(text):
        text = _punctuated(utterance)
    return numbers_written(text)


def numbers_written(text: str) -> str:
    """Written numbers in the spans that have a clear shape."""
    text = _LONG.sub(_digits, text)
    text = _DATE.sub(lambda m: f"{written(m.group(1))}月{written(m.group(2))}{m.group(3)}", text)
    text = _HOUSE.sub(_house, text)
    text = _MONEY.sub(_value, text)
    return _CLOCK.sub(_clock, text)


def _digits(match: re.Match[str]) -> str:
    text = match.group()
    joined = "".join(DIGITS[c] for c in text if c in DIGITS)
    if re.search(r"[，,、 ]", text) and len(joined) < 7:
        return text if not re.search("[幺零]", text) else "".join(DIGITS.get(c, c) for c in text)
    return joined


def _house(match: re.Match[str]) -> str:
    number = match.group(1)
    if len(number) == 1 and match.group(2) == "号" and number in "一二三":
        return match.group()
    return written(number) + match.group(2)


def _value(match: re.Match[str]) -> str:
    value = cardinal(match.group(1))
    if value is None or (value < 10 and match.group(2) == "块"):
        return match.group()
    return f"{value}{match.group(2)}"


def _clock(match: re.Match[str]) -> str:
    part, hour, minute, tail = match.groups()
    value = cardinal(hour)
    if value is None or value > 24 or (len(hour) == 2 and "十" not in hour and not hour.isascii()):
        return match.group()
    rest = minute or ""
    if rest and rest != "半":
        rest = f"{written(rest.rstrip('分'))}分"
    return f"{part}{value}点{rest}{tail or ''}"


def _punctuated(utterance: Utterance) -> str:
    """Commas at pauses between tokens, a full stop or question mark at the end."""
    text = utterance.text
    commas: set[int] = set()
    last = None
    since = 0
    for token in utterance.tokens:
        if (
            last is not None
            and token.start_ms - last >= _PAUSE_MS
            and token.start - since >= _MIN_COMMA
            and 0 < token.start < len(text)
        ):
            commas.add(token.start)
            since = token.start
        last = token.end_ms
    joined = "".join(("，" if place in commas else "") + character for place, character in enumerate(text))
    if len(text) < 2:
        return joined
    return joined + ("？" if _QUESTION.search(text) else "。")
