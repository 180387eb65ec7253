"""Write resources/mobile_places from PyPI ``phonenumbers`` (Apache-2.0): which city a Chinese mobile number was given out in.

Run by a developer when a newer table is wanted (the package is no dependency: loading its tables takes some 20 s):

    pip download --no-deps phonenumbers==9.0.43 && unzip phonenumbers-*.whl -d unpacked
    python installer/build_mobile_places.py unpacked

``runs.txt`` has a line of eleven characters for every stretch of seven-digit beginnings that share a place: the first beginning and the
place's line in ``places.txt`` (000 for unknown), so that it can be searched where it lies. Numbers are ported between carriers only within
their place, so the place stays; beginnings given out since stay unknown.
"""

from __future__ import annotations

import argparse
import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "resources" / "mobile_places"
FIRST, END = 1_300_000, 2_000_000
_DIGITS = 7
_PROVINCE = re.compile(r"^(?:.{2,3}?省|内蒙古|广西|西藏|宁夏|新疆)(?=.)")
#: Places that were renamed, raised or merged since the table's source was written.
RENAMED = {
    "天津": "天津市", "襄樊市": "襄阳市", "巢湖市": "合肥市", "莱芜市": "济南市", "毕节地区": "毕节市", "铜仁地区": "铜仁市",
    "海东地区": "海东市", "吐鲁番地区": "吐鲁番市", "哈密地区": "哈密市", "山南地区": "山南市", "日喀则地区": "日喀则市",
    "昌都地区": "昌都市", "林芝地区": "林芝市", "那曲地区": "那曲市",
}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("unpacked", type=Path, help="folder that holds the package phonenumbers")
    arguments = parser.parse_args()
    sys.path.insert(0, str(arguments.unpacked))
    data: Mapping[str, Mapping[str, str]] = importlib.import_module("phonenumbers.geodata").GEOCODE_DATA
    write({key: names["zh"] for key, names in data.items() if names.get("zh") and _is_mobile(key)})


def write(named: Mapping[str, str]) -> None:
    """Write both files.

    Args:
        named: beginning of a number with country code ("861380000") -> province and city.
    """
    runs = list(_runs(_spread(named)))
    places = sorted({place for _, place in runs if place})
    number = {place: f"{line:03d}" for line, place in enumerate(places, 1)} | {"": "000"}
    OUT.mkdir(exist_ok=True)
    (OUT / "places.txt").write_text("".join(f"{place}\n" for place in places), "utf-8")
    (OUT / "runs.txt").write_text("".join(f"{first}{number[place]}\n" for first, place in runs), "ascii")


def city(name: str) -> str:
    """The official name of the city without its province."""
    short = _PROVINCE.sub("", name)
    return RENAMED.get(short, short)


def _is_mobile(key: str) -> bool:
    return key.startswith("861") and not key.startswith("8610")


def _spread(named: Mapping[str, str]) -> dict[int, str]:
    """Place of each seven-digit beginning; a longer key of the source beats a shorter one."""
    spread: dict[int, str] = {}
    for key in sorted(named, key=len):
        own = key[2:]
        width = 10 ** (_DIGITS - len(own))
        first = int(own) * width
        spread.update(dict.fromkeys(range(first, first + width), city(named[key])))
    return spread


def _runs(spread: Mapping[int, str]) -> Iterator[tuple[int, str]]:
    last: str | None = None
    for beginning in range(FIRST, END):
        place = spread.get(beginning, "")
        if place != last:
            yield beginning, place
            last = place


if __name__ == "__main__":
    main()
