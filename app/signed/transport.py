"""Fetches metadata and targets for a desk: HTTP(S) by ``requests``, or a folder (a share, a stick) by path or ``file://``.

A server may be dead, slow on purpose, endless or lying: every fetch has a bound on its bytes and one on its time, which follows
from the slowest line that is still of use. A target that broke off is taken up where it ended; its name carries its hash, so
what lies there is either a piece of the right file or is found out when the hash is compared. Redirects are not followed: an
intranet's update server has one address. One thread at a time; ``cut`` may come from any thread.
"""

from __future__ import annotations

import contextlib
import re
import ssl
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import requests
import urllib3.exceptions
from requests.utils import get_environ_proxies
from tuf.api.exceptions import DownloadError, DownloadHTTPError, DownloadLengthMismatchError, SlowRetrievalError
from tuf.ngclient import FetcherInterface

from app.domain.errors import EnvironmentFault
from app.platform.watched_http import WatchedAdapter, Wire
from app.ports.ports import Clock
from app.signed.line import UpdateLine as UpdateLine  # noqa: PLC0414 - whoever transports takes it from here, too

_CHUNK_BYTES = 64 << 10
_TRIES = 3


class Transport(FetcherInterface):
    """Fetcher of python-tuf's client, and of targets that can be resumed.

    Args:
        line: how.
        clock: measures slowness.

    Raises:
        EnvironmentFault: the authority's file cannot be used.
    """

    def __init__(self, line: UpdateLine, clock: Clock) -> None:
        self._line, self._clock = line, clock
        self._wire, self._closed = Wire(), threading.Event()
        self.fetched_bytes = 0
        try:  # the system's certificates take a fifth of a second to load: only where there is something to check
            is_secure = line.ca_file is not None or line.address.startswith("https:") or line.proxy.startswith("https:")
            context = ssl.create_default_context(cafile=str(line.ca_file) if line.ca_file else None) if is_secure else _nobody()
        except (ssl.SSLError, OSError) as error:
            raise EnvironmentFault("kb_update.certificate_unusable", file=line.ca_file.name if line.ca_file else "") from error
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.mount("https://", WatchedAdapter(context, self._wire))
        self._session.mount("http://", WatchedAdapter(context, self._wire))
        self._session.headers.update({"User-Agent": "tingdan", "Accept-Encoding": "identity"})

    def download_bytes(self, url: str, max_length: int) -> bytes:
        """A small file whole.

        Raises:
            DownloadError: in its kinds.
        """
        held = bytearray()
        with contextlib.closing(self._blocks(url, max_length, 0)) as blocks:
            for block in blocks:
                held += block
        return bytes(held)

    def resume(self, url: str, part: Path, length: int) -> None:
        """Have ``length`` bytes of a file in ``part``, going on where an earlier try ended.

        Raises:
            DownloadError: in its kinds; what came stays in ``part``.
            OSError: the disk refuses.
        """
        for attempt in range(1, _TRIES + 1):
            have = part.stat().st_size if part.exists() else 0
            if have > length:
                part.unlink()
                have = 0
            if have == length:
                return
            try:
                with part.open("ab") as stream, contextlib.closing(self._blocks(url, length, have, stream.truncate)) as blocks:
                    for block in blocks:
                        stream.write(block)
                size = part.stat().st_size
                if size > length:
                    part.unlink()
                    raise DownloadLengthMismatchError("more than signed")
                if size < length:
                    raise DownloadError("cut")
                return
            except DownloadError as error:
                if attempt == _TRIES or isinstance(error, DownloadHTTPError | SlowRetrievalError | DownloadLengthMismatchError):
                    raise

    def post(self, url: str, told: Mapping[str, object]) -> bool:
        """Post an object as JSON; True where the server took it."""
        try:
            with self._session.post(url, json=told, timeout=(self._line.connect_s, self._line.stall_s), allow_redirects=False,
                                    proxies=self._proxies(url), stream=True) as answer:
                return 200 <= answer.status_code < 300
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError):
            return False

    def cut(self) -> None:
        """End whatever travels, for good."""
        self._closed.set()
        self._wire.cut()

    def close(self) -> None:
        """Free everything."""
        self.cut()
        self._session.close()

    def _fetch(self, url: str) -> Iterator[bytes]:
        yield from self._blocks(url, 1 << 40, 0)

    def _blocks(self, url: str, most: int, have: int,
                restart: Callable[[int], object] = lambda size: None) -> Generator[bytes, None, None]:
        """Blocks of a file from byte ``have`` on, ``most`` bytes at most; ``restart(0)`` where the server begins anew."""
        came = 0
        source = self._from_disk(url, have) if url.startswith("file:") else self._from_server(url, most, have, restart)
        with contextlib.closing(source):  # its timer ends here, not when a traceback is forgotten
            for block in source:
                came += len(block)
                self.fetched_bytes += len(block)
                if came > most:
                    raise DownloadLengthMismatchError("more than signed")
                yield block

    def _from_disk(self, url: str, have: int) -> Generator[bytes, None, None]:
        path = Path(url2pathname(urlsplit(url).path))
        try:
            with path.open("rb") as stream:
                stream.seek(have)
                while block := stream.read(_CHUNK_BYTES):
                    yield block
        except FileNotFoundError as error:
            raise DownloadHTTPError("missing", 404) from error
        except OSError as error:
            raise DownloadError(type(error).__name__) from error

    def _from_server(self, url: str, most: int, have: int, restart: Callable[[int], object]) -> Generator[bytes, None, None]:
        line = self._line
        allowed_s = line.grace_s + most / line.least_bytes_per_s
        started_s, came = self._clock.monotonic_s(), 0
        late = threading.Event()

        def end_it() -> None:
            late.set()
            self._wire.cut()

        timer = threading.Timer(allowed_s, end_it)
        timer.name, timer.daemon = "update-deadline", True
        timer.start()
        try:
            with self._asked(url, have) as answer:
                if have and answer.status_code == requests.codes.ok:
                    restart(0)
                while block := answer.raw.read1(_CHUNK_BYTES):
                    came += len(block)
                    yield block
                    passed_s = self._clock.monotonic_s() - started_s
                    if passed_s > line.grace_s and came < (passed_s - line.grace_s) * line.least_bytes_per_s:
                        raise SlowRetrievalError("slower than of use")
            if late.is_set():
                raise SlowRetrievalError("deadline")
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            if late.is_set():
                raise SlowRetrievalError("deadline") from error
            raise DownloadError(type(error).__name__) from error
        finally:
            timer.cancel()

    def _asked(self, url: str, have: int) -> requests.Response:
        if self._closed.is_set():
            raise DownloadError("closed")
        headers = {"Range": f"bytes={have}-"} if have else {}
        answer = self._session.get(url, headers=headers, stream=True, timeout=(self._line.connect_s, self._line.stall_s),
                                   allow_redirects=False, proxies=self._proxies(url), verify=True)
        if answer.status_code == requests.codes.partial_content and have:
            given = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
            if given is not None and int(given.group(1)) == have:
                return answer
        elif answer.status_code == requests.codes.ok:
            return answer
        answer.close()
        raise DownloadHTTPError(f"status {answer.status_code}", answer.status_code)

    def _proxies(self, url: str) -> dict[str, str]:
        if self._line.proxy == "none":
            return {}
        if self._line.proxy == "system":
            return dict(get_environ_proxies(url, no_proxy=None))
        return {"http": self._line.proxy, "https": self._line.proxy}


def _nobody() -> ssl.SSLContext:
    """Certificates of nobody: whatever is secure is refused."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
