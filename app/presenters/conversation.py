"""The conversation as a list model: finals of both sides in order, then what is being said right now.

A row is a frozen ``ConversationRow``. A partial's row turns into the final's row in place, so nothing flickers and
earlier rows never move. GUI thread only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal, Slot

from app.domain.call import CallState
from app.domain.dialogue import Channel, HypothesisRevised, Utterance
from app.domain.ticket import Evidence
from app.presenters.display_spans import Span, display_spans

UNSURE_BELOW = 0.5
ROW_ROLE = int(Qt.ItemDataRole.UserRole) + 1

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


class ConversationModel(QAbstractListModel):
    """Rows of the conversation; ``ROW_ROLE`` gives the ``ConversationRow``, the display role a line for screen readers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[ConversationRow] = []
        self._dialogue: tuple[Utterance, ...] = ()
        self._evidence: dict[int, tuple[Span, ...]] = {}

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
        marks: dict[int, list[Span]] = {}
        for piece in evidence:
            marks.setdefault(piece.utterance, []).append((piece.start, piece.end))
        marked = {number: tuple(spans) for number, spans in marks.items() if number < len(self._dialogue)}
        touched = {*self._evidence, *marked}
        self._evidence = marked
        rows = list(self._rows)
        for number in touched:
            if number < len(self._dialogue):
                rows[number] = self._final_row(number, self._dialogue[number])
        self._replace(rows)
        return evidence[0].utterance if evidence and evidence[0].utterance in marked else None

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


class ConversationPresenter(QObject):
    """Feeds the conversation panel; asks it to bring a row into view when evidence is shown."""

    evidence_located = Signal(int)
    """First row that carries the focused field's value."""
    evidence_cleared = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model = ConversationModel(self)

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """Take over a new state."""
        self.model.show_state(state)

    @Slot(object)
    def show_evidence(self, evidence: Sequence[Evidence]) -> None:
        """Mark where a value was said and bring it into view; an empty sequence clears the marks."""
        row = self.model.show_evidence(evidence)
        if row is not None:
            self.evidence_located.emit(row)
        else:
            self.evidence_cleared.emit()


def _partial_order(partial: HypothesisRevised) -> tuple[int, str]:
    return (partial.start_ms, partial.channel)
