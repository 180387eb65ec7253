"""What the first start can tell and do on this PC: sound devices, a tone, the recogniser, its model. On the thread "first-start"."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from app.assembly import ReplayOrder, engine_spec
from app.domain.errors import EnvironmentFault
from app.platform.clock import SystemClock
from app.platform.settings import load_settings
from app.presenters.first_start import FirstStartParts
from asr.models.catalogue import ZIPFORMER, entry
from asr.models.find import find_language_model, find_model

_RATE_HZ, _TONE_HZ, _TONE_S, _LOUDNESS = 48_000, 440.0, 0.6, 0.2


def parts() -> FirstStartParts:
    """For the real PC."""
    return FirstStartParts(speakers=_speakers, play=_play, engine=lambda: engine_spec(ReplayOrder()).name, download=_download, take=_take,
                           try_sound=_try_sound if load_settings().flag("audio.live") else None)


def _try_sound(microphone: str, speaker: str) -> tuple[tuple[str, dict[str, object]], ...]:
    from app.audio.sound_check import try_sound  # noqa: PLC0415 - listens to devices, where somebody asks for it

    return tuple((line.key, line.params) for line in try_sound(microphone, speaker, SystemClock()))


def _speakers() -> tuple[str, ...]:
    try:
        import soundcard  # noqa: PLC0415 - connects to the sound server

        return tuple(str(device.name) for device in soundcard.all_speakers())
    except Exception as error:  # the library raises what its system layer gives
        raise EnvironmentFault("audio.no_output") from error


def _play() -> None:
    count = int(_RATE_HZ * _TONE_S)
    fade = np.minimum(1.0, np.minimum(np.arange(count), np.arange(count)[::-1]) / (_RATE_HZ * 0.02))
    tone = (_LOUDNESS * fade * np.sin(2 * math.pi * _TONE_HZ * np.arange(count) / _RATE_HZ)).astype(np.float32)
    try:
        import soundcard  # noqa: PLC0415

        soundcard.default_speaker().play(tone, samplerate=_RATE_HZ)
    except Exception as error:
        raise EnvironmentFault("audio.no_output") from error


def _download(progress: Callable[[int, int | None], None]) -> None:
    from asr.models.install import install, mirrored  # noqa: PLC0415 - network libraries, for a download only

    if not find_model().usable:
        install(progress, mirrored(entry(ZIPFORMER), load_settings().text("models.mirror")))
    _language_model()


def _take(source: Path) -> None:
    from asr.models.install import install_from  # noqa: PLC0415

    install_from(source)
    _language_model()


def _language_model() -> None:
    from asr.models.lm_install import install_language_model  # noqa: PLC0415

    if not find_language_model().usable:
        install_language_model(None)
