"""Which program starts: the packaged one, the one in use, the new one on trial; and what comes of a trial that fails."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app.program.launch import MOST_TRIES
from tests.app.program.programs import ROOT, Pc, environment, pc_of, program, publisher_in, reopened

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the small programs are scripts")

BASE = """
import sys
from pathlib import Path
from app.program import launch
launch.ALIVE_WITHIN_S = float(sys.argv[4])
code = launch.launched(sys.argv[5:], Path(sys.argv[1]), sys.argv[3] == "wanted", Path(sys.argv[2]))
if code is None:
    print("base", *sys.argv[5:])
sys.exit(code or 0)
"""


def start(pc: Pc, *arguments: str, wanted: str = "wanted", alive_within_s: float = 60.0, **more: str) -> tuple[str, int]:
    """What started, and its exit code."""
    done = subprocess.run([sys.executable, "-c", BASE, str(pc.versions.folder), str(pc.base), wanted, str(alive_within_s), *arguments],
                          cwd=ROOT, text=True, capture_output=True, timeout=300, check=False, env={**environment(), **more})
    assert not done.stderr, done.stderr
    return " / ".join(done.stdout.splitlines()), done.returncode


@pytest.fixture
def pc(tmp_path: Path) -> Pc:
    publisher_in(tmp_path / "repo")
    return pc_of(tmp_path / "pc", tmp_path / "repo")


def bring(pc: Pc, version: str, built_at: int, behaviour: str = "well") -> None:
    """A version is published and waits on this PC."""
    reopened(pc.home.parent / "repo").publish([program(pc.home.parent / version, version, built_at, behaviour)], "stable")
    assert pc.look().result == "ready"


def test_a_new_version_proves_itself_and_is_in_use_from_then_on(pc: Pc) -> None:
    assert start(pc) == ("base", 0)
    bring(pc, "2.0", 200)
    assert start(pc, "doctor") == ("base doctor", 0)  # commands try nothing
    assert start(pc) == ("2.0", 0) and pc.in_use() == "2.0"
    assert start(pc) == ("2.0", 0) and start(pc, "doctor", "--json") == ("2.0 doctor --json", 0)
    pc.look()
    assert pc.receipts() == ["program_ready", "program_adopted"]


@pytest.mark.parametrize("behaviour", ["crashes", "ends 70", "ends 1", "hangs"])
def test_one_that_does_not_come_to_life_is_refused_and_the_operator_has_a_desk_in_the_same_breath(pc: Pc, behaviour: str) -> None:
    bring(pc, "2.0", 200, behaviour)
    assert start(pc, alive_within_s=3.0) == ("2.0 / base", 0)
    assert (pc.waits(), pc.in_use()) == ("", "1.0") and pc.look().result == "refused"
    assert pc.receipts() == ["program_ready", "program_update.rolled_back"]
    assert start(pc) == ("base", 0)


def test_the_version_before_comes_back_not_only_the_base(pc: Pc) -> None:
    bring(pc, "2.0", 200)
    start(pc)
    bring(pc, "3.0", 300, "crashes")
    assert start(pc) == ("3.0 / 2.0", 0) and pc.in_use() == "2.0"


def test_what_may_not_be_its_fault_is_tried_three_times(pc: Pc) -> None:
    bring(pc, "2.0", 200, "ends 3")
    for _ in range(MOST_TRIES - 1):
        assert start(pc) == ("2.0 / base", 0) and pc.waits() == "2.0"
    assert start(pc) == ("2.0 / base", 0) and pc.waits() == ""


@pytest.mark.parametrize("code", [0, 2])
def test_a_second_start_beside_an_open_desk_counts_for_nothing(pc: Pc, code: int) -> None:
    bring(pc, "2.0", 200, f"ends {code}")
    for _ in range(MOST_TRIES + 1):
        assert start(pc) == ("2.0", code) and pc.waits() == "2.0"


def test_the_power_going_in_three_trials_is_enough(pc: Pc) -> None:
    bring(pc, "2.0", 200)
    pc.versions.change(lambda state: replace(state, tries=MOST_TRIES))
    assert start(pc) == ("base", 0) and not pc.waits()


def test_after_it_proved_itself_its_exit_code_is_its_own(pc: Pc) -> None:
    bring(pc, "2.0", 200, "crashes later")
    assert start(pc) == ("2.0", 5) and pc.in_use() == "2.0"


def test_the_base_starts_where_policy_support_or_a_newer_package_say_so(pc: Pc) -> None:
    bring(pc, "2.0", 200)
    start(pc)
    assert start(pc, wanted="off") == ("base", 0)
    assert start(pc, TINGDAN_PROGRAM_BASE="1") == ("base", 0)
    (pc.base / "build.json").write_text((pc.base / "build.json").read_text().replace("100", "250"))
    assert start(pc) == ("base", 0)


def test_a_version_that_lost_its_files_does_not_keep_the_desk_from_starting(pc: Pc) -> None:
    bring(pc, "2.0", 200)
    start(pc)
    current = pc.versions.state().current
    assert current is not None
    pc.versions.program(current).unlink()
    assert start(pc) == ("base", 0)
    (pc.versions.folder / "state.json").write_text("{")
    assert start(pc) == ("base", 0)


def test_back_by_hand_and_away_with_all(pc: Pc) -> None:
    bring(pc, "2.0", 200)
    start(pc)
    bring(pc, "3.0", 300)
    start(pc)
    now = pc.versions.back()
    assert now is not None and now.version == "2.0" and start(pc) == ("2.0", 0)
    assert pc.look().result == "refused"
    pc.versions.remove()
    assert start(pc) == ("base", 0) and not list((pc.versions.folder / "versions").iterdir())
