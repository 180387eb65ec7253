"""What is no speech gives no words, speech before and after it is heard as ever, and nobody is transcribed twice."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import soundfile
from rapidfuzz.distance import Levenshtein

from app.domain.dialogue import Channel, HypothesisRevised, SpeechEvent, UtteranceFinal
from app.domain.errors import EnvironmentFault
from asr.crosstalk import Crosstalk
from asr.engine import Engine
from asr.loading import load_engine
from asr.models.choice import choose_engine
from asr.protocol import Mark
from asr.silero import SileroDetector
from asr.track import ChannelTrack
from tests.asr import sounds
from tests.asr.sounds import RATE, Samples, sample_call
from tests.bench.telephone import through_the_line

SECONDS = 21.0
MIDDLE_S = 12.0
NO_SPEECH: dict[str, Callable[[], Samples]] = {
    "plucked hold music": sounds.hold_music,
    "sung-like hold music": sounds.melody,
    "ring-back of 450 Hz": lambda: sounds.ring_back(3),
    "DTMF": sounds.dialling,
    "long DTMF": lambda: sounds.dialling("13590", 0.5),
    "digital silence": lambda: sounds.silence(MIDDLE_S),
    "companded silence": lambda: sounds.companded_silence(MIDDLE_S),
    "line noise": lambda: sounds.noise(MIDDLE_S, -45),
    "loud noise": lambda: sounds.noise(MIDDLE_S, -30),
    "hum": lambda: sounds.hum(MIDDLE_S),
    "coughs": sounds.coughs,
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    try:
        return load_engine(choose_engine("zipformer"))
    except EnvironmentFault as fault:
        pytest.skip(f"the streaming engine is not installed here ({fault.key})")


@pytest.fixture(scope="module")
def sides() -> tuple[Samples, Samples]:
    """Operator and citizen of the sample call at 8 kHz."""
    sound, rate_hz = soundfile.read(sample_call(), dtype="float32", frames=int(SECONDS * 8_000))
    assert rate_hz == 8_000
    return np.ascontiguousarray(sound[:, 0]), np.ascontiguousarray(sound[:, 1])


def narrow(sound: Samples) -> Samples:
    """Over the line, at 8 kHz."""
    return through_the_line(sound)[::2]


def pcm(sound: Samples) -> bytes:
    return (np.clip(sound, -1, 1) * 32_767).astype("<i2").tobytes()


def heard(engine: Engine, *channels: Samples) -> dict[Channel, list[SpeechEvent]]:
    """Events of one or both channels at 8 kHz, in blocks of 100 ms as they would come."""
    crosstalk = Crosstalk()
    tracks = {c: ChannelTrack(Mark(c), 0, engine.open_utterance, SileroDetector(), crosstalk=crosstalk)
              for c, _ in zip(Channel, channels, strict=False)}
    events: dict[Channel, list[SpeechEvent]] = {c: [] for c in tracks}
    for at in range(0, max(len(c) for c in channels), 800):
        for (channel, track), sound in zip(tracks.items(), channels, strict=True):
            events[channel] += track.accept(at // 8, pcm(sound[at:at + 800]), 8_000)
    for channel, track in tracks.items():
        events[channel] += track.finish()
    return events


def finals(events: list[SpeechEvent]) -> list[UtteranceFinal]:
    return [e for e in events if isinstance(e, UtteranceFinal)]


def text(events: list[SpeechEvent]) -> str:
    return "".join(f.utterance.text for f in finals(events))


@pytest.fixture(scope="module")
def alone(engine: Engine, sides: tuple[Samples, Samples]) -> str:
    """What the citizen says, heard without anything before or after."""
    said = text(heard(engine, sides[1])[Channel.OPERATOR])
    assert len(said) > 20
    return said


@pytest.mark.parametrize("kind", NO_SPEECH)
def test_no_speech_gives_no_words_and_hides_none(kind: str, engine: Engine, sides: tuple[Samples, Samples], alone: str) -> None:
    """Speech, a second, the sound, a second, the same speech."""
    speech, middle, pause = sides[1], narrow(NO_SPEECH[kind]()), np.zeros(8_000, np.float32)
    events = heard(engine, np.concatenate((speech, pause, middle, pause, speech)))[Channel.OPERATOR]
    begin_ms, end_ms = (len(speech) + 8_000) // 8, (len(speech) + 8_000 + len(middle)) // 8
    invented = [f.utterance.text for f in finals(events) if f.utterance.end_ms > begin_ms and f.utterance.start_ms < end_ms]
    assert invented == []
    shown = {e.utterance_id: e.text for e in events if isinstance(e, HypothesisRevised) and begin_ms < e.start_ms < end_ms}
    assert not any(shown.values())  # what flickered up was taken back
    before = "".join(f.utterance.text for f in finals(events) if f.utterance.end_ms <= begin_ms)
    after = "".join(f.utterance.text for f in finals(events) if f.utterance.start_ms >= end_ms)
    for said in (before, after):
        assert Levenshtein.distance(said, alone) <= 0.08 * len(alone)


@pytest.mark.parametrize(("delay_s", "level_db"), [(0.02, -6), (0.12, -12), (0.25, -20), (0.3, -6)])
def test_the_other_sides_echo_is_not_transcribed_twice(
        delay_s: float, level_db: float, engine: Engine, sides: tuple[Samples, Samples]) -> None:
    """The operator's microphone hears the citizen; the operator speaks as well, at other times."""
    operator, citizen = sides
    clean = heard(engine, operator, citizen)
    wide = np.repeat(citizen, 2)
    back = sounds.echo_of(wide, delay_s, level_db)[::2]
    noise = sounds.noise(len(operator) / RATE + 1, -60)[: len(operator)]
    events = heard(engine, operator + back + noise, citizen)
    assert text(events[Channel.CITIZEN]) == text(clean[Channel.CITIZEN])
    ours, wanted = text(events[Channel.OPERATOR]), text(clean[Channel.OPERATOR])
    assert Levenshtein.distance(ours, wanted) <= 0.12 * len(wanted)
    unguarded = ChannelTrack(Mark(Channel.OPERATOR), 0, engine.open_utterance, SileroDetector())
    twice = text([*unguarded.accept(0, pcm(operator + back + noise), 8_000), *unguarded.finish()])
    if level_db > -20:
        assert len(twice) > 1.3 * len(wanted)  # without the guard it would be


def test_who_speaks_over_the_other_is_heard(engine: Engine, sides: tuple[Samples, Samples]) -> None:
    """Both speak at once, without an echo: everything stays."""
    operator, citizen = sides
    over = np.roll(citizen, -int(8_000 * 1.5))
    apart = heard(engine, operator), heard(engine, over)
    both = heard(engine, operator, over)
    assert text(both[Channel.OPERATOR]) == text(apart[0][Channel.OPERATOR])
    assert text(both[Channel.CITIZEN]) == text(apart[1][Channel.OPERATOR])


def test_the_original_is_not_dropped_for_its_echo() -> None:
    """Only the later, weaker one of two is the copy; sound that is missing on the other side explains nothing."""
    voice = sounds.shaped(2.0, (500, 1_500, 2_500), 3) * 0.2
    copy = sounds.echo_of(voice, 0.06, -8)
    guard = Crosstalk()
    guard.hear(Channel.OPERATOR, 0, copy)
    assert not guard.is_echo(Channel.OPERATOR, 0, len(copy))
    guard.hear(Channel.CITIZEN, 0, voice)
    assert guard.is_echo(Channel.OPERATOR, 0, len(copy))
    assert not guard.is_echo(Channel.CITIZEN, 0, len(voice))
    own = copy + sounds.shaped(2.0, (700, 1_200, 2_200), 4) * 0.2
    talking = Crosstalk()
    talking.hear(Channel.CITIZEN, 0, voice)
    talking.hear(Channel.OPERATOR, 0, own.astype(np.float32))
    assert not talking.is_echo(Channel.OPERATOR, 0, len(own))
