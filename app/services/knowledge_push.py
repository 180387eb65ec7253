"""Decides when knowledge cards appear beside a call, and which: silence unless it helps.

``KnowledgePush.choose`` is asked on every final and on every new partial of the citizen. It holds no state of the call:
what was shown comes in with ``already``, so that a recorded call replays exactly. It runs on the call thread.

Rules: a question (or a clear matter) must be there and the best card's score must clear the threshold for it; turns that give a
name, a number or an address ask nothing; no card comes twice; nothing comes while the operator speaks; a pause lies
between two pushes unless a new question was asked; a call shows at most so many pushes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.dialogue import Channel, HypothesisRevised, Utterance
from app.domain.knowledge import KnowledgeQuery, Push, Ranked
from app.ports.ports import KnowledgeBase

_ASKS = re.compile(
    r"问一下|问问|问一问|请问|想问|咨询|想知道|想了解|了解一下|查一下|怎么[办查领补开弄换转交报申打拿算走退续改买装登样预]|怎样|如何|咋办|"
    r"[去到在]哪|哪里|哪儿|哪个部门|哪个窗口|哪些|什么(?:材料|资料|手续|条件|流程|部门|证件|地方|时候|标准)|要带什么|要什么|"
    r"需要什么|多久|多长时间|多少钱|几天|能不能|可不可以|可以不可以|能[^，。]{0,8}吗|可以[^，。]{0,8}吗|需要[^，。]{0,8}吗|"
    r"要不要|有没有[^，。]{0,8}(?:补贴|政策|规定|办法|地方|电话)|怎么[^，。]{0,6}[呢啊]|是不是[^，。]{0,10}(?:才能|就能|可以)")
_STATES = re.compile(r"投诉|举报|反映|建议|求助|不见了|坏了|没人|不给|拖欠|太吵|不肯|不让|乱收|倒了|漏水|停水|停电")
_GIVES = re.compile(r"(?:免贵)?姓[^，。]|[幺零一二三四五六七八九0-9]{4,}|我叫|[路街道巷村][^，。]{0,4}号")
_ASKED_FOR_DATA = re.compile(
    r"贵姓|怎么称呼|姓名|您的名字|电话|手机|号码|身份证号|车牌|什么位置|具体位置|哪个位置|什么地方|地址|哪条路|哪个小区|哪个区|哪个街道|"
    r"社区吗|需要回访|保密|匿名|核对|对吗|对吧|记下了|再见")
_MIN_CHARACTERS = 4


@dataclass(frozen=True, slots=True)
class PushSettings:
    """How eager cards are. Scores are shares of 1, times milliseconds.

    Attributes:
        ask_score: what the best card must score where a question was asked.
        state_score: the same where only a matter was stated.
        beside: further cards come along down to this share of the best one's score.
        cards: at most so many cards a push.
        pushes: at most so many pushes a call.
        pause_ms: time between two pushes without a new question.
        city: official name of the hotline's city; entries of its region come first.
    """

    ask_score: float = 0.5
    state_score: float = 0.65
    beside: float = 0.6
    cards: int = 3
    pushes: int = 6
    pause_ms: int = 8_000
    city: str = ""


@dataclass(frozen=True, slots=True)
class _Turn:
    """What is being said now: the citizen's words, whether they ask, and what was said before."""

    text: str
    asks: bool
    before: str
    after_utterance: int


class KnowledgePush:
    """Cards for one call.

    Args:
        knowledge: searched on the calling thread.
        settings: how eager to be.
    """

    def __init__(self, knowledge: KnowledgeBase, settings: PushSettings | None = None) -> None:
        self._knowledge = knowledge
        self._settings = settings or PushSettings()

    def choose(self, dialogue: Sequence[Utterance], partial: HypothesisRevised | None, draft_items: Sequence[str],
               at_ms: int, already: Sequence[Push], operator_speaks: bool = False) -> Push | None:
        """Cards to show now, or None.

        Args:
            dialogue: finals so far.
            partial: the citizen's newest hypothesis, None where nobody of that side speaks.
            draft_items: item codes that stand in the draft, surest first.
            at_ms: the call's time.
            already: pushes so far, oldest first.
            operator_speaks: hold cards back.

        Raises:
            EnvironmentFault: the knowledge base turned out damaged.
        """
        if operator_speaks or len(already) >= self._settings.pushes:
            return None
        turn = _turn(dialogue, partial)
        if turn is None or not self._is_time(turn, at_ms, already):
            return None
        query = KnowledgeQuery(turn.text, turn.before, tuple(draft_items), limit=self._settings.cards + 5)
        shown = {ranked.entry.id for push in already for ranked in push.ranked}
        found = self._knowledge.search(query)
        best = self._worth_showing(turn, found, shown)
        return Push(at_ms, turn.after_utterance, best) if best else None

    def _is_time(self, turn: _Turn, at_ms: int, already: Sequence[Push]) -> bool:
        if not already:
            return True
        return turn.asks or at_ms - already[-1].at_ms >= self._settings.pause_ms

    def _worth_showing(self, turn: _Turn, found: Sequence[Ranked], shown: set[str]) -> tuple[Ranked, ...]:
        """The best cards, () where the best one is weak or was shown: then the rest would only disturb."""
        needed = self._settings.ask_score if turn.asks else self._settings.state_score
        if not found or found[0].score < needed or found[0].entry.id in shown:
            return ()
        floor = max(found[0].score * self._settings.beside, needed * self._settings.beside)
        close = [ranked for ranked in found if ranked.score >= floor and ranked.entry.id not in shown]
        return tuple(close[: self._settings.cards])


def _turn(dialogue: Sequence[Utterance], partial: HypothesisRevised | None) -> _Turn | None:
    """The turn to answer, None where nothing is asked or stated."""
    last = dialogue[-1].index if dialogue else -1
    history = list(dialogue)
    if partial is not None:
        text = partial.text
    elif history and history[-1].channel is Channel.CITIZEN:
        text = history.pop().text
        while history and history[-1].channel is Channel.CITIZEN:
            text = f"{history.pop().text}，{text}"
    else:
        return None
    operator = next((said.text for said in reversed(history) if said.channel is Channel.OPERATOR), "")
    asks = bool(_ASKS.search(text))
    if len(text) < _MIN_CHARACTERS or not (asks or _is_matter(text, operator)):
        return None
    before = [said.text for said in history[-3:] if not _ASKED_FOR_DATA.search(said.text) or "咨询" in said.text]
    return _Turn(text, asks, "，".join(before), last)


def _is_matter(text: str, operator: str) -> bool:
    return bool(_STATES.search(text)) and not _GIVES.search(text) and not _ASKED_FOR_DATA.search(operator)
