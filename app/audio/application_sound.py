"""What one program plays (a softphone, a browser), and nothing else of this PC: PulseAudio and PipeWire. Runs in the capture process.

A stream that plays is a "sink input" with the program's name; ``pactl`` tells which there are, ``parec --monitor-stream`` hears one.
A softphone plays during calls only, with a new stream each time, and may move between devices: between streams this gives silence in
time, so that the time line goes on and the watchdog says by itself that nothing is heard. Both tools come with every PulseAudio and
PipeWire desktop (Debian: pulseaudio-utils); without them the device cannot be opened and the default one is used.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import soxr

from app.audio.capture_worker_name import RATE_HZ

DEVICE_HZ = 48_000
_PIECE_MS = 20
_LOOK_S = 0.3
_PATIENCE_S = 5.0
_NAMES = ("application.name", "application.process.binary")

Put = Callable[[npt.NDArray[np.float32]], None]


def names() -> tuple[str, ...]:
    """Programs that play now, each once; none where that cannot be asked."""
    try:
        told = {str(each["properties"].get(_NAMES[0], "")) for each in _playing()}
    except (OSError, ValueError, KeyError, subprocess.SubprocessError):
        return ()
    return tuple(sorted(name for name in told if name))


def follow(name: str, put: Put) -> int:
    """Hear the program's streams, one after the other, for ever; the reader's going ends the process.

    Raises:
        LookupError: this PC cannot do that.
        OSError, ValueError, subprocess.SubprocessError: the sound server does not answer.
    """
    if not sys.platform.startswith("linux") or shutil.which("pactl") is None or shutil.which("parec") is None:
        raise LookupError(name)
    began_s, given = time.monotonic(), 0
    while True:
        stream = _stream_of(name)
        if stream is not None:
            _hear(stream, put)
            began_s, given = time.monotonic(), 0
        due = int((time.monotonic() - began_s) * RATE_HZ)
        put(np.zeros(max(0, due - given), np.float32))
        given = max(given, due)
        threading.Event().wait(_LOOK_S)


def _playing() -> list[dict[str, dict[str, str]]]:
    if shutil.which("pactl") is None:
        return []
    asked = subprocess.run(["pactl", "--format=json", "list", "sink-inputs"], capture_output=True, check=True, timeout=_PATIENCE_S,  # noqa: S607
                           env={**os.environ, "LC_ALL": "C"})
    return list(json.loads(asked.stdout or b"[]"))


def _stream_of(name: str) -> int | None:
    """The newest stream of the program; a name counts whole, whatever its case."""
    found = [int(str(each["index"])) for each in _playing()
             if name.casefold() in {str(each["properties"].get(key, "")).casefold() for key in _NAMES}]
    return max(found, default=None)


def _hear(stream: int, put: Put) -> None:
    """One stream to its end."""
    resampler = soxr.ResampleStream(DEVICE_HZ, RATE_HZ, 1, dtype="float32")
    piece = DEVICE_HZ * _PIECE_MS // 1000 * 4
    with subprocess.Popen(["parec", f"--monitor-stream={stream}", f"--rate={DEVICE_HZ}", "--format=float32le", "--channels=1",  # noqa: S603, S607
                           f"--latency-msec={_PIECE_MS}"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        while data := process.stdout.read(piece):
            put(resampler.resample_chunk(np.frombuffer(data[:len(data) // 4 * 4], "<f4")))
