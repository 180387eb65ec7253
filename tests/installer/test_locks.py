"""The locks are what set-up trusts: complete, hashed, of one mind, and free of any index's address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
LOCKS = sorted((REPOSITORY / "installer" / "locks").glob("*.txt"))
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; (.*?))? \\$")


def pins(lock: Path) -> set[tuple[str, str, str]]:
    """(name, version, marker) of every package of a lock."""
    found = (PIN.match(line) for line in lock.read_text("utf-8").splitlines())
    return {(match[1], match[2], match[3] or "") for match in found if match}


def canonical(requirement: str) -> str:
    """The package's name as locks write it."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name
    return re.sub(r"[-_.]+", "-", name[0]).lower()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_line_is_a_pin_or_a_hash(lock: Path) -> None:
    lines = lock.read_text("utf-8").splitlines()
    odd = [line for line in lines if not PIN.match(line) and not re.match(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$", line)]
    assert odd == []
    without = [line for line, following in zip(lines, [*lines[1:], ""], strict=True)
               if PIN.match(line) and "--hash=" not in following]
    assert without == []


def test_locks_agree_where_they_meet() -> None:
    """A package that two locks hold has the same versions in both: one environment takes all of them."""
    by_lock = {lock.name: pins(lock) for lock in LOCKS}
    for name in ("dev.txt", "whisper.txt"):
        assert {pin[:2] for pin in by_lock["runtime.txt"]} <= {pin[:2] for pin in by_lock[name]}, name
    names_dev = {pin[0]: pin[1:] for pin in by_lock["dev.txt"]}
    for package, version, marker in by_lock["whisper.txt"]:
        if package in names_dev and not marker:
            assert version in {pin[1] for pin in by_lock["dev.txt"] if pin[0] == package}, package


def test_locks_hold_what_the_project_declares() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    for name, declared in (("runtime", []), ("dev", extras["dev"]), ("whisper", extras["whisper"])):
        locked = {pin[0] for pin in pins(REPOSITORY / "installer" / "locks" / f"{name}.txt")}
        missing = {canonical(line) for line in [*project["dependencies"], *declared]} - locked
        assert missing == set(), f"{name}.txt: make lock"
