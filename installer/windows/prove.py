"""`make windows`: what can be proved of the Windows installer without Windows; a table on the screen, exit code 1 where a row failed.

1. Every locked package has a file for Windows x64 and for Linux arm64: resolved by uv for that platform, hashes included, wheels only
   (but for pure Python packages that are published as source alone, ``SOURCE_ONLY``).
2. installer/windows/tingdan.nsi compiles, with a payload that has the frozen folder's layout.
3. Where wine is installed: silent install, upgrade, repair, refusal while it runs, removal with and without data, for one user
   and for the machine, run for real.

The payload itself is built on Windows by installer/windows/build.ps1. Standard library only.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "installer" / "windows" / "tingdan.nsi"
START_UP = ROOT / "installer" / "examples" / "group-policy" / "tingdan-startup.cmd"
LOCKS = ROOT / "installer" / "locks"
SOURCE_ONLY = ("srt",)
PLATFORMS = {
    "Windows x64": ("x86_64-pc-windows-msvc", "runtime.txt"),
    "Linux arm64, glibc 2.39 (Debian 13)": ("aarch64-manylinux_2_39", "runtime.txt"),
    "Linux x86_64, glibc 2.28 (UOS V20)": ("x86_64-manylinux_2_28", "runtime-older.txt"),
}
#: Told, not demanded: which packages keep a platform from being served.
TOLD = {
    "Linux arm64, glibc 2.36 (Debian 12)": ("aarch64-manylinux_2_36", "runtime.txt"),
    "Linux arm64, glibc 2.31 (Kylin V10 SP1)": ("aarch64-manylinux_2_31", "runtime-older.txt"),
    "Linux arm64, glibc 2.28 (UOS V20)": ("aarch64-manylinux_2_28", "runtime-older.txt"),
    "Linux arm64, glibc 2.39: the tools that freeze": ("aarch64-manylinux_2_39", "freeze.txt"),
    "Linux arm64, glibc 2.39: the tools that pack": ("aarch64-manylinux_2_39", "dist.txt"),
}
WINE_PROGRAM = "cmd.exe"  # stands for the frozen programs: it starts without a screen and runs until its input ends
WAIT_S = 60

rows: list[bool] = []


def main() -> int:
    """All rows; 0 where none failed."""
    wheels()
    with tempfile.TemporaryDirectory(prefix="tingdan-nsis-") as folder:
        setups = compiled(Path(folder))
        if setups and shutil.which("wine"):
            Wine(Path(folder)).prove(*setups)
        elif setups:
            print("windows: no wine here; installing, upgrading and removing were not run")
    return 0 if all(rows) else 1


def row(ok: bool, what: str, note: str = "") -> None:
    """One line of the table."""
    rows.append(ok)
    print(f"windows: {what:<66} {'ok' if ok else 'FAILED'}  {note}".rstrip(), flush=True)


def wheels() -> None:
    """Resolve the run lock for platforms that are not this one."""
    uv = ROOT / ".var" / "uv" / "bin" / "uv"
    if not uv.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ROOT / ".var" / "uv")], check=True)
        subprocess.run([str(uv.with_name("python")), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes",
                        "-r", str(LOCKS / "lock_tool.txt")], check=True)
    for name, (platform, lock) in PLATFORMS.items():
        count, lacking = resolved(uv, platform, LOCKS / lock)
        note = "lacking: " + ", ".join(lacking) if lacking else f"{count} packages"
        row(not lacking, f"every locked package has a file for {name}", note)
    for name, (platform, lock) in TOLD.items():
        count, lacking = resolved(uv, platform, LOCKS / lock)
        print(f"windows: {name:<66} {count} packages, lacking: {', '.join(lacking) or 'nothing'}", flush=True)


def resolved(uv: Path, platform: str, lock: Path) -> tuple[int, list[str]]:
    """How many packages of a lock have a file for a platform, and which have none."""
    lacking: list[str] = []
    text = lock.read_text("utf-8")
    with tempfile.TemporaryDirectory(prefix="tingdan-lock-") as folder:
        kept = Path(folder) / "lock.txt"
        while True:
            kept.write_text(text, "utf-8")
            command = [str(uv), "pip", "install", "--dry-run", "--python", sys.executable, "--python-platform", platform, "--no-deps",
                       "--only-binary", ":all:", *(part for each in SOURCE_ONLY for part in ("--no-binary", each)), "--require-hashes",
                       "--target", str(ROOT / ".var" / "nowhere"), "-r", str(kept)]
            answer = subprocess.run(command, capture_output=True, text=True, check=False)
            if answer.returncode == 0:
                return sum(line.startswith(" + ") for line in answer.stderr.splitlines()), lacking
            found = re.search(r"Because ([A-Za-z0-9_.-]+)[^=]*==", answer.stderr)
            if found is None:
                return 0, [*lacking, answer.stderr[-400:]]
            lacking.append(found[1])
            text = re.sub(rf"(?m)^{re.escape(found[1])}==.*\n(?:    .*\n?)*", "", text)


def compiled(folder: Path) -> list[Path]:
    """Two versions of the installer over stand-in payloads; empty where makensis is missing or refuses."""
    if not shutil.which("makensis"):
        row(False, "makensis is installed (Debian: nsis)")
        return []
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    stand_in = next((path for place in ("/usr/lib/x86_64-linux-gnu/wine", "/usr/lib/wine")
                     for path in sorted(Path(place).rglob(WINE_PROGRAM))), None)
    setups = []
    for number in ("0.0.9", version):
        payload = folder / f"payload-{number}"
        (payload / "_internal" / "resources").mkdir(parents=True)
        for name in ("tingdan.exe", "tingdan-desk.exe"):
            payload.joinpath(name).write_bytes(stand_in.read_bytes() if stand_in else b"MZ stands for the program")
        (payload / "_internal" / "version.txt").write_text(number, "utf-8")
        (payload / "_internal" / f"only-in-{number}").touch()
        (payload / "_internal" / "resources" / "中文名.txt").write_text("名", "utf-8")
        setup = folder / f"tingdan-{number}-setup-x64.exe"
        answer = subprocess.run(["makensis", "-INPUTCHARSET", "UTF8", "-WX", "-V2", f"-DVERSION={number}", f"-DPAYLOAD={payload}",
                                 f"-DOUT={setup}", str(SCRIPT)], capture_output=True, text=True, check=False)
        row(answer.returncode == 0, f"the installer's script compiles without a warning, {number}", answer.stdout[-300:].strip())
        if answer.returncode == 0:
            setups.append(setup)
    return setups if len(setups) == 2 else []


class Wine:
    """A Windows of its own below ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._prefix = folder / "wine"
        self._settings = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
        self._settings |= {"WINEPREFIX": str(self._prefix), "WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml="}
        self._drive = self._prefix / "drive_c"

    def prove(self, older: Path, newer: Path) -> None:
        """The life of an installation, for one user and for the machine."""
        self._run("wineboot", "-i")
        users = next(path for path in sorted((self._drive / "users").iterdir()) if path.name != "Public")
        places = {"CurrentUser": users / "AppData/Local/Programs/Tingdan", "AllUsers": self._drive / "Program Files/Tingdan"}
        data = users / "AppData" / "Local" / "tingdan"
        machine = self._drive / "ProgramData" / "tingdan"
        for mode, place in places.items():
            for own in (data, machine):
                own.mkdir(parents=True, exist_ok=True)
                (own / "kept.txt").write_text("draft", "utf-8")
            self._life(mode, place, older, newer)
            row((data / "kept.txt").exists() and (machine / "kept.txt").exists(), f"{mode}: removal keeps drafts, tickets and policy")
            self._run(str(newer), "/S", f"/{mode}")
            self._run(str(place / "uninstall.exe"), f"/{mode}", "/S", "/DATA")
            row(self._until(lambda place=place: not place.exists()) and self._until(lambda: not data.exists()),  # type: ignore[misc]
                f"{mode}: uninstall /DATA removes them")
            row(machine.exists() == (mode == "CurrentUser"), f"{mode}: the machine's policy goes only with a machine-wide /DATA")
        self._start_up(places["AllUsers"], machine, older, newer)
        self._run("wineserver", "-k")

    def _start_up(self, place: Path, machine: Path, older: Path, newer: Path) -> None:
        """The start-up script of group policy, from a share with installers and policy."""
        share = older.parent
        shutil.copy2(START_UP, share)
        (share / "policy.toml").write_text('[desk]\ncity = "深圳市"\n', "utf-8")
        version = place / "app" / "_internal" / "version.txt"

        def started(wanted: str) -> int:
            seen = "Z:" + str(share).replace("/", "\\")
            return self._run("cmd", "/c", rf"{seen}\{START_UP.name}", seen, wanted)

        numbers = [setup.name.split("-")[1] for setup in (older, newer)]
        code = started(numbers[0])
        row(code == 0 and version.exists() and "深圳市" in (machine / "policy.toml").read_text("utf-8"),
            "start-up script of group policy: installs, places the policy", f"exit {code}")
        code = started(numbers[1])
        row(code == 0 and version.read_text("utf-8") == numbers[1], "start-up script: upgrades", f"exit {code}")
        version.unlink()
        code = started(numbers[1])
        row(code == 0 and not version.exists(), "start-up script: does nothing where that version is there", f"exit {code}")
        row(started("9.9.9") != 0, "start-up script: a version that the share lacks is an error")
        self._run(str(place / "uninstall.exe"), "/AllUsers", "/S", "/DATA")
        self._until(lambda: not place.exists())

    def _life(self, mode: str, place: Path, older: Path, newer: Path) -> None:
        internal = place / "app" / "_internal"
        code = self._run(str(older), "/S", f"/{mode}")
        row(code == 0 and (internal / "only-in-0.0.9").exists() and (internal / "resources" / "中文名.txt").exists(),
            f"{mode}: silent install, whole payload, Chinese names", f"exit {code}")
        links = [path for path in self._drive.rglob("*.lnk") if path.name in ("听单.lnk", "Tingdan.lnk")]
        row(len(links) == 1, f"{mode}: one entry in the start menu")
        row("DisplayVersion" in self._registry(mode), f"{mode}: known to Windows' list of programs")
        with subprocess.Popen(["wine", str(place / "app" / "tingdan.exe")], env=self._settings, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
            assert running.stdout is not None
            running.stdout.read(1)
            code = self._run(str(newer), "/S", f"/{mode}")
            row(code == 2 and (internal / "version.txt").read_text("utf-8") == "0.0.9",
                f"{mode}: upgrade refused while it runs, nothing changed", f"exit {code}")
            running.communicate(b"exit\r\n", WAIT_S)
        code = self._run(str(newer), "/S", f"/{mode}")
        row(code == 0 and (internal / "version.txt").read_text("utf-8") != "0.0.9" and not (internal / "only-in-0.0.9").exists(),
            f"{mode}: upgrade, files of the older version gone", f"exit {code}")
        (internal / "version.txt").unlink()
        row(self._run(str(newer), "/S", f"/{mode}") == 0 and (internal / "version.txt").exists(), f"{mode}: repair brings a lost file back")
        self._run(str(place / "uninstall.exe"), f"/{mode}", "/S")
        row(self._until(lambda: not place.exists() and not any(path.exists() for path in links)), f"{mode}: removal leaves no file")
        row("DisplayVersion" not in self._registry(mode), f"{mode}: removal leaves no entry in the list of programs")

    def _registry(self, mode: str) -> str:
        hive = "HKLM" if mode == "AllUsers" else "HKCU"
        key = rf"{hive}\Software\Microsoft\Windows\CurrentVersion\Uninstall\Tingdan"
        views = ("/reg:64", "/reg:32")
        return "".join(subprocess.run(["wine", "reg", "query", key, view], env=self._settings, capture_output=True, check=False,
                                      text=True, errors="replace").stdout for view in views)

    def _run(self, program: str, *arguments: str) -> int:
        command = [program] if program in ("wineboot", "wineserver") else ["wine", program]
        return subprocess.run([*command, *arguments], env=self._settings, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False, timeout=300).returncode

    @staticmethod
    def _until(condition: Callable[[], bool]) -> bool:
        """An uninstaller goes on in a copy of itself: wait for what it does, a minute at most."""
        for _ in range(WAIT_S * 10):
            if condition():
                return True
            time.sleep(0.1)
        return condition()


if __name__ == "__main__":
    sys.exit(main())
