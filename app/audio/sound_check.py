"""Sound tried before the shift: the operator says a sentence while a test sound plays on the headset; a line a side says what to do.

``try_sound`` opens the devices as a call does (the same processes, guard and mending), for some seconds, and blocks meanwhile; nothing is
kept. The test sound is known, so that three things are certain which a call can only guess: that what the headset plays is heard as the
citizen's side, that the microphone does not hear it (loudspeakers), and that the two are not the wrong way round.
"""

from __future__ import annotations

import subprocess
import threading
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from app.audio.capture_worker_name import APPLICATION, RATE_HZ, capture_command
from app.audio.device_source import DeviceSource, Sides
from app.audio.sound_guard import (
    LOW_DB,
    NOISE_DB,
    SILENCE_DB,
    SPEECH_DB,
    Samples,
    clipped_share,
    echo_strength,
    level_db,
    noise_floor_db,
)
from app.domain.call import NoticeRaised
from app.domain.dialogue import Channel
from app.ports.ports import AudioBlock, Clock

SECONDS = 6.0
_SOUND_AFTER_S, _SOUND_S = 1.0, 3.0
_PATIENCE_S = 20.0
_KNOWN = 0.35
_CLIPPED = 0.005
_LEAST_BLOCKS = 20


@dataclass(frozen=True, slots=True)
class SoundLine:
    """One line of the result: a message key, its parameters, and whether all is well."""

    key: str
    params: dict[str, object] = field(default_factory=dict)
    is_well: bool = False


def try_sound(microphone: str, speaker: str, clock: Clock, seconds: float = SECONDS) -> tuple[SoundLine, ...]:
    """See the module.

    Args:
        microphone: id of the operator's, "" for the default.
        speaker: id of the citizen's, "" for the default; of a program's sound only the microphone is tried.
        clock: time.
        seconds: how long to listen.

    Returns:
        The operator's line, then the citizen's, then what concerns both.
    """
    told: list[str] = []
    source = DeviceSource(microphone, speaker, clock, lambda notice: told.append(notice.key) if _is_device(notice) else None,
                          Sides(may_change=False))
    heard: dict[Channel, list[Samples]] = {side: [] for side in Channel}
    over = threading.Timer(seconds + 1.0, source.close)
    sound = None if speaker.startswith(APPLICATION) else _Player(speaker)
    over.start()
    if sound is not None:
        sound.start()
    try:
        for block in source.blocks():
            heard[block.channel].append(_at_16k(block))
    finally:
        over.cancel()
        source.close()
        if sound is not None:
            sound.close()
    return judged({side: np.concatenate(pieces) if pieces else np.zeros(0, np.int16) for side, pieces in heard.items()},
                  sound is not None, tuple(told))


def judged(heard: dict[Channel, Samples], was_played: bool, told: tuple[str, ...] = ()) -> tuple[SoundLine, ...]:
    """What the sound of both sides says; see ``try_sound``. Sound at 16 kHz; ``told``: what the devices reported meanwhile."""
    operator, citizen = heard[Channel.OPERATOR], heard[Channel.CITIZEN]
    known = {side: _knows(sound) for side, sound in heard.items()} if was_played else {}
    both = []
    if (known.get(Channel.OPERATOR) and not known.get(Channel.CITIZEN)) or (was_played and _speaks_there(operator, citizen)):
        both.append(SoundLine("sound.check_swapped"))
    elif known.get(Channel.OPERATOR):
        both.append(SoundLine("sound.echo"))
    found = {Channel.OPERATOR: _microphone(operator), Channel.CITIZEN: _headset(citizen, was_played, known.get(Channel.CITIZEN, False))}
    lines = [_fault_told(side, told) or line for side, line in found.items()]
    return (*lines, *both)


def known_sound() -> Samples:
    """Syllables of noise in a telephone's band, 3 s at 16 kHz: nothing that a room says by itself."""
    count = int(_SOUND_S * RATE_HZ)
    spectrum = np.fft.rfft(np.random.default_rng(7).standard_normal(count))
    at = np.fft.rfftfreq(count, 1 / RATE_HZ)
    spectrum[(at < 400) | (at > 2500)] = 0
    noise = np.fft.irfft(spectrum, count)
    swell: npt.NDArray[np.float64] = np.clip(np.sin(np.arange(count) * 2 * np.pi * 2 / RATE_HZ), 0, 1)
    loud: Samples = (noise / np.abs(noise).max() * swell * 9000).astype(np.int16)
    return loud


def _microphone(sound: Samples) -> SoundLine:
    levels = _levels(sound)
    # A device that has just been opened gives nothing at all for a moment: no noise floor of a room.
    levels = levels[next((place for place, level in enumerate(levels) if level > SILENCE_DB), 0):]
    if len(levels) < _LEAST_BLOCKS:
        return SoundLine("sound.check_no_microphone" if len(sound) < _LEAST_BLOCKS * RATE_HZ // 10 else "sound.silent_operator")
    if max(levels) < SILENCE_DB:
        return SoundLine("sound.silent_operator")
    params: dict[str, object] = {"level": round(max(levels)), "noise": round(max(-100.0, noise_floor_db(levels)))}
    if clipped_share(sound) > _CLIPPED:
        return SoundLine("sound.clipped_operator")
    if noise_floor_db(levels) > NOISE_DB:
        return SoundLine("sound.noisy_operator")
    if max(levels) < SPEECH_DB:
        is_faint = max(levels) > LOW_DB - 15 and max(levels) - noise_floor_db(levels) > 10
        return SoundLine("sound.quiet_operator" if is_faint else "sound.check_no_voice", params)
    return SoundLine("sound.check_well_operator", params, is_well=True)


def _headset(sound: Samples, was_played: bool, is_known: bool) -> SoundLine:
    levels = _levels(sound)
    if len(levels) < _LEAST_BLOCKS:
        return SoundLine("sound.check_no_headset")
    if not was_played:
        return SoundLine("sound.check_application", is_well=True)
    if not is_known:
        return SoundLine("sound.check_unheard")
    if clipped_share(sound) > _CLIPPED:
        return SoundLine("sound.clipped_citizen")
    return SoundLine("sound.check_well_citizen", {"level": round(max(levels))}, is_well=True)


def _speaks_there(operator: Samples, citizen: Samples) -> bool:
    """Whether somebody speaks on the headset's side, longer than the test sound lasts, while the microphone has no voice."""
    speech = [sum(level > SPEECH_DB for level in _levels(sound)) for sound in (operator, citizen)]
    return speech[0] == 0 and speech[1] > _SOUND_S * 10


def _levels(sound: Samples) -> list[float]:
    step = RATE_HZ // 10
    return [level_db(sound[at:at + step]) for at in range(0, len(sound) - step + 1, step)]


def _knows(sound: Samples) -> bool:
    """Whether the test sound is in it, wherever it began."""
    size = int(_SOUND_S * RATE_HZ)
    wanted = known_sound()
    places = range(0, max(1, len(sound) - size // 2), RATE_HZ // 4)
    return any(echo_strength(wanted, sound[at:at + size], RATE_HZ) > _KNOWN for at in places)


def _is_device(notice: NoticeRaised) -> bool:
    return notice.key.startswith(("sound.gone_", "sound.fallback_", "sound.rate_"))


def _fault_told(side: Channel, told: tuple[str, ...]) -> SoundLine | None:
    return next((SoundLine(key) for key in reversed(told) if key.endswith(f"_{side}") and "gone" not in key), None)


def _at_16k(block: AudioBlock) -> Samples:
    return np.repeat(np.frombuffer(block.pcm, "<i2"), RATE_HZ // block.rate_hz)


class _Player:
    """The test sound on a device, by a process of its own like all that touches the sound system."""

    def __init__(self, speaker: str) -> None:
        self._speaker = speaker
        self._process: subprocess.Popen[bytes] | None = None
        self._timer = threading.Timer(_SOUND_AFTER_S, self._play)

    def start(self) -> None:
        self._timer.start()

    def close(self) -> None:
        self._timer.cancel()
        self._timer.join(_PATIENCE_S)
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def _play(self) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603 our own module
                capture_command("play", self._speaker), stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0))
            assert self._process.stdin is not None
            self._process.stdin.write(known_sound().astype("<i2").tobytes())
            self._process.stdin.close()
        except OSError:
            return  # not heard: that is what the line says

