"""requester_name and requester_title: who calls, spelled characters and the operator's form of address taken together.

A name is looked for where the operator asked for it and where the caller gives it unasked (我叫…, 我姓…). Candidates
start with a surname; what the caller spells decides which characters and how many belong to it. The operator's
程先生, 谭女士 tell surname and title. From sound a name's characters are often homophones: spelled words and the
surname list mend them, what stays open is suggested with alternatives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from app.domain.ticket import Hit
from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.foreign_names import foreign_name
from app.extraction.form_of_address import TITLES, FormOfAddress, forms_of_address, title_hits
from app.extraction.hits import found
from app.extraction.name_candidates import SURNAME_LEAD, Name, NameCandidates
from app.extraction.name_mending import NameMending
from app.extraction.questions import Topic
from app.extraction.sound import Sound
from app.extraction.spelling import Spelling
from app.extraction.surnames import BAD_GIVEN, Surnames

_WHOLE_SCORE = 1.5
_PAUSED_SCORE = 1.0
_WHOLE_NAME = re.compile(r"([一-鿿]{2,4}?)(?=" + "|".join(sorted(TITLES, key=len, reverse=True)) + ")")
_REFUSED = re.compile(r"匿名|不留了?|不(?:方便|想|愿意?)(?:说|留|透露|讲)")
_ASKED_BY_TITLE = re.compile(r"(?:先生|女士|小姐)(?:本人)?(?:吗|吧|是吗|对吗|是吧)$")
_EARLY = 7
_DOTS = "·•‧"
_CALLED = re.compile(r"(?:我|名字|就|是|叫|全名|姓名)*(?:叫|是)")
_LONGEST_GIVEN = 2


class Names:
    """Name rules over a surname list.

    Args:
        surnames: the surname list.
        spelling: finds spelled characters.
        sound: readings of characters.
    """

    def __init__(self, surnames: Surnames, spelling: Spelling, sound: Sound) -> None:
        self._surnames = surnames
        self._sound = sound
        self._candidates = NameCandidates(surnames, spelling, sound)
        self._mending = NameMending(surnames, sound)

    @classmethod
    def load(cls, path: Path, spelling: Spelling, sound: Sound) -> Names:
        """Read ``surnames.txt``."""
        return cls(Surnames.load(path, sound), spelling, sound)

    def hits(self, view: DialogueView) -> tuple[Hit, ...]:
        """Hits for requester_name and requester_title."""
        address = forms_of_address(view, self._surnames.rank)
        return (*title_hits(view, address), *self._name(view, address))

    def _name(self, view: DialogueView, address: list[FormOfAddress]) -> Iterable[Hit]:
        turns = [turn for turn in view.citizen if self._tells_name(view, turn)]
        facts = [(turn, fact) for turn in turns for fact in self._candidates.facts(turn)]
        facts += [
            (later, fact)
            for turn in turns
            if (later := view.answer_after(turn)) is not None
            for fact in self._candidates.facts(later)
        ]
        spelled = [fact for _, fact in facts]
        foreign = next((hit for turn in turns for hit in _with_dot(turn)), None)
        foreign = foreign or next(iter(foreign_name(view, turns, self._surnames.compound)), None)
        if foreign is not None:
            yield foreign
            return
        names = [name for turn in turns for name in self._candidates.of(view, turn, spelled, address)]
        if names:
            best = max(names, key=lambda name: (name.score, len(name.text), -name.turn.number, -name.start))
            best = self._as_read_back(view, _fuller(best, names))
            yield self._mending.finished(self._mending.completed(best, facts), facts, address)
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

    def _told_alone(self, view: DialogueView, entry: FormOfAddress) -> bool:
        """The citizen said the surname and spelled nothing else."""
        turns = [turn for turn in view.citizen if entry.surname in turn.text]
        return bool(turns) and all(
            self._sound.same(fact.character[:1], entry.surname[:1]) for turn in turns for fact in self._candidates.facts(turn)
        )

    def _tells_name(self, view: DialogueView, turn: Turn) -> bool:
        if _REFUSED.search(turn.text) and not SURNAME_LEAD.search(turn.text):
            return False
        if Topic.NAME in view.topics_before(turn):
            return True
        if self._is_addressed(view, turn) or self._introduces(view, turn):
            return True
        return re.search(r"我叫(?!他|她|人|了|你|物业|保安|救护)|我姓|免贵|我的名字", turn.text) is not None

    def _introduces(self, view: DialogueView, turn: Turn) -> bool:
        """Unasked: a clause 姓蓝, or one that is a whole name with its spelling, of the surname by which the operator calls."""
        called = {entry.surname for entry in forms_of_address(view, self._surnames.rank) if entry.surname}
        starts = [0, *sorted(turn.breaks)]
        if any(turn.text.startswith("姓" + surname, start) for surname in called for start in starts):
            return True
        clauses = [turn.text[start:end] for start, end in zip(starts, [*starts[1:], len(turn.text)], strict=True)]
        whole = any(
            clause.startswith(surname) and 1 <= len(clause) - len(surname) <= _LONGEST_GIVEN
            for surname in called
            for clause in clauses
        )
        return whole and bool(self._candidates.facts(turn))

    def _is_addressed(self, view: DialogueView, turn: Turn) -> bool:
        """The operator asks 梅女士吗 and the citizen says the whole name, spelled out."""
        question = view.question_before(turn)
        if question is None or _ASKED_BY_TITLE.search(question.text) is None:
            return False
        called = [entry.surname for entry in forms_of_address(view, self._surnames.rank) if entry.turn is question and entry.surname]
        return any(turn.text.find(surname) in range(_EARLY) for surname in called)

    def _as_read_back(self, view: DialogueView, name: Name) -> Name:
        """The operator's repetition of the whole name, where the citizen's own words gave only a part of it."""
        if name.turn.from_sound:
            return name
        for turn in view.operator:
            if turn.number < name.turn.number or turn.from_sound:
                continue
            other = self._respelled(turn, name)
            if other:
                return replace(name, text=other)
            for match in _WHOLE_NAME.finditer(turn.text):
                whole = match.group(1)
                at_start = match.start() == 0 or match.start() in turn.breaks
                answer = view.answer_after(turn)
                if (
                    at_start
                    and whole.startswith(name.text)
                    and len(whole) > len(name.text)
                    and not any(c in BAD_GIVEN for c in whole)
                    and (answer is None or answer.reply is not Reply.DENIAL)
                ):
                    return replace(name, text=whole)
        return name

    def _respelled(self, turn: Turn, name: Name) -> str:
        """The operator's form of the name with other characters of the same sound and their spelling (卓文均，均匀的均)."""
        edges = [0, *sorted(turn.breaks), len(turn.text)]
        for start, end in pairwise(edges):
            said = turn.text[start:end]
            if len(said) != len(name.text) or said == name.text or not self._sound.same(said, name.text):
                continue
            spelled = {fact.character for fact in self._candidates.facts(turn)}
            if all(one == two or one in spelled for one, two in zip(said, name.text, strict=True)):
                return said
        return ""


def _with_dot(turn: Turn) -> Iterable[Hit]:
    """A name of two parts as scripts write it, 皮埃尔·恩东戈."""
    for place, mark in turn.marks:
        if mark not in _DOTS:
            continue
        start = max((cut for cut in turn.breaks if cut < place), default=0)
        end = min((cut for cut in turn.breaks if cut > place), default=len(turn.text))
        lead = _CALLED.match(turn.text, start, place)
        start = lead.end() if lead is not None else start
        value = f"{turn.text[start:place]}·{turn.text[place:end]}"
        yield found("requester_name", value, 0.8, turn.evidence(start, end), "name.two_parts")


def _fuller(best: Name, names: Sequence[Name]) -> Name:
    """The whole name of another turn (名字呢 - 翟少华), where the best so far is a surname only."""
    if best.text != best.surname:
        return best
    whole = [
        name
        for name in names
        if name.surname == best.surname
        and len(name.text) > len(name.surname)
        and (
            (name.turn.number > best.turn.number and name.score >= _WHOLE_SCORE)
            or (name.turn is best.turn and _said_whole(best, name) and name.score >= _PAUSED_SCORE)
        )
    ]
    return max(whole, key=lambda name: (name.score, len(name.text)), default=best)


def _said_whole(best: Name, name: Name) -> bool:
    """The whole name stands later in the same turn, between pauses (姓郁，郁金香的郁，郁玲珑，…)."""
    end = name.start + len(name.text)
    return name.start > best.start and name.start in name.turn.breaks and end in name.turn.breaks | {len(name.turn.text)}
