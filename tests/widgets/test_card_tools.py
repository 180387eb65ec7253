"""One key tells what a card was worth, once; favourites and quiet go out as what the operator wants."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.domain.assist import AssistAct
from app.domain.knowledge import KnowledgeEntry, Push, Ranked
from app.presenters.knowledge import KnowledgePresenter, Order
from tests.widgets.sample_call import talking
from widgets.card_tools import CardTools
from widgets.cards import CardStrip
from widgets.language import Language
from widgets.theme.palette import Theme, ThemeName


def test_verdicts_favourite_and_quiet(application: Language) -> None:
    presenter = KnowledgePresenter(lambda query: ())
    told: list[tuple[object, str]] = []
    quiet: list[bool] = []
    presenter.noted.connect(lambda act, entry, origin: told.append((act, entry.id)))
    presenter.quiet_requested.connect(quiet.append)
    tools = CardTools(presenter)
    presenter.show_state(talking())
    card = presenter.cards.cards[0]
    tools.show_card(card)
    for _ in range(2):
        tools.verdicts[AssistAct.WRONG].click()
    tools.favourite.click()
    tools.quiet.click()
    assert told == [(AssistAct.WRONG, card.entry.id)]
    assert presenter.favourites == (card.entry.id,) and quiet == [True]
    presenter.close()
    tools.deleteLater()


def test_nothing_moves_under_the_pointer_and_the_list_sorts(application: Language) -> None:
    presenter = KnowledgePresenter(lambda query: ())
    state = talking()
    presenter.show_state(state)
    before = presenter.cards.cards
    presenter.hold_cards(True)
    newer = Push(99_000, 9, (Ranked(KnowledgeEntry("new", "啊新卡片"), 0.9),))
    presenter.show_state(replace(state, pushes=(*state.pushes, newer)))
    assert presenter.cards.cards == before
    presenter.hold_cards(False)
    assert presenter.cards.cards[0].entry.id == "new" and presenter.cards.cards[1] == before[0]
    presenter.order_by(Order.NAME)
    assert [card.entry.title[0] for card in presenter.results.cards] == ["啊", "餐", "投", "夜"]  # by sound: a, can, tou, ye
    presenter.close()


def test_a_card_is_waved_away_by_key_once_and_its_place_goes_to_the_next(application: Language) -> None:
    presenter = KnowledgePresenter(lambda query: ())
    state = talking()
    fourth = Push(99_000, 9, (Ranked(KnowledgeEntry("new", "第四张"), 0.9),))
    presenter.show_state(replace(state, pushes=(*state.pushes, fourth)))
    waved: list[str] = []
    presenter.dismissed.connect(waved.append)
    strip = CardStrip(presenter, Theme(ThemeName.LIGHT))
    strip.show()
    strip.activateWindow()
    assert QTest.qWaitForWindowActive(strip)

    def shown() -> list[str]:
        return [place.card.entry.id for place in strip.places if place.card is not None]

    assert shown() == ["new", "k1", "k2"]
    QTest.keyClick(strip, Qt.Key.Key_X, Qt.KeyboardModifier.AltModifier)  # nothing is pointed at: the best one
    assert (waved, shown()) == (["new"], ["k1", "k2", "k3"])
    strip.places[1].setFocus()
    QTest.keyClick(strip.places[1], Qt.Key.Key_Delete)
    assert (waved, shown()) == (["new", "k2"], ["k1", "k3"])
    presenter.show_state(replace(state, pushes=(*state.pushes, fourth), position_ms=99_500))
    assert shown() == ["k1", "k3"]
    assert {card.entry.id for card in presenter.results.cards} == {"new", "k1", "k2", "k3"}  # the list keeps what was waved away
    assert not presenter.dismiss(7)
    presenter.show_state(replace(state, context=replace(state.context, call_id="next")))
    assert shown() == ["k1", "k2", "k3"]
    presenter.close()
    strip.close()
    strip.deleteLater()
