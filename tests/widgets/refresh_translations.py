"""Refreshes the English translation: ``python -m tests.widgets.refresh_translations`` (run it after a change of a string).

Takes the strings out of the sources (Chinese is the source language), keeps translations that stand, and compiles
``resources/translations/desk_en.qm``. Prints what still lacks an English text.
"""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import PySide6

REPOSITORY = Path(__file__).resolve().parents[2]
CATALOGUE = REPOSITORY / "resources" / "translations" / "desk_en.ts"
COMPILED = CATALOGUE.with_suffix(".qm")
_TOOLS = Path(PySide6.__file__).parent


def sources() -> list[str]:
    """Files with strings for people, relative to the repository."""
    return sorted(str(path.relative_to(REPOSITORY)) for path in (REPOSITORY / "widgets").rglob("*.py"))


def extract(catalogue: Path) -> None:
    """Bring a catalogue up to the sources; obsolete strings go."""
    options = ["-source-language", "zh_CN", "-target-language", "en", "-locations", "none", "-no-obsolete"]
    _run("lupdate", *options, *sources(), "-ts", str(catalogue))


def compile_to(catalogue: Path, compiled: Path) -> None:
    """Write the binary that the window loads."""
    _run("lrelease", "-silent", str(catalogue), "-qm", str(compiled))


def untranslated(catalogue: Path) -> list[str]:
    """Strings without a finished English text."""
    lacking = []
    for message in ElementTree.parse(catalogue).getroot().iter("message"):
        translation = message.find("translation")
        if translation is None or translation.get("type") == "unfinished" or not (translation.text or "").strip():
            lacking.append(message.findtext("source") or "")
    return lacking


def _run(tool: str, *arguments: str) -> None:
    name = f"{tool}.exe" if sys.platform == "win32" else tool
    done = subprocess.run([str(_TOOLS / name), *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode != 0 or "warning" in done.stderr.lower():
        raise SystemExit(f"{tool}: {done.stdout}{done.stderr}")


if __name__ == "__main__":
    extract(CATALOGUE)
    compile_to(CATALOGUE, COMPILED)
    for text in untranslated(CATALOGUE):
        print("no English yet:", text)
