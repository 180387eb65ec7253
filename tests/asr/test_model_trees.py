"""Models that are known by their archive's checksum, and the command ``tingdan models``, against a web server that misbehaves."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from app.domain.errors import AppError, EnvironmentFault, OperatorVisibleError
from asr.models import shelf
from asr.models.catalogue import ModelEntry, entry
from asr.models.download import Patience
from asr.models.find import find_model, models_dir
from asr.models.install import install, install_from, mirrored
from asr.models.tree import Trust
from asr.models.verify import MANIFEST, verify
from asr.models.vosk_folder import VIEWS, deterministic
from tests.asr.release_server import serving
from tests.asr.test_models import nothing

TREE = {"am/final.mdl": random.Random(1).randbytes(80_000), "conf/mfcc.conf": b"--num-mel-bins=40\n",
        "graph/HCLG.fst": random.Random(2).randbytes(5_000), "README": b"hello"}
QUICK = Patience(connect_s=2.0, stall_s=0.5, tries=4, pause_s=0.01)
SMALL_CN = "vosk-model-small-cn-0.22"


def zipped(files: dict[str, bytes], around: str = "vosk-model-x/") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as box:
        for name, data in files.items():
            box.writestr(around + name, data)
    return stream.getvalue()


def tarred(files: dict[str, bytes], around: str = "vosk-model-x/") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:bz2") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(around + name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def known(archive: bytes, sha256: str | None = None) -> ModelEntry:
    """A catalogue entry for an archive."""
    checksum = hashlib.sha256(archive).hexdigest() if sha256 is None else sha256
    return ModelEntry("vosk-model-x", "A small model", "Apache-2.0", "tests", "vosk-model-x", engine="vosk", archive_sha256=checksum,
                      archive_bytes=len(archive), max_archive_bytes=200_000, marks=("am/final.mdl",))


HONEST = zipped(TREE)
MODEL = known(HONEST)


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST}


# ------------------------------------------------------------------ downloads


@pytest.mark.parametrize("behaviour", ["honest", "truncates", "stalls", "redirect", "busy", "norange", "changes", "wrongrange"])
def test_a_weak_line_ends_with_the_whole_tree(home: Path, behaviour: str) -> None:
    with serving(HONEST, zipped({**TREE, "README": b"an older one"})) as server:
        folder = install(nothing, server.address(behaviour), MODEL, QUICK)
    assert contents(folder) == TREE
    assert verify(folder, MODEL) == [] and find_model(model=MODEL).usable
    assert [p.name for p in models_dir().iterdir()] == ["vosk-model-x"]


@pytest.mark.parametrize(("behaviour", "key"), [
    ("cuts", "asr.download_cut"), ("silent", "asr.download_cut"), ("missing", "asr.download_refused"),
    ("loop", "asr.download_refused"), ("huge", "asr.download_too_large"), ("endless", "asr.download_too_large"),
    ("lies", "asr.archive_wrong"), ("short", "asr.archive_wrong"),
])
def test_a_bad_server_leaves_the_installed_tree_as_it_was(home: Path, tmp_path: Path, behaviour: str, key: str) -> None:
    source = tmp_path / "model.zip"
    source.write_bytes(HONEST)
    folder = install_from(source, MODEL)
    with serving(HONEST, zipped({**TREE, "README": b"evil"})) as server, pytest.raises(EnvironmentFault) as told:
        install(nothing, server.address(behaviour), MODEL, Patience(2.0, 0.3, 2, 0.01))
    assert told.value.key == key
    assert contents(folder) == TREE and verify(folder, MODEL) == []
    assert [p.name for p in models_dir().iterdir()] == ["vosk-model-x"]


def test_nothing_is_fetched_that_could_not_be_checked(home: Path) -> None:
    with serving(HONEST) as server:
        with pytest.raises(OperatorVisibleError) as told:
            install(nothing, server.address("honest"), known(HONEST, ""), QUICK)
        assert told.value.key == "asr.archive_unchecked" and not server.asked
        given = Trust(sha256=MODEL.archive_sha256.upper())
        assert contents(install(nothing, server.address("honest"), known(HONEST, ""), QUICK, given)) == TREE
        with pytest.raises(EnvironmentFault):
            install(nothing, server.address("honest"), known(HONEST, ""), QUICK, Trust(sha256="0" * 64))


def test_a_mirror_holds_archives_by_their_official_names() -> None:
    assert mirrored(entry(SMALL_CN), "http://mirror.gov/models/") == f"http://mirror.gov/models/{SMALL_CN}.zip"
    assert mirrored(entry(SMALL_CN), "") is None
    assert mirrored(entry("libime-zh"), "http://mirror.gov") is None


# ------------------------------------------------------------------ a stick


@pytest.mark.parametrize(("kind", "around"), [("zip", "vosk-model-x/"), ("zip", ""), ("tar", "./vosk-model-x/"), ("tar", "")])
def test_archives_of_any_make_become_the_same_tree(home: Path, tmp_path: Path, kind: str, around: str) -> None:
    archive = (zipped if kind == "zip" else tarred)(TREE, around)
    source = tmp_path / "model"
    source.write_bytes(archive)
    assert contents(install_from(source, known(archive))) == TREE


def test_a_folder_is_taken_with_our_list_or_on_a_persons_word(home: Path, tmp_path: Path) -> None:
    source = tmp_path / "stick"
    for name, data in TREE.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(data)
    (source / "link").symlink_to("/etc/hostname")
    with pytest.raises(OperatorVisibleError) as told:
        install_from(source, MODEL)
    assert told.value.key == "asr.archive_unchecked"
    folder = install_from(source, MODEL, Trust(unchecked=True))
    assert contents(folder) == TREE
    assert shelf.state(find_model(model=MODEL)) == shelf.UNCHECKED
    moved = folder.rename(tmp_path / "from another PC")
    again = install_from(moved, MODEL)
    assert contents(again) == TREE and shelf.state(find_model(model=MODEL)) == "installed"
    (moved / "am" / "final.mdl").write_bytes(TREE["am/final.mdl"][::-1])
    with pytest.raises(EnvironmentFault) as wrong:
        install_from(moved, MODEL)
    assert wrong.value.key == "asr.model_file_wrong"
    assert contents(again) == TREE


@pytest.mark.parametrize("name", ["../../outside", "/tmp/outside", "C:\\outside", "a\\..\\outside", "am/final.mdl/x", "a:b"])
def test_no_member_leaves_the_models_folder(home: Path, tmp_path: Path, name: str) -> None:
    archive = tarred({**TREE, name: b"evil"}, around="")
    source = tmp_path / "model.tar.bz2"
    source.write_bytes(archive)
    before = {p for p in tmp_path.rglob("*") if "home" not in p.parts}
    with pytest.raises(EnvironmentFault) as told:
        install_from(source, known(archive))
    assert told.value.key == "asr.archive_unsafe"
    assert {p for p in tmp_path.rglob("*") if "home" not in p.parts} == before
    assert list(models_dir().iterdir()) == []


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_refused(home: Path, tmp_path: Path, kind: bytes) -> None:
    stream = io.BytesIO(tarred(TREE, around=""))
    out = io.BytesIO()
    with tarfile.open(fileobj=stream) as old, tarfile.open(fileobj=out, mode="w") as tar:
        for member in old:
            tar.addfile(member, old.extractfile(member))
        info = tarfile.TarInfo("rescore/link")
        info.type, info.linkname = kind, "../../../etc/passwd"
        tar.addfile(info)
    source = tmp_path / "model.tar"
    source.write_bytes(out.getvalue())
    with pytest.raises(EnvironmentFault) as told:
        install_from(source, known(out.getvalue()))
    assert told.value.key == "asr.archive_unsafe"
    assert list(models_dir().iterdir()) == []


@pytest.mark.parametrize("archive", [
    zipped({**TREE, "bomb": bytes(900_000)}), tarred({**TREE, "bomb": bytes(3_000_000)}), tarred({str(n): b"" for n in range(2_100)})])
def test_bombs_are_refused(home: Path, tmp_path: Path, archive: bytes) -> None:
    source = tmp_path / "model"
    source.write_bytes(archive)
    with pytest.raises(EnvironmentFault) as told:
        install_from(source, known(archive))
    assert told.value.key == "asr.archive_too_large"
    assert list(models_dir().iterdir()) == []


def test_a_right_archive_without_a_model_is_told(home: Path, tmp_path: Path) -> None:
    archive = zipped({name: data for name, data in TREE.items() if not name.startswith("graph")})
    source = tmp_path / "model.zip"
    source.write_bytes(archive)
    with pytest.raises(EnvironmentFault) as told:
        install_from(source, known(archive))
    assert (told.value.key, told.value.params["file"]) == ("asr.model_file_missing", "graph/HCLG.fst")


def test_a_changed_file_of_an_installed_tree_is_found(home: Path, tmp_path: Path) -> None:
    source = tmp_path / "model.zip"
    source.write_bytes(HONEST)
    folder = install_from(source, MODEL)
    (folder / "graph" / "HCLG.fst").write_bytes(TREE["graph/HCLG.fst"][::-1])
    assert [(f.key, f.params["file"]) for f in verify(folder, MODEL)] == [("asr.model_file_wrong", "graph/HCLG.fst")]
    assert shelf.state(find_model(model=MODEL)) == shelf.DAMAGED


# ------------------------------------------------------------------ the command


def tingdan(home: Path, *arguments: str, code: int = 0, **environment: str) -> str:
    values = {k: v for k, v in os.environ.items() if not k.startswith("TINGDAN_")}
    values |= {"TINGDAN_HOME": str(home), "TINGDAN_LANG": "en", "OMP_NUM_THREADS": "1", **environment}
    command = [sys.executable, "-m", "app.cli", "models", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, env=values, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_the_list_tells_licence_size_address_and_state(home: Path) -> None:
    told = tingdan(home, "list")
    assert f"{SMALL_CN}\n    vosk, 44 MB, Apache-2.0, not installed" in told
    listed = {row["id"]: row for row in json.loads(tingdan(home, "list", "--json"))}
    assert listed[SMALL_CN]["sha256"].startswith("3af8b0e7") and listed[SMALL_CN]["bytes"] == 43_898_754
    assert listed["zipformer-zh-3.3m"]["address"].startswith("https://github.com/k2-fsa/")


def test_a_model_lives_from_mirror_to_removal(home: Path) -> None:
    with serving(HONEST) as server:
        (home / "config").mkdir()
        (home / "config" / "settings.toml").write_text(f'[models]\nmirror = "{server.address("truncates").rpartition("/")[0]}"\n')
        assert "does not have the published checksum" in tingdan(home, "install", SMALL_CN, code=3)
        assert server.asked["truncates"] >= 2
        folder = home / "data" / "models" / SMALL_CN
        assert not folder.exists()
        told = tingdan(home, "install", SMALL_CN, "--sha256", MODEL.archive_sha256)
    assert str(folder) in told and "MB" in told
    assert "whole" in tingdan(home, "verify", SMALL_CN)
    (folder / "README").write_text("x")
    assert "truncated" in tingdan(home, "verify", code=3)
    assert "Removed" in tingdan(home, "remove", SMALL_CN)
    assert not folder.exists()
    assert "not installed" in tingdan(home, "remove", SMALL_CN, code=2)
    assert "not installed" in tingdan(home, "verify", SMALL_CN, code=3)


def test_a_stick_is_imported_and_mistakes_are_told(home: Path, tmp_path: Path) -> None:
    source = tmp_path / f"{SMALL_CN}.zip"
    source.write_bytes(HONEST)
    assert "published checksum" in tingdan(home, "import", SMALL_CN, str(source), code=3)
    assert SMALL_CN in tingdan(home, "import", SMALL_CN, str(source), "--unchecked")
    assert "not compared with a published checksum" in tingdan(home, "verify")
    assert "does not exist" in tingdan(home, "import", SMALL_CN, str(tmp_path / "nowhere"), code=3)
    assert "no model siri" in tingdan(home, "import", "siri", str(source), code=2)
    assert "checksum" in tingdan(home, "install", "vosk-model-cn-0.22", "--address", "http://127.0.0.1:9/x.zip", code=2)


def test_removal_takes_the_deterministic_view_along(home: Path, tmp_path: Path) -> None:
    source = tmp_path / "model.zip"
    source.write_bytes(HONEST)
    folder = shelf.import_model(SMALL_CN, source, Trust(unchecked=True))
    view = deterministic(folder)
    assert view.parent.name == VIEWS and view.is_dir()
    assert shelf.remove_model(SMALL_CN) == folder
    assert not view.exists() and not folder.exists()
    with pytest.raises(AppError):
        shelf.remove_model(SMALL_CN)


@pytest.mark.shared
def test_the_zipformer_comes_from_a_folder_on_a_stick(home: Path, shared: Path) -> None:
    assert "Installed" in tingdan(home, "import", "zipformer-zh-3.3m", str(shared / "models" / "zipformer-zh-3.3m"))
    assert "whole" in tingdan(home, "verify", "zipformer-zh-3.3m")
