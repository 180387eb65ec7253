"""region_city, region_district, region_street, region_community: which divisions the incident lies in.

Mentions of all turns vote (the citizen's answers most, the operator's confirmed questions less); what was corrected
(不是天河区，是越秀区) falls out; a street gives its district, a community its street. From sound a division is filled
only when its characters agree or it alone has this sound; else three candidates are suggested.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from app.domain.dialogue import CallContext
from app.domain.ticket import Candidate, Evidence, Hit
from app.extraction.dialogue_view import DialogueView, Turn
from app.extraction.gazetteer import Division, Gazetteer, Level
from app.extraction.hits import found
from app.extraction.place_talk import Role, asked_place, role_of
from app.extraction.questions import Topic
from app.extraction.regions import SAME_SOUND, Mention, mentions

_NAMES = {Level.DISTRICT: "region_district", Level.STREET: "region_street", Level.COMMUNITY: "region_community"}
_AGENCY = re.compile(
    r"^(?:人民|市场|劳动|公安|交警|住建|城管|水务|残联|民政|教育|卫健|环保|生态|人社|社保|税务"
    r"|行政|综合|监管|应急|消防|规划|房管|法院|检察|政府|委|局|的?窗口|部门)"
)
_ONLY_NEAR = re.compile(r"(?:那个|这个|那家)?(?:附近|旁边|对面|隔壁)|那个[一-鿿]{2}")
_HOME_WEIGHT, _SAID_WEIGHT, _REPEATED = 0.6, 0.9, 0.5


def _only_home(votes: Sequence[tuple[Mention, float]]) -> bool:
    """Districts are named of the caller's home only, while the incident's street or town is named without its own."""
    districts = [(mention, weight) for mention, weight in votes if mention.division.level is Level.DISTRICT]
    named = {mention.division.code for mention, _ in districts}
    elsewhere = [
        weight
        for mention, weight in votes
        if mention.division.level is Level.STREET and mention.score >= SAME_SOUND and mention.division.code[:6] not in named
    ]
    return bool(districts) and max(weight for _, weight in districts) < _HOME_WEIGHT and max(elsewhere, default=0.0) >= _SAID_WEIGHT


class Places:
    """Region rules over a gazetteer."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def city_code(self, context: CallContext) -> str:
        """Code of the hotline's city; empty where it is not in the gazetteer."""
        city = self._gazetteer.city(context.city)
        return city.code if city is not None else ""

    def mentions(self, view: DialogueView, context: CallContext) -> dict[int, list[Mention]]:
        """Divisions that each turn names, by turn number."""
        code = self.city_code(context)
        if not code:
            return {}
        return {
            turn.number: mentions(turn, self._gazetteer, code, region_asked=self._region_asked(view, turn))
            for turn in view.turns
        }

    def villages(self, view: DialogueView, named: Mapping[int, Sequence[Mention]]) -> list[Mention]:
        """Villages of the street or town named (…村), where nobody named a community with its own word."""
        said = [mention for found in named.values() for mention in found if not mention.negated]
        streets = [mention.division.code for mention in said if mention.division.level is Level.STREET]
        if not streets or any(mention.division.level is Level.COMMUNITY for mention in said):
            return []
        found = []
        for division in self._gazetteer.divisions(streets[-1][:4], Level.COMMUNITY):
            # The code first: a city has thousands of communities, a street a dozen.
            name = _village_name(division.name) if division.code.startswith(streets[-1]) else ""
            if not name:
                continue
            for turn in view.turns:
                place = turn.text.find(name)
                taken = any(start <= place < end for start, end in spans(named.get(turn.number, ())))
                if place >= 0 and _ONLY_NEAR.match(turn.text, place + len(name)):
                    continue
                if place >= 0 and not taken and role_of(view, turn) is Role.INCIDENT:
                    found.append(Mention(division, turn, place, place + len(name), 1.0))
                    break
        return found

    def local_names(self, named: Mapping[int, Sequence[Mention]]) -> tuple[str, ...]:
        """Stems of the street named most surely and of its communities (of the district's, where no street is known).

        Roads and villages often carry them; recognised names are compared with them by sound.
        """
        said = [mention for found in named.values() for mention in found if not mention.negated]
        for level in (Level.STREET, Level.DISTRICT):
            best = max(
                (m for m in said if m.division.level is level), key=lambda m: (m.score, m.turn.number), default=None
            )
            if best is not None:
                code = best.division.code
                below = self._gazetteer.divisions(code[:4], Level.COMMUNITY)
                stems = [division.stem for division in below if division.code.startswith(code)]
                return tuple(dict.fromkeys(stem for stem in (*stems, best.division.stem) if len(stem) > 1))
        return ()

    def _region_asked(self, view: DialogueView, turn: Turn) -> bool:
        topics = () if turn.is_operator else view.topics_before(turn)
        return Topic.REGION in topics or Topic.PLACE in topics

    def hits(self, view: DialogueView, context: CallContext, named: Mapping[int, Sequence[Mention]]) -> tuple[Hit, ...]:
        """Hits for the region fields."""
        votes = self._votes(view, named)
        chosen: list[tuple[Division, float, list[Mention]]] = []
        rivals: list[bool] = []
        within = ""
        for level in (Level.DISTRICT, Level.STREET, Level.COMMUNITY):
            if level is Level.DISTRICT and _only_home(votes):
                continue
            best = self._choose(votes, level, within)
            if best is not None:
                chosen.append(best)
                within = best[0].code
                rivals.append(self._has_rival(votes, level, best[0]))
        if chosen and len(chosen[-1][0].code) < Level.COMMUNITY:
            villages = self.villages(view, named)
            if villages and villages[0].division.code.startswith(within):
                chosen.append((villages[0].division, 1.0, villages[:1]))
        unclear = dict(zip((division.code for division, _, _ in chosen), rivals, strict=False))
        hits = [self._hit(division, mentioned, rival=unclear.get(division.code, False)) for division, _, mentioned in chosen]
        hits += self._parents(chosen, hits)
        city = self._gazetteer.city(context.city)
        if city is not None and view.turns:
            evidence = hits[0].evidence if hits else ()
            hits.append(found("region_city", city.name, 0.95 if hits else 0.9, evidence, "region.city", code=city.code))
        return tuple(hits)

    def _votes(self, view: DialogueView, named: Mapping[int, Sequence[Mention]]) -> list[tuple[Mention, float]]:
        votes: list[tuple[Mention, float]] = []
        rejected: set[str] = set()
        for turn in view.turns:
            role = role_of(view, turn)
            for mention in named.get(turn.number, ()):
                if mention.negated:
                    rejected.add(mention.division.code)
                    continue
                weight = self._weight(view, turn, role, mention)
                if mention.division.level is Level.COMMUNITY and _ONLY_NEAR.match(turn.text, mention.end):
                    weight = 0.0  # 长沙社区那个加油站, 海心村附近
                if weight > 0:
                    rejected.discard(mention.division.code)
                    votes.append((mention, weight))
        return [(mention, weight) for mention, weight in votes if mention.division.code not in rejected]

    def _weight(self, view: DialogueView, turn: Turn, role: Role, mention: Mention) -> float:
        after = turn.text[mention.end : mention.end + 6]
        if turn.is_operator:
            before = view.question_before(turn)
            if before is not None and role is Role.NONE and mention.division.stem in before.text and not _AGENCY.match(after):
                return 0.5
            if role is Role.NONE or _AGENCY.match(after):
                return 0.0
            return 0.8 if role is Role.INCIDENT else 0.1
        if role is Role.HOME:
            return 0.3
        if role is Role.NONE or (_AGENCY.match(after) and not asked_place(view, turn)):
            return 0.05
        return 1.5 if asked_place(view, turn) else 1.0

    def _choose(
        self, votes: list[tuple[Mention, float]], level: Level, within: str
    ) -> tuple[Division, float, list[Mention]] | None:
        sums: dict[str, float] = {}
        by_code: dict[str, list[Mention]] = {}
        for mention, weight in votes:
            if mention.division.level is not level:
                continue
            fitting = self._fitting(mention, within)
            if fitting is None:
                continue
            code = fitting.division.code
            sums[code] = sums.get(code, 0.0) + weight * fitting.score**2 + 0.01 * mention.turn.number
            by_code.setdefault(code, []).append(fitting)
        if not sums:
            return None
        code = max(sums, key=lambda one: (sums[one], one))
        division = by_code[code][0].division
        return division, sums[code], by_code[code]

    def _fitting(self, mention: Mention, within: str) -> Mention | None:
        """The mention read as a division below ``within``; None where neither it nor its other readings lie there."""
        if mention.division.code.startswith(within):
            return mention
        for other in mention.others:
            if other.division.code.startswith(within):
                rest = [match for match in mention.others if match.division.code != other.division.code]
                return replace(mention, division=other.division, score=other.score, others=tuple(rest))
        return None if mention.score < 1.0 or within else mention

    @staticmethod
    def _has_rival(votes: Sequence[tuple[Mention, float]], level: Level, best: Division) -> bool:
        """Another division of the level was told as surely, and the operator repeated not just the chosen one.

        Homes, agencies and negated names have no weight by then; what is left are two places of one call.
        """
        told: dict[str, float] = {}
        stems: dict[str, str] = {}
        repeated: set[str] = set()
        for mention, weight in votes:
            if mention.division.level is not level or mention.score < SAME_SOUND:
                continue
            code = mention.division.code
            told[code], stems[code] = max(told.get(code, 0.0), weight), mention.division.stem
            if mention.turn.is_operator and weight >= _REPEATED:
                repeated.add(code)
        others = [weight for code, weight in told.items() if code != best.code and stems[code] != best.stem]
        return bool(others) and max(others) >= _SAID_WEIGHT and repeated != {best.code}

    def _hit(self, division: Division, mentioned: list[Mention], *, rival: bool = False) -> Hit:
        best = max(mention.score for mention in mentioned)
        evidence = tuple(
            dict.fromkeys(piece for mention in mentioned for piece in mention.turn.evidence(mention.start, mention.end))
        )
        siblings = [
            match
            for mention in mentioned
            for match in mention.others
            if match.division.code != division.code
            and match.score >= best
            and match.division.code[:6] == division.code[:6]
        ]
        confidence = 0.97 if best >= 0.97 else 0.9 if best >= SAME_SOUND else 0.55 + 0.3 * (best - 0.7)
        if siblings:
            confidence = min(confidence, 0.6)
        if rival:
            confidence = min(confidence, 0.8)
        alternatives = {
            match.division.name: round(match.score * 0.3, 3)
            for mention in mentioned
            for match in mention.others
            if match.division.code != division.code
        }
        heard = max(mention.turn.confidence(mention.start, mention.end) for mention in mentioned)
        rule = "region.characters" if best >= 0.97 else "region.sound"
        return found(
            _NAMES[division.level],
            division.name,
            confidence,
            evidence,
            rule,
            heard=1.0 if best >= 0.97 else heard,
            code=division.code,
            alternatives=[Candidate(name, score) for name, score in list(alternatives.items())[:3]],
        )

    def _parents(self, chosen: list[tuple[Division, float, list[Mention]]], hits: list[Hit]) -> Iterable[Hit]:
        """Bottom-up: a street's district, a community's street and district, unless they were named."""
        if not chosen:
            return
        lowest, _, mentioned = chosen[-1]
        given = {hit.name for hit in hits}
        evidence: tuple[Evidence, ...] = hits[-1].evidence
        unique = not any(match.score >= mentioned[0].score for match in mentioned[0].others)
        for level in (Level.STREET, Level.DISTRICT):
            parent = self._gazetteer.get(lowest.code[:level]) if len(lowest.code) > level else None
            if parent is None or _NAMES[level] in given:
                continue
            confidence = min(0.93, hits[-1].confidence) if unique else 0.5
            yield found(_NAMES[level], parent.name, confidence, evidence, "region.bottom_up", code=parent.code)


def _village_name(official: str) -> str:
    """What people call a village committee's village (礼村村民委员会 -> 礼村, 国泰村委会 -> 国泰村); empty for other communities."""
    base = re.sub(r"(?:村民委员会|村委会)$", "", official)
    if base == official or len(base) < 2:
        return ""
    return base if base.endswith("村") else base + "村"


def spans(named: Sequence[Mention]) -> list[tuple[int, int]]:
    """Spans of a turn's mentions."""
    return [(mention.start, mention.end) for mention in named]
