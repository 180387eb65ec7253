"""What operators type finds what they mean: characters, pinyin, initials, numbers, mixed, while it is being typed."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from app.domain.knowledge import KnowledgeEntry, KnowledgeQuery
from kb_cache.index_reader import IndexedKnowledge
from kb_cache.opening import build_index
from kb_cache.typed import TitleIndex
from tests.bench.kb_scale import entries

TITLES = {"GJJ-001": "住房公积金提取", "GJJ-002": "公积金贷款额度怎么算", "SFZ-003": "身份证丢失补办", "JZZ-104": "居住证办理进度查询",
          "YB-205": "异地就医备案"}


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexedKnowledge]:
    path = tmp_path_factory.mktemp("kb") / "kb.sqlite"
    build_index(tuple(KnowledgeEntry(key, title) for key, title in TITLES.items()), "v", path)
    opened = IndexedKnowledge(path)
    yield opened
    opened.close()


@pytest.mark.parametrize(("typed", "expected"), [
    ("gjj tq", "GJJ-001"), ("gjjtq", "GJJ-001"), ("公积金tq", "GJJ-001"), ("gongjijin tiqu", "GJJ-001"), ("gongjijindai", "GJJ-002"),
    ("sfz", "SFZ-003"), ("shenfenzhengb", None), ("bb", "SFZ-003"), ("JZZ-104", "JZZ-104"), ("104", "JZZ-104"), ("yb-2", "YB-205"),
    ("公积金提取", "GJJ-001"), ("异地jy", "YB-205"), ("JZZ 查询", "JZZ-104"), ("zzzz", None), ("", None), ("'\\n", None)])
def test_typed(knowledge: IndexedKnowledge, typed: str, expected: str | None) -> None:
    found = knowledge.search(KnowledgeQuery(typed, limit=5, is_typed=True))
    assert (found[0].entry.id if found else None) == expected


def test_each_key_of_a_word_keeps_the_entry_in_sight(knowledge: IndexedKnowledge) -> None:
    for length in range(2, len("juzhuzheng") + 1):
        found = knowledge.search(KnowledgeQuery("juzhuzheng"[:length], limit=5, is_typed=True))
        assert "JZZ-104" in [ranked.entry.id for ranked in found], length


def test_ten_thousand_titles_are_searched_within_a_frame() -> None:
    made = list(entries(10_000))
    index = TitleIndex([entry.title for entry in made], [entry.id for entry in made])
    taken = []
    for typed in ("s", "sq", "bl", "banli", "shenqing", "申请b", "s123", "zhuxiao b") * 5:
        begin = time.thread_time()
        index.find(typed, 20)
        taken.append(time.thread_time() - begin)
    assert sorted(taken)[len(taken) // 2] < 0.016
