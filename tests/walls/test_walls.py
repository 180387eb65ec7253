"""The walls stand, and they hold: each kind of breach, planted into a small house under our own contracts, is found."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
WITHOUT_QT = REPOSITORY / "tests" / "without_qt"
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")

CONTRACTS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
FLOORS = next(contract["layers"] for contract in CONTRACTS["contracts"] if contract["type"] == "layers")
NAMES = [name.strip(" ()").replace(".", "/") for floor in FLOORS for name in re.split("[|:]", floor)]
WITH_QT = ("widgets", "app/presenters", "app/desk", "app/desk_first_start", "app/desk_knowledge", "app/desk_tools", "app/desk_work",
           "app/lead_desk")
ROOMS = [name for name in NAMES if not name.startswith("app/") or (REPOSITORY / name).is_dir()]
FILES = [f"{name}.py" for name in NAMES if name not in ROOMS]

BREACHES = {
    "a service reads from a sibling room": ("app/services/a.py", "import app.extraction.b\n", "rooms and floors"),
    "the domain knows a port": ("app/domain/a.py", "import app.ports.b\n", "rooms and floors"),
    "speech knows the store": ("asr/a.py", "import app.store.b\n", "rooms and floors"),
    "a presenter knows a widget": ("app/presenters/a.py", "import widgets.b\n", "rooms and floors"),
    "a service uses Qt": ("app/services/a.py", "import PySide6.QtCore\n", "Qt stays upstairs"),
    "speech uses Qt, inside a function": ("asr/a.py", "def f():\n    import PySide6.QtCore\n", "Qt stays upstairs"),
    "a widget opens a database": ("widgets/a.py", "import sqlite3\n", "databases live in two rooms"),
    "extraction opens a database": ("app/extraction/a.py", "from sqlcipher3 import dbapi2\n", "databases live in two rooms"),
    "the domain computes with numpy": ("app/domain/a.py", "import numpy\n", "the domain is standard library only"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """import-linter over a tree, with only that tree to import from."""
    settings = dict(os.environ, PYTHONPATH=str(folder), NO_COLOR="1", COLUMNS="200")
    return subprocess.run([LINT_IMPORTS, "--no-cache", "--config", "pyproject.toml"], cwd=folder, env=settings,
                          capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def small_house(tmp_path: Path) -> Path:
    """Every room with two empty modules, under the contracts of the real pyproject.toml."""
    for room in ("app", *ROOMS):
        (tmp_path / room).mkdir(parents=True, exist_ok=True)
        for module in ("__init__.py", "a.py", "b.py"):
            (tmp_path / room / module).touch()
    for file in FILES:
        (tmp_path / file).touch()
    (tmp_path / "pyproject.toml").write_text((REPOSITORY / "pyproject.toml").read_text("utf-8"), "utf-8")
    return tmp_path


def test_an_innocent_house_passes(small_house: Path) -> None:
    (small_house / "app/services/a.py").write_text("import app.domain.a\nimport app.ports.a\n")
    (small_house / "app/presenters/a.py").write_text("import PySide6.QtCore\nimport app.services.a\n")
    (small_house / "app/store/a.py").write_text("import sqlite3\n")
    result = lint(small_house)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_fails(small_house: Path, breach: str) -> None:
    module, text, contract = BREACHES[breach]
    (small_house / module).write_text(text)
    result = lint(small_house)
    assert result.returncode != 0
    broken = [line for line in result.stdout.splitlines() if line.strip().endswith("BROKEN")]
    assert [line.strip() for line in broken] == [f"{contract} BROKEN"], result.stdout


def test_rooms_below_the_presenters_import_without_qt() -> None:
    """Every module of every non-Qt room, in a process in which PySide6 is not installed.

    The command and its composition root too: `tingdan doctor` must run on a PC that cannot load Qt, to say so.
    """
    rooms = [REPOSITORY / room for room in ROOMS if room not in WITH_QT]
    paths = [path for room in rooms for path in sorted(room.rglob("*.py")) if not path.name.startswith("__")]
    paths += [REPOSITORY / file for file in FILES if file.removesuffix(".py") not in WITH_QT and (REPOSITORY / file).exists()]
    names = [".".join(path.relative_to(REPOSITORY).with_suffix("").parts) for path in paths]
    assert len(names) > len(rooms)
    program = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    command = [sys.executable, "-W", "error", "-c", program, *names]
    result = subprocess.run(command, cwd=REPOSITORY, env=dict(os.environ, PYTHONPATH=str(WITHOUT_QT)), capture_output=True,
                            text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr


def test_every_module_of_the_root_has_a_floor() -> None:
    """What stands in no layer may import anything, and be imported by anything."""
    assert [path.name for path in sorted((REPOSITORY / "app").glob("*.py")) if f"app/{path.stem}" not in (*NAMES, "app/__init__")] == []


def test_package_files_are_empty() -> None:
    """No import has side effects, starting with the packages themselves."""
    full = [str(path.relative_to(REPOSITORY)) for room in ("app", *ROOMS, "resources")
            for path in (REPOSITORY / room).rglob("__init__.py") if path.read_text("utf-8").strip()]
    assert full == []
