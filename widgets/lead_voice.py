"""How both sides of one call spoke, as figures on the call's sheet; and the words that they judge nobody."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from app.domain.call_record import CallRecord, SoundRecord
from widgets.lead_words import lead, percent, seconds
from widgets.theme.palette import SPACE

_SIDES = {"agent": "call_said_operator", "citizen": "call_said_citizen"}
_BETWEEN = " · "


def voice_lines(record: CallRecord) -> tuple[str, ...]:
    """What is known of the voices of a call, a line each; nothing of a call without sound or of an older program."""
    spoken_ms = sum(each.speech_ms for each in record.sound)
    sides = {each.side: each for each in record.sound}
    lines = [lead(name, words=_BETWEEN.join(_figures(sides[side], spoken_ms)))
             for side, name in _SIDES.items() if side in sides and (sides[side].rate or sides[side].pitch_semitones)]
    voice = record.voice
    if voice is not None:
        overlap, silence, longest = (seconds(each / 1000) for each in (voice.overlap_ms, voice.silence_ms, voice.longest_silence_ms))
        lines.append(lead("call_voice_both", overlap=overlap, silence=silence, longest=longest))
    return tuple(lines)


def _figures(side: SoundRecord, spoken_ms: int) -> list[str]:
    """What is known; a figure that is not known is not shown."""
    known = (("rate", side.rate), ("level", side.level_dbfs), ("pitch", side.pitch_semitones))
    found = [lead(f"call_voice_{name}", value=f"{value:.1f}".replace("-", "\N{MINUS SIGN}")) for name, value in known if value]
    if spoken_ms:
        found.append(lead("call_voice_spoke", value=seconds(side.speech_ms / 1000), share=percent(side.speech_ms / spoken_ms)))
    return found


class VoiceBox(QFrame):
    """See the module.

    Args:
        record: the call.
    """

    def __init__(self, record: CallRecord, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = voice_lines(record)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(SPACE.xs)
        for words, role in ((lead("call_voice"), "heading"), *((line, "") for line in self.lines), (lead("call_voice_note"), "hint")):
            label = QLabel(words)
            label.setWordWrap(True)
            label.setProperty("role", role)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            rows.addWidget(label)
        if not self.lines:
            self.hide()
