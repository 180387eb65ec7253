"""Every colour, distance and type size of the desk, in one place: light, dark and high contrast.

Text on its ground has a contrast of 4.5 or more in every palette (7 in the high-contrast one); a test computes it from
``TEXT_PAIRS``. Meaning never rests on colour alone: states have an icon and a word, speakers a side, an icon and a word.
Widgets read ``Theme.palette`` when they paint and listen to ``Theme.changed``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from app.domain.ticket import FieldState


class ThemeName(StrEnum):
    """The palettes."""

    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "contrast"


@dataclass(frozen=True, slots=True)
class Space:
    """Distances in pixels at 100 %."""

    xs: int = 4
    s: int = 6
    m: int = 10
    l: int = 14  # noqa: E741  one scale, one letter a step
    xl: int = 20
    radius: int = 6


@dataclass(frozen=True, slots=True)
class TypeSizes:
    """Font sizes in points at 100 %."""

    small: float = 10.0
    base: float = 11.0
    large: float = 12.5
    title: float = 16.0


@dataclass(frozen=True, slots=True)
class Tone:
    """A meaning's colours: ink on a soft ground, and the line around it."""

    ink: str
    ground: str
    line: str


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one theme, as #rrggbb."""

    window: str
    surface: str
    raised: str
    line: str
    line_strong: str
    scroll: str
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    accent_hover: str
    accent_soft: str
    focus: str
    citizen: str
    citizen_line: str
    operator: str
    operator_line: str
    evidence: str
    evidence_ink: str
    go: str
    on_go: str
    danger: str
    on_danger: str
    empty: Tone
    needed: Tone
    suggested: Tone
    filled: Tone
    edited: Tone
    confirmed: Tone
    wrong: Tone

    def tone(self, state: FieldState, needed: bool = False) -> Tone:
        """Colours of a field's state."""
        if state is FieldState.EMPTY:
            return self.needed if needed else self.empty
        return {
            FieldState.SUGGESTED: self.suggested, FieldState.FILLED: self.filled,
            FieldState.EDITED: self.edited, FieldState.CONFIRMED: self.confirmed,
        }[state]


LIGHT = Palette(
    window="#eceff3", surface="#ffffff", raised="#f5f7fa", line="#d3dae3", line_strong="#8592a3", scroll="#b9c3cf",
    text="#15202b", muted="#4d5a69", faint="#677485",
    accent="#0b5cad", on_accent="#ffffff", accent_hover="#0a4f95", accent_soft="#e2edf9", focus="#0b5cad",
    citizen="#ffffff", citizen_line="#0b5cad", operator="#eef1f5", operator_line="#8592a3",
    evidence="#ffe08a", evidence_ink="#3a2a00",
    go="#17713a", on_go="#ffffff", danger="#b3231b", on_danger="#ffffff",
    empty=Tone("#677485", "#ffffff", "#d3dae3"), needed=Tone("#33414f", "#ffffff", "#8592a3"),
    suggested=Tone("#845200", "#fff5db", "#d9a441"), filled=Tone("#0b5cad", "#eaf2fb", "#8fb8e2"),
    edited=Tone("#6a3d9c", "#f4eefb", "#b79bd8"), confirmed=Tone("#17663a", "#e6f5eb", "#86c29d"),
    wrong=Tone("#b3231b", "#fdeceb", "#b3231b"),
)

DARK = Palette(
    window="#101419", surface="#191f26", raised="#212932", line="#35404c", line_strong="#71808f", scroll="#4a5765",
    text="#e9eef4", muted="#b0bbc8", faint="#93a0af",
    accent="#86bbf7", on_accent="#0a1a2c", accent_hover="#a3ccfa", accent_soft="#1d3048", focus="#86bbf7",
    citizen="#1f2a37", citizen_line="#86bbf7", operator="#252b33", operator_line="#71808f",
    evidence="#6b5210", evidence_ink="#fff3cf",
    go="#63cf8e", on_go="#06210f", danger="#c9332a", on_danger="#ffffff",
    empty=Tone("#93a0af", "#191f26", "#35404c"), needed=Tone("#d5dde6", "#191f26", "#71808f"),
    suggested=Tone("#f3c766", "#302711", "#85682a"), filled=Tone("#8fc0f8", "#1b2a3c", "#3c5f88"),
    edited=Tone("#cdaef2", "#2a2137", "#6d5490"), confirmed=Tone("#7ed6a1", "#182c20", "#3c7553"),
    wrong=Tone("#ff9c94", "#361a1a", "#ff7a70"),
)

CONTRAST = Palette(
    window="#000000", surface="#000000", raised="#0d0d0d", line="#ffffff", line_strong="#ffffff", scroll="#ffffff",
    text="#ffffff", muted="#f0f0f0", faint="#dcdcdc",
    accent="#ffe600", on_accent="#000000", accent_hover="#fff27a", accent_soft="#2b2700", focus="#00e5ff",
    citizen="#000000", citizen_line="#ffe600", operator="#1a1a1a", operator_line="#ffffff",
    evidence="#ffe600", evidence_ink="#000000",
    go="#3dff7c", on_go="#000000", danger="#ff2e2e", on_danger="#000000",
    empty=Tone("#dcdcdc", "#000000", "#9a9a9a"), needed=Tone("#ffffff", "#000000", "#ffffff"),
    suggested=Tone("#ffd24d", "#000000", "#ffd24d"), filled=Tone("#7fd4ff", "#000000", "#7fd4ff"),
    edited=Tone("#e2b8ff", "#000000", "#e2b8ff"), confirmed=Tone("#6dffa0", "#000000", "#6dffa0"),
    wrong=Tone("#ff9d9d", "#2b0000", "#ff2e2e"),
)

PALETTES = {ThemeName.LIGHT: LIGHT, ThemeName.DARK: DARK, ThemeName.CONTRAST: CONTRAST}
SPACE = Space()
SIZES = TypeSizes()

TEXT_PAIRS: tuple[tuple[str, str], ...] = (
    ("text", "window"), ("text", "surface"), ("text", "raised"), ("muted", "window"), ("muted", "surface"),
    ("muted", "raised"), ("faint", "surface"), ("on_accent", "accent"), ("on_accent", "accent_hover"), ("accent", "surface"),
    ("accent", "accent_soft"), ("text", "accent_soft"), ("text", "citizen"), ("text", "operator"), ("faint", "citizen"),
    ("muted", "operator"), ("evidence_ink", "evidence"), ("on_go", "go"), ("on_danger", "danger"),
)
"""Names of (ink, ground) that appear as text, beside the tones' own."""


class Theme(QObject):
    """The palette in use. One for each window, handed to its widgets."""

    changed = Signal()

    def __init__(self, name: ThemeName = ThemeName.LIGHT, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name

    @property
    def name(self) -> ThemeName:
        """Which palette."""
        return self._name

    @property
    def palette(self) -> Palette:
        """Its colours."""
        return PALETTES[self._name]

    def use(self, name: ThemeName) -> None:
        """Change the palette."""
        if name is not self._name:
            self._name = name
            self.changed.emit()


def contrast(ink: str, ground: str) -> float:
    """Contrast of two colours after WCAG 2.1, 1 to 21."""
    lighter, darker = sorted((_luminance(ink), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
