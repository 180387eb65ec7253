"""``LineLink`` that dials a CTI system's WebSocket server (the bar on this PC, or a server of the centre), logs in and stays connected.

Messages are bounded (64 KiB) by the library; a server that lies about sizes or talks nonsense loses its connection, which is told and
tried again (``app.telephony.reconnecting``). Only ws:// to this PC and wss:// elsewhere, unless the mapping file says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.frames import CloseCode
from websockets.sync.client import ClientConnection, connect

from app.telephony.cti_intake import MOST_BYTES, encoded
from app.telephony.dialled_link import OPEN_S, DialledLink


class CtiSocket(DialledLink[ClientConnection]):
    """See the module."""

    faults = (WebSocketException, OSError)

    def talk(self, on_open: Callable[[], None]) -> None:
        """See ``Talk``; on the thread "cti"."""
        mapping = self._intake.mapping
        try:
            with (connect(mapping.link.address, max_size=MOST_BYTES, open_timeout=OPEN_S, close_timeout=2.0, compression=None,
                          proxy=None) as line, self._in_use(line) as is_wanted):
                if not is_wanted:
                    return
                for message in mapping.greeting():
                    self._put(line, message)
                on_open()
                self._listen(line)
        except ConnectionClosed as error:
            if error.sent is not None and error.sent.code == CloseCode.MESSAGE_TOO_BIG:
                self._intake.refuse("oversized")
        except (WebSocketException, TimeoutError) as error:
            raise ConnectionError from error

    def _put(self, line: ClientConnection, message: Mapping[str, object]) -> None:
        line.send(encoded(message))

    def _end(self, line: ClientConnection) -> None:
        line.close()

    def _listen(self, line: ClientConnection) -> None:
        mapping = self._intake.mapping
        while True:
            try:
                message = line.recv(mapping.link.heartbeat_s if mapping.link.heartbeat is not None else None)
            except TimeoutError:
                beat = mapping.heartbeat()
                if beat is not None:
                    self._put(line, beat)
                continue
            self._intake.take_text(message)
