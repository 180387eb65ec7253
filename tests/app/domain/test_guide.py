"""A guided flow is walked forwards and back, told in a line, and never keeps the operator in a circle."""

from __future__ import annotations

from app.domain.guide import walk_of
from app.domain.knowledge import Choice, Step

STEPS = (
    Step("a", "有烟道吗？", (Choice("没有", "b"), Choice("有", "end"))),
    Step("b", "是居民楼吗？", (Choice("是", "end"), Choice("不是", "a"), Choice("不清楚", "gone"))),
    Step("end", "登记投诉。"),
)


def test_a_walk_forwards_back_and_told() -> None:
    walk = walk_of(STEPS)
    assert walk.step is STEPS[0] and not walk.is_over and walk.told() == ""
    walk = walk.choose(0).choose(0)
    assert walk.is_over and walk.step is STEPS[2]
    assert walk.told() == "有烟道吗：没有；是居民楼吗：是。登记投诉。"
    assert walk.back().step is STEPS[1] and walk.back_to(0) == walk_of(STEPS)
    assert walk.choose(0) == walk and walk_of(STEPS).back() == walk_of(STEPS)


def test_circles_and_dead_links_end_the_walk() -> None:
    asked = walk_of(STEPS).choose(0)
    for place in (1, 2):
        over = asked.choose(place)
        assert over.is_over and over.step is None and over.back() == asked
    assert asked.choose(9) == asked
    assert walk_of(()).is_over
