"""One key tells what a card was worth, once; favourites and quiet go out as what the operator wants."""

from __future__ import annotations

from dataclasses import replace

from app.domain.assist import AssistAct
from app.domain.knowledge import KnowledgeEntry, Push, Ranked
from app.presenters.knowledge import KnowledgePresenter, Order
from tests.widgets.sample_call import talking
from widgets.card_tools import CardTools
from widgets.language import Language


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
