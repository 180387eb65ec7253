"""A phone number that recognition got almost right: other readings of the answer and of the read-back vote.

Recognition drops one of two equal digits and writes words for others (由幺 for 幺, 次 for 四). Its other readings of
the same utterance often hold the whole number. A whole number that is near to what both sides said is suggested,
never filled.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.domain.ticket import Candidate, Hit
from app.extraction.dialogue_view import DialogueView, Turn
from app.extraction.hits import found
from app.extraction.number_talk import edits
from app.extraction.questions import Topic
from app.extraction.spoken_numbers import DIGITS, HOMOPHONES

_LOOSE = {
    **{character: digit for digit, characters in HOMOPHONES.items() for character in characters},
    "要": "1",
    "由": "1",
    "有": "1",
    "又": "1",
    "邮": "1",
    "优": "1",
    "次": "4",
    "是": "4",
    "把": "8",
    "发": "8",
    "吧": "8",
    "就": "9",
    "我": "5",
    "领": "0",
    "您": "0",
    **DIGITS,
}
_RUN = re.compile("[" + "".join(_LOOSE) + "]{7,}")
_MOBILE = re.compile(r"1[3-9]\d{9}")
# Cities with eight digits behind the area code; all others have seven.
_LANDLINE = re.compile(r"0(?:10|2[0-9]|755|757|769)\d{8}|0(?!755|757|769)[3-9]\d\d\d{7}")
_LEAST, _LEAD = 7, 3
_WORST_EACH = 2
_WORST_BOTH = 3


def recovered(view: DialogueView) -> Iterable[Hit]:
    """A suggestion for contact_phone from the first answer to the question for it; nothing where no reading is whole."""
    for question, answer in view.exchanges():
        if question is None or Topic.PHONE not in question.topics or Topic.ALT_PHONE in question.topics:
            continue
        later = view.answer_after(answer)
        sides = [turn for turn in (answer, later) if turn is not None]
        said = [run for run in (_longest(turn.text) for turn in sides) if run]
        ranked = sorted(
            {number: _cost(number, said) for turn in sides for number in _whole(turn)}.items(),
            key=lambda pair: (pair[1], pair[0]),
        )
        if not said or not ranked or ranked[0][1] > _WORST_BOTH:
            continue
        others = [Candidate(number, round(0.2 / (place + 1), 2)) for place, (number, _) in enumerate(ranked[1:4])]
        evidence = [piece for turn in sides for piece in turn.evidence()]
        return (found("contact_phone", ranked[0][0], 0.6, evidence, "phone.other_readings", alternatives=others),)
    return ()


def _digits(run: str) -> str:
    return "".join(_LOOSE[character] for character in run)


def _longest(text: str) -> str:
    runs = [_digits(match.group()) for match in _RUN.finditer(text)]
    return max(runs, key=len, default="")


def _whole(turn: Turn) -> Iterable[str]:
    """Whole mobile and landline numbers in any reading of a turn."""
    for text in (turn.text, *turn.readings):
        for match in _RUN.finditer(text):
            run = _digits(match.group())
            for pattern in (_MOBILE, _LANDLINE):
                yield from (number.group() for number in pattern.finditer(run))


def _from_zero(run: str) -> str:
    """A landline's digits without a word before it that sounds like one (座几把零七五五)."""
    return run[run.find("0") :] if "0" in run[:_LEAD] else run


def _cost(number: str, said: Iterable[str]) -> int:
    """Edits against what each side said; a side that is too far away rules the number out."""
    costs = [edits(number, _from_zero(run) if number.startswith("0") else run) for run in said if len(run) >= _LEAST]
    return sum(costs) if all(cost <= _WORST_EACH for cost in costs) else 99
