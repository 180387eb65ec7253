"""The key to "my tickets" in the bottom line; says how many have not reached the centre, and why, where there are any."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Slot
from PySide6.QtWidgets import QPushButton, QWidget

from app.platform import messages
from app.presenters.unsent import UnsentPresenter, UnsentView
from widgets.shortcuts import bind_key, keyed
from widgets.theme.icons import icon
from widgets.theme.palette import Theme

_TIME_FROM = 11


class TicketsButton(QPushButton):
    """See the module.

    Args:
        presenter: feeds it.
        theme: colours.
    """

    def __init__(self, presenter: UnsentPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter, self._theme = presenter, theme
        self.language = "zh"
        bind_key(self, "tickets.open")
        presenter.changed.connect(self.show_view)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    @Slot(object)
    def show_view(self, view: UnsentView) -> None:
        """Draw a new view."""
        parts = []
        if view.waiting:
            parts.append(self.tr("{count} 张未送达").format(count=view.waiting))
        if view.since:
            parts.append(self.tr("{time} 起断线").format(time=view.since[_TIME_FROM:]))
        if view.refused:
            parts.append(self.tr("{count} 张被拒收").format(count=view.refused))
        name = self.tr("我的工单")
        self.setText(keyed(self, "  ".join((" · ".join(parts) or name, "Ctrl+T"))))
        why = [messages.text(view.reason, lang=self.language)] if view.reason else []
        if view.waiting and not view.is_configured:
            why.append(self.tr("没有设置工单系统（delivery.mapping），工单留在本机"))
        if view.since:
            why.append(self.tr("自 {time} 起连不上").format(time=view.since))
        whole = "\n".join([*parts, *why])
        self.setToolTip(whole)
        self.setAccessibleName(name)
        self.setAccessibleDescription(whole)
        palette = self._theme.palette
        mark, ink = ("alert", palette.wrong.ink) if view.refused else ("waiting", palette.suggested.ink) if view.waiting \
            else ("tickets", palette.text)
        self.setIcon(icon(mark, ink))

    @Slot()
    def _on_theme(self) -> None:
        self.show_view(self._presenter.view)

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._on_theme()
        super().changeEvent(event)
