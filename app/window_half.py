"""The window's half of the composition root, loaded where a window is wanted: the command line works where PySide6 is missing.

Nothing else is loaded here, so that the way from exec to the window is as short as it can be.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, cast

from app.domain.errors import AppError, EnvironmentFault, OperatorVisibleError
from app.platform import crash, paths
from app.platform.key_ahead import KeyAhead

if TYPE_CHECKING:
    from app.assembly import ReplayOrder
    from app.assembly_lead import LeadOrder


def run_desk(hooks: crash.CrashHooks) -> AppError | None:
    """The desk; returns what broke off, if anything did. ``hooks`` tell it of bugs."""
    with begun() as ahead:
        return cast(AppError | None, _half("app.desk").run_desk(hooks, ahead))


@contextlib.contextmanager
def begun() -> Iterator[KeyAhead]:
    """What is done beside the loading of the desk: its store's key is fetched, and nothing is swept up until ``gc.enable``.

    Hundreds of modules make objects that stay: looking through them for rubbish takes a twelfth of the loading and finds none.
    ``app.desk`` has the collector on again once the window is shown.
    """
    ahead = KeyAhead(paths.data_dir)
    ahead.start()
    gc.disable()
    try:
        yield ahead
    finally:
        gc.enable()


def run_replay_window(order: ReplayOrder, screenshot: Path | None, hooks: crash.CrashHooks) -> AppError | None:
    """Replay in the desk's window; returns what broke off, if anything did.

    Raises:
        AppError: as ``app.main.run_replay``, or there is no PySide6.
    """
    return cast(AppError | None, _half("app.desk").run_replay(order, screenshot, hooks))


def run_lead(order: LeadOrder, hooks: crash.CrashHooks) -> AppError | None:
    """The team lead's window; returns what broke off, if anything did.

    Raises:
        AppError: as ``app.lead_desk.opened_lead``, or there is no PySide6.
    """
    return cast(AppError | None, _half("app.lead_desk").run_lead(order, hooks))


def _half(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("PySide6", "shiboken6"):
            raise OperatorVisibleError("cli.no_window") from error
        raise
    except ImportError as error:  # a system library that Qt needs: doctor names the package
        raise EnvironmentFault("cli.no_window_libraries", reason=str(error).split(":")[0]) from error
