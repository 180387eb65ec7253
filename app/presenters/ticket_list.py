"""My tickets: the list with its filters and its search. Rows come page by page, as far as somebody scrolls.

Everything is read on the thread "records"; an answer that comes after the question changed is dropped. The lights of terms are
those of ``DeadlineWatch``, driven by one timer set to the next change. GUI thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal, Slot

from app.domain.deadlines import Light
from app.domain.delivery import OutboxMessage, OutboxState
from app.domain.errors import AppError
from app.domain.ticket_search import TicketQuery, TicketRow
from app.presenters.errands import Errands
from app.presenters.record_parts import RecordParts
from app.presenters.ticket_lines import WATCH_DAYS, TicketLine, draft_line, first_number, holds, running, ticket_line
from app.presenters.ticket_pages import NO_PAGE, Page, items_named, next_page
from app.services.deadline_watch import DeadlineWatch, Watched

LINE_ROLE = int(Qt.ItemDataRole.UserRole) + 1
TYPING_PAUSE_MS = 200
MOST_WATCHED = 5000
MOST_REFRESHED = 200
_WATCH_PAGE = 500
_AGAIN_MS = 60_000

Told = TypeVar("Told")

Index = QModelIndex | QPersistentModelIndex


class Filter(StrEnum):
    """What the list holds."""

    ALL = "all"
    DRAFTS = "drafts"
    UNSENT = "unsent"
    REFUSED = "refused"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class ListView:
    """What stands around the list.

    Attributes:
        filter: which lines are shown.
        text: what was searched for.
        count: lines so far.
        has_more: more come by scrolling.
        is_cut: there may be more that the search did not look at.
        is_reading: an answer is under way and there is nothing to show yet.
        error_key: why nothing can be shown, empty where it can.
    """

    filter: Filter = Filter.ALL
    text: str = ""
    count: int = 0
    has_more: bool = False
    is_cut: bool = False
    is_reading: bool = False
    error_key: str = ""


class TicketListModel(QAbstractListModel):
    """Lines; ``LINE_ROLE`` gives the ``TicketLine``. More are fetched as the view comes to the end."""

    more_wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: list[TicketLine] = []
        self._places: dict[str, int] = {}
        self._has_more = False
        self._is_asked = False

    def line(self, row: int) -> TicketLine | None:
        """The line of a row."""
        return self._lines[row] if 0 <= row < len(self._lines) else None

    def numbers(self) -> tuple[str, ...]:
        """Numbers of the tickets that are listed."""
        return tuple(line.number for line in self._lines if line.number)

    def place(self, key: str) -> int:
        """The row of a line, -1 where it is not listed."""
        return self._places.get(key, -1)

    def begin(self, lines: tuple[TicketLine, ...], has_more: bool) -> None:
        """Another list."""
        self.beginResetModel()
        self._lines, self._has_more, self._is_asked = list(lines), has_more, False
        self._places = {line.key: row for row, line in enumerate(self._lines)}
        self.endResetModel()

    def append(self, lines: tuple[TicketLine, ...], has_more: bool) -> None:
        """The next page."""
        self._has_more, self._is_asked = has_more, False
        fresh = [line for line in lines if line.key not in self._places]
        if not fresh:
            return
        first = len(self._lines)
        self.beginInsertRows(QModelIndex(), first, first + len(fresh) - 1)
        self._lines += fresh
        self._places.update({line.key: first + at for at, line in enumerate(fresh)})
        self.endInsertRows()

    def change(self, lines: tuple[TicketLine, ...]) -> None:
        """Lines that are listed look otherwise now; others are left out."""
        for line in lines:
            row = self.place(line.key)
            if row >= 0 and self._lines[row] != line:
                self._lines[row] = line
                self.dataChanged.emit(self.index(row), self.index(row))

    def rowCount(self, parent: Index | None = None) -> int:
        """Lines read so far."""
        return 0 if parent is not None and parent.isValid() else len(self._lines)

    def canFetchMore(self, parent: Index) -> bool:
        """Whether there is another page that was not asked for yet."""
        return not parent.isValid() and self._has_more and not self._is_asked

    def fetchMore(self, parent: Index) -> None:
        """Ask for it; it comes later."""
        if self.canFetchMore(parent):
            self._is_asked = True
            self.more_wanted.emit()

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """The line, or its number and title."""
        line = self.line(index.row()) if index.isValid() else None
        if line is None:
            return None
        if role == LINE_ROLE:
            return line
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{line.number} {line.title}".strip()
        return None


@dataclass(frozen=True, slots=True)
class _Lights:
    """Lines whose light changed, how many terms are due, and when to look again."""

    lines: tuple[TicketLine, ...]
    due: int
    due_in_s: float


@dataclass(frozen=True, slots=True)
class _Lines:
    """An answer of the thread."""

    lines: tuple[TicketLine, ...]
    page: Page = NO_PAGE


class TicketListPresenter(QObject):
    """Feeds the list.

    Args:
        parts: ports and rules.
        errands: the thread.
    """

    changed = Signal(object)
    """The ``ListView``."""
    due_changed = Signal(int)
    """How many watched terms show 预警, 黄牌 or 红牌."""
    reloaded = Signal(str)
    """Key of the line to stand on, empty for the first one."""

    def __init__(self, parts: RecordParts, errands: Errands, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._parts, self._errands = parts, errands
        self.model = TicketListModel(self)
        self.model.more_wanted.connect(self._fetch)
        self.view = ListView()
        self._page = NO_PAGE
        self._number = 0
        #: Key of the line to stand on when the list was read.
        self.wanted = ""
        self.due = 0
        self._watch = DeadlineWatch(parts.clock, parts.terms.calendar)
        self._typing = _single_shot(self, self._reload)
        self._light_timer = _single_shot(self, self._advance)

    @Slot(str)
    def type_query(self, text: str) -> None:
        """The operator typed into the search box; searched after a short pause."""
        self.view = replace(self.view, text=text.strip())
        self._typing.start(TYPING_PAUSE_MS)

    @Slot(str)
    def use_filter(self, name: str) -> None:
        """Show other lines (a ``Filter``)."""
        self.view = replace(self.view, filter=Filter(name))
        self._reload()

    def reload(self, wanted: str = "") -> None:
        """Read anew; afterwards the list stands on the line ``wanted`` where it is there."""
        self.wanted = wanted
        self._reload()

    def refresh(self, wanted: str) -> None:
        """What is listed may stand otherwise: the lines read so far are read anew, the list stays where it is."""
        if self.view.filter is not Filter.ALL or self.view.is_reading:
            self.reload(wanted)
            return
        numbers = self.model.numbers()[:MOST_REFRESHED]
        number = self._number
        self._errands.ask(lambda: self._lines(self._parts.records.rows(numbers)), self._if_current(number, self.model.change),
                          lambda _: None)

    def find(self, ticket_no: str) -> None:
        """Show one ticket."""
        self.view = replace(self.view, filter=Filter.ALL, text=ticket_no)
        self.reload(ticket_no)

    def watch_terms(self) -> None:
        """Read which terms run, and keep their lights from now on; again after a ticket was submitted."""
        self._errands.ask(self._watch_anew, self._on_lights, self._on_watch_failed)

    def stop(self) -> None:
        """No more timers."""
        self._typing.stop()
        self._light_timer.stop()

    @Slot()
    def _reload(self) -> None:
        self._typing.stop()
        self._number += 1
        self._tell(replace(self.view, is_reading=True, error_key=""))
        number, which, text = self._number, self.view.filter, self.view.text
        self._errands.ask(lambda: self._read(which, text), self._if_current(number, self._on_read),
                          self._if_current(number, self._on_failed))

    @Slot()
    def _fetch(self) -> None:
        number, text, before = self._number, self.view.text, self._page
        self._errands.ask(lambda: self._read_page(text, before), self._if_current(number, self._on_page),
                          self._if_current(number, self._on_failed))

    def _if_current(self, number: int, then: Callable[[Told], None]) -> Callable[[Told], None]:
        return lambda told: then(told) if number == self._number else None

    @Slot(object)
    def _on_read(self, read: _Lines) -> None:
        self._page = read.page
        self.model.begin(read.lines, read.page.until is not None)
        self._tell(self._counted(read.page))
        wanted, self.wanted = self.wanted, ""
        self.reloaded.emit(wanted)

    @Slot(object)
    def _on_page(self, read: _Lines) -> None:
        self._page = read.page
        self.model.append(read.lines, read.page.until is not None)
        self._tell(self._counted(read.page))

    def _counted(self, page: Page) -> ListView:
        return replace(self.view, count=self.model.rowCount(), has_more=page.until is not None, is_cut=page.is_cut, is_reading=False)

    def _on_failed(self, error: AppError) -> None:
        self.model.begin((), has_more=False)
        self._tell(replace(self.view, count=0, has_more=False, is_cut=False, is_reading=False, error_key=error.key))

    def _tell(self, view: ListView) -> None:
        if view != self.view:
            self.view = view
            self.changed.emit(view)

    # ------------------------------------------------------------------ on the thread "records"

    def _read(self, which: Filter, text: str) -> _Lines:
        if which is Filter.ALL:
            read = self._read_page(text, None)
            return _Lines((*self._drafts(text), *read.lines), read.page)
        if which is Filter.DRAFTS:
            return _Lines(self._drafts(text))
        if which is Filter.DUE:
            due = [number for number, light in self._watch.lights.items() if light is not Light.NORMAL]
            lines = self._lines([row for row in self._parts.records.rows(due) if self._holds(row, text)])
            # What has just become due stands first; what has been red for weeks is no news.
            return _Lines(tuple(sorted(lines, key=_due_day, reverse=True)))
        states = (OutboxState.REFUSED,) if which is Filter.REFUSED else (OutboxState.WAITING, OutboxState.REFUSED)
        numbers = dict.fromkeys(each.ticket_no for each in self._parts.outbox.messages(open_only=True) if each.state in states)
        return _Lines(self._lines([row for row in self._parts.records.rows(tuple(numbers)) if self._holds(row, text)]))

    def _read_page(self, text: str, before: Page | None) -> _Lines:
        queries = (TicketQuery(text=text), *(TicketQuery(item_code=code) for code in items_named(text, self._parts.taxonomy)))
        page = next_page(self._parts.records, queries, before)
        return _Lines(self._lines(page.rows), page)

    def _drafts(self, text: str) -> tuple[TicketLine, ...]:
        drafts = (draft for draft in self._parts.drafts() if text in draft.title)
        return tuple(draft_line(draft, self._parts.role) for draft in drafts)

    def _holds(self, row: TicketRow, text: str) -> bool:
        return holds(row, text, items_named(text, self._parts.taxonomy))

    def _lines(self, rows: Sequence[TicketRow]) -> tuple[TicketLine, ...]:
        today = self._parts.clock.now().date()
        by_number: dict[str, list[OutboxMessage]] = {}
        for message in self._parts.outbox.of_tickets([first_number(row) for row in rows]):
            by_number.setdefault(message.ticket_no, []).append(message)
        return tuple(ticket_line(row, by_number.get(first_number(row), ()), self._parts.role, self._parts.terms, today)
                     for row in rows)

    def _watch_anew(self) -> _Lights:
        query = TicketQuery(since=self._parts.clock.now() - timedelta(days=WATCH_DAYS))
        page, found = None, 0
        held: list[Watched] = []
        while found < MOST_WATCHED and (page is None or page.until is not None):
            page = next_page(self._parts.records, (query,), page, _WATCH_PAGE)
            found += len(page.rows)
            held += [each for row in page.rows if (each := running(row, self._parts.terms)) is not None]
        self._watch.watch(held)
        return self._lights(())

    def _look_at_terms(self) -> _Lights:
        changed = [change.ticket_no for change in self._watch.advance()]
        return self._lights(self._lines(self._parts.records.rows(changed)) if changed else ())

    def _lights(self, lines: tuple[TicketLine, ...]) -> _Lights:
        return _Lights(lines, sum(light is not Light.NORMAL for light in self._watch.lights.values()), self._watch.due_in_s())

    # ------------------------------------------------------------------ lights, on the GUI thread

    @Slot()
    def _advance(self) -> None:
        self._errands.ask(self._look_at_terms, self._on_lights, self._on_watch_failed)

    def _on_lights(self, lights: _Lights) -> None:
        self.model.change(lights.lines)
        self._light_timer.start(max(1, round(lights.due_in_s * 1000)))
        if lights.due != self.due:
            self.due = lights.due
            self.due_changed.emit(lights.due)
        if lights.lines and self.view.filter is Filter.DUE:
            self._reload()

    def _on_watch_failed(self, _error: AppError) -> None:
        self._light_timer.start(_AGAIN_MS)  # the store is locked or its disk is away: the list itself says so


def _due_day(line: TicketLine) -> tuple[str, str]:
    return line.due.day.isoformat() if line.due is not None else "", line.number


def _single_shot(owner: QObject, then: Callable[[], None]) -> QTimer:
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.timeout.connect(then)
    return timer
