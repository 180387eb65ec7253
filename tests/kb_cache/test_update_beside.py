"""A small update is searched beside the index that is there; the next look, which finds nothing new, builds the whole one."""

from __future__ import annotations

import signal
import sqlite3
from pathlib import Path

import pytest

from app.domain.knowledge import KnowledgeQuery
from kb_cache.live import LiveKnowledge
from kb_cache.publisher import Publisher
from tests.kb_cache.publishing import Desk, new_publisher, rows
from tests.kb_cache.test_update_faults import run


@pytest.fixture
def scene(tmp_path: Path) -> tuple[Publisher, Desk]:
    publisher = new_publisher(tmp_path / "repo")
    publisher.publish(rows(), "stable", "v1")
    desk = Desk(tmp_path / "desk", str(publisher.public)).trusting(publisher)
    desk.look()
    return publisher, desk


def indexes(desk: Desk) -> set[str]:
    return {path.name for path in desk.cache.glob("kb-*.sqlite")}


def opened(desk: Desk) -> LiveKnowledge:
    return LiveKnowledge(desk.home / "kb", desk.cache, desk.installed)


def test_an_entry_changed_is_live_without_a_new_index_and_the_next_look_builds_it(scene: tuple[Publisher, Desk]) -> None:
    publisher, desk = scene
    first = indexes(desk)
    live = opened(desk)
    publisher.publish(rows(e1="改为网上办理。"), "stable", "v2")
    assert desk.look().result == "installed"
    assert indexes(desk) == first
    assert live.use_newest()
    for knowledge in (live, opened(desk)):  # the desk that runs, and one that starts now
        entry = knowledge.get("e1")
        assert entry is not None
        assert (knowledge.version, knowledge.size, entry.answer) == ("v2", 6, "改为网上办理。")
        assert knowledge.search(KnowledgeQuery("第1号证件遗失补办"))[0].entry == entry
        assert not knowledge.use_newest()
        knowledge.close()
    assert desk.look().result == "current"
    assert len(indexes(desk)) == 2
    assert desk.answers() == ("v2", "installed", 6)


def test_a_second_change_before_the_index_is_built_and_one_that_takes_a_row_out(scene: tuple[Publisher, Desk]) -> None:
    publisher, desk = scene
    live = opened(desk)
    publisher.publish(rows(e1="改一。"), "stable", "v2")
    desk.look()
    publisher.publish(rows(5, e1="改一。"), "stable", "v3")
    desk.look()
    assert live.use_newest()
    assert (live.version, live.size, live.get("e5")) == ("v3", 5, None)
    entry = live.get("e1")
    assert entry is not None
    assert entry.answer == "改一。"
    live.close()
    assert desk.answers() == ("v3", "installed", 5)


def test_rows_that_are_not_what_the_pointer_says_are_not_put_beside(scene: tuple[Publisher, Desk]) -> None:
    publisher, desk = scene
    publisher.publish(rows(e1="真的。"), "stable", "v2")
    desk.look()
    current = desk.installed.state().current
    assert current is not None
    with sqlite3.connect(desk.installed.folder / current.file) as database:
        database.execute("UPDATE row SET line = replace(line, '真的', '假的') WHERE id = 'e1'")
    database.close()
    assert desk.installed.newest_changes() is None
    assert desk.answers() == ("v1", "last_good", 6)
    assert desk.look().result == "installed"
    assert desk.answers() == ("v2", "installed", 6)


def test_killed_before_the_index_that_waited_is_there_it_still_opens_and_is_built_later(scene: tuple[Publisher, Desk]) -> None:
    publisher, desk = scene
    publisher.publish(rows(e1="改为网上办理。"), "stable", "v2")
    desk.look()
    assert run(desk.home, str(publisher.public), "built").returncode == -signal.SIGKILL
    assert desk.answers() == ("v2", "installed", 6)
    for path in desk.cache.glob("kb-*.sqlite"):
        path.unlink()  # nothing to put the change beside: built whole
    assert desk.answers() == ("v2", "installed", 6)
