"""A clip reaches a real speaker: a null sink of a real sound server, recorded from its monitor. In a process of its own,
because the sound library keeps its connection for the life of a process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

SAY = """
import sys, threading, numpy as np
from app.audio.sound_output import SpeakerOutput
from app.ports.sound import Clip
tone = (np.sin(np.arange(8000 * 3) * 2 * np.pi * 440 / 8000) * 12000).astype("<i2").tobytes()
output, faults, told = SpeakerOutput(), [], threading.Event()
def on_fault(fault):
    faults.append(fault.key)
    told.set()
output.play(Clip(tone, 8000), on_fault)
told.wait(float(sys.argv[1]))
output.close()
print(faults)
"""


def say(environment: dict[str, str], wait_s: float) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", SAY, str(wait_s)], env=environment, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A sound server of its own with one null sink."""
    if shutil.which("pulseaudio") is None or shutil.which("parec") is None:
        pytest.skip("needs pulseaudio and pulseaudio-utils")
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(runtime), "HOME": str(tmp_path), "PULSE_RUNTIME_PATH": str(runtime / "pulse"),
                   "PULSE_SERVER": f"unix:{runtime}/sock"}
    arguments = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes",
                 "-L", f"module-native-protocol-unix socket={runtime}/sock auth-anonymous=1",
                 "-L", "module-null-sink sink_name=ear rate=8000 channels=1"]
    process = subprocess.Popen(arguments, env={k: v for k, v in environment.items() if k != "PULSE_SERVER"},
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(300):
        if subprocess.run(["pactl", "info"], env=environment, capture_output=True, check=False).returncode == 0:
            break
        assert process.poll() is None, "the sound server did not start"
        subprocess.run(["sleep", "0.1"], check=True)
    yield environment
    process.send_signal(signal.SIGTERM)
    process.wait(30)


def test_a_clip_is_heard_from_the_default_speaker(server: dict[str, str]) -> None:
    recorder = subprocess.Popen(["parec", "-d", "ear.monitor", "--format=s16le", "--rate=8000", "--channels=1", "--latency-msec=50"],
                                env=server, stdout=subprocess.PIPE)
    speaker = say(server, 4.0)
    assert recorder.stdout is not None
    heard = np.zeros(0, np.int16)
    while np.count_nonzero(np.abs(heard) > 1000) < 8000 and len(heard) < 8000 * 40:
        heard = np.append(heard, np.frombuffer(recorder.stdout.read(1600), np.int16))
    recorder.kill()
    recorder.communicate()
    told, _ = speaker.communicate(timeout=60)
    assert told.strip() == "[]"
    loud = heard[np.flatnonzero(np.abs(heard) > 1000)[0]:][:4000]
    pitch = np.argmax(np.abs(np.fft.rfft(loud, 8000)))
    assert abs(int(pitch) - 440) <= 5


def test_without_a_sound_server_the_fault_is_told(tmp_path: Path) -> None:
    environment = {**os.environ, "PULSE_SERVER": f"unix:{tmp_path}/nobody", "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)}
    told, _ = say(environment, 60.0).communicate(timeout=120)
    assert told.strip() == "['audio.no_output']"


LATER = """
import sys, threading, numpy as np
from app.audio.sound_output import SpeakerOutput
from app.ports.sound import Clip
clip = Clip((np.sin(np.arange(8000) * 2 * np.pi * 440 / 8000) * 12000).astype("<i2").tobytes(), 8000)
output = SpeakerOutput()
def play():
    faults, told = [], threading.Event()
    def on_fault(fault):
        faults.append(fault.key)
        told.set()
    output.play(clip, on_fault)
    return told, faults
told, faults = play()
assert told.wait(60)
print(faults, flush=True)
sys.stdin.readline()
for _ in range(3):
    told, faults = play()
    told.wait(2)
output.close()
print(faults, flush=True)
"""


def test_a_sound_server_that_comes_after_the_first_clip_is_found(server: dict[str, str]) -> None:
    socket = Path(server["XDG_RUNTIME_DIR"]) / "sock"
    socket.rename(socket.with_name("away"))  # as good as not started
    speaker = subprocess.Popen([sys.executable, "-c", LATER, "later"], env=server, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert speaker.stdin is not None
    assert speaker.stdout is not None
    assert speaker.stdout.readline().strip() == "['audio.no_output']"
    socket.with_name("away").rename(socket)
    told, _ = speaker.communicate("go\n", timeout=120)
    assert told.strip() == "[]"
