"""What an operator says of the open entry by one key: used, not useful, wrong, outdated; favourite; and quiet for this call."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Slot
from PySide6.QtWidgets import QPushButton, QWidget

from app.domain.assist import VERDICTS, AssistAct
from app.presenters.cards import Card
from app.presenters.knowledge import KnowledgePresenter
from widgets.flow_layout import FlowLayout
from widgets.shortcuts import bind_key, keyed
from widgets.theme.palette import SPACE

_KEYS = {AssistAct.USED: "knowledge.used", AssistAct.NOT_USEFUL: "knowledge.not_useful", AssistAct.WRONG: "knowledge.wrong",
         AssistAct.OUTDATED: "knowledge.outdated"}


class CardTools(QWidget):
    """The row under an open answer.

    Args:
        presenter: takes the acts.
    """

    def __init__(self, presenter: KnowledgePresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._card: Card | None = None
        self._judged: dict[str, AssistAct] = {}
        row = FlowLayout(SPACE.xs, self)
        self.verdicts = {act: QPushButton() for act in VERDICTS}
        self.favourite, self.quiet = QPushButton(), QPushButton()
        for act, button in self.verdicts.items():
            button.setCheckable(True)
            button.setProperty("role", "tool")
            bind_key(button, _KEYS[act])
            row.addWidget(button)
        for button, key in ((self.favourite, "knowledge.favourite"), (self.quiet, "knowledge.quiet")):
            button.setCheckable(True)
            button.setProperty("role", "tool")
            bind_key(button, key)
            row.addWidget(button)
        self.verdicts[AssistAct.USED].clicked.connect(self._on_used)
        self.verdicts[AssistAct.NOT_USEFUL].clicked.connect(self._on_not_useful)
        self.verdicts[AssistAct.WRONG].clicked.connect(self._on_wrong)
        self.verdicts[AssistAct.OUTDATED].clicked.connect(self._on_outdated)
        self.favourite.clicked.connect(self._on_favourite)
        self.quiet.clicked.connect(presenter.toggle_quiet)
        presenter.quiet_changed.connect(self.quiet.setChecked)
        presenter.call_changed.connect(self._on_call_changed)
        self._retranslate()
        self.show_card(None)

    def show_card(self, card: Card | None) -> None:
        """The entry that the row speaks of."""
        self._card = card
        for act, button in self.verdicts.items():
            button.setEnabled(card is not None)
            button.setChecked(card is not None and self._judged.get(card.entry.id) is act)
        self.favourite.setEnabled(card is not None)
        self.favourite.setChecked(card is not None and card.entry.id in self._presenter.favourites)

    @Slot()
    def _on_used(self) -> None:
        self._judge(AssistAct.USED)

    @Slot()
    def _on_not_useful(self) -> None:
        self._judge(AssistAct.NOT_USEFUL)

    @Slot()
    def _on_wrong(self) -> None:
        self._judge(AssistAct.WRONG)

    @Slot()
    def _on_outdated(self) -> None:
        self._judge(AssistAct.OUTDATED)

    def _judge(self, act: AssistAct) -> None:
        """One verdict an entry and call: the same key again changes nothing, another one is told too."""
        if self._card is not None and self._judged.get(self._card.entry.id) is not act:
            self._judged[self._card.entry.id] = act
            self._presenter.judge(act, self._card)
        self.show_card(self._card)

    @Slot()
    def _on_favourite(self) -> None:
        if self._card is not None:
            self.favourite.setChecked(self._presenter.toggle_favourite(self._card))

    @Slot()
    def _on_call_changed(self) -> None:
        self._judged.clear()
        self.show_card(self._card)

    def _retranslate(self) -> None:
        words = {
            self.verdicts[AssistAct.USED]: (self.tr("用上了"), self.tr("用上了 Alt+U")),
            self.verdicts[AssistAct.NOT_USEFUL]: (self.tr("没用"), self.tr("没用 Alt+J")),
            self.verdicts[AssistAct.WRONG]: (self.tr("有错"), self.tr("有错 Alt+W")),
            self.verdicts[AssistAct.OUTDATED]: (self.tr("过时"), self.tr("过时 Alt+O")),
            self.favourite: (self.tr("收藏"), self.tr("收藏 Alt+D")),
            self.quiet: (self.tr("静音"), self.tr("本通不再推送卡片 Alt+M")),
        }
        for button, (text, told) in words.items():
            button.setText(text)
            button.setToolTip(keyed(button, told))
            button.setAccessibleDescription(button.toolTip())

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)
