"""A call leaves its traces: shown, spoken, unanswered; and use moves the order, within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.domain.assist import MOST_DOWN, MOST_UP, AssistAct, AssistOrigin, EntryUse, standing
from app.domain.call import CallAnswered, CallReleased, CallState, CardsQuieted
from app.domain.dialogue import CallContext, Channel, HypothesisRevised, Utterance, UtteranceFinal
from app.domain.knowledge import KnowledgeQuery
from app.extraction.extractor import DialogueExtractor
from app.platform.clock import SystemClock
from app.platform.resource_files import resource
from app.ports.ports import SwitchingKnowledge
from app.services.call_session import CallSession
from app.services.knowledge_push import KnowledgePush, PushSettings, settings_for
from app.services.knowledge_use import AdaptedKnowledge, KnowledgeUse, is_spoken, standings_of
from app.store.assist import SqliteAssist
from app.store.ticket_store import SqliteTicketStore
from kb_cache.index_reader import IndexedKnowledge
from kb_cache.live import LiveKnowledge
from kb_cache.opening import open_kb
from kb_cache.update_poll import state_of
from tests.app.store import scenes
from tests.kb_cache.publishing import Desk, new_publisher, rows

ASKED = "你好，我想问一下，身份证丢了怎么补办？"
CONTEXT = CallContext("c1", "2026-11-22T09:00:00+08:00", "广州市")


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexedKnowledge]:
    opened = open_kb(resource("sample_kb"), tmp_path_factory.mktemp("cache"))
    yield opened
    opened.close()


@pytest.fixture
def assist(tmp_path: Path) -> Iterator[SqliteAssist]:
    store = SqliteTicketStore(tmp_path / "tickets.db", scenes.KEY, SystemClock())
    yield SqliteAssist(store, SystemClock())
    store.close()


def final(channel: Channel, start_ms: int, text: str) -> UtteranceFinal:
    return UtteranceFinal(f"{channel}{start_ms}", Utterance(0, channel, start_ms, start_ms + 3000, text), start_ms + 3000)


def partial(channel: Channel, start_ms: int, text: str) -> HypothesisRevised:
    return HypothesisRevised(f"{channel}{start_ms}", 1, channel, start_ms, start_ms + 500, start_ms + 500, 0.0, text)


def session(knowledge: IndexedKnowledge, settings: PushSettings | None = None) -> CallSession:
    made = CallSession(CONTEXT, DialogueExtractor.load(), KnowledgePush(knowledge, settings))
    made.apply(CallAnswered())
    return made


def test_shown_spoken_judged_and_unanswered_are_kept(knowledge: IndexedKnowledge, assist: SqliteAssist) -> None:
    use = KnowledgeUse(assist, SystemClock(), lambda: "v1", "0001")
    use.start()
    call = session(knowledge)
    use.follow(call.apply(final(Channel.CITIZEN, 1000, ASKED)))
    entry = call.state.pushes[0].ranked[0].entry
    use.follow(call.apply(final(Channel.OPERATOR, 6000, f"好的，{entry.speakable}")))
    use.note(AssistAct.WRONG, entry, AssistOrigin.PUSH)
    use.follow(call.apply(final(Channel.CITIZEN, 20_000, "那我再问问，月球上的萤火虫怎么养啊二三四")))
    use.follow(call.apply(CallReleased(30_000)))
    use.close()
    acts = [event.act for event in assist.events(entry.id, "c1")]
    assert sorted(acts) == [AssistAct.SHOWN, AssistAct.SPOKEN, AssistAct.WRONG]
    assert [asked.text for asked in assist.questions()] == ["那我再问问，月球上的萤火虫怎么养啊〇"]
    assert standings_of(assist)[entry.id].doubted == 1


def test_cards_wait_for_the_operator_and_are_dropped_when_late(knowledge: IndexedKnowledge) -> None:
    call = session(knowledge)
    call.apply(partial(Channel.OPERATOR, 3000, "您"))
    waiting = call.apply(final(Channel.CITIZEN, 1000, ASKED))
    assert not waiting.pushes and waiting.waiting is not None
    held = call.apply(final(Channel.OPERATOR, 3000, "您别急"))
    assert held.pushes and held.pushes[0].after_utterance == 0 and held.waiting is None
    assert held.pushes[0].ranked == waiting.waiting.ranked  # what was counted is what comes

    late = session(knowledge)
    late.apply(partial(Channel.OPERATOR, 3000, "您"))
    late.apply(final(Channel.CITIZEN, 1000, ASKED))
    spoke_on = UtteranceFinal("late", Utterance(0, Channel.OPERATOR, 3000, 40_000, "您别急"), 40_000)
    late.apply(partial(Channel.OPERATOR, 3000, "您别急"))
    assert not late.apply(UtteranceFinal("operator3000", spoke_on.utterance, 40_000)).pushes


def test_quiet_is_quiet_until_wanted_again(knowledge: IndexedKnowledge) -> None:
    call = session(knowledge)
    call.apply(CardsQuieted(True))
    assert not call.apply(final(Channel.CITIZEN, 1000, ASKED)).pushes
    call.apply(CardsQuieted(False))
    assert call.apply(final(Channel.CITIZEN, 9000, ASKED)).pushes


def test_who_knows_the_trade_gets_fewer_cards(knowledge: IndexedKnowledge) -> None:
    usual, fewer, off = (settings_for(manner, 6, "") for manner in ("usual", "fewer", "off"))
    assert (usual.pushes, fewer.pushes, off.pushes) == (6, 3, 0)
    assert fewer.ask_score > usual.ask_score and fewer.cards < usual.cards
    assert not session(knowledge, off).apply(final(Channel.CITIZEN, 1000, ASKED)).pushes
    shown: CallState = session(knowledge, fewer).apply(final(Channel.CITIZEN, 1000, ASKED))
    assert 1 <= len(shown.pushes[0].ranked) <= 2


def test_an_answer_is_known_as_spoken_with_recognition_errors() -> None:
    speakable = "补办身份证请本人带户口簿到就近派出所办理。一般二十个工作日内领证。"
    assert is_spoken(speakable, "那个补办身份证呢请本人带护口簿到就近派处所办理就行了")
    assert not is_spoken(speakable, "请问您贵姓方便留个电话吗")
    assert not is_spoken("", "什么都没有")


def test_use_moves_the_order_within_bounds(knowledge: IndexedKnowledge) -> None:
    loved = standing(EntryUse("x", {AssistAct.USED: 10_000.0, AssistAct.SPOKEN: 10_000.0}))
    hated = standing(EntryUse("x", {AssistAct.WRONG: 10_000.0}))
    assert 0 < loved.shift <= MOST_UP and -MOST_DOWN <= hated.shift < 0
    plain = knowledge.search(KnowledgeQuery("居住证怎么办理", limit=4))
    assert abs(plain[0].score - plain[1].score) < 1.0
    adapted = AdaptedKnowledge(knowledge, lambda: {plain[0].entry.id: hated, plain[3].entry.id: loved})
    moved = adapted.search(KnowledgeQuery("居住证怎么办理", limit=4))
    by_id = {ranked.entry.id: ranked for ranked in moved}
    assert by_id[plain[0].entry.id].score < plain[0].score and by_id[plain[0].entry.id].moved_by == hated.shift
    assert [ranked.score for ranked in moved] == sorted((ranked.score for ranked in moved), reverse=True)
    assert AdaptedKnowledge(knowledge, dict).search(KnowledgeQuery("居住证怎么办理", limit=4)) == plain


def test_an_entry_that_was_found_and_said_is_spoken_too_and_notes_are_kept(knowledge: IndexedKnowledge, assist: SqliteAssist) -> None:
    use = KnowledgeUse(assist, SystemClock())
    use.start()
    call = session(knowledge)
    use.follow(call.state)
    entry = knowledge.get("SP-DOG-I")
    assert entry is not None
    use.note(AssistAct.OPENED, entry, AssistOrigin.SEARCH)
    use.follow(call.apply(final(Channel.OPERATOR, 6000, f"好的，{entry.speakable}")))
    use.write(entry.id, "先问伤口")
    use.mark(entry.id, True)
    use.close()
    assert [(event.act, event.origin) for event in assist.events(entry.id)] == [
        (AssistAct.SPOKEN, AssistOrigin.SEARCH), (AssistAct.OPENED, AssistOrigin.SEARCH)]
    assert assist.note(entry.id) == "先问伤口" and assist.favourites() == (entry.id,)


def test_a_note_that_cannot_be_kept_is_told(assist: SqliteAssist, tmp_path: Path) -> None:
    told: list[str] = []
    use = KnowledgeUse(assist, SystemClock(), trouble=lambda fault: told.append(fault.key))
    use.start()
    assist._store.close()
    use.write("k1", "x")
    use.close()
    assert len(told) == 1


def test_a_desk_in_use_takes_the_newest_knowledge_between_calls(tmp_path: Path) -> None:
    publisher = new_publisher(tmp_path / "repo")
    publisher.publish(rows(), "stable", "v1")
    pc = Desk(tmp_path / "pc", str(publisher.public)).trusting(publisher)
    pc.look()
    knowledge = AdaptedKnowledge(LiveKnowledge(tmp_path / "kb", pc.cache, pc.installed), dict)
    assert isinstance(knowledge, SwitchingKnowledge) and not knowledge.use_newest()
    publisher.publish(rows(e1="换了新窗口"), "stable", "v2")
    pc.look()
    assert knowledge.version == "v1" and knowledge.use_newest() and knowledge.version == "v2"
    former, now = knowledge.former("e1"), knowledge.get("e1")
    assert former is not None and now is not None and (former.answer, now.answer) == ("带身份证到1号窗口办理。", "换了新窗口")
    assert knowledge.former("absent") is None
    made = datetime.fromisoformat(state_of(pc.installed, SystemClock()).installed_at)
    assert timedelta(seconds=-5) < SystemClock().now() - made < timedelta(hours=1)
    knowledge.close()


def test_children_are_found_in_file_order(knowledge: IndexedKnowledge) -> None:
    assert [entry.id for entry in knowledge.children("SP-NOISE-I")] == ["SP-NOISE-Q1", "SP-NOISE-Q2", "SP-NOISE-Q3", "SP-NOISE-Q4"]
    assert [entry.id for entry in knowledge.children("SP-NOISE-P", 1)] == ["SP-NOISE-I"] and knowledge.children("absent") == ()
