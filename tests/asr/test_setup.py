"""`python -m asr.setup` as the Makefile calls it, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from asr.models.catalogue import ZIPFORMER
from tests.asr.release_server import serving
from tests.asr.test_models import archive


def setup(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    values = {k: v for k, v in os.environ.items() if not k.startswith("TINGDAN_")}
    values |= {"TINGDAN_HOME": str(home), "TINGDAN_LANG": "en", "OMP_NUM_THREADS": "1", **environment}
    command = [sys.executable, "-m", "asr.setup", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, env=values, check=False)


def test_where_nothing_can_be_had_it_says_so_and_fails(home: Path) -> None:
    with serving(b"") as server:
        address = server.address("honest")
    done = setup(home, "--address", address)
    if "Speech recognition works: whisper" in done.stdout:
        assert done.returncode == 0
        return
    assert done.returncode == 3
    assert "cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_a_wrong_release_is_refused(home: Path) -> None:
    with serving(archive({"tokens.txt": b"<blk> 0\n"})) as server:
        done = setup(home, TINGDAN_MODEL_ADDRESS=server.address("honest"))
    assert "lacks the file" in done.stderr
    assert not (home / "data" / "models" / ZIPFORMER).exists()


@pytest.mark.shared
def test_the_release_from_a_mirror_becomes_a_working_engine(language_model: Path, home_with_lexicon: Path, shared: Path) -> None:
    """The language model lies there already: that it comes from Debian is tested beside this, and takes half a minute."""
    home = home_with_lexicon
    (home / "data" / "models").mkdir(parents=True)
    (home / "data" / "models" / language_model.name).symlink_to(language_model, target_is_directory=True)
    published = {p.name: p.read_bytes() for p in (shared / "models" / ZIPFORMER).iterdir()}
    with serving(archive(published, prefix="sherpa-onnx-kws-zipformer/")) as server:
        done = setup(home, "--address", server.address("truncates"))
    assert done.returncode == 0, done.stderr
    assert "Speech recognition works: zipformer" in done.stdout
