"""The place of a ride: where somebody got on and off (出租车, 地铁), filed as 从…至….

Only where the operator asks for the stops or the citizen names both: 在市桥上的车，体育西路下的; 从广州东站上的 …
猎德地铁站A出口.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from app.domain.ticket import Evidence, Hit
from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.hits import found
from app.extraction.regions import Mention

_ON = re.compile(
    r"(?:从|在|是)?([一-鿿A-Z0-9]{2,14}?)(?:那里|那边"
    r"|就是(?:那个)?([一-鿿]{2,10}?)(?:点)?)?(?:上的车?|上车的?|坐的?车?|出发)"
)
_OFF = re.compile(r"(?:到|在|坐到|去)?([一-鿿A-Z0-9]{2,14}?)(?:那里|那边)?(?:下的车?|下车的?)")
_LINE = re.compile(r"(?:地铁)?([一二三四五六七八九十]{1,3}|[0-9]{1,2}|APM|广佛)(?:号)?线")
_ASKS_ON = re.compile(r"上的?车|到哪(?:个)?站|从哪.{0,6}到哪|哪里上|乘车|坐车|哪.{0,4}(?:坐|打)的车")
_ASKS_OFF = re.compile(r"下车(?:地点|点|的地方)?|哪里下|到哪")
_BOARDED = re.compile(r"哪.{0,4}上的?车|上车(?:地点|的地方|点)")
_BOTH = re.compile(
    r"(?P<on>[一-鿿A-Z0-9]{2,20}?)(?:那里)?上(?:的?车|的)?(?P<off>[一-鿿A-Z0-9]{2,16}?)(?:那里)?下(?:的?车|的)?(?=$|[是对吧吗没])"
)
_SHORTEST = 2
_NOT_STOP = re.compile(r"^(?:我|是|就|那个|从|在|号线|上个?|今天|昨天|早上|晚上|车|的)+")
_STOP_END = re.compile(
    r"^(?:是|就在|就是|到|在|去)*([一-鿿A-Z0-9]{2,14}?(?:[A-Z]?出?口|站(?:[A-Z](?:出)?口)?"
    r"|机场|广场|路口|门口|医院|学校|花园|小区|大厦|酒店))"
)


def trip(view: DialogueView, named: Mapping[int, Sequence[Mention]]) -> Iterable[Hit]:
    """A hit for address_detail where a ride from one stop to another, or at least the stop where it began, is told."""
    asks = [turn for turn in view.operator if _ASKS_ON.search(turn.text)]
    if not asks:
        return ()
    answer = view.answer_after(asks[0])
    if answer is None:
        return ()
    repeated = _repeated(view, answer.number)
    if repeated is not None:
        return (repeated,)
    start = _start(view, answer)
    end = _end(view, answer)
    if start is not None and end is None and _BOARDED.search(asks[0].text):
        return _boarded(start, answer, named)
    if start is None or end is None:
        return ()
    line = _LINE.search(answer.text) or _LINE.search(asks[0].text)
    metro = any("地铁" in turn.text for turn in view.turns[: answer.number + 1])
    text = _written(start[0], end[0], f"{line.group(1)}号线" if line else "", metro=metro and line is not None)
    evidence: tuple[Evidence, ...] = (*start[1], *end[1])
    return (
        found(
            "address_detail",
            text,
            0.65 if answer.from_sound else 0.8,
            evidence,
            "address.trip",
            heard=answer.confidence(),
        ),
    )


def _repeated(view: DialogueView, after: int) -> Hit | None:
    """The operator's 三元里收费站上，花东出口下，是吧, where the citizen agrees."""
    for turn in view.operator:
        match = _BOTH.search(turn.text) if turn.number > after else None
        answer = view.answer_after(turn)
        if match is None or answer is None or answer.reply is not Reply.ASSENT:
            continue
        stops = [_NOT_STOP.sub("", match.group(name)) for name in ("on", "off")]
        if min(map(len, stops)) >= _SHORTEST:
            text = _written(stops[0], stops[1], "", metro=False)
            return found("address_detail", text, 0.65 if turn.from_sound else 0.84, turn.evidence(*match.span()), "address.trip",
                         heard=turn.confidence(*match.span()))
    return None


def _boarded(
    start: tuple[str, tuple[Evidence, ...]], answer: Turn, named: Mapping[int, Sequence[Mention]]
) -> Iterable[Hit]:
    """Only where somebody got on, without the division in front of its name."""
    stop = start[0]
    divisions = (answer.text[mention.start : mention.end] for mention in named.get(answer.number, ()))
    stop = stop.removeprefix(next((name for name in divisions if stop.startswith(name)), ""))
    if len(stop) < _SHORTEST or re.search(r"[我他你就是的了]", stop):
        return ()
    return (found("address_detail", stop, 0.6, start[1], "address.boarded", heard=answer.confidence()),)


def _written(start: str, end: str, line: str, *, metro: bool) -> str:
    if not metro:
        return f"{start}至{end}"
    stops = [stop if stop.endswith(("站", "口")) else stop + "站" for stop in (start, end)]
    return f"地铁{line}{stops[0]}至{stops[1]}"


def _start(view: DialogueView, answer: Turn) -> tuple[str, tuple[Evidence, ...]] | None:
    text = answer.text
    cut = _last_time_end(text)
    match = re.search(
        r"(?:从|在|由)([一-鿿A-Z0-9]{2,24}?)(?:上的|上车|坐的|出发"
        r"|到(?=[一-鿿]{2,}))",
        text[cut:],
    ) or _ON.search(text, cut)
    if match is None:
        return None
    begin = match.start(1) + (cut if match.string is not text else 0)
    stop = _joined(_NOT_STOP.sub("", match.group(1)))
    return (stop, answer.evidence(begin, begin + len(match.group(1)))) if len(stop) >= 2 else None


def _joined(stop: str) -> str:
    """广州东站就是那个出租车上客点 -> 广州东站出租车上客点."""
    return re.sub(r"(?:就是|的|那个|这个|那里)+", "", stop)


def _last_time_end(text: str) -> int:
    ends = [match.end() for match in re.finditer(r"点(?:多|半|钟|左右)?|分(?:左右)?|号线", text)]
    before = [end for end in ends if end < len(text) - 6]
    return before[-1] if before and not re.search(r"上的?车", text[: before[-1]]) else 0


def _end(view: DialogueView, answer: Turn) -> tuple[str, tuple[Evidence, ...]] | None:
    boarded = re.search(r"上的车?|上车的?|坐的车?", answer.text)
    if boarded is not None:
        match = _OFF.search(answer.text, boarded.end())
        if match is not None:
            stop = _NOT_STOP.sub("", match.group(1))
            if len(stop) >= 2:
                return stop, answer.evidence(match.start(1), match.end(1))
    for question in view.operator:
        if question.number > answer.number and _ASKS_OFF.search(question.text):
            later = view.answer_after(question)
            match = _STOP_END.search(later.text) if later is not None else None
            if later is not None and match is not None:
                return match.group(1), later.evidence(match.start(1), match.end(1))
    match = re.search(r"坐到([一-鿿A-Z0-9]{2,12})$", answer.text) or re.search(
        r"到([一-鿿A-Z0-9]{2,14}?(?:站|口|机场|广场|小区|花园|路|医院))", answer.text)
    return (match.group(1), answer.evidence(match.start(1), match.end(1))) if match is not None else None
