"""Knowledge cards beside the call controls: the answer to say first, where it comes from, why it is here.

A card shows title, speakable answer, source with its marks (sample content, validity) and the matched words. Enter, a click or
Alt+1…3 opens the whole answer at the right; Alt+X, or Del on a card, waves it away. The places are fixed: a new push changes what
they hold, never the layout.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal, Slot
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.domain.knowledge import Sensitivity, Status, Tier
from app.presenters.cards import Card, UpdateMark, Validity
from app.presenters.knowledge import CARDS, KnowledgePresenter
from widgets.announcing import announce
from widgets.elided_text import ElidedText
from widgets.shortcuts import bind_act
from widgets.theme.palette import SIZES, SPACE, Theme

#: A card says that use moved it from this shift on.
SHOWN_MOVE = 0.05


class CardWidget(QFrame):
    """One card.

    Args:
        number: 1 for the best.
        theme: colours.
    """

    opened = Signal(int)
    dismissed = Signal(int)
    touched = Signal()
    """The pointer or the focus came or went."""

    def __init__(self, number: int, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setProperty("isEmpty", "true")
        self._number = number
        self._theme = theme
        self.card: Card | None = None
        self._age_words, self._is_old = "", False
        self.title = ElidedText(1, is_bold=True)
        self.speakable = ElidedText(3)
        self.why = ElidedText(1, scale=SIZES.small / SIZES.base)
        self.source = ElidedText(1, scale=SIZES.small / SIZES.base)
        self._mark, self._old = QLabel(), QLabel()
        for mark in (self._mark, self._old):
            mark.setProperty("role", "mark")
        self._old.setProperty("tone", "warn")
        foot = QHBoxLayout()
        foot.setSpacing(SPACE.s)
        foot.addWidget(self._mark)
        foot.addWidget(self.source, 1)
        foot.addWidget(self._old)
        body = QVBoxLayout(self)
        body.setContentsMargins(SPACE.m, SPACE.s, SPACE.m, SPACE.s)
        body.setSpacing(2)
        body.addWidget(self.title)
        body.addWidget(self.speakable)
        body.addStretch(1)
        body.addWidget(self.why)
        body.addLayout(foot)
        theme.changed.connect(self.draw)
        self.draw()

    def show_card(self, card: Card | None) -> None:
        """Change what it holds."""
        self.card = card
        self.setProperty("isEmpty", "false" if card else "true")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if card else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if card else Qt.CursorShape.ArrowCursor)
        self.style().unpolish(self)
        self.style().polish(self)
        self.draw()

    def show_age(self, words: str, expired_days: int) -> None:
        """How old the knowledge is: in the tool tip and for the screen reader; said on the card where its time is over."""
        self._age_words, self._is_old = words, expired_days > 0
        self._old.setText(self.tr("库过期 {days} 天").format(days=expired_days))
        self.draw()

    @Slot()
    def draw(self) -> None:
        """Texts in the present language and colours."""
        palette, card = self._theme.palette, self.card
        self.title.set_colour(palette.accent if card else palette.muted)
        self.speakable.set_colour(palette.text if card else palette.muted)
        self.why.set_colour(palette.muted)
        self.source.set_colour(palette.muted)
        self._old.setVisible(card is not None and self._is_old)
        if card is None:
            self.title.set_text("")
            self.speakable.set_text(self.tr("听市民说话，自动找答案") if self._number == 1 else "")
            self.why.set_text("")
            self.source.set_text("")
            self._mark.hide()
            self.setAccessibleName(self.tr("知识卡片 {number}：空").format(number=self._number))
            return
        self.title.set_text(f"{self._number} {card.entry.title}")
        self.speakable.set_text(card.entry.speakable or card.entry.answer)
        words = "、".join(card.matched[:5])
        reasons = [self.tr("因为说到：{words}").format(words=words)] if words else []
        if abs(card.moved_by) >= SHOWN_MOVE:
            reasons.append(self.tr("本中心常用") if card.moved_by > 0 else self.tr("有人反馈不适用"))
        self.why.set_text(" · ".join(reasons))
        self.why.light_up(card.matched, palette.evidence, palette.evidence_ink)
        self.title.light_up(card.matched, palette.evidence, palette.evidence_ink)
        self.source.set_text(source_line(card))
        self._draw_mark(card)
        self.setAccessibleName(self.tr("知识卡片 {number}：{title}").format(number=self._number, title=card.entry.title))
        told = [mark_of(card), card.entry.speakable, *reasons, self._age_words]
        self.setAccessibleDescription("。".join(filter(None, told)))
        self.setToolTip("\n".join(filter(None, (card.entry.title, card.entry.speakable, self._age_words))))

    def _draw_mark(self, card: Card) -> None:
        words = mark_of(card)
        self._mark.setText(words)
        self._mark.setVisible(bool(words))
        is_plain = card.validity in (Validity.VALID, Validity.UNSTATED) and card.update is UpdateMark.NONE and card.entry.sayable_on("")
        tone = "plain" if is_plain else "warn"
        if self._mark.property("tone") != tone:
            self._mark.setProperty("tone", tone)
            self._mark.style().unpolish(self._mark)
            self._mark.style().polish(self._mark)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click opens it."""
        if self.card is not None and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(self._number - 1)
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and space open it, Del waves it away."""
        if self.card is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(self._number - 1)
        elif self.card is not None and event.key() == Qt.Key.Key_Delete:
            self.dismissed.emit(self._number - 1)
        else:
            super().keyPressEvent(event)

    def is_touched(self) -> bool:
        """Whether somebody points at it or stands on it."""
        return self.card is not None and (self.underMouse() or self.hasFocus())

    def enterEvent(self, event: QEnterEvent) -> None:
        """Nothing opens by hovering; nothing changes under the pointer either."""
        super().enterEvent(event)
        self.touched.emit()

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer left."""
        super().leaveEvent(event)
        self.touched.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The focus came."""
        super().focusInEvent(event)
        self.touched.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The focus went."""
        super().focusOutEvent(event)
        self.touched.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.draw()
        super().changeEvent(event)


class CardStrip(QWidget):
    """The places for cards, side by side.

    Args:
        presenter: feeds it.
        theme: colours.
    """

    def __init__(self, presenter: KnowledgePresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._known: set[str] = set()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.s)
        self.places = [CardWidget(number + 1, theme) for number in range(CARDS)]
        for place in self.places:
            place.opened.connect(self._on_opened)
            place.touched.connect(self._on_touched)
            place.dismissed.connect(self._on_dismissed)
            row.addWidget(place, 1)
        presenter.cards.modelReset.connect(self._on_reset)
        presenter.cards.dataChanged.connect(self._draw)
        presenter.age_changed.connect(self._on_age)
        self._dismissing = bind_act(self, "knowledge.dismiss", self._on_dismiss)
        self._draw()

    @Slot(int)
    def _on_opened(self, number: int) -> None:
        self._presenter.open_card(number)

    @Slot(int)
    def _on_dismissed(self, number: int) -> None:
        self._presenter.dismiss(number)

    @Slot()
    def _on_dismiss(self) -> None:
        """The card that is pointed at or stood on, else the best one."""
        self._presenter.dismiss(next((number for number, place in enumerate(self.places) if place.is_touched()), 0))

    @Slot()
    def _on_touched(self) -> None:
        self._presenter.hold_cards(any(place.is_touched() for place in self.places))

    @Slot()
    def _on_age(self) -> None:
        age = self._presenter.age
        words = " ".join(filter(None, (age.version or self._presenter.base_version, age.installed_at[:10])))
        for place in self.places:
            place.show_age(self.tr("知识库 {words}").format(words=words) if words else "", age.expired_days)

    @Slot()
    def _on_reset(self) -> None:
        self._draw()
        self._announce(self._presenter.cards.cards)

    @Slot()
    def _draw(self) -> None:
        cards = self._presenter.cards.cards
        for number, place in enumerate(self.places):
            place.show_card(cards[number] if number < len(cards) else None)

    def _announce(self, cards: Sequence[Card]) -> None:
        """A screen reader says what is new by itself: how many, and the best one's title."""
        new = [card for card in cards if card.entry.id not in self._known]
        self._known = {card.entry.id for card in cards}
        if new:
            announce(self, self.tr("新知识卡片 {count} 张：{title}").format(count=len(new), title=new[0].entry.title))


def source_line(card: Card) -> str:
    """Tier and source in one line."""
    return " · ".join(part for part in (tier_word(card.entry.tier), card.entry.source or card.entry.unit) if part)


def tier_word(tier: Tier) -> str:
    """A tier in the window's language."""
    words = {
        Tier.POLICY: QCoreApplication.translate("Tiers", "政策文件"),
        Tier.INTERPRETATION: QCoreApplication.translate("Tiers", "归纳解读"),
        Tier.FAQ: QCoreApplication.translate("Tiers", "常见问答"),
    }
    return words[tier]


def mark_of(card: Card, update: UpdateMark = UpdateMark.NONE) -> str:
    """Marks that an operator must see before speaking: sample, not in force, not for citizens, changed or taken back by an update."""
    news = {
        UpdateMark.NONE: "",
        UpdateMark.UPDATED: QCoreApplication.translate("Marks", "已更新"),
        UpdateMark.REMOVED: QCoreApplication.translate("Marks", "已下架"),
        UpdateMark.RECALLED: QCoreApplication.translate("Marks", "已撤回"),
    }[card.update if update is UpdateMark.NONE else update]
    marks = [news] if news else []
    if card.is_sample:
        marks.append(QCoreApplication.translate("Marks", "示例"))
    if card.validity is Validity.EXPIRED:
        marks.append(QCoreApplication.translate("Marks", "已过期"))
    elif card.validity is Validity.NOT_YET:
        marks.append(QCoreApplication.translate("Marks", "未生效"))
    if card.entry.status is Status.DRAFT:
        marks.append(QCoreApplication.translate("Marks", "草稿"))
    elif card.entry.status is Status.WITHDRAWN and UpdateMark.RECALLED not in (card.update, update):
        marks.append(QCoreApplication.translate("Marks", "停用"))
    if card.entry.sensitivity is Sensitivity.INTERNAL:
        marks.append(QCoreApplication.translate("Marks", "内部"))
    elif card.entry.sensitivity is Sensitivity.RESTRICTED:
        marks.append(QCoreApplication.translate("Marks", "敏感"))
    return " ".join(marks)
