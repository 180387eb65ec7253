"""The telephone's further keys: mute, keypad, transfer. Without a line they are grey and say why.

Keypad and transfer open a small window at their button: digits go out at once as tones; a number to transfer to is typed and sent by Enter.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRegularExpression, Qt, Slot
from PySide6.QtGui import QKeyEvent, QRegularExpressionValidator
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.ports.phone import PhoneFeature
from app.presenters.call_bar import CallBarPresenter, CallBarView
from widgets.language import told
from widgets.shortcuts import bind_key
from widgets.theme.palette import SPACE

_DIGITS = "123456789*0#"
_COLUMNS = 3


class KeypadWindow(QFrame):
    """Twelve keys; typing works too.

    Args:
        presenter: takes the digits.
    """

    def __init__(self, presenter: CallBarPresenter, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "panel")
        self._presenter = presenter
        self.sent = QLineEdit()
        self.sent.setObjectName("search")
        self.sent.setReadOnly(True)
        self.sent.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.sent.setAccessibleName(self.tr("已发送的按键"))
        self.keys: dict[str, QPushButton] = {}
        grid = QGridLayout()
        for place, digit in enumerate(_DIGITS):
            key = QPushButton(digit)
            key.setProperty("digit", digit)
            key.setAccessibleName(self.tr("按键 {digit}").format(digit=digit))
            key.clicked.connect(self._on_key)
            self.keys[digit] = key
            grid.addWidget(key, place // _COLUMNS, place % _COLUMNS)
        body = QVBoxLayout(self)
        body.addWidget(self.sent)
        body.addLayout(grid)

    def open_at(self, spot: QPoint) -> None:
        """Show it empty."""
        self.sent.clear()
        self.move(spot)
        self.show()
        self.keys["1"].setFocus(Qt.FocusReason.PopupFocusReason)

    @Slot()
    def _on_key(self) -> None:
        sender = self.sender()
        if isinstance(sender, QPushButton):
            self._send(str(sender.property("digit")))

    def _send(self, digit: str) -> None:
        self._presenter.send_digit(digit)
        self.sent.setText(self.sent.text() + digit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A digit that is typed."""
        if event.text() and event.text() in _DIGITS:
            self._send(event.text())
        else:
            super().keyPressEvent(event)


class TransferWindow(QFrame):
    """A number, and Enter.

    Args:
        presenter: takes it.
    """

    def __init__(self, presenter: CallBarPresenter, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "panel")
        self._presenter = presenter
        self.number, self.go = QLineEdit(), QPushButton(self.tr("转接"))
        self.number.setObjectName("search")
        self.number.setPlaceholderText(self.tr("转接到：分机或号码，回车"))
        self.number.setAccessibleName(self.tr("转接到的号码"))
        self.number.setValidator(QRegularExpressionValidator(QRegularExpression(r"\+?[\d*#]{1,20}"), self))
        self.go.setProperty("role", "primary")
        self.number.returnPressed.connect(self._on_go)
        self.go.clicked.connect(self._on_go)
        row = QHBoxLayout(self)
        row.addWidget(self.number)
        row.addWidget(self.go)

    def open_at(self, spot: QPoint) -> None:
        """Show it empty."""
        self.number.clear()
        self.move(spot)
        self.show()
        self.number.setFocus(Qt.FocusReason.PopupFocusReason)

    @Slot()
    def _on_go(self) -> None:
        if self.number.text():
            self._presenter.transfer(self.number.text())
            self.close()


class PhoneKeyRow(QWidget):
    """See the module.

    Args:
        presenter: feeds it and takes the acts.
    """

    def __init__(self, presenter: CallBarPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.mute, self.keypad, self.transfer = QPushButton(), QPushButton(), QPushButton()
        self.mute.setCheckable(True)
        self._buttons = {PhoneFeature.MUTE: self.mute, PhoneFeature.KEYPAD: self.keypad, PhoneFeature.TRANSFER: self.transfer}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.xs)
        for feature, button in self._buttons.items():
            button.setProperty("role", "chip")
            button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
            bind_key(button, f"call.{feature.value}")
            row.addWidget(button)
        self.mute.clicked.connect(self._on_mute)
        self.keypad.clicked.connect(self._on_keypad)
        self.transfer.clicked.connect(self._on_transfer)
        self._windows: dict[PhoneFeature, KeypadWindow | TransferWindow] = {}
        presenter.changed.connect(self.show_view)
        self._retranslate()

    @Slot(object)
    def show_view(self, view: CallBarView) -> None:
        """Draw a new view."""
        why = "" if view.has_line else told("telephony.no_line")
        for feature, button in self._buttons.items():
            button.setEnabled(feature in view.features)
            button.setToolTip(why or button.accessibleName())
            button.setAccessibleDescription(why)
        self.mute.setChecked(view.is_muted)
        self.mute.setText(self.tr("已静音") if view.is_muted else self.tr("静音"))
        for feature, window in self._windows.items():
            if feature not in view.features:
                window.close()

    @Slot()
    def _on_mute(self) -> None:
        self.mute.setChecked(self._presenter.view.is_muted)  # what is true comes back as a state
        self._presenter.mute()

    @Slot()
    def _on_keypad(self) -> None:
        self._opened(PhoneFeature.KEYPAD)

    @Slot()
    def _on_transfer(self) -> None:
        self._opened(PhoneFeature.TRANSFER)

    def _opened(self, feature: PhoneFeature) -> None:
        window = self._windows.get(feature)
        if window is None:
            kind = KeypadWindow if feature is PhoneFeature.KEYPAD else TransferWindow
            window = self._windows[feature] = kind(self._presenter, self)
        button = self._buttons[feature]
        window.open_at(button.mapToGlobal(button.rect().bottomLeft()))

    def _retranslate(self) -> None:
        self.mute.setAccessibleName(self.tr("静音"))
        self.keypad.setText(self.tr("键盘"))
        self.keypad.setAccessibleName(self.tr("拨号键盘"))
        self.transfer.setText(self.tr("转接"))
        self.transfer.setAccessibleName(self.tr("转接来电"))
        for window in self._windows.values():
            window.deleteLater()
        self._windows.clear()
        self.show_view(self._presenter.view)

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)
