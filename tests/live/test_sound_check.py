"""Sound tried before the shift, on a real sound server: each fault has its line, and a good headset is called good."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.audio.sound_check import try_sound
from app.platform import messages
from app.platform.clock import SystemClock
from tests.live.real_time import RealTime
from tests.live.sound_faults import hiss, voice, written
from tests.live.sound_server import SoundServer, sound_server


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    with sound_server(tmp_path, monkeypatch) as running:
        yield running


def says(server: SoundServer, folder: Path) -> None:
    """A voice in a quiet room, at the microphone."""
    server.play(written(folder / "voice.wav", hiss(60) + voice(3, 60)), "mouth")


def muted(server: SoundServer, folder: Path) -> None:
    """The same, and a headset that plays nothing."""
    says(server, folder)
    server.ask("set-sink-mute", "headset", "1")


def hears_the_headset(server: SoundServer, folder: Path) -> None:
    """A loudspeaker beside the microphone, which is otherwise quiet."""
    server.load("module-loopback", "source=headset.monitor", "sink=mouth", "latency_msec=80")
    server.play(written(folder / "room.wav", hiss(60) + voice(3, 60, 0.02)), "mouth")


CASES: dict[str, tuple[Callable[[SoundServer, Path], object], str, str, set[str]]] = {
    "well": (says, "", "", {"sound.check_well_operator", "sound.check_well_citizen"}),
    "nobody speaks": (lambda s, f: s.play(written(f / "r.wav", hiss(60, 0.0005)), "mouth"), "", "",
                      {"sound.check_no_voice", "sound.check_well_citizen"}),
    "dead microphone": (lambda s, f: None, "", "", {"sound.silent_operator", "sound.check_well_citizen"}),
    "clipped": (lambda s, f: s.play(written(f / "c.wav", 12 * voice(3, 60)), "mouth"), "", "",
                {"sound.clipped_operator", "sound.check_well_citizen"}),
    "noisy": (lambda s, f: s.play(written(f / "n.wav", hiss(60, 0.05)), "mouth"), "", "",
              {"sound.noisy_operator", "sound.check_well_citizen"}),
    "wrong way round": (says, "headset.monitor", "mouth", {"sound.check_swapped"}),
    "loudspeakers": (hears_the_headset, "", "", {"sound.echo"}),
    "headset volume at zero": (muted, "", "",
                               {"sound.check_well_operator", "sound.check_unheard"}),
    "microphone unplugged": (says, "gone", "", {"sound.fallback_operator", "sound.check_well_citizen"}),
}


@pytest.mark.parametrize("case", CASES)
def test_each_fault_has_its_line(case: str, server: SoundServer, tmp_path: Path, real_time: RealTime) -> None:
    act, microphone, speaker, wanted = CASES[case]
    act(server, tmp_path)
    if case == "wrong way round":
        server.ask("set-default-sink", "headset")
    found = try_sound(microphone, speaker, SystemClock())
    print(case, [(line.key, line.params) for line in found])
    for line in found:
        assert messages.text(line.key, line.params, "zh") != line.key
        assert messages.text(line.key, line.params, "en") != line.key
    # Six seconds of sound, with gaps in it where the PC falls behind.
    real_time.judge({line.key for line in found} >= wanted, f"{case}: {[line.key for line in found]}")
    real_time.judge(all(line.is_well for line in found) == (case == "well"), f"{case}: {[line.key for line in found]}")
