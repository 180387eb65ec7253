"""The team lead's window for real: every page drawn, figures as the records have them, drilled down by keyboard, saved and read again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

import pyqtgraph
from openpyxl import load_workbook
from PySide6.QtCore import QDate, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDateEdit, QLabel, QLineEdit, QPushButton

from app import lead_desk
from app.assembly_lead import LeadOrder
from app.domain.errors import OperatorVisibleError
from app.domain.lead_counts import Dimension
from app.domain.lead_tables import Chart, ChartKind, Names, Point, Series, Told
from app.lead_desk import Exporter, run_lead
from app.platform.catalogue_files import load_fields, load_taxonomy
from app.ports.cases import Member
from app.presenters.lead import LeadPresenter, Page, Period
from app.services.lead_reports import RecordedCalls
from app.services.lead_sample import SampleOrder, sample_questions, sample_records, sample_teams
from tests.app.services.lead_rows import shares_sql, tables_of
from tests.qt_patience import wait_until
from tests.widgets.choosing import pick
from tests.widgets.pdf_words import words_of_pdf
from widgets.language import Language, LanguageName
from widgets.lead_call import CallDialog
from widgets.lead_chart import LeadChart
from widgets.lead_filters import ChoiceBox
from widgets.lead_page import TableBox, TileBox
from widgets.lead_print import paper
from widgets.lead_table_view import LeadTableView
from widgets.lead_window import LeadWindow
from widgets.lead_words import LeadWords
from widgets.theme.palette import ThemeName

pytestmark = pytest.mark.qt
LAST = date(2026, 11, 20)
ORDER = SampleOrder(LAST, days=63, operators=8, calls_a_day=3)
RECORDS = tuple(sample_records(ORDER))


@pytest.fixture
def window(application: Language) -> Iterator[LeadWindow]:
    source = RecordedCalls(RECORDS, "lead", sample_teams(ORDER))
    presenter = LeadPresenter(source, lambda: LAST, lambda: sample_questions(ORDER), Period.MONTH)
    made = LeadWindow(presenter, LeadWords(load_fields(), load_taxonomy(), lambda entry: f"标题 {entry}"), application)
    made.resize(1366, 820)
    made.show()
    presenter.start()
    settle(made)
    wait_until(lambda: made.activateWindow() or made.isActiveWindow())
    yield made
    made.use_language(LanguageName.CHINESE)
    presenter.close()
    made.close()
    made.deleteLater()
    presenter.deleteLater()
    QTest.qWait(1)


def settle(window: LeadWindow) -> None:
    wait_until(lambda: not window.presenter.state.is_busy)
    QTest.qWait(1)


def turn(window: LeadWindow, page: Page) -> None:
    window.presenter.show_page(page)
    settle(window)


def shown_table(window: LeadWindow, place: int = 0) -> LeadTableView:
    boxes = [box for box in window.page.findChildren(TableBox) if box.isVisible()]
    return boxes[place].view


def words_of(view: LeadTableView) -> list[list[str]]:
    model = view.held
    return [[str(model.index(row, column).data()) for column in range(model.columnCount())] for row in range(model.rowCount())]


def test_every_page_is_drawn_and_told_in_both_languages(window: LeadWindow) -> None:
    for page in Page:
        turn(window, page)
        assert window.presenter.state.error is None
        assert window.nav.currentItem().data(Qt.ItemDataRole.UserRole) == page
    chinese = [window.nav.item(row).text() for row in range(window.nav.count())]
    window.use_language(LanguageName.ENGLISH)
    turn(window, Page.BY)
    english = [window.nav.item(row).text() for row in range(window.nav.count())]
    assert not set(chinese) & set(english)
    told = [label.text() for label in window.findChildren(QLabel)] + [button.text() for button in window.findChildren(QPushButton)]
    assert not [each for each in told if each.startswith("lead.")]
    heads = shown_table(window).held
    titles = [str(heads.headerData(place, Qt.Orientation.Horizontal)).split()[0] for place in range(4)]
    assert titles == ["field", "calls", "filled", "precision"]


def test_what_the_window_shows_is_what_the_records_say(window: LeadWindow) -> None:
    db = tables_of(RECORDS)
    rows = {row[0]: row for row in db.execute(shares_sql("name"), ("2026-10-24", "2026-11-20"))}
    db.close()
    turn(window, Page.BY)
    fields = load_fields()
    shown = words_of(shown_table(window))
    assert len(shown) == len(rows)
    by_label = {row[0]: row for row in shown}
    words = LeadWords(fields, load_taxonomy())
    for name, held in rows.items():
        row = by_label[words.name(Names.FIELD, name)]
        assert row[1:4] == [f"{held[11]:,}", f"{held[2]:,}", f"{100 * held[1] / held[2]:.1f}%"]
        assert row[4] == f"{100 * held[3] / held[4]:.1f}%"
    turn(window, Page.TODAY)
    tiles = {box.accessibleName() for box in window.page.findChildren(TileBox)}
    total, right = sum(row[2] for row in rows.values()), sum(row[1] for row in rows.values())
    assert any(f"{100 * right / total:.1f}%" in name for name in tiles)


def test_from_a_number_to_its_calls_and_back_by_keyboard(window: LeadWindow) -> None:
    window.nav.setFocus()
    QTest.keyClick(window.nav, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    settle(window)
    assert window.presenter.state.page is Page.BY
    view = shown_table(window)
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Return)
    settle(window)
    assert window.presenter.state.page is Page.CALLS
    calls = shown_table(window)
    assert calls.held.rowCount() > 0
    assert all(int(row[6]) > 0 for row in words_of(calls))  # each of them has a wrong field
    QTest.keyClick(calls, Qt.Key.Key_Return)
    wait_until(lambda: window.findChildren(CallDialog))
    dialog = window.findChildren(CallDialog)[0]
    outcomes = {dialog.table.item(row, 3).text() for row in range(dialog.table.rowCount())}
    assert outcomes & {"改过", "清掉"}
    dialog.reject()
    wait_until(lambda: window.activateWindow() or window.isActiveWindow())
    QTest.keyClick(window.nav, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert window.presenter.state.page is Page.BY
    assert shown_table(window).held.rowCount() == 10


def test_heads_sort_by_value_not_by_word(window: LeadWindow) -> None:
    turn(window, Page.CARDS)
    view = shown_table(window)
    head = view.horizontalHeader()
    x = head.sectionViewportPosition(1) + 5
    for descending in (True, False):
        QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, 5))
        counts = [int(row[1].replace(",", "")) for row in words_of(view)]
        assert counts == sorted(counts, reverse=descending)


def test_a_filter_narrows_and_goes_again(window: LeadWindow) -> None:
    turn(window, Page.CALLS)
    window.presenter.add_filter(Dimension.OPERATOR, "8003")
    settle(window)
    assert {row[1] for row in words_of(shown_table(window))} == {"8003"}
    chip = next(button for button in window.filters.findChildren(QPushButton) if "8003" in button.text())
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    settle(window)
    assert len({row[1] for row in words_of(shown_table(window))}) > 1


def test_filters_and_days_of_ones_own_are_chosen_in_the_bar(window: LeadWindow) -> None:
    boxes = {box.accessibleName(): box for box in window.filters.findChildren(ChoiceBox)}
    dimension, value = boxes["筛选"], boxes["选哪一个"]
    turn(window, Page.CALLS)
    for code, wanted in (("operator", "8003"), ("field", "item_code")):
        pick(dimension, code)
        assert value.isVisible() and value.itemText(0) in ("正在计算…", "选哪一个")
        wait_until(lambda: value.count() > 1)
        pick(value, wanted)
        settle(window)
    assert window.presenter.state.asked.only == ((Dimension.OPERATOR, "8003"), (Dimension.FIELD, "item_code"))
    assert {row[1] for row in words_of(shown_table(window))} == {"8003"}
    days = window.filters.findChildren(QDateEdit)
    assert not any(each.isVisible() for each in days)
    pick(boxes["时段"], "own")
    settle(window)
    assert all(each.isVisible() for each in days)
    for each, day in zip(days, (QDate(2026, 11, 2), QDate(2026, 11, 4)), strict=True):
        each.setDate(day)
    settle(window)
    assert (window.presenter.state.asked.since, window.presenter.state.asked.until) == ("2026-11-02", "2026-11-04")


def test_exports_are_read_again(window: LeadWindow, tmp_path: Path) -> None:
    exporter = Exporter(window, LeadWords(load_fields(), load_taxonomy()))
    turn(window, Page.BY)
    view = window.presenter.state.view
    assert view is not None
    for form in ("xlsx", "csv", "png", "pdf"):
        exporter.export(form, str(tmp_path / f"page.{form}"))
    sheet = load_workbook(tmp_path / "page.xlsx").worksheets[0]
    first = view.tables[0].rows[0]
    row = [cell.value for cell in sheet[2]]
    precision = first.cells[3]
    assert row[1:3] == [first.cells[1], first.cells[2]]
    assert row[3:8] == [precision.value, precision.low, precision.high, precision.hits, precision.total]  # type: ignore[union-attr]
    lines = list(csv.reader(io.StringIO((tmp_path / "page.csv").read_text("utf-8-sig"))))
    assert lines[2][1] == str(first.cells[1])
    assert not QImage(str(tmp_path / "page.png")).isNull()
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    (tmp_path / "taken.csv").mkdir()
    exporter.export("csv", str(tmp_path / "taken.csv"))
    assert "“taken.csv”存不了（EISDIR）" in window.statusBar().currentMessage()


def test_a_name_with_a_dot_in_it_stays_whole(window: LeadWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    window.export_wanted.connect(lambda form, name: asked.append(name))
    for typed in ("晨会11.22", "晨会11.23.csv"):
        monkeypatch.setattr("widgets.lead_window.QFileDialog.getSaveFileName", lambda *_, typed=typed: (str(tmp_path / typed), ""))
        next(action for action in window._menu.actions() if action.data() == "csv").trigger()
    assert asked == [str(tmp_path / "晨会11.22.csv"), str(tmp_path / "晨会11.23.csv")]


@pytest.mark.parametrize("name", ["page.doc", "page"])
def test_a_file_whose_name_does_not_say_what_it_is_to_be_is_refused_before_anything_is_asked(tmp_path: Path, name: str) -> None:
    with pytest.raises(OperatorVisibleError) as caught:
        run_lead(LeadOrder(False, "", None, tmp_path / name, "http://127.0.0.1:9", "nobody"))
    assert caught.value.key == "lead.unknown_form"
    assert not list(tmp_path.iterdir())


def test_a_page_goes_to_the_printer_that_is_chosen(window: LeadWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    printer_module = pytest.importorskip("PySide6.QtPrintSupport", exc_type=ImportError)
    words = LeadWords(load_fields(), load_taxonomy())
    exporter = Exporter(window, words)
    window.print_wanted.connect(exporter.print_asked)
    turn(window, Page.SPOTS)
    view = window.presenter.state.view
    assert view is not None
    printer = printer_module.QPrinter(printer_module.QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(printer_module.QPrinter.OutputFormat.PdfFormat)
    printer.setPageLayout(paper())
    printer.setOutputFileName(str(tmp_path / "page.pdf"))
    monkeypatch.setattr(lead_desk, "ask_printer", lambda parent, title: printer)  # the system's own dialog, which no test can press
    QTest.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert "已交给打印机" in window.statusBar().currentMessage()
    read = plain(words_of_pdf((tmp_path / "page.pdf").read_bytes()))
    table = view.tables[0]
    said = [words.title(column) for column in table.columns]
    said += [words.cell(column, cell) for column, cell in zip(table.columns, table.rows[0].cells, strict=True)]
    assert [each for each in map(plain, (window.heading(), *said)) if each not in read] == []
    assert "正在上升" in words_of_pdf((tmp_path / "page.pdf").read_bytes())
    assert (tmp_path / "page.pdf").read_bytes().count(b"/Subtype /Image") >= len(view.charts)


_ALIKE_TO_NONE = frozenset("热点事项区县街道次数往常结论道路破损与修补")


def plain(words: str) -> str:
    """Without what has several signs that look alike: Qt's PDF names one of them for the glyph (a radical for its character)."""
    return "".join(letter for letter in words if (letter.isascii() and letter.isalnum()) or letter in _ALIKE_TO_NONE)


def test_no_printer_and_nothing_to_print_are_told_in_words(window: LeadWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    printer_module = pytest.importorskip("PySide6.QtPrintSupport", exc_type=ImportError)
    exporter = Exporter(window, LeadWords(load_fields(), load_taxonomy()))
    monkeypatch.setattr(printer_module.QPrinterInfo, "availablePrinterNames", staticmethod(list))
    exporter.print_asked()
    assert "没有装打印机" in window.statusBar().currentMessage()
    assert [action.text().split("\t")[0] for action in window._menu.actions()][-1] == "打印…"
    monkeypatch.setattr(window, "view", lambda: None)
    for ask in (exporter.print_asked, lambda: exporter.export("csv", str(tmp_path / "page.csv"))):
        window.tell("")
        ask()
        assert "还没有数字" in window.statusBar().currentMessage()
    assert not (tmp_path / "page.csv").exists()


def test_an_alarm_of_all_fields_names_no_value(window: LeadWindow) -> None:
    params: dict[str, object] = {"dimension": (Names.DIMENSION, "all"), "value": (Names.DIMENSION, ""), "since": "2026-11-15", "now": "9.0",
                                 "usual": "5.0", "day": "2026-11-18"}
    said = {}
    for language in LanguageName:
        window.use_language(language)
        said[language] = window._words.sentence(Told("alarm", params, "bad"))
    assert said[LanguageName.CHINESE].startswith("全部字段变差了")
    assert said[LanguageName.ENGLISH].startswith("all fields got worse")


def test_a_record_that_is_gone_is_told(window: LeadWindow) -> None:
    window.presenter.ask_record("0" * 32)
    wait_until(lambda: any("已经没有了" in label.text() for label in window.findChildren(QLabel)))


def test_days_of_a_task_can_be_read(window: LeadWindow) -> None:
    """With Qt's own "no buttons" the style sheet left their words a single pixel."""
    record = next(each for each in RECORDS if any(finding.is_breach for finding in each.quality))
    window._show_record(record)
    dialog = window.findChildren(CallDialog)[-1]
    dialog.findings.show_cases(Member("样例", "lead"), ())
    QTest.qWait(1)
    days = dialog.findings.days
    line = days.findChild(QLineEdit)
    assert isinstance(line, QLineEdit)
    assert days.isVisible() and line.width() > line.fontMetrics().horizontalAdvance(days.text())
    dialog.reject()


def test_no_table_scrolls_sideways_in_large_type(window: LeadWindow) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before = app.font()
    window.resize(1920, 1080)
    window.use_percent(200)
    for language in LanguageName:
        window.use_language(language)
        for page in (Page.CALLS, Page.CARDS, Page.BY):
            turn(window, page)
            view = shown_table(window)
            head = view.horizontalHeader()
            assert head.length() <= view.viewport().width(), (language, page)
            x = head.sectionViewportPosition(2) + 5
            QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, 5))
            for words in str(view.held.headerData(2, Qt.Orientation.Horizontal)).split("\n"):
                assert head.fontMetrics().horizontalAdvance(words) < head.sectionSize(2), "no room for the arrow"
    window.use_percent(100)
    app.setFont(before)


def test_a_picture_ends_where_the_page_ends(window: LeadWindow, tmp_path: Path) -> None:
    exporter = Exporter(window, LeadWords(load_fields(), load_taxonomy()))
    window.resize(1366, 2000)
    turn(window, Page.FLOOR)
    QTest.qWait(1)
    exporter.save("png", tmp_path / "floor.png")
    assert 0 < QImage(str(tmp_path / "floor.png")).height() < 200


def test_names_at_the_ends_of_lines_stay_in_the_chart_and_off_its_rules(window: LeadWindow) -> None:
    """A last day of 100 % had its figure cut in half; an alarm's name stood on the line of the alarm."""
    def line(code: str, *values: float) -> Series:
        return Series(code, tuple(Point(float(place), value, value, value) for place, value in enumerate(values)), Names.FIELD)

    def words_in(chart: LeadChart) -> list[QRectF]:
        QTest.qWait(1)
        texts = [each for each in chart._plot.getPlotItem().items if isinstance(each, pyqtgraph.TextItem)]
        return [each.mapRectToScene(each.boundingRect()) for each in texts]

    chart = LeadChart(window._words, window.theme)
    chart.resize(500, 300)
    chart.show()
    area = chart._plot.getPlotItem().getViewBox()
    chart.show_chart(Chart("precision", ChartKind.LINE, (line("", 0.9, 1.0),)))
    whole = words_in(chart)
    assert len(whole) == 1 and area.sceneBoundingRect().contains(whole[0])
    chart.show_chart(Chart("evidence", ChartKind.LINE, tuple(line(name, 0.1, end) for name, end in
                                                             (("phone", 1.01), ("name", 0.99), ("item", 1.02))),
                           from_zero=True, lines=((1.0, "alarm_line"),)))
    rule, *names = words_in(chart)
    height = area.mapViewToScene(QPointF(0, 1.0)).y()
    assert len(names) == 3 and all(area.sceneBoundingRect().contains(each) for each in (rule, *names))
    for place, each in enumerate(names):
        middle = each.adjusted(0, each.height() / 4, 0, -each.height() / 4)  # what is written, without the room around it
        assert not middle.top() < height < middle.bottom()
        assert not any(middle.intersects(other.adjusted(0, other.height() / 4, 0, -other.height() / 4)) for other in names[:place])
    chart.close()
    chart.deleteLater()


def test_looks(window: LeadWindow) -> None:
    """High contrast, 200 %, a small window: no head is cut, every share keeps its interval, everything has a name for a screen reader."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before = app.font()
    window.resize(1920, 1080)
    for theme, percent in ((ThemeName.CONTRAST, 200), (ThemeName.DARK, 100)):
        window.use_theme(theme.value)
        window.use_percent(percent)
        for page in (Page.BY, Page.CALIBRATION):
            turn(window, page)
            view = shown_table(window)
            head = view.horizontalHeader()
            for place in range(view.held.columnCount()):
                for words in str(view.held.headerData(place, Qt.Orientation.Horizontal)).split("\n"):
                    assert head.fontMetrics().horizontalAdvance(words) <= head.sectionSize(place), (theme, percent, words)
            assert view.held.is_stacked == ((page, percent) == (Page.BY, 200))
            if view.held.is_stacked:
                assert_interval_is_drawn(window, view, 3)
            assert view.accessibleName()
    window.use_percent(100)
    app.setFont(before)


def assert_interval_is_drawn(window: LeadWindow, view: LeadTableView, column: int) -> None:
    """The accent's colour stands in the lower part of a cell."""
    area = view.visualRect(view.held.index(1, column))
    image = view.viewport().grab(area.adjusted(0, area.height() // 2, 0, 0)).toImage()
    accent = QColor(window._theme.palette.accent).rgb()
    assert any(image.pixel(x, y) == accent for x in range(image.width()) for y in range(image.height()))


def test_a_desk_without_records_says_so(application: Language) -> None:
    presenter = LeadPresenter(RecordedCalls(()), lambda: LAST)
    made = LeadWindow(presenter, LeadWords(load_fields(), load_taxonomy()), application)
    made.show()
    presenter.start()
    settle(made)
    assert any("还没有记录" in label.text() for label in made.findChildren(QLabel))
    for page in Page:
        turn(made, page)
        assert presenter.state.error is None
    presenter.close()
    made.close()
    made.deleteLater()
    presenter.deleteLater()
    QTest.qWait(1)


def test_the_page_of_voices_lets_choose_and_says_that_it_judges_nobody(window: LeadWindow) -> None:
    turn(window, Page.VOICE)
    said = [label.text() for label in window.page.findChildren(QLabel) if label.isVisible()]
    assert any("不评价任何人" in text for text in said)
    assert "指标" in [label.text() for label in window.filters.findChildren(QLabel) if label.isVisible()]
    rates = words_of(shown_table(window))
    window.presenter.choose("choice", "pitch")
    settle(window)
    ranges = words_of(shown_table(window))
    assert [row[0] for row in rates] == [row[0] for row in ranges] == sorted(row[0] for row in rates)
    assert rates != ranges
    turn(window, Page.CONFUSIONS)
    assert "目录" in [label.text() for label in window.filters.findChildren(QLabel) if label.isVisible()]
