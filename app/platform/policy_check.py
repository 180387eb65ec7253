"""Is a policy file right, before a thousand desks read it? Every finding with its line, in words for its administrator.

A desk passes over what it cannot use (``app.platform.settings``): a typing error in a policy would silently leave the default in
force on every PC. So the administrator asks first: ``tingdan doctor --policy FILE``. Found are what TOML does not take, unknown
keys (with the nearest known one), wrong types and values out of bounds, and, as warnings, files that do not exist here.
Pure but for reading; any thread.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import OperatorVisibleError
from app.platform.settings import REGISTRY, Setting, flat_values

PATH_SETTINGS = ("speech.model_folder", "knowledge.path", "knowledge.ca_file", "knowledge.root", "program.root", "delivery.mapping",
                 "hub.ca_file", "quality.rules")
MOST_BYTES = 1 << 20
_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=(.*)$""")
_PLACE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")


@dataclass(frozen=True, slots=True)
class PolicyFinding:
    """One thing about a policy.

    Attributes:
        line: counted from 1; 0 where it is about the file.
        is_error: the desks would not do what stands there; else a warning.
        key: message key.
        params: of the message.
    """

    line: int
    is_error: bool
    key: str
    params: Mapping[str, object]


def check_policy(file: Path, registry: tuple[Setting, ...] = REGISTRY) -> tuple[PolicyFinding, ...]:
    """What is wrong with a policy file, by line; nothing for a good one.

    Raises:
        OperatorVisibleError: there is no such file, or it cannot be read.
    """
    try:
        content = file.read_bytes()[: MOST_BYTES + 1]
    except OSError as error:
        raise OperatorVisibleError("policy.unreadable", file=str(file), reason=type(error).__name__) from error
    if len(content) > MOST_BYTES:
        return (PolicyFinding(0, True, "policy.too_long", {"most_kb": MOST_BYTES >> 10}),)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return (PolicyFinding(line, True, "policy.not_utf8", {}),)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return (toml_fault(str(error), text),)
    lines = key_lines(text)
    found = [finding for key, value in flat_values(tables).items()
             for finding in _judged(key, value, lines.get(key, lines.get(key.partition(".")[0], 0)), registry)]
    if not tables:
        found.append(PolicyFinding(0, False, "policy.empty", {}))
    return tuple(sorted(found, key=lambda finding: finding.line))


def key_lines(text: str) -> dict[str, int]:
    """Full key (``table.name``), and each table's name, to the line where it stands first.

    Texts and arrays over several lines are passed over; the text has been read as TOML before, so it is well-formed.
    """
    lines: dict[str, int] = {}
    table, within = "", ""
    for number, line in enumerate(text.splitlines(), 1):
        if within:
            within = "" if _closes(line, within) else within
            continue
        header = _HEADER.match(line)
        if header:
            table = _plain(header.group(1))
            lines.setdefault(table, number)
            continue
        key = _KEY.match(line)
        if key is None:
            continue
        lines.setdefault(".".join(part for part in (table, _plain(key.group(1))) if part), number)
        within = _opens(key.group(2).strip())
    return lines


def _judged(key: str, value: object, line: int, registry: tuple[Setting, ...]) -> Iterator[PolicyFinding]:
    known = {setting.key: setting for setting in registry}
    setting = known.get(key)
    if setting is None:
        near = difflib.get_close_matches(key, known, 1, 0.6)
        name = "policy.unknown_key_near" if near else "policy.unknown_key"
        yield PolicyFinding(line, True, name, {"setting": key, "near": near[0] if near else ""})
    elif not setting.accepts(value):
        yield PolicyFinding(line, True, "policy.bad_value", {"setting": key, "wanted": setting.wanted, "given": _shown(value)})
    elif key in PATH_SETTINGS and value and not Path(str(value)).exists():
        yield PolicyFinding(line, False, "policy.no_such_file", {"setting": key, "path": str(value)})


def toml_fault(message: str, text: str) -> PolicyFinding:
    """What TOML does not take, at its line."""
    place = _PLACE.search(message)
    line = int(place.group(1)) if place and place.group(1) else len(text.splitlines())
    return PolicyFinding(line, True, "policy.not_toml", {"reason": _PLACE.sub("", message)})


def _plain(dotted: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in dotted.split("."))


def _opens(value: str) -> str:
    """What a value waits for on later lines: a closing quote or bracket; empty for a value that ends on its line."""
    for quote in ('"""', "'''"):
        if value.startswith(quote):
            return "" if quote in value[3:] else quote
    return "]" if value.startswith("[") and not value.partition("#")[0].rstrip().endswith("]") else ""


def _closes(line: str, mark: str) -> bool:
    return line.partition("#")[0].strip() == mark or (mark != "]" and mark in line)


def _shown(value: object) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else text[:59] + "…"
