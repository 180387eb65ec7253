"""The network below a request: certificates of system or intranet, the client's own, and the proxy.

Certificates are always checked: against the system's store (where an administrator puts the intranet's authority), or only
against ``tls.ca_file``. Proxies are the system's, none, or a named one. What the system's ``.netrc`` knows is never used: passwords
go where the mapping says.
"""

from __future__ import annotations

import ssl

import requests
from requests.utils import get_environ_proxies

from app.delivery.mapping import Line
from app.delivery.signing import SecretOf, secret_named
from app.domain.errors import EnvironmentFault
from app.platform.watched_http import WatchedAdapter, Wire


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
