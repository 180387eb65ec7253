"""Use of knowledge is kept, aged, and gone with the call's words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.domain.assist import AssistAct, AssistEvent, AssistOrigin, OpenQuestion
from app.domain.retention import DataKind, Retention
from app.platform.clock import SystemClock
from app.store.assist import SqliteAssist
from app.store.purging import Purge
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes

NOW = SystemClock().now()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteTicketStore]:
    opened = SqliteTicketStore(tmp_path / "tickets.db", scenes.KEY, SystemClock())
    yield opened
    opened.close()


def event(act: AssistAct, entry: str = "e1", call: str = "c1", at: datetime = NOW) -> AssistEvent:
    return AssistEvent(at.isoformat(), call, entry, 3, act, AssistOrigin.PUSH, "v7", 12_000, "0001")


def test_events_come_back_and_a_recall_finds_the_calls(store: SqliteTicketStore) -> None:
    assist = SqliteAssist(store, SystemClock())
    assist.add([event(AssistAct.SHOWN), event(AssistAct.OPENED), event(AssistAct.SHOWN, call="c2"), event(AssistAct.SHOWN, "e2")])
    assert assist.events("e1", "c1") == (event(AssistAct.OPENED), event(AssistAct.SHOWN))
    assert [call for call, _ in assist.calls_shown("e1")] == ["c2", "c1"]
    assert assist.recent() == ("e1",)


def test_old_use_counts_less(store: SqliteTicketStore) -> None:
    assist = SqliteAssist(store, SystemClock())
    old = NOW - timedelta(days=30, minutes=5)
    assist.add([event(AssistAct.USED), event(AssistAct.USED, "e2", at=old)])
    uses = {use.entry_id: use.counts[AssistAct.USED] for use in assist.uses()}
    assert uses == {"e1": 1.0, "e2": 0.5}


def test_favourites_and_notes_are_kept_and_removed(store: SqliteTicketStore) -> None:
    assist = SqliteAssist(store, SystemClock())
    assist.set_favourite("e1", True)
    assist.set_favourite("e1", True)
    assist.set_note("e1", " 先问户籍 ")
    assert (assist.favourites(), assist.note("e1"), assist.note("e2")) == (("e1",), "先问户籍", "")
    assist.set_favourite("e1", False)
    assist.set_note("e1", "")
    assert (assist.favourites(), assist.note("e1")) == ((), "")


def test_a_question_goes_with_the_words_of_its_call(store: SqliteTicketStore) -> None:
    assist = SqliteAssist(store, SystemClock())
    store.submit(scenes.context("old"), scenes.dialogue(), scenes.draft(), {})
    assist.add((), [OpenQuestion(NOW.isoformat(), "old", "宠物托运怎么办"), OpenQuestion(NOW.isoformat(), "new", "另一个问题")])
    purge = Purge(store, Later())
    purge.run(Retention({DataKind.DIALOGUE: 1}), [DataKind.DIALOGUE])
    store.writing(lambda db: db.execute("UPDATE outbox SET state = 'delivered'"))
    purge.run(Retention({DataKind.DIALOGUE: 1}), [DataKind.DIALOGUE])
    assert [asked.text for asked in assist.questions()] == ["另一个问题"]


def test_a_question_goes_with_a_discarded_draft(store: SqliteTicketStore) -> None:
    assist = SqliteAssist(store, SystemClock())
    store.save_draft(scenes.context("put-away"), scenes.dialogue(), scenes.draft())
    assist.add((), [OpenQuestion(NOW.isoformat(), "put-away", "宠物托运怎么办")])
    store.discard_draft("put-away")
    assert assist.questions() == ()


class Later:
    """A clock two days on."""

    def now(self) -> datetime:
        return NOW + timedelta(days=2)

    def monotonic_s(self) -> float:
        return SystemClock().monotonic_s()
