"""What can be wrong with one entry by itself: nothing to say, too long, out of date, a guide that leads nowhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.domain.knowledge import KnowledgeEntry, Sensitivity, Status, Tier

MAX_SPOKEN_CHARS = 90
MAX_SPOKEN_SENTENCES = 2
MAX_TITLE_CHARS = 40
MAX_QUESTION_CHARS = 60
MAX_PART_CHARS = 1_500
SOON_DAYS = 30
_SENTENCE_END = re.compile(r"[。！？!?]+")
_UNSAYABLE = re.compile(r"https?://|www\.|[\n●■◆★→※]|(?:^|[。；])\s*(?:[（(]?\d{1,2}[.、)）]|[一二三四五六七八九十]、)")
_PLACEHOLDER = re.compile(r"待补充|待定稿|待完善|暂缺|TODO|TBD|[xX×]{3,}|某某某|此处填写|占位", re.I)
_MOJIBAKE = re.compile("�|锟斤拷|烫烫烫|屯屯屯|Ã.|â€|ï»¿")
_PERSONAL = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dXx](?![\dXx])")
_PHONE = re.compile(r"(?:0\d{2,3}[- ]?)?\d{5,8}(?:(?:转|-)\d{1,6})?|1[3-9]\d{9}|400[- ]?\d{3}[- ]?\d{4}|800[- ]?\d{3}[- ]?\d{4}|1\d{2,4}")


class Severity(StrEnum):
    """ERROR spoils what the desk shows or pushes; WARNING weakens it; NOTE is worth a look."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found.

    Attributes:
        code: short stable word; the words for people are ``kb_check.<code>``.
        severity: see Severity.
        ids: entries it is about, the first is the one to mend.
        params: what fills the words; plain values.
    """

    code: str
    severity: Severity
    ids: tuple[str, ...]
    params: dict[str, object]


def entry_findings(entry: KnowledgeEntry, today: str, known_items: Collection[str]) -> Iterator[Finding]:
    """Everything that is wrong with an entry by itself.

    Args:
        entry: the entry.
        today: ISO date.
        known_items: codes of the item tree; empty asks nothing.
    """
    for look in (_spoken, _dates, _lengths, _items, _origin, _texts, _phones, _steps):
        for code, severity, params in look(entry, today, known_items):
            yield Finding(code, severity, (entry.id,), params)


_Found = Iterator[tuple[str, Severity, dict[str, object]]]
_Look = Callable[[KnowledgeEntry, str, Collection[str]], _Found]


def _spoken(entry: KnowledgeEntry, _today: str, _items: Collection[str]) -> _Found:
    said = entry.speakable
    if entry.sensitivity is Sensitivity.INTERNAL:
        if said:
            yield "internal_speakable", Severity.WARNING, {}
        return
    if not said:
        yield "no_speakable", Severity.NOTE if entry.tier is Tier.POLICY else Severity.ERROR, {}
        return
    sentences = len([piece for piece in _SENTENCE_END.split(said) if piece.strip()])
    if sentences > MAX_SPOKEN_SENTENCES:
        yield "speakable_sentences", Severity.WARNING, {"count": sentences, "most": MAX_SPOKEN_SENTENCES}
    if len(said) > MAX_SPOKEN_CHARS:
        yield "speakable_long", Severity.WARNING, {"count": len(said), "most": MAX_SPOKEN_CHARS}
    if found := _UNSAYABLE.search(said):
        yield "speakable_unsayable", Severity.WARNING, {"what": found[0].strip() or "↵"}


def _dates(entry: KnowledgeEntry, today: str, _items: Collection[str]) -> _Found:
    if entry.valid_from and entry.valid_to and entry.valid_from > entry.valid_to:
        yield "dates_reversed", Severity.ERROR, {"start": entry.valid_from, "end": entry.valid_to}
    if entry.status is not Status.IN_FORCE:
        return
    if entry.valid_to and entry.valid_to < today:
        yield "expired", Severity.ERROR, {"end": entry.valid_to}
    elif entry.valid_to and entry.valid_to <= (date.fromisoformat(today) + timedelta(days=SOON_DAYS)).isoformat():
        yield "expires_soon", Severity.NOTE, {"end": entry.valid_to}
    if entry.valid_from > today:
        yield "not_yet", Severity.NOTE, {"start": entry.valid_from}


def _lengths(entry: KnowledgeEntry, _today: str, _items: Collection[str]) -> _Found:
    if len(entry.title) > MAX_TITLE_CHARS:
        yield "title_long", Severity.WARNING, {"count": len(entry.title), "most": MAX_TITLE_CHARS}
    if any(len(question) > MAX_QUESTION_CHARS for question in entry.questions):
        longest = max(map(len, entry.questions))
        yield "question_long", Severity.WARNING, {"count": longest, "most": MAX_QUESTION_CHARS}
    longest = max([len(entry.answer), *(len(section.text) for section in entry.sections)])
    if longest > MAX_PART_CHARS:
        yield "part_long", Severity.WARNING, {"count": longest, "most": MAX_PART_CHARS}
    if not entry.answer and not entry.sections and not entry.steps:
        yield "no_answer", Severity.WARNING, {}


def _items(entry: KnowledgeEntry, _today: str, items: Collection[str]) -> _Found:
    if not entry.item_codes:
        yield "no_item", Severity.WARNING, {}
    elif items and (unknown := [code for code in entry.item_codes if code not in items]):
        yield "unknown_item", Severity.ERROR, {"codes": "、".join(unknown)}


def _origin(entry: KnowledgeEntry, _today: str, _items: Collection[str]) -> _Found:
    missing = [name for name in ("source", "unit") if not getattr(entry, name)]
    if missing:
        yield "no_origin", Severity.NOTE, {"fields": "、".join(missing)}


def _texts(entry: KnowledgeEntry, _today: str, _items: Collection[str]) -> _Found:
    whole = "\n".join((entry.title, entry.speakable, entry.answer, *entry.questions, *(each.text for each in entry.sections)))
    if found := _MOJIBAKE.search(whole):
        yield "mojibake", Severity.ERROR, {"what": found[0]}
    if found := _PLACEHOLDER.search(whole):
        yield "placeholder", Severity.WARNING, {"what": found[0]}
    if _PERSONAL.search(whole):
        yield "personal_number", Severity.WARNING, {}


def _phones(entry: KnowledgeEntry, _today: str, _items: Collection[str]) -> _Found:
    numbers = [phone.number for phone in entry.phones] + [place.phone for place in entry.places if place.phone]
    if odd := [number for number in numbers if not _PHONE.fullmatch(number)]:
        yield "phone_odd", Severity.WARNING, {"numbers": "、".join(odd[:5])}


def _steps(entry: KnowledgeEntry, _today: str, _items: Collection[str]) -> _Found:
    if not entry.steps:
        return
    follow = {step.id: [choice.next for choice in step.choices if choice.next] for step in entry.steps}
    dead = sorted({target for targets in follow.values() for target in targets if target not in follow})
    if dead:
        yield "step_dead", Severity.ERROR, {"steps": "、".join(dead)}
    reached = _reached(entry.steps[0].id, follow)
    if unreached := [step.id for step in entry.steps if step.id not in reached]:
        yield "step_unreached", Severity.WARNING, {"steps": "、".join(unreached)}
    ends = {step.id for step in entry.steps if not step.choices or any(not choice.next for choice in step.choices)}
    if not dead and (endless := sorted(step for step in reached if not ends & _reached(step, follow))):
        yield "step_endless", Severity.ERROR, {"steps": "、".join(endless)}


def _reached(start: str, follow: dict[str, list[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        step = waiting.pop()
        if step not in reached and step in follow:
            reached.add(step)
            waiting.extend(follow[step])
    return reached
