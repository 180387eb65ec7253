"""The open entry: a row of pages (answer, guided flow, what to bring and where, the three tiers, changes, note), a key each.

A page that has nothing is not offered. Another entry begins with its answer.
"""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.presenters.cards import UpdateMark
from app.presenters.knowledge_entry import EntryPresenter
from widgets.entry_answer import AnswerPage
from widgets.entry_changes import ChangesPage
from widgets.entry_guide import GuidePage
from widgets.entry_note import NotePage
from widgets.entry_rows import DetailList, FamilyList
from widgets.flow_layout import FlowLayout
from widgets.shortcuts import bind_act, bind_key, keyed, with_keys
from widgets.theme.palette import SPACE, Theme


class Page(StrEnum):
    """Pages in their order."""

    ANSWER = "answer"
    GUIDE = "guide"
    DETAILS = "details"
    FAMILY = "family"
    CHANGES = "changes"
    NOTE = "note"


class DetailsPage(QFrame):
    """Rows to copy, and what was copied last.

    Args:
        presenter: feeds it.
        theme: colours.
    """

    def __init__(self, presenter: EntryPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = DetailList(presenter, theme)
        self.told = QLabel()
        self.told.setProperty("role", "hint")
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(SPACE.xs)
        body.addWidget(self.list, 1)
        body.addWidget(self.told)
        self.list.copied.connect(self._on_copied)
        presenter.changed.connect(self._retranslate)
        self._retranslate()

    def take_focus(self) -> None:
        """To the first row."""
        self.list.setFocus()
        if not self.list.currentIndex().isValid():
            self.list.setCurrentIndex(self.list.model().index(0, 0))

    @Slot(str)
    def _on_copied(self, _words: str) -> None:
        self.told.setText(self.tr("已复制"))

    @Slot()
    def _retranslate(self) -> None:
        self.told.setText(self.tr("单击或回车复制"))
        self.list.setAccessibleName(self.tr("材料、地点、电话"))

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)


class EntryView(QFrame):
    """See the module.

    Args:
        presenter: feeds it.
        theme: colours.
    """

    page_wanted = Signal()
    """The operator asked for a page."""

    def __init__(self, presenter: EntryPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._shown_id = ""
        self.answer, self.guide = AnswerPage(presenter, theme), GuidePage(presenter, theme)
        self.details, self.family = DetailsPage(presenter, theme), FamilyList(presenter, theme)
        self.changes, self.note = ChangesPage(presenter, theme), NotePage(presenter)
        self._pages: dict[Page, QWidget] = {
            Page.ANSWER: self.answer, Page.GUIDE: self.guide, Page.DETAILS: self.details, Page.FAMILY: self.family,
            Page.CHANGES: self.changes, Page.NOTE: self.note}
        self.buttons = {page: QPushButton() for page in Page}
        self._group = QButtonGroup(self)
        self._bar = QWidget()
        row = FlowLayout(SPACE.xs, self._bar)
        self.stack = QStackedWidget()
        for page, button in self.buttons.items():
            button.setCheckable(True)
            button.setProperty("role", "tool")
            button.setProperty("page", page.value)
            bind_key(button, f"knowledge.page_{page.value}")
            self._group.addButton(button)
            row.addWidget(button)
            self.stack.addWidget(self._pages[page])
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(SPACE.xs)
        body.addWidget(self._bar)
        body.addWidget(self.stack, 1)
        bind_act(self, "knowledge.copy_answer", self.answer.copy_words)  # on any page
        self._group.buttonClicked.connect(self._on_button)
        presenter.changed.connect(self._on_changed)
        presenter.context_changed.connect(self.draw)
        presenter.family.modelReset.connect(self.draw)
        presenter.note_written.connect(self.draw)
        self._retranslate()

    @property
    def page(self) -> Page:
        """The page on the screen."""
        return next(page for page, widget in self._pages.items() if widget is self.stack.currentWidget())

    def is_touched(self) -> bool:
        """Whether somebody points at it or works in it."""
        focused = self.window().focusWidget()
        return self.underMouse() or (focused is not None and self.isAncestorOf(focused))

    def fold(self, is_folded: bool) -> None:
        """Only the row of pages stays."""
        self.stack.setVisible(not is_folded)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum if is_folded else QSizePolicy.Policy.Expanding)

    def turn_to(self, page: Page) -> None:
        """Show a page."""
        self.stack.setCurrentWidget(self._pages[page])
        self.buttons[page].setChecked(True)

    @Slot(QPushButton)
    def _on_button(self, button: QPushButton) -> None:
        page = Page(button.property("page"))
        self.turn_to(page)
        self.page_wanted.emit()
        widget = self._pages[page]
        if isinstance(widget, FamilyList):
            widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
            widget.setCurrentIndex(widget.model().index(0, 0))
        elif isinstance(widget, AnswerPage | GuidePage | DetailsPage | ChangesPage | NotePage):
            widget.take_focus()

    @Slot()
    def _on_changed(self) -> None:
        card = self._presenter.card
        entry_id = card.entry.id if card is not None else ""
        if entry_id != self._shown_id:
            self._shown_id = entry_id
            self.turn_to(Page.ANSWER)
        self.draw()

    @Slot()
    def draw(self) -> None:
        """Which pages there are, and what their buttons say."""
        presenter = self._presenter
        count = len(presenter.details.rows)
        offered = {
            Page.ANSWER: True, Page.GUIDE: bool(presenter.walk.steps), Page.DETAILS: bool(count),
            Page.FAMILY: len(presenter.family.rows) > 1, Page.NOTE: presenter.card is not None,
            # What was recalled is not to be read, struck out neither.
            Page.CHANGES: presenter.card is not None and presenter.mark is not UpdateMark.RECALLED}
        for page, button in self.buttons.items():
            button.setVisible(offered[page])
        if not offered[self.page]:
            self.turn_to(Page.ANSWER)
        is_new, has_note = presenter.mark is UpdateMark.UPDATED, bool(presenter.note)
        words = {
            Page.ANSWER: self.tr("答案"), Page.GUIDE: self.tr("流程"), Page.DETAILS: self.tr("资料 {count}").format(count=count),
            Page.FAMILY: self.tr("层级"), Page.CHANGES: self.tr("已更新") if is_new else self.tr("变化"),
            Page.NOTE: self.tr("有备注") if has_note else self.tr("备注")}
        changes = self.buttons[Page.CHANGES]
        for page, button in self.buttons.items():
            button.setText(words[page])
        if changes.property("tone") != ("warn" if is_new else ""):
            changes.setProperty("tone", "warn" if is_new else "")
            changes.style().unpolish(changes)
            changes.style().polish(changes)

    def _retranslate(self) -> None:
        told = {
            Page.ANSWER: self.tr("完整答案 Ctrl+1"),
            Page.GUIDE: self.tr("引导流程 Ctrl+2"),
            Page.DETAILS: self.tr("材料、地点、电话 Ctrl+3"),
            Page.FAMILY: self.tr("政策文件、归纳解读、常见问答 Ctrl+4"),
            Page.CHANGES: self.tr("和上一版比较 Ctrl+5"),
            Page.NOTE: self.tr("我的备注 Ctrl+6"),
        }
        for page, button in self.buttons.items():
            button.setToolTip(keyed(button, told[page]))
            button.setAccessibleDescription(button.toolTip())
        self.family.setAccessibleName(self.tr("上下级知识"))
        self.answer.copy.setToolTip(with_keys(self, self.tr("复制要说的话 Alt+Y"), "knowledge.copy_answer"))
        self.draw()

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)
