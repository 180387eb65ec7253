"""Asks a lead for name and password of the centre's hub. Never shows, keeps or logs the password."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from widgets.lead_words import lead
from widgets.theme.palette import SPACE

_WIDTH_PX = 420


class SignInDialog(QDialog):
    """One try.

    Args:
        hub: address, to be seen.
        fault: why the try before failed, "" for the first one.
        name: as typed before.
    """

    def __init__(self, hub: str, fault: str = "", name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(lead("sign_in"))
        rows = QVBoxLayout(self)
        rows.setContentsMargins(SPACE.l, SPACE.l, SPACE.l, SPACE.l)
        rows.setSpacing(SPACE.m)
        told = QLabel(lead("sign_in_told", hub=hub))
        told.setWordWrap(True)
        rows.addWidget(told)
        self.name, self.password = QLineEdit(name), QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhSensitiveData)
        for line, key in ((self.name, "sign_in_name"), (self.password, "sign_in_password")):
            line.setPlaceholderText(lead(key))
            line.setAccessibleName(lead(key))
            rows.addWidget(line)
        self.fault = QLabel(fault)
        self.fault.setWordWrap(True)
        self.fault.setVisible(bool(fault))
        rows.addWidget(self.fault)
        buttons = QDialogButtonBox()
        buttons.addButton(lead("sign_in"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(lead("close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        rows.addWidget(buttons)
        self.setMinimumWidth(_WIDTH_PX)
        (self.password if name else self.name).setFocus()
