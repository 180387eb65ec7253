"""The closing sum of `make test`: a failure counts, unless its second run alone passed; then it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import legs

FIRST = """<testsuites><testsuite tests="5" failures="1" errors="0" skipped="1">
<testcase classname="tests.a" name="test_b"><failure message="late">late</failure></testcase></testsuite></testsuites>"""
AGAIN = '<testsuites><testsuite tests="1" failures="{failures}" errors="0" skipped="0"></testsuite></testsuites>'


def test_a_leg_that_can_only_skip_is_no_failure_and_one_without_tests_is(tmp_path: Path) -> None:
    for tests, code in ((5, 0), (0, 1)):
        (tmp_path / "leg.xml").write_text(f'<testsuites><testsuite tests="{tests}" skipped="{tests}"></testsuite></testsuites>', "utf-8")
        assert legs.main([str(tmp_path / "leg.xml")]) == code


@pytest.mark.parametrize(("failures", "code", "closing"), [
    (None, 1, "tests: 3 passed, 1 failed, 1 skipped"),
    (0, 0, "tests: 4 passed, 0 failed, 1 skipped"),
    (1, 1, "tests: 3 passed, 1 failed, 1 skipped")])
def test_a_failure_counts_unless_it_passes_alone(failures: int | None, code: int, closing: str, tmp_path: Path,
                                                 capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "leg.xml").write_text(FIRST, "utf-8")
    if failures is not None:
        (tmp_path / "leg-again.xml").write_text(AGAIN.format(failures=failures), "utf-8")
    assert legs.main([str(tmp_path / "leg.xml")]) == code
    printed = capsys.readouterr().out
    assert closing in printed
    assert ("needed a second run: tests.a::test_b" in printed) is (failures is not None)
