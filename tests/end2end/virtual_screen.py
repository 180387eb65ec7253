"""A screen, a session bus and a desk in a process of its own, for tests that act from outside: keys by xdotool, ears by AT-SPI."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("tingdan")
BUS_LAUNCHER = Path("/usr/libexec/at-spi-bus-launcher")
PASSPHRASE = "correct horse battery"
DEADLINE_S = 90.0
_STEP_S = 0.1


def need(*tools: str) -> None:
    """Skip where a program of installer/system-packages.txt is missing."""
    for tool in tools:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed (installer/system-packages.txt)")


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for something that another process does."""
    pause = threading.Event()
    for _ in range(int(DEADLINE_S / _STEP_S)):
        if holds():
            return
        pause.wait(_STEP_S)
    pytest.fail(f"not within {DEADLINE_S:.0f} s: {what}")


@contextlib.contextmanager
def virtual_screen() -> Iterator[str]:
    """A virtual screen of its own; gives its DISPLAY."""
    need("Xvfb", "xdotool")
    read, write = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x900x24", "-nolisten", "tcp"],
                              pass_fds=(write,), stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as told:
            yield f":{told.readline().strip()}"
    finally:
        server.terminate()
        server.wait(10)


@contextlib.contextmanager
def session_bus() -> Iterator[str]:
    """A D-Bus session of its own; what it started ends with it."""
    need("dbus-daemon")
    daemon = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address"], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert daemon.stdout is not None
    try:
        yield daemon.stdout.readline().strip()
    finally:
        daemon.terminate()
        daemon.wait(10)
        daemon.stdout.close()


class OutsideDesk:
    """A desk in its own process and the keyboard before it.

    Args:
        arguments: of the command ``tingdan``.
        env: of the process, DISPLAY among it.
    """

    def __init__(self, arguments: tuple[str, ...], env: dict[str, str]) -> None:
        self.env = env
        self.pressed: list[str] = []
        self.process = subprocess.Popen([str(COMMAND), *arguments], env=env, stderr=subprocess.PIPE, text=True)

    def come_up(self) -> None:
        """Wait for the window, give it the keyboard."""
        found: list[str] = []

        def is_there() -> bool:
            assert self.process.poll() is None, f"the desk ended: {self.process.stderr.read() if self.process.stderr else ''}"
            found[:] = self._xdotool("search", "--onlyvisible", "--pid", str(self.process.pid)).splitlines()
            return bool(found)

        until(is_there, "the window is on the screen")
        window = found[0]
        self._xdotool("windowfocus", "--sync", window)

    def press(self, *keys: str) -> None:
        """Keys one after the other, as xdotool writes them ("ctrl+Return")."""
        for key in keys:
            self.pressed.append(key)
            self._xdotool("key", "--clearmodifiers", key)

    def quit(self) -> None:
        """End it by its key; it must end well."""
        self._xdotool("key", "ctrl+q")
        assert self.process.wait(DEADLINE_S) == 0
        assert self.process.stderr is not None
        assert "Traceback" not in self.process.stderr.read()

    def kill(self) -> None:
        """Whatever happened."""
        self.process.kill()
        self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()

    def _xdotool(self, *arguments: str) -> str:
        done = subprocess.run(["xdotool", *arguments], env=self.env, capture_output=True, text=True, check=False, timeout=60)
        return done.stdout.strip()
