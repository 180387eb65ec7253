"""Is there a Chinese font, and where? Without one the desk would show boxes.

The program brings Noto Sans SC (SIL Open Font License 1.1) as the dependency ``pylopdf-fonts-zh-cn``; the file is found
without importing the package, so that `tingdan doctor` needs no Qt. Where the package is missing (a distribution's own
build), a font of the system does.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = "pylopdf_fonts_zh_cn"
_FILE = "NotoSansSC-Regular.otf"
SYSTEM_FAMILIES = (
    "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei UI", "Microsoft YaHei", "PingFang SC",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei",
)
"""Families that read well on a screen, best first."""


@dataclass(frozen=True, slots=True)
class FontReport:
    """What `tingdan doctor` says about fonts.

    Attributes:
        is_there: Chinese can be shown.
        source: file or family; "" for none.
        mend: command that brings one; "" where there is nothing to mend.
    """

    is_there: bool
    source: str
    mend: str = ""


def bundled_font_file() -> Path | None:
    """The font that the program brings, or None."""
    spec = importlib.util.find_spec(_PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / _FILE
        if path.is_file():
            return path
    return None


def chinese_font_check() -> FontReport:
    """Whether Chinese can be shown on this PC, from files only (no window system needed)."""
    bundled = bundled_font_file()
    if bundled is not None:
        return FontReport(True, bundled.name)
    windows = Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts"
    for name in ("msyh.ttc", "simhei.ttf"):
        if (windows / name).is_file():
            return FontReport(True, name)
    family = _fontconfig_family()
    if family:
        return FontReport(True, family)
    return FontReport(False, "", "apt-get install fonts-wqy-microhei")


def _fontconfig_family() -> str:
    program = shutil.which("fc-list")
    if program is None:
        return ""
    try:
        listed = subprocess.run([program, ":lang=zh-cn", "family"], capture_output=True, timeout=10, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = listed.stdout.decode("utf-8", "replace").splitlines()
    return lines[0].split(",")[0].strip() if lines else ""
