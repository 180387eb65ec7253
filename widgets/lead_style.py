"""What the lead's window adds to the desk's style sheet: heads of tables, the list of pages, sentences that say well or badly."""

from __future__ import annotations

from widgets.theme.palette import SIZES, SPACE, Palette
from widgets.theme.stylesheet import stylesheet


def lead_stylesheet(palette: Palette, percent: int) -> str:
    """The desk's style sheet and what the lead's window adds."""
    small = SIZES.small * percent / 100
    # A spin box goes by the arrow keys: a style sheet draws no arrows, and with Qt's own "no buttons" its words get a single pixel.
    bad, good = palette.wrong, palette.confirmed
    return stylesheet(palette, percent) + f"""
QTableView, QTableWidget {{ background: {palette.surface}; color: {palette.text}; border: none; outline: none; }}
QTableWidget::item {{ padding: 0px {SPACE.s - 3}px; }}
QPlainTextEdit {{ background: {palette.surface}; color: {palette.text}; border: 1px solid {palette.line_strong};
    border-radius: {SPACE.radius}px; selection-background-color: {palette.accent}; selection-color: {palette.on_accent}; }}
QPlainTextEdit:focus {{ border: 2px solid {palette.focus}; }}
QTableWidget::item:selected {{ background: {palette.accent_soft}; color: {palette.text}; }}
QHeaderView {{ background: {palette.surface}; border: none; }}
QHeaderView::section {{ background: {palette.surface}; color: {palette.muted}; border: none; border-bottom: 1px solid {palette.line_strong};
    padding: {SPACE.xs}px {SPACE.s}px; font-size: {small:.1f}pt; }}
QHeaderView::section:hover {{ color: {palette.text}; }}
QListWidget#leadPages {{ background: transparent; }}
QListWidget#leadPages::item {{ padding: 0px {SPACE.s}px; border-radius: {SPACE.radius}px; }}
QListWidget#leadPages::item:selected {{ background: {palette.accent}; color: {palette.on_accent}; }}
QLabel[role="leadBad"] {{ color: {bad.ink}; background: {bad.ground}; border-left: 3px solid {bad.line}; padding: {SPACE.s}px {SPACE.m}px;
    font-weight: bold; }}
QLabel[role="leadGood"] {{ color: {good.ink}; background: {good.ground}; border-left: 3px solid {good.line};
    padding: {SPACE.s}px {SPACE.m}px; font-weight: bold; }}
QPushButton[role="tile"] {{ background: transparent; border: none; color: {palette.muted}; font-size: {small:.1f}pt; text-align: left;
    padding: 0px; }}
QPushButton[role="tile"]:enabled {{ color: {palette.accent}; }}
QPushButton[role="tile"]:focus {{ text-decoration: underline; }}
QComboBox {{ background: {palette.surface}; color: {palette.text}; border: 1px solid {palette.line_strong}; border-radius: {SPACE.radius}px;
    padding: 4px 8px; }}
QComboBox:focus {{ border: 2px solid {palette.focus}; padding: 3px 7px; }}
QComboBox::drop-down {{ border: none; width: {round(16 * percent / 100)}px; }}
QComboBox::down-arrow {{ image: none; }}
QComboBox QAbstractItemView {{ background: {palette.surface}; color: {palette.text}; selection-background-color: {palette.accent};
    selection-color: {palette.on_accent}; border: 1px solid {palette.line_strong}; }}
QDialog QSpinBox::up-button, QDialog QSpinBox::down-button {{ width: 0px; border: none; }}
QDialog QSpinBox QLineEdit, QDialog QSpinBox QLineEdit:focus {{ border: none; padding: 0px {SPACE.s}px; background: transparent; }}
QDateEdit {{ background: {palette.surface}; color: {palette.text}; border: 1px solid {palette.line_strong}; border-radius: {SPACE.radius}px;
    padding: 3px 2px 3px 8px; }}
QDateEdit:focus {{ border: 2px solid {palette.focus}; padding: 2px 1px 2px 7px; }}
QDateEdit::drop-down {{ border: none; width: {round(22 * percent / 100)}px; }}
QDateEdit::down-arrow {{ image: none; }}
QStatusBar {{ color: {palette.muted}; }}
"""
