"""The item classifier on statements that were written apart from its phrase bank, clean and with sound-alike errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.extraction.item_model import classifier
from app.extraction.items import read_bank, tree
from app.extraction.records import templates
from app.extraction.train_items import Noise, bank_digest, syllable_table
from app.platform.resource_files import resource

DATA = Path(__file__).parent / "data"


def statements(name: str) -> list[tuple[frozenset[str], str]]:
    """(right leaves, words) of one file."""
    rows = [line.split("\t") for line in (DATA / name).read_text("utf-8").splitlines() if line and line[0] != "#"]
    return [(frozenset(row[0].split("|")), row[-1]) for row in rows]


def shares(rows: list[tuple[frozenset[str], str]], rate: float) -> tuple[float, float]:
    """Top-1 and top-3 at an error rate."""
    noise = Noise({"": [text for _, text in rows]}, syllable_table()[2], 7)
    first = third = 0
    for right, text in rows:
        ranking = classifier().rank([(noise.corrupt(text, rate) if rate else text, 1.6)])
        first += ranking.codes[0] in right
        third += bool(right & set(ranking.codes[:3]))
    return first / len(rows), third / len(rows)


def test_the_model_was_trained_on_the_shipped_bank() -> None:
    assert classifier().bank == bank_digest(), "run: python -m app.extraction.train_items"


def test_every_leaf_has_sayings_a_problem_and_a_place_in_the_model() -> None:
    bank, form = read_bank(resource("items")), templates()
    codes = [item.code for item in tree().items]
    assert set(classifier().codes) == set(codes) == set(bank)
    assert all(len(bank[code].sayings) >= 12 for code in codes)
    assert all(form.items[code]["problem"] for code in codes)


@pytest.mark.parametrize(
    ("name", "rate", "first", "third"),
    [
        ("item_statements.tsv", 0.0, 0.85, 0.95),
        ("item_statements.tsv", 0.1, 0.78, 0.93),
        ("item_statements.tsv", 0.2, 0.74, 0.90),
        ("item_and_type_statements.tsv", 0.0, 0.90, 0.97),
        ("item_and_type_statements.tsv", 0.2, 0.78, 0.92),
    ],
)
def test_statements_find_their_leaf(name: str, rate: float, first: float, third: float) -> None:
    top1, top3 = shares(statements(name), rate)
    assert (top1 >= first, top3 >= third) == (True, True), f"{top1:.3f} {top3:.3f}"


@pytest.mark.parametrize(
    ("right", "wrong", "text"),
    [
        ("060103", "060101", "楼上有人在家里做盒饭卖，没有食品许可证"),
        ("060101", "060103", "在饭店吃饭吃出蟑螂，回来就拉肚子"),
        ("120201", "010601", "被狗咬了，请问哪里可以打狂犬疫苗"),
        ("010601", "120201", "邻居的狗没牵绳，把我女儿咬了，要他负责"),
        ("070102", "070101", "工厂半夜偷偷排废气，一股油漆味"),
        ("070101", "070102", "楼下烧烤店的油烟往我家窗户灌"),
        ("020701", "050501", "工地凌晨还在打桩"),
        ("050501", "020701", "楼下广场舞的音响太吵"),
        ("150203", "150103", "光纤线掉下来拖在路上"),
        ("150103", "150203", "电线断了掉在地上冒火花"),
        ("210301", "100201", "公司不给我们交公积金"),
        ("100201", "210301", "公司不给我们买社保"),
        ("190101", "060401", "餐馆不给开发票"),
        ("040203", "040201", "手机落在出租车上了，帮我找找"),
        ("220201", "080201", "上个月打过电话反映下水道，工单到现在没人处理，我要催办"),
    ],
)
def test_siblings_are_told_apart(right: str, wrong: str, text: str) -> None:
    codes = classifier().rank([(text, 1.0)], top=217).codes
    assert codes.index(right) < codes.index(wrong)
    assert right in codes[:2]


@given(st.lists(st.tuples(st.text(max_size=60), st.floats(0, 3)), max_size=6))
def test_any_text_gives_a_distribution(texts: list[tuple[str, float]]) -> None:
    ranking = classifier().rank(texts, top=217)
    assert len(ranking.codes) == 217
    assert sum(ranking.probabilities) == pytest.approx(1.0)
    assert list(ranking.probabilities) == sorted(ranking.probabilities, reverse=True)
