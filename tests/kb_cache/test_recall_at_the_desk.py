"""A recall reaches the desk's own update service with its next look: search, operator, IT and ``tingdan kb status`` all tell it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.assembly import open_knowledge, opened_store, updates_folder
from app.assembly_knowledge import recall_watch, receipt_folder, running_updates
from app.cli import main
from app.domain.assist import AssistAct, AssistEvent, AssistOrigin
from app.domain.call import NoticeRaised
from app.domain.errors import AppError
from app.domain.knowledge import KnowledgeQuery
from app.domain.knowledge_update import UpdateNews
from app.platform import messages
from app.platform.clock import SystemClock
from app.platform.settings import load_settings
from app.store.assist import SqliteAssist
from tests.app.delivery import ticket_system
from tests.kb_cache.publishing import new_publisher, rows, serving


@pytest.fixture
def kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TINGDAN_PASSPHRASE", "a passphrase of tests")
    return home


def event(call: str, entry: str, at: str) -> AssistEvent:
    return AssistEvent(at, call, entry, 1, AssistAct.SHOWN, AssistOrigin.PUSH, "v1", 12_000, "0001")


def receipts(share: Path) -> list[dict[str, object]]:
    return [json.loads(path.read_bytes()) for path in share.glob("*.json")]


def until(holds: Callable[[], bool]) -> None:
    for _ in range(1200):
        if holds():
            return
        threading.Event().wait(0.05)
    raise AssertionError("it did not come")


def test_a_recall_is_told_with_the_calls_that_saw_the_entry(kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    publisher, clock, share = new_publisher(tmp_path / "repo"), SystemClock(), tmp_path / "share"
    publisher.publish(rows(), "stable", "v1")
    share.mkdir()
    installed = updates_folder()
    installed.folder.mkdir(parents=True)
    installed.trust((publisher.public / "metadata" / "1.root.json").read_bytes())
    told, faults = list[UpdateNews](), list[AppError]()
    with serving(publisher.public) as server, opened_store(clock, rehearsal=False, on_health=lambda fault: None) as (store, _):
        for key, value in (("knowledge.address", server.address), ("knowledge.receipts", str(share)), ("knowledge.proxy", "none")):
            load_settings().put(key, value)
        assist = SqliteAssist(store, clock)
        watch, notices = recall_watch(assist, clock), list[NoticeRaised]()

        def news(came: UpdateNews) -> None:
            told.append(came)
            if (notice := watch.take(came)) is not None:
                notices.append(notice)

        with running_updates(clock, faults.append, news, lambda age: None) as poll:
            assert poll is not None
            poll.look_now()
            until(lambda: bool(told))
            knowledge = open_knowledge(None)
            assert {one.entry.id for one in knowledge.search(KnowledgeQuery("第2号证件遗失补办"))} >= {"e2"}
            assist.add([event("call-1", "e2", "2026-11-22T08:00:00+08:00"), event("call-2", "e2", "2026-11-22T09:00:00+08:00"),
                        event("call-3", "e1", "2026-11-22T09:30:00+08:00")])
            publisher.recall("stable", "e2", "依据已废止")
            poll.look_now()
            until(lambda: any(one["result"] == "recalled" for one in receipts(share)))
        assert not faults and told[-1].recalled == {"e2"}
        assert "e2" not in {one.entry.id for one in knowledge.search(KnowledgeQuery("第2号证件遗失补办"))}
        knowledge.close()  # type: ignore[attr-defined]
    notice, = notices
    assert messages.text(notice.key, notice.params, "zh") == "知识库撤回了 1 条内容（e2），请勿再用；本机 2 通电话显示过：call-2、call-1。"
    recalled, = [one for one in receipts(share) if one["result"] == "recalled"]
    assert (recalled["version"], recalled["desk"]) == ("v1", installed.desk())
    assert recalled["details"] == {"recalled": 1, "calls": 2, "calls:e2": 2}
    assert receipt_folder(installed).waiting() == ()
    capsys.readouterr()
    assert main(["kb", "status"]) == 0
    status = capsys.readouterr().out
    assert "e2" in status and "依据已废止" in status and status.index("call-2") < status.index("call-1") and "call-3" not in status
    assert main(["kb", "status", "--json"]) == 0
    assert [call for call, _ in json.loads(capsys.readouterr().out)["shown"]["e2"]] == ["call-2", "call-1"]


def test_a_look_that_fails_is_a_receipt_with_its_reason_until_somebody_takes_it(home: Path, tmp_path: Path,
                                                                                capsys: pytest.CaptureFixture[str]) -> None:
    publisher, authority = new_publisher(tmp_path / "repo"), tmp_path / "none.pem"
    publisher.publish(rows(), "stable", "v1")
    updates_folder().folder.mkdir(parents=True)
    updates_folder().trust((publisher.public / "metadata" / "1.root.json").read_bytes())
    load_settings().put("knowledge.ca_file", str(authority))
    assert main(["kb", "update", "--from", "https://127.0.0.1:9/"]) == 3
    load_settings().put("knowledge.ca_file", "")
    assert main(["kb", "update", "--from", "http://127.0.0.1:9/"]) == 3
    assert main(["kb", "update", "--from", str(publisher.public)]) == 0
    capsys.readouterr()
    assert main(["kb", "status"]) == 0
    lines = capsys.readouterr().out
    assert [key for key in ("kb_update.certificate_unusable", "kb_update.unreachable", "installed") if key in lines] == [
        "kb_update.certificate_unusable", "kb_update.unreachable", "installed"]
    load_settings().put("knowledge.proxy", "none")
    with ticket_system.running() as office:  # any address that takes JSON
        load_settings().put("knowledge.receipts", office.url("/receipts"))
        assert main(["kb", "update", "--from", str(publisher.public)]) == 0
        assert [(seen.method, seen.path, seen.json["result"]) for seen in office.seen] == [
            ("POST", "/receipts", key) for key in ("kb_update.certificate_unusable", "kb_update.unreachable", "installed")]
    assert receipt_folder(updates_folder()).waiting() == ()
