"""The page of appeals and remedy tasks by keyboard, in both languages; a call's findings with the words behind them, seen and audited."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from app.assembly_lead import OwnCalls
from app.domain.audit import Action
from app.domain.call_record import CallRecord, QualityRecord
from app.domain.cases import MOVES, CaseAct, CaseKind, HeldCase, acts_for, turn_of
from app.domain.dialogue import Channel, Utterance
from app.domain.errors import OperatorVisibleError
from app.domain.lead_counts import Scope
from app.domain.masking import Role
from app.platform.catalogue_files import load_fields, load_taxonomy
from app.platform.clock import SystemClock
from app.platform.deadline_files import ChineseWorkCalendar
from app.ports.cases import Member
from app.presenters.cases import CasesPresenter, Show
from app.presenters.lead import LeadPresenter, Page
from app.services.case_sample import SampleCases
from app.services.lead_reports import RecordedCalls
from app.services.lead_sample import SampleOrder, sample_records, sample_teams
from app.store.assist import SqliteAssist
from app.store.call_records import SqliteCallRecords
from app.store.records import SqliteRecords
from app.store.ticket_store import SqliteTicketStore
from tests.app.store import scenes
from tests.qt_patience import wait_until
from tests.widgets.choosing import pick
from widgets.case_list import CaseList
from widgets.case_page import CasePage
from widgets.language import Language, LanguageName
from widgets.lead_findings import FindingsBox, around
from widgets.lead_window import LeadWindow
from widgets.lead_words import LeadWords

pytestmark = pytest.mark.qt
LAST = date(2026, 11, 20)
ORDER = SampleOrder(LAST, days=30, operators=8, calls_a_day=5)
RECORDS = tuple(sample_records(ORDER))
TEAMS = sample_teams(ORDER)


def desk(role: str = "lead", agent: str = "") -> SampleCases:
    return SampleCases(RECORDS, TEAMS, LAST, ChineseWorkCalendar(), Member("样例", role, "一组", agent))


@pytest.fixture
def seat(application: Language) -> Iterator[Callable[[SampleCases | None], tuple[LeadWindow, CasesPresenter | None]]]:
    made: list[tuple[LeadWindow, LeadPresenter]] = []

    def sit(cases: SampleCases | None) -> tuple[LeadWindow, CasesPresenter | None]:
        presenter = LeadPresenter(RecordedCalls(RECORDS, "lead", TEAMS), lambda: LAST)
        words = LeadWords(load_fields(), load_taxonomy())
        window = LeadWindow(presenter, words, application)
        made.append((window, presenter))
        follower = None
        if cases is not None:
            follower = CasesPresenter(cases, presenter.errands, (CaseKind.APPEAL, CaseKind.REMEDY), window)
            presenter.attach(Page.CASES, follower.load)
            window.add_page(Page.CASES, CasePage(follower, words, window.theme))
        window.resize(1366, 820)
        window.show()
        presenter.start()
        wait_until(lambda: not presenter.state.is_busy)
        window.activateWindow()
        wait_until(window.isActiveWindow)
        presenter.show_page(Page.CASES)
        wait_until(lambda: not presenter.state.is_busy)
        return window, follower

    yield sit
    for window, presenter in made:
        window.use_language(LanguageName.CHINESE)
        presenter.close()
        window.close()
        window.deleteLater()
        presenter.deleteLater()
    QTest.qWait(1)


def test_a_case_is_ended_by_keys_alone(seat: Callable[[SampleCases | None], tuple[LeadWindow, CasesPresenter]]) -> None:
    window, cases = seat(desk())
    page = window.findChild(CasePage)
    assert page is not None
    table = page.list.table
    wait_until(table.hasFocus)
    rows = cases.state.rows
    assert rows[0].late and [each.late for each in rows] == sorted((each.late for each in rows), reverse=True)
    place = next(place for place, each in enumerate(rows) if CaseAct.GRANT in acts_for(each, "lead"))
    for _ in range(place):
        QTest.keyClick(table, Qt.Key.Key_Down)
    wait_until(lambda: cases.state.chosen and cases.state.chosen.case == rows[place].case and cases.state.chosen.steps)
    QTest.keyClick(table, Qt.Key.Key_G, Qt.KeyboardModifier.AltModifier)
    wait_until(page.detail.yes.hasFocus)
    QTest.keyClick(page.detail.yes, Qt.Key.Key_Escape)
    assert page.detail.buttons[CaseAct.GRANT].hasFocus() and not page.detail.yes.isVisible()
    QTest.keyClick(page.detail, Qt.Key.Key_G, Qt.KeyboardModifier.AltModifier)
    wait_until(page.detail.yes.hasFocus)
    QTest.keyClick(page.detail.yes, Qt.Key.Key_Space)
    wait_until(lambda: not cases.state.is_acting and not cases.state.is_busy and len(cases.state.rows) == len(rows) - 1)
    wait_until(table.hasFocus)
    assert "已同意" in page.note.text() and "已同意" in page.detail.heading.text()
    note = page.note
    for language, said in ((LanguageName.ENGLISH, "grant: done"), (LanguageName.CHINESE, "已「同意」")):
        window.use_language(language)
        wait_until(partial(_says, note, said))
        assert not [label for label in window.findChildren(QLabel) if label.text().startswith(("lead.", "cases."))]


def test_the_row_that_moves_up_when_a_case_ends_is_chosen_by_a_click_and_by_a_key(
        seat: Callable[[SampleCases | None], tuple[LeadWindow, CasesPresenter]]) -> None:
    window, cases = seat(desk())
    page = window.findChild(CasePage)
    assert page is not None
    table = page.list.table
    wait_until(table.hasFocus)

    def chosen_is(case_id: str) -> bool:
        return bool(cases.state.chosen and cases.state.chosen.case.case_id == case_id and cases.state.chosen.steps)

    def click(place: int) -> None:
        middle = table.visualRect(table.model().index(place, 0)).center()
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=middle)

    for by_mouse in (True, False):
        rows = cases.state.rows
        place, act = next((place, act) for place, each in enumerate(rows) for act in (CaseAct.GRANT, CaseAct.CANCEL)
                          if act in acts_for(each, "lead"))
        click(place)
        wait_until(partial(chosen_is, rows[place].case.case_id))
        QTest.mouseClick(page.detail.buttons[act], Qt.MouseButton.LeftButton)
        wait_until(page.detail.yes.hasFocus)
        QTest.mouseClick(page.detail.yes, Qt.MouseButton.LeftButton)
        wait_until(lambda rows=rows: not cases.state.is_acting and not cases.state.is_busy and len(cases.state.rows) == len(rows) - 1)
        wait_until(table.hasFocus)
        assert not page.note.isHidden(), "the word on what was done stays until another case is chosen"
        if by_mouse:
            click(0)
        else:
            QTest.keyClick(table, Qt.Key.Key_Return)
            assert not chosen_is(cases.state.rows[0].case.case_id), "Enter opens no call of a case that is not shown"
            QTest.keyClick(table, Qt.Key.Key_Down)
        wait_until(partial(chosen_is, cases.state.rows[0].case.case_id))


def test_an_operator_is_offered_no_key_of_a_lead(seat: Callable[[SampleCases | None], tuple[LeadWindow, CasesPresenter]]) -> None:
    window, _ = seat(desk("operator", "8001"))
    presenter, tool = window.presenter, QPushButton()
    window.add_tool(Page.CALLS, tool)
    for role, is_leads in (("operator", False), ("lead", True)):
        presenter.scope_told.emit(Scope(role, "2026-11-01", "2026-11-20", 12, is_hub=True))
        presenter.show_page(Page.CALLS)
        wait_until(lambda: not presenter.state.is_busy)
        assert tool.isVisible() is is_leads
        QTest.keyClick(window, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
        wait_until(lambda: not presenter.state.is_busy)
        assert (presenter.state.page is Page.FLOOR) is is_leads


def _says(note: QLabel, said: str) -> bool:
    return said in note.text()


def test_each_role_is_offered_what_the_machine_takes_from_it_and_nothing_else() -> None:
    agent = next(each.case.agent for each in desk().listed())
    for role in ("operator", "lead", "head"):
        held = desk(role, agent).listed(ended=True)
        assert held
        for each in held:
            offered = acts_for(each, role)
            for act in MOVES:
                fresh = desk(role, agent)
                answers = {"satisfaction": "satisfied", "solved": "yes"}
                if act in offered:
                    assert fresh.move(each, act, answers).case.version == each.case.version + 1
                else:
                    with pytest.raises(OperatorVisibleError):
                        fresh.move(each, act, answers)
            assert bool(turn_of(each)) == each.case.is_open


def test_the_list_is_narrowed_and_saved(seat: Callable[[SampleCases | None], tuple[LeadWindow, CasesPresenter]]) -> None:
    window, cases = seat(desk())
    todo = len(cases.state.rows)
    chooser = window.findChildren(CaseList)[0]
    for show, kind in ((Show.LATE, None), (Show.ALL, CaseKind.APPEAL), (Show.ALL, None)):
        for box, code in ((chooser.kind, kind), (chooser.what, show)):
            pick(box, code)
        wait_until(lambda show=show, kind=kind: not cases.state.is_busy and (cases.state.show, cases.state.kind) == (show, kind))
        rows = cases.state.rows
        assert rows and all(kind is None or each.case.kind is kind for each in rows)
        assert show is not Show.LATE or all(each.late for each in rows)
    assert len(cases.state.rows) > todo
    view = window.view()
    assert view is not None and [row.record_id for row in view.tables[0].rows] == [each.case.case_id for each in cases.state.rows]


def test_without_a_hub_one_sentence_says_where_cases_live(
        seat: Callable[[SampleCases | None], tuple[LeadWindow, CasesPresenter | None]]) -> None:
    window, _ = seat(None)
    shown = [label.text() for label in window.page.findChildren(QLabel) if label.isVisible()]
    assert [text for text in shown if "tingdan lead --hub" in text]


def test_words_behind_a_finding_are_shown_where_the_call_is_and_noted(application: Language, tmp_path: Path) -> None:
    store = SqliteTicketStore(tmp_path / "tickets.db", scenes.KEY, SystemClock())
    try:
        said = (Utterance(0, Channel.OPERATOR, 0, 900, "您好"), Utterance(1, Channel.CITIZEN, 1000, 4000, "路灯坏了"),
                Utterance(2, Channel.OPERATOR, 4100, 5000, "记下了"), Utterance(3, Channel.CITIZEN, 6000, 7000, "好"))
        record = CallRecord("1" * 32, "2026-11-20T09:00:00+08:00", "desk-1", quality=(QualityRecord("closing", True, 5.0, 4100),),
                            quality_score=95.0)
        number = store.submit(scenes.context("call-1"), said, scenes.draft(), {}, record).ticket_no
        tickets = SqliteRecords(store, SystemClock())
        own = OwnCalls(SqliteCallRecords(store, SystemClock()), tickets, SqliteAssist(store, SystemClock()), Role.OPERATOR)
        words = own.words(record.record_id)
        assert [each.text for each in words] == [each.text for each in said] and own.words("2" * 32) == ()
        assert [entry.detail for entry in tickets.entries(subject=number) if entry.action == Action.SAW] == [{"part": "dialogue"}]
    finally:
        store.close()
    box = FindingsBox(record, LeadWords(load_fields(), load_taxonomy()))
    assert box.evidence.isHidden() and box.lodge.isHidden() and "tingdan lead --hub" in box.hint.text()
    box.show_words(words, Role.OPERATOR)
    assert box.evidence.text() == "市民：路灯坏了\n坐席：记下了\n市民：好"
    box.show_words((), Role.OPERATOR)
    assert "不在这台电脑上" in box.evidence.text()
    box.deleteLater()
    assert around(said, 10**9)[-1] == said[-1] and around((), 5) == ()


@pytest.mark.parametrize(("days", "operators", "calls"), [(1, 1, 1), (3, 2, 1), (9, 2, 2), (30, 2, 1)])
def test_a_small_sample_has_few_cases_and_no_fault(days: int, operators: int, calls: int) -> None:
    order = SampleOrder(LAST, days=days, operators=operators, calls_a_day=calls)
    records = tuple(sample_records(order))
    held = SampleCases(records, sample_teams(order), LAST, ChineseWorkCalendar()).listed(ended=True)
    assert len({each.case.case_id for each in held}) == len(held) <= 22
    assert {each.case.subject for each in held if each.case.kind is not CaseKind.CALLBACK} <= {record.record_id for record in records}


class ShortList(SampleCases):
    """A hub's list ends at some hundred cases; here it does at four."""

    def listed(self, kind: CaseKind | None = None, *, ended: bool = False, only_late: bool = False,
               subject: str = "") -> tuple[HeldCase, ...]:
        return super().listed(kind, ended=ended, only_late=only_late, subject=subject)[:4]


def test_many_cases_of_one_kind_push_out_none_of_another(seat: Callable[[SampleCases | None], tuple[LeadWindow, CasesPresenter | None]],
                                                         ) -> None:
    cases = ShortList(RECORDS, TEAMS, LAST, ChineseWorkCalendar(), Member("样例", "head"))
    _, presenter = seat(cases)
    assert presenter is not None
    wanted = {held.case.case_id for kind in presenter.kinds for held in cases.listed(kind)}
    assert len({held.case.kind for held in cases.listed(CaseKind.CALLBACK)}) == 1
    assert ({held.case.case_id for held in presenter.state.rows}, len(wanted) > 4) == (wanted, True)
