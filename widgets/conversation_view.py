"""The conversation: bubbles of both sides, what is being said now, and a list that never scrolls away from a reader.

The view follows the newest words only while it stands at the end. Whoever scrolled up stays where they are and gets a
button "jump to latest". Evidence of a focused field is brought into view; when it goes out, a view that followed
before follows again. Citizen stand left, operator right, each with icon and word; a partial is lighter and italic, unsure words
fainter with dots below, evidence on a ground with a line below.
"""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QPoint,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.dialogue import Channel
from app.presenters.conversation import ConversationPresenter
from widgets.bubble_delegate import BubbleDelegate
from widgets.theme.icons import icon
from widgets.theme.palette import SPACE, Theme

_NEAR_END_PX = 6


class ConversationList(QListView):
    """The list itself. ``following_changed`` tells whether it stands at the end."""

    following_changed = Signal(bool)

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

    def locate(self, row: int) -> None:
        """Bring a row into view; a view that followed will follow again after ``release``."""
        index = self.model().index(row, 0)
        if not self.viewport().rect().contains(self.visualRect(index)):
            self._resumes = self._resumes or self._is_following
            self._set_following(False)
            self.scrollTo(index, QListView.ScrollHint.PositionAtCenter)

    def release(self) -> None:
        """The evidence is out of interest."""
        if self._resumes:
            self.follow()

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
        if isinstance(delegate, BubbleDelegate):
            delegate.forget_sizes()
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()
        if was_following:
            self._set_following(True)


class ConversationPanel(QFrame):
    """Heading, list and the button that jumps to the newest words.

    Args:
        presenter: feeds it.
        theme: colours.
    """

    def __init__(self, presenter: ConversationPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._theme = theme
        self._heading = QLabel()
        self._heading.setProperty("role", "heading")
        self._legend = QLabel()
        self._legend.setProperty("role", "hint")
        self.list = ConversationList()
        self._delegate = BubbleDelegate(theme, self.list)
        self.list.setItemDelegate(self._delegate)
        # Before the view hears of a change itself: it asks for sizes at once.
        presenter.model.dataChanged.connect(self._delegate.forget_changed)
        presenter.model.rowsInserted.connect(self._delegate.forget_rows)
        presenter.model.rowsRemoved.connect(self._delegate.forget_rows)
        self.list.setModel(presenter.model)
        self.latest = QPushButton(self)
        self.latest.setProperty("role", "latest")
        self.latest.hide()
        self.latest.clicked.connect(self.list.follow)
        self.list.following_changed.connect(self._on_following)
        presenter.evidence_located.connect(self._on_evidence)
        presenter.evidence_cleared.connect(self._on_evidence_cleared)
        head = QHBoxLayout()
        head.addWidget(self._heading)
        head.addStretch(1)
        head.addWidget(self._legend)
        head.setContentsMargins(0, 0, SPACE.m, 0)
        body = self._body = QVBoxLayout(self)
        body.setContentsMargins(SPACE.l, SPACE.m, 2, SPACE.s)
        body.setSpacing(SPACE.s)
        body.addLayout(head)
        body.addWidget(self.list, 1)
        theme.changed.connect(self._on_theme)
        self._retranslate()
        self._on_theme()

    def add_below(self, widget: QWidget) -> None:
        """Put something under the list."""
        self._body.addWidget(widget)

    @Slot(bool)
    def _on_following(self, is_following: bool) -> None:
        self.latest.setVisible(not is_following)
        self._place_latest()

    @Slot(int)
    def _on_evidence(self, row: int) -> None:
        self.list.locate(row)

    @Slot()
    def _on_evidence_cleared(self) -> None:
        self.list.release()

    @Slot()
    def _on_theme(self) -> None:
        self.latest.setIcon(icon("latest", self._theme.palette.on_accent))
        self.list.viewport().update()

    def _place_latest(self) -> None:
        self.latest.adjustSize()
        spot = self.list.geometry()
        self.latest.move(QPoint(spot.center().x() - self.latest.width() // 2, spot.bottom() - self.latest.height() - SPACE.s))
        self.latest.raise_()

    def _retranslate(self) -> None:
        self._heading.setText(self.tr("通话内容"))
        self._legend.setText(self.tr("虚线：正在说　点线：没听清"))
        self.latest.setText(self.tr("跳到最新"))
        self.latest.setAccessibleName(self.tr("跳到最新的话"))
        self.list.setAccessibleName(self.tr("通话内容"))
        self._delegate.names = {Channel.CITIZEN: self.tr("市民"), Channel.OPERATOR: self.tr("坐席")}
        self._delegate.speaking = self.tr("正在说…")
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
