"""amount (money, in yuan) and people_count: cardinals with their unit, chosen by what was asked.

Several sums of one call are common (three months' rent, a fee a month). The one that answers the operator's question
for the sum stands; else the one the citizen repeats in a demand; else the first that the citizen names beside a verb
of paying.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.ticket import Hit
from app.extraction.dialogue_view import DialogueView, Turn
from app.extraction.hits import found
from app.extraction.purpose import only_asks
from app.extraction.questions import Topic
from app.extraction.spoken_numbers import CARDINAL, cardinal, decimal

_NUMBER = rf"{CARDINAL}(?:点[零一二三四五六七八九0-9]+)?"
_MONEY = re.compile(
    rf"({_NUMBER})(多|几)?(万|千|百)?(多)?(块钱|块|元钱|元(?!旦|宵|素|件|老|里|岗|朗|村|路|街|桥|宝|朝)"
    rf"|圆)(?:([零一二两三四五六七八九0-9])(?:毛|角|(?=$|[吧啊左多的])))?"
)
_PIECE = re.compile(r"块(?!钱)")
_PIECE_BEFORE = re.compile(r"[这那哪每另大小几有同成]$")
_MONEY_AFTER = re.compile(
    r"$|[吧啊呢呀哦嘛呗多左不才都还就零一二两三四五六七八九十0-9]|的?(?:一[个天次斤度张小人杯份条年平]|每"
    r"|人民币|现金|押金|工资|车费|费|票|补贴|红包)"
)
_SMALL = 20
_NAMED = re.compile(
    r"(?:押金|定金|订金|学费|报名费|培训费|管理费|物业费|水费|电费|停车费|医药费|违约金|滞纳金|罚款|赔偿|房租|租金|月租|工资|货款"
    r"|工程款|尾款|首付|价格|价钱|价|票价|卡里|余额|会员费|年费|门票|总共|一共|合共|合计|标价"
    r"|加起来|算下来|合起来"
    r"|(?:花|收|付|交|充|欠|赔|扣|退|罚|转|骗|给|借|存|值|卖|要|剩)(?:了)?(?:我们?|他们?|你|您|人家)?(?:了)?)"
    r"(?:一共|总共|大概|差不多|是|有|就|快|将近|要|了|呢|得|才|只)*$"
)
# A digit too many belongs to the next word (一万二一节课).
_NATURAL = re.compile(
    r"(?:[零一二两三四五六七八九十百千]+万)?(?:零?[一二两三四五六七八九]千)"
    r"?(?:零?[一二两三四五六七八九]百)?(?:零?[一二两三四五六七八九]?十)?(?:零?[一二两三四五六七八九])?"
)
_BOUGHT = re.compile(r"买|订|办|票|报名|租|充|付|交|花|消费")
_LEAST_NAMED = 100
_BARE = re.compile(
    rf"(?<![第号])((?>{_NUMBER}))(多)?(?!多?[个次天月年号岁点分楼栋期倍成斤米度台辆份张件万千百]|人(?!家|民币)|平[米方]|公里)(?=$"
    rf"|[吧啊呢了]|左右|不到|人民币|.{{2,}})"
)
_USUAL = re.compile(r"(?:平时|原来|以前|本来|应该|正常|才|标价|说好)(?:是|只|要|收|才|都)*$")
_THINGS = re.compile("多?[节堂课条户套页集位名路本箱桶袋瓶包]")
_LEAST_BARE = 50
_ASKED_BARE = 2.0
# What is asked for is the sum that is left or the whole, not a part of it.
_LEFT = re.compile(r"(?:还?剩下?|余额|还有|还欠|总共|一共|合计|加起来|算下来|总价)(?:是|有|了|就|欠)*(?:我|我们)?$")
_LEFT_MORE = 0.6
# What the other side offers is not what it is about (最多赔一百块); a wage told by the way is not either (我工资一万多).
_OFFERED = re.compile(r"(?:最多|只(?:能|肯|愿意?|答应|同意)?|顶多|才)(?:每人|给我?|一?个?人)?(?:赔|退|补|给)(?:偿|我|我们|了)?$|补偿$"
                      r"|协议.{0,6}补偿")
_BY_THE_WAY = re.compile(r"(?:工资|收入|月薪|退休金|挣|赚)(?:有|是|才|也就|大概|一个月|每个月)*$")
_OFFERED_LESS, _BY_THE_WAY_LESS = 0.8, 0.9
BOTH = 2
_TAKEN = re.compile(r"(?:罚|扣|骗|欠|收)(?:了)?(?:我|我们)(?:了)?$")
_A_UNIT = re.compile(r"(?:钱)?(?:一|每)(?:年|个?月|天|次|张|斤|小时|个?人|份|位|餐|度|吨)")
_A_UNIT_LESS = 0.6
_LEAST = 0.45
_PEOPLE = re.compile(
    rf"({CARDINAL})(?:来|多)?(?:个|名|位)?(?:人|员工|工友|业主|居民|街坊|同事|老人|学生"
    rf"|家长)(?!民币|次|均)"
)
_PAID = re.compile(r"付|花|交|欠|退|收|充|转|赔|扣|罚|骗|工资|押金|费|价|钱|损失|定金|贷|租")
_PER = re.compile(r"(?:每|一)(?:个)?(?:人|月|天|年|次|平|平米|平方|度|吨|小时|斤|公里)(?:还|交|付|收|要)?$")
_REPAIR = re.compile(r"不是|不对|说错|错了|应该是")


@dataclass(frozen=True, slots=True)
class _Sum:
    value: float
    turn: Turn
    start: int
    end: int
    weight: float
    bare: bool = False


def amounts(view: DialogueView) -> tuple[Hit, ...]:
    """Hits for amount and people_count."""
    return (*_amount(view), *_people(view))


def _amount(view: DialogueView) -> Iterable[Hit]:
    quiet = only_asks(view)
    sums = [money for turn in view.turns for money in _sums(view, turn) if not quiet or _taken(money)]
    if not sums:
        return
    values: dict[float, float] = {}
    for money in sums:
        values[money.value] = values.get(money.value, 0.0) + money.weight
    best = max(values, key=lambda value: (values[value], -[s.value for s in sums].index(value)))
    if values[best] < _LEAST:
        return
    said = [money for money in sums if money.value == best]
    evidence = tuple(piece for money in said for piece in money.turn.evidence(money.start, money.end))
    heard = max(money.turn.confidence(money.start, money.end) for money in said)
    written = str(int(best)) if best == int(best) else f"{best:.2f}".rstrip("0")
    rivals = len([value for value in values if value != best and values[value] >= 1.0])
    if all(money.turn.from_sound for money in said) and len({money.turn.speaker for money in said}) < BOTH:
        heard = min(heard, 0.7)
    plain = all(money.bare for money in said) or max(money.weight for money in said) < 1.0
    both = len({money.turn.speaker for money in said}) >= BOTH
    asked = any(Topic.AMOUNT in view.topics_before(money.turn) for money in said if not money.turn.is_operator)
    sure = (both and not rivals) or (both and asked) or (asked and not rivals and not plain)
    confidence = 0.96 if sure else 0.75 if rivals else 0.8
    yield found(
        "amount", written, confidence, evidence, "amount.said_twice" if len(said) > 1 else "amount.said", heard=heard
    )


def _taken(money: _Sum) -> bool:
    """A sum that somebody took from the caller (罚我两千块) is at issue also in a call that only asks."""
    return _TAKEN.search(money.turn.text[: money.start]) is not None


def _sums(view: DialogueView, turn: Turn) -> Iterable[_Sum]:
    asked = not turn.is_operator and Topic.AMOUNT in view.topics_before(turn)
    spans: list[tuple[int, int]] = []
    for match in _MONEY.finditer(turn.text):
        value = _value(match)
        vague = match.group(2) == "几" or turn.text[match.start() - 1 : match.start()] in ("几", "好几")
        if value is None or value <= 0 or vague or _counts_pieces(turn, match, value):
            continue
        before = turn.text[max(0, match.start() - 8) : match.start()]
        weight = 2.0 if asked else 1.0
        weight += 0.3 if _PAID.search(turn.text[max(0, match.start() - 12) : match.end() + 6]) else 0.0
        weight += _LEFT_MORE if _LEFT.search(before) else 0.0
        weight -= 0.8 if _PER.search(before) or _USUAL.search(before) else 0.0
        weight -= _less(before) + _A_UNIT_LESS * (_A_UNIT.match(turn.text, match.end()) is not None)
        weight -= 1.5 if _REPAIR.search(turn.text[match.end() : match.end() + 4]) else 0.0
        weight -= 1.0 if turn.is_operator and not _echoed(view, turn, value) else 0.0
        spans.append(match.span())
        yield _Sum(value, turn, match.start(), match.end(), weight)
    if not turn.is_operator and not asked:
        yield from _without_unit(turn, spans)
    if asked:
        for match in _BARE.finditer(turn.text):
            value = decimal(match.group(1))
            inside = any(start < match.end() and match.start() < end for start, end in spans)
            counted = _THINGS.match(turn.text, match.end(1)) is not None
            if value is not None and value >= _LEAST_BARE and not inside and not counted:
                before = turn.text[: match.start()]
                weight = 0.5 if _USUAL.search(before) else _ASKED_BARE + (_LEFT_MORE if _LEFT.search(before) else 0.0)
                yield _Sum(value, turn, match.start(), match.end(), weight)


def _less(before: str) -> float:
    """What a sum loses that is only offered or told by the way."""
    return _OFFERED_LESS * bool(_OFFERED.search(before)) + _BY_THE_WAY_LESS * bool(_BY_THE_WAY.search(before))


def _counts_pieces(turn: Turn, match: re.Match[str], value: float) -> bool:
    """块 counts things (两块砖, 这一块地方), not money."""
    if match.group(5) != "块" or match.group(6):
        return False
    if match.group(1) in ("一", "两三", "三两"):
        return True
    if value >= _SMALL:
        return False
    before, after = turn.text[: match.start()], turn.text[match.end() :]
    if _PIECE_BEFORE.search(before):
        return True
    ends = match.end() in turn.breaks or _MONEY_AFTER.match(after) is not None
    return not ends or not (_PAID.search(before[-8:]) or match.group(0) == turn.text or _PER.search(before[-8:]))


def _without_unit(turn: Turn, spans: list[tuple[int, int]]) -> Iterable[_Sum]:
    """A round sum without 块 or 元 (押金一千五, 收了我四百八): after a word for money, or said apart after a purchase."""
    for match in _BARE.finditer(turn.text):
        said = match.group(1)
        if any(start < match.end() and match.start() < end for start, end in spans):
            continue
        natural = _NATURAL.match(said)
        said = natural.group() if natural is not None else said
        if said == match.group(1) and _THINGS.match(turn.text, match.end(1)):
            continue
        value = decimal(said)
        if value is None or value < _LEAST_NAMED or not re.search("[百千万]", said) or "点" in said:
            continue
        before = turn.text[: match.start()]
        alone = match.start() in turn.breaks and match.end() in turn.breaks | {len(turn.text)}
        weight = 0.5 if _USUAL.search(before) else 1.0 + (_LEFT_MORE if _LEFT.search(before) else 0.0)
        weight -= _less(before)
        if weight <= 0:
            continue
        if _NAMED.search(before[-10:]):
            spans.append(match.span())
            yield _Sum(value, turn, match.start(), match.end(), weight, bare=True)
        elif _BOUGHT.search(before[-20:]) and (alone or turn.from_sound or not turn.breaks):
            spans.append(match.span())
            yield _Sum(value, turn, match.start(), match.end(), 0.6, bare=True)


def _value(match: re.Match[str]) -> float | None:
    value = decimal(match.group(1))
    if value is None:
        return None
    if match.group(3):
        value *= {"万": 10_000, "千": 1000, "百": 100}[match.group(3)]
    if match.group(6):
        value += (cardinal(match.group(6)) or 0) / 10
    return value


def _echoed(view: DialogueView, turn: Turn, value: float) -> bool:
    """The operator repeats a sum that the citizen said, be it without its unit (总价一万四千八)."""
    return any(
        _value(match) == value
        for earlier in view.turns[: turn.number]
        if not earlier.is_operator
        for match in _MONEY.finditer(earlier.text)
    ) or any(
        decimal(match.group(1)) == value
        for earlier in view.turns[: turn.number]
        if not earlier.is_operator
        for match in _BARE.finditer(earlier.text)
    )


def _people(view: DialogueView) -> Iterable[Hit]:
    for question, turn in view.exchanges():
        asked = question is not None and Topic.COUNT in question.topics
        for match in _PEOPLE.finditer(turn.text):
            value = cardinal(match.group(1))
            lead = turn.text[max(0, match.start() - 8) : match.start()]
            ours = re.search(r"我们|咱们|一共|总共|大概|起码|至少|有", lead) is not None
            if value is None or not 2 <= value <= 100_000 or not (asked or (ours and value >= 3)):
                continue
            yield found(
                "people_count",
                value,
                0.9 if asked else 0.6,
                turn.evidence(*match.span()),
                "people.asked" if asked else "people.said",
                heard=turn.confidence(*match.span()),
            )
            return
