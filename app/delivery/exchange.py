"""One request over a line to one answer: every deadline kept, the answer's size bounded, whatever went wrong told as ``Failed``.

Nothing that a server or a network does is an exception. Shared by the courier of tickets and the line to the hub. One thread at a
time; ``close`` may come from any thread and ends what hangs.
"""

from __future__ import annotations

import threading

import requests
import urllib3.exceptions

from app.delivery.answers import Answer
from app.delivery.line import open_session, proxies_for
from app.delivery.mapping import Line
from app.delivery.signing import SecretOf
from app.domain.delivery import Failed, safe_words
from app.platform.watched_http import Wire

LARGEST_ANSWER_BYTES = 256 << 10
_CHUNK_BYTES = 16 << 10


class Exchange:
    """See the module.

    Args:
        line: certificates, proxy, patience.
        secret_of: secrets by name, for a certificate's key.
        largest_bytes: longest answer that is read.

    Raises:
        EnvironmentFault: a certificate cannot be used.
    """

    def __init__(self, line: Line, secret_of: SecretOf = lambda name: None, largest_bytes: int = LARGEST_ANSWER_BYTES) -> None:
        self._line, self._largest_bytes = line, largest_bytes
        self._wire, self._closed = Wire(), threading.Event()
        self._session = open_session(line, secret_of, self._wire)

    def prepared(self, request: requests.Request) -> requests.PreparedRequest:
        """The request as it will travel."""
        return self._session.prepare_request(request)

    def send(self, request: requests.PreparedRequest) -> Answer | Failed:
        """One attempt; redirects are answers."""
        if self._closed.is_set():
            return Failed("delivery.cut", "closed")
        line = self._line
        late = threading.Timer(line.whole_s, self._wire.cut)  # drips of bytes keep every other deadline from passing
        late.name = "delivery-deadline"
        late.daemon = True
        late.start()
        try:
            with self._session.send(request, timeout=(line.connect_s, line.read_s), allow_redirects=False, stream=True,
                                    proxies=proxies_for(line, str(request.url)), verify=True) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                if response.status_code >= 300 and response.status_code < 400:
                    return Answer(response.status_code, headers, b"")
                body, is_whole = _read(response, self._largest_bytes)
                return Answer(response.status_code, headers, body, is_whole)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            return _failed(error)
        finally:
            late.cancel()

    def close(self) -> None:
        """End what hangs; free everything."""
        self._closed.set()
        self._wire.cut()
        self._session.close()


def _read(response: requests.Response, largest_bytes: int) -> tuple[bytes, bool]:
    """At most so many bytes of the answer, and whether that is all of it."""
    held = bytearray()
    while chunk := response.raw.read1(_CHUNK_BYTES):
        held += chunk
        if len(held) > largest_bytes:
            return bytes(held[:largest_bytes]), False
    return bytes(held), True


def _failed(error: Exception) -> Failed:
    """What the network did, in our words; is_line where every message would meet it."""
    told = safe_words(type(error).__name__)
    if isinstance(error, requests.exceptions.SSLError):
        return Failed("delivery.certificate", safe_words(_certificate_words(error)), is_line=True)
    if isinstance(error, requests.exceptions.ProxyError):
        return Failed("delivery.proxy", told, is_line=True)
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Failed("delivery.unreachable", told, is_line=True)
    if isinstance(error, requests.exceptions.Timeout | urllib3.exceptions.TimeoutError):
        return Failed("delivery.stalled", told)
    if isinstance(error, requests.exceptions.ConnectionError):
        is_early = any(word in str(error) for word in ("NewConnectionError", "NameResolutionError", "Failed to establish"))
        return Failed("delivery.unreachable" if is_early else "delivery.cut", told, is_line=is_early)
    return Failed("delivery.cut", told)


def _certificate_words(error: Exception) -> str:
    """OpenSSL's own reason ("self-signed certificate", "Hostname mismatch, …")."""
    text = str(error)
    start = text.find("verify failed: ")
    return text[start + 15:].split("(_ssl", maxsplit=1)[0].strip() if start >= 0 else type(error).__name__
