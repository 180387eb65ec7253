"""The strip that stays on top of other windows: one line, and the key back to the desk. Can be dragged by its words."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from app.domain.call import Phase
from app.presenters.strip import StripPresenter, StripView
from widgets.elided_text import ElidedText
from widgets.field_labels import short_label
from widgets.language import told
from widgets.theme.palette import SPACE, Theme

_WIDTH_PX = 720
_NAMED = 4
_SPLIT = "　"


class Strip(QWidget):
    """See the module.

    Args:
        presenter: feeds it.
        theme: colours.
        parent: the window whose style it wears.
    """

    back_wanted = Signal()
    copy_wanted = Signal()
    """The next field for the clipboard; the other program keeps the keyboard."""

    def __init__(self, presenter: StripPresenter, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Tool | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint
                         | Qt.WindowType.WindowDoesNotAcceptFocus)  # a click copies and leaves the cursor in the other program
        self.setObjectName("desk")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)  # it must not take the keyboard from the other program
        self._presenter, self._theme = presenter, theme
        self._held: QPoint | None = None
        self.phase, self.words = QLabel(), ElidedText(1)
        self.phase.setObjectName("phase")
        self.copy, self.back = QPushButton(), QPushButton()
        self.copy.clicked.connect(self.copy_wanted)
        self.back.clicked.connect(self.back_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE.m, SPACE.xs, SPACE.xs, SPACE.xs)
        row.addWidget(self.phase)
        row.addWidget(self.words, 1)
        row.addWidget(self.copy)
        row.addWidget(self.back)
        presenter.changed.connect(self.show_view)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self.resize(_WIDTH_PX, self.sizeHint().height())
        self._retranslate()

    def text(self) -> str:
        """The whole line."""
        return _SPLIT.join(part for part in (self.phase.text(), self.words.text()) if part)

    @Slot(object)
    def show_view(self, view: StripView) -> None:
        """Draw a new view."""
        if view.is_locked:
            self.phase.setText(told("strip.locked"))
            self.words.set_text("")
        else:
            self.phase.setText(told(f"strip.{view.phase.value}"))
            parts = [view.caller] if view.phase is not Phase.IDLE else []
            if view.copied and parts:
                field, place, count = view.copied
                parts.append(told("copying.step_copied", field=field, place=place, count=count))
            if view.lacking and view.phase is not Phase.IDLE:
                names = told("strip.comma").join(short_label(label) for label in view.lacking[:_NAMED])
                parts.append(told("strip.lacking", names=names, more=len(view.lacking) - _NAMED) if len(view.lacking) > _NAMED
                             else told("strip.lacking_all", names=names))
            if view.card and view.phase is not Phase.IDLE:
                parts.append(told("strip.card", title=view.card))
            self.words.set_text(_SPLIT.join(parts))
        self.copy.setVisible(view.phase is not Phase.IDLE and not view.is_locked)
        self.phase.setProperty("phase", view.phase.value)
        self.phase.style().unpolish(self.phase)
        self.phase.style().polish(self.phase)
        self.setAccessibleName(self.text())

    @Slot()
    def _on_theme(self) -> None:
        self.words.set_colour(self._theme.palette.text)

    def _retranslate(self) -> None:
        self.setWindowTitle(told("commands.window_strip"))
        self.copy.setText(told("strip.copy"))
        self.copy.setAccessibleName(told("commands.ticket_copy_next"))
        self.copy.setToolTip(told("strip.copy_tip"))
        self.back.setText(told("strip.back"))
        self.back.setAccessibleName(told("strip.back_name"))
        self.show_view(self._presenter.view)

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of it."""
        self._held = event.globalPosition().toPoint() - self.pos()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag it."""
        if self._held is not None:
            self.move(event.globalPosition().toPoint() - self._held)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self._held = None

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Back to the desk."""
        self.back_wanted.emit()
