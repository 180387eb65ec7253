"""Hides personal data by role: names, phones, identity numbers, addresses, and all of them inside free text.

``Role`` says who looks, ``Purpose`` why; ``mask_level`` gives how much is hidden of each kind of data. Masking a value never
lets more through than its kind allows: what does not look like a phone in a phone field is hidden whole. Free text is
searched for what the ticket itself holds (its names, numbers, addresses), for what stands after 我叫 or before 先生, and for
runs of digits, said (幺三八) or written; hiding too much is accepted, hiding too little is not. ＊ is the mask: full width, so
that nothing takes it for a wildcard. Pure functions.

    purpose    operator            lead (班长、质检)     IT
    handling   all open            all open             all hidden
    list       partly hidden       names open           all hidden
    export     partly hidden       partly hidden        all hidden
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from app.domain.spoken_digits import SPOKEN, as_digits, digit_runs, is_cardinal, value_of

MASK = "＊"
_LEAST_RUN = 3
_LEAST_WHOLE_RUN = 7
_HOTLINES = frozenset({"110", "119", "120", "122", "114", "12345", "12333", "12315", "12320", "12348", "12306", "12369", "12328"})


class Role(StrEnum):
    """Who looks at data: the operator, the shift lead or quality reviewer, the IT department."""

    OPERATOR = "operator"
    LEAD = "lead"
    IT = "it"


class Purpose(StrEnum):
    """Why: working on one ticket, looking over many, taking data out of the program."""

    HANDLING = "handling"
    LIST = "list"
    EXPORT = "export"


class Kind(StrEnum):
    """What sort of personal data a field holds."""

    NAME = "name"
    PHONE = "phone"
    IDENTITY = "identity"
    ADDRESS = "address"
    PLATE = "plate"
    TEXT = "text"


class Level(IntEnum):
    """How much is hidden."""

    OPEN = 0
    PART = 1
    WHOLE = 2


#: Fields that hold personal data; all other fields are open but for those that hold free text.
KINDS: Mapping[str, Kind] = {
    "requester_name": Kind.NAME, "contact_phone": Kind.PHONE, "alt_phone": Kind.PHONE, "caller_number": Kind.PHONE,
    "id_no": Kind.IDENTITY, "uscc": Kind.IDENTITY, "requester_address": Kind.ADDRESS, "address_detail": Kind.ADDRESS,
    "addr_parts": Kind.ADDRESS, "landmark": Kind.ADDRESS, "plate_no": Kind.PLATE, "title": Kind.TEXT, "content": Kind.TEXT,
    "demand": Kind.TEXT, "subject": Kind.TEXT, "org_name": Kind.TEXT, "event_time_text": Kind.TEXT, "order_no": Kind.TEXT,
    "attachments": Kind.TEXT, "return_reason": Kind.TEXT, "contact_record": Kind.TEXT, "unsolved_reason": Kind.TEXT,
    "handling": Kind.TEXT, "public_answer": Kind.TEXT,
}
#: Fields whose values are choices, codes, times or flags: they say nothing of a person.
_OPEN_FIELDS = frozenset({
    "call_id", "ticket_no", "accept_time", "accept_channel", "agent_id", "call_start", "call_end", "language", "requester_title",
    "requester_type", "id_type", "is_anonymous", "is_confidential", "allow_dept_contact", "need_callback", "agree_public",
    "request_type", "item_code", "event_time_start", "event_time_precision", "region_city", "region_district", "region_street",
    "region_community", "prev_ticket_no", "follow_up", "amount", "people_count", "urgency", "tags", "in_scope",
    "direct_answer", "kb_refs", "dispatch_mode", "lead_unit", "co_units", "sign_deadline", "audit_deadline", "due_date",
    "monitor_state", "review_limit", "status", "is_true", "out_of_duty", "solved", "callback_time", "satisfaction",
    "callback_solved", "redo", "model_version",
})


@dataclass(frozen=True, slots=True)
class Known:
    """What a ticket itself says of its persons: hidden wherever it stands in free text."""

    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


NOTHING_KNOWN = Known()


def mask_level(role: Role, purpose: Purpose, kind: Kind) -> Level:
    """How much of a kind a role may not see for a purpose."""
    if role is Role.IT:
        return Level.WHOLE
    if purpose is Purpose.HANDLING:
        return Level.OPEN
    if role is Role.LEAD and purpose is Purpose.LIST and kind in (Kind.NAME, Kind.TEXT):
        return Level.OPEN
    return Level.PART


def known_of(values: Mapping[str, object]) -> Known:
    """What the fields of a ticket say of persons. ``values``: field name to submitted value."""
    by_kind: dict[Kind, list[str]] = {}
    for name, value in values.items():
        kind = KINDS.get(name)
        if kind is not None and isinstance(value, str) and value:
            by_kind.setdefault(kind, []).append(value)
    numbers = (*by_kind.get(Kind.PHONE, ()), *by_kind.get(Kind.IDENTITY, ()), *by_kind.get(Kind.PLATE, ()))
    names = tuple(name for name in by_kind.get(Kind.NAME, ()) if len(name) > 1)
    return Known(names, tuple(by_kind.get(Kind.ADDRESS, ())), numbers)


def mask_field(name: str, value: object, role: Role, purpose: Purpose, known: Known = NOTHING_KNOWN) -> object:
    """A field's value as a role may see it. Fields that are not known here are masked as free text."""
    if name in _OPEN_FIELDS or value is None or isinstance(value, bool | int | float):
        return value
    level = mask_level(role, purpose, KINDS.get(name, Kind.TEXT))
    if level is Level.OPEN:
        return value
    if isinstance(value, list | tuple):
        return [mask_field(name, each, role, purpose, known) for each in value]
    if isinstance(value, Mapping):
        return {key: mask_field(name, each, role, purpose, known) for key, each in value.items()}
    return mask_value(KINDS.get(name, Kind.TEXT), str(value), level, known)


def mask_value(kind: Kind, value: str, level: Level, known: Known = NOTHING_KNOWN) -> str:
    """One value of a kind, hidden to a level."""
    if level is Level.OPEN or not value:
        return value
    if level is Level.WHOLE:
        return MASK * 3
    return _PARTS[kind](value) if kind is not Kind.TEXT else mask_text(value, known)


def mask_text(text: str, known: Known = NOTHING_KNOWN) -> str:
    """Free text without its persons: names, numbers said or written, house numbers, e-mail, plates."""
    for value in sorted((*known.addresses, *known.numbers), key=len, reverse=True):
        text = _without(text, value)
    for name in sorted(known.names, key=len, reverse=True):
        text = text.replace(name, mask_name(name))
    for pattern in (_SELF, _WEAK_SELF):
        text = pattern.sub(lambda m: m[1] + MASK * len(m[2]), text)
    text = _TITLED.sub(lambda m: MASK * len(m[1]) + m[2], text)
    text = _MAIL.sub(MASK * 3, text)
    text = _PLATE.sub(lambda m: m[1] + MASK * len(m[2]), text)
    text = _digits_hidden(text)
    return _HOUSE.sub(lambda m: MASK * 2 + m[2], text)


def mask_name(name: str) -> str:
    """陈＊＊ for a personal name, 欧阳＊＊ stays 欧＊＊＊: the first character only; 陈先生 as it is."""
    if _IS_TITLED.fullmatch(name):
        return name
    return name[:1] + MASK * max(1, len(name) - 1)


def mask_phone(number: str) -> str:
    """138＊＊＊＊5678; a landline keeps area code and last two digits, anything else is hidden but for its last two."""
    digits = [place for place, each in enumerate(number) if each.isdigit()]
    if len(digits) < _LEAST_WHOLE_RUN:
        return MASK * len(number)
    is_mobile = len(digits) == 11 and number[digits[0]] == "1"
    begin, end = (3, 4) if is_mobile else (number.find("-") if 3 <= number.find("-") <= 4 else 0, 2)
    hidden = set(digits[begin: len(digits) - end])
    return "".join(MASK if place in hidden else each for place, each in enumerate(number))


def mask_identity(number: str) -> str:
    """The first three and the last two characters."""
    return number[:3] + MASK * (len(number) - 5) + number[-2:] if len(number) >= 8 else MASK * len(number)


def mask_address(address: str) -> str:
    """District, street and road stay; what stands from the first number on is hidden."""
    found = re.search(f"[0-9０-９{SPOKEN}十百A-Za-z]+(?=[号栋座楼单室房弄巷幢]|$)|[0-9０-９]", address)
    kept = address[: found.start()] if found else _REGION_OF_ADDRESS.match(address)[0]  # type: ignore[index]
    return kept + MASK * 3


def mask_plate(plate: str) -> str:
    """粤A＊＊＊12: the place and the last two."""
    return plate[:2] + MASK * max(0, len(plate) - 4) + plate[-2:] if len(plate) > 4 else MASK * len(plate)


_PARTS = {Kind.NAME: mask_name, Kind.PHONE: mask_phone, Kind.IDENTITY: mask_identity, Kind.ADDRESS: mask_address,
          Kind.PLATE: mask_plate}
_HAN = "一-龥"
_BETWEEN = re.compile(r"[\s\-·,，]*")
_TITLES = "先生|女士|小姐|太太|阿姨|大爷|大妈|师傅|老师|同志|叔叔|婆婆|伯伯|经理|医生|主任|老板"
_LEADS = "我叫|名叫|名字叫|名字是|姓名是|姓名为|姓名[:：]|联系人是|联系人[:：]|联系人"
_WEAK_LEADS = "我是|本人|我姓|叫做|他叫|她叫"
_AFTER_NAME = r"(?=[，,。.；;、\s）)（(]|$|电话|手机|身份|住|今年|家住)"
_SELF = re.compile(f"((?:{_LEADS}))(?!什么|谁)([{_HAN}]{{1,4}}?{_AFTER_NAME}|[{_HAN}]{{2,4}})")
_WEAK_SELF = re.compile(f"((?:{_WEAK_LEADS}))(?!什么|谁|不|想|在|要|来|说)([{_HAN}]{{1,4}}?){_AFTER_NAME}")
_TITLED = re.compile(f"([{_HAN}]{{1,3}})({_TITLES})")
_IS_TITLED = re.compile(f"[{_HAN}]{{1,2}}(?:{_TITLES})")
# Runs that must reach up to a sign are not tried again shorter, or from their middle: long ones that somebody made up cost little.
_MAIL = re.compile(r"[\w.+-]++@[\w-]+(?:\.[\w-]+)+")
_PLATE = re.compile(r"([京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Za-z])[·\s]?([A-HJ-NP-Za-hj-np-z0-9]{5,6})")
_NUMBERED = f"[0-9０-９{SPOKEN}十百千A-Za-z＊]"
_HOUSE = re.compile(f"(?<!{_NUMBERED})({_NUMBERED}+)(号(?!线)|栋|座(?!椅)|单元|室|房|弄|幢|楼(?=[0-9０-９{SPOKEN}十])|号楼)")
_REGION_OF_ADDRESS = re.compile(f"^(?:[{_HAN}]+?(?:省|市|区|县|镇|街道|街|路|大道|村))*")


def _without(text: str, value: str) -> str:
    """A text without a value that is known, also where only spaces and signs differ."""
    if len(value) < 2:
        return text
    plain = "".join(each for each in value if each.isalnum())
    if not plain or plain not in _BETWEEN.sub("", text):  # making a pattern costs a hundred times as much
        return text
    return re.sub(_BETWEEN.pattern.join(re.escape(each) for each in plain), MASK * 3, text)


def _digits_hidden(text: str) -> str:
    parts, done = [], 0
    for start, end in digit_runs(text, _LEAST_RUN):
        stretch = text[start:end]
        if may_stay(text, stretch, end):
            continue
        parts += [text[done:start], "".join(MASK if _is_digit(each) else each for each in stretch)]
        done = end
    return "".join([*parts, text[done:]])


def may_stay(text: str, stretch: str, end: int) -> bool:
    """A year, an emergency or service number, an amount: shorter than any personal number and followed by what it counts."""
    digits = as_digits(stretch)
    if len(digits) >= _LEAST_WHOLE_RUN:
        return False
    after = text[end: end + 2]
    return digits in _HOTLINES or is_cardinal(after[:1]) or (len(digits) <= 5 and after[:1] in tuple("年元块米"))


def _is_digit(character: str) -> bool:
    return value_of(character) is not None or character in "Xx叉双"


def personal_fields(names: Iterable[str]) -> tuple[str, ...]:
    """Those of the fields that hold personal data or free text."""
    return tuple(name for name in names if name not in _OPEN_FIELDS)
