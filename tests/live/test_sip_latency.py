"""How much later than it leaves the citizen's telephone a word reaches recognition: block by block, matched by its samples."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from app.audio.softphone_source import SoftphoneSource
from app.domain.dialogue import Channel
from app.domain.line import LineCommand, LineEventKind
from app.platform.clock import SystemClock
from app.services.replay import percentile
from app.telephony.sip_account import SipAccount
from app.telephony.sip_phone import SipPhone
from app.telephony.sip_process import memory_folder
from tests.live.real_time import RealTime
from tests.live.sip_relay import SipRelay
from tests.live.sip_report import note
from tests.live.sip_seat import PATIENCE_S, Heard, operator_file, quiet_sound
from tests.live.sipp import PASSWORD, USER, Sipp, a_law, caller, free_port, missing, server
from tests.live.test_sip_call import recording

__all__ = ["recording"]  # a fixture
SECONDS, LOUD = 30, 300
pytestmark = pytest.mark.skipif(bool(missing()), reason=f"needs {', '.join(missing())} (Debian: baresip-core sip-tester sox)")
Samples = npt.NDArray[np.int16]


def decoded() -> Samples:
    """A-law by the table of ITU-T G.711."""
    codes = np.arange(256) ^ 0x55
    exponent, mantissa = (codes & 0x70) >> 4, (codes & 0x0F) << 4
    size = np.where(exponent == 0, mantissa + 8, (mantissa + 0x108) << np.maximum(exponent - 1, 0))
    return np.where(codes & 0x80, size, -size).astype(np.int16)


def late_ms(heard: list[tuple[float, Samples]], sent: list[tuple[float, bytes]]) -> list[float]:
    """For each block that can be told: from its last sample's leaving to its arrival, in milliseconds."""
    packets = [(at_s, payload) for at_s, payload in sent if len(payload) == 160]
    whole = decoded()[np.frombuffer(b"".join(payload for _, payload in packets), np.uint8)].tobytes()
    found = []
    for at_s, samples in heard:
        place = whole.find(samples.tobytes()) if np.abs(samples).max() > LOUD else -1
        if place >= 0 and place % 2 == 0:
            found.append((at_s - packets[(place // 2 + len(samples) - 1) // 160][0]) * 1000)
    return found


def test_how_late_a_block_is(recording: Path, tmp_path: Path, real_time: RealTime) -> None:
    voice, heard = a_law(recording, tmp_path / "citizen.alaw", 2, pad_s=20.0), Heard()
    port, blocks = free_port(), list[tuple[float, Samples]]()
    with Sipp(tmp_path, server(), calls=0) as registrar:
        account = SipAccount(f"127.0.0.1:{registrar.port}", USER, PASSWORD, port=port)
        phone = SipPhone(account, "", quiet_sound(operator_file(recording, tmp_path / "operator.wav")), memory_folder(), SystemClock())
        relay = SipRelay(port)
        try:
            phone.start(heard.event, heard.notice)
            assert phone.wait_settled(PATIENCE_S)
            with Sipp(tmp_path, caller(voice), f"127.0.0.1:{relay.port}"):
                heard.until(lambda: bool(heard.events))
                source = SoftphoneSource(phone.tap, SystemClock(), heard.notice, lambda: phone.is_talking)
                phone.send(LineCommand.ANSWER, {})
                heard.until(lambda: heard.events[-1].kind is LineEventKind.ANSWERED)
                for block in source.blocks():
                    if block.channel is Channel.CITIZEN:
                        blocks.append((time.monotonic(), np.frombuffer(block.pcm, np.int16)))
                    if block.start_ms > SECONDS * 1000:
                        source.close()
        finally:
            relay.close()
            phone.close()
    late = late_ms(blocks, relay.seen.to_desk)
    real_time.judge(len(late) > SECONDS, f"{len(late)} blocks came through whole")
    note("latency", {"blocks": len(late), "p50_ms": percentile(late, 0.5), "p95_ms": percentile(late, 0.95), "most_ms": max(late)})
