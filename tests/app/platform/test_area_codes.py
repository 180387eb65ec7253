"""Where a number is from: landlines by their area code, mobiles by the place where their beginning was given out."""

from __future__ import annotations

import csv

import pytest

from app.platform.area_codes import origin
from app.platform.resource_files import resource


@pytest.mark.parametrize(("number", "place"), [
    ("02081234567", "广州市"), ("0756-1234567", "珠海市"), ("+86 20 81234567", "广州市"), ("01012345678", "北京市"),
    ("13800200000", "广州市"), ("+8613800100000", "北京市"), ("0138-0020-0000", "广州市"), ("13000000000", "济南市"),
    ("19900000000", ""), ("1380020000", ""), ("12345", ""), ("", ""), ("0999", "")])
def test_a_number_tells_its_place_or_nothing(number: str, place: str) -> None:
    assert origin(number) == place


def test_the_mobile_table_can_be_searched_where_it_lies() -> None:
    places = resource("mobile_places", "places.txt").read_text("utf-8").splitlines()
    lines = resource("mobile_places", "runs.txt").read_text("ascii").splitlines()
    assert {len(line) for line in lines} == {10}
    assert lines == sorted(lines)
    assert {int(line[7:]) for line in lines} == set(range(len(places) + 1))
    assert len(places) == len(set(places)) > 300


def test_no_code_is_the_beginning_of_another() -> None:
    with resource("area_codes.csv").open(encoding="utf-8", newline="") as file:
        codes = [row["code"] for row in csv.DictReader(file)]
    assert len(codes) == len(set(codes)) > 300
    assert not [code for code in codes if code[:3] in codes and len(code) == 4]
    assert {len(code) for code in codes} == {3, 4}
