"""The inputs of the form: one line and several, with the form's keys.

Both tell a key of the form by name ("take", "clear", "give_back", "options", "undo") instead of acting on it, and tell when the
cursor comes and goes. ``FieldEditor`` acts.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QTextOption
from PySide6.QtWidgets import QFrame, QLineEdit, QPlainTextEdit, QSizePolicy, QWidget

LINE_MARGIN_PX = 2  # QLineEdit's own, around its text


class FieldLine(QLineEdit):
    """One line; tells the operator's keys instead of acting on them."""

    key_taken = Signal(str)
    entered = Signal()
    left = Signal()

    def __init__(self, is_masked: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_masked = is_masked

    def shown_text(self) -> str:
        """What is painted while the cursor is elsewhere."""
        text = self.text()
        return mask(text) if self._is_masked else text

    def is_cut(self) -> bool:
        """Whether the text is wider than the line."""
        return self.fontMetrics().horizontalAdvance(self.shown_text()) > self.width() - 2 * LINE_MARGIN_PX

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text; out of focus, a text that does not fit ends in …, and a masked one hides its middle."""
        if self.hasFocus() or not (self.is_cut() or self._is_masked):
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().text().color())
        spot = self.rect().adjusted(LINE_MARGIN_PX, 0, 0, 0)
        words = self.fontMetrics().elidedText(self.shown_text(), Qt.TextElideMode.ElideRight, spot.width())
        painter.drawText(spot, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Form keys first, then text."""
        command = _command(event)
        if command:
            self.key_taken.emit(command)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell, and select all when the operator came by key."""
        super().focusInEvent(event)
        self.entered.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell, but not for the field's own menu."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()


class FieldText(QPlainTextEdit):
    """Several lines with the same keys; Shift+Enter breaks the line, Tab goes on."""

    key_taken = Signal(str)
    entered = Signal()
    left = Signal()

    def __init__(self, lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.document().setDocumentMargin(1)
        self._lines = lines
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.grows = lines > 2
        self.setSizePolicy(QSizePolicy.Policy.Expanding,
                           QSizePolicy.Policy.Expanding if self.grows else QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Height of its lines."""
        return QSize(120, round(self.fontMetrics().lineSpacing() * self._lines + 4))

    def minimumSizeHint(self) -> QSize:
        """Same."""
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Form keys first, then text."""
        command = _command(event)
        if command:
            self.key_taken.emit(command)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell."""
        super().focusInEvent(event)
        self.entered.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell, but not for the field's own menu."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()


def mask(text: str) -> str:
    """An identity number with its middle hidden (4401**********123X)."""
    return text if len(text) <= 8 else text[:4] + "*" * (len(text) - 8) + text[-4:]


def _command(event: QKeyEvent) -> str:
    key, modifiers = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and modifiers == Qt.KeyboardModifier.NoModifier:
        return "take"
    if key == Qt.Key.Key_Escape:
        return "undo"
    if key == Qt.Key.Key_Delete and modifiers == Qt.KeyboardModifier.ControlModifier:
        return "clear"
    if key == Qt.Key.Key_R and modifiers == Qt.KeyboardModifier.ControlModifier:
        return "give_back"
    if key == Qt.Key.Key_Down and modifiers == Qt.KeyboardModifier.AltModifier:
        return "options"
    return ""
