"""Takes tickets out of the program: CSV for people, JSON lines for programs, masked by role unless a reason is given.

CSV (UTF-8 with mark: Excel and WPS open it as it is) holds one line a ticket with the field table's labels; a cell that a
spreadsheet would take for a formula gets an apostrophe. JSON lines hold each field as proposed and as submitted with its
state and confidence, and the versions behind it; the dialogue where it is asked for. No XLSX: it says nothing that CSV does
not, and what it hides in its parts would have to be masked as well. The file is made beside its place and renamed when whole;
every export stands in the audit trail with its count, its reason and the file's digest.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from app.domain.audit import Action
from app.domain.catalogue import FieldTable
from app.domain.errors import OperatorVisibleError
from app.domain.masking import Known, Purpose, Role, known_of, mask_field, mask_text
from app.ports.ports import StoredTicket
from app.ports.records import AuditTrail, TicketRecords

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_HEAD = ("ticket_no", "parent_no", "call_id", "submitted_at")


class Form(StrEnum):
    """File formats."""

    CSV = "csv"
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What is exported.

    Attributes:
        form: file format.
        role: who exports.
        unmasked: with personal data in the open; needs a reason and a role that may.
        reason: why, in words; stands in the audit trail.
        dialogue: with what was said (JSON lines only).
    """

    form: Form = Form.CSV
    role: Role = Role.OPERATOR
    unmasked: bool = False
    reason: str = ""
    dialogue: bool = False


@dataclass(frozen=True, slots=True)
class Exported:
    """What went out: tickets and the SHA-256 of the file."""

    count: int
    digest: str


class TicketExport:
    """The use case.

    Args:
        records: submitted tickets.
        trail: the audit trail.
        table: the field table: order and labels of columns.
        write: puts a file in its place whole or not at all.
    """

    def __init__(self, records: TicketRecords, trail: AuditTrail, table: FieldTable, write: Callable[[bytes], None]) -> None:
        self._records, self._trail, self._table, self._write = records, trail, table, write

    def export(self, tickets: Iterable[StoredTicket], order: ExportOrder) -> Exported:
        """Write the file.

        Raises:
            OperatorVisibleError: the role may not see what is asked for, or the reason is missing.
            EnvironmentFault: the disk refuses; no file is left.
        """
        if order.unmasked and order.role is not Role.LEAD:
            raise OperatorVisibleError("records.may_not_unmask", role=order.role.value)
        if order.unmasked and not order.reason.strip():
            raise OperatorVisibleError("records.reason_needed")
        listed = list(tickets)
        lines = self._csv(listed, order) if order.form is Form.CSV else self._jsonl(listed, order)
        body = "".join(lines).encode("utf-8-sig" if order.form is Form.CSV else "utf-8", "replace")
        digest = hashlib.sha256(body).hexdigest()
        # First the record, then the file: an export that nobody knows of must not exist.
        self._trail.note(Action.UNMASKED if order.unmasked else Action.EXPORTED, "tickets", {
            "count": len(listed), "form": order.form.value, "digest": digest, "reason": order.reason,
            "dialogue": order.dialogue, "role": order.role.value})
        self._write(body)
        return Exported(len(listed), digest)

    def _csv(self, tickets: Iterable[StoredTicket], order: ExportOrder) -> Iterator[str]:
        names = [spec.name for spec in self._table.specs if spec.name not in _HEAD]
        yield _line([*(self._table.label(name) for name in _HEAD), *(self._table.label(name) for name in names)])
        for ticket in tickets:
            values = self._values(ticket, order)
            yield _line([ticket.ticket_no, ticket.parent_no, ticket.call_id, ticket.submitted_at,
                         *(_cell(values.get(name)) for name in names)])

    def _jsonl(self, tickets: Iterable[StoredTicket], order: ExportOrder) -> Iterator[str]:
        for ticket in tickets:
            known = _known(ticket)
            fields = {name: self._field(name, cast("dict[str, object]", held), order, known)
                      for name, held in ticket.fields.items()}
            form: dict[str, object] = {
                "ticket_no": ticket.ticket_no, "parent_no": ticket.parent_no, "children": list(ticket.children),
                "call_id": ticket.call_id, "submitted_at": ticket.submitted_at, "fields": fields, "versions": ticket.versions}
            if order.dialogue and not ticket.parent_no:
                form["dialogue"] = [
                    {"channel": said.channel.value, "start_ms": said.start_ms, "end_ms": said.end_ms,
                     "text": said.text if order.unmasked else _hidden_text(said.text, order.role, known)}
                    for said in self._records.dialogue(ticket.call_id)]
            yield json.dumps(form, ensure_ascii=False) + "\n"

    def _values(self, ticket: StoredTicket, order: ExportOrder) -> dict[str, object]:
        known = _known(ticket)
        return {name: self._shown(name, value, order, known) for name, value in _part(ticket, "value").items()}

    def _field(self, name: str, held: Mapping[str, object], order: ExportOrder, known: Known) -> dict[str, object]:
        return {"value": self._shown(name, held.get("value"), order, known),
                "proposed": self._shown(name, held.get("proposed"), order, known),
                "state": held.get("state"), "confidence": held.get("confidence"), "evidence": held.get("evidence"),
                "rule": held.get("rule", "")}

    def _shown(self, name: str, value: object, order: ExportOrder, known: Known) -> object:
        return value if order.unmasked else mask_field(name, value, order.role, Purpose.EXPORT, known)


def _hidden_text(text: str, role: Role, known: Known) -> str:
    return str(mask_field("content", text, role, Purpose.EXPORT, known)) if role is Role.IT else mask_text(text, known)


def _part(ticket: StoredTicket, part: str) -> dict[str, object]:
    return {name: cast("dict[str, object]", held).get(part) for name, held in ticket.fields.items()}


def _known(ticket: StoredTicket) -> Known:
    """Names, addresses and numbers of the ticket, as submitted and as proposed."""
    given, proposed = known_of(_part(ticket, "value")), known_of(_part(ticket, "proposed"))
    return Known((*given.names, *proposed.names), (*given.addresses, *proposed.addresses), (*given.numbers, *proposed.numbers))


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "、".join(str(each) for each in value)
    return str(value)


def _line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(
        "'" + each if each.startswith(_FORMULA) else each for each in cells)
    return buffer.getvalue()
