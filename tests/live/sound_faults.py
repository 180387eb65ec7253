"""Faults of sound, each caused for real at a sound server of its own; what was told, and how long it took.

``tests/live/test_sound_faults.py`` asserts that each is told and mended, never how quickly (a busy machine is slow);
``make bench-live-sound`` writes the times down.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from app.audio.device_source import Sides
from app.domain.dialogue import Channel
from tests.live.listener import Listener
from tests.live.sound_server import SoundServer

CITIZEN_HZ, OPERATOR_HZ, OTHER_HZ = 440.0, 700.0, 560.0
RATE_HZ = 48_000
#: Longer than anybody waits for a notice.
LONG_S = 100
Sound = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one fault.

    Attributes:
        told: message keys, in order.
        found_s: from the fault to the first of them.
        well_s: until good sound came again; from the fault, or from the moment the device was there again. None: the operator must act.
    """

    told: tuple[str, ...]
    found_s: float
    well_s: float | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault.

    Attributes:
        name: what happened.
        act: causes it.
        lost: what of the call is lost.
        after: the seconds count from here: "the fault", or when the device is there again.
        is_device: of a device, which any PC notices however busy; else of the sound itself.
    """

    name: str
    act: Callable[[SoundServer, Path], Found]
    lost: str
    after: str = "fault"
    is_device: bool = False


def tone(path: Path, hertz: float, seconds: float = 90.0) -> Path:
    """A tone at 48 kHz."""
    return written(path, 0.3 * np.sin(np.arange(int(RATE_HZ * seconds)) * 2 * np.pi * hertz / RATE_HZ))


def written(path: Path, sound: Sound) -> Path:
    """Sound at 48 kHz."""
    soundfile.write(path, np.clip(sound, -1, 1), RATE_HZ)
    return path


def voice(seed: int, seconds: float, loud: float = 0.2, band_hz: float = 0.0) -> Sound:
    """Noise in syllables, four a second: levels and correlation are those of speech; up to ``band_hz`` (0: a room's full band)."""
    random, count = np.random.default_rng(seed), int(seconds * RATE_HZ)
    noise = random.standard_normal(count)
    if band_hz:
        spectrum = np.fft.rfft(noise)
        spectrum[np.fft.rfftfreq(count, 1 / RATE_HZ) > band_hz] = 0
        noise = np.fft.irfft(spectrum, count)
        noise /= noise.std()
    syllables: Sound = np.clip(np.sin(np.arange(count) * 2 * np.pi * 2 / RATE_HZ + seed), 0, 1)
    return loud * noise * syllables


def hiss(seconds: float, loud: float = 0.001) -> Sound:
    """A room in which nobody speaks."""
    return loud * np.random.default_rng(1).standard_normal(int(seconds * RATE_HZ))


@contextlib.contextmanager
def listening(microphone: str = "", speaker: str = "", sides: Sides | None = None) -> Iterator[Listener]:
    """A call's ears."""
    listener = Listener(microphone, speaker, sides)
    try:
        yield listener
    finally:
        listener.close()


def both_tones(server: SoundServer, folder: Path, listener: Listener) -> None:
    """Both sides sound, and are heard."""
    server.play(tone(folder / "citizen.wav", CITIZEN_HZ), "headset")
    server.play(tone(folder / "operator.wav", OPERATOR_HZ), "mouth")
    listener.until_pitch(Channel.CITIZEN, CITIZEN_HZ)
    listener.until_pitch(Channel.OPERATOR, OPERATOR_HZ)


def server_killed(server: SoundServer, folder: Path) -> Found:
    """The sound server dies in the middle of a call and is started again."""
    with listening() as ears:
        both_tones(server, folder, ears)
        at = time.monotonic()
        server.kill()
        found = max(ears.told("sound.gone_citizen"), ears.told("sound.gone_operator"))
        server.start()
        there = time.monotonic()
        for name, sink in (("citizen", "headset"), ("operator", "mouth")):
            server.play(folder / f"{name}.wav", sink)
        well = max(ears.told("sound.back_citizen"), ears.told("sound.back_operator"),
                   ears.until_pitch(Channel.CITIZEN, CITIZEN_HZ), ears.until_pitch(Channel.OPERATOR, OPERATOR_HZ))
        return Found(tuple(ears.told_at), found - at, well - there)


def headset_removed(server: SoundServer, folder: Path) -> Found:
    """The chosen headset is unplugged; the default one is used; it is plugged in again and taken again."""
    module = server.load("module-null-sink", "sink_name=usb", f"rate={RATE_HZ}", "channels=1")
    with listening("", "usb") as ears:
        server.play(tone(folder / "usb.wav", OTHER_HZ), "usb")
        server.play(tone(folder / "citizen.wav", CITIZEN_HZ), "headset")
        ears.until_pitch(Channel.CITIZEN, OTHER_HZ)
        at = time.monotonic()
        server.ask("unload-module", module)
        found = ears.told("sound.gone_citizen")
        ears.told("sound.fallback_citizen")
        well = ears.until_pitch(Channel.CITIZEN, CITIZEN_HZ)
        server.load("module-null-sink", "sink_name=usb", f"rate={RATE_HZ}", "channels=1")
        server.play(folder / "usb.wav", "usb")
        ears.told("sound.back_citizen")
        ears.until_pitch(Channel.CITIZEN, OTHER_HZ)
        return Found(tuple(ears.told_at), found - at, well - at)


def default_swapped(server: SoundServer, folder: Path) -> Found:
    """Another headset becomes the default one."""
    server.load("module-null-sink", "sink_name=second", "rate=44100", "channels=2")
    with listening() as ears:
        both_tones(server, folder, ears)
        server.play(tone(folder / "other.wav", OTHER_HZ), "second")
        at = time.monotonic()
        server.ask("set-default-sink", "second")
        found = ears.told("sound.moved_citizen")
        return Found(tuple(ears.told_at), found - at, ears.until_pitch(Channel.CITIZEN, OTHER_HZ) - at)


def microphone_swapped(server: SoundServer, folder: Path) -> Found:
    """Another microphone becomes the default one."""
    server.load("module-null-sink", "sink_name=mouth2", f"rate={RATE_HZ}", "channels=1")
    with listening() as ears:
        both_tones(server, folder, ears)
        server.play(tone(folder / "other.wav", OTHER_HZ), "mouth2")
        at = time.monotonic()
        server.ask("set-default-source", "mouth2.monitor")
        found = ears.told("sound.moved_operator")
        return Found(tuple(ears.told_at), found - at, ears.until_pitch(Channel.OPERATOR, OTHER_HZ) - at)


def capture_killed(server: SoundServer, folder: Path) -> Found:
    """A capture process is killed."""
    return _capture(server, folder, signal.SIGKILL)


def capture_hangs(server: SoundServer, folder: Path) -> Found:
    """A capture process stands still, as it does when a driver hangs."""
    return _capture(server, folder, signal.SIGSTOP)


def _capture(server: SoundServer, folder: Path, what: signal.Signals) -> Found:
    with listening() as ears:
        both_tones(server, folder, ears)
        at = time.monotonic()
        os.kill(capture_of("loopback"), what)
        found = ears.told("sound.gone_citizen")
        well = max(ears.told("sound.back_citizen"), ears.until_pitch(Channel.CITIZEN, CITIZEN_HZ))
        return Found(tuple(ears.told_at), found - at, well - at)


def capture_of(kind: str) -> int:
    """Id of this process's capture process of a kind."""
    for each in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = (each / "stat").read_text().rsplit(")", 1)[1].split()[1]
            words = (each / "cmdline").read_bytes().split(b"\0")
            if int(parent) == os.getpid() and b"app.audio.capture_worker" in words and kind.encode() in words:
                return int(each.name)
    raise AssertionError(f"no capture process of {kind}")


def muted(server: SoundServer, folder: Path) -> Found:
    """The microphone is muted in the sound system."""
    with listening() as ears:
        server.play(written(folder / "room.wav", hiss(60) + voice(3, 60)), "mouth")
        server.play(written(folder / "line.wav", hiss(60) + voice(4, 60, band_hz=3400)), "headset")
        ears.until(lambda: sum(block.channel is Channel.OPERATOR and any(block.pcm) for block in ears.blocks) > 40)
        at = time.monotonic()
        server.ask("set-source-mute", "mouth.monitor", "1")
        found = ears.told("sound.muted_operator")
        server.ask("set-source-mute", "mouth.monitor", "0")
        return Found(tuple(ears.told_at), found - at)


def _told_of(key: str, operator: Callable[[], Sound], citizen: Callable[[], Sound]) -> Callable[[SoundServer, Path], Found]:
    """A fault that is in the sound itself; the time counts from its first moment."""

    def act(server: SoundServer, folder: Path) -> Found:
        with listening() as ears:
            ears.until(lambda: len(ears.blocks) > 10)
            players = [server.play(written(folder / f"{sink}.wav", sound()), sink)
                       for sink, sound in (("mouth", operator), ("headset", citizen))]
            ears.until(lambda: any(any(block.pcm) for block in ears.blocks[-4:]))
            at = time.monotonic()
            found = ears.told(key)
            for player in players:
                player.kill()
            return Found(tuple(ears.told_at), found - at)

    return act


def swapped(server: SoundServer, folder: Path) -> Found:
    """Microphone and headset are the wrong way round: the room's full band greets where the telephone should be."""
    sides = Sides()
    with listening("headset.monitor", "mouth", sides) as ears:
        ears.until(lambda: len(ears.blocks) > 10)
        server.play(written(folder / "line.wav", np.concatenate((hiss(12) / 100, voice(4, 40, band_hz=3400)))), "headset")
        server.play(written(folder / "room.wav", hiss(60) + np.concatenate((voice(3, 10), np.zeros(50 * RATE_HZ)))), "mouth")
        ears.until(lambda: any(any(block.pcm) for block in ears.blocks[-4:]))
        at = time.monotonic()
        found = ears.told("sound.swapped_mended")
        well = ears.until(lambda: sides.is_swapped and ears.blocks[-1].channel is Channel.OPERATOR)
        return Found(tuple(ears.told_at), found - at, well - at)


def loudspeaker(server: SoundServer, folder: Path) -> Found:
    """The microphone hears the headset, by the sound server itself: two players would not begin at once on a busy machine."""
    server.load("module-loopback", "source=headset.monitor", "sink=mouth", "latency_msec=100")
    return _told_of("sound.echo", _room, lambda: _line() + hiss(LONG_S) / 10)(server, folder)


def rate_lies(server: SoundServer, folder: Path) -> Found:
    """A microphone that says 48 kHz and gives 44.1."""
    fifo = folder / "mic.fifo"
    server.load("module-pipe-source", "source_name=lying", f"file={fifo}", "format=s16le", f"rate={RATE_HZ}", "channels=1")
    over = threading.Event()
    feeder = threading.Thread(target=_feed, args=(fifo, 44_100, over))
    feeder.start()
    try:
        with listening("lying", "") as ears:
            ears.until(lambda: any(block.channel is Channel.OPERATOR and any(block.pcm) for block in ears.blocks))
            at = time.monotonic()
            found = ears.told("sound.rate_mended")
            # A tone of 440 Hz, played too fast by 48/44.1, is heard at 440 again.
            well = ears.until(lambda: abs(ears.pitch(Channel.OPERATOR, 8) - 440) < 8)
            return Found(tuple(ears.told_at), found - at, well - at)
    finally:
        over.set()
        feeder.join(30)


def _feed(fifo: Path, rate_hz: int, over: threading.Event) -> None:
    """A tone of 440 Hz that swells and falls, in real time, ``rate_hz`` samples a second."""
    began, given = time.monotonic(), 0
    handle = os.open(fifo, os.O_WRONLY)
    try:
        while not over.wait(0.01):
            due = int((time.monotonic() - began) * rate_hz)
            at = np.arange(given, due)
            os.write(handle, (np.sin(at * 2 * np.pi * 440 / rate_hz) * np.sin(at * 2 * np.pi / rate_hz) * 9000).astype("<i2").tobytes())
            given = due
    except OSError:
        return  # the server went first
    finally:
        os.close(handle)


def program_alone(server: SoundServer, folder: Path) -> Found:
    """One program's sound alone, while another plays on the same headset; its stream ends and a new one begins on another device."""
    server.load("module-null-sink", "sink_name=second", f"rate={RATE_HZ}", "channels=1")
    with listening("", "app:softphone") as ears:
        server.play(tone(folder / "music.wav", CITIZEN_HZ), "headset")
        first = server.play(tone(folder / "phone.wav", OTHER_HZ), "headset", "softphone")
        ears.until_pitch(Channel.CITIZEN, OTHER_HZ)
        first.kill()
        at = time.monotonic()
        ears.until(lambda: ears.pitch(Channel.CITIZEN) == 0.0)
        server.play(folder / "phone.wav", "second", "softphone")
        well = ears.until_pitch(Channel.CITIZEN, OTHER_HZ)
        return Found(tuple(ears.told_at), 0.0, well - at)


def _nothing() -> Sound:
    return np.zeros(LONG_S * RATE_HZ)


def _line(loud: float = 0.2) -> Sound:
    return voice(4, LONG_S, loud, 3400)


def _operator_speaks() -> Sound:
    return hiss(LONG_S) + voice(3, LONG_S)


def _room() -> Sound:
    return hiss(LONG_S)


FAULTS: tuple[Fault, ...] = (
    Fault("sound server killed, started again", server_killed, "the sound meanwhile", "the server is there again", is_device=True),
    Fault("chosen headset unplugged (sink unloaded), plugged in again", headset_removed, "the sound meanwhile", is_device=True),
    Fault("another default headset", default_swapped, "about a second", is_device=True),
    Fault("another default microphone", microphone_swapped, "about a second", is_device=True),
    Fault("capture process killed", capture_killed, "about a second", is_device=True),
    Fault("capture process stands still", capture_hangs, "the sound meanwhile", is_device=True),
    Fault("microphone muted", muted, "what is said meanwhile"),
    Fault("nothing heard of the citizen (told after 10 s)", _told_of("sound.silent_citizen", _operator_speaks, _nothing), "nothing"),
    Fault("citizen clipped", _told_of("sound.clipped_citizen", _room, lambda: 12 * _line()), "nothing"),
    Fault("microphone very noisy", _told_of("sound.noisy_operator", lambda: hiss(LONG_S, 0.03), _line), "nothing"),
    Fault("citizen too faint", _told_of("sound.quiet_citizen", _room, lambda: _line(0.003) + hiss(LONG_S, 0.0002)), "nothing"),
    Fault("microphone hears the citizen", loudspeaker, "nothing; not transcribed twice"),
    Fault("microphone and headset the wrong way round", swapped, "nothing; the first words stand on the other side"),
    Fault("sample rate lies (44.1 kHz told as 48)", rate_lies, "pieces until then"),
)

