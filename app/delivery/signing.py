"""Shows a server who we are: Basic, Bearer, or a keyed signature over what is sent. A client certificate is ``app.delivery.line``'s.

The signature is made over the very bytes and address that travel, at every attempt anew. Secrets come by name through a
function, are never kept here and never shown. SM3 is asked of the system's OpenSSL; where it lacks it, that is said.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import requests

from app.delivery.mapping import Auth
from app.domain.errors import EnvironmentFault
from app.ports.ports import Clock

#: A secret by its name; None where there is none of that name.
SecretOf = Callable[[str], str | None]


def secret_named(name: str, secret_of: SecretOf) -> str:
    """The secret; EnvironmentFault ``delivery.secret_missing`` where it was not put into the keyring yet."""
    found = secret_of(name)
    if not found:
        raise EnvironmentFault("delivery.secret_missing", name=name)
    return found


def sign(request: requests.PreparedRequest, auth: Auth, secret_of: SecretOf, clock: Clock, idempotency_key: str) -> None:
    """Add to a request's headers what ``auth`` asks for."""
    if auth.kind == "basic":
        pair = f"{auth.user}:{secret_named(auth.secret, secret_of)}".encode()
        request.headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
    elif auth.kind == "bearer":
        request.headers["Authorization"] = "Bearer " + secret_named(auth.secret, secret_of).strip()
    elif auth.kind == "hmac":
        parts = _parts(request, auth, clock, idempotency_key)
        digest = _digest(auth, secret_named(auth.secret, secret_of), auth.signed.format_map(parts))
        for name, value in (auth.headers or {}).items():
            request.headers[name] = value.format_map({**parts, "signature": digest})


def _parts(request: requests.PreparedRequest, auth: Auth, clock: Clock, idempotency_key: str) -> Mapping[str, str]:
    address = urlsplit(str(request.url))
    body = request.body if isinstance(request.body, bytes) else (request.body or "").encode()
    at = clock.now().timestamp()
    md5 = hashlib.md5(body, usedforsecurity=False).digest()
    return {
        "method": str(request.method), "path": address.path or "/", "query": address.query, "host": address.netloc,
        "timestamp": str(int(at)), "timestamp_ms": str(int(at * 1000)), "nonce": secrets.token_hex(16),
        "body": body.decode("utf-8", "replace"), "body_sha256": hashlib.sha256(body).hexdigest(),
        "body_md5_base64": base64.b64encode(md5).decode(), "idempotency_key": idempotency_key, "user": auth.user,
    }


def _digest(auth: Auth, secret: str, signed: str) -> str:
    try:
        made = hmac.new(secret.encode(), signed.encode(), auth.algorithm).digest()
    except ValueError as error:
        raise EnvironmentFault("delivery.no_algorithm", algorithm=auth.algorithm) from error
    return made.hex() if auth.encoding == "hex" else base64.b64encode(made).decode()
