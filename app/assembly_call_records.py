"""What a desk records of its calls for the lead, put together: official names, versions, the recorder. Without Qt."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from app.assembly import LEARNED, learned_history, updates_folder
from app.domain.call_recording import Official
from app.domain.errors import AppError
from app.domain.health import Check
from app.domain.quality import QualityRule
from app.platform import logs, messages, paths
from app.platform.catalogue_files import load_fields, load_taxonomy
from app.platform.place_files import districts_by_city, streets_of
from app.platform.quality_files import load_quality_rules
from app.platform.resource_files import resource
from app.platform.settings import Settings, load_settings
from app.ports.assist import AssistStore
from app.ports.ports import Clock
from app.services.call_recorder import CallRecorder, RecorderParts
from app.services.ticket_submit import TicketSubmit

_log = logs.get("call_records")
_RULES = ("rule_precision.toml", "confidence.toml", "items/model.npz")


def new_recorder(assist: AssistStore, clock: Clock, submit: TicketSubmit, told: Callable[[AppError], None]) -> CallRecorder:
    """Makes the records of this desk.

    Args:
        assist: what became of knowledge.
        clock: time.
        submit: knows who is signed in.
        told: takes why the centre's own rules of the quality check are not used; the desk goes on with those that ship.
    """
    settings = load_settings()
    city = settings.text("desk.city")
    parts = RecorderParts(updates_folder().desk(), rules_version(), lambda: official(city), assist, clock,
                          quality=quality_rules(settings, told), reminds=settings.flag("quality.remind"))
    return CallRecorder(parts, lambda: submit.agent_id)


@lru_cache(maxsize=4)
def official(city: str) -> Official:
    """Names and codes of a city that may leave this PC.

    Raises:
        EnvironmentFault: a catalogue cannot be read.
    """
    from app.extraction.units import official_units  # noqa: PLC0415 - extraction is not loaded before the window is there

    taxonomy, types = load_taxonomy(), load_fields().get("request_type")
    districts, streets, learned = districts_by_city().get(city, ()), streets_of(city), learned_history()
    units = official_units(taxonomy.items, districts, streets) | (learned.labels("unit") if learned is not None else frozenset())
    return Official({"item_code": frozenset(item.code for item in taxonomy.items), "lead_unit": units,
                     "request_type": frozenset(types.choices if types is not None else ()),
                     "region_district": frozenset(districts), "region_street": streets})


def quality_rules(settings: Settings, told: Callable[[AppError], None]) -> tuple[QualityRule, ...]:
    """The centre's rules, those that ship where its file cannot be used, which is told."""
    try:
        return load_quality_rules(_own_rules(settings)).rules
    except AppError as error:
        _log.warning("quality_rules_left_out", key=error.key)
        told(error)
        return load_quality_rules().rules


def quality_checks() -> tuple[Check, ...]:
    """For ``tingdan doctor``: which rules calls are checked by, and whether the centre's own can be used."""
    settings = load_settings()
    own = _own_rules(settings)
    try:
        held = load_quality_rules(own)
    except AppError as error:
        return (Check("quality.rules", False, error.key, error.params, f"tingdan doctor --quality {own}"),)
    source = messages.text("quality.source_own" if own is not None else "quality.source_shipped")
    return (Check("quality.rules", True, "quality.rules_good", {"source": source, "count": len(held.rules), "version": held.version}),)


def _own_rules(settings: Settings) -> Path | None:
    own = settings.text("quality.rules")
    return Path(own).expanduser() if own else None


def rules_version() -> str:
    """One version for the rules' figures and all learned models: the beginning of a digest over them."""
    digest = hashlib.sha256()
    for path in (*(resource(name) for name in _RULES), paths.data_dir() / LEARNED / "learned.json"):
        digest.update(path.read_bytes() if path.is_file() else b"-")
    return digest.hexdigest()[:12]
