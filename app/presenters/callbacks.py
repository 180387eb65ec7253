"""The operator's callbacks at the desk: which are due, whose tickets are here, dial, open, and the result. GUI thread but for ``news``.

The store is read on the thread "records" after something changed; the hub's thread fills it (``app.services.callback_exchange``). A
result is checked by the same machine as the hub's, kept in the encrypted store, and the hub's thread is woken: it goes out now or, while
the hub is away, later, and counts once. Phone numbers are read when they are dialled, which goes to the audit trail, and kept nowhere.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from app.domain.callbacks import Band, CallbackResult, after, band, is_of_call, ordered
from app.domain.cases import Case, CaseState
from app.domain.errors import AppError, OperatorVisibleError
from app.domain.masking import Purpose, Role
from app.ports.callbacks import CallbackList
from app.presenters.callback_entry import Entry
from app.presenters.errands import Errands
from app.presenters.record_parts import CallbackHere, RecordParts
from app.presenters.ticket_detail import dialled
from app.presenters.ticket_lines import masked_row

_GATHER_MS = 100
_FURTHER_MS = 60_000


@dataclass(frozen=True, slots=True)
class CallbackLine:
    """One callback.

    Attributes:
        case: as it stands with what was told here.
        number: of its ticket, "" where only another PC knows it.
        is_here: the ticket is in this PC's store.
        what: title of the ticket, masked by role.
        phone: its number, masked by role.
        band: how urgent.
        waits: a result has not reached the hub.
    """

    case: Case
    number: str
    is_here: bool = False
    what: str = ""
    phone: str = ""
    band: Band = Band.TODAY
    waits: bool = False


@dataclass(frozen=True, slots=True)
class CallbacksView:
    """What list and button draw.

    Attributes:
        lines: callbacks in the order in which they are to be done.
        at: ISO 8601 of the hub's last word, "" for none.
        has_hub: a hub is set up.
        note_key: what came of the last act, a message key, "" for nothing.
        note_params: for it.
        is_fault: it did not come to what was wanted.
        kept: counts results that were kept, so that a bar may be emptied once.
        is_saving: a result is on its way to the disk: no other one can be given.
    """

    lines: tuple[CallbackLine, ...] = ()
    at: str = ""
    has_hub: bool = False
    note_key: str = ""
    note_params: Mapping[str, object] | None = None
    is_fault: bool = False
    kept: int = 0
    is_saving: bool = False

    @property
    def to_do(self) -> int:
        """Due today or late."""
        return sum(line.band in (Band.LATE, Band.TODAY) and line.case.state is CaseState.PLANNED for line in self.lines)

    @property
    def late(self) -> int:
        """Late ones."""
        return sum(line.band is Band.LATE and line.case.state is CaseState.PLANNED for line in self.lines)

    @property
    def waiting(self) -> int:
        """Callbacks with a result on its way."""
        return sum(line.waits for line in self.lines)


class CallbacksPresenter(QObject):
    """See the module.

    Args:
        parts: records, terms, role.
        here: list, results, who sits here.
        errands: the thread.
    """

    changed = Signal(object)
    """The ``CallbacksView``."""
    opened = Signal(str)
    """The ticket with this number is to be shown."""
    number_wanted = Signal(str)
    """This number is to be called."""
    _told = Signal()

    def __init__(self, parts: RecordParts, here: CallbackHere, errands: Errands, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._parts, self._here, self._errands = parts, here, errands
        self.view = CallbacksView()
        self.can_dial: Callable[[], bool] = lambda: False
        self._wake: Callable[[], None] = lambda: None
        self._look: Callable[[], None] = lambda: None
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(_GATHER_MS)
        self._gather.timeout.connect(self._read)
        self._daily = QTimer(self)
        self._daily.setInterval(_FURTHER_MS)
        self._daily.timeout.connect(self._on_minute)
        self._day = ""
        self._told.connect(self._on_told, Qt.ConnectionType.QueuedConnection)

    def use_hub(self, wake: Callable[[], None], look: Callable[[], None]) -> None:
        """A hub is there: ``wake`` sends what waits, ``look`` wants the list anew with that."""
        self._wake, self._look = wake, look
        self._daily.start()
        self._put(has_hub=True)
        self.news()

    def news(self) -> None:
        """List or results changed; any thread."""
        self._told.emit()

    def look_again(self) -> None:
        """Somebody wants to see the list as it is now."""
        self._look()
        self._wake()
        self.news()

    def stop(self) -> None:
        """No more timers."""
        self._gather.stop()
        self._daily.stop()

    def hide(self) -> None:
        """The store was locked: nothing of it stays here."""
        self._put(lines=(), note_key="", note_params=None)

    def save(self, case_id: str, entry: Entry) -> None:
        """Keep a result; ``view.kept`` counts up once it is on the disk, else the note says why it is not."""
        line = self._line(case_id)
        if line is None or entry.act is None or self.view.is_saving:
            return
        act, answers = entry.act, entry.answers
        self._put(is_saving=True)

        def job() -> tuple[CallbackList, tuple[CallbackLine, ...]]:
            today, agent = self._today(), self._here.agent()
            item, district = self._about(line.number) if line.is_here else ("", "")
            result = CallbackResult(uuid.uuid4().hex, case_id, act, today.isoformat(), **answers, item=item, district=district)
            self._here.store.keep(agent, result, after(line.case, result, today, self._parts.terms.calendar))
            return self._lines()

        def kept(found: tuple[CallbackList, tuple[CallbackLine, ...]]) -> None:
            self._put(note_key="callbacks.kept", note_params=None, is_fault=False, kept=self.view.kept + 1, is_saving=False,
                      lines=found[1], at=found[0].at)
            self._wake()

        def failed(error: AppError) -> None:
            self._put(is_saving=False)
            self._fail(error)

        self._errands.ask(job, kept, failed)

    def dial(self, case_id: str) -> None:
        """Call the number of the callback's ticket, where it is here; that it was read goes to the audit trail."""
        line = self._line(case_id)
        if line is None or not line.is_here or self._parts.role is Role.IT:
            return

        def job() -> str:
            ticket = self._parts.records.ticket(line.number)
            number = dialled(ticket) if ticket is not None else ""
            if not number:
                raise OperatorVisibleError("callbacks.no_phone")
            return number

        def answer(number: str) -> None:
            if self.can_dial():
                self.number_wanted.emit(number)
            else:
                self._put(note_key="callbacks.no_line", note_params={"number": number}, is_fault=True)

        self._errands.ask(job, answer, self._fail)

    def open(self, case_id: str) -> None:
        """Show the callback's ticket."""
        line = self._line(case_id)
        if line is not None and line.is_here:
            self.opened.emit(line.number)

    def choose(self) -> None:
        """Another callback is stood on: what was told of the last one goes."""
        if self.view.note_key:
            self._put(note_key="", note_params=None)

    # --- inside ----------------------------------------------------------------------------------------------------------

    def _line(self, case_id: str) -> CallbackLine | None:
        return next((line for line in self.view.lines if line.case.case_id == case_id), None)

    def _today(self) -> date:
        return self._parts.clock.now().date()

    def _about(self, number: str) -> tuple[str, str]:
        row = self._parts.records.row(number)
        if row is None:
            return "", ""
        known = self._parts.taxonomy.get(row.item_code) is not None
        return row.item_code if known else "", row.district if row.district in self._here.districts() else ""

    @Slot()
    def _on_told(self) -> None:
        if not self._gather.isActive():
            self._gather.start()

    @Slot()
    def _on_minute(self) -> None:
        if self._today().isoformat() != self._day:
            self.news()  # what was for tomorrow is for today

    @Slot()
    def _read(self) -> None:
        self._errands.ask(self._lines, self._on_lines, lambda error: None)  # a locked store says so itself

    def _lines(self) -> tuple[CallbackList, tuple[CallbackLine, ...]]:
        """On the thread "records"."""
        held = self._here.store.listed()
        if held.agent != self._here.agent():
            return CallbackList(), ()
        today = self._today()
        shown = [case for case in held.cases if case.state is CaseState.PLANNED or case.case_id in held.waiting]
        return held, tuple(self._shown(case, today, case.case_id in held.waiting) for case in ordered(shown, today))

    def _shown(self, case: Case, today: date, waits: bool) -> CallbackLine:
        number = self._here.ticket_of(case.subject) if is_of_call(case.subject) else case.subject
        row = self._parts.records.row(number) if number else None
        line = CallbackLine(case, number, row is not None, band=band(case, today), waits=waits)
        if row is None:
            return line
        masked = masked_row(row, self._parts.role, Purpose.LIST)
        return replace(line, what=masked["title"], phone=masked["phone"])

    def _on_lines(self, found: tuple[CallbackList, tuple[CallbackLine, ...]]) -> None:
        self._day = self._today().isoformat()
        self._put(lines=found[1], at=found[0].at)

    def _fail(self, error: AppError) -> None:
        self._put(note_key=error.key, note_params=error.params, is_fault=True)

    def _put(self, **changes: object) -> None:
        view = replace(self.view, **changes)  # type: ignore[arg-type]
        if view != self.view:
            self.view = view
            self.changed.emit(view)
