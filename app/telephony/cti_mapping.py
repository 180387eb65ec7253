"""The mapping file of a CTI system (TOML): how its messages become ``LineEvent`` and how commands are written. docs/telephony.md.

``read_mapping`` checks the whole file; an error names file and place. ``CtiMapping.event`` is pure and never raises on any message:
what does not fit is ``None`` (not ours) or a ``Refusal`` (should have fitted).

    OperatorVisibleError   cti.mapping_missing, cti.mapping_syntax, cti.mapping_wrong   nothing is listened to
"""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from app.domain.errors import OperatorVisibleError
from app.domain.line import LineCommand, LineEvent, LineEventKind

FORMAT = 1
LINKS = ("listener", "websocket", "ami")
#: Names that a mapping's templates may use besides its own fields.
GIVEN = frozenset({"agent_id", "extension", "token", "digit", "target"})
_OWN = ("call_id", "number", "agent", "queue", "target", "message_id", "time")
_LONGEST = 128
_TOP = {"format", "name", "about", "link", "fields", "event", "command"}
_LINK_KEYS = {"kind", "address", "origins", "hello", "heartbeat", "heartbeat_s", "allow_remote"}
_NUMBER = re.compile(r"^(?:sips?:|tel:)?\+?([0-9*#]{2,32})(?:@.*)?$")

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message cannot be used: the last part of a message key ``cti.refused_*``."""

    reason: str


@dataclass(frozen=True, slots=True)
class EventRule:
    """A message is of ``kind`` where each path's value fits one of its patterns (``*`` stands for anything)."""

    kind: LineEventKind
    when: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Link:
    """How the other side is reached.

    Attributes:
        kind: one of ``LINKS``.
        address: of a WebSocket or AMI server; empty for the listener.
        origins: pages that may speak to the listener.
        hello: messages to send after connecting (login, subscribe).
        heartbeat: message to send every ``heartbeat_s`` seconds; None for none.
        heartbeat_s: see there.
    """

    kind: str
    address: str = ""
    origins: tuple[str, ...] = ()
    hello: tuple[Json, ...] = ()
    heartbeat: Json | None = None
    heartbeat_s: float = 20.0


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells a message apart from the same one sent again; empty where the system gives nothing."""

    message_id: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True)
class CtiMapping:
    """A mapping file's content; ``given`` fills its templates (agent's number, extension, secret)."""

    name: str
    link: Link
    fields: Mapping[str, tuple[str, ...]]
    rules: tuple[EventRule, ...]
    command_forms: Mapping[LineCommand, Json]
    given: Mapping[str, str] = field(default_factory=dict)

    def event(self, message: object) -> LineEvent | Refusal | None:
        """A message as an event; None where it is none of ours (another agent's, or of a kind that nobody maps)."""
        if not isinstance(message, Mapping):
            return Refusal("malformed")
        kind = next((rule.kind for rule in self.rules if self._fits(rule, message)), None)
        if kind is None:
            return None
        values = {name: text for name, paths in self.fields.items() if (text := _first(message, paths))}
        call_id = values.get("call_id", "")
        if not call_id:
            return Refusal("no_call_id")
        if any(len(text) > _LONGEST or not text.isprintable() for text in values.values()):
            return Refusal("malformed")
        mine, theirs = self.given.get("agent_id", ""), values.get("agent", "")
        if mine and theirs and mine != theirs:
            return None
        return LineEvent(kind, call_id, clean_number(values.get("number", "")), theirs, values.get("queue", ""),
                         clean_number(values.get("target", "")), values)

    def stamp(self, message: object) -> Stamp:
        """See ``Stamp``."""
        if not isinstance(message, Mapping):
            return Stamp()
        return Stamp(_first(message, self.fields.get("message_id", ())), _first(message, self.fields.get("time", ())))

    @property
    def commands(self) -> frozenset[LineCommand]:
        """Commands that the file has a form for."""
        return frozenset(self.command_forms)

    def command(self, command: LineCommand, values: Mapping[str, str]) -> dict[str, object] | None:
        """The message that asks for something; None where the file has none."""
        form = self.command_forms.get(command)
        return None if form is None else filled(form, {**self.given, **values})

    def greeting(self) -> list[dict[str, object]]:
        """What to send after connecting."""
        return [filled(form, self.given) for form in self.link.hello]

    def heartbeat(self) -> dict[str, object] | None:
        """What to send now and then."""
        return None if self.link.heartbeat is None else filled(self.link.heartbeat, self.given)

    def _fits(self, rule: EventRule, message: Json) -> bool:
        return all(any(fnmatchcase(found, _filled(pattern, self.given)) for pattern in patterns)
                   for path, patterns in rule.when for found in [value_at(message, path)])


def read_mapping(path: Path, given: Mapping[str, str] | None = None) -> CtiMapping:
    """The mapping in a file.

    Args:
        path: the file.
        given: fills its templates: ``agent_id``, ``extension``, ``token``.

    Raises:
        OperatorVisibleError: it is not there, no TOML, or something in it is wrong (params: file, place, wanted).
    """
    try:
        held: dict[str, object] = tomllib.loads(path.expanduser().read_text("utf-8"))
    except OSError as error:
        raise OperatorVisibleError("cti.mapping_missing", file=path.name) from error
    except ValueError as error:
        raise OperatorVisibleError("cti.mapping_syntax", file=path.name, problem=str(error)[:120]) from error
    return _Reader(path.name).mapping(held, given or {})


class _Reader:
    """Turns the file's tables into a mapping."""

    def __init__(self, file: str) -> None:
        self._file = file

    def mapping(self, held: dict[str, object], given: Mapping[str, str]) -> CtiMapping:
        self._known(held, _TOP, "")
        if held.get("format") != FORMAT:
            raise self._wrong("format", str(FORMAT))
        fields = {name: self._texts(value, f"fields.{name}") for name, value in self._table(held, "fields").items()}
        if "call_id" not in fields:
            raise self._wrong("fields.call_id", "path")
        commands = {self._command(name): self._form(form, f"command.{name}", fields)
                    for name, form in self._table(held, "command", needed=False).items()}
        name = held.get("name", "")
        return CtiMapping(name if isinstance(name, str) else "", self._link(self._table(held, "link")), fields,
                          self._rules(held.get("event")), commands, dict(given))

    def _link(self, held: dict[str, object]) -> Link:
        self._known(held, _LINK_KEYS, "link.")
        kind, address = held.get("kind"), held.get("address", "")
        if kind not in LINKS:
            raise self._wrong("link.kind", " | ".join(LINKS))
        assert isinstance(kind, str)
        if not isinstance(address, str) or not self._is_address(kind, address, held.get("allow_remote") is True):
            wanted = {"websocket": "ws://… | wss://…", "ami": "tcp://HOST:PORT"}.get(kind, "")
            raise self._wrong("link.address", wanted)
        hello = held.get("hello", [])
        if not isinstance(hello, list):
            raise self._wrong("link.hello", "[ {…} ]")
        beat, beat_s = held.get("heartbeat"), held.get("heartbeat_s", 20)
        if isinstance(beat_s, bool) or not isinstance(beat_s, int | float) or not 1 <= beat_s <= 600:
            raise self._wrong("link.heartbeat_s", "1 … 600")
        return Link(kind, address, self._texts(held.get("origins", []), "link.origins"),
                    tuple(self._form(form, "link.hello", {}) for form in hello),
                    None if beat is None else self._form(beat, "link.heartbeat", {}), float(beat_s))

    @staticmethod
    def _is_address(kind: str, address: str, allows_remote: bool) -> bool:
        """Open text travels within this PC only, unless the file says that the network is trusted."""
        if kind == "listener":
            return not address
        try:
            parts = urlsplit(address)
            is_local = parts.hostname in ("127.0.0.1", "localhost", "::1")
            has_port = kind != "ami" or parts.port is not None
        except ValueError:
            return False
        schemes = ("ws", "wss") if kind == "websocket" else ("tcp",)
        return parts.scheme in schemes and bool(parts.hostname) and has_port and (
            is_local or parts.scheme == "wss" or allows_remote)

    def _rules(self, held: object) -> tuple[EventRule, ...]:
        if not isinstance(held, list) or not held:
            raise self._wrong("event", "[[event]]")
        rules = []
        for place, rule in enumerate(held, 1):
            at = f"event[{place}]"
            if not isinstance(rule, dict):
                raise self._wrong(at, "[[event]]")
            self._known(rule, {"kind", "when"}, f"{at}.")
            if rule.get("kind") not in tuple(LineEventKind):
                raise self._wrong(f"{at}.kind", " | ".join(LineEventKind))
            when = rule.get("when")
            if not isinstance(when, dict) or not when:
                raise self._wrong(f"{at}.when", "{ path = value }")
            rules.append(EventRule(LineEventKind(rule["kind"]),
                                   tuple((path, self._texts(value, f"{at}.when.{path}")) for path, value in when.items())))
        return tuple(rules)

    def _command(self, name: str) -> LineCommand:
        if name not in tuple(LineCommand):
            raise self._wrong(f"command.{name}", " | ".join(LineCommand))
        return LineCommand(name)

    def _form(self, held: object, place: str, fields: Mapping[str, object]) -> Json:
        if not isinstance(held, dict):
            raise self._wrong(place, "{ key = value }")
        for text in _templates(held):
            try:
                names = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
            except ValueError as error:
                raise self._wrong(place, "{name}") from error
            unknown = names - GIVEN - set(fields) - set(_OWN)
            if unknown:
                raise self._wrong(place, f"{{{sorted(unknown)[0]}}}")
        return held

    def _table(self, held: dict[str, object], key: str, needed: bool = True) -> dict[str, object]:
        found = held.get(key, None if needed else {})
        if not isinstance(found, dict):
            raise self._wrong(key, f"[{key}]")
        return found

    def _texts(self, held: object, place: str) -> tuple[str, ...]:
        texts = held if isinstance(held, list) else [held]
        if not all(isinstance(text, str) for text in texts):
            raise self._wrong(place, '"…"')
        return tuple(texts)

    def _known(self, held: Mapping[str, object], keys: set[str], prefix: str) -> None:
        for key in held:
            if key not in keys:
                raise self._wrong(f"{prefix}{key}", " | ".join(sorted(keys)))

    def _wrong(self, place: str, wanted: str) -> OperatorVisibleError:
        return OperatorVisibleError("cti.mapping_wrong", file=self._file, place=place, wanted=wanted)


def value_at(message: object, path: str) -> str:
    """The value at a path of keys ("data.call.id"; a number picks from a list) as text; "" for none."""
    held = message
    for key in path.split("."):
        if isinstance(held, Mapping):
            held = held.get(key)
        elif isinstance(held, list) and key.isdecimal() and int(key) < len(held):
            held = held[int(key)]
        else:
            return ""
    if isinstance(held, bool):
        return "true" if held else "false"
    return str(held).strip() if isinstance(held, str | int | float) else ""


def clean_number(text: str) -> str:
    """Digits of a calling number ("sip:13800000000@pbx", "+86 138…"); "" for a withheld or an unreadable one."""
    match = _NUMBER.match(re.sub(r"[\s()-]", "", text))
    if match is None:
        return ""
    digits = match.group(1)
    return digits[2:] if digits.startswith("86") and len(digits) > 12 else digits


def filled(form: Json, values: Mapping[str, str]) -> dict[str, object]:
    """A form with its ``{names}`` filled in; an unknown one is empty."""
    return {key: _filled_any(value, values) for key, value in form.items()}


def _filled_any(held: object, values: Mapping[str, str]) -> object:
    if isinstance(held, str):
        return _filled(held, values)
    if isinstance(held, Mapping):
        return filled(held, values)
    return [_filled_any(each, values) for each in held] if isinstance(held, list) else held


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Plain names only: a template can reach no attribute of anything."""
    if "{" not in text:
        return text
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match.group(1), ""), text)


def _templates(held: object) -> Sequence[str]:
    if isinstance(held, str):
        return [held]
    inner = held.values() if isinstance(held, Mapping) else held if isinstance(held, list) else ()
    return [text for each in inner for text in _templates(each)]


def _first(message: Json, paths: Sequence[str]) -> str:
    return next((text for path in paths if (text := value_at(message, path))), "")
