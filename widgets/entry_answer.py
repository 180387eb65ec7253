"""The answer of the open entry to read from: what to say first, why it is here, the whole text with its sections, the facts.

Headings of the text stand above it and jump to it. Copying any of it counts as a use of the entry.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QMenu, QPushButton, QTextBrowser, QVBoxLayout, QWidget

from app.domain.knowledge import KnowledgeEntry, Sensitivity
from app.presenters.cards import Card, UpdateMark, Validity
from app.presenters.knowledge_entry import EntryPresenter
from widgets.cards import SHOWN_MOVE, mark_of, source_line
from widgets.flow_layout import FlowLayout
from widgets.theme.palette import SIZES, SPACE, Palette, Theme

MOST_HEADS = 5
_HEAD_CHARACTERS = 10


class AnswerText(QTextBrowser):
    """The text; tells when some of it was copied."""

    copied = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C copies as ever."""
        is_copy = event.matches(QKeySequence.StandardKey.Copy) and self.textCursor().hasSelection()
        super().keyPressEvent(event)
        if is_copy:
            self.copied.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The usual menu; its copying counts, too."""
        self.made_menu(event.pos()).popup(event.globalPos())

    def made_menu(self, place: QPoint) -> QMenu:
        """The menu for a place."""
        menu = self.createStandardContextMenu(place)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in menu.actions():
            if action.objectName() == "edit-copy":
                action.triggered.connect(self.copied)
        return menu


class AnswerPage(QFrame):
    """See the module.

    Args:
        presenter: feeds it.
        theme: colours.
    """

    def __init__(self, presenter: EntryPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter, self._theme = presenter, theme
        self.text = AnswerText()
        self.copy = QPushButton()
        self.heads: list[QPushButton] = []
        self._is_low = False
        self._entry: KnowledgeEntry | None = None
        self.more = QPushButton()
        self._menu = QMenu(self)
        self.more.setMenu(self._menu)
        self._bar = QWidget()
        self._row = FlowLayout(SPACE.xs, self._bar)
        for button in (self.copy, self.more):
            button.setProperty("role", "tool")
            self._row.addWidget(button)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(SPACE.xs)
        body.addWidget(self._bar)
        body.addWidget(self.text, 1)
        self.copy.clicked.connect(self.copy_words)
        self.text.copied.connect(presenter.note_copied)
        self._menu.triggered.connect(self._on_section)
        presenter.changed.connect(self._on_changed)
        presenter.context_changed.connect(self._on_context)
        theme.changed.connect(self._on_theme)
        self._retranslate()

    def take_focus(self) -> None:
        """To the text; it can be scrolled by keys."""
        self.text.setFocus()

    def jump(self, place: int) -> None:
        """Bring a section to the top."""
        self.text.scrollToAnchor(f"s{place}")
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def be_low(self, is_low: bool) -> None:
        """Little room: headings go into a menu."""
        if is_low != self._is_low:
            self._is_low = is_low
            self._draw_heads()

    @Slot()
    def _on_changed(self) -> None:
        entry = self._presenter.card.entry if self._presenter.card is not None else None
        if entry is not None and entry == self._entry:
            self._on_context()
            return
        self._entry = entry
        self._draw_heads()
        self._draw_text()
        self.text.verticalScrollBar().setValue(0)

    @Slot()
    def _on_context(self) -> None:
        """Marks come above the text: what somebody reads further down stays where it is on the screen."""
        bar = self.text.verticalScrollBar()
        place, below = bar.value(), bar.maximum() - bar.value()
        self._draw_text()
        bar.setValue(bar.maximum() - below if place else 0)

    @Slot()
    def _on_theme(self) -> None:
        self._on_context()

    @Slot()
    def copy_words(self) -> None:
        """What to say goes to the clipboard."""
        card = self._presenter.card
        if card is not None and (card.entry.speakable or card.entry.answer):
            QGuiApplication.clipboard().setText(card.entry.speakable or card.entry.answer)
            self._presenter.note_copied()

    @Slot()
    def _on_head(self) -> None:
        sender = self.sender()
        if isinstance(sender, QPushButton):
            self.jump(self.heads.index(sender))

    @Slot(QAction)
    def _on_section(self, action: QAction) -> None:
        self.jump(int(action.data()))

    def _draw_heads(self) -> None:
        """A button a heading, or a menu where there are many."""
        card = self._presenter.card
        titles = [section.title for section in card.entry.sections] if card is not None else []
        for button in self.heads:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.heads = []
        self._menu.clear()
        is_menu = len(titles) > (0 if self._is_low else MOST_HEADS)
        self.more.setVisible(is_menu)
        self.more.setText(self.tr("章节 {count}").format(count=len(titles)))
        for place, title in enumerate(titles):
            if is_menu:
                self._menu.addAction(title).setData(place)
            else:
                self._add_head(title)
        self.copy.setEnabled(card is not None and bool(card.entry.speakable or card.entry.answer))

    def _add_head(self, title: str) -> None:
        button = QPushButton(title if len(title) <= _HEAD_CHARACTERS else f"{title[:_HEAD_CHARACTERS - 1]}…", self._bar)
        button.setProperty("role", "tool")
        button.setAccessibleName(self.tr("跳到：{title}").format(title=title))
        button.setToolTip(title)
        button.clicked.connect(self._on_head)
        self._row.addWidget(button)
        button.show()
        self.heads.append(button)

    def _draw_text(self) -> None:
        card, palette = self._presenter.card, self._theme.palette
        if card is None:
            hint = html.escape(self.tr("选一条知识，这里显示完整答案。"))
            self.text.setHtml(f'<p style="color:{palette.muted}">{hint}</p>')
            return
        entry = card.entry
        title_pt = self.font().pointSizeF() * SIZES.large / SIZES.base
        speak = html.escape(entry.speakable)
        title = _with_words(entry.title, card.matched, palette)
        sections = "".join(
            f"<p style='margin:8px 0 0 0'><a name='s{place}'></a><b>{html.escape(section.title)}</b></p>{_lines(section.text)}"
            for place, section in enumerate(entry.sections))
        self.text.setHtml(
            f"<p style='font-size:{title_pt:.1f}pt'><b>{title}</b></p>{self._marks(card, palette)}"
            + (f"<p style='background:{palette.accent_soft}'>{speak}</p>" if speak else "")
            + self._why(card, palette) + _lines(entry.answer) + sections + self._own(palette) + self._facts(card, palette))

    def _marks(self, card: Card, palette: Palette) -> str:
        mark = mark_of(card, self._presenter.mark)
        found = f"<p style='color:{palette.suggested.ink}'><b>{html.escape(mark)}</b></p>" if mark else ""
        if self._presenter.mark is UpdateMark.RECALLED:
            told = html.escape(self.tr("知识库已撤回这一条，请不要使用。"))
            found += f"<p style='color:{palette.wrong.ink};background:{palette.wrong.ground}'><b>{told}</b></p>"
        if card.entry.sensitivity is not Sensitivity.PUBLIC:
            told = {Sensitivity.INTERNAL: self.tr("内部：只给坐席看，不念给市民。"),
                    Sensitivity.RESTRICTED: self.tr("敏感：先问值班长，再答复。")}[card.entry.sensitivity]
            found += f"<p style='color:{palette.wrong.ink};background:{palette.wrong.ground}'><b>{html.escape(told)}</b></p>"
        return found

    def _why(self, card: Card, palette: Palette) -> str:
        parts = []
        if card.matched:
            words = "、".join(f"<span style='background:{palette.evidence};color:{palette.evidence_ink}'>{html.escape(word)}</span>"
                             for word in card.matched[:8])
            parts.append(self.tr("因为说到：{words}").format(words=words))
        if abs(card.moved_by) >= SHOWN_MOVE:
            parts.append(html.escape(self.tr("本中心常用，排得靠前") if card.moved_by > 0 else self.tr("有人反馈不适用，排得靠后")))
        return f"<p style='color:{palette.muted};margin:4px 0'>{' · '.join(parts)}</p>" if parts else ""

    def _own(self, palette: Palette) -> str:
        note = self._presenter.note
        if not note:
            return ""
        head = html.escape(self.tr("我的备注"))
        return (f"<p style='margin:8px 0 0 0;color:{palette.edited.ink};background:{palette.edited.ground}'>"
                f"<b>{head}</b><br/>{html.escape(note).replace(chr(10), '<br/>')}</p>")

    def _facts(self, card: Card, palette: Palette) -> str:
        entry = card.entry
        rows = (
            (self.tr("出处"), source_line(card)), (self.tr("适用"), entry.region), (self.tr("答复单位"), entry.unit),
            (self.tr("有效期"), self._valid_words(card)), (self.tr("版本"), " · ".join(filter(None, (str(entry.version), entry.updated)))),
        )
        cells = "".join(f"<tr><td style='color:{palette.muted};padding-right:8px'>{html.escape(name)}</td>"
                        f"<td>{html.escape(value)}</td></tr>" for name, value in rows if value)
        return f"<table style='margin-top:6px'>{cells}</table>"

    def _valid_words(self, card: Card) -> str:
        entry = card.entry
        if card.validity is Validity.UNSTATED:
            return self.tr("未注明")
        span = f"{entry.valid_from or '…'} – {entry.valid_to or '…'}"
        if card.validity is Validity.EXPIRED:
            return self.tr("{span}（已过期）").format(span=span)
        return self.tr("{span}（未生效）").format(span=span) if card.validity is Validity.NOT_YET else span

    def _retranslate(self) -> None:
        self.copy.setText(self.tr("复制话术"))
        self.more.setAccessibleName(self.tr("跳到章节"))
        self.text.setAccessibleName(self.tr("完整答案"))
        self._draw_heads()
        self._draw_text()

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)


def _lines(text: str) -> str:
    return "".join(f"<p style='margin:4px 0'>{html.escape(line)}</p>" for line in text.splitlines() if line.strip())


def _with_words(text: str, words: Sequence[str], palette: Palette) -> str:
    """``text`` with the words that it was found by lit up."""
    lit = [False] * len(text)
    for word in words:
        at = text.find(word) if word else -1
        while at >= 0:
            lit[at:at + len(word)] = [True] * len(word)
            at = text.find(word, at + len(word))
    parts, start = [], 0
    style = f"background:{palette.evidence};color:{palette.evidence_ink}"
    for end in range(1, len(text) + 1):
        if end == len(text) or lit[end] != lit[start]:
            piece = html.escape(text[start:end])
            parts.append(f"<span style='{style}'>{piece}</span>" if lit[start] else piece)
            start = end
    return "".join(parts)
