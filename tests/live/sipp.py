"""sipp as the telephone server (registration with a password, extensions that answer) and as the citizen who calls, with A-law sound.

Scenarios are written here as steps, not as files of XML: a call that is joined can be held, transferred, or ended by either side, in any
order, so from there on every scenario is the same loop of what may come.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path
from types import TracebackType

#: As telephones do: what comes twice on a busy PC, or before what comes first, is let lie until it is sent again; sipp would hang up.
_PATIENT = ("-default_behaviors", "all,-abortunexp")
NEEDED = ("baresip", "sipp", "sox")
USER, PASSWORD = "1001", "pass-w(o)rd!"
CITIZEN = "13900000000"

_SDP = """Contact: <sip:{me}@[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

v=0
o=s 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a={direction}"""
_ECHOED = "[last_Via:]\n[last_From:]\n[last_To:]{tag}\n[last_Call-ID:]\n[last_CSeq:]"
_VIA = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport"
_AGAIN = ' retrans="500"'
_EMPTY = "Contact: <sip:s@[local_ip]:[local_port]>\nContent-Length: 0\n"


def _send(text: str, more: str = "") -> str:
    return f"<send{more}><![CDATA[\n\n{text}\n\n]]></send>"


def _reply(line: str, body: str = _EMPTY, tag: str = "", more: str = "") -> str:
    return _send(f"SIP/2.0 {line}\n{_ECHOED.format(tag=tag)}\n{body}", more)


def _request(method: str, body: str, number: str) -> str:
    """A request within the dialog that this side answered."""
    return _send(f"{method} [next_url] SIP/2.0\n{_VIA}\nFrom: [$me]\nTo: [$you]\n[routes]\nCall-ID: [call_id]\nCSeq: [cseq] {method}\n"
                 f"Max-Forwards: 70\n{body}", _AGAIN)


def _joined(me: str, sound: Path | None, bye_after_s: float | None, refer: str) -> list[str]:
    """What may happen in a call that is joined."""
    play = [f'<nop><action><exec rtp_stream="{sound},1,8"/></action></nop>'] if sound is not None else []
    out = f' timeout="{round(bye_after_s * 1000)}" ontimeout="40"' if bye_after_s is not None else ""
    notify = ("Event: refer\nSubscription-State: {state}\nContent-Type: message/sipfrag;version=2.0\n"
              "Content-Length: [len]\n\nSIP/2.0 {status}")
    accepted = [
        _reply("202 Accepted"),
        _request("NOTIFY", notify.format(state="active;expires=60", status="100 Trying"), me), '<recv response="200"/>',
        _request("NOTIFY", notify.format(state="terminated;reason=noresource", status=refer), me),
        '<recv response="200"/>', '<nop next="10"/>',
    ]
    return [
        *play,
        '<label id="10"/>',
        # The first of a group that may come has the time limit of them all.
        f'<recv request="INVITE" optional="true" next="20"{out}/>', '<recv request="REFER" optional="true" next="30"/>',
        '<recv request="INFO" optional="true" next="35"/>', '<recv request="ACK" optional="true" next="10"/>',
        '<recv request="BYE"/>', _reply("200 OK"), '<nop next="90"/>',
        '<label id="20"/>', _reply("200 OK", _SDP.format(me=me, direction="sendrecv"), more=_AGAIN), '<recv request="ACK"/>',
        '<nop next="10"/>',
        '<label id="30"/>', *(accepted if refer else [_reply("603 Declined"), '<nop next="10"/>']),
        '<label id="35"/>', _reply("200 OK"), '<nop next="10"/>',
        '<label id="40"/>', _request("BYE", _EMPTY, me), '<recv response="200"/>',
        '<label id="90"/>',
    ]


def caller(sound: Path | None, bye_after_s: float | None = None, refer: str = "200 OK", number: str = CITIZEN) -> str:
    """The citizen calls. ``refer``: what becomes of a transfer, "" where he refuses it."""
    who = f"<sip:{number}@[local_ip]:[local_port]>;tag=[call_number]c[pid]"
    target = "sip:[service]@[remote_ip]:[remote_port]"
    head = _VIA + "\nFrom: {me}\nTo: <" + target + ">{tag}\nCall-ID: [call_id]\nCSeq: 1 {method}\nMax-Forwards: 70\n"
    keep = ('<action><ereg regexp=".*" search_in="hdr" header="From:" assign_to="me"/>'
            '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="you"/></action>')
    return _scenario([
        _send(f"INVITE {target} SIP/2.0\n" + head.format(me=who, tag="", method="INVITE") + _SDP.format(me=number, direction="sendrecv"),
              _AGAIN),
        '<recv response="100" optional="true"/>', '<recv response="180" optional="true"/>', '<recv response="183" optional="true"/>',
        '<recv response="486" optional="true" next="80"/>', '<recv response="603" optional="true" next="80"/>',
        f'<recv response="200" rrs="true">{keep}</recv>',
        _send(f"ACK {target} SIP/2.0\n" + head.format(me=who, tag="[peer_tag_param]", method="ACK") + "Content-Length: 0\n"),
        *_joined(number, sound, bye_after_s, refer), '<nop next="99"/>',
        '<label id="80"/>',
        _send(f"ACK {target} SIP/2.0\n" + head.format(me=who, tag="[peer_tag_param]", method="ACK") + "Content-Length: 0\n"),
        '<label id="99"/>',
    ])


def server(password: str = PASSWORD, sound: Path | None = None, realm: str = "hotline", refer: str = "200 OK",
           challenges_calls: bool = False, refuses: str = "", bye_after_s: float | None = None) -> str:
    """The telephone server: registers who shows the password, and every number at it answers.

    Args:
        password: what must be shown.
        sound: who answers says this.
        realm: of the challenge.
        refer: what becomes of a transfer.
        challenges_calls: a call must show the password too.
        refuses: status with which a number refuses instead of answering.
        bye_after_s: after so long who answered hangs up.
    """
    digest = f'Digest realm="{realm}",nonce="n[call_number]x[pid]",algorithm=MD5\nContent-Length: 0\n'
    challenge = f"WWW-Authenticate: {digest}"
    shown = f'<verifyauth assign_to="shown" username="{USER}" password="{password}"/>'
    asked = [
        '<recv request="INVITE"/>',
        _reply("401 Unauthorized", challenge, ";tag=[call_number]s[pid]"),
        '<recv request="ACK"/>', f'<recv request="INVITE" rrs="true"><action>{shown}{{keep}}</action></recv>',
        '<nop test="shown" next="57"/>', _reply("403 Forbidden", tag=";tag=[call_number]s[pid]"), '<recv request="ACK"/>',
        '<nop next="99"/>', '<label id="57"/>',
    ]
    keep = ('<ereg regexp=".*" search_in="hdr" header="From:" assign_to="you"/>'
            '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="to"/>'
            '<assignstr assign_to="me" value="[$to];tag=[call_number]s[pid]"/>')
    comes = [each.replace("{keep}", keep) for each in asked] if challenges_calls else [
        f'<recv request="INVITE" rrs="true"><action>{keep}</action></recv>']
    refusal = [_reply(refuses, tag=";tag=[call_number]s[pid]"), '<recv request="ACK"/>', '<nop next="99"/>'] if refuses else []
    return _scenario([
        '<recv request="REGISTER" optional="true" next="50"/>', '<recv request="OPTIONS" optional="true" next="60"/>',
        *comes, *refusal,
        _reply("180 Ringing", tag=";tag=[call_number]s[pid]"),
        _reply("200 OK", _SDP.format(me="s", direction="sendrecv"), ";tag=[call_number]s[pid]", ' retrans="500"'),
        '<recv request="ACK"/>', *_joined("s", sound, bye_after_s, refer), '<nop next="99"/>',
        '<label id="50"/>', _reply("401 Unauthorized", challenge, ";tag=[call_number]r"),
        f'<recv request="REGISTER"><action>{shown}</action></recv>',
        '<nop test="shown" next="55"/>',
        _reply("403 Forbidden", tag=";tag=[call_number]r"), '<nop next="99"/>',
        '<label id="55"/>', _reply("200 OK", "[last_Contact:]\nExpires: 60\nContent-Length: 0\n", ";tag=[call_number]r"),
        '<nop next="99"/>',
        '<label id="60"/>', _reply("200 OK", tag=";tag=[call_number]o"),
        '<label id="99"/>',
    ])


def _scenario(steps: list[str]) -> str:
    head, tail = '<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="s">\n', '\n<Reference variables="me,you"/>\n</scenario>\n'
    return head + "\n".join(steps) + tail


def free_port(kind: int = socket.SOCK_DGRAM) -> int:
    """A port that nobody has just now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Sipp:
    """One sipp; ends with the block.

    Args:
        folder: for its scenario and what it wrote.
        scenario: of ``caller`` or ``server``.
        to: host:port that it calls; "" for one that waits.
        port: its own; 0 for any.
        calls: how many it makes; 0 for no end.
        at: its address.
        inside: command in front of it (``ip netns exec NAME``).
    """

    def __init__(self, folder: Path, scenario: str, to: str = "", port: int = 0, calls: int = 1, at: str = "127.0.0.1",
                 inside: tuple[str, ...] = ()) -> None:
        self.port = port or free_port()
        self._log = folder / f"sipp-{self.port}.log"
        file = folder / f"sipp-{self.port}.xml"
        file.write_text(scenario, "utf-8")
        self.errors = folder / f"sipp-{self.port}.errors"
        arguments = [*inside, "sipp", *([to] if to else []), "-sf", str(file), "-i", at, "-mi", at, "-p", str(self.port), "-s", USER,
                     "-nostdin", "-deadcall_wait", "0", *_PATIENT, *(["-m", str(calls)] if calls else []), "-trace_err", "-error_file",
                     str(self.errors), "-mp", str(free_port() // 2 * 2)]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(arguments, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)

    def told(self) -> str:
        """What went wrong in its eyes; the end of a wait is none of that."""
        lines = self.errors.read_text("utf-8", "replace").splitlines() if self.errors.exists() else []
        return "\n".join(line for line in lines[1:] if line.strip() and "receive timeout" not in line)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> Sipp:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()


def a_law(recording: Path, to: Path, channel: int, seconds: float | None = None, pad_s: float = 0.0) -> Path:
    """One channel (1 or 2) of a recording as sipp plays it: raw A-law, 8 kHz."""
    trim = ["trim", "0", str(seconds)] if seconds is not None else []
    pad = ["pad", "0", str(pad_s)] if pad_s else []
    raw = ["-t", "raw", "-r", "8000", "-e", "a-law", "-c", "1"]
    subprocess.run(["sox", str(recording), *raw, str(to), "remix", str(channel), *trim, *pad], check=True)
    return to


def missing() -> list[str]:
    """Programs that these tests need and this PC has not."""
    return [name for name in NEEDED if shutil.which(name) is None]
