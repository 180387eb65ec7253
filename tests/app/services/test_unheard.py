"""What was kept from transcription is told with its times."""

from __future__ import annotations

from app.services.unheard import Unheard


def test_stretches_are_told_the_open_one_until_now() -> None:
    unheard = Unheard()
    assert unheard.told(90_000) == ""
    unheard.note(65_400, True)
    unheard.note(70_000, True)
    assert unheard.told(71_000) == "1:05-1:11"
    unheard.note(100_000, False)
    unheard.note(110_000, False)
    unheard.note(130_000, True)
    assert unheard.told(132_999) == "1:05-1:40, 2:10-2:12"
