"""The desk's thread looks by itself, tells what is new and how old the knowledge is; receipts wait until they are taken."""

from __future__ import annotations

import threading
from pathlib import Path

from app.domain.errors import AppError
from app.domain.knowledge import KnowledgeQuery
from app.domain.knowledge_update import KnowledgeAge, UpdateNews
from app.platform import messages
from app.platform.clock import SystemClock
from kb_cache.live import LiveKnowledge
from kb_cache.receipts import ReceiptFolder, carry_to_folder
from kb_cache.update_poll import UpdatePoll, UpdateTold, state_of
from tests.kb_cache.publishing import Desk, ShiftedClock, new_publisher, rows


def test_the_thread_installs_what_is_new_and_sends_its_receipt(tmp_path: Path) -> None:
    publisher = new_publisher(tmp_path / "repo")
    publisher.publish(rows(), "stable", "v1")
    desk = Desk(tmp_path / "desk", str(publisher.public)).trusting(publisher)
    share = tmp_path / "share"
    share.mkdir()
    told: list[UpdateNews] = []
    seen = threading.Event()
    ages: list[KnowledgeAge] = []

    def age(now: KnowledgeAge) -> None:
        ages.append(now)
        seen.set()

    faults: list[AppError | None] = []
    poll = UpdatePoll(desk.updater(), desk.installed, 3600.0, SystemClock(), UpdateTold(told.append, faults.append, age),
                      carry_to_folder(share))
    poll.start()
    poll.look_now()
    assert seen.wait(60)
    assert poll.stop()
    assert faults == [] and told[0].version == "v1" and len(told[0].changed) == 6
    assert (ages[-1].version, ages[-1].result, ages[-1].expired_days) == ("v1", "installed", 0)
    assert len(list(share.glob("*.json"))) == 1 and ReceiptFolder(desk.installed.folder / "receipts").waiting() == ()


def test_days_since_the_publisher_vouched_are_told_and_the_knowledge_keeps_answering(tmp_path: Path) -> None:
    publisher = new_publisher(tmp_path / "repo")
    publisher.publish(rows(), "stable", "v1")
    desk = Desk(tmp_path / "desk", str(publisher.public)).trusting(publisher)
    desk.look()
    assert state_of(desk.installed, ShiftedClock(6.9)).expired_days == 0
    age = state_of(desk.installed, ShiftedClock(11.5))
    assert age.expired_days == 5
    assert messages.text("kb_update.expired_days", {"days": age.expired_days}) in (
        "知识库已过期 5 天", "The knowledge base expired 5 days ago")
    assert desk.answers() == ("v1", "installed", 6)


def test_an_open_knowledge_base_switches_only_when_told(tmp_path: Path) -> None:
    publisher = new_publisher(tmp_path / "repo")
    publisher.publish(rows(), "stable", "v1")
    desk = Desk(tmp_path / "desk", str(publisher.public)).trusting(publisher)
    live = LiveKnowledge(desk.home / "kb", desk.cache, desk.installed)
    assert live.size > 30  # the sample, before the first update
    desk.look()
    assert live.version != "v1"
    assert live.use_newest() and (live.version, live.size) == ("v1", 6)
    assert not live.use_newest()
    publisher.publish(rows(e1="换了新窗口"), "stable", "v2")
    desk.look()
    assert live.search(KnowledgeQuery("第1号证件遗失补办"))[0].entry.answer == "带身份证到1号窗口办理。"
    assert live.use_newest()
    entry = live.get("e1")
    assert entry is not None and entry.answer == "换了新窗口"
    live.close()
