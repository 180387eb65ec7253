"""My tickets in the real window over the real store: list, search, filters, masking, mending, lights, 100,000 tickets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from app.domain.deadlines import Light
from app.domain.delivery import OutboxState
from app.domain.masking import Role
from app.presenters.ticket_lines import Standing
from app.presenters.ticket_list import Filter
from app.store.records import SqliteRecords
from tests.widgets.records_desk import TICKETS, WORDS, RecordsDesk, opened
from widgets.language import Language

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def desk(application: Language, tmp_path: Path) -> Iterator[RecordsDesk]:
    with opened(tmp_path / "tickets.db", application) as made:
        yield made


def key(desk: RecordsDesk, which: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(desk.window.focusWidget() or desk.window, which, modifiers)


def listed(desk: RecordsDesk) -> list[tuple[Standing, str]]:
    model = desk.records.tickets.model
    return [(line.standing, line.number) for row in range(model.rowCount()) if (line := model.line(row)) is not None]


def use(desk: RecordsDesk, which: Filter) -> None:
    assert desk.window.records is not None
    desk.window.records.page.filters.setCurrentIndex(list(Filter).index(which))
    desk.wait_for(lambda: not desk.records.tickets.view.is_reading)


def stand_on(desk: RecordsDesk, number: str) -> None:
    assert desk.window.records is not None
    desk.window.records.page.list.stand_on(desk.records.tickets.model.place(number))


def audit(desk: RecordsDesk, number: str) -> list[str]:
    return [entry.action for entry in SqliteRecords(desk.store, desk.clock).entries(subject=number)]


def test_the_page_opens_by_key_and_shows_what_became_of_every_ticket(desk: RecordsDesk) -> None:
    key(desk, Qt.Key.Key_T, CTRL)
    desk.wait_for(lambda: len(listed(desk)) == 6)
    newest_first = list(reversed(desk.numbers))
    states = [Standing.QUEUED, Standing.RETRIED, Standing.REFUSED, Standing.DELIVERED, Standing.DELIVERED]
    assert listed(desk) == [(Standing.DRAFT, ""), *zip(states, newest_first, strict=True)]
    assert desk.window.panes.isHidden()
    key(desk, Qt.Key.Key_Escape)
    assert not desk.window.panes.isHidden()


def test_nothing_of_a_person_stands_open_in_the_list_and_to_show_it_is_on_record(desk: RecordsDesk) -> None:
    desk.open_page()
    stand_on(desk, desk.numbers[0])
    assert desk.window.records is not None
    table = desk.records.detail.fields
    shown = " ".join(row.text for row in table.rows)
    assert "陈＊＊" in shown
    assert "139＊＊＊＊1111" in shown
    assert "陈试验" not in shown
    assert "88号" not in shown
    assert audit(desk, desk.numbers[0]) == ["submitted"]
    key(desk, Qt.Key.Key_I, CTRL)
    desk.wait_for(lambda: desk.records.detail.view.is_whole)
    assert "陈试验" in [row.text for row in table.rows]
    assert audit(desk, desk.numbers[0]) == ["submitted", "saw"]
    stand_on(desk, desk.numbers[1])
    assert "林样本" not in " ".join(row.text for row in table.rows)


def test_it_sees_nothing_and_cannot_ask(application: Language, tmp_path: Path) -> None:
    with opened(tmp_path / "tickets.db", application, Role.IT) as desk:
        desk.open_page()
        stand_on(desk, desk.numbers[0])
        assert not desk.records.detail.view.can_show
        line = desk.records.detail.view.line
        assert line is not None
        assert {line.title, line.name, line.phone} == {"＊＊＊"}


@pytest.mark.parametrize(("typed", "found"), [
    ("陈试验", [0]), ("1111", [0]), ("13733334444", [1]), ("测试大道", [2]), ("积水", [3]), ("nothing at all", []),
])
def test_one_box_finds_by_number_phone_name_place_and_title(desk: RecordsDesk, typed: str, found: list[int]) -> None:
    desk.open_page()
    key(desk, Qt.Key.Key_F, CTRL)
    QTest.keyClicks(desk.window.focusWidget(), "x")
    focused = desk.window.focusWidget()
    assert isinstance(focused, QLineEdit)
    focused.setText(typed)
    focused.textEdited.emit(typed)
    desk.wait_for(lambda: [number for _, number in listed(desk)] == [desk.numbers[place] for place in found])


def test_an_item_is_found_by_its_words(desk: RecordsDesk) -> None:
    desk.open_page()
    desk.records.tickets.type_query(desk.records.tickets._parts.taxonomy.get("090101").name)  # type: ignore[union-attr]
    desk.wait_for(lambda: [number for _, number in listed(desk)] == [desk.numbers[1]])


def test_filters_hold_what_their_names_say(desk: RecordsDesk) -> None:
    desk.open_page()
    use(desk, Filter.DRAFTS)
    assert [standing for standing, _ in listed(desk)] == [Standing.DRAFT]
    use(desk, Filter.UNSENT)
    assert {number for _, number in listed(desk)} == set(desk.numbers[2:])
    use(desk, Filter.REFUSED)
    assert listed(desk) == [(Standing.REFUSED, desk.numbers[2])]


def test_a_refusal_is_told_in_the_servers_words_as_plain_text_mended_and_sent_again(desk: RecordsDesk) -> None:
    desk.open_page()
    stand_on(desk, desk.numbers[2])
    assert desk.window.records is not None
    details = desk.window.records.page.details
    assert WORDS in details.refusal.text()
    assert details.refusal.textFormat() is Qt.TextFormat.PlainText
    key(desk, Qt.Key.Key_Return)
    desk.wait_for(lambda: desk.records.detail.view.can_mend)
    table = desk.records.detail.fields
    row = next(place for place, each in enumerate(table.rows) if each.name == "contact_phone")
    details.fields.setCurrentIndex(table.index(row, 1))
    key(desk, Qt.Key.Key_Return)
    editor = details.fields.findChild(QLineEdit)
    assert editor is not None
    editor.setText("13522220000")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    desk.wait_for(lambda: desk.records.detail.view.mends == 1)
    key(desk, Qt.Key.Key_R, CTRL | SHIFT)
    desk.wait_for(lambda: desk.outbox.messages()[0].state is OutboxState.MENDED)
    message = next(each for each in desk.outbox.messages() if each.ticket_no == desk.numbers[2] and each.state is OutboxState.WAITING)
    assert message.revision == 2
    values = desk.outbox.consignment(message.row_id).tickets[0].fields["contact_phone"]
    assert values["value"] == "13522220000"  # type: ignore[index]
    desk.wait_for(lambda: (Standing.QUEUED, desk.numbers[2]) in listed(desk))


def test_what_is_no_value_of_a_field_is_not_taken(desk: RecordsDesk) -> None:
    desk.open_page()
    stand_on(desk, desk.numbers[2])
    desk.records.detail.show_whole()
    desk.wait_for(lambda: desk.records.detail.view.can_mend)
    table = desk.records.detail.fields
    row = next(place for place, each in enumerate(table.rows) if each.name == "item_code")
    table.setData(table.index(row, 1), "no such item")
    assert desk.records.detail.view.mends == 0
    assert desk.records.detail.view.notice_key == "tickets.no_value"


def test_a_file_is_added_and_a_waiting_ticket_is_tried_now(desk: RecordsDesk, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8\xff" * 100)
    desk.open_page()
    stand_on(desk, desk.numbers[3])
    desk.records.detail.attach(photo)
    desk.wait_for(lambda: desk.records.detail.view.notice_key == "tickets.attached")
    desk.wait_for(lambda: bool(desk.records.detail.view.line and desk.records.detail.view.line.attachments))
    key(desk, Qt.Key.Key_S, CTRL | SHIFT)
    assert desk.tried == [True]
    desk.records.detail.attach(tmp_path / "gone.jpg")
    desk.wait_for(lambda: desk.records.detail.view.notice_key == "tickets.file_unreadable")


def test_enter_on_a_draft_takes_it_up_and_leaves_the_page(desk: RecordsDesk) -> None:
    desk.open_page()
    stand_on(desk, "draft-1")
    key(desk, Qt.Key.Key_Return)
    assert desk.opened == ["draft-1"]
    assert not desk.window.panes.isHidden()


def test_lights_change_at_midnight_by_one_timer(desk: RecordsDesk) -> None:
    desk.open_page()
    desk.wait_for(lambda: desk.records.tickets.due > 0)
    model, number = desk.records.tickets.model, desk.numbers[4]
    line = model.line(model.place(number))
    assert line is not None
    assert line.light is Light.NORMAL
    assert line.due is not None
    assert desk.records.tickets._light_timer.isSingleShot()
    assert desk.records.tickets._light_timer.isActive()
    desk.clock.run(timedelta(days=30).total_seconds())
    desk.records.tickets._light_timer.start(1)
    desk.wait_for(lambda: model.line(model.place(number)).light is Light.RED)  # type: ignore[union-attr]
    use(desk, Filter.DUE)
    assert number in [each for _, each in listed(desk)]


def test_every_line_says_its_state_to_a_screen_reader(desk: RecordsDesk) -> None:
    desk.open_page()
    assert desk.window.records is not None
    view = desk.window.records.page.list
    stand_on(desk, desk.numbers[2])
    assert view.accessibleDescription().startswith("被拒收。")
    assert TICKETS[2][3] in view.accessibleDescription()
