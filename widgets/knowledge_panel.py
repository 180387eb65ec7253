"""The knowledge panel: search, results (or what was pushed in this call), and the full answer to read from."""

from __future__ import annotations

import html

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QAction, QColor, QFont, QFontMetricsF, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QSplitter,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from app.platform import messages
from app.presenters.cards import CARD_ROLE, Card, Validity
from app.presenters.knowledge import KnowledgePresenter
from widgets.card_tools import CardTools
from widgets.cards import mark_of, source_line
from widgets.theme.icons import icon
from widgets.theme.palette import SIZES, SPACE, Theme

Index = QModelIndex | QPersistentModelIndex


class ResultDelegate(QStyledItemDelegate):
    """A result in two lines: title, then what to say.

    Args:
        theme: colours.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Two lines and a rule."""
        height = QFontMetricsF(option.font).lineSpacing() + QFontMetricsF(self._small(option.font)).lineSpacing()
        return QSize(80, round(height) + 2 * SPACE.s)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Title, then speakable answer, elided."""
        card: Card = index.data(CARD_ROLE)
        palette = self._theme.palette
        area = QRectF(option.rect)
        is_current = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if is_current:
            painter.fillRect(area, QColor(palette.accent_soft))
            painter.fillRect(QRectF(area.left(), area.top(), 3, area.height()), QColor(palette.accent))
        painter.setPen(QPen(QColor(palette.line), 1))
        painter.drawLine(QPointF(area.left(), area.bottom()), QPointF(area.right(), area.bottom()))
        inner = area.adjusted(SPACE.m, SPACE.xs, -SPACE.m, -SPACE.xs)
        title_font = QFont(option.font)
        title_font.setBold(True)
        self._line(painter, title_font, palette.text, inner, card.entry.title)
        small = self._small(option.font)
        below = inner.adjusted(0, QFontMetricsF(title_font).lineSpacing(), 0, 0)
        words = (mark_of(card), card.entry.speakable or card.entry.answer)
        self._line(painter, small, palette.muted, below, " ".join(filter(None, words)))
        painter.restore()

    def _small(self, font: QFont) -> QFont:
        small = QFont(font)
        small.setPointSizeF(font.pointSizeF() * SIZES.small / SIZES.base)
        return small

    def _line(self, painter: QPainter, font: QFont, colour: str, area: QRectF, text: str) -> None:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        metrics = QFontMetricsF(font)
        elided = metrics.elidedText(text.replace("\n", " "), Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(QPointF(area.left(), area.top() + metrics.ascent()), elided)


class ResultList(QListView):
    """Results; Enter opens the current one."""

    def __init__(self, presenter: KnowledgePresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.setModel(presenter.results)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.clicked.connect(self._open)

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        card = index.data(CARD_ROLE)
        if card is not None:
            self._presenter.open(card)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)


class KnowledgePanel(QFrame):
    """Search, results, answer.

    Args:
        presenter: feeds it and takes the acts.
        theme: colours.
    """

    def __init__(self, presenter: KnowledgePresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._presenter = presenter
        self._theme = theme
        self._card: Card | None = None
        self._is_chosen = False
        self._searched = ""
        self.language = "zh"
        self._heading, self._count = QLabel(), QLabel()
        self._heading.setProperty("role", "heading")
        self._count.setProperty("role", "hint")
        self.search = QLineEdit()
        self.search.setObjectName("search")
        self.search.setClearButtonEnabled(True)
        self._glass = QAction(self)
        self.search.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self.results = ResultList(presenter)
        self.results.setItemDelegate(ResultDelegate(theme, self.results))
        self.answer = QTextBrowser()
        self.answer.setOpenLinks(False)
        self.tools = CardTools(presenter)
        self._build()
        self.search.textChanged.connect(presenter.type_query)
        self.search.returnPressed.connect(self._on_return)
        presenter.results_changed.connect(self._on_results)
        presenter.search_failed.connect(self._on_failed)
        presenter.card_opened.connect(self._on_opened)
        presenter.cards.modelReset.connect(self._on_cards)
        presenter.call_changed.connect(self._on_call_changed)
        theme.changed.connect(self._on_theme)
        self._retranslate()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._heading)
        head.addStretch(1)
        head.addWidget(self._count)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(SPACE.s)
        split.addWidget(self.results)
        split.addWidget(self.answer)
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 3)
        body = QVBoxLayout(self)
        body.setContentsMargins(SPACE.m, SPACE.m, SPACE.m, SPACE.m)
        body.setSpacing(SPACE.s)
        body.addLayout(head)
        body.addWidget(self.search)
        body.addWidget(split, 1)
        body.addWidget(self.tools)

    @Slot()
    def focus_search(self) -> None:
        """Put the cursor into the search box."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    @Slot()
    def _on_return(self) -> None:
        self._presenter.search_now()
        if self._presenter.results.cards:
            self.results.setFocus(Qt.FocusReason.OtherFocusReason)
            self.results.setCurrentIndex(self._presenter.results.index(0))

    @Slot(object)
    def _on_results(self, searched: str) -> None:
        self._searched = searched
        count = len(self._presenter.results.cards)
        if searched:
            words = self.tr("找到 {count} 条").format(count=count) if count else self.tr("没有找到，换个说法试试")
        else:
            words = self.tr("本通推送 {count} 条").format(count=count) if count else ""
        self._count.setText(words)

    @Slot(str)
    def _on_failed(self, key: str) -> None:
        self._count.setText(messages.text(key, lang=self.language))

    @Slot(object)
    def _on_opened(self, card: Card) -> None:
        self._is_chosen = True
        self._show(card)

    @Slot()
    def _on_cards(self) -> None:
        """The best card's answer lies ready, until the operator chooses one: nobody is drawn away from what they read."""
        cards = self._presenter.cards.cards
        if not self._is_chosen and cards:
            self._show(cards[0])

    @Slot()
    def _on_call_changed(self) -> None:
        self._is_chosen = False
        cards = self._presenter.cards.cards
        self._card = cards[0] if cards else None
        self._draw_answer()

    def _show(self, card: Card) -> None:
        self._card = card
        self._draw_answer()
        shown = [row.entry.id for row in self._presenter.results.cards]
        if card.entry.id in shown:
            self.results.setCurrentIndex(self._presenter.results.index(shown.index(card.entry.id)))

    @Slot()
    def _on_theme(self) -> None:
        self._glass.setIcon(icon("search", self._theme.palette.muted))
        self.results.viewport().update()
        self._draw_answer()

    def _draw_answer(self) -> None:
        card, palette = self._card, self._theme.palette
        self.tools.show_card(card)
        if card is None:
            hint = html.escape(self.tr("选一条知识，这里显示完整答案。"))
            self.answer.setHtml(f'<p style="color:{palette.muted}">{hint}</p>')
            return
        entry = card.entry
        speak = html.escape(entry.speakable)
        body = "".join(f"<p style='margin:4px 0'>{html.escape(line)}</p>" for line in entry.answer.splitlines() if line.strip())
        rows = (
            (self.tr("出处"), source_line(card)), (self.tr("适用"), entry.region), (self.tr("答复单位"), entry.unit),
            (self.tr("有效期"), self._valid_words(card)), (self.tr("版本"), str(entry.version)),
        )
        facts = "".join(f"<tr><td style='color:{palette.muted};padding-right:8px'>{html.escape(name)}</td>"
                        f"<td>{html.escape(value)}</td></tr>" for name, value in rows if value)
        mark = mark_of(card)
        title_pt = self.font().pointSizeF() * SIZES.large / SIZES.base
        mark_html = f"<p style='color:{palette.suggested.ink}'><b>{html.escape(mark)}</b></p>" if mark else ""
        self.answer.setHtml(
            f"<p style='font-size:{title_pt:.1f}pt'><b>{html.escape(entry.title)}</b></p>{mark_html}"
            + (f"<p style='background:{palette.accent_soft}'>{speak}</p>" if speak else "")
            + body + f"<table style='margin-top:6px'>{facts}</table>")

    def _valid_words(self, card: Card) -> str:
        entry = card.entry
        if card.validity is Validity.UNSTATED:
            return self.tr("未注明")
        span = f"{entry.valid_from or '…'} – {entry.valid_to or '…'}"
        if card.validity is Validity.EXPIRED:
            return self.tr("{span}（已过期）").format(span=span)
        return self.tr("{span}（未生效）").format(span=span) if card.validity is Validity.NOT_YET else span

    def _retranslate(self) -> None:
        self._heading.setText(self.tr("知识库"))
        self.search.setPlaceholderText(self.tr("搜索知识（F3）"))
        self.search.setAccessibleName(self.tr("搜索知识"))
        self.results.setAccessibleName(self.tr("知识条目"))
        self.answer.setAccessibleName(self.tr("完整答案"))
        self._on_results(self._searched)
        self._on_theme()

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)
