"""All settings in one registry: key, type, default, who may set it; values from two TOML files, the machine's and the user's.

The machine's policy (``policy.toml``, written by the administrator) beats the user's file (``settings.toml``) beats the
default. A value of the wrong type, an unknown key or an unreadable file never stops the program: the default holds and a
note says so. Files hold tables by the part before the dot::

    [desk]
    city = "广州市"

Settings hold no personal data and no secrets. ``docs/settings.md`` is made from this registry (``markdown``) and tested
against it. Not for change while a call runs from several threads: load at start, ``put`` from one thread.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import platformdirs

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.platform import messages, paths
from app.platform.atomic_file import write_atomically

USER_FILE = "settings.toml"
POLICY_FILE = "policy.toml"

SettingValue = str | bool | int | float


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        key: "table.name".
        default: holds where nobody set it; its type is the setting's type.
        about: one sentence for docs/settings.md.
        machine_only: only the machine's policy may set it.
        choices: allowed values, empty for any.
        least: smallest number allowed.
        most: largest number allowed.
    """

    key: str
    default: SettingValue
    about: str
    machine_only: bool = False
    choices: tuple[SettingValue, ...] = ()
    least: float | None = None
    most: float | None = None

    @property
    def wanted(self) -> str:
        """What a value must be, for people."""
        if self.choices:
            return " | ".join(str(choice) or '""' for choice in self.choices)
        kind = {str: "text", bool: "true | false", int: "whole number", float: "number"}[type(self.default)]
        bounds = [f"{sign} {bound:.12g}" for sign, bound in ((">=", self.least), ("<=", self.most)) if bound is not None]
        return " ".join([kind, *bounds])

    def accepts(self, value: object) -> bool:
        """Whether a value has the setting's type and lies within its bounds."""
        if type(self.default) is float and type(value) is int:
            value = float(value)
        if type(value) is not type(self.default) or (self.choices and value not in self.choices):
            return False
        if isinstance(value, int | float) and not isinstance(value, bool):
            return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)
        return True


REGISTRY: tuple[Setting, ...] = (
    Setting("desk.city", "广州市", "Official name of the hotline's city; decides place names, deadlines and the item tree."),
    Setting("desk.agent_id", "", "The operator's work number, stamped on tickets."),
    Setting("desk.language", "zh", "Language of window, messages and command line; `TINGDAN_LANG` wins.",
            choices=("zh", "en")),
    Setting("desk.theme", "light", "Palette of the window: light, dark, or high contrast.", choices=("light", "dark", "contrast")),
    Setting("desk.font_percent", 100, "Type size of the window in percent.", least=90, most=200),
    Setting("desk.keys", "", "The operator's own keys, where they differ from the usual ones (written by the editor of keys: `?`)."),
    Setting("desk.notify", False, "Tell of calls and important notices by the system's notifications while the window is not in front."),
    Setting("desk.tray", True, "An icon in the system's tray that brings the window back."),
    Setting("desk.copy_order", "", "Fields in the order in which a ticket is copied for a system without interface: names of the field "
            "table with blanks between; empty: the form's own order, with labels."),
    Setting("desk.copy_profile", "", "File with a form-filling profile (docs/desk.md), instead of `desk.copy_order`."),
    Setting("speech.engine", "auto", "Recognition engine: the best one installed, or a certain one.",
            choices=("auto", "zipformer", "sherpa", "vosk", "whisper")),
    Setting("speech.accent", "", "Hear southern accents softly (n/l, zh/z, ch/c, sh/s, in/ing, en/eng, f/h, hu/w); empty: as it is "
            "said. Experimental: measured on a simulated accent only (docs/benchmarks/vocabulary.md).",
            choices=("", "southern")),
    Setting("speech.model_folder", "", "Folder of the speech model; empty: `TINGDAN_MODELS`, then the data folder."),
    Setting("models.mirror", "", "Base address of an intranet mirror that holds the model archives by their official names; "
            "empty: the publishers' own addresses. Checksums are compared either way."),
    Setting("knowledge.path", "", "Knowledge base file or folder; empty: the sample that ships with the program."),
    Setting("knowledge.address", "", "Where signed knowledge updates come from (docs/operations-kb.md): an address of a web server, or the "
            "path of a share or stick; empty: none are looked for."),
    Setting("knowledge.channel", "stable", "Channel of the updates."),
    Setting("knowledge.pin", "", "Version that this PC stays on; empty: the newest that is meant for it."),
    Setting("knowledge.poll_minutes", 30, "Minutes between two looks for updates, on the average.", least=1, most=10080),
    Setting("knowledge.ca_file", "", "Certificate of the intranet's authority (PEM) for the update server; empty: the system's store."),
    Setting("knowledge.proxy", "system", "Proxy to the update server: `system`, `none`, or its address."),
    Setting("knowledge.receipts", "", "Where receipts of updates go: an address that takes JSON by POST, or a folder; empty: they wait "
            "here."),
    Setting("knowledge.root", "", "Root file of the publisher to trust, put on this PC by the administrator; empty: the one that "
            "`tingdan kb update --root` was told.", machine_only=True),
    Setting("knowledge.push", "usual", "How eager knowledge cards are: usual; fewer, for experienced operators; off.",
            choices=("usual", "fewer", "off")),
    Setting("knowledge.pushes_a_call", 6, "At most so many times cards come up in one call.", least=1, most=30),
    Setting("program.updates", "off", "Newer versions of the program over the signed channel (docs/deploy.md): off, where packages come "
            "another way; tell, in receipts only; install, tried and taken at the next start.",
            machine_only=True, choices=("off", "tell", "install")),
    Setting("program.address", "", "Where signed program updates come from; empty: `knowledge.address`.", machine_only=True),
    Setting("program.root", "", "Root file of who publishes the program; empty: that of the knowledge.", machine_only=True),
    Setting("program.channel", "stable", "Channel of the program updates.", machine_only=True),
    Setting("program.poll_minutes", 240, "Minutes between two looks for program updates, on the average.", machine_only=True, least=1,
            most=10080),
    Setting("delivery.mapping", "", "Mapping file of the centre's ticket system (docs/delivery.md); empty: tickets stay in the outbox."),
    Setting("cti.mapping", "", "Mapping file of the centre's CTI system (docs/telephony.md); empty: no line is listened to."),
    Setting("cti.port", 18700, "Port of 127.0.0.1 on which CTI pages and programs may call in, where the mapping file wants that.",
            least=1024, most=65535),
    Setting("cti.extension", "", "The operator's extension, for the mapping file's `{extension}`."),
    Setting("sip.server", "", "Telephone server of the softphone: host or host:port; empty: no softphone (docs/telephony.md)."),
    Setting("sip.user", "", "The softphone's extension at that server."),
    Setting("sip.login", "", "User name for the password where it is not the extension. The password: `tingdan sip secret set`."),
    Setting("sip.transport", "udp", "How the softphone reaches the server; tls where the server has it.", choices=("udp", "tcp", "tls")),
    Setting("sip.codec", "pcma", "Coding of the sound: G.711 A-law, G.711 mu-law, or G.722 (wide band).", choices=("pcma", "pcmu", "g722")),
    Setting("sip.display", "", "Name that the other side of the softphone may show."),
    Setting("sip.conference", "", "Number of the server's conference room for this desk: emergency keys then bring 110, 119 … into the "
            "call; empty: they hand the caller over."),
    Setting("sip.keep_alive_s", 15, "Seconds after which an idle softphone asks the server for a sign of life (OPTIONS); 0: only when it "
            "registers, each minute.", least=0, most=300),
    Setting("sip.jitter_packets", 4, "Packets of 20 ms that wait for one that was overtaken. More where the network is bad, at 20 ms of "
            "delay each, ten for jitter of 300 ms (docs/telephony.md).", least=1, most=20),
    Setting("sip.port", 0, "Port of this PC for SIP, where a firewall wants a certain one; 0: any.", least=0, most=65535),
    Setting("audio.live", True, "Calls can be heard from this PC's sound devices: microphone = operator, loopback of the "
            "headset = citizen."),
    Setting("audio.microphone", "", "Id of the operator's microphone (`tingdan audio`); empty: the system's default."),
    Setting("audio.speaker", "", "Id of what the citizen is heard from (`tingdan audio`): a headset, or `app:NAME` for what one program "
            "plays (Linux); empty: the system's default headset."),
    Setting("call.announcement", "", "What the operator announces when a call is answered (recording, transcription); shown as a notice, "
            "empty for none."),
    Setting("hub.url", "", "Address of the centre's hub (docs/privacy.md: what leaves); empty: records of calls stay on this PC."),
    Setting("hub.ca_file", "", "Certificate of the intranet's authority (PEM) for the hub; empty: the system's store."),
    Setting("hub.proxy", "system", "Proxy to the hub: `system`, `none`, or its address."),
    Setting("hub.enrolment_code", "", "Code by which this PC introduces itself to the hub, once; `tingdan records enrol` takes it too.",
            machine_only=True),
    Setting("hub.share", True, "Records of calls (outcomes and codes, no words) go to the hub; false: only versions, receipts and "
            "whether a call runs.", machine_only=True),
    Setting("hub.share_text", False, "The words of calls go to the hub behind their records, with personal data hidden "
            "(docs/privacy.md), where the hub takes them; never those of confidential or anonymous calls, never sound.", machine_only=True),
    Setting("quality.rules", "", "File with the centre's rules of the quality check (docs/quality.md); empty: those that ship."),
    Setting("quality.remind", True, "A quiet line during a call while something can still be mended (number not read back)."),
    Setting("privacy.role", "operator", "Role in which this PC shows and exports data: what is masked follows from it (docs/privacy.md).",
            machine_only=True, choices=("operator", "lead", "it")),
    Setting("privacy.evidence_sound", "until_submit", "Sound of the call at hand, in memory only, so that evidence can be listened to: "
            "until its ticket is submitted, or not at all.", machine_only=True, choices=("until_submit", "off")),
    Setting("privacy.lock_after_min", 10, "Minutes without a touch after which the ticket store is locked; 0 never.",
            least=0, most=600),
    Setting("retention.daily", False, "The desk itself removes once a day what is old enough (docs/store.md); else only "
            "`tingdan store purge --yes` does.", machine_only=True),
    Setting("retention.drafts_days", 30, "Days for which an open draft is kept; 0 for ever.", machine_only=True, least=0,
            most=36500),
    Setting("retention.dialogue_days", 180, "Days for which the words of a submitted call are kept; 0 for ever.",
            machine_only=True, least=0, most=36500),
    Setting("retention.audio_days", 90, "Days for which sound attached to a ticket is kept; 0 for ever.", machine_only=True,
            least=0, most=36500),
    Setting("retention.tickets_days", 1095, "Days for which a delivered ticket is kept; 0 for ever.", machine_only=True,
            least=0, most=36500),
    Setting("retention.audit_days", 1095, "Days for which the audit trail is kept; 0 for ever.", machine_only=True, least=0,
            most=36500),
    Setting("backup.folder", "", "Folder of automatic backups of the ticket store; empty: `backups` in the data folder."),
    Setting("backup.every_hours", 24, "Hours between automatic backups; 0 makes none.", least=0, most=8760),
    Setting("backup.keep", 7, "How many automatic backups are kept.", least=1, most=365),
    Setting("repeat.window_days", 30, "How far back earlier tickets of a caller, place or matter are looked for.", least=1, most=3650),
    Setting("log.max_bytes", 1 << 20, "Size at which a log file is put away.", machine_only=True, least=65536,
            most=100_000_000),
    Setting("log.keep_files", 5, "How many put-away log files are kept.", machine_only=True, least=1, most=100),
)


@dataclass(frozen=True, slots=True)
class Note:
    """Something about a settings file that people should know: message key and parameters."""

    key: str
    params: Mapping[str, object]

    def __str__(self) -> str:
        return messages.text(self.key, self.params)


class Settings:
    """The settings in force. ``notes`` says what was wrong with the files.

    Args:
        user_file: the user's file; need not exist.
        policy_file: the machine's; need not exist.
        registry: all settings.
    """

    def __init__(self, user_file: Path, policy_file: Path, registry: tuple[Setting, ...] = REGISTRY) -> None:
        self._user_file = user_file
        self._registry = {setting.key: setting for setting in registry}
        self.notes: list[Note] = []
        self._policy = self._accepted(policy_file, machine=True)
        self._user = self._accepted(user_file, machine=False)

    def text(self, key: str) -> str:
        """A text setting."""
        return cast("str", self._get(key, str))

    def flag(self, key: str) -> bool:
        """A setting that is true or false."""
        return cast("bool", self._get(key, bool))

    def whole(self, key: str) -> int:
        """A whole number."""
        return cast("int", self._get(key, int))

    def number(self, key: str) -> float:
        """A number."""
        return float(cast("float", self._get(key, float)))

    @property
    def registry(self) -> tuple[Setting, ...]:
        """All settings there are."""
        return tuple(self._registry.values())

    def value(self, key: str) -> SettingValue:
        """The value in force, of whatever type."""
        return self._get(key, type(self._registry[key].default))

    def is_locked(self, key: str) -> bool:
        """Whether the machine's policy decides it."""
        return key in self._policy or self._registry[key].machine_only

    def policy_keys(self) -> frozenset[str]:
        """The settings that the machine's policy decides."""
        return frozenset(self._policy)

    def put(self, key: str, value: SettingValue) -> None:
        """Set the user's value and write the user's file.

        Raises:
            OperatorVisibleError: the policy decides it, or the value does not fit.
            EnvironmentFault: the file cannot be written; the value is not set.
        """
        setting = self._registry[key]
        if self.is_locked(key):
            raise OperatorVisibleError("platform.setting_locked", setting=key)
        if not setting.accepts(value):
            raise OperatorVisibleError("platform.setting_bad", file=self._user_file.name, setting=key,
                                       wanted=setting.wanted)
        damage: list[Note] = []
        whole = {**flat_values(_read(self._user_file, damage)), key: value}
        try:
            if damage:  # what a person wrote there, if wrongly, is not thrown away
                self._user_file.replace(self._user_file.with_suffix(".damaged"))
            write_atomically(self._user_file, _toml(whole).encode())
        except OSError as error:
            raise EnvironmentFault("platform.settings_unwritable", reason=type(error).__name__) from error
        self._user[key] = value

    def _get(self, key: str, kind: type) -> SettingValue:
        setting = self._registry[key]
        if type(setting.default) is not kind:
            raise TypeError(f"{key} is no {kind.__name__}")
        return self._policy.get(key, self._user.get(key, setting.default))

    def _accepted(self, file: Path, machine: bool) -> dict[str, SettingValue]:
        accepted: dict[str, SettingValue] = {}
        for key, value in flat_values(_read(file, self.notes)).items():
            setting = self._registry.get(key)
            if setting is None:
                self.notes.append(Note("platform.setting_unknown", {"file": file.name, "setting": key}))
            elif setting.machine_only and not machine:
                self.notes.append(Note("platform.setting_locked", {"setting": key}))
            elif not setting.accepts(value):
                self.notes.append(Note("platform.setting_bad",
                                       {"file": file.name, "setting": key, "wanted": setting.wanted}))
            else:
                accepted[key] = cast("SettingValue", value)
        return accepted


def load_settings() -> Settings:
    """The settings of this user on this machine."""
    return Settings(paths.config_dir() / USER_FILE, policy_folder() / POLICY_FILE)


def policy_folder() -> Path:
    """Where an administrator puts ``policy.toml``: a folder that users cannot write, and no variable moves."""
    if sys.platform == "win32":
        return Path(platformdirs.site_config_dir("tingdan", appauthor=False))
    return Path("/etc/tingdan")


def markdown(registry: tuple[Setting, ...] = REGISTRY) -> str:
    """The table of docs/settings.md."""
    lines = ["| key | value | default | set by | what it does |", "| --- | --- | --- | --- | --- |"]
    for setting in registry:
        wanted = setting.wanted.replace("|", "\\|")
        by = "policy" if setting.machine_only else "user, policy"
        lines.append(f"| `{setting.key}` | {wanted} | `{_literal(setting.default)}` | {by} | {setting.about} |")
    return "\n".join(lines) + "\n"


def _read(file: Path, notes: list[Note]) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        notes.append(Note("platform.settings_unreadable", {"file": file.name, "reason": type(error).__name__}))
        return {}


def flat_values(tables: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """The values of a settings file by full key ("desk.city"), tables unfolded."""
    flat: dict[str, object] = {}
    for name, value in tables.items():
        if isinstance(value, dict):
            flat.update(flat_values(value, f"{prefix}{name}."))
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _toml(flat: Mapping[str, object]) -> str:
    tables: dict[str, list[str]] = {}
    for key, value in sorted(flat.items()):
        table, _, name = key.rpartition(".")
        if isinstance(value, str | bool | int | float):
            tables.setdefault(table, []).append(f"{name} = {_literal(value)}")
    parts = [("" if not table else f"[{table}]\n") + "\n".join(lines) + "\n" for table, lines in sorted(tables.items())]
    return "\n".join(parts)


def _literal(value: SettingValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in escaped) + '"'
    return repr(value)
