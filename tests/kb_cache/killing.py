"""Kills a program between every two changes that it makes to the disk. Run as a program of its own: it forks.

    python -m tests.kb_cache.killing create|publish|rotate|import FOLDER [EACH]

Before every file that is opened for writing, renamed or removed, and every folder that is made, one child is killed with SIGKILL, each time
from the same state; after each the disk is judged. With EACH only every so many changes are tried: a sample for every day
(``make torture-kb`` tries all). Prints how many kills there were. No function is replaced: an audit hook of Python's own tells of the
changes.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from app.cli import main
from app.domain.errors import OperatorVisibleError
from kb_cache.kb_folder import read_content
from tests.kb_cache.publishing import Desk, new_publisher, reopened, rows

EACH = 1
_CHANGES = frozenset({"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "os.chmod"})


def killed_before(change: int, work: Callable[[], object]) -> bool:
    """Do the work in a child that is killed before its ``change``-th change to the disk; False where it ended before."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    met = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal met
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if writes or event in _CHANGES:
            met += 1
            if met == change:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            work()
    finally:
        os._exit(0)


def each_kill(source: Path, folder: Path, work: Callable[[Path], object], judge: Callable[[Path], None]) -> int:
    """Kill ``work`` before each change from the state of ``source``, and judge; gives how many kills there were."""
    for kills, change in enumerate(range(1, 1000, EACH)):
        place = folder / f"kill-{change}"
        if source.exists():
            shutil.copytree(source, place)
        alive = not killed_before(change, lambda at=place: work(at))  # type: ignore[misc]
        judge(place)
        if alive:
            return kills
        shutil.rmtree(place, ignore_errors=True)
    raise AssertionError("endless")


def kill_create(folder: Path) -> int:
    """A killed first command: given again it makes the repository, and what is published there is taken."""

    def create(at: Path) -> None:
        with contextlib.suppress(OperatorVisibleError):  # kb_publish.exists: the killed one was as good as done
            new_publisher(at / "repo")

    def judge(at: Path) -> None:
        create(at)
        publisher = _of(at)
        publisher.publish(rows(), "stable", "v1")
        desk = Desk(at / "desk", str(publisher.public)).trusting(publisher)
        assert desk.look().result == "installed"

    return each_kill(folder / "none", folder, create, judge)


def kill_publish(folder: Path) -> int:
    """A killed publication: desks go on with the old or the new release, and the same command ends it."""
    first = new_publisher(folder / "state" / "repo")
    first.publish(rows(), "stable", "v1")
    Desk(folder / "state" / "desk", str(first.public)).trusting(first).look()

    def publish(at: Path) -> None:
        publisher = _of(at)
        with contextlib.suppress(OperatorVisibleError):  # kb_publish.version_taken: the killed one was as good as done
            publisher.publish(rows(e1="新答复"), "stable", "v2")

    def judge(at: Path) -> None:
        desk = Desk(at / "desk", str(at / "repo" / "public"))
        assert desk.look().result in ("current", "installed")
        assert desk.answers()[:2] in (("v1", "installed"), ("v2", "installed"))
        publish(at)
        desk.look()
        assert desk.answers() == ("v2", "installed", 6)
        new = Desk(at / "new", str(at / "repo" / "public")).trusting(_of(at))
        new.look()
        assert new.answers() == ("v2", "installed", 6)

    return each_kill(folder / "state", folder, publish, judge)


def kill_rotate(folder: Path) -> int:
    """A killed change of the timestamp's key: knowledge stays, and the nightly refresh heals what was left half."""
    first = new_publisher(folder / "state" / "repo")
    first.publish(rows(), "stable", "v1")
    Desk(folder / "state" / "desk", str(first.public)).trusting(first).look()

    def judge(at: Path) -> None:
        desk = Desk(at / "desk", str(at / "repo" / "public"))
        assert desk.answers()[:2] == ("v1", "installed")
        _of(at).refresh()
        assert desk.look().result == "current"

    return each_kill(folder / "state", folder, lambda at: _of(at).rotate("timestamp", at / "repo" / "keys"), judge)


def kill_import(folder: Path) -> int:
    """A killed import, the first into a new folder and one over an older knowledge base: old or new opens, and a second try ends it."""
    head = "编号,标题\n"
    (folder / "one.csv").write_text(head + "a,甲\nb,乙\n", "utf-8")
    (folder / "two.csv").write_text(head + "a,甲改\nb,乙\n", "utf-8")

    def imported(source: str) -> Callable[[Path], object]:
        return lambda at: main(["kb", "import", str(folder / source), "--out", str(at), "--json"])

    def judge(titles: str, before: str = "") -> Callable[[Path], None]:
        source = "two.csv" if before else "one.csv"

        def look(at: Path) -> None:
            if before or (at / "manifest.json").exists():
                assert "".join(entry.title for entry in read_content(at).entries) in (before, titles)
            with contextlib.redirect_stdout(io.StringIO()):
                assert imported(source)(at) == 0
            assert "".join(entry.title for entry in read_content(at).entries) == titles
            assert not [path.name for path in at.glob(".*") if path.name != ".import.lock"]

        return look

    (folder / "fresh").mkdir()
    kills = each_kill(folder / "none", folder / "fresh", imported("one.csv"), judge("甲乙"))
    with contextlib.redirect_stdout(io.StringIO()):
        imported("one.csv")(folder / "held")
    return kills + each_kill(folder / "held", folder, imported("two.csv"), judge("甲改乙", "甲乙"))


def _of(at: Path):  # type: ignore[no-untyped-def]
    return reopened(at / "repo")


if __name__ == "__main__":
    EACH = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    print({"create": kill_create, "publish": kill_publish, "rotate": kill_rotate, "import": kill_import}[sys.argv[1]](Path(sys.argv[2])))
