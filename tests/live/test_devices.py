"""Capture from real devices of a real sound server: both sides, on one time line, through faults that are caused for real."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.audio.device_source import DeviceSource, list_devices
from app.domain.call import NoticeRaised
from app.domain.dialogue import Channel
from app.platform import messages
from app.platform.clock import SystemClock
from app.ports.ports import AudioBlock
from tests.live.sound_server import SoundServer, sound_server

PATIENCE_S = 60.0


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    with sound_server(tmp_path, monkeypatch) as running:
        yield running


def tone(path: Path, hertz: float, seconds: float) -> Path:
    soundfile.write(path, 0.3 * np.sin(np.arange(int(16_000 * seconds)) * 2 * np.pi * hertz / 16_000), 16_000)
    return path


class Listener:
    """Takes a source's blocks on a thread, as the driver does."""

    def __init__(self) -> None:
        self.notices: queue.Queue[str] = queue.Queue()
        self.blocks: list[AudioBlock] = []
        self._more = threading.Condition()
        self.source = DeviceSource("", "", SystemClock(), self._tell)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _tell(self, notice: NoticeRaised) -> None:
        assert messages.text(notice.key, notice.params) != notice.key
        self.notices.put(notice.key)

    def _run(self) -> None:
        for block in self.source.blocks():
            with self._more:
                self.blocks.append(block)
                self._more.notify_all()

    def until(self, is_there: Callable[[], bool]) -> None:
        with self._more:
            assert self._more.wait_for(is_there, PATIENCE_S)

    def pitch(self, channel: Channel, newest: int = 8) -> float:
        """Loudest frequency of the newest blocks; 0 for silence."""
        blocks = [b for b in list(self.blocks) if b.channel is channel][-newest:]
        rate_hz = blocks[-1].rate_hz if blocks else 0
        samples = np.frombuffer(b"".join(block.pcm for block in blocks if block.rate_hz == rate_hz), "<i2").astype(float)
        if len(samples) < 800 or np.abs(samples).max() < 500:
            return 0.0
        return float(np.argmax(np.abs(np.fft.rfft(samples))) * rate_hz / len(samples))

    def notice(self) -> str:
        return self.notices.get(timeout=PATIENCE_S)

    def close(self) -> None:
        self.source.close()
        self._thread.join(PATIENCE_S)


@pytest.fixture
def heard(server: SoundServer) -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


def near(hertz: float, wanted: float) -> bool:
    return abs(hertz - wanted) < 12


def both(server: SoundServer, folder: Path) -> None:
    server.play(tone(folder / "citizen.wav", 440, 60), "headset")
    server.play(tone(folder / "operator.wav", 700, 60), "mouth")


def test_each_side_is_its_own_and_time_has_no_holes(server: SoundServer, heard: Listener, tmp_path: Path) -> None:
    both(server, tmp_path)
    heard.until(lambda: near(heard.pitch(Channel.CITIZEN), 440) and near(heard.pitch(Channel.OPERATOR), 700))
    for channel in Channel:
        starts = [block.start_ms for block in heard.blocks if block.channel is channel]
        assert starts == list(range(0, len(starts) * 100, 100))
    assert {(each.kind, each.id) for each in list_devices() if each.is_default} >= {("loopback", "headset")}


def test_the_sound_server_dies_and_comes_back(server: SoundServer, heard: Listener, tmp_path: Path) -> None:
    both(server, tmp_path)
    heard.until(lambda: near(heard.pitch(Channel.CITIZEN), 440))
    server.kill()
    assert {heard.notice(), heard.notice()} == {"sound.gone_operator", "sound.gone_citizen"}
    server.start()
    both(server, tmp_path)
    assert {heard.notice(), heard.notice()} == {"sound.back_operator", "sound.back_citizen"}
    heard.until(lambda: near(heard.pitch(Channel.CITIZEN), 440) and near(heard.pitch(Channel.OPERATOR), 700))


def test_another_headset_becomes_the_default_one(server: SoundServer, heard: Listener, tmp_path: Path) -> None:
    both(server, tmp_path)
    heard.until(lambda: near(heard.pitch(Channel.CITIZEN), 440))
    server.ask("load-module", "module-null-sink", "sink_name=second", "rate=44100", "channels=2")
    server.ask("set-default-sink", "second")
    assert heard.notice() == "sound.moved_citizen"
    server.play(tone(tmp_path / "other.wav", 550, 60), "second")
    heard.until(lambda: near(heard.pitch(Channel.CITIZEN), 550))
