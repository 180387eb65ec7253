"""Finding, checking and installing models: damaged folders, hostile archives, and a web server that misbehaves."""

from __future__ import annotations

import hashlib
import io
import os
import random
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.platform import messages, paths
from asr.health import speech_checks
from asr.models.catalogue import LANGUAGE_MODEL, WHISPER, ZIPFORMER, ModelEntry, ModelFile, entries, entry
from asr.models.choice import choose_engine
from asr.models.download import Patience
from asr.models.find import find_language_model, find_model, models_dir
from asr.models.install import install, install_from
from asr.models.lm_install import install_language_model
from asr.models.verify import verify
from tests.asr.release_server import serving

CONTENTS = {name: random.Random(name).randbytes(size) for name, size in (("encoder.onnx", 90_000), ("tokens.txt", 700))}
SMALL = ModelEntry(
    "small", "A small model", "Apache-2.0", "tests", "small", max_archive_bytes=200_000,
    files=tuple(ModelFile(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in CONTENTS.items()))
QUICK = Patience(connect_s=2.0, stall_s=0.5, tries=4, pause_s=0.01)


def archive(contents: dict[str, bytes], prefix: str = "release/", mode: str = "w:bz2") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as tar:
        for name, data in contents.items():
            info = tarfile.TarInfo(prefix + name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return stream.getvalue()


HONEST = archive({**CONTENTS, "README.md": b"hello"})


def model_folder(folder: Path, contents: dict[str, bytes] | None = None) -> Path:
    folder.mkdir(parents=True)
    for name, data in (contents or CONTENTS).items():
        (folder / name).write_bytes(data)
    return folder


def nothing(done: int, total: int | None) -> None:
    """Progress that nobody watches."""


# ------------------------------------------------------------------ folders


def test_a_model_is_found_in_the_documented_order(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_model(model=SMALL).folder is None
    installed = model_folder(models_dir() / "small")
    assert find_model(model=SMALL).origin == "installed"
    parent = tmp_path / "parent"
    below = model_folder(parent / "small")
    monkeypatch.setenv("TINGDAN_MODELS", os.pathsep.join([str(tmp_path / "nothing"), str(parent)]))
    assert (find_model(model=SMALL).folder, find_model(model=SMALL).origin) == (below, "environment")
    own = model_folder(tmp_path / "any name")
    assert (find_model(own, SMALL).folder, find_model(own, SMALL).origin) == (own, "configured")
    monkeypatch.setenv("TINGDAN_MODELS", str(own))
    assert find_model(model=SMALL).folder == own
    assert verify(installed, SMALL) == []


@pytest.mark.parametrize(("damage", "key"), [
    (lambda f: f.unlink(), "asr.model_file_missing"),
    (lambda f: f.write_bytes(f.read_bytes()[:-1]), "asr.model_file_truncated"),
    (lambda f: f.write_bytes(f.read_bytes()[:-1] + b"\x00"), "asr.model_file_wrong"),
    (lambda f: f.write_bytes(f.read_bytes() + b"\x00"), "asr.model_file_wrong"),
])
def test_each_kind_of_damage_is_told_by_file(home: Path, tmp_path: Path, damage: Callable[[Path], object], key: str) -> None:
    folder = model_folder(tmp_path / "model")
    damage(folder / "encoder.onnx")
    status = find_model(folder, SMALL)
    assert not status.usable
    assert [(p.key, p.params["file"]) for p in status.problems] == [(key, "encoder.onnx")]
    for language in ("zh", "en"):
        told = messages.text(key, status.problems[0].params, language)
        assert "encoder.onnx" in told and "{" not in told


def test_a_named_folder_that_does_not_exist_is_told(home: Path, tmp_path: Path) -> None:
    status = find_model(tmp_path / "nowhere", SMALL)
    assert [p.key for p in status.problems] == ["asr.model_missing"]


def test_a_damaged_named_model_is_not_silently_replaced(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "zipformer-zh-3.3m"
    folder.mkdir()
    (folder / "tokens.txt").write_text("<blk> 0\n")
    monkeypatch.setenv("TINGDAN_MODELS", str(tmp_path))
    with pytest.raises(EnvironmentFault) as told:
        choose_engine()
    assert told.value.key == "asr.model_file_missing"
    checks = speech_checks()
    assert not checks[0].ok and checks[0].remedy == "python -m asr.setup"
    assert [c.ok for c in checks if c.name == "speech.model"] == [False]


def test_an_unknown_engine_is_the_operators_mistake(home: Path) -> None:
    with pytest.raises(OperatorVisibleError) as told:
        choose_engine("siri")
    assert told.value.key == "asr.engine_unknown"


def test_without_any_model_the_way_out_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TINGDAN_MODELS", raising=False)
    with pytest.raises(EnvironmentFault) as told:
        choose_engine("zipformer")
    assert told.value.key == "asr.no_model"
    assert "asr.setup" in messages.describe(told.value)


def test_the_catalogue_names_licence_and_checksums() -> None:
    assert set(entries()) >= {ZIPFORMER, WHISPER, LANGUAGE_MODEL, "vosk-model-small-cn-0.22", "vosk-model-cn-0.22"}
    for model in entries().values():
        assert model.licence and model.publisher and model.title and model.engine and model.folder == model.id
        assert not model.archive_sha256 or (len(model.archive_sha256) == 64 and model.archive_bytes > 0)
        assert model.files or model.package or (model.by_archive and model.address.startswith("https://"))
        assert all(len(f.sha256) == 64 and f.bytes > 0 for f in model.files)
    assert entry(ZIPFORMER).address.startswith("https://github.com/k2-fsa/sherpa-onnx/releases/download/kws-models/")


@pytest.mark.shared
def test_the_published_model_has_the_catalogues_checksums(shared: Path) -> None:
    assert verify(shared / "models" / ZIPFORMER, entry(ZIPFORMER)) == []


# ------------------------------------------------------------------ downloads


def test_an_honest_release_is_installed_whole(home: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    with serving(HONEST) as server:
        folder = install(lambda done, total: seen.append((done, total)), server.address("honest"), SMALL, QUICK)
    assert sorted(p.name for p in folder.iterdir()) == sorted(CONTENTS)
    assert verify(folder, SMALL) == []
    assert seen[-1] == (len(HONEST), len(HONEST))
    assert [p.name for p in models_dir().iterdir()] == ["small"]


@pytest.mark.parametrize("behaviour", ["truncates", "stalls", "redirect", "busy", "norange", "changes"])
def test_a_weak_line_ends_with_the_right_bytes(home: Path, behaviour: str) -> None:
    with serving(HONEST, archive({"encoder.onnx": b"an older release"} | CONTENTS)) as server:
        folder = install(nothing, server.address(behaviour), SMALL, QUICK)
        assert verify(folder, SMALL) == []
        if behaviour == "truncates":
            assert [int(asked[6:-1]) > 20_000 * (n + 1) for n, asked in enumerate(server.ranges)] == [True, True]


def test_a_download_goes_on_in_a_later_run(home: Path) -> None:
    once = Patience(connect_s=2.0, stall_s=0.5, tries=1)
    with serving(HONEST) as server:
        with pytest.raises(EnvironmentFault) as told:
            install(nothing, server.address("truncates"), SMALL, once)
        assert told.value.key == "asr.download_cut"
        server.asked["truncates"] = 2
        folder = install(nothing, server.address("truncates"), SMALL, once)
        assert [int(asked[6:-1]) > 20_000 for asked in server.ranges] == [True]
    assert verify(folder, SMALL) == []


@pytest.mark.parametrize(("behaviour", "keys"), [
    ("cuts", {"asr.download_cut"}),
    ("silent", {"asr.download_cut"}),
    ("missing", {"asr.download_refused"}),
    ("loop", {"asr.download_refused"}),
    ("tofile", {"asr.download_refused"}),
    ("huge", {"asr.download_too_large"}),
    ("endless", {"asr.download_too_large"}),
    ("lies", {"asr.model_file_wrong", "asr.model_file_truncated"}),
])
def test_a_bad_server_leaves_the_installed_model_as_it_was(home: Path, behaviour: str, keys: set[str]) -> None:
    model_folder(models_dir() / "small")
    wrong = archive({**CONTENTS, "encoder.onnx": CONTENTS["encoder.onnx"][::-1]})
    with serving(HONEST, wrong) as server, pytest.raises(EnvironmentFault) as told:
        install(nothing, server.address(behaviour), SMALL, Patience(2.0, 0.3, 2, 0.01))
    assert told.value.key in keys
    assert messages.describe(told.value, "zh") != told.value.key
    assert verify(models_dir() / "small", SMALL) == []
    assert [p.name for p in models_dir().iterdir()] == ["small"]


def test_a_lying_download_is_fetched_anew_next_time(home: Path) -> None:
    wrong = archive({**CONTENTS, "encoder.onnx": CONTENTS["encoder.onnx"][::-1]})
    with serving(HONEST, wrong) as server:
        with pytest.raises(EnvironmentFault):
            install(nothing, server.address("lies"), SMALL, QUICK)
        assert verify(install(nothing, server.address("honest"), SMALL, QUICK), SMALL) == []
    assert list((paths.cache_dir() / "downloads").iterdir()) == []


def test_nobody_there(home: Path) -> None:
    with serving(HONEST) as server:
        address = server.address("honest")
    with pytest.raises(EnvironmentFault) as told:
        install(nothing, address, SMALL, QUICK)
    assert told.value.key == "asr.download_unreachable"
    with pytest.raises(EnvironmentFault) as told:
        install(nothing, "file:///etc/hostname", SMALL, QUICK)
    assert told.value.key == "asr.download_address"


# ------------------------------------------------------------------ archives and folders on a stick


@pytest.mark.parametrize("kind", ["folder", "tar", "gz", "zip"])
def test_import_from_a_stick(home: Path, tmp_path: Path, kind: str) -> None:
    source = tmp_path / f"model.{kind}"
    if kind == "folder":
        model_folder(source)
    elif kind == "zip":
        with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as box:
            for name, data in CONTENTS.items():
                box.writestr(f"a/b/{name}", data)
    else:
        source.write_bytes(archive(CONTENTS, mode="w" if kind == "tar" else "w:gz"))
    assert verify(install_from(source, SMALL), SMALL) == []


def hostile(kind: str) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:bz2") as tar:
        if kind == "link":
            info = tarfile.TarInfo("release/encoder.onnx")
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(info)
        elif kind == "bomb":
            info = tarfile.TarInfo("release/padding.bin")
            info.size = 60_000_000
            tar.addfile(info, io.BytesIO(bytes(info.size)))
        elif kind == "many":
            for number in range(2_100):
                tar.addfile(tarfile.TarInfo(f"release/{number}"))
        else:
            info = tarfile.TarInfo(kind)
            info.size = 4
            tar.addfile(info, io.BytesIO(b"evil"))
    return stream.getvalue()


@pytest.mark.parametrize(("kind", "key"), [
    ("../../../outside/encoder.onnx", "asr.archive_unsafe"),
    ("/tmp/encoder.onnx", "asr.archive_unsafe"),
    ("C:\\windows\\encoder.onnx", "asr.archive_unsafe"),
    ("a\\..\\..\\encoder.onnx", "asr.archive_unsafe"),
    ("link", "asr.archive_unsafe"),
    ("bomb", "asr.archive_too_large"),
    ("many", "asr.archive_too_large"),
])
def test_a_hostile_archive_is_refused_and_leaves_nothing(home: Path, tmp_path: Path, kind: str, key: str) -> None:
    source = tmp_path / "model.tar.bz2"
    source.write_bytes(hostile(kind))
    before = {p for p in tmp_path.rglob("*") if "home" not in p.parts}
    with pytest.raises(EnvironmentFault) as told:
        install_from(source, SMALL)
    assert told.value.key == key
    assert {p for p in tmp_path.rglob("*") if "home" not in p.parts} == before
    assert list(models_dir().iterdir()) == []


def test_a_zip_bomb_is_refused(home: Path, tmp_path: Path) -> None:
    source = tmp_path / "model.zip"
    with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr("encoder.onnx", bytes(500_000))
    with pytest.raises(EnvironmentFault) as told:
        install_from(source, SMALL)
    assert told.value.key == "asr.archive_too_large"


@pytest.mark.parametrize("content", [b"", b"not an archive", HONEST[:30_000], HONEST[:40] + b"\x00" * 40 + HONEST[80:]])
def test_a_damaged_archive_is_told(home: Path, tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "model.tar.bz2"
    source.write_bytes(content)
    with pytest.raises(EnvironmentFault) as told:
        install_from(source, SMALL)
    assert told.value.key in ("asr.archive_damaged", "asr.model_file_missing")
    assert list(models_dir().iterdir()) == []


# ------------------------------------------------------------------ language model


def deb(members: dict[str, bytes]) -> bytes:
    """An ar archive as dpkg makes it."""
    out = b"!<arch>\n"
    for name, data in members.items():
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode() + data + b"\n" * (len(data) % 2)
    return out


@pytest.mark.parametrize("content", [
    b"", b"!<arch>\n", deb({"debian-binary": b"2.0\n"}), deb({"data.tar.xz": b"xz?"}),
    deb({"data.tar.xz": archive({"other.lm": b"x"}, mode="w:xz")}),
    deb({"data.tar.xz": archive(CONTENTS, mode="w:xz")})[:9_000],
    deb({"data.tar.xz": archive({"zh_CN.lm": b"no language model"}, prefix="./usr/lib/libime/", mode="w:xz")}),
])
def test_a_damaged_language_model_package_is_told(home: Path, tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "libime.deb"
    source.write_bytes(content)
    with pytest.raises(EnvironmentFault) as told:
        install_language_model(source)
    assert messages.describe(told.value, "en") != told.value.key
    assert find_language_model().folder is None


def test_the_language_model_comes_from_debian(home: Path) -> None:
    try:
        folder = install_language_model()
    except EnvironmentFault as fault:
        if fault.key == "asr.lm_package_unreachable":
            pytest.skip("no Debian package source can be reached")
        raise
    assert find_language_model().folder == folder
