"""Gold tickets against ours: the one way to score fields, for all our tables.

A gold answer names fields as ``../shared/calls/SCHEMA.md`` does; ours as the field table does (``FIELDS`` maps them). Rules:

* compared are the fields of ``FIELDS``; a value that gold does not have counts as *spurious* (the field should be empty), but
  for one that only restates the form's default (urgency 一般, no anonymity, no confidentiality, no callback wish);
* punctuation and spaces never count; a community's official ending (社区居委会, 社区居民委员会, 村民委员会) does not count;
* amounts are compared as numbers, telephone numbers as digits; an item is right if it is gold's or one of ``item_code_also``;
* an address may repeat or leave out the call's own city, district and street in front, which have fields of their own;
* names in free words (subject, landmark, event_time_text): one must hold all characters of the other, in order, and be no more
  than twice as long. A character that is *another* one is an error: it would be a wrong name. Words that only frame a time
  (从, 开始, 起, 大概, 左右, 就) do not count;
* demand is a clause that two operators word differently (把井盖补上, 补上井盖): without courtesy and function words, half of
  gold's characters must be there (what is wanted is said), and they must be 40 % of ours (it is not the whole talk);
* several matters: matter *n* is compared with ``gold.items[n]``, the first one with the call's own keys; a matter that gold
  does not have counts field by field as spurious, a missing one field by field as missing;
* everything else must be equal.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NAME_SHARE = 0.5
DEMAND_SAID, DEMAND_OURS = 0.5, 0.4

FIELDS = {
    "requester_name": "requester_name",
    "requester_title": "requester_title",
    "contact_phone": "contact_phone",
    "alt_phone": "alt_phone",
    "id_no": "id_no",
    "plate_no": "plate_no",
    "amount": "amount",
    "prev_ticket_no": "prev_ticket_no",
    "request_type": "request_type",
    "item_code": "item_code",
    "district": "region_district",
    "street": "region_street",
    "community": "region_community",
    "address_detail": "address_detail",
    "home_address": "requester_address",
    "landmark": "landmark",
    "subject": "subject",
    "event_time.text": "event_time_text",
    "event_time.start": "event_time_start",
    "event_time.precision": "event_time_precision",
    "urgency": "urgency",
    "is_confidential": "is_confidential",
    "is_anonymous": "is_anonymous",
    "need_callback": "need_callback",
    "demand": "demand",
}
NAMES = frozenset({"event_time_text", "landmark", "subject"})
ADDRESSES = frozenset({"address_detail", "requester_address"})
FURTHER_MATTER = ("request_type", "item_code", "demand")
_DEFAULTS: dict[str, object] = {
    "urgency": "一般",
    "is_confidential": False,
    "is_anonymous": False,
    "need_callback": False,
}
_NOISE = re.compile(r"[\s，。、！？；：,.!?;:·（）()\-—]")
_COMMUNITY = re.compile(r"(?:社区)?(?:居民委员会|居委会|村民委员会|村委会)?$")
_TIME_FRAME = re.compile(r"从|开始|起|大概|左右|就")
_COURTESY = re.compile(
    r"要求|请求|请|希望|建议|咨询|尽快|帮忙|麻烦|想|问|一下|相关|有关|部门"
    r"|[的了把被将对和与及并给在到来去能要让]"
)


@dataclass(frozen=True, slots=True)
class Judged:
    """One field of one call. ``outcome`` is right, wrong (a value, but not gold's), missing, spurious (gold has none)."""

    call: str
    name: str
    outcome: str
    wanted: object
    found: object
    state: str
    matter: int = 0


def wanted_fields(gold: Mapping[str, Any]) -> dict[str, object]:
    """Gold's answers under our field names."""
    found: dict[str, object] = {}
    for key, name in FIELDS.items():
        head, _, tail = key.partition(".")
        value = gold.get(head)
        if tail:
            value = value.get(tail) if isinstance(value, Mapping) else None
        if value is not None:
            found[name] = value
    return found


def judge(call: str, gold: Mapping[str, Any], ticket: Mapping[str, Any], city: str = "") -> list[Judged]:
    """Every field that gold or ours has, of all matters.

    Args:
        call: the call's name.
        gold: gold ticket of the call script.
        ticket: the ``ticket`` object of ``tingdan replay --json``: fields by name, further matters under ``items``.
        city: the hotline's city, which an address may repeat.
    """
    region = tuple(str(name) for name in (city, gold.get("district", ""), gold.get("street", "")) if name)
    judged = _judge_matter(call, 0, gold, ticket, FIELDS.values(), region)
    golds: Sequence[Mapping[str, Any]] = gold.get("items", ())
    ours: Sequence[Mapping[str, Any]] = ticket.get("items", ())
    for number in range(1, max(len(golds), len(ours))):
        wanted = golds[number] if number < len(golds) else {}
        found = ours[number] if number < len(ours) else {}
        judged += _judge_matter(call, number, wanted, found, FURTHER_MATTER, region)
    return judged


def _judge_matter(
    call: str,
    number: int,
    gold: Mapping[str, Any],
    ticket: Mapping[str, Mapping[str, Any]],
    names: Iterable[str],
    region: Sequence[str],
) -> list[Judged]:
    wanted = wanted_fields(gold)
    also = tuple(gold.get("item_code_also", ()))
    judged = []
    for name in names:
        held = ticket.get(name, {})
        found = held.get("value")
        target = wanted.get(name)
        if target is None and (found is None or _DEFAULTS.get(name) == found):
            continue
        if target is not None and found is None and _DEFAULTS.get(name) == target:
            continue
        if target is None:
            outcome = "spurious"
        elif found is None:
            outcome = "missing"
        else:
            right = same(name, target, found, region) or (name == "item_code" and found in also)
            outcome = "right" if right else "wrong"
        judged.append(Judged(call, name, outcome, target, found, str(held.get("state", "")), number))
    return judged


def same(name: str, wanted: object, found: object, region: Sequence[str] = ()) -> bool:
    """Whether a value is gold's.

    Args:
        name: our field name.
        wanted: gold's value.
        found: ours.
        region: names that an address may repeat in front.
    """
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted == found
    left, right = plain(name, str(wanted)), plain(name, str(found))
    if left == right:
        return True
    if name in NAMES:
        return min(len(left), len(right)) >= NAME_SHARE * max(len(left), len(right)) and (
            in_order(left, right) == min(len(left), len(right))
        )
    if name == "demand":
        shared = sum((Counter(left) & Counter(right)).values())
        return shared >= DEMAND_SAID * len(left) and shared >= DEMAND_OURS * len(right) and shared > 0
    if name in ADDRESSES:
        return without_region(left, region) == without_region(right, region)
    if name == "amount":
        try:
            return float(left) == float(right)
        except ValueError:
            return False
    return False


def in_order(left: str, right: str) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(right) + 1)
    for a in left:
        before = 0
        for place, b in enumerate(right, 1):
            before, row[place] = row[place], before + 1 if a == b else max(row[place], row[place - 1])
    return row[-1]


def without_region(address: str, region: Sequence[str]) -> str:
    """An address without the given division names in front."""
    for name in region:
        address = address.removeprefix(name)
    return address


def plain(name: str, text: str) -> str:
    """What is compared of a value."""
    if name == "amount":
        return text.replace(",", "").removesuffix("元")
    if name == "event_time_start":
        return text
    bare = _NOISE.sub("", text)
    if name == "region_community":
        return _COMMUNITY.sub("", bare)
    if name == "event_time_text":
        return _TIME_FRAME.sub("", bare)
    return _COURTESY.sub("", bare) if name == "demand" else bare


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over judged fields, and what follows from them."""

    right: int
    wrong: int
    missing: int
    spurious: int
    exact: int
    filled_right: int
    filled: int

    @property
    def precision(self) -> float:
        """Right over all values given."""
        return self.right / max(1, self.right + self.wrong + self.spurious)

    @property
    def gold(self) -> int:
        """Values that gold has."""
        return self.right + self.wrong + self.missing

    @property
    def recall(self) -> float:
        """Right over all values that gold has."""
        return self.right / max(1, self.gold)

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)

    @property
    def exact_share(self) -> float:
        """Share of gold's values that are ours to the character."""
        return self.exact / max(1, self.gold)

    @property
    def filled_precision(self) -> float:
        """Right over values in state filled."""
        return self.filled_right / max(1, self.filled)


def tally(judged: Iterable[Judged]) -> Tally:
    """Count."""
    listed = list(judged)
    outcomes = Counter(one.outcome for one in listed)
    filled = [one for one in listed if one.state == "filled"]
    return Tally(
        outcomes["right"],
        outcomes["wrong"],
        outcomes["missing"],
        outcomes["spurious"],
        sum(one.outcome == "right" and str(one.wanted) == str(one.found) for one in listed),
        sum(one.outcome == "right" for one in filled),
        len(filled),
    )
