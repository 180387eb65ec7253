"""What an operator can begin with while the desk waits: a recording, a sample call, a draft that was left open.

``show_drafts`` may be called from any thread; all else runs on the GUI thread. What was begun comes back as a state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.domain.call import CallState, Phase
from app.domain.open_drafts import OpenDraft


class Begin(Protocol):
    """What the desk can begin (``app.desk_calls``); every method returns at once."""

    def open_recording(self, path: Path) -> None:
        """Ring with a recording."""

    def open_draft(self, call_id: str) -> None:
        """Take a draft up again."""

    def discard_draft(self, call_id: str) -> None:
        """Remove a draft for good."""

    def next_call(self) -> None:
        """Back to idle."""


@dataclass(frozen=True, slots=True)
class StartView:
    """What the start page draws.

    Attributes:
        is_idle: the desk waits: the page is there.
        can_leave: the call at hand may be put away.
        drafts: left open, newest first.
        asked_id: the draft whose removal was asked once, "" for none.
        is_talking: the call was answered and is not over.
        can_listen: answering begins to hear a telephone beside this PC.
    """

    is_idle: bool = False
    can_leave: bool = False
    drafts: tuple[OpenDraft, ...] = ()
    asked_id: str = ""
    is_talking: bool = False
    can_listen: bool = False


class StartPresenter(QObject):
    """Feeds the start page.

    Args:
        begin: takes the operator's acts; None for a window with one call only (a rehearsal).
        samples: recordings that ship with the program.
    """

    changed = Signal(object)
    _found = Signal(object)

    def __init__(self, begin: Begin | None, samples: tuple[Path, ...] = (), parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._begin = begin
        self.samples = samples
        self.can_listen: Callable[[], bool] = lambda: False
        self.view = StartView()
        self._found.connect(self._on_found, Qt.ConnectionType.QueuedConnection)

    @property
    def can_begin(self) -> bool:
        """Whether this window takes one call after the other."""
        return self._begin is not None

    def show_drafts(self, drafts: tuple[OpenDraft, ...]) -> None:
        """New drafts; any thread."""
        self._found.emit(drafts)

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """Take over a new state."""
        can_leave = state.phase in (Phase.RINGING, Phase.WRAP_UP, Phase.SUBMITTED)
        is_talking = state.phase in (Phase.TALKING, Phase.PAUSED)
        is_idle = state.phase is Phase.IDLE
        self._tell(StartView(is_idle, can_leave, self.view.drafts, self.view.asked_id, is_talking, is_idle and self.can_listen()))

    def open_recording(self, path: Path) -> None:
        """Ring with a recording."""
        if self._begin is not None:
            self._begin.open_recording(path)

    def open_draft(self, call_id: str) -> None:
        """Take a draft up again."""
        if self._begin is not None:
            self._begin.open_draft(call_id)

    def discard_draft(self, call_id: str) -> None:
        """Remove a draft: asked once, done when asked again for the same one."""
        if self._begin is None:
            return
        if self.view.asked_id == call_id:
            self._begin.discard_draft(call_id)
        else:
            self._tell(replace(self.view, asked_id=call_id))

    def next_call(self) -> None:
        """Put the call at hand away."""
        if self._begin is not None and not self.view.is_idle:
            self._begin.next_call()

    @Slot(object)
    def _on_found(self, drafts: tuple[OpenDraft, ...]) -> None:
        self._tell(replace(self.view, drafts=drafts, asked_id=""))

    def _tell(self, view: StartView) -> None:
        if view != self.view:
            self.view = view
            self.changed.emit(view)
