"""requester_name and requester_title: who calls, spelled characters and the operator's form of address taken together.

A name is looked for where the operator asked for it and where the caller gives it unasked (我叫…, 我姓…). Candidates
start with a surname; what the caller spells decides which characters and how many belong to it. The operator's
程先生, 谭女士 tell surname and title. From sound a name's characters are often homophones: spelled words and the
surname list mend them, what stays open is suggested with alternatives.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.domain.ticket import Candidate, Evidence, Hit
from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.hits import found
from app.extraction.questions import Topic
from app.extraction.sound import Sound
from app.extraction.spelling import Spelled, Spelling

_TITLES = {
    "先生": "先生",
    "女士": "女士",
    "小姐": "女士",
    "太太": "女士",
    "阿姨": "女士",
    "大姐": "女士",
    "大妈": "女士",
    "阿婆": "女士",
    "奶奶": "女士",
    "婆婆": "女士",
    "姐姐": "女士",
    "靓女": "女士",
    "大娘": "女士",
    "大爷": "先生",
    "大叔": "先生",
    "叔叔": "先生",
    "伯伯": "先生",
    "阿伯": "先生",
    "大伯": "先生",
    "爷爷": "先生",
    "大哥": "先生",
    "师傅": "先生",
    "靓仔": "先生",
    "老伯": "先生",
    "阿叔": "先生",
    "小伙子": "先生",
}
_ADDRESS = re.compile(r"(" + "|".join(sorted(_TITLES, key=len, reverse=True)) + ")")
_OWN = frozenset("我您你他她那位个的名")
_LEAD = re.compile(
    r"(?:我的?)?(?:名字|全名|姓名|大名)(?:就)?(?:是|叫)?|我(?:就)?叫|(?<![称])叫(?!我|什么|做|他"
    r"|她)|免贵(?:姓)?|(?:叫|称呼|喊)我(?!们|妈|爸)|我是(?!说|想|要|在|不|一个|这|住|来)|我姓|复姓|姓(?!名)|(?:就|名字)(?:写|填|留|登记)(?:我)?(?:是|叫)?"
)
_SURNAME_LEAD = re.compile(r"(?:免贵|我)?(?:是)?(?:复)?姓(?!名)|免贵")
_BAD_GIVEN = frozenset("的是了在我你他她它不没吗呢吧啊就那这个们说跟都要给到把被很请问姓叫号码电话哦哎喂嘛呀")
_DIGITS = frozenset("零幺一二两三四五六七八九0123456789")
_NICK = re.compile(r"(?:叫我|称呼我)?(?:老|小|阿)(.)(?:就行|就好|就可以|吧|$)")
_MASKED = re.compile(r"不(?:方便|想|愿意|用|留|说|便)|匿名|就不说|保密|不告诉")
_GOES_ON = re.compile(r".(?:就)?是|先生|女士|小姐|[一-鿿]字旁|电话|手机|我的")
_SINGLE_NAME = re.compile(r"(?:单名|单字|名字)(?:就)?(?:是|叫)?(?:一个字|单字|一个|单)(?:是|叫|的)?([一-鿿])")
_SINGLE_SCORE = 6.0
_APART_SCORE = 5.0
_WHOLE_SCORE = 1.5
_GIVEN_LEAD = re.compile(
    r"(?<![全姓的])名(?!义|额|单|牌|片|称)字?(?:就)?(?:是|叫|写)?(?:两个字|一个字|三个字|单字)?(?:的|那)?(?:是|叫)?"
)
_ASKS_GIVEN = re.compile(r"名字|全名|叫什么|名呢|大名")
_READING = re.compile(r"(?:这?个?(?:字|姓)?(?:念|读)|写(?!诗))")
_WHOLE_NAME = re.compile(r"([一-鿿]{2,4}?)(?=" + "|".join(sorted(_TITLES, key=len, reverse=True)) + ")")
_REFUSED = re.compile(r"匿名|不留了?|不(?:方便|想|愿意?)(?:说|留|透露|讲)")
_ASKED_BY_TITLE = re.compile(r"(?:先生|女士|小姐)(?:本人)?(?:吗|吧|是吗|对吗|是吧)$")
_EARLY = 7
_FEWEST = 3
_MAX_ANSWER = 80
_NEAR = 0.3
_LONGEST_GIVEN = 2
_SURNAMES_OF_A_SOUND = 3
_FIRST = 14
_RIVAL = 8


@dataclass(frozen=True, slots=True)
class _Name:
    """A candidate: characters as heard, where, how good."""

    text: str
    surname: str
    turn: Turn
    start: int
    end: int
    score: float


class Names:
    """Name rules over a surname list.

    Args:
        surnames: single and compound surnames, frequent ones first.
        spelling: finds spelled characters.
        sound: readings of characters.
    """

    def __init__(self, surnames: Sequence[str], spelling: Spelling, sound: Sound) -> None:
        self._rank = {surname: place for place, surname in reversed(list(enumerate(surnames)))}
        self._compound = tuple(surname for surname in surnames if len(surname) > 1)
        self._spelling = spelling
        self._sound = sound
        self._by_sound: dict[str, list[str]] = {}
        for surname in self._rank:
            for key in {key for key in sound.all_keys(surname)[:1]}:
                self._by_sound.setdefault(key, []).append(surname)

    @classmethod
    def load(cls, path: Path, spelling: Spelling, sound: Sound) -> Names:
        """Read ``surnames.txt``: one line of single surnames, one of compound ones."""
        lines = [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]
        return cls([*lines[0], *lines[1].split()], spelling, sound)

    def hits(self, view: DialogueView) -> tuple[Hit, ...]:
        """Hits for requester_name and requester_title."""
        address = _form_of_address(view, self._rank)
        return (*self._title(view, address), *self._name(view, address))

    def _title(self, view: DialogueView, address: list[_Address]) -> Iterable[Hit]:
        if address:
            votes = Counter(entry.title for entry in address)
            title = votes.most_common(1)[0][0]
            evidence = [
                piece
                for entry in reversed(address)
                if entry.title == title
                for piece in entry.turn.evidence(entry.start, entry.end)
            ]
            heard = max(entry.turn.confidence(entry.start, entry.end) for entry in address if entry.title == title)
            yield found(
                "requester_title", title, 0.97 if len(votes) == 1 else 0.7, evidence, "title.address", heard=heard
            )
            return
        for turn in view.citizen:
            match = re.search(
                r"我(老公|先生|丈夫|男朋友|老婆|太太|妻子|媳妇|女朋友)"
                r"|我是(?:一?个)?(?:一名)?(.{0,2})(先生|女士|小姐|太太)",
                turn.text,
            )
            if match is not None:
                own = match.group(3)
                spouse = match.group(1)
                title = _TITLES[own] if own else "女士" if spouse in ("老公", "先生", "丈夫", "男朋友") else "先生"
                yield found(
                    "requester_title",
                    title,
                    0.95 if own else 0.75,
                    turn.evidence(*match.span()),
                    "title.own_words" if own else "title.spouse",
                    heard=turn.confidence(*match.span()),
                )
                return

    def _name(self, view: DialogueView, address: list[_Address]) -> Iterable[Hit]:
        turns = [turn for turn in view.citizen if self._tells_name(view, turn)]
        facts = [(turn, fact) for turn in turns for fact in self._facts(turn)]
        facts += [
            (later, fact)
            for turn in turns
            if (later := view.answer_after(turn)) is not None
            for fact in self._facts(later)
        ]
        spelled = [fact for _, fact in facts]
        names = [name for turn in turns for name in self._one_character(turn)]
        names += [name for turn in turns for name in self._given_apart(view, turn, spelled, address)]
        names += [name for turn in turns for name in self._candidates(turn, spelled, address)]
        if names:
            best = max(names, key=lambda name: (name.score, len(name.text), -name.turn.number, -name.start))
            best = self._as_read_back(view, _fuller(best, names))
            yield self._finished(self._completed(best, facts), facts, address)
        elif address and any(entry.surname for entry in address):
            entry = next(entry for entry in reversed(address) if entry.surname)
            yield found(
                "requester_name",
                entry.surname,
                0.6 if entry.turn.from_sound else 0.9 if self._told_alone(view, entry) else 0.8,
                entry.turn.evidence(entry.start, entry.end),
                "name.address",
                heard=entry.turn.confidence(entry.start, entry.end),
            )

    def _told_alone(self, view: DialogueView, entry: _Address) -> bool:
        """The citizen said the surname and spelled nothing else."""
        turns = [turn for turn in view.citizen if entry.surname in turn.text]
        return bool(turns) and all(
            self._sound.same(fact.character[:1], entry.surname[:1]) for turn in turns for fact in self._facts(turn)
        )

    def _tells_name(self, view: DialogueView, turn: Turn) -> bool:
        if _REFUSED.search(turn.text) and not _SURNAME_LEAD.search(turn.text):
            return False
        if Topic.NAME in view.topics_before(turn):
            return True
        if self._is_addressed(view, turn):
            return True
        return re.search(r"我叫(?!他|她|人|了|你|物业|保安|救护)|我姓|免贵|我的名字", turn.text) is not None

    def _facts(self, turn: Turn, most: int | None = None) -> list[Spelled]:
        """Spelled characters of a turn; a character behind a pause begins the name (早字头那个，覃心怡)."""
        facts = self._spelling.facts(turn.text[:most], from_sound=turn.from_sound)
        if turn.from_sound:
            return facts
        return [
            replace(fact, end=fact.end - 1) if fact.end - 1 in turn.breaks and fact.end - fact.start > _FEWEST else fact
            for fact in facts
        ]

    def _is_addressed(self, view: DialogueView, turn: Turn) -> bool:
        """The operator asks 梅女士吗 and the citizen says the whole name, spelled out."""
        question = view.question_before(turn)
        if question is None or _ASKED_BY_TITLE.search(question.text) is None:
            return False
        called = [entry.surname for entry in _form_of_address(view, self._rank) if entry.turn is question and entry.surname]
        return any(turn.text.find(surname) in range(_EARLY) for surname in called)

    def _candidates(self, turn: Turn, facts: list[Spelled], address: list[_Address]) -> Iterable[_Name]:
        text = turn.text[:_MAX_ANSWER]
        spelled = {fact.character for fact in facts}
        own = self._facts(turn, _MAX_ANSWER)
        starts = {0, *(match.end() for match in _LEAD.finditer(text)), *turn.breaks, *(fact.end for fact in own)}
        starts |= {
            match.end() + len(surname)
            for match in _SURNAME_LEAD.finditer(text)
            for surname in self._surnames_at(text, match.end(), set())
        }
        starts |= {
            again.start()
            for match in _SURNAME_LEAD.finditer(text)
            for again in re.finditer(re.escape(text[match.end() : match.end() + 1]), text)
            if match.end() < len(text)
        }
        if text[0:1] in self._rank:
            starts |= {again.start() for again in re.finditer(re.escape(text[0]), text)}
        starts |= {
            match.start() for compound in self._compound if compound in text for match in re.finditer(compound, text)
        }
        if turn.from_sound:
            starts |= {*range(min(len(text), _FIRST)), *(fact.end - 1 for fact in own)}
        inside = {place for fact in own for place in range(fact.start, fact.end - turn.from_sound)}
        called = {entry.surname for entry in address if entry.surname}
        for start in sorted(starts):
            if start >= len(text) or start in inside:
                continue
            for surname in self._surnames_at(text, start, called, from_sound=turn.from_sound):
                yield from self._grow(turn, text, start, surname, spelled, own, called)

    def _one_character(self, turn: Turn) -> Iterable[_Name]:
        """我姓解…单名一个涛: surname and given name told apart."""
        single = _SINGLE_NAME.search(turn.text)
        if single is None:
            return
        for match in _SURNAME_LEAD.finditer(turn.text, 0, single.start()):
            for surname in self._surnames_at(turn.text, match.end(), set()):
                yield _Name(
                    surname + single.group(1), surname, turn, match.end(), match.end() + len(surname), _SINGLE_SCORE
                )
                return

    def _given_apart(
        self, view: DialogueView, turn: Turn, spelled: Sequence[Spelled], address: list[_Address]
    ) -> Iterable[_Name]:
        """我姓楚…名字两个字，天阔: a given name told after the surname, in the same turn or as the next answer."""
        text = turn.text[:_MAX_ANSWER]
        if _MASKED.search(text):
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
                yield _Name(surname + given, surname, turn, end, end + len(given), _APART_SCORE)
                return

    def _given_at(self, turn: Turn, text: str, end: int, surname: str, characters: set[str]) -> str:
        """The one or two characters of a given name from ``end`` on, where its spelling or its end shows them."""
        own = self._facts(turn, _MAX_ANSWER)
        for length in (2, 1):
            given = text[end : end + length]
            if len(given) < length or given[0] == surname[0] or any(c in _BAD_GIVEN or c in _DIGITS for c in given):
                continue
            if any(fact.start < end + length and end < fact.end for fact in own):
                continue
            covered = all(c in characters for c in given) or f"的{given}" in text[end:]
            paused = end > 0 and length > 1 and end + length in turn.breaks | {len(text)}
            if (covered or paused) and (length > 1 or _single_ends(turn, text, end, own)):
                return given
        return ""

    def _told_surname(self, text: str) -> Iterable[str]:
        for match in _SURNAME_LEAD.finditer(text):
            yield from self._surnames_at(text, match.end(), set())
        yield from self._surnames_at(text, 0, set())

    def _as_read_back(self, view: DialogueView, name: _Name) -> _Name:
        """The operator's repetition of the whole name, where the citizen's own words gave only a part of it."""
        if name.turn.from_sound:
            return name
        for turn in view.operator:
            if turn.number < name.turn.number or turn.from_sound:
                continue
            for match in _WHOLE_NAME.finditer(turn.text):
                whole = match.group(1)
                at_start = match.start() == 0 or match.start() in turn.breaks
                answer = view.answer_after(turn)
                if (
                    at_start
                    and whole.startswith(name.text)
                    and len(whole) > len(name.text)
                    and not any(c in _BAD_GIVEN for c in whole)
                    and (answer is None or answer.reply is not Reply.DENIAL)
                ):
                    return replace(name, text=whole)
        return name

    def _surnames_at(self, text: str, start: int, called: set[str], *, from_sound: bool = False) -> Iterable[str]:
        """Surnames that stand at ``start``; in recognised text also those that only sound like what stands there."""
        if start >= len(text):
            return
        yield from (compound for compound in self._compound if text.startswith(compound, start))
        if text[start] in self._rank:
            yield text[start]
        if not from_sound:
            return
        said = text[start : start + 2]
        yield from (compound for compound in self._compound if said != compound and self._sound.same(said, compound))
        for surname in called:
            if len(surname) == 1 and surname != text[start] and self._sound.distance(text[start], surname) <= _NEAR:
                yield surname
        if text[start] not in self._rank and text[start] not in _BAD_GIVEN:
            yield from self._by_sound.get(self._sound.key(text[start]), ())[:_SURNAMES_OF_A_SOUND]

    def _grow(
        self, turn: Turn, text: str, start: int, surname: str, spelled: set[str], own: list[Spelled], called: set[str]
    ) -> Iterable[_Name]:
        told = _SURNAME_LEAD.search(text[max(0, start - 4) : start])
        surname_told = told is not None and told.end() == min(4, start)
        exact = text.startswith(surname, start)
        base = (
            (1.0 if surname_told else 0.0) + (1.0 if surname in called else 0.0) + (0.6 if surname in spelled else 0.0)
        )
        base += 0.5 if exact else 0.0
        base += 0.8 if turn.from_sound and own and own[0].sure and own[0].character == surname else 0.0
        base -= min(0.5, self._rank[surname] / 1000)
        after = start + len(surname)
        if surname_told or surname in called:
            yield _Name(
                surname, surname, turn, start, after, base + (0.6 if _ends_at(turn, text, after, own) > 0 else 0.2)
            )
        if _MASKED.match(text[after : after + 6]):
            return
        if _READING.match(text, after):
            return
        for length in (1, 2, 3):
            given = text[after : after + length]
            if len(given) < length or any(c in _BAD_GIVEN or (c in _DIGITS and c not in spelled) for c in given):
                return
            if given in _TITLES:
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
            yield _Name(surname + given, surname, turn, start, after + length, score)

    def _spells_surname(self, text: str, start: int, surname: str, after: int, facts: list[Spelled]) -> bool:
        """What follows the surname is its own spelling (姓余年年有余的余), not a given name (叫莫少聪莫名其妙的莫)."""
        return any(
            fact.character == surname and after <= fact.start <= after + 4 and not text.startswith(surname, fact.start)
            for fact in facts
        ) and not _given_lead(text, start)

    def _is_spelled(self, character: str, spelled: set[str], *, from_sound: bool) -> bool:
        return character in spelled or bool(self._nearest(character, sorted(spelled), _NEAR if from_sound else 0.0))

    def _completed(self, name: _Name, facts: Sequence[tuple[Turn, Spelled]]) -> _Name:
        """A recognised name of which only the surname was found gets the one or two characters that were spelled."""
        if not name.turn.from_sound or name.text != name.surname or len(name.surname) > 1:
            return name
        if _MASKED.search(name.turn.text[name.end :]):
            return name
        given = [
            fact.character
            for turn, fact in facts
            if turn is name.turn and fact.sure and self._sound.distance(fact.character, name.surname) > _NEAR
        ]
        if not 1 <= len(given) <= _LONGEST_GIVEN:
            return name
        return replace(name, text=name.surname + "".join(given))

    def _finished(self, name: _Name, facts: Sequence[tuple[Turn, Spelled]], address: list[_Address]) -> Hit:
        """Mend the characters by what was spelled and state how sure the whole is."""
        surname, surname_sure = self._mended_surname(name, facts, address)
        given, open_characters = self._mended_given(
            name.text[len(name.surname) :], facts, from_sound=name.turn.from_sound
        )
        value = surname + given
        evidence: list[Evidence] = [*name.turn.evidence(name.start, name.end)]
        evidence += [
            piece
            for turn, fact in facts
            if fact.character in value and turn.number >= name.turn.number
            for piece in turn.evidence(fact.start, fact.end)
        ]
        called = {entry.surname for entry in address if entry.surname}
        confidence = 0.95 if surname in called or not called else 0.75
        if not given and self._more_spelled(surname, name, facts):
            confidence = min(confidence, 0.7)
        if name.turn.from_sound:
            whole = name.end - name.start == len(value) and (given or not self._more_spelled(surname, name, facts))
            sure = surname_sure and not open_characters and whole
            confidence = 0.92 if sure else 0.6 if surname in called else 0.5
        rule = "name.spelled" if given and not open_characters else "name.full" if given else "name.surname"
        alternatives = self._alternatives(surname, given, called)
        return found("requester_name", value, confidence, evidence, rule, alternatives=alternatives)

    def _more_spelled(self, surname: str, name: _Name, facts: Sequence[tuple[Turn, Spelled]]) -> bool:
        """Characters were spelled that the name found so far does not hold."""
        return any(
            turn is name.turn and self._sound.distance(fact.character[:1], surname[:1]) > _NEAR for turn, fact in facts
        )

    def _mended_surname(
        self, name: _Name, facts: Sequence[tuple[Turn, Spelled]], address: list[_Address]
    ) -> tuple[str, bool]:
        """The surname, and whether it is settled: compound, or spelled."""
        if len(name.surname) > 1:
            return name.surname, True
        for _, fact in facts:
            if not name.turn.from_sound and name.turn.text.startswith(name.surname, name.start):
                break
            if (
                fact.sure
                and fact.character in self._rank
                and self._sound.distance(fact.character, name.surname) <= _NEAR
            ):
                return fact.character, True
        votes = Counter(
            entry.surname
            for entry in address
            if len(entry.surname) == 1 and self._sound.distance(entry.surname, name.surname) <= _NEAR
        )
        if not votes:
            return name.surname, False
        written = name.turn.text[name.start]
        if written in self._rank and self._sound.same(written, name.surname):
            votes[written] += 1
        return max(votes, key=lambda one: (votes[one], -self._rank[one])), False

    def _mended_given(self, given: str, facts: Sequence[tuple[Turn, Spelled]], *, from_sound: bool) -> tuple[str, int]:
        """Given name with spelled characters put in, and how many of its characters are not settled.

        A script's characters stand as written; only recognised ones are mended.
        """
        if not from_sound:
            spelled_out = {fact.character for _, fact in facts}
            return given, sum(not self._nearest(character, sorted(spelled_out), 0.0) for character in given)
        mended, open_characters = [], 0
        sure = [fact.character for _, fact in facts if fact.sure]
        spelled = sure + [fact.character for _, fact in facts if not fact.sure]
        for character in given:
            settled = character if character in sure or (character in spelled and not from_sound) else ""
            settled = settled or self._nearest(character, sure if from_sound else spelled, _NEAR if from_sound else 0.0)
            if not settled and from_sound:
                mended.append(self._nearest(character, spelled, 0.0) or character)
                open_characters += 1
                continue
            mended.append(settled or character)
            open_characters += not settled
        return "".join(mended), open_characters

    def _nearest(self, character: str, spelled: Sequence[str], worst: float) -> str:
        """The spelled character that sounds most like ``character``; empty where none is near enough."""
        near = [
            (self._sound.distance(character, other), place) for place, other in enumerate(spelled) if len(other) == 1
        ]
        best = min(near, default=(1.0, 0))
        return spelled[best[1]] if near and best[0] <= worst else ""

    def _alternatives(self, surname: str, given: str, called: set[str]) -> list[Candidate]:
        """Homophone surnames and the operator's form of address."""
        others = [other for other in called if other != surname]
        others += [
            other
            for other in self._by_sound.get(self._sound.key(surname), ())
            if other != surname and other not in others
        ]
        return [Candidate(other + given, round(0.2 / (place + 1), 3)) for place, other in enumerate(others[:3])]


@dataclass(frozen=True, slots=True)
class _Address:
    """The operator addresses the caller."""

    surname: str
    title: str
    turn: Turn
    start: int
    end: int


def _form_of_address(view: DialogueView, surnames: dict[str, int]) -> list[_Address]:
    entries = []
    for turn in view.operator:
        for match in _ADDRESS.finditer(turn.text):
            start = match.start()
            before = turn.text[max(0, start - 2) : start]
            surname = before if before in surnames else before[-1:] if before[-1:] in surnames else ""
            # An operator does not speak of the own husband: a surname was lost.
            misheard = before == "我" and start == 1
            if not surname and before[-1:] in _OWN and not misheard:
                continue
            if surname and turn.text[max(0, start - len(surname) - 1) : start - len(surname)] in ("您", "我", "你"):
                continue
            entries.append(
                _Address(
                    _before_given(turn, start, surnames) or surname,
                    _TITLES[match.group(1)],
                    turn,
                    start - len(surname),
                    match.end(),
                )
            )
    return entries


def _before_given(turn: Turn, start: int, surnames: dict[str, int]) -> str:
    """The surname of a full name before the title (解涛先生); only where it begins the turn or follows a pause."""
    for length in (2, 3):
        begin = start - length
        if begin >= 0 and (begin == 0 or begin in turn.breaks) and turn.text[begin] in surnames:
            return turn.text[begin : begin + 2] if turn.text[begin : begin + 2] in surnames else turn.text[begin]
    return ""


def _single_ends(turn: Turn, text: str, end: int, own: Sequence[Spelled]) -> bool:
    """A given name of one character ends right after it: a pause, its spelling, or it was announced as one."""
    announced = re.search(r"[单一]个?字?(?:是|叫)?$", text[:end]) is not None
    return announced or end + 1 in turn.breaks | {len(text)} or any(fact.start in (end, end + 1) for fact in own)


def _fuller(best: _Name, names: Sequence[_Name]) -> _Name:
    """The whole name of another turn (名字呢 - 翟少华), where the best so far is a surname only."""
    if best.text != best.surname:
        return best
    whole = [
        name
        for name in names
        if name.surname == best.surname
        and len(name.text) > len(name.surname)
        and (name.turn.number > best.turn.number or (name.turn is best.turn and _said_whole(best, name)))
        and name.score >= _WHOLE_SCORE
    ]
    return max(whole, key=lambda name: (name.score, len(name.text)), default=best)


def _said_whole(best: _Name, name: _Name) -> bool:
    """The whole name stands later in the same turn, between pauses (姓郁，郁金香的郁，郁玲珑，…)."""
    end = name.start + len(name.text)
    return name.start > best.start and name.start in name.turn.breaks and end in name.turn.breaks | {len(name.turn.text)}


def _given_lead(text: str, start: int) -> bool:
    return re.search(r"(?:我叫|名字(?:是|叫)|全名|叫)$", text[max(0, start - 4) : start]) is not None


def _ends_at(turn: Turn, text: str, end: int, facts: list[Spelled]) -> float:
    """How well a name may end here: 1 where the turn ends, a pause, a spelling or a number follows; -0.6 where nothing does."""
    if end >= len(text) or end in turn.breaks or any(fact.start == end for fact in facts):
        return 1.0
    if text[end] in "幺零1" or _GOES_ON.match(text, end) is not None:
        return 1.0
    return 0.5 if any(end <= fact.start <= end + 3 for fact in facts) else -0.6
