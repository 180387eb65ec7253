"""`make bench-asr`: every installed recognition engine side by side, in one run -> docs/benchmarks/asr.md.

Sets: 60 read sentences and 20 phone numbers, wide band and through an 8 kHz A-law line; every turn of the open calls (8 kHz), cut
at its times with half a second of sound before. Each sound is given to all engines one after the other, in blocks of 100 ms, on
one thread, so that the machine's other work hits all of them; speed is processor time, and its ratio to sherpa-onnx's greedy
search of the same model in the same run. Errors are counted by tests/bench/cer.py.

Classes of the calls: phone numbers and other digits (four and more in a row), names (of the ticket), places (district, street,
community of the ticket), item terms (words of the item tree), plain words (all the rest). A term is right when every character
of it is. Slow engines (whisper, vosk) hear every fourth turn of the calls; theirs compare with the rows "same turns".
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import rjieba
import soundfile
import soxr
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from app.platform.resource_files import resource
from asr.engine import SAMPLE_RATE_HZ, Engine
from tests.asr import real_engines
from tests.bench.cer import errors, rate, spoken
from tests.bench.telephone import through_the_line

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "docs" / "benchmarks" / "asr.md"
BLOCK = SAMPLE_RATE_HZ // 10
BEFORE_S, AFTER_S = 0.5, 0.1
SLOW_EVERY = 4
SLOW = ("whisper", "vosk")
SHERPA = "sherpa"
NO_CHINESE = {"vosk": "the Korean test model: speed only", SHERPA: "greedy search of the zipformer's model, gives syllables: speed only"}
NOTES = """
## A finding about digital silence

The joined phone numbers have exact zeros between the digits, which G.711 turns into a constant of 8 (of 32,768). The decoder stumbles
over it: whole numbers right, zipformer, same day: 18 of 20 wide, 16 at 8 kHz without companding, **8** through G.711, 15 through G.711
when zeros stay zeros or the line has noise at -66 dB first. The open calls have room noise and do not show it; a muted headset would.
Since then the decoder takes such stretches for the silence they are (`without_digital_silence`): 14 of 20 through G.711, everything
else unchanged; the tables above were made before.
"""
_DIGITS = re.compile("[零一二三四五六七八九]{4,}")
CLASSES = ("digits", "names", "places", "item terms", "plain words")


@dataclass(frozen=True, slots=True)
class Spoken:
    """One sound and its words; ``spans`` are (class, start, end) in the characters that count."""

    group: str
    text: str
    sound: NDArray[np.float32]
    spans: tuple[tuple[str, int, int], ...] = ()


@dataclass
class Measured:
    """One engine's results."""

    cer: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    numbers: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    terms: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    characters: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    cpu_s: float = 0.0
    audio_s: float = 0.0


def main() -> int:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="take every so many-th sound; the page says so")
    parser.add_argument("--engines", default=",".join(real_engines.NAMES))
    chosen = parser.parse_args()
    engines = dict(loaded(chosen.engines.split(",")))
    results: dict[str, Measured] = {name: Measured() for name in engines}
    same = {name: Measured() for name in engines if name not in SLOW}
    for number, item in enumerate(sounds(shared())):
        if number % chosen.every:
            continue
        quarter = not item.group.startswith("calls") or number // chosen.every % SLOW_EVERY == 0
        for name, engine in engines.items():
            if name in SLOW and not quarter:
                continue
            heard, cpu_s = recognised(engine, item.sound)
            for measured in [results[name], *([same[name]] if quarter and name in same else [])]:
                count(measured, item, heard)
                measured.cpu_s += cpu_s
                measured.audio_s += len(item.sound) / SAMPLE_RATE_HZ
        if number % 50 == 0:
            print(number, item.group, file=sys.stderr, flush=True)
    told = report(engines, results, same)
    if chosen.every > 1:
        told = told.replace("\n## ", f"\nThis run: every sound of {chosen.every}.\n\n## ", 1)
    print(told)
    if chosen.engines == ",".join(real_engines.NAMES):
        REPORT.write_text(told, "utf-8")
    return 0


def shared() -> Path:
    """The shared folder."""
    return Path(os.environ.get("TINGDAN_SHARED") or ROOT.parent / "shared")


def loaded(names: list[str]) -> Iterator[tuple[str, Engine]]:
    """What can be had here; says why of the rest."""
    for name in names:
        try:
            engine = real_engines.loaded(name)
        except pytest.skip.Exception as reason:
            print(f"without {reason}", file=sys.stderr)
            continue
        recognised(engine, np.zeros(SAMPLE_RATE_HZ, np.float32))
        yield name, engine


def recognised(engine: Engine, sound: NDArray[np.float32]) -> tuple[str, float]:
    """Text and processor seconds."""
    began = time.process_time()
    utterance = engine.open_utterance()
    for at in range(0, len(sound), BLOCK):
        utterance.accept(sound[at:at + BLOCK])
    text = utterance.finish().text
    return text, time.process_time() - began


# --- sounds ------------------------------------------------------------------------------------------------------------


def sounds(folder: Path) -> Iterator[Spoken]:
    """All sets."""
    with (folder / "speech" / "manifest.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    silence = np.zeros(int(BEFORE_S * SAMPLE_RATE_HZ), np.float32)
    for row in rows:
        sound, _ = soundfile.read(folder / "speech" / row["path"], dtype="float32")
        kind = "phone numbers" if row["path"].startswith("digits") else "read sentences"
        for band, heard in (("wide", sound), ("8 kHz A-law", through_the_line(sound))):
            yield Spoken(f"{kind}, {band}", row["transcript"], np.concatenate((silence, heard)))
    terms = item_terms()
    for script in sorted((folder / "calls" / "dev").glob("*.json")):
        if script.with_suffix(".flac").exists():
            yield from turns(script, terms)


def turns(script: Path, terms: frozenset[str]) -> Iterator[Spoken]:
    """A call's turns, each side's own."""
    gold = json.loads(script.read_text("utf-8"))["gold"]
    sides, rate_hz = soundfile.read(script.with_suffix(".flac"), dtype="float32")
    with script.with_suffix(".tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            begin, end = float(row["start_s"]) - BEFORE_S, float(row["end_s"]) + AFTER_S
            piece = sides[max(0, int(begin * rate_hz)):int(end * rate_hz), int(row["speaker"] == "citizen")]
            sound = np.asarray(soxr.resample(np.ascontiguousarray(piece), rate_hz, SAMPLE_RATE_HZ), np.float32)
            yield Spoken(f"calls, {row['speaker']}", row["text"], sound, spans(spoken(row["text"]), gold, terms))


def spans(text: str, gold: dict[str, object], terms: frozenset[str]) -> tuple[tuple[str, int, int], ...]:
    """What kind of words stand where; a character belongs to the first class that claims it."""
    found = [("digits", m.start(), m.end()) for m in _DIGITS.finditer(text)]
    names = [spoken(str(gold.get("requester_name", "")))]
    places = [spoken(str(gold.get(key, ""))) for key in ("district", "street", "community")]
    places += [short for place in places if len(short := re.sub("(街道|社区|居委会|区|镇)$", "", place)) >= 2]
    for kind, words in (("names", names), ("places", places), ("item terms", terms)):
        for word in sorted((w for w in words if len(w) >= 2 and w in text), key=len, reverse=True):
            for match in re.finditer(re.escape(word), text):
                if all(match.end() <= start or match.start() >= end for _, start, end in found):
                    found.append((kind, match.start(), match.end()))
    return tuple(found)


def item_terms() -> frozenset[str]:
    """Words of two and more characters in the names of the item tree's leaves."""
    with resource("taxonomy_gz.csv").open(encoding="utf-8-sig") as file:
        words = {spoken(word) for row in csv.DictReader(file) for word in rjieba.cut(row["三级"])}
    return frozenset(word for word in words if len(word) >= 2 and re.fullmatch("[\u4e00-\u9fff]+", word))


# --- counting ----------------------------------------------------------------------------------------------------------


def count(measured: Measured, item: Spoken, heard: str) -> None:
    """Add one sound."""
    wanted, got = spoken(item.text), spoken(heard)
    measured.cer[item.group].append(errors(item.text, heard))
    numbers = _DIGITS.findall(wanted)
    for number in numbers if item.group.startswith("phone") else [n for n in numbers if len(n) >= 7]:
        group = item.group if item.group.startswith("phone") else "calls, 7 digits and more in a row"
        measured.numbers[group].append(number in got)
    if not item.group.startswith("calls"):
        return
    right = np.zeros(len(wanted), bool)
    for op in Levenshtein.opcodes(wanted, got):
        if op.tag == "equal":
            right[op.src_start:op.src_end] = True
    rest = np.ones(len(wanted), bool)
    for kind, start, end in item.spans:
        rest[start:end] = False
        measured.terms[kind].append(bool(right[start:end].all()))
        measured.characters[kind].append((int((~right[start:end]).sum()), end - start))
    measured.characters["plain words"].append((int((~right & rest).sum()), int(rest.sum())))


# --- report ------------------------------------------------------------------------------------------------------------


def report(engines: dict[str, Engine], results: dict[str, Measured], same: dict[str, Measured]) -> str:
    """The page."""
    rows = [(name, results[name]) for name in results if name not in NO_CHINESE]
    rows += [(f"{name}, same turns", same[name]) for name in same if name not in NO_CHINESE and "whisper" in results]
    groups = list(dict.fromkeys(group for _, measured in rows for group in measured.cer))
    lines = ["# Recognition engines side by side", "", "Command: `make bench-asr`.", "", *(__doc__ or "").strip().splitlines()[2:], "",
             f"Python {platform.python_version()}, {os.cpu_count()} cores, shared machine: absolute times vary, ratios hold.", "",
             "## Character errors", "", f"| engine | {' | '.join(groups)} | calls, both |", "| --- " * (len(groups) + 2) + "|"]
    for name, measured in rows:
        both = [pair for group in groups if group.startswith("calls") for pair in measured.cer[group]]
        lines.append(f"| {name} | {' | '.join(f'{rate(measured.cer[g]):.1%}' for g in groups)} | {rate(both):.1%} |")
    numbers = list(dict.fromkeys(group for _, measured in rows for group in measured.numbers))
    lines += ["", "## Whole phone numbers right", "", f"| engine | {' | '.join(numbers)} |", "| --- " * (len(numbers) + 1) + "|"]
    for name, measured in rows:
        cells = [f"{sum(measured.numbers[g])} of {len(measured.numbers[g])}" for g in numbers]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += ["", "## Classes of the calls", "", "Characters not heard right (insertions are not counted here), and whole terms right.", "",
              f"| engine | {' | '.join(CLASSES)} |", "| --- " * (len(CLASSES) + 1) + "|"]
    for name, measured in rows:
        cells = [f"{rate(measured.characters[kind]):.1%}"
                 + (f", {sum(measured.terms[kind])} of {len(measured.terms[kind])}" if measured.terms[kind] else "") for kind in CLASSES]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, *speed(engines, results)]) + "\n" + NOTES


def speed(engines: dict[str, Engine], results: dict[str, Measured]) -> list[str]:
    """Processor time of one channel while somebody speaks."""
    lines = ["", "## Speed", "", "Processor seconds for a second of speech (one channel, one thread), and the ratio to sherpa-onnx.", "",
             "| engine | versions | real-time factor | ratio | partials | vocabulary | alternatives | punctuation |", "| --- " * 8 + "|"]
    yardstick = results[SHERPA].cpu_s / max(1e-9, results[SHERPA].audio_s) if SHERPA in results else 0.0
    for name, engine in engines.items():
        factor = results[name].cpu_s / max(1e-9, results[name].audio_s)
        ratio = f"{factor / yardstick:.1f}" if yardstick else "-"
        can = engine.capabilities
        yes = " | ".join("yes" if it else "no" for it in (can.partials, can.vocabulary, can.alternatives, can.punctuation))
        what = f"{name} ({NO_CHINESE[name]})" if name in NO_CHINESE else name
        versions = ", ".join(f"{key} {value}" for key, value in engine.versions.items())
        lines.append(f"| {what} | {versions} | {factor:.3f} | {ratio} | {yes} |")
    return lines


if __name__ == "__main__":
    sys.exit(main())
