"""Transport of ``requests`` with our certificates and a hand on the wire.

``Wire`` remembers the socket in use, so that another thread can end a request that hangs: a server that drips a byte now and
then keeps every timeout of a socket from passing. Certificates are those of the ``SSLContext`` given (the system's store,
where an administrator puts the intranet's authority), not the bundle that requests brings.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import Any

import requests.adapters
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


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
