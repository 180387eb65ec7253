"""Numbers that identify: identity card, credit code, plate, earlier ticket, order. Each with its own check.

Identity numbers follow GB 11643 (date of birth, ISO 7064 MOD 11-2 check digit), credit codes GB 32100 (weights 3^i,
modulo 31). Plates are letters and digits as spoken (粤A, 后面是D九零二六三); recognition writes letters as characters
that sound like their names, which counts only inside a plate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from app.domain.ticket import Evidence, Hit
from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.hits import found
from app.extraction.identity_recovery import recovered
from app.extraction.number_talk import Span, Spoken, spoken_numbers
from app.extraction.questions import Topic
from app.extraction.spoken_letters import LETTER_OF, SPOKEN_LETTER
from app.extraction.spoken_numbers import DIGITS

_REGIONS = r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91"
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PROVINCE_SOUNDS = {
    "月": "粤",
    "越": "粤",
    "约": "粤",
    "乐": "粤",
    "岳": "粤",
    "阅": "粤",
    "悦": "粤",
    "跃": "粤",
    "香": "湘",
    "想": "湘",
    "相": "湘",
    "敢": "赣",
    "干": "赣",
    "归": "桂",
    "贵": "贵",
    "鬼": "桂",
    "恶": "鄂",
    "饿": "鄂",
    "于": "豫",
    "玉": "豫",
    "鱼": "豫",
    "民": "闽",
    "敏": "闽",
    "叶": "粤",
    "页": "粤",
    "夜": "粤",
    "野": "粤",
}
_PLATE_FILL = r"(?:后面[是实时事]?|然后是|然后|车牌|那个|就是|的|字母|杠|点)?"
_ONE = rf"(?:[A-Z](?!就是)|[{''.join(DIGITS)}]|(?:{SPOKEN_LETTER})(?!就是|是))"
_PLATE = re.compile(
    rf"([{_PROVINCES}{''.join(_PROVINCE_SOUNDS)}])({_PLATE_FILL})([A-Z]"
    rf"|{SPOKEN_LETTER})((?:{_PLATE_FILL}{_ONE}){{5,6}})"
)
_PLATE_STRICT = re.compile(rf"([{_PROVINCES}])([A-Z])((?:{_PLATE_FILL}[A-Z{''.join(DIGITS)}]){{5,6}})")
_TICKET = 18
_OLD_MATTER = re.compile(r"工单|单号|编号|催|进度|受理|上次|之前|撤|补充")
_WITHDRAWN = re.compile(r"不留了?|记不(?:太)?清|算了|先不(?:报|说|留)|还是不")
_TICKET_DAY = re.compile(r"2\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])")
_OTHERS_CARD = re.compile(
    r"(?:母亲|父亲|妈妈?|爸爸?|老人家?|孩子|小孩|儿子|女儿|爱人|老公|老婆|丈夫|妻子|奶奶|爷爷|外婆|外公|患者|病人|他|她)"
    r"(?:本人|自己)?的?(?:身份)?证"
)
_HALF_SEEN = re.compile(r"(?:看|记|认)(?:得)?(?:不太|不大|不|没|没有)(?:看|记)?(?:清|全|完|到|住|见)|挡住|忘了|模糊")
_PLATE_FORM = re.compile(rf"[{_PROVINCES}][A-Z][A-HJ-NP-Z0-9]{{5,6}}")


def is_identity(digits: str) -> bool:
    """A resident identity number with a true date and check digit (GB 11643)."""
    if re.fullmatch(rf"(?:{_REGIONS})\d{{15}}[\dX]", digits) is None:
        return False
    try:
        date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, digits[:17], strict=True))
    return _ID_CHECK[total % 11] == digits[17]


def is_credit_code(code: str) -> bool:
    """A unified social credit code with its check character (GB 32100)."""
    if len(code) != 18 or any(c not in _USCC_ALPHABET for c in code):
        return False
    total = sum(_USCC_ALPHABET.index(c) * pow(3, place, 31) for place, c in enumerate(code[:17]))
    return _USCC_ALPHABET[(31 - total % 31) % 31] == code[17]


def identifiers(view: DialogueView) -> tuple[Hit, ...]:
    """Hits for id_no, id_type, uscc, plate_no, prev_ticket_no, order_no."""
    return (*_identity(view), *_credit_code(view), *_plate(view), *_old_numbers(view))


def _identity(view: DialogueView) -> Iterable[Hit]:
    if not any("证" in turn.text for turn in view.turns):
        return
    shaped = [
        number
        for number in spoken_numbers(view, lambda d: len(d) == 18, letters="X")
        if len(number.digits) == 18
        and (Topic.ID_NO in number.topics or is_identity(number.digits))
        and Topic.TICKET_NO not in number.topics
        and not _of_somebody_else(number, view)
        and not _is_ticket(number, view)
        and _WITHDRAWN.search(view.turns[number.spans[-1][0]].text[number.spans[-1][2] :]) is None
    ]
    for number in shaped:
        checked = is_identity(number.digits)
        if not checked and is_identity(number.heard):
            number.digits, checked = number.heard, True
        confidence = 0.99 if checked and number.confirmed else 0.95 if checked else 0.5
        evidence = _evidence(view, number)
        heard = 1.0 if checked else _heard(view, number.spans)
        yield found(
            "id_no", number.digits, confidence, evidence, "id_no.checked" if checked else "id_no.shape", heard=heard
        )
        yield found("id_type", "居民身份证", confidence, evidence, "id_no.type", heard=heard)
        return
    if any(turn.from_sound for turn in view.turns):
        yield from recovered(view, is_identity)


def _of_somebody_else(number: Spoken, view: DialogueView) -> bool:
    """The mother's or the child's identity number is not the caller's."""
    turn, start, _ = number.spans[0]
    question = view.question_before(view.turns[turn])
    asked = question.text if question is not None and not number.by_operator else ""
    lead = view.turns[turn].text[max(0, start - 16) : start]
    return _OTHERS_CARD.search(asked) is not None or _OTHERS_CARD.search(lead) is not None


def _credit_code(view: DialogueView) -> Iterable[Hit]:
    if not any(Topic.USCC in turn.topics for turn in view.operator):
        return
    for number in spoken_numbers(view, lambda d: len(d) == 18, letters="ABCDEFGHJKLMNPQRTUWXY"):
        if Topic.USCC in number.topics and len(number.digits) == 18:
            checked = is_credit_code(number.digits)
            yield found(
                "uscc",
                number.digits,
                0.95 if checked else 0.5,
                _evidence(view, number),
                "uscc.checked" if checked else "uscc.shape",
                heard=_heard(view, number.spans),
            )
            return


def _old_numbers(view: DialogueView) -> Iterable[Hit]:
    """Earlier ticket and order numbers: any long digit string in answer to the question for it."""
    done: set[str] = set()
    if not any("号" in turn.text or "码" in turn.text for turn in view.turns):
        return
    for number in spoken_numbers(view, lambda d: len(d) >= 18, letters=""):
        name = _old_name(number, view)
        if name is None or name in done or len(number.digits) < 6 or is_identity(number.digits):
            continue
        done.add(name)
        if name == "prev_ticket_no":
            _drop_overrun(number)
        agreed = number.confirmed and number.read_back == number.digits and not number.by_operator
        heard = _heard(view, number.spans)
        if not agreed and view.turns[number.turn].from_sound:
            heard = min(heard, 0.6)
        confidence = 0.97 if agreed else 0.9 if not number.read_back else 0.8
        yield found(
            name,
            number.digits,
            confidence,
            _evidence(view, number),
            f"{name}.read_back" if agreed else f"{name}.said",
            heard=max(heard, 0.8) if agreed else heard,
        )


def _drop_overrun(number: Spoken) -> None:
    """A ticket number has 18 digits and begins with its day; a counting word's digit (一共, 一个礼拜前) may follow it."""
    for name in ("digits", "read_back"):
        digits = getattr(number, name)
        if _TICKET < len(digits) <= _TICKET + 2 and _TICKET_DAY.match(digits):
            setattr(number, name, digits[:_TICKET])


def _is_ticket(number: Spoken, view: DialogueView) -> bool:
    """18 digits that begin with a day and hour of this century and are no identity number, in talk of an earlier call."""
    return (
        _TICKET <= len(number.digits) <= _TICKET + 2
        and _TICKET_DAY.match(number.digits) is not None
        and not is_identity(number.digits[:_TICKET])
        and any(_OLD_MATTER.search(turn.text) for turn in view.turns)
    )


def _old_name(number: Spoken, view: DialogueView) -> str | None:
    turn, start, _ = number.spans[0]
    lead = view.turns[turn].text[max(0, start - 12) : start]
    if re.search(r"订单(?:编)?号|运单|快递单|案件(?:编)?号|立案号|物流", lead):
        return "order_no"
    if re.search(r"工单|受理(?:编)?号|(?:上次|之前)的?(?:编|单)号|查询(?:编)?号", lead):
        return "prev_ticket_no"
    if not number.by_operator and _is_ticket(number, view):
        return "prev_ticket_no"
    if number.by_operator:
        asked = any(Topic.TICKET_NO in turn.topics for turn in view.turns[max(0, number.turn - 5) : number.turn])
        return "prev_ticket_no" if asked and number.confirmed else None
    if Topic.TICKET_NO in number.topics:
        return "prev_ticket_no"
    return "order_no" if Topic.ORDER_NO in number.topics else None


def _plate(view: DialogueView) -> Iterable[Hit]:
    said: list[tuple[str, Turn, int, int]] = []
    for turn in view.turns:
        loose = turn.is_operator or Topic.PLATE in view.topics_before(turn) or "车牌" in turn.text
        plates = [] if _HALF_SEEN.search(turn.text) else list(_plates_in(turn.text, loose=loose))
        said += [(plate, turn, start, end) for plate, start, end in plates]
        if loose and not plates:
            said += [
                (plate, turn, 0, len(turn.text))
                for text in turn.readings
                for plate, _, _ in _plates_in(text, loose=True)
            ][:1]
    if not said:
        return
    by_citizen = [entry for entry in said if not entry[1].is_operator]
    by_operator = [entry for entry in said if entry[1].is_operator and _agreed(view, entry[1])]
    if not by_citizen and not by_operator:
        return
    agreed = {entry[0] for entry in by_citizen} & {entry[0] for entry in by_operator}
    best = (by_operator or by_citizen)[-1]
    if by_citizen and best[0] not in agreed and best[1].text[best[2]] not in _PROVINCES:
        best = by_citizen[-1]
    evidence = tuple(
        piece for plate, turn, start, end in said if plate == best[0] for piece in turn.evidence(start, end)
    )
    heard = best[1].confidence(best[2], best[3])
    if best[1].from_sound and not agreed:
        heard = min(heard, 0.6)
    confidence = (
        0.98 if best[0] in agreed else 0.88 if by_operator and not by_citizen else 0.9 if not by_operator else 0.86
    )
    yield found(
        "plate_no",
        best[0],
        confidence,
        evidence,
        "plate.read_back" if agreed else "plate.said",
        heard=max(heard, 0.8) if agreed else heard,
    )


def _agreed(view: DialogueView, turn: Turn) -> bool:
    answer = view.answer_after(turn)
    return answer is None or answer.reply is not Reply.DENIAL


def _plates_in(text: str, *, loose: bool) -> Iterable[tuple[str, int, int]]:
    for match in (_PLATE if loose else _PLATE_STRICT).finditer(text):
        groups = match.groups()
        province = _PROVINCE_SOUNDS.get(groups[0], groups[0])
        letter = LETTER_OF.get(groups[-2], groups[-2])
        serial = "".join(_symbol(piece) for piece in re.findall(_ONE, groups[-1]))
        plate = province + letter + serial[:6]
        is_new_energy = len(serial) == 6
        if _PLATE_FORM.fullmatch(plate) and (not is_new_energy or serial[0].isalpha() or serial[5].isalpha()):
            yield plate, match.start(), match.end()
        elif _PLATE_FORM.fullmatch(plate[:7]):
            yield plate[:7], match.start(), match.end()


def _symbol(piece: str) -> str:
    return DIGITS.get(piece) or LETTER_OF.get(piece) or piece


def _evidence(view: DialogueView, number: Spoken) -> tuple[Evidence, ...]:
    spans = (*number.spans, *number.read_back_spans)
    return tuple(piece for turn, start, end in spans for piece in view.turns[turn].evidence(start, end))


def _heard(view: DialogueView, spans: Iterable[Span]) -> float:
    return min((view.turns[turn].confidence(start, end) for turn, start, end in spans), default=0.0)
