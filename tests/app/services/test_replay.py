"""Pacing, pausing, scripts and the documented object of a replay."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain.call import CallReleased, NoticeRaised
from app.domain.dialogue import CallContext, Channel, ChannelFinished, SpeechEvent, Utterance, UtteranceFinal
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.ticket import Evidence, FieldState, Hit
from app.ports.ports import AudioBlock
from app.services.call_session import CallSession, NoPush
from app.services.replay import AudioDriver, Latencies, ReplayRun, SpeechGate, read_script, replay_audio, replay_script
from app.services.replay_report import as_json, as_text

CONTEXT = CallContext("call-1", "2026-11-16T09:12:00+08:00", "广州市")


class Echo:
    """Extractor of this test: two matters with one field each."""

    def extract(self, dialogue: Sequence[Utterance], context: CallContext) -> tuple[Hit, ...]:
        return tuple(
            Hit("demand", u.text, FieldState.SUGGESTED, 0.5, (Evidence(u.index, 0, len(u.text)),), "test", matter=n)
            for n, u in enumerate(u for u in dialogue if u.channel is Channel.CITIZEN)
        )

    def display(self, utterance: Utterance) -> str:
        return utterance.text


class SteppedClock:
    """Time that goes on only as asked."""

    def __init__(self) -> None:
        self.at_s = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 16, tzinfo=UTC)

    def monotonic_s(self) -> float:
        self.at_s += 0.001
        return self.at_s


class Tones:
    """Two seconds of sound that may break off."""

    duration_ms = 2000

    def __init__(self, break_at_ms: int = 10_000) -> None:
        self._break_at_ms = break_at_ms

    def blocks(self) -> Iterator[AudioBlock]:
        for start_ms in range(0, 2000, 100):
            if start_ms >= self._break_at_ms:
                raise EnvironmentFault("audio.broke_off", path="x", read_s=1)
            for channel in Channel:
                yield AudioBlock(channel, start_ms, bytes(1600), 8000)

    def close(self) -> None:
        pass


class Counter:
    """A recogniser that says one thing: how much it heard."""

    def __init__(self) -> None:
        self.versions: dict[str, str] = {}
        self.heard: list[AudioBlock] = []
        self._tell: Callable[[SpeechEvent], None] = lambda event: None

    def start(self, on_event: Callable[[SpeechEvent], None]) -> None:
        self._tell = on_event

    def accept(self, block: AudioBlock) -> None:
        self.heard.append(block)

    def set_context(self, phrases: Sequence[str]) -> None:
        pass

    def finish(self) -> None:
        for channel in Channel:
            count = sum(b.channel is channel for b in self.heard)
            said = Utterance(-1, channel, 0, count * 100, f"听到{count}块", tokens=())
            self._tell(UtteranceFinal(channel.value, said, count * 100 + 300, 5.0))
            self._tell(ChannelFinished(channel, count * 100))

    def close(self) -> None:
        pass


def session() -> CallSession:
    return CallSession(CONTEXT, Echo(), NoPush())


def test_a_recording_that_breaks_off_keeps_what_came_before() -> None:
    result = replay_audio(Tones(break_at_ms=1000), Counter(), session(), SteppedClock(), realtime=False)
    assert result.fault is not None
    assert result.fault.key == "audio.broke_off"
    assert [u.text for u in result.state.dialogue] == ["听到10块", "听到10块"]
    told = json.loads(json.dumps(as_json(result, {"cpu_s": 1.0, "peak_rss_mb": 10}, {"program": "x"})))
    assert told["fault"] == "audio.broke_off"
    assert told["timing"]["final_latency_ms"] == {"p50": 305.0, "p95": 305.0}
    assert told["timing"]["partial_latency_ms"] == {"p50": None, "p95": None}


def test_the_run_in_the_window_can_be_paused_resumed_and_hung_up() -> None:
    posted: list[object] = []
    counter, released = Counter(), threading.Event()

    def post(event: object) -> None:
        posted.append(event)
        if isinstance(event, CallReleased):
            released.set()

    latencies = Latencies()
    driver = AudioDriver(Tones(), counter, SteppedClock(), realtime=False)
    run = ReplayRun(driver, counter, post, SpeechGate(post, latencies))
    run.pause()
    run.start()
    assert not released.wait(0.2)
    assert counter.heard == []
    run.resume()
    assert released.wait(5)
    run.close()
    assert len(counter.heard) == 40


def test_a_broken_recording_is_told_in_the_window() -> None:
    posted: list[object] = []
    counter = Counter()
    driver = AudioDriver(Tones(break_at_ms=500), counter, SteppedClock(), realtime=False)
    run = ReplayRun(driver, counter, posted.append, SpeechGate(posted.append, Latencies()))
    run.start()
    assert run.ended.wait(5)
    run.close()
    assert [e.key for e in posted if isinstance(e, NoticeRaised)] == ["audio.broke_off"]
    assert isinstance(posted[-1], CallReleased)


def test_a_script_replays_its_turns_and_its_time(tmp_path: Path) -> None:
    path = tmp_path / "call.json"
    path.write_text(json.dumps({
        "city": "深圳市", "call_time": "2026-10-15T13:40:00+08:00",
        "turns": [{"speaker": "operator", "text": "您好。", "pause": 0.5},
                  {"speaker": "citizen", "text": "路灯坏了。", "pause": -0.2},
                  {"speaker": "citizen", "text": "还有井盖。", "pause": 0.2}],
    }), "utf-8")
    script = read_script(path)
    assert (script.city, script.call_time) == ("深圳市", "2026-10-15T13:40:00+08:00")
    result = replay_script(script, session(), SteppedClock())
    told = as_json(result, {}, {})
    assert [u["text"] for u in told["utterances"]] == ["您好。", "路灯坏了。", "还有井盖。"]
    assert told["ticket"]["demand"]["evidence"] == [1, 0, 5]
    assert [item["demand"]["value"] for item in told["ticket"]["items"]] == ["路灯坏了。", "还有井盖。"]
    words = dict.fromkeys(("conversation", "ticket", "knowledge", "operator", "citizen", "filled", "suggested"), "·")
    assert "路灯坏了。" in as_text(result, {"demand": "诉求要求"}, words)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"turns": [{}]}', '{"turns": [{"speaker": "x", "text": "y"}]}',
                                     '{"turns": 3}', "\x00\x01"])
def test_a_script_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "call.json"
    path.write_text(content, "utf-8")
    with pytest.raises(OperatorVisibleError):
        read_script(path)
    with pytest.raises(OperatorVisibleError):
        read_script(tmp_path / "gone.json")
