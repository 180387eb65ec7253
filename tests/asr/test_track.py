"""One channel's time line: holes, overlaps, rates, and where a successor goes on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import soundfile
import soxr

from app.domain.dialogue import Channel, ChannelFinished, SpeechEvent, UtteranceFinal
from app.ports.ports import AudioBlock
from asr.protocol import Mark, event_from_json, event_to_json
from asr.silero import SileroDetector
from asr.track import ChannelTrack
from tests.asr.envelope_engine import EnvelopeEngine
from tests.asr.sounds import call_blocks, sample_call

CITIZEN = [b for b in call_blocks(sample_call(), 30.0) if b.channel is Channel.CITIZEN]


def track(mark: Mark | None = None, from_ms: int = 0) -> ChannelTrack:
    return ChannelTrack(mark or Mark(Channel.CITIZEN), from_ms, EnvelopeEngine().open_utterance, SileroDetector())


def run(one: ChannelTrack, blocks: list[AudioBlock]) -> list[SpeechEvent]:
    events = [e for b in blocks for e in one.accept(b.start_ms, b.pcm, b.rate_hz)]
    return [*events, *one.finish()]


def finals(events: list[SpeechEvent]) -> list[UtteranceFinal]:
    return [e for e in events if isinstance(e, UtteranceFinal)]


def places(events: list[SpeechEvent]) -> list[tuple[int, int]]:
    return [(f.utterance.start_ms, f.utterance.end_ms) for f in finals(events)]


def test_a_call_that_starts_late_keeps_its_time_line() -> None:
    at_zero = run(track(), CITIZEN)
    shifted = run(track(), [replace(b, start_ms=b.start_ms + 60_000) for b in CITIZEN])
    moved = [(start + 60_000, end + 60_000) for start, end in places(at_zero)]
    assert len(moved) >= 2
    for (a, b), (c, d) in zip(places(shifted), moved, strict=True):
        assert abs(a - c) <= 64 and abs(b - d) <= 64


def test_a_block_that_comes_twice_is_heard_once() -> None:
    doubled = [b for block in CITIZEN for b in (block, block)]
    assert places(run(track(), doubled)) == places(run(track(), CITIZEN))


def test_a_short_hole_becomes_silence_and_later_turns_stay_in_place() -> None:
    whole = run(track(), CITIZEN)
    second = finals(whole)[1].utterance
    holed = run(track(), [b for b in CITIZEN if not 1_000 <= b.start_ms < 1_500])
    assert any(abs(start - second.start_ms) <= 64 and abs(end - second.end_ms) <= 64 for start, end in places(holed))


def test_a_long_hole_ends_the_utterance_that_is_going_on() -> None:
    first = finals(run(track(), CITIZEN))[0].utterance
    middle = (first.start_ms + first.end_ms) // 2
    events = run(track(), [b for b in CITIZEN if not middle <= b.start_ms < middle + 8_000])
    assert finals(events)[0].utterance.end_ms <= middle + 100
    assert isinstance(events[-1], ChannelFinished) and events[-1].heard_ms == CITIZEN[-1].start_ms + 100


def test_wide_band_sound_is_taken_as_it_is() -> None:
    sound, rate = soundfile.read(sample_call(), dtype="float32", frames=30 * 8000)
    wide = (np.clip(soxr.resample(sound[:, 1], rate, 16_000), -1, 1) * 32767).astype("<i2")
    blocks = [AudioBlock(Channel.CITIZEN, at // 16, wide[at:at + 1_600].tobytes(), 16_000) for at in range(0, len(wide), 1_600)]
    narrow, broad = places(run(track(), CITIZEN)), places(run(track(), blocks))
    assert len(narrow) == len(broad)
    assert all(abs(a - c) <= 64 and abs(b - d) <= 64 for (a, b), (c, d) in zip(narrow, broad, strict=True))


def test_a_successor_goes_on_after_the_last_final() -> None:
    """A track is dropped at every tenth block and a new one told its mark: the same turns, each once."""
    reference = finals(run(track(), CITIZEN))
    for cut in range(40, len(CITIZEN), 40):
        first, before = track(), []
        for block in CITIZEN[:cut]:
            before += list(first.accept(block.start_ms, block.pcm, block.rate_hz))
        kept = [b for b in CITIZEN if b.start_ms + 100 > first.mark.settled_ms - 2_500]
        both = finals(before) + finals(run(track(first.mark, kept[0].start_ms), kept))
        assert [f.utterance_id for f in both] == [f.utterance_id for f in reference]
        for one, other in zip(both, reference, strict=True):
            assert abs(one.utterance.start_ms - other.utterance.start_ms) <= 64


def test_events_survive_the_pipe() -> None:
    for event in run(track(), CITIZEN[:150]):
        assert event_from_json(event_to_json(event)) == event
