"""The operator's hands on the real window: every key and click is given to Qt as an event, and counted.

What is counted is what happened: a way to a field that does not end in that field is a failure of the measurement. Ways are
the window's own (Tab, Shift+Tab, F7, F6, Ctrl+PgDown, the mouse); of several the quickest by the model is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.domain.ticket import FieldState
from app.presenters.field_values import ITEM_FIELD
from app.presenters.form_layout import DERIVED
from app.presenters.ticket_form import TicketPresenter
from tests.bench.keystrokes import BUTTON_S, HOME_S, KEY_S, POINT_S, Cost, Ledger, typing_keys
from widgets.desk_window import DeskWindow
from widgets.field_editor import FieldEditor
from widgets.field_inputs import FieldText

CTRL, SHIFT, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
_NONE = Qt.KeyboardModifier.NoModifier
_MOST_ROWS = 7
"""So many hits are seen without scrolling."""


@dataclass(frozen=True)
class Way:
    """A way to a field: its time by the model and how it is gone."""

    seconds: float
    go: Callable[[], None]


class Hands:
    """See the module.

    Args:
        window: the real window; its conversation has the focus, or the field that the program chose.
        presenter: the form's.
        settle: waits until the window shows what was sent.
    """

    def __init__(self, window: DeskWindow, presenter: TicketPresenter, settle: Callable[[], None]) -> None:
        self._window, self._presenter, self._settle = window, presenter, settle
        self._is_at_mouse = False
        self._account = ""
        self.ledger = Ledger()
        self.log: list[str] = []
        """Keys as xdotool writes them, to be pressed again from outside; what is typed or clicked is not among them."""

    # ------------------------------------------------------------------ single acts

    def begin(self, account: str) -> None:
        """What follows belongs to a field, and begins with a decision."""
        self._account = account
        self._cost.thinks += 1

    @property
    def _cost(self) -> Cost:
        return self.ledger.of(self._account)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = _NONE, held: bool = False) -> None:
        """One key; ``held``: its modifier is down already."""
        self._take(at_mouse=False)
        self._cost.keys += 1 + (modifier != _NONE and not held)
        self.log.append(("ctrl+" if modifier == CTRL else "shift+" if modifier == SHIFT else "") + key.name.removeprefix("Key_"))
        target = QApplication.activePopupWidget() or QApplication.focusWidget()
        assert target is not None
        QTest.keyClick(target, key, modifier)

    def write(self, text: str) -> None:
        """A text, Chinese as an input method gives it."""
        self._take(at_mouse=False)
        self._cost.keys += typing_keys(text)
        target = QApplication.focusWidget()
        assert target is not None
        event = QInputMethodEvent()
        event.setCommitString(text)
        QApplication.sendEvent(target, event)

    def type_letters(self, text: str) -> None:
        """Latin letters and digits, a key each."""
        for letter in text:
            self._take(at_mouse=False)
            self._cost.keys += 1
            target = QApplication.focusWidget()
            assert target is not None
            QTest.keyClick(target, letter)

    def click(self, widget: QWidget) -> None:
        """The mouse on a widget."""
        self._take(at_mouse=True)
        self._cost.clicks += 1
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def drag_over(self, editor: FieldEditor, words: str) -> bool:
        """Select words of a long text with the mouse; False where they are not there."""
        text = editor.input
        place = editor.text().find(words)
        if place < 0:
            return False
        self._take(at_mouse=True)
        self._cost.drags += 1
        editor.input.setFocus(Qt.FocusReason.MouseFocusReason)
        if isinstance(text, FieldText):
            cursor = text.textCursor()
            cursor.setPosition(place)
            cursor.setPosition(place + len(words), cursor.MoveMode.KeepAnchor)
            text.setTextCursor(cursor)
        else:
            text.setSelection(place, len(words))
        return True

    def _take(self, at_mouse: bool) -> None:
        if at_mouse != self._is_at_mouse:
            self._is_at_mouse = at_mouse
            self._cost.homes += 1

    # ------------------------------------------------------------------ ways

    def here(self) -> str:
        """The field that has the cursor; "" for none."""
        return next((name for name, editor in self._window.ticket.editors.items() if editor.input.hasFocus()), "")

    def go_to(self, name: str, matter: int = 0) -> None:
        """Put the cursor into a field by the quickest way; all its text is selected then."""
        while self._presenter.matter != matter:
            self.press(Qt.Key.Key_PageDown, CTRL)
            self._settle()
        if self.here() != name:
            min(self._ways(name), key=lambda way: way.seconds).go()
            assert self.here() == name, f"the way to {name} ended in {self.here() or 'no field'}"
        target = self._window.ticket.editors[name].input
        is_selected = target.textCursor().hasSelection() if isinstance(target, FieldText) else target.hasSelectedText()
        if self._window.ticket.editors[name].text() and not is_selected:
            self.press(Qt.Key.Key_A, CTRL)

    def _ways(self, name: str) -> Iterator[Way]:
        editor = self._window.ticket.editors[name]
        keyboard = HOME_S if self._is_at_mouse else 0.0
        start = QApplication.focusWidget()
        if editor.isVisible():
            for steps, modifier in ((self._tabs(start, editor.input), _NONE), (self._tabs(editor.input, start), SHIFT)):
                if steps:
                    yield Way(keyboard + KEY_S * (steps + (modifier != _NONE)), lambda n=steps, m=modifier: self._tab(n, m))  # type: ignore[misc]
            first = next(iter(self._window.ticket.editors.values()))
            steps = self._tabs(first.input, editor.input) if editor is not first else 0
            if steps or editor is first:
                yield Way(keyboard + KEY_S * (1 + steps), lambda n=steps: self._from_first(n))  # type: ignore[misc]
        steps = self._open_steps(name)
        if steps:
            yield Way(keyboard + KEY_S * steps, lambda n=steps: self._next_open(n))  # type: ignore[misc]
        mouse = POINT_S + 2 * BUTTON_S + (0 if self._is_at_mouse else HOME_S) + HOME_S  # and back to the keys
        folded = 0 if editor.isVisible() else POINT_S + 2 * BUTTON_S
        yield Way(mouse + folded, lambda: self._by_mouse(editor))

    def _tab(self, steps: int, modifier: Qt.KeyboardModifier) -> None:
        for number in range(steps):
            self.press(Qt.Key.Key_Backtab if modifier == SHIFT else Qt.Key.Key_Tab, modifier, held=number > 0)

    def _from_first(self, steps: int) -> None:
        self.press(Qt.Key.Key_F6)
        self._tab(steps, _NONE)

    def _next_open(self, steps: int) -> None:
        for _ in range(steps):
            self.press(Qt.Key.Key_F7)

    def _by_mouse(self, editor: FieldEditor) -> None:
        if not editor.isVisible():
            self.click(self._window.ticket.fold)
        self.click(editor.input)

    def _open_steps(self, name: str) -> int:
        """How often F7 must be pressed; 0 where it does not lead there within this matter."""
        editors = self._window.ticket.editors
        names, here = list(editors), self.here()
        place = names.index(here) if here else -1
        is_open = [each for each in names[place + 1:] + names[:max(place, 0)] if each not in DERIVED and (
            editors[each].view.state is FieldState.SUGGESTED or (editors[each].view.needed and editors[each].view.state is FieldState.EMPTY))]
        return is_open.index(name) + 1 if name in is_open else 0

    def _tabs(self, start: QWidget | None, target: QWidget | None) -> int:
        """How often Tab must be pressed from one to the other; 0 for never within 40."""
        if start is None or target is None:
            return 0
        steps, widget = 0, start
        while steps < 40:
            widget = widget.nextInFocusChain()
            is_stop = widget.focusPolicy() & Qt.FocusPolicy.TabFocus.value == Qt.FocusPolicy.TabFocus.value and widget.isVisible() \
                and widget.isEnabled() and widget.focusProxy() is None
            if widget is start:
                return 0
            steps += bool(is_stop)
            if widget is target:
                return steps
        return 0

    # ------------------------------------------------------------------ fields

    def choose_item(self, code: str) -> None:
        """Find an item by the fewest letters of its initials and take it; the cursor stands in its field."""
        letters, rank = self._shortest(code)
        self.type_letters(letters)
        self._cost.thinks += 1  # the list is read
        self._settle()
        for _ in range(rank + 1):
            self.press(Qt.Key.Key_Down)
        self.press(Qt.Key.Key_Return)
        self._settle()
        held = self._window.ticket.editors[ITEM_FIELD].view.text
        assert held == self._presenter.taxonomy.label(code), f"{letters} gave {held}, not {code}"

    def _shortest(self, code: str) -> tuple[str, int]:
        item = self._presenter.taxonomy.get(code)
        assert item is not None, code
        best: tuple[int, str, int] | None = None
        for text in (_initials(item.name), _initials("".join(item.path)), code):
            for length in range(1, len(text) + 1):
                rows = [row.code for row in self._presenter.item_rows(text[:length])[:_MOST_ROWS]]
                if code in rows:
                    cost = length + rows.index(code) + 1
                    if best is None or cost < best[0]:
                        best = (cost, text[:length], rows.index(code))
        assert best is not None, f"{code} is not found by its initials"
        return best[1], best[2]


def _initials(name: str) -> str:
    from pypinyin import Style, lazy_pinyin

    return "".join(letter for letter in lazy_pinyin(name, style=Style.FIRST_LETTER) if letter.isalpha() and letter.isascii())
