"""Voice indicators on a call's sheet: figures of both sides, what is not known is not shown, and the words that they judge nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel

from app.domain.call_record import CallRecord, SoundRecord, VoiceRecord
from app.platform import messages
from widgets.language import Language, LanguageName
from widgets.lead_voice import VoiceBox, voice_lines

pytestmark = pytest.mark.qt

RECORD = CallRecord(
    "0" * 32, "2026-11-20T09:30:00+08:00", "d", sound=(
        SoundRecord("citizen", 0.9, 80_000, 12, -27.0, -60.0, 0.0, 600, 3.9, 0.0),
        SoundRecord("agent", 0.9, 40_000, 11, -24.5, -61.0, 0.0, 600, 4.44, 7.3)), voice=VoiceRecord(2_000, 31_000, 12_000))


@pytest.mark.parametrize(("language", "wanted"), [
    (LanguageName.CHINESE, ("坐席：语速 4.4 字/秒 · 音量 −24.5 dBFS · 音高起伏 7.3 半音 · 说话 40 秒（33.3%）",
            "市民：语速 3.9 字/秒 · 音量 −27.0 dBFS · 说话 80 秒（66.7%）", "同时说话 2 秒 · 静默 31 秒，最长 12 秒")),
    (LanguageName.ENGLISH, ("operator: 4.4 characters a second · loudness −24.5 dBFS · pitch range 7.3 semitones · spoke 40 s (33.3%)",
            "citizen: 3.9 characters a second · loudness −27.0 dBFS · spoke 80 s (66.7%)",
            "both at once 2 s · silence 31 s, the longest 12 s")),
])
def test_figures_of_both_sides_and_nothing_that_is_not_known(application: Language, language: LanguageName,
                                                             wanted: tuple[str, ...]) -> None:
    application.use(language)
    try:
        assert voice_lines(RECORD) == wanted
    finally:
        application.use(LanguageName.CHINESE)


@pytest.mark.usefixtures("application")
def test_an_older_record_shows_none_and_the_sheet_says_that_nobody_is_judged() -> None:
    old = replace(RECORD, voice=None, sound=tuple(replace(each, rate=0.0, pitch_semitones=0.0) for each in RECORD.sound))
    box, none = VoiceBox(RECORD), VoiceBox(old)
    assert none.isHidden()
    said = [label.text() for label in box.findChildren(QLabel)]
    assert said[0] == messages.text("lead.call_voice", lang="zh")
    assert said[-1] == messages.text("lead.call_voice_note", lang="zh")
    assert len(said) == 5
