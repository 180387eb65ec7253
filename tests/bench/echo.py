"""The citizen's voice in the operator's microphone: how much of it is transcribed twice -> docs/benchmarks/echo.md (`make bench-echo`).

Dev calls, offline: to the operator's channel comes the citizen's, later and weaker and with some of a room in it. What counts is characters
of the operator's side that are there with the echo and not without it, and those that are gone.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from app.domain.dialogue import Channel, UtteranceFinal
from asr.crosstalk import Crosstalk
from asr.engine import Engine, Hypothesis, UtteranceDecoder
from asr.loading import load_engine
from asr.models.choice import choose_engine
from asr.protocol import Mark
from asr.silero import SileroDetector
from asr.track import ChannelTrack
from tests.asr import sounds

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "docs" / "benchmarks" / "echo.md"
CALLS = "dev-001 dev-005 dev-008"
DELAYS_MS, GAINS_DB = (0, 20, 60, 120, 200, 300), (-6, -12, -18, -25)
RATE_HZ, BLOCK = 8_000, 800
Sound = NDArray[np.float32]


class Deaf:
    """Decodes nothing: only the sound of the citizen's side is needed here."""

    def accept(self, samples: Sound) -> None:
        """Take sound."""

    def partial(self) -> Hypothesis:
        """Nothing."""
        return Hypothesis("")

    def finish(self) -> Hypothesis:
        """Nothing."""
        return Hypothesis("")


def main() -> int:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", nargs="*", default=CALLS.split())
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--delays", nargs="*", type=int, default=list(DELAYS_MS))
    parser.add_argument("--gains", nargs="*", type=int, default=list(GAINS_DB))
    parser.add_argument("--unguarded", action="store_true", help="without the guard, for comparison")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    engine, calls = load_engine(choose_engine("zipformer")), [both_sides(name, chosen.seconds) for name in chosen.calls]
    clean = [operator_text(engine, *sides) for sides in calls]
    alone = [operator_text(engine, *sides, is_guarded=False) for sides in calls]
    rows = []
    for gain_db in chosen.gains:
        cells = [cell(engine, calls, clean, delay, gain_db, not chosen.unguarded) for delay in chosen.delays]
        rows.append(f"| {gain_db} dB | " + " | ".join(cells) + " |")
        print(rows[-1], flush=True)
    changed = sum(Levenshtein.distance(one, other) for one, other in zip(clean, alone, strict=True))
    lines = ["# Echo", "", "Command: `make bench-echo`. The citizen's voice in the operator's microphone: characters of the operator's side that "
             f"came in by it / that it took away, of {sum(map(len, clean))} ({len(calls)} dev calls, {chosen.seconds:.0f} s each, offline).",
             f"Without an echo the guard changes {changed} characters.", "",
             "| weaker by | " + " | ".join(f"{each} ms" for each in chosen.delays) + " |",
             "| --- " * (1 + len(chosen.delays)) + "|", *rows]
    print("\n".join(lines))
    if chosen.write:
        REPORT.write_text("\n".join(lines) + "\n", "utf-8")
    return 0


def both_sides(name: str, seconds: float) -> tuple[Sound, Sound]:
    """Operator and citizen of a call at 8 kHz."""
    path = Path(os.environ["TINGDAN_SHARED"]) / "calls" / "dev" / f"{name}.flac"
    sound, rate_hz = soundfile.read(path, dtype="float32", frames=int(seconds * RATE_HZ))
    assert rate_hz == RATE_HZ
    return np.ascontiguousarray(sound[:, 0]), np.ascontiguousarray(sound[:, 1])


def cell(engine: Engine, calls: list[tuple[Sound, Sound]], clean: list[str], delay_ms: int, gain_db: int, is_guarded: bool) -> str:
    """Characters that came and went over all calls."""
    came = went = 0
    for (operator, citizen), wanted in zip(calls, clean, strict=True):
        back = sounds.echo_of(np.repeat(citizen, 2), delay_ms / 1000, gain_db)[::2]
        heard = operator_text(engine, operator + back, citizen, is_guarded=is_guarded)
        operations = Levenshtein.editops(wanted, heard)
        came += sum(each.tag == "insert" for each in operations)
        went += sum(each.tag != "insert" for each in operations)
    return f"{came} / {went}"


def operator_text(engine: Engine, operator: Sound, citizen: Sound, is_guarded: bool = True) -> str:
    """What is transcribed of the operator's side, block by block as it would come."""
    crosstalk = Crosstalk()

    def deaf() -> UtteranceDecoder:
        return Deaf()

    tracks = {Channel.OPERATOR: ChannelTrack(Mark(Channel.OPERATOR), 0, engine.open_utterance, SileroDetector(), wants_partials=lambda: False,
                                             crosstalk=crosstalk if is_guarded else None),
              Channel.CITIZEN: ChannelTrack(Mark(Channel.CITIZEN), 0, deaf, SileroDetector(), wants_partials=lambda: False,
                                            crosstalk=crosstalk)}
    said = []
    for at in range(0, len(operator), BLOCK):
        for channel, sound in ((Channel.OPERATOR, operator), (Channel.CITIZEN, citizen)):
            for event in tracks[channel].accept(at // 8, _pcm(sound[at:at + BLOCK]), RATE_HZ):
                if isinstance(event, UtteranceFinal):
                    said.append(event.utterance.text)
    said += [event.utterance.text for event in tracks[Channel.OPERATOR].finish() if isinstance(event, UtteranceFinal)]
    return "".join(said)


def _pcm(sound: Sound) -> bytes:
    return (np.clip(sound, -1, 1) * 32_767).astype("<i2").tobytes()


if __name__ == "__main__":
    raise SystemExit(main())
