"""Training: the questions to choose from, and what came of the last one. ``tell`` may be called from any thread, all else is GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from pathlib import Path

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal, Slot

from app.domain.catalogue import FieldTable
from app.domain.errors import AppError
from app.domain.training import Question, Score
from app.platform import messages
from app.services.training import read_bank, script_question

_Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """Columns of a result."""

    FIELD = 0
    VERDICT = 1
    GIVEN = 2
    WANTED = 3
    EVIDENCE = 4


class TrainingPresenter(QObject):
    """See the module.

    Args:
        begin: rings with a question.
        scripts: call scripts with gold that ship with the program.
        fields: labels.
    """

    questions_changed = Signal()
    scored = Signal(object)
    _told = Signal(object)

    def __init__(self, begin: Callable[[Question], None], scripts: tuple[Path, ...], fields: FieldTable,
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._begin, self.fields = begin, fields
        self._shipped = frozenset(path.stem for path in scripts)
        self.questions: tuple[Question, ...] = tuple(_question(path) for path in scripts)
        self._told.connect(self._on_told, Qt.ConnectionType.QueuedConnection)

    def title(self, title: str, language: str) -> str:
        """A question's title for people: those that ship have words in each language, which give no answer away."""
        return messages.text(f"training.sample_{title}", lang=language) if title in self._shipped else title

    def import_bank(self, path: Path) -> str:
        """Add a bank's questions; what went wrong in words, "" for nothing."""
        try:
            found = (script_question(path),) if path.suffix.lower() == ".json" else read_bank(path, self.fields)
        except AppError as error:
            return messages.describe(error)
        self.questions = (*self.questions, *found)
        self.questions_changed.emit()
        return ""

    def begin(self, place: int) -> None:
        """Ring with the question at ``place``."""
        if 0 <= place < len(self.questions):
            self._begin(self.questions[place])

    def tell(self, result: Score) -> None:
        """A question was answered."""
        self._told.emit(result)

    @Slot(object)
    def _on_told(self, result: Score) -> None:
        self.scored.emit(result)


class ScoreModel(QAbstractTableModel):
    """One result, a row a field: the mistakes first."""

    def __init__(self, result: Score, fields: FieldTable, language: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = sorted(result.fields, key=lambda one: one.points)
        self._fields, self._language = fields, language

    def rowCount(self, parent: _Index | None = None) -> int:
        """Fields that were compared."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, _parent: _Index | None = None) -> int:
        """See ``Column``."""
        return len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Heads of the columns."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return messages.text(f"training.column_{Column(section).name.lower()}", lang=self._language)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Words; the tool tip is the whole cell."""
        if not index.isValid() or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        one = self._rows[index.row()]
        if index.column() == Column.FIELD:
            return self._fields.label(one.name) + (f" ({one.matter + 1})" if one.matter else "")
        if index.column() == Column.VERDICT:
            return messages.text(f"training.{one.verdict.value}", lang=self._language)
        return {Column.GIVEN: self._value(one.given), Column.WANTED: self._value(one.wanted),
                Column.EVIDENCE: one.evidence}[Column(index.column())]

    def _value(self, value: str) -> str:
        return messages.text(f"training.{value}", lang=self._language) if value in ("true", "false") else value


def _question(path: Path) -> Question:
    return script_question(path)
