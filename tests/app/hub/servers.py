"""Real servers for the hub's tests and its bench: PostgreSQL in a folder of its own, and the hub as a user starts it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

DEADLINE_S = 90.0
REPOSITORY = Path(__file__).resolve().parents[3]


def postgresql_programs() -> Path | None:
    """Folder of initdb and postgres, newest version first; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]), reverse=True)
    on_path = shutil.which("initdb")
    return found[0].parent if found else Path(on_path).parent if on_path else None


@contextmanager
def postgresql(folder: Path | None = None, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """A cluster of our own on a Unix socket; gives the URL of its database ``postgres``. It refuses to run as root: then as nobody."""
    programs = postgresql_programs()
    assert programs is not None
    home = Path(tempfile.mkdtemp(prefix="tingdan-pg-", dir=folder))
    user = "nobody" if os.geteuid() == 0 else None
    if user is not None:
        home.chmod(0o700)
        os.chown(home, pwd.getpwnam(user).pw_uid, -1)
    try:
        subprocess.run([programs / "initdb", "-D", home / "data", "-U", "hub", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
                       user=user, cwd=home, check=True, capture_output=True, timeout=DEADLINE_S)
        options = {"listen_addresses": "", "unix_socket_directories": str(home), "max_connections": "100", **(settings or {})}
        command = [str(programs / "postgres"), "-D", str(home / "data")]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with (home / "log").open("wb") as log:
            server = subprocess.Popen(command, user=user, cwd=home, stdout=log, stderr=log)
        try:
            wait_until(lambda: (home / ".s.PGSQL.5432").exists() and _takes_connections(home), server)
            yield f"postgresql+psycopg://hub@/postgres?host={home}"
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown: sessions are ended
            server.wait(DEADLINE_S)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _takes_connections(home: Path) -> bool:
    import psycopg

    try:
        psycopg.connect(f"host={home} user=hub dbname=postgres", connect_timeout=2).close()
    except psycopg.Error:
        return False
    return True


def wait_until(is_so: object, process: subprocess.Popen[bytes] | None = None, deadline_s: float = DEADLINE_S) -> None:
    """Wait for a condition; fails where the process ended first or the time is over."""
    pause = threading.Event()
    for _ in range(int(deadline_s / 0.1)):
        if is_so():  # type: ignore[operator]
            return
        assert process is None or process.poll() is None, "the server ended"
        pause.wait(0.1)
    raise AssertionError("not in time")


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@dataclass
class RunningHub:
    """A hub that serves."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def post(self, path: str, body: object, token: str = "") -> requests.Response:
        """One question of a desk or a person."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return requests.post(self.url + path, json=body, headers=headers, timeout=DEADLINE_S)

    def get(self, path: str, token: str = "", params: object = None) -> requests.Response:
        """One question of a person."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return requests.get(self.url + path, params=params, headers=headers, timeout=DEADLINE_S)  # type: ignore[arg-type]


@contextmanager
def serving(database_url: str, log: Path, *arguments: str, port: int = 0, environment: Mapping[str, str] | None = None
            ) -> Iterator[RunningHub]:
    """``tingdan hub serve`` as a process of its own."""
    port = port or free_port()
    settings = {**os.environ, "TINGDAN_LANG": "en", "TINGDAN_HOME": str(log.parent / "hub-home"), "TINGDAN_HUB_ROLLUP_S": "1",
                **(environment or {})}
    command = [sys.executable, "-m", "app.cli", "hub", "serve", "--db", database_url, "--port", str(port), *arguments]
    with log.open("ab") as lines:
        process = subprocess.Popen(command, cwd=REPOSITORY, env=settings, stdout=lines, stderr=lines, stdin=subprocess.DEVNULL)
    hub = RunningHub(f"http://127.0.0.1:{port}", process, log)
    try:
        wait_until(lambda: is_ready(hub.url), process)
        yield hub
    finally:
        process.terminate()
        process.wait(DEADLINE_S)


def is_ready(url: str) -> bool:
    """Whether a hub answers and reaches its database."""
    try:
        return requests.get(f"{url}/ready", timeout=5).status_code == 200
    except requests.RequestException:
        return False
