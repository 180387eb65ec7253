"""What changed in the open entry: from the text that is read to the newer one, else since the version before. Words, not colours alone:
what is gone is struck through, what is new is underlined."""

from __future__ import annotations

import html

from PySide6.QtCore import QCoreApplication, QEvent, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QTextBrowser, QVBoxLayout, QWidget

from app.domain.knowledge_diff import UNTOLD, EntryChange, Mark, Stretch
from app.presenters.cards import UpdateMark
from app.presenters.knowledge_entry import EntryPresenter
from widgets.theme.palette import SPACE, Palette, Theme


class ChangesPage(QFrame):
    """See the module.

    Args:
        presenter: feeds it.
        theme: colours.
    """

    def __init__(self, presenter: EntryPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter, self._theme = presenter, theme
        self.head = QLabel()
        self.head.setProperty("role", "hint")
        self.head.setWordWrap(True)
        self.switch = QPushButton()
        self.switch.setProperty("role", "tool")
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        row = QHBoxLayout()
        row.setSpacing(SPACE.s)
        row.addWidget(self.head, 1)
        row.addWidget(self.switch)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(SPACE.xs)
        body.addLayout(row)
        body.addWidget(self.text, 1)
        self.switch.clicked.connect(presenter.use_newest)
        presenter.changed.connect(self.draw)
        presenter.context_changed.connect(self.draw)
        theme.changed.connect(self.draw)
        self._retranslate()

    def take_focus(self) -> None:
        """To the text; it can be scrolled by keys."""
        self.text.setFocus()

    @Slot()
    def draw(self) -> None:
        """The change in the present language and colours."""
        change, is_newer = self._presenter.change(), self._presenter.mark is UpdateMark.UPDATED
        self.switch.setVisible(is_newer)
        if change is None:
            self.head.setText(self.tr("这台电脑上没有上一版可以比较。"))
        elif is_newer:
            self.head.setText(self.tr("已更新：您看的是第 {old} 版，新的是第 {new} 版。").format(
                old=change.before.version, new=change.after.version))
        elif change.matters:
            self.head.setText(self.tr("和上一版（第 {old} 版）相比：").format(old=change.before.version))
        else:
            self.head.setText(self.tr("和上一版知识库相比没有变化。"))
        self.text.setHtml(change_html(change, self._theme.palette) if change is not None else "")

    def _retranslate(self) -> None:
        self.switch.setText(self.tr("换成新版"))
        self.text.setAccessibleName(self.tr("变化"))
        self.draw()

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)


def change_html(change: EntryChange, palette: Palette) -> str:
    """Each field that an operator reads, with its words marked."""
    parts = []
    for field in change.fields:
        if field.field not in UNTOLD:
            words = "".join(_marked(stretch, palette) for stretch in field.stretches).replace("\n", "<br/>")
            parts.append(f"<p><b>{html.escape(field_word(field.field))}</b><br/>{words}</p>")
    return "".join(parts)


def _marked(stretch: Stretch, palette: Palette) -> str:
    text = html.escape(stretch.text)
    if stretch.mark is Mark.GONE:
        return f"<s style='color:{palette.wrong.ink};background:{palette.wrong.ground}'>{text}</s>"
    if stretch.mark is Mark.NEW:
        return f"<u style='color:{palette.confirmed.ink};background:{palette.confirmed.ground}'>{text}</u>"
    return text


def field_word(name: str) -> str:
    """A field of an entry in words."""
    return {
        "title": QCoreApplication.translate("Fields", "标题"),
        "speakable": QCoreApplication.translate("Fields", "话术"),
        "answer": QCoreApplication.translate("Fields", "答案"),
        "tier": QCoreApplication.translate("Fields", "层级"),
        "parent": QCoreApplication.translate("Fields", "上级"),
        "questions": QCoreApplication.translate("Fields", "问法"),
        "item_codes": QCoreApplication.translate("Fields", "事项"),
        "region": QCoreApplication.translate("Fields", "适用"),
        "unit": QCoreApplication.translate("Fields", "答复单位"),
        "source": QCoreApplication.translate("Fields", "出处"),
        "valid_from": QCoreApplication.translate("Fields", "生效日期"),
        "valid_to": QCoreApplication.translate("Fields", "失效日期"),
        "tags": QCoreApplication.translate("Fields", "标签"),
        "sections": QCoreApplication.translate("Fields", "章节"),
        "steps": QCoreApplication.translate("Fields", "流程"),
        "materials": QCoreApplication.translate("Fields", "材料"),
        "places": QCoreApplication.translate("Fields", "地点"),
        "phones": QCoreApplication.translate("Fields", "电话"),
        "status": QCoreApplication.translate("Fields", "状态"),
        "sensitivity": QCoreApplication.translate("Fields", "敏感级别"),
    }.get(name, name)
