"""The lead's window before a real hub: signed in, the floor as it goes on, and what a hub finds too wide to count call by call."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
os.environ["QT_QPA_PLATFORM"] = "offscreen"

import uvicorn
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.cli_hub import in_memory
from app.delivery.lead_hub import HubLeadSource
from app.domain.call_record_form import to_json
from app.domain.errors import OperatorVisibleError
from app.domain.lead_counts import Dimension, Slice
from app.hub import answers
from app.hub.application import hub_application
from app.hub.config import HubConfig
from app.hub.desks import FloorNote
from app.hub.people import Person
from app.hub.rights import Role
from app.hub.rollup import RollUp
from app.hub.services import HubServices
from app.platform.catalogue_files import load_fields, load_taxonomy
from app.platform.clock import SystemClock
from app.presenters.lead import LeadPresenter, Page
from app.services import lead_views_compare
from app.services.lead_sample import SampleOrder, sample_records
from app.services.lead_views import Options
from widgets.application import prepare_application
from widgets.language import LanguageName
from widgets.lead_page import TableBox
from widgets.lead_window import LeadWindow
from widgets.lead_words import LeadWords

ORDER = SampleOrder(SystemClock().now().date(), days=20, operators=4, calls_a_day=3)
PASSWORD = "a long enough one"
PATIENCE_MS = 60_000


@dataclass
class Standing:
    """A hub that serves in this process, so that its limit can be lowered, and the lead's line to it."""

    services: HubServices
    source: HubLeadSource


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    file = tmp_path_factory.mktemp("hub") / "hub.sqlite3"
    services = HubServices.of(HubConfig(db=f"sqlite:///{file}", rollup_s=0), SystemClock(), in_memory)
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(hub_application(services, "0"), log_config=None, access_log=False))
    thread = threading.Thread(target=lambda: server.run([held]))
    thread.start()
    wait_until(lambda: server.started)
    services.people.put(Person("boss", Role.HEAD), PASSWORD)
    desk = services.desks.enrol(services.desks.new_code(1, 24, "north"), "desk0001", "0")
    assert desk is not None
    services.ingest.take("desk0001", "north", [to_json(replace(each, desk="desk0001")) for each in sample_records(ORDER)])
    RollUp(services.database, services.clock).run_all()
    source = HubLeadSource(f"http://127.0.0.1:{held.getsockname()[1]}", proxy="none")
    source.sign_in("boss", PASSWORD)
    yield Standing(services, source)
    source.close()
    server.should_exit = True
    thread.join()


@pytest.fixture
def window(standing: Standing) -> Iterator[LeadWindow]:
    held = QApplication.instance()
    app = held if isinstance(held, QApplication) else QApplication([])
    language = prepare_application(app, LanguageName.CHINESE, 100)
    presenter = LeadPresenter(standing.source, lambda: ORDER.last_day)
    made = LeadWindow(presenter, LeadWords(load_fields(), load_taxonomy()), language)
    made.show()
    presenter.start()
    wait_until(lambda: not presenter.state.is_busy)  # a source is for one thread at a time
    yield made
    presenter.close()
    made.close()
    made.deleteLater()
    presenter.deleteLater()
    QTest.qWait(1)


def wait_until(is_so: Callable[[], object]) -> None:
    for _ in range(PATIENCE_MS // 20):
        if is_so():
            return
        QTest.qWait(20) if QApplication.instance() else threading.Event().wait(0.02)
    raise AssertionError("not in time")


def floor(window: LeadWindow) -> list[list[str]]:
    boxes = [box for box in window.page.findChildren(TableBox) if box.isVisible()]
    model = boxes[0].view.held if boxes else None
    return [[str(model.index(row, place).data()) for place in range(4)] for row in range(model.rowCount())] if model else []


def tell(standing: Standing, desk: str, phase: str, minutes: int, *alerts: str) -> None:
    now = standing.services.clock.now()
    since = (now - timedelta(minutes=minutes)).isoformat()
    standing.services.desks.floor(desk, FloorNote(now.isoformat(), phase, since, alerts, desk[-4:]))


def test_the_floor_goes_on_by_itself_while_it_is_seen(standing: Standing, window: LeadWindow) -> None:
    window.presenter._again.setInterval(50)
    for desk in ("desk0002", "desk0003"):
        assert standing.services.desks.enrol(standing.services.desks.new_code(1, 24, "north"), desk, "0")
    tell(standing, "desk0001", "idle", 3)
    tell(standing, "desk0002", "paused", 5)  # what a desk says of a hold
    tell(standing, "desk0003", "talking", 1)
    window.presenter.show_page(Page.FLOOR)
    wait_until(lambda: len(floor(window)) == 3)
    assert [row[:3] for row in floor(window)] == [["0002", "保持过久", "保持"], ["0003", "", "通话"], ["0001", "", "空闲"]]
    assert not window.filters.isVisible()
    tell(standing, "desk0003", "talking", 1, "no_sound.citizen", "overload")
    wait_until(lambda: ["0003", "听不到市民、电脑过忙", "通话"] in [row[:3] for row in floor(window)])  # nobody pressed a key
    tell(standing, "desk0003", "talking", 20)
    wait_until(lambda: ["0003", "通话过长", "通话"] in [row[:3] for row in floor(window)])
    window.hide()
    assert not window.presenter._again.isActive()
    window.show()
    assert window.presenter._again.isActive()
    window.presenter.show_page(Page.CALLS)
    assert not window.presenter._again.isActive()
    wait_until(lambda: not window.presenter.state.is_busy)


def test_a_session_that_is_over_leaves_the_floor_and_says_so(standing: Standing, window: LeadWindow) -> None:
    tell(standing, "desk0001", "idle", 3)
    window.presenter.show_page(Page.FLOOR)
    wait_until(lambda: floor(window))
    token, standing.source._token = standing.source._token, "none"
    window.presenter.look_again()
    wait_until(lambda: window.presenter.state.error)
    assert floor(window)
    assert "登录已过期" in window._hint.text()
    standing.source._token = token
    window.presenter.look_again()
    wait_until(lambda: window.presenter.state.error is None)


def test_what_a_hub_finds_too_wide_is_told_and_versions_are_not(standing: Standing, window: LeadWindow, monkeypatch: pytest.MonkeyPatch
                                                                ) -> None:
    """The pages' own questions are summed beforehand, so no limit meets them; a filter that crosses them is refused in words."""
    monkeypatch.setattr(answers, "MOST_COUNTED", 5)
    asked = Slice(str(ORDER.last_day - timedelta(days=19)), str(ORDER.last_day))
    page = lead_views_compare.compare_versions(standing.source, asked, Options(Dimension.MODEL))
    assert page.tables[0].rows
    crossed = replace(asked, only=((Dimension.SOUND, "good"), (Dimension.OPERATOR, "8001")))
    with pytest.raises(OperatorVisibleError) as refused:
        standing.source.outcomes(crossed, (Dimension.MODEL, Dimension.DAY))
    assert refused.value.key == "lead.too_wide"
    window.presenter.add_filter(Dimension.SOUND, "good")
    window.presenter.add_filter(Dimension.OPERATOR, "8001")
    window.presenter.show_page(Page.COMPARE)
    wait_until(lambda: window.presenter.state.error is not None and not window.presenter.state.is_busy)
    assert "问得太宽" in window._hint.text()
    window.presenter.remove_filter(Dimension.SOUND)
    window.presenter.remove_filter(Dimension.OPERATOR)
    wait_until(lambda: window.presenter.state.error is None and not window.presenter.state.is_busy)
