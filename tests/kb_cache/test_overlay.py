"""A changed entry is found as if the index had been built anew, and the file stays as it is."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.knowledge import KnowledgeEntry, KnowledgeQuery, Ranked
from app.platform.resource_files import resource
from kb_cache.index_build import build
from kb_cache.index_reader import IndexedKnowledge
from kb_cache.records import entry_of
from tests.bench.kb_noise import misheard

ENTRIES = tuple(entry_of(json.loads(line)) for line in resource("sample_kb", "entries.jsonl").read_text("utf-8").splitlines())
QUESTIONS = [question for entry in ENTRIES for question in entry.questions[:1]][::3]
NEAR = 0.04


def index(folder: Path, name: str, entries: tuple[KnowledgeEntry, ...]) -> IndexedKnowledge:
    path = folder / f"{name}.sqlite"
    build(path, entries, name, "")
    return IndexedKnowledge(path)


def ids(found: tuple[Ranked, ...]) -> list[str]:
    return [ranked.entry.id for ranked in found]


def is_same_order(one: tuple[Ranked, ...], other: tuple[Ranked, ...]) -> bool:
    """Same entries in the same order, but that entries of nearly one score may change places."""
    score = {ranked.entry.id: ranked.score for ranked in other}
    for mine, theirs in zip(one, other, strict=True):
        if mine.entry.id != theirs.entry.id and abs(score.get(mine.entry.id, other[-1].score) - theirs.score) > NEAR:
            return False
    return True


@pytest.mark.parametrize("seed", range(3))
def test_changes_are_found_as_in_an_index_built_anew(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    start = ENTRIES[: len(ENTRIES) - 20]
    changed = index(tmp_path, "changed", start)
    now = {entry.id: entry for entry in start}
    for _ in range(25):
        act = rng.random()
        if act < 0.5:
            entry = replace(now[rng.choice(list(now))], questions=(misheard(rng.choice(QUESTIONS), 0.3, rng),), version=7)
        elif act < 0.75:
            entry = rng.choice(ENTRIES)
        else:
            gone = rng.choice(list(now))
            changed.change((), [gone])
            del now[gone]
            continue
        changed.change([entry])
        now[entry.id] = entry
    anew = index(tmp_path, "anew", tuple(now.values()))
    assert changed.size == anew.size == len(now)
    asked = [misheard(question, share, rng) for question in QUESTIONS for share in (0.0, 0.2)]
    for compaction in (False, True):
        if compaction:
            changed.compact()
        same = [is_same_order(changed.search(KnowledgeQuery(text)), anew.search(KnowledgeQuery(text))) for text in asked]
        assert sum(same) >= 0.98 * len(same), [text for text, held in zip(asked, same, strict=True) if not held]
        first = [ids(changed.search(KnowledgeQuery(text, limit=1))) == ids(anew.search(KnowledgeQuery(text, limit=1))) for text in asked]
        assert sum(first) >= 0.97 * len(first)
    for key, entry in now.items():
        assert changed.get(key) == entry
    changed.close()
    anew.close()


def test_replaced_and_removed_entries_are_gone_everywhere(tmp_path: Path) -> None:
    knowledge = index(tmp_path, "base", ENTRIES)
    before = knowledge.path.read_bytes()
    former = ENTRIES[5]
    knowledge.change([replace(former, title="极光观测许可", questions=("想看极光要不要批",), answer="", speakable="")])
    assert ids(knowledge.search(KnowledgeQuery("看极光要批吗", limit=1))) == [former.id]
    assert ids(knowledge.search(KnowledgeQuery("jiguang", is_typed=True))) == [former.id]
    assert former.id not in ids(knowledge.search(KnowledgeQuery(former.title, limit=5)))
    knowledge.change((), [former.id, ENTRIES[6].id, "no such id"])
    assert knowledge.get(former.id) is None and knowledge.get(ENTRIES[6].id) is None
    assert former.id not in ids(knowledge.search(KnowledgeQuery("看极光要批吗", limit=5)))
    assert ENTRIES[6].id not in ids(knowledge.search(KnowledgeQuery(ENTRIES[6].title, limit=5)))
    assert ENTRIES[6].id not in ids(knowledge.search(KnowledgeQuery(ENTRIES[6].title, limit=5, is_typed=True)))
    knowledge.change([former])
    assert knowledge.get(former.id) == former and knowledge.size == len(ENTRIES) - 1
    assert former.id in ids(knowledge.search(KnowledgeQuery(former.title, limit=3)))
    knowledge.close()
    assert knowledge.path.read_bytes() == before


def test_many_small_changes_stay_few_segments(tmp_path: Path) -> None:
    knowledge = index(tmp_path, "base", ENTRIES)
    for n in range(120):
        knowledge.change([KnowledgeEntry(f"new-{n}", f"示例事项第{n}号")])
    assert knowledge.size == len(ENTRIES) + 120
    assert knowledge.compact() and not knowledge.compact()
    assert ids(knowledge.search(KnowledgeQuery("示例事项第七七号", limit=3)))[0] == "new-77"
    knowledge.close()


def test_children_are_those_of_the_newest_versions(tmp_path: Path) -> None:
    entries = [KnowledgeEntry("p", "policy"), KnowledgeEntry("a", "one", parent="p"), KnowledgeEntry("b", "two", parent="p")]
    build(tmp_path / "kb.sqlite", entries, "v1", "")
    knowledge = IndexedKnowledge(tmp_path / "kb.sqlite")
    assert [one.id for one in knowledge.children("p")] == ["a", "b"]
    knowledge.change([KnowledgeEntry("a", "one"), KnowledgeEntry("c", "three", parent="p")], removed=["b"])
    assert [one.id for one in knowledge.children("p")] == ["c"]
    knowledge.close()
