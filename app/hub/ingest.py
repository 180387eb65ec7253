"""Records in: what desks send becomes rows, once, whatever is sent how often and however wrongly.

A batch is read as far as it is a batch; each record in it stands for itself: one that is none, that speaks for another desk, lies in
the future or is older than what is kept is refused with its reason, and the others are taken. A refusal is final: the desk need
not try again. Known ones are those that are there already. What is stored is what our reader understood of a record, never what was
sent: keys that no program of ours writes do not reach the disk. The batch and its place in the queue of the roll-ups are one
transaction: what was answered with 200 is on the disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, select

from app.domain.call_record import CallRecord, FieldOutcome
from app.domain.call_record_form import from_json
from app.domain.lead_counts import is_right, is_wrong_filled, item_of, sound_class
from app.hub.cubes import ALL
from app.hub.database import Database, RacedError, upsert
from app.hub.kept import packed
from app.hub.marks import marks_of
from app.hub.tables import RECORD, RECORD_BODY, TEAM_OF, WAITING
from app.ports.ports import Clock

#: A desk's clock may be this far ahead before its records are taken for wrong.
AHEAD = timedelta(hours=48)
MOST_RECORDS = 500


class Reason(StrEnum):
    """Why a record was refused."""

    MALFORMED = "malformed"
    FORGED = "forged_desk"
    FUTURE = "in_the_future"
    TOO_OLD = "too_old"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch: how many are new, how many were known, and which were refused why."""

    accepted: int
    known: int
    refused: tuple[tuple[str, str], ...]


class Ingest:
    """Takes batches.

    Args:
        database: where to.
        clock: today.
        keep_days: older records are refused, as the roll-ups have forgotten whether they knew them.
    """

    def __init__(self, database: Database, clock: Clock, keep_days: int) -> None:
        self._database = database
        self._clock = clock
        self._keep = timedelta(days=keep_days)

    def take(self, desk: str, desk_team: str, batch: Sequence[object]) -> Taken:
        """Take a batch of plain JSON values from a desk.

        Raises:
            EnvironmentFault: the database did not take it; nothing of it is there, the desk sends it again.
        """
        records: dict[str, CallRecord] = {}
        refused: list[tuple[str, str]] = []
        repeated = 0
        for held in batch:
            record = self._read(desk, held)
            if isinstance(record, Reason):
                refused.append((_id_of(held), record.value))
            elif record.record_id in records:
                repeated += 1
            else:
                records[record.record_id] = record
        accepted = self._database.run(lambda connection: self._store(connection, records, desk_team)) if records else 0
        return Taken(accepted, len(records) - accepted + repeated, tuple(refused))

    def _read(self, desk: str, held: object) -> CallRecord | Reason:
        try:
            record = from_json(held)
            at = datetime.fromisoformat(record.at)
            day = date.fromisoformat(record.at[:10])
        except (ValueError, OverflowError, RecursionError):
            return Reason.MALFORMED
        if any(each.name == ALL for each in record.fields):
            return Reason.MALFORMED  # the name under which the roll-ups keep all fields together
        if str(day) != record.at[:10]:
            return Reason.MALFORMED  # ISO 8601 has other days (2026-W47-5), which sort elsewhere
        if record.desk != desk:
            return Reason.FORGED
        now = self._clock.now()
        if at - now > AHEAD:
            return Reason.FUTURE
        return Reason.TOO_OLD if day <= (now - self._keep).date() else record

    def _store(self, connection: Connection, records: dict[str, CallRecord], desk_team: str) -> int:
        known = set(connection.execute(select(RECORD.c.record_id).where(RECORD.c.record_id.in_(list(records)))).scalars())
        new = [record for record_id, record in records.items() if record_id not in known]
        if not new:
            return 0
        agents = sorted({record.agent for record in new})
        team_of = {row.agent: row.team for row in connection.execute(select(TEAM_OF).where(TEAM_OF.c.agent.in_(agents)))}
        now = self._clock.now().isoformat(timespec="seconds")
        rows = [row_of(record, team_of.get(record.agent, desk_team), now) for record in new]
        put = upsert(connection, RECORD, rows)
        if put != len(rows):
            raise RacedError  # the same batch twice at the same moment: look again
        upsert(connection, RECORD_BODY, [(record.record_id, packed(record)) for record in new])
        upsert(connection, WAITING, [(record.at[:10], record.record_id) for record in new])
        return len(new)


def row_of(record: CallRecord, team: str, received_at: str) -> tuple[object, ...]:
    """A record's row, in the order of the table's columns."""
    filled = [each for each in record.fields if each.proposed == "filled"]
    return (
        record.record_id, record.at[:10], record.at, team, record.kind.value, record.agent, record.desk, record.city, record.district,
        record.street, sound_class(record), item_of(record, 0), record.at[11:13], record.duration_ms,
        sum(map(is_right, filled)), sum(map(is_wrong_filled, filled)), sum(each.outcome is FieldOutcome.TYPED for each in record.fields),
        record.quality_score, marks_of(record), received_at,
    )


def _id_of(held: object) -> str:
    """The id that a refused record goes by, as far as it has one."""
    found = held.get("record_id") if isinstance(held, dict) else None
    return found if isinstance(found, str) and len(found) <= 64 and found.isprintable() else ""
