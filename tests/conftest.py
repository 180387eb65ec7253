"""Fixtures for every room's tests, and the check that no test leaves a thread or a child process behind."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from asr.models.find import find_language_model

# Deadlines of hypothesis measure the machine's other work, not ours.
settings.register_profile("tingdan", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tingdan")

REPOSITORY = Path(__file__).resolve().parents[1]
GRACE_S = 30.0


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of shared test material: ``TINGDAN_SHARED``, else ``../shared`` beside the checkout; skips without."""
    named = os.environ.get("TINGDAN_SHARED")
    folder = Path(named) if named else REPOSITORY.parent / "shared"
    if not (folder / "calls").is_dir():
        pytest.skip(f"needs the shared test material (TINGDAN_SHARED; looked in {folder.name})")
    return folder


@pytest.fixture(scope="session")
def language_model() -> Path:
    """The language model's folder: ``TINGDAN_LM``, else what set-up installed for this user; skips without.

    Looked for before a test has a home of its own.
    """
    named = os.environ.get("TINGDAN_LM")
    folder = Path(named) if named else find_language_model().folder
    if folder is None:
        pytest.skip("needs the converted language model: `.venv/bin/tingdan models` says where it can lie")
    return folder


@pytest.fixture(scope="session")
def lexicon_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the compiled lexicon, which takes seconds to make: the first test that loads the engine fills it."""
    return tmp_path_factory.mktemp("lexicon")


@pytest.fixture
def home_with_lexicon(home: Path, lexicon_cache: Path) -> Path:
    """``home``, its lexicon cache being the shared one."""
    (home / "cache").mkdir()
    (home / "cache" / "lexicon").symlink_to(lexicon_cache, target_is_directory=True)
    return home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh TINGDAN_HOME: data, config, log and cache of the program lie below it."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("TINGDAN_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def no_dangling_threads() -> Iterator[None]:
    """Fail a test that leaves a thread or a multiprocessing child running (module fixtures' own ones are spared)."""
    threads = set(threading.enumerate())
    children = {child.pid for child in multiprocessing.active_children()}
    yield
    left = [thread for thread in threading.enumerate() if thread not in threads]
    for thread in left:
        thread.join(GRACE_S)
    names = sorted(thread.name for thread in left if thread.is_alive())
    orphans = sorted(child.name for child in multiprocessing.active_children() if child.pid not in children)
    assert not names, f"threads left running: {names}"
    assert not orphans, f"child processes left running: {orphans}"
