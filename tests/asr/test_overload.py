"""A PC that is too busy: less is recognised, in the declared order, and nothing said is lost."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from app.domain.dialogue import Channel, HypothesisRevised
from app.platform import messages
from app.ports.ports import AudioBlock
from asr.client import ClientSettings, RecogniserClient
from asr.loading import EngineSpec
from asr.overload import NOTICE, Effort, LoadControl, OverloadSettings
from tests.asr.sounds import call_blocks, sample_call
from tests.asr.test_client import ENVELOPE, PYTHONPATH, Listener, feed, same_turns, whole_call

TIGHT = OverloadSettings(final_only_ms=500, one_channel_ms=1_500, calm_ms=400, calm_s=0.3)
SLOW = EngineSpec("envelope", "tests.asr.envelope_engine:load", {"slow_ms": "3"})


def block(channel: Channel, start_ms: int = 0) -> AudioBlock:
    return AudioBlock(channel, start_ms, bytes(1_600), 8_000)


def test_it_gives_up_in_order_and_takes_up_again_one_by_one() -> None:
    load = LoadControl(OverloadSettings(), 0.0)
    seen = []
    for now_s, pending_ms in enumerate([100, 2_500, 6_000, 6_000, 900, 100, 100, 100, 100, 100, 100, 3_000, *[50] * 14]):
        if load.observe(pending_ms, float(now_s)):
            seen.append((now_s, load.effort))
    assert seen == [(1, Effort.FINAL_ONLY), (2, Effort.ONE_CHANNEL), (9, Effort.FINAL_ONLY), (16, Effort.FULL)]


def test_the_operators_sound_waits_in_order_and_the_citizens_does_not() -> None:
    load = LoadControl(TIGHT, 0.0)
    load.observe(600, 0.0)
    load.observe(2_000, 0.0)
    assert load.effort is Effort.ONE_CHANNEL
    assert not load.sets_aside(block(Channel.CITIZEN))
    assert load.sets_aside(block(Channel.OPERATOR, 0)) and load.sets_aside(block(Channel.OPERATOR, 100))
    assert load.next_aside(2_000, finishing=False) is None
    first = load.next_aside(100, finishing=False)
    assert first is not None and first.start_ms == 0
    assert not load.observe(0, 9.0)  # not before everything is taken up
    assert load.sets_aside(block(Channel.OPERATOR, 200))
    assert [b.start_ms for b in iter(lambda: load.next_aside(9_999, finishing=True), None)] == [100, 200]
    assert load.observe(0, 9.0) and load.effort is Effort.FINAL_ONLY
    assert not load.sets_aside(block(Channel.OPERATOR, 300))
    assert load.drop_all() == 0


def test_a_replay_never_degrades() -> None:
    load = LoadControl(None, 0.0)
    assert not load.observe(60_000, 1.0) and load.effort is Effort.FULL


@pytest.fixture
def undisturbed() -> Listener:
    client = RecogniserClient(ENVELOPE, environment=PYTHONPATH)
    try:
        return whole_call(client, call_blocks(sample_call(), 30.0))
    finally:
        client.close()


def test_a_slow_pc_loses_no_final_and_says_what_it_leaves_out(undisturbed: Listener) -> None:
    client = RecogniserClient(SLOW, ClientSettings(overload=TIGHT), environment=PYTHONPATH)
    try:
        assert client.wait_ready(180)
        listener = Listener()
        client.start(listener)
        feed(client, call_blocks(sample_call(), 30.0))
        assert listener.failed.wait(120)
        wait = threading.Event()
        while len(listener.failures) < 2 and not wait.wait(0.05):
            pass
        client.finish()
        assert listener.over.wait(400)
    finally:
        client.close()
    assert [f.key for f in listener.failures][:2] == ["asr.overload_final_only", "asr.overload_one_channel"]
    assert all(f.recovering and f.lost_ms == 0 for f in listener.failures)
    for channel in Channel:
        ours, theirs = Listener(), Listener()
        ours.events = [f for f in listener.finals if f.utterance.channel is channel]
        theirs.events = [f for f in undisturbed.finals if f.utterance.channel is channel]
        same_turns(theirs, ours)
    partials = [sum(isinstance(e, HypothesisRevised) for e in one.events) for one in (listener, undisturbed)]
    assert partials[0] < partials[1] / 2


def test_what_was_set_aside_is_taken_up_when_there_is_time(undisturbed: Listener) -> None:
    client = RecogniserClient(ENVELOPE, ClientSettings(overload=TIGHT), environment=PYTHONPATH)
    try:
        assert client.wait_ready(180)
        listener = Listener()
        client.start(listener)
        feed(client, call_blocks(sample_call(), 30.0))  # all at once: far too much, for a moment
        wait = threading.Event()
        for _ in range(400):
            if listener.failures and listener.failures[-1].key == NOTICE[Effort.FULL]:
                break
            wait.wait(0.05)
        else:
            pytest.fail(str([f.key for f in listener.failures]))
        client.finish()
        assert listener.over.wait(400)
    finally:
        client.close()
    assert len(listener.finals) == len(undisturbed.finals)


@pytest.mark.parametrize("effort", list(Effort))
def test_it_is_told_in_both_languages(effort: Effort) -> None:
    told = {messages.text(NOTICE[effort], {}, language) for language in ("zh", "en")}
    assert len(told) == 2 and NOTICE[effort] not in told


def test_the_thresholds_are_in_order() -> None:
    usual = OverloadSettings()
    assert usual.calm_ms < usual.final_only_ms < usual.one_channel_ms
    assert Path(sample_call()).exists()
