"""Which calls, matters and fields a lead's slice takes, over call records in memory. Pure functions; any thread.

A condition on a field or an item is one on the field or matter that is counted; where calls are counted, a call is taken when any of
its matters is of the item. The rest are conditions on the call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.domain.call_record import CallRecord, CardRecord, ChoiceRecord, FieldRecord
from app.domain.lead_counts import Behind, Dimension, Slice, call_values, confidence_bin, is_wrong_filled, item_codes

#: Verdicts of a card by the names of the counts.
USED_ACTS = frozenset({"used", "copied"})
WRONG_ACTS = frozenset({"wrong", "outdated"})
_GROUPS = {"used": USED_ACTS, "wrong": WRONG_ACTS}


@dataclass(frozen=True, slots=True)
class HeldCall:
    """A record with the values of its dimensions and the item of each matter, worked out once."""

    record: CallRecord
    values: Mapping[Dimension, str]
    items: tuple[str, ...]

    @classmethod
    def of(cls, record: CallRecord, team: str = "") -> HeldCall:
        """The record, held."""
        return cls(record, call_values(record, team), item_codes(record))

    def item(self, matter: int) -> str:
        """Code of a matter's item, "" for none."""
        return self.items[matter] if 0 <= matter < len(self.items) else ""

    def key(self, by: tuple[Dimension, ...], item: str = "", name: str = "") -> tuple[str, ...]:
        """One value for each dimension."""
        own = {Dimension.ITEM: item, Dimension.FIELD: name}
        return tuple(own[each] if each in own else self.values[each] for each in by)


class Chosen:
    """A slice's conditions, sorted by what they are about."""

    def __init__(self, asked: Slice) -> None:
        wanted: dict[Dimension, set[str]] = {}
        for dimension, value in asked.only:
            wanted.setdefault(dimension, set()).add(value)
        self._fields = wanted.pop(Dimension.FIELD, None)
        self._items = wanted.pop(Dimension.ITEM, None)
        self._wanted = wanted
        self._since, self._until = asked.since, asked.until or "9999-12-31"
        self._hours = None if asked.hours == (0, 24) else {f"{hour:02}" for hour in range(*asked.hours)}

    def call(self, held: HeldCall) -> bool:
        """Whether the call is of the slice, any of its matters of the item, any of its fields of the name."""
        values = held.values
        if not self._since <= values[Dimension.DAY] <= self._until:
            return False
        if self._hours is not None and values[Dimension.HOUR] not in self._hours:
            return False
        if any(values[dimension] not in any_of for dimension, any_of in self._wanted.items()):
            return False
        if self._items is not None and self._items.isdisjoint(held.items):
            return False
        return self._fields is None or any(each.name in self._fields for each in held.record.fields)

    def matter(self, item: str) -> bool:
        """Whether a matter of this item is counted."""
        return self._items is None or item in self._items

    def fields(self, held: HeldCall) -> Iterator[tuple[FieldRecord, str]]:
        """The counted fields of a call that is of the slice, with the item of their matter."""
        for each in held.record.fields:
            item = held.item(each.matter)
            if (self._fields is None or each.name in self._fields) and self.matter(item):
                yield each, item

    def choices(self, held: HeldCall, name: str) -> Iterator[tuple[ChoiceRecord, str]]:
        """The counted choices of that name in a call that is of the slice, with the item of their matter."""
        for each in held.record.choices:
            item = held.item(each.matter)
            if each.name == name and self.matter(item):
                yield each, item


def wrong_fields(held: HeldCall, chosen: Chosen) -> int:
    """How many counted fields of a call stood filled wrong."""
    return sum(is_wrong_filled(each) for each, _ in chosen.fields(held))


def stands_behind(held: HeldCall, chosen: Chosen, which: Behind) -> bool:
    """Whether a call of the slice is one of those behind a number."""
    record = held.record
    if which.unanswered and not record.unanswered:
        return False
    if which.degradation and which.degradation not in record.degradations:
        return False
    if which.finding and not any(each.rule == which.finding and each.is_breach for each in record.quality):
        return False
    if which.wrong_from and wrong_fields(held, chosen) < which.wrong_from:
        return False
    if _asks_field(which) and not any(_field_fits(each, which) for each, _ in chosen.fields(held)):
        return False
    if which.choice and not any(_choice_fits(each, which) for each, _ in chosen.choices(held, which.choice)):
        return False
    return not (which.entry_id or which.act) or any(_card_fits(each, which) for each in record.cards)


def _asks_field(which: Behind) -> bool:
    return bool(which.field or which.outcomes or which.proposed or which.bins is not None)


def _field_fits(field: FieldRecord, which: Behind) -> bool:
    if which.field and field.name != which.field:
        return False
    if which.outcomes and field.outcome not in which.outcomes:
        return False
    if which.proposed and field.proposed != which.proposed:
        return False
    return which.bins is None or (bool(field.proposed) and which.bins[0] <= confidence_bin(field.confidence) <= which.bins[1])


def _choice_fits(choice: ChoiceRecord, which: Behind) -> bool:
    return choice.offered[:1] == (which.offered_first,) and choice.submitted == which.submitted


def _card_fits(card: CardRecord, which: Behind) -> bool:
    if which.entry_id and card.entry_id != which.entry_id:
        return False
    return not which.act or not _GROUPS.get(which.act, frozenset({which.act})).isdisjoint(card.acts)
