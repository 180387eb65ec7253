"""A desk whose knowledge is real: an index on disk (or signed updates), the encrypted store, the recorder of use."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app.desk_knowledge import recorded_use
from app.domain.call import CallEvent, CallState, FieldEdited
from app.domain.knowledge import KnowledgeEntry, Push, Ranked
from app.platform.catalogue_files import load_fields, load_taxonomy
from app.platform.clock import SystemClock
from app.ports.ports import KnowledgeBase
from app.presenters.desk import DeskPresenters
from app.services.knowledge_library import KnowledgeLibrary
from app.services.knowledge_use import KnowledgeUse
from app.store.assist import SqliteAssist
from app.store.ticket_store import SqliteTicketStore
from kb_cache.opening import open_kb
from kb_cache.records import record_of
from tests.app.store import scenes
from tests.widgets import sample_call
from tests.widgets.silent_line import SilentLine
from widgets.desk_window import DeskWindow
from widgets.language import Language, LanguageName

NONE, ALT, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def family() -> tuple[KnowledgeEntry, ...]:
    """The sample call's entries as document, digest and question."""
    question, digest, document = sample_call.entries()
    return replace(question, parent="k2"), replace(digest, parent="k3"), document


def talking(*pushes: Push) -> CallState:
    """The sample call with these pushes."""
    first, second, third = family()
    usual = (Push(9000, 1, (Ranked(first, 0.8, ("油烟", "投诉")), Ranked(second, 0.5), Ranked(third, 0.4))),)
    return replace(sample_call.talking(), pushes=pushes or usual)


@dataclass
class Line:
    """The call of the desk: events that went out, states that come in."""

    presenters: DeskPresenters | None = None
    sent: list[CallEvent] = field(default_factory=list)

    def deliver(self, state: CallState) -> None:
        assert self.presenters is not None
        self.presenters.deliver(state)

    def post(self, event: CallEvent) -> None:
        self.sent.append(event)


@dataclass
class KnowledgeDesk:
    """The window and what stands behind its knowledge."""

    window: DeskWindow
    presenters: DeskPresenters
    assist: SqliteAssist
    use: KnowledgeUse
    line: Line
    shown: CallState = field(default_factory=sample_call.ringing)

    def show(self, state: CallState) -> None:
        self.shown = state
        self.line.deliver(state)
        self.wait_for(lambda: self.presenters.bridge.state is state)

    def open_card(self, number: int = 1) -> None:
        self.key(Qt.Key(int(Qt.Key.Key_0) + number), ALT)
        self.wait_for(lambda: self.presenters.knowledge.entry.context is not None)

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE, widget: QWidget | None = None) -> None:
        QTest.keyClick(widget or self.window.focusWidget() or self.window, key, modifier)

    def point_at(self, widget: QWidget) -> None:
        """The pointer goes there through the window system."""
        place = widget.mapTo(self.window, widget.rect().center())
        QTest.mouseMove(self.window.windowHandle(), place)
        QTest.qWait(20)

    def point_away(self) -> None:
        QTest.mouseMove(self.window.windowHandle(), QPoint(2, self.window.height() - 2))
        QTest.qWait(20)

    def edited(self) -> list[FieldEdited]:
        return [event for event in self.line.sent if isinstance(event, FieldEdited)]

    def acts(self, entry_id: str) -> list[tuple[str, str]]:
        return [(event.act.value, event.origin.value) for event in self.assist.events(entry_id)]

    def wait_for(self, holds: Callable[[], bool], deadline_s: float = 30.0) -> None:
        until = time.monotonic() + deadline_s
        while not holds():
            assert time.monotonic() < until, "the window did not get there in time"
            QTest.qWait(5)


def index_of(folder: Path) -> Callable[[], KnowledgeBase]:
    """Opens an index of the family."""
    file = folder / "entries.jsonl"
    file.write_text("".join(json.dumps(record_of(entry), ensure_ascii=False) + "\n" for entry in family()), "utf-8")
    return lambda: open_kb(file, folder / "cache")


@contextlib.contextmanager
def opened(folder: Path, language: Language, opener: Callable[[], KnowledgeBase] | None = None,
           size: tuple[int, int] = (1366, 768)) -> Iterator[KnowledgeDesk]:
    """A shown window with the sample call ringing."""
    with contextlib.closing(SqliteTicketStore(folder / "tickets.db", scenes.KEY, SystemClock())) as store:
        yield from _with_store(store, folder, language, opener, size)


def _with_store(store: SqliteTicketStore, folder: Path, language: Language, opener: Callable[[], KnowledgeBase] | None,
                size: tuple[int, int]) -> Iterator[KnowledgeDesk]:
    assist, line = SqliteAssist(store, SystemClock()), Line()
    library = KnowledgeLibrary(opener or index_of(folder), assist.note)
    presenters = DeskPresenters(line.post, SilentLine(), lambda: None, library, load_taxonomy(), load_fields())
    line.presenters = presenters
    use = KnowledgeUse(assist, SystemClock(), lambda: "v1")
    with recorded_use(use, assist, line, presenters, {}):
        window = DeskWindow(presenters, language)
        window.resize(*size)
        window.show()
        window.activateWindow()
        assert QTest.qWaitForWindowActive(window)
        desk = KnowledgeDesk(window, presenters, assist, use, line)
        try:
            yield desk
        finally:
            presenters.close()
            library.close()
            window.close()
            language.use(LanguageName.CHINESE)
            window.deleteLater()
            presenters.deleteLater()
            QTest.qWait(1)
