"""The bar in which the result of a callback is entered, by keys that the list passes on or by clicks; the same for operator and lead.

Buttons tell their keys. What is asked next stands out; what is not asked cannot be pressed. The bar knows nothing of the case: whoever
holds it takes ``saved`` and empties it by ``clear`` once the result is kept, so that a result that could not be kept stays on the screen.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.domain.cases import SATISFACTION, CaseAct
from app.presenters.callback_entry import MISSED_KEY, REASON_ORDER, SOLVED_KEYS, Entry, Stage
from widgets.flow_layout import FlowLayout
from widgets.language import told
from widgets.lead_words import case_word
from widgets.theme.palette import SPACE

_PASSED = {Qt.Key.Key_Backspace: "\b"}


class CallbackEntry(QFrame):
    """See the module."""

    saved = Signal(object)
    """The ``Entry``, complete."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.entry = Entry()
        self._is_open = False
        self._hint = QLabel()
        self._hint.setProperty("role", "hint")
        self._hint.setWordWrap(True)
        self._buttons: dict[tuple[str, str], QPushButton] = {}
        rows = QVBoxLayout(self)
        rows.setContentsMargins(SPACE.m, SPACE.s, SPACE.m, SPACE.s)
        rows.setSpacing(SPACE.s)
        self.save_button = QPushButton()
        self.save_button.setProperty("role", "primary")
        self.save_button.clicked.connect(self.save)
        head = QHBoxLayout()
        head.addWidget(self._hint, 1)
        head.addWidget(self.save_button)
        rows.addLayout(head)
        for what, codes in (("satisfaction", ("", *SATISFACTION)), ("solved", tuple(SOLVED_KEYS.values())), ("reason", REASON_ORDER)):
            line = QWidget()
            flow = FlowLayout(SPACE.s, line)
            for code in codes:
                button = QPushButton()
                button.setCheckable(True)
                button.setProperty("role", "chip")
                button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
                button.setProperty("what", what)
                button.setProperty("code", code)
                button.clicked.connect(self._on_button)
                self._buttons[what, code] = button
                flow.addWidget(button)
            rows.addWidget(line)
        self._retranslate()

    def open(self, is_open: bool) -> None:
        """Whether there is a callback that a result can be entered for."""
        self._is_open = is_open
        self._draw()

    def clear(self) -> None:
        """Nothing entered."""
        self.entry = Entry()
        self._draw()

    def press(self, event: QKeyEvent) -> bool:
        """A key that was pressed in the list; whether it meant something here."""
        if not self._is_open or event.modifiers() not in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier):
            return False
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self.save()
        after = self.entry.pressed(_PASSED.get(Qt.Key(event.key()), event.text().lower()))
        if after is None:
            return False
        self.entry = after
        self._draw()
        return True

    @Slot()
    def save(self) -> bool:
        """Give the result away if it is whole."""
        if not self._is_open or self.entry.stage is not Stage.READY:
            return False
        self.saved.emit(self.entry)
        return True

    @Slot()
    def _on_button(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.entry = self.entry.chosen(str(sender.property("what")), str(sender.property("code")))
            self._draw()

    def _draw(self) -> None:
        entry, stage = self.entry, self.entry.stage
        for (what, code), button in self._buttons.items():
            chosen = {"satisfaction": entry.satisfaction if entry.act is CaseAct.REACHED else "", "solved": entry.solved,
                      "reason": entry.reason}[what]
            button.setChecked(chosen == code and (what != "satisfaction" or entry.act is not None))
            asked = {"satisfaction": True, "solved": entry.act is CaseAct.REACHED, "reason": entry.asks_why}[what]
            button.setEnabled(self._is_open and asked)
        self.save_button.setEnabled(self._is_open and stage is Stage.READY)
        self._hint.setText(told(f"callbacks.ask_{stage.value}") if self._is_open else told("callbacks.ask_none"))
        self.setAccessibleDescription(self._hint.text())

    def _retranslate(self) -> None:
        keys = {("satisfaction", ""): MISSED_KEY, **{("satisfaction", code): str(place) for place, code in enumerate(SATISFACTION, 1)},
                **{("solved", code): key.upper() for key, code in SOLVED_KEYS.items()},
                **{("reason", code): str(place) for place, code in enumerate(REASON_ORDER, 1)}}
        for (what, code), button in self._buttons.items():
            name = case_word(code or "missed")
            button.setText(f"{keys[what, code]} {name}")
            button.setAccessibleName(name)
        self.save_button.setText(told("callbacks.save"))
        self.setAccessibleName(told("callbacks.result"))
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Another language."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)
