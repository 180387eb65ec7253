"""What a centre's settled tickets say about a matter, joined with what the rules say: item, request type, unit, and why.

Rules and history are two witnesses of one fact. Where both know a value their shares are pooled (geometric mean), so that
agreement stands and contradiction becomes a suggestion with both values; a value that only one of them knows keeps
that one's share. A value stands by the history alone only above the threshold that ``tingdan learn`` chose on held-back
tickets, and only where the rules do not put another one first. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.domain.ticket import Candidate, FieldState, Hit
from app.extraction.history import Learned
from app.extraction.item_model import classifier
from app.extraction.items import Ranking
from app.extraction.matter_parts import MIN_MASS, Matter
from app.extraction.reasons import joined_terms
from app.extraction.units import kinds_of

TOP = 40
MOST_TERMS = 4
RULED_OUT = 0.02
ANNOUNCED = "unit.announced"
Shares = Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Advice:
    """A matter with the history's word in it.

    Attributes:
        matter: item and request type pooled.
        item_stands: the history alone is sure enough of the item that is first.
        type_stands: the same for the request type.
        item_reasons: for people.
        type_reasons: for people.
        learned: which of "item_code" and "request_type" the history spoke on.
    """

    matter: Matter
    item_stands: bool = False
    type_stands: bool = False
    item_reasons: tuple[str, ...] = ()
    type_reasons: tuple[str, ...] = ()
    learned: frozenset[str] = frozenset()


def advised(matter: Matter, learned: Learned | None) -> Advice:
    """The matter as rules and history together see it; unchanged but for the reasons where nothing was learned."""
    advice = Advice(matter)
    if learned is not None:
        advice = _with_types(_with_items(advice, learned), learned)
    code = advice.matter.ranking.codes[0]
    text = " ".join(segment.text for segment in matter.stretches if not segment.turn.is_operator)
    terms = joined_terms(text, classifier().explain(text, code))[:MOST_TERMS]
    if terms:
        advice = replace(advice, item_reasons=(*advice.item_reasons, f"来电人说到：{'、'.join(terms)}"))
    return advice


def unit_hit(matter: Matter, learned: Learned | None, ruled: Hit | None, places: Sequence[str] = ()) -> Hit | None:
    """The unit that goes on the ticket: the one to which the centre sent tickets like this one, else the item table's.

    The centre's own names win over the table's. What the operator announced to the citizen wins over both: then it is the likeliest of
    the centre's units of that line of government.

    Args:
        matter: what was said.
        learned: the history.
        ruled: what the item table and the operator's words say; its spans carry the hit.
        places: district and street of the incident: told apart from the matter, yet often what decides.
    """
    texts = _texts(matter)
    said = "".join(text for text, _ in texts)
    texts += [(place, 1.0) for place in places if place not in said]
    ranking = _enough(learned.rank("unit", texts, top=TOP)) if learned is not None else None
    if learned is None or ranking is None:
        return ruled
    shares = list(zip(ranking.codes, ranking.probabilities, strict=True))
    table = [Candidate(ruled.value, ruled.confidence / 2)] if ruled is not None else []
    if ruled is not None and ruled.evidence and ruled.rule == ANNOUNCED:
        return _announced(ruled, shares)
    stands = learned.may_stand("unit", ranking) and matter.heard >= 1.0
    others = [*(Candidate(unit, share) for unit, share in shares[1:3]), *(each for each in table if each.value not in ranking.codes[:3])]
    reasons = _why(learned, "unit", matter, texts, ranking.codes[0])
    if ruled is not None and kinds_of(str(ruled.value)) & kinds_of(ranking.codes[0]):
        reasons = (*reasons, f"事项表同指此类单位（{ruled.value}）")
    return Hit("lead_unit", ranking.codes[0], FieldState.FILLED if stands else FieldState.SUGGESTED,
               round(ranking.probabilities[0] * matter.heard, 3), ruled.evidence if ruled is not None else (), "unit.history", "",
               tuple(others), matter.number, reasons=reasons)


def _announced(ruled: Hit, shares: Sequence[tuple[str, float]]) -> Hit:
    """What the operator announced, by the name that this centre's tickets bear, where one of them is of that line."""
    kinds = kinds_of(str(ruled.value))
    own = [unit for unit, _ in shares if kinds & kinds_of(unit)]
    if not own:
        return replace(ruled, alternatives=(*ruled.alternatives[:1], *(Candidate(unit, share) for unit, share in shares[:2])))
    others = [Candidate(unit, share) for unit, share in shares[:3] if unit != own[0]]
    return replace(ruled, value=own[0], alternatives=(Candidate(ruled.value, ruled.confidence / 2), *others[:2]))


def told(learned: Learned, target: str, matter: Matter, label: str) -> tuple[str, ...]:
    """Why the history says a label, in words for the operator."""
    return _why(learned, target, matter, _texts(matter), label)


def _why(learned: Learned, target: str, matter: Matter, texts: Sequence[tuple[str, float]], label: str) -> tuple[str, ...]:
    found = learned.reasons(target, texts, label)
    lines = [f"相似的历史工单 {found.of} 件中 {found.similar} 件如此"] if found.similar else []
    said = " ".join(segment.text for segment in matter.stretches)
    terms = joined_terms(said, found.terms)[:MOST_TERMS]
    if terms:
        lines.append(f"历史工单的用语：{'、'.join(terms)}")
    return tuple(lines)


def pooled(ours: Shares, learned: Shares, known: frozenset[str]) -> list[tuple[str, float]]:
    """Shares of two witnesses joined, best first.

    Args:
        ours: labels with the rules' shares; a label that is not there is one the rules gave no share.
        learned: the same of the history.
        known: all labels that the history knows.
    """
    first, second = dict(ours), dict(learned)
    joint: dict[str, float] = {}
    for label in (*first, *(label for label in second if label not in first)):
        mine = first.get(label, RULED_OUT)
        theirs = second.get(label, RULED_OUT) if label in known else mine
        joint[label] = (max(mine, RULED_OUT / 10) * max(theirs, RULED_OUT / 10)) ** 0.5
    total = sum(joint.values())
    return sorted(((label, share / total) for label, share in joint.items()), key=lambda pair: -pair[1])


def _with_items(advice: Advice, learned: Learned) -> Advice:
    ranking = _ranked("item_code", advice.matter, learned)
    if ranking is None:
        return advice
    ours = advice.matter.ranking
    joint = pooled(list(zip(ours.codes, ours.probabilities, strict=True)),
                   list(zip(ranking.codes, ranking.probabilities, strict=True)), learned.labels("item_code"))[: max(10, len(ours.codes))]
    first = joint[0][0]
    stands = first == ranking.codes[0] and learned.may_stand("item_code", ranking) and first in ours.codes[:3]
    matter = replace(advice.matter, ranking=Ranking(tuple(code for code, _ in joint), tuple(share for _, share in joint), ours.mass))
    reasons = told(learned, "item_code", matter, first) if first in learned.labels("item_code") else ()
    return replace(advice, matter=matter, item_stands=stands, item_reasons=reasons, learned=advice.learned | {"item_code"})


def _with_types(advice: Advice, learned: Learned) -> Advice:
    ranking = _ranked("request_type", advice.matter, learned)
    if ranking is None:
        return advice
    joint = pooled(advice.matter.types, list(zip(ranking.codes, ranking.probabilities, strict=True)), learned.labels("request_type"))
    first = joint[0][0]
    stands = first == ranking.codes[0] == advice.matter.types[0][0] and learned.may_stand("request_type", ranking)
    matter = replace(advice.matter, types=tuple(joint))
    reasons = told(learned, "request_type", matter, first) if first in learned.labels("request_type") else ()
    return replace(advice, matter=matter, type_stands=stands, type_reasons=reasons, learned=advice.learned | {"request_type"})


def _ranked(target: str, matter: Matter, learned: Learned | None) -> Ranking | None:
    return _enough(learned.rank(target, _texts(matter), top=TOP)) if learned is not None else None


def _enough(ranking: Ranking | None) -> Ranking | None:
    return ranking if ranking is not None and ranking.mass >= MIN_MASS else None


def _texts(matter: Matter) -> list[tuple[str, float]]:
    return [(segment.text, segment.weight) for segment in matter.stretches]
