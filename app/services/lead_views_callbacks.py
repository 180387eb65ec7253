"""Callbacks (回访) in the window of a lead: the list as a table, and figures out of counts. Keys only. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from app.domain.callback_figures import CallbackBy, CallbackCount, CallbackFigures, counted, figures, figures_by
from app.domain.callbacks import Band, band, is_of_call
from app.domain.cases import Case, HeldCase
from app.domain.lead_figures import Share, share
from app.domain.lead_tables import Chart, ChartKind, Kind, PageView, Point, Row, Series, Table, Tile, Told, columns
from app.services.lead_views import day_ticks

BY = (CallbackBy.OPERATOR, CallbackBy.TEAM, CallbackBy.ITEM, CallbackBy.DISTRICT, CallbackBy.DAY)
_LIST = "case_due band case_state case_ticket by_operator tries rounds satisfaction case_reason"
_MARKS = {Band.LATE: "bad"}
_SHOWN_SUBJECT = 12


def list_table(cases: Sequence[HeldCase], today: date) -> Table:
    """Callbacks in the order given; a row's ``record_id`` is the id of its case."""
    return Table("callbacks", columns(_LIST), tuple(_row(each.case, today) for each in cases))


def _row(case: Case, today: date) -> Row:
    where, answers = band(case, today), case.answers
    return Row((case.due, where.value, case.state.value, subject_words(case.subject), case.agent, case.tries, case.rounds,
                answers.get("satisfaction", ""), answers.get("reason", "")), mark=_MARKS.get(where, ""), record_id=case.case_id)


def subject_words(subject: str) -> str:
    """A ticket's number; of a call the beginning of its record's id."""
    return f"# {subject[:_SHOWN_SUBJECT]}" if is_of_call(subject) else subject


def figures_page(by_day: Sequence[CallbackCount], rows: Sequence[CallbackCount], by: CallbackBy) -> PageView:
    """Tiles, how it went day by day, what was said, and by whom or where.

    Args:
        by_day: counts by the day on which a callback was planned.
        rows: the same by ``by``.
        by: what ``rows`` are counted by.
    """
    whole = figures(by_day)
    if not whole.all:
        return PageView(told=(Told("callbacks_none"),))
    tiles = (
        Tile("callbacks", Kind.WHOLE, whole.all), Tile("callbacks_late", Kind.WHOLE, whole.late, good=-1),
        Tile("callbacks_open", Kind.WHOLE, whole.open), Tile("callbacks_reached", Kind.SHARE, whole.reached, good=1),
        Tile("callbacks_satisfied", Kind.SHARE, whole.satisfied, good=1), Tile("callbacks_solved", Kind.SHARE, whole.solved, good=1))
    return PageView(tiles, (), _charts(by_day), (*_said_tables(by_day), _by_table(rows, by)))


def _charts(by_day: Sequence[CallbackCount]) -> tuple[Chart, ...]:
    days = sorted(figures_by(by_day), key=lambda each: each.key)
    ticks = day_ticks([each.key for each in days])
    return tuple(Chart(f"callbacks_{name}", ChartKind.LINE, (Series(name, _points(days, name)),), ticks)
                 for name in ("satisfied", "reached") if len(_points(days, name)) > 1)


def _points(days: Iterable[CallbackFigures], name: str) -> tuple[Point, ...]:
    found: list[tuple[int, Share]] = [(place, getattr(each, name)) for place, each in enumerate(days)]
    return tuple(Point(float(place), each.value or 0.0, each.low, each.high) for place, each in found if each.total)


def _said_tables(rows: Sequence[CallbackCount]) -> tuple[Table, ...]:
    made = []
    for what, column in (("state", "case_state"), ("satisfaction", "satisfaction"), ("reason", "case_reason")):
        held = counted(rows, what)
        total = sum(held.values())
        made.append(Table(f"callbacks_by_{what}", columns(f"{column} callbacks callback_share"),
                          tuple(Row((code, count, share(count, total))) for code, count in held.items())))
    return tuple(made)


def _by_table(rows: Sequence[CallbackCount], by: CallbackBy) -> Table:
    found = figures_by(rows)
    cells = ((each.key, each.all, each.late, each.reached, each.satisfied, each.solved) for each in found)
    heads = columns(f"by_{by.value} callbacks callbacks_late callbacks_reached callbacks_satisfied callbacks_solved")
    return Table("callbacks_by", heads, tuple(Row(each, mark="bad" if each[2] else "") for each in cells))


def since_of(days: int, today: date) -> str:
    """First day of a stretch that ends today; "" for all time (0)."""
    return str(today - timedelta(days=days - 1)) if days else ""
