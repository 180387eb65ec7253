"""`make bench-second-pass`: what hearing an utterance again brings, by several means -> a table on the screen.

The findings stand in docs/benchmarks/second_pass.md. Turns are those of tests/bench/kept_frames.py; every means hears the same
sound. The first pass is the shipped decoder. Means: a wider search over the same encoder frames; the encoder once more with
its chunks 160 ms later, alone, averaged with the first and taken where a frame has more sound after it; both passes'
readings added up; Whisper base alone, as a judge of our readings by likeness, and by its own likelihood of each reading.
Whisper rows need an environment with the extra ``whisper`` (`make test-engines` sets one up). Oracle rows choose by what was said:
no combination of the two can be better.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from app.platform.paths import cache_dir
from asr.engine import Hypothesis
from asr.lexicon.assembly import assemble
from asr.lexicon.live import LiveWords
from asr.models.whisper_files import packages_installed
from asr.zipformer.engine import MIX, SEARCH, TAIL_SAMPLES, ZipformerEngine
from asr.zipformer.network import FrameStream, Networks
from tests.asr import real_engines
from tests.bench.cer import errors, rate, spoken
from tests.bench.kept_frames import Kept, Turn, kept, turns

WIDE = replace(SEARCH, beam=200, width=16.0)
LATER_FRAMES, FRAME_SAMPLES, CHUNK = 4, 640, 8
LIKENESS = (0.6, 1.0, 1.5)
LIKELIHOOD = (0.05, 0.2, 1.0)
Floats = NDArray[np.float32]


@dataclass
class Means:
    """Results of one means: (errors, characters) by class, and its processor seconds."""

    counted: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    cpu_s: float = 0.0


class Table:
    """All means, in the order in which they came."""

    def __init__(self) -> None:
        self.rows: dict[str, Means] = {}
        self.audio_s = 0.0

    def add(self, name: str, turn: Turn, text: str, cpu_s: float = 0.0) -> None:
        """One turn."""
        row = self.rows.setdefault(name, Means())
        row.counted["calls" if turn.call else turn.kind].append(errors(turn.text, text))
        row.cpu_s += cpu_s

    def lines(self) -> list[str]:
        """As a table."""
        kinds = list(dict.fromkeys(kind for row in self.rows.values() for kind in row.counted))
        lines = [f"| means | {' | '.join(kinds)} | cost |", "| --- |" + " ---: |" * (len(kinds) + 1)]
        for name, row in self.rows.items():
            cells = " | ".join(f"{rate(row.counted[kind]):.2%}" for kind in kinds)
            cost = f"{row.cpu_s / self.audio_s:.3f}" if row.cpu_s else "-"
            lines.append(f"| {name} | {cells} | {cost} |")
        return lines


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--every", type=int, default=3, help="every so many-th turn")
    parser.add_argument("--no-whisper", action="store_true")
    chosen = parser.parse_args()
    shared = Path(os.environ["TINGDAN_SHARED"])
    lm = os.environ.get("TINGDAN_LM") or Path.home() / ".local" / "share" / "tingdan" / "models" / "libime-zh"
    networks = Networks(shared / "models" / "zipformer-zh-3.3m")
    words = LiveWords(assemble(Path(lm), networks.tokens, cache_dir() / "lexicon"), cache_dir() / "lexicon")
    first = ZipformerEngine(networks, words)
    wide = first.tuned(WIDE, MIX)
    judge = None if chosen.no_whisper or not packages_installed() else Judge()
    table = Table()
    for number, turn in enumerate(list(turns(shared))[:: chosen.every]):
        table.audio_s += turn.seconds
        best = own_means(table, turn, networks, first, wide)
        if judge is not None:
            judge.means(table, turn, best)
        if number % 20 == 0:
            print(number, file=sys.stderr, flush=True)
    print("\n".join(table.lines()))
    print(f"\nCost: processor seconds for a second of sound, {table.audio_s:.0f} s of it.")
    return 0


def own_means(table: Table, turn: Turn, networks: Networks, first: ZipformerEngine, wide: ZipformerEngine) -> Hypothesis:
    """Our encoder and search again; gives the first pass."""
    source = kept(turn, networks)
    loudness = source.loudness
    now = source.accept(np.zeros(0, dtype=np.float32))[0]

    def searched(name: str, engine: ZipformerEngine, frames: Floats, before_s: float = 0.0) -> Hypothesis:
        began = time.process_time()
        heard = engine.open_over(Kept(frames, loudness[: len(frames)])).finish()
        table.add(name, turn, heard.text, time.process_time() - began + before_s)
        return heard

    best = searched("first pass (search alone)", first, now)
    wider = searched("wider search", wide, now)
    began = time.process_time()
    later = delayed(turn.sound, networks)
    encoding_s = time.process_time() - began
    least = min(len(now), len(later))
    now, later = now[:least], later[:least]
    other = searched("chunks 160 ms later", first, later, encoding_s)
    searched("both encodings averaged", first, np.asarray((now + later) / 2, dtype=np.float32), encoding_s)
    early = np.arange(least) % CHUNK < CHUNK // 2
    searched("each frame where more follows", first, np.where(early[:, None], now, later), encoding_s)
    added = dict(shares(best))
    for text, share in shares(other).items():
        added[text] = added.get(text, 0.0) + share
    table.add("readings of both encodings added", turn, max(added, key=lambda text: added[text]))
    table.add("oracle of both encodings", turn, nearest(turn, [best.text, other.text]))
    table.add("oracle of first and wider search", turn, nearest(turn, [best.text, wider.text]))
    return best


def delayed(sound: Floats, networks: Networks) -> Floats:
    """Frames of a sound whose chunks begin 160 ms later, in the places that they have without the delay."""
    stream = FrameStream(networks)
    silence = np.zeros(LATER_FRAMES * FRAME_SAMPLES, dtype=np.float32)
    tail = np.zeros(TAIL_SAMPLES + CHUNK * FRAME_SAMPLES, dtype=np.float32)
    return np.concatenate(stream.accept(np.concatenate([silence, sound, tail])))[LATER_FRAMES:]


def shares(heard: Hypothesis) -> Mapping[str, float]:
    """Readings and their shares; what the alternatives leave is the text's."""
    others = {other.text: other.confidence for other in heard.alternatives}
    return {heard.text: max(1e-3, 1.0 - sum(others.values())), **others}


def nearest(turn: Turn, texts: list[str]) -> str:
    """The text with the least errors."""
    return min(texts, key=lambda text: errors(turn.text, text)[0])


class Judge:
    """Whisper base, alone and as a judge of our readings."""

    def __init__(self) -> None:
        from faster_whisper.tokenizer import Tokenizer

        engine: Any = real_engines.loaded("whisper")
        self._engine = engine
        self._model: Any = engine._model
        self._tokenizer: Any = Tokenizer(self._model.hf_tokenizer, True, task="transcribe", language="zh")

    def means(self, table: Table, turn: Turn, best: Hypothesis) -> None:
        """All Whisper rows."""
        began = time.process_time()
        utterance = self._engine.open_utterance()
        utterance.accept(turn.sound)
        other = utterance.finish().text
        table.add("whisper base alone", turn, other, time.process_time() - began)
        table.add("oracle of first pass and whisper", turn, nearest(turn, [best.text, other]))
        ours = {text: float(np.log(max(share, 1e-4))) for text, share in shares(best).items()}
        table.add("oracle of our readings", turn, nearest(turn, list(ours)))
        wanted = spoken(other)
        unlike = {text: -float(Levenshtein.distance(spoken(text), wanted)) if wanted else 0.0 for text in ours}
        for weight in LIKENESS:
            self._chosen(table, f"our reading nearest to whisper's, {weight}", turn, ours, unlike, weight)
        began = time.process_time()
        likely = self.likelihood(turn.sound, list(ours)) if len(ours) > 1 else dict.fromkeys(ours, 0.0)
        cost_s = time.process_time() - began
        for weight in LIKELIHOOD:
            self._chosen(table, f"our readings by whisper's likelihood, {weight}", turn, ours, likely, weight)
        table.rows[f"our readings by whisper's likelihood, {LIKELIHOOD[0]}"].cpu_s += cost_s

    def _chosen(self, table: Table, name: str, turn: Turn, ours: Mapping[str, float], judged: Mapping[str, float], weight: float) -> None:
        table.add(name, turn, max(ours, key=lambda text: ours[text] + weight * judged[text]))

    def likelihood(self, sound: Floats, texts: list[str]) -> dict[str, float]:
        """Natural log of the probability that Whisper gives to each text's tokens."""
        features = self._model.feature_extractor(sound)[:, :3000]
        frames = features.shape[1]
        encoded = self._model.encode(np.pad(features, ((0, 0), (0, 3000 - frames))))
        found = {}
        for text in texts:
            pieces = self._tokenizer.encode(text)
            aligned = self._model.model.align(encoded, list(self._tokenizer.sot_sequence), [pieces], frames // 2 * 2)[0]
            found[text] = float(np.sum(np.log(np.maximum(1e-6, aligned.text_token_probs))))
        return found


if __name__ == "__main__":
    sys.exit(main())
