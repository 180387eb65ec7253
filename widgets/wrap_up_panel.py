"""After the call, in the place of the cards: the text to read back, what is missing and unsure, the term, and one key that goes on.

Enter on the panel's button does the next thing: submit, and after that the next call. So a plain call ends with one key: Enter takes
suggestion after suggestion, then submits, then clears the desk. A held key repeats nothing.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QResizeEvent, QShowEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.domain.deadlines import Light
from app.domain.read_back import UNSURE
from app.presenters.wrap_up import Due, Open, WrapUpPresenter, WrapUpView
from widgets.elided_text import ElidedText
from widgets.field_labels import short_label
from widgets.flow_layout import FlowLayout
from widgets.shortcuts import bind_key, keyed, with_keys
from widgets.theme.palette import SPACE, Theme
from widgets.ticket_words import light_words

_CHIPS, _CHIP_CHARS = 7, 9
_LARGE_PX = 30
_TIGHT_PX = 2  # five lines of a usual type in the height of the cards


class GoButton(QPushButton):
    """A button that Enter presses, once a press."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter like Space; nothing while the key is held."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and event.modifiers() in (
                Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier):
            if not event.isAutoRepeat():
                self.click()
            event.accept()
        else:
            super().keyPressEvent(event)


class ReadBackText(QPlainTextEdit):
    """Shows whole lines only: half a line at the foot is not read."""

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setProperty("role", "readBack")
        self.document().setDocumentMargin(_TIGHT_PX)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What is left over after the last whole line stays empty."""
        super().resizeEvent(event)
        margin = round(self.document().documentMargin())
        rest = (self.contentsRect().height() - margin) % max(1, round(QFontMetricsF(self.document().defaultFont()).lineSpacing()))
        if rest != self.viewportMargins().bottom():
            self.setViewportMargins(0, 0, 0, rest)


class WrapUpPanel(QFrame):
    """See the module.

    Args:
        presenter: feeds it.
        theme: colours.
    """

    field_wanted = Signal(int, str)
    """Matter and name of a field to go to."""
    submit_requested = Signal()
    next_requested = Signal()

    def __init__(self, presenter: WrapUpPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._presenter, self._theme = presenter, theme
        self._is_stale = True
        self._heading, self._open_label = QLabel(), QLabel()
        self._heading.setProperty("role", "heading")
        self._open_label.setProperty("role", "section")
        self.text = ReadBackText()
        self.right, self.copy, self.go = QPushButton(), QPushButton(), GoButton()
        for chip in (self.right, self.copy):
            chip.setProperty("role", "chip")
        bind_key(self.right, "call.read_back_right")
        self.right.clicked.connect(presenter.agree)
        self.go.setProperty("role", "primary")
        self.due = ElidedText(1)
        self.copy.clicked.connect(presenter.copy)
        self.go.clicked.connect(self._on_go)
        self.chips = QWidget()
        self._flow = FlowLayout(SPACE.xs, self.chips)
        self._lay_out()
        presenter.changed.connect(self.show_view)
        theme.changed.connect(self._on_theme)
        self._retranslate()

    def take_focus(self) -> None:
        """The key that goes on."""
        self.go.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._heading)
        head.addStretch(1)
        head.addWidget(self.right)
        head.addWidget(self.copy)
        left = self._left = QVBoxLayout()
        left.setSpacing(_TIGHT_PX)
        left.addLayout(head)
        left.addWidget(self.text, 1)
        first = QHBoxLayout()
        first.addWidget(self._open_label)
        first.addStretch(1)
        first.addWidget(self.go)
        right = self._right = QVBoxLayout()
        right.setSpacing(SPACE.xs)
        right.addLayout(first)
        right.addWidget(self.chips)
        right.addStretch(1)
        right.addWidget(self.due)
        body = QHBoxLayout(self)
        body.setContentsMargins(SPACE.l, SPACE.xs, SPACE.s, SPACE.xs)
        body.setSpacing(SPACE.l)
        body.addLayout(left, 1)
        body.addLayout(right, 1)
        # As high as the cards whose place it takes: the window must not jump at the end of the call.
        self.text.setMinimumHeight(0)
        for widget in (self, self.text):
            widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)

    @Slot(object)
    def show_view(self, view: WrapUpView) -> None:
        """Draw a new view, as soon as the panel is to be seen."""
        if not self.isVisible():
            self._is_stale = True
            return
        self._is_stale = False
        self._show_text(view)
        self._show_open(view)
        self.due.set_text(self._due_words(view.due))
        self._fit_due()
        is_done = bool(view.ticket_no)
        words = self.tr("下一通  回车") if is_done else self.tr("提交  回车")
        self.go.setText(words)
        self.go.setAccessibleName(self.tr("下一通") if is_done else self.tr("提交工单"))
        self._open_label.setText(self._open_words(view))

    def _show_text(self, view: WrapUpView) -> None:
        text = view.read_back.text
        if text != self.text.toPlainText():
            bar = self.text.verticalScrollBar()
            place = bar.value()
            self.text.clear()
            cursor = self.text.textCursor()
            for part in view.read_back.parts:
                self._write(cursor, part.text, part.is_unsure)
            bar.setValue(place)
        self.copy.setEnabled(bool(text))
        self.right.setEnabled(bool(view.read_back.unsure) and not view.ticket_no)

    def _write(self, cursor: QTextCursor, words: str, is_unsure: bool) -> None:
        form = QTextCharFormat()
        if is_unsure:
            form.setForeground(self.palette().text())
            form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DashUnderline)
            words += UNSURE
        cursor.insertText(words, form)

    def _show_open(self, view: WrapUpView) -> None:
        self._flow.drop()
        shown = (*((each, True) for each in view.lacking), *((each, False) for each in view.unsure))
        for each, is_lacking in shown[:_CHIPS]:
            self._flow.addWidget(self._chip(each, is_lacking))
        self.chips.updateGeometry()

    def _chip(self, each: Open, is_lacking: bool) -> QPushButton:
        label = short_label(each.label) + (f"({each.matter + 1})" if each.matter else "")
        text = each.text if len(each.text) <= _CHIP_CHARS else each.text[:_CHIP_CHARS] + "…"
        words = self.tr("缺 {field}").format(field=label) if is_lacking else f"{label}：{text}"
        chip = QPushButton(words)
        chip.setProperty("role", "chip")
        chip.setProperty("holdsData", not is_lacking)
        chip.setProperty("tone", "" if is_lacking else "unsure")
        chip.setProperty("field", (each.matter, each.name))
        chip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        chip.setToolTip(each.text)
        chip.setAccessibleName(self.tr("缺 {field}").format(field=label) if is_lacking
                               else self.tr("待确认 {field}：{text}").format(field=label, text=each.text))
        chip.clicked.connect(self._on_chip)
        return chip

    def _open_words(self, view: WrapUpView) -> str:
        if view.ticket_no:
            return self.tr("已提交 {number}").format(number=view.ticket_no)
        if not view.lacking and not view.unsure:
            return self.tr("都齐了，回车提交")
        words = self.tr("缺 {lacking} 项，待确认 {unsure} 项（F7 逐项）").format(lacking=len(view.lacking), unsure=len(view.unsure))
        return with_keys(self, words, "ticket.next_open")

    def _fit_due(self) -> None:
        """The days are seen whole: on two lines where one is too short for them, and beside large type's chips there is no room."""
        column = self._left if self.fontMetrics().height() > _LARGE_PX else self._right
        if column.indexOf(self.due) < 0:
            (self._right if column is self._left else self._left).removeWidget(self.due)
            column.addWidget(self.due)
        self.due.set_lines(2 if self.due.text_width() > self.due.width() > 0 else 1)

    def _due_words(self, due: Due | None) -> str:
        if due is None:
            return ""
        about = self.tr("约") if due.due.estimated else ""
        cards = "  ".join(f"{light_words(light)} {about}{deadline.day.strftime('%m-%d')}"
                          for deadline, light in due.cards if light is not Light.NORMAL)
        return self.tr("期限 {about}{day}（{days} 个工作日）  {cards}").format(
            about=about, day=due.due.day.strftime("%m-%d"), days=due.days, cards=cards)

    @Slot()
    def _on_chip(self) -> None:
        sender = self.sender()
        if isinstance(sender, QPushButton):
            matter, name = sender.property("field")
            self.field_wanted.emit(matter, name)

    @Slot()
    def _on_go(self) -> None:
        (self.next_requested if self._presenter.view.ticket_no else self.submit_requested).emit()

    @Slot()
    def _on_theme(self) -> None:
        self.due.set_colour(self._theme.palette.text)

    def _retranslate(self) -> None:
        self._heading.setText(self.tr("读给市民核对"))
        self.text.setAccessibleName(self.tr("读给市民核对的话"))
        self.right.setText(keyed(self.right, self.tr("市民说对 Alt+Shift+R")))
        self.right.setAccessibleName(self.tr("市民说对：采纳读过的建议"))
        self.right.setToolTip(self.tr("采纳这段话里标着（待核）的内容；没读到的仍要逐项看"))
        self.copy.setText(self.tr("复制"))
        self.copy.setAccessibleName(self.tr("复制核对的话"))
        self.go.setAccessibleName(self.tr("提交工单"))
        self.setAccessibleName(self.tr("话后整理"))
        self._on_theme()
        self.show_view(self._presenter.view)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came while it was hidden."""
        super().showEvent(event)
        if self._is_stale:
            self.show_view(self._presenter.view)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width."""
        super().resizeEvent(event)
        self._fit_due()

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)


