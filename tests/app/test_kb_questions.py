"""``tingdan kb questions`` as an editor uses it: calls end unanswered, the questions come out grouped, as drafts that import."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import main
from app.domain.call import CallAnswered, CallReleased
from app.domain.dialogue import CallContext, Channel, Utterance, UtteranceFinal
from app.domain.knowledge import Status
from app.extraction.extractor import DialogueExtractor
from app.platform.clock import SystemClock
from app.platform.resource_files import resource
from app.platform.secrets import open_secrets
from app.services.call_session import CallSession
from app.services.knowledge_push import KnowledgePush, PushSettings
from app.services.knowledge_use import KnowledgeUse
from app.store.assist import SqliteAssist
from app.store.ticket_store import FILE_NAME, SqliteTicketStore
from kb_cache.opening import open_kb
from kb_cache.records import entry_of

ASKED = ("请问天文台晚上开放给市民看星星要怎么预约", "我想问一下天文台晚上看星星怎么预约啊", "请问热气球飞行表演在哪里报名")
GIVEN = "我的电话是幺三九幺二三四五六七八能不能打给我"


@pytest.fixture
def home_with_calls(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desk that took three calls whose questions no card answered, and one that gave a number only."""
    monkeypatch.setenv("TINGDAN_PASSPHRASE", "correct horse battery")
    monkeypatch.setenv("TINGDAN_LANG", "en")
    clock, folder = SystemClock(), home / "data"
    folder.mkdir()
    knowledge = open_kb(resource("sample_kb"), tmp_path / "cache")
    store = SqliteTicketStore(folder / FILE_NAME, open_secrets(folder, False).store_key(), clock)
    use = KnowledgeUse(SqliteAssist(store, clock), clock, lambda: knowledge.version)
    use.start()
    for n, text in enumerate((*ASKED, GIVEN)):
        push = KnowledgePush(knowledge, PushSettings(ask_score=1.1, state_score=1.1))
        session = CallSession(CallContext(f"c{n}", "2026-11-22T09:00:00+08:00", "广州市"), DialogueExtractor.load(), push)
        session.apply(CallAnswered())
        for at, (channel, said) in enumerate(((Channel.OPERATOR, "您好，请问有什么可以帮您？"), (Channel.CITIZEN, text))):
            use.follow(session.apply(UtteranceFinal(f"u{at}", Utterance(0, channel, at * 4000, at * 4000 + 3000, said), at * 4000 + 3000)))
        use.follow(session.apply(CallReleased(9000)))
    use.close()
    store.close()
    knowledge.close()
    return home


def test_unanswered_questions_come_out_grouped_as_drafts_that_can_be_imported(
        home_with_calls: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "drafts.jsonl"
    assert main(["kb", "questions", "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert "3" in told and "2" in told
    assert not any(text in told for text in ASKED)  # citizens' words only where they were asked for
    drafts = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [set(draft["questions"]) for draft in drafts] == [set(ASKED[:2]), {ASKED[2]}]
    assert all(draft["tags"] == ["待编写"] and not entry_of(draft).answer for draft in drafts)
    assert "一三九" not in out.read_text("utf-8") and "幺三九" not in out.read_text("utf-8")
    assert main(["kb", "import", str(out), "--out", str(tmp_path / "kb")]) == 0
    with_drafts = open_kb(tmp_path / "kb", tmp_path / "cache")
    assert with_drafts.size == 2
    assert all(entry.status is Status.DRAFT for draft in drafts if (entry := with_drafts.get(draft["id"])))  # never pushed as it is
    with_drafts.close()


def test_nothing_asked_gives_an_empty_file(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINGDAN_PASSPHRASE", "correct horse battery")
    out = tmp_path / "drafts.jsonl"
    assert main(["kb", "questions", "--out", str(out)]) == 0
    assert out.read_bytes() == b""
