"""Words of the lead's window: heads, cells, sentences, names of fields, items and entries, in the window's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.domain.catalogue import FieldTable, Taxonomy
from app.domain.lead_counts import Dimension
from app.domain.lead_figures import Share
from app.domain.lead_tables import Cell, Change, Column, Kind, Names, Told
from widgets.field_labels import short_label
from widgets.language import told

_DASH = "–"
_BY_KEY = {Names.SOUND: "sound", Names.WEEKDAY: "weekday", Names.KIND: "kind", Names.DIMENSION: "dimension", Names.VERDICT: "verdict",
           Names.DESK_STATE: "desk_state"}
_LONG_S = 120


def lead(name: str, /, **params: object) -> str:
    """A text of the room ``lead``."""
    return told(f"lead.{name}", **params)


class LeadWords:
    """What cells and columns are called; see ``app.presenters.lead_table.Words``.

    Args:
        fields: the field table.
        items: the catalogue of items.
        entry_title: title of a knowledge entry, "" where it is not known here.
    """

    def __init__(self, fields: FieldTable, items: Taxonomy, entry_title: Callable[[str], str] = lambda entry: "") -> None:
        self._fields, self._items, self._entry_title = fields, items, entry_title

    def title(self, column: Column) -> str:
        """Head of a column."""
        return lead(f"col_{column.title}")

    def scaled(self, title: str, column: Column, axis: tuple[float, float], between: str) -> str:
        """Head of a column, then the ends of its scale."""
        sign = "+" if column.kind is Kind.CHANGE else ""
        low, high = (f"{100 * end:{sign}.0f}".replace("-", "−") for end in axis)
        return f"{title}{between}{low}–{high}%" if not sign else f"{title}{between}{low} … {high}"

    def cell(self, column: Column, cell: Cell) -> str:
        """A cell as it is read; a dash where there is nothing to say."""
        if isinstance(cell, str):
            return self.name(column.names, cell)
        return self.value(column.kind, cell)

    def spoken(self, column: Column, cell: Cell) -> str:
        """A cell as it is said: with its interval."""
        said = self.cell(column, cell)
        if isinstance(cell, Share) and cell.total:
            return lead("spoken_share", value=said, low=percent(cell.low), high=percent(cell.high), hits=whole(cell.hits),
                        total=whole(cell.total))
        if isinstance(cell, Change):
            return f"{said}（{_points(cell.low)} … {_points(cell.high)}）"
        return said

    def value(self, kind: Kind, cell: Cell) -> str:
        """A figure with its unit."""
        if isinstance(cell, Share):
            return percent(cell.value)
        if isinstance(cell, Change):
            return _points(cell.value)
        if isinstance(cell, str):
            return cell
        if cell is None:
            return _DASH
        made: Mapping[Kind, Callable[[float], str]] = {
            Kind.WHOLE: whole, Kind.NUMBER: lambda value: f"{value:,.1f}", Kind.PERCENT: percent, Kind.SECONDS: seconds,
            Kind.MILLISECONDS: lambda value: lead("milliseconds", value=whole(value)), Kind.CHANGE: _points}
        return made.get(kind, whole)(cell)

    def name(self, names: Names, code: str) -> str:
        """What a code is called."""
        if not code:
            return {Names.NONE: _DASH, Names.CODE: "", Names.CASE: ""}.get(names, lead("name_none"))
        named: Mapping[Names, Callable[[str], str]] = {
            Names.NONE: str, Names.FIELD: lambda name: short_label(self._fields.label(name)), Names.ITEM: self._item,
            Names.ENTRY: lambda entry: self._entry_title(entry) or entry, Names.RULE: _rule, Names.CASE: case_word,
            Names.CODE: lambda codes: lead("between").join(self._code(each) for each in codes.split()),
            Names.DEGRADATION: lambda fault: _known(f"degradation_{fault.replace('.', '_')}", fault),
        }
        if names in named:
            return named[names](code)
        return _known(f"{_BY_KEY.get(names, names.value)}_{code}", code)

    def _item(self, code: str) -> str:
        item = self._items.get(code)
        return item.path[-1] if item is not None else code

    def _code(self, code: str) -> str:
        """A word of a mixed column: a measure, an alert, a field, an item, or as it is."""
        if self._fields.get(code) is not None:
            return self.name(Names.FIELD, code)
        return _known(f"code_{code}", self.name(Names.DEGRADATION, code))

    def sentence(self, each: Told) -> str:
        """A sentence with its names."""
        params = {key: (self.name(*value) if value[1] else "") if isinstance(value, tuple) else value for key, value in each.params.items()}
        return lead(f"told_{each.key}", **params).replace("“”", "").replace(' ""', "")

    def dimension(self, dimension: Dimension) -> str:
        """Name of a dimension."""
        return lead(f"dimension_{dimension.value}")

    def dimension_value(self, dimension: Dimension, value: str) -> str:
        """Name of a value of a dimension."""
        names = {Dimension.FIELD: Names.FIELD, Dimension.ITEM: Names.ITEM, Dimension.SOUND: Names.SOUND, Dimension.WEEKDAY: Names.WEEKDAY,
                 Dimension.KIND: Names.KIND}
        return self.name(names.get(dimension, Names.NONE), value) if value else lead("name_none")


def case_word(code: str) -> str:
    """What a code of a case is called: kind, state, step, ground, measure."""
    said = told(f"cases.word_{code}")
    return code if said == f"cases.word_{code}" else said


def percent(value: float | None) -> str:
    """A share with one digit: ``93.1%``."""
    return _DASH if value is None else f"{100 * value:.1f}%"


def whole(value: float) -> str:
    """A whole number with its thousands."""
    return f"{value:,.0f}"


def seconds(value: float) -> str:
    """Seconds, from two minutes on as minutes and seconds."""
    if value < _LONG_S:
        return lead("seconds", value=f"{value:.0f}")
    return lead("minutes", minutes=int(value // 60), seconds=int(value % 60))


def _points(value: float) -> str:
    return lead("points", value=f"{100 * value:+.1f}".replace("-", "−"))


def _rule(code: str) -> str:
    """Name of a rule of the quality check."""
    said = told(f"quality.{code}")
    return code if said == f"quality.{code}" else said


def _known(name: str, other: str) -> str:
    said = lead(name)
    return other if said == f"lead.{name}" else said


