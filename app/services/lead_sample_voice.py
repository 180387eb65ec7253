"""How both sides speak in the invented calls of the sample: everybody has a way of speaking, and no two calls are alike.

By dice of its own, so that all else in the sample stays as it is. Pure.
"""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

from app.domain.call_record import SoundRecord, VoiceRecord

_SPOKEN_MS, _LEAST_MS = 110_000, 4_000


def voiced(sound: tuple[SoundRecord, ...], number: str, identity: str) -> tuple[SoundRecord, ...]:
    """Both sides with rate, loudness and pitch range of an operator of this work number in this call."""
    own, call = Random(number), Random(identity)  # noqa: S311  invented data
    rate, level, lively, share = own.gauss(4.4, 0.4), own.gauss(-24, 2.5), own.gauss(7.5, 1.2), own.gauss(0.46, 0.05)
    made = []
    for each in sound:
        of_desk = each.side == "agent"
        part = share if of_desk else 1 - share
        made.append(replace(
            each, speech_ms=max(_LEAST_MS, int(part * _SPOKEN_MS * call.lognormvariate(0, 0.25))),
            level_dbfs=round(level + call.gauss(0, 1.2), 1) if of_desk else each.level_dbfs,
            rate=round(min(8.0, max(2.0, (rate if of_desk else 4.2) + call.gauss(0, 0.35))), 2),
            pitch_semitones=round(min(16.0, max(2.5, (lively if of_desk else 8.0) + call.gauss(0, 1.0))), 1)))
    return tuple(made)


def voice(identity: str) -> VoiceRecord:
    """Overlap and silence of a call."""
    dice = Random(f"voice {identity}")  # noqa: S311  invented data
    silence_ms = int(dice.lognormvariate(math.log(16_000), 0.6))
    return VoiceRecord(int(dice.lognormvariate(math.log(1_800), 0.8)), silence_ms, int(silence_ms * dice.uniform(0.2, 0.6)))
