"""Mapping files: the shipped ones read their systems' messages, wrong ones are told by place, no message does harm."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import OperatorVisibleError
from app.domain.line import LineBook, LineCommand, LineEvent, LineEventKind, LineStep
from app.platform.resource_files import resource
from app.telephony.ami import AmiParser, action
from app.telephony.cti_guard import ReplayGuard, message_time_s
from app.telephony.cti_mapping import CtiMapping, Refusal, Stamp, clean_number, read_mapping

GIVEN = {"agent_id": "8001", "extension": "1001", "token": "s"}
K = LineEventKind


def shipped(name: str) -> CtiMapping:
    return read_mapping(resource("cti", f"{name}.toml"), GIVEN)


def kinds(mapping: CtiMapping, messages: list[dict[str, object]]) -> list[object]:
    outcomes = [mapping.event(message) for message in messages]
    return [each.kind if isinstance(each, LineEvent) else each for each in outcomes]


def test_the_agent_bars_messages() -> None:
    bar = shipped("socket-bar")
    message: dict[str, object] = {"type": "CallEvent", "data": {"event": "Alerting", "callId": "a-17", "ani": "+86 138 0000 0000",
                                                               "agentNo": "8001", "skill": "12345"}}
    found = bar.event(message)
    assert isinstance(found, LineEvent)
    assert (found.kind, found.call_id, found.number, found.agent, found.queue) == (
        K.RINGING, "a-17", "13800000000", "8001", "12345")
    assert bar.event({"type": "CallEvent", "data": {"event": "Alerting", "callId": "a-18", "agentNo": "8002"}}) is None
    assert bar.event({"type": "Heartbeat"}) is None
    assert bar.command(LineCommand.TRANSFER, {**found.values, "target": "110"}) == {
        "type": "SingleStepTransfer", "data": {"callId": "a-17", "transferTo": "110"}}
    assert bar.greeting()[0] == {"type": "Login", "data": {"agentNo": "8001", "extension": "1001", "password": "s"}}


def test_a_queue_call_as_asterisk_tells_it() -> None:
    ami = shipped("asterisk-ami")
    mine = {"Linkedid": "17.1", "Interface": "PJSIP/1001", "DestChannel": "PJSIP/1001-0a", "Channel": "PJSIP/trunk-1"}
    told = [
        {"Event": "QueueCallerJoin", "Linkedid": "17.1", "Uniqueid": "17.1"},
        {"Event": "AgentCalled", "CallerIDNum": "02083330000", **mine},
        {"Event": "AgentConnect", **mine},
        {"Event": "Hold", "Channel": "PJSIP/1001-0a", "Linkedid": "17.1"},
        {"Event": "Unhold", "Channel": "PJSIP/1001-0a", "Linkedid": "17.1"},
        {"Event": "Hangup", "Channel": "PJSIP/1002-0b", "Linkedid": "18.1"},
        {"Event": "AgentComplete", **mine},
        {"Event": "AgentCalled", **mine, "Interface": "PJSIP/1002"},
    ]
    assert kinds(ami, list(told)) == [K.QUEUED, K.RINGING, K.ANSWERED, K.HELD, K.RESUMED, None, K.RELEASED, None]
    rung = ami.event(told[1])
    assert isinstance(rung, LineEvent)
    assert ami.command(LineCommand.HANG_UP, rung.values) == {"Action": "Hangup", "Channel": "PJSIP/1001-0a"}


def test_ami_bytes_in_pieces_become_messages_and_no_action_is_smuggled_in() -> None:
    raw = b"Asterisk Call Manager/9.0.0\r\nResponse: Success\r\nMessage: ok: yes\r\n\r\nEvent: Hold\r\nChannel: PJSIP/1\r\n\r\n"
    parser = AmiParser()
    found = [message for at in range(0, len(raw), 7) for message in parser.feed(raw[at:at + 7])]
    assert found == [{"Response": "Success", "Message": "ok: yes"}, {"Event": "Hold", "Channel": "PJSIP/1"}]
    assert action({"Exten": "1\r\nAction: Originate"}) == b"Exten: 1 Action: Originate\r\n\r\n"
    list(parser.feed(b"x" * 100_000))
    assert parser.is_oversized


@pytest.mark.parametrize(("number", "clean"), [
    ("13800000000", "13800000000"), ("+8613800000000", "13800000000"), ("sip:02012345@pbx.example;tag=1", "02012345"),
    ("anonymous", ""), ("<script>", ""), ("020-8333 0000", "02083330000"), ("1" * 40, ""), ("", ""),
])
def test_numbers(number: str, clean: str) -> None:
    assert clean_number(number) == clean


@pytest.mark.parametrize(("change", "place"), [
    (("format = 1", "format = 2"), "format"),
    (('kind = "websocket"', 'kind = "carrier pigeon"'), "link.kind"),
    (("ws://127.0.0.1:18765/agent", "ws://cti.centre.example/agent"), "link.address"),
    (('kind = "ringing"', 'kind = "rings"'), "event[2].kind"),
    (('call_id = ["data.callId", "data.callid"]', ""), "fields.call_id"),
    (("{target}", "{tarket}"), "command.transfer"),
    (("[command]\nanswer", "[command]\nansver"), "command.ansver"),
])
def test_a_wrong_file_is_told_by_place(tmp_path: Path, change: tuple[str, str], place: str) -> None:
    text = resource("cti", "socket-bar.toml").read_text("utf-8")
    assert change[0] in text
    (tmp_path / "m.toml").write_text(text.replace(*change), "utf-8")
    with pytest.raises(OperatorVisibleError) as told:
        read_mapping(tmp_path / "m.toml")
    assert (told.value.key, told.value.params["place"]) == ("cti.mapping_wrong", place)


JSON = st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=20),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
                        st.sampled_from(["type", "data", "event", "callId", "evt", "uuid", "x"]), inner, max_size=4), max_leaves=12)


@given(JSON)
def test_no_message_raises(message: object) -> None:
    for name in ("socket-bar", "http-page", "asterisk-ami"):
        assert isinstance(MAPPINGS[name].event(json.loads(json.dumps(message))), LineEvent | Refusal | None)
        MAPPINGS[name].stamp(message)


MAPPINGS = {name: shipped(name) for name in ("socket-bar", "http-page", "asterisk-ami")}


def test_a_template_reaches_no_attribute(tmp_path: Path) -> None:
    page = shipped("http-page")
    found = page.event({"evt": "ring", "uuid": "{token.__class__}"})
    assert isinstance(found, LineEvent)
    assert page.command(LineCommand.ANSWER, found.values) == {"cmd": "answer", "uuid": "{token.__class__}"}


def test_replayed_and_stale() -> None:
    guard, now = ReplayGuard(), datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    at = str(now.timestamp())
    assert guard.check(Stamp("1", at), now) is None
    assert guard.check(Stamp("1", at), now) == Refusal("replayed")
    assert guard.check(Stamp("2", str(now.timestamp() - 300)), now) == Refusal("stale")
    assert guard.check(Stamp("3", "yesterday"), now) == Refusal("malformed")
    assert guard.check(Stamp(), now) is None
    assert message_time_s(str(int(now.timestamp() * 1000)), now) == now.timestamp()
    assert message_time_s("2026-11-22T09:00:00+00:00", now) == now.timestamp()
    assert message_time_s("nan", now) is None


def steps(*told: tuple[LineEventKind, str]) -> list[LineStep]:
    book = LineBook()
    return [book.take(LineEvent(kind, call_id)) for kind, call_id in told]


def test_a_call_of_the_line_from_ring_to_end_and_again() -> None:
    assert steps((K.QUEUED, "a"), (K.RINGING, "a"), (K.RINGING, "a"), (K.ANSWERED, "a"), (K.ANSWERED, "a"), (K.HELD, "a"), (K.HELD, "a"),
                 (K.RESUMED, "a"), (K.RELEASED, "a"), (K.RELEASED, "a"), (K.RINGING, "a"), (K.RINGING, "b")) == [
        LineStep.NOTHING, LineStep.POP, LineStep.NOTHING, LineStep.JOIN, LineStep.NOTHING, LineStep.HOLD, LineStep.NOTHING,
        LineStep.RESUME, LineStep.END, LineStep.NOTHING, LineStep.NOTHING, LineStep.POP]


def test_missed_second_handed_on_and_begun_in_the_middle() -> None:
    assert steps((K.RINGING, "a"), (K.RELEASED, "a")) == [LineStep.POP, LineStep.MISSED]
    assert steps((K.ANSWERED, "a"), (K.RINGING, "b"), (K.RELEASED, "b"), (K.TRANSFERRED, "a")) == [
        LineStep.POP_AND_JOIN, LineStep.SECOND, LineStep.NOTHING, LineStep.HANDED_ON]
    assert steps((K.HELD, "z"), (K.RELEASED, "z"), (K.RINGING, "z")) == [LineStep.NOTHING] * 3
