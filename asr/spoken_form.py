"""Written recognition results back to what was said: no punctuation, numbers as words.

An engine with its own text normalisation (Whisper) writes 13800605217 and 120号; the rest of the program expects every engine's
``text`` in spoken form. What a written number sounded like is known only by kind, so the kinds are told apart by length and
by what follows: phone numbers digit by digit with 幺, codes and years digit by digit, amounts as cardinals.
"""

from __future__ import annotations

import re
import unicodedata

_DIGITS = "零一二三四五六七八九"
_UNITS = ("", "十", "百", "千")
_TELEPHONE_DIGITS = 7
_CODE_DIGITS = 4
_ROOM = "室房单幢栋座"
_COUNTED_BY_TWO = "个点天次年块位辆家层楼米份张条只间户位名口斤公平百千万亿"
_NUMBER = re.compile(r"\d+(?:,\d{3})+(?!\d)|\d+")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*[%％]")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})[:：](\d{2})(?!\d)")
_DECIMAL = re.compile(r"(\d+)\.(\d+)")
_GROUPED = re.compile(r"(?<!\d)(\d{3})[-\s](\d{4})[-\s]?(\d{4})(?!\d)|(?<!\d)(0\d{2,3})-(\d{7,8})(?!\d)")
_PAUSES = str.maketrans("，、；", "。。。")
_AMOUNT = "元块个人米平户倍斤吨次天"


def spoken(text: str) -> str:
    """Spoken form of a written sentence: Chinese characters, and letters in upper case."""
    text = unicodedata.normalize("NFKC", text.translate(_PAUSES))
    text = _GROUPED.sub(lambda m: "".join(group or "" for group in m.groups()), text)
    text = _PERCENT.sub(lambda m: "百分之" + _with_decimals(m.group(1)), text)
    text = _CLOCK.sub(lambda m: _clock(int(m.group(1)), int(m.group(2))), text)
    text = _DECIMAL.sub(lambda m: cardinal(int(m.group(1))) + "点" + by_digit(m.group(2)), text)
    text = _NUMBER.sub(_number, text)
    return "".join(c for c in text.upper() if unicodedata.category(c)[0] == "L")


def cardinal(value: int) -> str:
    """一百二十, 十二, 两千零五: a number below 10**12 as it is counted; larger ones digit by digit."""
    if value >= 10**12:
        return by_digit(str(value))
    if value == 0:
        return _DIGITS[0]
    result = ""
    for power, name in ((8, "亿"), (4, "万"), (0, "")):
        group = value // 10**power % 10**4
        if not group:
            continue
        gap = bool(result) and group < 10**3
        result += ("零" if gap else "") + _below_ten_thousand(group, first=not result) + name
    return result


def by_digit(digits: str, one: str = "一") -> str:
    """Digit by digit; ``one`` is what 1 is called (幺 on the phone)."""
    return "".join(one if d == "1" else _DIGITS[int(d)] for d in digits)


def _below_ten_thousand(value: int, *, first: bool) -> str:
    result, gap = "", False
    for power in (3, 2, 1, 0):
        digit = value // 10**power % 10
        if digit == 0:
            gap = bool(result)
            continue
        name = "两" if digit == 2 and power == 3 else _DIGITS[digit]
        if digit == 1 and power == 1 and first and not result:
            name = ""
        result += ("零" if gap else "") + name + _UNITS[power]
        gap = False
    return result


def _number(match: re.Match[str]) -> str:
    digits = match.group().replace(",", "")
    follows = match.string[match.end():match.end() + 1]
    if len(digits) >= _TELEPHONE_DIGITS and "," not in match.group():
        return by_digit(digits, "幺")
    if "," in match.group() or (follows and follows in _AMOUNT and digits != "2" and not digits.startswith("0")):
        return cardinal(int(digits))
    if len(digits) >= _CODE_DIGITS or digits.startswith("0"):
        return by_digit(digits)
    if len(digits) == 3 and digits[1:] != "00" and (not follows.isalpha() or follows in _ROOM):
        return by_digit(digits)
    if digits == "2" and follows and follows in _COUNTED_BY_TWO:
        return "两"
    return cardinal(int(digits))


def _with_decimals(number: str) -> str:
    whole, _, rest = number.partition(".")
    return cardinal(int(whole)) + (f"点{by_digit(rest)}" if rest else "")


def _clock(hour: int, minute: int) -> str:
    told = "两" if hour == 2 else cardinal(hour)
    if minute == 0:
        return told + "点"
    return told + "点" + ("零" if minute < 10 else "") + cardinal(minute)
