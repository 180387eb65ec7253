"""What a change of knowledge, word lists or model would do to calls that were: two passes over the same calls, beside each other.

A pass (``Pass``) holds of each call how its fields stood against the submitted ticket, where the submitted item ranked, and which cards
came. It holds no value of a field: ``mark`` is four hexadecimal digits of a digest, enough to see that something else stands there and
far too few to tell what. So a pass may be saved and read by another version of the program.

The same calls go through both, so the verdict is made of pairs: the difference of ratios over calls (``lead_compare.compare``), and
besides an exact sign test over the calls that changed, because a handful of equal changes has no variance and proves nothing yet. Four
measures are looked at, so each must clear a quarter of 5 %. Pure; any thread.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.call import CallState
from app.domain.knowledge import Push
from app.domain.lead_compare import Comparison, Ratio, Verdict, compare
from app.domain.lead_figures import binomial_tail
from app.domain.ticket import EMPTY, FieldState, TicketDraft, Value
from app.domain.ticket_record import CALL_FIELDS, matter_fields

#: Free words: never letter by letter as an operator would write them, so they are neither right nor wrong here.
WORDED = frozenset({"title", "content", "demand", "addr_parts", "direct_answer", "kb_refs", "tags", "event_time_text"})
#: Stamped, or known before a word is said: no pass can get them wrong.
UNHEARD = frozenset({
    "call_id", "ticket_no", "accept_time", "accept_channel", "caller_number", "agent_id", "call_start", "call_end", "status",
    "model_version", "region_city", "due_date", "sign_deadline", "audit_deadline", "attachments",
})
#: Set by the program itself.
_STAMPED = frozenset({"system", "default"})
_SURE = 0.05 / 4
_ITEM = "item_code"


class Standing(StrEnum):
    """A field after the pass, against the submitted ticket.

    RIGHT, WRONG: it stood filled. OFFERED: the right value was suggested. ASIDE: another one was suggested. MISSING: nothing stood there.
    WORDS: free words, or nothing was submitted to hold it against; only whether it changed is told.
    """

    RIGHT = "right"
    WRONG = "wrong"
    OFFERED = "offered"
    ASIDE = "aside"
    MISSING = "missing"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class FieldSeen:
    """One field of one matter; ``mark`` as in the module, "" for nothing; ``is_sent``: the submitted ticket has it."""

    name: str
    matter: int
    standing: Standing
    mark: str = ""
    is_sent: bool = True


@dataclass(frozen=True, slots=True)
class CardSeen:
    """An entry that came: place in its push from 1, and when for the first time."""

    entry_id: str
    rank: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class CallSeen:
    """One call after a pass.

    Attributes:
        call: its key, the same in both passes.
        fields: that were submitted or proposed.
        ranks: matter to the place of the submitted item among those offered; 0 where it was not.
        cards: each entry once, in the order in which they came.
        helped: entries that the operator opened, copied, spoke or called useful in this call.
        fault: key of what broke the pass off, "" for nothing.
    """

    call: str
    fields: tuple[FieldSeen, ...] = ()
    ranks: Mapping[int, int] = field(default_factory=dict)
    cards: tuple[CardSeen, ...] = ()
    helped: frozenset[str] = frozenset()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Pass:
    """All calls through one set-up; ``versions``: part to version."""

    versions: Mapping[str, str]
    calls: tuple[CallSeen, ...]


def seen(call: str, state: CallState, submitted: Sequence[Mapping[str, Value | None]], helped: frozenset[str] = frozenset(),
         fault: str = "") -> CallSeen:
    """A call after its pass.

    Args:
        call: key.
        state: at its end.
        submitted: by matter, what was submitted; fields that the program stamps are left out.
        helped: see ``CallSeen``.
        fault: see ``CallSeen``.
    """
    fields: list[FieldSeen] = []
    ranks: dict[int, int] = {}
    for matter in range(max(len(submitted), len(state.draft.matters))):
        sent = submitted[matter] if matter < len(submitted) else {}
        fields += _fields(state.draft, matter, sent)
        if sent.get(_ITEM):
            held = state.draft.get(_ITEM, matter)
            offers = list(dict.fromkeys([held.value, *(other.value for other in held.alternatives)]))
            ranks[matter] = offers.index(sent[_ITEM]) + 1 if sent[_ITEM] in offers else 0
    return CallSeen(call, tuple(fields), ranks, cards_seen(state.pushes), helped, fault)


def cards_seen(pushes: Sequence[Push]) -> tuple[CardSeen, ...]:
    """Each entry once, as it first came."""
    found: dict[str, CardSeen] = {}
    for push in pushes:
        for rank, ranked in enumerate(push.ranked, 1):
            found.setdefault(ranked.entry.id, CardSeen(ranked.entry.id, rank, push.at_ms))
    return tuple(found.values())


def _fields(draft: TicketDraft, matter: int, sent: Mapping[str, Value | None]) -> list[FieldSeen]:
    mine = matter_fields(draft, matter) if matter < len(draft.matters) else {}
    made = []
    for name in dict.fromkeys([*mine, *sent]):
        held = mine.get(name, EMPTY)
        is_sent = bool(plain(sent.get(name)))
        if held.rule in _STAMPED or name in UNHEARD or (matter and name in CALL_FIELDS) or (
                held.value is None and (name in WORDED or not is_sent)):
            continue
        made.append(FieldSeen(name, matter, _standing(name, held.value, held.state, sent), mark_of(held.value), is_sent))
    return made


def _standing(name: str, value: Value | None, state: FieldState, ticket: Mapping[str, Value | None]) -> Standing:
    if name in WORDED or not ticket:
        return Standing.WORDS
    sent = ticket.get(name)
    if value is None or state is FieldState.EMPTY:
        return Standing.MISSING
    is_right = plain(value) == plain(sent)
    if state is FieldState.SUGGESTED:
        return Standing.OFFERED if is_right else Standing.ASIDE
    return Standing.RIGHT if is_right else Standing.WRONG


def plain(value: Value | None) -> str:
    """A value for comparing: without blanks; lists in any order; nothing and "" are the same."""
    if isinstance(value, list):
        return "|".join(sorted("".join(each.split()) for each in value))
    return "" if value is None else "".join(str(value).split())


def mark_of(value: Value | None) -> str:
    """Four hexadecimal digits that tell two values apart, and nothing else of them."""
    return hashlib.sha256(plain(value).encode("utf-8", "surrogatepass")).hexdigest()[:4] if plain(value) else ""


# --- two passes beside each other -------------------------------------------------------------------------------------------------


class CardMove(StrEnum):
    """What became of a card: gone, new, or at another place or time."""

    VANISHED = "vanished"
    APPEARED = "appeared"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that stands otherwise; None where it did not occur."""

    name: str
    matter: int
    before: Standing | None
    after: Standing | None

    @property
    def is_loss(self) -> bool:
        """It was right and is not, or is wrong and was not."""
        return (self.before is Standing.RIGHT and self.after is not Standing.RIGHT) or (
            self.after is Standing.WRONG and self.before is not Standing.WRONG)

    @property
    def is_gain(self) -> bool:
        """The reverse."""
        return FieldChange(self.name, self.matter, self.after, self.before).is_loss


@dataclass(frozen=True, slots=True)
class CardChange:
    """A card that came otherwise; ``helped``: the operator had used it in this call."""

    entry_id: str
    move: CardMove
    before: CardSeen | None
    after: CardSeen | None
    helped: bool = False


@dataclass(frozen=True, slots=True)
class RankChange:
    """The submitted item's place, 0 for none."""

    matter: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class CallChange:
    """All that changes in one call."""

    call: str
    fields: tuple[FieldChange, ...] = ()
    cards: tuple[CardChange, ...] = ()
    ranks: tuple[RankChange, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything does."""
        return bool(self.fields or self.cards or self.ranks)


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure over all calls: counts of both passes, their comparison by calls, calls that got better and worse."""

    name: str
    before: Ratio
    after: Ratio
    comparison: Comparison
    better: int
    worse: int


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The whole outcome.

    Attributes:
        calls: how many went through both passes.
        changes: of calls that change, in the order of the first pass.
        measures: ``precision``, ``coverage``, ``item_first``, ``cards_kept``.
        verdict: SAME where nothing changes or the difference is too small to matter; UNSURE for "cannot tell yet".
        left_out: calls that are in one pass only.
        faults: calls that broke off in either pass; where only the second one does, that is worse.
    """

    calls: int
    changes: tuple[CallChange, ...]
    measures: tuple[Measure, ...]
    verdict: Verdict
    left_out: int = 0
    faults: int = 0


def rehearsed(before: Pass, after: Pass) -> Rehearsed:
    """Compare two passes over the same calls."""
    second = {call.call: call for call in after.calls}
    both = [(call, second[call.call]) for call in before.calls if call.call in second]
    pairs = [(one, other) for one, other in both if not one.fault and not other.fault]
    changes = tuple(change for pair in pairs if (change := changed(*pair)))
    measures = tuple(_measure(name, count, pairs) for name, count in _COUNTS.items())
    lost = len({call.call for call in before.calls} ^ set(second))
    is_breaking = any(other.fault and not one.fault for one, other in both)
    verdict = Verdict.WORSE if is_breaking else _verdict(changes, measures) if pairs else Verdict.UNSURE
    return Rehearsed(len(pairs), changes, measures, verdict, lost, len(both) - len(pairs))


def changed(before: CallSeen, after: CallSeen) -> CallChange:
    """What changes in one call."""
    return CallChange(before.call, tuple(_field_changes(before, after)), tuple(_card_changes(before, after)), tuple(
        RankChange(matter, rank, after.ranks.get(matter, 0)) for matter, rank in sorted(before.ranks.items())
        if rank != after.ranks.get(matter, 0)))


def _field_changes(before: CallSeen, after: CallSeen) -> Iterable[FieldChange]:
    old = {(each.matter, each.name): each for each in before.fields}
    new = {(each.matter, each.name): each for each in after.fields}
    for matter, name in dict.fromkeys([*old, *new]):
        one, other = old.get((matter, name)), new.get((matter, name))
        if one != other:
            yield FieldChange(name, matter, one.standing if one else None, other.standing if other else None)


def _card_changes(before: CallSeen, after: CallSeen) -> Iterable[CardChange]:
    old, new = ({card.entry_id: card for card in call.cards} for call in (before, after))
    for entry_id in dict.fromkeys([*old, *new]):
        one, other = old.get(entry_id), new.get(entry_id)
        if one != other:
            move = CardMove.APPEARED if one is None else CardMove.VANISHED if other is None else CardMove.MOVED
            yield CardChange(entry_id, move, one, other, entry_id in before.helped)


def _stands(call: CallSeen, standings: Iterable[Standing]) -> int:
    wanted = frozenset(standings)
    return sum(each.standing in wanted for each in call.fields)


def _precision(call: CallSeen) -> Ratio:
    return Ratio(_stands(call, (Standing.RIGHT,)), _stands(call, (Standing.RIGHT, Standing.WRONG)))


def _coverage(call: CallSeen) -> Ratio:
    """Of all fields of the submitted ticket but free words, rightly filled."""
    return Ratio(_stands(call, (Standing.RIGHT,)), sum(each.is_sent and each.standing is not Standing.WORDS for each in call.fields))


def _item_first(call: CallSeen) -> Ratio:
    return Ratio(sum(rank == 1 for rank in call.ranks.values()), len(call.ranks))


def _cards_kept(call: CallSeen) -> Ratio:
    """Of the cards that helped in the real call, those that come."""
    return Ratio(sum(card.entry_id in call.helped for card in call.cards), len(call.helped))


_COUNTS: Mapping[str, Callable[[CallSeen], Ratio]] = {
    "precision": _precision, "coverage": _coverage, "item_first": _item_first, "cards_kept": _cards_kept,
}


def _measure(name: str, count: Callable[[CallSeen], Ratio], pairs: Sequence[tuple[CallSeen, CallSeen]]) -> Measure:
    first = {one.call: count(one) for one, _ in pairs}
    second = {one.call: count(other) for one, other in pairs}
    moves = [_share(second[call]) - _share(first[call]) for call in first if first[call].total and second[call].total]
    better, worse = sum(move > 0 for move in moves), sum(move < 0 for move in moves)
    return Measure(name, _sum(first.values()), _sum(second.values()), compare(first, second, is_paired=True), better, worse)


def sure(measure: Measure) -> Verdict:
    """A measure's verdict: better or worse only where the calls that changed say so too, by an exact sign test."""
    said = measure.comparison.verdict
    if said not in (Verdict.BETTER, Verdict.WORSE):
        return said
    for_it = measure.better if said is Verdict.BETTER else measure.worse
    chance = 2 * binomial_tail(for_it, measure.better + measure.worse, 0.5)
    return said if chance < _SURE else Verdict.UNSURE


def _verdict(changes: Sequence[CallChange], measures: Sequence[Measure]) -> Verdict:
    """Worse in anything is worse: a wrong field that looks sure is not made good by three right ones.

    A card that goes or comes and of which nobody knows whether it helps is no reason to say "the same".
    """
    if not changes:
        return Verdict.SAME
    said = [sure(each) for each in measures if each.before.total or each.after.total]
    for wanted in (Verdict.WORSE, Verdict.BETTER):
        if wanted in said:
            return wanted
    is_told = not any(card.move is not CardMove.MOVED for change in changes for card in change.cards)
    return Verdict.SAME if is_told and said and all(each is Verdict.SAME for each in said) else Verdict.UNSURE


def _share(part: Ratio) -> float:
    return part.hits / part.total


def _sum(parts: Iterable[Ratio]) -> Ratio:
    held = list(parts)
    return Ratio(sum(each.hits for each in held), sum(each.total for each in held))
