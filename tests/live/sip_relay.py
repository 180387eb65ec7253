"""A network between the citizen's telephone and the desk that can be made bad: loses, delays and blocks packets, and sees what passes.

It stands in the path by rewriting the ports that SIP messages name (SDP and Contact), so both ends send everything through it. Not every
kernel has ``netem``; delays are drawn as netem draws them, evenly and packet by packet, so that packets overtake each other.
"""

from __future__ import annotations

import heapq
import itertools
import random
import re
import select
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Address = tuple[str, int]
EVENT_TYPE = 101


@dataclass(slots=True)
class Weather:
    """How bad it is, towards the desk; ``is_blocked`` both ways, SIP too."""

    loss: float = 0.0
    jitter_ms: float = 0.0
    is_blocked: bool = False


@dataclass(slots=True)
class Seen:
    """What passed: RTP to the desk as (time, payload) before it was harmed, RTP from the desk as (payload type, payload)."""

    to_desk: list[tuple[float, bytes]] = field(default_factory=list)
    from_desk: list[tuple[int, bytes]] = field(default_factory=list)
    sip: list[str] = field(default_factory=list)

    def digits(self) -> str:
        """Keys that the desk sent as telephone events."""
        keys = "0123456789*#"
        ended = [payload[0] for kind, payload in self.from_desk if kind == EVENT_TYPE and payload[1] & 0x80]
        return "".join(keys[code] for code, _ in itertools.groupby(ended) if code < len(keys))


class SipRelay:
    """See the module. ``port`` is where the citizen calls.

    Args:
        desk_port: of the desk's telephone.
    """

    def __init__(self, desk_port: int, seed: int = 7) -> None:
        self.weather, self.seen = Weather(), Seen()
        self._random = random.Random(seed)
        # towards the citizen: SIP, RTP; towards the desk: SIP, RTP
        self._outer, self._outer_rtp, self._inner, self._inner_rtp = (self._socket() for _ in range(4))
        self.port: int = self._outer.getsockname()[1]
        self._desk: Address = ("127.0.0.1", desk_port)
        self._citizen: Address | None = None
        self._desk_rtp: Address | None = None
        self._citizen_rtp: Address | None = None
        self._late: list[tuple[float, int, Callable[[], object]]] = []
        self._serial = itertools.count()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stopped.set()
        self._thread.join(30)
        for each in (self._outer, self._outer_rtp, self._inner, self._inner_rtp):
            each.close()

    @staticmethod
    def _socket() -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind(("127.0.0.1", 0))
        return made

    def _run(self) -> None:
        takers = {self._outer: self._from_citizen, self._inner: self._from_desk, self._outer_rtp: self._sound_to_desk,
                  self._inner_rtp: self._sound_from_desk}
        while not self._stopped.is_set():
            wait_s = max(0.0, min(0.05, self._late[0][0] - time.monotonic())) if self._late else 0.05
            for ready in select.select(list(takers), [], [], wait_s)[0]:
                data, sender = ready.recvfrom(65536)
                if not self.weather.is_blocked:
                    takers[ready](data, sender)
            while self._late and self._late[0][0] <= time.monotonic():
                heapq.heappop(self._late)[2]()

    def _from_citizen(self, data: bytes, sender: Address) -> None:
        self._citizen = sender
        message, port = _rewritten(data.decode("utf-8", "replace"), self._inner_rtp.getsockname()[1], self._inner.getsockname()[1])
        if port:
            self._citizen_rtp = ("127.0.0.1", port)
        self.seen.sip.append(message)
        self._inner.sendto(message.encode(), self._desk)

    def _from_desk(self, data: bytes, sender: Address) -> None:
        message, port = _rewritten(data.decode("utf-8", "replace"), self._outer_rtp.getsockname()[1], self.port)
        if port:
            self._desk_rtp = ("127.0.0.1", port)
        self.seen.sip.append(message)
        if self._citizen is not None:
            self._outer.sendto(message.encode(), self._citizen)

    def _sound_to_desk(self, data: bytes, sender: Address) -> None:
        to = self._desk_rtp
        if len(data) < 12 or to is None:
            return
        self.seen.to_desk.append((time.monotonic(), data[12:]))
        if self._random.random() < self.weather.loss:
            return
        due = time.monotonic() + self._random.random() * self.weather.jitter_ms / 1000
        heapq.heappush(self._late, (due, next(self._serial), lambda: self._inner_rtp.sendto(data, to)))

    def _sound_from_desk(self, data: bytes, sender: Address) -> None:
        if len(data) >= 12:
            self.seen.from_desk.append((data[1] & 0x7F, data[12:]))
            if self._citizen_rtp is not None:
                self._outer_rtp.sendto(data, self._citizen_rtp)


def _rewritten(message: str, rtp_port: int, sip_port: int) -> tuple[str, int]:
    """The message with our ports in SDP and Contact, and the RTP port that it named (0: none)."""
    head, _, body = message.partition("\r\n\r\n")
    found = re.search(r"^m=audio (\d+)", body, re.MULTILINE)
    body = re.sub(r"^m=audio \d+", f"m=audio {rtp_port}", body, flags=re.MULTILINE)
    head = re.sub(r"^(Contact: <sip:[^>@]*@127\.0\.0\.1):\d+", rf"\g<1>:{sip_port}", head, flags=re.MULTILINE)
    head = re.sub(r"^Content-Length: *\d+", f"Content-Length: {len(body.encode())}", head, flags=re.MULTILINE)
    return f"{head}\r\n\r\n{body}", int(found.group(1)) if found else 0
