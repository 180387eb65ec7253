"""Appeals and remedy tasks in the windows of an operator, a lead and a head at one hub: begun at a finding, followed to their end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from sqlalchemy import update

from app.cli_hub import in_memory
from app.delivery.hub_case_desk import HubCaseDesk
from app.delivery.lead_hub import HubLeadSource
from app.domain.call_record import CallRecord, QualityRecord
from app.domain.call_record_form import to_json
from app.domain.cases import CaseAct, CaseKind
from app.domain.errors import EnvironmentFault
from app.hub.case_tables import CASE
from app.hub.config import HubConfig
from app.hub.people import Person
from app.hub.rights import Role
from app.hub.rollup import RollUp
from app.hub.schema import migrate
from app.hub.services import HubServices
from app.platform.catalogue_files import load_fields, load_taxonomy
from app.platform.clock import SystemClock
from app.presenters.cases import CasesPresenter, Show
from app.presenters.lead import LeadPresenter, Page
from app.services.lead_sample import SampleOrder, sample_records
from tests.app.hub.servers import serving
from tests.qt_patience import wait_until
from widgets.application import prepare_application
from widgets.case_links import CaseLinks
from widgets.case_page import CasePage
from widgets.language import LanguageName
from widgets.lead_call import CallDialog
from widgets.lead_findings import FindingsBox
from widgets.lead_page import TileBox
from widgets.lead_window import LeadWindow
from widgets.lead_words import LeadWords

TODAY = SystemClock().now().date()
MINE, OTHER = "8675309", "1112223"
PASSWORD = "a long enough one"
PEOPLE = (Person("operator", Role.OPERATOR, agent=MINE), Person("lead", Role.LEAD, "north"), Person("deputy", Role.LEAD, "north"),
          Person("head", Role.HEAD))


def records() -> list[CallRecord]:
    """Three calls of one operator with a finding each, one of another one."""
    found = (QualityRecord("closing", True, 5.0, 9000), QualityRecord("greeting", True, 5.0, 1000))
    some = list(sample_records(SampleOrder(TODAY, days=2, operators=2, calls_a_day=6, last_hour=24)))[:4]
    now = SystemClock().now()
    return [replace(record, desk="desk0001", agent=OTHER if place == 3 else MINE, at=(now - timedelta(minutes=9 - place)).isoformat(),
                    quality=found, quality_score=90.0) for place, record in enumerate(some)]


RECORDS = records()


@dataclass
class Seat:
    """A person's window at the hub."""

    source: HubLeadSource
    window: LeadWindow
    cases: CasesPresenter
    page: CasePage

    @property
    def note(self) -> str:
        return self.page.note.text() if not self.page.note.isHidden() else ""

    def settle(self) -> None:
        wait_until(lambda: not (self.window.presenter.state.is_busy or self.cases.state.is_busy or self.cases.state.is_acting))

    def open(self, show: Show = Show.TODO) -> None:
        self.window.presenter.show_page(Page.CASES)
        self.settle()
        if self.cases.state.show is not show:
            self.cases.show_what(show)
            self.settle()

    def stand_on(self, rule: str, kind: CaseKind) -> None:
        held = next(each for each in self.cases.state.rows if each.case.code == rule and each.case.kind is kind)
        self.page.list.table.selectRow(self.cases.state.rows.index(held))
        wait_until(lambda: self.cases.state.chosen and self.cases.state.chosen.case == held.case and self.cases.state.chosen.steps)

    def press(self, act: CaseAct, *, sure: bool = True) -> None:
        button = self.page.detail.buttons[act]
        assert button.isVisibleTo(self.page)
        button.click()
        if self.page.detail.yes.isVisibleTo(self.page) and sure:
            self.page.detail.yes.click()
        self.settle()

    def shown_acts(self) -> set[CaseAct]:
        return {act for act, button in self.page.detail.buttons.items() if button.isVisibleTo(self.page)}

    def call(self, record_id: str) -> CallDialog:
        self.window.presenter.ask_record(record_id)
        wait_until(self._dialogs)
        dialog = self._dialogs()[0]
        wait_until(lambda: dialog.findings._member is not None)
        return dialog

    def _dialogs(self) -> list[CallDialog]:
        return [each for each in self.window.findChildren(CallDialog) if each.isVisible()]


@dataclass
class Standing:
    """A hub that serves in a process of its own, over a database that is reached from here, too."""

    services: HubServices
    address: str


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    folder = tmp_path_factory.mktemp("hub")
    url = f"sqlite:///{folder / 'hub.sqlite3'}"
    services = HubServices.of(HubConfig(db=url), SystemClock(), in_memory)
    migrate(services.database, services.clock)
    for person in PEOPLE:
        services.people.put(person, PASSWORD)
    services.people.set_teams({MINE: "north", OTHER: "north"})
    services.desks.enrol(services.desks.new_code(1, 24, "north"), "desk0001", "0")
    services.ingest.take("desk0001", "north", [to_json(each) for each in RECORDS])
    RollUp(services.database, services.clock).run_all()
    with serving(url, folder / "hub.log") as hub:
        yield Standing(services, hub.url)
    services.database.close()


@pytest.fixture
def seat(standing: Standing) -> Iterator[Callable[[str], Seat]]:
    held = QApplication.instance()
    app = held if isinstance(held, QApplication) else QApplication([])
    language = prepare_application(app, LanguageName.CHINESE, 100)
    with ExitStack() as cleanup:

        def sit(name: str) -> Seat:
            source = HubLeadSource(standing.address, proxy="none")
            cleanup.callback(source.close)
            source.sign_in(name, PASSWORD)
            presenter = LeadPresenter(source, lambda: TODAY)
            words = LeadWords(load_fields(), load_taxonomy())
            window = LeadWindow(presenter, words, language)
            cases = CasesPresenter(HubCaseDesk(source), presenter.errands, (CaseKind.APPEAL, CaseKind.REMEDY), window)
            page = CasePage(cases, words, window.theme)
            page.call_wanted.connect(presenter.ask_record)
            presenter.attach(Page.CASES, cases.load)
            window.add_page(Page.CASES, page)
            window.findings_shown.connect(CaseLinks(cases, window).meet)
            cleanup.callback(lambda: QTest.qWait(1))
            for end in (presenter.deleteLater, window.deleteLater, window.close, presenter.close):
                cleanup.callback(end)
            window.show()
            presenter.start()
            wait_until(lambda: not presenter.state.is_busy)
            return Seat(source, window, cases, page)

        yield sit


def told(box: FindingsBox, row: int) -> str:
    """What stands beside a finding about its cases."""
    item = box.table.item(row, 3)
    return item.text() if item is not None else ""


def choose(box: object, code: str) -> None:
    box.setCurrentIndex(box.findData(code))  # type: ignore[attr-defined]


def test_an_operator_appeals_at_a_finding_and_the_granted_appeal_counts(seat: Callable[[str], Seat]) -> None:
    operator, lead = seat("operator"), seat("lead")
    operator.window.presenter.show_page(Page.CALLS)
    operator.settle()
    view = operator.window.presenter.state.view
    assert view is not None
    assert {row.record_id for row in view.tables[0].rows} == {record.record_id for record in RECORDS[:3]}  # their own, nobody else's
    dialog = operator.call(RECORDS[0].record_id)
    box = dialog.findings
    assert box.heading.text() == "质检得分 90" and not box.assign.isVisibleTo(dialog)
    row = next(place for place, each in enumerate(box.findings) if each.rule == "closing")
    box.table.setCurrentCell(row, 0)
    choose(box.ground, "was_said")
    QTest.keyClick(dialog, Qt.Key.Key_L, Qt.KeyboardModifier.AltModifier)
    wait_until(lambda: "已提交申诉" in box.note.text())
    wait_until(lambda: told(box, row) == "申诉：待答复")
    assert not box.lodge.isVisibleTo(dialog)  # once for each finding
    dialog.close()
    operator.open()
    assert [(each.case.code, each.case.kind) for each in operator.cases.state.rows] == [("closing", CaseKind.APPEAL)]
    assert operator.shown_acts() == {CaseAct.WITHDRAW}

    lead.open()
    lead.stand_on("closing", CaseKind.APPEAL)
    assert lead.shown_acts() == {CaseAct.GRANT, CaseAct.REFUSE}
    lead.press(CaseAct.GRANT, sure=False)
    assert lead.page.detail.question.text() == "确定「同意」吗？办了就不能改。"
    lead.page.detail.no.click()
    assert lead.cases.state.chosen is not None and lead.cases.state.chosen.case.is_open
    lead.press(CaseAct.GRANT)
    assert "已「同意」" in lead.note and lead.cases.state.rows == ()
    wait_until(lambda: lead.page.detail.steps.count() == 2)
    assert "班长 lead" in lead.page.detail.steps.item(1).text()
    lead.window.presenter.show_page(Page.QUALITY)
    lead.settle()
    tiles = {tile._tile.title: tile._value.text() for tile in lead.window.page.findChildren(TileBox) if tile._tile and tile.isVisible()}
    assert (tiles["quality"], tiles["quality_after"]) == ("90.0", "91.2")  # four calls of 90, one of them 95 after its appeal
    assert lead.call(RECORDS[0].record_id).findings.heading.text() == "质检得分 90，申诉后 95"


def test_a_task_goes_back_and_forth_and_the_second_of_two_is_told_who_was_first(seat: Callable[[str], Seat]) -> None:
    operator, lead, deputy = seat("operator"), seat("lead"), seat("deputy")
    dialog = lead.call(RECORDS[1].record_id)
    box = dialog.findings
    assert not box.lodge.isVisibleTo(dialog)
    row = next(place for place, each in enumerate(box.findings) if each.rule == "greeting")
    box.table.setCurrentCell(row, 0)
    choose(box.measure, "coaching")
    box.days.setValue(3)
    box.assign.click()
    wait_until(lambda: "已提交整改" in box.note.text())
    dialog.close()
    again = deputy.call(RECORDS[1].record_id)
    assert "整改：待整改" in told(again.findings, row)
    again.close()
    operator.open()
    operator.stand_on("greeting", CaseKind.REMEDY)
    assert operator.shown_acts() == {CaseAct.REPORT}
    operator.press(CaseAct.REPORT)
    assert "已「报完成」" in operator.note
    for each in (lead, deputy):
        each.open()
        each.stand_on("greeting", CaseKind.REMEDY)
        assert each.shown_acts() == {CaseAct.ACCEPT, CaseAct.SEND_BACK}
    lead.press(CaseAct.SEND_BACK)
    deputy.press(CaseAct.ACCEPT)  # has the case before them as it stood
    wait_until(lambda: "没有办：lead 已在" in deputy.note)
    assert "先办了「退回」，现在是「待整改」" in deputy.note
    deputy.settle()
    chosen = deputy.cases.state.chosen
    assert chosen is not None and [step.act for step in chosen.steps] == ["assign", "report", "send_back"]
    assert deputy.shown_acts() == {CaseAct.CANCEL}


def test_a_late_appeal_is_first_marked_and_the_heads_to_answer(seat: Callable[[str], Seat], standing: Standing) -> None:
    operator, lead, head = seat("operator"), seat("lead"), seat("head")
    HubCaseDesk(operator.source).appeal(RECORDS[2].record_id, "greeting", "misheard")
    with standing.services.database.engine.begin() as connection:
        connection.execute(update(CASE).where(CASE.c.subject == RECORDS[2].record_id).values(due=str(TODAY - timedelta(days=2))))
    lead.open(Show.LATE)
    assert [each.case.subject for each in lead.cases.state.rows] == [RECORDS[2].record_id]
    assert "1 件过期" in lead.page.list.title.text() and lead.page.list.held_table().rows[0].mark == "bad"
    assert lead.shown_acts() == set() and "只能由主管答复" in lead.page.detail.about.text()
    head.open()
    assert head.cases.state.rows[0].late  # before what is due later
    assert head.shown_acts() == {CaseAct.GRANT, CaseAct.REFUSE}
    head.press(CaseAct.REFUSE)
    assert "已「驳回」" in head.note
    assert head.window.view() is not None


def test_a_hub_that_does_not_answer_is_told_and_nothing_is_lost(seat: Callable[[str], Seat], monkeypatch: pytest.MonkeyPatch) -> None:
    operator, lead = seat("operator"), seat("lead")
    HubCaseDesk(operator.source).appeal(RECORDS[2].record_id, "closing", "misheard")
    lead.open()
    lead.stand_on("closing", CaseKind.APPEAL)
    before = lead.cases.state.rows
    address, lead.source._address = lead.source._address, "http://127.0.0.1:9"  # nobody listens there
    lead.press(CaseAct.REFUSE)
    wait_until(lambda: lead.note)
    assert "汇总服务器" in lead.note
    lead.window.presenter.refresh()
    lead.settle()
    wait_until(lambda: lead.cases.state.error)
    assert isinstance(lead.cases.state.error, EnvironmentFault) and lead.cases.state.rows == before
    assert not lead.page.error.isHidden()
    lead.source._address = address
    lead.window.presenter.refresh()
    lead.settle()
    assert lead.page.error.isHidden()
    lead.stand_on("closing", CaseKind.APPEAL)
    lead.press(CaseAct.REFUSE)
    assert "已「驳回」" in lead.note
    refused = HubCaseDesk(operator.source).listed(ended=True, subject=RECORDS[2].record_id)
    assert [each.case.state.value for each in refused if each.case.code == "closing"] == ["refused"]
    assert "没有再提交" in _told_again(operator)


def _told_again(operator: Seat) -> str:
    """An appeal against a finding that was appealed against before."""
    operator.cases.lodge(RECORDS[2].record_id, "closing", "was_said")
    operator.settle()
    return operator.note


def test_an_operator_has_no_page_of_the_floor(seat: Callable[[str], Seat]) -> None:
    operator, lead = seat("operator"), seat("lead")
    place = list(Page).index(Page.FLOOR)
    wait_until(lambda: operator.window.nav.item(place).isHidden())
    assert not lead.window.nav.item(place).isHidden()
