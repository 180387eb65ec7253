"""State of the lead's page on callbacks: the list (``CasesPresenter``), figures, and what is planned. Questions on the thread "records"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.domain.callback_figures import CallbackBy
from app.domain.callbacks import ordered, ticket_numbers
from app.domain.cases import CaseKind, HeldCase
from app.domain.chinese_text import decoded
from app.domain.errors import AppError, OperatorVisibleError
from app.domain.lead_tables import PageView
from app.ports.callbacks import CallbackDesk
from app.presenters.cases import CasesPresenter, Note
from app.presenters.errands import Errands
from app.services.lead_views_callbacks import figures_page, list_table, since_of

PERIODS = (7, 28, 90, 0)
MOST_PLANNED = 500


@dataclass(frozen=True, slots=True)
class CallbacksState:
    """What the page shows beside the list.

    Attributes:
        days: length of the stretch that figures are of, 0 for all time.
        by: what they are told apart by.
        figures: page of figures, None until they are there.
        note: what came of the last plan.
        error: why figures may be out of date.
    """

    days: int = 28
    by: CallbackBy = CallbackBy.OPERATOR
    figures: PageView | None = None
    note: Note | None = None
    error: AppError | None = None


class LeadCallbacksPresenter(QObject):
    """See the module.

    Args:
        cases: the list; made for callbacks only.
        desk: counts and plans.
        errands: the thread.
        today: the day on which deadlines are counted.
    """

    changed = Signal()

    def __init__(self, cases: CasesPresenter, desk: CallbackDesk, errands: Errands, today: Callable[[], date],
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cases, self._desk, self._errands, self.today = cases, desk, errands, today
        cases.state = replace(cases.state, kind=CaseKind.CALLBACK)
        cases.deed_done.connect(self.count)
        self.state = CallbacksState()

    def load(self, done: Callable[[], None] = lambda: None) -> None:
        """List and count anew."""
        self.cases.load()
        self.count(done)

    def count(self, done: Callable[[], None] = lambda: None) -> None:
        """Count anew."""
        state, today = self.state, self.today()
        since = since_of(state.days, today)

        def job() -> PageView:
            return figures_page(self._desk.counts_by(since, "", CallbackBy.DAY), self._desk.counts_by(since, "", state.by), state.by)

        def answer(page: PageView) -> None:
            if (state.days, state.by) == (self.state.days, self.state.by):
                self._put(figures=page, error=None)
            done()

        def failed(error: AppError) -> None:
            self._put(error=error)
            done()

        self._errands.ask(job, answer, failed)

    def choose(self, days: int, by: CallbackBy) -> None:
        """Other figures."""
        self._put(days=days, by=by)
        self.count()

    def rows(self) -> tuple[HeldCase, ...]:
        """The list as it is to be done."""
        held = {each.case.case_id: each for each in self.cases.state.rows}
        return tuple(held[case.case_id] for case in ordered((each.case for each in held.values()), self.today()))

    def view(self) -> PageView:
        """List and figures, for a file."""
        figures = self.state.figures or PageView()
        return replace(figures, tables=(list_table(self.rows(), self.today()), *figures.tables))

    def plan_text(self, text: str, agent: str) -> bool:
        """Plan callbacks about the ticket numbers of a text; False where it holds none or no work number is given (told)."""
        try:
            numbers = ticket_numbers(text, MOST_PLANNED)
            if not agent:
                raise OperatorVisibleError("callbacks.no_agent")
        except OperatorVisibleError as error:
            self._put(note=Note(error.key, error.params, mark="bad"))
            return False
        self._plan(len(numbers), lambda: self._desk.plan_tickets(numbers, agent))
        return True

    def plan_calls(self, record_ids: Sequence[str], agent: str = "") -> None:
        """Plan callbacks about calls, each by who took it where no work number is given."""
        self._plan(len(record_ids), lambda: self._desk.plan_calls(record_ids, agent))

    def read(self, path: Path) -> str:
        """Text of a file of ticket numbers, "" where it cannot be read (told)."""
        try:
            return decoded(path.read_bytes())
        except (OSError, ValueError):
            self._put(note=Note("cases.file_unreadable", {"path": path.name}, mark="bad"))
            return ""

    def _plan(self, wanted: int, job: Callable[[], int]) -> None:
        def answer(made: int) -> None:
            key = "callbacks.planned" if made == wanted else "callbacks.planned_some"
            self._put(note=Note(key, {"count": made, "left": wanted - made}, mark="good" if made == wanted else "bad"))
            self.load()

        self._put(note=None)
        self._errands.ask(job, answer, lambda error: self._put(note=Note(error.key, error.params, mark="bad")))

    def _put(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]
        self.changed.emit()
