"""Where a number is from: landlines by their area code, mobiles and the rest not at all."""

from __future__ import annotations

import csv

import pytest

from app.platform.area_codes import origin
from app.platform.resource_files import resource


@pytest.mark.parametrize(("number", "place"), [
    ("02081234567", "广州市"), ("0756-1234567", "珠海市"), ("+86 20 81234567", "广州市"), ("01012345678", "北京市"),
    ("13800607788", ""), ("+8613800607788", ""), ("12345", ""), ("", ""), ("0999", "")])
def test_a_number_tells_its_place_or_nothing(number: str, place: str) -> None:
    assert origin(number) == place


def test_no_code_is_the_beginning_of_another() -> None:
    with resource("area_codes.csv").open(encoding="utf-8", newline="") as file:
        codes = [row["code"] for row in csv.DictReader(file)]
    assert len(codes) == len(set(codes)) > 300
    assert not [code for code in codes if code[:3] in codes and len(code) == 4]
    assert {len(code) for code in codes} == {3, 4}
