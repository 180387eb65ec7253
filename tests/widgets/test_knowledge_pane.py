"""The knowledge pane as an operator meets it: by key and by mouse, with a real index, real updates and the encrypted store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest

from app.domain.knowledge import KnowledgeEntry, Push, Ranked, Tier
from app.domain.knowledge_update import KnowledgeAge
from app.presenters.cards import UpdateMark
from app.presenters.knowledge import Order, Shelf
from kb_cache.installed import InstalledFolder
from kb_cache.live import LiveKnowledge
from kb_cache.records import record_of
from kb_cache.rows import Rows, canonical
from tests.kb_cache.publishing import Desk as UpdatedPc
from tests.kb_cache.publishing import new_publisher
from tests.widgets import sample_call
from tests.widgets.knowledge_desk import ALT, CTRL, SHIFT, KnowledgeDesk, family, opened, talking
from widgets import cards as card_widgets
from widgets.entry_view import Page
from widgets.language import Language, LanguageName

NEW = KnowledgeEntry("k9", "新来的卡片", "这是新的一条。", "新的答案。")


@pytest.fixture
def desk(application: Language, tmp_path: Path) -> Iterator[KnowledgeDesk]:
    with opened(tmp_path, application) as held:
        held.show(talking())
        held.wait_for(lambda: len(held.presenters.knowledge.cards.cards) == 3)
        yield held


def titles(desk: KnowledgeDesk) -> list[str]:
    return [card.entry.title for card in desk.presenters.knowledge.results.cards]


def test_a_heading_jumps_to_its_section(desk: KnowledgeDesk) -> None:
    desk.open_card()
    page = desk.window.knowledge.view.answer
    assert [button.text() for button in page.heads] == ["受理条件", "办理时限", "回访"]
    assert page.text.verticalScrollBar().value() == 0
    QTest.mouseClick(page.heads[1], Qt.MouseButton.LeftButton)
    assert page.text.verticalScrollBar().value() > 0
    assert "5 个工作日内到现场。" in page.text.toPlainText()
    page.be_low(True)  # little room: the same by a menu
    assert page.heads == [] and not page.more.isHidden() and len(page.more.menu().actions()) == 3


def test_the_guided_flow_by_keyboard_and_into_the_ticket(desk: KnowledgeDesk) -> None:
    desk.open_card()
    desk.key(Qt.Key.Key_2, CTRL)
    guide = desk.window.knowledge.view.guide
    assert guide.isVisible() and guide.choices.hasFocus()
    assert guide.question.text() == "油烟有没有经过专用烟道？" and not guide.into_ticket.isEnabled()
    desk.key(Qt.Key.Key_1)
    assert guide.question.text() == "楼上住的是居民吗？" and "直接排到楼上" in guide.path.text()
    desk.key(Qt.Key.Key_Backspace)
    assert guide.question.text() == "油烟有没有经过专用烟道？" and guide.path.text() == ""
    desk.key(Qt.Key.Key_Down)
    desk.key(Qt.Key.Key_Return)
    assert guide.question.text() == "登记投诉，转镇街综合执法队现场核查。" and guide.choices.isHidden()
    assert guide.into_ticket.hasFocus()
    desk.key(Qt.Key.Key_Space)
    written = desk.edited()[-1]
    assert written.name == "content" and isinstance(written.value, str)
    assert written.value.startswith("地址：天河区棠下街道")  # what stood there stays
    assert "油烟有没有经过专用烟道：有烟道，但味道大。登记投诉，转镇街综合执法队现场核查。" in written.value
    assert guide.into_ticket.text() == "已写入"
    QTest.mouseClick(guide.back, Qt.MouseButton.LeftButton)
    assert guide.choices.isVisible()


def test_what_is_typed_in_the_ticket_survives_the_guided_flow(desk: KnowledgeDesk) -> None:
    desk.open_card()
    editor = desk.window.ticket.editors["content"]
    editor.take_focus()
    QTest.keyClick(editor.input, Qt.Key.Key_End, CTRL)
    QTest.keyClicks(editor.input, "abc")
    desk.presenters.knowledge.entry.choose(1)
    desk.presenters.knowledge.entry.put_into_ticket()
    value = desk.edited()[-1].value
    assert isinstance(value, str) and "abc\n【餐饮油烟" in value


def test_rows_are_copied_and_that_is_recorded(desk: KnowledgeDesk) -> None:
    desk.open_card()
    desk.key(Qt.Key.Key_3, CTRL)
    details = desk.window.knowledge.view.details
    assert details.list.hasFocus()
    desk.key(Qt.Key.Key_End)
    desk.key(Qt.Key.Key_Return)
    assert QGuiApplication.clipboard().text() == "020-00000001"
    place = details.list.model().index(3, 0)
    QTest.mouseClick(details.list.viewport(), Qt.MouseButton.LeftButton, pos=details.list.visualRect(place).center())
    assert QGuiApplication.clipboard().text().startswith("棠下街综合执法队 天河区棠下街道试验路 1 号")
    desk.key(Qt.Key.Key_5, CTRL)
    desk.key(Qt.Key.Key_Y, ALT)  # what to say, from any page
    assert QGuiApplication.clipboard().text() == family()[0].speakable
    desk.key(Qt.Key.Key_1, CTRL)
    desk.key(Qt.Key.Key_A, CTRL)
    desk.key(Qt.Key.Key_C, CTRL)
    assert "受理条件" in QGuiApplication.clipboard().text()
    desk.use.close()
    assert [act for act, _ in desk.acts("k1")].count("copied") == 4
    assert ("opened", "push") in desk.acts("k1")


def test_the_three_tiers_are_a_path_that_can_be_walked(desk: KnowledgeDesk) -> None:
    desk.open_card()
    desk.key(Qt.Key.Key_4, CTRL)
    view = desk.window.knowledge.view
    rows = [view.family.model().index(row, 0).data() for row in range(view.family.model().rowCount())]
    assert rows == ["政策文件 投诉多久能有答复", "归纳解读 夜间经营噪声扰民的时段规定", "常见问答 餐饮油烟扰民怎么投诉、由谁处理"]
    desk.key(Qt.Key.Key_Home)
    desk.key(Qt.Key.Key_Return)
    desk.wait_for(lambda: desk.presenters.knowledge.entry.context is not None)
    assert view.page is Page.ANSWER and "投诉多久能有答复" in view.answer.text.toPlainText()
    assert [row.entry.id for row in desk.presenters.knowledge.entry.family.rows] == ["k3", "k2"]  # type: ignore[union-attr]
    assert view.buttons[Page.GUIDE].isHidden() and view.buttons[Page.DETAILS].isHidden()  # it has none
    desk.use.close()
    assert ("opened", "browse") in desk.acts("k3")


def test_favourites_recent_tier_and_order(desk: KnowledgeDesk) -> None:
    knowledge = desk.presenters.knowledge
    desk.open_card(2)
    desk.key(Qt.Key.Key_D, ALT)
    desk.open_card(1)
    desk.window.knowledge.search.setFocus()
    desk.window.knowledge.search.setText("投诉")  # as an input method does
    desk.wait_for(lambda: knowledge.results.cards != () and knowledge.results.cards[0].origin.value == "search")
    desk.key(Qt.Key.Key_D, ALT | SHIFT)
    desk.wait_for(lambda: titles(desk) == ["夜间经营噪声扰民的时段规定"])
    assert desk.window.knowledge.search.text() == "" and knowledge.shelf is Shelf.FAVOURITES
    QTest.mouseClick(desk.window.knowledge.shelves.shelves[Shelf.RECENT], Qt.MouseButton.LeftButton)
    desk.wait_for(lambda: len(titles(desk)) == 2)
    assert [card.entry.id for card in knowledge.results.cards] == ["k1", "k2"]
    QTest.mouseClick(desk.window.knowledge.shelves.shelves[Shelf.CALL], Qt.MouseButton.LeftButton)
    assert len(titles(desk)) == 3
    menu = desk.window.knowledge.shelves.sorting.menu()
    next(action for action in menu.actions() if action.text() == "按名称").trigger()
    assert [title[0] for title in titles(desk)] == ["餐", "投", "夜"]
    next(action for action in menu.actions() if action.text() == "政策文件").trigger()
    assert titles(desk) == ["投诉多久能有答复"] and knowledge.order is Order.NAME and knowledge.tier == Tier.POLICY
    assert desk.window.knowledge.shelves.sorting.text() == "按名称 · 政策文件"
    desk.use.close()
    assert desk.assist.favourites() == ("k2",)


def test_a_note_is_kept_encrypted_and_found_again(desk: KnowledgeDesk, tmp_path: Path) -> None:
    desk.open_card()
    desk.key(Qt.Key.Key_6, CTRL)
    note = desk.window.knowledge.view.note.text
    assert note.hasFocus()
    QTest.keyClicks(note, "zhiban 5217")
    desk.key(Qt.Key.Key_2, ALT)  # another card: what was typed belongs to the first
    desk.wait_for(lambda: desk.presenters.knowledge.entry.context is not None)
    assert note.toPlainText() == ""
    desk.wait_for(lambda: desk.assist.note("k1") == "zhiban 5217")
    assert desk.assist.note("k2") == ""
    desk.open_card(1)
    desk.wait_for(lambda: "zhiban 5217" in desk.window.knowledge.answer.toPlainText())
    assert desk.window.knowledge.view.buttons[Page.NOTE].text() == "有备注"
    desk.use.close()
    for file in tmp_path.glob("tickets.db*"):
        assert b"zhiban 5217" not in file.read_bytes()


# ---------------------------------------------------------------------- nothing moves under the pointer


def test_a_new_topic_moves_old_cards_down_but_never_under_the_pointer(desk: KnowledgeDesk) -> None:
    places, state = desk.window.cards.places, desk.shown
    before = [place.card.entry.id for place in places if place.card]
    desk.point_at(places[1])
    assert places[1].underMouse()
    topic = replace(state, pushes=(*state.pushes, Push(99_000, 9, (Ranked(NEW, 0.9, ("新来",)),))))
    desk.show(topic)
    QTest.qWait(60)
    assert [place.card.entry.id for place in places if place.card] == before == ["k1", "k2", "k3"]
    assert desk.window.knowledge.waiting.isVisible() and desk.window.knowledge.waiting.text() == "1 条待看"
    assert "k9" in [card.entry.id for card in desk.presenters.knowledge.results.cards]  # nobody points at the list
    desk.point_away()
    assert [place.card.entry.id for place in places if place.card] == ["k9", "k1", "k2"]
    assert desk.window.knowledge.waiting.isHidden()


def test_the_focused_card_stays_and_one_key_shows_what_waits(desk: KnowledgeDesk) -> None:
    desk.point_away()
    places, state = desk.window.cards.places, desk.shown
    places[0].setFocus(Qt.FocusReason.TabFocusReason)
    desk.show(replace(state, pushes=(*state.pushes, Push(99_000, 9, (Ranked(NEW, 0.9),)))))
    QTest.qWait(60)
    assert places[0].card is not None and places[0].card.entry.id == "k1"
    assert desk.window.knowledge.waiting.text() == "1 条待看"
    desk.key(Qt.Key.Key_H, ALT)
    assert places[0].card.entry.id == "k9" and desk.window.knowledge.waiting.isHidden()


def test_the_row_under_the_pointer_stays_in_the_list_too(desk: KnowledgeDesk) -> None:
    results, state = desk.window.knowledge.results, desk.shown
    before = titles(desk)
    desk.point_at(results.viewport())
    results.setCurrentIndex(results.model().index(1, 0))
    desk.show(replace(state, pushes=(*state.pushes, Push(99_000, 9, (Ranked(NEW, 0.9),)))))
    QTest.qWait(60)
    assert titles(desk) == before
    assert desk.window.cards.places[0].card is not None and desk.window.cards.places[0].card.entry.id == "k9"
    desk.point_away()
    assert titles(desk)[0] == "新来的卡片" and results.currentIndex().data() == before[1]  # the same entry stands out


def test_who_reads_is_not_drawn_away_by_a_new_card(desk: KnowledgeDesk) -> None:
    desk.point_at(desk.window.knowledge.answer)
    desk.show(replace(desk.shown, pushes=(*desk.shown.pushes, Push(99_000, 9, (Ranked(NEW, 0.9),)))))
    desk.wait_for(lambda: desk.presenters.knowledge.cards.cards[0].entry.id == "k9")
    assert family()[0].title in desk.window.knowledge.answer.toPlainText()


def test_cards_that_wait_for_the_operator_are_counted_and_can_be_seen_at_once(desk: KnowledgeDesk) -> None:
    state = replace(desk.shown, waiting=Push(99_000, 9, (Ranked(NEW, 0.9), Ranked(family()[0], 0.5))))
    desk.show(state)
    desk.wait_for(desk.window.knowledge.waiting.isVisible)
    assert desk.window.knowledge.waiting.text() == "1 条待看"  # the other one is there already
    assert desk.window.cards.places[0].card is not None and desk.window.cards.places[0].card.entry.id == "k1"
    QTest.mouseClick(desk.window.knowledge.waiting, Qt.MouseButton.LeftButton)
    assert desk.window.cards.places[0].card.entry.id == "k9"
    desk.show(replace(state, waiting=None, pushes=(*state.pushes, Push(99_500, 10, (Ranked(NEW, 0.9),)))))
    assert [card.entry.id for card in desk.presenters.knowledge.cards.cards] == ["k9", "k1", "k2"]  # once only
    assert desk.window.knowledge.waiting.isHidden()


# ---------------------------------------------------------------------- updates


def rows(*entries: KnowledgeEntry) -> Rows:
    return {entry.id: canonical(record_of(entry)) for entry in entries}


def test_an_update_lands_while_its_card_is_open(application: Language, tmp_path: Path) -> None:
    first, second, third = family()
    publisher = new_publisher(tmp_path / "repo")
    publisher.publish(rows(first, second, third), "stable", "v1")
    pc = UpdatedPc(tmp_path / "pc", str(publisher.public)).trusting(publisher)
    pc.look()
    installed = InstalledFolder(tmp_path / "pc" / "kb-updates")

    def opener() -> LiveKnowledge:
        return LiveKnowledge(tmp_path / "pc" / "kb", pc.cache, installed)

    with opened(tmp_path, application, opener) as desk:
        desk.show(talking())
        desk.open_card()
        view, knowledge = desk.window.knowledge.view, desk.presenters.knowledge
        bar = view.answer.text.verticalScrollBar()
        bar.setValue(40)
        below = bar.maximum() - 40
        newer = replace(first, answer=first.answer.replace("门牌和", "门牌号码和"), speakable="请说店名。", version=4)
        publisher.publish(rows(newer, third), "stable", "v2")
        looked = pc.look()
        assert looked.news is not None
        knowledge.tell_news(looked.news)
        desk.wait_for(lambda: knowledge.entry.mark is UpdateMark.UPDATED)
        # The operator reads on: same text, same place; only the mark is new.
        assert "已更新" in view.answer.text.toPlainText() and first.speakable in view.answer.text.toPlainText()
        assert bar.maximum() - bar.value() == below
        assert view.buttons[Page.CHANGES].text() == "已更新"
        assert [place._mark.text() for place in desk.window.cards.places] == ["已更新 示例", "已下架 示例 已过期", "示例"]
        desk.key(Qt.Key.Key_5, CTRL)
        told = view.changes.text.toHtml()
        assert "号码" in told and "underline" in told and "line-through" in told
        assert first.speakable in view.answer.text.toPlainText()
        QTest.mouseClick(view.changes.switch, Qt.MouseButton.LeftButton)
        assert "请说店名。" in view.answer.text.toPlainText() and first.speakable not in view.answer.text.toPlainText()
        assert knowledge.entry.mark is UpdateMark.NONE and view.changes.switch.isHidden()
        assert "号码" in view.changes.text.toPlainText()  # what changed can still be looked at
        publisher.recall("stable", "k1", "有误")
        looked = pc.look()
        assert looked.news is not None
        knowledge.tell_news(looked.news)
        desk.wait_for(lambda: knowledge.entry.mark is UpdateMark.RECALLED)
        # A wrong answer is not to be read out one second longer.
        assert "已撤回" in view.answer.text.toPlainText() and "请说店名。" not in view.answer.text.toPlainText()
        assert desk.window.cards.places[0].speakable.text() == ""


def test_what_the_last_update_changed_is_shown_on_demand(application: Language, tmp_path: Path) -> None:
    first, second, third = family()
    publisher = new_publisher(tmp_path / "repo")
    publisher.publish(rows(replace(first, answer="老答案。"), second, third), "stable", "v1")
    pc = UpdatedPc(tmp_path / "pc", str(publisher.public)).trusting(publisher)
    pc.look()
    publisher.publish(rows(first, second, third), "stable", "v2")
    pc.look()
    with opened(tmp_path, application,
                lambda: LiveKnowledge(tmp_path / "pc" / "kb", pc.cache, InstalledFolder(tmp_path / "pc" / "kb-updates"))) as desk:
        desk.show(talking())
        desk.open_card()
        desk.key(Qt.Key.Key_5, CTRL)
        changes = desk.window.knowledge.view.changes
        assert "老答案。" in changes.text.toPlainText() and changes.switch.isHidden()
        assert changes.head.text() == "和上一版（第 3 版）相比："
        desk.open_card(2)
        desk.key(Qt.Key.Key_5, CTRL)
        assert changes.head.text() == "和上一版知识库相比没有变化。"


def test_the_age_of_the_knowledge_is_on_pane_and_cards(desk: KnowledgeDesk) -> None:
    desk.presenters.knowledge.tell_age(KnowledgeAge("2026.11-3", 12, expired_days=3, installed_at="2026-11-20T08:00:00+08:00"))
    desk.wait_for(lambda: desk.presenters.knowledge.age.release == 12)
    assert desk.window.knowledge.age.text() == "已过期 3 天 · 2026.11-3 · 更新于 2026-11-20"
    card = desk.window.cards.places[0]
    assert card._old.isVisible() and card._old.text() == "库过期 3 天"
    assert "知识库 2026.11-3 2026-11-20" in card.accessibleDescription()
    desk.presenters.knowledge.tell_age(KnowledgeAge("2026.11-4", 13))
    desk.wait_for(lambda: not card._old.isVisible())


# ---------------------------------------------------------------------- access and looks


def test_a_new_card_is_said_and_focus_goes_in_reading_order(desk: KnowledgeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    real = card_widgets.announce

    def heard(widget: object, words: str) -> None:
        said.append(words)
        real(widget, words)  # type: ignore[arg-type]

    monkeypatch.setattr(card_widgets, "announce", heard)
    QAccessible.setActive(True)
    desk.point_away()
    desk.show(replace(desk.shown, pushes=(*desk.shown.pushes, Push(99_000, 9, (Ranked(NEW, 0.9),)))))
    desk.wait_for(lambda: said != [])
    QAccessible.setActive(False)
    assert said == ["新知识卡片 1 张：新来的卡片"]
    desk.open_card(2)
    panel = desk.window.knowledge
    panel.search.setFocus()
    order = []
    for _ in range(14):
        desk.key(Qt.Key.Key_Tab)
        focused = desk.window.focusWidget()
        assert focused is not None
        order.append(focused)
    wanted = [panel.shelves.sorting, panel.results, panel.view.answer.copy, panel.answer]
    places = [order.index(widget) for widget in wanted]
    assert places == sorted(places)


@pytest.mark.parametrize("language", list(LanguageName))
def test_every_page_of_an_entry_has_names(desk: KnowledgeDesk, language: LanguageName) -> None:
    desk.window.use_language(language)
    desk.open_card()
    view = desk.window.knowledge.view
    for widget in (*view.buttons.values(), view.guide.choices, view.guide.back, view.guide.into_ticket, view.details.list, view.family,
                   view.changes.text, view.changes.switch, view.note.text, view.answer.copy, *view.answer.heads,
                   *desk.window.knowledge.shelves.shelves.values(), desk.window.knowledge.shelves.sorting):
        seen = QAccessible.queryAccessibleInterface(widget)
        assert seen.text(QAccessible.Text.Name)
    row = QAccessible.queryAccessibleInterface(view.details.list).child(0)
    assert row.text(QAccessible.Text.Name) == "店名和门牌"


def test_large_type_shows_list_or_entry(application: Language, tmp_path: Path) -> None:
    with opened(tmp_path, application, size=(1920, 1080)) as desk:
        desk.window.use_font_percent(200)
        desk.show(talking())
        desk.open_card()
        QTest.qWait(30)
        panel = desk.window.knowledge
        assert panel.results.isHidden() and panel.answer.isVisible()
        assert panel.answer.height() >= 5 * panel.answer.fontMetrics().lineSpacing()
        desk.key(Qt.Key.Key_F3)
        assert panel.results.isVisible() and panel.view.stack.isHidden() and panel.view.buttons[Page.ANSWER].isVisible()
        desk.key(Qt.Key.Key_1, CTRL)
        assert panel.answer.isVisible() and panel.results.isHidden()
        desk.window.use_font_percent(100)
        QTest.qWait(30)
        assert panel.results.isVisible() and panel.answer.isVisible()


def test_sample_of_the_sample_call_has_every_part() -> None:
    """The pictures show what the pane can do."""
    entry = sample_call.entries()[0]
    assert entry.sections and entry.steps and entry.materials and entry.places and entry.phones
