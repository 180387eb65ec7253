"""The ticket's field table and the item tree as values; pure data with look-ups, read from files by ``app.platform``.

Both tables are the customer's: names, labels and choices are never written into code, only field names that a rule needs.
An item is a leaf of the tree with six digits (two a level). Anybody may hold these values; they are frozen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class FieldKind(StrEnum):
    """What a field holds, coarse enough to choose an editor."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    FLAG = "flag"
    NUMBER = "number"
    TIME = "time"
    LIST = "list"
    OTHER = "other"


class Need(StrEnum):
    """Whether a ticket must have the field: 必填, 条件必填, 选填."""

    ALWAYS = "always"
    SOMETIMES = "sometimes"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One row of the field table.

    Attributes:
        name: stable name, column 字段(en).
        label: what people call it, column 字段(zh).
        group: letter of its group ("B").
        group_label: name of its group (诉求人).
        kind: what it holds.
        choices: allowed or proposed values of a choice or list, in the table's order.
        need: whether a ticket must have it.
        max_chars: longest text, 0 where the table sets none.
        rule: the table's check in words, for people.
        is_masked: shown with its middle hidden unless it is being edited.
    """

    name: str
    label: str
    group: str
    group_label: str
    kind: FieldKind
    choices: tuple[str, ...] = ()
    need: Need = Need.OPTIONAL
    max_chars: int = 0
    rule: str = ""
    is_masked: bool = False


@dataclass(frozen=True, slots=True)
class FieldTable:
    """All fields in the table's order."""

    specs: tuple[FieldSpec, ...]
    _by_name: Mapping[str, FieldSpec] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {spec.name: spec for spec in self.specs})

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def get(self, name: str) -> FieldSpec | None:
        """The row of one field, or None."""
        return self._by_name.get(name)

    def label(self, name: str) -> str:
        """What people call the field; its name where the table does not hold it."""
        spec = self._by_name.get(name)
        return spec.label if spec else name

    def group(self, letter: str) -> tuple[FieldSpec, ...]:
        """The rows of one group ("B")."""
        return tuple(spec for spec in self.specs if spec.group == letter)


@dataclass(frozen=True, slots=True)
class Item:
    """A leaf of the item tree.

    Attributes:
        code: six digits.
        path: names of the three levels.
        sayings: how citizens put it.
        request_types: usual types, most usual first.
        first_unit: who gets it first (district or street level).
        city_unit: the city's department in charge.
        hint: what the operator should mind (人身危险=特急), or "".
    """

    code: str
    path: tuple[str, ...]
    sayings: tuple[str, ...] = ()
    request_types: tuple[str, ...] = ()
    first_unit: str = ""
    city_unit: str = ""
    hint: str = ""

    @property
    def name(self) -> str:
        """Name of the leaf."""
        return self.path[-1] if self.path else self.code

    @property
    def path_name(self) -> str:
        """All levels, the widest first (生态环境 › 噪声污染 › 施工噪声)."""
        return " › ".join(self.path)

    @property
    def label(self) -> str:
        """Code and path, for people."""
        return f"{self.code} {self.path_name}"


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The item tree by its leaves, in the table's order."""

    items: tuple[Item, ...]
    _by_code: Mapping[str, Item] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_code", {item.code: item for item in self.items})

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def get(self, code: str) -> Item | None:
        """The leaf of a code, or None."""
        return self._by_code.get(code)

    def label(self, code: str) -> str:
        """Code and path for people; the code alone where the tree does not hold it."""
        item = self._by_code.get(code)
        return item.label if item else code
