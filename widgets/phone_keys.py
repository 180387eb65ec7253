"""The telephone's further keys: mute, keypad, transfer, dial. Without a line they are grey and say why.

Keypad, transfer and dial open a small window at their button: digits go out at once as tones; a number is typed and sent by Enter. The
transfer's window hands on blindly, asks first, or makes it a conference, as far as the line can; no call there, dial stands in its place.
Who is consulted has a row of his own (``ConsultRow``).
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRegularExpression, Qt, Slot
from PySide6.QtGui import QKeyEvent, QRegularExpressionValidator
from PySide6.QtWidgets import (
    QAbstractButton,
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
from widgets.elided_text import ElidedText
from widgets.language import told
from widgets.shortcuts import bind_act, bind_key
from widgets.theme.palette import SPACE

_DIGITS = "123456789*0#"
_COLUMNS = 3
#: Who is most often called into a call.
_OFTEN = ("110", "119", "120", "122")
_DIALLED = r"\+?[\d*#]{1,20}"


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


class _NumberWindow(QFrame):
    """A number is typed; what is done with it the kinds below say."""

    def __init__(self, presenter: CallBarPresenter, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "panel")
        self._presenter = presenter
        self.number = QLineEdit()
        self.number.setObjectName("search")
        self.number.setValidator(QRegularExpressionValidator(QRegularExpression(_DIALLED), self))

    def open_at(self, spot: QPoint, number: str = "") -> None:
        """Show it, with a number that may be changed."""
        self.number.setText(number)
        self.number.selectAll()
        self.move(spot)
        self.show()
        self.number.setFocus(Qt.FocusReason.PopupFocusReason)


class TransferWindow(_NumberWindow):
    """A number, and Enter for a blind transfer; or the colleague is asked first, or all three talk.

    Args:
        presenter: takes it.
    """

    def __init__(self, presenter: CallBarPresenter, parent: QWidget) -> None:
        super().__init__(presenter, parent)
        self.go, self.ask, self.all = QPushButton(self.tr("转接")), QPushButton(self.tr("咨询")), QPushButton(self.tr("三方"))
        self.number.setPlaceholderText(self.tr("转接到：分机或号码，回车"))
        self.number.setAccessibleName(self.tr("转接到的号码"))
        self.ask.setToolTip(self.tr("市民保持，先问同事，再决定转接或返回"))
        self.go.setProperty("role", "primary")
        self.number.returnPressed.connect(self._on_go)
        self.go.clicked.connect(self._on_go)
        self.ask.clicked.connect(self._on_ask)
        self.all.clicked.connect(self._on_all)
        grid = QGridLayout(self)
        grid.setSpacing(SPACE.s)
        grid.addWidget(self.number, 0, 0, 1, len(_OFTEN))
        for place, number in enumerate(_OFTEN):
            chip = QPushButton(number)
            chip.setProperty("role", "chip")
            chip.setAccessibleName(self.tr("填入 {number}").format(number=number))
            chip.clicked.connect(self._on_often)
            grid.addWidget(chip, 1, place)
        row = QHBoxLayout()
        for button in (self.go, self.ask, self.all):
            button.setAutoDefault(False)
            row.addWidget(button, 1)
        grid.addLayout(row, 2, 0, 1, len(_OFTEN))

    def open_at(self, spot: QPoint, number: str = "") -> None:
        """Show what the line can."""
        features = self._presenter.view.features
        self.ask.setVisible(PhoneFeature.CONSULT in features)
        self.all.setVisible(PhoneFeature.CONSULT in features or PhoneFeature.CONFERENCE in features)
        has_room = PhoneFeature.CONFERENCE in features
        self.all.setEnabled(has_room)
        self.all.setToolTip("" if has_room else told("telephony.no_conference"))
        self.all.setAccessibleDescription(self.all.toolTip())
        super().open_at(spot, number)

    @Slot()
    def _on_often(self) -> None:
        sender = self.sender()
        if isinstance(sender, QPushButton):
            self.number.setText(sender.text())
            self.number.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_go(self) -> None:
        if self.number.text():
            self._presenter.transfer(self.number.text())
            self.close()

    @Slot()
    def _on_ask(self) -> None:
        if self.number.text():
            self._presenter.consult(self.number.text())
            self.close()

    @Slot()
    def _on_all(self) -> None:
        if self.number.text():
            self._presenter.confer(self.number.text())
            self.close()


class DialWindow(_NumberWindow):
    """A number to call; the one of the ticket at hand stands there already.

    Args:
        presenter: takes it.
    """

    def __init__(self, presenter: CallBarPresenter, parent: QWidget) -> None:
        super().__init__(presenter, parent)
        self.go = QPushButton(self.tr("拨打"))
        self.number.setPlaceholderText(self.tr("拨打：号码，回车"))
        self.number.setAccessibleName(self.tr("要拨打的号码"))
        self.go.setProperty("role", "primary")
        self.number.returnPressed.connect(self._on_go)
        self.go.clicked.connect(self._on_go)
        row = QHBoxLayout(self)
        row.addWidget(self.number)
        row.addWidget(self.go)

    @Slot()
    def _on_go(self) -> None:
        if self.number.text():
            self._presenter.dial(self.number.text())
            self.close()


class ConsultRow(QWidget):
    """Who is consulted while the citizen waits, and the ways out of it. Hidden otherwise.

    Args:
        presenter: feeds it and takes the acts.
    """

    def __init__(self, presenter: CallBarPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.words = ElidedText(1)
        self.complete, self.go_back, self.confer = QPushButton(), QPushButton(), QPushButton()
        self._buttons = {PhoneFeature.COMPLETE: self.complete, PhoneFeature.RETURN: self.go_back, PhoneFeature.CONFERENCE: self.confer}
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(SPACE.xs)
        body.addWidget(self.words)
        row = QHBoxLayout()
        row.setSpacing(SPACE.xs)
        body.addLayout(row)
        acts = ((self.complete, "call.complete", self._on_complete), (self.go_back, "call.go_back", self._on_back),
                (self.confer, "call.confer", self._on_confer))
        for button, command, act in acts:
            button.setProperty("role", "chip")
            button.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)
            bind_key(button, command)
            button.clicked.connect(act)
            row.addWidget(button)
        presenter.changed.connect(self.show_view)
        self._retranslate()

    @Slot(object)
    def show_view(self, view: CallBarView) -> None:
        """Draw a new view."""
        self.setVisible(view.consult is not None)
        for feature, button in self._buttons.items():
            button.setEnabled(view.consult is not None and feature in view.features)
        if view.consult is None:
            return
        words = self.tr("已接通 {number}") if view.consult.is_up else self.tr("正在呼叫 {number}")
        self.words.set_text(words.format(number=view.consult.number))
        is_without = view.consult.is_up and PhoneFeature.CONFERENCE not in view.features
        self.confer.setToolTip(told("telephony.no_conference") if is_without else "")
        self.confer.setAccessibleDescription(self.confer.toolTip())

    @Slot()
    def _on_complete(self) -> None:
        self._presenter.complete()

    @Slot()
    def _on_back(self) -> None:
        self._presenter.go_back()

    @Slot()
    def _on_confer(self) -> None:
        self._presenter.confer()

    def _retranslate(self) -> None:
        self.complete.setText(self.tr("转接"))
        self.complete.setAccessibleName(self.tr("完成转接"))
        self.go_back.setText(self.tr("返回"))
        self.go_back.setAccessibleName(self.tr("返回市民"))
        self.confer.setText(self.tr("三方"))
        self.confer.setAccessibleName(self.tr("三方通话"))
        self.show_view(self._presenter.view)

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)


class PhoneKeyRow(QWidget):
    """See the module.

    Args:
        presenter: feeds it and takes the acts.
    """

    def __init__(self, presenter: CallBarPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.mute, self.keypad, self.transfer, self.dial = QPushButton(), QPushButton(), QPushButton(), QPushButton()
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
        self.dial.setProperty("role", "chip")
        self.dial.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        bind_key(self.dial, "call.dial")
        row.addWidget(self.dial)
        self.consult = bind_act(self.transfer, "call.consult", self._on_transfer)
        self.confer = bind_act(self.transfer, "call.confer", self._on_transfer)
        self.dial.clicked.connect(self._on_dial)
        self.mute.clicked.connect(self._on_mute)
        self.keypad.clicked.connect(self._on_keypad)
        self.transfer.clicked.connect(self._on_transfer)
        self._windows: dict[PhoneFeature, KeypadWindow | TransferWindow] = {}
        self._dial_window: DialWindow | None = None
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
        self.transfer.setVisible(not view.can_dial)
        self.dial.setVisible(view.can_dial)
        self.dial.setEnabled(view.can_dial)
        self.consult.setEnabled(PhoneFeature.CONSULT in view.features)
        self.confer.setEnabled(PhoneFeature.CONFERENCE in view.features and view.consult is None)
        if self._dial_window is not None and not view.can_dial:
            self._dial_window.close()
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

    @Slot()
    def _on_dial(self) -> None:
        if self._dial_window is None:
            self._dial_window = DialWindow(self._presenter, self)
        self._dial_window.open_at(_below(self.dial), self._presenter.view.caller_number)

    def _opened(self, feature: PhoneFeature) -> None:
        window = self._windows.get(feature)
        if window is None:
            kind = KeypadWindow if feature is PhoneFeature.KEYPAD else TransferWindow
            window = self._windows[feature] = kind(self._presenter, self)
        window.open_at(_below(self._buttons[feature]))

    def _retranslate(self) -> None:
        self.mute.setAccessibleName(self.tr("静音"))
        self.keypad.setText(self.tr("键盘"))
        self.keypad.setAccessibleName(self.tr("拨号键盘"))
        self.transfer.setText(self.tr("转接"))
        self.transfer.setAccessibleName(self.tr("转接来电"))
        self.dial.setText(self.tr("拨号"))
        self.dial.setAccessibleName(self.tr("拨号、回拨"))
        self.dial.setToolTip(self.tr("拨打号码；手上工单的来电号码已填好"))
        for window in (*self._windows.values(), *((self._dial_window,) if self._dial_window is not None else ())):
            window.deleteLater()
        self._windows.clear()
        self._dial_window = None
        self.show_view(self._presenter.view)

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)


def _below(button: QAbstractButton) -> QPoint:
    return button.mapToGlobal(button.rect().bottomLeft())
