"""The outbox in the encrypted store: order of each ticket, mends, attachments, and what an old store brings along."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.delivery import Delivered, Failed, MessageKind, OutboxState, Refused
from app.domain.errors import OperatorVisibleError
from app.platform.clock import SystemClock
from app.ports.outbox import Mend
from app.store.outbox import SqliteOutbox
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes

NOW_S, FAR_S = 1000.0, 90_000.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteTicketStore]:
    opened = SqliteTicketStore(tmp_path / "tickets.db", scenes.KEY, SystemClock())
    yield opened
    opened.close()


@pytest.fixture
def outbox(store: SqliteTicketStore) -> SqliteOutbox:
    return SqliteOutbox(store, SystemClock())


def submitted(store: SqliteTicketStore, call_id: str = "call-1") -> str:
    return store.submit(scenes.context(call_id), scenes.dialogue(), scenes.draft(), {"engine": "1"}).ticket_no


def due(outbox: SqliteOutbox, now_s: float = NOW_S) -> list[int]:
    return [message.row_id for message in outbox.due(now_s, FAR_S)]


def test_a_submission_is_queued_at_once_and_told(store: SqliteTicketStore, outbox: SqliteOutbox) -> None:
    told = []
    store.on_queued = lambda: told.append(True)
    number = submitted(store)
    message, = outbox.messages(open_only=True)
    assert (message.ticket_no, message.kind, message.state, message.attempts) == (number, MessageKind.TICKET, OutboxState.WAITING, 0)
    assert told == [True]
    consignment = outbox.consignment(message.row_id)
    assert [ticket.ticket_no for ticket in consignment.tickets] == [number, f"{number}-01"]
    assert consignment.context == scenes.context()
    assert consignment.dialogue == scenes.dialogue()


def test_a_failed_message_waits_for_its_time_and_others_go_first(store: SqliteTicketStore, outbox: SqliteOutbox) -> None:
    submitted(store, "a")
    submitted(store, "b")
    outbox.settle(1, Failed("delivery.cut", "ConnectionError"), NOW_S + 60)
    assert due(outbox) == [2]
    assert due(outbox, NOW_S + 61) == [2, 1]  # never tried ones first: what keeps failing blocks nobody
    assert outbox.next_due_s() == 0
    outbox.settle(2, Delivered("R1"))
    assert outbox.next_due_s() == NOW_S + 60
    message = outbox.messages()[1]
    assert (message.attempts, message.reason, message.words) == (1, "delivery.cut", "ConnectionError")
    assert message.next_at.startswith("1970-01-01T08:17:40")


def test_a_clock_that_was_set_back_strands_nothing(store: SqliteTicketStore, outbox: SqliteOutbox) -> None:
    submitted(store)
    outbox.settle(1, Failed("delivery.cut"), FAR_S + 1)
    assert due(outbox) == [1]


def test_a_refused_ticket_keeps_words_and_holds_up_its_own_rows_only(store: SqliteTicketStore, outbox: SqliteOutbox) -> None:
    submitted(store, "a")
    outbox.attach("a", "photo.jpg", "image/jpeg", b"x")
    submitted(store, "b")
    outbox.settle(1, Refused("delivery.refused", "区县不对", 422))
    assert due(outbox) == [3]
    rows = {message.row_id: message for message in outbox.messages(open_only=True)}
    assert (rows[1].state, rows[1].status, rows[1].words) == (OutboxState.REFUSED, 422, "区县不对")
    assert rows[2].waits_for == 1
    outbox.settle(1, Delivered("late"))  # a settled row is not settled again
    assert outbox.messages(open_only=True)[-1].state is OutboxState.REFUSED


def test_a_mend_is_a_new_revision_in_the_same_place(store: SqliteTicketStore, outbox: SqliteOutbox) -> None:
    number = submitted(store, "a")
    outbox.attach("a", "photo.jpg", "image/jpeg", b"x")
    key = outbox.messages()[1].idempotency_key
    outbox.settle(1, Refused("delivery.refused", "区县不对", 422))
    queued = outbox.resend(1, [Mend(number, "region_district", "海珠区"), Mend(f"{number}-01", "title", "改过")])
    assert (queued.row_id, queued.revision, queued.state, queued.attempts) == (1, 2, OutboxState.WAITING, 0)
    assert queued.idempotency_key == f"{key}-2"  # to the server another message: it may remember that it refused the first
    assert due(outbox) == [1]
    first, child = outbox.consignment(1).tickets
    assert first.fields["region_district"]["value"] == "海珠区"  # type: ignore[index]
    assert first.fields["region_district"]["before_mend"] == "天河区"  # type: ignore[index]
    assert child.fields["title"]["value"] == "改过"  # type: ignore[index]
    old = next(message for message in outbox.messages() if message.state is OutboxState.MENDED)
    assert (old.idempotency_key, old.words, old.revision) == (key, "区县不对", 1)
    outbox.settle(1, Refused("delivery.refused", "还不对", 422))
    outbox.resend(1, [Mend(number, "region_district", "白云区")])
    assert outbox.consignment(1).tickets[0].fields["region_district"]["value"] == "白云区"  # type: ignore[index]
    outbox.settle(1, Delivered("R9"))
    assert due(outbox) == [2]
    assert outbox.consignment(2).receipt == "R9"


def test_a_refused_ticket_may_go_again_as_it_is(store: SqliteTicketStore, outbox: SqliteOutbox) -> None:
    submitted(store)
    before = outbox.messages()[0]
    outbox.settle(1, Refused("delivery.refused", "x", 404))
    after = outbox.resend(1)
    assert (after.state, after.idempotency_key, after.revision) == (OutboxState.WAITING, before.idempotency_key, 1)
    with pytest.raises(OperatorVisibleError, match="no_such_row"):
        outbox.resend(77)
    with pytest.raises(OperatorVisibleError, match="no_such_ticket"):
        outbox.resend(1, [Mend("other", "title", "x")])
    assert outbox.messages()[0].revision == 1  # nothing half done
    outbox.settle(1, Delivered())
    with pytest.raises(OperatorVisibleError, match="settled_already"):
        outbox.resend(1)


def test_attachments_before_and_after_submission(store: SqliteTicketStore, outbox: SqliteOutbox) -> None:
    outbox.attach("call-1", "before.txt", "text/plain", b"one")
    assert outbox.messages() == ()
    submitted(store)
    outbox.attach("call-1", "after.txt", "text/plain", b"two")
    assert [m.kind for m in reversed(outbox.messages())] == [MessageKind.TICKET, MessageKind.ATTACHMENT, MessageKind.ATTACHMENT]
    assert [a.name for a in outbox.consignment(1).attachments] == ["before.txt", "after.txt"]
    assert [a.body for a in outbox.consignment(2).attachments] == [b"one"]
    outbox.settle(1, Delivered("R1"), with_attachments=[1])  # it went inside
    assert due(outbox) == [3]
    with pytest.raises(OperatorVisibleError, match="too_large"):
        outbox.attach("call-1", "big", "x/y", bytes((20 << 20) + 1))


def test_a_discarded_draft_takes_its_attachments_along(store: SqliteTicketStore, outbox: SqliteOutbox) -> None:
    store.save_draft(scenes.context("open"), scenes.dialogue(), scenes.draft())
    store.flush()
    outbox.attach("open", "photo", "x/y", b"1")
    store.discard_draft("open")
    with store.reading() as db:
        assert db["attachments"].count == 0


def test_secrets_without_a_keyring(outbox: SqliteOutbox) -> None:
    assert outbox.secret("centre") is None
    outbox.put_secret("centre", "geheim")
    outbox.put_secret("centre", "neu")
    assert outbox.secret("centre") == "neu"
    outbox.put_secret("centre", None)
    assert outbox.secret("centre") is None


def test_what_waited_in_a_store_of_the_first_version_goes_out(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    shutil.copy(Path(__file__).parent / "schemas" / "v1.db", path)
    store = SqliteTicketStore(path, scenes.KEY, SystemClock())
    try:
        outbox = SqliteOutbox(store, SystemClock())
        row, = due(outbox)
        assert len(outbox.consignment(row).tickets) == 2
    finally:
        store.close()
