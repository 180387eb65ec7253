"""The endpointer on sounds that are no speech, and on calls whose turns are known."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from asr.endpoint import FRAME, Endpointer, EndpointEvent, EndpointSettings, SpeechEnded, SpeechSound, SpeechStarted
from asr.silero import SileroDetector
from tests.asr import sounds
from tests.asr.sounds import RATE, Samples


def run(endpointer: Endpointer, sound: Samples, block: int = 1_600) -> list[EndpointEvent]:
    events = [event for at in range(0, len(sound), block) for event in endpointer.feed(sound[at:at + block])]
    return events + list(endpointer.flush())


def spans(events: list[EndpointEvent]) -> list[tuple[int, int]]:
    """(start, end) of every utterance that is not a blip."""
    starts = [event.start for event in events if isinstance(event, SpeechStarted)]
    ends = [event for event in events if isinstance(event, SpeechEnded)]
    assert len(starts) == len(ends)
    return [(start, end.end) for start, end in zip(starts, ends, strict=True) if not end.blip]


def channel(path: Path, side: int) -> Samples:
    sound, rate = soundfile.read(path, dtype="float32")
    return soxr.resample(sound[:, side], rate, RATE)


@pytest.mark.parametrize("floor_db", [None, -50.0], ids=["clean", "line noise"])
@pytest.mark.parametrize("kind", ["silence", "loud noise", "dialling", "long keys", "ring-back", "hold music"])
def test_what_is_no_speech_starts_no_utterance(kind: str, floor_db: float | None) -> None:
    sound = {
        "silence": lambda: sounds.silence(20), "loud noise": lambda: sounds.noise(15, -30), "dialling": sounds.dialling,
        "long keys": lambda: sounds.dialling("13590", 0.5), "ring-back": sounds.ring_back, "hold music": sounds.hold_music,
    }[kind]()
    sound = np.concatenate((sounds.silence(2), sound))
    if floor_db is not None:
        sound = sound + sounds.noise(len(sound) / RATE, floor_db, seed=2)[: len(sound)]
    assert spans(run(Endpointer(SileroDetector()), sound)) == []


def test_minutes_of_silence_cost_almost_nothing() -> None:
    endpointer = Endpointer(SileroDetector())
    minute = sounds.noise(60, -70)
    began = time.process_time()
    for _ in range(15):
        assert not [e for e in endpointer.feed(minute) if isinstance(e, SpeechStarted)]
    assert time.process_time() - began < 7.5


def test_blocking_does_not_change_the_events() -> None:
    sound = channel(sounds.sample_call(), 1)[: 40 * RATE]
    reference = run(Endpointer(SileroDetector()), sound)
    for block in (511, 8_000):
        other = run(Endpointer(SileroDetector()), sound, block)
        assert spans(other) == spans(reference)
    assert spans(reference)


def test_the_decoder_hears_half_a_second_before_and_everything_until_the_end() -> None:
    sound = channel(sounds.sample_call(), 1)[: 30 * RATE]
    heard = np.zeros(0, np.float32)
    origin = 0
    for event in run(Endpointer(SileroDetector()), sound):
        if isinstance(event, SpeechStarted):
            heard, origin = event.sound, event.sound_start
            assert 0.4 * RATE <= event.start - event.sound_start <= 0.5 * RATE
        elif isinstance(event, SpeechSound):
            heard = np.concatenate((heard, event.sound))
        else:
            assert origin + len(heard) >= event.end
            assert np.array_equal(heard[: FRAME * 10], sound[origin: origin + FRAME * 10])


def test_a_monologue_is_cut_where_the_speaker_pauses_and_never_too_long() -> None:
    sound, rate = soundfile.read(sounds.sample_call(), dtype="float32")
    voiced = [sound[int(a * rate):int(b * rate), side] for a, b, side in turns_of(sounds.sample_call())]
    joined = soxr.resample(np.concatenate(voiced * 3), rate, RATE).astype(np.float32)
    settings = EndpointSettings()
    found = spans(run(Endpointer(SileroDetector(), settings), joined))
    lengths_ms = [(end - start) * 1000 // RATE for start, end in found]
    assert max(lengths_ms) <= settings.longest_ms + 100
    assert sum(lengths_ms) > 0.7 * len(joined) * 1000 / RATE
    hard = sum(length >= settings.longest_ms for length in lengths_ms)
    assert hard <= len(lengths_ms) // 4


def turns_of(path: Path) -> list[tuple[float, float, int]]:
    """(start_s, end_s, side) of stretches of speech, found by loudness alone."""
    sound, rate = soundfile.read(path, dtype="float32")
    step = rate // 50
    result = []
    for side in (0, 1):
        level = np.sqrt(np.mean(sound[: len(sound) // step * step, side].reshape(-1, step) ** 2, axis=1))
        loud = np.flatnonzero(level > 10 * np.median(np.sort(level)[: len(level) // 4]) + 1e-4)
        for part in np.split(loud, np.flatnonzero(np.diff(loud) > 40) + 1):
            if len(part) > 20:
                result.append((part[0] / 50, part[-1] / 50, side))
    return sorted(result)


@pytest.mark.shared
def test_turns_of_open_calls_are_found_whole(shared: Path) -> None:
    """Four calls: every turn found, none split or merged, no start more than the pre-roll late, finals in time."""
    late_s = []
    for path in sorted((shared / "calls" / "dev").glob("*.flac"))[:4]:
        with path.with_suffix(".tsv").open(encoding="utf-8") as table:
            turns = list(csv.DictReader(table, delimiter="\t"))
        for side, speaker in enumerate(("operator", "citizen")):
            found = spans(run(Endpointer(SileroDetector()), channel(path, side)))
            for turn in (t for t in turns if t["speaker"] == speaker):
                begin, end = float(turn["start_s"]) * RATE, float(turn["end_s"]) * RATE
                inside = [f for f in found if f[0] < end and f[1] > begin]
                assert len(inside) == 1, f"{path.name} turn {turn['turn']}: {len(inside)} utterances"
                late_s.append((inside[0][0] - begin) / RATE)
    assert max(late_s) < 0.5
