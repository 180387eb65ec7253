"""Somebody calls again: the earlier ticket that fits best, why, and one key each to see it, to add to it, to press for it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from app.domain.repeats import Reason
from app.domain.ticket_search import FollowUp
from app.platform import messages
from app.presenters.repeats import RepeatsPresenter, RepeatView
from widgets.elided_text import ElidedText
from widgets.icon_label import IconLabel
from widgets.shortcuts import bind_key, keyed
from widgets.theme.palette import SPACE, Theme
from widgets.ticket_words import act_words, status_words

_MOST_REASONS = 4


class RepeatBar(QFrame):
    """See the module; hidden where nothing fits.

    Args:
        presenter: feeds it and takes the acts.
        theme: colours.
    """

    def __init__(self, presenter: RepeatsPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("repeat")
        self._presenter, self._theme = presenter, theme
        self.language = "zh"
        self._icon = IconLabel()
        self.words = ElidedText(1)
        self.see, self.add, self.press, self.other, self.undo = (QPushButton() for _ in range(5))
        for button, key in ((self.see, "ticket.see_earlier"), (self.add, "ticket.add_to_earlier"),
                            (self.press, "ticket.press_earlier"), (self.other, "ticket.other_earlier")):
            bind_key(button, key)
        self.see.clicked.connect(presenter.open)
        self.add.clicked.connect(self._on_add)
        self.press.clicked.connect(self._on_press)
        self.other.clicked.connect(presenter.next)
        self.undo.clicked.connect(presenter.undo)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE.l, SPACE.xs, SPACE.s, SPACE.xs)
        row.setSpacing(SPACE.s)
        row.addWidget(self._icon)
        row.addWidget(self.words, 1)
        for button in (self.other, self.see, self.add, self.press, self.undo):
            row.addWidget(button)
        presenter.changed.connect(self.show_view)
        theme.changed.connect(self._on_theme)
        self.hide()
        self._retranslate()

    @Slot(object)
    def show_view(self, view: RepeatView) -> None:
        """Draw a new view."""
        is_followed = bool(view.follow_up)
        self.other.setVisible(view.count > 1 and not is_followed)
        self.other.setText(self.tr("另 {count} 张").format(count=view.count - 1))
        self.other.setAccessibleName(self.tr("看另一张相近的工单"))
        for button in (self.add, self.press):
            button.setVisible(view.count > 0 and not is_followed)
        self.undo.setVisible(is_followed)
        words = self._words(view)
        self.words.set_text(words)
        self.setToolTip(words)
        self.setAccessibleName(words)
        self.words.set_bold(view.is_strong or is_followed)
        self.setVisible(bool(view.count or is_followed))

    def _words(self, view: RepeatView) -> str:
        if view.error_key:
            return messages.text(view.error_key, lang=self.language)
        if view.follow_up:
            return self.tr("本单是工单 {number} 的{act}").format(number=view.answers, act=act_words(view.follow_up))
        if not view.count:
            return ""
        when = self.tr("{days} 天前来过").format(days=view.days) if view.days else self.tr("今天来过")
        reasons = self.tr("、").join(self._reasons()[reason] for reason in view.reasons[:_MOST_REASONS])
        fit = self.tr("相符 {percent}%：{reasons}").format(percent=view.percent, reasons=reasons)
        return "　".join(filter(None, (when, fit, view.title, view.ticket_no, status_words(view.status))))

    def _reasons(self) -> dict[Reason, str]:
        return {
            Reason.LINE: self.tr("同一来电号码"), Reason.PHONE: self.tr("同一联系电话"), Reason.NAME: self.tr("同一姓名"),
            Reason.PLACE: self.tr("同一地点"), Reason.ITEM: self.tr("同一事项"), Reason.ITEM_GROUP: self.tr("同类事项"),
            Reason.WORDS: self.tr("标题相近"), Reason.SUBJECT: self.tr("同一对象"),
        }

    @Slot()
    def _on_add(self) -> None:
        self._presenter.follow_up(FollowUp.SUPPLEMENT)

    @Slot()
    def _on_press(self) -> None:
        self._presenter.follow_up(FollowUp.PRESS)

    @Slot()
    def _on_theme(self) -> None:
        palette = self._theme.palette
        self._icon.show_icon("repeat", palette.suggested.ink)
        self.words.set_colour(palette.suggested.ink)

    def _retranslate(self) -> None:
        self.see.setText(keyed(self.see, self.tr("看旧单 F9")))
        self.see.setAccessibleName(self.tr("看旧单"))
        self.add.setText(keyed(self.add, self.tr("作补充 F11")))
        self.add.setAccessibleName(self.tr("这通电话作为旧单的补充"))
        self.press.setText(keyed(self.press, self.tr("作催办 F12")))
        self.press.setAccessibleName(self.tr("这通电话作为旧单的催办"))
        self.undo.setText(self.tr("取消关联"))
        self._on_theme()
        self.show_view(self._presenter.view)

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)
