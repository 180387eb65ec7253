"""Divisions named in a turn: districts, streets, communities, matched on characters and on sound.

A division is looked for before its own word (…区, …街道, …镇, …社区), never anywhere in the text: without such
context matching on sound fires on most sentences. Characters that agree fill; the same sound fills where only one
division of the city has it; what only resembles is suggested with up to three candidates. The centre's own city goes
first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.extraction.dialogue_view import Turn
from app.extraction.gazetteer import Division, Gazetteer, Level, Match

_ANCHORS: tuple[tuple[Level, re.Pattern[str]], ...] = (
    (Level.DISTRICT, re.compile(r"区(?!号)|县")),
    (Level.STREET, re.compile(r"街道办?|街到|接到|接道|街办|镇(?!政府门)|街(?!道|坊|边|上|头|口|到|办)")),
    (Level.COMMUNITY, re.compile(r"社区|设区|社曲|居民委员会|居委会?|村民委员会|村委会?")),
)
_NOT_DISTRICT = frozenset("社小校园片厂景地山灾禁住宅市城辖郊库新特全本该各哪个")
_ASKING = frozenset("哪个什么这那属于于们是的")
_LONGEST = {Level.DISTRICT: 3, Level.STREET: 4, Level.COMMUNITY: 8}
_WORST = 0.26
_NEGATED = re.compile(r"(?:不是|不在|不属于)$")
SAME_SOUND = 0.95


@dataclass(frozen=True, slots=True)
class Mention:
    """A division named in a turn.

    Attributes:
        division: best reading.
        turn: where.
        start: begin in the turn's text.
        end: one past its last character, the word 街道 or 社区 included.
        score: 1 equal characters, ``SAME_SOUND`` equal sound, below it resembling.
        others: further readings, best first.
        negated: said to be wrong.
    """

    division: Division
    turn: Turn
    start: int
    end: int
    score: float
    others: tuple[Match, ...] = ()
    negated: bool = False


def mentions(
    turn: Turn, gazetteer: Gazetteer, city_code: str, *, region_asked: bool = False, within: str = ""
) -> list[Mention]:
    """Divisions of the city that a turn names, in order of speech.

    Args:
        turn: what was said.
        gazetteer: divisions.
        city_code: four digits.
        region_asked: the operator asked for district, street or community: short forms count too.
        within: code of a district or street that is already known; communities are looked for there first.
    """
    found = [
        mention
        for level, anchor in _ANCHORS
        for mention in _anchored(turn, gazetteer, city_code, level, anchor, within)
    ]
    found += _short_forms(turn, gazetteer, city_code, found, region_asked=region_asked)
    return _without_overlaps(found)


def _anchored(
    turn: Turn, gazetteer: Gazetteer, city_code: str, level: Level, anchor: re.Pattern[str], within: str
) -> Iterable[Mention]:
    text = turn.text
    for match in anchor.finditer(text):
        before = text[max(0, match.start() - 2) : match.start()]
        exact_only = (
            match.group() in ("街", "接到")
            or bool(_ASKING.intersection(before))
            or (level is Level.DISTRICT and before[-1:] in _NOT_DISTRICT)
        )
        best = _best(turn, match.start(), gazetteer, city_code, level, within, exact_only=exact_only)
        if best is None:
            continue
        start, candidates = best
        if level is Level.STREET and not _fits_word(candidates[0].division, match.group(), candidates[0].score):
            continue
        negated = _NEGATED.search(text[:start]) is not None
        yield Mention(
            candidates[0].division, turn, start, match.end(), candidates[0].score, tuple(candidates[1:4]), negated
        )


def _fits_word(division: Division, word: str, score: float) -> bool:
    """街道 belongs to a street, 镇 to a town; a mismatch is let pass only for equal characters."""
    return score >= 1.0 or division.name.endswith("镇") == word.startswith("镇")


def _best(
    turn: Turn, end: int, gazetteer: Gazetteer, city_code: str, level: Level, within: str, *, exact_only: bool
) -> tuple[int, list[Match]] | None:
    """Longest equal stem before ``end``, else the best one by sound."""
    text = turn.text
    for length in range(min(_LONGEST[level], end), 0, -1):
        stem = text[end - length : end]
        exact = gazetteer.by_stem(stem, city_code, level, within) or gazetteer.by_stem(stem, city_code, level)
        if exact:
            return end - length, [Match(division, 1.0) for division in exact]
    if exact_only:
        return None
    best: tuple[int, list[Match]] | None = None
    for length in range(min(_LONGEST[level], end), 1, -1):
        stem, heard = text[end - length : end], turn.syllables[end - length : end]
        near = _by_sound(gazetteer, stem, city_code, level, within, heard)
        if near and (
            best is None or near[0].score > best[1][0].score + 0.02 * (len(best[1][0].division.stem) - length)
        ):
            best = (end - length, near)
    return best


def _by_sound(
    gazetteer: Gazetteer, stem: str, city_code: str, level: Level, within: str, heard: Sequence[str]
) -> list[Match]:
    near = gazetteer.by_sound(stem, city_code, level, within, heard, _WORST) if within else []
    near = near or gazetteer.by_sound(
        stem, city_code, level, "", heard, _WORST if level is not Level.COMMUNITY else 0.13
    )
    return [Match(match.division, min(match.score, SAME_SOUND)) for match in near[:4]]


def _short_forms(
    turn: Turn, gazetteer: Gazetteer, city_code: str, found: Sequence[Mention], *, region_asked: bool
) -> Iterable[Mention]:
    """天河, 员村 without their word: in answer to the question for it, or right after a district."""
    text = turn.text
    taken = {place for mention in found for place in range(mention.start, mention.end)}
    ends = {mention.end: mention.division for mention in found if mention.division.level is Level.DISTRICT}
    for level in (Level.DISTRICT, Level.STREET):
        for match in gazetteer.stem_pattern(city_code, level).finditer(text):
            place, end = match.span()
            district = ends.get(place)
            bounded = end >= len(text) or end in turn.breaks or text[end] in "的那这吧啊呢"
            wanted = (region_asked and (bounded or level is Level.DISTRICT)) or (district is not None and bounded)
            if not wanted or taken.intersection(range(place, end)) or _goes_on(text, end):
                continue
            division = gazetteer.by_stem(match.group(), city_code, level, district.code if district else "")
            if division:
                negated = _NEGATED.search(text[:place]) is not None
                others = tuple(Match(other, 0.9) for other in division[1:4])
                yield Mention(division[0], turn, place, end, 0.97, others, negated)


def _goes_on(text: str, end: int) -> bool:
    """The stem is the beginning of another name (天河路, 员村二横路, 白云机场)."""
    return (
        re.match(
            r"[东西南北中]?(?:[一二三四五六七八九十]?横?路|大道|街|村|站|城|公园|机场|花园|小区|广场"
            r"|医院|中学|小学|工业|新村|社区|市场|大厦|客运|体育|国际|立交|大桥|地铁|派出所|山|湖|河|湾|苑)",
            text[end:],
        )
        is not None
    )


def _without_overlaps(found: Iterable[Mention]) -> list[Mention]:
    ordered = sorted(found, key=lambda mention: (mention.start, -mention.end, -mention.score))
    kept: list[Mention] = []
    for mention in ordered:
        if kept and mention.start < kept[-1].end:
            if mention.score > kept[-1].score or (
                mention.score == kept[-1].score and mention.end - mention.start > kept[-1].end - kept[-1].start
            ):
                kept[-1] = mention
            continue
        kept.append(mention)
    return kept
