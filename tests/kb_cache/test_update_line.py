"""The ways to a publisher, each a real one: HTTPS of an intranet's authority (nginx), a proxy (tinyproxy), a broken line, a stick."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.errors import AppError
from app.platform.clock import SystemClock
from app.signed.line import UpdateLine
from kb_cache.receipts import ReceiptFolder
from kb_cache.update_child import UpdateChild
from kb_cache.update_order import Looked, UpdatePlan
from kb_cache.updater import KnowledgeUpdater
from tests.kb_cache.publishing import Desk, new_publisher, rows
from tests.tls_authority import make_authority

NGINX = """
worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off; {user}
events {{ worker_connections 64; }}
http {{ access_log {folder}/access.log combined; client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2;
  fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5; {more}
  server {{ listen 127.0.0.1:{port}{tls}; root {root}; }} }}
"""
PROXY = 'Port {port}\nListen 127.0.0.1\nAllow 127.0.0.1\nTimeout 30\nMaxClients 10\nLogFile "{folder}/proxy.log"\nLogLevel Connect\n'


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(port: int, *command: str) -> Iterator[None]:
    """A server program, until it listens."""
    found = shutil.which(command[0]) or shutil.which(command[0], path="/usr/sbin:/usr/bin")
    if found is None:
        pytest.skip(f"{command[0]} is not installed")
    child = subprocess.Popen([found, *command[1:]], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield
    finally:
        child.terminate()
        child.wait(30)


@contextlib.contextmanager
def nginx(folder: Path, root: Path, tls: Path | None = None, more: str = "", port: int = 0) -> Iterator[str]:
    """nginx on a folder; gives its address."""
    port = port or free_port()
    folder.mkdir(exist_ok=True)
    secure = f" ssl; ssl_certificate {tls}/server.pem; ssl_certificate_key {tls}/server.key" if tls else ""
    user = "user root;" if os.name == "posix" and os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, root=root, tls=secure, more=more, user=user))
    with running(port, "nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")):
        yield f"http{'s' if tls else ''}://127.0.0.1:{port}"


@contextlib.contextmanager
def proxy(folder: Path) -> Iterator[str]:
    """tinyproxy; gives its address."""
    port = free_port()
    (folder / "proxy.conf").write_text(PROXY.format(port=port, folder=folder))
    with running(port, "tinyproxy", "-d", "-c", str(folder / "proxy.conf")):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    return make_authority(tmp_path_factory.mktemp("tls"), {"server": ("IP:127.0.0.1", 30)})


@pytest.fixture
def published(tmp_path: Path) -> Desk:
    """A desk that trusts a publisher with one release; ``address`` is its folder."""
    publisher = new_publisher(tmp_path / "repo")
    publisher.publish(rows(), "stable", "v1")
    return Desk(tmp_path / "desk", str(publisher.public)).trusting(publisher)


def look(desk: Desk, line: UpdateLine) -> Looked:
    receipts = ReceiptFolder(desk.installed.folder / "receipts")
    return KnowledgeUpdater(desk.installed, desk.cache, UpdatePlan(line, desk.channel), SystemClock(), receipts).look()


def refused(desk: Desk, line: UpdateLine) -> str:
    with pytest.raises(AppError) as caught:
        look(desk, line)
    assert desk.receipts()[-1] == caught.value.key
    return caught.value.key


def test_https_of_the_intranets_authority_and_of_nobody_else(published: Desk, authority: Path, tmp_path: Path) -> None:
    with nginx(tmp_path / "nginx", Path(published.address), authority) as address:
        assert refused(published, UpdateLine(address, proxy="none")) == "kb_update.unreachable"  # the system knows no such authority
        other = make_authority(tmp_path, {})
        assert refused(published, UpdateLine(address, other / "ca.pem", "none")) == "kb_update.unreachable"
        assert refused(published, UpdateLine(address, other / "ca.key", "none")) == "kb_update.certificate_unusable"
        assert published.answers()[1] == "sample"
        assert look(published, UpdateLine(address, authority / "ca.pem", "none")).result == "installed"
    assert published.answers()[:2] == ("v1", "installed")


def test_through_a_proxy_named_in_the_settings_or_by_the_system(published: Desk, authority: Path, tmp_path: Path,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "proxy.log"
    with nginx(tmp_path / "nginx", Path(published.address), authority) as address, proxy(tmp_path) as through:
        line = UpdateLine(address, authority / "ca.pem", through)
        assert look(published, line).result == "installed"
        tunnels = log.read_text().count("CONNECT 127.0.0.1:")
        assert tunnels >= 1
        monkeypatch.setenv("https_proxy", through)
        monkeypatch.setenv("no_proxy", "")
        assert look(published, UpdateLine(address, authority / "ca.pem", "system")).result == "current"
        assert log.read_text().count("CONNECT 127.0.0.1:") > tunnels
    assert refused(published, line) == "kb_update.unreachable"
    assert published.answers()[:2] == ("v1", "installed")
    with nginx(tmp_path / "plain", Path(published.address)) as address, proxy(tmp_path) as through:
        assert look(published, UpdateLine(address, proxy=through)).result == "current"
        assert "GET http://127.0.0.1:" in log.read_text()


def test_a_desk_killed_in_a_download_goes_on_where_it_ended_at_a_real_server(tmp_path: Path) -> None:
    port = free_port()
    publisher = new_publisher(tmp_path / "large")
    noise = {f"m{n}": f'{{"answer":"{os.urandom(150).hex()}","id":"m{n}","title":"条目{n}"}}' for n in range(1500)}
    size = publisher.publish(noise, "stable", "v1").full_bytes
    root, desk = publisher.public, Desk(tmp_path / "another", "").trusting(publisher)
    download = desk.installed.folder / "download"
    with nginx(tmp_path / "nginx", root, more=f"limit_rate {size // 20};", port=port) as address:
        plan = UpdatePlan(UpdateLine(address, proxy="none"), "stable")
        child = UpdateChild(desk.installed, desk.cache, plan, SystemClock(), ReceiptFolder(desk.installed.folder / "receipts"))
        faults: list[str] = []

        def run() -> None:
            try:
                child.look()
            except AppError as error:
                faults.append(error.key)

        thread = threading.Thread(target=run)
        thread.start()
        for _ in range(1200):
            if sum(path.stat().st_size for path in download.glob("*")) > 0:
                break
            time.sleep(0.05)
        os.kill(child.pid, signal.SIGKILL)
        thread.join(60)
    assert faults == ["kb_update.ended"]
    have = sum(path.stat().st_size for path in download.glob("*"))
    assert 0 < have < size
    with nginx(tmp_path / "nginx", root, port=port) as address:
        assert look(desk, UpdateLine(address, proxy="none")).fetched_bytes < size
    asked = [line for line in (tmp_path / "nginx" / "access.log").read_text().splitlines() if ".full-1." in line]
    assert [line.split('" ')[1].split()[0] for line in asked] == ["200", "206"]
    assert asked[1].split('" ')[1].split()[1] == str(size - have)
    assert desk.answers() == ("v1", "installed", 1500)


def test_a_real_server_that_is_too_slow_is_given_up(published: Desk, tmp_path: Path) -> None:
    with nginx(tmp_path / "nginx", Path(published.address), more="limit_rate 200;") as address:
        assert refused(published, UpdateLine(address, proxy="none", grace_s=0.3, least_bytes_per_s=100_000)) == "kb_update.slow"


def test_a_stick_with_half_a_copy_is_refused_and_a_whole_one_taken(published: Desk, tmp_path: Path) -> None:
    stick = tmp_path / "U 盘" / "知识库"
    shutil.copytree(published.address, stick)
    full, = stick.glob("targets/stable/*.full-1.jsonl.zst")
    kept = full.read_bytes()
    full.write_bytes(kept[:100])
    assert refused(published, UpdateLine(str(stick))) in ("kb_update.unreachable", "kb_update.untrusted")
    full.unlink()
    assert refused(published, UpdateLine(str(stick))) == "kb_update.unreachable"
    (stick / "metadata" / "timestamp.json").rename(stick / "timestamp.json")
    assert refused(published, UpdateLine(stick.as_uri())) == "kb_update.unreachable"
    (stick / "timestamp.json").rename(stick / "metadata" / "timestamp.json")
    full.write_bytes(kept)
    assert published.answers()[1] == "sample"
    assert look(published, UpdateLine(stick.as_uri())).result == "installed"
    shutil.rmtree(stick)
    assert refused(published, UpdateLine(str(stick))) == "kb_update.unreachable"
    assert published.answers()[:2] == ("v1", "installed")
