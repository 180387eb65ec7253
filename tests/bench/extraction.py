"""Measure field extraction over call scripts with gold answers: ``python -m tests.bench.extraction``.

Reads ``$TINGDAN_SHARED/calls/dev`` (or ``--calls FOLDER``), from the scripts' text, from the same text with simulated
recognition errors, or from recognised transcripts (``--recognised FOLDER`` with ``<id>.json`` as ``tingdan replay
--json`` prints them). Prints a table a field and an error list; ``--write docs/benchmarks/extraction.md`` writes the
tables without any call's content.

Scoring. A field is right when the normalised values are equal: white space and punctuation dropped, half-width;
districts and streets compared with their word, communities without 居委会 and the like; phones and numbers by digits;
event_time_text without 从, 开始, 起, 就, 左右 and 大概; address and landmark without 的 and without leading city,
district or street; subject and demand by content (share of the gold's characters that are there in order >= 0.6). A
gold key that is absent means the field must be empty, but for defaults (urgency 一般, is_anonymous and
is_confidential False). A wrong value counts as one false and one missing.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from app.domain.dialogue import CallContext, Channel, Utterance
from app.domain.ticket import FieldState, TicketDraft
from app.extraction.extractor import DialogueExtractor
from app.extraction.sound import Sound, merged
from app.platform.resource_files import resource

GOLD_NAMES = {
    "district": "region_district",
    "street": "region_street",
    "community": "region_community",
    "home_address": "requester_address",
}
FIELDS = (
    "requester_name",
    "requester_title",
    "contact_phone",
    "alt_phone",
    "id_no",
    "plate_no",
    "amount",
    "prev_ticket_no",
    "region_district",
    "region_street",
    "region_community",
    "address_detail",
    "requester_address",
    "landmark",
    "event_time_text",
    "event_time_start",
    "event_time_precision",
    "is_anonymous",
    "is_confidential",
    "need_callback",
    "urgency",
)
MATTER_FIELDS = ("request_type", "item_code", "subject", "demand")
DEFAULTS: dict[str, object] = {"urgency": "一般", "is_anonymous": False, "is_confidential": False}
LOOSE = frozenset({"subject", "demand"})
LOOSE_SHARE = 0.6


@dataclass
class Score:
    """Counts of one field."""

    right: int = 0
    wrong: int = 0
    extra: int = 0
    missing: int = 0
    filled: int = 0
    filled_right: int = 0

    @property
    def precision(self) -> float:
        said = self.right + self.wrong + self.extra
        return self.right / said if said else 1.0

    @property
    def recall(self) -> float:
        gold = self.right + self.wrong + self.missing
        return self.right / gold if gold else 1.0

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def add(self, other: Score) -> None:
        for name in ("right", "wrong", "extra", "missing", "filled", "filled_right"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass
class Run:
    """One condition: counts a field, errors, milliseconds a final."""

    name: str
    scores: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    errors: list[str] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    def total(self, names: Iterable[str]) -> Score:
        total = Score()
        for name in names:
            total.add(self.scores[name])
        return total


def gold_fields(script: dict) -> dict[str, object]:
    """The script's gold under the names of the field table."""
    gold = dict(script["gold"])
    event = gold.pop("event_time", {})
    gold.pop("items", None)
    fields = {GOLD_NAMES.get(name, name): value for name, value in gold.items() if name != "item_code_also"}
    fields.update({f"event_time_{name}": value for name, value in event.items()})
    return fields


def normal(name: str, value: object) -> object:
    """What is compared."""
    if isinstance(value, bool) or value is None:
        return value
    text = unicodedata.normalize("NFKC", str(value))
    text = re.sub(r"[^\w.:+]" if name == "event_time_start" else r"[^\w.]", "", text)
    if name in ("contact_phone", "alt_phone", "prev_ticket_no"):
        return re.sub(r"\D", "", text)
    if name == "amount":
        return float(text or 0)
    if name == "region_community":
        return re.sub(r"(?:社区|村)?(?:居民|村民|居|村)?委员?会$|社区$|村$", "", text)
    if name == "event_time_start":
        return datetime.fromisoformat(text.replace("+08:00", "") if "T" in text else text)
    if name == "event_time_text":
        return re.sub(r"从|自从|开始|起|就|左右|大概|的|一直", "", text)
    if name in ("address_detail", "requester_address", "landmark"):
        text = re.sub(r"^(?:[一-鿿]{2,3}市)?(?:[一-鿿]{2,3}区)?(?:[一-鿿]{2,4}(?:街道|镇))?(?=.{3})", "", text)
        return re.sub(r"的|旁边$", lambda m: "旁" if m.group() == "旁边" else "", text)
    return text


def same(name: str, gold: object, value: object) -> bool:
    """Whether a value is right."""
    left, right = normal(name, gold), normal(name, value)
    if name in LOOSE and isinstance(left, str) and isinstance(right, str) and left:
        return _common(left, right) / len(left) >= LOOSE_SHARE
    return left == right


def _common(left: str, right: str) -> int:
    row = [0] * (len(right) + 1)
    for a in left:
        previous = 0
        for j, b in enumerate(right, 1):
            previous, row[j] = row[j], previous + 1 if a == b else max(row[j], row[j - 1])
    return row[-1]


def score_call(run: Run, script: dict, draft: TicketDraft) -> None:
    """Compare one ticket with gold."""
    gold = gold_fields(script)
    also = script["gold"].get("item_code_also", [])
    for name in (*FIELDS, *MATTER_FIELDS):
        held = draft.get(name)
        wanted = gold.get(name, DEFAULTS.get(name))
        value = held.value if held.value is not None else DEFAULTS.get(name)
        score = run.scores[name]
        if wanted == DEFAULTS.get(name) and value == DEFAULTS.get(name):
            score.right += name in DEFAULTS and name in gold
            continue
        right = (
            wanted is not None
            and value is not None
            and (same(name, wanted, value) or (name == "item_code" and value in also))
        )
        if held.state is FieldState.FILLED:
            score.filled += 1
            score.filled_right += right
        if right:
            score.right += 1
            continue
        said = held.value is not None and value != DEFAULTS.get(name)
        missed = name in gold and wanted != DEFAULTS.get(name)
        score.wrong += said and missed
        score.extra += said and not missed
        score.missing += missed and not said
        run.errors.append(f"{script['id']} {name}: gold={wanted!r} got={held.value!r} {held.state} {held.rule}")


def utterances(script: dict, change: Callable[[str], str] = lambda text: text) -> list[Utterance]:
    """The script's turns; ``change`` alters their text."""
    return [
        Utterance(place, Channel(turn["speaker"]), place * 1000, place * 1000 + 900, change(turn["text"]))
        for place, turn in enumerate(script["turns"])
    ]


def recognised(path: Path) -> list[Utterance]:
    """Utterances of a ``tingdan replay --json`` object."""
    data = json.loads(path.read_text("utf-8"))
    return [
        Utterance(
            place,
            Channel(turn["channel"]),
            turn["start_ms"],
            turn["end_ms"],
            turn["text"],
            confidence=turn.get("confidence", 1.0),
        )
        for place, turn in enumerate(data["utterances"])
    ]


class Noise:
    """Simulated recognition errors: profile of facts.md (same sound 51 %, near sound 21 %, other 17 %, lost 8 %, added 3 %)."""

    def __init__(self, rate: float, seed: int) -> None:
        self._rate = rate
        self._random = random.Random(seed)
        self._sound = Sound.load(resource("readings.csv"))
        self._by_key: dict[str, list[str]] = defaultdict(list)
        common = sorted(
            {
                c
                for path in resource("").glob("*.csv")
                for c in path.read_text("utf-8")
                if "一" <= c <= "鿿" and _is_common(c)
            }
        )
        self._common = common
        for character in common:
            self._by_key[self._sound.keys(character)[0]].append(character)

    def __call__(self, text: str) -> str:
        spoken = re.sub(r"[^\w]", "", text)
        return "".join(self._heard(c) if self._random.random() < self._rate else c for c in spoken)

    def _heard(self, character: str) -> str:
        draw = self._random.random()
        if draw < 0.51:
            return self._one_of(self._by_key.get(self._sound.keys(character)[0], [character]), character)
        if draw < 0.72:
            key = merged(self._sound.readings(character)[0])
            final = key.split(":")[1]
            near = [k for k in self._by_key if k.endswith(":" + final)]
            return self._one_of(self._by_key[self._random.choice(near)], character) if near else character
        if draw < 0.89:
            return self._random.choice(self._common)
        return "" if draw < 0.97 else character + self._random.choice(self._common)

    def _one_of(self, characters: list[str], character: str) -> str:
        others = [one for one in characters if one != character]
        return self._random.choice(others) if others else character


def _is_common(character: str) -> bool:
    try:
        return 0xB0 <= character.encode("gb2312")[0] <= 0xD7
    except UnicodeEncodeError:
        return False


def measure(
    name: str,
    extractor: DialogueExtractor,
    scripts: list[dict],
    dialogue_of: Callable[[dict], list[Utterance]],
    *,
    timed: bool = False,
) -> Run:
    """Run one condition over all scripts."""
    run = Run(name)
    for script in scripts:
        dialogue = dialogue_of(script)
        context = CallContext(script["id"], script["call_time"], script["city"], script.get("caller_number", ""))
        score_call(run, script, TicketDraft().merge(extractor.extract(dialogue, context)))
        if timed:
            for end in range(1, len(dialogue) + 1):
                begin = time.perf_counter()
                extractor.extract(dialogue[:end], context)
                run.milliseconds.append((time.perf_counter() - begin) * 1000)
    return run


def table(run: Run) -> str:
    """One condition as a Markdown table."""
    lines = [
        f"### {run.name}",
        "",
        "| field | gold | precision | recall | F1 | exact | filled | filled precision |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name in (*FIELDS, *MATTER_FIELDS):
        lines.append(_row(name, run.scores[name]))
    lines.append(_row("**all but matters (micro)**", run.total(FIELDS)))
    lines.append(_row("**all (micro)**", run.total((*FIELDS, *MATTER_FIELDS))))
    if run.milliseconds:
        ordered = sorted(run.milliseconds)
        lines += [
            "",
            f"Milliseconds a final: p50 {statistics.median(ordered):.1f}, p95 {ordered[int(len(ordered) * 0.95)]:.1f}.",
        ]
    return "\n".join(lines)


def _row(name: str, score: Score) -> str:
    gold = score.right + score.wrong + score.missing
    filled = score.filled_right / score.filled if score.filled else 1.0
    exact = score.right / max(1, gold + score.extra)
    shares = " | ".join(f"{share:.3f}" for share in (score.precision, score.recall, score.f1, exact))
    return f"| {name} | {gold} | {shares} | {score.filled} | {filled:.3f} |"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--calls", type=Path, default=Path(os.environ.get("TINGDAN_SHARED", "../shared")) / "calls" / "dev"
    )
    parser.add_argument("--recognised", type=Path, help="folder of <id>.json as tingdan replay --json prints them")
    parser.add_argument("--noise", type=float, nargs="*", default=[0.05, 0.10, 0.20])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument(
        "--errors", action="store_true", help="print the error list (names persons of the calls: screen only)"
    )
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    scripts = [json.loads(path.read_text("utf-8")) for path in sorted(arguments.calls.glob("*.json"))]
    extractor = DialogueExtractor.load(strict=True)
    runs = [
        measure("From text", extractor, scripts, utterances, timed=True),
        measure(
            "From text without punctuation",
            extractor,
            scripts,
            lambda s: utterances(s, lambda t: re.sub(r"[^\w]", "", t)),
        ),
    ]
    for rate in arguments.noise:
        pooled = Run(f"From text with {rate:.0%} simulated recognition errors ({arguments.seeds} draws)")
        for seed in range(arguments.seeds):
            noise = Noise(rate, seed)
            run = measure(pooled.name, extractor, scripts, lambda s, noise=noise: utterances(s, noise))
            for name, score in run.scores.items():
                pooled.scores[name].add(score)
            pooled.errors += run.errors
        runs.append(pooled)
    if arguments.recognised:
        known = [script for script in scripts if (arguments.recognised / f"{script['id']}.json").exists()]
        runs.append(
            measure(
                "From recognised sound",
                extractor,
                known,
                lambda s: recognised(arguments.recognised / f"{s['id']}.json"),
            )
        )
    report = "\n\n".join(table(run) for run in runs)
    print(report)
    if arguments.errors:
        for run in runs:
            print(f"\n--- {run.name}", *run.errors, sep="\n")
    if arguments.write:
        head = (
            "# Field extraction\n\nWritten by `python -m tests.bench.extraction --write`. "
            + (__doc__ or "").split("\n\n", 2)[2]
        )
        arguments.write.write_text(head + "\n" + report + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
