"""Whether a value fits its field: form of phones, identity numbers, plates and codes, length, choice.

The forms are those of the field table's rule column. A value that does not fit is told, never changed and never refused: a
foreign phone number is a fact, too. Pure functions; standard library only.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum

from app.domain.catalogue import FieldKind, FieldSpec
from app.domain.ticket import Value

_PHONE = re.compile(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(?:-\d{1,5})?|[48]00-?\d{3}-?\d{4}|1\d{2}|1[12]\d{3}|9\d{4}")
_PLATE = re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][A-HJ-NP-Z0-9]{5,6}")
_USCC_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_TICKET = re.compile(r"[0-9A-Za-z-]{6,32}")
#: The window's words for the table's, row 诉求人类型.
_SPOKEN_CHOICES = {"requester_type": frozenset({"个人", "企业"})}


class Misfit(StrEnum):
    """Why a value does not fit."""

    FORM = "form"
    CHECK_DIGIT = "check_digit"
    TOO_LONG = "too_long"
    CHOICE = "choice"


def misfit(spec: FieldSpec, value: Value) -> Misfit | None:
    """Why the value does not fit its field, None where it does."""
    if isinstance(value, str) and spec.max_chars and len(value) > spec.max_chars:
        return Misfit.TOO_LONG
    if spec.kind is FieldKind.CHOICE and spec.choices:
        allowed = {*spec.choices, *_SPOKEN_CHOICES.get(spec.name, ())}
        return None if isinstance(value, str) and value in allowed else Misfit.CHOICE
    if spec.kind is FieldKind.FLAG:
        return None if isinstance(value, bool) else Misfit.FORM
    return _form(spec.name, value) if isinstance(value, str) else None


def _form(name: str, value: str) -> Misfit | None:
    if name in ("contact_phone", "alt_phone"):
        return None if _PHONE.fullmatch(value) else Misfit.FORM
    if name == "id_no":
        return _identity(value)
    if name == "uscc":
        return _credit_code(value)
    if name == "plate_no":
        return None if _PLATE.fullmatch(value) else Misfit.FORM
    if name == "prev_ticket_no":
        return None if _TICKET.fullmatch(value) else Misfit.FORM
    if name == "event_time_start":
        return None if _is_time(value) else Misfit.FORM
    return None


def _identity(value: str) -> Misfit | None:
    """GB 11643: 17 digits with a real birth date and a check character (ISO 7064, MOD 11-2). Other papers pass."""
    if not re.fullmatch(r"\d{17}[\dXx]", value):
        return Misfit.FORM if value.isdigit() else None
    try:
        date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return Misfit.FORM
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(value[:17]))
    return None if "10X98765432"[total % 11] == value[-1].upper() else Misfit.CHECK_DIGIT


def _credit_code(value: str) -> Misfit | None:
    """GB 32100: 18 characters, the last one checks the others (MOD 31)."""
    if len(value) != 18 or any(character not in _USCC_LETTERS for character in value):
        return Misfit.FORM
    total = sum(_USCC_LETTERS.index(character) * pow(3, place, 31) for place, character in enumerate(value[:17]))
    return None if _USCC_LETTERS[-total % 31] == value[-1] else Misfit.CHECK_DIGIT


def _is_time(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
