"""Each fault of sound, caused for real: told in a line, and mended where that can be done by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.real_time import RealTime
from tests.live.sound_faults import FAULTS, Fault, program_alone
from tests.live.sound_server import SoundServer, sound_server


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    with sound_server(tmp_path, monkeypatch) as running:
        yield running


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_is_told_and_mended(fault: Fault, server: SoundServer, tmp_path: Path, real_time: RealTime) -> None:
    try:
        found = fault.act(server, tmp_path)
    except AssertionError as error:
        # Levels, echo, rate and sides are judged by sound: gaps in what is played are another fault than the one that is caused.
        if fault.is_device:
            raise
        real_time.judge(False, str(error))
        raise
    print(f"{fault.name}: {', '.join(found.told)}; found after {found.found_s:.1f} s"
          + (f", well after {found.well_s:.1f} s" if found.well_s is not None else ""))
    assert found.told


def test_one_program_is_heard_alone_wherever_it_plays(server: SoundServer, tmp_path: Path) -> None:
    assert program_alone(server, tmp_path).told == ()
