"""The style sheet: ``resources/qss/desk.qss`` with the palette's colours, distances and sizes put in.

Placeholders are ``@name@`` (a colour of the palette, a step of the spacing scale, a type size) and
``@tone.ink@``/``ground``/``line``. A placeholder that nothing fills is a bug and raises.
"""

from __future__ import annotations

import re
from dataclasses import fields

from PySide6.QtGui import QColor, QPalette

from app.domain.errors import BugError
from app.platform.resource_files import resource
from widgets.theme.palette import SIZES, SPACE, Palette, Tone

_LINE_PX = 20
_PLACEHOLDER = re.compile(r"@([a-z_]+(?:\.[a-z]+)?)@")


def stylesheet(palette: Palette, percent: int = 100) -> str:
    """The whole style sheet for a palette and a type size in percent."""
    values = _values(palette, percent)

    def fill(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            raise BugError("desk.unknown_placeholder", name=name)
        return values[name]

    return _PLACEHOLDER.sub(fill, resource("qss", "desk.qss").read_text("utf-8"))


def qt_palette(palette: Palette) -> QPalette:
    """The same colours for what Qt draws without the style sheet (selections, tool tips, placeholders)."""
    made = QPalette()
    roles = {
        QPalette.ColorRole.Window: palette.window, QPalette.ColorRole.WindowText: palette.text,
        QPalette.ColorRole.Base: palette.surface, QPalette.ColorRole.AlternateBase: palette.raised,
        QPalette.ColorRole.Text: palette.text, QPalette.ColorRole.PlaceholderText: palette.faint,
        QPalette.ColorRole.Button: palette.raised, QPalette.ColorRole.ButtonText: palette.text,
        QPalette.ColorRole.Highlight: palette.accent, QPalette.ColorRole.HighlightedText: palette.on_accent,
        QPalette.ColorRole.ToolTipBase: palette.raised, QPalette.ColorRole.ToolTipText: palette.text,
        QPalette.ColorRole.Link: palette.accent, QPalette.ColorRole.LinkVisited: palette.accent,
        QPalette.ColorRole.Mid: palette.line, QPalette.ColorRole.Dark: palette.line_strong,
        QPalette.ColorRole.Light: palette.raised, QPalette.ColorRole.Shadow: palette.line_strong,
    }
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(palette.faint))
    return made


def _values(palette: Palette, percent: int) -> dict[str, str]:
    values: dict[str, str] = {}
    for part in fields(palette):
        value = getattr(palette, part.name)
        if isinstance(value, Tone):
            values |= {f"{part.name}.ink": value.ink, f"{part.name}.ground": value.ground, f"{part.name}.line": value.line}
        else:
            values[part.name] = value
    values |= {f"space_{part.name}": f"{getattr(SPACE, part.name)}px" for part in fields(SPACE)}
    values |= {f"size_{part.name}": f"{getattr(SIZES, part.name) * percent / 100:.1f}pt" for part in fields(SIZES)}
    values["line_height"] = f"{_LINE_PX * percent // 100}px"
    return values
