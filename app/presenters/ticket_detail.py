"""One line of "my tickets" in full: fields, what the centre answered, and what can be done about it.

A ticket's fields are shown masked as in the list until the operator asks for them; that goes to the audit trail. Mends of
a refused ticket are kept here until they are sent; what was submitted stays on record beside them. GUI thread only.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal, Slot

from app.domain.catalogue import FieldKind, FieldTable
from app.domain.delivery import OutboxState
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.masking import Known, Purpose, Role, known_of, mask_field
from app.domain.ticket import Value
from app.ports.outbox import Mend
from app.ports.ports import StoredTicket
from app.presenters.errands import Errands
from app.presenters.field_values import shown, typed
from app.presenters.form_layout import form_slots
from app.presenters.record_parts import RecordParts
from app.presenters.ticket_lines import Standing, TicketLine

MOST_FILE_BYTES = 20 << 20
FIELD_ROLE = int(Qt.ItemDataRole.UserRole) + 1
#: Shown where they hold something, besides the form's own fields.
_FURTHER = ("follow_up", "lead_unit", "due_date", "status")

_PHONES, _LEAST_DIGITS = ("contact_phone", "caller_number", "alt_phone"), 3

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of a ticket.

    Attributes:
        ticket_no: the ticket: children have fields of their own.
        name: stable name.
        label: the field table's.
        text: the value as a role may see it.
        matter: 0 for the call's first ticket.
        can_edit: it may be mended.
        is_mended: what stands here is a mend that was not sent yet.
    """

    ticket_no: str
    name: str
    label: str
    text: str
    matter: int = 0
    can_edit: bool = False
    is_mended: bool = False


@dataclass(frozen=True, slots=True)
class DetailView:
    """What stands around the fields.

    Attributes:
        line: what is shown; None for nothing.
        is_whole: all fields are shown.
        can_show: they can be (a role that may not see them cannot ask).
        can_mend: fields may be edited now.
        mends: how many were.
        can_resend: its message can be queued again.
        can_attach: a file can be added.
        can_try: something delivers and can be told to try now.
        number: whom to call back, digits; "" unless all fields are shown, the ticket has a number and the line can dial now.
        notice_key: what came of the last act, a message key; empty for nothing.
        notice_params: for it.
    """

    line: TicketLine | None = None
    is_whole: bool = False
    can_show: bool = False
    can_mend: bool = False
    mends: int = 0
    can_resend: bool = False
    can_attach: bool = False
    can_try: bool = False
    number: str = ""
    notice_key: str = ""
    notice_params: Mapping[str, object] | None = None


class FieldRowsModel(QAbstractTableModel):
    """Two columns: label and value. ``FIELD_ROLE`` gives the ``FieldRow``; editing a value asks ``edited``."""

    edited = Signal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[FieldRow, ...] = ()

    def replace(self, rows: tuple[FieldRow, ...]) -> None:
        """Take over new rows."""
        if [(row.ticket_no, row.name) for row in rows] != [(row.ticket_no, row.name) for row in self.rows]:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
        elif rows != self.rows:
            self.rows = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, 1))

    def rowCount(self, parent: Index | None = None) -> int:
        """Fields."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """Label and value."""
        return 0 if parent is not None and parent.isValid() else 2

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """Text, or the row."""
        row = self.rows[index.row()]
        if role == FIELD_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.text if index.column() else row.label
        if role == Qt.ItemDataRole.ToolTipRole and index.column():
            return row.text
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Values of a ticket that is mended can be edited."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() and self.rows[index.row()].can_edit else flags

    def setData(self, index: Index, value: object, role: int = int(Qt.ItemDataRole.EditRole)) -> bool:
        """The operator wrote another value."""
        if role != Qt.ItemDataRole.EditRole or str(value) == self.rows[index.row()].text:
            return False
        self.edited.emit(index.row(), str(value))
        return True


class TicketDetailPresenter(QObject):
    """Feeds the details and takes the acts.

    Args:
        parts: ports and rules.
        errands: the thread.
        open_draft: takes a draft up again.
    """

    changed = Signal(object)
    """The ``DetailView``."""
    acted = Signal(str)
    """Something was sent or added for this line's key: the list is to be read anew."""
    draft_opened = Signal()
    number_wanted = Signal(str)
    """The operator calls this number back."""

    def __init__(self, parts: RecordParts, errands: Errands, open_draft: Callable[[str], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._parts, self._errands, self._open_draft = parts, errands, open_draft
        self.fields = FieldRowsModel(self)
        self.fields.edited.connect(self._on_edited)
        self.view = DetailView()
        self.try_now: Callable[[], None] | None = None
        self.can_dial: Callable[[], bool] = lambda: False
        self._tickets: tuple[StoredTicket, ...] = ()
        self._mends: dict[tuple[str, str], Value | None] = {}

    def select(self, line: TicketLine | None) -> None:
        """Another line; the same one again takes over what is new of it."""
        same = line is not None and self.view.line is not None and line.key == self.view.line.key
        if not same:
            self._tickets, self._mends = (), {}
        kept = replace(self.view, line=line) if same else DetailView(line)
        self._tell(kept)

    @Slot()
    def show_whole(self) -> None:
        """Show all fields of the ticket; goes to the audit trail."""
        line = self.view.line
        if line is not None and self.view.can_show:
            self._ask(line, lambda: self._read(line), self._on_whole)

    @Slot()
    def resend(self) -> None:
        """Queue its message again, with the mends that were made."""
        line = self.view.line
        message = line.message if line is not None else None
        if line is None or message is None or not self.view.can_resend:
            return
        mends = [Mend(number, name, value) for (number, name), value in self._mends.items()]

        def send() -> None:
            self._parts.outbox.resend(message.row_id, mends)

        self._ask(line, send, lambda _: self._on_acted(line, "tickets.queued_again"))

    @Slot()
    def deliver_now(self) -> None:
        """Try everything that waits now."""
        if self.try_now is not None:
            self.try_now()
            self._note("tickets.trying")

    def attach(self, path: Path) -> None:
        """Add a file to the call."""
        line = self.view.line
        if line is None or not self.view.can_attach:
            return

        def add() -> None:
            try:
                if path.stat().st_size > MOST_FILE_BYTES:
                    raise OperatorVisibleError("delivery.attachment_too_large", most_mb=MOST_FILE_BYTES >> 20)
                body = path.read_bytes()
            except OSError as error:
                raise EnvironmentFault("tickets.file_unreadable", reason=type(error).__name__) from error
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            self._parts.outbox.attach(line.call_id, path.name, kind, body)

        self._ask(line, add, lambda _: self._on_acted(line, "tickets.attached"))

    @Slot()
    def go_on(self) -> None:
        """Take the draft up again."""
        line = self.view.line
        if line is not None and line.standing is Standing.DRAFT:
            self._open_draft(line.call_id)
            self.draft_opened.emit()

    @Slot()
    def call_back(self) -> None:
        """Call the ticket's number."""
        if self.view.number:
            self.number_wanted.emit(self.view.number)

    @Slot(object)
    def on_line(self, _view: object) -> None:
        """A call came or went: perhaps the line can dial now, or cannot."""
        self._tell(self.view)

    def hide(self) -> None:
        """Nothing of a person stays here: the store was locked or the page left."""
        self._tickets, self._mends = (), {}
        self._tell(DetailView(self.view.line))

    # ------------------------------------------------------------------ inside

    def _ask(self, line: TicketLine, job: Callable[[], object], answer: Callable[[object], None]) -> None:
        def current(told: object) -> None:
            if self.view.line is not None and self.view.line.key == line.key:
                answer(told)

        self._errands.ask(job, current, lambda error: self._note(error.key, error.params))

    def _read(self, line: TicketLine) -> tuple[StoredTicket, ...]:
        """On the thread "records": the call's tickets, the asked one first where it is a child."""
        records = self._parts.records
        own = records.ticket(line.number)
        if own is None:
            raise OperatorVisibleError("delivery.no_such_ticket", ticket_no=line.number)
        further = (records.ticket(number) for number in own.children)
        return (own, *(each for each in further if each is not None))

    def _on_whole(self, told: object) -> None:
        self._tickets = cast("tuple[StoredTicket, ...]", told)
        self._tell(self.view)

    def _on_acted(self, line: TicketLine, key: str) -> None:
        self._mends = {}
        self._note(key)
        self.acted.emit(line.key)

    def _note(self, key: str, params: Mapping[str, object] | None = None) -> None:
        self._tell(replace(self.view, notice_key=key, notice_params=params))

    @Slot(int, str)
    def _on_edited(self, row: int, text: str) -> None:
        held = self.fields.rows[row]
        spec = self._parts.fields.get(held.name)
        if spec is None:
            return
        given = typed(spec, text, self._parts.taxonomy)
        if not given.is_valid:
            self._note("tickets.no_value", {"label": held.label})
            return
        self._mends[held.ticket_no, held.name] = given.value
        self._tell(replace(self.view, notice_key="", notice_params=None))

    def _tell(self, view: DetailView) -> None:
        line, role = view.line, self._parts.role
        message = line.message if line is not None else None
        is_refused = message is not None and message.state is OutboxState.REFUSED
        waits = message is not None and message.state is OutboxState.WAITING
        is_ticket = line is not None and bool(line.number)
        view = replace(
            view, is_whole=bool(self._tickets), can_show=is_ticket and role is not Role.IT and not self._tickets,
            can_mend=is_refused and bool(self._tickets), mends=len(self._mends), can_resend=is_refused or waits,
            can_attach=line is not None, can_try=self.try_now is not None, number=self._number())
        self.fields.replace(self._rows(line, view.can_mend))
        if view != self.view:
            self.view = view
            self.changed.emit(view)

    def _number(self) -> str:
        """The contact's, else the calling one; only what the operator was shown."""
        if not self._tickets or not self.can_dial():
            return ""
        return dialled(self._tickets[0])

    def _rows(self, line: TicketLine | None, can_mend: bool) -> tuple[FieldRow, ...]:
        if line is None:
            return ()
        if not self._tickets:
            label = self._parts.fields.label
            texts = {"title": line.title, "requester_name": line.name, "contact_phone": line.phone, "address_detail": line.place,
                     "request_type": line.request_type, "item_code": self._item(line.item_code)}
            return tuple(FieldRow(line.number, name, label(name), text) for name, text in texts.items() if text)
        return tuple(row for matter, ticket in enumerate(self._tickets) for row in self._ticket_rows(ticket, matter, can_mend))

    def _item(self, code: str) -> str:
        return self._parts.taxonomy.label(code) if code else ""

    def _ticket_rows(self, ticket: StoredTicket, matter: int, can_mend: bool) -> list[FieldRow]:
        values = {name: cast("Mapping[str, object]", held).get("value") for name, held in ticket.fields.items()}
        known = known_of(values)
        rows = []
        for name in _shown_fields(self._parts.fields):
            mend = (ticket.ticket_no, name)
            value = self._mends.get(mend, cast("Value | None", values.get(name)))
            if value is None and not can_mend:
                continue
            rows.append(FieldRow(ticket.ticket_no, name, self._parts.fields.label(name), self._text(name, value, known), matter,
                                 can_mend and name in self._parts.fields, mend in self._mends))
        return rows

    def _text(self, name: str, value: Value | None, known: Known) -> str:
        spec = self._parts.fields.get(name)
        masked = cast("Value | None", mask_field(name, value, self._parts.role, Purpose.HANDLING, known))
        if spec is not None:
            return shown(spec, masked, self._parts.taxonomy)
        return "" if masked is None else str(masked)


def dialled(ticket: StoredTicket) -> str:
    """Whom to call back about a ticket: the contact's number, else the calling one; digits, "" for none."""
    values = (cast("Mapping[str, object]", ticket.fields.get(name, {})).get("value") for name in _PHONES)
    found = ("".join(each for each in value if each in "+0123456789") for value in values if isinstance(value, str))
    return next((number for number in found if len(number) >= _LEAST_DIGITS), "")


def _shown_fields(table: FieldTable) -> tuple[str, ...]:
    names = [slot.name for slot in form_slots(table)]
    names += [name for name in _FURTHER if (spec := table.get(name)) is None or spec.kind is not FieldKind.OTHER]
    return tuple(dict.fromkeys(names))

