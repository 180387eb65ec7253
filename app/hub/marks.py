"""A call's marks: one text that a plain ``LIKE`` can search for what stands behind a number, so that no record need be opened.

Tokens stand between record separators; parts within a token between separators of their kind, none of which can occur in a
value (values are printable). What is asked of a field is of fixed width, so that ``_`` stands for "any":
``f NAME US outcome proposed bin`` with one letter, one letter, two digits. Cards carry one letter for each act at its own place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.domain.call_record import CallRecord, FieldOutcome
from app.domain.call_record_form import CARD_ACTS
from app.domain.lead_counts import VERSIONS, Behind, Dimension, confidence_bin, item_codes

END, FIELD, OTHER, CARD = "\x1e", "\x1f", "\x1d", "\x1c"
OUTCOMES = {FieldOutcome.TAKEN: "T", FieldOutcome.EDITED: "E", FieldOutcome.CLEARED: "C", FieldOutcome.LEFT: "L",
             FieldOutcome.TYPED: "Y"}
_PROPOSED = {"filled": "F", "suggested": "S", "": "-"}
ACTS = tuple(sorted(CARD_ACTS))
#: One act of a question may stand for several of a card.
ACT_GROUPS = {"used": ("used", "copied"), "wrong": ("wrong", "outdated")}
ESCAPE = "!"


def marks_of(record: CallRecord) -> str:
    """All marks of a call."""
    return END + END.join(dict.fromkeys(_tokens(record))) + END


def _tokens(record: CallRecord) -> Iterator[str]:
    for each in record.fields:
        yield f"f{each.name}{FIELD}{OUTCOMES[each.outcome]}{_PROPOSED[each.proposed]}{confidence_bin(each.confidence):02d}"
    for choice in record.choices:
        if choice.offered:
            yield f"x{choice.name}{OTHER}{choice.offered[0]}{OTHER}{choice.submitted}"
    for card in record.cards:
        yield f"c{card.entry_id}{CARD}{''.join('1' if act in card.acts else '0' for act in ACTS)}"
    yield from (f"q{each.rule}" for each in record.quality if each.is_breach)
    yield from (f"d{code}" for code in record.degradations)
    yield from (f"i{code}" for code in item_codes(record))
    yield from (f"v{part.value}{OTHER}{record.versions[part.value]}" for part in VERSIONS if record.versions.get(part.value))
    if record.unanswered:
        yield "u"


def patterns_of(which: Behind) -> list[list[str]]:
    """``LIKE`` patterns: one of each inner list must match, with ``ESCAPE``."""
    wanted: list[list[str]] = []
    if which.unanswered:
        wanted.append([_token("u")])
    if which.degradation:
        wanted.append([_token("d" + _literal(which.degradation))])
    if which.finding:
        wanted.append([_token("q" + _literal(which.finding))])
    if which.field or which.outcomes or which.proposed or which.bins is not None:
        wanted.append(list(_field_patterns(which)))
    if which.choice:
        parts = (which.choice, which.offered_first, which.submitted)
        wanted.append([_token("x" + OTHER.join(_literal(part) for part in parts))])
    if which.entry_id or which.act:
        wanted.append(list(_card_patterns(which)))
    return wanted


def item_patterns(codes: Iterable[str]) -> list[str]:
    """A matter of any of the items."""
    return [_token("i" + _literal(code)) for code in codes]


def version_pattern(part: Dimension, version: str) -> tuple[str, bool]:
    """A version of a part, and whether the pattern must match; "" is a call that names none: then it must not."""
    start = f"v{_literal(part.value)}{OTHER}"
    return (_token(start + _literal(version)), True) if version else (f"%{END}{start}%", False)


def field_patterns(names: Iterable[str]) -> list[str]:
    """Any of the fields, whatever became of it."""
    return [_token(f"f{_literal(name)}{FIELD}____") for name in names]


def _field_patterns(which: Behind) -> Iterator[str]:
    name = f"f{_literal(which.field)}" if which.field else ""
    proposed = [_PROPOSED.get(which.proposed, "?")] if which.proposed else ["F", "S"] if which.bins is not None else ["_"]
    bins = ["__"] if which.bins is None else [f"{index:02d}" for index in range(which.bins[0], which.bins[1] + 1)]
    for outcome in [OUTCOMES[each] for each in which.outcomes] or ["_"]:
        for state in proposed:
            for each in bins:
                tail = f"{FIELD}{outcome}{state}{each}{END}%"
                yield f"%{END}{name}{tail}" if name else f"%{tail}"


def _card_patterns(which: Behind) -> Iterator[str]:
    start = f"%{END}c{_literal(which.entry_id)}" if which.entry_id else "%"
    for act in ACT_GROUPS.get(which.act, (which.act,)):
        places = "".join("1" if each == act else "_" for each in ACTS)
        yield start + CARD + (places if act in ACTS or not act else "?") + END + "%"


def _token(text: str) -> str:
    return f"%{END}{text}{END}%"


def _literal(value: str) -> str:
    """A value in which no character means anything to ``LIKE``."""
    for each in (ESCAPE, "%", "_"):
        value = value.replace(each, ESCAPE + each)
    return value
