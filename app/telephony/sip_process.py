"""One run of baresip: its folder, its configuration, its life. Who starts it (``SipPhone``) decides what follows when it ends.

The folder lies in memory (the session's runtime folder or /dev/shm), 0700, its files 0600: the configuration of this start with the
password of the control connection, which is worth nothing once it was used, and during a call what is heard
(``app.audio.softphone_source`` takes the files' names away as soon as it sees them). The account's password is in no file: it goes over the
control connection.
The child dies with the thread that started it (``setpriv --pdeathsig``), so no telephone goes on ringing without its program.

    EnvironmentFault   sip.not_installed      there is no baresip on this PC
                       sip.no_memory_folder   no folder in memory
                       sip.cannot_start       the system refuses to run it
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.domain.errors import EnvironmentFault
from app.telephony.sip_account import SipAccount
from app.telephony.sip_control import TOPIC, USER, SipControl

PROGRAM = "baresip"
FOLDER = "tingdan-sip-"
_END_S = 3.0
#: Packets of 20 ms that wait for one that was overtaken: four cost 80 ms, and bring in what comes that much too late. baresip 1.0.0 holds
#: as many as it is told, whatever the network does (its adaptive buffer came later); the most is what may lie there after a stall.
HELD_PACKETS, _MOST_PACKETS = 4, 25
_MODULES = ("g711.so", "g722.so", "plc.so", "sndfile.so", "uuid.so")
_MODULE_FOLDERS = ("/usr/lib/baresip/modules", "/usr/lib64/baresip/modules", "/usr/local/lib/baresip/modules")


@dataclass(frozen=True, slots=True)
class SipSound:
    """Where baresip plays and hears: drivers with their devices; ``environment`` names the sound server's devices.

    ``held_packets`` is the jitter buffer.
    The usual is ALSA's default device, which is the sound server's where one runs; that one's devices go by PULSE_SINK and PULSE_SOURCE.
    """

    player: str = "alsa,default"
    source: str = "alsa,default"
    alert: str = "alsa,default"
    modules: tuple[str, ...] = ("alsa.so",)
    environment: Mapping[str, str] = field(default_factory=dict)
    rings: bool = True
    held_packets: int = HELD_PACKETS


def sound_of(microphone: str, speaker: str, held_packets: int = HELD_PACKETS) -> SipSound:
    """The sound of the settings ``audio.microphone``, ``audio.speaker`` and ``sip.jitter_packets``."""
    chosen = {"PULSE_SOURCE": microphone, "PULSE_SINK": speaker}
    return SipSound(environment={name: device for name, device in chosen.items() if device}, held_packets=held_packets)


def memory_folder() -> Path:
    """A fresh folder that is in no disk, and the leavings of runs that are no more put away.

    Raises:
        EnvironmentFault: there is none.
    """
    for each in (os.environ.get("XDG_RUNTIME_DIR", ""), "/dev/shm"):  # noqa: S108 (memory; the folder in it is 0700)
        base = Path(each)
        if not each or not base.is_dir() or not _is_memory(base):
            continue
        with contextlib.suppress(OSError):
            _sweep(base)
            return Path(tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}-", dir=base))
    raise EnvironmentFault("sip.no_memory_folder")


def _is_memory(folder: Path) -> bool:
    """Whether a tmpfs holds it, by the longest mount point above it."""
    with contextlib.suppress(OSError):
        mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text("utf-8", "replace").splitlines()]
        above = [(point, kind) for point, kind in mounts if folder.resolve().is_relative_to(point)]
        return max(above, key=lambda mount: len(mount[0]))[1] in ("tmpfs", "ramfs")
    return False


def _sweep(base: Path) -> None:
    for old in base.glob(f"{FOLDER}*"):
        owner = old.name.removeprefix(FOLDER).partition("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists() and old.stat().st_uid == os.getuid():
            shutil.rmtree(old, ignore_errors=True)


def local_address(host: str) -> str:
    """This PC's address on the way to a host; "" where there is no way or no such name. Nothing is sent."""
    with contextlib.suppress(OSError, UnicodeError):
        found = socket.getaddrinfo(host.strip("[]"), 5060, type=socket.SOCK_DGRAM)
        with socket.socket(found[0][0], socket.SOCK_DGRAM) as probe:
            probe.connect(found[0][4])
            return str(probe.getsockname()[0])
    return ""


class SipProcess:
    """See the module.

    Args:
        account: for what the configuration needs of it.
        sound: devices.
        folder: of ``memory_folder``; ``tap`` below it takes what is heard.
        control: this run's connection, not started yet.
        on_line: takes each line that it prints, on "sip-output"; None once when it has ended.
    """

    def __init__(self, account: SipAccount, sound: SipSound, folder: Path, control: SipControl,
                 on_line: Callable[[str | None], None]) -> None:
        self._account, self._sound, self._folder, self._control, self._on_line = account, sound, folder, control, on_line
        self._process: subprocess.Popen[str] | None = None
        self._reader = threading.Thread(target=self._read, name="sip-output", daemon=True)

    def start(self) -> None:
        """Run it; it calls ``control`` within a second.

        Raises:
            EnvironmentFault: see the module.
        """
        program = shutil.which(PROGRAM)
        if program is None:
            raise EnvironmentFault("sip.not_installed")
        configuration = self._folder / "run"
        try:
            shutil.rmtree(configuration, ignore_errors=True)
            configuration.mkdir(mode=0o700)
            for name, text in (("config", self._configuration()), ("accounts", ""), ("contacts", "")):
                (configuration / name).touch(0o600, exist_ok=False)
                (configuration / name).write_text(text, "utf-8")
            self._control.start()
            self._process = subprocess.Popen(  # noqa: S603 (no shell, our own words)
                [*_dying_with_us(), program, "-s", "-f", str(configuration)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace", umask=0o077,
                env={**os.environ, **self._sound.environment})
        except OSError as error:
            raise EnvironmentFault("sip.cannot_start", reason=type(error).__name__) from error
        self._reader.start()

    def forget_configuration(self) -> None:
        """It has been read: take it away."""
        shutil.rmtree(self._folder / "run", ignore_errors=True)

    @property
    def pid(self) -> int:
        """Of the process; 0 before ``start``."""
        return self._process.pid if self._process is not None else 0

    def close(self) -> None:
        """End it: by its own command, else by force; safe to call twice."""
        self._control.send("quit")
        if self._process is not None:
            try:
                self._process.wait(_END_S)
            except subprocess.TimeoutExpired:  # it may wait for a peer that is dead
                self._process.kill()
                self._process.wait()
            self._reader.join(_END_S)
        self._control.close()

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()

    def _read(self) -> None:
        process = self._process
        assert process is not None and process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self._on_line(line.rstrip("\n"))
        process.wait()
        self._on_line(None)

    def _configuration(self) -> str:
        tap = self._folder / "tap"
        tap.mkdir(mode=0o700, exist_ok=True)
        address = local_address(self._account.host)
        lines = [
            "poll_method epoll", "call_local_timeout 180", "call_max_calls 4", "statmode_default off",
            f"module_path {next((each for each in _MODULE_FOLDERS if Path(each).is_dir()), _MODULE_FOLDERS[0])}",
            f"audio_player {self._sound.player}", f"audio_source {self._sound.source}", f"audio_alert {self._sound.alert}",
            "audio_path /usr/share/baresip", "audio_buffer 20-160", f"jitter_buffer_delay {self._sound.held_packets}-{_MOST_PACKETS}",
            # baresip's own watch counts the time in which the caller was held: he would be dead at the moment he is taken back.
            "rtp_timeout 0", "rtp_stats yes", f"snd_path {tap}",
            *(() if self._sound.rings else ("ring_aufile none", "ringback_aufile none", "callwaiting_aufile none")),
            *(f"module {name}" for name in (*_MODULES, *self._sound.modules)),
            "module_app menu.so", "module_app mqtt.so",
            "mqtt_broker_host 127.0.0.1", f"mqtt_broker_port {self._control.port}", f"mqtt_broker_user {USER}",
            f"mqtt_broker_password {self._control.password}", f"mqtt_broker_clientid {TOPIC}", f"mqtt_basetopic {TOPIC}",
        ]
        if address:
            lines.append(f"net_interface {address}")
        if self._account.port:
            lines.append(f"sip_listen {address or '0.0.0.0'}:{self._account.port}")  # noqa: S104 (as every telephone)
        return "\n".join(lines) + "\n"


def _dying_with_us() -> tuple[str, ...]:
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "KILL") if setpriv else ()
