"""A real sound server with two null sinks: what plays into "headset" is the citizen, what plays into "mouth" the operator."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

NEEDED = ("pulseaudio", "pactl", "paplay")


class SoundServer:
    """See the module; it can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        runtime = folder / "pulse-run"
        runtime.mkdir(mode=0o700)
        self._socket = runtime / "sock"
        self.environment = {**os.environ, "XDG_RUNTIME_DIR": str(runtime), "HOME": str(folder), "PULSE_SERVER": f"unix:{self._socket}",
                            "PULSE_RUNTIME_PATH": str(runtime / "pulse")}
        self._players: list[subprocess.Popen[bytes]] = []
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        arguments = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes",
                     "--resample-method=speex-float-7",  # what a softphone does to 8 kHz is not measured here
                     "-L", f"module-native-protocol-unix socket={self._socket} auth-anonymous=1",
                     "-L", "module-null-sink sink_name=headset rate=48000 channels=1",
                     "-L", "module-null-sink sink_name=mouth rate=48000 channels=1"]
        without = {key: value for key, value in self.environment.items() if key != "PULSE_SERVER"}
        self._process = subprocess.Popen(arguments, env=without, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            if self.ask("info") == 0:
                break
            assert self._process.poll() is None, "the sound server ended at once"
            threading.Event().wait(0.1)
        else:
            raise AssertionError("the sound server does not answer")
        self.ask("set-default-sink", "headset")
        self.ask("set-default-source", "mouth.monitor")

    def ask(self, *words: str) -> int:
        return subprocess.run(["pactl", *words], env=self.environment, capture_output=True, check=False).returncode

    def load(self, *words: str) -> str:
        """Load a module; its number."""
        return self.told("load-module", *words)

    def told(self, *words: str) -> str:
        """What the server answers."""
        return subprocess.run(["pactl", *words], env=self.environment, capture_output=True, text=True, check=True).stdout.strip()

    def kill(self) -> None:
        while self._players:
            player = self._players.pop()
            player.kill()
            player.wait(30)
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(30)
            self._process = None
        with contextlib.suppress(FileNotFoundError):
            self._socket.unlink()

    def forget_players(self) -> None:
        """Players that are over."""
        self._players = [player for player in self._players if player.poll() is None]

    def play(self, file: Path, sink: str, program: str = "player") -> subprocess.Popen[bytes]:
        # Half a second of latency: a busy machine leaves no gap in what is played, which would look like one in what is heard.
        player = subprocess.Popen(["paplay", f"--device={sink}", f"--client-name={program}", "--latency-msec=500", str(file)],
                                  env=self.environment, stderr=subprocess.DEVNULL)
        self._players.append(player)
        return player


@contextlib.contextmanager
def sound_server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    """Running, and this process's own; skips where the programs are missing."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)} (Debian: pulseaudio pulseaudio-utils)")
    server = SoundServer(folder)
    try:
        server.start()
    except AssertionError as error:
        server.kill()
        pytest.skip(f"PulseAudio is here and cannot run: {error}")
    monkeypatch.setenv("PULSE_SERVER", server.environment["PULSE_SERVER"])
    try:
        yield server
    finally:
        server.kill()
