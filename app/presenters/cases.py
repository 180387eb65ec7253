"""State of a page of cases: which are to be done, which is stood on, what was done; every question on the thread "records".

A step names the version it was taken from: of two people who act at once the second is told who did what, and sees how the case stands
now. A hub that does not answer is told beside what was last known; what was asked of it may be asked again and counts once. Made for
any kinds of cases (``kinds``). GUI thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from app.domain.cases import CaseAct, CaseKind, HeldCase, acts_for
from app.domain.errors import AppError
from app.ports.cases import CaseDesk, Member
from app.presenters.errands import Errands

_RACED = frozenset({"hub.case_state", "hub.case_moved"})


class Show(StrEnum):
    """What is listed."""

    TODO = "todo"
    LATE = "late"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Note:
    """A word on what was done, or why not: a whole message key; parameters that are codes stand in ``codes``."""

    key: str
    params: Mapping[str, object] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    mark: str = ""


@dataclass(frozen=True, slots=True)
class CasesState:
    """What the page shows.

    Attributes:
        member: who signed in, None until it is known.
        kind: the only one that is listed, None for all of the page's.
        show: which of them.
        rows: late ones and those due first, then the others.
        chosen: the one that is stood on, with its steps once they are there.
        is_busy: the list is under way.
        is_acting: a step is under way.
        note: what came of the last deed; stays until the next one.
        error: why what is shown may be out of date, None where it is not.
    """

    member: Member | None = None
    kind: CaseKind | None = None
    show: Show = Show.TODO
    rows: tuple[HeldCase, ...] = ()
    chosen: HeldCase | None = None
    is_busy: bool = False
    is_acting: bool = False
    note: Note | None = None
    error: AppError | None = None

    @property
    def acts(self) -> tuple[CaseAct, ...]:
        """What the person may do with the chosen case now."""
        return acts_for(self.chosen, self.member.role) if self.chosen and self.member and not self.is_acting else ()


class CasesPresenter(QObject):
    """See the module.

    Args:
        desk: where the cases are.
        errands: the thread on which ``desk`` is asked; its owner closes it.
        kinds: what the page is about.
    """

    changed = Signal()
    #: The cases of one record, for the window of that call: id of the record, cases (with ``HeldCase``).
    of_record_told = Signal(str, object)
    #: Something was done that changes what other pages count.
    deed_done = Signal()

    def __init__(self, desk: CaseDesk, errands: Errands, kinds: tuple[CaseKind, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk, self._errands, self.kinds = desk, errands, kinds
        self._asked_no = 0
        self.state = CasesState()

    def load(self, done: Callable[[], None] = lambda: None) -> None:
        """List anew; ``done`` is called when the answer is there, or why there is none."""
        self._asked_no += 1
        number, state = self._asked_no, self.state
        self._put(is_busy=True)

        def job() -> tuple[Member, tuple[HeldCase, ...], HeldCase | None]:
            member = state.member or self._desk.member()
            kinds = self.kinds if state.kind is None else (state.kind,)  # one by one: many of another page's kind must not push out these
            rows = _ordered(each for kind in kinds for each in self._desk.listed(
                kind, ended=state.show is Show.ALL, only_late=state.show is Show.LATE))
            return member, rows, self._steps_of(_stood_on(state, rows))

        def answer(found: tuple[Member, tuple[HeldCase, ...], HeldCase | None]) -> None:
            if number == self._asked_no:
                member, rows, first = found
                is_other = self.state.chosen is not state.chosen  # somebody went on while the answer was under way
                self._put(member=member, rows=rows, is_busy=False, error=None, chosen=self.state.chosen if is_other else first)
            done()

        def failed(error: AppError) -> None:
            if number == self._asked_no:
                self._put(is_busy=False, error=error)
            done()

        self._errands.ask(job, answer, failed)

    def show_kind(self, kind: CaseKind | None) -> None:
        """One kind only, or all."""
        self._put(kind=kind, note=None)
        self.load()

    def show_what(self, show: Show) -> None:
        """What is to be done, what is late, or all."""
        self._put(show=show, note=None)
        self.load()

    def choose(self, case_id: str) -> None:
        """Stand on a case; its steps are asked for."""
        if self.state.chosen is not None and self.state.chosen.case.case_id == case_id and self.state.chosen.steps:
            return
        held = next((each for each in self.state.rows if each.case.case_id == case_id), None)
        is_other = self.state.chosen is None or self.state.chosen.case.case_id != case_id
        self._put(chosen=held, note=None if is_other and not self.state.is_acting else self.state.note)
        if held is not None:
            self._ask_one(case_id)

    def take(self, act: CaseAct, answers: Mapping[str, str] | None = None) -> None:
        """Take a step with the chosen case, from where it is shown."""
        held = self.state.chosen
        if held is None or self.state.is_acting:
            return
        self._put(is_acting=True, note=None)

        def answer(after: HeldCase) -> None:
            params = {"due": after.case.due} if after.case.due else {}
            key = "cases.done_next" if after.case.due else "cases.done_ended"
            self._put(is_acting=False, note=Note(key, params, {"act": act.value, "state": after.case.state.value}, "good"))
            self._place(after)
            self._after_deed(after)

        def failed(error: AppError) -> None:
            self._put(is_acting=False)
            if error.key in _RACED:
                self._tell_raced(held)
            else:
                self._put(note=Note(error.key, error.params, mark="bad"))

        self._errands.ask(lambda: self._desk.move(held, act, answers), answer, failed)

    def forget_note(self) -> None:
        """What came of the last deed has been seen."""
        self._put(note=None)

    def lodge(self, record_id: str, rule: str, ground: str) -> None:
        """An operator disputes a finding; told by ``of_record_told``."""
        self._begin(record_id, lambda: self._desk.appeal(record_id, rule, ground), lambda case: case.answers.get("ground") == ground)

    def assign(self, record_id: str, rule: str, measure: str, days: int) -> None:
        """A lead sets a task; told by ``of_record_told``."""
        self._begin(record_id, lambda: self._desk.remedy(record_id, rule, measure, days),
                    lambda case: case.answers.get("measure") == measure)

    def ask_of_record(self, record_id: str) -> None:
        """The cases of one record; told by ``of_record_told``."""

        def job() -> tuple[Member, tuple[HeldCase, ...]]:
            return self.state.member or self._desk.member(), self._desk.listed(ended=True, subject=record_id)

        def answer(found: tuple[Member, tuple[HeldCase, ...]]) -> None:
            self._put(member=found[0])
            self.of_record_told.emit(record_id, found[1])

        self._errands.ask(job, answer, lambda error: self._put(note=Note(error.key, error.params, mark="bad")))

    def _begin(self, record_id: str, job: Callable[[], HeldCase], is_ours: Callable[..., bool]) -> None:
        if self.state.is_acting:
            return
        self._put(is_acting=True, note=None)

        def answer(held: HeldCase) -> None:
            case = held.case
            is_new = not case.version and is_ours(case)
            key = ("cases.begun" if is_new else "cases.begun_before") + ("_due" if case.due else "")
            self._put(is_acting=False, note=Note(key, {"due": case.due}, {"kind": case.kind.value, "state": case.state.value},
                                                 "good" if is_new else "bad"))
            self.ask_of_record(record_id)
            self._after_deed(held)

        def failed(error: AppError) -> None:
            self._put(is_acting=False, note=Note(error.key, error.params, mark="bad"))

        self._errands.ask(job, answer, failed)

    def _tell_raced(self, before: HeldCase) -> None:
        """Somebody was first: who, what, when; and the list as it stands now."""

        def answer(fresh: HeldCase) -> None:
            self._place(fresh)
            last = fresh.steps[-1] if fresh.steps else None
            when = last.at[:16].replace("T", " ") if last else ""
            self._put(note=Note("cases.raced", {"who": last.by if last else "", "when": when},
                                {"act": last.act if last else "", "state": fresh.case.state.value}, "bad"))
            self._after_deed(fresh)

        self._errands.ask(lambda: self._desk.one(before.case.case_id), answer,
                          lambda error: self._put(note=Note(error.key, error.params, mark="bad")))

    def _after_deed(self, held: HeldCase) -> None:
        """The list moves on; the case that was acted on stays in sight, with its steps, until another one is chosen."""
        self.deed_done.emit()
        self.load()
        if self.state.chosen is not None and self.state.chosen.case.case_id == held.case.case_id:
            self._ask_one(held.case.case_id)

    def _ask_one(self, case_id: str) -> None:
        def answer(found: HeldCase) -> None:
            self._place(found)

        def failed(error: AppError) -> None:
            self._put(error=error)

        self._errands.ask(lambda: self._desk.one(case_id), answer, failed)

    def _place(self, fresh: HeldCase) -> None:
        """A case as it stands now, in the list and where it is stood on."""
        rows = tuple(fresh if each.case.case_id == fresh.case.case_id else each for each in self.state.rows)
        chosen = self.state.chosen
        is_chosen = chosen is not None and chosen.case.case_id == fresh.case.case_id
        self._put(rows=rows, chosen=_kept(chosen, fresh) if is_chosen else chosen)

    def _steps_of(self, held: HeldCase | None) -> HeldCase | None:
        """A case with its steps; as the list has it where there are none to be had. On the thread "records"."""
        try:
            return self._desk.one(held.case.case_id) if held is not None else None
        except AppError:
            return held

    def _put(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]
        self.changed.emit()


def _stood_on(state: CasesState, rows: tuple[HeldCase, ...]) -> HeldCase | None:
    """The case that was stood on, if it is still listed or something was just done with it; else the first one."""
    chosen = state.chosen
    if chosen is not None and (state.note is not None or any(each.case.case_id == chosen.case.case_id for each in rows)):
        return chosen
    return rows[0] if rows else None


def _kept(chosen: HeldCase | None, fresh: HeldCase) -> HeldCase:
    """A case as a list tells it, with the steps that were known of the same version and the time of its call."""
    if chosen is None:
        return fresh
    steps = chosen.steps if not fresh.steps and chosen.case.version == fresh.case.version else fresh.steps
    return replace(fresh, steps=steps, called=fresh.called or chosen.called)


def _ordered(rows: Iterable[HeldCase]) -> tuple[HeldCase, ...]:
    """Late ones first, then by their day; those that ended after them, as they came."""
    return tuple(sorted(rows, key=lambda each: (not each.case.is_open, not each.late, each.case.due if each.case.is_open else "")))
