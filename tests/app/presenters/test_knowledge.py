"""Cards of the newest push, marks an operator must see, and a search that never blocks and never shows an old answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtTest import QTest

from app.domain.errors import EnvironmentFault
from app.domain.knowledge import KnowledgeQuery, Ranked
from app.presenters.cards import Validity
from app.presenters.knowledge import KnowledgePresenter
from tests.widgets import sample_call


def wait_for(holds: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 3
    while not holds():
        assert time.monotonic() < deadline_s
        QTest.qWait(5)


def find(query: KnowledgeQuery) -> tuple[Ranked, ...]:
    return tuple(Ranked(entry, 0.5) for entry in sample_call.entries() if query.text in entry.title)


def test_the_newest_push_is_on_the_cards_and_all_pushes_in_the_list() -> None:
    presenter = KnowledgePresenter(find)
    presenter.show_state(sample_call.talking())
    assert [card.entry.id for card in presenter.cards.cards] == ["k1", "k2", "k3"]
    assert [card.entry.id for card in presenter.results.cards] == ["k1", "k2", "k3"]
    assert all(card.is_sample for card in presenter.cards.cards)
    assert [card.validity for card in presenter.cards.cards] == [Validity.VALID, Validity.EXPIRED, Validity.VALID]
    context = replace(sample_call.CONTEXT, call_id="early", call_time="2023-05-01T00:00:00+08:00")
    presenter.show_state(replace(sample_call.talking(), context=context))
    assert presenter.cards.cards[0].validity is Validity.NOT_YET


def test_the_next_call_begins_without_cards() -> None:
    presenter = KnowledgePresenter(find)
    presenter.show_state(sample_call.talking())
    presenter.show_state(replace(sample_call.ringing(), context=replace(sample_call.CONTEXT, call_id="next")))
    assert presenter.cards.cards == ()
    assert presenter.results.cards == ()


def test_who_types_on_gets_only_the_answer_to_the_last_words() -> None:
    gate, asked = threading.Event(), []

    def slow(query: KnowledgeQuery) -> tuple[Ranked, ...]:
        asked.append(query.text)
        gate.wait(3)
        return find(query)

    presenter = KnowledgePresenter(slow)
    shown: list[str] = []
    presenter.results_changed.connect(shown.append)
    presenter.type_query("油烟")
    presenter.search_now()
    wait_for(lambda: asked == ["油烟"])
    presenter.type_query("噪声")
    presenter.search_now()
    gate.set()
    wait_for(lambda: shown == ["噪声"])
    assert asked == ["油烟", "噪声"]
    assert [card.entry.id for card in presenter.results.cards] == ["k2"]
    presenter.type_query("")
    assert shown[-1] == ""
    presenter.close()


def test_a_knowledge_base_that_fails_is_told_and_can_be_asked_again() -> None:
    broken = [True]

    def search(query: KnowledgeQuery) -> tuple[Ranked, ...]:
        if broken:
            broken.clear()
            raise EnvironmentFault("kb.unreadable")
        return find(query)

    presenter = KnowledgePresenter(search)
    failed: list[str] = []
    presenter.search_failed.connect(failed.append)
    presenter.type_query("油烟")
    presenter.search_now()
    wait_for(lambda: failed == ["kb.unreadable"])
    presenter.search_now()
    wait_for(lambda: len(presenter.results.cards) == 1)
    presenter.close()


def test_a_bug_in_the_search_is_told_and_reaches_the_excepthook(monkeypatch: pytest.MonkeyPatch) -> None:
    hooked: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: hooked.append(args.exc_type))

    def search(query: KnowledgeQuery) -> tuple[Ranked, ...]:
        raise ZeroDivisionError

    presenter = KnowledgePresenter(search)
    failed: list[str] = []
    presenter.search_failed.connect(failed.append)
    presenter.type_query("油烟")
    presenter.search_now()
    wait_for(lambda: failed == ["desk.search_broken"])
    assert hooked == [ZeroDivisionError]
    presenter.close()
