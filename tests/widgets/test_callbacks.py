"""Callbacks as operators and leads use them: real windows, real store; keys only. Invented tickets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.assembly_lead import LeadOrder
from app.domain.cases import Case, CaseAct, CaseState, HeldCase, planned
from app.lead_desk import LeadDesk, opened_lead, wait_for_page
from app.platform.clock import SystemClock
from app.platform.deadline_files import ChineseWorkCalendar
from app.presenters.lead import Page
from app.services.lead_sample import SampleOrder
from app.store.callbacks import SqliteCallbacks
from tests.qt_patience import wait_until
from tests.widgets import records_desk
from tests.widgets.records_desk import NOW, RecordsDesk
from widgets.callback_plan import PlanCallsButton, PlanDialog
from widgets.callbacks_dialog import CallbacksDialog
from widgets.language import Language, LanguageName
from widgets.lead_callbacks import LeadCallbacksPage

CALENDAR = ChineseWorkCalendar()
ME, ELSEWHERE = "8001", "261120999999"


def callback(number: str, days: int, **values: object) -> Case:
    today = NOW.date()
    made = planned(f"{int(number):032x}", number, ("north", ME), today, CALENDAR)
    return replace(made, due=str(today + timedelta(days=days)), **values)  # type: ignore[arg-type]


@pytest.fixture
def desk(tmp_path: Path, application: Language) -> Iterator[RecordsDesk]:
    """My tickets with callbacks."""
    with records_desk.opened(tmp_path / "tickets.db", application, agent=ME) as made:
        yield made


def opened(desk: RecordsDesk, *cases: Case) -> CallbacksDialog:
    assert desk.window.records is not None
    assert desk.records.callbacks is not None
    button, presenter = desk.window.records.callbacks, desk.records.callbacks
    assert button is not None
    assert not button.isVisible()
    SqliteCallbacks(desk.store).replace(ME, cases, NOW.isoformat())
    presenter.use_hub(lambda: desk.tried.append(True), lambda: None)
    wait_until(button.isVisible)
    QTest.keyClick(desk.window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    dialog = desk.window.findChild(CallbacksDialog)
    assert isinstance(dialog, CallbacksDialog)
    wait_until(lambda: dialog.isVisible() and dialog.model.rowCount() == len(cases))
    return dialog


def test_the_operator_sees_what_is_due_late_ones_first_and_enters_a_result_by_keys(desk: RecordsDesk) -> None:
    dialog = opened(desk, callback(desk.numbers[0], 0), callback(ELSEWHERE, -3), callback(desk.numbers[1], 2))
    assert desk.window.records is not None
    assert desk.window.records.callbacks is not None
    assert "2" in desk.window.records.callbacks.text()
    assert [dialog.model.item(row, 1).text() for row in range(3)] == [ELSEWHERE, desk.numbers[0], desk.numbers[1]]
    assert "工单系统" in dialog.hint.text()
    assert ELSEWHERE in dialog.hint.text()
    assert not dialog.dial.isEnabled()
    assert "陈试验" not in "".join(dialog.model.item(1, column).text() for column in range(5))
    QTest.keyClicks(dialog.list, "4n6")
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    store = SqliteCallbacks(desk.store)
    wait_until(lambda: store.due(5))
    ((agent, result),) = store.due(5)
    assert (agent, result.satisfaction, result.solved, bool(result.reason), result.item) == (ME, "dissatisfied", "no", True, "")
    wait_until(lambda: desk.tried)
    wait_until(lambda: dialog.line_id() == f"{int(desk.numbers[0]):032x}")  # on to the next one that waits
    QTest.keyClicks(dialog.list, "2y")
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    wait_until(lambda: len(store.due(5)) == 2)
    assert (store.due(5)[1][1].item, store.due(5)[1][1].district) == ("020701", "天河区")
    wait_until(lambda: "2 条" in dialog.as_of.text())


def test_the_ticket_is_dialled_where_it_is_here_and_shown(desk: RecordsDesk) -> None:
    dialog = opened(desk, callback(desk.numbers[0], 0))
    presenter = desk.records.callbacks
    assert presenter is not None
    dialled: list[str] = []
    presenter.number_wanted.connect(dialled.append)
    presenter.can_dial = lambda: True
    dialog.dial.click()
    wait_until(lambda: dialled)
    assert dialled == ["13900001111"]
    presenter.can_dial = lambda: False
    dialog.dial.click()
    wait_until(lambda: "13900001111" in dialog.note.text())
    dialog.open_ticket.click()
    assert desk.window.records is not None
    wait_until(desk.window.records.page.isVisible)
    assert desk.window.records.page.search.text() == desk.numbers[0]


def test_the_lock_leaves_nothing_of_the_list(desk: RecordsDesk) -> None:
    dialog = opened(desk, callback(desk.numbers[0], 0))
    desk.records.idle.lock_now()
    wait_until(lambda: not dialog.isVisible())
    wait_until(lambda: dialog.model.rowCount() == 0)


def test_a_result_that_the_machine_refuses_stays_on_the_screen(desk: RecordsDesk) -> None:
    dialog = opened(desk, callback(ELSEWHERE, 0, opened="2031-01-01"))
    desk.store.suspend()
    QTest.keyClicks(dialog.list, "2y")
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    wait_until(dialog.note.text)
    assert dialog.entry.entry.satisfaction == "satisfied"


@pytest.fixture(scope="module")
def lead(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LeadDesk]:
    """The lead's window over a small invented centre."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINGDAN_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("TINGDAN_LANG", "zh")
        patch.setattr("app.assembly_lead.SampleOrder", lambda last: SampleOrder(last, days=30, operators=8, calls_a_day=6))
        with opened_lead(LeadOrder(sample=True, page="callbacks"), SystemClock()) as made:
            made.window.use_language(LanguageName.CHINESE)
            wait_for_page(made.presenter)
            yield made


def page_of(lead: LeadDesk) -> LeadCallbacksPage:
    page = lead.window.body()
    assert isinstance(page, LeadCallbacksPage)
    return page


def page_rows(lead: LeadDesk) -> tuple[HeldCase, ...]:
    """The callbacks that the sample's desk holds."""
    page = lead.window.findChild(LeadCallbacksPage)
    assert isinstance(page, LeadCallbacksPage)
    return page.presenter.cases.state.rows


def test_the_lead_enters_a_result_goes_on_and_the_figures_follow(lead: LeadDesk) -> None:
    lead.presenter.show_page(Page.CALLBACKS)
    wait_for_page(lead.presenter)
    page = page_of(lead)
    cases = page.presenter.cases
    wait_until(lambda: cases.state.rows and page.presenter.state.figures)
    held = next(each for each in cases.state.rows if each.case.state is CaseState.PLANNED)
    cases.choose(held.case.case_id)
    wait_until(lambda: page.entry.isEnabled() and CaseAct.REACHED in cases.state.acts)
    before = page.presenter.state.figures
    QTest.keyClicks(page.list.table, "5n1")
    QTest.keyClick(page.list.table, Qt.Key.Key_Return)
    wait_until(lambda: page.presenter.state.figures != before)
    assert page.presenter.state.figures is not None
    found = next(each for each in cases.state.rows if each.case.case_id == held.case.case_id)
    assert (found.case.state, found.case.answers["reason"]) == (CaseState.REDO, "attitude")
    wait_until(lambda: cases.state.chosen is not None and cases.state.chosen.case.case_id != held.case.case_id)
    cases.choose(held.case.case_id)
    wait_until(lambda: CaseAct.REDONE in cases.state.acts)
    assert page.redone.isVisible()
    assert page.give_up.isVisible()
    QTest.keyClicks(page.list.table, "r")
    wait_until(lambda: cases.state.chosen is not None and cases.state.chosen.case.state is CaseState.PLANNED)
    view = lead.window.view()
    assert view is not None
    assert [table.name for table in view.tables][:2] == ["callbacks", "callbacks_by_state"]


def test_callbacks_are_planned_from_a_file_and_what_is_no_number_is_told(lead: LeadDesk, tmp_path: Path) -> None:
    lead.presenter.show_page(Page.CALLBACKS)
    wait_for_page(lead.presenter)
    page = page_of(lead)
    page.ask_plan()
    dialog = page.findChild(PlanDialog)
    assert isinstance(dialog, PlanDialog)
    assert dialog.palette().window().color() == lead.window.palette().window().color()  # it was light in a dark window
    file = tmp_path / "numbers.csv"
    file.write_bytes("工单号,备注\n261120888881,甲\n261120888882,乙\n".encode("gb18030"))
    dialog.take_file(str(file))
    dialog.plan_button.click()
    assert "工号" in dialog.fault.text()
    dialog.agent.setText("8001")
    dialog.plan_button.click()
    rows = page.presenter.cases.state
    wait_until(lambda: {"261120888881", "261120888882"} <= {each.case.subject for each in page.presenter.cases.state.rows})
    assert rows is not None
    assert "2 件" in page.plan_note.text()
    assert not page.presenter.plan_text("不是工单号", "8001")
    assert "第 1 行" in page.plan_note.text() or "工单号" in page.plan_note.text()


def test_calls_in_sight_are_planned_by_a_key_that_is_pressed_twice(lead: LeadDesk) -> None:
    lead.presenter.show_page(Page.CALLS)
    wait_for_page(lead.presenter)
    tool = lead.window.findChild(PlanCallsButton)
    assert isinstance(tool, PlanCallsButton)
    wait_until(lambda: tool.isVisible() and tool.isEnabled())
    before = len(page_rows(lead))
    tool.click()
    assert "再按一次" in tool.text() and "再按一次" in lead.window.statusBar().currentMessage()
    lead.presenter.show_page(Page.TODAY)
    wait_for_page(lead.presenter)
    lead.presenter.show_page(Page.CALLS)
    wait_for_page(lead.presenter)
    assert "再按一次" not in tool.text(), "what was asked of one page is not answered on another"
    tool.click()
    assert len(page_rows(lead)) == before, "nothing is planned before the second press"
    tool.click()
    wait_until(lambda: "已安排" in lead.window.statusBar().currentMessage())
    lead.presenter.show_page(Page.TODAY)
    assert not tool.isVisible()
    wait_for_page(lead.presenter)
