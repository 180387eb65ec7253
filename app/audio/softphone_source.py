"""A softphone's sound as ``AudioSource``: what its process decodes is the citizen, what it encodes the operator.

baresip's ``sndfile`` module writes each direction into a WAV file of its own that grows by 20 ms, in a folder in memory. Each file loses
its name as soon as it is seen here and its content as soon as it is read (holes are punched): never is more than a second of a call there
to be found. A leg more (somebody is consulted, a conference) brings files more: a side's newest file that grows is heard. What the
microphone hears while it is muted is silence there, as for the citizen. Nothing is lost between the answer and ``blocks``: what waits is
the line's begin. The time line is the PC's clock (``SoundTimeline``): what the network loses is silence in its place.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soxr

from app.audio.sound_guard import Finding, SoundGuard
from app.audio.sound_timeline import Samples, SoundTimeline
from app.domain.call import NoticeRaised
from app.domain.dialogue import Channel
from app.ports.ports import AudioBlock, Clock

#: So long nothing may come from the citizen in a call that talks before the operator is told, and before the call is taken for dead.
STILL_S, DEAD_S = 2.5, 20.0
_LOOK_S = 0.02
_JUDGE_EVERY = 10
_HEADER_BYTES = 44
_ENDINGS = {"-enc.wav": Channel.OPERATOR, "-dec.wav": Channel.CITIZEN}
_PUNCH_HOLE_KEEP_SIZE = 0x03
_PAGE = 4096
Tell = Callable[[NoticeRaised], None]


class SoftphoneSource:
    """See the module.

    Args:
        tap: the folder; made by the softphone.
        clock: time.
        tell: takes notices; any thread.
        is_talking: whether the citizen should be heard now.
        rate_hz: of the blocks, 8000 or 16000; a file of another rate is resampled.
        is_muted: whether the operator has switched his microphone off himself: then its silence is no fault.
        lost: takes that nothing has come from the citizen for ``DEAD_S``; time in which he is held does not count.
    """

    def __init__(self, tap: Path, clock: Clock, tell: Tell, is_talking: Callable[[], bool], rate_hz: int = 8000,
                 is_muted: Callable[[], bool] = lambda: False, lost: Callable[[], None] = lambda: None) -> None:
        self._tap, self._clock, self._tell, self._is_talking, self._rate_hz = tap, clock, tell, is_talking, rate_hz
        self._is_muted, self._lost = is_muted, lost
        self._stopped = threading.Event()
        self._lines: dict[Channel, SoundTimeline] = {}
        self._files: list[_Growing] = []
        self._guard = SoundGuard(operator_first=False)  # which side is which is certain here
        self._told: set[Finding] = set()
        self._heard_s = 0.0
        self._is_still = self._is_lost = False

    @property
    def duration_ms(self) -> int | None:
        """Nobody knows."""
        return None

    def blocks(self) -> Iterator[AudioBlock]:
        """Both sides' sound as it comes, in blocks of 100 ms, until ``close``."""
        waiting = self._read()
        now_s = self._heard_s = self._clock.monotonic_s()
        begin_s = now_s - max((len(samples) for samples in waiting.values()), default=0) / self._rate_hz
        self._lines = {channel: SoundTimeline(self._rate_hz, begin_s) for channel in Channel}
        judged = 0
        try:
            while True:
                for block in self._ready(waiting):
                    yield block
                    judged += 1
                if judged >= _JUDGE_EVERY:
                    judged = 0
                    self._judge()
                if self._stopped.wait(_LOOK_S):
                    return
                waiting = self._read()
        finally:
            self.close()
            for file in self._files:
                file.close()

    def close(self) -> None:
        """Stop; see AudioSource."""
        self._stopped.set()

    def _ready(self, waiting: dict[Channel, Samples]) -> list[AudioBlock]:
        now_s = self._clock.monotonic_s()
        for channel, samples in waiting.items():
            self._lines[channel].put(samples)
        self._watch(len(waiting.get(Channel.CITIZEN, ())) > 0, now_s)
        found = [(at_ms, channel, samples) for channel in Channel for at_ms, samples in self._lines[channel].take(now_s)]
        blocks = []
        for at_ms, channel, samples in sorted(found, key=lambda each: each[0]):
            if self._is_talking() and not (channel is Channel.OPERATOR and self._is_muted()):
                self._guard.take(channel, samples)
            blocks.append(AudioBlock(channel, at_ms, samples.astype("<i2").tobytes(), self._rate_hz))
        return blocks

    def _read(self) -> dict[Channel, Samples]:
        """What came since the last look, of each side that has something."""
        self._look_for_files()
        heard: dict[Channel, Samples] = {}
        for file in self._files:  # the newest last: it is the one that counts
            samples = file.read(self._rate_hz)
            if len(samples):
                heard[file.channel] = samples
        return heard

    def _look_for_files(self) -> None:
        with contextlib.suppress(OSError):
            for path in sorted(self._tap.iterdir()):
                for ending, channel in _ENDINGS.items():
                    if path.name.endswith(ending):
                        self._files.append(_Growing(path, channel))
                        path.unlink()

    def _watch(self, is_heard: bool, now_s: float) -> None:
        """Tell once that nothing comes from the citizen, and once that it does again."""
        if is_heard or not self._is_talking():
            self._heard_s, self._is_lost = now_s, False
            if is_heard and self._is_still:
                self._is_still = False
                self._tell(NoticeRaised("sip.sound_back"))
        elif not self._is_still and now_s - self._heard_s > STILL_S:
            self._is_still = True
            self._tell(NoticeRaised("sip.no_sound"))
        elif not self._is_lost and now_s - self._heard_s > DEAD_S:
            self._is_lost = True
            self._lost()

    def _judge(self) -> None:
        for finding in self._guard.findings(self._rate_hz):
            if finding not in self._told:
                self._told.add(finding)
                self._tell(NoticeRaised(finding.key))


class _Growing:
    """A WAV file while it is written; its name may be taken away at once."""

    def __init__(self, path: Path, channel: Channel) -> None:
        self.channel = channel
        self._descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        self._at = self._punched = 0
        self._resampler: soxr.ResampleStream | None = None
        self._rate_hz = 0

    def read(self, rate_hz: int) -> Samples:
        """What was written since the last time, at ``rate_hz``."""
        if not self._rate_hz and not self._read_header():
            return np.zeros(0, np.int16)
        data = b""
        while piece := os.pread(self._descriptor, 1 << 16, self._at + len(data)):
            data += piece
        data = data[:len(data) // 2 * 2]
        if not data:
            return np.zeros(0, np.int16)
        self._at += len(data)
        self._punch()
        samples = np.frombuffer(data, "<i2")
        if self._rate_hz == rate_hz:
            return samples
        if self._resampler is None:
            self._resampler = soxr.ResampleStream(self._rate_hz, rate_hz, 1, dtype="int16")
        return np.asarray(self._resampler.resample_chunk(samples), np.int16)

    def close(self) -> None:
        """Let it go."""
        os.close(self._descriptor)

    def _read_header(self) -> bool:
        header = os.pread(self._descriptor, _HEADER_BYTES, 0)
        if len(header) < _HEADER_BYTES:
            return False
        self._rate_hz = struct.unpack_from("<I", header, 24)[0]
        self._at = _HEADER_BYTES
        return self._rate_hz > 0

    def _punch(self) -> None:
        """Give back the pages that were read; what cannot be given back is in memory until the call ends."""
        end = self._at // _PAGE * _PAGE
        if end > self._punched:
            _libc().fallocate(self._descriptor, _PUNCH_HOLE_KEEP_SIZE, ctypes.c_int64(self._punched), ctypes.c_int64(end - self._punched))
            self._punched = end


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)
