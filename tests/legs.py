"""The two legs of `make test`: rooms without Qt, tested as if PySide6 were not installed, and everything that needs it.

As a pytest plugin (``-p tests.legs``) it marks the tests of the Qt rooms ``qt``: ``-m qt`` and ``-m "not qt"`` part the whole
suite in two. Where Qt is installed but cannot be loaded (a system library is missing) it leaves those rooms out and says why.
As a program it adds up what the legs reported (``--junitxml``) in one closing line. A leg whose failures were run once more
(``NAME-again.xml`` beside it) counts by that second run, and each test that needed it is named: it wants looking at.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
QT_FOLDERS = (TESTS / "widgets", TESTS / "app" / "presenters", TESTS / "end2end")
REASON = pytest.StashKey[str]()
WINDOW_FOLDERS = QT_FOLDERS[:2]


def why_qt_cannot_load() -> str:
    """What the loader says where PySide6 is installed and a library that it needs is not; else empty."""
    if importlib.util.find_spec("PySide6") is None:
        return ""
    try:
        importlib.import_module("PySide6.QtWidgets")
    except ImportError as error:
        return str(error)
    return ""


def pytest_configure(config: pytest.Config) -> None:
    """Ask once."""
    config.stash[REASON] = why_qt_cannot_load()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave a Qt folder out before its conftest imports Qt."""
    return True if config.stash[REASON] and collection_path in WINDOW_FOLDERS else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Nothing is left out in silence."""
    if config.stash[REASON]:
        names = ", ".join(str(folder.relative_to(TESTS.parent)) for folder in WINDOW_FOLDERS)
        terminalreporter.write_line(f"SKIPPED {names}: Qt cannot be loaded here ({config.stash[REASON]}); see tingdan doctor")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark before pytest's own ``-m`` chooses."""
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in QT_FOLDERS):
            item.add_marker(pytest.mark.qt)


def counts(report: Path) -> dict[str, int]:
    """Tests, failures, errors and skipped of one leg; its failures are those of the second run where there was one."""
    counted = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for suite in ET.parse(report).iter("testsuite"):
        for key in counted:
            counted[key] += int(suite.get(key, "0"))
    again = report.with_name(f"{report.stem}-again.xml")
    if again.exists():
        for case in ET.parse(report).iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                print(f"needed a second run: {case.get('classname')}::{case.get('name')}")
        second = counts(again)
        counted |= {"failures": second["failures"], "errors": second["errors"], "skipped": counted["skipped"] + second["skipped"]}
    return counted


def main(reports: list[str]) -> int:
    """Print the sum of the reports; 1 where a test failed or there was none (a leg that could only skip has said why)."""
    counted: Counter[str] = Counter()
    for report in reports:
        counted.update(counts(Path(report)))
    failed = counted["failures"] + counted["errors"]
    passed = counted["tests"] - failed - counted["skipped"]
    print(f"tests: {passed} passed, {failed} failed, {counted['skipped']} skipped")
    return int(failed > 0 or counted["tests"] == 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
