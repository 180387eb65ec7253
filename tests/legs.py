"""The two legs of `make test`: rooms without Qt, tested as if PySide6 were not installed, and everything that needs it.

As a pytest plugin (``-p tests.legs``) it marks the tests of the Qt rooms ``qt``: ``-m qt`` and ``-m "not qt"`` part the whole
suite in two. As a program it adds up what the legs reported (``--junitxml``) in one closing line.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
QT_FOLDERS = (TESTS / "widgets", TESTS / "app" / "presenters", TESTS / "end2end")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark before pytest's own ``-m`` chooses."""
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in QT_FOLDERS):
            item.add_marker(pytest.mark.qt)


def main(reports: list[str]) -> int:
    """Print the sum of the reports; 1 where a test failed or none ran."""
    counted = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for report in reports:
        for suite in ET.parse(report).iter("testsuite"):
            for key in counted:
                counted[key] += int(suite.get(key, "0"))
    failed = counted["failures"] + counted["errors"]
    passed = counted["tests"] - failed - counted["skipped"]
    print(f"tests: {passed} passed, {failed} failed, {counted['skipped']} skipped")
    return int(failed > 0 or passed == 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
