"""``tingdan doctor``: asks every room how it is and tells it, with the command that mends what is wrong.

Rooms give checks through providers (plain callables), wired in the composition root; this module knows none of them. A
provider that fails is itself a finding and never a traceback. Any thread.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from app.domain.errors import AppError
from app.domain.health import Check
from app.platform import machine_health, messages, paths
from app.platform.settings import load_settings

Provider = Callable[[], Sequence[Check]]
FORMAT = "tingdan-doctor/1"


def examine(providers: Sequence[tuple[str, Provider]]) -> tuple[Check, ...]:
    """All findings in the providers' order.

    Args:
        providers: name of the room ("speech") and what gives its checks.
    """
    found: list[Check] = []
    for room, provider in providers:
        try:
            found.extend(provider())
        except AppError as error:
            found.append(Check(room, False, error.key, error.params))
        except Exception as error:  # a doctor that falls over helps nobody; the class tells developers where to look
            found.append(Check(room, False, "doctor.provider_failed", {"room": room, "reason": type(error).__name__}))
    return tuple(found)


def machine_checks() -> tuple[Check, ...]:
    """What does not belong to one room: Python, window, folders, disk, settings, keys."""
    folders = machine_health.folder_checks()
    found = [
        machine_health.python_check(), machine_health.pyside_check(), machine_health.library_check(),
        machine_health.qt_check(), machine_health.screen_check(), machine_health.font_check(), *folders,
    ]
    usable = {check.name for check in folders if check.ok}
    if "folder.data" in usable:
        found += [machine_health.disk_check(paths.data_dir()), machine_health.secrets_check(paths.data_dir())]
    if "folder.config" in usable:
        found += machine_health.settings_checks(load_settings())
    return tuple(found)


def is_healthy(checks: Sequence[Check]) -> bool:
    """Whether nothing is wrong."""
    return all(check.ok for check in checks)


def render_text(checks: Sequence[Check], lang: str | None = None) -> str:
    """For people: one line a finding, the command that mends it below, a summary at the end."""
    lines: list[str] = []
    for check in checks:
        mark = messages.text("doctor.mark_ok" if check.ok else "doctor.mark_bad", None, lang)
        lines.append(f"{mark} {check.name:<22} {messages.text(check.key, check.params, lang)}")
        if check.remedy:
            lines.append(f"{'':<{len(mark) + 24}} {messages.text('doctor.remedy', {'command': check.remedy}, lang)}")
    wrong = sum(not check.ok for check in checks)
    lines.append(messages.text("doctor.all_well" if not wrong else "doctor.some_wrong", {"count": wrong}, lang))
    return "\n".join(lines)


def render_json(checks: Sequence[Check], lang: str | None = None) -> str:
    """One object: ``format``, ``healthy``, ``checks`` with name, ok, key, params, text, remedy."""
    return json.dumps({
        "format": FORMAT,
        "healthy": is_healthy(checks),
        "checks": [{"name": check.name, "ok": check.ok, "key": check.key,
                    "params": {name: value if isinstance(value, bool | int | float) else str(value)
                               for name, value in check.params.items()},
                    "text": messages.text(check.key, check.params, lang), "remedy": check.remedy} for check in checks],
    }, ensure_ascii=False, indent=1)
