"""What changed between two versions of the knowledge: entries, fields of an entry, words of a field.

For the window (a card that changed while it is open), for the updater and the command. Pure functions; texts are compared
by line first and by word within a changed line, so that long answers cost little.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.knowledge import Choice, KnowledgeEntry, Phone, Place, Section, Step

# A number, a word in letters, or one character is a word to the eye that compares.
_WORD = re.compile(r"\d+(?:[.:\-]\d+)*|[A-Za-z]+|\s+|.", re.S)
_MOST_WORDS = 2_000
#: Fields that no operator reads: a count and a date alone are no change.
UNTOLD = ("version", "updated", "heat")


class Mark(StrEnum):
    """What became of a stretch of text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of characters with one mark."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs.

    Attributes:
        field: name in ``KnowledgeEntry``.
        before: old value as text, lists one thing a line.
        after: new value as text.
        stretches: the words; all SAME and GONE joined give ``before``, all SAME and NEW joined give ``after``.
    """

    field: str
    before: str
    after: str
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class EntryChange:
    """An entry that differs, with its fields in the order of ``KnowledgeEntry``."""

    before: KnowledgeEntry
    after: KnowledgeEntry
    fields: tuple[FieldChange, ...]

    @property
    def matters(self) -> bool:
        """True where something changed that an operator reads; a count or a date of change alone does not."""
        return any(change.field not in UNTOLD for change in self.fields)


@dataclass(frozen=True, slots=True)
class KnowledgeDiff:
    """Two versions compared; each in the order of the new version, removed ones in that of the old."""

    added: tuple[KnowledgeEntry, ...]
    removed: tuple[KnowledgeEntry, ...]
    changed: tuple[EntryChange, ...]


def diff_of(old: Iterable[KnowledgeEntry], new: Iterable[KnowledgeEntry]) -> KnowledgeDiff:
    """Compare two versions by id."""
    before = {entry.id: entry for entry in old}
    after = {entry.id: entry for entry in new}
    pairs = ((before[key], entry) for key, entry in after.items() if key in before and before[key] != entry)
    return KnowledgeDiff(
        added=tuple(entry for key, entry in after.items() if key not in before),
        removed=tuple(entry for key, entry in before.items() if key not in after),
        changed=tuple(change_of(one, other) for one, other in pairs))


def change_of(before: KnowledgeEntry, after: KnowledgeEntry) -> EntryChange:
    """The fields in which two versions of an entry differ, with their words."""
    changes = []
    for field in dataclasses.fields(KnowledgeEntry):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old != new:
            one, other = text_of(old), text_of(new)
            changes.append(FieldChange(field.name, one, other, words_changed(one, other)))
    return EntryChange(before, after, tuple(changes))


def text_of(value: object) -> str:
    """A field's value as a person reads it: lists one thing a line."""
    if isinstance(value, tuple):
        return "\n".join(text_of(each) for each in value)
    if isinstance(value, Section):
        return f"{value.title}\n{value.text}" if value.text else value.title
    if isinstance(value, Step):
        return "\n".join([f"[{value.id}] {value.text}", *map(text_of, value.choices)])
    if isinstance(value, Choice):
        return f"- {value.label}" + (f" → {value.next}" if value.next else "")
    if isinstance(value, Place | Phone):
        return " ".join(each for each in dataclasses.astuple(value) if each)
    return str(value)


def words_changed(before: str, after: str) -> tuple[Stretch, ...]:
    """Stretches of two texts: lines that are the same stay whole, changed lines are compared by word."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    found: list[Stretch] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, fresh = "".join(old[a:b]), "".join(new[c:d])
        if kind == "equal":
            found.append(Stretch(Mark.SAME, gone))
        else:
            found.extend(_by_word(gone, fresh))
    return _joined(found)


def _by_word(before: str, after: str) -> list[Stretch]:
    old, new = _WORD.findall(before), _WORD.findall(after)
    if not old or not new or max(len(old), len(new)) > _MOST_WORDS:
        return [Stretch(Mark.GONE, before), Stretch(Mark.NEW, after)]
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < 0.3:  # hardly a word in common: single letters that agree by chance only confuse
        return [Stretch(Mark.GONE, before), Stretch(Mark.NEW, after)]
    found = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            found.append(Stretch(Mark.SAME, "".join(old[a:b])))
        else:
            found += [Stretch(Mark.GONE, "".join(old[a:b])), Stretch(Mark.NEW, "".join(new[c:d]))]
    return found


def _joined(stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Neighbours of one mark as one; empty ones left out."""
    found: list[Stretch] = []
    for stretch in stretches:
        if not stretch.text:
            continue
        if found and found[-1].mark is stretch.mark:
            found[-1] = Stretch(stretch.mark, found[-1].text + stretch.text)
        else:
            found.append(stretch)
    return tuple(found)
