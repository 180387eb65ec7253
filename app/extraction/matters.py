"""What a call is about: item, request type, subject, demand, unit, scope, title and content of each of its matters.

``find_matters`` runs after the rules for names, numbers, places and times and uses their hits: it cuts their spans out of
what the item is told from, and puts their values into title, unit and record. Pure and total: any dialogue gives hits,
none raises. A value stands (FILLED) only above thresholds at which held-back talks were right in 98 of 100; below it is
SUGGESTED with further candidates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from app.domain.catalogue import Item
from app.domain.deadline_preview import previewed
from app.domain.dialogue import CallContext
from app.domain.ticket import Candidate, Evidence, FieldState, Hit
from app.extraction.demand_wording import Asked, Demand
from app.extraction.demands import find_demand
from app.extraction.dialogue_view import DialogueView
from app.extraction.history import Learned
from app.extraction.history_advice import Advice, advised, unit_hit
from app.extraction.item_model import classifier
from app.extraction.matter_parts import FOLLOW_UP_CODE, Matter, item_of, matters_of
from app.extraction.records import content, facts_of, own_words, templates, title
from app.extraction.request_types import cue_spans
from app.extraction.subject_roles import bus_line
from app.extraction.subjects import find_subject
from app.extraction.talk_segments import Segment, masked_positions
from app.extraction.units import advise
from app.extraction.written import Written, as_written, by_hand, values_for
from app.platform.deadline_files import ChineseWorkCalendar, rules_of

ITEM_FILLED, TYPE_FILLED, DEMAND_FILLED, SUBJECT_FILLED, UNIT_FILLED = 0.93, 0.78, 0.88, 0.9, 0.88
USUAL_SHARE = 0.6
_LEGAL_FORMS = ("有限公司", "有限责任公司", "公司", "集团")  # whom a cry for help accuses, where it was asked for by name
_HEARD_DEMAND = 0.85  # a free clause is never heard without a wrong character for certain
_NO_WISH = ("22", "24")
_SCOPES = {"240101": "转110/119/120/122", "230501": "转110/119/120/122", "240201": "告知渠道", "240202": "告知渠道",
    "240301": "告知渠道", "240401": "不予受理"}


def find_matters(view: DialogueView, context: CallContext, hits_so_far: Sequence[Hit] = (),
                 learned: Learned | None = None, written: Sequence[Written] = ()) -> tuple[Hit, ...]:
    """All hits on the matters of a call.

    Args:
        view: the dialogue so far.
        context: the call.
        hits_so_far: what the other rules found (names, numbers, places, time).
        learned: what the centre's own history taught; without it the item's table decides the unit.
        written: what the operator wrote or took, by matter: it stands for what was heard.
    """
    matters = matters_of(view, hits_so_far)
    out: list[Hit] = []
    for alone in matters:
        advice = advised(alone, learned)
        own = written[alone.number] if alone.number < len(written) else {}
        advice = replace(advice, matter=as_written(advice.matter, own))
        others = tuple(_words_for(other) for other in matters if other is not alone)
        found = _hits_of(advice, view, hits_so_far, others, written)
        ruled = next((hit for hit in found if hit.name == "lead_unit"), None)
        unit = unit_hit(advice.matter, learned, ruled, _incident(hits_so_far, alone.number))
        out += [hit for hit in found if hit is not ruled]
        out += [unit] if unit is not None else []
        out += _due_hits(advice.matter, context)
    return (*out, *by_hand(view, hits_so_far, written, len(matters)))


def _incident(hits: Sequence[Hit], matter: int) -> tuple[str, ...]:
    """District and street of a matter, as far as they are known."""
    found = [str(hit.value) for name in ("region_district", "region_street") for hit in hits
             if hit.name == name and hit.matter in (matter, 0)]
    return tuple(dict.fromkeys(found))


def _hits_of(advice: Advice, view: DialogueView, others: Sequence[Hit],
             further: Sequence[str], written: Sequence[Written] = ()) -> list[Hit]:
    matter = advice.matter
    number = matter.number
    item = item_of(matter.ranking.codes[0])
    kind = matter.types[0][0]
    values = values_for(others, written, number)
    out = [_item_hit(advice), _type_hit(advice)]
    if kind in ("投诉", "举报", "表扬", "建议"):
        subject = bus_line(view) if kind == "建议" else find_subject(view, others, item.code)
        if subject is not None and number == 0:
            out.append(_hit("subject", subject.name, subject.confidence, SUBJECT_FILLED, subject.evidence,
                subject.rule, number))
            values.setdefault("subject", subject.name)
    elif kind == "求助" and number == 0:
        subject = find_subject(view, others, item.code)
        if subject is not None and subject.rule == "subject.asked" and subject.name.endswith(_LEGAL_FORMS):
            out.append(_hit("subject", subject.name, subject.confidence, SUBJECT_FILLED, subject.evidence, subject.rule, number))
            values.setdefault("subject", subject.name)
    problem = templates().problem(item.code, item.name)
    demand = find_demand(view, Asked(matter.stretches, kind, number, problem, _usual(matter, kind), item.code,
        _fallback(matter, kind), bool(further), _words_for(matter), further, values.get("subject", "") if kind == "表扬" else ""))
    if demand is not None:
        out.append(_demand_hit(demand, matter))
    out += _unit_hits(matter, item, values, view)
    values.setdefault("demand", demand.text if demand else "")
    is_taken = number < len(written) and bool(written[number].get("item_code"))
    out += _record_hits(matter, item, values, masked_positions(others), is_taken=is_taken)
    return out


def _usual(matter: Matter, kind: str) -> str:
    """The item's usual demand where the item is likely enough to speak for the caller."""
    code, share = _told_of(matter)
    likely = share >= USUAL_SHARE and kind in ("求助", "投诉", "举报", "建议")
    return templates().usual(code, _said(matter)) if likely else ""


def _fallback(matter: Matter, kind: str) -> str:
    """The item's usual demand where it is of the matter's kind, however likely the item."""
    usual = templates().usual(_told_of(matter)[0], _said(matter))
    return usual if kind in ("求助", "投诉", "举报", "建议") and (kind == "建议") == usual.startswith("建议") else ""


def _told_of(matter: Matter) -> tuple[str, float]:
    """The leaf that tells what is wanted, with its share: of a call about an old ticket, what that ticket is about."""
    ranking = matter.ranking
    if ranking.codes[0] != FOLLOW_UP_CODE:
        return ranking.codes[0], ranking.probabilities[0]
    behind = [(code, share) for code, share in zip(ranking.codes[1:], ranking.probabilities[1:], strict=True) if code[:2] not in _NO_WISH]
    total = sum(share for _, share in behind)
    return (behind[0][0], behind[0][1] / total) if behind and total else (ranking.codes[0], ranking.probabilities[0])


def _words_for(matter: Matter) -> str:
    """What tells a matter from the others of the call: its item's words and its opening ones."""
    code = matter.ranking.codes[0]
    told = [segment.text for segment in matter.stretches if not segment.turn.is_operator and segment.weight >= 1]
    return f"{templates().problem(code, item_of(code).name)} {templates().usual(code, _said(matter))} {' '.join(told)[:80]}"


def _said(matter: Matter) -> str:
    return " ".join(segment.text for segment in matter.stretches if not segment.turn.is_operator or segment.role == "summary")


def _item_hit(advice: Advice) -> Hit:
    matter = advice.matter
    ranking = matter.ranking
    others = tuple(Candidate(code, share) for code, share in list(zip(ranking.codes, ranking.probabilities, strict=True))[1:4])
    telling = max(matter.stretches, key=lambda segment: segment.weight * min(len(segment.text), 40))
    stands = matter.sure >= ITEM_FILLED or (advice.item_stands and matter.heard >= 1.0)
    state = FieldState.FILLED if stands else FieldState.SUGGESTED
    rule = "item.history" if "item_code" in advice.learned else "item.linear"
    return Hit("item_code", ranking.codes[0], state, round(matter.sure, 3), _spans(matter, telling, ranking.codes[0]), rule,
               ranking.codes[0], others, matter.number, advice.item_reasons)


def _spans(matter: Matter, telling: Segment, code: str) -> tuple[Evidence, ...]:
    """The stretch between the first and the last word that speaks for the leaf."""
    text = telling.turn.text[telling.start:telling.end]
    places = [text.find(word) for word in classifier().explain(text, code) if word in text]
    if not places:
        return telling.turn.evidence(telling.start, telling.end)
    return telling.turn.evidence(telling.start + min(places), telling.start + max(places) + 2)


def _type_hit(advice: Advice) -> Hit:
    matter = advice.matter
    kind, share = matter.types[0][0], round(matter.types[0][1] * matter.heard, 3)
    evidence: tuple[Evidence, ...] = ()
    for segment in matter.stretches:
        text = segment.turn.text[segment.start:segment.end]
        spans = [] if segment.turn.is_operator else cue_spans(text, kind)
        if spans:
            start, end = spans[0]
            evidence = segment.turn.evidence(segment.start + start, segment.start + end)
            break
    others = tuple(Candidate(other, p) for other, p in matter.types[1:4])
    stands = share >= TYPE_FILLED or (advice.type_stands and matter.heard >= 1.0)
    state = FieldState.FILLED if stands else FieldState.SUGGESTED
    rule = "type.history" if "request_type" in advice.learned else "type.cues"
    return Hit("request_type", kind, state, share, evidence or _first_words(matter), rule, "", others, matter.number,
               advice.type_reasons)


def _first_words(matter: Matter) -> tuple[Evidence, ...]:
    first = next((s for s in matter.stretches if not s.turn.is_operator), matter.stretches[0])
    return first.turn.evidence(first.start, first.end)


def _demand_hit(demand: Demand, matter: Matter) -> Hit:
    sure = demand.confidence * matter.heard
    if any(segment.turn.from_sound for segment in matter.stretches):
        sure = min(sure, _HEARD_DEMAND)
    return _hit("demand", demand.text, sure, DEMAND_FILLED, demand.evidence, demand.rule, matter.number)


def _hit(name: str, value: str, confidence: float, threshold: float, evidence: tuple[Evidence, ...], rule: str,
    number: int) -> Hit:
    state = FieldState.FILLED if confidence >= threshold else FieldState.SUGGESTED
    return Hit(name, value, state, confidence, evidence, rule, matter=number)


def _unit_hits(matter: Matter, item: Item, values: Mapping[str, str], view: DialogueView) -> list[Hit]:
    sure = matter.sure
    out: list[Hit] = []
    scope = _SCOPES.get(item.code, "受理")
    state = FieldState.FILLED if sure >= ITEM_FILLED or scope == "受理" else FieldState.SUGGESTED
    out.append(Hit("in_scope", scope, state, max(sure, 0.9) if scope == "受理" else sure, _first_words(matter),
        "scope.item", matter=matter.number))
    advice = advise(item, sure, values, view)
    if advice is not None:
        others = tuple(Candidate(name, advice.confidence / 2) for name in advice.others[:3])
        state = FieldState.FILLED if advice.confidence >= UNIT_FILLED else FieldState.SUGGESTED
        out.append(Hit("lead_unit", advice.unit, state, advice.confidence, advice.evidence or _first_words(matter),
                       "unit.announced" if advice.evidence else "unit.item", "", others, matter.number, advice.reasons))
    return out


def _due_hits(matter: Matter, context: CallContext) -> list[Hit]:
    """Preview of the terms that dispatching today would start; as sure as the request type they rest on."""
    kind, share = matter.types[0][0], matter.types[0][1] * matter.heard
    rules = rules_of(context.city)
    try:
        today = date.fromisoformat(context.call_time[:10])
    except ValueError:
        return []
    if rules is None:
        return []
    out: list[Hit] = []
    for each in previewed(rules, kind, today, ChineseWorkCalendar()):
        is_estimated = each.deadline.estimated
        state = FieldState.FILLED if share >= TYPE_FILLED and not is_estimated else FieldState.SUGGESTED
        rule = "deadline.estimated" if is_estimated else "deadline.rules"
        out.append(Hit(each.name, each.deadline.label, state, round(share, 3), (), rule, matter=matter.number, reasons=each.reasons))
    return out


def _record_hits(matter: Matter, item: Item, values: Mapping[str, str], masked: frozenset[tuple[int, int]], *,
                 is_taken: bool) -> list[Hit]:
    words = own_words(matter.stretches, masked)
    facts = facts_of(matter.types[0][0], item.code, item.name, values, words, values["demand"])
    sure = 1.0 if is_taken else round(matter.sure, 3)
    state = FieldState.FILLED if sure >= ITEM_FILLED else FieldState.SUGGESTED
    evidence = _first_words(matter)
    return [
        Hit("title", title(facts), state, sure, evidence, "record.title", matter=matter.number),
        Hit("content", content(facts), state, sure, evidence, "record.content", matter=matter.number),
    ]
