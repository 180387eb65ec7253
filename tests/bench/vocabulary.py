"""`make bench-vocabulary`: words at run time, what the language models weigh, accents -> docs/benchmarks/vocabulary.md.

Turns come from kept encoder frames (tests/bench/kept_frames.py), so that only the search is run again; every second open call, all
read sentences and phone numbers on both bands. Errors are counted by tests/bench/cer.py, classes as in tests/bench/asr.py.
Accents are simulated: of the acoustic probability of each retroflex initial, of n, and of ng after i and e, four fifths go
to the sound that a southern speaker puts there.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.platform.paths import cache_dir
from app.platform.place_files import place_phrases
from asr.lexicon.assembly import assemble
from asr.lexicon.general import is_chinese
from asr.lexicon.live import LiveWords
from asr.zipformer.confusions import ACCENTS, matrix
from asr.zipformer.engine import MIX, SEARCH, ZipformerEngine
from asr.zipformer.network import Networks
from asr.zipformer.search import Confusions
from tests.bench.asr import Measured, Spoken, count, item_terms, shared, sounds, turns
from tests.bench.cer import rate
from tests.bench.kept_frames import Turn, kept

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "docs" / "benchmarks" / "vocabulary.md"
SIZES = (1_000, 10_000, 50_000)
SHARES = (0.6, 0.8, 0.9, 0.95, 0.99)
_SWAPS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
_NASALS = ("ing", "in"), ("eng", "en")
_SWAPPED = 0.8
_TONES = {"i": "iīíǐì", "e": "eēéěè"}
HEAD = "| | calls, both | operator | citizen | read, wide | read, A-law | names | places | item terms | phone numbers | search time |"
Phrases = Callable[[Path], Sequence[str]]


class Bench:
    """Engines over one set of networks and words."""

    def __init__(self, folder: Path, lm: Path, every: int) -> None:
        self.folder = folder
        self.networks = Networks(folder / "models" / "zipformer-zh-3.3m")
        cache = cache_dir() / "lexicon"
        self.words = LiveWords(assemble(lm, self.networks.tokens, cache), cache)
        self.every = every

    def engine(self, share: float = MIX.domain_share, confusions: Confusions | None = None) -> ZipformerEngine:
        """As shipped, but for these."""
        return ZipformerEngine(self.networks, self.words, SEARCH, replace(MIX, domain_share=share), confusions)

    def line(self, name: str, engine: ZipformerEngine, phrases: Phrases = lambda _script: ()) -> str:
        """One row; ``phrases`` are the vocabulary of each call."""
        measured = Measured()
        engine.set_context(())
        for item in sounds_alone(self.folder):
            self._hear(engine, measured, item)
        terms = item_terms()
        for script in sorted((self.folder / "calls" / "dev").glob("*.json"))[:: self.every]:
            engine.set_context(phrases(script))
            for item in turns(script, terms):
                self._hear(engine, measured, item)
        return told(name, measured)

    def _hear(self, engine: ZipformerEngine, measured: Measured, item: Spoken) -> None:
        frames = kept(Turn(item.group, item.text, item.sound), self.networks)
        began_s = time.process_time()
        text = engine.open_over(frames).finish().text
        measured.cpu_s += time.process_time() - began_s
        measured.audio_s += len(item.sound) / 16_000
        count(measured, item, text)


def sounds_alone(folder: Path) -> Iterator[Spoken]:
    """Read sentences and phone numbers; every second of the sentences."""
    for number, item in enumerate(sounds(folder)):
        if item.group.startswith("calls"):
            return
        if item.group.startswith("phone") or number // 2 % 2 == 0:
            yield item


def told(name: str, measured: Measured) -> str:
    """A row of the tables."""
    def errors(prefix: str) -> str:
        pairs = [pair for group, found in measured.cer.items() if group.startswith(prefix) for pair in found]
        return f"{rate(pairs):.2%}"

    groups = ("calls", "calls, operator", "calls, citizen", "read sentences, wide", "read sentences, 8")
    cells = [errors(group) for group in groups]
    cells += [f"{sum(measured.terms[kind])} of {len(measured.terms[kind])}" for kind in ("names", "places", "item terms")]
    numbers = [right for found in measured.numbers.values() for right in found]
    row = f"| {name} | {' | '.join(cells)} | {sum(numbers)} of {len(numbers)} | {measured.cpu_s / measured.audio_s:.4f} |"
    print(row, flush=True)
    return row


def sizes(bench: Bench) -> list[str]:
    """Time of ``set_context`` by number of words, and what a long list costs while decoding."""
    engine = bench.engine()
    chance = random.Random(1)
    plain = [word for word in bench.words.lexicon.texts if len(word) > 1 and is_chinese(word)]
    lines = ["| words | set_context, processor s | search time with them | without |", "| ---: | ---: | ---: | ---: |"]
    some = [item for item in sounds_alone(bench.folder) if item.group.startswith("read")][::3]
    engine.set_context(["珠江新城"])  # the table of readings is loaded with the first word of a process
    for size in SIZES:
        lists = [[f"{chance.choice(plain)}{chance.choice(plain)}"[:12] for _ in range(size)] for _ in range(3)]
        spent = []
        for words in lists:
            began_s = time.process_time()
            engine.set_context(words)
            spent.append(time.process_time() - began_s)
        took = {True: 0.0, False: 0.0}
        for item in some:
            for with_them in (True, False, False, True):
                engine.set_context(lists[0] if with_them else ())
                began_s = time.process_time()
                engine.open_over(kept(Turn("", "", item.sound), bench.networks)).finish()
                took[with_them] += time.process_time() - began_s
        seconds = 2 * sum(len(item.sound) for item in some) / 16_000
        lines.append(f"| {size:,} | {sorted(spent)[1]:.2f} | {took[True] / seconds:.4f} | {took[False] / seconds:.4f} |")
        print(lines[-1], flush=True)
    return lines


def accented(tokens: Sequence[str]) -> NDArray[np.float32]:
    """Rows said, columns heard: what a southern speaker makes of each token."""
    number = {token: i for i, token in enumerate(tokens)}
    result = np.eye(len(tokens), dtype=np.float32)
    pairs = list(_SWAPS)
    for long, short in _NASALS:
        pairs += [(mark + long[1:], mark + short[1:]) for mark in _TONES[long[0]]]
    for said, heard in pairs:
        if said in number and heard in number:
            result[number[said], number[said]] -= _SWAPPED
            result[number[said], number[heard]] += _SWAPPED
    return result


def of_the_city(script: Path) -> tuple[str, ...]:
    """Places of the call's city."""
    return place_phrases(str(json.loads(script.read_text("utf-8"))["city"]))


def on_the_ticket(script: Path) -> tuple[str, ...]:
    """The same, and the name, street and community as an operator would have written them."""
    gold = json.loads(script.read_text("utf-8"))["gold"]
    values = [str(gold.get(key) or "") for key in ("requester_name", "region_street", "street", "region_community", "community")]
    return (*of_the_city(script), *(f"{value} 100" for value in dict.fromkeys(values) if len(value) > 1 and is_chinese(value)))


def of_another_ticket(script: Path) -> tuple[str, ...]:
    """Words of a call that has nothing to do with this one."""
    scripts = sorted(script.parent.glob("*.json"))
    other = scripts[(scripts.index(script) + 7) % len(scripts)]
    extra = [phrase for phrase in on_the_ticket(other) if phrase.endswith(" 100")]
    return (*of_the_city(script), *extra)


def report(bench: Bench, parts: Sequence[str]) -> str:
    """The page."""
    rule = "| --- " * HEAD.count(" |") + "|"
    lines = ["# Vocabulary, language models, accents", "", "Command: `make bench-vocabulary`.", "", *(__doc__ or "").strip().splitlines()[2:], ""]
    if "sizes" in parts:
        lines += ["## Words at run time", "", "Random compounds; processor seconds on a shared machine.", "", *sizes(bench), ""]
    if "words" in parts:
        lines += ["## Words of the city and of the ticket", "", HEAD, rule, bench.line("nothing told", bench.engine()),
                  bench.line("places of the city", bench.engine(), of_the_city),
                  bench.line("and what the operator wrote", bench.engine(), on_the_ticket),
                  bench.line("and what stands on another ticket (harm)", bench.engine(), of_another_ticket), ""]
    if "shares" in parts:
        lines += ["## Weight of the hotline's n-gram against the general one", "", HEAD, rule,
                  *(bench.line(f"{share:g} of 1", bench.engine(share=share)) for share in SHARES), ""]
    if "accent" in parts:
        tokens = bench.networks.tokens
        speaker, soft = accented(tokens), matrix(tokens, ACCENTS["southern"])
        lines += ["## Southern accent", "", HEAD, rule, bench.line("standard speech, off", bench.engine()),
                  bench.line("standard speech, on (harm)", bench.engine(confusions=Confusions(soft))),
                  bench.line("simulated accent, off", bench.engine(confusions=Confusions(speaker))),
                  bench.line("simulated accent, on (gain)", bench.engine(confusions=Confusions(speaker @ soft))), ""]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Measure and write; a part alone is only printed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--every", type=int, default=2, help="every so many-th call")
    parser.add_argument("--parts", default="sizes,words,shares,accent")
    chosen = parser.parse_args(arguments)
    lm = Path(os.environ.get("TINGDAN_LM") or Path.home() / ".local/share/tingdan/models/libime-zh")
    parts = chosen.parts.split(",")
    page = report(Bench(shared(), lm, chosen.every), parts)
    print(page)
    if len(parts) == 4:
        REPORT.write_text(page + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
