"""Desks of a hub: how they join, what they tell of themselves, how they are shut out; and what IT reads of it.

A desk joins with a code that IT made (for so many desks, until a day), and from then on shows a token. It may join again with a
valid code: the old token then ends. A revoked desk stays shut out, also from joining, until it is allowed again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, tuple_, update

from app.domain.call import Phase
from app.domain.knowledge_update import UpdateReceipt
from app.domain.lead_counts import DeskState, FloorDesk
from app.hub.database import Database, upsert
from app.hub.desk_signs import HEARD_WITHIN, LASTING, Signs, put_releases, put_signs
from app.hub.rights import Role, Visitor
from app.hub.tables import DESK, ENROLMENT, RECEIPT
from app.hub.tokens import DESK_TOKEN, digest_of, new_code, new_token
from app.ports.ports import Clock

#: A desk whose last word is older is silent: in a call it tells every half minute, else a heartbeat comes every four to six minutes.
SILENT_IN_CALL_S, SILENT_AFTER_S = 180, 480
_IN_CALL = frozenset({DeskState.RINGING, DeskState.TALKING, DeskState.ON_HOLD})
#: What lasts longer than these seconds needs a look on the floor.
_LONG = {DeskState.TALKING: ("long_call", 900), DeskState.ON_HOLD: ("long_hold", 120)}
OVERDUE_DAYS = 3
#: Receipts of one desk: some a day for years.
MOST_KEPT = 1000
_CLOCK_OFF_S = 120
#: A desk's phases (``app.domain.call.Phase``) as the floor list tells them: a call that is paused is on hold; what is not here is idle.
_STATES = {each.value: each for each in DeskState} | {Phase.PAUSED.value: DeskState.ON_HOLD}


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a desk tells of itself: part to version, its own clock, what it does, how many records wait, and what waits for how long."""

    versions: Mapping[str, str]
    at: str
    state: str
    waiting: int
    refused: int = 0
    oldest_s: int = 0


@dataclass(frozen=True, slots=True)
class FloorNote:
    """What goes on at a desk now: phase of the call, since when, alerts with the most urgent first."""

    at: str
    phase: str
    since: str
    alerts: tuple[str, ...] = ()
    agent: str = ""


class Desks:
    """The desks of one hub."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    # --- joining -------------------------------------------------------------------------------------------------------

    def new_code(self, uses: int, hours: int, team: str = "") -> str:
        """A code with which so many desks may join within so many hours; their calls belong to ``team`` where no work number tells."""
        code, now = new_code(), self._clock.now()
        row = {"code_digest": digest_of(code), "team": team, "made_at": now.isoformat(),
               "expires_at": (now + timedelta(hours=hours)).isoformat(), "uses_left": uses}

        def work(connection: Connection) -> None:
            connection.execute(delete(ENROLMENT).where(ENROLMENT.c.expires_at < now.isoformat()))
            connection.execute(insert(ENROLMENT).values(**row))

        self._database.run(work)
        return code

    def enrol(self, code: str, desk: str, program: str) -> str | None:
        """A desk's token; None where the code is wrong, over or used up, or the desk is shut out."""
        now, token = self._clock.now().isoformat(), new_token(DESK_TOKEN)
        valid = (ENROLMENT.c.code_digest == digest_of(code.upper())) & (ENROLMENT.c.expires_at > now) & (ENROLMENT.c.uses_left > 0)

        def work(connection: Connection) -> bool:
            held = connection.execute(select(DESK.c.revoked_at).where(DESK.c.desk == desk)).first()
            if held is not None and held.revoked_at:
                return False
            if not connection.execute(update(ENROLMENT).where(valid).values(uses_left=ENROLMENT.c.uses_left - 1)).rowcount:
                return False
            team = connection.execute(
                select(ENROLMENT.c.team).where(ENROLMENT.c.code_digest == digest_of(code.upper()))).scalar_one()
            row = {"token_digest": digest_of(token), "team": team, "enrolled_at": now, "seen_at": now,
                   "versions": json.dumps({"program": program}), "versions_at": now}
            if held is not None:
                connection.execute(update(DESK).where(DESK.c.desk == desk).values(**row))
            else:
                connection.execute(insert(DESK).values(
                    desk=desk, revoked_at="", agent="", state="", phase="", since="", alerts="[]", waiting=0, clock_off_s=0, **row))
            return True

        return token if self._database.run(work) else None

    def revoke(self, desk: str) -> bool:
        """Shut a desk out at once; whether there is one."""
        return self._mark(desk, self._clock.now().isoformat())

    def allow(self, desk: str) -> bool:
        """Let a desk that was shut out join again (with a new code); whether there is one."""
        return self._mark(desk, "")

    def _mark(self, desk: str, revoked_at: str) -> bool:
        statement = update(DESK).where(DESK.c.desk == desk).values(revoked_at=revoked_at, token_digest="")
        return self._database.run(lambda connection: connection.execute(statement).rowcount) > 0

    def visitor(self, token: str) -> Visitor | None:
        """Which desk a token is of; None where it is none any more."""
        question = select(DESK.c.desk, DESK.c.team).where(DESK.c.token_digest == digest_of(token), DESK.c.revoked_at == "")
        row = self._database.run(lambda connection: connection.execute(question).first(), reads=True)
        return None if row is None else Visitor(Role.DESK, team=row.team, desk=row.desk)

    # --- what they tell ------------------------------------------------------------------------------------------------

    def heartbeat(self, desk: str, told: Heartbeat) -> None:
        """Keep the newest; the desk's clock may be wrong, so the hub's counts and the difference is kept."""
        now = self._clock.now()
        self._keep(desk, versions=json.dumps(dict(told.versions), sort_keys=True), versions_at=now.isoformat(),
                   state=told.state, waiting=told.waiting, clock_off_s=_clock_off(told.at, now))
        put_signs(self._database, desk, told.oldest_s, told.refused, told.versions, now)

    def floor(self, desk: str, told: FloorNote) -> None:
        """Keep the newest; since when by the hub's clock."""
        now = self._clock.now()
        since = datetime.fromisoformat(told.since) - timedelta(seconds=_clock_off(told.at, now)) if told.since else now
        who = {"agent": told.agent} if told.agent else {}
        self._keep(desk, phase=told.phase, since=since.astimezone(now.tzinfo).isoformat(timespec="seconds"),
                   alerts=json.dumps(list(told.alerts)), **who)

    def receipts(self, desk: str, receipts: Sequence[UpdateReceipt]) -> tuple[int, int]:
        """How many were new, and how many were known."""
        now = self._clock.now().isoformat()
        rows = {(each.at, each.result): (desk, each.at, each.result, each.version, each.release, each.from_release, each.took_s,
                                         each.fetched_bytes, json.dumps(each.details, sort_keys=True), now) for each in receipts}
        releases = {each.version: each.release for each in receipts if each.result == "installed" and each.version and each.release}

        def work(connection: Connection) -> int:
            put_releases(connection, releases, self._clock.now())
            new = upsert(connection, RECEIPT, list(rows.values()))
            if new:
                _bound_receipts(connection, desk)
            return new

        new = self._database.run(work)
        return new, len(receipts) - new

    def works_here(self, desk: str, agent: str) -> None:
        """Who sat at a desk last, as its newest record tells."""
        self._keep(desk, agent=agent)

    def _keep(self, desk: str, **values: object) -> None:
        statement = update(DESK).where(DESK.c.desk == desk).values(seen_at=self._clock.now().isoformat(), **values)
        self._database.run(lambda connection: connection.execute(statement))

    # --- what is read of them --------------------------------------------------------------------------------------------

    def on_the_floor(self, visitor: Visitor, team_of: Mapping[str, str]) -> tuple[FloorDesk, ...]:
        """Desks that a lead sees now, those with alerts first."""
        now = self._clock.now()
        rows = self._database.run(lambda connection: connection.execute(select(DESK).where(DESK.c.revoked_at == "")).all(), reads=True)
        told = {row.desk: json.loads(row.versions) for row in rows}
        lately = [told[row.desk] for row in rows if _age_s(row.seen_at, now) <= HEARD_WITHIN.total_seconds()]
        signs, desks = Signs(self._database, now, lately), []
        for row in rows:
            team = team_of.get(row.agent, row.team)
            if visitor.sees(team, row.agent):
                doing = _STATES.get(row.phase, DeskState.IDLE)
                silent = _age_s(row.seen_at, now) > (SILENT_IN_CALL_S if doing in _IN_CALL else SILENT_AFTER_S)
                state = DeskState.SILENT if silent else doing
                alerts = () if silent else (*json.loads(row.alerts), *_too_long(state, row.since, now), *signs.of(row.desk, told[row.desk]))
                desks.append(FloorDesk(row.desk, row.agent, team, state, row.since, alerts,
                                       tuple(sorted(told[row.desk].items())), row.seen_at))
        return tuple(sorted(desks, key=lambda desk: (not set(desk.alerts) - LASTING, not desk.alerts, desk.team, desk.operator, desk.desk)))

    def all(self) -> list[dict[str, object]]:
        """What IT reads: each desk with its versions, when it was seen, and what is wrong with it."""
        now = self._clock.now()
        rows = self._database.run(lambda connection: connection.execute(select(DESK).order_by(DESK.c.desk)).all(), reads=True)
        return [{"desk": row.desk, "team": row.team, "enrolled_at": row.enrolled_at, "revoked_at": row.revoked_at,
                 "seen_at": row.seen_at, "versions": json.loads(row.versions), "waiting": row.waiting,
                 "clock_off_s": row.clock_off_s, "overdue": not row.revoked_at and _age_s(row.seen_at, now) > OVERDUE_DAYS * 86400,
                 "clock_wrong": abs(row.clock_off_s) > _CLOCK_OFF_S} for row in rows]

    def versions(self) -> list[dict[str, object]]:
        """Part, version, how many desks have it (those not shut out), most first within a part."""
        counts: dict[tuple[str, str], int] = {}
        for desk in self.all():
            if not desk["revoked_at"] and isinstance(desk["versions"], dict):
                for part, version in desk["versions"].items():
                    counts[part, version] = counts.get((part, version), 0) + 1
        ordered = sorted(counts.items(), key=lambda pair: (pair[0][0], -pair[1], pair[0][1]))
        return [{"part": part, "version": version, "desks": count} for (part, version), count in ordered]

    def newest_receipts(self, limit: int = 500) -> list[dict[str, object]]:
        """Newest first."""
        question = select(RECEIPT).order_by(RECEIPT.c.at.desc(), RECEIPT.c.desk).limit(limit)
        rows = self._database.run(lambda connection: connection.execute(question).all(), reads=True)
        return [{**row._asdict(), "details": json.loads(row.details)} for row in rows]


def _bound_receipts(connection: Connection, desk: str) -> None:
    """Of more than ``MOST_KEPT`` receipts of a desk the oldest go."""
    question = select(RECEIPT.c.at, RECEIPT.c.result).where(RECEIPT.c.desk == desk).order_by(
        RECEIPT.c.received_at.desc(), RECEIPT.c.at.desc(), RECEIPT.c.result).offset(MOST_KEPT)
    over = [(row.at, row.result) for row in connection.execute(question)]
    if over:
        connection.execute(delete(RECEIPT).where(RECEIPT.c.desk == desk, tuple_(RECEIPT.c.at, RECEIPT.c.result).in_(over)))


def _clock_off(told: str, now: datetime) -> int:
    """Whole seconds by which a desk's clock is ahead."""
    return round((datetime.fromisoformat(told) - now).total_seconds())


def _too_long(state: DeskState, since: str, now: datetime) -> tuple[str, ...]:
    code, most_s = _LONG.get(state, ("", 0))
    return (code,) if code and since and _age_s(since, now) > most_s else ()


def _age_s(stamp: str, now: datetime) -> float:
    return (now - datetime.fromisoformat(stamp)).total_seconds() if stamp else 1e12
