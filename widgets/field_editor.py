"""One field of the ticket: label, input, state in icon and word, drop-down of options. Keyboard first.

Enter takes what stands there (or what was typed) and goes on to the next open field; typing edits; Ctrl+Del empties;
Ctrl+R gives the field back to recognition; Alt+Down opens the options; Esc takes back what was typed and not sent. While the
operator is typing, recognition never touches the text. A pause in typing sends free text; a choice is sent when it is whole.
"""

from __future__ import annotations

from PySide6.QtCore import QStringListModel, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QCompleter,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.catalogue import FieldKind
from app.domain.ticket import FieldState
from app.presenters.field_values import ITEM_FIELD
from app.presenters.item_tree import ItemRowsModel
from app.presenters.ticket_form import FieldView, Option, TicketPresenter
from widgets.field_inputs import LINE_MARGIN_PX, FieldLine, FieldText
from widgets.field_labels import field_label
from widgets.shortcuts import with_keys
from widgets.state_chip import StateChip
from widgets.theme.icons import icon
from widgets.theme.palette import SPACE, Theme

TYPING_PAUSE_MS = 700
_MENU_OPTIONS = 12
_FRAME_PAD_PX, _GAP_PX = 7, 3
_LONG_TEXT_LINES = {"content": 4, "demand": 2}


class FieldEditor(QWidget):
    """A field's editor.

    Args:
        view: what it shows first.
        presenter: takes the operator's acts.
        theme: colours.
    """

    next_requested = Signal()
    focused = Signal(object)
    """The editor itself: its field has the focus now."""
    items_requested = Signal()
    """The item tree is wanted."""

    def __init__(self, view: FieldView, presenter: TicketPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._theme = theme
        self._view = view
        self._is_dirty = False
        self._is_wrong = False
        self._is_setting = False
        self._frame_state = ""
        self.label = QLabel()
        self.label.setProperty("role", "fieldLabel")
        self.input: FieldLine | FieldText = self._made_input(view)
        self._chip = StateChip(theme)
        self._drop = QToolButton()
        self._drop.setProperty("role", "options")
        self._drop.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._drop.setFixedSize(18, 18)
        self._drop.clicked.connect(self.show_options)
        self._completions: QStringListModel | None = None
        self._items: ItemRowsModel | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_PAUSE_MS)
        self._pause.timeout.connect(self._on_pause)
        self._lay_out()
        self.label.setBuddy(self.input)
        self.input.key_taken.connect(self._on_key)
        self.input.entered.connect(self._on_entered)
        self.input.left.connect(self._on_left)
        theme.changed.connect(self._on_theme)
        self.retranslate()

    @property
    def view(self) -> FieldView:
        """What it shows."""
        return self._view

    @property
    def state_word(self) -> str:
        """The state as a word."""
        return self._chip.word

    def show_view(self, view: FieldView) -> None:
        """Take over a new content; text that the operator is typing stays."""
        options_changed = view.options != self._view.options
        self._view = view
        if not self._is_dirty:
            self._set_text(view.text)
        if options_changed and self._completions is not None:
            self._completions.setStringList([option.text for option in view.options])
        self._draw()

    def commit(self) -> bool:
        """Send what was typed; False where it is not a value of the field."""
        self._pause.stop()
        if not self._is_dirty:
            return True
        shown = self._presenter.type_into(self._view.spec.name, self.text())
        self._is_wrong = shown is None
        if shown is not None:
            self._is_dirty = False
            self._set_text(shown)
        self._draw()
        return shown is not None

    def text(self) -> str:
        """What stands in the input."""
        return self.input.text() if isinstance(self.input, FieldLine) else self.input.toPlainText()

    def take_focus(self) -> None:
        """Put the cursor in, everything selected."""
        self.input.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.input.selectAll()

    @Slot()
    def show_options(self) -> None:
        """Open the drop-down: the choices (of the long item tree only recognition's alternatives), then the acts."""
        menu = self._made_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.input.mapToGlobal(self.input.rect().bottomLeft()))

    def _made_input(self, view: FieldView) -> FieldLine | FieldText:
        lines = _LONG_TEXT_LINES.get(view.spec.name, 3 if view.spec.kind is FieldKind.LONG_TEXT else 1)
        if lines > 1:
            text = FieldText(lines)
            text.textChanged.connect(self._on_text_changed)
            return text
        line = FieldLine(view.spec.is_masked)
        # A code is shown with its path: longer than the code itself.
        if view.spec.max_chars and not view.is_strict:
            line.setMaxLength(view.spec.max_chars)
        line.textEdited.connect(self._on_edited)
        return line

    def _lay_out(self) -> None:
        self._frame = QFrame()
        self._frame.setProperty("role", "field")
        inner = QHBoxLayout(self._frame)
        inner.setContentsMargins(_FRAME_PAD_PX, 2, _FRAME_PAD_PX, 2)
        inner.setSpacing(_GAP_PX)
        inner.addWidget(self.input, 1)
        self.input.setMinimumWidth(30)
        is_long = isinstance(self.input, FieldText)
        if is_long:
            side = QVBoxLayout()
            side.setSpacing(2)
            side.addWidget(self._chip, 0, Qt.AlignmentFlag.AlignRight)
            side.addWidget(self._drop, 0, Qt.AlignmentFlag.AlignRight)
            side.addStretch(1)
            inner.addLayout(side)
        else:
            inner.addWidget(self._drop)
            inner.addWidget(self._chip)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(SPACE.s)
        top = Qt.AlignmentFlag.AlignTop
        outer.addWidget(self.label, 0, top if is_long else Qt.AlignmentFlag.AlignVCenter)
        outer.addWidget(self._frame, 1)
        self.label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grows = isinstance(self.input, FieldText) and self.input.grows
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding if grows else QSizePolicy.Policy.Fixed)
        self.setFocusProxy(self.input)

    def _made_menu(self) -> QMenu:
        menu = QMenu(self)
        view = self._view
        if not view.locked:
            offered = [option for option in view.options if option.confidence is not None]
            if len(view.options) <= _MENU_OPTIONS:
                offered = list(view.options)
            for number, option in enumerate(offered, 1):
                action = QAction(_option_text(option, number), menu)
                action.setData(option)
                menu.addAction(action)
            if view.spec.name == ITEM_FIELD:
                more = QAction(with_keys(self, self.tr("事项树（Alt+I）；或直接键入名称、首字母、代码"), "ticket.items"), menu)
                more.setData("items")
                menu.addAction(more)
            if view.options:
                menu.addSeparator()
        acts = (
            ("take", self.tr("采纳（回车）"), bool(view.text) and view.state is not FieldState.CONFIRMED),
            ("clear", self.tr("清空（Ctrl+Del）"), bool(view.text)),
            ("give_back", self.tr("交还识别（Ctrl+R）"), view.state in (FieldState.EDITED, FieldState.CONFIRMED)),
        )
        for command, label, is_possible in acts:
            action = QAction(label, menu)
            action.setData(command)
            action.setEnabled(is_possible and not view.locked)
            menu.addAction(action)
        menu.triggered.connect(self._on_menu)
        return menu

    @Slot(QAction)
    def _on_menu(self, action: QAction) -> None:
        chosen = action.data()
        if isinstance(chosen, Option):
            self._choose(chosen)
        elif isinstance(chosen, str):
            self._on_key(chosen)

    @Slot(str)
    def _on_completed(self, text: str) -> None:
        for option in self._view.options:
            if option.text == text:
                self._choose(option)
                self.next_requested.emit()
                return

    def _choose(self, option: Option) -> None:
        self._is_dirty = self._is_wrong = False
        self._pause.stop()
        self._set_text(option.text)
        self._presenter.choose(self._view.spec.name, option)

    @Slot(str)
    def _on_key(self, command: str) -> None:
        name = self._view.spec.name
        if command == "options":
            self.show_options()
        elif command == "items":
            self.items_requested.emit()
        elif self._view.locked:
            if command == "take":
                self.next_requested.emit()
        elif command == "take":
            self._take()
        elif command == "undo":
            self.drop_typed()
        else:
            self.drop_typed()
            self._presenter.clear(name) if command == "clear" else self._presenter.give_back(name)

    def _take(self) -> None:
        if self._is_dirty:
            if not self.commit():
                return
        else:
            self._presenter.take(self._view.spec.name)
        self.next_requested.emit()

    @Slot()
    def drop_typed(self) -> None:
        """Forget what was typed and not sent."""
        self._pause.stop()
        self._is_dirty = self._is_wrong = False
        self._set_text(self._view.text)
        self._draw()

    @Slot(str)
    def _on_edited(self, text: str) -> None:
        self._is_dirty, self._is_wrong = True, False
        if self._items is not None:
            self._items.show_rows(self._presenter.item_rows(text))
        if not self._view.is_strict:
            self._pause.start()
        self._draw()

    @Slot()
    def _on_text_changed(self) -> None:
        if not self._is_setting:
            self._on_edited(self.text())

    @Slot()
    def _on_pause(self) -> None:
        if self._is_dirty and not self._view.is_strict:
            cursor = self.input.cursorPosition() if isinstance(self.input, FieldLine) else -1
            self.commit()
            if isinstance(self.input, FieldLine):
                self.input.setCursorPosition(cursor)

    @Slot()
    def _on_entered(self) -> None:
        self._set_frame_flag(True)
        if self._view.is_strict and self._completions is None and self._items is None and isinstance(self.input, FieldLine):
            (self._set_up_items if self._view.spec.name == ITEM_FIELD else self._set_up_completer)(self.input)
        self._presenter.focus(self._view.spec.name)
        self.focused.emit(self)

    @Slot()
    def _on_left(self) -> None:
        self.commit()
        self._set_frame_flag(False)
        self._presenter.focus("")

    def _set_up_completer(self, line: FieldLine) -> None:
        self._completions = QStringListModel([option.text for option in self._view.options], self)
        completer = QCompleter(self._completions, self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        popup = completer.popup()
        if popup is not None:
            popup.setObjectName("completions")
        line.setCompleter(completer)
        # Queued: the line sets its text after this signal, and would undo ours.
        completer.activated.connect(self._on_completed, Qt.ConnectionType.QueuedConnection)

    def _set_up_items(self, line: FieldLine) -> None:
        """Hits of the item search below the line, as they are typed."""
        self._items = ItemRowsModel(self)
        completer = QCompleter(self._items, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        popup = completer.popup()
        if popup is not None:
            popup.setObjectName("completions")
        line.setCompleter(completer)
        # Queued: the line sets its text after this signal, and would undo ours.
        completer.activated.connect(self._on_item, Qt.ConnectionType.QueuedConnection)

    @Slot(str)
    def _on_item(self, text: str) -> None:
        code = next((row.code for row in self._items.rows if row.text == text), "") if self._items is not None else ""
        if code:
            self._is_dirty = self._is_wrong = False
            self._set_text(text)
            self._presenter.choose_item(code)
            self.next_requested.emit()

    def _set_text(self, text: str) -> None:
        if text == self.text():
            return
        self._is_setting = True
        if isinstance(self.input, FieldLine):
            self.input.setText(text)
            self.input.setCursorPosition(0 if not self.input.hasFocus() else len(text))
        else:
            self.input.setPlainText(text)
        self._is_setting = False

    def _fit(self) -> None:
        """A value that its line would cut off gets the room of the state's word."""
        if isinstance(self.input, FieldLine):
            drop = 0 if self._drop.isHidden() else self._drop.width() + _GAP_PX
            taken = 2 * (_FRAME_PAD_PX + LINE_MARGIN_PX) + self._chip.full_width() + _GAP_PX + drop
            needed = self.input.fontMetrics().horizontalAdvance(self.input.text())
            self._chip.set_compact(needed > self._frame.width() - taken)

    def _set_frame_flag(self, is_focused: bool) -> None:
        self._frame.setProperty("focused", "true" if is_focused else "false")
        self._repolish()

    def _repolish(self) -> None:
        for widget in (self._frame, self.input):
            widget.style().unpolish(widget)
            widget.style().polish(widget)

    def _draw(self) -> None:
        view, palette = self._view, self._theme.palette
        is_needed_now = view.needed and not view.text and view.state is FieldState.EMPTY and not view.inherited
        state, word, picture = view.state.value, self._words()[view.state], view.state.value
        tone = palette.tone(view.state, is_needed_now)
        if self._is_wrong:
            state, word, picture, tone = "wrong", self.tr("无效"), "alert", palette.wrong
        elif self._is_dirty:
            state, word, picture, tone = "edited", self.tr("在改"), "edited", palette.edited
        elif is_needed_now:
            state, word, picture = "needed", self.tr("待填"), "needed"
        elif view.state is FieldState.EDITED and not view.text:
            word = self.tr("已清")
        self._chip.show_state(picture, word, tone)
        self._drop.setVisible((bool(view.options) or view.spec.name == ITEM_FIELD) and not view.locked)
        if state != self._frame_state:
            self._frame_state = state
            self._frame.setProperty("fieldState", state)
            self._repolish()
        self.input.setReadOnly(view.locked)
        self.input.setPlaceholderText(self.tr("同诉求 1：{text}").format(text=view.inherited) if view.inherited else "")
        self._describe(word)
        self._fit()

    def _describe(self, word: str) -> None:
        view = self._view
        label = field_label(view.spec)
        parts = [self.tr("状态：{state}").format(state=word)]
        if view.state in (FieldState.SUGGESTED, FieldState.FILLED):
            parts.append(self.tr("把握 {percent}%").format(percent=round(view.confidence * 100)))
        if view.needed:
            parts.append(self.tr("必填"))
        if view.reasons and view.state in (FieldState.SUGGESTED, FieldState.FILLED):
            parts.append(self.tr("依据：{reasons}").format(reasons="；".join(view.reasons)))
        description = "，".join(parts)
        if self.input.accessibleDescription() != description or self.input.accessibleName() != label:
            self.input.setAccessibleName(label)
            self.input.setAccessibleDescription(description)
            tip = f"{label}：{view.text}\n{description}" if view.text and not view.spec.is_masked else f"{label}\n{description}"
            self._frame.setToolTip(tip)
        is_needed = "true" if view.needed else "false"
        if self.label.property("needed") != is_needed:
            self.label.setProperty("needed", is_needed)
            self.label.style().unpolish(self.label)
            self.label.style().polish(self.label)
            self.label.setText(label + (" *" if view.needed else ""))

    def _words(self) -> dict[FieldState, str]:
        return {
            FieldState.EMPTY: self.tr("空"), FieldState.SUGGESTED: self.tr("建议"), FieldState.FILLED: self.tr("已填"),
            FieldState.EDITED: self.tr("已改"), FieldState.CONFIRMED: self.tr("确认"),
        }

    @Slot()
    def _on_theme(self) -> None:
        self._drop.setIcon(icon("options", self._theme.palette.muted, size_px=14))
        self._draw()

    def retranslate(self) -> None:
        """Texts in the present language."""
        self.label.setText(field_label(self._view.spec) + (" *" if self._view.needed else ""))
        self._drop.setAccessibleName(self.tr("{field}的备选").format(field=field_label(self._view.spec)))
        self._on_theme()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or less room for the state's word."""
        super().resizeEvent(event)
        self._fit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The options also by the right button beside the input."""
        self.show_options()


def _option_text(option: Option, number: int) -> str:
    text = option.text.replace("&", "&&")
    prefix = f"&{number}  " if number <= 9 else ""  # the number is the menu's key, and what may be typed into a choice
    suffix = f"　{round(option.confidence * 100)}%" if option.confidence is not None else ""
    return f"{prefix}{text}{suffix}"
