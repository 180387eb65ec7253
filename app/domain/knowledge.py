"""Knowledge entries as the desk shows them, and the result of a search."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """The three tiers of a hotline's knowledge base: the document, its digest, the question people ask."""

    POLICY = "政策文件"
    INTERPRETATION = "归纳解读"
    FAQ = "常见问答"


class Status(StrEnum):
    """Where an entry is in its life. Only an entry in force is searched for an answer."""

    IN_FORCE = "生效"
    DRAFT = "草稿"
    WITHDRAWN = "停用"


class Sensitivity(StrEnum):
    """Who may hear it: PUBLIC is read out, INTERNAL is for the operator's eyes, RESTRICTED is said only after asking the shift leader."""

    PUBLIC = "公开"
    INTERNAL = "内部"
    RESTRICTED = "敏感"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the full answer with a heading of its own."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer to a step's question. ``next`` is the id of the step that follows, "" where the guide ends."""

    label: str
    next: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a guided flow: what the operator asks, and the choices. Without choices it is an end: ``text`` is told."""

    id: str
    text: str
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a citizen can go."""

    name: str
    address: str = ""
    hours: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Phone:
    """A number a citizen can ring; ``label`` says who answers."""

    label: str
    number: str


@dataclass(frozen=True, slots=True)
class KnowledgeEntry:
    """One entry. Lists are tuples; empty strings mean "not stated".

    Attributes:
        id: stable key.
        title: one line.
        speakable: what the operator can say at once, at most two sentences.
        answer: full answer, plain text with line breaks.
        tier: see Tier.
        parent: id of the entry one tier up.
        questions: ways in which citizens ask for it.
        item_codes: leaves of the item tree.
        region: official name of city or district it holds for.
        unit: unit that answers for it.
        source: number or name of the source document.
        valid_from: ISO date.
        valid_to: ISO date.
        version: counts up with each change.
        tags: free words.
        sections: parts of the full answer that have headings; they follow after ``answer``.
        steps: a guided flow; it begins with the first step.
        materials: what a citizen has to bring, one thing each.
        places: where to go.
        phones: whom to ring.
        status: see Status.
        heat: how often it is used, as the publisher counts it; 0 is not known.
        sensitivity: see Sensitivity.
        updated: ISO date of the last change.
    """

    id: str
    title: str
    speakable: str = ""
    answer: str = ""
    tier: Tier = Tier.FAQ
    parent: str = ""
    questions: tuple[str, ...] = ()
    item_codes: tuple[str, ...] = ()
    region: str = ""
    unit: str = ""
    source: str = ""
    valid_from: str = ""
    valid_to: str = ""
    version: int = 1
    tags: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    steps: tuple[Step, ...] = ()
    materials: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    phones: tuple[Phone, ...] = ()
    status: Status = Status.IN_FORCE
    heat: int = 0
    sensitivity: Sensitivity = Sensitivity.PUBLIC
    updated: str = ""

    def holds_on(self, day: str) -> bool:
        """True where the entry is in force and ``day`` (ISO date, "" asks nothing) lies within its validity."""
        began = not (day and self.valid_from) or self.valid_from <= day
        ended = bool(day and self.valid_to) and self.valid_to < day
        return self.status is Status.IN_FORCE and began and not ended


    def sayable_on(self, day: str) -> bool:
        """True where it may be put before an operator unasked: it holds on ``day`` and citizens may hear it."""
        return self.sensitivity is Sensitivity.PUBLIC and self.holds_on(day)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A search result. ``score`` is calibrated to 0..1: the share of such results that answer the question.

    ``moved_by`` is what use of the entry at this centre added to the score's logit (``app.domain.assist``), 0 for nothing.
    """

    entry: KnowledgeEntry
    score: float
    matched: tuple[str, ...] = ()
    moved_by: float = 0.0


@dataclass(frozen=True, slots=True)
class KnowledgeQuery:
    """What is searched for.

    Attributes:
        text: the citizen's words or what the operator typed.
        context: further words that may help, weaker (the operator's question before).
        item_codes: likely items, best first.
        limit: how many results at most.
        region: official name of the city the call is for; entries of other cities step back.
        is_typed: the operator typed it: pinyin, initials and entry numbers count too.
        district: official name of the district that the call is about; its entries come first.
        day: ISO date of the call; "" asks nothing of an entry's validity.
        only_sayable: only entries that may be said to a citizen on that day; else all are found, whatever their status.
        alternatives: other readings of the newest words, best first, as recognition gives them; weaker.
    """

    text: str
    context: str = ""
    item_codes: tuple[str, ...] = ()
    limit: int = 5
    region: str = ""
    is_typed: bool = False
    district: str = ""
    day: str = ""
    only_sayable: bool = False
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Push:
    """Cards that were put before the operator at one moment.

    Attributes:
        at_ms: time in the call.
        after_utterance: index of the last final they rest on, -1 where they rest on a partial before any final.
        ranked: entries, best first.
    """

    at_ms: int
    after_utterance: int
    ranked: tuple[Ranked, ...]
