"""State of the lead's window: which page, which slice, what is chosen; pages are computed on the thread "records".

An answer that comes after the question changed is dropped. The way back from the calls behind a number is kept. GUI thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.assist import OpenQuestion
from app.domain.call_record import CallRecord
from app.domain.dialogue import Utterance
from app.domain.errors import AppError, OperatorVisibleError
from app.domain.lead_counts import Dimension, Scope, Slice
from app.domain.lead_tables import Ask, PageView
from app.domain.lead_voice import Indicator
from app.ports.lead import LeadSource
from app.ports.ports import StoredTicket
from app.presenters.errands import Errands
from app.services import lead_views, lead_views_alarms, lead_views_compare, lead_views_trust, lead_views_voice
from app.services.lead_views import Options


class Page(StrEnum):
    """The pages, in their order."""

    TODAY = "today"
    BY = "by"
    CALIBRATION = "calibration"
    CONFUSIONS = "confusions"
    CARDS = "cards"
    QUESTIONS = "questions"
    COMPARE = "compare"
    ALARMS = "alarms"
    CALLS = "calls"
    QUALITY = "quality"
    FLOOR = "floor"
    SPOTS = "spots"
    CASES = "cases"
    CALLBACKS = "callbacks"
    VOICE = "voice"


class Period(StrEnum):
    """Stretches of time that end today; OWN has two dates."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    ALL = "all"
    OWN = "own"


DAYS = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 28, Period.QUARTER: 90}
#: How often a page of what goes on now is looked at again while it is seen.
LOOK_AGAIN_MS = 10_000
Maker = Callable[[LeadSource, Slice, Options], PageView]
MAKERS: Mapping[Page, Maker] = {
    Page.TODAY: lead_views.today, Page.BY: lead_views.by_dimension, Page.CALIBRATION: lead_views_trust.calibration,
    Page.CONFUSIONS: lead_views_trust.confusions, Page.CARDS: lead_views.cards, Page.QUESTIONS: lead_views.questions,
    Page.COMPARE: lead_views_compare.compare_versions, Page.ALARMS: lead_views_alarms.alarms, Page.CALLS: lead_views.calls_behind,
    Page.QUALITY: lead_views.quality, Page.FLOOR: lead_views.floor, Page.SPOTS: lead_views_trust.hot_spots,
    Page.CASES: lead_views.only_at_a_hub, Page.CALLBACKS: lead_views.only_at_a_hub,
    Page.VOICE: lead_views_voice.voices,
}
#: What a page begins with, where it is not a field.
FIRST_OPTIONS: Mapping[Page, Options] = {
    Page.COMPARE: Options(Dimension.MODEL), Page.VOICE: Options(Dimension.OPERATOR, Indicator.RATE.value)}


@dataclass(frozen=True, slots=True)
class LeadState:
    """What the window shows.

    Attributes:
        page: which.
        asked: period and filters.
        period: name of the period.
        options: chosen on the page.
        view: the page, None while it is counted for the first time.
        is_busy: an answer is under way.
        error: why there is none, None where there is.
        behind: title (key) of the number whose calls are shown, "" on other pages.
    """

    page: Page = Page.TODAY
    asked: Slice = Slice()  # noqa: RUF009  frozen
    period: Period = Period.WEEK
    options: Options = field(default_factory=Options)
    view: PageView | None = None
    is_busy: bool = False
    error: AppError | None = None
    behind: str = ""


class LeadPresenter(QObject):
    """See the module.

    Args:
        source: a hub or this desk's records.
        today: the day that periods end on.
        own_questions: this desk's open questions, newest first.
        period: to begin with.
        ticket: the ticket of the call behind a record, None where it is not on this PC.
        words: what was said in the call behind a record, nothing where it is not on this PC.
    """

    changed = Signal()
    scope_told = Signal(object)
    values_told = Signal(object, object)
    record_told = Signal(object)
    ticket_told = Signal(object)
    words_told = Signal(str, object)

    def __init__(self, source: LeadSource, today: Callable[[], date], own_questions: Callable[[], tuple[OpenQuestion, ...]] = tuple,
                 period: Period = Period.WEEK, ticket: Callable[[str], StoredTicket | None] = lambda record_id: None,
                 words: Callable[[str], tuple[Utterance, ...]] = lambda record_id: (), parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source, self._today, self._questions, self._ticket, self._words = source, today, own_questions, ticket, words
        self.errands = self._errands = Errands(self)
        self._own: dict[Page, Callable[[Callable[[], None]], None]] = {}
        self._asked_no = 0
        self._came_from: list[LeadState] = []
        self._is_seen, self._is_looking = False, False
        self._again = QTimer(self)
        self._again.setInterval(LOOK_AGAIN_MS)
        self._again.timeout.connect(self.look_again)
        self.changed.connect(self._watch)
        self.state = LeadState(asked=self._period(period), period=period)

    def attach(self, page: Page, load: Callable[[Callable[[], None]], None]) -> None:
        """A page that is no ``PageView`` but has a presenter of its own, on this one's ``errands``.

        Args:
            page: which.
            load: asked whenever the page is turned to or counted again; calls what it is given once it is done.
        """
        self._own[page] = load

    def start(self) -> None:
        """Ask for whose calls there are and for the first page."""
        self._errands.ask(self._source.scope, self._tell_scope, self._fail)
        self._ask()

    def see(self, is_seen: bool) -> None:
        """Whether the window can be seen: what goes on now is looked at again only while somebody can look."""
        self._is_seen = is_seen
        self._watch()

    def _watch(self) -> None:
        is_wanted = self._is_seen and self.state.page is Page.FLOOR
        if is_wanted != self._again.isActive():
            self._again.start() if is_wanted else self._again.stop()

    def look_again(self) -> None:
        """The same page once more, quietly: what is shown stays until the answer is there, or beside what went wrong."""
        if self.state.is_busy or self._is_looking:
            return
        number, state = self._asked_no, self.state
        self._is_looking = True

        def answer(view: PageView) -> None:
            self._is_looking = False
            if number == self._asked_no and (view, None) != (self.state.view, self.state.error):
                self.state = replace(self.state, view=view, error=None)
                self.changed.emit()

        def failed(error: AppError) -> None:
            self._is_looking = False
            if number == self._asked_no:
                self.state = replace(self.state, error=error)
                self.changed.emit()

        self._errands.ask(lambda: MAKERS[state.page](self._source, state.asked, state.options), answer, failed)

    def close(self) -> None:
        """End the thread."""
        self._again.stop()
        self._errands.close()

    def show_page(self, page: Page) -> None:
        """Go to a page; the slice stays, what was chosen on the page before does not."""
        options = FIRST_OPTIONS.get(page, Options())
        self._came_from.clear()
        self._go(replace(self.state, page=page, options=options, view=None, behind=""))

    def choose_period(self, period: Period) -> None:
        """Another period that ends today."""
        asked = self._period(period)
        self._go(replace(self.state, period=period, asked=replace(self.state.asked, since=asked.since, until=asked.until)))

    def choose_days(self, since: date, until: date) -> None:
        """A period of one's own."""
        first, last = min(since, until), max(since, until)
        self._go(replace(self.state, period=Period.OWN, asked=replace(self.state.asked, since=str(first), until=str(last))))

    def add_filter(self, dimension: Dimension, value: str) -> None:
        """Narrow the slice; another value of the same dimension takes the place of the one before."""
        self._go(replace(self.state, asked=lead_views.narrow(self.state.asked, dimension, value)))

    def remove_filter(self, dimension: Dimension) -> None:
        """Widen the slice again."""
        only = tuple(pair for pair in self.state.asked.only if pair[0] is not dimension)
        self._go(replace(self.state, asked=replace(self.state.asked, only=only)))

    def choose(self, option: str, value: str) -> None:
        """Something on the page: ``dimension``, ``choice``, ``first``, ``second``."""
        options = self.state.options
        chosen = {
            "dimension": lambda: replace(options, dimension=Dimension(value), first="", second=""),
            "choice": lambda: replace(options, choice=value),
            "first": lambda: replace(options, first=value),
            "second": lambda: replace(options, second=value),
        }
        self._go(replace(self.state, options=chosen[option]()))

    def open_behind(self, ask: Ask, title: str) -> None:
        """The calls behind a number; ``back`` returns."""
        self._came_from.append(self.state)
        self._go(replace(self.state, page=Page.CALLS, asked=ask.asked, options=Options(which=ask.which), view=None, behind=title))

    @property
    def can_go_back(self) -> bool:
        """Whether there is a way back."""
        return bool(self._came_from)

    def back(self) -> None:
        """To the page that the calls were opened from."""
        if self._came_from:
            self._asked_no += 1
            self.state = replace(self._came_from.pop(), is_busy=False)
            self.changed.emit()

    def turn(self, steps: int) -> None:
        """Further calls, or those before."""
        options = self.state.options
        self._go(replace(self.state, options=replace(options, offset=max(0, options.offset + steps * lead_views.PAGE_OF_CALLS))))

    def refresh(self) -> None:
        """Count again."""
        self._errands.ask(self._source.scope, self._tell_scope, self._fail)
        self._ask()

    def ask_values(self, dimension: Dimension) -> None:
        """The values of a dimension in the present period; told by ``values_told``, those with most calls first."""
        asked = Slice(self.state.asked.since, self.state.asked.until)

        def values() -> tuple[str, ...]:
            rows = sorted(self._source.calls(asked, (dimension,)), key=lambda row: (-row.calls, row.key))
            return tuple(row.key[0] for row in rows)

        self._errands.ask(values, lambda found: self.values_told.emit(dimension, found), self._fail)

    def ask_fields(self) -> None:
        """As ``ask_values`` for fields, which are no dimension of calls."""
        asked = Slice(self.state.asked.since, self.state.asked.until)

        def names() -> tuple[str, ...]:
            return tuple(sorted(row.key[0] for row in self._source.outcomes(asked, (Dimension.FIELD,))))

        self._errands.ask(names, lambda found: self.values_told.emit(Dimension.FIELD, found), self._fail)

    def ask_record(self, record_id: str) -> None:
        """One call; told by ``record_told``, or that it is there no longer."""
        self._errands.ask(lambda: self._source.record(record_id), self._tell_record, self._fail)

    def ask_ticket(self, record_id: str) -> None:
        """The ticket of a call; told by ``ticket_told``, None where it is not on this PC."""
        self._errands.ask(lambda: self._ticket(record_id), self.ticket_told.emit, self._fail)

    def ask_words(self, record_id: str) -> None:
        """What was said in a call; told by ``words_told``, nothing where it is not on this PC."""
        self._errands.ask(lambda: self._words(record_id), lambda found: self.words_told.emit(record_id, found), self._fail)

    def _tell_record(self, record: CallRecord | None) -> None:
        if record is not None:
            self.record_told.emit(record)
            return
        self.state = replace(self.state, error=OperatorVisibleError("lead.record_gone"))
        self.changed.emit()

    def _tell_scope(self, scope: Scope) -> None:
        self.scope_told.emit(scope)

    def _go(self, state: LeadState) -> None:
        self.state = state
        self._ask()

    def _ask(self) -> None:
        self._asked_no += 1
        number, state, source = self._asked_no, self.state, self._source
        self.state = replace(state, is_busy=True, error=None)
        self.changed.emit()
        if state.page in self._own:
            self._own[state.page](lambda: self._loaded(number))
            return

        def make() -> PageView:
            if state.page is Page.QUESTIONS:
                return lead_views.questions(source, state.asked, state.options, self._questions())
            return MAKERS[state.page](source, state.asked, state.options)

        def answer(view: PageView) -> None:
            if number == self._asked_no:
                self.state = replace(self.state, view=view, is_busy=False)
                self.changed.emit()

        def failed(error: AppError) -> None:
            if number == self._asked_no:
                self.state = replace(self.state, view=None, is_busy=False, error=error)
                self.changed.emit()

        self._errands.ask(make, answer, failed)

    def _loaded(self, number: int) -> None:
        if number == self._asked_no:
            self.state = replace(self.state, is_busy=False)
            self.changed.emit()

    def _fail(self, error: AppError) -> None:
        self.state = replace(self.state, is_busy=False, error=error)
        self.changed.emit()

    def _period(self, period: Period) -> Slice:
        if period is Period.ALL:
            return Slice()
        last = self._today()
        return Slice(str(last - timedelta(days=DAYS.get(period, 1) - 1)), str(last))


