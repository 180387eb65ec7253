"""Masked words of calls at the hub: the switch, whose they are, the key, each look on record, their own days."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from app.domain.call_record import CallRecord
from app.domain.call_record_form import to_json
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.json_values import Json
from app.domain.shared_text import SharedText, SharedTurn, text_to_json
from app.hub.retention import Keep, forget
from app.hub.rights import Role, Visitor
from app.hub.services import HubServices
from app.hub.shared_texts import SHARED_TEXT, SharedTexts, read_key
from tests.app.hub.conftest import SetClock

KEY = bytes(range(32))
WORDS = "路灯坏了三天没人修"
LEAD, OTHER = Visitor(Role.LEAD, "anna", "north"), Visitor(Role.LEAD, "otto", "south")


def text(number: int, words: str = WORDS) -> dict[str, Json]:
    return text_to_json(SharedText(f"{number:032x}", (SharedTurn("citizen", 1200, words), SharedTurn("agent", 4000, "好的"))))


def brought(services: HubServices, clock: SetClock, *numbers: int, desk: str = "desk1", team: str = "north") -> None:
    records = [to_json(CallRecord(f"{number:032x}", clock.now().isoformat(), desk, agent="8001")) for number in numbers]
    assert services.ingest.take(desk, team, records).accepted == len(numbers)


def texts(services: HubServices, clock: SetClock, days: int = 30, key: bytes | None = None) -> SharedTexts:
    return SharedTexts(services.database, clock, days, key)


def test_with_the_switch_off_nothing_is_taken(services: HubServices, clock: SetClock) -> None:
    brought(services, clock, 1)
    assert services.config.keep_texts_days == 0
    assert services.texts.take("desk1", [text(1)]) == (0, [(f"{1:032x}", "texts_off")])
    assert services.texts.read(Visitor(Role.HEAD, "boss"), f"{1:032x}") is None


def test_words_come_behind_a_record_of_the_same_desk_once(services: HubServices, clock: SetClock) -> None:
    book = texts(services, clock)
    brought(services, clock, 1)
    brought(services, clock, 2, desk="desk2")
    assert book.take("desk1", [text(1), text(2), text(3), {"record_id": "x"}, 7]) == (
        1, [("x", "malformed"), ("", "malformed"), (f"{2:032x}", "unknown_record"), (f"{3:032x}", "unknown_record")])
    assert book.take("desk1", [text(1, "另一段话")]) == (1, [])  # what is there stays
    found = book.read(LEAD, f"{1:032x}")
    assert found is not None
    assert [turn.text for turn in found.turns] == [WORDS, "好的"]


def test_numbers_that_a_desk_left_open_do_not_reach_the_disk(services: HubServices, clock: SetClock) -> None:
    book = texts(services, clock)
    brought(services, clock, 1)
    book.take("desk1", [text(1, "我的电话是幺三八零零六零五二幺七，身份证440106199001011234")])
    found = book.read(LEAD, f"{1:032x}")
    assert found is not None
    assert not set("0123456789幺三八零六五二七") & set(found.turns[0].text)


def test_only_who_sees_the_call_reads_it_and_each_look_is_on_record(services: HubServices, clock: SetClock) -> None:
    book = texts(services, clock)
    brought(services, clock, 1)
    book.take("desk1", [text(1)])
    assert book.read(OTHER, f"{1:032x}") is None
    assert book.looks() == []
    for visitor in (LEAD, Visitor(Role.HEAD, "boss"), LEAD):
        clock.pass_by(minutes=1)
        assert book.read(visitor, f"{1:032x}") is not None
    assert [(look["by"], look["role"], look["record_id"]) for look in book.looks()] == [
        ("anna", "lead", f"{1:032x}"), ("boss", "head", f"{1:032x}"), ("anna", "lead", f"{1:032x}")]


def test_with_a_key_the_database_holds_no_word_and_another_key_opens_nothing(services: HubServices, clock: SetClock) -> None:
    brought(services, clock, 1, 2)
    sealed = texts(services, clock, key=KEY)
    sealed.take("desk1", [text(1), text(2, "第二通电话")])
    with services.database.engine.begin() as connection:
        rows = {row.record_id: row for row in connection.execute(SHARED_TEXT.select())}
        assert b"x\x9c" not in {bytes(row.body)[:2] for row in rows.values()}  # not even compressed in the clear
    assert sealed.read(LEAD, f"{1:032x}") is not None
    for key in (None, bytes(32)):
        with pytest.raises(EnvironmentFault) as fault:
            texts(services, clock, key=key).read(LEAD, f"{1:032x}")
        assert fault.value.key == "hub.text_key"
    with services.database.engine.begin() as connection:  # words of one call put under another
        connection.execute(SHARED_TEXT.update().where(SHARED_TEXT.c.record_id == f"{1:032x}").values(body=rows[f"{2:032x}"].body))
    with pytest.raises(EnvironmentFault):
        sealed.read(LEAD, f"{1:032x}")


def test_a_key_file_holds_a_key_or_is_told(tmp_path: Path) -> None:
    file = tmp_path / "text.key"
    assert read_key("") is None
    for content in ("", "short", base64.b64encode(bytes(31)).decode()):
        file.write_text(content)
        with pytest.raises(OperatorVisibleError):
            read_key(str(file))
    file.write_text(base64.b64encode(KEY).decode() + "\n")
    assert read_key(str(file)) == KEY


def test_words_go_after_their_own_days_with_their_record_or_when_the_switch_goes_off(services: HubServices, clock: SetClock) -> None:
    book = texts(services, clock, days=30)
    brought(services, clock, 1)
    clock.pass_by(days=20)
    brought(services, clock, 2)
    book.take("desk1", [text(1), text(2)])
    assert "shared_text" not in forget(services.database, clock, Keep(texts=30))
    clock.pass_by(days=10)
    assert forget(services.database, clock, Keep(texts=30))["shared_text"] == 1
    assert (book.read(LEAD, f"{1:032x}"), book.read(LEAD, f"{2:032x}") is not None) == (None, True)
    assert texts(services, clock, days=0).read(LEAD, f"{2:032x}") is None  # at once; the words themselves go with the next forgetting
    assert forget(services.database, clock, Keep(texts=0))["shared_text"] == 1
    assert book.looks(), "who looked stays longer than the words"


def test_a_text_that_is_none_is_refused_and_harms_no_other(services: HubServices, clock: SetClock) -> None:
    book = texts(services, clock)
    brought(services, clock, 1)
    turn = {"side": "citizen", "at_ms": 0, "text": "好"}
    for wrong in ({"side": "other"}, {"at_ms": -1}, {"at_ms": 1.5}, {"text": "x" * 2001}, {"text": "\x00"}, {"text": None}):
        held = json.loads(json.dumps({"record_id": f"{1:032x}", "turns": [{**turn, **wrong}]}))
        assert book.take("desk1", [held])[1] == [(f"{1:032x}", "malformed")]
    assert book.take("desk1", [text(1)]) == (1, [])
