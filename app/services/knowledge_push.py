"""Decides when knowledge cards appear beside a call, and which: silence unless it helps.

``KnowledgePush.choose`` is asked on every final and on every new partial of the citizen. It holds no state of the call:
what was shown comes in with ``already``, so that a recorded call replays exactly. It runs on the call thread.

Rules: a question (or a clear matter) must be there and the best card's score must clear the threshold for it; turns that
give a name, a number or an address ask nothing; no card comes twice; nothing comes while the operator speaks: what was held
then comes when the operator is done, or never where that is too late; a pause lies between two pushes unless a new question was
asked; nothing comes that does not hold on the day of the call or that citizens must not hear; a call shows at most so many
pushes, fewer for who knows the trade (``settings_for``). What the operator restates
(您是想咨询…) is searched too: it says in words of office what the citizen meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.domain.dialogue import Channel, HypothesisRevised, Utterance
from app.domain.knowledge import KnowledgeQuery, Push, Ranked
from app.ports.ports import KnowledgeBase

_ASKS = re.compile(
    r"问一下|问问|问一问|请问|想问|咨询|想知道|想了解|了解一下|想查|能查|帮我查|怎|如何|咋办|"
    r"[去到在]哪|哪里|哪儿|哪个部门|哪个窗口|哪些|什么(?:材料|资料|手续|条件|流程|部门|证件|地方|时候|标准)|要带什么|要什么|"
    r"需要什么|多久|多长时间|多少钱|几天|能不能|可不可以|可以不可以|能[^，。]{0,8}吗|可以[^，。]{0,8}吗|需要[^，。]{0,8}吗|"
    r"要不要|有没有[^，。]{0,8}(?:补贴|政策|规定|办法|地方|电话)|是不是[^，。]{0,10}(?:才能|就能|可以)")
_STATES = re.compile(r"投诉|举报|反映|建议|求助|不见了|坏了|没人|不给|拖欠|太吵|不肯|不让|乱收|倒了|漏水|停水|停电")
_GIVES = re.compile(
    r"(?:免贵)?姓[^名，。]|[幺零一二三四五六七八九0-9]{4,}|我叫|[路街道巷村][^，。]{0,4}号|"
    r"[^，。]{2,4}区[^，。]{2,5}(?:街道|镇)")
_ASKS_FOR_DATA = re.compile(
    r"贵姓|怎么称呼|姓名|您的名字|叫什么|电话|手机|号码|身份证号|车牌|位置|什么地方|地址|哪条路|哪个小区|哪个区|"
    r"哪个街道|哪一段|社区吗|回访|保密|匿名|核对|记下了|诉求|要求是|再见|稍等|久等")
_RESTATES = re.compile(r"您(?:是)?(?:想|要)(?:咨询|问|了解|办|申请|查)[^，。？]*|您说的是[^，。？]*")
_CONFIRMS = re.compile(r"[^，。？]{6,}，?(?:对吗|对吧|是吗|是吧)？?$")
_GREETS = re.compile(r"工号|有什么可以帮|请讲|您请说|请您说")
_NEW_MATTER = re.compile(r"第[二三四两][个件]|另外|还有一个|还有件事|再问一|还想问|顺便问")
_CONTEXT_TURNS = 3
_READINGS = 8
_ANSWER_CHARACTERS = 8
_ALIKE_SHARE = 0.4
_MIN_CHARACTERS = 4
_LEAST_QUESTION = 6
_DECIDED_AFTER_MS = 800
_DIGITS = re.compile(r"[0-9幺零一二三四五六七八九]{2,}")


@dataclass(frozen=True, slots=True)
class PushSettings:
    """How eager cards are. Scores are shares of 1, times milliseconds.

    Attributes:
        ask_score: what the best card with its variants must score where a question was asked.
        state_score: the same where only a matter was stated.
        least: what the best card must score by itself.
        beside: further cards come along down to this share of the best one's score.
        cards: at most so many cards a push.
        pushes: at most so many pushes a call.
        partial_score: what must be reached at least while the citizen still speaks.
        pause_ms: time between two pushes without a new question.
        late_ms: what was asked so long before the operator is done gets no card any more.
        city: official name of the hotline's city; entries of its region come first.
        day: ISO date of the call; "" asks nothing of an entry's validity.
    """

    ask_score: float = 0.2
    state_score: float = 0.7
    least: float = 0.12
    beside: float = 0.15
    cards: int = 3
    pushes: int = 6
    partial_score: float = 0.7
    pause_ms: int = 8_000
    late_ms: int = 12_000
    city: str = ""
    day: str = ""


def settings_for(manner: str, pushes: int, city: str, day: str = "") -> PushSettings:
    """How eager cards are by the operator's choice.

    Args:
        manner: "usual"; "fewer" (for experienced operators: surer cards, two a push, half as often); "off".
        pushes: at most so many pushes a call.
        city: official name of the hotline's city.
        day: ISO date of the call.
    """
    usual = PushSettings(pushes=pushes, city=city, day=day)
    if manner == "off":
        return replace(usual, pushes=0)
    if manner == "fewer":
        return replace(usual, ask_score=0.5, state_score=0.85, partial_score=0.85, cards=2, pushes=-(-pushes // 2), pause_ms=20_000)
    return usual


@dataclass(frozen=True, slots=True)
class _Turn:
    """What is being said now: the words, whether they ask, what was said before, whether they go on, how else the last of them may read."""

    text: str
    asks: bool
    before: str
    after_utterance: int
    is_partial: bool = False
    alternatives: tuple[str, ...] = ()


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
               at_ms: int, already: Sequence[Push], operator_speaks: bool = False, district: str = "") -> Push | None:
        """Cards to show now, or None.

        Args:
            dialogue: finals so far.
            partial: the citizen's newest hypothesis, None where nobody of that side speaks.
            draft_items: item codes that stand in the draft, surest first.
            at_ms: the call's time.
            already: pushes so far, oldest first.
            operator_speaks: hold cards back.
            district: official name of the district on the draft, "" where there is none.

        Raises:
            EnvironmentFault: the knowledge base turned out damaged.
        """
        if operator_speaks or len(already) >= self._settings.pushes:
            return None
        turn = _turn(dialogue, partial) or (_held_turn(dialogue, already, at_ms - self._settings.late_ms) if partial is None else None)
        if turn is None or not self._is_time(turn, at_ms, already):
            return None
        query = KnowledgeQuery(turn.text, turn.before, tuple(draft_items), self._settings.cards, self._settings.city, district=district,
                               day=self._settings.day, only_sayable=True, alternatives=turn.alternatives)
        shown = {ranked.entry.id for push in already for ranked in push.ranked}
        found = [ranked for ranked in self._knowledge.search(query) if ranked.entry.sayable_on(self._settings.day)]
        best = self._worth_showing(turn, found, shown)
        return Push(at_ms, turn.after_utterance, best) if best else None

    def _is_time(self, turn: _Turn, at_ms: int, already: Sequence[Push]) -> bool:
        if not already:
            return True
        if turn.is_partial and already[-1].after_utterance == turn.after_utterance:
            return False  # one push for what is still being said; the final decides the rest
        return turn.asks or at_ms - already[-1].at_ms >= self._settings.pause_ms

    def _worth_showing(self, turn: _Turn, found: Sequence[Ranked], shown: set[str]) -> tuple[Ranked, ...]:
        """The best cards, () where the best one is weak or was shown: then the rest would only disturb.

        Variants of one matter (one guide for each kind of vehicle) share the probability: together they must be sure.
        """
        top = found[: self._settings.cards]
        if not top or top[0].score < self._settings.least or top[0].entry.id in shown:
            return ()
        family = [ranked for ranked in top if _alike(ranked.entry.title, top[0].entry.title)]
        if sum(ranked.score for ranked in family) < self._needed(turn):
            return ()
        floor = top[0].score * self._settings.beside
        return tuple(ranked for ranked in top if ranked.score >= floor and ranked.entry.id not in shown)

    def _needed(self, turn: _Turn) -> float:
        needed = self._settings.ask_score if turn.asks else self._settings.state_score
        return max(needed, self._settings.partial_score) if turn.is_partial else needed


def _alike(title: str, other: str) -> bool:
    """True for titles that share most of their character pairs."""
    pairs, others = ({text[at:at + 2] for at in range(len(text) - 1)} for text in (title, other))
    return title == other or len(pairs & others) >= _ALIKE_SHARE * len(pairs | others)


def _turn(dialogue: Sequence[Utterance], partial: HypothesisRevised | None) -> _Turn | None:
    """The turn to answer, None where nothing is asked or stated."""
    last = dialogue[-1].index if dialogue else -1
    history = list(dialogue)
    if partial is not None:
        turn = _citizen_turn(partial.text, history, last)
        return turn and replace(turn, is_partial=True)
    if not history:
        return None
    said = history.pop()
    if said.channel is Channel.OPERATOR:
        return _Turn(said.text, True, _context(history), last, alternatives=_readings(said, "")) if _restates(said.text, history) else None
    text = said.text
    while history and history[-1].channel is Channel.CITIZEN:
        text = f"{history.pop().text}，{text}"
    turn = _citizen_turn(text, history, last)
    return turn and replace(turn, alternatives=_readings(said, text.removesuffix(said.text)))


def _readings(said: Utterance, before: str) -> tuple[str, ...]:
    """Whole turns with other readings of their last final."""
    return tuple(before + other.text for other in said.alternatives[:_READINGS])


def _held_turn(dialogue: Sequence[Utterance], already: Sequence[Push], not_before_ms: int) -> _Turn | None:
    """What the citizen asked while the operator spoke, now that the operator is done; None where it came too long ago."""
    if len(dialogue) < 2 or dialogue[-1].channel is not Channel.OPERATOR or dialogue[-2].channel is not Channel.CITIZEN:
        return None
    said, asked = dialogue[-1], dialogue[-2]
    was_held = said.start_ms <= asked.end_ms + _DECIDED_AFTER_MS
    if not was_held or asked.end_ms < not_before_ms or any(push.after_utterance >= asked.index for push in already):
        return None
    return _turn(dialogue[:-1], None)


def unanswered(dialogue: Sequence[Utterance], pushes: Sequence[Push]) -> tuple[str, ...]:
    """Questions of a whole call that brought no card: what the citizen asked in turns that give no name, number or address."""
    answered = {index for push in pushes for index in range(push.after_utterance - 1, push.after_utterance + 2)}
    found = [said.text for said in dialogue
             if said.channel is Channel.CITIZEN and said.index not in answered and len(said.text) >= _LEAST_QUESTION
             and _ASKS.search(said.text) and not _GIVES.search(said.text)]
    return tuple(_DIGITS.sub("〇", text) for text in found)


def _citizen_turn(text: str, history: Sequence[Utterance], last: int) -> _Turn | None:
    if len(text) < _MIN_CHARACTERS:
        return None
    operator = history[-1].text if history and history[-1].channel is Channel.OPERATOR else ""
    asks = bool(_ASKS.search(text))
    if not asks and (_GIVES.search(text) or _ASKS_FOR_DATA.search(operator)):
        return None
    earlier = next((said.text for said in reversed(history) if said.channel is Channel.CITIZEN), "")
    follows = len(text) >= _ANSWER_CHARACTERS and bool(_ASKS.search(earlier))
    opens = bool(_GREETS.search(operator))  # the first thing a caller says is the matter
    if asks or follows or opens or _STATES.search(text):
        return _Turn(text, asks, "" if _NEW_MATTER.search(text) else _context(history), last)
    return None


def _restates(text: str, history: Sequence[Utterance]) -> bool:
    """The operator puts the matter in own words, or says back what was just asked for (not a name or a number)."""
    if _RESTATES.search(text):
        return not _ASKS_FOR_DATA.search(_RESTATES.sub("", text))
    asked = bool(history) and history[-1].channel is Channel.CITIZEN and bool(_ASKS.search(history[-1].text))
    return asked and bool(_CONFIRMS.search(text)) and not _GIVES.search(text) and not _ASKS_FOR_DATA.search(text)


def _context(history: Sequence[Utterance]) -> str:
    """The last words before the turn that belong to its matter: no greeting, no name, no number, no address."""
    kept = [said.text for said in history[-_CONTEXT_TURNS:]
            if not _GREETS.search(said.text) and not _GIVES.search(said.text)
            and not (said.channel is Channel.OPERATOR and _ASKS_FOR_DATA.search(said.text))]
    return "，".join(kept)
