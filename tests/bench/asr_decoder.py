"""Character error rates of the streaming zipformer on the shared recordings, per class, with real-time factor and memory.

``TINGDAN_SHARED=../shared TINGDAN_LM=FOLDER python -m tests.bench.asr_decoder [--sample N] [--switches]`` writes
``docs/benchmarks/asr_decoder.md``. ``TINGDAN_LM`` is a folder made by ``python -m asr.lm.convert``. Turns of the open calls are cut
at their .tsv times with half a second before, as the endpointer does. Errors are counted on Chinese characters and letters.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from asr.zipformer import engine as zipformer

RATE_HZ = 16_000
PRE_ROLL_S = 0.5
BLOCK = 320
TABLE = Path(__file__).parents[2] / "docs" / "benchmarks" / "asr_decoder.md"
SWITCHES = {
    "domain n-gram off": lambda s, m: (s, replace(m, domain_share=1e-6)),
    "general n-gram off": lambda s, m: (s, replace(m, domain_share=1 - 1e-6)),
    "word bonus off": lambda s, m: (s, replace(m, word_bonus=0.0)),
    "blank penalty off": lambda s, m: (replace(s, blank_penalty=0.0), m),
    "internal model kept": lambda s, m: (replace(s, internal_weight=0.0), m),
    "beam 24": lambda s, m: (replace(s, beam=24), m),
    "beam 200": lambda s, m: (replace(s, beam=200, width=16.0), m),
}


@dataclass(frozen=True)
class Turn:
    """One utterance to recognise."""

    kind: str
    text: str
    sound: NDArray[np.float32]


@dataclass
class Score:
    """Errors and characters of one class; digits apart."""

    errors: int = 0
    length: int = 0
    digit_errors: int = 0
    digit_length: int = 0
    numbers: int = 0
    numbers_right: int = 0
    sure: list[tuple[float, bool]] = field(default_factory=list)


def turns(shared: Path) -> Iterator[Turn]:
    """All recordings."""
    for line in (shared / "speech" / "manifest.tsv").read_text("utf-8").splitlines()[1:]:
        name, text = line.split("\t")[:2]
        sound, _ = sf.read(shared / "speech" / name, dtype="float32")
        kind = name.split("/")[0].split("_")[0]
        yield Turn(f"{kind}, wide", text, _led(sound))
        yield Turn(f"{kind}, 8 kHz A-law", text, _led(telephone(sound)))
    for file in sorted((shared / "calls" / "dev").glob("*.flac")):
        sides, rate = sf.read(file, dtype="float32")
        for line in file.with_suffix(".tsv").read_text("utf-8").splitlines()[1:]:
            _, speaker, start, end, text = line.split("\t")
            piece = sides[max(0, int((float(start) - PRE_ROLL_S) * rate)) : int((float(end) + 0.1) * rate)]
            side = np.ascontiguousarray(piece[:, 0 if speaker == "operator" else 1])
            yield Turn(f"calls, {speaker}", text, soxr.resample(side, rate, RATE_HZ))


def _led(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.concatenate([np.zeros(int(PRE_ROLL_S * RATE_HZ), dtype=np.float32), sound])


def telephone(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """16 kHz sound through 8 kHz and G.711 A-law companding (8 bits) and back."""
    narrow = np.clip(soxr.resample(sound, RATE_HZ, 8_000), -1, 1)
    a, log_a = 87.6, 1 + np.log(87.6)
    size = np.abs(narrow)
    packed = np.where(size < 1 / a, a * size / log_a, (1 + np.log(np.maximum(a * size, 1e-9))) / log_a)
    packed = np.round(packed * 127) / 127
    size = np.where(packed < 1 / log_a, packed * log_a / a, np.exp(packed * log_a - 1) / a)
    return soxr.resample((size * np.sign(narrow)).astype(np.float32), 8_000, RATE_HZ)


def cleaned(text: str) -> str:
    """Characters and letters that count."""
    return re.sub(r"[^\u4e00-\u9fffA-Z]", "", text.upper().replace("〇", "零").replace("妖", "幺"))


def digits(text: str) -> str:
    """Digits said one by one; yao and yi are the same number."""
    return re.sub("[^零一二三四五六七八九]", "", text.replace("幺", "一"))


def measure(engine: zipformer.ZipformerEngine, chosen: list[Turn]) -> tuple[dict[str, Score], float]:
    """Scores by class and the real-time factor (one process, CPU seconds)."""
    scores: dict[str, Score] = defaultdict(Score)
    seconds = 0.0
    begin = time.process_time()
    for turn in chosen:
        decoder = engine.open_utterance()
        for at in range(0, turn.sound.size, BLOCK):
            decoder.accept(turn.sound[at : at + BLOCK])
        found = decoder.finish()
        seconds += turn.sound.size / RATE_HZ
        _count(scores[turn.kind], turn.text, found.text)
        right = {
            i
            for op in Levenshtein.opcodes(found.text, cleaned(turn.text))
            if op.tag == "equal"
            for i in range(op.src_start, op.src_end)
        }
        scores[turn.kind].sure += [(t.confidence, t.start in right) for t in found.tokens if t.end == t.start + 1]
    return dict(scores), (time.process_time() - begin) / seconds


def _count(score: Score, said: str, heard: str) -> None:
    score.errors += Levenshtein.distance(cleaned(said), cleaned(heard))
    score.length += len(cleaned(said))
    number = digits(said)
    if len(number) >= 7:
        score.digit_errors += Levenshtein.distance(number, digits(heard))
        score.digit_length += len(number)
        score.numbers += 1
        score.numbers_right += number == digits(heard)


def total(scores: dict[str, Score], prefix: str) -> Score:
    """Sum over the classes whose name begins so."""
    result = Score()
    for kind, score in scores.items():
        if kind.startswith(prefix):
            result = Score(
                *(
                    getattr(result, name) + getattr(score, name)
                    for name in ("errors", "length", "digit_errors", "digit_length", "numbers", "numbers_right")
                ),
                result.sure + score.sure,
            )
    return result


def curve(sure: list[tuple[float, bool]]) -> list[str]:
    """Confidence against how often it is right, in tenths."""
    lines = ["", "| confidence | characters | right |", "| --- | ---: | ---: |"]
    for tenth in range(10):
        inside = [ok for value, ok in sure if tenth / 10 <= value < (tenth + 1) / 10 or (tenth == 9 and value >= 1)]
        if inside:
            lines.append(
                f"| {tenth / 10:.1f} to {tenth / 10 + 0.1:.1f} | {len(inside)} | {100 * sum(inside) / len(inside):.1f} % |"
            )
    return lines


def percent(part: int, whole: int) -> str:
    """Or a dash."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def row(name: str, score: Score) -> str:
    """One line of the table."""
    numbers = f"{score.numbers_right}/{score.numbers}" if score.numbers else "-"
    return f"| {name} | {score.length} | {percent(score.errors, score.length)} | {percent(score.digit_errors, score.digit_length)} | {numbers} |"


def main(arguments: list[str]) -> int:
    """Measure, print, write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--switches", action="store_true", help="also what each part brings (minutes)")
    options = parser.parse_args(arguments)
    shared, lm = Path(os.environ["TINGDAN_SHARED"]), Path(os.environ["TINGDAN_LM"])
    chosen = list(turns(shared))
    if options.sample:
        chosen = random.Random(1).sample(chosen, options.sample)
    begin = time.perf_counter()
    engine = zipformer.load(shared / "models" / "zipformer-zh-3.3m", lm)
    loading = time.perf_counter() - begin
    scores, factor = measure(engine, chosen)
    lines = [
        "# Streaming decoder: character errors",
        "",
        "`TINGDAN_SHARED=../shared TINGDAN_LM=FOLDER python -m tests.bench.asr_decoder --switches`. Digits: turns with seven or more, 幺 and 一 alike.",
        "",
        "These figures are not held out: weights were chosen on these calls, the templates of `resources/hotline_language` were "
        "written by someone who had read their scripts, and the readings of 幺 and 三 and the bound between 一 and 幺 follow "
        "errors heard on these digit recordings, where one speaker only says 一. Expect more errors on other calls.",
        "",
        "| class | characters | errors | digit errors | whole numbers right |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(row(kind, score) for kind, score in sorted(scores.items())),
        row("**calls, both**", total(scores, "calls")),
        "",
        f"Real-time factor of one channel {factor:.3f}; loading {loading:.2f} s (lexicon compiled before); "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB with all recordings in memory.",
        *curve(total(scores, "calls").sure),
    ]
    if options.switches:
        lines += [
            "",
            "## What each part brings (every fourth turn of the calls)",
            "",
            "| switch | calls | digit errors | whole numbers | real-time factor |",
            "| --- | ---: | ---: | ---: | ---: |",
        ]
        some = [turn for turn in chosen if turn.kind.startswith("calls")][::4]
        for name, change in {"as shipped": lambda s, m: (s, m), **SWITCHES}.items():
            search, mix = change(zipformer.SEARCH, zipformer.MIX)
            scores, factor = measure(engine.tuned(search, mix), some)
            calls = total(scores, "calls")
            lines.append(
                f"| {name} | {percent(calls.errors, calls.length)} | {percent(calls.digit_errors, calls.digit_length)} | {calls.numbers_right}/{calls.numbers} | {factor:.3f} |"
            )
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
