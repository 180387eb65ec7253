"""The start page: what the desk can begin with while no call is there. And the key that puts a finished call away.

The page stands where conversation and ticket stand in a call; cards, knowledge search and the bottom line stay usable.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.domain.open_drafts import OpenDraft
from app.platform import messages
from app.presenters.start import StartPresenter, StartView
from widgets.elided_text import ElidedText
from widgets.shortcuts import bind_key, keyed, with_keys
from widgets.theme.icons import icon
from widgets.theme.palette import SPACE, Theme

_WIDEST_PX = 760
_DATE_TO_MINUTE = 16


class NextButton(QPushButton):
    """Puts the call at hand away; there only where one call follows the other."""

    next_requested = Signal()

    def __init__(self, presenter: StartPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        bind_key(self, "call.next")
        self.clicked.connect(self.next_requested)
        presenter.changed.connect(self._on_view)
        self.hide()
        self._retranslate()

    @Slot(object)
    def _on_view(self, view: StartView) -> None:
        self.setVisible(self._presenter.can_begin and view.can_leave)

    def _retranslate(self) -> None:
        self.setText(keyed(self, self.tr("下一通 Ctrl+N")))
        self.setAccessibleName(self.tr("下一通"))
        self.setToolTip(self.tr("收起这通电话，回到等待；没提交的留作草稿"))

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)


class DraftLine(QFrame):
    """One draft: when, what, go on, remove.

    Args:
        draft: what is shown.
        is_asked: its removal was asked once.
    """

    opened = Signal(str)
    discarded = Signal(str)

    def __init__(self, draft: OpenDraft, is_asked: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        when = QLabel(draft.call_time[:_DATE_TO_MINUTE].replace("T", " "))
        when.setProperty("role", "hint")
        what = ElidedText(1)
        what.set_text(draft.title or self.tr("（还没有标题和地点）"))
        self._call_id = draft.call_id
        self.open = QPushButton(self.tr("继续处理"))
        self.discard = QPushButton(self.tr("再按一次即删除") if is_asked else self.tr("删除"))
        if is_asked:
            self.discard.setProperty("role", "stop")
        for button in (self.open, self.discard):
            button.setAccessibleName(f"{button.text()} {when.text()} {what.text()}")
        self.open.clicked.connect(self._on_open)
        self.discard.clicked.connect(self._on_discard)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.s)
        row.addWidget(when)
        row.addWidget(what, 1)
        row.addWidget(self.open)
        row.addWidget(self.discard)

    @Slot()
    def _on_open(self) -> None:
        self.opened.emit(self._call_id)

    @Slot()
    def _on_discard(self) -> None:
        self.discarded.emit(self._call_id)


class StartPanel(QFrame):
    """The page.

    Args:
        presenter: feeds it and takes the acts.
        theme: colours.
    """

    def __init__(self, presenter: StartPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._presenter = presenter
        self._theme = theme
        self.language = "zh"
        self._dialog: QFileDialog | None = None
        self._heading, self._hint, self._sample_heading, self._draft_heading = QLabel(), QLabel(), QLabel(), QLabel()
        self._heading.setProperty("role", "heading")
        self._hint.setProperty("role", "hint")
        self._hint.setWordWrap(True)
        for label in (self._sample_heading, self._draft_heading):
            label.setProperty("role", "section")
        self.open_button = QPushButton()
        self.open_button.setProperty("role", "primary")
        self.open_button.clicked.connect(self.choose_file)
        self.samples: dict[Path, QPushButton] = {}
        for path in presenter.samples:
            button = QPushButton()
            button.setProperty("sample", str(path))
            button.clicked.connect(self._on_sample)
            self.samples[path] = button
        self.drafts: list[DraftLine] = []
        self._lay_out()
        presenter.changed.connect(self.show_view)
        theme.changed.connect(self._on_theme)
        self.hide()
        self._retranslate()

    def take_focus(self) -> None:
        """Put the focus where the operator most likely begins."""
        first = self.drafts[0].open if self.drafts else self.open_button
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def choose_file(self) -> None:
        """Ask for a recording; the dialog does not hold up the desk."""
        if not self._presenter.can_begin or self._dialog is not None:
            return
        dialog = QFileDialog(self.window(), self.tr("打开录音"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("双声道录音 (*.wav *.flac)"), self.tr("通话脚本 (*.json)")])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._on_file)
        dialog.finished.connect(self._on_dialog_finished)
        self._dialog = dialog
        dialog.open()

    @Slot(object)
    def show_view(self, view: StartView) -> None:
        """Draw a new view."""
        self._draw_hint(view)
        focused = self.focusWidget()
        had_focus = focused is not None and self._draft_box.isAncestorOf(focused)
        asked_before = view.asked_id and had_focus
        for line in self.drafts:
            line.hide()
            line.deleteLater()
        self.drafts = []
        for draft in view.drafts:
            line = DraftLine(draft, draft.call_id == view.asked_id, self._draft_box)
            line.opened.connect(self._presenter.open_draft)
            line.discarded.connect(self._presenter.discard_draft)
            self._draft_rows.addWidget(line)
            self.drafts.append(line)
            if asked_before and draft.call_id == view.asked_id:
                line.discard.setFocus(Qt.FocusReason.OtherFocusReason)
        for widget in (self._draft_heading, self._draft_box):
            widget.setVisible(bool(view.drafts))

    def _lay_out(self) -> None:
        page = QWidget()
        page.setMaximumWidth(_WIDEST_PX)
        self._draft_box = QWidget()
        self._draft_rows = QVBoxLayout(self._draft_box)
        self._draft_rows.setContentsMargins(0, 0, 0, 0)
        self._draft_rows.setSpacing(SPACE.s)
        rows = QVBoxLayout(page)
        rows.setContentsMargins(SPACE.l, SPACE.l, SPACE.l, SPACE.l)
        rows.setSpacing(SPACE.m)
        for widget in (self._heading, self._hint, self._draft_heading, self._draft_box, self.open_button, self._sample_heading):
            rows.addWidget(widget)
        for button in self.samples.values():
            rows.addWidget(button)
        rows.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(page)
        for ground in (page, scroll.viewport()):  # the panel's own colour, in every theme
            ground.setAutoFillBackground(False)
        body = QVBoxLayout(self)
        body.setContentsMargins(SPACE.s, SPACE.s, SPACE.s, SPACE.s)
        body.addWidget(scroll)
        self._sample_heading.setVisible(bool(self.samples))

    @Slot()
    def _on_sample(self) -> None:
        sender = self.sender()
        if isinstance(sender, QPushButton):
            self._presenter.open_recording(Path(str(sender.property("sample"))))

    @Slot(str)
    def _on_file(self, path: str) -> None:
        self._presenter.open_recording(Path(path))

    @Slot(int)
    def _on_dialog_finished(self, _result: int) -> None:
        self._dialog = None

    def _draw_hint(self, view: StartView) -> None:
        if view.can_listen:
            words = self.tr("电话接起后按 F2，用本机的声音开始听。也可以打开一段录音来演练：它会像来电一样振铃。")
        else:
            words = self.tr("现在没有通话。可以打开一段录音来演练：它会像来电一样振铃，按 F2 接听。")
        self._hint.setText(with_keys(self, words, "call.answer"))

    @Slot()
    def _on_theme(self) -> None:
        for button in self.samples.values():
            button.setIcon(icon("answer", self._theme.palette.text))

    def _retranslate(self) -> None:
        self._heading.setText(self.tr("等待来电"))
        self._draw_hint(self._presenter.view)
        self._draft_heading.setText(self.tr("没有提交的草稿"))
        self._sample_heading.setText(self.tr("示例通话"))
        self.open_button.setText(with_keys(self, self.tr("打开录音  Ctrl+O"), "call.open_recording"))
        self.open_button.setAccessibleName(self.tr("打开录音"))
        for path, button in self.samples.items():
            button.setText(messages.text(f"desk.sample_{path.stem}", lang=self.language))
        self._on_theme()
        self.show_view(self._presenter.view)

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)
