"""Calls with other people in them: names, phones, ids, plates and house numbers replaced by invented ones, alike wherever they occur.

For calls that leave the desk to be replayed elsewhere: a mask (＊) would leave nothing to recognise. Every replacement is drawn from a
secret key and the value, so one person is the same invented one throughout an export; the key is forgotten afterwards and nobody can
turn it back. What the ticket knows is replaced wherever it was said, digits in pieces too. What it does not know and what looks personal
(``app.domain.masking``) is hidden by ＊. District, street, road and the names of places and offices stay, as in every mask. Pure.
"""

from __future__ import annotations

import hashlib
import hmac
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.masking import KINDS, MASK, Kind, Known, known_of, mask_text, may_stay
from app.domain.spoken_digits import SPOKEN, as_digits, digit_runs, value_of
from app.domain.ticket import Value

#: Never handed on: who took the call, where it is kept, what came with it.
WITHHELD = frozenset({"call_id", "caller_number", "agent_id", "attachments", "addr_parts", "model_version", "contact_record", "handling",
                      "public_answer", "return_reason"})
_GIVEN = "明华强伟芳敏静丽洋勇艳杰娟涛超霞平刚玲桂英文辉力建国志永健世广义兴良海山仁波宁贵福生龙元全胜学祥才发武新利清飞彬富顺信子"
_SAID = "零幺二三四五六七八九"
_TITLES = "先生|女士|小姐|太太|阿姨|大爷|大妈|师傅|老师|同志|叔叔|婆婆|伯伯|生|姐|哥|总|工"
_HOUSE = re.compile(f"([0-9]+|[{SPOKEN}十百千]+)(?=号(?!线)|栋|座(?!椅)|单元|室|房|弄|幢|楼|号楼)")
_APART = re.compile("[^一-龥A-Za-z]+")
#: What is written beside a name and names nobody.
_NOBODY = frozenset({
    "本人", "业主", "房东", "租客", "租户", "住户", "家属", "家人", "父亲", "母亲", "儿子", "女儿",
    "丈夫", "妻子", "老公", "老婆", "邻居", "朋友", "同事", "员工", "老板", "经理", "律师", "代理人",
    "负责人", "联系人", "代反映", "匿名", "保密"})
_HIDDEN_FROM = 0xE000
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


@dataclass(frozen=True, slots=True)
class Language:
    """What is taken from elsewhere: surnames to draw from, how characters are spelled (陈: 耳东), numbers heard and said."""

    surnames: str
    spelled: Mapping[str, Sequence[str]]
    heard: Callable[[str], int | None]
    said: Callable[[int], str]


class Pseudonyms:
    """One export's replacements.

    Args:
        key: secret, at least 16 bytes, forgotten after the export.
        language: see ``Language``.
    """

    def __init__(self, key: bytes, language: Language) -> None:
        self._key, self._language = key, language

    def ticket(self, values: Mapping[str, Value | None], known: Known) -> dict[str, Value | None]:
        """Submitted values of one matter with other people in them; ``known``: of the whole call."""
        return {name: self._value(name, value, known) for name, value in values.items() if name not in WITHHELD}

    def text(self, text: str, known: Known) -> str:
        """What one side said."""
        return _show(self._replaced(text, known))

    def masked(self, text: str, known: Known) -> str:
        """What one side said with ＊ in place of whatever ``text`` would replace; nobody invented stands in it."""
        return "".join(MASK if ord(each) >= _PLANE else each for each in self._replaced(text, known))

    def _replaced(self, text: str, known: Known) -> str:
        for number in sorted(known.numbers, key=len, reverse=True):
            text = text.replace(number, _hide(self.number(number)))
        text = self._without_names(text, known.names)
        text = self._without_runs(text, known.numbers)
        text = _HOUSE.sub(lambda found: _hide(self._house(found[1])), text)
        return mask_text(text)

    def name(self, name: str) -> str:
        """Another name of the same length, with its title where it has one (陈先生)."""
        found = re.fullmatch(f"(.+?)({_TITLES})?", name)
        person, title = (found[1], found[2] or "") if found else (name, "")
        first = self._draw("surname", person[0]).choice([each for each in self._language.surnames if each != person[0]])
        rest = [self._draw(f"given{place}", person).choice([each for each in _GIVEN if each != was])
                for place, was in enumerate(person[1:])]
        return first + "".join(rest) + title

    def number(self, number: str) -> str:
        """Another number of the same form: phones keep two digits or the area code, ids their region and a right check digit."""
        draw = self._draw("number", number)
        if re.fullmatch(r"\d{17}[\dXx]", number):
            return self._identity(number, draw)
        kept = 2 if re.fullmatch(r"1\d{10}|[一-龥][A-Za-z].{5,6}", number) else len(re.match(r"(0\d{2,3}-?)?", number)[0])  # type: ignore[index]
        return number[:kept] + "".join(self._other(each, draw) for each in number[kept:])

    def _value(self, name: str, value: Value | None, known: Known) -> Value | None:
        if isinstance(value, list):
            return [str(self._value(name, each, known)) for each in value]
        if not isinstance(value, str) or not value:
            return value
        kind = Kind.PHONE if name == "prev_ticket_no" else KINDS.get(name)
        if kind is None:
            return value
        if kind is Kind.NAME:
            return self.name(value)
        return self.text(value, known) if kind in (Kind.TEXT, Kind.ADDRESS) else self.number(value)

    def _without_names(self, text: str, names: Sequence[str]) -> str:
        for name in sorted(names, key=len, reverse=True):
            other = self.name(name)
            text = text.replace(name, _hide(other)) if len(name) > 1 else text
            first = re.escape(name[0])
            text = re.sub(f"{first}(?={_TITLES})|(?<=姓){first}", _hide(other[0]), text)
            for was, now in zip(name, other, strict=True):
                for parts in self._language.spelled.get(was, ()):
                    text = text.replace(f"{parts}{was}", _hide(now)).replace(parts, "")
                text = re.sub(f"[一-龥]{{1,4}}的{re.escape(was)}", f"{_hide(now)}的{_hide(now)}", text)
            if len(name) > 2:
                text = text.replace(name[1:], _hide(other[1:]))
        return text

    def _without_runs(self, text: str, numbers: Sequence[str]) -> str:
        plain = "".join(each for each in text if each.isalnum())
        least = 2 if plain and all(value_of(each) is not None for each in plain) else 3
        parts, done = [], 0
        for start, end in digit_runs(text, least):
            stretch = text[start:end]
            if may_stay(text, stretch, end) or _HOUSE.match(text, start):
                continue
            parts += [text[done:start], _hide(_written(stretch, self._run(as_digits(stretch), numbers)))]
            done = end
        return "".join([*parts, text[done:]])

    def _run(self, digits: str, numbers: Sequence[str]) -> str:
        for number in numbers:
            was, now = (as_digits(each) for each in (number, self.number(number)))
            if (at := was.find(digits)) >= 0:
                return now[at:at + len(digits)]
            if len(was) >= 7 and (at := digits.find(was)) >= 0:
                return self._run(digits[:at], ()) + now + self._run(digits[at + len(was):], ())
        draw = self._draw("run", digits)
        return "".join(self._other(each, draw) for each in digits)

    def _house(self, said: str) -> str:
        value = int(said) if said.isdecimal() else self._language.heard(said)
        if value is None:
            return _written(said, self._run(as_digits(said), ()))
        low = 10 ** (len(str(value)) - 1)
        other = self._draw("house", str(value)).choice([each for each in range(low, min(low * 10, low + 999)) if each != value])
        if said.isdecimal():
            return str(other)
        return self._language.said(other) if re.search("[十百千]", said) or value < 10 else _written(said, str(other))

    def _identity(self, number: str, draw: random.Random) -> str:
        """Same region, another day of birth, right check digit; an X stays one, because people say it apart."""
        while True:
            body = f"{number[:6]}{draw.randint(1945, 2005)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}{draw.randint(1, 999):03}"
            check = _CHECKS[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]
            if (check == "X") == (number[-1] in "Xx"):
                return body + check

    @staticmethod
    def _other(was: str, draw: random.Random) -> str:
        if was.isdecimal():
            return str(draw.randint(0, 9))
        return draw.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") if was.isascii() and was.isalpha() else was

    def _draw(self, kind: str, value: str) -> random.Random:
        """The same for the same value within an export."""
        return random.Random(hmac.digest(self._key, f"{kind}:{value}".encode(), hashlib.sha256))  # noqa: S311 (seeded by a secret)


def known_in(tickets: Sequence[Mapping[str, Value | None]]) -> Known:
    """What all matters of a call say of persons, former tickets' numbers among the numbers."""
    found = [known_of(values) for values in tickets]
    former = [str(values["prev_ticket_no"]) for values in tickets if values.get("prev_ticket_no")]
    single = [str(values["requester_name"]) for values in tickets if values.get("requester_name")]
    whole = [*(name for each in found for name in each.names), *single]
    parts = [part for name in whole for part in _APART.split(name) if len(part) > 1 and part not in _NOBODY]  # 陈志强、李芳; 陈志强(房东)
    names = (re.sub(f"({_TITLES})$", "", name) for name in [*whole, *parts])
    numbers = (*(number for each in found for number in each.numbers), *former)
    return Known(tuple(dict.fromkeys(name for name in names if name)), numbers=tuple(dict.fromkeys(numbers)))


def _written(stretch: str, digits: str) -> str:
    """New digits in the manner in which the old ones stand: said or written, with what lay between; pairs (双八) are spelt out."""
    places = [place for place, each in enumerate(stretch) if value_of(each) is not None]
    if len(places) != len(digits) or "双" in stretch or re.search("[两二三四五六七八九]个", stretch):
        return digits if stretch.isascii() else "".join(_SAID[int(each)] for each in digits)
    out = list(stretch)
    for place, digit in zip(places, digits, strict=True):
        out[place] = digit if stretch[place].isdecimal() else _SAID[int(digit)]
    return "".join(out)


def _hide(text: str) -> str:
    """Out of sight of later rules, until ``_show``: characters of the private use plane stand for what is final."""
    return "".join(chr(_PLANE + ord(each)) if ord(each) < _HIDDEN_FROM else each for each in text)


_PLANE = 0xF0000


def _show(text: str) -> str:
    return "".join(chr(ord(each) - _PLANE) if ord(each) >= _PLANE else each for each in text)
