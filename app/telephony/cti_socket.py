"""``LineLink`` that dials a CTI system's WebSocket server (the bar on this PC, or a server of the centre), logs in and stays connected.

Messages are bounded (64 KiB) by the library; a server that lies about sizes or talks nonsense loses its connection, which is told and
tried again (``app.telephony.reconnecting``). Only ws:// to this PC and wss:// elsewhere, unless the mapping file says otherwise.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.frames import CloseCode
from websockets.sync.client import ClientConnection, connect

from app.domain.call import NoticeRaised
from app.domain.line import LineCommand, LineEvent
from app.telephony.cti_intake import MOST_BYTES, CtiIntake, encoded
from app.telephony.reconnecting import Reconnecting

_OPEN_S = 10.0


class CtiSocket:
    """See the module.

    Args:
        intake: takes what comes in; its mapping names address, login and commands.
    """

    def __init__(self, intake: CtiIntake) -> None:
        self._intake = intake
        self._lock = threading.Lock()
        self._open: ClientConnection | None = None
        self._is_closed = False
        self._link: Reconnecting | None = None

    @property
    def commands(self) -> frozenset[LineCommand]:
        """What the mapping file has forms for."""
        return self._intake.mapping.commands

    def start(self, on_event: Callable[[LineEvent], None], tell: Callable[[NoticeRaised], None]) -> None:
        """Begin to dial."""
        self._intake.on_event, self._intake.tell = on_event, tell
        self._link = Reconnecting(self, self._intake.mapping.name, tell)
        self._link.start()

    def send(self, command: LineCommand, values: Mapping[str, str]) -> bool:
        """One message to the server."""
        message = self._intake.mapping.command(command, values)
        with self._lock:
            line = self._open
        if message is None or line is None:
            return False
        try:
            line.send(encoded(message))
        except (WebSocketException, OSError):
            return False
        return True

    def close(self) -> None:
        """Stop; safe to call twice."""
        if self._link is not None:
            self._link.close()

    # ------------------------------------------------------------------ Talk, on the thread "cti"

    def talk(self, on_open: Callable[[], None]) -> None:
        """See ``Talk``."""
        mapping = self._intake.mapping
        try:
            with connect(mapping.link.address, max_size=MOST_BYTES, open_timeout=_OPEN_S, close_timeout=2.0, compression=None,
                         proxy=None) as line:
                with self._lock:
                    self._open = line
                    if self._is_closed:
                        return
                for message in mapping.greeting():
                    line.send(encoded(message))
                on_open()
                self._listen(line)
        except ConnectionClosed as error:
            if error.sent is not None and error.sent.code == CloseCode.MESSAGE_TOO_BIG:
                self._intake.refuse("oversized")
        except (WebSocketException, TimeoutError) as error:
            raise ConnectionError from error
        finally:
            with self._lock:
                self._open = None

    def hang_up(self) -> None:
        """See ``Talk``."""
        with self._lock:
            self._is_closed = True
            line = self._open
        if line is not None:
            with contextlib.suppress(WebSocketException, OSError):
                line.close()

    def _listen(self, line: ClientConnection) -> None:
        mapping = self._intake.mapping
        while True:
            try:
                message = line.recv(mapping.link.heartbeat_s if mapping.link.heartbeat is not None else None)
            except TimeoutError:
                beat = mapping.heartbeat()
                if beat is not None:
                    line.send(encoded(beat))
                continue
            self._intake.take_text(message)
