"""A found name's characters mended by what was spelled, and how sure the whole is.

From sound a name's characters are often homophones: spelled words and the surname list mend them, what stays open is suggested
with alternatives. A script's characters stand as written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from app.domain.ticket import Candidate, Evidence, Hit
from app.extraction.dialogue_view import Turn
from app.extraction.form_of_address import FormOfAddress
from app.extraction.hits import found
from app.extraction.name_candidates import MASKED, Name
from app.extraction.sound import Sound
from app.extraction.spelling import Spelled
from app.extraction.surnames import NEAR, Surnames

_LONGEST_GIVEN = 2
_GOES_ON = re.compile(r"单.一个|名字|全名|叫|[两三]个字的")  # more than the surname was told, and not understood
_MORE_TOLD = re.compile(r"的(?:(?!名字|不说|不留|不方便|就行|就好).){1,12}的")  # two spellings: a given name that was not understood


class NameMending:
    """Settles characters.

    Args:
        surnames: the surname list.
        sound: readings of characters.
    """

    def __init__(self, surnames: Surnames, sound: Sound) -> None:
        self._surnames = surnames
        self._sound = sound

    def completed(self, name: Name, facts: Sequence[tuple[Turn, Spelled]]) -> Name:
        """A recognised name of which only the surname was found gets the one or two characters that were spelled."""
        if not name.turn.from_sound or name.text != name.surname or len(name.surname) > 1:
            return name
        if MASKED.search(name.turn.text[name.end :]):
            return name
        given = [
            fact.character
            for turn, fact in facts
            if turn is name.turn and fact.sure and self._sound.distance(fact.character, name.surname) > NEAR
        ]
        if not 1 <= len(given) <= _LONGEST_GIVEN:
            return name
        return replace(name, text=name.surname + "".join(given))

    def finished(self, name: Name, facts: Sequence[tuple[Turn, Spelled]], address: list[FormOfAddress]) -> Hit:
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
        if not name.turn.marks and len(name.turn.text) > len(value) + _LONGEST_GIVEN and (not given or open_characters):
            confidence = min(confidence, 0.75)  # without punctuation nothing tells where a name ends
        if (name.turn.from_sound or not name.turn.marks) and self._more_spelled(value, name, facts):
            confidence = min(confidence, 0.75)  # 仝思源，思想的思，源头的源 cut to 仝思
        if name.turn.from_sound:
            whole = name.end - name.start == len(value) and (given or not self._more_spelled(surname, name, facts))
            sure = surname_sure and not open_characters and whole and (surname in called or not called)
            sure = sure and len(given) <= _LONGEST_GIVEN and (bool(given) or not _GOES_ON.search(name.turn.text, name.end))
            sure = sure and not (bool(given) and self._more_spelled(value, name, facts))
            sure = sure and (bool(given) or _MORE_TOLD.search(name.turn.text, name.end) is None)
            confidence = 0.92 if sure else 0.6 if surname in called else 0.5
        rule = "name.spelled" if given and not open_characters else "name.full" if given else "name.surname"
        alternatives = self._alternatives(surname, given, called)
        return found("requester_name", value, confidence, evidence, rule, alternatives=alternatives)

    def _more_spelled(self, value: str, name: Name, facts: Sequence[tuple[Turn, Spelled]]) -> bool:
        """Characters were spelled that the name found so far does not hold."""
        return any(
            turn is name.turn and all(self._sound.distance(fact.character[:1], one) > NEAR for one in value)
            for turn, fact in facts
        )

    def _mended_surname(
        self, name: Name, facts: Sequence[tuple[Turn, Spelled]], address: list[FormOfAddress]
    ) -> tuple[str, bool]:
        """The surname, and whether it is settled: compound, or spelled."""
        if len(name.surname) > 1:
            return name.surname, True
        for _, fact in facts:
            if not name.turn.from_sound and name.turn.text.startswith(name.surname, name.start):
                break
            if (
                fact.sure
                and fact.character in self._surnames.rank
                and self._sound.distance(fact.character, name.surname) <= NEAR
            ):
                return fact.character, True
        votes = Counter(
            entry.surname
            for entry in address
            if len(entry.surname) == 1 and self._sound.distance(entry.surname, name.surname) <= NEAR
        )
        if not votes:
            return name.surname, False
        written = name.turn.text[name.start]
        if written in self._surnames.rank and self._sound.same(written, name.surname):
            votes[written] += 1
        return max(votes, key=lambda one: (votes[one], -self._surnames.rank.get(one, len(self._surnames.rank)))), False

    def _mended_given(self, given: str, facts: Sequence[tuple[Turn, Spelled]], *, from_sound: bool) -> tuple[str, int]:
        """Given name with spelled characters put in, and how many of its characters are not settled.

        A script's characters stand as written; only recognised ones are mended.
        """
        if not from_sound:
            spelled_out = {fact.character for _, fact in facts}
            return given, sum(not self._sound.nearest(character, sorted(spelled_out), 0.0) for character in given)
        mended, open_characters = [], 0
        sure = [fact.character for _, fact in facts if fact.sure]
        spelled = sure + [fact.character for _, fact in facts if not fact.sure]
        for character in given:
            settled = character if character in sure or (character in spelled and not from_sound) else ""
            settled = settled or self._sound.nearest(character, sure if from_sound else spelled, NEAR if from_sound else 0.0)
            if not settled and from_sound:
                mended.append(self._sound.nearest(character, spelled, 0.0) or character)
                open_characters += 1
                continue
            mended.append(settled or character)
            open_characters += not settled
        return "".join(mended), open_characters

    def _alternatives(self, surname: str, given: str, called: set[str]) -> list[Candidate]:
        """Homophone surnames and the operator's form of address."""
        others = [other for other in called if other != surname]
        others += [
            other
            for other in self._surnames.alike(surname)
            if other != surname and other not in others
        ]
        return [Candidate(other + given, round(0.2 / (place + 1), 3)) for place, other in enumerate(others[:3])]
