"""``make bench-rehearsal``: ``tingdan rehearse`` over the open calls with planted changes -> docs/benchmarks/rehearsal.md.

The installed command runs as a person runs it: now and new, over all open calls as scripts, whose gold ticket stands for what was
submitted. Planted are nothing at all, a better knowledge base (what the operator used is missing from the present one), a worse one (the
reverse), a worse word list (common surnames are gone), worse rules (counted wrong, so that they only suggest).

Knowledge: one invented entry for each item of the catalogue, made by pattern; the entry that the operator "used" is the one of the ticket's
item. So what is measured is the rehearsal, not any knowledge. Says so and ends where the calls are absent.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.platform.resource_files import resource
from tests.bench.gold import FURTHER_MATTER, wanted_fields

ROOT = Path(__file__).resolve().parents[2]
COMMAND = Path(sys.executable).with_name("tingdan")
PAGE = ROOT / "docs" / "benchmarks" / "rehearsal.md"
CODES = {"better": 0, "worse": 3, "same": 0, "unsure": 0}


@dataclass(frozen=True, slots=True)
class Scene:
    """What is planted: arguments of the present and of the new set-up, and what must be said of it."""

    name: str
    now: tuple[str, ...]
    new: tuple[str, ...]
    wanted: str


def tickets(source: Path, folder: Path) -> int:
    """The calls as scripts that tell their ticket and the entry that was used; how many."""
    count = 0
    for path in sorted(source.glob("*.json")):
        held = json.loads(path.read_text("utf-8"))
        gold = held["gold"]
        submitted = [_plain(wanted_fields(gold))]
        submitted += [_plain({name: value for name, value in wanted_fields(more).items() if name in FURTHER_MATTER}) for more in gold.get("items", ())[1:]]
        held["submitted"], held["helped"] = submitted, [f"ITEM-{gold['item_code']}"] if gold.get("item_code") else []
        (folder / path.name).write_text(json.dumps(held, ensure_ascii=False), "utf-8")
        count += 1
    return count


def _plain(fields: dict[str, object]) -> dict[str, object]:
    """As a ticket holds them."""
    return {name: value if isinstance(value, bool | str) else str(value) for name, value in fields.items()}


def knowledge(path: Path, without: frozenset[str] = frozenset()) -> Path:
    """An entry for each item but those."""
    with resource("taxonomy_gz.csv").open(encoding="utf-8-sig", newline="") as file:
        items = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8") as file:
        for item in items:
            name, sayings = item["三级"], [each for each in item["典型说法"].split("；") if each]
            if item["code"] in without or not name:
                continue
            file.write(json.dumps({
                "id": f"ITEM-{item['code']}", "tier": "归纳解读", "title": f"{name}：谁来管、怎么处理", "questions": [f"{name}怎么办", *sayings],
                "speakable": f"{name}由我们登记后转有关单位处理。", "answer": f"受理要点：{name}的时间、地点和经过。（示例内容，非官方口径）",
                "item_codes": [item["code"]], "tags": [name], "unit": "示例单位", "source": "示例", "valid_from": "2020-01-01", "version": 1,
            }, ensure_ascii=False) + "\n")
    return path


def word_lists(folder: Path, *, surnames: bool) -> Path:
    """A folder of worse lists: without the commonest surnames, or with rules that were counted wrong."""
    folder.mkdir()
    if surnames:
        (folder / "surnames.txt").write_text("# single ones, then compound ones\n付\n左丘\n", "utf-8")
    else:
        counted = resource("rule_precision.toml").read_text("utf-8")
        (folder / "rule_precision.toml").write_text(re.sub(r"= \[\d+, \d+\]", "= [1, 30]", counted), "utf-8")
    return folder


def run(scene: Scene, scripts: Path, folder: Path) -> tuple[dict[str, Any], int, float]:
    """What the command says, its exit code, and how long both passes took."""
    began = time.perf_counter()
    saved = folder / "now.json"
    subprocess.run([COMMAND, "rehearse", "--scripts", scripts, *scene.now, "--save", saved], check=True, capture_output=True)
    done = subprocess.run([COMMAND, "rehearse", "--scripts", scripts, *scene.new, "--before", saved, "--json"], check=False, capture_output=True)
    return json.loads(done.stdout), done.returncode, time.perf_counter() - began


def scenes(folder: Path, codes: Sequence[str]) -> list[Scene]:
    """All of them."""
    whole, less = knowledge(folder / "whole.jsonl"), knowledge(folder / "less.jsonl", frozenset(codes))
    plain = ("--kb", str(whole))
    return [
        Scene("nothing", plain, plain, "same"),
        Scene("better knowledge: the entries that operators used were missing before", ("--kb", str(less)), plain, "better"),
        Scene("worse knowledge: these entries go", plain, ("--kb", str(less)), "worse"),
        Scene("worse word list: no common surnames (fewer than eight calls lose a name)", plain,
              (*plain, "--lists", str(word_lists(folder / "surnames", surnames=True))), "unsure"),
        Scene("worse rules: they only suggest", plain, (*plain, "--lists", str(word_lists(folder / "rules", surnames=False))), "worse"),
    ]


def main() -> int:
    """Run and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    calls = Path(os.environ.get("TINGDAN_SHARED", ROOT.parent / "shared")) / "calls" / "dev"
    if not any(calls.glob("*.json")):
        print(f"no calls in {calls}: nothing is measured")
        return 0
    rows, missed = [], 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["TINGDAN_HOME"] = str(folder / "home")
        scripts = folder / "scripts"
        scripts.mkdir()
        count = tickets(calls, scripts)
        codes = [json.loads(path.read_text("utf-8"))["gold"].get("item_code", "") for path in calls.glob("*.json")]
        for scene in scenes(folder, codes):
            told, code, took_s = run(scene, scripts, folder)
            missed += told["verdict"] != scene.wanted or code != CODES[scene.wanted]
            rows.append(row(scene, told, code, took_s))
            print(rows[-1], flush=True)
    text = page(count, rows)
    if arguments.write:
        PAGE.write_text(text, "utf-8")
    print(text)
    return 1 if missed else 0


def page(count: int, rows: Sequence[str]) -> str:
    """As Markdown."""
    return f"""# Rehearsal

`make bench-rehearsal` (tests/bench/rehearsal.py): the command `tingdan rehearse` over the {count} open calls as scripts, both passes; the gold ticket stands for what was submitted, and the knowledge is
made by pattern, an entry an item, of which the operator used that of the ticket's item. It shows that planted changes are told and that none is told where there is none; it says nothing about
any knowledge base.

| planted | must be | says | calls that change | figures before -> after | time of both passes |
| --- | --- | --- | --- | --- | --- |
{chr(10).join(rows)}

Figures: `precision` of what stands filled, `coverage` filled rightly of the ticket, `item_first` submitted item offered first, `cards_kept` cards that the operator used and that come. Times on a busy PC of two cores.
"""


def row(scene: Scene, told: dict[str, Any], code: int, took_s: float) -> str:
    """A line of the table."""
    return f"| {scene.name} | {scene.wanted} | **{told['verdict']}**, exit code {code} | {told['changed']} | {_figures(told)} | {took_s:.0f} s |"


def _figures(told: dict[str, Any]) -> str:
    return ", ".join(f"{each['name']} {_share(each['before'])} -> {_share(each['after'])}" for each in told["measures"])


def _share(part: dict[str, Any]) -> str:
    return f"{part['hits']:.0f}/{part['total']:.0f}"


if __name__ == "__main__":
    raise SystemExit(main())
