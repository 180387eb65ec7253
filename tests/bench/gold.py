"""Gold tickets against ours: one way to score fields, for all our tables.

A gold answer names fields as ``../shared/calls/SCHEMA.md`` does; ours as the field table does (``FIELDS`` maps them). Rules:

* compared are the fields of ``FIELDS``; a value that gold does not have counts as *wrong* (it should be empty), but for a
  value that only restates the form's default (urgency 一般, no anonymity, no confidentiality, no callback wish);
* punctuation and spaces never count; a community's official ending (社区居委会, 社区居民委员会, 村民委员会) does not count;
* amounts are compared as numbers, telephone numbers as digits;
* an item is right if it is gold's or one of ``item_code_also``;
* free clauses (demand, event_time_text, landmark, subject) are right from a character-bigram F1 of ``CLAUSE_SHARE`` on: two careful
  operators word them differently; everything else must be equal.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

CLAUSE_SHARE = 0.5

FIELDS = {
    "requester_name": "requester_name", "requester_title": "requester_title", "contact_phone": "contact_phone",
    "alt_phone": "alt_phone", "id_no": "id_no", "plate_no": "plate_no", "amount": "amount",
    "prev_ticket_no": "prev_ticket_no", "request_type": "request_type", "item_code": "item_code",
    "district": "region_district", "street": "region_street", "community": "region_community",
    "address_detail": "address_detail", "home_address": "requester_address", "landmark": "landmark", "subject": "subject",
    "event_time.text": "event_time_text", "event_time.start": "event_time_start",
    "event_time.precision": "event_time_precision", "urgency": "urgency", "is_confidential": "is_confidential",
    "is_anonymous": "is_anonymous", "need_callback": "need_callback", "demand": "demand",
}
CLAUSES = frozenset({"demand", "event_time_text", "landmark", "subject"})
_DEFAULTS: dict[str, object] = {"urgency": "一般", "is_confidential": False, "is_anonymous": False, "need_callback": False}
_NOISE = re.compile(r"[\s，。、！？；：,.!?;:·（）()\-—]")
_COMMUNITY = re.compile(r"(?:社区)?(?:居民委员会|居委会|村民委员会|村委会)?$")


@dataclass(frozen=True, slots=True)
class Judged:
    """One field of one call. ``outcome`` is right, wrong (a value, but not gold's), missing, spurious (gold has none)."""

    call: str
    name: str
    outcome: str
    wanted: object
    found: object
    state: str


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


def judge(call: str, gold: Mapping[str, Any], ticket: Mapping[str, Mapping[str, Any]]) -> list[Judged]:
    """Every field that gold or ours has.

    Args:
        call: the call's name.
        gold: gold ticket of the call script.
        ticket: the ``ticket`` object of ``tingdan replay --json``.
    """
    wanted = wanted_fields(gold)
    also = tuple(gold.get("item_code_also", ()))
    judged = []
    for name in FIELDS.values():
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
            outcome = "right" if same(name, target, found) or (name == "item_code" and found in also) else "wrong"
        judged.append(Judged(call, name, outcome, target, found, str(held.get("state", ""))))
    return judged


def same(name: str, wanted: object, found: object) -> bool:
    """Whether a value is gold's."""
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted == found
    left, right = _plain(name, str(wanted)), _plain(name, str(found))
    if name in CLAUSES:
        return clause_f1(left, right) >= CLAUSE_SHARE
    if name == "amount":
        try:
            return float(left) == float(right)
        except ValueError:
            return False
    return left == right


def clause_f1(left: str, right: str) -> float:
    """F1 over character bigrams (single characters count for one-character clauses), 0 to 1."""
    if left == right:
        return 1.0
    first, second = _bigrams(left), _bigrams(right)
    shared = sum((first & second).values())
    return 2 * shared / max(1, sum(first.values()) + sum(second.values()))


def _bigrams(text: str) -> Counter[str]:
    return Counter(text[at : at + 2] for at in range(max(1, len(text) - 1)))


def _plain(name: str, text: str) -> str:
    if name == "amount":
        return text.replace(",", "").removesuffix("元")
    if name == "event_time_start":
        return text
    plain = _NOISE.sub("", text)
    return _COMMUNITY.sub("", plain) if name == "region_community" else plain


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over judged fields, and what follows from them."""

    right: int
    wrong: int
    missing: int
    spurious: int
    filled_right: int
    filled: int

    @property
    def precision(self) -> float:
        """Right over all values given."""
        return self.right / max(1, self.right + self.wrong + self.spurious)

    @property
    def recall(self) -> float:
        """Right over all values that gold has."""
        return self.right / max(1, self.right + self.wrong + self.missing)

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)

    @property
    def filled_precision(self) -> float:
        """Right over values in state filled."""
        return self.filled_right / max(1, self.filled)


def tally(judged: Iterable[Judged]) -> Tally:
    """Count."""
    listed = list(judged)
    outcomes = Counter(one.outcome for one in listed)
    filled = [one for one in listed if one.state == "filled"]
    return Tally(outcomes["right"], outcomes["wrong"], outcomes["missing"], outcomes["spurious"],
                 sum(one.outcome == "right" for one in filled), len(filled))
