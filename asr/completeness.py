"""How long a pause must be before an utterance counts as over, from what was heard of it so far.

A fixed pause is wrong both ways: an operator waits half a second after every 吗 for nothing, and a phone number that is read in
groups falls apart. So the words decide: after something that sounds complete a shorter pause is enough, in the middle of a
number, after a word that must be followed, or after a lone greeting (喂 ... 你好) it must be longer. Rules, not a model: what
sentences of any caller end with. Figures: docs/benchmarks/latency.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_DIGIT = "零〇一二三四五六七八九幺两洞拐0-9"
_NUMBER_END = re.compile(f"[{_DIGIT}十百千万点]+$")
_WHOLE_NUMBERS = re.compile(
    "[1一幺][3-9三四五六七八九拐][" + _DIGIT + "]{9}"  # a mobile number
    "|[0零洞][" + _DIGIT + "]{9,11}"  # area code and landline
    "|[" + _DIGIT + "]{18}"  # an identity number
)
_GOES_ON = re.compile(
    "(然后|因为|所以|但是|不过|而且|还有|就是|那个|这个|如果|或者|以及|比如|包括|关于|[和跟与把被让从向往给嗯呃])$")
_GREETING_CHARACTERS = 2


@dataclass(frozen=True, slots=True)
class Pauses:
    """Silence that ends an utterance, in milliseconds.

    Attributes:
        complete_ms: after what sounds complete.
        open_ms: after what may go on, or where nothing was heard yet (engines without partials).
        number_ms: within a number.
    """

    complete_ms: int = 416
    open_ms: int = 544
    number_ms: int = 576


def pause_after(text: str, pauses: Pauses) -> int:
    """The pause that ends an utterance of these words, in milliseconds.

    Args:
        text: what was heard of it, Chinese characters, numbers as spoken or written.
        pauses: figures.
    """
    number = _NUMBER_END.search(text)
    if number is not None and (len(number[0]) > 1 or len(text) > _GREETING_CHARACTERS):
        return pauses.complete_ms if _WHOLE_NUMBERS.fullmatch(number[0]) else pauses.number_ms
    if len(text) <= _GREETING_CHARACTERS or _GOES_ON.search(text):
        return pauses.open_ms
    return pauses.complete_ms
