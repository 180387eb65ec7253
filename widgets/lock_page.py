"""The lock page: stands before everything while the desk is locked, and says nothing of anybody."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.platform import messages
from app.presenters.idle import IdlePresenter, LockView
from widgets.theme.icons import icon
from widgets.theme.palette import SPACE, Theme

_WIDTH_PX, _WIDTH_LINES = 420, 22
_ICON_PX = 48


class LockPage(QWidget):
    """See the module.

    Args:
        presenter: feeds it and takes the passphrase.
        theme: colours.
    """

    def __init__(self, presenter: IdlePresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("desk")
        self._presenter, self._theme = presenter, theme
        self.language = "zh"
        self._icon, self._heading, self._hint, self.ringing, self.fault = (QLabel() for _ in range(5))
        self._heading.setProperty("role", "number")
        self._hint.setProperty("role", "hint")
        self.fault.setObjectName("refusal")
        self.ringing.setProperty("role", "heading")
        self.passphrase = QLineEdit()
        self.passphrase.setObjectName("search")
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self.passphrase.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhSensitiveData)
        self.button = QPushButton()
        self.button.setProperty("role", "primary")
        self.button.setAutoDefault(True)
        self.button.clicked.connect(self._on_unlock)
        self.passphrase.returnPressed.connect(self._on_unlock)
        box = QFrame()
        box.setProperty("role", "panel")
        self._box = box
        rows = QVBoxLayout(box)
        rows.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.xl)
        rows.setSpacing(SPACE.m)
        for label in (self._icon, self._heading, self._hint, self.ringing, self.fault):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(label not in (self._icon, self._heading))
            rows.addWidget(label)
        rows.insertWidget(3, self.passphrase)
        rows.addWidget(self.button)
        body = QVBoxLayout(self)
        body.addStretch(2)
        middle = QHBoxLayout()  # not by alignment: words that wrap would be given the height that they need in the window's width
        middle.addStretch(1)
        middle.addWidget(box)
        middle.addStretch(1)
        body.addLayout(middle)
        body.addStretch(3)
        presenter.changed.connect(self.show_view)
        theme.changed.connect(self._on_theme)
        self._retranslate()

    @Slot(object)
    def show_view(self, view: LockView) -> None:
        """Draw a new view."""
        self.passphrase.setVisible(view.needs_passphrase)
        self.passphrase.setEnabled(not view.is_opening)
        self.button.setEnabled(not view.is_opening)
        self.button.setText(self.tr("正在打开…") if view.is_opening else self.tr("解锁"))
        self.fault.setText(messages.text(view.error_key, lang=self.language) if view.error_key else "")
        self.fault.setVisible(bool(view.error_key))
        self.ringing.setVisible(view.is_ringing)
        if view.is_locked and not view.is_opening:
            self.take_focus()

    def take_focus(self) -> None:
        """Put the focus where the operator begins."""
        (self.passphrase if self._presenter.view.needs_passphrase else self.button).setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_unlock(self) -> None:
        given = self.passphrase.text()
        self.passphrase.clear()
        self._presenter.unlock(given)

    @Slot()
    def _on_theme(self) -> None:
        self._icon.setPixmap(icon("lock", self._theme.palette.muted, size_px=_ICON_PX).pixmap(_ICON_PX, _ICON_PX))

    def _retranslate(self) -> None:
        self._heading.setText(self.tr("已锁定"))
        self._hint.setText(self.tr("有一会儿没有人操作，屏幕和工单库都锁上了。草稿都在。"))
        self.ringing.setText(self.tr("有来电：请先解锁"))
        self.passphrase.setPlaceholderText(self.tr("工单库口令"))
        self.passphrase.setAccessibleName(self.tr("工单库口令"))
        self._on_theme()
        self.show_view(self._presenter.view)
        self.button.setAccessibleName(self.tr("解锁"))

    def showEvent(self, event: QShowEvent) -> None:
        """Nothing typed before is there; the box is as wide as the type wants."""
        self.passphrase.clear()
        self._box.setFixedWidth(max(_WIDTH_PX, _WIDTH_LINES * self.fontMetrics().lineSpacing()))
        super().showEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)
