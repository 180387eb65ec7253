"""The window's half of the composition root, loaded where a window is wanted: the command line works where PySide6 is missing.

Nothing else is loaded here, so that the way from exec to the window is as short as it can be.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, cast

from app.domain.errors import AppError, EnvironmentFault, OperatorVisibleError
from app.platform import crash

if TYPE_CHECKING:
    from app.assembly import ReplayOrder
    from app.assembly_lead import LeadOrder


def run_desk(hooks: crash.CrashHooks) -> AppError | None:
    """The desk; returns what broke off, if anything did. ``hooks`` tell it of bugs."""
    return cast(AppError | None, _half("app.desk").run_desk(hooks))


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
