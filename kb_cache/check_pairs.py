"""What can be wrong between entries: the same thing twice, titles that overlap, links between tiers that are dead.

Titles overlap where their sets of character pairs do (``kb_cache.likeness``). Entries of one lineage in different tiers may share
a title; so may entries of different regions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from app.domain.knowledge import KnowledgeEntry, Tier
from kb_cache.check_entry import Finding, Severity
from kb_cache.likeness import alike
from kb_cache.terms import plain

OVERLAP = 0.8
MIN_ANSWER_CHARS = 30
MAX_NAMED = 10
_TIERS = {Tier.FAQ: Tier.INTERPRETATION, Tier.INTERPRETATION: Tier.POLICY}


def pair_findings(entries: Sequence[KnowledgeEntry], today: str) -> Iterator[Finding]:
    """Everything that is wrong between entries.

    Args:
        entries: all of them, ids unique.
        today: ISO date; entries not in force on it are no duplicates of others.
    """
    by_id = {entry.id: entry for entry in entries}
    yield from _links(by_id, today)
    live = [entry for entry in entries if entry.holds_on(today)]
    titles = [plain(entry.title).replace(" ", "") for entry in live]
    yield from _same_titles(live, titles)
    yield from _same_questions(live, titles)
    yield from _same_answers(live)
    yield from _overlaps(live, titles)


def _links(by_id: Mapping[str, KnowledgeEntry], today: str) -> Iterator[Finding]:
    for entry in by_id.values():
        if not entry.parent:
            continue
        parent = by_id.get(entry.parent)
        if parent is None:
            yield Finding("parent_dead", Severity.ERROR, (entry.id,), {"parent": entry.parent})
            continue
        if _in_circle(entry, by_id):
            yield Finding("parent_circle", Severity.ERROR, (entry.id, parent.id), {"parent": parent.id})
            continue
        if _TIERS.get(entry.tier) is not parent.tier:
            yield Finding("parent_tier", Severity.WARNING, (entry.id, parent.id),
                          {"tier": entry.tier.value, "parent": parent.id, "parent_tier": parent.tier.value})
        if entry.holds_on(today) and not parent.holds_on(today):
            yield Finding("parent_over", Severity.ERROR, (entry.id, parent.id), {"parent": parent.id})


def _in_circle(entry: KnowledgeEntry, by_id: Mapping[str, KnowledgeEntry]) -> bool:
    """True where the way up comes back to the entry itself (another circle above is told at its own members)."""
    seen = set()
    above = by_id.get(entry.parent)
    while above is not None and above.id not in seen:
        if above.id == entry.id:
            return True
        seen.add(above.id)
        above = by_id.get(above.parent)
    return False


def _same_titles(live: Sequence[KnowledgeEntry], titles: Sequence[str]) -> Iterator[Finding]:
    groups: dict[tuple[str, Tier, str], list[KnowledgeEntry]] = defaultdict(list)
    for entry, title in zip(live, titles, strict=True):
        groups[title, entry.tier, entry.region].append(entry)
    for group in groups.values():
        if len(group) > 1:
            same = all(entry.speakable == group[0].speakable and entry.answer == group[0].answer for entry in group)
            yield _about(group, "same_entry" if same else "same_title", Severity.ERROR, {"title": group[0].title})


def _same_questions(live: Sequence[KnowledgeEntry], titles: Sequence[str]) -> Iterator[Finding]:
    """A question of two entries, or one entry's question that is another's title: the push cannot tell them apart."""
    asked: dict[tuple[str, str], dict[str, KnowledgeEntry]] = defaultdict(dict)
    written: dict[tuple[str, str], str] = {}
    for entry in live:
        for question in entry.questions:
            key = (plain(question).replace(" ", ""), entry.region)
            asked[key][entry.id] = entry
            written.setdefault(key, question)
    for entry, title in zip(live, titles, strict=True):
        if (title, entry.region) in asked:
            asked[title, entry.region].setdefault(entry.id, entry)
    for key, group in asked.items():
        if len(group) > 1 and not _one_lineage(group.values()):
            yield _about(list(group.values()), "same_question", Severity.WARNING, {"question": written[key]})


def _one_lineage(group: Iterable[KnowledgeEntry]) -> bool:
    """True where each entry stands in another tier below the one before: the search shows the lowest first."""
    members = {entry.id: entry for entry in group}
    linked = sum(entry.parent in members for entry in members.values())
    return linked == len(members) - 1 and len({entry.tier for entry in members.values()}) == len(members)


def _same_answers(live: Sequence[KnowledgeEntry]) -> Iterator[Finding]:
    groups: dict[tuple[str, str, Tier, str], list[KnowledgeEntry]] = defaultdict(list)
    for entry in live:
        if len(entry.answer) >= MIN_ANSWER_CHARS:
            groups[entry.answer, entry.speakable, entry.tier, entry.region].append(entry)
    for group in groups.values():
        if len({entry.title for entry in group}) > 1:
            yield _about(group, "same_answer", Severity.WARNING, {})


def _overlaps(live: Sequence[KnowledgeEntry], titles: Sequence[str]) -> Iterator[Finding]:
    shingles = [frozenset(map("".join, pairwise(title))) for title in titles]
    for one, other in alike(shingles, OVERLAP):
        first, second = live[one], live[other]
        if first.tier is second.tier and first.region == second.region and titles[one] != titles[other]:
            yield Finding("overlapping_titles", Severity.NOTE, (first.id, second.id),
                          {"title": first.title, "other": second.title})


def _about(group: Sequence[KnowledgeEntry], code: str, severity: Severity, params: dict[str, object]) -> Finding:
    ids = tuple(entry.id for entry in group)
    return Finding(code, severity, ids[:MAX_NAMED], {**params, "count": len(ids)})


