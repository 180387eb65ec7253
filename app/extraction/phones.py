"""contact_phone and alt_phone: which numbers of a call are the caller's, and which of them is the first.

Numbers come from ``number_talk``. A number is the caller's when it answers a question for it or is offered as such; the
shop's, the boss's and the hotline's numbers are not. 就是这个号码 means the calling line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from app.domain.dialogue import CallContext
from app.domain.ticket import Candidate, Evidence, Hit
from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.hits import found
from app.extraction.number_talk import Span, Spoken, spoken_numbers
from app.extraction.phone_recovery import recovered
from app.extraction.questions import Topic
from app.extraction.spoken_numbers import DIGIT_CLASS, written

_MOBILE = re.compile(r"1[3-9]\d{9}")
_SERVICE = re.compile(r"[48]00\d{7}")
_TWO_DIGIT_AREAS = ("010", "020", "021", "022", "023", "024", "025", "027", "028", "029")
_LANDLINE = re.compile(
    r"(?:010|02[0-57-9]|0755|0757|0769|0760|0754)[2-8]\d{7}|(?!0755|0757|0769|0760|0754)07[56]\d[2-8]\d{6}"
    r"|0(?!7[56])[3-9]\d{2}[2-8]\d{6,7}"
)
_EXTENSION = re.compile(rf"(?:再)?(?:转|分机)(?:分机)?(?:号)?(?:是)?({DIGIT_CLASS}{{1,5}})")
_CITY_AREA = {
    "广州市": "020",
    "深圳市": "0755",
    "珠海市": "0756",
    "佛山市": "0757",
    "东莞市": "0769",
    "中山市": "0760",
    "惠州市": "0752",
}
_EIGHT_DIGIT_CITIES = frozenset({"广州市", "深圳市", "佛山市", "东莞市", "中山市"})
_MAIN = re.compile(r"(手机|座机)(?:为主|优先)|先打(?:我)?(?:的)?(手机|座机)")
BOTH = 2
_KIND = r"(?:们)?(?:那边|那里|自己)?的?(?:有|有没有)?(?:联系|手机|办公|服务|投诉)?(?:电话|号码|手机|座机|方式)"
_STRANGERS = re.compile(
    r"(?:老板|店家|商家|司机|物业|房东|对方|客服|(?<!其)他|她|它|骗子|中介|快递员?|人家|前台|负责人|经理|师傅|施工方|平台"
    rf"|卖家|邻居){_KIND}"
)
_WRITTEN_ON = re.compile(r"(?:写着|写的|印着|印的|贴着|留着|上面|上写|显示)(?:是|的是)?$")
_ON_PAPER = re.compile(r"(?:广告|传单|牌子?|招牌|海报|短信|单子|网上|卡片|贴纸|横幅|通知)(?:上面?|里面?)?(?:有|写|留|的)")
_OWN_PLACES = re.compile(rf"(?:店里|店铺|公司|单位|办公室){_KIND}(?:号码|号)?(?:是|叫|写的)?$")
_KEPT = re.compile(r"(?:电话|手机|号码|联系方式)(?:号码|号)?(?:还|仍|依然|照旧)?(?:是|为|用)?(?:之前|原来|登记|预留)?(?:的)?$")
_ALT_LEAD = re.compile(r"备用|另外|还有(?:一个|个)?|第二个|另一个|再留|或者(?:打)?|打不通")
_THIS_NUMBER = re.compile(
    r"(?:就|用|打|留|是)*(?:我)?(?:现在|目前)?(?:打(?:来|过来|进来)?的?)?这个(?:号码|电话|手机|号|就行|就可以"
    r"|吧)|就这个(?:$|吧|号|电话)|来电(?:号码|的号码|这个)"
    r"|(?:现在|目前)打(?:过来|进来|来)?的(?:这个|号码|电话)|本机|打过来的(?:这个|号码)|同一个号码"
)


def is_phone(digits: str) -> bool:
    """A whole mobile, landline with area code, or service number."""
    return any(pattern.fullmatch(digits) for pattern in (_MOBILE, _LANDLINE, _SERVICE))


def written_phone(digits: str) -> str:
    """As it is filed: landlines with a hyphen after the area code."""
    if _LANDLINE.fullmatch(digits):
        area = 3 if digits.startswith(_TWO_DIGIT_AREAS) else 4
        return f"{digits[:area]}-{digits[area:]}"
    return digits


def phones(view: DialogueView, context: CallContext) -> tuple[Hit, ...]:
    """Hits for contact_phone and alt_phone."""
    numbers = [number for number in spoken_numbers(view, is_phone) if _is_callers(number, view)]
    usable = [number for number in numbers if is_phone(number.digits)]
    local = [number for number in numbers if not is_phone(number.digits)]
    usable = _main_first(view, usable)
    first = next((number for number in usable if not _is_alternative(number)), None)
    hits: list[Hit] = []
    if first is not None:
        hits.append(_hit("contact_phone", first, view))
    elif not usable:
        hits += _calling_line(view, context) or _local_landline(local, view, context) or recovered(view)
    for number in usable:
        if number is not first and (first is None or number.digits != first.digits):
            hits.append(_hit("alt_phone", number, view))
            break
    return tuple(hits)


def _main_first(view: DialogueView, usable: list[Spoken]) -> list[Spoken]:
    """Of several numbers the one first that the citizen names as the main one (以手机为主，座机没人接的时候多)."""
    told = [match for turn in view.citizen if (match := _MAIN.search(turn.text)) is not None]
    if len(usable) < BOTH or not told:
        return usable
    mobile = (told[-1].group(1) or told[-1].group(2)) == "手机"
    return sorted(usable, key=lambda number: (_MOBILE.fullmatch(number.digits) is not None) is not mobile)


def _is_callers(number: Spoken, view: DialogueView) -> bool:
    question = view.question_before(view.turns[number.turn])
    asked = Topic.PHONE in number.topics or Topic.ALT_PHONE in number.topics
    if (
        not asked
        and not number.by_operator
        and {Topic.ID_NO, Topic.TICKET_NO}.intersection(number.topics)
        and not re.search("电话|手机", number.lead)
    ):
        return False
    if (
        question is not None
        and _STRANGERS.search(question.text)
        and not re.search(r"您的?(?:本人|自己)?的?(?:联|电|手|号)", question.text)
    ):
        return False
    if number.by_operator:
        return (asked or _KEPT.search(number.lead) is not None) and number.confirmed
    lead = _lead(number, view)
    if _WRITTEN_ON.search(lead) or (question is not None and _ON_PAPER.search(question.text)):
        return False
    if _STRANGERS.search(lead) and not re.search(r"我|打", lead):
        return False
    return asked or _OWN_PLACES.search(lead) is None


def _lead(number: Spoken, view: DialogueView) -> str:
    turn, start, _ = number.spans[0]
    return view.turns[turn].text[max(0, start - 14) : start]


def _is_alternative(number: Spoken) -> bool:
    return Topic.ALT_PHONE in number.topics or _ALT_LEAD.search(number.lead) is not None


def _hit(name: str, number: Spoken, view: DialogueView) -> Hit:
    evidence = _evidence(number.spans, view) + _evidence(number.read_back_spans, view)
    heard = _heard(number.spans, view)
    agreed = number.confirmed and not number.heard
    confidence, rule = (0.99, "phone.read_back") if agreed else (0.95, "phone.said")
    if number.repaired:
        rule = "phone.repaired"
    if number.heard and not number.repaired:
        confidence, rule = 0.8, "phone.read_back_differs"
    elif agreed and number.read_back == number.digits:
        heard = max(heard, 0.8)
    elif not number.sure or view.turns[number.turn].from_sound:
        confidence = 0.7
    others = [Candidate(written_phone(number.heard), 0.2)] if is_phone(number.heard) else []
    value = written_phone(number.digits) + _extension(number, view)
    return found(name, value, confidence, evidence, rule, heard=heard, alternatives=others)


def _extension(number: Spoken, view: DialogueView) -> str:
    """-802 where 转八零二 or 分机八零二 follows a landline; else empty."""
    if not _LANDLINE.fullmatch(number.digits):
        return ""
    for turn, _, end in number.spans:
        match = _EXTENSION.match(view.turns[turn].text, end)
        if match is not None:
            return "-" + written(match.group(1))
    return ""


def _evidence(spans: Iterable[Span], view: DialogueView) -> tuple[Evidence, ...]:
    return tuple(piece for turn, start, end in spans for piece in view.turns[turn].evidence(start, end))


def _heard(spans: Sequence[Span], view: DialogueView) -> float:
    return min((view.turns[turn].confidence(start, end) for turn, start, end in spans), default=0.0)


def _calling_line(view: DialogueView, context: CallContext) -> list[Hit]:
    if not context.caller_number:
        return []
    for question, answer in view.exchanges():
        if question is None:
            continue
        match = _THIS_NUMBER.search(answer.text)
        asked = Topic.PHONE in question.topics
        offered = _THIS_NUMBER.search(question.text) is not None and answer.reply is Reply.ASSENT
        if asked and (match is not None or offered):
            span = match.span() if match is not None else (0, len(answer.text))
            return [
                found(
                    "contact_phone",
                    context.caller_number,
                    0.95,
                    answer.evidence(*span),
                    "phone.calling_line",
                    heard=answer.confidence(*span),
                )
            ]
    return []


def _local_landline(numbers: Sequence[Spoken], view: DialogueView, context: CallContext) -> list[Hit]:
    """A local number without area code: the hotline's own city is meant."""
    length = 8 if context.city in _EIGHT_DIGIT_CITIES else 7
    area = _CITY_AREA.get(context.city)
    for number in numbers:
        digits = number.digits
        if area and len(digits) == length + len(area) and digits.endswith(area):  # 八幺五零九六二三，零二零的
            digits = digits[:length]
        if area and len(digits) == length and digits[0] in "2345678" and Topic.PHONE in number.topics:
            return [
                found(
                    "contact_phone",
                    f"{area}-{digits}",
                    0.8,
                    _evidence(number.spans, view),
                    "phone.local",
                    heard=_heard(number.spans, view),
                )
            ]
    return []


def phone_turns(view: DialogueView) -> Iterable[Turn]:
    """Turns that answer a question for a phone number."""
    return (answer for question, answer in view.exchanges() if question is not None and Topic.PHONE in question.topics)
