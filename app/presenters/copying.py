"""Copying a ticket into a system that has no interface: one field, all of it in a configured order, or field after field.

Only what would be submitted is copied, never a suggestion. What to put on the clipboard goes out as a signal; the widget does it, and
takes it back when the next call begins. GUI thread only.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from app.domain.call import CallEvent, CallState, NoticeRaised
from app.domain.catalogue import FieldTable, Taxonomy
from app.domain.form_profile import FormProfile
from app.domain.ticket_record import matter_fields, submitted_value
from app.presenters.field_values import shown
from app.presenters.form_layout import form_slots


class CopyingPresenter(QObject):
    """See the module.

    Args:
        fields: the field table.
        taxonomy: the item tree.
        post: takes notices.
    """

    copied = Signal(str)
    """A text for the clipboard."""
    call_changed = Signal()
    """What was copied of the last call must not stay."""

    def __init__(self, fields: FieldTable, taxonomy: Taxonomy, post: Callable[[CallEvent], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fields, self._taxonomy, self._post = fields, taxonomy, post
        self._state: CallState | None = None
        self._matter = self._place = 0
        self._focused = ""
        self.profile = FormProfile()

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """Take over a new state."""
        before, self._state = self._state, state
        if before is not None and before.context.call_id != state.context.call_id:
            self._matter = self._place = 0
            self.call_changed.emit()

    @Slot(int, int)
    def show_matter(self, _count: int, matter: int) -> None:
        """The form shows another matter: it is the one that is copied."""
        self._matter, self._place = matter, 0

    @Slot(str)
    def focus(self, name: str) -> None:
        """The field that has, or had last, the cursor."""
        if name:
            self._focused = name

    @Slot()
    def copy_field(self) -> None:
        """The value of the focused field."""
        self._give(self._focused, self._value(self._focused))

    @Slot()
    def copy_all(self) -> None:
        """The whole ticket, by the profile; without one a line a field with its label."""
        if self.profile.steps:
            text = self.profile.text(self._value)
        else:
            held = ((self._fields.label(name), self._value(name)) for name in self._order())
            text = "\n".join(f"{label}：{value}" for label, value in held if value)
        if text.strip():
            self.copied.emit(text)
            self._post(NoticeRaised("copying.all_copied", {"count": sum(bool(self._value(name)) for name in self._order())}))
        else:
            self._post(NoticeRaised("copying.nothing"))

    @Slot()
    def copy_next(self) -> None:
        """The next field with a value, in the profile's order; after the last one from the first again."""
        held = [name for name in self._order() if self._value(name)]
        if not held:
            self._post(NoticeRaised("copying.nothing"))
            return
        place = self._place % len(held)
        self._place = place + 1
        self.copied.emit(self._value(held[place]))
        label = self._fields.label(held[place])
        self._post(NoticeRaised("copying.step_copied", {"field": label, "place": place + 1, "count": len(held)}))

    def _give(self, name: str, value: str) -> None:
        if value:
            self.copied.emit(value)
            self._post(NoticeRaised("copying.field_copied", {"field": self._fields.label(name)}))
        else:
            self._post(NoticeRaised("copying.nothing"))

    def _order(self) -> tuple[str, ...]:
        return self.profile.fields or tuple(slot.name for slot in form_slots(self._fields))

    def _value(self, name: str) -> str:
        spec = self._fields.get(name)
        if spec is None or self._state is None:
            return ""
        held = matter_fields(self._state.draft, self._matter).get(name)
        return shown(spec, submitted_value(held), self._taxonomy) if held is not None else ""
