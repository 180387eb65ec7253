"""A live call's sound as ``AudioSource``: microphone = operator, loopback of the headset = citizen, each by an ear (``app.audio.ear``).

Devices are opened when the source is made (the call rings), sound is kept from ``blocks`` on (it is answered). The guard hears what
goes by: what the operator must know is told in one line, once a call; sides that are measured the wrong way round are changed over,
a rate that lies is corrected. ``blocks`` runs on its caller's thread.

    EnvironmentFault   sound.no_devices   devices cannot be listed
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.audio.capture_worker_name import RATE_HZ, capture_command
from app.audio.ear import Ear
from app.audio.sound_guard import Finding, Samples, SoundFault, SoundGuard
from app.audio.telephone_band import TelephoneBand
from app.domain.call import NoticeRaised
from app.domain.dialogue import Channel
from app.domain.errors import EnvironmentFault
from app.ports.ports import AudioBlock, Clock

_LOOK_S = 0.02
#: From one look to the next: where it is longer the machine stood still, and what is heard of it is judged anew.
_STALL_S = 0.25
_JUDGE_EVERY = 5
_LIST_S = 20.0
Tell = Callable[[NoticeRaised], None]


@dataclass(frozen=True, slots=True)
class Device:
    """What a person can choose. ``kind`` is microphone, loopback or application; ``id`` stays the same from day to day."""

    kind: str
    id: str
    name: str
    is_default: bool


@dataclass(slots=True)
class Sides:
    """Which way round the devices are; kept by the desk from call to call, so that what was measured once holds for the next call.

    ``may_change``: whether they may be changed over at all (not while the sound is tried: there the operator is to be told).
    """

    is_swapped: bool = False
    may_change: bool = True


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
        sides: which way round they are; changed where the opposite is measured.
    """

    def __init__(self, microphone: str, speaker: str, clock: Clock, tell: Tell, sides: Sides | None = None) -> None:
        self._clock, self._tell, self._sides = clock, tell, sides or Sides()
        self._stopped = threading.Event()
        wanted = {Channel.OPERATOR: microphone, Channel.CITIZEN: speaker}
        self._ears = {side: Ear(side, wanted[side], clock, tell, self._stopped) for side in Channel}
        self._bands = {side: TelephoneBand() for side in Channel}
        self._guard = SoundGuard()
        self._told: set[Finding] = set()
        self._was_changed_over = False
        for ear in self._ears.values():
            ear.start()  # a capture process takes up to a second to come up: it is there when the call is answered

    @property
    def duration_ms(self) -> int | None:
        """Nobody knows."""
        return None

    def blocks(self) -> Iterator[AudioBlock]:
        """Both sides' sound as it comes, in blocks of 100 ms at 8 kHz (a telephone's band) or 16 kHz, until ``close``."""
        begin_s = self._clock.monotonic_s()
        for ear in self._ears.values():
            ear.begin(begin_s)
        try:
            taken, looked_s = 0, begin_s
            while not self._stopped.wait(_LOOK_S):
                now_s = self._clock.monotonic_s()
                if now_s - looked_s > _STALL_S:
                    self._guard.stalled()
                looked_s = now_s
                ready = [(at_ms, side, samples) for side in Channel for at_ms, samples in self._ears[side].take(now_s)]
                for at_ms, side, samples in sorted(ready, key=lambda each: each[0]):
                    yield self._block(at_ms, side, samples)
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

    def _block(self, at_ms: int, side: Channel, samples: Samples) -> AudioBlock:
        channel = self._turned(side)
        self._guard.take(channel, samples)
        given, rate_hz = self._bands[side].take(samples)
        return AudioBlock(channel, at_ms, given.astype("<i2").tobytes(), rate_hz)

    def _turned(self, side: Channel) -> Channel:
        if not self._sides.is_swapped:
            return side
        return Channel.CITIZEN if side is Channel.OPERATOR else Channel.OPERATOR

    def _judge(self) -> None:
        drift = {self._turned(side): ear.drift() for side, ear in self._ears.items()}
        for finding in self._guard.findings(RATE_HZ, drift):
            if finding not in self._told:
                self._told.add(finding)
                self._tell(NoticeRaised(self._mended(finding) or finding.key))

    def _mended(self, finding: Finding) -> str:
        """What was done about it, as a message key; "" where the operator must."""
        may_change = self._sides.may_change and not self._was_changed_over
        if finding.fault is SoundFault.SWAPPED and may_change and self._looks_turned():
            self._sides.is_swapped = not self._sides.is_swapped
            self._was_changed_over = True
            return "sound.swapped_mended"
        if finding.fault is SoundFault.RATE and finding.channel is not None:
            ear = self._ears[self._turned(finding.channel)]
            return "sound.rate_mended" if ear.correct(self._guard.rate(finding.channel)) else ""
        return ""

    def _looks_turned(self) -> bool:
        """A room's full band where the telephone should be, and none where the microphone should be."""
        is_wide = {self._turned(side): band.is_wide for side, band in self._bands.items()}
        return is_wide[Channel.CITIZEN] and not is_wide[Channel.OPERATOR]
