"""How the knowledge base is, for ``tingdan doctor``: which one opens, its version and size, and why a better one does not."""

from __future__ import annotations

from pathlib import Path

from app.domain.errors import AppError
from app.domain.health import Check
from kb_cache.installed import InstalledFolder
from kb_cache.opening import open_default


def knowledge_checks(installed: Path, cache_folder: Path, signed: InstalledFolder | None = None) -> tuple[Check, ...]:
    """Open the default knowledge base as the desk does and tell what came.

    Args:
        installed: where an installed knowledge base would lie.
        cache_folder: where indexes are kept.
        signed: what signed updates brought.
    """
    try:
        opened = open_default(installed, cache_folder, signed)
    except AppError as error:
        return (Check("knowledge.base", False, error.key, error.params),)
    knowledge = opened.knowledge
    try:
        told = {"version": knowledge.version, "entries": knowledge.size}
    finally:
        knowledge.close()
    found = [Check("knowledge.base", True, f"kb_cache.doctor_{opened.origin}", told)]
    if opened.problem is not None:
        found.append(Check("knowledge.installed", False, opened.problem.key, opened.problem.params))
    return tuple(found)
