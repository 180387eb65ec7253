"""Who is complained about, by the part that a name plays in the talk and not by its ending.

A name that is spelled out at once (叫渔家大院，打渔的渔), one read off a sign (公示牌上写的是…), a vehicle that the complaint is
directed at, a person of whom surname and calling are told (姓赖，叫赖小芸 + 护士), an office that the operator names in full
(客家村村委会), the neighbour by the number of the flat. What the citizen answers about the own name, the own firm or the way is none
of it. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.domain.ticket import Evidence
from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.questions import Topic
from app.extraction.spoken_numbers import written
from app.extraction.talk_segments import clauses


@dataclass(frozen=True, slots=True)
class Subject:
    """A found subject with how sure it is and where it was said."""

    name: str
    confidence: float
    evidence: tuple[Evidence, ...]
    rule: str


_SPELLING = re.compile(r"^(?:.{0,2}?就?是)?(?P<word>.{1,5})的(?P<chars>.{1,2})$")
_INTRODUCED = re.compile(r"^.*(?:叫做?|写的是|写着|印着|印的是|挂的是|牌子是|名字是|名是|总包是"
                         r"|(?:公司|单位|商家|开发商|物业|店|厂)是)(?:什么|那个|一个)?")
_LEAD = re.compile(r"^(?:是|就是|好像是?|应该是?|那个|一个|嗯|呃|哦|哎|在)+")
_TRAIL = re.compile(r"的?(?:这|那)?(?:一)?(?:家|个)?的(?:公司|店|厂|单位|商家)$")
_SIGN = re.compile(r"(?:牌子|招牌|公示牌|门头|没门牌|门口)[^，]{0,6}?(?:写的是|写着|写了|印着|叫|是)(?P<name>[一-鿿A-Z0-9]{2,10})$"
                   r"|^写着(?P<bare>[一-鿿A-Z0-9]{3,10})$")
_PLACE_END = re.compile(r"(?:[号路街巷道里坊镇区村楼苑轩阁座栋]|社区|小区|花园|家园|新城|大厦|大院|站|[东南西北]门)$")
OWN_FIRM = re.compile(r"贵公司|贵单位|您(?:的)?(?:公司|单位|厂|店|企业)")
_OWN = re.compile(r"我们?(?:公司|单位|厂|店|是|叫)|^我|姓|您")
_OWN_NAME = re.compile(r"我姓|免贵|我叫|本人")
_NOT_NAMED = re.compile(r"[的了着]|什么|不知|不清|没有|哪|对|零|幺")
_LONGEST, _SHORTEST, _LONGEST_TITLE = 14, 2, 12
_SURE_INTRODUCED, _SURE_ASKED, _READ_BACK = 0.79, 0.66, 0.1
_PERSONAL = frozenset({Topic.NAME})
_ROLES = "护士长|护士|医生|老师|警官|民警|司机|师傅|教练|协管员|辅警|经理|主任|老板娘|老板"
_SURNAME_TOLD = re.compile(r"(?:^|[的员士生师警机教人0-9A-Z零幺一二三四五六七八九])姓(?P<surname>[一-鿿])(?!什么|名)")
# Of a private car the owner is meant, of a cab or a bus the driver (``subject_owners``).
_VEHICLE = re.compile(r"(?:投诉|举报|反映)(?:一下|个)?(?:一|这|那|有)?[台辆部架](?!(?:小轿|轿|小汽|小|私家|汽|面包|出租|网约|公交|专|快)车)"
                      r"(?P<kind>[一-鿿]{1,3}车)")
_WORK_VEHICLE = re.compile(r"(?:泥头|渣土|货|大货|搅拌|垃圾|洒水|拖拉机|土方|挂)车|拖拉机|搅拌车|大巴车?")
_OWN_PLATE = re.compile(r"您(?:的|开的|那)?(?:车|是什么车|号牌|车牌)")
_OFFICE = re.compile(r"(?:投诉|举报|反映|说)(?:一下|下)?(?:我们?|那个|这个|村里的?)*(?P<kind>村委会|居委会|村委|居委|业委会|合作社|经济社)")
_DEN = re.compile(r"(?:投诉|举报)(?:一下)?(?:有)?(?:一)?[个家](?P<name>[一-鿿]{2,4}(?:窝点|作坊|诊所|赌档|赌场|团伙|网吧))")
_NEIGHBOUR = re.compile(r"(?:投诉|举报|反映)(?:一下|的是)?(?:我们?)?(?:楼上|隔壁|对面|楼下)(?:的)?(?:那[家户]|邻居|住户|业主|人家)")
_FLAT = re.compile(r"(?P<flat>(?:\d+[座栋幢号])?\d{3,4}(?:房|室)?)$")
_OPERATOR_ASKED = re.compile(r"哪一?家(?:运营商|银行|快递|平台|公司|电信)")
_OF_FIRM = re.compile(r"^(?P<name>[一-鿿]{2,4})的$")
_LINE = re.compile(r"(?P<number>[一二两三四五六七八九十百零幺0-9]{1,7})路(?!口|边|上)")


def by_role(view: DialogueView, values: Mapping[str, str]) -> Iterator[Subject]:
    """Subjects by their part in the talk; ``values``: other fields of the matter."""
    for turn in view.citizen:
        question = view.question_before(turn)
        if question is not None and (OWN_FIRM.search(question.text) or _asks_caller(question)):
            continue
        asked = question is not None and Topic.SUBJECT in question.topics
        yield from _spelled_name(view, turn, asked=asked)
        yield from _on_sign(turn)
        yield from _firm_of(question, turn)
        yield from _den(turn)
        yield from _neighbour(turn, values)
    yield from _titled(view)
    yield from _office(view)


def vehicle(view: DialogueView, values: Mapping[str, str]) -> Subject | None:
    """The vehicle that a complaint is directed at (投诉一台货车), with its plate; None where it is not known."""
    plate = values.get("plate_no")
    for turn in view.citizen if plate else ():
        match = _VEHICLE.search(turn.text)
        match = match or (_seen_vehicle(view, turn) if any(word in turn.text for word in ("牌", "粤")) else None)
        if match is not None and "kind" not in match.groupdict():
            return Subject(f"{plate}{match.group()}", 0.7 * turn.confidence(*match.span()), turn.evidence(*match.span()), "subject.vehicle")
        if match is not None:
            return Subject(f"{plate}{match['kind']}", 0.8 * turn.confidence(*match.span()), turn.evidence(*match.span()), "subject.vehicle")
    return None


def _seen_vehicle(view: DialogueView, turn: Turn) -> re.Match[str] | None:
    """A working vehicle told with its plate (粤B…，黄牌的大泥头车), where it is not the caller's own."""
    question = view.question_before(turn)
    own = question is not None and _OWN_PLATE.search(question.text) is not None
    return None if own or "我的" in turn.text or "我们的" in turn.text else _WORK_VEHICLE.search(turn.text)


def bus_line(view: DialogueView) -> Subject | None:
    """The line that a wish about buses names (五百六十四路 -> 564路公交)."""
    for turn in view.citizen:
        match = _LINE.search(turn.text)
        if match is not None and any("公交" in other.text for other in view.turns):
            name = f"{written(match['number'])}路公交"
            return Subject(name, 0.7 * turn.confidence(*match.span()), turn.evidence(*match.span()), "subject.line")
    return None


def _asks_caller(question: Turn) -> bool:
    return bool(_PERSONAL.intersection(question.topics)) and Topic.SUBJECT not in question.topics


def _spelled_name(view: DialogueView, turn: Turn, *, asked: bool) -> Iterator[Subject]:
    """A clause whose characters the next one spells: people spell names only, and this one is not their own."""
    spans = clauses(turn) if turn.marks and not _OWN_NAME.search(turn.text) else []
    for place, (start, end) in enumerate(spans[:-1]):
        name, at = _bare(turn.text[start:end], start)
        if _OWN.search(turn.text[start:at]) or not _is_name(name):
            continue
        introduced = at - start >= _SHORTEST or turn.text[max(0, start - 3) : start].endswith(("叫", "写的是", "印着", "写着", "是"))
        after = next((turn.text[a:b] for a, b in spans[place + 1 : place + 3] if turn.text[a:b] not in name), "")
        spelled = _SPELLING.match(after)
        if spelled is None or spelled["chars"][-1] not in name or spelled["chars"][-1] not in spelled["word"]:
            continue
        if introduced or (asked and not _PLACE_END.search(name)):
            repeated = any(name in other.text for other in view.operator if other.number > turn.number)
            sure = (_SURE_INTRODUCED if introduced else _SURE_ASKED) + _READ_BACK * repeated
            sure *= 0.5 + 0.5 * turn.confidence(at, end)
            yield Subject(name, sure if not _PLACE_END.search(name) else 0.6 * sure, turn.evidence(at, at + len(name)), "subject.spelled")


def _bare(clause: str, start: int) -> tuple[str, int]:
    """The name at the end of a clause and where it begins in the turn."""
    introduced = _INTRODUCED.match(clause)
    skip = introduced.end() if introduced else 0
    lead = _LEAD.match(clause[skip:])
    skip += lead.end() if lead else 0
    return _TRAIL.sub("", clause[skip:]), start + skip


def _is_name(name: str) -> bool:
    return _SHORTEST <= len(name) <= _LONGEST and _NOT_NAMED.search(name) is None


def _on_sign(turn: Turn) -> Iterator[Subject]:
    for start, end in clauses(turn):
        match = _SIGN.search(turn.text[start:end])
        name = (match["name"] or match["bare"]) if match else ""
        if name and _is_name(name) and not _PLACE_END.search(name):
            yield Subject(name, 0.68 * turn.confidence(start, end), turn.evidence(end - len(name), end), "subject.sign")


def _firm_of(question: Turn | None, turn: Turn) -> Iterator[Subject]:
    """哪家运营商的信号 -> 移动的."""
    spans = clauses(turn)
    if question is not None and spans and _OPERATOR_ASKED.search(question.text):
        match = _OF_FIRM.match(turn.text[slice(*spans[0])])
        if match is not None:
            yield Subject(match["name"], 0.6 * turn.confidence(*spans[0]), turn.evidence(*spans[0]), "subject.firm")


def _den(turn: Turn) -> Iterator[Subject]:
    match = _DEN.search(turn.text)
    if match is not None:
        yield Subject(match["name"], 0.64 * turn.confidence(*match.span("name")), turn.evidence(*match.span("name")), "subject.kind")


def _neighbour(turn: Turn, values: Mapping[str, str]) -> Iterator[Subject]:
    match = _NEIGHBOUR.search(turn.text)
    flat = _FLAT.search(values.get("address_detail", "")) if match else None
    if match is not None and flat is not None:
        yield Subject(f"{flat['flat']}住户", 0.55, turn.evidence(*match.span()), "subject.neighbour")


def _titled(view: DialogueView) -> Iterator[Subject]:
    """A person whose surname the citizen tells without being asked for the own one, with the calling that either side adds."""
    for turn in view.citizen:
        question = view.question_before(turn)
        told = _SURNAME_TOLD.search(turn.text) if question is None or not _asks_caller(question) else None
        if told is None:
            continue
        titled = re.compile(rf"(?P<name>{told['surname']}[一-鿿]{{0,2}}?)(?P<role>{_ROLES})")
        for other in view.turns:
            for start, end in clauses(other):
                match = titled.search(other.text[start:end])
                if match is None or other.text[start + match.start() - 1 : start + match.start()] == "您":
                    continue
                whole = other.text[start : start + match.end()].rsplit("的", 1)[-1]
                name = whole if other.is_operator and match.group() in whole and len(whole) <= _LONGEST_TITLE else match.group()
                sure = (0.76 if other.is_operator else 0.72) * turn.confidence(*told.span())
                yield Subject(name, sure, other.evidence(start + match.start(), start + match.end()), "subject.titled")


def _office(view: DialogueView) -> Iterator[Subject]:
    """An office that the citizen calls by its kind (我们村委会) and the operator by its name."""
    kind = next((match["kind"] for turn in view.citizen if (match := _OFFICE.search(turn.text))), None)
    for turn in view.operator if kind else ():
        answer = view.answer_after(turn)
        if answer is None or answer.reply is Reply.DENIAL:
            continue
        for start, end in clauses(turn):
            clause = turn.text[start:end]
            if kind and clause.endswith((kind, kind + "会")) and len(clause) > len(kind) + 1:
                yield Subject(clause, 0.7 * turn.confidence(start, end), turn.evidence(start, end), "subject.office")
