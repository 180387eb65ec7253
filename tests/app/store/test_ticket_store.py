"""Drafts come back, tickets are filed whole, once, with what was proposed and what was submitted."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.errors import OperatorVisibleError
from app.domain.ticket import TicketDraft
from app.platform.clock import SystemClock
from app.store.connection import open_reader
from app.store.ticket_store import SqliteTicketStore, throwaway_store
from tests.app.store import scenes

VERSIONS = {"engine": "zipformer 1", "knowledge": "2026-11"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "tickets.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteTicketStore]:
    opened = SqliteTicketStore(path, scenes.KEY, SystemClock())
    yield opened
    opened.close()


def count(path: Path, table: str) -> int:
    db = open_reader(path, scenes.KEY)
    try:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        db.close()


def test_a_draft_comes_back_exactly_after_a_restart(path: Path, store: SqliteTicketStore) -> None:
    store.save_draft(scenes.context(), scenes.dialogue(), scenes.draft())
    store.close()
    again = SqliteTicketStore(path, scenes.KEY, SystemClock())
    try:
        assert again.drafts() == ((scenes.context(), scenes.dialogue(), scenes.draft()),)
    finally:
        again.close()


def test_a_change_is_on_the_disk_within_a_second_without_any_further_call(path: Path, store: SqliteTicketStore) -> None:
    for length in range(1, 6):  # the fifth change falls into the waiting time after the first write
        store.save_draft(scenes.context(), scenes.dialogue(length), TicketDraft())
    changed_s = time.monotonic()
    while store.drafts() == () or len(store.drafts()[0][1]) < 5:
        assert time.monotonic() - changed_s < 1.0
        threading.Event().wait(0.02)


def test_of_many_quick_changes_only_the_newest_is_written(path: Path, store: SqliteTicketStore) -> None:
    said = scenes.dialogue(300)
    for length in range(300):
        store.save_draft(scenes.context(), said[:length], TicketDraft())
    store.save_draft(scenes.context(), said, scenes.draft())
    store.flush()
    assert store.drafts() == ((scenes.context(), said, scenes.draft()),)


def test_a_revised_or_shortened_dialogue_is_stored_as_it_is_now(store: SqliteTicketStore) -> None:
    store.save_draft(scenes.context(), scenes.dialogue(5), TicketDraft())
    store.flush()
    revised = (*scenes.dialogue(2), scenes.utterance(2, "改过的一句"))
    store.save_draft(scenes.context(), revised, TicketDraft())
    store.flush()
    assert store.drafts()[0][1] == revised


def test_drafts_come_newest_first(store: SqliteTicketStore) -> None:
    for call_id in ("a", "b", "c", "a"):
        store.save_draft(scenes.context(call_id), (), TicketDraft())
        store.flush()
    assert [context.call_id for context, _, _ in store.drafts()] == ["a", "c", "b"]


def test_submit_files_ticket_child_and_outbox_row_and_ends_the_draft(path: Path, store: SqliteTicketStore) -> None:
    store.save_draft(scenes.context(), scenes.dialogue(), scenes.draft())
    stored = store.submit(scenes.context(), scenes.dialogue(), scenes.draft(), VERSIONS)

    assert re.fullmatch(r"\d{18}", stored.ticket_no)
    assert stored.children == (f"{stored.ticket_no}-01",)
    assert stored.versions == VERSIONS
    assert store.drafts() == ()
    assert store.dialogue("call-1") == scenes.dialogue()
    assert [row.ticket_no for row in store.outbox()] == [stored.ticket_no]
    parent, child = store.tickets()
    assert parent == stored
    assert child.parent_no == stored.ticket_no


def test_the_record_tells_proposed_from_submitted(store: SqliteTicketStore) -> None:
    fields = store.submit(scenes.context(), scenes.dialogue(), scenes.draft(), VERSIONS).fields

    def told(name: str) -> tuple[object, object, object]:
        held = fields[name]
        assert isinstance(held, dict)
        return held["value"], held["proposed"], held["state"]

    assert told("requester_name") == ("欧阳改正", scenes.NAME, "edited")
    assert told("contact_phone") == (scenes.PHONE, scenes.PHONE, "confirmed")
    assert told("region_district") == ("天河区", "天河区", "filled")
    # A suggestion that nobody took is on record, but it is not submitted.
    assert told("item_code") == (None, "040201", "suggested")
    evidence = fields["contact_phone"]
    assert isinstance(evidence, dict)
    assert evidence["evidence"] == [[3, 0, 11]]


def test_a_child_has_the_person_and_place_of_the_call_but_not_the_first_matter(store: SqliteTicketStore) -> None:
    store.submit(scenes.context(), scenes.dialogue(), scenes.draft(), VERSIONS)
    child = store.tickets()[1]
    values = {name: held["value"] for name, held in child.fields.items() if isinstance(held, dict)}
    assert values["title"] == "反映第二件事"
    assert values["contact_phone"] == scenes.PHONE
    assert values["region_district"] == "天河区"
    assert "item_code" not in values


def test_a_second_press_makes_no_second_ticket(path: Path, store: SqliteTicketStore) -> None:
    first = store.submit(scenes.context(), scenes.dialogue(), scenes.one_matter(), VERSIONS)
    second = store.submit(scenes.context(), scenes.dialogue(), scenes.one_matter(), VERSIONS)
    assert second == first
    assert count(path, "tickets") == count(path, "outbox") == 1


def test_other_contents_for_a_submitted_call_are_refused(path: Path, store: SqliteTicketStore) -> None:
    first = store.submit(scenes.context(), scenes.dialogue(), scenes.one_matter(), VERSIONS)
    with pytest.raises(OperatorVisibleError) as refused:
        store.submit(scenes.context(), scenes.dialogue(), scenes.one_matter().edit("title", "另一件"), VERSIONS)
    assert (refused.value.key, refused.value.params["ticket_no"]) == ("store.already_submitted", first.ticket_no)
    assert count(path, "tickets") == 1


def test_what_is_said_after_the_submission_makes_no_ghost_draft(store: SqliteTicketStore) -> None:
    store.submit(scenes.context(), scenes.dialogue(), scenes.draft(), VERSIONS)
    store.save_draft(scenes.context(), scenes.dialogue(8), scenes.draft())
    store.flush()
    assert store.drafts() == ()
    assert len(store.dialogue("call-1")) == 6


def test_a_discarded_draft_is_gone_with_its_dialogue(path: Path, store: SqliteTicketStore) -> None:
    store.save_draft(scenes.context(), scenes.dialogue(), scenes.draft())
    store.discard_draft("call-1")
    assert store.drafts() == ()
    assert count(path, "utterances") == 0


def test_texts_with_half_characters_are_kept(store: SqliteTicketStore) -> None:
    odd = TicketDraft().edit("title", "粘贴\ud83d来的")
    store.save_draft(scenes.context(), (scenes.utterance(0, "\udc00"),), odd)
    store.flush()
    assert store.drafts()[0][2] == odd


def test_many_threads_may_use_it(path: Path, store: SqliteTicketStore) -> None:
    def desk(number: int) -> None:
        for length in range(10):
            store.save_draft(scenes.context(f"call-{number}"), scenes.dialogue(length), scenes.one_matter())
        if number % 2:
            store.submit(scenes.context(f"call-{number}"), scenes.dialogue(), scenes.one_matter(), VERSIONS)

    desks = [threading.Thread(target=desk, args=(number,)) for number in range(8)]
    for each in desks:
        each.start()
    for each in desks:
        each.join()
    store.flush()
    assert sorted(context.call_id for context, _, _ in store.drafts()) == ["call-0", "call-2", "call-4", "call-6"]
    assert len({ticket.ticket_no for ticket in store.tickets()}) == 4


def test_two_programs_may_have_it_open(path: Path, store: SqliteTicketStore) -> None:
    other = SqliteTicketStore(path, scenes.KEY, SystemClock())
    try:
        store.submit(scenes.context("a"), (), scenes.one_matter(), VERSIONS)
        other.submit(scenes.context("b"), (), scenes.one_matter(), VERSIONS)
        assert len(store.tickets()) == len(other.tickets()) == 2
    finally:
        other.close()


def test_a_throwaway_store_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with throwaway_store(scenes.KEY, SystemClock()) as store:
        store.submit(scenes.context(), scenes.dialogue(), scenes.draft(), VERSIONS)
        assert len(store.tickets()) == 2
    assert list(tmp_path.iterdir()) == []
