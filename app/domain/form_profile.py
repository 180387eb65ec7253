"""How a ticket is copied into a system that has no interface: which fields, in which order, and the keys between them. Data only.

A profile is a sequence of steps. ``field`` puts a field's value, ``key`` a key that moves on in the other form (Tab, Enter), ``text`` fixed
characters. The whole sequence goes to the clipboard as one text (Tab as a tabulator, Enter as a line break) for forms that take it
so; or field by field, one press each, for those that do not. Without a profile the order is that of the desk's own form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.errors import OperatorVisibleError


class Act(StrEnum):
    """What a step does."""

    FIELD = "field"
    KEY = "key"
    TEXT = "text"


_KEYS = {"Tab": "\t", "Enter": "\n"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what, and of what (field name, key, characters)."""

    act: Act
    what: str


@dataclass(frozen=True, slots=True)
class FormProfile:
    """The steps; none: all fields of the desk's form that hold a value, a line each with its label."""

    name: str = ""
    steps: tuple[Step, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields, in the order of the steps."""
        return tuple(step.what for step in self.steps if step.act is Act.FIELD)

    def text(self, value: Callable[[str], str]) -> str:
        """All steps as one text; ``value`` gives a field's."""
        return "".join(value(step.what) if step.act is Act.FIELD else _KEYS.get(step.what, "") if step.act is Act.KEY else step.what
                       for step in self.steps)


def profile_of(name: str, steps: Sequence[object], known: Callable[[str], bool]) -> FormProfile:
    """A profile from a file's list of steps (``{field = "title"}``, ``{key = "Tab"}``, ``{text = "…"}``).

    Raises:
        OperatorVisibleError: a step is none of these, or names an unknown field or key.
    """
    made: list[Step] = []
    for number, step in enumerate(steps, 1):
        if not isinstance(step, Mapping) or len(step) != 1:
            raise OperatorVisibleError("copying.step_unusable", step=number)
        kind, what = next(iter(step.items()))
        if not isinstance(what, str) or not _is_usable(kind, what, known):
            raise OperatorVisibleError("copying.step_unusable", step=number)
        made.append(Step(Act(kind), what))
    return FormProfile(name, tuple(made))


def _is_usable(kind: object, what: str, known: Callable[[str], bool]) -> bool:
    if kind == Act.FIELD:
        return known(what)
    return what in _KEYS if kind == Act.KEY else kind == Act.TEXT


def order_profile(names: Sequence[str], known: Callable[[str], bool]) -> FormProfile:
    """A profile that is only an order of fields, a line each.

    Raises:
        OperatorVisibleError: a field is not known.
    """
    steps: list[object] = []
    for name in names:
        steps += [{"field": name}, {"key": "Enter"}]
    return profile_of("", steps[:-1], known)
