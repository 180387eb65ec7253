"""A recording is read whole, or the person is told what is wrong and keeps what was read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.audio.two_channel_file import TwoChannelFile
from app.domain.dialogue import Channel
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.platform import messages


def recording(path: Path, seconds: float = 2.0, rate_hz: int = 8000, channels: int = 2) -> Path:
    noise = np.random.default_rng(1).integers(-8000, 8000, (int(seconds * rate_hz), channels), np.int16)
    soundfile.write(path, noise, rate_hz)
    return path


def read(path: Path) -> tuple[dict[Channel, bytes], EnvironmentFault | None]:
    got = {Channel.OPERATOR: b"", Channel.CITIZEN: b""}
    source = TwoChannelFile(path)
    try:
        for block in source.blocks():
            assert block.start_ms == len(got[block.channel]) * 1000 // 2 // source.rate_hz
            got[block.channel] += block.pcm
    except EnvironmentFault as fault:
        return got, fault
    finally:
        source.close()
    return got, None


@pytest.mark.parametrize("suffix", ["wav", "flac"])
@pytest.mark.parametrize("rate_hz", [8000, 16000])
def test_both_sides_come_whole_and_apart(tmp_path: Path, suffix: str, rate_hz: int) -> None:
    path = recording(tmp_path / f"call.{suffix}", 2.05, rate_hz)
    wanted, _ = soundfile.read(path, dtype="int16")
    got, fault = read(path)
    assert fault is None
    assert got[Channel.OPERATOR] == wanted[:, 0].tobytes()
    assert got[Channel.CITIZEN] == wanted[:, 1].tobytes()


def test_what_is_no_call_is_refused_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "letter.wav").write_text("not sound at all")
    (tmp_path / "empty.flac").write_bytes(b"")
    cases = {
        "audio.missing": tmp_path / "gone.wav",
        "audio.unreadable": tmp_path / "letter.wav",
        "audio.not_stereo": recording(tmp_path / "mono.wav", channels=1),
        "audio.rate": recording(tmp_path / "cd.wav", rate_hz=44100),
        "audio.empty": recording(tmp_path / "nothing.wav", seconds=0),
    }
    for key, path in cases.items():
        with pytest.raises(OperatorVisibleError) as caught:
            TwoChannelFile(path)
        assert caught.value.key == key
        for lang in ("zh", "en"):
            told = messages.describe(caught.value, lang)
            assert path.name in told
            assert "{" not in told
    with pytest.raises(OperatorVisibleError, match="unreadable"):
        TwoChannelFile(tmp_path / "empty.flac")


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_a_cut_recording_gives_what_it_holds_and_says_so(tmp_path: Path, suffix: str) -> None:
    path = recording(tmp_path / f"call.{suffix}", 4.0)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    got, fault = read(path)
    assert fault is not None
    assert fault.key in {"audio.truncated", "audio.broke_off"}
    seconds = len(got[Channel.CITIZEN]) / 2 / 8000
    assert 1.5 <= seconds <= 2.5
    assert len(got[Channel.OPERATOR]) == len(got[Channel.CITIZEN])


def test_a_recording_that_is_cut_while_it_is_read(tmp_path: Path) -> None:
    path = recording(tmp_path / "call.wav", 20.0)
    source = TwoChannelFile(path)
    blocks = source.blocks()
    heard = [next(blocks) for _ in range(20)]
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    with pytest.raises(EnvironmentFault):
        heard.extend(blocks)
    source.close()
    assert len(heard) >= 20


def test_closing_ends_reading(tmp_path: Path) -> None:
    source = TwoChannelFile(recording(tmp_path / "call.wav", 5.0))
    blocks = source.blocks()
    next(blocks)
    source.close()
    assert len(list(blocks)) <= 2
