"""A rehearsal as one JSON object (docs/rehearsal.md) and as text for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict

from app.domain.lead_compare import Verdict
from app.domain.lead_figures import Share, share
from app.domain.rehearsal import CallChange, CardChange, CardMove, FieldChange, Measure, Pass, Rehearsed, sure

FORMAT = "tingdan-rehearsal-report/1"
Told = Callable[[str, Mapping[str, object] | None], str]


def as_json(outcome: Rehearsed, before: Pass, after: Pass) -> dict[str, object]:
    """The documented object; it holds no value of a field."""
    return {
        "format": FORMAT, "verdict": outcome.verdict.value, "calls": outcome.calls, "changed": len(outcome.changes),
        "left_out": outcome.left_out, "faults": outcome.faults,
        "versions": {"before": dict(before.versions), "after": dict(after.versions)},
        "measures": [_measure(each) for each in outcome.measures],
        "totals": _totals(outcome),
        "changes": [_change(each) for each in outcome.changes],
    }


def _measure(measure: Measure) -> dict[str, object]:
    return {
        "name": measure.name, "verdict": sure(measure).value,
        "before": asdict(share(measure.before.hits, measure.before.total)),
        "after": asdict(share(measure.after.hits, measure.after.total)),
        "difference": [measure.comparison.difference, measure.comparison.low, measure.comparison.high],
        "calls_better": measure.better, "calls_worse": measure.worse,
    }


def _totals(outcome: Rehearsed) -> dict[str, int]:
    fields = [each for change in outcome.changes for each in change.fields]
    cards = [each for change in outcome.changes for each in change.cards]
    ranks = [each for change in outcome.changes for each in change.ranks]
    return {
        "fields_lost": sum(each.is_loss for each in fields), "fields_gained": sum(each.is_gain for each in fields),
        "fields_otherwise": sum(not each.is_loss and not each.is_gain for each in fields),
        **{f"cards_{move.value}": sum(each.move is move for each in cards) for move in CardMove},
        "helpful_cards_vanished": sum(each.move is CardMove.VANISHED and each.helped for each in cards),
        "items_up": sum((each.after or 99) < (each.before or 99) for each in ranks),
        "items_down": sum((each.after or 99) > (each.before or 99) for each in ranks),
    }


def _change(change: CallChange) -> dict[str, object]:
    return {
        "call": change.call,
        "fields": [{"name": each.name, "matter": each.matter, "before": each.before, "after": each.after,
                    "effect": "loss" if each.is_loss else "gain" if each.is_gain else "otherwise"} for each in change.fields],
        "cards": [{"entry": each.entry_id, "move": each.move.value, "helped": each.helped,
                   "before": None if each.before is None else [each.before.rank, each.before.at_ms],
                   "after": None if each.after is None else [each.after.rank, each.after.at_ms]} for each in change.cards],
        "items": [asdict(each) for each in change.ranks],
    }


def as_text(outcome: Rehearsed, before: Pass, after: Pass, labels: Mapping[str, str], told: Told) -> str:
    """For a person: the verdict first, then the figures, then call by call.

    Args:
        outcome: what came of it.
        before: the first pass, for its versions.
        after: the second one.
        labels: field name to label.
        told: text of a message key.
    """
    is_same = not outcome.changes and outcome.verdict is Verdict.SAME
    lines = [told("rehearse.head", {"calls": outcome.calls, "changed": len(outcome.changes)}),
             told("rehearse.verdict_none" if is_same else f"rehearse.verdict_{outcome.verdict.value}", None)]
    parts = sorted({*before.versions, *after.versions})
    lines += [f"  {part}: {before.versions.get(part, '-')} -> {after.versions.get(part, '-')}" for part in parts
              if before.versions.get(part) != after.versions.get(part)]
    if outcome.left_out or outcome.faults:
        lines.append(told("rehearse.not_compared", {"left_out": outcome.left_out, "faults": outcome.faults}))
    lines.append("")
    lines += [_line(each, told) for each in outcome.measures]
    lines += ["", "  ".join(told(f"rehearse.total_{name}", {"count": count}) for name, count in _totals(outcome).items() if count)]
    for change in outcome.changes:
        lines += ["", f"== {change.call} =="]
        lines += [_field_line(each, labels, told) for each in change.fields]
        lines += [told("rehearse.item", {"before": each.before or "-", "after": each.after or "-"}) for each in change.ranks]
        lines += [_card_line(each, told) for each in change.cards]
    return "\n".join(lines).rstrip()


def _line(measure: Measure, told: Told) -> str:
    name = told(f"rehearse.measure_{measure.name}", None)
    if not measure.before.total and not measure.after.total:
        return f"  {name}  {told('rehearse.no_cases', None)}"
    shares = " -> ".join(_share(share(part.hits, part.total)) for part in (measure.before, measure.after))
    calls = told("rehearse.calls_moved", {"better": measure.better, "worse": measure.worse})
    return f"  {name}  {shares}  {calls}  {told(f'rehearse.says_{sure(measure).value}', None)}"


def _share(held: Share) -> str:
    return "-" if held.value is None else f"{held.value:.1%} [{held.low:.1%}–{held.high:.1%}] ({held.hits:.0f}/{held.total:.0f})"


def _field_line(change: FieldChange, labels: Mapping[str, str], told: Told) -> str:
    before, after = (told(f"rehearse.stands_{each.value if each else 'absent'}", None) for each in (change.before, change.after))
    mark = "-" if change.is_loss else "+" if change.is_gain else " "
    where = f" -{change.matter + 1:02}" if change.matter else ""
    return f"  {mark} {labels.get(change.name, change.name)}{where}  " + (
        told("rehearse.otherwise", None) if change.before == change.after else f"{before} -> {after}")


def _card_line(change: CardChange, told: Told) -> str:
    places = " -> ".join("-" if each is None else f"#{each.rank} {each.at_ms // 60000:02}:{each.at_ms // 1000 % 60:02}"
                         for each in (change.before, change.after))
    helped = f"  {told('rehearse.helped', None)}" if change.helped else ""
    return f"    {told(f'rehearse.card_{change.move.value}', None)}  {change.entry_id}  {places}{helped}"
