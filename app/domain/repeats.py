"""Whether somebody calls again: how well a submitted ticket fits the call at hand, with the reasons.

Two kinds of evidence: the same person (line, phone, name) and the same matter (place, item, words). They are joined like
independent chances, ``1 - (1 - person)(1 - matter)``; without any of the person a ticket stays below ``STRONG``, because
neighbours call about the same building site. The weights are set by hand: no labelled repeats exist to fit them to. The
operator sees the reasons and decides; nothing is merged by itself. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.domain.dialogue import CallContext
from app.domain.ticket import FieldState, TicketDraft, Value
from app.domain.ticket_search import TicketRow, digits_of, folded

SHOWN = 0.5
STRONG = 0.8
_MATTER_ALONE = 0.7
_SIMILAR = 0.5
_SAME_ITEM, _SAME_GROUP, _PLACE, _WORDS, _SUBJECT = 0.35, 0.15, 0.45, 0.3, 0.3
_PHONE, _NAME = 0.65, 0.35


class Reason(StrEnum):
    """Why a ticket fits."""

    LINE = "line"
    PHONE = "phone"
    NAME = "name"
    PLACE = "place"
    ITEM = "item"
    ITEM_GROUP = "item_group"
    WORDS = "words"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the call at hand.

    Attributes:
        call_id: the call; its own tickets are no repeats.
        line: calling number, digits.
        phones: other numbers that were said, digits.
        name: who calls.
        district: official name.
        place: street, community, address, landmark.
        item_code: item.
        words: title.
        subject: what is complained about.
    """

    call_id: str = ""
    line: str = ""
    phones: tuple[str, ...] = ()
    name: str = ""
    district: str = ""
    place: str = ""
    item_code: str = ""
    words: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Repeat:
    """A ticket that fits, how well (0 to 1), and why, the weightiest reason first."""

    row: TicketRow
    score: float
    reasons: tuple[Reason, ...]

    @property
    def is_strong(self) -> bool:
        """Whether to propose adding to it instead of a new ticket."""
        return self.score >= STRONG


def facts_of(context: CallContext, draft: TicketDraft) -> Facts:
    """What a call says of itself so far; suggestions count, too."""

    def text(name: str) -> str:
        value: Value | None = draft.get(name).value
        return value if isinstance(value, str) else ""

    phones = tuple(filter(None, (digits_of(text(name)) for name in ("contact_phone", "alt_phone"))))
    place = "".join(text(name) for name in ("region_street", "region_community", "address_detail", "landmark"))
    code = text("item_code") if draft.get("item_code").state is not FieldState.EMPTY else ""
    return Facts(context.call_id, digits_of(context.caller_number), phones, text("requester_name"), text("region_district"),
                 place, code, text("title"), text("subject"))


def repeats(facts: Facts, rows: Iterable[TicketRow], least: float = SHOWN) -> tuple[Repeat, ...]:
    """Those of the rows that fit well enough, best first, then newest; each call once."""
    best: dict[str, Repeat] = {}
    for row in rows:
        if row.call_id == facts.call_id:
            continue
        found = fit(facts, row)
        held = best.get(row.call_id)
        if found.score >= least and (held is None or found.score > held.score):
            best[row.call_id] = found
    newest_first = sorted(best.values(), key=lambda each: each.row.submitted_at, reverse=True)
    return tuple(sorted(newest_first, key=lambda each: -each.score))


def fit(facts: Facts, row: TicketRow) -> Repeat:
    """How well one ticket fits."""
    person = _person(facts, row)
    matter = _matter(facts, row)
    by_person, by_matter = _joined(person.values()), _joined(matter.values())
    if not person:
        by_matter = min(by_matter, _MATTER_ALONE)
    weights = {**person, **matter}
    reasons = tuple(sorted(weights, key=lambda each: -weights[each]))
    return Repeat(row, round(1 - (1 - by_person) * (1 - by_matter), 3), reasons)


def similarity(first: str, second: str) -> float:
    """Share of common pairs of neighbouring characters (Dice), 0 to 1."""
    a, b = _pairs(first), _pairs(second)
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def _person(facts: Facts, row: TicketRow) -> dict[Reason, float]:
    found: dict[Reason, float] = {}
    if facts.line and facts.line in row.phones:
        found[Reason.LINE] = _PHONE
    if set(facts.phones) & set(row.phones) - {facts.line}:
        found[Reason.PHONE] = _PHONE
    if len(facts.name) > 1 and folded(facts.name) == folded(row.name):
        # 陈先生 is half of Guangdong; a whole name says more, and alone it is still no proof.
        found[Reason.NAME] = _NAME / 3 if facts.name[1:] in ("先生", "女士", "小姐") else _NAME
    return found


def _matter(facts: Facts, row: TicketRow) -> dict[Reason, float]:
    found: dict[Reason, float] = {}
    place = similarity(facts.place, row.place)
    if place >= _SIMILAR and facts.district in ("", row.district):
        found[Reason.PLACE] = _PLACE * place
    if facts.item_code and facts.item_code == row.item_code:
        found[Reason.ITEM] = _SAME_ITEM
    elif len(facts.item_code) >= 4 and row.item_code[:4] == facts.item_code[:4]:
        found[Reason.ITEM_GROUP] = _SAME_GROUP
    words = similarity(facts.words, row.title)
    if words >= _SIMILAR:
        found[Reason.WORDS] = _WORDS * words
    if len(facts.subject) > 1 and folded(facts.subject) == folded(row.subject):
        found[Reason.SUBJECT] = _SUBJECT
    return found


def _joined(weights: Iterable[float]) -> float:
    left = 1.0
    for weight in weights:
        left *= 1 - weight
    return 1 - left


def _pairs(text: str) -> set[str]:
    flat = folded(text)
    return {flat[place: place + 2] for place in range(len(flat) - 1)}
