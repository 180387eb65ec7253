"""One attempt against real servers that do everything servers do: what it counts as, and that nothing hangs or leaks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.domain.delivery import Delivered, Failed, MessageKind, Refused
from app.ports.outbox import Attachment
from tests.app.delivery import scenes, ticket_system
from tests.app.delivery.ticket_system import TicketSystem, babbles, cuts, drips, endless, good, says, stalls
from tests.tls_authority import make_authority, openssl


@pytest.fixture
def server() -> Iterator[TicketSystem]:
    with ticket_system.running() as running:
        yield running


@pytest.fixture
def ask(server: TicketSystem, tmp_path: Path) -> Iterator[Callable[..., object]]:
    """One attempt with the usual mapping (changes by keyword) against a server that acts as told."""
    opened = []

    def attempt(act: object = None, /, consignment: object = None, secrets: dict[str, str] | None = None, **changes: object) -> object:
        if act is not None:
            server.script.append(act)  # type: ignore[arg-type]
        courier = scenes.courier(tmp_path, scenes.mapping(server.url(), **changes), secrets)
        opened.append(courier)
        return courier.deliver(consignment or scenes.consignment())

    yield attempt
    for courier in opened:
        courier.close()


def test_a_ticket_arrives_with_its_key_and_the_receipt_comes_back(ask: Callable[..., object], server: TicketSystem) -> None:
    assert ask() == Delivered("R1", status=200)
    seen = server.seen[0]
    assert seen.headers["idempotency-key"] == "key1"
    assert seen.headers["content-type"] == "application/json; charset=utf-8"
    assert seen.json == {"key": "key1", "no": "T1", "title": "反映路灯不亮", "children": [{"no": "T1-01"}]}


@pytest.mark.parametrize(("act", "reason", "is_line"), [
    (says(500, {"msg": "崩了"}), "delivery.server_failed", False),
    (says(503, b"later"), "delivery.server_busy", False),
    (says(429, b"", {"Retry-After": "17"}), "delivery.server_busy", True),
    (says(408, b""), "delivery.server_failed", False), (says(425, b""), "delivery.server_failed", False),
    (says(401, {"msg": "口令过期"}), "delivery.credentials", True),
    (says(200, "<html>请先登录</html>".encode()), "delivery.answer_unreadable", False),
    (says(200, b'{"code": 0, "da'), "delivery.answer_unreadable", False),
    (says(200, {"ok": True}), "delivery.answer_unknown", False),
    (says(200, {"code": 0}), "delivery.no_receipt", False), (says(204, b""), "delivery.answer_unreadable", False),
    (says(200, b"[" * 100_000), "delivery.answer_unreadable", False),
    (stalls, "delivery.stalled", False), (cuts, "delivery.cut", False), (babbles, "delivery.cut", False),
    (endless, "delivery.answer_unreadable", False), (drips, "delivery.cut", False),
])
def test_what_proves_nothing_is_tried_again(ask: Callable[..., object], act: object, reason: str, is_line: bool) -> None:
    begun_s = time.monotonic()
    outcome = ask(act)
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.is_line) == (reason, is_line)
    assert time.monotonic() - begun_s < 8  # no server holds the line for longer than whole_s


def test_retry_after_comes_as_seconds_or_as_a_date_and_is_capped(ask: Callable[..., object]) -> None:
    assert ask(says(429, b"", {"Retry-After": "17"})).retry_after_s == 17  # type: ignore[attr-defined]
    assert ask(says(503, b"", {"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"})).retry_after_s == 86400  # type: ignore[attr-defined]
    assert ask(says(503, b"", {"Retry-After": "soon"})).retry_after_s is None  # type: ignore[attr-defined]
    assert ask(says(503, b"", {"Retry-After": "9" * 5000})).retry_after_s == 86400  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 413, 422, 451])
def test_a_refusal_keeps_the_servers_words_harmless_and_short(ask: Callable[..., object], status: int) -> None:
    words = "标题过长\x1b[31m<b>\u202e" + "很" * 2000
    outcome = ask(says(status, {"msg": words}))
    assert isinstance(outcome, Refused)
    assert (outcome.reason, outcome.status) == ("delivery.refused", status)
    assert outcome.words.startswith("标题过长\\u001b[31m＜b＞\\u202e很")
    assert len(outcome.words) <= 500


def test_a_code_inside_a_friendly_answer_decides(ask: Callable[..., object]) -> None:
    assert isinstance(ask(says(200, {"code": 4001, "msg": "区县不对"})), Refused)
    assert isinstance(ask(says(200, {"code": "BUSY"}), answer__retry={"path": "code", "in": ["BUSY"]}), Failed)
    assert isinstance(ask(says(200, {"code": False, "data": {"no": "1"}})), Refused)  # false is not 0
    known = ask(says(409, {"code": "DUP", "data": {"no": "R7"}}), answer__duplicate={"status": [409], "path": "code", "in": ["DUP"]})
    assert known == Delivered("R7", was_known=True, status=409)


def test_a_secret_that_is_not_there_sends_nothing_and_holds_all(ask: Callable[..., object], server: TicketSystem) -> None:
    outcome = ask(auth={"type": "bearer", "secret": "centre"})
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.words, outcome.is_line, server.seen) == ("delivery.secret_missing", "centre", True, [])


def test_basic_and_bearer(ask: Callable[..., object], server: TicketSystem) -> None:
    ask(auth={"type": "basic", "user": "坐席", "secret": "s"}, secrets={"s": "密码"})
    ask(auth={"type": "bearer", "secret": "s"}, secrets={"s": "abc\n"})
    assert base64.b64decode(server.seen[0].headers["authorization"].removeprefix("Basic ")).decode() == "坐席:密码"
    assert server.seen[1].headers["authorization"] == "Bearer abc"


def test_a_server_can_check_the_signature(ask: Callable[..., object], server: TicketSystem) -> None:
    auth = {"type": "hmac", "user": "app", "secret": "s", "signed": "{method}|{path}|{timestamp}|{nonce}|{body_sha256}",
            "headers": {"X-App": "{user}", "X-Time": "{timestamp}", "X-Nonce": "{nonce}", "X-Sign": "{signature}"}}
    ask(auth=auth, secrets={"s": "k"})
    ask(auth=auth, secrets={"s": "k"})
    for seen in server.seen:
        h = seen.headers
        signed = f"POST|/orders|{h['x-time']}|{h['x-nonce']}|{hashlib.sha256(seen.body).hexdigest()}"
        assert h["x-sign"] == hmac.new(b"k", signed.encode(), "sha256").hexdigest()
    assert server.seen[0].headers["x-nonce"] != server.seen[1].headers["x-nonce"]


def test_a_redirect_to_another_host_gets_neither_ticket_nor_secret(ask: Callable[..., object], server: TicketSystem) -> None:
    with ticket_system.running() as other:
        for status in (301, 302, 303, 307, 308):
            outcome = ask(says(status, b"", {"Location": other.url()}), auth={"type": "bearer", "secret": "s"}, secrets={"s": "k"})
            assert isinstance(outcome, Failed)
            assert outcome.reason == "delivery.redirected"
            assert outcome.words == f"127.0.0.1:{other.server_address[1]}"
        assert other.seen == []
    outcome = ask(says(308, b"", {"Location": "/new"}))  # the same server may move a path
    assert isinstance(outcome, Delivered)
    assert (server.seen[-1].path, server.seen[-1].body) == ("/new", server.seen[-2].body)
    server.script = [says(307, b"", {"Location": "/loop"})] * 9
    assert ask().reason == "delivery.redirected"  # type: ignore[attr-defined]
    assert len(server.script) == 5


def test_nobody_there_holds_all(tmp_path: Path) -> None:
    courier = scenes.courier(tmp_path, scenes.mapping("http://127.0.0.1:9/orders"))
    assert courier.deliver(scenes.consignment()) == Failed("delivery.unreachable", "ConnectionError", is_line=True)
    courier.close()


def test_closing_ends_a_request_that_hangs(server: TicketSystem, tmp_path: Path) -> None:
    server.script.append(stalls)
    courier = scenes.courier(tmp_path, scenes.mapping(server.url(), timeouts={"read_s": 30, "whole_s": 60}))
    done: list[object] = []
    thread = threading.Thread(target=lambda: done.append(courier.deliver(scenes.consignment())))
    thread.start()
    while not server.seen:
        server.over.wait(0.01)
    begun_s = time.monotonic()
    courier.close()
    thread.join(5)
    assert time.monotonic() - begun_s < 2
    assert isinstance(done[0], Failed)


def test_drips_are_cut_on_a_connection_that_served_before(server: TicketSystem, tmp_path: Path) -> None:
    server.script = [good, drips]
    courier = scenes.courier(tmp_path, scenes.mapping(server.url()))
    assert isinstance(courier.deliver(scenes.consignment()), Delivered)
    begun_s = time.monotonic()
    assert isinstance(courier.deliver(scenes.consignment()), Failed)
    assert time.monotonic() - begun_s < 4
    courier.close()


def test_a_proxy_is_used_where_one_is_set_and_not_asked_otherwise(ask: Callable[..., object], server: TicketSystem,
                                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    with ticket_system.running() as proxy:
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, proxy.url(""))
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        ask(proxy="system")
        assert proxy.seen[0].path == server.url()  # the whole address, as a proxy is asked
        ask(proxy="none")
        assert (len(proxy.seen), len(server.seen)) == (1, 1)
        ask(proxy=proxy.url(""))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        ask(proxy="system")
        assert (len(proxy.seen), len(server.seen)) == (2, 2)
    assert ask(proxy="http://127.0.0.1:9").reason == "delivery.proxy"  # type: ignore[attr-defined]


def test_passwords_of_netrc_are_never_sent(ask: Callable[..., object], server: TicketSystem, tmp_path: Path,
                                           monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    ask()
    assert "authorization" not in server.seen[0].headers


def test_children_of_their_own_carry_keys_of_their_own(ask: Callable[..., object], server: TicketSystem) -> None:
    child = {"as": "own", "request": {"url": server.url("/orders/{{receipt}}/children"), "payload": {"no": "{{ticket_no}}"}}}
    assert ask(children=child) == Delivered("R1 R2", status=200)
    assert [(s.path, s.headers["idempotency-key"]) for s in server.seen] == [("/orders", "key1"), ("/orders/R1/children", "key1.01")]
    server.script = [good, says(500, b"")]
    assert isinstance(ask(children=child), Failed)  # not delivered before all are


def test_attachments_inside_as_parts_and_alone(ask: Callable[..., object], server: TicketSystem) -> None:
    photo = Attachment(4, "现场 照片.jpg", "image/jpeg", b"\xff\xd8photo")
    with_photo = scenes.consignment(attachments=(photo,))
    ask(consignment=with_photo, attachments={"as": "inline"}, request__encoding="multipart", request__payload_part="ticket",
        request__payload={"no": "{{ticket_no}}"})
    assert b"\xff\xd8photo" in server.seen[0].body
    assert b'name="ticket"' in server.seen[0].body
    ask(consignment=with_photo, attachments={"as": "inline"}, request__payload={
        "files": {"$each": "attachments", "item": {"name": "{{attachment_name}}", "data": "{{content_base64}}"}}})
    assert server.seen[1].json == {"files": [{"name": "现场 照片.jpg", "data": base64.b64encode(photo.body).decode()}]}
    alone = scenes.consignment(kind=MessageKind.ATTACHMENT, attachments=(photo,), receipt="R/1")
    own = {"as": "own", "request": {"url": server.url("/o/{{receipt}}"), "payload": {"sum": "{{sha256}}"}}}
    ask(consignment=alone, attachments=own)
    assert (server.seen[2].path, server.seen[2].json) == ("/o/R%2F1", {"sum": hashlib.sha256(photo.body).hexdigest()})
    assert ask(consignment=alone) == Refused("delivery.no_attachments")
    assert ask(consignment=alone, attachments={"as": "inline"}) == Refused("delivery.attachment_late")


def test_a_ticket_without_a_needed_field_is_not_sent(ask: Callable[..., object], server: TicketSystem) -> None:
    outcome = ask(request__payload={"phone": "{{contact_phone | required}}"})
    assert outcome == Refused("delivery.field_missing", "contact_phone")
    outcome = ask(request__payload={"t": "{{request_type | map:types}}"}, values={"types": {"咨询": 1}})
    assert outcome == Refused("delivery.value_unmapped", "request_type 投诉")
    assert server.seen == []


# ---------------------------------------------------------------- TLS


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An intranet's authority, a server of it (127.0.0.1), one of another name, an expired one, and a client."""
    folder = tmp_path_factory.mktemp("tls")
    make_authority(folder, {"server": ("IP:127.0.0.1", 30), "other": ("DNS:elsewhere.example", 30), "late": ("IP:127.0.0.1", 0),
                            "client": ("DNS:desk", 30)})
    openssl(folder, "ec", "-in", "client.key", "-out", "client-locked.key", "-aes128", "-passout", "pass:geheim")
    return folder


def context(authority: Path, name: str = "server", wants_client: bool = False) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(authority / f"{name}.pem", authority / f"{name}.key")
    if wants_client:
        made.load_verify_locations(authority / "ca.pem")
        made.verify_mode = ssl.CERT_REQUIRED
    return made


def test_the_intranets_authority_is_trusted_where_the_mapping_names_it(authority: Path, tmp_path: Path) -> None:
    with ticket_system.running(context(authority)) as server:
        trusting = scenes.courier(tmp_path, scenes.mapping(server.url(), tls={"ca_file": str(authority / "ca.pem")}))
        assert isinstance(trusting.deliver(scenes.consignment()), Delivered)
        trusting.close()
        plain = scenes.courier(tmp_path, scenes.mapping(server.url()))
        outcome = plain.deliver(scenes.consignment())
        plain.close()
        assert isinstance(outcome, Failed)
        assert (outcome.reason, outcome.is_line, len(server.seen)) == ("delivery.certificate", True, 1)
        assert "self-signed certificate in certificate chain" in outcome.words or "unable to get" in outcome.words


@pytest.mark.parametrize(("name", "words"), [("other", "mismatch"), ("late", "expired")])
def test_a_wrong_certificate_gets_nothing(authority: Path, tmp_path: Path, name: str, words: str) -> None:
    if name == "late":
        threading.Event().wait(1.1)
    with ticket_system.running(context(authority, name)) as server:
        courier = scenes.courier(tmp_path, scenes.mapping(server.url(), tls={"ca_file": str(authority / "ca.pem")}))
        outcome = courier.deliver(scenes.consignment())
        courier.close()
        assert isinstance(outcome, Failed)
        assert outcome.reason == "delivery.certificate"
        assert words in outcome.words
        assert server.seen == []


def test_a_client_certificate_is_shown_with_its_keys_password_from_the_keyring(authority: Path, tmp_path: Path) -> None:
    with ticket_system.running(context(authority, wants_client=True)) as server:
        tls = {"ca_file": str(authority / "ca.pem"), "certificate": str(authority / "client.pem"),
               "key_file": str(authority / "client-locked.key"), "key_secret": "key"}
        held = scenes.mapping(server.url(), tls=tls, auth={"type": "client_certificate"})
        courier = scenes.courier(tmp_path, held, {"key": "geheim"})
        assert isinstance(courier.deliver(scenes.consignment()), Delivered)
        courier.close()
        bare = scenes.courier(tmp_path, scenes.mapping(server.url(), tls={"ca_file": str(authority / "ca.pem")}))
        assert isinstance(bare.deliver(scenes.consignment()), Failed)
        bare.close()
