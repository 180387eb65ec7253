"""A recorded two-channel call (WAV or FLAC; 8 or 16 kHz; left operator, right citizen) as an AudioSource.

    OperatorVisibleError   audio.missing, audio.unreadable, audio.not_stereo, audio.rate, audio.empty   nothing can be read
    EnvironmentFault       audio.truncated, audio.broke_off                     what came before is good and was given out

A file may be cut while it is read: the length is taken from the header once and held against what really came.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from app.domain.dialogue import Channel
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.ports.ports import AudioBlock

BLOCK_MS = 100
RATES_HZ = (8000, 16000)
_WAV_HEADER_BYTES = 4096


class TwoChannelFile:
    """AudioSource over a file.

    Args:
        path: the recording.

    Raises:
        OperatorVisibleError: it is no two-channel call (see the module's list).
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.is_file():
            raise OperatorVisibleError("audio.missing", path=str(path))
        try:
            self._file = soundfile.SoundFile(path)
        except (soundfile.SoundFileError, OSError) as error:
            raise OperatorVisibleError("audio.unreadable", path=str(path)) from error
        self._check()
        self._declared = max(self._file.frames, _wav_declared_frames(path))
        self._closed = False

    @property
    def duration_ms(self) -> int | None:
        """Length that the header declares, in milliseconds."""
        return int(self._declared * 1000 // self.rate_hz)

    @property
    def rate_hz(self) -> int:
        """8000 or 16000."""
        return int(self._file.samplerate)

    def blocks(self) -> Iterator[AudioBlock]:
        """100 ms blocks, operator then citizen; see AudioSource.

        Raises:
            EnvironmentFault: the file ended before its declared length, or reading failed.
        """
        step = self.rate_hz * BLOCK_MS // 1000
        done = 0
        while not self._closed:
            frames = self._read(step, done)
            if len(frames) == 0:
                break
            start_ms = done * 1000 // self.rate_hz
            for column, channel in enumerate((Channel.OPERATOR, Channel.CITIZEN)):
                yield AudioBlock(channel, start_ms, np.ascontiguousarray(frames[:, column]).tobytes(), self.rate_hz)
            done += len(frames)
        if not self._closed and done < self._declared:
            raise EnvironmentFault("audio.truncated", path=str(self._path), read_s=round(done / self.rate_hz, 1),
                                   declared_s=round(self._declared / self.rate_hz, 1))

    def close(self) -> None:
        """Stop; see AudioSource."""
        self._closed = True
        self._file.close()

    def _read(self, step: int, done: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
        try:
            return self._file.read(step, dtype="int16", always_2d=True)  # type: ignore[no-any-return]
        except (soundfile.SoundFileError, OSError, ValueError) as error:
            if self._closed:
                return np.zeros((0, 2), np.int16)
            raise EnvironmentFault("audio.broke_off", path=str(self._path),
                                   read_s=round(done / self.rate_hz, 1)) from error

    def _check(self) -> None:
        found = self._file
        problem = None
        if found.channels != 2:
            problem = OperatorVisibleError("audio.not_stereo", path=str(self._path), channels=found.channels)
        elif found.samplerate not in RATES_HZ:
            problem = OperatorVisibleError("audio.rate", path=str(self._path), rate_hz=found.samplerate)
        elif found.frames == 0:
            problem = OperatorVisibleError("audio.empty", path=str(self._path))
        if problem is not None:
            found.close()
            raise problem


def _wav_declared_frames(path: Path) -> int:
    """Frames that a WAV header declares; libsndfile quietly shortens the count of a cut file. 0 for other formats."""
    with path.open("rb") as file:
        head = file.read(_WAV_HEADER_BYTES)
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return 0
    at, block_align = 12, 0
    while at + 8 <= len(head):
        name, size = head[at : at + 4], struct.unpack_from("<I", head, at + 4)[0]
        if name == b"fmt " and at + 22 <= len(head):
            block_align = struct.unpack_from("<H", head, at + 20)[0]
        if name == b"data":
            streamed = size in (0, 0xFFFFFFFF)
            return 0 if streamed or not block_align else int(size // block_align)
        at += 8 + size + size % 2
    return 0
