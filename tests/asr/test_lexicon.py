"""Prefix tree, readings, templates: what the search relies on."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from asr.lexicon import assembly, general, hotline, local_readings, reading_table, templates, vocabulary
from asr.lexicon.segment import Segmenter
from asr.lexicon.syllables import numbered, readings, tokens_of
from asr.lexicon.tree import PrefixTree, build, merged
from asr.lm import train
from asr.lm.mixture import WordTable


def words_at(tree: PrefixTree, sequence: tuple[int, ...]) -> set[int]:
    """Words that a token sequence spells, over all paths of that spelling."""
    nodes = {0}
    for token in sequence:
        nodes = {
            int(tree.child_node[arc])
            for node in nodes
            for arc in range(tree.child_start[node], tree.child_start[node + 1])
            if tree.child_label[arc] == token
        }
    return {int(tree.entry_word[row]) for node in nodes for row in range(tree.entry_start[node], tree.entry_start[node + 1])}


ENTRIES = [(0, (1, 2)), (1, (1, 2)), (2, (1, 2, 3, 4)), (3, (5,)), (4, (1, 6))]


def test_every_word_is_found_by_its_reading_and_by_no_other() -> None:
    tree = build([w for w, _ in ENTRIES], [s for _, s in ENTRIES], [0.0] * len(ENTRIES))
    assert words_at(tree, (1, 2)) == {0, 1}
    assert words_at(tree, (1, 2, 3, 4)) == {2}
    assert words_at(tree, (1, 2, 3)) == set()
    assert words_at(tree, (5,)) == {3}


def test_look_ahead_is_the_best_word_below() -> None:
    tree = build([w for w, _ in ENTRIES], [s for _, s in ENTRIES], [0.0, 0.0, 1.0, 0.0, 0.0])
    score = np.array([-5.0, -4.0, -1.0, -2.0, -3.0], dtype=np.float32)
    ahead = tree.look_ahead(score)
    node = {int(tree.child_label[arc]): int(tree.child_node[arc]) for arc in range(tree.child_start[0], tree.child_start[1])}
    assert ahead[0] == 0.0
    assert ahead[node[1]] == pytest.approx(-2.0)  # word 2 less its reading's cost
    assert ahead[node[5]] == pytest.approx(-2.0)


def test_a_second_tree_adds_words_and_changes_none() -> None:
    first = build([w for w, _ in ENTRIES], [s for _, s in ENTRIES], [0.0] * len(ENTRIES))
    second = build([7, 8], [(1, 2), (9, 1, 2)], [0.0, 0.0])
    both = merged(first, second)
    assert words_at(both, (1, 2)) == {0, 1, 7}
    assert words_at(both, (9, 1, 2)) == {8}
    assert words_at(both, (1, 2, 3, 4)) == {2}
    score = np.full(9, -9.0, dtype=np.float32)
    score[8] = -1.0
    ahead = both.look_ahead(score)
    assert sorted(ahead.tolist(), reverse=True)[1] == pytest.approx(-1.0)
    assert int((ahead == -1.0).sum()) == 3


@pytest.mark.parametrize(
    ("syllable", "tokens", "for_people"),
    [
        ("zhōng", ("zh", "ōng"), "zhong1"),
        ("yī", ("y", "ī"), "yi1"),
        ("ér", ("ér",), "er2"),
        ("nǚ", ("n", "ǚ"), "nv3"),
        ("de", ("d", "e"), "de5"),
        ("A", ("A",), "A"),
    ],
)
def test_syllables_as_the_model_writes_them(syllable: str, tokens: tuple[str, ...], for_people: str) -> None:
    assert tokens_of(syllable) == tokens
    assert numbered(syllable) == for_people


def test_characters_have_the_readings_they_have_in_words() -> None:
    found = {(word, spoken) for word, spoken, _ in general.pronunciations(["银行", "行走", "行", "不", "abc", "一"])}
    assert ("行", ("háng",)) in found
    assert ("行", ("xíng",)) in found
    assert ("银行", ("yín", "háng")) in found
    assert {("一", ("yī",)), ("一", ("yí",)), ("一", ("yì",))} <= found
    assert not [word for word, _ in found if word == "abc"]


def test_templates_grow_digits_and_classes() -> None:
    parts = {"电话": ["{D3}，{D4}"]}
    chance = random.Random(1)
    assert templates.fill("打{电话}", parts, chance) == "打<D><D><D>，<D><D><D><D>"
    assert templates.fill("[甲|甲]{姓}", parts, chance) == "甲<姓>"


def segmenter() -> Segmenter:
    words = ["<unk>", "投诉", "我", "要", "思想", "的", "思"]
    return Segmenter(words, np.array([-9, -3, -1, -1, -3, -1, -4], dtype=np.float32))


def test_text_is_cut_into_the_models_words() -> None:
    assert segmenter().words("我要投诉鬘") == ["我", "要", "投诉", "鬘"]


def test_hotline_classes_hold_what_calls_need() -> None:
    """Every official district, street and community of the three cities; digits as spoken; spelt names."""
    members = {name: {m.text for m in group} for name, group in hotline.classes(segmenter()).items()}
    assert {"幺", "洞", "拐", "两"} <= members["D"]
    assert {"香洲区", "宝安区", "天河区"} <= members["区"]
    assert {"车陂街道", "沙井街道", "吉大街道"} <= members["街道"]
    assert "弓长张" in members["拆"]
    assert "欧阳" in members["姓"]
    assert "思想的思" in members["拼"]
    assert {chr(c) for c in range(65, 91)} == members["L"]
    for name, group in hotline.classes(segmenter()).items():
        assert all(reading for m in group for reading, _ in m.readings), name
        assert all(len(spoken) >= 1 for m in group for spoken, _ in m.readings), name


def test_place_names_are_read_by_the_usual_reader() -> None:
    assert readings("天河") == ["tiān", "hé"]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> reading_table.ReadingTable:
    folder = tmp_path_factory.mktemp("readings")
    made = reading_table.load(folder)
    kept = reading_table.load(folder)
    assert kept.phrases == made.phrases and (kept.usual == made.usual).all()
    return kept


def test_the_reading_table_reads_as_the_library_does(table: reading_table.ReadingTable) -> None:
    """Polyphones by the word that they stand in, the longest first."""
    words = ["银行", "行走", "重庆银行", "长安大道", "音乐", "快乐", "朝阳门", "车陂街道", "增城区", "番禺", "了解", "为了", "一会儿"]
    for word in words:
        assert table.readings(word) == readings(word), word


def test_words_that_nobody_can_read_are_left_out(table: reading_table.ReadingTable) -> None:
    numbers = {token: i for i, token in enumerate(["n", "ǐ", "h", "ǎo"])}
    rows, whole = reading_table.token_rows(table.rows(["你好", "你", "他", "\U00020000好"]), table.tokens(numbers))
    assert whole.tolist() == [True, True, False, False]
    assert rows[0].tolist() == [0, 1, 2, 3]
    assert rows[1].tolist() == [0, 1, -1, -1]


def test_a_damaged_table_is_made_again(tmp_path: Path) -> None:
    reading_table.load(tmp_path)
    file = tmp_path / reading_table.FILE
    file.write_bytes(file.read_bytes()[:5000])
    assert reading_table.load(tmp_path).readings("银行") == ["yín", "háng"]


def test_phrases_say_class_and_weight() -> None:
    assert vocabulary.parse("车陂北街") == vocabulary.Word("车陂北街")
    assert vocabulary.parse("车陂北街\tplace\t2") == vocabulary.Word("车陂北街", "place", 2.0)
    assert vocabulary.parse("锦悦物业 0.5 机构") == vocabulary.Word("锦悦物业", "organisation", 0.5)
    for bad in ("", "街", "abc", "车陂 nonsense", "车陂 place 1000", "车陂 place 2 3", "车" * 17):
        with pytest.raises(vocabulary.BadLineError):
            vocabulary.parse(bad)
    assert [word.weight for word in vocabulary.usable(["车陂 2", "", "?", "车陂 3"])] == [3.0]


def small_lexicon() -> assembly.Lexicon:
    """Two plain words and one member of the class 根, over a model that knows the class."""
    spoken = {"甲": ("j", "iǎ"), "天河": ("t", "iān", "h", "é")}
    tokens = {token: i for i, token in enumerate(dict.fromkeys([*sum(spoken.values(), ()), "b", "ěi", "j", "iē"]))}
    rows = [tuple(tokens[t] for t in spoken[word]) for word in ("甲", "天河", "天河")]
    flat = train.train([[3, 3, 3]], 4)
    words = WordTable(np.array([0, 1, 1]), np.array([True, True, False]), np.array([0, 0, 3]),
                      np.array([0, 0, -9], dtype=np.float32))
    return assembly.Lexicon(["甲", "天河", "天河"], words, build([0, 1, 2], rows, [0.0] * 3), flat, flat, 1, tokens, {}, {"根": 3})


def test_added_words_are_found_favoured_and_members_of_their_class(table: reading_table.ReadingTable) -> None:
    base = small_lexicon()
    more = vocabulary.with_words(base, vocabulary.usable(["天河 place", "河北 地名", "北街", "河鬘"]), table)
    assert more.texts[3:] == ["河北", "北街"], "a member stays one; a character that the model cannot write is left out"
    assert more.table.domain.tolist() == [0, 0, 3, 3, 0]
    assert more.table.share[2] > base.table.share[2]
    assert more.table.hot is not None and np.isinf(more.table.hot[0]) and more.table.hot[4] == pytest.approx(np.log(0.001))
    assert 4 in words_at(more.tree, tuple(base.tokens[t] for t in ("b", "ěi", "j", "iē")))
    assert base.table.hot is None and len(base.texts) == 3, "the base is as it was"


def test_a_long_list_gets_no_more_probability_than_a_short_one(table: reading_table.ReadingTable) -> None:
    characters = "天河北街甲"
    lines = [a + b + c for a in characters for b in characters for c in characters]
    more = vocabulary.with_words(small_lexicon(), vocabulary.usable(lines), table)
    assert more.table.hot is not None
    assert np.exp(more.table.hot).sum() == pytest.approx(vocabulary.MASS, rel=0.01)


def test_names_and_places_are_read_as_they_are_said_here(table: reading_table.ReadingTable) -> None:
    """涌 in a place is chong, 任 as a surname ren with a rising tone; a term keeps the dictionary's reading."""
    spoken = ["r", "én", "èn", "x", "īng", "ch", "ōng", "y", "ǒng", "d", "ōng"]
    base = small_lexicon()
    tokens = {**base.tokens, **{token: 100 + i for i, token in enumerate(spoken)}}
    more = vocabulary.with_words(replace(base, tokens=tokens), vocabulary.usable(["东涌 place", "任星 person", "任东"]), table)
    number = {text: i for i, text in enumerate(more.texts)}

    def says(*parts: str) -> set[int]:
        return words_at(more.tree, tuple(tokens[part] for part in parts))

    assert says("d", "ōng", "ch", "ōng") == {number["东涌"]}
    assert says("r", "én", "x", "īng") == {number["任星"]}
    assert says("r", "èn", "d", "ōng") == {number["任东"]}


def test_local_readings_come_first_and_the_dictionarys_stay() -> None:
    found = local_readings.variants("东涌", ["dōng", "yǒng"], [local_readings.PLACE] * 2)
    assert [reading for reading, _ in found] == [("dōng", "chōng"), ("dōng", "yǒng")]
    assert found[0][1] == 0.0 < found[1][1]
    assert local_readings.variants("天河", ["tiān", "hé"], [local_readings.PLACE] * 2) == ((("tiān", "hé"), 0.0),)
