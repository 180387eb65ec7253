"""Program updates put together from the settings: trust, transport, updater, health. For ``tingdan program``; without Qt."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Collection
from pathlib import Path

from app.assembly import updates_folder
from app.assembly_knowledge import receipt_carrier, receipt_folder, update_line
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.health import Check
from app.extraction.item_model import item_checks
from app.platform import paths
from app.platform.settings import Settings, load_settings
from app.ports.ports import Clock
from app.program.build import own_folder
from app.program.health import tried
from app.program.poll import OFF
from app.program.updater import ProgramPlan, ProgramUpdater, Step
from app.program.versions import Versions
from app.services import doctor
from asr.health import speech_checks
from kb_cache.health import knowledge_checks

TELL = "tell"
PARTS = ("app.desk", "asr.worker", "kb_cache.update_worker", "app.audio.capture_worker")
"""What the program is made of: every process and the window."""


def versions() -> Versions:
    """What the channel brought to this user."""
    return Versions(paths.data_dir() / "program")


def new_program_updater(clock: Clock, given: str = "", step: Step = lambda name: None) -> ProgramUpdater:
    """The updater of this user.

    Args:
        clock: time.
        given: another address than that of the settings.
        step: told every step.

    Raises:
        OperatorVisibleError: no address, the policy has it off, or this is no packaged program.
        EnvironmentFault: the administrator's root file cannot be read.
    """
    settings = load_settings()
    mode = settings.text("program.updates")
    if mode == OFF:
        raise OperatorVisibleError("program_update.off")
    base = own_folder()
    if base is None:
        raise OperatorVisibleError("program_update.not_packaged")
    address = given or settings.text("program.address") or settings.text("knowledge.address")
    if not address:
        raise OperatorVisibleError("program_update.no_address")
    installed, held = updates_folder(), versions()
    held.folder.mkdir(parents=True, exist_ok=True)
    base = own_base(base, held)
    line = update_line(settings, address)
    plan = ProgramPlan(line, settings.text("program.channel"), _root(settings), installed.desk(), mode == TELL, base)
    return ProgramUpdater(held, plan, clock, receipt_folder(installed), lambda program: tried(program, _wrong_here()), step)


def own_base(own: Path, held: Versions) -> Path:
    """Folder of the packaged program, also where the program that runs is one that it started."""
    if not own.is_relative_to(held.folder.resolve()):
        return own
    packaged = Path("/usr/lib/tingdan")
    return packaged if sys.platform != "win32" and packaged.is_dir() else own


def program_checks(with_parts: bool) -> tuple[Check, ...]:
    """How the program is on this PC, but for the store, whose key belongs to the desk.

    Args:
        with_parts: load every part of the program too.
    """
    providers: list[tuple[str, doctor.Provider]] = [
        ("machine", doctor.machine_checks), ("speech", speech_checks),
        ("knowledge", lambda: knowledge_checks(paths.knowledge_dir(), paths.cache_dir() / "kb", updates_folder())),
        ("items", item_checks)]
    return doctor.examine(providers) + (_parts() if with_parts else ())


def send_receipts(clock: Clock) -> None:
    """Have waiting receipts taken to IT, where the settings name somebody."""
    carrier = receipt_carrier(clock)
    if carrier is not None:
        receipt_folder(updates_folder()).send(carrier)


def _root(settings: Settings) -> bytes | None:
    file = settings.text("program.root") or settings.text("knowledge.root")
    if not file:
        return updates_folder().root()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise EnvironmentFault("kb_update.bad_root", file=Path(file).name) from error


def _wrong_here() -> Collection[str]:
    return [check.name for check in program_checks(with_parts=False) if not check.ok]


def _parts() -> tuple[Check, ...]:
    found = []
    for part in PARTS:
        try:
            importlib.import_module(part)
            found.append(Check(f"program.{part}", True, "program_update.current"))
        except Exception as error:  # whatever a broken program does when it is loaded, it is no program to take
            found.append(Check(f"program.{part}", False, "doctor.provider_failed", {"room": part, "reason": type(error).__name__}))
    return tuple(found)


