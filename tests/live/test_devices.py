"""Capture from real devices of a real sound server: both sides, on one time line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.audio.device_source import list_devices
from app.domain.dialogue import Channel
from tests.live.listener import Listener
from tests.live.sound_faults import both_tones
from tests.live.sound_server import SoundServer, sound_server


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    with sound_server(tmp_path, monkeypatch) as running:
        yield running


@pytest.fixture
def heard(server: SoundServer) -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


def test_each_side_is_its_own_and_time_has_no_holes(server: SoundServer, heard: Listener, tmp_path: Path) -> None:
    both_tones(server, tmp_path, heard)
    for channel in Channel:
        starts = [block.start_ms for block in heard.blocks if block.channel is channel]
        assert starts == list(range(0, len(starts) * 100, 100))
    assert {(each.kind, each.id) for each in list_devices() if each.is_default} >= {("loopback", "headset")}
    assert ("application", "app:player") in {(each.kind, each.id) for each in list_devices()}
