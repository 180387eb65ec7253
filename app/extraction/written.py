"""What the operator wrote stands for what was heard: title, content and unit are told from it, in matters added by hand, too.

The operator's values come by matter, as extraction numbers them; None is a field that was emptied. A value of the operator's is certain:
his item and request type come first with certainty, his places and subject go into the record. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.domain.catalogue import Item
from app.domain.ticket import Candidate, FieldState, Hit, Value
from app.domain.ticket_record import PLACE_FIELDS
from app.extraction.dialogue_view import DialogueView
from app.extraction.items import tree
from app.extraction.matter_parts import Matter
from app.extraction.records import content, facts_of, title
from app.extraction.units import advise

Written = Mapping[str, Value | None]

#: Fields from which title, content or unit are told.
FOLLOWED = frozenset({
    "request_type", "item_code", "region_district", "region_street", "region_community", "address_detail", "landmark", "subject",
    "event_time_text", "demand", "need_callback", "prev_ticket_no", "plate_no", "amount",
})
_OWN_OF_A_MATTER = frozenset({"subject", "demand", "item_code", "request_type", "title", "content", "lead_unit"})


def as_written(matter: Matter, own: Written) -> Matter:
    """The matter with the operator's item and request type first, certain."""
    item, kind = _item_of(own), own.get("request_type")
    if item is not None:
        ranking = matter.ranking
        others = [pair for pair in zip(ranking.codes, ranking.probabilities, strict=True) if pair[0] != item.code]
        matter = replace(matter, ranking=replace(ranking, codes=(item.code, *(code for code, _ in others)),
                                                 probabilities=(1.0, *(share for _, share in others))))
    if isinstance(kind, str) and kind:
        matter = replace(matter, types=((kind, 1.0), *(pair for pair in matter.types if pair[0] != kind)))
    return matter


def values_for(hits: Sequence[Hit], written: Sequence[Written], number: int) -> dict[str, str]:
    """Values of a matter's record by field name: what was heard, over it what the operator wrote, of the first matter and its own."""
    values = {hit.name: str(hit.value) for hit in hits if hit.matter == 0}
    values.update({hit.name: str(hit.value) for hit in hits if hit.matter == number})
    first: Written = written[0] if written else {}
    own: Written = written[number] if number < len(written) else {}
    if number:
        first = {name: value for name, value in first.items() if name not in _OWN_OF_A_MATTER}
        if any(own.get(name) for name in PLACE_FIELDS):  # it has a place of its own, none of the first one's
            values = {name: value for name, value in values.items() if name not in PLACE_FIELDS or _is_of(hits, name, number)}
            first = {name: value for name, value in first.items() if name not in PLACE_FIELDS}
    for name, value in (*first.items(), *own.items()):
        values[name] = "" if value is None else str(value)
    return values


def by_hand(view: DialogueView, hits: Sequence[Hit], written: Sequence[Written], known: int) -> tuple[Hit, ...]:
    """Hits on matters that nobody was heard to tell, from what the operator wrote; only where he chose an item.

    Args:
        view: what was said, for announced units.
        hits: places, time and the rest that was heard.
        written: see the module.
        known: how many matters were heard.
    """
    found: list[Hit] = []
    for number in range(known, len(written)):
        own = written[number]
        item = _item_of(own)
        if item is None:
            continue
        values = values_for(hits, written, number)
        kind = str(own.get("request_type") or next(iter(item.request_types), ""))
        if not own.get("request_type") and kind:
            found.append(Hit("request_type", kind, FieldState.SUGGESTED, 0.5, rule="type.item", matter=number))
        facts = facts_of(kind, item.code, item.name, values, "", values.get("demand", ""))
        found += [Hit("title", title(facts), FieldState.FILLED, 1.0, rule="record.title", matter=number),
                  Hit("content", content(facts), FieldState.FILLED, 1.0, rule="record.content", matter=number)]
        if (unit := advise(item, 1.0, values, view)) is not None:
            others = tuple(Candidate(name, unit.confidence / 2) for name in unit.others[:3])
            found.append(Hit("lead_unit", unit.unit, FieldState.SUGGESTED, unit.confidence, unit.evidence, "unit.item", "", others, number,
                             unit.reasons))
    return tuple(found)


def _item_of(own: Written) -> Item | None:
    code = own.get("item_code")
    return tree().get(code) if isinstance(code, str) and code else None


def _is_of(hits: Sequence[Hit], name: str, number: int) -> bool:
    return any(hit.name == name and hit.matter == number for hit in hits)
