"""kill -9 between every two changes to the disk, a full and a read-only disk, two programs at once: publications and imports."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from app.cli import main
from kb_cache.kb_folder import alone, read_content
from tests.kb_cache.publishing import Desk, new_publisher, rows

ROOT = Path(__file__).resolve().parents[2]
MEMORY = Path("/dev/shm")  # what is written need not outlive the machine, only the process
PUBLISH = """
import sys
from pathlib import Path
from app.domain.errors import AppError
from tests.kb_cache.publishing import reopened, rows
try:
    reopened(Path(sys.argv[1]) / "repo").publish(rows(e1="x" * 200_000), "stable", "v2")
except AppError as error:
    print(error.key)
"""
IMPORT = "import sys\nfrom app.cli import main\nprint(main(['kb', 'import', sys.argv[2], '--out', sys.argv[1] + '/kb']))"


def run(*words: object, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *map(str, words)], cwd=ROOT, text=True, capture_output=True, timeout=900, check=False,
                          env={**os.environ, "TINGDAN_HOME": str(home)})


@pytest.mark.skipif(os.name != "posix", reason="kills children that are forked")
@pytest.mark.parametrize(("kind", "least"), [("create", 20), ("publish", 40), ("rotate", 15), ("import", 30)])
def test_kill_9_between_every_two_changes_to_the_disk(kind: str, least: int) -> None:
    """Every sixth of them; all with ``make torture-kb``."""
    each = 1 if os.environ.get("TINGDAN_EVERY_KILL") else 6
    with tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as folder:
        done = run("-m", "tests.kb_cache.killing", kind, folder, each, home=Path(folder) / "home")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= least // each


def on_a_disk_that_refuses(how: str, source: Path, mount: Path, code: str, *words: object) -> str:
    """Run code on a copy of a folder that lies on a full or a read-only disk, a real one; then what lies there is copied back."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode:
        pytest.skip("no mount name spaces here: unshare -m is refused")
    mount.mkdir()
    end = f"dd if=/dev/zero of={mount}/fill bs=4k 2>/dev/null" if how == "full" else f"mount -o remount,ro {mount}"
    script = (f"mount -t tmpfs -o size=4m none {mount} && cp -a {source}/. {mount}/ && {{ {end}; true; }} && \"$@\"; "
              f"rm -rf {source} && mkdir {source} && cp -a {mount}/. {source}/ && rm -f {source}/fill")
    done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", sys.executable, "-c", code, str(mount), *map(str, words)], cwd=ROOT,
                          text=True, capture_output=True, timeout=600, check=False,
                          env={**os.environ, "TINGDAN_HOME": str(mount.parent / "home")})
    return done.stdout + done.stderr


@pytest.mark.parametrize("how", ["full", "read-only"])
def test_a_disk_that_refuses_a_publication_leaves_what_is_served(tmp_path: Path, how: str) -> None:
    place = tmp_path / "place"
    publisher = new_publisher(place / "repo")
    publisher.publish(rows(), "stable", "v1")
    desk = Desk(tmp_path / "desk", str(publisher.public)).trusting(publisher)
    desk.look()
    told = on_a_disk_that_refuses(how, place, tmp_path / "mounted", PUBLISH)
    assert told.split() in (["kb_publish.unwritable"], ["platform.folder_unwritable"]), told
    assert desk.look().result == "current"
    new = Desk(tmp_path / "new", str(publisher.public)).trusting(publisher)
    assert new.look().result == "installed"


@pytest.mark.parametrize(("how", "held"), [("full", True), ("read-only", True), ("full", False)])
def test_a_disk_that_refuses_an_import_leaves_the_knowledge_base(tmp_path: Path, home: Path, how: str, held: bool) -> None:
    place = tmp_path / "place"
    place.mkdir()
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text("编号,标题\na,甲\n", "utf-8")
    two.write_text("编号,标题,答案\na,甲改,\nb,乙," + "长" * 5000 + "\n", "utf-8")
    if held:
        assert main(["kb", "import", str(one), "--out", str(place / "kb")]) == 0
    told = on_a_disk_that_refuses(how, place, tmp_path / "mounted", IMPORT, two)
    assert "3" in told.split(), told
    if held:
        assert [entry.title for entry in read_content(place / "kb").entries] == ["甲"]
    assert main(["kb", "import", str(two), "--out", str(place / "kb")]) == 0
    assert [entry.title for entry in read_content(place / "kb").entries] == ["甲改", "乙"]


def test_two_imports_at_once_do_not_lose_each_others_rows(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "kb"
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text(f"编号,标题\n{name},题{name}\n", "utf-8")
    with alone(target):
        assert main(["kb", "import", str(tmp_path / "a.csv"), "--out", str(target)]) == 2
    assert "kb" in capsys.readouterr().err
    code = ("import sys\nfrom app.cli import main\n"
            "while (end := main(['kb', 'import', sys.argv[1], '--out', sys.argv[2], '--merge'])) == 2: pass\nsys.exit(end)")
    both = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / f"{name}.csv"), str(target)], cwd=ROOT,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for name in "ab"]
    assert [child.wait(timeout=600) for child in both] == [0, 0]
    assert {entry.id for entry in read_content(target).entries} == {"a", "b"}
