"""The capture process: one device's sound to standard output, 16 kHz mono signed 16 bit; started by ``app.audio.device_source``.

    python -m app.audio.capture_worker list                        devices as JSON
    python -m app.audio.capture_worker record KIND ID [WISHED]     KIND microphone or loopback; empty ID: the system's default, and it
                                                                   ends (exit code 4) when another device becomes that, or WISHED is there
    python -m app.audio.capture_worker record application NAME     what one program plays (``app.audio.application_sound``, Linux)
    python -m app.audio.capture_worker play ID                     16 kHz mono signed 16 bit from standard input, to a speaker

In a process of its own because the library keeps one connection to the sound server for the life of a process: when the server dies, or a
device goes, its reading never returns (soundcard 0.4.6); a new process finds whatever is there now. It ends with its reader.
"""

from __future__ import annotations

import importlib
import itertools
import json
import signal
import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from app.audio.application_sound import follow, names
from app.audio.capture_worker_name import APPLICATION, NO_DEVICE, OTHER_DEFAULT, RATE_HZ

DEVICE_HZ = 48_000
_PIECE_MS = 20
_LOOK_EVERY = 25


def _library() -> ModuleType:
    """Connects to the sound server when it is imported: where there is none that must be an answer, not a crash."""
    return importlib.import_module("soundcard")


def devices() -> list[dict[str, object]]:
    """Microphones, loopbacks and programs that play now, the default ones marked."""
    soundcard = _library()
    found: list[dict[str, object]] = []
    defaults = {"microphone": _default_id(soundcard.default_microphone), "loopback": _default_id(soundcard.default_speaker)}
    for each in soundcard.all_microphones(include_loopback=True):
        if not each.isloopback:
            found.append({"kind": "microphone", "id": each.id, "name": each.name, "is_default": each.id == defaults["microphone"]})
    for speaker in soundcard.all_speakers():
        found.append({"kind": "loopback", "id": speaker.id, "name": speaker.name, "is_default": speaker.id == defaults["loopback"]})
    found += [{"kind": "application", "id": APPLICATION + name, "name": name, "is_default": False} for name in names()]
    return found


def _default_id(ask: object) -> str:
    try:
        return str(ask().id)  # type: ignore[operator]
    except Exception:  # no default, no device: the library raises what its system layer gives
        return ""


def _exactly(found: Iterable[Any], wanted: str) -> Any:
    """The device of this id, or of this whole name: the library's own search takes whatever is somewhat alike."""
    each = next((each for each in found if wanted in (each.id, each.name)), None)
    if each is None:
        raise LookupError(wanted)
    return each


def _device(kind: str, wanted: str) -> object:
    soundcard = _library()
    if kind == "microphone":
        return _exactly(soundcard.all_microphones(include_loopback=True), wanted) if wanted else soundcard.default_microphone()
    speaker = _exactly(soundcard.all_speakers(), wanted) if wanted else soundcard.default_speaker()
    for each in soundcard.all_microphones(include_loopback=True):
        if each.isloopback and each.id in (speaker.id, f"{speaker.id}.monitor"):
            return each
    raise LookupError(wanted)


def _is_there(kind: str, wished: str) -> bool:
    try:
        return bool(wished) and _device(kind, wished) is not None
    except Exception:  # as above
        return False


def record(kind: str, wanted: str, wished: str) -> int:
    """Write sound until the reader goes, another device becomes the default one, or the one that is wished for comes back."""
    soundcard = _library()
    default = soundcard.default_microphone if kind == "microphone" else soundcard.default_speaker
    device, was = _device(kind, wanted), _default_id(default)
    resampler = soxr.ResampleStream(DEVICE_HZ, RATE_HZ, 1, dtype="float32")
    piece = DEVICE_HZ * _PIECE_MS // 1000
    with device.recorder(samplerate=DEVICE_HZ, channels=1, blocksize=piece) as recorder:  # type: ignore[attr-defined]
        for piece_no in itertools.count(1):
            put(resampler.resample_chunk(np.ascontiguousarray(recorder.record(piece)[:, 0], np.float32)))
            if piece_no % _LOOK_EVERY == 0:
                # A device that goes is not always an end: PulseAudio moves the stream to the default source, which is the other side's.
                if wanted and not _is_there(kind, wanted):
                    return NO_DEVICE
                if not wanted and (_default_id(default) != was or _is_there(kind, wished)):
                    return OTHER_DEFAULT
    raise AssertionError("unreachable")


def put(heard: npt.NDArray[np.float32]) -> None:
    """Sound (n,) at 16 kHz, -1 to 1, to the reader."""
    sys.stdout.buffer.write((np.clip(heard, -1.0, 1.0) * 32767).astype("<i2").tobytes())
    sys.stdout.buffer.flush()


def play(wanted: str) -> int:
    """Play what comes in."""
    soundcard = _library()
    speaker = _exactly(soundcard.all_speakers(), wanted) if wanted else soundcard.default_speaker()
    samples = np.frombuffer(sys.stdin.buffer.read(), "<i2").astype(np.float32) / 32768
    at_device = soxr.resample(samples, RATE_HZ, DEVICE_HZ)
    speaker.play(at_device, samplerate=DEVICE_HZ, channels=[0] if speaker.channels == 1 else None)
    return 0


def main(arguments: list[str]) -> int:
    """Entry of the process; exit code 3 where there is no such device or no sound system."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        if arguments[0] == "record":
            kind, wanted, wished = (*arguments[1:], "", "")[:3]
            return follow(wanted.removeprefix(APPLICATION), put) if kind == "application" else record(kind, wanted, wished)
        if arguments[0] == "play":
            return play(arguments[1])
        print(json.dumps(devices()))  # noqa: T201 (the answer)
    except (LookupError, OSError, RuntimeError, AssertionError, TypeError, ValueError, ImportError) as error:
        print(type(error).__name__, file=sys.stderr)  # noqa: T201 (the reason)
        return NO_DEVICE
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
