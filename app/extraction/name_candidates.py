"""Names that a citizen's turn may hold: a surname and what follows it, scored by what was spelled and where it ends.

Candidates start with a surname, or a given name is told apart from it (我姓楚…名字两个字，天阔; 单名一个涛). What the caller
spells decides which characters belong to the name and how many.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from app.extraction.dialogue_view import DialogueView, Turn
from app.extraction.form_of_address import TITLES, FormOfAddress
from app.extraction.sound import Sound
from app.extraction.spelling import Spelled, Spelling
from app.extraction.surnames import BAD_GIVEN, NEAR, Surnames

_LEAD = re.compile(
    r"(?:我的?)?(?:名字|全名|姓名|大名)(?:就)?(?:是|叫)?|我(?:就)?叫|(?<![称])叫(?!我|什么|做|他"
    r"|她)|免贵(?:姓)?|(?:叫|称呼|喊)我(?!们|妈|爸)|我是(?!说|想|要|在|不|一个|这|住|来)|我姓|复姓|姓(?!名)|(?:就|名字)(?:写|填|留|登记)(?:我)?(?:是|叫)?"
)
SURNAME_LEAD = re.compile(r"(?:免贵|我)?(?:是)?(?:复)?姓(?!名)|免贵")
_DIGITS = frozenset("零幺一二两三四五六七八九0123456789")
MASKED = re.compile(r"不(?:方便|想|愿意|用|留|说|便)|匿名|就不说|保密|不告诉")
_GOES_ON = re.compile(
    r".(?:就)?是|先生|女士|小姐|[一-鿿]字旁|电话|手机|我的|身份证|证件|联系方式|住在"
    r"|想(?:要|问|反映|投诉|举报|咨询|了解)|[来要](?:反映|投诉|举报|咨询)|来电"
)
_SINGLE_NAME = re.compile(r"(?:单名|单字|名字)(?:就)?(?:是|叫)?(?:一个字|单字|一个|单)(?:是|叫|的)?([一-鿿])")
_SINGLE_SCORE = 6.0
_APART_SCORE = 5.0
_GIVEN_LEAD = re.compile(
    r"(?<![全姓的])名(?!义|额|单|牌|片|称)字?(?:就)?(?:是|叫|写)?(?:两个字|一个字|三个字|单字)?(?:的|那)?(?:是|叫)?"
)
_ASKS_GIVEN = re.compile(r"名字|全名|叫什么|名呢|大名")
_READING = re.compile(r"(?:这?个?(?:字|姓)?(?:念|读)|写(?!诗))")
_FEWEST = 3
_MAX_ANSWER = 80
_FIRST = 14
_UNLISTED = 500
#: 司 in 司徒明远: more than a frequent surname has before a rare one, less than what a spelling or a pause tells (我叫宗政，…).
_INSIDE_COMPOUND = 0.8


@dataclass(frozen=True, slots=True)
class Name:
    """A candidate: characters as heard, where, how good."""

    text: str
    surname: str
    turn: Turn
    start: int
    end: int
    score: float


class NameCandidates:
    """Finds candidates.

    Args:
        surnames: the surname list.
        spelling: finds spelled characters.
        sound: readings of characters.
    """

    def __init__(self, surnames: Surnames, spelling: Spelling, sound: Sound) -> None:
        self._surnames = surnames
        self._spelling = spelling
        self._sound = sound

    def of(self, view: DialogueView, turn: Turn, spelled: Sequence[Spelled], address: list[FormOfAddress]) -> Iterable[Name]:
        """All candidates of a turn.

        Args:
            view: the dialogue.
            turn: a turn that tells a name.
            spelled: what was spelled in the call.
            address: the operator's forms of address.
        """
        yield from self._one_character(turn)
        yield from self._given_apart(view, turn, spelled, address)
        yield from self._candidates(turn, spelled, address)

    def facts(self, turn: Turn, most: int | None = None) -> list[Spelled]:
        """Spelled characters of a turn; a character behind a pause begins the name (早字头那个，覃心怡)."""
        facts = self._spelling.facts(turn.text[:most], from_sound=turn.from_sound)
        if turn.from_sound:
            return facts
        return [
            replace(fact, end=fact.end - 1) if fact.end - 1 in turn.breaks and fact.end - fact.start > _FEWEST else fact
            for fact in facts
        ]

    def _candidates(self, turn: Turn, facts: Sequence[Spelled], address: list[FormOfAddress]) -> Iterable[Name]:
        text = turn.text[:_MAX_ANSWER]
        spelled = {fact.character for fact in facts}
        own = self.facts(turn, _MAX_ANSWER)
        starts = {0, *(match.end() for match in _LEAD.finditer(text)), *turn.breaks, *(fact.end for fact in own)}
        starts |= {
            match.end() + len(surname)
            for match in SURNAME_LEAD.finditer(text)
            for surname in self._surnames.at(text, match.end(), set())
        }
        starts |= {
            again.start()
            for match in SURNAME_LEAD.finditer(text)
            for again in re.finditer(re.escape(text[match.end() : match.end() + 1]), text)
            if match.end() < len(text)
        }
        if text[0:1] in self._surnames.rank:
            starts |= {again.start() for again in re.finditer(re.escape(text[0]), text)}
        starts |= {
            match.start() for compound in self._surnames.compound if compound in text for match in re.finditer(compound, text)
        }
        if turn.from_sound:
            starts |= {*range(min(len(text), _FIRST)), *(fact.end - 1 for fact in own)}
        inside = {place for fact in own for place in range(fact.start, fact.end - turn.from_sound)}
        called = {entry.surname for entry in address if entry.surname}
        for start in sorted(starts):
            if start >= len(text) or start in inside:
                continue
            for surname in self._surnames.at(text, start, called, from_sound=turn.from_sound):
                yield from self._grow(turn, text, start, surname, spelled, own, called)

    def _one_character(self, turn: Turn) -> Iterable[Name]:
        """我姓解…单名一个涛: surname and given name told apart."""
        single = _SINGLE_NAME.search(turn.text)
        if single is None:
            return
        for match in SURNAME_LEAD.finditer(turn.text, 0, single.start()):
            for surname in self._surnames.at(turn.text, match.end(), set()):
                yield Name(
                    surname + single.group(1), surname, turn, match.end(), match.end() + len(surname), _SINGLE_SCORE
                )
                return

    def _given_apart(
        self, view: DialogueView, turn: Turn, spelled: Sequence[Spelled], address: list[FormOfAddress]
    ) -> Iterable[Name]:
        """我姓楚…名字两个字，天阔: a given name told after the surname, in the same turn or as the next answer."""
        text = turn.text[:_MAX_ANSWER]
        if MASKED.search(text):
            return
        surname = next(iter(self._told_surname(text)), "")
        ends = [match.end() for match in _GIVEN_LEAD.finditer(text)]
        if not surname:
            surname = next(
                (entry.surname for entry in address if entry.surname and entry.turn.number <= turn.number), ""
            )
            question = view.question_before(turn)
            if not surname or question is None or not _ASKS_GIVEN.search(question.text):
                return
            ends = [0, *ends]
        for end in ends:
            given = self._given_at(turn, text, end, surname, {fact.character for fact in spelled})
            if given:
                yield Name(surname + given, surname, turn, end, end + len(given), _APART_SCORE)
                return

    def _given_at(self, turn: Turn, text: str, end: int, surname: str, characters: set[str]) -> str:
        """The one or two characters of a given name from ``end`` on, where its spelling or its end shows them."""
        own = self.facts(turn, _MAX_ANSWER)
        for length in (2, 1):
            given = text[end : end + length]
            if len(given) < length or given[0] == surname[0] or any(c in BAD_GIVEN or c in _DIGITS for c in given):
                continue
            if any(fact.start < end + length and end < fact.end for fact in own):
                continue
            covered = all(c in characters for c in given) or f"的{given}" in text[end:]
            paused = end > 0 and length > 1 and end + length in turn.breaks | {len(text)}
            if (covered or paused) and (length > 1 or _single_ends(turn, text, end, own)):
                return given
        return ""

    def _told_surname(self, text: str) -> Iterable[str]:
        for match in SURNAME_LEAD.finditer(text):
            yield from self._surnames.at(text, match.end(), set())
        yield from self._surnames.at(text, 0, set())

    def _grow(
        self, turn: Turn, text: str, start: int, surname: str, spelled: set[str], own: list[Spelled], called: set[str]
    ) -> Iterable[Name]:
        told = SURNAME_LEAD.search(text[max(0, start - 4) : start])
        surname_told = told is not None and told.end() == min(4, start)
        exact = text.startswith(surname, start)
        base = (
            (1.0 if surname_told else 0.0) + (1.0 if surname in called else 0.0) + (0.6 if surname in spelled else 0.0)
        )
        base += 0.5 if exact else 0.0
        base += 0.8 if turn.from_sound and own and own[0].sure and own[0].character == surname else 0.0
        base -= min(0.5, self._surnames.rank.get(surname, _UNLISTED) / 1000)
        base -= _INSIDE_COMPOUND if surname not in called and self._surnames.opens_compound(text, start, surname) else 0.0
        after = start + len(surname)
        if surname_told or surname in called:
            yield Name(
                surname, surname, turn, start, after, base + (0.6 if _ends_at(turn, text, after, own) > 0 else 0.2)
            )
        if MASKED.match(text[after : after + 6]):
            return
        if _READING.match(text, after):
            return
        for length in (1, 2, 3):
            given = text[after : after + length]
            if len(given) < length or any(c in BAD_GIVEN or (c in _DIGITS and c not in spelled) for c in given):
                return
            if given in TITLES:
                return
            if (
                self._sound.same(given[:1], surname[:1])
                or self._sound.same(given[:1], text[start])
                or any(fact.start < after + length and fact.end > start + turn.from_sound for fact in own)
            ):
                return
            covered = sum(1 for c in given if self._is_spelled(c, spelled - {surname}, from_sound=turn.from_sound))
            ends = _ends_at(turn, text, after + length, own)
            open_characters = length - covered
            score = base + 1.2 * covered + ends - (0.8 if length == 3 else 0.0)
            if open_characters and spelled - {surname}:
                score -= (0.8 if ends < 1 else 0.4) * open_characters
            elif open_characters and self._spells_surname(text, start, surname, after, own):
                score -= 1.5
            score += 0.4 if _given_lead(text, start) else 0.0
            yield Name(surname + given, surname, turn, start, after + length, score)

    def _spells_surname(self, text: str, start: int, surname: str, after: int, facts: list[Spelled]) -> bool:
        """What follows the surname is its own spelling (姓余年年有余的余), not a given name (叫莫少聪莫名其妙的莫)."""
        return any(
            fact.character == surname and after <= fact.start <= after + 4 and not text.startswith(surname, fact.start)
            for fact in facts
        ) and not _given_lead(text, start)

    def _is_spelled(self, character: str, spelled: set[str], *, from_sound: bool) -> bool:
        return character in spelled or bool(self._sound.nearest(character, sorted(spelled), NEAR if from_sound else 0.0))


def _single_ends(turn: Turn, text: str, end: int, own: Sequence[Spelled]) -> bool:
    """A given name of one character ends right after it: a pause, its spelling, or it was announced as one."""
    announced = re.search(r"[单一]个?字?(?:是|叫)?$", text[:end]) is not None
    return announced or end + 1 in turn.breaks | {len(text)} or any(fact.start in (end, end + 1) for fact in own)


def _given_lead(text: str, start: int) -> bool:
    return re.search(r"(?:我叫|名字(?:是|叫)|全名|叫)$", text[max(0, start - 4) : start]) is not None


def _ends_at(turn: Turn, text: str, end: int, facts: list[Spelled]) -> float:
    """How well a name may end here: 1 where the turn ends, a pause, a spelling or a number follows; -0.6 where nothing does."""
    if end >= len(text) or end in turn.breaks or any(fact.start == end for fact in facts):
        return 1.0
    if text[end] in "幺零1" or _GOES_ON.match(text, end) is not None:
        return 1.0
    return 0.5 if any(end <= fact.start <= end + 3 for fact in facts) else -0.6
