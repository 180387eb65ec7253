"""Knowledge updates measured: 1,200 desks against a real nginx on loopback, and the attack table -> docs/benchmarks/kb_updates.md.

Every desk is the real updater with a folder of its own (verification, transfer, transaction, row hash, receipt); only the search index
is built once for all, in a shared cache, and equal row files are made one by hard links after a look, because 1,200 PCs have 1,200 disks
and this machine has one. Desks run in a few processes, each look at a moment drawn at random from the window that the
polling would spread it over (here shortened, so the server is pressed harder than in life). Without nginx a threaded Python
server stands in, and the page says so.

    python -m tests.bench.kb_updates [--desks 1200] [--rows 8000] [--window 60] [--write] [--keep FILE]

``--keep`` writes what was measured into a file, or takes it from there, so that the attack table can be made anew alone.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from kb_cache.rows import canonical
from tests.kb_cache.publishing import Desk, new_publisher

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks" / "kb_updates.md"
PROCESSES = 4
ATTACKS = ("test_update_attacks", "test_update_faults", "test_update_child", "test_update_line", "test_killed", "test_recall_at_the_desk")
WORDS = "证件遗失补办社保转移公积金提取居住登记户口迁移医保报销停水停电施工噪音物业管理养老待遇低保申请学位申请驾驶换证营业执照"

NGINX = """
worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off; user root;
events {{ worker_connections 1024; }}
http {{ access_log {folder}/access.log combined; client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2;
  fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{ listen 127.0.0.1:{port}; root {root}; }} }}
"""


def entries(count: int, changed: float = 0.0) -> dict[str, str]:
    dice = random.Random(7)
    made: dict[str, str] = {}
    for n in range(count):
        text = "".join(dice.choice(WORDS) for _ in range(180))
        if changed and n % round(1 / changed) == 0:
            text = "新" + text[1:]
        record = {"id": f"K{n:06d}", "title": text[:14] + str(n), "speakable": text[20:60], "answer": text, "questions": [text[60:72], text[72:84]]}
        made[record["id"]] = canonical(record)  # type: ignore[index]
    return made


class SharedCacheDesk(Desk):
    """A desk whose search index lies in a cache of all desks."""

    @property
    def cache(self) -> Path:
        return self.home.parent / "cache"


def look_all(homes: list[str], address: str, window_s: float, seed: int, out: str) -> None:
    dice, begun = random.Random(seed), time.monotonic()
    told = []
    for due, home in sorted((dice.uniform(0, window_s), home) for home in homes):
        time.sleep(max(0.0, due - (time.monotonic() - begun)))
        desk = SharedCacheDesk(Path(home), address)
        cpu, started = time.process_time(), time.monotonic()
        looked = desk.look()
        told.append((looked.result, looked.fetched_bytes, time.monotonic() - started, time.process_time() - cpu, time.monotonic() - begun))
        share_rows(desk.installed.folder, desk.home.parent / "rows")
    Path(out).write_text(json.dumps(told))


def share_rows(folder: Path, shared: Path) -> None:
    """Equal row files of all desks become one on the disk: a name holds the release and the file's check sum."""
    shared.mkdir(exist_ok=True)
    for path in folder.glob("rows-*.sqlite"):
        if path.stat().st_nlink == 1:
            with contextlib.suppress(FileExistsError):
                os.link(path, shared / path.name)
            spare = path.with_suffix(".link")
            os.link(shared / path.name, spare)
            spare.replace(path)


def round_of(name: str, homes: list[str], address: str, window_s: float, server: psutil.Process | None, folder: Path) -> dict[str, float]:
    log = folder / "access.log"
    seen = log.stat().st_size if log.exists() else 0
    busy = _cpu_s(server)
    outs = [str(folder / f"out{n}") for n in range(PROCESSES)]
    context = multiprocessing.get_context("spawn")
    children = [context.Process(target=look_all, args=(homes[n::PROCESSES], address, window_s, n, outs[n])) for n in range(PROCESSES)]
    started = time.monotonic()
    for child in children:
        child.start()
    for child in children:
        child.join()
    took_s = time.monotonic() - started
    told = [one for out in outs for one in json.loads(Path(out).read_text())]
    lines = log.read_bytes()[seen:].splitlines() if log.exists() else []
    return {"name": name, "desks": len(told), "installed": sum(one[0] == "installed" for one in told), "all_s": took_s,  # type: ignore[dict-item]
            "bytes": sum(one[1] for one in told), "look_ms": 1000 * sorted(one[2] for one in told)[len(told) // 2],
            "look_p95_ms": 1000 * sorted(one[2] for one in told)[int(len(told) * 0.95)], "desk_cpu_ms": 1000 * sum(one[3] for one in told) / len(told),
            "requests": len(lines), "server_cpu_s": _cpu_s(server) - busy}


def _cpu_s(server: psutil.Process | None) -> float:
    if server is None:
        return 0.0
    return sum(sum(each.cpu_times()[:2]) for each in (server, *server.children(recursive=True)))


def measure(desks: int, rows: int, window_s: float) -> tuple[list[dict[str, float]], str, dict[str, int]]:
    folder = Path(tempfile.mkdtemp(prefix="kb-updates-"))
    publisher = new_publisher(folder / "repo")
    full = publisher.publish(entries(rows), "stable", "v1")
    homes = [str(folder / "desks" / f"d{n}") for n in range(desks)]
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    kind = "nginx" if shutil.which("nginx") else "python -m http.server"
    if kind == "nginx":
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, root=publisher.public))
        command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    else:
        command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "-d", str(publisher.public), str(port)]
    child = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(port)
        for home in homes:
            Desk(Path(home), address).trusting(publisher)
        server = psutil.Process(child.pid)
        found = [round_of("first, full file", homes, address, window_s, server, folder)]
        delta = publisher.publish(entries(rows, 0.01), "stable", "v2")
        found.append(round_of("1 % changed, delta", homes, address, window_s, server, folder))
        found.append(round_of("nothing new", homes, address, window_s, server, folder))
        return found, kind, {"full": full.full_bytes, "delta": delta.delta_bytes, "changed": delta.changed}
    finally:
        child.terminate()
        child.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return


def attacks() -> list[tuple[str, str]]:
    """(test in words, outcome) of the attack and fault tests, run now."""
    report = Path(tempfile.mkdtemp()) / "report.xml"
    subprocess.run([sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *(f"tests/kb_cache/{name}.py" for name in ATTACKS)],
                   cwd=ROOT, check=False, capture_output=True)
    from xml.etree import ElementTree
    rows: list[tuple[str, str]] = []
    for case in ElementTree.parse(report).iter("testcase"):
        bad = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
        rows.append((case.get("name", "").removeprefix("test_").replace("_", " "), bad[0] if bad else "held"))
    return rows


def page(found: list[dict[str, float]], kind: str, sizes: dict[str, int], table: list[tuple[str, str]], arguments: argparse.Namespace) -> str:
    lines = ["# Knowledge updates: a thousand desks, and attacks", "",
             f"Made by `make bench-kb-updates`. {arguments.desks} desks, {arguments.rows} entries, looks spread over {arguments.window:.0f} s "
             f"(in life: 30 minutes), {PROCESSES} processes of desks beside the server ({kind}, one worker) on one machine, loopback.",
             f"Full file {sizes['full'] / 1e6:.2f} MB, delta of {sizes['changed']} entries {sizes['delta'] / 1e3:.1f} kB. "
             "A look is the whole of it: metadata, transfer, transaction, row hash, switch, receipt; the search index is built once for all.", "",
             "| round | desks that took it | until all have it | bytes | a desk | requests | look, median | look, p95 | processor a desk | server's processor |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    lines.extend(f"| {one['name']} | {one['installed']} of {one['desks']} | {one['all_s']:.0f} s | {one['bytes'] / 1e6:.1f} MB | "
                 f"{one['bytes'] / one['desks'] / 1e3:.1f} kB | {one['requests']} | {one['look_ms']:.0f} ms | {one['look_p95_ms']:.0f} ms | "
                 f"{one['desk_cpu_ms']:.0f} ms | {one['server_cpu_s']:.2f} s |" for one in found)
    lines += ["", "The processes of desks and the server share two processor cores with whatever else runs; \"until all have it\" is bound by the desks'",
              "own work here (in life each has its own PC), not by the server.", "", "## Attacks and faults", "",
              f"Run against the real updater with what lies on the disk asserted (`tests/kb_cache/`: {', '.join(f'`{name}.py`' for name in ATTACKS)});",
              "\"held\": refused or survived as the test demands, and the knowledge in use still opens.", "", "| attack or fault | |", "| --- | --- |"]
    lines.extend(f"| {name.replace('|', chr(92) + '|')} | {outcome} |" for name, outcome in table)
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--desks", type=int, default=1200)
    parser.add_argument("--rows", type=int, default=8000)
    parser.add_argument("--window", type=float, default=60.0)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--no-attacks", action="store_true")
    parser.add_argument("--keep", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    kept: Path | None = arguments.keep
    if kept is not None and kept.is_file():
        found, kind, sizes = json.loads(kept.read_text("utf-8"))
    else:
        found, kind, sizes = measure(arguments.desks, arguments.rows, arguments.window)
    if kept is not None:
        kept.write_text(json.dumps([found, kind, sizes]), "utf-8")
    text = page(found, kind, sizes, [] if arguments.no_attacks else attacks(), arguments)
    print(text)
    if arguments.write:
        PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
