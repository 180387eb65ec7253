"""Prefix tree, readings, templates: what the search relies on."""

from __future__ import annotations

import random

import numpy as np
import pytest

from asr.lexicon import general, hotline, templates
from asr.lexicon.segment import Segmenter
from asr.lexicon.syllables import numbered, readings, tokens_of
from asr.lexicon.tree import PrefixTree, build, merged


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
