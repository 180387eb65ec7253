"""Guided steps are reached from the answer that comes up, though the entry above it holds them; a card tells what must not be said."""

from __future__ import annotations

from app.domain.knowledge import Choice, KnowledgeEntry, Sensitivity, Status, Step
from app.presenters.cards import Card, Validity
from app.presenters.knowledge_entry import EntryPresenter
from app.services.knowledge_library import EntryContext
from widgets.cards import mark_of

STEPS = (Step("a", "本人来吗？", (Choice("是", "b"), Choice("不是"))), Step("b", "带身份证。"))


def card(entry: KnowledgeEntry) -> Card:
    return Card(entry, 0.9, (), False, Validity.UNSTATED)


def test_an_answer_takes_the_steps_of_the_entry_above_it_that_is_in_force() -> None:
    presenter = EntryPresenter()
    faq = KnowledgeEntry("faq", "怎么补办", parent="how")
    for status, wanted in ((Status.IN_FORCE, STEPS), (Status.WITHDRAWN, ())):
        presenter.show(None)
        presenter.show(card(faq))
        presenter.take(EntryContext("faq", faq, (KnowledgeEntry("law", "办法"), KnowledgeEntry("how", "补办", steps=STEPS, status=status))))
        assert presenter.walk.steps == wanted
    presenter.show(None)


def test_news_of_the_entry_does_not_begin_the_walk_anew() -> None:
    presenter = EntryPresenter()
    faq = KnowledgeEntry("faq", "怎么补办", parent="how")
    above = EntryContext("faq", faq, (KnowledgeEntry("how", "补办", steps=STEPS),))
    presenter.show(card(faq))
    presenter.take(above)
    presenter.choose(0)
    presenter.take(above)
    assert [taken.label for taken in presenter.walk.taken] == ["是"]


def test_a_card_tells_what_is_not_in_force_or_not_for_citizens() -> None:
    assert mark_of(card(KnowledgeEntry("a", "题", status=Status.DRAFT))) == "草稿"
    assert mark_of(card(KnowledgeEntry("a", "题", status=Status.WITHDRAWN, sensitivity=Sensitivity.INTERNAL))) == "停用 内部"
    assert mark_of(card(KnowledgeEntry("a", "题", sensitivity=Sensitivity.RESTRICTED))) == "敏感"
    assert mark_of(card(KnowledgeEntry("a", "题"))) == ""
