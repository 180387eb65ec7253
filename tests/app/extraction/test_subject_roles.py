"""Who is complained about, by the part that a name plays in the talk."""

from __future__ import annotations

import pytest

from app.domain.dialogue import Channel, Utterance
from app.extraction.dialogue_view import DialogueView, view_of
from app.extraction.subject_roles import Subject, bus_line, by_role, vehicle


def talk(*said: str) -> DialogueView:
    """Operator and citizen in turns, the operator first."""
    sides = (Channel.OPERATOR, Channel.CITIZEN)
    return view_of([Utterance(n, sides[n % 2], n * 1000, n * 1000 + 900, text) for n, text in enumerate(said)])


def best(view: DialogueView, **values: str) -> Subject | None:
    return max(by_role(view, values), key=lambda found: found.confidence, default=None)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (("请问是哪家店？", "在码头那边，叫晴海小馆，晴天的晴，就在桥头。"), "晴海小馆"),
        (("拆迁是谁负责？", "是一个叫恒拓置业的公司，永恒的恒。"), "恒拓置业"),
        (("知道是谁在挖吗？", "公示牌上写的是宏建市政，宏大的宏。"), "宏建市政"),
        (("您请讲。", "那个值班护士姓廖，一直陪着我妈。", "急诊的廖小芸护士，对吗？", "对。"), "廖小芸护士"),
        (("您请讲。", "我要说一下我们村委会，不给盖章。", "客石村村委会，对吗？", "对。"), "客石村村委会"),
    ],
)
def test_a_name_is_found_by_what_the_caller_does_with_it(said: tuple[str, ...], name: str) -> None:
    found = best(talk(*said))
    assert found is not None
    assert found.name == name
    assert found.confidence < 0.9  # waits for the operator's key


@pytest.mark.parametrize(
    "said",
    [
        ("请问您怎么称呼？", "姓廖，廖海明，大海的海。"),
        ("请问贵公司的全称是什么？", "叫绿川园林，绿色的绿。"),
        ("在哪条路？", "晴川路，晴天的晴。"),
    ],
)
def test_the_own_name_firm_and_way_are_nobody_complained_about(said: tuple[str, ...]) -> None:
    assert best(talk(*said)) is None


def test_a_vehicle_is_named_by_its_plate() -> None:
    view = talk("您请讲。", "我要投诉一台货车，天天停在莲花小学门口。")
    found = vehicle(view, {"plate_no": "湘E82T64"})
    assert found is not None and found.name == "湘E82T64货车"
    assert vehicle(view, {}) is None


def test_a_wish_about_buses_names_the_line() -> None:
    found = bus_line(talk("您请讲。", "公交五百六十四路早上太少了。"))
    assert found is not None and found.name == "564路公交"
