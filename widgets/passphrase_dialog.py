"""Asks for the passphrase of the ticket store before the window, where this PC has no keyring.

A ``Prompt`` for ``app.platform.secrets.open_secrets``: called once for a new passphrase (asked twice), and once for each try
at an old one; a second call means that the try before was wrong, and says so. Never shows, keeps or logs what was typed.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.platform.secrets import MIN_PASSPHRASE_CHARS
from widgets.theme.palette import SPACE

_WIDTH_PX = 440


class PassphraseDialog(QDialog):
    """One try.

    Args:
        is_new: a new passphrase is being set.
        was_wrong: the try before was.
    """

    def __init__(self, is_new: bool, was_wrong: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_new = is_new
        self.setWindowTitle(self.tr("听单 · 工单库口令"))
        words = QLabel(
            self.tr("这台电脑没有系统密钥环。请设定一个口令来保护工单库，至少 {count} 个字符。"
                    "忘记口令，库里的工单就打不开了。").format(count=MIN_PASSPHRASE_CHARS)
            if is_new else self.tr("工单库由口令保护，请输入口令。"))
        words.setWordWrap(True)
        self.fault = QLabel(self.tr("口令不正确，请再试一次。") if was_wrong else "")
        self.fault.setWordWrap(True)
        self.fault.setVisible(was_wrong)
        self.first, self.second = QLineEdit(), QLineEdit()
        for line, name in ((self.first, self.tr("口令")), (self.second, self.tr("再输入一次"))):
            line.setEchoMode(QLineEdit.EchoMode.Password)
            line.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhSensitiveData)
            line.setPlaceholderText(name)
            line.setAccessibleName(name)
        self.second.setVisible(is_new)
        self.buttons = QDialogButtonBox()
        self.buttons.addButton(self.tr("确定"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.addButton(self.tr("退出"), QDialogButtonBox.ButtonRole.RejectRole)
        self.buttons.accepted.connect(self._on_accept)
        self.buttons.rejected.connect(self.reject)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(SPACE.l, SPACE.l, SPACE.l, SPACE.l)
        rows.setSpacing(SPACE.m)
        for widget in (words, self.first, self.second, self.fault, self.buttons):
            rows.addWidget(widget)
        self.setMinimumWidth(_WIDTH_PX)
        self.first.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """As high as the wrapped words need: a dialog asks its layout for a height at no width."""
        super().showEvent(event)
        layout = self.layout()
        if layout is not None:
            self.setMinimumHeight(layout.totalHeightForWidth(self.width()))

    @Slot()
    def _on_accept(self) -> None:
        told = ""
        if self._is_new and len(self.first.text()) < MIN_PASSPHRASE_CHARS:
            told = self.tr("口令太短：至少 {count} 个字符。").format(count=MIN_PASSPHRASE_CHARS)
        elif self._is_new and self.first.text() != self.second.text():
            told = self.tr("两次输入不同。")
        elif not self.first.text():
            told = self.tr("请输入口令，或按“退出”。")
        self.fault.setText(told)
        self.fault.setVisible(bool(told))
        if not told:
            self.accept()


class PassphrasePrompt:
    """The ``Prompt``; ``is_cancelled`` tells that the person gave up."""

    def __init__(self) -> None:
        self.is_cancelled = False
        self._tries = 0

    def __call__(self, is_new: bool) -> str | None:
        """One passphrase, or None; GUI thread, blocks."""
        dialog = PassphraseDialog(is_new, was_wrong=not is_new and self._tries > 0)
        self._tries += 1
        self.is_cancelled = dialog.exec() != QDialog.DialogCode.Accepted
        given = dialog.first.text()
        dialog.deleteLater()
        return None if self.is_cancelled else given
