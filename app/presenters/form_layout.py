"""Which fields the form shows, in which order and width: what an operator settles first stands first.

Only names are written here; labels and choices come from the field table. A field of the groups 诉求人 and 诉求内容 that
this list does not know (a customer's own) is shown in the last section rather than lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.domain.catalogue import FieldKind, FieldTable


class Section(StrEnum):
    """Blocks of the form."""

    MATTER = "matter"
    PLACE = "place"
    REQUESTER = "requester"
    TEXT = "text"
    MORE = "more"


@dataclass(frozen=True, slots=True)
class Slot:
    """A field's place: its section and whether it takes the form's full width."""

    name: str
    section: Section
    wide: bool = False


_ORDER: tuple[tuple[Section, str], ...] = (
    (Section.MATTER, "request_type urgency item_code* lead_unit* due_date audit_deadline subject event_time_text"),
    (Section.PLACE, "region_district region_street region_community landmark address_detail*"),
    (Section.REQUESTER, "requester_name requester_title contact_phone alt_phone is_confidential need_callback "
                        "is_anonymous requester_type"),
    (Section.TEXT, "demand* title* content*"),
    (Section.MORE, "event_time_start event_time_precision requester_address* amount people_count plate_no order_no "
                   "prev_ticket_no org_name uscc id_type id_no allow_dept_contact agree_public tags region_city"),
)
_GROUPS = ("B", "C")
#: Follow from another field: nobody is asked to take them one by one.
DERIVED = frozenset({"due_date", "audit_deadline"})
_NOT_TYPED = frozenset({"addr_parts", "attachments"})


def form_slots(table: FieldTable) -> tuple[Slot, ...]:
    """Places of all fields of the form, in order."""
    slots: list[Slot] = []
    for section, names in _ORDER:
        for word in names.split():
            name = word.rstrip("*")
            if name in table:
                slots.append(Slot(name, section, wide=word.endswith("*")))
    placed = {slot.name for slot in slots}
    for letter in _GROUPS:
        for spec in table.group(letter):
            if spec.name not in placed and spec.name not in _NOT_TYPED and spec.kind is not FieldKind.OTHER:
                slots.append(Slot(spec.name, Section.MORE, wide=spec.kind is FieldKind.LONG_TEXT))
    return tuple(slots)
