"""What was counted of a rule decides whether its values stand, apart for certain words and for words that may be misheard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.ticket import Evidence, FieldState, Hit
from app.extraction.measured_rules import MeasuredRules

HIT = Hit("amount", "360", FieldState.FILLED, 0.96, (Evidence(0, 0, 3),), "amount.said_twice")


def rules(text: tuple[int, int], sound: tuple[int, int] = (0, 0)) -> MeasuredRules:
    key = f"{HIT.name}/{HIT.rule}"
    return MeasuredRules({key: text}, {key: sound})


def test_a_rule_that_was_often_wrong_only_suggests() -> None:
    (hit,) = rules((17, 3)).applied([HIT], from_sound=False)
    assert hit.state is FieldState.SUGGESTED
    assert hit.confidence < 0.85
    assert (hit.value, hit.evidence, hit.rule) == (HIT.value, HIT.evidence, HIT.rule)


def test_a_rule_that_was_right_stands_with_the_counted_share() -> None:
    (hit,) = rules((48, 0)).applied([HIT], from_sound=False)
    assert hit.state is FieldState.FILLED
    assert hit.confidence == pytest.approx(49 / 50)


def test_texts_and_misheard_words_are_counted_apart() -> None:
    both = rules((100, 0), (10, 10))
    (text,), (sound,) = both.applied([HIT], from_sound=False), both.applied([HIT], from_sound=True)
    assert (text.state, sound.state) == (FieldState.FILLED, FieldState.SUGGESTED)


def test_a_rule_counted_too_seldom_is_believed() -> None:
    assert rules((2, 3)).applied([HIT], from_sound=False) == (HIT,)
    assert MeasuredRules({}, {}).applied([HIT], from_sound=True) == (HIT,)


def test_a_suggested_value_is_never_raised() -> None:
    suggested = replace(HIT, state=FieldState.SUGGESTED, confidence=0.7)
    assert rules((100, 0)).applied([suggested], from_sound=False) == (suggested,)


def test_the_shipped_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rule_precision.toml"
    path.write_text('[text]\n"amount/amount.said_twice" = [9, 9]\n[sound]\n', "utf-8")
    (hit,) = MeasuredRules.load(path).applied([HIT], from_sound=False)
    assert hit.state is FieldState.SUGGESTED
