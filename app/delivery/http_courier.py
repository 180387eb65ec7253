"""``Courier`` over HTTP: one message, one request (with children or attachments of their own: one each), judged by its answer.

At least once: every request carries its idempotency key, and whatever the network leaves in doubt is ``Failed``, to be sent again
with the same key. Nothing that a server does is an exception: it may stall, drip, cut, redirect, lie or talk for ever. A
redirect is followed only where method and server stay the same; to another host nothing is sent. One thread at a time;
``close`` may come from any thread and ends what hangs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import quote, urljoin, urlsplit

import requests

from app.delivery.answers import Answer, judge
from app.delivery.exchange import Exchange
from app.delivery.mapping import HttpMapping, RequestForm
from app.delivery.scope import scope_of
from app.delivery.signing import SecretOf, sign
from app.delivery.template import Scope, Unrenderable, as_text
from app.domain.delivery import Delivered, Failed, MessageKind, Outcome, Refused, safe_words
from app.domain.errors import AppError
from app.domain.json_values import Json
from app.ports.outbox import Attachment, Consignment
from app.ports.ports import Clock

_MOST_REDIRECTS = 3


class HttpCourier:
    """See the module.

    Args:
        mapping: where and how.
        secret_of: secrets by name.
        clock: for signatures and dates.

    Raises:
        EnvironmentFault: a certificate cannot be used.
    """

    def __init__(self, mapping: HttpMapping, secret_of: SecretOf, clock: Clock) -> None:
        self._mapping, self._secret_of, self._clock = mapping, secret_of, clock
        self._exchange = Exchange(mapping.line, secret_of)

    @property
    def name(self) -> str:
        """The mapping's name and the server's host."""
        return f"{self._mapping.name} ({urlsplit(self._mapping.ticket.address).netloc})"

    def deliver(self, consignment: Consignment) -> Outcome:
        """One attempt; see the port."""
        try:
            return self._deliver(consignment)
        except Unrenderable as error:
            return Refused(error.reason, safe_words(f"{error.name} {error.found}".strip()))
        except AppError as error:  # a secret that is missing: every message would meet it
            return Failed(error.key, safe_words(" ".join(str(value) for value in error.params.values())), is_line=True)

    def carried(self, consignment: Consignment) -> Sequence[int]:
        """Attachments that went inside the ticket's own message."""
        if not self._mapping.attachments_inline or consignment.message.kind is not MessageKind.TICKET:
            return ()
        return tuple(each.attachment_id for each in consignment.attachments)

    def settled(self, consignment: Consignment) -> None:
        """Nothing is remembered here: the server knows the key."""

    def close(self) -> None:
        """End what hangs; free everything."""
        self._exchange.close()

    def rendered(self, consignment: Consignment, child: int = 0) -> Json:
        """What would be sent as the payload; Unrenderable where the ticket lacks something."""
        form = self._mapping.child if child and self._mapping.child else self._mapping.ticket
        return form.payload(scope_of(consignment, child))

    def check(self) -> Outcome | None:
        """Ask the server by the mapping's ``check`` request, None where it has none. Any 2xx is well."""
        form = self._mapping.check
        if form is None:
            return None
        scope = Scope(dict.fromkeys(("ticket_no", "idempotency_key"), "check"))
        try:
            answer = self._ask(form, scope, ())
        except AppError as error:
            return Failed(error.key, safe_words(" ".join(str(value) for value in error.params.values())), is_line=True)
        if isinstance(answer, Answer) and 200 <= answer.status < 300:
            return Delivered(status=answer.status)
        return answer if not isinstance(answer, Answer) else judge(answer, self._mapping.answer, self._clock.now())

    def _deliver(self, consignment: Consignment) -> Outcome:
        mapping = self._mapping
        if consignment.message.kind is MessageKind.ATTACHMENT:
            if mapping.attachment is None:
                return Refused("delivery.attachment_late" if mapping.attachments_inline else "delivery.no_attachments")
            attachment = consignment.attachments[0]
            return self._send(mapping.attachment, scope_of(consignment, 0, attachment), consignment.attachments)
        inside = consignment.attachments if mapping.attachments_inline else ()
        outcome = self._send(mapping.ticket, scope_of(consignment), inside)
        if mapping.child is None or not isinstance(outcome, Delivered):
            return outcome
        receipts = [outcome.receipt]
        for matter in range(1, len(consignment.tickets)):
            scope = scope_of(consignment, matter)
            answer = self._send(mapping.child, Scope({**scope.values, "receipt": outcome.receipt}, scope.lists), ())
            if not isinstance(answer, Delivered):
                return answer  # all of it again: the server knows by their keys what it has
            receipts.append(answer.receipt)
        return Delivered(" ".join(filter(None, receipts)), outcome.was_known, outcome.status)

    def _send(self, form: RequestForm, scope: Scope, files: Sequence[Attachment]) -> Outcome:
        answer = self._ask(form, scope, files)
        return judge(answer, self._mapping.answer, self._clock.now()) if isinstance(answer, Answer) else answer

    def _ask(self, form: RequestForm, scope: Scope, files: Sequence[Attachment]) -> Answer | Failed:
        body = form.payload(scope)
        quoted = Scope({name: quote(as_text(value), safe="") for name, value in scope.values.items()})
        address = form.url(quoted)
        for _ in range(_MOST_REDIRECTS + 1):
            request = self._prepared(form, address, body, scope, files)
            answer = self._exchange.send(request)
            if isinstance(answer, Failed) or not 300 <= answer.status < 400:
                return answer
            target = urljoin(address, answer.headers.get("location", ""))
            if answer.status not in (307, 308) or not _same_server(address, target):
                return Failed("delivery.redirected", safe_words(urlsplit(target).netloc), answer.status)
            address = target
        return Failed("delivery.redirected", safe_words(urlsplit(address).netloc), 310)

    def _prepared(self, form: RequestForm, address: str, body: Json, scope: Scope,
                  files: Sequence[Attachment]) -> requests.PreparedRequest:
        key = as_text(scope.values["idempotency_key"])
        headers = {name: value(scope) for name, value in form.headers.items()}
        headers.setdefault(form.idempotency_header, key)
        request = requests.Request(form.method, address, headers=headers)
        if form.method != "GET":
            _fill(request, form, body, files)
        prepared = self._exchange.prepared(request)
        sign(prepared, self._mapping.auth, self._secret_of, self._clock, key)
        return prepared


def _fill(request: requests.Request, form: RequestForm, body: Json, files: Sequence[Attachment]) -> None:
    if form.encoding == "json":
        request.data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        request.headers = {"Content-Type": "application/json; charset=utf-8", **request.headers}
        return
    flat = {key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for key, value in (body.items() if isinstance(body, dict) else ()) if value is not None}
    if form.encoding == "form":
        request.data = {key: value.encode("utf-8", "replace") for key, value in flat.items()}
        return
    parts: list[tuple[str, tuple[str | None, bytes, str]]] = []
    if form.payload_part:
        parts.append((form.payload_part, (None, json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"), "application/json")))
    else:
        parts.extend((key, (None, value.encode("utf-8", "replace"), "text/plain; charset=utf-8")) for key, value in flat.items())
    parts.extend((form.file_part, (each.name, each.body, each.media_type)) for each in files)
    request.files = parts


def _same_server(one: str, other: str) -> bool:
    return urlsplit(one)[:2] == urlsplit(other)[:2]
