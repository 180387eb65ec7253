"""The hub as it stands on the network: who may use which route, what hostile senders achieve (nothing), what the log holds."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import psutil
import pytest
import requests

from app.cli_hub import in_memory
from app.domain.call_record import CallRecord
from app.domain.call_record_form import to_json
from app.hub.config import HubConfig
from app.hub.people import Person
from app.hub.rights import RIGHTS, Role
from app.hub.schema import migrate
from app.hub.services import HubServices
from app.platform.clock import BEIJING, SystemClock
from app.services.lead_sample import SampleOrder, sample_records
from tests.app.hub.servers import RunningHub, serving, wait_until

PASSWORD = "a long enough one"
AGENT = "8675309"
#: Route, method, path: and who may. Written out by hand, so that a slip in the program's own table is found.
TABLE = [
    ("health", "GET", "/health", "nobody desk operator lead head it"), ("ready", "GET", "/ready", "nobody desk operator lead head it"),
    ("enrol", "POST", "/v1/enrol", "nobody desk operator lead head it"),
    ("log_in", "POST", "/v1/session", "nobody desk operator lead head it"),
    ("who_am_i", "GET", "/v1/session", "operator lead head it"), ("change_password", "POST", "/v1/password", "operator lead head it"),
    ("take_records", "POST", "/v1/records", "desk"), ("take_heartbeat", "POST", "/v1/heartbeat", "desk"),
    ("take_texts", "POST", "/v1/texts", "desk"), ("list_text_looks", "GET", "/v1/text-looks", "head it"),
    ("lead_text", "GET", f"/api/v1/lead/text?record_id={'0' * 32}", "lead head"),
    ("take_receipts", "POST", "/v1/receipts", "desk"), ("take_floor", "POST", "/v1/floor", "desk"),
    *((f"lead_{name}", "GET", f"/api/v1/lead/{name}", "operator lead head") for name in (
        "scope", "outcomes", "bins", "calls", "wrong_calls", "voices", "ranks", "confusions", "cards", "findings", "degradations",
        "granted", "matters", "behind", "record")),
    ("lead_floor", "GET", "/api/v1/lead/floor", "lead head"), ("list_desks", "GET", "/v1/desks", "head it"),
    ("list_versions", "GET", "/v1/versions", "head it"), ("list_receipts", "GET", "/v1/receipts", "head it"),
    ("lodge_appeal", "POST", "/v1/appeals", "operator"), ("assign_remedy", "POST", "/v1/remedies", "lead head"),
    ("plan_callbacks", "POST", "/v1/callbacks", "lead head"), ("list_cases", "GET", "/v1/cases", "operator lead head"),
    ("count_cases", "GET", "/v1/case-counts", "operator lead head"), ("show_case", "GET", f"/v1/cases/{'0' * 32}", "operator lead head"),
    ("move_case", "POST", f"/v1/cases/{'0' * 32}/report", "operator lead head"),
    ("plan_callbacks_of_calls", "POST", "/v1/callbacks-of-calls", "lead head"),
    ("count_callbacks", "GET", "/v1/callback-counts", "operator lead head"),
    ("desk_callbacks", "POST", "/v1/desk-callbacks", "desk"), ("tell_callbacks", "POST", "/v1/callback-results", "desk"),
    ("revoke_desk", "DELETE", "/v1/desks/none", "it"), ("log_out", "DELETE", "/v1/session", "operator lead head it"),
]


@dataclass
class Standing:
    """A hub that serves, and everybody's token."""

    hub: RunningHub
    services: HubServices
    tokens: dict[str, str]
    code: str


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    folder: Path = tmp_path_factory.mktemp("hub")
    url = f"sqlite:///{folder / 'hub.sqlite3'}"
    services = HubServices.of(HubConfig(db=url), SystemClock(), in_memory)
    migrate(services.database, services.clock)
    tokens = {"nobody": ""}
    for person in (Person("operator", Role.OPERATOR, agent=AGENT), Person("lead", Role.LEAD, "north"), Person("head", Role.HEAD),
                   Person("it", Role.IT)):
        services.people.put(person, PASSWORD)
        session = services.people.log_in(person.name, PASSWORD)
        assert session is not None
        tokens[person.name] = session[0]
    code = services.desks.new_code(5, 24, "north")
    tokens["desk"] = services.desks.enrol(code, "desk0001", "0.1.0") or ""
    with serving(url, folder / "hub.log") as hub:
        yield Standing(hub, services, tokens, code)
    services.database.close()


def now() -> str:
    return datetime.now(BEIJING).isoformat()


def calls(count: int) -> list[CallRecord]:
    order = SampleOrder(datetime.now(BEIJING).date(), days=3, operators=3, calls_a_day=10)
    return [replace(record, desk="desk0001", agent=AGENT) for record in sample_records(order)][:count]


@pytest.mark.parametrize(("route", "method", "path", "allowed"), TABLE, ids=[row[0] for row in TABLE])
def test_every_route_opens_to_those_in_the_table_only(standing: Standing, route: str, method: str, path: str, allowed: str) -> None:
    assert {role.value for role in RIGHTS[route]} == set(allowed.split())
    if route == "log_out":
        session = standing.hub.post("/v1/session", {"name": "it", "password": PASSWORD}).json()["token"]
        standing.tokens["it"] = session  # the old one ends here
    for role in Role:
        token = standing.tokens[role.value]
        if route == "log_out" and role is not Role.NOBODY and role is not Role.DESK:
            token = standing.hub.post("/v1/session", {"name": role.value, "password": PASSWORD}).json()["token"]
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = requests.request(method, standing.hub.url + path, headers=headers, data=b"{}" if method == "POST" else None, timeout=60)
        if role.value in allowed.split():
            assert answer.status_code not in (401, 403), (role, answer.text)
        else:
            assert answer.status_code == (401 if role is Role.NOBODY else 403), (role, answer.text)


def test_the_table_has_every_route(standing: Standing) -> None:
    document = standing.hub.get("/openapi.json").json()
    said = {(part["operationId"], method.upper()) for path in document["paths"].values() for method, part in path.items()}
    assert said == {(row[0], row[1]) for row in TABLE}
    assert {row[0] for row in TABLE} == set(RIGHTS)


@pytest.mark.parametrize("token", ["x", "desk.", "person.guess", "desk.guess", "Bearer", "a" * 4000])
def test_a_token_that_is_none_opens_nothing(standing: Standing, token: str) -> None:
    assert standing.hub.get("/v1/desks", token).status_code == 401
    assert standing.hub.post("/v1/records", {"records": []}, token).status_code == 401


def test_a_desk_joins_sends_and_its_lead_sees_it(standing: Standing) -> None:
    hub = standing.hub
    token = hub.post("/v1/enrol", {"code": standing.code, "desk": "desk0002", "program": "0.1.0"}).json()["token"]
    records = [to_json(replace(record, desk="desk0002")) for record in calls(12)]
    body = gzip.compress(json.dumps({"records": records}).encode())
    headers = {"Authorization": f"Bearer {token}", "Content-Encoding": "gzip"}
    for expected in ({"accepted": 12, "known": 0, "refused": []}, {"accepted": 0, "known": 12, "refused": []}):
        assert requests.post(hub.url + "/v1/records", data=body, headers=headers, timeout=60).json() == expected
    def seen() -> list[int]:
        return [row["calls"] for row in hub.get("/api/v1/lead/calls", standing.tokens["lead"], {"by": "desk"}).json()["rows"]]

    wait_until(lambda: seen() == [12])
    assert hub.post("/v1/heartbeat", {"versions": {"program": "0.2"}, "at": now(), "state": "idle", "waiting": 0}, token).status_code == 200
    assert hub.post("/v1/floor", {"at": now(), "phase": "talking", "since": now(), "alerts": ["long_call"]}, token).status_code == 200
    floor = hub.get("/api/v1/lead/floor", standing.tokens["lead"]).json()["rows"]
    assert [(row["state"], row["alerts"]) for row in floor if row["desk"] == "desk0002"] == [("talking", ["long_call"])]
    found = hub.get("/api/v1/lead/record", standing.tokens["lead"], {"record_id": records[0]["record_id"]})
    assert found.json() == records[0]


HOSTILE = [
    ("no JSON", b"{", {}, 400), ("not UTF-8", b"\xff\xfe", {}, 400), ("nothing", b"", {}, 400),
    ("no gzip", b"{}", {"Content-Encoding": "gzip"}, 400),
    ("half a gzip", gzip.compress(b'{"records": []}')[:-6], {"Content-Encoding": "gzip"}, 400),
    ("brotli", b"{}", {"Content-Encoding": "br"}, 415), ("too large", b"[" + b"1," * 1_500_000 + b"1]", {}, 413),
    ("gzip bomb", gzip.compress(b" " * 400_000_000, 9), {"Content-Encoding": "gzip"}, 413),
    ("too deep", b'{"records": ' + b"[" * 900 + b"]" * 900 + b"}", {}, 400), ("deeper than the parser", b"[" * 200_000, {}, 400),
    ("too many", json.dumps({"records": [{}] * 501}).encode(), {}, 413), ("no records", b"{}", {}, 422),
    ("records of text", b'{"records": "many"}', {}, 422), ("endless number", b'{"records": ' + b"9" * 9000 + b"}", {}, 400),
    ("millions of values", gzip.compress(b'{"records": [' + b'{"":0},' * 2_300_000 + b"0]}"), {"Content-Encoding": "gzip"}, 413),
    ("as many as are allowed", b'{"records": {"a": [' + b'{"":0},' * 199_000 + b"0]}}", {}, 422),
    ("one long text", gzip.compress(b'{"records": "' + b"a" * (15 << 20) + '😀"}'.encode()), {"Content-Encoding": "gzip"}, 422),
]


@pytest.mark.parametrize(("body", "headers", "status"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_hostile_bodies_are_refused_and_cost_little(standing: Standing, body: bytes, headers: dict[str, str], status: int) -> None:
    server = psutil.Process(standing.hub.process.pid)
    before = server.memory_info().rss
    headers = {**headers, "Authorization": f"Bearer {standing.tokens['desk']}"}
    answer = requests.post(standing.hub.url + "/v1/records", data=body, headers=headers, timeout=60)
    assert answer.status_code == status, answer.text
    assert server.memory_info().rss - before < 150 << 20
    assert standing.hub.get("/health").status_code == 200


def test_words_beyond_what_a_call_can_have_are_refused_before_they_are_looked_at(standing: Standing) -> None:
    turns = [{"side": "citizen", "at_ms": 0, "text": "1" * 2000}] * 101
    for batch in ([turns], [turns[:51]] * 2):
        texts = [{"record_id": f"{number:032x}", "turns": each} for number, each in enumerate(batch)]
        answer = standing.hub.post("/v1/texts", {"texts": texts}, standing.tokens["desk"])
        assert (answer.status_code, answer.json()["detail"]) == (413, "too_many_characters")
    odd = {"texts": [7, {}, {"turns": 7}, {"turns": [7, {"text": 7}]}]}
    assert len(standing.hub.post("/v1/texts", odd, standing.tokens["desk"]).json()["refused"]) == 4


def test_a_body_without_a_length_is_cut_off_too(standing: Standing) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(64):
            yield b" " * 65_536

    headers = {"Authorization": f"Bearer {standing.tokens['desk']}"}
    try:
        status = requests.post(standing.hub.url + "/v1/records", data=endless(), headers=headers, timeout=60).status_code
    except requests.ConnectionError:  # it may end the connection before all was sent
        status = 413
    assert status == 413


def test_a_body_that_breaks_off_harms_nobody(standing: Standing) -> None:
    port = int(standing.hub.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(b"POST /v1/records HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n"
                     + f"Authorization: Bearer {standing.tokens['desk']}\r\n\r\n".encode() + b'{"records": [')
    assert standing.hub.get("/ready").status_code == 200


def test_a_desk_cannot_speak_for_another(standing: Standing) -> None:
    forged = to_json(replace(calls(1)[0], desk="desk0777"))
    told = standing.hub.post("/v1/records", {"records": [forged]}, standing.tokens["desk"]).json()
    assert told == {"accepted": 0, "known": 0, "refused": [{"record_id": forged["record_id"], "reason": "forged_desk"}]}
    receipt = {"desk": "desk0777", "at": now(), "result": "installed", "version": "1", "release": 1, "from_release": 0,
               "took_s": 1, "fetched_bytes": 1}
    assert standing.hub.post("/v1/receipts", {"receipts": [receipt]}, standing.tokens["desk"]).status_code == 422
    assert standing.hub.post("/v1/receipts", {"receipts": [{**receipt, "desk": "desk0001"}]}, standing.tokens["desk"]).json() == {
        "accepted": 1, "known": 0}


@pytest.mark.parametrize("question", ["outcomes?by=nonsense", "outcomes?by=day,field,item,hour", "outcomes?only=x",
                                      "outcomes?since=yesterday",
                                      "outcomes?only=field:%00", "calls?by=field", "behind?bins=9-1", "behind?bins=a-b", "behind?limit=0",
                                      "record?record_id=1", "ranks", "outcomes?hours=25-3", "matters?by=field", "behind?outcome=odd"])
def test_questions_that_make_no_sense_are_told_so(standing: Standing, question: str) -> None:
    answer = standing.hub.get(f"/api/v1/lead/{question}", standing.tokens["head"])
    assert answer.status_code == 422, answer.text


def test_revoking_shuts_a_desk_out_at_once(standing: Standing) -> None:
    hub = standing.hub
    token = hub.post("/v1/enrol", {"code": standing.code, "desk": "desk0003", "program": "0.1.0"}).json()["token"]
    assert hub.post("/v1/records", {"records": []}, token).status_code == 200
    headers = {"Authorization": f"Bearer {standing.tokens['it']}"}
    assert requests.delete(hub.url + "/v1/desks/desk0003", headers=headers, timeout=60).status_code == 204
    assert hub.post("/v1/records", {"records": []}, token).status_code == 401


def test_the_openapi_document_holds_under_fuzzing(standing: Standing) -> None:
    """schemathesis sends what the document allows and what it forbids; `make fuzz-hub` does it at length."""
    from tests.app.hub.fuzzing import LEFT_OUT, fuzz

    tokens = {role: standing.tokens[role] for role in ("desk", "head", "operator", "it")}
    assert fuzz(standing.hub.url, tokens, examples=1) == len(TABLE) - len(LEFT_OUT)


def test_zz_the_log_holds_no_work_number_no_token_and_no_address(standing: Standing) -> None:
    """Last: by now the log has seen everything above."""
    log = standing.hub.log.read_text("utf-8")
    assert '"event": "request"' in log
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {"take_records", "lead_calls", "enrol"} <= {line.get("route") for line in lines}
    assert not [line for line in lines if line.get("status") == 500]
    for secret in (AGENT, "desk0002", PASSWORD, "127.0.0.1", *filter(None, standing.tokens.values())):
        assert secret not in log
