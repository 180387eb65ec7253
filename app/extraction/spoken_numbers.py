"""Spoken Chinese numbers: digit strings (幺三八零零), repeats (两个八), cardinals (一百二十) and their written form.

Only spans that a field rule has found are converted; whole sentences never are (一下, 万一, 三心二意 must stay). Text
is that of a ``Turn``: no punctuation, Latin upper case. Digits already written (Whisper writes them) are read as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.spoken_digits import SPOKEN, as_digits

DIGITS = {each: as_digits(each) for each in f"{SPOKEN}0123456789"}
# Characters that recognition writes for a digit inside a number; used only between sure digits. Words that callers put between
# groups (是 要 就 我 吧) are left out though they sound like one.
HOMOPHONES = {
    "0": "灵铃令领另凌龄林玲岭",
    "1": "腰妖邀摇药遥吆夭约依衣医伊壹亿",
    "2": "贰儿耳尔",
    "3": "叁散山伞删",
    "4": "肆思死斯寺似",
    "5": "伍午武物舞误吴屋",
    "6": "陆流刘留溜柳",
    "7": "柒期其起气齐奇器妻骑欺棋",
    "8": "捌爸巴罢拔",
    "9": "玖久酒旧救究",
}
_HOMOPHONE = {character: digit for digit, characters in HOMOPHONES.items() for character in characters}

_UNITS = {"十": 10, "百": 100, "千": 1000}
_BIG = {"万": 10_000, "亿": 100_000_000}
CARDINAL = r"(?:[0-9]+|[零〇一二两三四五六七八九十百千万亿幺]+)"
DIGIT_CLASS = "[" + "".join(DIGITS) + "]"
_STARTS = re.compile("[双" + "".join(DIGITS) + "]")
_REPEAT = re.compile(r"(双|[两二三四五六七八九1-9一]个)([零〇洞幺一二两三四五六七拐八九勾0-9])")
_COUNT_OF = {
    "双": 2,
    "一个": 1,
    "两个": 2,
    "二个": 2,
    "三个": 3,
    "四个": 4,
    "五个": 5,
    "六个": 6,
    "七个": 7,
    "八个": 8,
    "九个": 9,
}


@dataclass(frozen=True, slots=True)
class DigitRun:
    """Neighbouring digits: their string and span; ``sure`` is False where a homophone was read as a digit."""

    digits: str
    start: int
    end: int
    sure: bool = True


def digit_runs(text: str, *, homophones: bool = False, letters: str = "") -> Iterator[DigitRun]:
    """Runs of spoken digits, repeats expanded.

    Args:
        text: a turn's text.
        homophones: also read characters that sound like a digit, where a sure digit stands on both sides or two on
        one side. letters: Latin letters that count as members of a run (the X of an identity number; a plate's).
    """
    starts = _STARTS if not letters else re.compile(f"[{letters}叉双{''.join(DIGITS)}]")
    begin = starts.search(text)
    while begin is not None:
        run = _run_at(text, begin.start(), homophones, letters)
        if run is not None:
            yield run
        begin = starts.search(text, run.end if run is not None else begin.start() + 1)


def _run_at(text: str, start: int, homophones: bool, letters: str) -> DigitRun | None:
    digits: list[str] = []
    position, sure = start, True
    while position < len(text):
        piece = _piece(text, position, letters)
        if piece is not None:
            digits.append(piece[0])
            position = piece[1]
            continue
        if homophones and text[position] in _HOMOPHONE and _digits_around(text, position):
            digits.append(_HOMOPHONE[text[position]])
            position += 1
            sure = False
            continue
        break
    return DigitRun("".join(digits), start, position, sure) if digits else None


def _piece(text: str, position: int, letters: str) -> tuple[str, int] | None:
    repeat = _REPEAT.match(text, position)
    if repeat is not None and not _is_measured(text, repeat.end()):
        count = _COUNT_OF.get(repeat.group(1)) or int(repeat.group(1)[0])
        return DIGITS[repeat.group(2)] * count, repeat.end()
    character = text[position]
    if character in DIGITS:
        return DIGITS[character], position + 1
    if character == "叉" and "X" in letters:
        return "X", position + 1
    return (character, position + 1) if character in letters else None


def _is_measured(text: str, end: int) -> bool:
    """两个八十 or 三个一百: a cardinal follows, not a digit."""
    return end < len(text) and text[end] in "十百千万"


def _digits_around(text: str, position: int) -> bool:
    before = [c in DIGITS or c in _HOMOPHONE for c in text[max(0, position - 2) : position]]
    after = [c in DIGITS or c in _HOMOPHONE for c in text[position + 1 : position + 3]]
    near = [
        text[position - 1] in DIGITS if position else False,
        text[position + 1 : position + 2] in DIGITS and position + 1 < len(text),
    ]
    return any(near) and (sum(before) + sum(after) >= 2)


def cardinal(text: str) -> int | None:
    """Value of a spoken or written whole number (一百二十, 两千三, 一万九千八, 120, 幺二零); None where it is none."""
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    if all(c in DIGITS for c in text):
        return int("".join(DIGITS[c] for c in text)) if len(text) < 16 else None
    return _positional(text)


def _positional(text: str) -> int | None:
    total = section = number = 0
    last_unit, zero = 1, False
    for character in text:
        if character in ("零", "〇"):
            zero = True
        elif character in DIGITS:
            number = number * 10 + int(DIGITS[character]) if character.isascii() else int(DIGITS[character])
        elif character in _UNITS:
            last_unit, zero = _UNITS[character], False
            section += (number or 1) * last_unit
            number = 0
        elif character in _BIG:
            last_unit, zero = _BIG[character], False
            total = (total + section + number or 1) * last_unit
            section = number = 0
        else:
            return None
    if number and last_unit >= 100 and not zero:
        number *= last_unit // 10
    return total + section + number


def written(text: str) -> str:
    """Written form of a number span: digit strings digit by digit (零七三 -> 073), cardinals by value; else unchanged."""
    if text and all(c in DIGITS for c in text):
        return "".join(DIGITS[c] for c in text)
    value = cardinal(text)
    return text if value is None else str(value)


def decimal(text: str) -> float | None:
    """Value of a number with 点 (三点五, 一万二点五) or without."""
    whole, point, fraction = text.partition("点")
    value = cardinal(whole)
    if value is None or not point:
        return None if value is None else float(value)
    digits = "".join(DIGITS.get(c, "") for c in fraction)
    return float(f"{value}.{digits}") if digits and len(digits) == len(fraction) else None
