"""``HubLine`` over HTTP: JSON by POST, packed with gzip where it is long, the desk's token in the header, certificates always checked.

A token must not travel in the clear: the address is https, but for a hub on this very PC (tests, a demonstration). Redirects
are not followed: the token is meant for one server.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import requests

from app.delivery.answers import Answer, retry_after_s
from app.delivery.exchange import Exchange
from app.delivery.mapping import Line
from app.domain.delivery import Failed, safe_words
from app.domain.errors import OperatorVisibleError
from app.domain.json_values import Json
from app.ports.hub import HubSeen
from app.ports.ports import Clock

_PACKED_FROM_BYTES = 1024
_CONNECT_S, _READ_S, _WHOLE_S = 10.0, 30.0, 90.0
_OWN_PC = frozenset({"127.0.0.1", "localhost", "::1"})
_BUSY = frozenset({429, 503})


def checked_address(address: str) -> str:
    """The hub's address without a slash at its end.

    Raises:
        OperatorVisibleError: it is none, or a token would travel in the clear.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise OperatorVisibleError("hub_desk.bad_url")
    if parts.scheme == "http" and parts.hostname not in _OWN_PC:
        raise OperatorVisibleError("hub_desk.url_in_the_clear")
    return address.rstrip("/")


class HttpHubLine:
    """See the module.

    Args:
        address: the hub's, without a path or with that of a proxy before it.
        authority: certificate of the intranet's authority; None for the system's store.
        proxy: ``system``, ``none`` or an address.
        clock: for a Retry-After that is a date.

    Raises:
        OperatorVisibleError: the address is none, or a token would travel in the clear.
        EnvironmentFault: the certificate cannot be used.
    """

    def __init__(self, address: str, authority: Path | None, proxy: str, clock: Clock) -> None:
        self._address, self._clock = checked_address(address), clock
        self.name = urlsplit(address).netloc
        self._exchange = Exchange(Line(authority, None, None, "", proxy, _CONNECT_S, _READ_S, _WHOLE_S))

    def ask(self, path: str, question: Json, token: str = "") -> Mapping[str, object] | Failed:
        """One question; see the port."""
        body = json.dumps(question, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json"}
        if len(body) >= _PACKED_FROM_BYTES:
            body, headers["Content-Encoding"] = gzip.compress(body, 6, mtime=0), "gzip"
        if token:
            headers["Authorization"] = f"Bearer {token}"
        answer = self._exchange.send(self._exchange.prepared(requests.Request("POST", self._address + path, data=body, headers=headers)))
        return answer if isinstance(answer, Failed) else self._read(answer)

    def look(self, token: str = "") -> HubSeen:
        """Whether the hub answers and knows the token: an empty batch of records, which changes nothing there."""
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        request = requests.Request("POST", f"{self._address}/v1/records", data=b'{"records":[]}', headers=headers)
        answer = self._exchange.send(self._exchange.prepared(request))
        if isinstance(answer, Failed):
            return HubSeen(0, answer.reason)
        try:
            off_s = round((self._clock.now() - parsedate_to_datetime(answer.headers.get("date", ""))).total_seconds())
        except (ValueError, TypeError):
            return HubSeen(answer.status)
        return HubSeen(answer.status, clock_off_s=off_s)

    def close(self) -> None:
        """End what hangs."""
        self._exchange.close()

    def _read(self, answer: Answer) -> Mapping[str, object] | Failed:
        if not 200 <= answer.status < 300:
            reason = "hub_desk.busy" if answer.status in _BUSY else "hub_desk.refused"
            return Failed(reason, safe_words(answer.body[:400].decode("utf-8", "replace")), answer.status,
                          retry_after_s(answer, self._clock.now()))
        try:
            held = json.loads(answer.body) if answer.is_whole else None
        except (ValueError, RecursionError):
            held = None
        return held if isinstance(held, dict) else Failed("hub_desk.answer_unknown", "", answer.status)
