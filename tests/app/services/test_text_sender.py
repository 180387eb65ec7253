"""Words of calls on their way to the hub, from a real store: behind their records, masked as sent, refused once, never of secret calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from app.assembly_shared_text import new_pseudonyms
from app.domain.delivery import Delivered, Failed
from app.domain.json_values import Json
from app.domain.retention import DataKind, Retention
from app.domain.ticket import FieldState, FieldValue, TicketDraft
from app.platform.clock import SystemClock
from app.services.text_sender import PATH, send_texts
from app.store.call_records import SqliteCallRecords
from app.store.call_texts import SqliteCallTexts
from app.store.outbox import SqliteOutbox
from app.store.purging import Purge
from app.store.ticket_store import SqliteTicketStore
from tests.app.services.test_delivery import Moved
from tests.app.store import scenes
from tests.app.store.test_call_records import record

HIDING = new_pseudonyms()
TAKEN: Mapping[str, object] = {"accepted": 1, "refused": []}


class Desk:
    """A store of a PC whose policy shares words, and a hub that answers as told."""

    def __init__(self, folder: Path) -> None:
        self.store = SqliteTicketStore(folder / "tickets.db", scenes.KEY, SystemClock())
        self.store.shares_text = True
        self.records = SqliteCallRecords(self.store, SystemClock())
        self.texts = SqliteCallTexts(self.store, SystemClock(), HIDING)
        self.asked: list[Mapping[str, object]] = []
        self.answers: list[Mapping[str, object] | Failed] = []

    def submit(self, number: int, **values: FieldValue) -> str:
        first, *others = scenes.draft().matters
        plain = {name: held for name, held in first.items() if name not in ("is_confidential", "is_anonymous", "request_type")}
        draft = TicketDraft(({**plain, **values}, *others))
        self.store.submit(scenes.context(f"call-{number}"), scenes.dialogue(4), draft, {}, record(number))
        return record(number).record_id

    def ask(self, path: str, question: Json) -> Mapping[str, object] | Failed:
        assert path == PATH
        self.asked += cast("dict[str, list[Mapping[str, object]]]", question)["texts"]
        return self.answers.pop(0) if self.answers else TAKEN

    def send(self) -> int:
        return send_texts(self.ask, self.texts, lambda: False)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.store.close()


def test_words_go_behind_their_record_once_and_without_the_person(desk: Desk) -> None:
    one, two = desk.submit(1), desk.submit(2)
    assert desk.send() == 0  # the hub has no record yet
    desk.records.settle([one], [(two, "form")])
    assert (desk.send(), desk.send()) == (1, 0)
    told, = desk.asked
    assert told["record_id"] == one
    name = scenes.draft().get("requester_name").value
    assert isinstance(name, str)
    assert name not in str(told)
    assert desk.texts.counts() == {"new": 1, "sent": 1}  # whose record was refused waits until the words go


def test_what_the_hub_will_never_take_is_asked_once_and_a_line_that_fails_is_asked_again(desk: Desk) -> None:
    ids = [desk.submit(number) for number in (1, 2, 3)]
    desk.records.settle(ids)
    desk.answers = [{"accepted": 0, "refused": [{"record_id": ids[0], "reason": "texts_off"}]}, Failed("x", "", 404), Failed("x", "", 503)]
    assert desk.send() == 0
    assert desk.texts.counts() == {"refused": 2, "new": 1}
    assert desk.send() == 1
    assert [told["record_id"] for told in desk.asked] == [*ids, ids[2]]


@pytest.mark.parametrize("answer", [{}, {"accepted": 0, "refused": []}, {"status": "please sign in"}])
def test_an_answer_that_does_not_say_that_the_words_are_there_leaves_them_waiting(desk: Desk, answer: Mapping[str, object]) -> None:
    desk.records.settle([desk.submit(1)])
    desk.answers = [answer]
    assert (desk.send(), desk.texts.counts()) == (0, {"new": 1})
    assert desk.send() == 1


@pytest.mark.parametrize("secret", [
    {"is_confidential": FieldValue(True, FieldState.EDITED)}, {"is_anonymous": FieldValue(True, FieldState.SUGGESTED, 0.5)},
    {"request_type": FieldValue("咨询", FieldState.EDITED, proposed="举报", proposed_state=FieldState.FILLED)}])
def test_of_a_secret_call_no_word_leaves_also_where_only_recognition_thought_so(desk: Desk, secret: dict[str, FieldValue]) -> None:
    held = desk.submit(1, **secret)
    desk.records.settle([held])
    assert (desk.send(), desk.asked, desk.texts.text(held)) == (0, [], None)
    assert desk.texts.counts() == {"kept": 1}


def test_without_the_policy_no_call_is_queued_and_turning_it_on_shares_nothing_of_the_past(desk: Desk) -> None:
    desk.store.shares_text = False
    held = desk.submit(1)
    desk.store.shares_text = True
    desk.records.settle([held])
    assert (desk.send(), desk.texts.counts()) == (0, {})
    assert desk.texts.text(held) is not None  # what would leave can be looked at beforehand


def test_words_that_are_over_their_time_do_not_leave_any_more(desk: Desk) -> None:
    held = desk.submit(1)
    desk.records.settle([held])
    outbox, clock = SqliteOutbox(desk.store, SystemClock()), Moved()
    for message in outbox.messages():
        outbox.settle(message.row_id, Delivered("R"))
    clock.now = lambda: SystemClock().now() + timedelta(days=90)  # type: ignore[method-assign]
    Purge(desk.store, clock).run(Retention({DataKind.DIALOGUE: 30}))
    assert (desk.send(), desk.asked) == (0, [])
    assert desk.texts.counts() == {"kept": 1}
    assert desk.records.record(held) == record(1)  # the figures stay


def test_damaged_words_stay_behind_and_hide_no_others(desk: Desk) -> None:
    ids = [desk.submit(number) for number in (1, 2)]
    desk.records.settle(ids)
    desk.store.writing(lambda db: db.execute("UPDATE utterances SET body = ? WHERE call_id = 'call-1'", [b"{"]))
    assert (desk.send(), [told["record_id"] for told in desk.asked], desk.texts.counts()) == (1, [ids[1]], {"damaged": 1, "sent": 1})
