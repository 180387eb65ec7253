"""An utterance for people: punctuation where there is none, and written numbers in detected spans.

Only spans with a clear shape are converted (phones and other long digit strings, address numbers, money, clock
times); words beside them stay as said, since converting whole sentences does harm (一下, 万一). A text that has
punctuation keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

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
_GREETING = re.compile("^(?:[您你]好|喂|好的?|对|是的|对的|嗯|哦|没错|不是|谢谢)(?=[^的吗呢吧了啊呀不好您你对嗯]..)")
_CLAUSE_OVER = re.compile("(?<=[吗呢吧啊呀])(?=[一-鿿]{2})")
_CLAUSE_OPENS = re.compile(
    "请问|但是|不过|然后|而且|另外|所以|因为|如果|要是|麻烦[您你]|希望|能不能|可不可以|是不是|有没有|我想|您(?!好)|[你我他]们|那[我您个]|现在|结果|谢谢|还有|我"
)
_IN_NUMBER = re.compile(f"{_GROUP}{_GROUP}")
_PAUSE_MS = 200
_SHORT_PAUSE_MS = 120
"""Of sound, not from syllable to syllable: shorter ones are closures within words."""
_LEAST_CLAUSE = 3


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
    """Commas where the speaker paused or a clause is plainly over, a full stop or question mark at the end."""
    text = utterance.text
    commas = set(_commas(utterance))
    joined = "".join(("，" if place in commas else "") + character for place, character in enumerate(text))
    if len(text) < 2:
        return joined
    return joined + ("？" if _QUESTION.search(text) else "。")


def _commas(utterance: Utterance) -> Iterator[int]:
    """Places in the text before which a comma stands; never within a number, never before the last character."""
    text = utterance.text
    over = {m.end() for m in _GREETING.finditer(text)} | {m.start() for m in _CLAUSE_OVER.finditer(text)}
    opens = {m.start() for m in _CLAUSE_OPENS.finditer(text)}
    pauses = {token.start: token.start_ms - before.end_ms for before, token in pairwise(utterance.tokens)}
    since = 0
    for place in range(1, len(text) - 1):
        if _IN_NUMBER.match(text, place - 1):
            continue
        pause_ms = pauses.get(place, 0)
        heard = pause_ms >= (_SHORT_PAUSE_MS if place in opens else _PAUSE_MS)
        if place in over or (heard and place - since >= _LEAST_CLAUSE):
            since = place
            yield place
