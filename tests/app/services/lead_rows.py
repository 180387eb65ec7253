"""Call records as plain SQL tables, and the lead's figures asked of them in SQL: the second opinion on every number in the window.

Nothing of ``app.domain.lead_*`` or ``app.services.lead_*`` is used here but the sample; what is counted twice in different ways
must come out the same.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from app.domain.call_record import CallRecord

_SCHEMA = """
CREATE TABLE calls (id TEXT PRIMARY KEY, day TEXT, hour TEXT, operator TEXT, desk TEXT, district TEXT, street TEXT,
 matters INTEGER, duration_ms INTEGER, keys INTEGER, clicks INTEGER, wrap_up_ms INTEGER, unanswered INTEGER, score REAL,
 program TEXT, model TEXT, vocabulary TEXT, knowledge TEXT,
 item TEXT);
CREATE TABLE fields (id TEXT, matter INTEGER, name TEXT, outcome TEXT, proposed TEXT, confidence REAL, distance REAL, item TEXT);
CREATE TABLE choices (id TEXT, name TEXT, submitted TEXT, first TEXT, offered INTEGER, rank INTEGER);
CREATE TABLE findings (id TEXT, rule TEXT, points REAL);
CREATE TABLE voices (id TEXT, rate REAL, level REAL, pitch REAL, agent_ms INTEGER, citizen_ms INTEGER, overlap_ms INTEGER,
 silence_ms INTEGER);
CREATE TABLE troubles (id TEXT, code TEXT);
CREATE TABLE cards (id TEXT, entry TEXT, origin TEXT, delay_ms INTEGER, shown INTEGER, opened INTEGER, used INTEGER, spoken INTEGER,
 dismissed INTEGER, wrong INTEGER);
"""


def tables_of(records: Iterable[CallRecord]) -> sqlite3.Connection:
    """The records as tables; calls of one matter only, as the sample has them."""
    db = sqlite3.connect(":memory:")
    db.executescript(_SCHEMA)
    for record in records:
        item = next((each.submitted for each in record.choices if each.name == "item_code"), "")
        versions = [record.versions[part] for part in ("program", "model", "vocabulary", "knowledge")]
        db.execute(
            f"INSERT INTO calls VALUES ({','.join('?' * 19)})",
            [
                record.record_id,
                record.at[:10],
                record.at[11:13],
                record.agent,
                record.desk,
                record.district,
                record.street,
                record.matters,
                record.duration_ms,
                record.effort.keys,
                record.effort.clicks,
                record.effort.wrap_up_ms,
                record.unanswered,
                record.quality_score,
                *versions,
                item,
            ],
        )
        db.executemany(
            "INSERT INTO fields VALUES (?,?,?,?,?,?,?,?)",
            [
                (record.record_id, each.matter, each.name, each.outcome.value, each.proposed, each.confidence, each.distance, item)
                for each in record.fields
            ],
        )
        db.executemany(
            "INSERT INTO choices VALUES (?,?,?,?,?,?)",
            [
                (record.record_id, each.name, each.submitted, each.offered[0] if each.offered else None, len(each.offered), each.rank)
                for each in record.choices
            ],
        )
        db.executemany(
            "INSERT INTO cards VALUES (?,?,?,?,?,?,?,?,?,?)",
            [
                (
                    record.record_id,
                    each.entry_id,
                    each.origin,
                    each.delay_ms,
                    *(int(act in each.acts) for act in ("shown", "opened", "used", "spoken", "dismissed", "wrong")),
                )
                for each in record.cards
            ],
        )
        db.executemany("INSERT INTO findings VALUES (?,?,?)", [
            (record.record_id, each.rule, each.points) for each in record.quality if each.is_breach])
        citizen, agent = record.sound
        if record.voice is not None:
            db.execute("INSERT INTO voices VALUES (?,?,?,?,?,?,?,?)", [
                record.record_id, agent.rate, agent.level_dbfs, agent.pitch_semitones, agent.speech_ms, citizen.speech_ms,
                record.voice.overlap_ms, record.voice.silence_ms])
        db.executemany("INSERT INTO troubles VALUES (?,?)", [(record.record_id, code) for code in record.degradations])
    return db


def shares_sql(by: str) -> str:
    """Precision, coverage, edit rate, typed rate (hits and totals each), filled, mean distance; grouped."""
    filled, sent = "proposed='filled'", "outcome IN ('taken','edited','typed')"
    return f"""SELECT {by}, SUM({filled} AND outcome='taken'), SUM({filled}), SUM({filled} AND {sent}), SUM({sent}),
     SUM(outcome='edited'), SUM(outcome IN ('taken','edited')), SUM(outcome='typed'), SUM({sent}),
     SUM({filled} AND outcome IN ('edited','cleared')), AVG(CASE WHEN outcome='edited' THEN distance END), COUNT(DISTINCT f.id)
     FROM fields f JOIN calls c ON c.id=f.id WHERE day BETWEEN ? AND ? GROUP BY {by}"""
