"""The conversation: bubbles of both sides, what is being said now, and a list that never scrolls away from a reader.

The view follows the newest words only while it stands at the end. Whoever scrolled up stays where they are and gets a
button "jump to latest". Evidence of a focused field is brought into view; when it goes out, a view that followed before
follows again; so does one that looked for something. Citizen stand left, operator right, each with icon and word; a partial is
lighter and italic, unsure words fainter with dots below, evidence on a ground with a line below; numbers and places have a line
below, a flag stands in the header. A click on an utterance, or Enter on it, plays its sound.
"""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPoint,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QKeyEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.dialogue import Channel
from app.presenters.conversation import ConversationPresenter, FindView
from widgets.bubble_delegate import BubbleDelegate
from widgets.shortcuts import bind_act, bind_key
from widgets.theme.icons import icon
from widgets.theme.palette import SPACE, Theme

_NEAR_END_PX = 6


class ConversationList(QListView):
    """The list itself. ``following_changed`` tells whether it stands at the end."""

    following_changed = Signal(bool)
    listen_requested = Signal(QModelIndex)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("conversation")
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._is_following = True
        self._resumes = False
        self.verticalScrollBar().setSingleStep(24)
        self.verticalScrollBar().valueChanged.connect(self._on_moved)
        self.verticalScrollBar().rangeChanged.connect(self._on_range)

    @property
    def is_following(self) -> bool:
        """Whether new words scroll the view."""
        return self._is_following

    @Slot()
    def follow(self) -> None:
        """Go to the newest words and stay there."""
        self._resumes = False
        self._set_following(True)
        self.scrollToBottom()

    def locate(self, index: QModelIndex) -> None:
        """Bring a row into view; a view that followed will follow again after ``release``."""
        if not self.viewport().rect().contains(self.visualRect(index)):
            self._resumes = self._resumes or self._is_following
            self._set_following(False)
            self.scrollTo(index, QListView.ScrollHint.PositionAtCenter)

    def release(self) -> None:
        """The evidence is out of interest."""
        if self._resumes:
            self.follow()

    def make_room(self, height: int) -> None:
        """Keep the last pixels for what stands before the list: no words are under it, and what is read does not move."""
        if height != self.viewportMargins().bottom():
            self.setViewportMargins(0, 0, 0, height)

    @Slot(int)
    def _on_moved(self, value: int) -> None:
        is_at_end = value >= self.verticalScrollBar().maximum() - _NEAR_END_PX
        if is_at_end:
            self._resumes = False
        self._set_following(is_at_end)

    @Slot(int, int)
    def _on_range(self, minimum: int, maximum: int) -> None:
        if self._is_following:
            self.verticalScrollBar().setValue(maximum)

    def _set_following(self, is_following: bool) -> None:
        if is_following != self._is_following:
            self._is_following = is_following
            self.following_changed.emit(is_following)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay rows out for the new width, and stay at the end where it stood there."""
        was_following = self._is_following
        delegate = self.itemDelegate()
        if isinstance(delegate, BubbleDelegate) and event.oldSize().width() != event.size().width():
            delegate.forget_sizes()
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()
        if was_following:
            self._set_following(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter plays the row on which the cursor stands."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            if self.currentIndex().isValid() and not event.isAutoRepeat():
                self.listen_requested.emit(self.currentIndex())
            event.accept()
        else:
            super().keyPressEvent(event)


class FindLine(QLineEdit):
    """Where one types what to look for: Enter goes down, Shift+Enter up, Esc closes."""

    stepped = Signal(int)
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys of the search first, then text."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down, Qt.Key.Key_Up):
            is_up = event.key() == Qt.Key.Key_Up or bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.stepped.emit(-1 if is_up else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class ConversationPanel(QFrame):
    """Heading, tools, list and the button that jumps to the newest words.

    Args:
        presenter: feeds it.
        theme: colours.
    """

    listen_requested = Signal(int)
    """Row of an utterance whose sound is wanted."""

    def __init__(self, presenter: ConversationPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._presenter, self._theme = presenter, theme
        self._heading = QLabel()
        self._heading.setProperty("role", "heading")
        self.citizen, self.look, self.flag = QPushButton(), QPushButton(), QPushButton()
        for button in (self.citizen, self.look, self.flag):
            button.setProperty("role", "chip")
        self.citizen.setCheckable(True)
        self.find_line, self.found = FindLine(), QLabel()
        self.find_line.setObjectName("search")
        self.found.setProperty("role", "hint")
        self.list = ConversationList()
        self._delegate = BubbleDelegate(theme, self.list)
        self.list.setItemDelegate(self._delegate)
        # Before the view hears of a change itself: it asks for sizes at once.
        presenter.shown.dataChanged.connect(self._delegate.forget_changed)
        presenter.shown.rowsInserted.connect(self._delegate.forget_rows)
        presenter.shown.rowsRemoved.connect(self._delegate.forget_rows)
        self.list.setModel(presenter.shown)
        self.latest = QPushButton(self)
        self.latest.setProperty("role", "latest")
        self.latest.hide()
        self._lay_out()
        self._connect()
        self._retranslate()
        self._on_theme()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE.xs)
        head.addWidget(self._heading)
        head.addStretch(1)
        for button in (self.citizen, self.look, self.flag):
            head.addWidget(button)
        head.setContentsMargins(0, 0, SPACE.m, 0)
        self._find_row = QWidget()
        row = QHBoxLayout(self._find_row)
        row.setContentsMargins(0, 0, SPACE.m, 0)
        row.addWidget(self.find_line, 1)
        row.addWidget(self.found)
        self._find_row.hide()
        body = self._body = QVBoxLayout(self)
        body.setContentsMargins(SPACE.l, SPACE.m, 2, SPACE.s)
        body.setSpacing(SPACE.s)
        body.addLayout(head)
        body.addWidget(self._find_row)
        body.addWidget(self.list, 1)

    def _connect(self) -> None:
        presenter = self._presenter
        bind_key(self.citizen, "call.citizen_only")
        bind_key(self.look, "call.find")
        bind_key(self.flag, "call.flag")
        bind_key(self.latest, "call.latest")
        bind_act(self, "call.next_flag", self._on_next_flag)
        self.citizen.clicked.connect(presenter.toggle_citizen)
        self.look.clicked.connect(self._on_look)
        self.flag.clicked.connect(self._on_flag)
        self.latest.clicked.connect(self.list.follow)
        self.find_line.textChanged.connect(presenter.find)
        self.find_line.stepped.connect(self._on_step)
        self.find_line.left.connect(self._on_find_left)
        self.list.following_changed.connect(self._on_following)
        self.list.clicked.connect(self._on_listen)
        self.list.listen_requested.connect(self._on_listen)
        presenter.evidence_located.connect(self._locate)
        presenter.evidence_cleared.connect(self._on_evidence_cleared)
        presenter.row_located.connect(self._locate)
        presenter.find_changed.connect(self._on_found)
        presenter.filter_changed.connect(self._on_filter)
        self._theme.changed.connect(self._on_theme)

    def add_below(self, widget: QWidget) -> None:
        """Put something under the list."""
        self._body.addWidget(widget)

    @Slot(bool)
    def _on_following(self, is_following: bool) -> None:
        self.latest.setVisible(not is_following)
        self._place_latest()

    @Slot(int)
    def _locate(self, row: int) -> None:
        index = self._presenter.shown.mapFromSource(self._presenter.model.index(row))
        if index.isValid():
            self.list.locate(index)

    @Slot()
    def _on_look(self) -> None:
        self._find_row.show()
        self.find_line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.find_line.selectAll()

    @Slot()
    def _on_find_left(self) -> None:
        self.find_line.clear()
        self._find_row.hide()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        self.list.release()

    @Slot(int)
    def _on_step(self, by: int) -> None:
        (self._presenter.find_next if by > 0 else self._presenter.find_previous)()

    @Slot(object)
    def _on_found(self, view: FindView) -> None:
        words = self.tr("{place}/{count} 处").format(place=view.place, count=view.count) if view.count else self.tr("没有")
        self.found.setText(words if view.text else "")
        self.found.setAccessibleName(self.found.text())
        if not view.text and self.find_line.text():
            self.find_line.clear()  # another call

    @Slot(bool)
    def _on_filter(self, is_citizen_only: bool) -> None:
        self.citizen.setChecked(is_citizen_only)
        self._delegate.forget_sizes()

    @Slot()
    def _on_flag(self) -> None:
        self._presenter.flag(self._current_row() if self.list.hasFocus() else None)

    @Slot()
    def _on_next_flag(self) -> None:
        self._presenter.go_to_flag(self._current_row())

    def _current_row(self) -> int:
        index = self.list.currentIndex()
        return self._presenter.shown.mapToSource(index).row() if index.isValid() else -1

    @Slot(QModelIndex)
    def _on_listen(self, index: QModelIndex) -> None:
        row = self._presenter.shown.mapToSource(index).row()
        if self._presenter.model.row(row).is_final:
            self.listen_requested.emit(row)

    @Slot()
    def _on_evidence_cleared(self) -> None:
        self.list.release()

    @Slot()
    def _on_theme(self) -> None:
        self.latest.setIcon(icon("latest", self._theme.palette.on_accent))
        self.list.viewport().update()

    def _place_latest(self) -> None:
        self.latest.adjustSize()
        self.list.make_room(self.latest.height() + 2 * SPACE.xs if self.latest.isVisibleTo(self) else 0)
        spot = self.list.geometry()
        self.latest.move(QPoint(spot.center().x() - self.latest.width() // 2, spot.bottom() - self.latest.height() - SPACE.xs))
        self.latest.raise_()

    def _retranslate(self) -> None:
        self._heading.setText(self.tr("通话内容"))
        self._heading.setToolTip(self.tr("虚线框：正在说　点线：没听清　细线：号码和地点　单击一句听原音"))
        self.citizen.setText(self.tr("只看市民"))
        self.citizen.setToolTip(self.tr("只看市民说的话（再按恢复）"))
        self.look.setText(self.tr("查找"))
        self.look.setAccessibleName(self.tr("在通话里查找"))
        self.flag.setText(self.tr("标记"))
        self.flag.setAccessibleName(self.tr("标记这一刻"))
        self.find_line.setPlaceholderText(self.tr("在通话里查找：回车下一处"))
        self.find_line.setAccessibleName(self.tr("在通话里查找"))
        self.latest.setText(self.tr("跳到最新"))
        self.latest.setAccessibleName(self.tr("跳到最新的话"))
        self.list.setAccessibleName(self.tr("通话内容"))
        self._delegate.names = {Channel.CITIZEN: self.tr("市民"), Channel.OPERATOR: self.tr("坐席")}
        self._delegate.speaking = self.tr("正在说…")
        self._delegate.flagged = self.tr("⚑ 已标记")
        self.list.viewport().update()

    def changeEvent(self, event: QEvent) -> None:
        """Language or font changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self._delegate.forget()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the button at the list's foot."""
        super().resizeEvent(event)
        self._place_latest()
