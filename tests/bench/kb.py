"""Measures knowledge search and push: ``python -m tests.bench.kb`` writes docs/benchmarks/kb.md.

Needs the shared folder (``TINGDAN_SHARED``): service guides as entries and the open calls' scripts. Questions are the
project's own (tests/bench/data: text and guide ids, no guide text). The five-view design of the bake-off and four engines search the
same entries and questions in the same run (``kb_texts``). ``--quick`` leaves out speed and size, ``--million`` adds the largest
size, ``--hear`` recognises the open calls where nothing is kept of them for the present recogniser.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.domain.dialogue import Channel, HypothesisRevised, Utterance
from app.domain.knowledge import KnowledgeEntry, KnowledgeQuery, Push
from app.platform.resource_files import resource
from app.services.knowledge_push import KnowledgePush, PushSettings
from kb_cache.index_build import build
from kb_cache.index_reader import IndexedKnowledge
from kb_cache.opening import open_kb
from tests.bench import kb_scale
from tests.bench.kb_noise import misheard
from tests.bench.kb_texts import government, paraphrases, text_tables
from tests.bench.kb_texts import guides as kb_texts_guides
from tests.bench.recognised import latest_state, recognised, speech_state

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = Path(__file__).parent / "data"
REPORT = REPOSITORY / "docs" / "benchmarks" / "kb.md"
SETS = (
    ("kb_questions", "the word lists were made with these"),
    ("kb_questions_fresh", "written afterwards; obscure guides; R@3 87 % at first sight, then the lists were extended"),
    ("kb_questions_far", "far from the guides' words on purpose; R@3 63 % at first sight, then the lists were extended"),
    ("kb_questions_unseen", "never used for the lists"),
)
NOISE = (0.0, 0.1, 0.2)
DEPTHS = (1, 3, 5)
SEEDS = (1, 2, 3)
LATE_MS = 1500
MARKS = str.maketrans("", "", "，。？！、")
Searcher = Callable[[str], list[str]]


def main() -> None:
    """Run everything and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--million", action="store_true", help="also 1,000,000 made-up entries: two minutes, 5 GB of memory")
    parser.add_argument("--hear", action="store_true", help="recognise the open calls first: some ten minutes")
    chosen = parser.parse_args()
    shared = Path(os.environ.get("TINGDAN_SHARED", REPOSITORY.parent / "shared"))
    guides_file = shared / "data" / "guangdong_service_guides.jsonl"
    with tempfile.TemporaryDirectory() as folder:
        guides = open_kb(guides_file, Path(folder))
        entries = entries_of(guides)
        lines = ["# Knowledge search and push", "",
                 f"Written by `python -m tests.bench.kb`. Entries: {guides.size} service guides (test material, not "
                 "shipped) and the shipped sample. Simulated errors follow the profile of a real recogniser "
                 "(`tests/bench/kb_noise.py`).", ""]
        every = [one for part, _ in SETS for one in questions(part)]
        lines += text_tables([government(shared), kb_texts_guides(entries, every), paraphrases()])
        lines += recall_table(guides)
        lines += calibration_table(guides)
        lines += push_table(shared, guides, Path(folder), chosen.hear)
        if not chosen.quick:
            lines += latency_table(entries, Path(folder))
            lines += scale_table(Path(folder), (10_000, 100_000, *((1_000_000,) if chosen.million else ())))
        guides.close()
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text("\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines))


def questions(part: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (DATA / f"{part}.jsonl").read_text("utf-8").splitlines()]


def entries_of(knowledge: IndexedKnowledge) -> list[KnowledgeEntry]:
    database = sqlite3.connect(knowledge.path)
    ids = [row[0] for row in database.execute("SELECT id FROM entry ORDER BY n")]
    database.close()
    return [entry for key in ids if (entry := knowledge.get(key)) is not None]


def recall_table(guides: IndexedKnowledge) -> list[str]:
    lines = ["## Recall of the right guide", "",
             "| questions | errors | R@1 / R@3 / R@5 |", "| --- | --- | --- |"]

    def ours(text: str) -> list[str]:
        return [ranked.entry.id for ranked in guides.search(KnowledgeQuery(text, limit=5))]
    for part, meaning in SETS:
        asked = questions(part)
        for noise in NOISE:
            cells = " / ".join(f"{recall(asked, noise, ours, depth):.1%}" for depth in DEPTHS)
            lines.append(f"| {len(asked)}: {meaning} | {noise:.0%} | {cells} |")
    return [*lines, ""]


def recall(asked: Sequence[dict[str, object]], noise: float, search: Searcher, depth: int) -> float:
    hits = total = 0
    for seed in SEEDS if noise else SEEDS[:1]:
        rng = random.Random(seed)
        for one in asked:
            text = misheard(str(one["text"]), noise, rng) if noise else str(one["text"])
            hits += bool(set(search(text)[:depth]) & set(one["expected"]))  # type: ignore[call-overload]
            total += 1
    return hits / total


def calibration_table(guides: IndexedKnowledge) -> list[str]:
    """How often results of a score were right, over both question sets, all error shares, and talk the guides do not answer."""
    held: dict[int, list[bool]] = {}
    for part, _ in SETS:
        for noise in NOISE:
            rng = random.Random(7)
            for one in questions(part):
                for ranked in guides.search(KnowledgeQuery(misheard(str(one["text"]), noise, rng), limit=3)):
                    held.setdefault(min(4, int(ranked.score * 5)), []).append(ranked.entry.id in one["expected"])  # type: ignore[operator]
    lines = ["## Do the scores hold?", "", "| score | results | right |", "| --- | --- | --- |"]
    for band in sorted(held):
        lines.append(f"| {band / 5:.1f} to {band / 5 + 0.2:.1f} | {len(held[band])} | {statistics.mean(held[band]):.0%} |")
    return [*lines, ""]


def push_table(shared: Path, guides: IndexedKnowledge, cache: Path, hear: bool = False) -> list[str]:
    scripts = [json.loads(path.read_text("utf-8")) for path in sorted((shared / "calls" / "dev").glob("*.json"))]
    lines = ["## Push on the open calls", "",
             "A question counts where one of the top three cards of a push, by the turn that gold names, is an expected "
             "guide. Wrong: a push without any expected guide; a card that is none.", "",
             "| knowledge | turns | questions in time | wrong pushes a call | wrong cards a call | pushes a call |",
             "| --- | --- | --- | --- | --- | --- |"]
    ways = [("as written", 0.0, False), ("as written, with partials", 0.0, True), ("15 % errors, no marks", 0.15, False),
            ("20 % errors, no marks", 0.2, False)]
    for name, noise, partials in ways:
        lines.append(f"| guides | {name} | {' | '.join(push_figures(scripts, guides, noise, partials))} |")
    heard, said = _heard(shared, hear)
    if heard:
        lines.append(f"| guides | from sound, {said} ({len(heard)} calls) | {' | '.join(push_figures(scripts, guides, 0.0, False, heard))} |")
    sample = open_kb(resource("sample_kb"), cache)
    figures = push_figures(scripts, sample, 0.0, True)
    lines.append(f"| sample ({sample.size} entries; gold names none) | as written, with partials | - | - | - | {figures[3]} |")
    for folder in sorted(each for each in (REPOSITORY / "tests" / "calls").iterdir() if each.is_dir()):
        own = [{"kb_expected": [], "kb_query_turn": [], **json.loads(path.read_text("utf-8"))} for path in sorted(folder.glob("*.json"))]
        by_knowledge = [push_figures(own, knowledge, 0.0, True)[3] for knowledge in (guides, sample)]
        lines.append(f"| guides; sample | tests/calls/{folder.name}: {len(own)} calls as written, no gold | - | - | - | {'; '.join(by_knowledge)} |")
    sample.close()
    return [*lines, ""]


def _heard(shared: Path, hear: bool) -> tuple[dict[str, list[Utterance]], str]:
    """What the recogniser made of the open calls, and which one."""
    recordings = sorted((shared / "calls" / "dev").glob("*.flac"))
    present, state = speech_state(), latest_state()
    heard = dict(recognised(recordings, None if hear else state)) if hear or state else {}
    return heard, "present recogniser" if hear or state == present else f"recogniser of an earlier state ({state})"


def push_figures(scripts: Sequence[dict[str, object]], knowledge: IndexedKnowledge, noise: float, partials: bool,
                 heard: dict[str, list[Utterance]] | None = None) -> list[str]:
    hit = asked = wrong_pushes = wrong_cards = pushes = calls = 0
    for seed in SEEDS if noise else SEEDS[:1]:
        rng = random.Random(seed)
        for script in scripts:
            if heard is not None and script["id"] not in heard:
                continue
            calls += 1
            if heard is None:
                shown = played(script, knowledge, noise, partials, rng)
            else:
                shown = as_heard(script, heard[str(script["id"])], knowledge, shared_times(script))
            expected = [set(guides) for guides in script["kb_expected"]]  # type: ignore[attr-defined]
            every = set().union(*expected)
            pushes += len(shown)
            wrong_pushes += sum(not every & {ranked.entry.id for ranked in push.ranked} for push in shown)
            wrong_cards += sum(ranked.entry.id not in every for push in shown for ranked in push.ranked)
            for guides, turn in zip(expected, script["kb_query_turn"], strict=True):  # type: ignore[call-overload]
                asked += bool(guides)
                in_time = [push for push in shown if push.after_utterance <= turn]
                hit += any(guides & {ranked.entry.id for ranked in push.ranked[:3]} for push in in_time)
    shares = [f"{count / calls:.2f}" for count in (wrong_pushes, wrong_cards, pushes)]
    return [f"{hit} of {asked} ({hit / max(1, asked):.0%})", *shares]


def shared_times(script: dict[str, object]) -> list[int]:
    """When each turn of an open call ends, in ms."""
    shared = Path(os.environ.get("TINGDAN_SHARED", REPOSITORY.parent / "shared"))
    rows = [line.split("\t") for line in (shared / "calls" / "dev" / f"{script['id']}.tsv").read_text("utf-8").splitlines()]
    return [round(float(row[3]) * 1000) for row in rows[1:]]


def as_heard(script: dict[str, object], heard: Sequence[Utterance], knowledge: IndexedKnowledge, ends: Sequence[int]) -> list[Push]:
    """Pushes of a recognised call; ``after_utterance`` is the turn of the script by whose end (and ``LATE_MS``) it came."""
    push = KnowledgePush(knowledge, PushSettings(city=str(script["city"]), day=str(script["call_time"])[:10]))
    dialogue: list[Utterance] = []
    shown: list[Push] = []
    for index, utterance in enumerate(heard):
        dialogue.append(replace(utterance, index=index))
        shown += filter(None, [push.choose(dialogue, None, (), utterance.end_ms, shown)])
    return [replace(one, after_utterance=sum(end < one.at_ms - LATE_MS for end in ends)) for one in shown]


def played(script: dict[str, object], knowledge: IndexedKnowledge, noise: float, partials: bool,
           rng: random.Random) -> list[Push]:
    """A call's script turn by turn, each citizen turn first in growing pieces of eight characters where wanted."""
    push = KnowledgePush(knowledge, PushSettings(city=str(script["city"]), day=str(script["call_time"])[:10]))
    heard: list[Utterance] = []
    shown: list[Push] = []
    at_ms = 0
    for index, turn in enumerate(script["turns"]):  # type: ignore[arg-type,var-annotated]
        text = misheard(turn["text"].translate(MARKS), noise, rng) if noise else turn["text"]
        channel, start = Channel(turn["speaker"]), at_ms + 1000
        if partials and channel is Channel.CITIZEN:
            for length in range(8, len(text), 8):
                part = HypothesisRevised(f"u{index}", length, channel, start, 0, 0, 0.0, text[:length])
                shown += filter(None, [push.choose(heard, part, (), start + 180 * length, shown)])
        at_ms = start + 180 * len(text)
        heard.append(Utterance(index, channel, start, at_ms, text))
        shown += filter(None, [push.choose(heard, None, (), at_ms, shown)])
    return shown


def latency_table(entries: Sequence[KnowledgeEntry], folder: Path) -> list[str]:
    """10,000 entries: the guides, then copies with their titles garbled."""
    rng = random.Random(3)
    source = folder / "ten_thousand.jsonl"
    with source.open("w", encoding="utf-8") as stream:
        for n in range(10_000):
            entry = entries[n % len(entries)]
            title = entry.title if n < len(entries) else misheard(entry.title, 0.3, rng)
            stream.write(json.dumps({"id": str(n), "title": title, "questions": list(entry.questions), "answer": entry.answer},
                                    ensure_ascii=False) + "\n")
    cpu, wall = time.process_time(), time.perf_counter()
    knowledge = open_kb(source, folder)
    built = (time.process_time() - cpu, time.perf_counter() - wall)
    knowledge.close()
    opened = []
    for _ in range(5):
        start = time.perf_counter()
        knowledge = open_kb(source, folder)
        opened.append((time.perf_counter() - start) * 1000)
    texts, others = ([misheard((str(one["text"]) * 3)[:60], 0.2, rng) for one in questions("kb_questions")] for _ in range(2))
    ours = lambda text: list(knowledge.search(KnowledgeQuery(text)))  # noqa: E731
    rows = [("60 characters, just opened", texts, ours), ("60 characters, new questions later", others, ours), ("the same again", others, ours),
            ("24 characters", [text[:24] for text in texts], ours)]
    lines = ["## Latency at 10,000 entries", "", "CPU time of one thread, on the machine the run was on. Index built in "
             f"{built[0]:.1f} s of CPU ({built[1]:.1f} s on the clock, with reading the source), opened and verified in "
             f"{statistics.median(opened):.0f} ms.", "", "| query | p50 ms | p95 ms |", "| --- | --- | --- |"]
    for name, asked, search in rows:
        taken = sorted(timed(search, text) for text in asked)
        lines.append(f"| {name} | {taken[len(taken) // 2]:.1f} | {taken[int(len(taken) * 0.95)]:.1f} |")
    knowledge.close()
    return [*lines, ""]


def scale_table(folder: Path, sizes: Sequence[int]) -> list[str]:
    """Made-up entries (``tests.bench.kb_scale``), 200 rambling questions of 60 characters with 20 % errors."""
    lines = ["## Made-up entries of any number", "", "Questions of 60 characters with 20 % errors, CPU time of one thread; index built "
             "in one process. Recall says that the candidates' shortcut loses nothing, not how hard questions are.", "",
             "| entries | built, s of CPU | opened, ms | p50 ms | p95 ms | recall@5 | one entry changed: p50, longest of 40, ms | p95 ms after these | children of an entry, ms |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for size in sizes:
        path, cpu = folder / f"scale{size}.sqlite", time.process_time()
        made = list(kb_scale.entries(size))
        build(path, made, "scale", "")
        built, begin = time.process_time() - cpu, time.perf_counter()
        knowledge = IndexedKnowledge(path)
        opened, rng = (time.perf_counter() - begin) * 1000, random.Random(3)
        asked = [(misheard(_rambling(entry), 0.2, rng), entry.id) for entry in rng.sample(made[:20_000], 200)]
        others = rng.sample(made, 40)
        del made
        taken, hits = [], 0
        for text, expected in [*asked[:40], *asked]:  # the first forty warm the page cache
            start = time.thread_time()
            found = knowledge.search(KnowledgeQuery(text))
            taken.append((time.thread_time() - start) * 1000)
            hits += expected in [ranked.entry.id for ranked in found]
        taken = sorted(taken[40:])
        hits -= sum(expected in [ranked.entry.id for ranked in knowledge.search(KnowledgeQuery(text))] for text, expected in asked[:40])
        family = max(timed(knowledge.children, f"S{int(each.id[1:]) // 10 * 10}") for each in others)
        changed = sorted(timed(lambda one: knowledge.change([replace(one, title=f"{one.title}新办", version=2)]), each) for each in others)  # noqa: B023
        after = sorted(timed(lambda text: knowledge.search(KnowledgeQuery(text)), text) for text, _ in asked)  # noqa: B023
        lines.append(f"| {size:,} | {built:.1f} | {opened:.0f} | {taken[100]:.1f} | {taken[190]:.1f} | {hits / len(asked):.1%} | "
                     f"{changed[20]:.1f}, {changed[-1]:.1f} | {after[190]:.1f} | {family:.2f} |")
        knowledge.close()
        path.unlink()
    return [*lines, ""]


def _rambling(entry: KnowledgeEntry) -> str:
    named = entry.questions[0] if entry.questions else entry.title[:8]
    return f"喂你好是这样的我想问一下{entry.title}怎么弄啊就是说{named}这个事情以前都好好的麻烦你帮我看看谢谢"[:60]


def timed(search: Callable[[Any], object], text: Any) -> float:
    start = time.thread_time()
    search(text)
    return (time.thread_time() - start) * 1000


if __name__ == "__main__":
    main()
