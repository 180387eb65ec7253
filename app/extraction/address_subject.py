"""An address without the name of the one complained about at its end (共和西路12号负一层 + 碧海蓝天游泳馆).

The operator repeats both in one breath; the ticket has a field for each. A name that the address needs (an estate, a building without
a number) and that of a public house (a school, a hospital, a mall) stays. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from app.domain.ticket import Hit

_PUBLIC = re.compile(r"(?:学校|小学|中学|大学|学院|幼儿园|医院|卫生院|广场|商场|公园|景区|花园|市场|大厦|村委会|居委会|车站)$")
_COMPLETE = re.compile(r"(?:[0-9一二三四五六七八九十]+(?:号|楼|层|栋|座|铺|室|房)|首层)$")


def without_subject(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """The hits with the subject's name taken off the address where road and number stand without it."""
    subject = next((str(hit.value) for hit in hits if hit.name == "subject" and hit.matter == 0), "")
    return tuple(_shortened(hit, subject) if hit.name == "address_detail" and subject else hit for hit in hits)


def _shortened(hit: Hit, subject: str) -> Hit:
    rest = str(hit.value).removesuffix(subject)
    told_apart = rest != hit.value and _COMPLETE.search(rest) is not None and _PUBLIC.search(subject) is None
    return replace(hit, value=rest) if told_apart else hit
