"""How many keys and clicks a ticket cost: counted, never which ones. Counts on the GUI thread; ``of`` may be asked from any thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from app.domain.call import CallState, Phase

_COUNTED = frozenset({Phase.RINGING, Phase.TALKING, Phase.PAUSED, Phase.WRAP_UP})


class EffortPresenter(QObject):
    """Counts while a call is on the desk and not submitted; begins anew with each call."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._call_id = ""
        self._counts = (0, 0)
        self._is_counting = False

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """Take over a new state."""
        if state.context.call_id != self._call_id:
            self._call_id, self._counts = state.context.call_id, (0, 0)
        self._is_counting = state.phase in _COUNTED

    @Slot()
    def note_key(self) -> None:
        """A key was pressed."""
        if self._is_counting:
            self._counts = (self._counts[0] + 1, self._counts[1])

    @Slot()
    def note_click(self) -> None:
        """A button of the mouse was pressed."""
        if self._is_counting:
            self._counts = (self._counts[0], self._counts[1] + 1)

    def of(self, call_id: str) -> tuple[int, int]:
        """Keys and clicks of a call, (0, 0) for another one."""
        held, counts = self._call_id, self._counts
        return counts if call_id == held else (0, 0)
