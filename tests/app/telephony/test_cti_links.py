"""CTI links against real peers: a browser-like client at the listener, a WebSocket server, an AMI server; hostile ones do no harm."""

from __future__ import annotations

import json
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.sync.server import ServerConnection, serve

from app.domain.call import NoticeRaised
from app.domain.errors import EnvironmentFault
from app.domain.line import LineCommand, LineEvent, LineEventKind
from app.platform import messages
from app.platform.clock import SystemClock
from app.platform.resource_files import resource
from app.telephony.ami import AmiLink
from app.telephony.cti_intake import CtiIntake
from app.telephony.cti_listener import CtiListener
from app.telephony.cti_mapping import read_mapping
from app.telephony.cti_socket import CtiSocket

TOKEN = "a-token-of-this-test"
PAGE = "http://agent.hotline.example"
RING = {"cmd": "evt", "evt": "ring", "uuid": "b-204", "caller": "13900000000", "agent": "8001", "queue": "社保"}
PATIENCE_S = 30.0


class Ears:
    """What a link told."""

    def __init__(self) -> None:
        self.events: queue.Queue[LineEvent] = queue.Queue()
        self.notices: queue.Queue[str] = queue.Queue()

    def tell(self, notice: NoticeRaised) -> None:
        assert messages.text(notice.key, notice.params) != notice.key
        self.notices.put(notice.key)

    def event(self) -> LineEvent:
        return self.events.get(timeout=PATIENCE_S)

    def notice(self) -> str:
        return self.notices.get(timeout=PATIENCE_S)


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def listener(ears: Ears) -> Iterator[CtiListener]:
    clock = SystemClock()
    mapping = read_mapping(resource("cti", "http-page.toml"), {"agent_id": "8001"})
    link = CtiListener(CtiIntake(mapping, clock), TOKEN, 0, clock)
    link.start(ears.events.put, ears.tell)
    yield link
    link.close()


def url(listener: CtiListener, path: str = "/cti/event") -> str:
    return f"http://127.0.0.1:{listener.port}{path}"


def post(listener: CtiListener, body: object, **headers: str) -> int:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    shown = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json", **headers}
    return requests.post(url(listener), data=raw, headers=shown, timeout=PATIENCE_S).status_code


def test_a_page_posts_a_ring(listener: CtiListener, ears: Ears) -> None:
    assert post(listener, RING, Origin=PAGE) == 204
    assert (found := ears.event()).kind is LineEventKind.RINGING
    assert (found.call_id, found.number, found.queue) == ("b-204", "13900000000", "社保")
    asked = requests.options(url(listener), headers={"Origin": PAGE, "Access-Control-Request-Method": "POST"}, timeout=PATIENCE_S)
    assert (asked.status_code, asked.headers["Access-Control-Allow-Origin"]) == (204, PAGE)


def test_a_screen_pop_by_address(listener: CtiListener, ears: Ears) -> None:
    asked = requests.get(url(listener), params={"token": TOKEN, "evt": "pop", "callid": "c-1", "ani": "02083330000"}, timeout=PATIENCE_S)
    assert (asked.status_code, ears.event().number) == (204, "02083330000")


def test_a_page_speaks_over_a_socket_and_gets_commands(listener: CtiListener, ears: Ears) -> None:
    address = url(listener, f"/cti/socket?token={TOKEN}").replace("http", "ws")
    with connect(address, origin=PAGE) as page:  # type: ignore[arg-type]
        page.send(json.dumps(RING))
        assert ears.event().call_id == "b-204"
        assert listener.send(LineCommand.ANSWER, {"call_id": "b-204"})
        assert json.loads(page.recv(PATIENCE_S)) == {"cmd": "answer", "uuid": "b-204"}
        page.send("{not json")
        assert ears.notice() == "cti.refused_malformed"
        page.send(json.dumps([{**RING, "evt": "answer"}, {**RING, "evt": "hangup"}]))
        assert [ears.event().kind, ears.event().kind] == [LineEventKind.ANSWERED, LineEventKind.RELEASED]
    while listener.send(LineCommand.ANSWER, {"call_id": "b-204"}):
        threading.Event().wait(0.02)  # until the page's leaving has arrived
    assert not listener.send(LineCommand.MUTE, {})


HOSTILE: list[tuple[str, Callable[[CtiListener], int], int, str]] = [
    ("oversized", lambda at: post(at, b"[" + b" " * 70_000 + b"]"), 413, "cti.refused_oversized"),
    ("too many", lambda at: post(at, [RING] * 65), 413, "cti.refused_oversized"),
    ("malformed", lambda at: post(at, b"\xff\xfe{"), 400, "cti.refused_malformed"),
    ("deep", lambda at: post(at, b"[" * 60_000), 400, "cti.refused_malformed"),
    ("no object", lambda at: post(at, [1]), 400, "cti.refused_malformed"),
    ("no call id", lambda at: post(at, {"evt": "ring"}), 400, "cti.refused_no_call_id"),
    ("control characters", lambda at: post(at, {**RING, "uuid": "a\x1b[2J"}), 400, "cti.refused_malformed"),
    ("foreign origin", lambda at: post(at, RING, Origin="http://evil.example"), 403, "cti.refused_origin"),
    ("no origin at all", lambda at: post(at, RING, Origin="null"), 403, "cti.refused_origin"),
    ("foreign host", lambda at: post(at, RING, Host="evil.example"), 403, "cti.refused_origin"),
    ("wrong token", lambda at: post(at, RING, Authorization="Bearer guess"), 401, "cti.refused_token"),
    ("no token", lambda at: post(at, RING, Authorization=""), 401, "cti.refused_token"),
    ("old", lambda at: post(at, {**RING, "ts": "1764000000"}), 409, "cti.refused_stale"),
]


@pytest.mark.parametrize(("act", "status", "key"), [each[1:] for each in HOSTILE], ids=[each[0] for each in HOSTILE])
def test_hostile_requests_are_harmless_and_told(listener: CtiListener, ears: Ears, act: Callable[[CtiListener], int], status: int,
                                                key: str) -> None:
    assert act(listener) == status
    assert ears.notice() == key
    assert ears.events.empty()
    assert post(listener, RING) == 204  # well afterwards
    assert ears.event().call_id == "b-204"


def test_a_replayed_message_counts_once(listener: CtiListener, ears: Ears) -> None:
    assert post(listener, {**RING, "seq": "91"}) == 204
    assert post(listener, {**RING, "seq": "91"}) == 409
    assert ears.notice() == "cti.refused_replayed"
    assert ears.event() is not None
    assert ears.events.empty()


def test_guessing_tokens_closes_the_door_for_a_while(listener: CtiListener, ears: Ears) -> None:
    tried = [post(listener, RING, Authorization=f"Bearer {number}") for number in range(11)]
    assert tried == [401] * 10 + [429]
    assert post(listener, RING) == 429
    assert ears.events.empty()
    assert ears.notice() == "cti.refused_token"
    assert ears.notices.empty()  # told once, not eleven times


def test_a_foreign_page_gets_no_socket_and_a_giant_frame_ends_one(listener: CtiListener, ears: Ears) -> None:
    address = url(listener, f"/cti/socket?token={TOKEN}").replace("http", "ws")
    asked = requests.get(address.replace("ws", "http"), timeout=PATIENCE_S, headers={
        "Origin": "http://evil.example", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="})
    assert asked.status_code == 403
    assert ears.notice() == "cti.refused_origin"
    with connect(address) as page:
        page.send("x" * 70_000)
        with pytest.raises(ConnectionClosed):
            page.recv(PATIENCE_S)
    page.socket.close()  # the library leaves it to the garbage collector after such an end
    assert ears.notice() == "cti.refused_oversized"
    assert post(listener, RING) == 204


def test_raw_rubbish_and_a_silent_peer_keep_nobody_out(listener: CtiListener, ears: Ears) -> None:
    with socket.create_connection(("127.0.0.1", listener.port), PATIENCE_S):  # a peer that never says a word
        with socket.create_connection(("127.0.0.1", listener.port), PATIENCE_S) as rubbish:
            rubbish.sendall(bytes(range(256)) * 20 + b"\r\n\r\n")
            rubbish.recv(100)
        shown = {"Authorization": f"Bearer {TOKEN}"}
        asked = requests.post(url(listener), data=iter([b"{}"]), headers=shown, timeout=PATIENCE_S)  # chunked: no length told
        assert asked.status_code == 411
        assert post(listener, RING) == 204


def test_a_taken_port_is_told(listener: CtiListener, ears: Ears) -> None:
    clock = SystemClock()
    second = CtiListener(listener.intake, TOKEN, listener.port, clock)
    with pytest.raises(EnvironmentFault) as told:
        second.start(ears.events.put, ears.tell)
    assert told.value.key == "cti.port_taken"


def mapping_at(tmp_path: Path, name: str, old: str, new: str) -> Path:
    path = tmp_path / "mapping.toml"
    text = resource("cti", f"{name}.toml").read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    return path


def test_the_client_logs_in_hears_commands_and_comes_back(tmp_path: Path, ears: Ears) -> None:
    got: queue.Queue[object] = queue.Queue()
    visits: list[int] = []

    def serve_one(line: ServerConnection) -> None:
        visits.append(1)
        try:
            got.put(json.loads(line.recv()))
            got.put(json.loads(line.recv()))
            if len(visits) == 1:
                line.send("x" * 70_000)  # hostile server: the client leaves
            line.send(json.dumps({"type": "CallEvent", "data": {"event": "Alerting", "callId": "a-17", "agentNo": "8001"}}))
            got.put(json.loads(line.recv()))
        except ConnectionClosed:
            return

    with serve(serve_one, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        path = mapping_at(tmp_path, "socket-bar", "ws://127.0.0.1:18765/agent", f"ws://127.0.0.1:{server.socket.getsockname()[1]}/agent")
        link = CtiSocket(CtiIntake(read_mapping(path, {"agent_id": "8001", "token": "pw"}), SystemClock()))
        link.start(ears.events.put, ears.tell)
        try:
            assert got.get(timeout=PATIENCE_S) == {"type": "Login", "data": {"agentNo": "8001", "extension": "", "password": "pw"}}
            assert [ears.notice(), ears.notice(), ears.notice()] == ["cti.refused_oversized", "cti.link_gone", "cti.link_back"]
            assert ears.event().call_id == "a-17"
            while not got.empty():
                got.get()
            assert link.send(LineCommand.HOLD, {"call_id": "a-17"})
            assert got.get(timeout=PATIENCE_S) == {"type": "Hold", "data": {"callId": "a-17", "agentNo": "8001"}}
        finally:
            link.close()
            server.shutdown()
            thread.join()
    assert not link.send(LineCommand.HOLD, {"call_id": "a-17"})


def ami_server(listening: socket.socket, secret: str, said: queue.Queue[str]) -> None:
    """Greets, checks the login, tells one call."""
    line, _ = listening.accept()
    with line:
        line.sendall(b"Asterisk Call Manager/9.0.0\r\n")
        login = line.recv(4096).decode()
        said.put(login)
        if f"Secret: {secret}\r\n" not in login:
            line.sendall(b"Response: Error\r\nMessage: Authentication failed\r\n\r\n")
            return
        line.sendall(b"Response: Success\r\nMessage: Authentication accepted\r\n\r\n")
        line.sendall(b"Event: AgentCalled\r\nInterface: PJSIP/1001\r\nDestChannel: PJSIP/1001-0a\r\nCallerIDNum: 02083330000\r\n"
                     b"Linkedid: 17.1\r\nQueue: 12345\r\n\r\n")
        said.put(line.recv(4096).decode())


@pytest.mark.parametrize("secret", ["right", "wrong"])
def test_asterisk(tmp_path: Path, ears: Ears, secret: str) -> None:
    said: queue.Queue[str] = queue.Queue()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=ami_server, args=(listening, "right", said))
        thread.start()
        path = mapping_at(tmp_path, "asterisk-ami", "127.0.0.1:5038", f"127.0.0.1:{listening.getsockname()[1]}")
        link = AmiLink(CtiIntake(read_mapping(path, {"extension": "1001", "token": secret}), SystemClock()))
        link.start(ears.events.put, ears.tell)
        try:
            assert said.get(timeout=PATIENCE_S).startswith("Action: Login\r\nUsername: tingdan\r\n")
            if secret == "wrong":
                assert [ears.notice(), ears.notice()] == ["cti.refused_login", "cti.link_gone"]
            else:
                assert (found := ears.event()).number == "02083330000"
                assert link.send(LineCommand.HANG_UP, found.values)
                assert said.get(timeout=PATIENCE_S) == "Action: Hangup\r\nChannel: PJSIP/1001-0a\r\n\r\n"
        finally:
            thread.join()
            link.close()
