"""Knowledge entries as the desk shows them, and the result of a search."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """The three tiers of a hotline's knowledge base: the document, its digest, the question people ask."""

    POLICY = "政策文件"
    INTERPRETATION = "归纳解读"
    FAQ = "常见问答"


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


@dataclass(frozen=True, slots=True)
class Ranked:
    """A search result. ``score`` is calibrated to 0..1: the share of such results that answer the question."""

    entry: KnowledgeEntry
    score: float
    matched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnowledgeQuery:
    """What is searched for.

    Attributes:
        text: the citizen's words or what the operator typed.
        context: further words that may help, weaker (the operator's question before).
        item_codes: likely items, best first.
        limit: how many results at most.
        region: official name of the city the call is for; entries of other cities step back.
    """

    text: str
    context: str = ""
    item_codes: tuple[str, ...] = ()
    limit: int = 5
    region: str = ""


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
