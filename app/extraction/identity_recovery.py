"""An identity number that recognition got almost right: its check digit and date tell which near reading is meant.

Recognition drops one of two equal digits (幺幺), hears the last X as 场 or S and writes words for digits. Among the
strings one such error away, of the citizen's answer and of the read-back, those with a true date and check digit are
few; one alone is suggested.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from app.domain.ticket import Hit
from app.extraction.dialogue_view import DialogueView, Turn
from app.extraction.hits import found
from app.extraction.questions import Topic
from app.extraction.spoken_numbers import DIGITS, HOMOPHONES

_LOOSE = {
    **{character: digit for digit, characters in HOMOPHONES.items() for character in characters},
    "次": "4",
    "是": "4",
    "把": "8",
    "由": "1",
    "有": "1",
    "就": "9",
    "十": "5",
    **DIGITS,
}
_RUN = re.compile("[" + "".join(_LOOSE) + "]{12,19}(?:[叉查差茶场擦XS])?")
_LAST_X = re.compile(r"(?:最后|末尾|尾数).{0,8}[叉XS]")
_WHOLE = 18


def recovered(view: DialogueView, check: Callable[[str], bool]) -> Iterable[Hit]:
    """A suggestion for id_no where exactly one near reading passes the check.

    Args:
        view: the dialogue.
        check: whether a string is an identity number with a true date and check digit.
    """
    for question, answer in view.exchanges():
        if question is None or Topic.ID_NO not in question.topics:
            continue
        later = view.answer_after(answer)
        votes: dict[str, int] = {}
        for turn in (answer, later):
            for number in _near(turn, check) if turn is not None else ():
                votes[number] = votes.get(number, 0) + 1
        best = sorted(votes, key=lambda number: -votes[number])
        if best and (len(best) == 1 or votes[best[0]] > votes[best[1]]):
            evidence = [*answer.evidence(), *(later.evidence() if later is not None else ())]
            return (
                found("id_no", best[0], 0.75, evidence, "id_no.near_reading"),
                found("id_type", "居民身份证", 0.75, evidence, "id_no.type"),
            )
    return ()


def _near(turn: Turn, check: Callable[[str], bool]) -> set[str]:
    numbers: set[str] = set()
    for text in (turn.text, *turn.readings):
        ends_in_x = _LAST_X.search(text) is not None
        for match in _RUN.finditer(text):
            digits = "".join(_LOOSE.get(character, "X") for character in match.group())
            numbers.update(number for number in _variants(digits, ends_in_x=ends_in_x) if check(number))
    return numbers


def _variants(digits: str, *, ends_in_x: bool) -> Iterable[str]:
    """The string itself, with its last X, with one digit doubled."""
    whole = digits + "X" if ends_in_x and not digits.endswith("X") else digits
    if len(whole) == _WHOLE:
        yield whole
    if len(whole) == _WHOLE - 1:
        for place in range(len(whole) - whole.endswith("X")):
            yield whole[: place + 1] + whole[place:]
