"""Search finds what citizens mean, with recognition errors, and its parts keep their promises."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.knowledge import KnowledgeEntry, KnowledgeQuery, Tier
from app.platform.resource_files import resource
from kb_cache.html_text import plain_text
from kb_cache.index_reader import IndexedKnowledge
from kb_cache.opening import build_index, open_kb
from kb_cache.query_text import content, formal_by_sound, formal_words, meant, speech, windows
from kb_cache.records import line_of
from kb_cache.terms import fuzzy, plain, syllables, terms
from tests.bench.kb_noise import misheard

SAMPLE = [json.loads(line) for line in resource("sample_kb", "entries.jsonl").read_text("utf-8").splitlines()]
DATA = Path(__file__).resolve().parents[1] / "bench" / "data"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexedKnowledge]:
    opened = open_kb(resource("sample_kb"), tmp_path_factory.mktemp("cache"))
    yield opened
    opened.close()


def built(folder: Path, *entries: KnowledgeEntry) -> IndexedKnowledge:
    build_index(entries, "v1", folder / "kb.sqlite")
    return open_kb(folder / "kb.sqlite", folder)


def test_every_question_variant_finds_its_entry(sample: IndexedKnowledge) -> None:
    asked = [(question, entry["id"]) for entry in SAMPLE for question in entry.get("questions", ())]
    missed = [question for question, wanted in asked
              if wanted not in [ranked.entry.id for ranked in sample.search(KnowledgeQuery(question, limit=3))]]
    assert len(asked) > 450
    assert len(missed) <= len(asked) * 0.01, missed


def test_rambling_and_a_fifth_of_the_characters_wrong_still_find_it(sample: IndexedKnowledge) -> None:
    rng = random.Random(11)
    found = asked = 0
    for entry in SAMPLE[::3]:
        for question in entry.get("questions", ())[:2]:
            said = misheard(f"喂你好是这样的我住这边十几年了以前都好好的就是{question}麻烦你帮我看看谢谢啊", 0.2, rng)
            top = [ranked.entry.id for ranked in sample.search(KnowledgeQuery(said, limit=5))]
            found += entry["id"] in top
            asked += 1
    assert asked > 100
    assert found / asked >= 0.8


def test_another_reading_of_the_recogniser_finds_what_its_first_one_lost(tmp_path: Path) -> None:
    knowledge = built(tmp_path, KnowledgeEntry("heat", "暖气不热报修"), KnowledgeEntry("road", "路灯不亮报修"),
                      *(KnowledgeEntry(f"n{n}", f"证件{n}号怎么办理") for n in range(30)))
    heard = "家里的蓝墙有点坏"
    assert "heat" not in [ranked.entry.id for ranked in knowledge.search(KnowledgeQuery(heard))]
    assert knowledge.search(KnowledgeQuery(heard, alternatives=("家里的男墙有点坏", "家里的暖气有点坏")))[0].entry.id == "heat"
    knowledge.close()


def test_what_a_caller_is_after_is_met_by_its_sound() -> None:
    assert meant("这张卡叫诉不服") == meant("这张卡不服")
    assert "公证指引" in meant("办一个工正")
    assert not meant("今天天气很好")


@pytest.mark.parametrize("part", ["kb_questions", "kb_questions_fresh"])
def test_citizens_questions_find_their_service_guide(shared: Path, tmp_path: Path, part: str) -> None:
    knowledge = open_kb(shared / "data" / "guangdong_service_guides.jsonl", tmp_path)
    asked = [json.loads(line) for line in (DATA / f"{part}.jsonl").read_text("utf-8").splitlines()]
    hits = sum(bool({ranked.entry.id for ranked in knowledge.search(KnowledgeQuery(one["text"], limit=3))}
                    & set(one["expected"])) for one in asked)
    knowledge.close()
    assert hits / len(asked) >= 0.92


def test_scores_are_shares_best_first_and_nothing_matches_nothing(sample: IndexedKnowledge) -> None:
    found = sample.search(KnowledgeQuery("身份证丢了怎么补办", limit=10))
    assert [ranked.score for ranked in found] == sorted((ranked.score for ranked in found), reverse=True)
    assert all(0.0 <= ranked.score <= 1.0 for ranked in found)
    assert "身份证" in found[0].matched
    for text in ("", "嗯嗯那个就是说", "qqqq zzzz", "？！", "𠀀" * 50):
        assert all(ranked.score < 0.5 for ranked in sample.search(KnowledgeQuery(text)))
    assert sample.search(KnowledgeQuery("身份证", limit=0)) == ()


def test_very_long_speech_is_searched_without_harm(sample: IndexedKnowledge) -> None:
    said = "我就是想跟你说一下这个事情" * 400 + "身份证丢了怎么补办"
    assert sample.search(KnowledgeQuery(said))[0].entry.id == "SP-IDCARD-Q1"


def test_the_calls_city_comes_first(tmp_path: Path) -> None:
    knowledge = built(tmp_path, KnowledgeEntry("other", "居住证办理", region="乙市"), KnowledgeEntry("any", "居住证办理"),
                      KnowledgeEntry("here", "居住证办理", region="某省甲市"))
    found = [ranked.entry.id for ranked in knowledge.search(KnowledgeQuery("居住证怎么办", region="甲市"))]
    knowledge.close()
    assert found == ["here", "any", "other"]


def test_an_entry_comes_back_whole(tmp_path: Path) -> None:
    entry = KnowledgeEntry("k1", "标题", "先说。再说。", "第一行\n第二行", Tier.POLICY, "up", ("问法一", "问法二"),
                           ("010101",), "甲市", "单位", "示例文件", "2026-01-01", "2027-01-01", 3, ("标签",))
    knowledge = built(tmp_path, entry)
    assert knowledge.get("k1") == entry
    assert knowledge.get("none") is None
    knowledge.close()
    knowledge.close()
    assert json.loads(line_of(entry))["tier"] == "政策文件"


def test_the_sample_is_marked_and_its_tiers_hang_together() -> None:
    by_id = {entry["id"]: entry for entry in SAMPLE}
    tiers = {tier: sum(entry["tier"] == tier for entry in SAMPLE) for tier in ("政策文件", "归纳解读", "常见问答")}
    assert len(by_id) == len(SAMPLE) >= 160 and min(tiers.values()) >= 25
    above = {"归纳解读": "政策文件", "常见问答": "归纳解读"}
    for entry in SAMPLE:
        assert "示例内容，非官方口径" in entry["tags"]
        assert "示例内容，非官方口径" in entry["source"] and "示例内容，非官方口径" in entry["answer"]
        assert entry["tier"] == "政策文件" or by_id[entry["parent"]]["tier"] == above[entry["tier"]]
        assert entry["tier"] != "常见问答" or (len(entry["questions"]) >= 3 and entry["speakable"].count("。") == 2)


@pytest.mark.parametrize(("sound", "expected"), [
    ("zhang", "zan"), ("shi", "si"), ("chong", "con"), ("nan", "lan"), ("fang", "han"), ("ling", "lin"), ("er", "er")])
def test_sounds_that_are_mixed_up_become_one(sound: str, expected: str) -> None:
    assert fuzzy(sound) == expected


def test_terms_are_stable_and_sound_alike_texts_share_them() -> None:
    assert plain("Ａ12，幺三八！") == "a一二 一三八"
    assert syllables("银行") == syllables("银航") != syllables("银形")
    shared = terms("残疾证补办") & terms("参级正补办")
    assert len(shared) > 8
    assert terms("") == frozenset()


def test_fillers_go_and_everyday_words_gain_words_of_office() -> None:
    assert content("喂你好，我想问一下那个残疾证怎么办") == "残疾证"
    assert content("嗯，那个，就是说") == ""
    assert "残疾人证" in formal_words("残疾证")
    assert "残疾人证" in formal_by_sound("参级正") and formal_by_sound("司机") == []
    assert all(words and not words.isspace() for words in speech().formal.values())
    assert windows("短") == ["短"]
    assert "".join(dict.fromkeys("".join(windows("".join(chr(0x4E00 + n) for n in range(100)))))) == "".join(
        chr(0x4E00 + n) for n in range(100))


@pytest.mark.parametrize(("markup", "text"), [
    ("<p>第一段</p><p>第二段<br/>第三行</p>", "第一段\n第二段\n第三行"),
    ("按<示范办法>办理", "按<示范办法>办理"),
    ("<script>alert(1)</script>正文<img src=x onerror=alert(1)>", "正文"),
    ("&lt;script&gt;alert(1)&lt;/script&gt;正文", "正文"),
    ("&amp;lt;b&amp;gt;粗&amp;lt;/b&amp;gt;", "粗"),
    ("<a href='javascript:alert(1)'>点我</a>", "点我"),
    ("<scr<script>x</script>ipt>正文", "xipt>正文"),  # as a browser reads it
    ("正文<!-- 注释 --><style>p{}</style>", "正文"),
    ("反\u202e向\u200b零\x00宽", "反向零宽"),
    ("<b", ""), ("", ""), ("a < b 且 c > d", "a < b 且 c > d"),
])
def test_markup_never_comes_through(markup: str, text: str) -> None:
    assert plain_text(markup) == text
