"""The conversation as a list model: finals of both sides in order, then what is being said right now; filter, find, flags.

Numbers are marked by their digits, places by the evidence of the ticket's place fields. A row that carries evidence of the focused
field, a flag, or what is looked for, passes the filter.

A row is a frozen ``ConversationRow``. A partial's row turns into the final's row in place, so nothing flickers and
earlier rows never move. GUI thread only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
    Slot,
)

from app.domain.call import CallEvent, CallState, MomentFlagged, Phase
from app.domain.dialogue import Channel, HypothesisRevised, Utterance
from app.domain.ticket import Evidence, TicketDraft
from app.domain.ticket_record import PLACE_FIELDS
from app.presenters.display_spans import Span, display_spans

UNSURE_BELOW = 0.5
ROW_ROLE = int(Qt.ItemDataRole.UserRole) + 1
#: Digits that matter: a phone, a house, a sum; not the 1 of 1楼.
_NUMBER = re.compile(r"[A-Z]?\d[\d\-]+\d|\d{2,}")

Marks = Mapping[int, tuple[Span, ...]]
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """What one bubble shows; spans count characters of ``text``."""

    channel: Channel
    start_ms: int
    text: str
    is_final: bool
    unsure: tuple[Span, ...] = ()
    evidence: tuple[Span, ...] = ()
    numbers: tuple[Span, ...] = ()
    places: tuple[Span, ...] = ()
    found: tuple[Span, ...] = ()
    is_flagged: bool = False


class ConversationModel(QAbstractListModel):
    """Rows of the conversation; ``ROW_ROLE`` gives the ``ConversationRow``, the display role a line for screen readers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[ConversationRow] = []
        self._dialogue: tuple[Utterance, ...] = ()
        self._evidence: Marks = {}
        self._places: Marks = {}
        self._found: Marks = {}
        self._flagged: frozenset[int] = frozenset()

    @property
    def rows(self) -> tuple[ConversationRow, ...]:
        """All rows."""
        return tuple(self._rows)

    def row(self, number: int) -> ConversationRow:
        """One row."""
        return self._rows[number]

    def show_state(self, state: CallState) -> None:
        """Take over dialogue and partials; only rows that differ are touched."""
        rows = self._final_rows(state.dialogue)
        partials = sorted(state.partials.values(), key=_partial_order)
        rows.extend(ConversationRow(p.channel, p.start_ms, p.text, is_final=False) for p in partials if p.text)
        self._dialogue = state.dialogue
        self._replace(rows)

    def show_evidence(self, evidence: Sequence[Evidence]) -> int | None:
        """Mark these spans instead of the ones before; gives the first marked row."""
        marked = {number: spans for number, spans in spans_by_row(evidence).items() if number < len(self._dialogue)}
        before, self._evidence = self._evidence, marked
        self._redraw({*before, *marked})
        return evidence[0].utterance if evidence and evidence[0].utterance in marked else None

    def show_places(self, places: Marks) -> None:
        """Mark these spans as places."""
        if places != self._places:
            before, self._places = self._places, places
            self._redraw({n for n in {*before, *places} if before.get(n) != places.get(n)})

    def show_found(self, found: Marks) -> None:
        """Mark these spans of the shown texts as what is looked for."""
        if found != self._found:
            before, self._found = self._found, found
            self._redraw({n for n in {*before, *found} if before.get(n) != found.get(n)})

    def show_flags(self, rows: frozenset[int]) -> None:
        """Flag these rows and no others."""
        if rows != self._flagged:
            before, self._flagged = self._flagged, rows
            self._redraw(before ^ rows)

    def _redraw(self, numbers: Iterable[int]) -> None:
        rows = list(self._rows)
        for number in numbers:
            if number < min(len(self._dialogue), len(rows)):
                rows[number] = self._final_row(number, self._dialogue[number])
        self._replace(rows)

    def _final_rows(self, dialogue: tuple[Utterance, ...]) -> list[ConversationRow]:
        held, rows = self._dialogue, []
        for number, utterance in enumerate(dialogue):
            same = number < len(held) and held[number] is utterance and number < len(self._rows)
            rows.append(self._rows[number] if same else self._final_row(number, utterance))
        return rows

    def _final_row(self, number: int, utterance: Utterance) -> ConversationRow:
        shown = utterance.display or utterance.text
        unsure = [(t.start, t.end) for t in utterance.tokens if t.confidence < UNSURE_BELOW]
        return ConversationRow(
            utterance.channel, utterance.start_ms, shown, is_final=True,
            unsure=display_spans(utterance.text, shown, unsure) if unsure else (),
            evidence=display_spans(utterance.text, shown, self._evidence.get(number, ())),
            numbers=tuple(match.span() for match in _NUMBER.finditer(shown)),
            places=display_spans(utterance.text, shown, self._places.get(number, ())),
            found=self._found.get(number, ()), is_flagged=number in self._flagged,
        )

    def _replace(self, rows: list[ConversationRow]) -> None:
        common = min(len(rows), len(self._rows))
        changed = [i for i in range(common) if rows[i] is not self._rows[i] and rows[i] != self._rows[i]]
        for number in changed:
            self._rows[number] = rows[number]
            index = self.index(number)
            self.dataChanged.emit(index, index)
        if len(rows) > common:
            self.beginInsertRows(QModelIndex(), common, len(rows) - 1)
            self._rows.extend(rows[common:])
            self.endInsertRows()
        elif len(self._rows) > common:
            self.beginRemoveRows(QModelIndex(), common, len(self._rows) - 1)
            del self._rows[common:]
            self.endRemoveRows()

    def rowCount(self, parent: Index | None = None) -> int:
        """Rows; a list has no children."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """The row, or its text."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return row.text
        return None


class SideFilter(QSortFilterProxyModel):
    """The rows to be seen: all, or the citizen's; evidence and what is looked for always."""

    def __init__(self, model: ConversationModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.only: Channel | None = None
        self.setSourceModel(model)

    def use(self, only: Channel | None) -> None:
        """Show one side, or both."""
        self.only = only
        self.invalidate()  # invalidateRowsFilter is deprecated from Qt 6.11 on, what takes its place is new in 6.9

    def filterAcceptsRow(self, number: int, parent: Index) -> bool:  # noqa: N802  Qt's name
        """Whether a row is to be seen."""
        row = self._model.row(number)
        return self.only is None or row.channel is self.only or bool(row.evidence or row.found or row.is_flagged)


@dataclass(frozen=True, slots=True)
class FindView:
    """What is looked for, in how many rows it is, and which of them is shown (from 1; 0 for none)."""

    text: str = ""
    count: int = 0
    place: int = 0


class ConversationPresenter(QObject):
    """Feeds the conversation panel; asks it to bring a row into view when evidence is shown or something is found.

    Args:
        post: takes events (flags); None for a window that only shows.
    """

    evidence_located = Signal(int)
    """First row that carries the focused field's value."""
    evidence_cleared = Signal()
    row_located = Signal(int)
    """A row that was looked for or flagged."""
    find_changed = Signal(object)
    filter_changed = Signal(bool)
    """Whether only the citizen is shown."""

    def __init__(self, post: Callable[[CallEvent], None] | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._post = post
        self._state: CallState | None = None
        self._rows_found: tuple[int, ...] = ()
        self._flagged: tuple[int, ...] = ()
        self.model = ConversationModel(self)
        self.shown = SideFilter(self.model, self)
        self.find_view = FindView()

    @property
    def is_citizen_only(self) -> bool:
        """Whether only the citizen is shown."""
        return self.shown.only is not None

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """Take over a new state."""
        before, self._state = self._state, state
        is_other = before is None or before.context.call_id != state.context.call_id
        if is_other and before is not None:
            self.find("")
        self.model.show_state(state)
        if before is None or before.draft is not state.draft:
            self.model.show_places(_places(state.draft))
        if before is None or before.flags != state.flags or len(before.dialogue) != len(state.dialogue):
            self._flagged = flagged_rows(state)
            self.model.show_flags(frozenset(self._flagged))
        if self.find_view.text:
            self._look(self.find_view.place)

    @Slot(object)
    def show_evidence(self, evidence: Sequence[Evidence]) -> None:
        """Mark where a value was said and bring it into view; an empty sequence clears the marks."""
        row = self.model.show_evidence(evidence)
        if row is not None:
            self.evidence_located.emit(row)
        else:
            self.evidence_cleared.emit()

    @Slot()
    def toggle_citizen(self) -> None:
        """Only the citizen, or both."""
        self.shown.use(None if self.is_citizen_only else Channel.CITIZEN)
        self.filter_changed.emit(self.is_citizen_only)

    @Slot(str)
    def find(self, text: str) -> None:
        """Look for a text in what was said so far; the newest place first. Empty: look no more."""
        self.find_view = FindView(text.strip())
        self._look(-1)
        self._locate_found()

    @Slot()
    def find_next(self) -> None:
        """The next place, downwards and round."""
        self._step(1)

    @Slot()
    def find_previous(self) -> None:
        """The place before, upwards and round."""
        self._step(-1)

    def flag(self, row: int | None = None) -> None:
        """Flag this very moment, or a row; again: take the flag of that row away."""
        state = self._state
        if state is None or self._post is None or state.phase in (Phase.IDLE, Phase.RINGING):
            return
        if row is None or not 0 <= row < len(state.dialogue):
            self._post(MomentFlagged(state.position_ms))
            return
        held = [at for at in state.flags if _row_at(state, at) == row]
        for at in held or [state.dialogue[row].start_ms]:
            self._post(MomentFlagged(at))

    def go_to_flag(self, after: int) -> None:
        """Bring the next flagged row after a row into view, round."""
        if self._flagged:
            self.row_located.emit(next((row for row in self._flagged if row > after), self._flagged[0]))

    def _step(self, by: int) -> None:
        count = self.find_view.count
        if count:
            self.find_view = FindView(self.find_view.text, count, (self.find_view.place - 1 + by) % count + 1)
            self.find_changed.emit(self.find_view)
            self._locate_found()

    def _look(self, place: int) -> None:
        """Find in all rows; ``place`` stays where it can, -1 is the last one."""
        wanted, marks = self.find_view.text.casefold(), {}
        state = self._state
        if wanted and state is not None:
            for number in range(len(state.dialogue)):
                spans = tuple(match.span() for match in re.finditer(re.escape(wanted), self.model.row(number).text.casefold()))
                if spans:
                    marks[number] = spans
        self._rows_found = tuple(marks)
        count = len(marks)
        view = FindView(self.find_view.text, count, count if place < 0 else min(max(place, 1 if count else 0), count))
        self.model.show_found(marks)
        if view != self.find_view or place < 0:
            self.find_view = view
            self.find_changed.emit(view)

    def _locate_found(self) -> None:
        if self.find_view.place:
            self.row_located.emit(self._rows_found[self.find_view.place - 1])


def spans_by_row(evidence: Iterable[Evidence]) -> dict[int, tuple[Span, ...]]:
    """Spans of evidence by utterance."""
    marks: dict[int, list[Span]] = {}
    for piece in evidence:
        marks.setdefault(piece.utterance, []).append((piece.start, piece.end))
    return {number: tuple(spans) for number, spans in marks.items()}


def flagged_rows(state: CallState) -> tuple[int, ...]:
    """Rows in which the flagged moments lie, in order."""
    return tuple(sorted({row for at in state.flags if (row := _row_at(state, at)) >= 0}))


def _row_at(state: CallState, at_ms: int) -> int:
    """The utterance that was spoken at a moment, or the last one before; -1 for none."""
    begun = [number for number, utterance in enumerate(state.dialogue) if utterance.start_ms <= at_ms]
    return max(begun, key=lambda number: state.dialogue[number].start_ms, default=-1)


def _places(draft: TicketDraft) -> dict[int, tuple[Span, ...]]:
    held = (value for matter in draft.matters for name, value in matter.items() if name in PLACE_FIELDS)
    return spans_by_row(piece for value in held for piece in value.evidence)


def _partial_order(partial: HypothesisRevised) -> tuple[int, str]:
    return (partial.start_ms, partial.channel)
