"""The network below a request: certificates of system or intranet, the client's own, the proxy, and a hand on the wire.

Certificates are always checked: against the system's store (where an administrator puts the intranet's authority), or only
against ``tls.ca_file``. Proxies are the system's, none, or a named one. What the system's ``.netrc`` knows is never used: passwords
go where the mapping says. ``Wire`` remembers the socket in use, so that another thread can end a request that hangs.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import Any

import requests.adapters
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from app.delivery.mapping import Line
from app.delivery.signing import SecretOf, secret_named
from app.domain.errors import EnvironmentFault


class Wire:
    """The newest socket; it may serve many requests, one after the other. ``cut`` may be called from any thread."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None

    def hold(self, used: socket.socket) -> None:
        """A connection stands."""
        self._socket = used

    def cut(self) -> None:
        """End whatever travels."""
        used = self._socket
        if used is not None:
            with contextlib.suppress(OSError):
                used.shutdown(socket.SHUT_RDWR)


class WatchedAdapter(requests.adapters.HTTPAdapter):
    """Transport with our certificates and a ``Wire``; no retries of its own.

    Args:
        context: certificates.
        wire: told every socket.
    """

    def __init__(self, context: ssl.SSLContext, wire: Wire) -> None:
        self._context, self._pools = context, _pools(wire)
        super().__init__(max_retries=0, pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        """Pools with our certificates."""
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._context, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        """The same behind a proxy."""
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, proxy_ssl_context=self._context, **proxy_kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """The context decides; requests would add its own bundle of authorities."""
        conn.cert_reqs = "CERT_REQUIRED"


def _pools(wire: Wire) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            wire.hold(self.sock)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            wire.hold(self.sock)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def open_session(line: Line, secret_of: SecretOf, wire: Wire) -> requests.Session:
    """A session that checks certificates and shows ours.

    Raises:
        EnvironmentFault: a certificate file cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=str(line.ca_file) if line.ca_file else None)
    except (ssl.SSLError, OSError) as error:
        raise EnvironmentFault("delivery.certificate_unusable", file=line.ca_file.name if line.ca_file else "") from error
    if line.certificate is not None:
        password = secret_named(line.key_secret, secret_of) if line.key_secret else ""
        try:  # a function: OpenSSL would ask the terminal otherwise
            context.load_cert_chain(line.certificate, line.key_file, lambda: password)
        except (ssl.SSLError, OSError, ValueError) as error:
            raise EnvironmentFault("delivery.certificate_unusable", file=line.certificate.name) from error
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", WatchedAdapter(context, wire))
    session.mount("http://", WatchedAdapter(context, wire))
    session.headers.clear()
    session.headers.update({"User-Agent": "tingdan", "Accept": "application/json, */*;q=0.5", "Accept-Encoding": "identity"})
    return session


def proxies_for(line: Line, address: str) -> dict[str, str]:
    """The proxy of an address by its scheme, empty for none."""
    if line.proxy == "none":
        return {}
    if line.proxy == "system":
        return dict(get_environ_proxies(address, no_proxy=None))
    return {"http": line.proxy, "https": line.proxy}
