"""Checks of the machine for ``tingdan doctor``: Python, PySide6 and its libraries, font, disk, folders, settings, keys.

Nothing here changes anything or asks for a key. Qt is looked at from outside (versions, libraries) and never imported, so that
a broken Qt is told instead of ending the program. Any thread.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import metadata
from pathlib import Path

from app.domain.errors import AppError
from app.domain.health import Check
from app.platform import chinese_font, paths, secrets
from app.platform.settings import Settings

LEAST_FREE_BYTES = 500 << 20
_PYSIDE = "PySide6-Essentials"
_APT = "sudo apt-get install "

#: What PySide6's wheels expect of a Debian-based system, by the name the loader looks for (DT_NEEDED of PySide6 6.11).
QT_LIBRARIES: Mapping[str, str] = {
    "libGL.so.1": "libgl1", "libEGL.so.1": "libegl1", "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0", "libxkbcommon.so.0": "libxkbcommon0", "libbrotlidec.so.1": "libbrotli1",
    "libdbus-1.so.3": "libdbus-1-3", "libfontconfig.so.1": "libfontconfig1", "libfreetype.so.6": "libfreetype6",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2", "libX11.so.6": "libx11-6", "libz.so.1": "zlib1g", "libzstd.so.1": "libzstd1",
}
#: Beyond these, for a real screen under X11 (the offscreen platform does without).
SCREEN_LIBRARIES: Mapping[str, str] = {
    "libxcb-cursor.so.0": "libxcb-cursor0", "libxcb-icccm.so.4": "libxcb-icccm4", "libxcb-util.so.1": "libxcb-util1",
    "libxcb-image.so.0": "libxcb-image0", "libxcb-keysyms.so.1": "libxcb-keysyms1", "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0", "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0", "libxcb-shm.so.0": "libxcb-shm0", "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0", "libxcb-xkb.so.1": "libxcb-xkb1", "libX11-xcb.so.1": "libx11-xcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def python_check() -> Check:
    """Which Python runs."""
    return Check("program.python", sys.version_info >= (3, 11), "doctor.python",
                 {"version": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"})


def pyside_check() -> Check:
    """Whether PySide6 is installed, in a version that works with this Python (docs/adr/0003)."""
    try:
        version = metadata.version(_PYSIDE)
    except metadata.PackageNotFoundError:
        return Check("window.pyside6", False, "doctor.pyside_missing", {}, "make demo")
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers >= (6, 12) and sys.version_info < (3, 12):
        return Check("window.pyside6", False, "doctor.pyside_wrong", {"version": version}, "make demo")
    return Check("window.pyside6", True, "doctor.pyside", {"version": version})


def library_check(loads: Callable[[str], bool] | None = None) -> Check:
    """Whether the system libraries that Qt needs can be loaded; the exact apt line where not (Linux only)."""
    return _libraries("window.libraries", "doctor.libraries", QT_LIBRARIES, loads or loads_library)


def screen_check(loads: Callable[[str], bool] | None = None) -> Check:
    """Whether a window can come up on this session's screen."""
    if sys.platform != "linux":
        return Check("window.screen", True, "doctor.screen")
    if os.environ.get("QT_QPA_PLATFORM", "").startswith("offscreen"):
        return Check("window.screen", True, "doctor.screen_offscreen")
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return Check("window.screen", True, "doctor.screen_none")
    return _libraries("window.screen", "doctor.screen", SCREEN_LIBRARIES, loads or loads_library)


def loads_library(name: str) -> bool:
    """Whether the loader finds a shared library."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def qt_check() -> Check:
    """Whether Qt's own libraries load: the last word, whatever the lists above may have forgotten."""
    spec = importlib.util.find_spec("PySide6")
    if sys.platform != "linux" or spec is None or not spec.submodule_search_locations:
        return Check("window.qt", spec is not None, "doctor.qt" if spec is not None else "doctor.pyside_missing")
    folder = Path(spec.submodule_search_locations[0]) / "Qt" / "lib"
    for name in ("libQt6Core.so.6", "libQt6Gui.so.6", "libQt6Widgets.so.6"):
        try:
            ctypes.CDLL(str(folder / name))
        except OSError as error:
            missing = str(error).partition(":")[0].rpartition("/")[2]
            return Check("window.qt", False, "doctor.qt_broken", {"library": missing}, "make demo")
    return Check("window.qt", True, "doctor.qt")


def font_check() -> Check:
    """Whether Chinese can be shown."""
    report = chinese_font.chinese_font_check()
    return Check("window.font", report.is_there, "doctor.font" if report.is_there else "doctor.font_missing",
                 {"file": report.source}, report.mend)


def disk_check(folder: Path) -> Check:
    """Whether there is room for recordings, drafts and models."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Check("disk.space", False, "doctor.disk_unknown", {"reason": type(error).__name__})
    key = "doctor.disk" if free >= LEAST_FREE_BYTES else "doctor.disk_short"
    return Check("disk.space", free >= LEAST_FREE_BYTES, key, {"free_mb": free >> 20, "least_mb": LEAST_FREE_BYTES >> 20})


def folder_checks() -> tuple[Check, ...]:
    """Whether the program's folders can be made and written."""
    return tuple(_folder(kind, of) for kind, of in (
        ("data", paths.data_dir), ("config", paths.config_dir), ("log", paths.log_dir), ("cache", paths.cache_dir)))


def settings_checks(settings: Settings) -> tuple[Check, ...]:
    """What is wrong with the settings files."""
    if not settings.notes:
        return (Check("settings", True, "doctor.settings"),)
    return tuple(Check("settings", False, note.key, note.params) for note in settings.notes)


def secrets_check(folder: Path) -> Check:
    """What protects the store's key: a keyring, a passphrase, or nothing yet."""
    try:
        backend = secrets.backend_in_use(folder)
    except AppError as error:
        return Check("store.secrets", False, error.key, error.params)
    if backend == "none":
        is_installed = sys.platform != "linux" or shutil.which("gnome-keyring-daemon") is not None
        remedy = f"export {secrets.PASSPHRASE_VARIABLE}=…" if is_installed else _APT + "gnome-keyring dbus"
        return Check("store.secrets", False, "doctor.secrets_none", {"variable": secrets.PASSPHRASE_VARIABLE}, remedy)
    if backend == "passphrase":
        return Check("store.secrets", True, "doctor.secrets_passphrase", {"variable": secrets.PASSPHRASE_VARIABLE})
    return Check("store.secrets", True, "doctor.secrets_keyring", {"backend": backend.partition(":")[2]})


def _folder(kind: str, of: Callable[[], Path]) -> Check:
    name = f"folder.{kind}"
    try:
        is_writable = os.access(of(), os.W_OK)
    except AppError as error:
        return Check(name, False, error.key, error.params)
    key = "doctor.folder" if is_writable else "platform.folder_unwritable"
    return Check(name, is_writable, key, {"folder": kind, "reason": "read-only"})


def _libraries(name: str, key: str, wanted: Mapping[str, str], loads: Callable[[str], bool]) -> Check:
    if sys.platform != "linux":
        return Check(name, True, key)
    missing = [library for library in wanted if not loads(library)]
    if not missing:
        return Check(name, True, key)
    return Check(name, False, "doctor.libraries_missing", {"libraries": ", ".join(missing)},
                 _APT + " ".join(_unique(wanted[library] for library in missing)))


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
