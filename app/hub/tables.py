"""The hub's tables, as SQLAlchemy describes them; ``app.hub.schema`` brings a database to them.

Only what every database of the PostgreSQL protocol runs, and SQLite: tables, primary keys, plain indexes. Times are ISO 8601
texts with offset +08:00 (they sort), days ``YYYY-MM-DD``; secrets stand as digests only.

    desk, enrolment         who may send, and by which codes a desk may join
    person, session, team_of  who may ask: role, team, password's digest; sessions; work number to team
    record, record_body     what desks sent, one row a call: what is searched, and the whole of it, which is opened one by one
    waiting                 what is not yet in the roll-ups
    posting                 which calls have a mark, by day and team (``app.hub.postings``)
    receipt                 what desks told of knowledge updates
    sum_*                   roll-ups, one table a cube (``app.hub.cubes``)
    lease                   which process does a task of which one is enough
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, Index, Integer, LargeBinary, MetaData, Table

from app.hub.columns import text_column as _text
from app.hub.columns import whole_column as _whole
from app.hub.cubes import CUBES, Cube

METADATA = MetaData()
MIGRATION = Table("migration", METADATA, _text("name", key=True), _text("applied_at"))
DESK = Table(
    "desk", METADATA, _text("desk", key=True), _text("token_digest"), _text("team"), _text("enrolled_at"), _text("revoked_at"),
    _text("seen_at"), _text("agent"), _text("state"), _text("phase"), _text("since"), _text("alerts"), _text("versions"),
    _text("versions_at"), _whole("waiting"), _whole("clock_off_s"), Index("desk_by_token", "token_digest"))
ENROLMENT = Table("enrolment", METADATA, _text("code_digest", key=True), _text("team"), _text("made_at"), _text("expires_at"),
                  _whole("uses_left"))
PERSON = Table("person", METADATA, _text("name", key=True), _text("role"), _text("team"), _text("agent"), _text("password_digest"),
               _text("disabled_at"), _whole("failures"), _text("locked_until"))
SESSION = Table("session", METADATA, _text("token_digest", key=True), _text("name"), _text("expires_at"),
                Index("session_by_name", "name"))
TEAM_OF = Table("team_of", METADATA, _text("agent", key=True), _text("team"))
RECORD = Table(
    "record", METADATA, _text("record_id", key=True), _text("day"), _text("at"), _text("team"), _text("kind"), _text("agent"),
    _text("desk"), _text("city"), _text("district"), _text("street"), _text("sound"), _text("item"), _text("hour"),
    _whole("duration_ms"), _whole("taken"), _whole("wrong"), _whole("typed"), Column("score", Double, nullable=False),
    _text("marks"), _text("received_at"),
    Index("record_by_team_day", "team", "day"), Index("record_by_agent_day", "agent", "day"), Index("record_by_day_hour", "day", "hour"))
RECORD_BODY = Table("record_body", METADATA, _text("record_id", key=True), Column("body", LargeBinary, nullable=False))
POSTING = Table("posting", METADATA, _text("day", key=True), _text("token", key=True), _text("team", key=True), _whole("calls"),
                _text("ids"), sqlite_with_rowid=False)
WAITING = Table("waiting", METADATA, _text("day", key=True), _text("record_id", key=True))
RECEIPT = Table(
    "receipt", METADATA, _text("desk", key=True), _text("at", key=True), _text("result", key=True), _text("version"),
    Column("release", BigInteger, nullable=False), Column("from_release", BigInteger, nullable=False),
    Column("took_s", Double, nullable=False), _whole("fetched_bytes"), _text("details"), _text("received_at"),
    Index("receipt_by_at", "at"))
LEASE = Table("lease", METADATA, _text("name", key=True), _text("holder"), _text("until"))


def _sums(cube: Cube) -> Table:
    """A cube's table: keys in the order in which questions narrow, then what is summed."""
    counters: list[Column[float] | Column[int]] = [
        Column(each, Double, nullable=False) if each in cube.fractions else Column(each, BigInteger, nullable=False)
        for each in cube.counters]
    keys = [Column(each, Integer, primary_key=True, nullable=False, autoincrement=False) if each in cube.numbers
            else _text(each, key=True) for each in cube.keys]
    return Table(f"sum_{cube.name}", METADATA, *keys, *counters, sqlite_with_rowid=False)


SUMS = {cube.name: _sums(cube) for cube in CUBES}
