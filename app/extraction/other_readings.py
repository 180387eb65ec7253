"""Characters of a recognised turn settled by its other readings.

Of the readings that recognition gives of an utterance the first is not always the best: in a rare name a later one often has
the right character. Roads and estates are named after the places around them, so a character of a division that was named in the
call (云埔街道) is right in the road beside it (普南路: 埔南路). Only readings of the same length count, so that every character
keeps its place; numerals are never touched. What was settled counts as less sure: a value that rests on it is only suggested.
(Taking the reading whose character makes an ordinary word was tried, too: as often wrong as right.) Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from app.extraction.dialogue_view import DialogueView, Turn
from app.extraction.regions import Mention
from app.extraction.sound import Sound

_NUMERALS = frozenset("零一二三四五六七八九十百千万亿幺两点半")
# Characters of many names, which tell no place by themselves.
_TOO_COMMON = frozenset("新大中小东南西北上下前后老安平和市区县镇村街道路社居委会城山水江河湖海")
_NEAR = 0.3
_DOUBT = 0.6


def settled(view: DialogueView, named: Mapping[int, Sequence[Mention]], sound: Sound) -> DialogueView:
    """The view with such characters replaced; the same object where nothing is.

    Args:
        view: the dialogue.
        named: the divisions that each turn names.
        sound: readings of characters.
    """
    if not any(turn.readings for turn in view.turns):
        return view
    local = {character for mentions in named.values() for mention in mentions for character in mention.division.stem} - _TOO_COMMON
    turns = tuple(
        _settled(turn, local, named.get(turn.number, ()), sound) if turn.readings and not turn.is_operator else turn
        for turn in view.turns
    )
    return DialogueView(turns) if turns != view.turns else view


def _settled(turn: Turn, local: set[str], named: Sequence[Mention], sound: Sound) -> Turn:
    masked = {place for mention in named for place in range(mention.start, mention.end)}
    text, doubted = turn.text, set[int]()
    for other in turn.readings:
        if len(other) != len(text):
            continue
        for place in _places(text, other):
            if place in masked or place in doubted or sound.distance(text[place], other[place]) > _NEAR:
                continue
            if other[place] in local and text[place] not in local:
                text = text[:place] + other[place] + text[place + 1 :]
                doubted.add(place)
    if not doubted:
        return turn
    confidences = tuple(min(sure, _DOUBT) if n in doubted else sure for n, sure in enumerate(turn.confidences))
    return replace(turn, text=text, confidences=confidences)


def _places(text: str, other: str) -> Iterable[int]:
    """Where two readings differ by one character between equal ones, numerals apart."""
    for place, (one, two) in enumerate(zip(text, other, strict=True)):
        if one == two or one in _NUMERALS or two in _NUMERALS:
            continue
        before = place == 0 or text[place - 1] == other[place - 1]
        after = place + 1 == len(text) or text[place + 1] == other[place + 1]
        if before and after:
            yield place
