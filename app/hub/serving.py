"""Serving: uvicorn with so many processes; one that dies is started anew. Log lines go to standard error (journald keeps them)."""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
import sys
from asyncio import Transport
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.hub.config import HubConfig
from app.platform import logs
from app.ports.ports import Clock

_LARGEST_HEADERS = 16 << 10
_GRACE_S = 20


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen, and with which certificate; ``behind_proxy``: a proxy on the way here speaks TLS."""

    host: str = "127.0.0.1"
    port: int = 8443
    tls_cert: Path | None = None
    tls_key: Path | None = None
    behind_proxy: bool = False


class PromptAnswers(H11Protocol):
    """HTTP whose answers leave at once: head and body go out apart, and the body would wait 40 ms for the asker's word on the head.

    asyncio sees to that only where a socket names TCP as its protocol, which those do not that uvicorn hands to its processes.
    """

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Of each connection."""
        line = transport.get_extra_info("socket")
        if line is not None and line.family in (socket.AF_INET, socket.AF_INET6):
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)


def check_address(address: Address) -> None:
    """Nobody's token goes over a wire in the clear.

    Raises:
        OperatorVisibleError: not this machine alone, and no TLS (``hub.tls_needed``); half a certificate; a file that is not there.
    """
    if (address.tls_cert is None) != (address.tls_key is None):
        raise OperatorVisibleError("hub.tls_pair")
    for file in (address.tls_cert, address.tls_key):
        if file is not None and not file.is_file():
            raise OperatorVisibleError("hub.no_file", file=file.name)
    if address.tls_cert is None and not address.behind_proxy and not _is_loopback(address.host):
        raise OperatorVisibleError("hub.tls_needed")


def serve(factory: str, config: HubConfig, address: Address, workers: int) -> None:
    """Serve until told to end. ``factory`` is ``module:function`` of the root, called in each process.

    Raises:
        EnvironmentFault: it did not come up (``hub.not_started``): the port is taken, the database does not answer.
    """
    check_address(address)
    os.environ.update(config.to_environment())
    tls = {} if address.tls_cert is None else {"ssl_certfile": str(address.tls_cert), "ssl_keyfile": str(address.tls_key)}
    try:
        uvicorn.run(factory, factory=True, http=PromptAnswers, host=address.host, port=address.port, workers=workers,
                    log_config=None, access_log=False,
                    server_header=False, date_header=True, timeout_graceful_shutdown=_GRACE_S, timeout_keep_alive=75,
                    h11_max_incomplete_event_size=_LARGEST_HEADERS, proxy_headers=address.behind_proxy, **tls)  # type: ignore[arg-type]
    except SystemExit as ended:
        if ended.code:
            raise EnvironmentFault("hub.not_started", host=address.host, port=address.port) from ended


def log_to_standard_error(clock: Clock) -> None:
    """This process's log lines, without personal data, to where a service manager reads them."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logs.JsonLines(clock))
    logging.getLogger().addHandler(handler)
    logging.getLogger(logs.ROOT).setLevel(logging.INFO)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
