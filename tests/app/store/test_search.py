"""Finding tickets: number, phone, name, place, item, state and time; the index never says other than the text itself."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.domain.ticket import FieldState, FieldValue, TicketDraft
from app.domain.ticket_search import TicketQuery, TicketRow, digits_of, folded
from app.platform.clock import SystemClock
from app.store import listing
from app.store.connection import open_writer
from app.store.records import SqliteRecords
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes
from tests.bench import store_of_many

COUNT = 1500


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SqliteRecords, list[TicketRow]]]:
    path = tmp_path_factory.mktemp("many") / "tickets.db"
    store_of_many.make(path, COUNT)
    store = SqliteTicketStore(path, scenes.KEY, SystemClock())
    records = SqliteRecords(store, SystemClock())
    rows = [row for number in records.numbers() if (row := records.row(number)) is not None]
    yield records, rows
    store.close()


def test_all_are_listed_in_order_of_time(many: tuple[SqliteRecords, list[TicketRow]]) -> None:
    _, rows = many
    assert len(rows) == COUNT
    assert rows == sorted(rows, key=lambda row: row.submitted_at)


def test_every_query_finds_what_reading_all_would(many: tuple[SqliteRecords, list[TicketRow]]) -> None:
    records, rows = many
    draw = random.Random(5)
    for _ in range(300):
        row = draw.choice(rows)
        begin, at = draw.randrange(4), datetime.fromisoformat(row.submitted_at)
        query = draw.choice((
            TicketQuery(name=row.name[: draw.randint(1, 3)]), TicketQuery(place=row.place[begin: begin + draw.randint(1, 6)]),
            TicketQuery(text=row.title[begin: begin + draw.randint(2, 8)]), TicketQuery(phone=row.phones[0][draw.choice((0, 4, 7)):]),
            TicketQuery(text=row.phones[0]), TicketQuery(number=row.ticket_no[-6:]), TicketQuery(text=row.ticket_no),
            TicketQuery(item_code=row.item_code[: draw.choice((2, 4, 6))], place=row.place[:2]),
            TicketQuery(status=row.status, request_type=row.request_type, since=at - timedelta(days=60), until=at + timedelta(seconds=1)),
            TicketQuery(name=row.name[:1], status=row.status, item_code=row.item_code[:2])))
        query = replace(query, limit=COUNT)
        found = records.search(query)
        assert not found.is_cut
        assert [each.ticket_no for each in found.rows] == [each.ticket_no for each in reversed(rows) if naive(each, query)], query


def naive(row: TicketRow, query: TicketQuery) -> bool:
    """What a query means, without any index."""
    at = datetime.fromisoformat(row.submitted_at)
    phone = digits_of(query.phone)
    number = query.text if query.text.isdecimal() else ""
    return (
        folded(query.name) in folded(row.name) and folded(query.place) in folded(row.district + row.place)
        and row.item_code.startswith(query.item_code) and query.status in ("", row.status)
        and query.request_type in ("", row.request_type)
        and (not phone or any(each == phone or each.endswith(phone) for each in row.phones))
        and (not query.number or row.ticket_no.endswith(query.number))
        and (not number or number in (row.ticket_no, *row.phones))
        and (not query.text or bool(number) or any(folded(query.text) in folded(each) for each in (row.title, row.district + row.place)))
        and (query.since is None or at >= query.since) and (query.until is None or at < query.until))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteTicketStore]:
    store = SqliteTicketStore(tmp_path / "tickets.db", scenes.KEY, SystemClock())
    yield store
    store.close()


def test_a_ticket_is_found_as_soon_as_it_is_submitted(store: SqliteTicketStore) -> None:
    records = SqliteRecords(store, SystemClock())
    ticket = store.submit(scenes.context(), scenes.dialogue(), scenes.draft(), {})
    assert [row.ticket_no for row in records.search(TicketQuery(text="阳改")).rows] == [ticket.children[0], ticket.ticket_no]
    assert records.search(TicketQuery(text="第二件")).rows[0].parent_no == ticket.ticket_no
    assert records.search(TicketQuery(text="试验路")).rows == ()  # only suggested, so it was never submitted


def test_a_new_state_is_found_and_the_old_one_is_not(store: SqliteTicketStore) -> None:
    records = SqliteRecords(store, SystemClock())
    number = store.submit(scenes.context(), (), scenes.one_matter(), {}).ticket_no
    assert records.set_state(number, "处理中", "2026-12-01")
    assert records.search(TicketQuery(status="待派遣")).rows == ()
    (row,) = records.search(TicketQuery(status="处理中")).rows
    assert (row.ticket_no, row.due_date) == (number, "2026-12-01")
    assert records.set_state("260101000000000000", "处理中") is False


def test_tickets_of_a_program_without_a_list_are_found_after_opening(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    store = SqliteTicketStore(path, scenes.KEY, SystemClock())
    number = store.submit(scenes.context(), (), scenes.one_matter(), {}).ticket_no
    store.close()
    db = open_writer(path, scenes.KEY, SystemClock())
    listing.remove(db, number)
    db.execute("INSERT INTO unlisted VALUES (?)", [number])
    db.close()
    store = SqliteTicketStore(path, scenes.KEY, SystemClock())
    assert [row.ticket_no for row in SqliteRecords(store, SystemClock()).search(TicketQuery(name="欧阳")).rows] == [number]
    store.close()


def test_more_than_64_in_a_second_keep_apart(store: SqliteTicketStore) -> None:
    at = "2026-11-22T10:00:00+08:00"
    row = TicketRow("1", "", "c", at, "待派遣")
    ids = store.writing(lambda db: [listing.put(db, replace(row, ticket_no=str(each))) for each in range(150)])
    assert len(set(ids)) == 150
    assert ids == sorted(ids)


def test_words_with_signs_and_quotes_are_only_words(store: SqliteTicketStore) -> None:
    records = SqliteRecords(store, SystemClock())
    fields = {"title": FieldValue('A"座 OR 楼*(丙)', FieldState.FILLED, 1.0)}
    store.submit(scenes.context(), (), TicketDraft((fields,)), {})
    for text in ('A"座', "楼*(丙)", "or 楼", "座OR", "ＡＯ"):
        assert len(records.search(TicketQuery(text=text)).rows) == (0 if text == "ＡＯ" else 1), text
    assert records.search(TicketQuery(text='" OR 1')).rows == ()
