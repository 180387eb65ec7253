"""Words that a call's recogniser shall know: of the city and the knowledge base from the first sound on, and what the operator
writes on the ticket while it grows.

Recognition gives a ticket that the operator corrects; a corrected name or place is said again (read back, confirmed), and
then it is heard right. Only the operator's own values are fed back: what recognition proposed may be wrong, and a replay at full
speed must hear what one in real time hears (ADR 0006). A phrase is a line ``word [class] [weight]`` (see the port).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from app.domain.call import CallState
from app.domain.ticket import OPERATOR_STATES

Sets = Callable[[Sequence[str]], None]

_WORDS = frozenset({
    "requester_name", "org_name", "subject", "landmark", "region_district", "region_street", "region_community", "address_detail",
    "requester_address",
})  # fmt: skip
_NUMBERS = frozenset({"contact_phone", "alt_phone"})
_WEIGHT = 100
"""Against one for a word of the city or the knowledge base."""
_SPOKEN = str.maketrans("0123456789", "零幺二三四五六七八九")
_CHINESE = re.compile("[\u4e00-\u9fff]{2,16}")
_CUT = re.compile("[^\u4e00-\u9fff]+|的|怎么|如何|怎样|什么|哪些|哪里|是否|可以|需要|多少|办理|申请|流程|条件|材料|[吗和与及或]")
_TERM = range(3, 11)
_LEAST_NUMBER = 5


def terms(titles: Iterable[str]) -> tuple[str, ...]:
    """Words and short phrases of knowledge titles, each once, as phrases."""
    pieces = (piece for title in titles for piece in _CUT.split(title))
    return tuple(dict.fromkeys(piece for piece in pieces if len(piece) in _TERM))


def spoken_number(digits: str) -> str:
    """A phone number as a phrase, or an empty text for one that is too short to be a number."""
    plain = "".join(character for character in digits if character.isdecimal() and character.isascii())
    return plain.translate(_SPOKEN) if _LEAST_NUMBER <= len(plain) <= 16 else ""


class CallWords:
    """Tells a recogniser the words of a call; on the call thread.

    Args:
        tell: the recogniser's ``set_context``.
        base: phrases of every call, and those known of this call before it begins.
    """

    def __init__(self, tell: Sets, base: Sequence[str]) -> None:
        self._tell = tell
        self._base = tuple(base)
        self._written: tuple[str, ...] = ()

    def follow(self, state: CallState) -> None:
        """Take a new state; the recogniser hears of it where the operator wrote or confirmed something."""
        written = tuple(dict.fromkeys(_written(state)))
        if written != self._written:
            self._written = written
            self._tell((*self._base, *written))


def _written(state: CallState) -> Iterable[str]:
    for matter in state.draft.matters:
        for name, held in matter.items():
            if held.state not in OPERATOR_STATES or not isinstance(held.value, str):
                continue
            if name in _NUMBERS and (number := spoken_number(held.value)):
                yield f"{number} {_WEIGHT}"
            elif name in _WORDS:
                yield from (f"{word} {_WEIGHT}" for word in _CHINESE.findall(held.value))
