"""How a desk reaches a publisher: address, authority, proxy, patience. Apart from what transports, which loads network libraries.

A desk's window needs the address only, to hand it to the process that looks for updates.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from app.domain.errors import OperatorVisibleError


@dataclass(frozen=True, slots=True)
class UpdateLine:
    """How to reach the publisher.

    Attributes:
        address: http, https or file address, or a path.
        ca_file: the intranet's authority, None for the system's store.
        proxy: "system", "none", or a proxy's address.
        connect_s: to reach a server.
        stall_s: between two signs of life.
        grace_s: before slowness counts.
        least_bytes_per_s: slower than that is an attack or of no use.
    """

    address: str
    ca_file: Path | None = None
    proxy: str = "system"
    connect_s: float = 6.0
    stall_s: float = 20.0
    grace_s: float = 20.0
    least_bytes_per_s: int = 4096

    @property
    def base(self) -> str:
        """The address as an URL that ends with a slash.

        Raises:
            OperatorVisibleError: neither an URL that we know nor an absolute path.
        """
        scheme = urlsplit(self.address).scheme
        if scheme in ("http", "https", "file"):
            return self.address.rstrip("/") + "/"
        path = Path(self.address).expanduser()
        if not path.is_absolute():
            raise OperatorVisibleError("kb_update.bad_address", address=self.address)
        return path.as_uri() + "/"
