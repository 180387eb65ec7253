"""Attacks on the way to the desk, each run against the real updater over a real web server, with what lies on the disk asserted.

After every refusal the same bytes are in use as before, they open, and IT is told.
"""

from __future__ import annotations

import json
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tuf.api.metadata import Metadata, TargetFile

from app.domain.errors import AppError, EnvironmentFault, OperatorVisibleError
from app.domain.knowledge import KnowledgeEntry, KnowledgeQuery
from kb_cache import rows as packing
from kb_cache.channel import ChannelPageError, from_bytes
from kb_cache.live import LiveKnowledge
from kb_cache.opening import open_default
from kb_cache.publisher import Publisher
from kb_cache.rows import PackedFileError, canonical, unpack
from tests.kb_cache.publishing import (
    Desk,
    ShiftedClock,
    StaticServer,
    answer_with,
    new_publisher,
    page_of,
    reopened,
    rows,
    serving,
)


class Scene:
    """A publisher behind a web server and a desk that has its first release."""

    def __init__(self, folder: Path, server: StaticServer, publisher: Publisher) -> None:
        self.server, self.publisher = server, publisher
        self.desk = Desk(folder / "desk", server.address).trusting(publisher)
        self.desk.look()
        self.before = self.desk.disk()

    def refused(self, *keys: str) -> AppError:
        """A look that must fail with one of these keys and leave everything as it was."""
        with pytest.raises(AppError) as caught:
            self.desk.look()
        assert caught.value.key in keys, caught.value
        assert self.desk.disk() == self.before
        assert self.desk.answers()[:2] == ("v1", "installed")
        assert self.desk.receipts()[-1] == caught.value.key
        return caught.value


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    publisher = new_publisher(tmp_path / "repo")
    publisher.publish(rows(), "stable", "v1")
    with serving(publisher.public) as server:
        yield Scene(tmp_path, server, publisher)


def test_rollback_to_an_older_signed_state_is_refused(scene: Scene, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(scene.publisher.public, old)
    scene.publisher.publish(rows(e1="新答复"), "stable", "v2")
    scene.desk.look()
    scene.before = scene.desk.disk()
    with serving(old) as server:
        scene.desk.address = server.address
        with pytest.raises(AppError) as caught:
            scene.desk.look()
        assert caught.value.key == "kb_update.untrusted"
        assert scene.desk.disk() == scene.before and scene.desk.answers()[0] == "v2"
        shutil.rmtree(scene.desk.installed.folder / "tuf")  # even where the verified copy is lost
        with pytest.raises(AppError) as caught:
            scene.desk.look()
        assert caught.value.key == "kb_update.rollback"
        assert scene.desk.disk() == scene.before


def test_freeze_is_noticed_when_the_timestamp_expires(tmp_path: Path) -> None:
    publisher = new_publisher(tmp_path / "repo", ShiftedClock(-6.9))
    publisher.publish(rows(), "stable", "v1")
    with serving(publisher.public) as server:
        scene = Scene(tmp_path, server, publisher)
        stale = reopened(publisher, ShiftedClock(-10))
        stale.refresh()  # what a frozen server goes on offering: signed, newest, over
        scene.refused("kb_update.expired")
        reopened(publisher).refresh()
        assert scene.desk.look().result == "current"


def test_mix_and_match_of_two_states_is_refused(scene: Scene, tmp_path: Path) -> None:
    metadata = scene.publisher.public / "metadata"
    old = (metadata / "2.targets.json").read_bytes()
    scene.publisher.publish(rows(e1="新答复"), "stable", "v2")
    (metadata / "3.targets.json").write_bytes(old)
    scene.refused("kb_update.untrusted")


@pytest.mark.parametrize("name", ["full-2.jsonl.zst", "delta-1-2.jsonl.zst", "channel.json"])
def test_an_arbitrary_target_in_place_of_the_signed_one_is_refused(scene: Scene, name: str) -> None:
    scene.publisher.publish(rows(e1="新答复"), "stable", "v2")
    other = packing.pack(packing.changes_between({}, rows(3), 0, 2))[0]
    for path in (scene.publisher.public / "targets" / "stable").glob(f"*{name}"):
        path.write_bytes(other[: path.stat().st_size].ljust(path.stat().st_size, b"\0"))
    if name == "full-2.jsonl.zst":  # the delta still leads there
        assert scene.desk.look().result == "installed"
        return
    if name.startswith("delta"):  # and the full file where the delta is spoilt
        assert scene.desk.look().result == "installed" and scene.desk.answers()[0] == "v2"
        return
    scene.refused("kb_update.untrusted")


def endless(handler: object) -> None:
    handler.send_response(200)  # type: ignore[attr-defined]
    handler.end_headers()  # type: ignore[attr-defined]
    handler.close_connection = True  # type: ignore[attr-defined]
    try:
        while True:
            handler.wfile.write(b"0" * 65536)  # type: ignore[attr-defined]
    except OSError:
        pass


@pytest.mark.parametrize("part", ["timestamp.json", "snapshot.json", "targets.json", "channel.json", "full-"])
def test_endless_data_is_cut_at_what_was_signed(scene: Scene, part: str) -> None:
    scene.publisher.publish(rows(e1="新答复"), "stable", "v2")
    scene.server.tampering = {part: endless, "delta-": answer_with(b"", 0)}
    error = scene.refused("kb_update.too_long", "kb_update.unreachable")
    assert error is not None
    used = sum(path.stat().st_size for path in scene.desk.installed.folder.rglob("*") if path.is_file())
    assert used < 1 << 20


def test_a_server_that_drips_is_given_up(scene: Scene) -> None:
    stop = threading.Event()

    def drip(handler: object) -> None:
        handler.send_response(200)  # type: ignore[attr-defined]
        handler.end_headers()  # type: ignore[attr-defined]
        handler.close_connection = True  # type: ignore[attr-defined]
        try:
            while not stop.wait(0.02):
                handler.wfile.write(b"{")  # type: ignore[attr-defined]
        except OSError:
            pass

    scene.server.tampering = {"timestamp.json": drip}
    scene.desk.line = {"grace_s": 0.3, "least_bytes_per_s": 100_000}
    try:
        scene.refused("kb_update.slow")
    finally:
        stop.set()


def test_a_server_that_says_nothing_is_given_up(tmp_path: Path, scene: Scene) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        scene.desk.address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        scene.desk.line = {"stall_s": 0.3}
        scene.refused("kb_update.unreachable")


def test_metadata_signed_by_other_keys_is_refused(scene: Scene, tmp_path: Path) -> None:
    thief = new_publisher(tmp_path / "thief")
    for version in range(3):
        thief.publish(rows(e1=f"骗人{version}"), "stable", f"v{version + 2}")
    with serving(thief.public) as server:
        scene.desk.address = server.address
        scene.refused("kb_update.untrusted")


def test_a_stolen_online_key_cannot_publish(scene: Scene, tmp_path: Path) -> None:
    """With snapshot and timestamp keys alone a thief cannot make desks take another list of targets."""
    metadata = scene.publisher.public / "metadata"
    forged = Metadata.from_file(str(metadata / "2.targets.json"))
    evil = canonical({"id": "e1", "title": "骗人"}).encode()
    forged.signed.targets["stable/channel.json"] = TargetFile.from_data("stable/channel.json", evil, ["sha256"])  # type: ignore[attr-defined]
    forged.signed.version = 3
    (metadata / "3.targets.json").write_bytes(forged.to_bytes())
    scene.publisher.signed._sign_online(scene.publisher.signed.root().signed, 3)
    scene.refused("kb_update.untrusted")


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", "root"])
def test_key_rotation_is_followed(scene: Scene, role: str) -> None:
    publisher = reopened(scene.publisher)
    publisher.rotate(role, publisher.folder / ("keys" if role in ("timestamp", "snapshot") else "offline"))
    publisher.publish(rows(e1="换钥匙以后"), "stable", "v2")
    assert scene.desk.look().result == "installed"
    assert scene.desk.answers()[0] == "v2"


def test_a_root_signed_by_one_key_only_is_refused(scene: Scene) -> None:
    publisher = reopened(scene.publisher)
    for path in sorted((publisher.folder / "offline").glob("root-*.pem"))[:2]:
        path.unlink()
    with pytest.raises(OperatorVisibleError) as caught:
        publisher.rotate("timestamp", publisher.folder / "keys")
    assert caught.value.key == "kb_publish.keys_missing"
    root = publisher.signed.root()
    root.signed.version = 2
    root.signatures.clear()
    root.sign(publisher._keys.signers("root", root.signed.keys.values())[0])
    (publisher.public / "metadata" / "2.root.json").write_bytes(root.to_bytes())
    scene.refused("kb_update.untrusted")


def test_expired_targets_are_refused(scene: Scene) -> None:
    publisher = reopened(scene.publisher, ShiftedClock(-181))
    publisher.publish(rows(e1="新答复"), "stable", "v2")
    reopened(publisher).refresh()
    scene.refused("kb_update.expired")


def test_rows_that_somebody_wrote_into_are_not_opened_and_are_repaired(scene: Scene) -> None:
    folder = scene.desk.installed.folder
    current = scene.desk.installed.state().current
    assert current is not None
    path = folder / current.file
    data = bytearray(path.read_bytes())
    at = data.find("窗口".encode())
    data[at:at + 6] = "骗人".encode()
    path.write_bytes(bytes(data))
    for index in scene.desk.cache.glob("kb-*.sqlite"):
        index.unlink()
    assert scene.desk.answers()[1] == "sample"
    assert scene.desk.look().result == "installed"
    assert scene.desk.answers()[:2] == ("v1", "installed")
    assert "骗人" not in path.read_bytes().decode("utf-8", "replace")


def test_a_spoilt_index_is_made_anew_from_the_rows(scene: Scene) -> None:
    for index in scene.desk.cache.glob("kb-*.sqlite"):
        index.write_bytes(index.read_bytes()[:-1] + b"\x55")
    assert scene.desk.answers() == ("v1", "installed", 6)


def test_a_lost_pointer_leaves_the_newest_rows_in_use(scene: Scene) -> None:
    (scene.desk.installed.folder / "state.json").write_bytes(b"{")
    assert scene.desk.answers()[0] == "v1"
    assert scene.desk.look().result == "installed"
    assert scene.desk.answers()[:2] == ("v1", "installed")


@pytest.mark.parametrize("target", ["../../etc/x", "stable/../../x", "/abs/full-1.jsonl.zst", "stable/full-1.jsonl.zst/../x", "stable\\x"])
def test_no_name_in_a_page_leads_out_of_the_folder(scene: Scene, target: str) -> None:
    page = page_of(scene.publisher)
    page["releases"][0]["full"]["target"] = target  # type: ignore[index]
    with pytest.raises(ChannelPageError):
        from_bytes(json.dumps(page).encode())


def test_an_entry_id_that_looks_like_a_path_is_only_a_text(scene: Scene, tmp_path: Path) -> None:
    evil = {"../../../evil": canonical({"id": "../../../evil", "title": "路径"})}
    files = {path for path in tmp_path.rglob("*") if "repo" not in path.parts}
    scene.publisher.publish({**rows(), **evil}, "stable", "v2")
    scene.desk.look()
    new = {path for path in tmp_path.rglob("*") if "repo" not in path.parts} - files
    assert all(scene.desk.home in path.parents for path in new)
    assert scene.desk.answers()[2] == 7


def test_a_bomb_is_not_unpacked(scene: Scene, tmp_path: Path) -> None:
    """64 MiB of nothing behind a few kilobytes, signed as small: refused after the signed size, nothing of it on the disk."""
    bomb = packing.zstd.compress(b'{"put":' + b" " * (64 << 20))
    path = tmp_path / "bomb"
    path.write_bytes(bomb)
    assert len(bomb) < 20_000
    with pytest.raises(PackedFileError, match=r"size|line"):
        unpack(path, 100_000)
    with pytest.raises(PackedFileError, match="size"):
        unpack(path, 1 << 40)
    for plain, reason in ((b"[[[" * 10, "json|cut"), (b'{"format":9}\n', "head")):
        path.write_bytes(packing.zstd.compress(plain))
        with pytest.raises(PackedFileError, match=reason):
            unpack(path, len(plain))
    path.write_bytes(b"not zstd at all")
    with pytest.raises(PackedFileError, match="zstd"):
        unpack(path, 100)


def test_html_in_a_signed_row_never_reaches_the_window(scene: Scene) -> None:
    evil = {"id": "e1", "title": "补办<img src=x onerror=alert(1)>",
            "answer": "<script>alert(2)</script>带身份证<a href='javascript:x'>来</a>",
            "speakable": "&lt;script&gt;alert(3)&lt;/script&gt;可以。"}
    scene.publisher.publish({**rows(), "e1": canonical(evil)}, "stable", "v2")
    scene.desk.look()
    opened = open_default(None, scene.desk.cache, scene.desk.installed)
    entry = opened.knowledge.get("e1")
    opened.knowledge.close()
    assert isinstance(entry, KnowledgeEntry)
    whole = f"{entry.title}{entry.answer}{entry.speakable}"
    assert "带身份证" in whole and not any(bad in whole for bad in ("<", "alert", "onerror", "javascript"))


def test_a_recall_takes_an_entry_out_within_one_look(scene: Scene) -> None:
    live = LiveKnowledge(scene.desk.home / "kb", scene.desk.cache, scene.desk.installed)
    query = KnowledgeQuery("第2号证件遗失补办")
    assert live.search(query)[0].entry.id == "e2"
    assert scene.publisher.recall("stable", "e2", "依据已废止") == "第2号证件遗失补办"
    news = scene.desk.look().news
    assert news is not None and news.recalled == {"e2"}
    assert "e2" not in {one.entry.id for one in live.search(query)}
    marked = live.get("e2")
    assert marked is not None and "依据已废止" in marked.speakable and "可以补办" not in marked.speakable + marked.answer
    scene.publisher.end_recall("stable", "e2")
    scene.desk.look()
    assert live.search(query)[0].entry.id == "e2"
    live.close()


def test_a_cut_transfer_goes_on_where_it_ended(scene: Scene) -> None:
    many = {f"m{n}": canonical({"id": f"m{n}", "title": f"条目{n}", "answer": f"{n * 7919 % 10007}" * 20}) for n in range(3000)}
    scene.publisher.publish(many, "stable", "v2")
    target = next((scene.publisher.public / "targets" / "stable").glob("*.full-2.jsonl.zst"))
    data = target.read_bytes()
    cuts: list[Callable[[object], None]] = [answer_with(data[: len(data) // 2], len(data))]

    def cut_once(handler: object) -> None:
        scene.server.tampering = {}
        cuts[0](handler)

    scene.server.tampering = {"full-2": cut_once, "delta-": answer_with(b"", 0)}
    for path in (scene.publisher.public / "targets" / "stable").glob("*delta-1-2*"):
        path.unlink()
    assert scene.desk.look().result == "installed"
    asked = [ranged for path, ranged in scene.server.asked if "full-2" in path]
    assert asked == ["", f"bytes={len(data) // 2}-"]
    assert scene.desk.answers() == ("v2", "installed", 3000)


def test_environment_fault_is_what_a_dead_server_is(scene: Scene) -> None:
    scene.desk.address = "http://127.0.0.1:9"
    assert isinstance(scene.refused("kb_update.unreachable"), EnvironmentFault)
