"""What a confirmed read-back says of a place beyond its known parts.

An operator repeats an address as it will be filed; the citizen says 对. Then the whole clause is the address, also where no
grammar knows its last words (…三十九号驾校后门往里两百米的河堤，对吗), and what lies beside it is told apart (…加油站对面的鹤洞大桥桥底).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.extraction.address_grammar import Part
from app.extraction.address_state import BASE
from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.spoken_numbers import CARDINAL, written

_CHECK = re.compile(r"(?:那里|那边|这里|这边)?(?:对吗|对吧|是吗|是吧|是不是|没错吧|对不对|吗|吧)$")
_REST = re.compile(
    r"(?!.*(?:[是了说我你您他她就去来没不吧呢啊被叫吗投诉反映要停漏坏修]|噪音|施工|占道|问题))[一-鿿A-Z0-9]{1,16}"
    r"(?:[口边门楼巷桥站处侧场厅园塘店角道栋座梯堤岸滩坡井亭岗库房坪院]|路段|方向|车库|空地|摊位|阳台|围墙|公厕|河涌|工地|电梯|仓库|宿舍|食堂|位置)$"
)
_METRES = re.compile(rf"({CARDINAL})(多|来)?(米|公里)")
_BESIDE = re.compile(r"[一-鿿]{0,8}?(?:斜对面|正对面|对面|旁边|隔壁|附近|后面|前面|下面|背后)(?:的|那个|那条|那座)+$")


def is_confirmed(view: DialogueView, turn: Turn) -> bool:
    """The citizen agrees to an operator's turn at once."""
    answer = view.answer_after(turn)
    return answer is not None and answer.reply is Reply.ASSENT and bool(answer.text)


def confirmed_rest(turn: Turn, end: int) -> str | None:
    """The rest of the clause after the last known part, in written form; None where it is no place."""
    stop = min((place for place in turn.breaks if place > end), default=len(turn.text))
    text = _CHECK.sub("", turn.text[end:stop])
    if end in turn.breaks or not text or _REST.match(text) is None:
        return None
    text = _METRES.sub(lambda match: written(match.group(1)) + (match.group(2) or "") + match.group(3), text)
    return re.sub(r"^的|那[个栋条块边]|这[个栋条块边]|的(?=[一-鿿]{1,4}$)", "", text)


def beside(turn: Turn, said: Sequence[Part]) -> int:
    """How many parts in front only tell what the place lies beside: road and number of 花地大道南123号加油站对面的鹤洞大桥桥底."""
    for place in range(1, len(said)):
        if said[place].kind in BASE and _BESIDE.fullmatch(turn.text[said[place - 1].end : said[place].start]):
            return place
    return 0
