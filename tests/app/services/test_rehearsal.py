"""A rehearsal over calls that were really submitted: what changes is shown precisely, and nothing else is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from app.assembly import ReplayOrder, field_labels, new_context, new_session, new_submit, open_knowledge
from app.assembly_rehearsal import Chosen, SetUp, chosen_calls, export_calls, run_pass
from app.cli import main
from app.domain.assist import AssistAct, AssistEvent, AssistOrigin
from app.domain.errors import OperatorVisibleError
from app.domain.rehearsal import CardMove, Pass, Standing, rehearsed
from app.domain.rehearsal_form import pass_from_json, pass_to_json
from app.platform import messages
from app.platform.catalogue_files import load_fields
from app.platform.clock import SystemClock
from app.platform.resource_files import resource
from app.services.rehearsal import RehearsalCall
from app.services.rehearsal_report import as_json, as_text
from app.services.replay import read_script, replay_script
from app.store.assist import SqliteAssist
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes

CARD = "SP-NOISE-Q1"
SCRIPTS = ("night-construction", "left-turn-light")


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RehearsalCall, ...]]:
    """Both sample calls, taken, corrected by the operator and submitted to an encrypted store; as a rehearsal reads them."""
    folder = tmp_path_factory.mktemp("rehearsal")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINGDAN_HOME", str(folder))
        clock = SystemClock()
        store = SqliteTicketStore(folder / "tickets.db", scenes.KEY, clock)
        for name in SCRIPTS:
            script = read_script(resource("sample_calls", f"{name}.json"))
            context = replace(new_context(ReplayOrder(), clock, script.city, script.call_time), call_id=f"live-{name}")
            knowledge = open_knowledge(None)
            state = replay_script(script, new_session(context, knowledge), clock).state
            knowledge.close()
            for field in [name for name, held in state.draft.matters[0].items() if held.value is not None]:
                state = replace(state, draft=state.draft.confirm(field))
            state = replace(state, draft=state.draft.edit("requester_name", "试验者"))
            new_submit(store, clock).submit(state, {})
            SqliteAssist(store, clock).add([
                AssistEvent(clock.now().isoformat(), context.call_id, push.ranked[0].entry.id, 1, AssistAct.SPOKEN, AssistOrigin.PUSH)
                for push in state.pushes])
        store.flush()
        found = chosen_calls(Chosen(), store)
        store.close()
        yield found


@pytest.fixture(autouse=True)
def own_home(home: Path) -> None:
    """No settings of whoever runs the tests."""


@pytest.fixture(scope="module")
def present(calls: tuple[RehearsalCall, ...], tmp_path_factory: pytest.TempPathFactory) -> Pass:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINGDAN_HOME", str(tmp_path_factory.mktemp("present")))
        return run_pass(SetUp(), calls)


def knowledge_without(folder: Path, *gone: str) -> Path:
    lines = resource("sample_kb", "entries.jsonl").read_text("utf-8").splitlines(keepends=True)
    out = folder / "entries.jsonl"
    out.write_text("".join(line for line in lines if json.loads(line)["id"] not in gone), "utf-8")
    return out


def test_stored_calls_are_judged_against_what_was_submitted(calls: tuple[RehearsalCall, ...], present: Pass) -> None:
    assert {call.context.call_id for call in calls} == {f"live-{name}" for name in SCRIPTS}
    for seen in present.calls:
        standings = {field.name: field.standing for field in seen.fields}
        assert standings["requester_name"] in (Standing.WRONG, Standing.MISSING, Standing.ASIDE)  # the operator had written another one
        assert standings["region_district"] is Standing.RIGHT
        assert standings["title"] is Standing.WORDS
        assert "accept_time" not in standings and "caller_number" not in standings
        assert seen.ranks[0] == 1
        assert seen.helped == {card.entry_id for card in seen.cards if card.rank == 1}
    assert "试验者" not in json.dumps(pass_to_json(present), ensure_ascii=False)


def test_the_same_knowledge_changes_nothing(calls: tuple[RehearsalCall, ...], present: Pass, tmp_path: Path) -> None:
    outcome = rehearsed(present, run_pass(SetUp(knowledge=knowledge_without(tmp_path)), calls))
    assert (outcome.calls, outcome.changes, outcome.verdict.value) == (2, (), "same")


def test_an_entry_that_was_removed_is_missed_by_precisely_the_calls_that_had_its_card(
        calls: tuple[RehearsalCall, ...], present: Pass, tmp_path: Path) -> None:
    had = {seen.call for seen in present.calls if any(card.entry_id == CARD for card in seen.cards)}
    assert len(had) == 1
    after = run_pass(SetUp(knowledge=knowledge_without(tmp_path, CARD)), calls)
    outcome = rehearsed(present, after)
    lost = {change.call for change in outcome.changes for card in change.cards if (card.entry_id, card.move) == (CARD, CardMove.VANISHED)}
    assert lost == had
    assert not [card for change in outcome.changes for card in change.cards if card.move is CardMove.VANISHED and card.entry_id != CARD]
    assert not [field for change in outcome.changes for field in change.fields]
    assert outcome.verdict.value == "unsure"  # one call proves nothing
    told = as_json(outcome, present, after)
    assert told["totals"]["cards_vanished"] == told["totals"]["helpful_cards_vanished"] == 1  # type: ignore[index]
    text = as_text(outcome, present, after, field_labels(load_fields()), messages.text)
    assert CARD in text and all(call in text for call in had)


def test_word_lists_of_its_own_run_in_a_process_of_their_own(calls: tuple[RehearsalCall, ...], present: Pass, tmp_path: Path) -> None:
    """Rules of which most values were counted wrong only suggest: what stood right before is lost, and the values are the same ones."""
    counted = resource("rule_precision.toml").read_text("utf-8")
    (tmp_path / "rule_precision.toml").write_text(re.sub(r"= \[\d+, \d+\]", "= [1, 30]", counted), "utf-8")
    outcome = rehearsed(present, run_pass(SetUp(lists=tmp_path), calls))
    assert outcome.calls == 2 and not outcome.faults
    changes = [field for change in outcome.changes for field in change.fields]
    assert (Standing.RIGHT, Standing.OFFERED) in {(field.before, field.after) for field in changes}
    assert not any(field.is_gain and field.after is Standing.RIGHT for field in changes)
    (tmp_path / "surnames.txt").write_text("", "utf-8")
    with pytest.raises(OperatorVisibleError, match="lists_unusable"):
        run_pass(SetUp(lists=tmp_path), calls)


def test_a_pass_is_kept_and_read_again_and_the_exit_code_tells_the_verdict(
        present: Pass, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert pass_from_json(json.loads(json.dumps(pass_to_json(present)))) == present
    for wrong in cast("list[object]", [[], {}, {"format": "other"}, {**pass_to_json(present), "calls": [{"call": 1}]}]):
        with pytest.raises(ValueError):
            pass_from_json(wrong)
    for name in SCRIPTS:
        (tmp_path / f"{name}.json").write_bytes(resource("sample_calls", f"{name}.json").read_bytes())
    kept = tmp_path.parent / "now.pass"
    assert main(["rehearse", "--scripts", str(tmp_path), "--save", str(kept)]) == 0
    capsys.readouterr()
    assert main(["rehearse", "--scripts", str(tmp_path), "--before", str(kept), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "same"
    assert main(["rehearse", "--scripts", str(tmp_path)]) == 2
    kept.write_text("{}")
    assert main(["rehearse", "--scripts", str(tmp_path), "--before", str(kept)]) == 2


def test_an_export_holds_other_people_and_replays_like_the_original(
        calls: tuple[RehearsalCall, ...], present: Pass, tmp_path: Path) -> None:
    assert export_calls(calls, tmp_path / "out") == 2
    whole = "".join(path.read_text("utf-8") for path in sorted((tmp_path / "out").iterdir()))
    for call in calls:
        phone = str(call.submitted[0]["contact_phone"])
        spoken = "".join("零幺二三四五六七八九"[int(digit)] for digit in phone)
        for secret in (phone, phone[-4:], spoken[-4:], call.key, call.context.call_id, "试验者"):
            assert secret not in whole
    with pytest.raises(OperatorVisibleError):
        export_calls(calls, tmp_path / "out")
    again = run_pass(SetUp(), chosen_calls(Chosen(tmp_path / "out"), None))
    for name in ("contact_phone", "region_district", "item_code", "request_type"):
        was, now = ([field.standing for seen in each.calls for field in seen.fields if field.name == name] for each in (present, again))
        assert was == now, name
    assert [len(seen.cards) for seen in again.calls] == [len(seen.cards) for seen in present.calls]


def test_knowledge_that_loses_a_card_which_helped_eight_citizens_is_worse_and_the_exit_code_says_so(
        tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = json.loads(resource("sample_calls", "night-construction.json").read_text("utf-8"))
    (tmp_path / "calls").mkdir()
    for number in range(8):
        short = {"city": script["city"], "call_time": script["call_time"], "turns": script["turns"][:6], "helped": [CARD]}
        (tmp_path / "calls" / f"{number}.json").write_text(json.dumps(short), "utf-8")
    assert main(["rehearse", "--scripts", str(tmp_path / "calls"), "--kb", str(knowledge_without(tmp_path, CARD)), "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert (told["verdict"], told["changed"], told["totals"]["helpful_cards_vanished"]) == ("worse", 8, 8)
