"""What a record is made from: delays, degradations, dismissals, levels, outcomes, ranks, and the quiet line of the quality check."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import soundfile

from app.domain.assist import AssistAct, AssistEvent, AssistOrigin
from app.domain.call import (
    CallEvent,
    CallReleased,
    CallState,
    CardDismissed,
    CardsQuieted,
    NoticeRaised,
    Phase,
    SubmitAsked,
)
from app.domain.call_record import FieldOutcome, VoiceRecord
from app.domain.call_record_form import from_json, to_json
from app.domain.call_recording import (
    OUTSIDE,
    CallTold,
    Desk,
    Official,
    Recorded,
    SideLevels,
    card_records,
    choice_records,
    field_records,
    recorded,
    sound_records,
    voice_record,
)
from app.domain.dialogue import CallContext, Channel, HypothesisRevised, RecogniserFailed, Utterance, UtteranceFinal
from app.domain.knowledge import KnowledgeEntry, Push, Ranked
from app.domain.ticket import Candidate, FieldState, Hit, TicketDraft
from app.platform.quality_files import load_quality_rules
from app.platform.resource_files import resource
from app.ports.ports import AudioBlock
from app.services.call_recorder import distance, parts_of
from app.services.call_trace import REOPENED, CallTrace, degradation_of
from app.services.quality_watch import QualityWatch
from app.services.sound_meter import SoundMeter
from tests.app.services.test_delivery import Moved

CONTEXT = CallContext("live-1", "2026-11-20T09:00:00+08:00", "广州市")
TALKING = CallState(CONTEXT, Phase.TALKING)
OFFICIAL = Official({"item_code": ("010101", "010102", "010103"), "region_district": ("天河区",), "request_type": ("投诉", "举报")})


def said(index: int, end_ms: int, channel: Channel = Channel.CITIZEN, text: str = "怎么办理") -> Utterance:
    return Utterance(index, channel, end_ms - 1000, end_ms, text, confidence=0.5 + index / 10)


def push(at_ms: int, after: int, *ids: str) -> Push:
    return Push(at_ms, after, tuple(Ranked(KnowledgeEntry(entry_id, "t", version=3), 0.9) for entry_id in ids))


def final(utterance: Utterance, heard_ms: int) -> UtteranceFinal:
    return UtteranceFinal(f"u{utterance.index}", utterance, heard_ms, 40.0)


def test_a_card_is_late_from_the_end_of_the_words_to_when_it_can_be_seen() -> None:
    trace, first = CallTrace(Moved()), said(0, 5000)
    state = replace(TALKING, dialogue=(first,), pushes=(push(5600, 0, "a"),))
    trace.take(state, final(first, 5600))
    speaking = HypothesisRevised("u1", 4, Channel.CITIZEN, 7000, 8600, 8300, 25.0, "还要")
    state = replace(state, partials={Channel.CITIZEN: speaking}, pushes=(*state.pushes, push(8600, 0, "b")))
    trace.take(state, speaking)
    asked, told = said(1, 9000), said(2, 12_000, Channel.OPERATOR)
    state = replace(state, dialogue=(first, asked, told), partials={}, pushes=(*state.pushes, push(12_500, 1, "c")))
    trace.take(state, final(told, 12_500))  # it waited while the operator spoke
    assert trace.told().card_delays_ms == (640, 325, 3540)
    assert trace.told().final_delays_ms == {Channel.CITIZEN: (640,), Channel.OPERATOR: (540,)}


def test_what_was_worse_is_a_code_once_and_what_means_nothing_is_none() -> None:
    trace = CallTrace(Moved())
    silent = NoticeRaised("sound.silent_citizen")
    for event in (silent, silent, RecogniserFailed("asr.worker_restarting", True, 900), NoticeRaised("copying.all_copied"),
        NoticeRaised("asr.overload_one_channel"), NoticeRaised("asr.overload_over")):
        trace.take(TALKING, event)
    assert trace.told().degradations == ("no_sound.citizen", "restart", "overload")
    keys = ("sound.clipped_operator", "sound.back_operator", "sound.about")
    assert [degradation_of(key) for key in keys] == ["clipped.agent", "", ""]


def test_wrap_up_lasts_from_the_end_of_the_call_to_its_submission() -> None:
    clock = Moved()
    trace = CallTrace(clock)
    trace.take(TALKING, SubmitAsked())
    assert trace.told().wrap_up_ms == 0
    over = replace(TALKING, phase=Phase.WRAP_UP)
    trace.take(over, CallReleased(9000))
    clock.passed_s = 12.5
    trace.take(over, CallReleased(9000))
    trace.take(over, SubmitAsked())
    assert trace.told().wrap_up_ms == 12_500
    held = CallTrace(clock)
    for state in (TALKING, replace(TALKING, phase=Phase.PAUSED, position_ms=5000), replace(TALKING, position_ms=9000),
                  replace(TALKING, is_recognition_paused=True, position_ms=10_000), replace(TALKING, position_ms=10_500)):
        held.take(state, NoticeRaised("x.y"))
    assert held.told().unheard == ((5000, 9000), (10_000, 10_500))
    draft = CallTrace(clock)
    draft.reopened()
    assert draft.told().degradations == (REOPENED,)


def test_cards_keep_what_was_done_with_them_and_who_waves_or_silences_them_dismisses() -> None:
    trace = CallTrace(Moved())
    pushes = (push(1000, 0, "a", "b"), push(9000, 1, "b", "c"))
    trace.take(replace(TALKING, pushes=pushes), CardsQuieted(True))
    trace.take(replace(TALKING, pushes=pushes), CardDismissed("a"))
    events = [AssistEvent("", "live-1", entry_id, 3, act, origin, at_ms=at_ms) for entry_id, act, origin, at_ms in (
        ("b", AssistAct.SHOWN, AssistOrigin.PUSH, 1000), ("z", AssistAct.COPIED, AssistOrigin.SEARCH, 7000),
        ("z", AssistAct.OPENED, AssistOrigin.SEARCH, 6000), ("b", AssistAct.USED, AssistOrigin.PUSH, 3000))]
    found = card_records(pushes, replace(trace.told(), card_delays_ms=(300, 400)), events)
    assert [(card.entry_id, card.rank, card.delay_ms, card.acts) for card in found] == [
        ("a", 1, 300, ("shown", "dismissed")), ("b", 2, 300, ("shown", "used", "dismissed")), ("c", 2, 400, ("shown", "dismissed")),
        ("z", 1, -1, ("opened", "copied"))]
    assert found[3].origin == "search"


def hit(name: str, value: str, state: FieldState = FieldState.FILLED, matter: int = 0, others: tuple[str, ...] = ()) -> Hit:
    return Hit(name, value, state, 0.8, (), "rule.x", "", tuple(Candidate(other, 0.1) for other in others), matter)


def test_every_outcome_of_a_field() -> None:
    draft = TicketDraft().merge([hit("title", "噪音"), hit("demand", "停工"), hit("landmark", "桥边"), hit("subject", "工地"),
                                 hit("address_detail", "一号"), hit("plate_no", "粤A", FieldState.SUGGESTED), hit("org_name", "某店",
                                     FieldState.SUGGESTED)])
    draft = draft.edit("demand", "立即停工").edit("landmark", None).confirm("subject").edit("requester_name", "某人")
    draft = draft.edit("address_detail", "二号").edit("address_detail", "一号").confirm("org_name").edit("alt_phone", None)
    found = {each.name: each for each in field_records(draft, distance)}
    assert {name: (each.outcome, each.proposed) for name, each in found.items()} == {
        "title": (FieldOutcome.TAKEN, "filled"), "demand": (FieldOutcome.EDITED, "filled"), "landmark": (FieldOutcome.CLEARED, "filled"),
        "subject": (FieldOutcome.TAKEN, "filled"), "plate_no": (FieldOutcome.LEFT, "suggested"),
        "org_name": (FieldOutcome.TAKEN, "suggested"), "requester_name": (FieldOutcome.TYPED, ""),
        "address_detail": (FieldOutcome.TAKEN, "filled")}
    assert found["demand"].distance == 0.5
    assert [name for name, each in found.items() if each.confirmed] == ["subject", "org_name"]
    assert (found["requester_name"].confidence, found["requester_name"].rule) == (0.0, "")


def test_the_rank_of_what_was_right_and_nothing_but_official_codes() -> None:
    draft = TicketDraft().merge([hit("item_code", "010101", others=("010102", "010103")), hit("request_type", "投诉"),
                                 hit("item_code", "010103", FieldState.SUGGESTED, 1), hit("lead_unit", "张三的店")])
    draft = draft.edit("item_code", "010103")
    found = {(each.name, each.matter): each for each in choice_records(draft, OFFICIAL)}
    item = found["item_code", 0]
    assert (item.submitted, item.offered, item.rank) == ("010103", ("010101", "010102", "010103"), 3)
    assert (found["item_code", 1].submitted, found["item_code", 1].rank) == ("", 0)
    assert (found["lead_unit", 0].submitted, found["lead_unit", 0].offered, found["lead_unit", 0].rank) == (OUTSIDE, (OUTSIDE,), 0)
    assert found["request_type", 0].rank == 1


def test_a_record_of_a_whole_call_is_one_that_the_hub_reads() -> None:
    draft = TicketDraft().merge([hit("region_district", "天河区"), hit("region_street", "张三家")]).add_matter()
    state = CallState(CONTEXT, Phase.WRAP_UP, 60_000, (said(0, 2000),), {}, draft)
    desk = Desk("d", "8016", {"program": "1", "model": ""})
    made = recorded("0" * 32, "2026-11-20T09:01:00+08:00", desk, Recorded(state, CallTold(), keys=3), OFFICIAL, distance)
    assert (made.district, made.street, made.matters, made.versions) == ("天河区", "", 1, {"program": "1"})
    assert from_json(to_json(made)) == made


def test_versions_fall_into_the_parts_that_a_lead_compares() -> None:
    told = parts_of({"program": "1", "engine": "zipformer", "model": "m", "lexicon": "l", "language": "x", "knowledge": "k"})
    assert told == {"program": "1", "model": "m", "knowledge": "k", "vocabulary": "language x; lexicon l"}
    assert parts_of({"program": "1", "engine": "script"})["model"] == "script"


def test_confidence_counts_by_length_and_delay_by_its_95th_percentile() -> None:
    dialogue = (replace(said(0, 2000), text="好", confidence=0.0), replace(said(1, 4000), text="三个字", confidence=0.8))
    side, = sound_records(dialogue, CallTold(final_delays_ms={Channel.CITIZEN: tuple(range(1, 101))}))
    assert (side.confidence, side.speech_ms, side.utterances, side.final_p95_ms) == (0.6, 2000, 2, 95)


def block(channel: Channel, amplitude: float, seed: int) -> AudioBlock:
    noise = np.random.default_rng(seed).normal(0.0, amplitude * 32768, 800)
    return AudioBlock(channel, 100 * seed, np.clip(noise, -32768, 32767).astype("<i2").tobytes(), 8000)


def test_levels_tell_speech_noise_and_clipping_and_digital_silence_is_no_noise() -> None:
    meter = SoundMeter()
    for number in range(200):
        meter.take(block(Channel.CITIZEN, 0.1 if number % 4 == 0 else 0.001, number))
        meter.take(AudioBlock(Channel.OPERATOR, 100 * number, bytes(1600), 8000))
    levels = meter.levels()
    assert set(levels) == {Channel.CITIZEN}
    assert levels[Channel.CITIZEN].level_dbfs == pytest.approx(-20, abs=1)
    assert levels[Channel.CITIZEN].noise_dbfs == pytest.approx(-60, abs=1)
    assert levels[Channel.CITIZEN].clipped_share == 0
    meter.take(block(Channel.OPERATOR, 3.0, 1))
    assert meter.levels()[Channel.OPERATOR].clipped_share > 0.002


def test_how_both_sides_spoke_stands_in_numbers_and_what_is_not_known_is_left_out() -> None:
    asked, answered = said(0, 3000, text="一二三四五六七八"), said(1, 9000, Channel.OPERATOR, "好的")
    dialogue = (replace(asked, start_ms=1000), answered)
    told = CallTold(levels={Channel.CITIZEN: SideLevels(-24.0, -60.0, 0.0, 7.26)}, unheard=((3500, 5500), (4000, 6000)))
    citizen, agent = sound_records(dialogue, told)
    assert (citizen.rate, citizen.pitch_semitones) == (4.0, 7.3)
    assert (agent.rate, agent.pitch_semitones) == (2.0, 0.0)
    assert voice_record(dialogue, told) == VoiceRecord(0, 2500, 2500)
    assert voice_record((), told) is None


def test_both_voices_of_a_recording_have_a_range_where_somebody_speaks() -> None:
    sound, rate_hz = soundfile.read(resource("sample_calls") / "night-construction.flac", dtype="int16")
    meter = SoundMeter()
    for start in range(0, len(sound), rate_hz // 10):
        for channel, column in ((Channel.OPERATOR, 0), (Channel.CITIZEN, 1)):
            meter.take(AudioBlock(channel, start * 1000 // rate_hz, sound[start:start + rate_hz // 10, column].tobytes(), rate_hz))
    whole = tuple(replace(said(at, 600_000, channel), start_ms=0) for at, channel in enumerate(Channel))
    ranges = [levels.pitch_semitones for levels in meter.levels(whole).values()]
    assert len(ranges) == 2
    assert all(2.0 < each < 22.0 for each in ranges)
    assert [levels.pitch_semitones for levels in meter.levels().values()] == [0.0, 0.0]


def test_the_desk_is_reminded_once_and_only_while_the_citizen_is_there() -> None:
    posted: list[CallEvent] = []
    watch = QualityWatch(load_quality_rules().rules, posted.append)
    draft = TicketDraft().merge([hit("contact_phone", "13567890123"), hit("request_type", "投诉")])
    turns = ["您好工号一二三", "幺三五六七八九零幺二三", "好的", "嗯", "诉求是什么", "不要施工", "请问贵姓", "姓陈", "好的"]
    dialogue = tuple(said(at, 2000 * at + 1000, Channel.CITIZEN if at % 2 else Channel.OPERATOR, text) for at, text in enumerate(turns))
    for length in range(1, len(dialogue) + 1):
        watch.seen(replace(TALKING, dialogue=dialogue[:length], draft=draft))
    assert posted == [NoticeRaised("quality.remind_phone_read_back")]
    late: list[CallEvent] = []
    QualityWatch(load_quality_rules().rules, late.append).seen(replace(TALKING, phase=Phase.WRAP_UP, dialogue=dialogue[:6], draft=draft))
    assert late == []
