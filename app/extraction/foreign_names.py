"""Names without a Chinese surname: 买买提·艾力, 阿依古丽, 约翰·史密斯, 扎西多吉, as people say them, without a dot.

What tells them is the characters: names of other languages are written with a small stock that writes sounds (买提, 古丽, 斯, 尔,
姆). A clause of an answer for the name, or one that 我叫 opens, that is made of that stock only and is longer than a Chinese
name, or ends as such names do, is one. It stands only where the operator repeats it; a part that the operator calls by is enough
to be told from a sentence. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from app.domain.ticket import Hit
from app.extraction.dialogue_view import DialogueView, Turn
from app.extraction.hits import found
from app.extraction.talk_segments import clauses

# Characters that write the sounds of names: Turkic, Tibetan, Mongolian, Yi, and those of the West.
_STOCK = frozenset(
    "阿艾安奥巴白贝本比彼宾波博伯布才查茨次措达大代戴丹道德登迪蒂丁东杜多厄恩尔法凡菲费芬丰弗福富盖甘冈岗高戈格根古哈海汗豪合赫亨胡华吉加佳贾简江杰金津卡凯康考柯科"
    "克肯孔库坤拉莱赖兰朗劳勒雷蕾里力利丽莉莲列琳林龙鲁露路伦罗洛马玛麦迈曼梅美门蒙米密明摩莫默姆木穆那娜奈南内尼妮宁努诺欧帕佩皮朴普齐其奇恰乔琴青仁日茹瑞若萨塞赛"
    "桑瑟沙莎山珊上什史士斯丝苏孙索塔台泰坦汤唐陶特腾提图吐托瓦娃旺威维韦温沃乌吾伍西希锡夏肖辛欣星雄修逊雅亚扬央耶叶伊依以因英尤玉月约云扎泽詹珍卓兹祖佐买热娅翰依孜"
    "买堆格桑增卫迦娣娥妲琪瑟薇妍甫素合木江别克拜都拉铁木真其其呼和敖额吾尔肉孜吐逊阿布都外力亚森艾山麦提坎尼亚孜姑姐尤勒帕夏热孜万古丽约瑟威廉彼得保罗史密斯翰逊"
)
_ENDING = re.compile(r"(?:古丽|买提|提江|别克|尔江|汗|木江|孜|娜尔|卓玛|多吉|才仁|次仁|其其格|巴特尔|扎西|央金|拉姆|旺堆|平措|顿珠|罗布"
                     r"|琪琪格|阿依|逊|史密斯)$")
_OPENED = re.compile(r"^(?:.{0,6}?(?:我|名字|全名|姓名|本名|他|她)(?:就)?(?:叫做?|是叫|是)|叫做?)?(?P<name>[一-鿿]{3,12})$")
_ADDRESSED = re.compile(r"(?P<name>[一-鿿]{2,8}?)(?:先生|女士|小姐)")
_LEADS = re.compile(r"^(?:好的?|嗯|那|请问|是|谢谢|您好|明白)+")
_SHORTEST, _SHORTEST_ENDED = 4, 3
_FURTHER, _LONGEST = 2, 6  # characters of a second part, said after a pause
_READ_BACK, _HEARD = 0.88, 0.72


def foreign_name(view: DialogueView, turns: Sequence[Turn], compound: Sequence[str]) -> Iterable[Hit]:
    """At most one hit for requester_name.

    Args:
        view: the dialogue.
        turns: the citizen's turns that tell a name.
        compound: compound Chinese surnames; what begins with one is a Chinese name.
    """
    called = _called(view)
    for turn in turns:
        spans = clauses(turn)
        for place, (start, end) in enumerate(spans):
            match = _OPENED.match(turn.text[start:end])
            name = match["name"] if match else ""
            further = turn.text[slice(*spans[place + 1])] if place + 1 < len(spans) else ""
            last = end
            if name and _FURTHER <= len(further) <= _LONGEST and all(character in _STOCK for character in further):
                name, last = name + further, spans[place + 1][1]
            if not name or name.startswith(tuple(compound)) or not _is_foreign(name, called):
                continue
            at = start + match.start("name") if match else start
            name = _as_called(view, turn, name)
            repeated = any(name in other.text for other in view.operator if other.number > turn.number)
            sure = _READ_BACK if repeated and not turn.from_sound else _HEARD
            yield found("requester_name", name, sure, turn.evidence(at, last), "name.foreign", heard=turn.confidence(at, last))
            return


def _as_called(view: DialogueView, turn: Turn, name: str) -> str:
    """The whole name by which the operator calls afterwards, where the citizen told its second part in bits (点，吐尔逊)."""
    longer = re.compile(re.escape(name) + r"[一-鿿]{2,8}?(?=先生|女士|小姐)")
    for other in view.operator:
        match = longer.search(other.text) if other.number > turn.number else None
        if match is not None and all(character in _STOCK for character in match.group()):
            return match.group()
    return name


def _is_foreign(name: str, called: frozenset[str]) -> bool:
    if any(character not in _STOCK for character in name):
        return False
    addressed = any(len(part) >= _SHORTEST_ENDED and part in name for part in called)
    return len(name) >= _SHORTEST or addressed or _ENDING.search(name) is not None


def _called(view: DialogueView) -> frozenset[str]:
    """What the operator puts before 先生 and 女士."""
    return frozenset(
        _LEADS.sub("", match["name"]) for turn in view.operator for start, end in clauses(turn)
        for match in _ADDRESSED.finditer(turn.text[start:end])
    )
