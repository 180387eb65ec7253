"""Digits as people say them (幺三八, 洞拐), and where in a text a run of them stands. For masking; pure.

Extraction has finer rules that know what a number is; here a run counts whatever it is, because a digit too many that is
hidden harms nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

#: Characters that are a digit when said one by one.
SPOKEN = "零〇洞幺一二两三四五六七拐八九勾"
_DIGIT = f"[0-9０-９{SPOKEN}]"
_BETWEEN = r"(?:[\s,，、。.．:：;；/·\-—–_]|[啊嗯呃哦额是的那个然后再]){0,4}"
_REPEATED = f"(?:双|[两二三四五六七八九]个)(?={_DIGIT})"
_PIECE = f"(?:{_REPEATED})?{_DIGIT}"
_VALUE = dict(zip(SPOKEN, "0001122345677899", strict=True))
_COUNT = {"双": 2, "两": 2, **{each: value for value, each in enumerate("三四五六七八九", 3)}}
_CARDINAL = "十百千万亿"


def digit_runs(text: str, least: int) -> Iterator[tuple[int, int]]:
    """Half-open spans of at least so many digits, said or written, with what people put between them."""
    for found in re.finditer(f"{_PIECE}(?:{_BETWEEN}{_PIECE}){{{max(0, least - 1)},}}[Xx叉]?", text):
        yield found.span()


def is_cardinal(text: str) -> bool:
    """Whether a stretch is a counted number (八十八, 三千) and not digits one by one."""
    return any(each in _CARDINAL for each in text)


def value_of(character: str) -> str | None:
    """The digit that a character says or is, None where it is none."""
    if character in _VALUE:
        return _VALUE[character]
    return str(int(character)) if character.isdecimal() else None


def as_digits(text: str) -> str:
    """All digits of a text in order, as they are dialled: 两个八 gives 88."""
    out, count = "", 1
    for place, each in enumerate(text):
        following = text[place + 1: place + 3]
        if each in _COUNT and (each == "双" or following[:1] == "个") and value_of(following[-1:] or " ") is not None:
            count = _COUNT[each]
        elif (digit := value_of(each)) is not None:
            out, count = out + digit * count, 1
    return out
