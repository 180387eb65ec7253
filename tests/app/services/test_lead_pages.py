"""Every figure on the pages of the lead's window against an independent query of the raw records."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from app.domain.call_record import FieldOutcome
from app.domain.lead_counts import Behind, DeskState, Dimension, FloorDesk, Slice
from app.domain.lead_figures import Share
from app.domain.lead_tables import PageView, Row
from app.services import lead_views, lead_views_alarms, lead_views_compare, lead_views_trust, lead_views_voice
from app.services.lead_reports import RecordedCalls
from app.services.lead_sample import SampleOrder, sample_questions, sample_records
from app.services.lead_views import Options
from tests.app.services.lead_rows import shares_sql, tables_of

SINCE, UNTIL = "2026-11-07", "2026-11-20"
ASKED = Slice(SINCE, UNTIL)
DAYS = (SINCE, UNTIL)
ORDER = SampleOrder(date(2026, 11, 20), days=63, operators=10, calls_a_day=4)


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[RecordedCalls, sqlite3.Connection]]:
    records = list(sample_records(ORDER))
    db = tables_of(records)
    yield RecordedCalls([*records, records[0]]), db  # one record came twice: it counts once
    db.close()


def tile(view: PageView, title: str) -> object:
    return next(each.value for each in view.tiles if each.title == title)


def before(view: PageView, title: str) -> object:
    return next(each.before for each in view.tiles if each.title == title)


def cells(view: PageView, name: str) -> list[Row]:
    return list(next(table for table in view.tables if table.name == name).rows)


def pair(cell: object) -> tuple[float, float]:
    assert isinstance(cell, Share)
    return cell.hits, cell.total


def test_tiles_of_today(both: tuple[RecordedCalls, sqlite3.Connection]) -> None:
    source, db = both
    view = lead_views.today(source, ASKED, Options())
    for days, read in ((DAYS, tile), (("2026-10-24", "2026-11-06"), before)):
        calls, unanswered, score, wrap = db.execute(
            "SELECT COUNT(*), SUM(unanswered), AVG(score), AVG(wrap_up_ms)/1000 FROM calls WHERE day BETWEEN ? AND ?", days
        ).fetchone()
        assert read(view, "calls") == calls
        assert read(view, "unanswered") == unanswered
        assert read(view, "quality") == pytest.approx(score)
        assert read(view, "wrap_up") == pytest.approx(wrap)
        row = db.execute(shares_sql("'all'"), days).fetchone()
        assert pair(read(view, "precision")) == (row[1], row[2])
        assert pair(read(view, "coverage")) == (row[3], row[4])
        assert pair(read(view, "edit_rate")) == (row[5], row[6])
        used, shown = db.execute(
            "SELECT SUM(u), SUM(s) FROM (SELECT MAX(SUM(used), SUM(spoken)) u, SUM(shown) s FROM cards k JOIN calls c ON c.id=k.id"
            " WHERE day BETWEEN ? AND ? GROUP BY entry)",
            days,
        ).fetchone()
        assert pair(read(view, "cards_used")) == (used, shown)


def test_trend_and_days(both: tuple[RecordedCalls, sqlite3.Connection]) -> None:
    source, db = both
    view = lead_views.today(source, ASKED, Options())
    rows = {row[0]: row for row in db.execute(shares_sql("day"), DAYS)}
    shown = cells(view, "days")
    assert [row.cells[0] for row in shown] == sorted(rows, reverse=True)
    for row in shown:
        held = rows[str(row.cells[0])]
        assert [pair(cell) for cell in row.cells[2:6]] == [(held[1], held[2]), (held[3], held[4]), (held[5], held[6]), (held[7], held[8])]
        calls, wrap, open_questions = db.execute(
            "SELECT COUNT(*), AVG(wrap_up_ms)/1000, SUM(unanswered) FROM calls WHERE day=?", [held[0]]
        ).fetchone()
        assert (row.cells[1], row.cells[7]) == (calls, open_questions)
        assert row.cells[6] == pytest.approx(wrap)
    drawn = next(chart for chart in view.charts if chart.name == "precision").series[0].points
    assert [point.y for point in drawn] == pytest.approx([rows[day][1] / rows[day][2] for day in sorted(rows)])


@pytest.mark.parametrize(
    ("dimension", "column"),
    [
        (Dimension.FIELD, "name"),
        (Dimension.ITEM, "f.item"),
        (Dimension.OPERATOR, "operator"),
        (Dimension.DISTRICT, "district"),
        (Dimension.MODEL, "model"),
        (Dimension.VOCABULARY, "vocabulary"),
        (Dimension.KNOWLEDGE, "knowledge"),
        (Dimension.HOUR, "hour"),
        (Dimension.DESK, "desk"),
    ],
)
def test_side_by_side(both: tuple[RecordedCalls, sqlite3.Connection], dimension: Dimension, column: str) -> None:
    source, db = both
    view = lead_views.by_dimension(source, ASKED, Options(dimension))
    rows = {row[0]: row for row in db.execute(shares_sql(column), DAYS)}
    shown = cells(view, "by")
    assert {row.cells[0] for row in shown} == set(rows)
    assert [rows[str(row.cells[0])][9] for row in shown] == sorted((row[9] for row in rows.values()), reverse=True)
    for row in shown:
        held = rows[str(row.cells[0])]
        assert row.cells[2] == held[2]
        assert [pair(cell) for cell in row.cells[3:7]] == [(held[1], held[2]), (held[3], held[4]), (held[5], held[6]), (held[7], held[8])]
        assert row.cells[7] == (pytest.approx(held[10]) if held[10] is not None else None)
        if dimension is Dimension.FIELD:
            assert row.cells[1] == held[11]
            continue
        call = db.execute(
            f"SELECT COUNT(*), AVG(wrap_up_ms)/1000, AVG(1.0*keys) FROM calls WHERE day BETWEEN ? AND ? AND {column.replace('f.', '')}=?",
            [*DAYS, held[0]],
        ).fetchone()
        assert row.cells[1] == call[0]
        assert row.cells[8:10] == (pytest.approx(call[1]), pytest.approx(call[2]))


def test_where_help_harms(both: tuple[RecordedCalls, sqlite3.Connection]) -> None:
    source, db = both
    view = lead_views.by_dimension(source, ASKED, Options())
    sql = """SELECT f.item, name, SUM(proposed='filled') n, SUM(proposed='filled' AND outcome IN ('edited','cleared')) w
             FROM fields f JOIN calls c ON c.id=f.id WHERE day BETWEEN ? AND ? GROUP BY 1, 2 HAVING w * 3 > n"""
    wanted = {(row[0], row[1]): (row[3], row[2]) for row in db.execute(sql, DAYS)}
    assert {(row.cells[0], row.cells[1]): pair(row.cells[3]) for row in cells(view, "harm")} == wanted


def test_calibration_and_curve(both: tuple[RecordedCalls, sqlite3.Connection]) -> None:
    source, db = both
    view = lead_views_trust.calibration(source, ASKED, Options())
    sql = """SELECT {by} k, COUNT(*), SUM(outcome='taken'), AVG(confidence) FROM fields f JOIN calls c ON c.id=f.id
             WHERE day BETWEEN ? AND ? AND proposed<>'' GROUP BY 1"""
    by_bin = "MIN(49, CAST(confidence*50+1e-9 AS INTEGER))"
    bins = list(db.execute(sql.format(by=by_bin), DAYS))
    total = sum(row[1] for row in bins)
    assert tile(view, "proposals") == total
    assert tile(view, "calibration_error") == pytest.approx(sum(abs(row[3] * row[1] - row[2]) for row in bins) / total)
    for row in cells(view, "calibration"):
        name = row.cells[0]
        held = db.execute(sql.format(by="name") + " HAVING name=?", [*DAYS, name]).fetchone()
        assert (row.cells[1], pair(row.cells[2])) == (held[1], (held[2], held[1]))
        assert row.cells[3] == pytest.approx(held[3])
        own = list(db.execute(sql.format(by=by_bin).replace("WHERE", "WHERE name=? AND"), [name, *DAYS]))
        assert row.cells[4] == pytest.approx(sum(abs(each[3] * each[1] - each[2]) for each in own) / held[1])
    curve = view.charts[1].series[0].points
    for point, edge in zip(curve, sorted((row[0] for row in bins), reverse=True), strict=True):
        n, right = db.execute(
            f"SELECT COUNT(*), SUM(outcome='taken') FROM fields f JOIN calls c ON c.id=f.id WHERE day BETWEEN ? AND ?"
            f" AND proposed<>'' AND {by_bin} >= ?",
            [*DAYS, edge],
        ).fetchone()
        assert (point.x, point.y) == (pytest.approx(n / total), pytest.approx(right / n))


def test_confusions(both: tuple[RecordedCalls, sqlite3.Connection]) -> None:
    source, db = both
    view = lead_views_trust.confusions(source, ASKED, Options())
    sql = """SELECT first, submitted, COUNT(*) FROM choices h JOIN calls c ON c.id=h.id WHERE day BETWEEN ? AND ? AND name='item_code'
             AND first IS NOT NULL AND first<>submitted GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"""
    assert [row.cells for row in cells(view, "confusions")] == list(db.execute(sql, DAYS))
    sql = """SELECT COUNT(*), SUM(rank=1), SUM(rank BETWEEN 1 AND 3), SUM(rank BETWEEN 1 AND 5) FROM choices h JOIN calls c ON c.id=h.id
             WHERE day BETWEEN ? AND ? AND name='item_code' AND offered>0 AND submitted<>''"""
    total, *within = db.execute(sql, DAYS).fetchone()
    assert [pair(tile(view, f"within_{top}")) for top in (1, 3, 5)] == [(each, total) for each in within]


def test_cards(both: tuple[RecordedCalls, sqlite3.Connection]) -> None:
    source, db = both
    view = lead_views.cards(source, ASKED, Options())
    sql = """SELECT entry, SUM(shown), SUM(opened), SUM(used), SUM(spoken), SUM(dismissed), SUM(wrong)
             FROM cards k JOIN calls c ON c.id=k.id
             WHERE day BETWEEN ? AND ? GROUP BY 1"""
    wanted = {row[0]: row[1:] for row in db.execute(sql, DAYS)}
    shown = cells(view, "cards")
    assert {row.cells[0] for row in shown} == set(wanted)
    edges = (100, 200, 300, 400, 500, 600, 800, 1000, 1250, 1500, 2000, 3000, 5000, 10_000)
    for row in shown:
        held = wanted[str(row.cells[0])]
        assert (row.cells[1], row.cells[6]) == (held[0], held[5])
        assert [pair(cell) for cell in row.cells[2:6]] == [(count, held[0]) for count in held[1:5]]
        delays = [
            each[0]
            for each in db.execute(
                "SELECT delay_ms FROM cards k JOIN calls c ON c.id=k.id WHERE entry=? AND delay_ms>=0 AND day BETWEEN ? AND ? ORDER BY 1",
                [row.cells[0], *DAYS],
            )
        ]
        for cell, wanted_share in ((row.cells[7], 0.5), (row.cells[8], 0.95)):
            exact = delays[max(0, -(-int(wanted_share * len(delays) * 1000) // 1000) - 1)]
            assert cell == next(edge for edge in edges if edge >= exact)
    n, quick = db.execute(
        "SELECT COUNT(*), SUM(delay_ms<=500) FROM cards k JOIN calls c ON c.id=k.id WHERE delay_ms>=0 AND day BETWEEN ? AND ?", DAYS
    ).fetchone()
    assert pair(tile(view, "within_500")) == (quick, n)


def test_unanswered(both: tuple[RecordedCalls, sqlite3.Connection]) -> None:
    source, db = both
    own = sample_questions(ORDER)
    view = lead_views.questions(source, ASKED, Options(), own)
    sql = """SELECT item, COUNT(*), SUM(unanswered), SUM(unanswered>0) FROM calls
             WHERE day BETWEEN ? AND ? GROUP BY 1 HAVING SUM(unanswered)>0"""
    wanted = {row[0]: row[1:] for row in db.execute(sql, DAYS)}
    assert {row.cells[0]: (row.cells[1], row.cells[2], pair(row.cells[3])[0]) for row in cells(view, "unanswered")} == wanted
    assert [row.cells[1] for row in cells(view, "words")] == [each.text for each in own]


def test_quality(both: tuple[RecordedCalls, sqlite3.Connection]) -> None:
    source, db = both
    view = lead_views.quality(source, ASKED, Options())
    checked, score, calls = db.execute("SELECT SUM(score>=0), AVG(score), COUNT(*) FROM calls WHERE day BETWEEN ? AND ?", DAYS).fetchone()
    assert tile(view, "checked") == checked
    assert tile(view, "quality") == pytest.approx(score)
    sql = "SELECT {0}, COUNT(DISTINCT t.id), {1} FROM {2} t JOIN calls c ON c.id=t.id WHERE day BETWEEN ? AND ? GROUP BY 1"
    rules = {row[0]: row[1:] for row in db.execute(sql.format("rule", "SUM(points)", "findings"), DAYS)}
    shown = cells(view, "findings")
    assert {row.cells[0]: (row.cells[1], row.cells[3]) for row in shown} == rules
    assert [pair(row.cells[2]) for row in shown] == [(rules[str(row.cells[0])][0], checked) for row in shown]
    troubles = {row[0]: row[1] for row in db.execute(sql.format("code", "0", "troubles"), DAYS)}
    shown = cells(view, "degradations")
    assert {row.cells[0]: pair(row.cells[2]) for row in shown} == {code: (count, calls) for code, count in troubles.items()}
    people = dict(db.execute("SELECT operator, AVG(score) FROM calls WHERE day BETWEEN ? AND ? GROUP BY 1", DAYS))
    assert {row.cells[0]: row.cells[2] for row in cells(view, "scores")} == pytest.approx(people)


#: An indicator in SQL; a bin's width there, by which a percentile read off the bins may be off.
VOICES = {"rate": ("rate", 0.5), "level": ("level", 3.0), "pitch": ("pitch", 1.0), "share": ("100.0*agent_ms/(agent_ms+citizen_ms)", 10.0),
          "overlap": ("100.0*overlap_ms/(agent_ms+citizen_ms-overlap_ms+silence_ms)", 1.0),
          "silence": ("100.0*silence_ms/(agent_ms+citizen_ms-overlap_ms+silence_ms)", 5.0)}


@pytest.mark.parametrize(("by", "column"), [(Dimension.OPERATOR, "operator"), (Dimension.DAY, "day")])
@pytest.mark.parametrize("indicator", VOICES)
def test_voice_indicators(both: tuple[RecordedCalls, sqlite3.Connection], indicator: str, by: Dimension, column: str) -> None:
    source, db = both
    view = lead_views_voice.voices(source, ASKED, Options(by, indicator))
    sql, wide = VOICES[indicator]
    held: dict[str, list[float]] = {}
    for key, value in db.execute(f"SELECT {column}, {sql} FROM voices v JOIN calls c ON c.id=v.id WHERE day BETWEEN ? AND ?", DAYS):
        held.setdefault(key, []).append(value)
    shown = cells(view, "voice")
    assert [row.cells[0] for row in shown] == sorted(held), "in the order of names, not of figures"
    for row in shown:
        values = sorted(held[str(row.cells[0])])
        assert row.cells[1] == len(values)
        for cell, wanted in zip(row.cells[2:], (0.1, 0.5, 0.9), strict=True):
            assert cell == pytest.approx(values[max(0, math.ceil(wanted * len(values)) - 1)], abs=wide + 0.06)
    chart = next(each for each in view.charts if each.name == f"voice_{indicator}")
    assert sum(point.y for point in chart.series[0].points) == sum(map(len, held.values()))
    assert not view.tiles
    assert all(not row.mark for row in shown)
    assert all(column.good == 0 for table in view.tables for column in table.columns), "nothing is good or bad here"


def test_calls_of_an_older_program_have_loudness_only_and_those_without_sound_nothing() -> None:
    records = list(sample_records(replace(ORDER, days=2, voices=False)))
    view = lead_views_voice.voices(RecordedCalls(records), Slice(), Options())
    assert [chart.name for chart in view.charts] == ["voice_level"]
    assert cells(view, "voice") == []
    silent = lead_views_voice.voices(RecordedCalls([replace(each, sound=()) for each in records]), Slice(), Options())
    assert [told.key for told in silent.told] == ["voice_note", "voice_none"]
    assert (silent.charts, silent.tables) == ((), ())


def test_versions(both: tuple[RecordedCalls, sqlite3.Connection]) -> None:
    source, db = both
    view = lead_views_compare.compare_versions(source, ASKED, Options(Dimension.MODEL))
    rows = {row[0]: row for row in db.execute(shares_sql("model"), DAYS)}
    wanted = {"precision": (1, 2), "coverage": (3, 4), "edit_rate": (5, 6)}
    for row in cells(view, "compare"):
        hits, total = wanted[str(row.cells[0])]
        assert row.cells[1] == pytest.approx(rows["1.2"][hits] / rows["1.2"][total])
        assert row.cells[2] == pytest.approx(rows["1.3"][hits] / rows["1.3"][total])
    for row in cells(view, "compare_fields"):
        found = {each[0]: each for each in db.execute(shares_sql("model").replace("WHERE", "WHERE name=? AND"), [row.cells[0], *DAYS])}
        assert row.cells[1] == pytest.approx(found["1.2"][1] / found["1.2"][2])
        assert row.cells[2] == pytest.approx(found["1.3"][1] / found["1.3"][2])


def test_alarms(both: tuple[RecordedCalls, sqlite3.Connection]) -> None:
    source, db = both
    view = lead_views_alarms.alarms(source, ASKED, Options())
    for row in cells(view, "alarms"):
        what, value, usual, now, since, alarmed, _ = row.cells
        column = {"all": "'all'", "field": "name"}.get(str(what), str(what))
        wanted = "'all'" if what == "all" else value
        sql = f"""SELECT 1.0*SUM(outcome IN ('edited','cleared'))/COUNT(*) FROM fields f JOIN calls c ON c.id=f.id
                  WHERE proposed='filled' AND day BETWEEN ? AND ? AND {column}=?"""
        name = "all" if what == "all" else wanted
        assert now == pytest.approx(db.execute(sql, [since, alarmed or UNTIL, name]).fetchone()[0])
        past = db.execute(sql, ["2026-09-26", "2026-10-23", name]).fetchone()[0]
        common = db.execute(sql.replace(column, "'all'"), ["2026-09-26", "2026-10-23", "all"]).fetchone()[0]
        assert usual == pytest.approx(past) or usual == pytest.approx(common)


def test_calls_with_many_wrong_fields_under_watch(both: tuple[RecordedCalls, sqlite3.Connection]) -> None:
    source, db = both
    view = lead_views_alarms.alarms(source, ASKED, Options())
    held = cells(view, "alarm_calls")
    assert {row.cells[0] for row in held} == {"calls", "operator", "desk"}
    for row in held:
        what, value, usual, now, since, alarmed, _ = row.cells
        column = "'calls'" if what == "calls" else what
        sql = f"""SELECT 1.0*SUM(w>=2)/COUNT(*), SUM(w>=2) FROM (SELECT SUM(proposed='filled' AND outcome IN ('edited','cleared')) w
                  FROM calls c LEFT JOIN fields f ON c.id=f.id WHERE day BETWEEN ? AND ? AND {column}=? GROUP BY c.id)"""
        name = "calls" if what == "calls" else value
        share, count = db.execute(sql, [since, alarmed or UNTIL, name]).fetchone()
        assert now == pytest.approx(share)
        assert usual == pytest.approx(db.execute(sql, ["2026-09-26", "2026-10-23", name]).fetchone()[0])
        assert row.ask is not None
        if not alarmed:
            assert source.behind(row.ask.asked, row.ask.which, limit=10_000).total == count


def test_hot_spots(both: tuple[RecordedCalls, sqlite3.Connection]) -> None:
    source, db = both
    view = lead_views_trust.hot_spots(source, ASKED, Options())
    most = list(
        db.execute(
            "SELECT item, district, COUNT(*) FROM calls WHERE day BETWEEN ? AND ? GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 40", DAYS
        )
    )
    assert [row.cells for row in cells(view, "most")] == most
    hours = {
        int(hour): count for hour, count in db.execute("SELECT hour, COUNT(*) FROM calls WHERE day BETWEEN ? AND ? GROUP BY 1", DAYS)
    }
    assert {int(point.x): point.y for point in view.charts[0].series[0].points if point.y} == hours
    rising = cells(view, "surges")
    assert [row.cells[:3] for row in rising] == [("010403", "白云区", "同和街道")]
    count = db.execute(
        "SELECT COUNT(*) FROM calls WHERE day=? AND item='010403' AND district='白云区' AND street='同和街道'", [UNTIL]
    ).fetchone()[0]
    assert rising[0].cells[3] == count


def test_calls_behind_a_number_are_those_that_it_counts(both: tuple[RecordedCalls, sqlite3.Connection]) -> None:
    source, db = both
    view = lead_views.by_dimension(source, ASKED, Options())
    for row in cells(view, "by"):
        assert row.ask is not None
        page = source.behind(row.ask.asked, row.ask.which, limit=10_000)
        wanted = {
            each[0]
            for each in db.execute(
                "SELECT DISTINCT f.id FROM fields f JOIN calls c ON c.id=f.id WHERE name=? AND proposed='filled'"
                " AND outcome IN ('edited','cleared') AND day BETWEEN ? AND ?",
                [row.cells[0], *DAYS],
            )
        }
        assert {line.record_id for line in page.lines} == wanted
        assert page.total == len(wanted)
    for row in cells(lead_views_trust.confusions(source, ASKED, Options()), "confusions"):
        assert row.ask is not None
        assert source.behind(row.ask.asked, row.ask.which).total == row.cells[2]
    typed = source.behind(ASKED, Behind(outcomes=(FieldOutcome.TYPED,)))
    assert (
        typed.total
        == db.execute(
            "SELECT COUNT(DISTINCT f.id) FROM fields f JOIN calls c ON c.id=f.id WHERE outcome='typed' AND day BETWEEN ? AND ?", DAYS
        ).fetchone()[0]
    )


def test_list_of_calls(both: tuple[RecordedCalls, sqlite3.Connection]) -> None:
    source, db = both
    view = lead_views.calls_behind(source, ASKED, Options())
    table = view.tables[0]
    assert table.total == db.execute("SELECT COUNT(*) FROM calls WHERE day BETWEEN ? AND ?", DAYS).fetchone()[0]
    for row in table.rows[:50]:
        taken, wrong, typed = db.execute(
            "SELECT SUM(proposed='filled' AND outcome='taken'), SUM(proposed='filled' AND outcome IN ('edited','cleared')),"
            " SUM(outcome='typed') FROM fields WHERE id=?",
            [row.record_id],
        ).fetchone()
        assert row.cells[5:8] == (taken, wrong, typed)
        assert row.cells[4] == db.execute("SELECT duration_ms/1000.0 FROM calls WHERE id=?", [row.record_id]).fetchone()[0]


def test_a_filter_narrows_every_figure(both: tuple[RecordedCalls, sqlite3.Connection]) -> None:
    source, db = both
    asked = Slice(SINCE, UNTIL, ((Dimension.OPERATOR, "8003"), (Dimension.OPERATOR, "8004"), (Dimension.ITEM, "020701")))
    view = lead_views.today(source, asked, Options())
    where = " AND operator IN ('8003','8004') AND f.item='020701'"
    row = db.execute(shares_sql("'all'").replace("GROUP", where + " GROUP"), DAYS).fetchone()
    assert pair(tile(view, "precision")) == (row[1], row[2])
    assert tile(view, "calls") == row[11]


def test_nothing_recorded_is_no_figure_and_no_fault() -> None:
    source = RecordedCalls(())
    for make in (
        lead_views.today,
        lead_views.by_dimension,
        lead_views.cards,
        lead_views.questions,
        lead_views.calls_behind,
        lead_views.floor,
        lead_views.quality,
        lead_views_trust.calibration,
        lead_views_trust.confusions,
        lead_views_compare.compare_versions,
        lead_views_alarms.alarms,
        lead_views_trust.hot_spots,
        lead_views_voice.voices,
    ):
        view = make(source, ASKED, Options())
        assert all(not table.rows for table in view.tables), make.__name__


class Floor(RecordedCalls):
    """Recorded calls with desks beside them."""

    def floor(self) -> tuple[FloorDesk, ...]:
        """One that was switched off, one that works."""
        told = "2026-11-20T09:00:00+08:00"
        return (FloorDesk("desk1", "8001", "一组", DeskState.SILENT, told, (), (), told),
                FloorDesk("desk2", "8002", "一组", DeskState.IDLE, told, (), (), told))


def test_a_desk_that_is_not_heard_stands_last_and_is_not_counted_as_there() -> None:
    page = lead_views.floor(Floor([], "head"), Slice("2026-11-20", "2026-11-20"), Options(Dimension.FIELD))
    assert [(tile.title, tile.value) for tile in page.tiles] == [("desks", 1), ("desks_alerts", 0)]
    assert [row.cells[5] for row in page.tables[0].rows] == ["desk2", "desk1"]
