"""What a page of the lead's window holds: tiles, charts, tables; made of counts by ``app.services.lead_views*``, drawn and exported as is.

Texts are keys of ``resources/messages/lead.toml``; values that have names (fields, items, entries) stay codes, ``Column.names`` says whose,
so that the same page is drawn in either language. Pure; any thread.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.lead_counts import Behind, Slice
from app.domain.lead_figures import Share


@dataclass(frozen=True, slots=True)
class Change:
    """A difference of shares with the ends of its interval."""

    value: float
    low: float
    high: float


Cell = str | int | float | Share | Change | None
ALL = Behind()


class Kind(StrEnum):
    """How a cell is written. PERCENT is a share without an interval, CHANGE a difference in percentage points."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    SHARE = "share"
    PERCENT = "percent"
    CHANGE = "change"
    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"


class Names(StrEnum):
    """Whose codes the cells of a column are."""

    NONE = ""
    FIELD = "field"
    ITEM = "item"
    ENTRY = "entry"
    SOUND = "sound"
    CODE = "code"
    WEEKDAY = "weekday"
    DIMENSION = "dimension"
    VERDICT = "verdict"
    DESK_STATE = "desk_state"
    CHOICE = "choice"
    KIND = "kind"
    RULE = "rule"
    DEGRADATION = "degradation"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``title`` is a key without its room; ``good`` tells whether high shares are good (1), bad (-1) or neither."""

    title: str
    kind: Kind = Kind.TEXT
    names: Names = Names.NONE
    good: int = 0


_PLAIN = {
    Kind.TEXT: "case_due case_called case_opened case_ticket"
               " day at since began alarmed question by_operator by_team by_desk by_city by_district by_street by_program by_model"
               " by_vocabulary by_knowledge by_rules by_hour by_day",
    Kind.WHOLE: "calls unanswered filled taken typed_fields shown proposals times tries rounds callbacks",
    Kind.NUMBER: "score score_after expected points voice_low voice_middle voice_high",
    Kind.PERCENT: "mean_confidence least_at_95 first second usual since_change",
    Kind.CHANGE: "change",
    Kind.SECONDS: "duration",
    Kind.MILLISECONDS: "delay_p50 delay_p95",
}
_COLUMNS = {title: Column(title, kind) for kind, titles in _PLAIN.items() for title in titles.split()} | {
    held.title: held for held in (
        *(Column(title, Kind.SHARE, good=1) for title in ("precision", "coverage", "right", "opened", "used", "spoken")),
        *(Column(title, Kind.SHARE, good=-1) for title in ("edit_rate", "typed", "wrong", "dismissed", "calls_unanswered")),
        Column("wrap_up", Kind.SECONDS, good=-1), Column("keys", Kind.NUMBER, good=-1), Column("distance", Kind.PERCENT, good=-1),
        Column("calibration_error", Kind.PERCENT, good=-1), Column("level", Kind.PERCENT, good=-1),
        Column("wrong_fields", Kind.WHOLE, good=-1), Column("marked_wrong", Kind.WHOLE, good=-1),
        *(Column(title, Kind.SHARE, good=1) for title in ("callbacks_reached", "callbacks_satisfied", "callbacks_solved")),
        Column("callback_share", Kind.SHARE), Column("callbacks_late", Kind.WHOLE, good=-1),
        *(Column(title, names=Names.CASE) for title in ("band", "satisfaction", "case_reason")),
        Column("by_item", names=Names.ITEM), Column("by_field", names=Names.FIELD), Column("by_sound", names=Names.SOUND),
        Column("by_weekday", names=Names.WEEKDAY), Column("by_kind", names=Names.KIND), Column("entry", names=Names.ENTRY),
        Column("finding", names=Names.RULE), Column("degradation", names=Names.DEGRADATION), Column("breached", Kind.SHARE, good=-1),
        Column("state", names=Names.DESK_STATE), Column("alerts", names=Names.CODE), Column("measure", names=Names.CODE),
        Column("what", names=Names.DIMENSION), Column("value", names=Names.CODE), Column("proven", names=Names.VERDICT),
        *(Column(f"case_{title}", names=Names.CASE) for title in ("late", "kind", "state", "turn")),
        Column("case_rule", names=Names.RULE), Column("taken_back", Kind.WHOLE), Column("breached_after", Kind.SHARE, good=-1),
        Column("verdict", names=Names.VERDICT), Column("offered", names=Names.CHOICE), Column("submitted", names=Names.CHOICE),
    )
}


def columns(titles: str) -> tuple[Column, ...]:
    """Columns by their keys, divided by spaces."""
    return tuple(_COLUMNS[title] for title in titles.split())


@dataclass(frozen=True, slots=True)
class Ask:
    """The calls behind a row."""

    asked: Slice
    which: Behind = ALL


@dataclass(frozen=True, slots=True)
class Row:
    """Cells in the order of the columns; ``mark``: "" or ``bad`` or ``good``; ``record_id`` where the row is a call."""

    cells: tuple[Cell, ...]
    ask: Ask | None = None
    mark: str = ""
    record_id: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; ``name`` is its key (title ``table_<name>``); ``total`` and ``offset`` where a part of the rows is held.

    ``is_at_least``: there are ``total`` or more.
    """

    name: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: int = -1
    offset: int = 0
    is_at_least: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """A point with the ends of its interval."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Series:
    """Points of one thing, named where it ends: ``label`` is a code of ``names``. ``marks``: places with their words."""

    label: str
    points: tuple[Point, ...]
    names: Names = Names.NONE
    marks: tuple[tuple[float, float, str], ...] = ()


class ChartKind(StrEnum):
    """LINE with the band of its intervals; DOTS with their intervals, and the diagonal they should lie on; STEPS of a curve; BARS."""

    LINE = "line"
    DOTS = "dots"
    STEPS = "steps"
    BARS = "bars"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart.

    Attributes:
        name: key (title ``chart_<name>``).
        kind: how it is drawn.
        series: what is drawn.
        ticks: x and its words.
        x_title: key, "" for none.
        y_title: key, "" for none.
        percent: y is a share.
        lines: y and key of lines to be compared with.
        from_zero: the axis of y begins at zero.
        x_percent: x is a share.
    """

    name: str
    kind: ChartKind
    series: tuple[Series, ...]
    ticks: tuple[tuple[float, str], ...] = ()
    x_title: str = ""
    y_title: str = ""
    percent: bool = True
    lines: tuple[tuple[float, str], ...] = ()
    from_zero: bool = False
    x_percent: bool = False


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure that stands for itself, beside what it was in the stretch of time before; ``good`` as in ``Column``."""

    title: str
    kind: Kind
    value: Cell
    before: Cell = None
    good: int = 0
    ask: Ask | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence: key and its parameters; a parameter that is a code comes as ``(names, code)``."""

    key: str
    params: dict[str, str | int | float | tuple[Names, str]] = field(default_factory=dict)
    mark: str = ""


@dataclass(frozen=True, slots=True)
class PageView:
    """A whole page, from top to bottom. ``choices``: what can be chosen on this page, option name to codes."""

    tiles: tuple[Tile, ...] = ()
    told: tuple[Told, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
