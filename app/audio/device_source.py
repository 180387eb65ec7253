"""A live call's sound as ``AudioSource``: microphone = operator, loopback of the headset = citizen, each from a capture process.

A capture process that ends (device unplugged, sound server gone, another default device) or gives nothing for ``STILL_S`` is replaced at
once, first with the device that was wanted, then with the system's default; meanwhile the time line goes on in silence. What the operator
must know is told in one line, once until it is over. Devices are opened when the source is made (the call rings), sound is kept from
``blocks`` on (it is answered). Threads: "ear-operator", "ear-citizen" read; ``blocks`` runs on its caller's.

    EnvironmentFault   sound.no_devices   devices cannot be listed
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from app.audio.capture_worker_name import OTHER_DEFAULT, RATE_HZ, capture_command
from app.audio.sound_guard import Finding, SoundGuard
from app.audio.sound_timeline import SoundTimeline
from app.domain.call import NoticeRaised
from app.domain.dialogue import Channel
from app.domain.errors import EnvironmentFault
from app.ports.ports import AudioBlock, Clock

STILL_S = 3.0
_KINDS = {Channel.OPERATOR: "microphone", Channel.CITIZEN: "loopback"}
_PIECE_BYTES = RATE_HZ // 10
_LOOK_S = 0.04
_AGAIN_S = 0.3
_JUDGE_EVERY = 5
_LIST_S = 20.0
Tell = Callable[[NoticeRaised], None]


@dataclass(frozen=True, slots=True)
class Device:
    """A device that a person can choose. ``kind`` is microphone or loopback; ``id`` stays the same from day to day."""

    kind: str
    id: str
    name: str
    is_default: bool


def list_devices() -> tuple[Device, ...]:
    """What there is now.

    Raises:
        EnvironmentFault: no sound system answers.
    """
    try:
        asked = subprocess.run(capture_command("list"), capture_output=True, check=True, timeout=_LIST_S)  # noqa: S603 our own module
        return tuple(Device(**each) for each in json.loads(asked.stdout))
    except (OSError, subprocess.SubprocessError, ValueError, TypeError) as error:
        raise EnvironmentFault("sound.no_devices") from error


class DeviceSource:
    """See the module.

    Args:
        microphone: id of the operator's; "" for the system's default.
        speaker: id of what the citizen is heard from; "" for the default.
        clock: time.
        tell: takes notices; any thread.
    """

    def __init__(self, microphone: str, speaker: str, clock: Clock, tell: Tell) -> None:
        self._clock, self._tell = clock, tell
        self._stopped = threading.Event()
        wanted = {Channel.OPERATOR: microphone, Channel.CITIZEN: speaker}
        self._ears = {channel: _Ear(channel, wanted[channel], clock, tell, self._stopped) for channel in Channel}
        self._guard = SoundGuard()
        self._told: set[Finding] = set()
        for ear in self._ears.values():
            ear.start()  # a capture process takes up to a second to come up: it is there when the call is answered

    @property
    def duration_ms(self) -> int | None:
        """Nobody knows."""
        return None

    def blocks(self) -> Iterator[AudioBlock]:
        """Both sides' sound as it comes, in blocks of 100 ms at 16 kHz, until ``close``."""
        begin_s = self._clock.monotonic_s()
        for ear in self._ears.values():
            ear.begin(begin_s)
        try:
            taken = 0
            while not self._stopped.wait(_LOOK_S):
                now_s = self._clock.monotonic_s()
                ready = [(at_ms, channel, samples) for channel in Channel for at_ms, samples in self._ears[channel].take(now_s)]
                for at_ms, channel, samples in sorted(ready, key=lambda each: each[0]):
                    self._guard.take(channel, samples)
                    yield AudioBlock(channel, at_ms, samples.astype("<i2").tobytes(), RATE_HZ)
                taken += len(ready)
                if taken >= _JUDGE_EVERY:
                    taken = 0
                    self._judge()
        finally:
            self.close()

    def close(self) -> None:
        """Stop; see AudioSource."""
        self._stopped.set()
        for ear in self._ears.values():
            ear.close()

    def _judge(self) -> None:
        drift = {channel: ear.drift(self._clock.monotonic_s()) for channel, ear in self._ears.items()}
        found = self._guard.findings(RATE_HZ, drift)
        for finding in found:
            if finding not in self._told:
                self._told.add(finding)
                self._tell(NoticeRaised(finding.key))


class _Ear:
    """One side: its process, its thread, its time line."""

    def __init__(self, channel: Channel, wanted: str, clock: Clock, tell: Tell, stopped: threading.Event) -> None:
        self._channel, self._wanted, self._clock, self._tell, self._stopped = channel, wanted, clock, tell, stopped
        self._lock = threading.Lock()
        self._line: SoundTimeline | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._heard_s = self._first_s = 0.0
        self._heard_ms = 0.0
        self._thread = threading.Thread(target=self._run, name=f"ear-{channel.value}", daemon=True)

    def start(self) -> None:
        """Open the device; what it gives before ``begin`` is dropped."""
        self._thread.start()

    def begin(self, begin_s: float) -> None:
        """The time line starts now."""
        with self._lock:
            self._line = SoundTimeline(RATE_HZ, begin_s)

    def take(self, now_s: float) -> list[tuple[int, np.ndarray[tuple[int, ...], np.dtype[np.int16]]]]:
        """Blocks that are due; a process that has gone still is ended (the thread starts another)."""
        with self._lock:
            assert self._line is not None
            blocks = self._line.take(now_s)
            process = self._process
            is_still = self._heard_s > 0 and now_s - self._heard_s > STILL_S
        # WASAPI's loopback gives nothing while nothing is played: no fault there.
        if is_still and process is not None and sys.platform == "linux":
            process.kill()
        return blocks

    def drift(self, now_s: float) -> tuple[float, float]:
        """Milliseconds that this device gave, and that passed, since its first sound."""
        with self._lock:
            return self._heard_ms, (now_s - self._first_s) * 1000 if self._first_s else 0.0

    def close(self) -> None:
        """End process and thread."""
        with self._lock:
            process = self._process
        if process is not None:
            process.kill()
        if self._thread.is_alive():
            self._thread.join(5.0)

    def _run(self) -> None:
        wanted, is_gone, first = self._wanted, False, True
        while not self._stopped.is_set():
            code = self._listen(wanted, is_gone)
            if self._stopped.is_set():
                return
            if code == OTHER_DEFAULT:
                self._notice("moved")
            elif not is_gone or first:
                self._notice("gone")
                is_gone = True
            if self._heard_ms > 0:
                is_gone = code != OTHER_DEFAULT
            first = False
            wanted = "" if wanted else self._wanted
            self._stopped.wait(_AGAIN_S)

    def _listen(self, wanted: str, was_gone: bool) -> int:
        """One process from start to end; its exit code."""
        try:
            process = subprocess.Popen(  # noqa: S603 our own module
                capture_command("record", _KINDS[self._channel], wanted), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0))
        except OSError:
            return -1
        with self._lock:
            self._process, self._heard_ms, self._first_s, self._heard_s = process, 0.0, 0.0, 0.0
        if self._stopped.is_set():  # close() came between
            process.kill()
        assert process.stdout is not None
        with process, contextlib.suppress(OSError):
            while data := process.stdout.read(_PIECE_BYTES):
                if self._put(data) and was_gone:
                    self._notice("back")
            process.kill()
        with self._lock:
            self._process = None
        return process.returncode

    def _put(self, data: bytes) -> bool:
        """Sound came; True where it is the process's first."""
        samples = np.frombuffer(data[:len(data) // 2 * 2], "<i2")
        now_s = self._clock.monotonic_s()
        with self._lock:
            is_first = self._first_s == 0.0
            self._heard_s = now_s
            if is_first:
                self._first_s = now_s
            else:
                self._heard_ms += len(samples) * 1000 / RATE_HZ
            if self._line is not None:
                self._line.put(samples)
        return is_first

    def _notice(self, what: str) -> None:
        self._tell(NoticeRaised(f"sound.{what}_{self._channel.value}"))
