"""What happens when our own code fails: written down without personal data, told in plain words, and the program goes on.

Installed first thing at start. ``sys.excepthook`` and ``threading.excepthook`` write a report (``crash/<number>.json`` in the
log folder: classes, frames, versions; never the message, it can hold what somebody said) and tell the listener;
``faulthandler`` writes the stacks of a hard crash to ``crash/stacks.txt``. Standard error gets the same frames, not the usual
traceback: a desktop session keeps it in a plain file. The newest 20 reports are kept. Any thread.
"""

from __future__ import annotations

import faulthandler
import json
import platform
import secrets
import sys
import tempfile
import threading
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from types import TracebackType

from app.domain.errors import EnvironmentFault
from app.platform import logs, paths
from app.platform.clock import SystemClock

FOLDER = "crash"
STACKS = "stacks.txt"
KEEP_REPORTS = 20

#: Told of every failure with its report number, on the thread where it happened.
Listener = Callable[[BaseException, str], None]


class CrashHooks:
    """Installed hooks; ``listener`` may be set once there is somebody to tell. Made by ``install``."""

    def __init__(self, folder: Path, listener: Listener | None) -> None:
        self.listener = listener
        self._folder = folder
        self._former = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        self._file: FileIO | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = FileIO(folder / STACKS, "ab")
            faulthandler.enable(self._file)
        except OSError as error:  # a log folder that cannot be written must not keep the desk from opening
            logs.get("crash").warning("no_crash_folder", reason=type(error).__name__)
        sys.excepthook = self._main
        threading.excepthook = self._thread
        sys.unraisablehook = self._unraisable

    def uninstall(self) -> None:
        """Put the former hooks back."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._former
        if self._file is not None:
            faulthandler.disable()
            self._file.close()
            self._file = None

    def report(self, error: BaseException, where: str) -> str:
        """Write down one failure and tell the listener; gives its report number."""
        path = write_report(error, where, self._folder)
        form = logs.error_form(error, error.__traceback__)
        if sys.stderr is not None:  # a windowed program on Windows has none
            frames = "".join(f"  {frame}\n" for frame in _texts(form["frames"]))
            print(f"internal error {path.stem}: {' < '.join(_texts(form['error']))}\n{frames}",  # noqa: T201
                  file=sys.stderr, end="", flush=True)
        if self.listener is not None:
            try:
                self.listener(error, path.stem)
            except Exception as second:
                write_report(second, "listener", self._folder)
        return path.stem

    def _main(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            self.report(error.with_traceback(trace), "main")

    def _thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and args.exc_type is not SystemExit:
            self.report(args.exc_value, args.thread.name if args.thread else "thread")

    def _unraisable(self, args: sys.UnraisableHookArgs) -> None:
        if args.exc_value is not None:
            self.report(args.exc_value, "unraisable")


def install(folder: Path | None = None, listener: Listener | None = None) -> CrashHooks:
    """Set the hooks; never raises.

    Args:
        folder: for reports; the log folder's ``crash`` by default.
        listener: saves what is open and tells the operator; its own failure is written down and goes no further.
    """
    return CrashHooks(folder or _usual_folder(), listener)


def write_report(error: BaseException, where: str = "main", folder: Path | None = None) -> Path:
    """Write down one failure; gives the report's path (its stem is the report number). Never raises."""
    folder = folder or _usual_folder()
    now = SystemClock().now()
    number = f"{now:%y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    path = folder / f"{number}.json"
    form = {"at": now.isoformat(timespec="seconds"), "where": logs.safe(where),
            "python": platform.python_version(), "system": platform.system(),
            **logs.error_form(error, error.__traceback__)}
    logs.get("crash").error("failed", error, report=number)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(form, indent=1), "utf-8")
        for old in sorted(folder.glob("*.json"))[:-KEEP_REPORTS]:
            old.unlink(missing_ok=True)
    except OSError:
        logs.get("crash").warning("report_unwritten", report=number)
    return path


def _usual_folder() -> Path:
    try:
        return paths.log_dir() / FOLDER
    except EnvironmentFault:
        return Path(tempfile.gettempdir()) / "tingdan-crash"


def _texts(held: object) -> list[str]:
    return [str(each) for each in held] if isinstance(held, list) else []
