"""The bottom line: what the ticket still lacks, the newest notice, and the button that submits."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from app.presenters.submission import SubmissionPresenter, SubmitView
from widgets.elided_text import ElidedText
from widgets.field_labels import short_label
from widgets.icon_label import IconLabel
from widgets.shortcuts import bind_key, keyed
from widgets.theme.icons import icon
from widgets.theme.palette import SPACE, Theme

_NAMED = 4


class SubmitBar(QFrame):
    """State line and submit button.

    Args:
        presenter: feeds it.
        beside: widgets between the two (the newest notice, the view button).
        theme: colours.
    """

    submit_requested = Signal()

    def __init__(self, presenter: SubmissionPresenter, beside: tuple[QWidget, ...], theme: Theme,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._presenter = presenter
        self._theme = theme
        self._icon = IconLabel()
        self.state = ElidedText(1)
        self.button = QPushButton()
        self.button.setProperty("role", "primary")
        self.button.clicked.connect(self.submit_requested)
        bind_key(self.button, "ticket.submit")
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE.l, SPACE.s, SPACE.s, SPACE.s)
        row.setSpacing(SPACE.s)
        row.addWidget(self._icon)
        row.addWidget(self.state, 1)
        for widget in beside:
            row.addWidget(widget)
        row.addWidget(self.button)
        presenter.changed.connect(self.show_view)
        theme.changed.connect(self._on_theme)
        self._retranslate()

    @Slot(object)
    def show_view(self, view: SubmitView) -> None:
        """Draw a new view."""
        text, tone, picture = self._line(view)
        self.state.set_text(text)
        palette = self._theme.palette
        ink = {"warn": palette.wrong.ink, "done": palette.confirmed.ink}.get(tone, palette.muted)
        self.state.set_colour(ink if tone else palette.text)
        self.state.set_bold(bool(tone))
        self._icon.show_icon(picture, ink)
        self.button.setEnabled(view.can_submit)

    def _line(self, view: SubmitView) -> tuple[str, str, str]:
        if view.ticket_no:
            return self.tr("已提交，工单编号 {number}").format(number=view.ticket_no), "done", "confirmed"
        if view.is_sending:
            return self.tr("正在提交…"), "", "submit"
        parts = []
        if view.lacking:
            parts.append(self.tr("还缺：{names}").format(names=self._names(view.lacking)))
        if view.unsettled:
            parts.append(self.tr("待确认：{names}").format(names=self._names(view.unsettled)))
        if parts:
            words = "　".join(parts)
            if view.is_warned:
                return self.tr("{words}　再按一次仍然提交").format(words=words), "warn", "alert"
            return words, "", "needed" if view.lacking else "suggested"
        if view.unsure:
            return self.tr("必填项齐了；{count} 项建议未采纳，不会随单提交").format(count=view.unsure), "", "suggested"
        return (self.tr("必填项齐了，可以提交"), "done", "confirmed") if view.can_submit else (self.tr("等待来电"), "", "empty")

    def _names(self, labels: tuple[tuple[int, str], ...]) -> str:
        names = self.tr("、").join(short_label(label) + (f"({matter + 1})" if matter else "")
                                  for matter, label in labels[:_NAMED])
        if len(labels) > _NAMED:
            return self.tr("{names}等 {count} 项").format(names=names, count=len(labels))
        return names

    @Slot()
    def _on_theme(self) -> None:
        palette = self._theme.palette
        self.button.setIcon(icon("submit", palette.on_accent, palette.faint))
        self.show_view(self._presenter.view)

    def _retranslate(self) -> None:
        self.button.setText(keyed(self.button, self.tr("提交工单  Ctrl+回车")))
        self.button.setAccessibleName(self.tr("提交工单"))
        self._on_theme()

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)
