"""People who ask the hub: made by the command line, known by name and password, for the length of a short session.

Five wrong passwords close a name for a while that doubles, so that guessing over the network is hopeless; it opens by itself. A changed
password, a changed role and a closed account end all sessions of the name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from app.domain.errors import OperatorVisibleError
from app.hub.database import Database
from app.hub.rights import PEOPLE, Role, Visitor
from app.hub.tables import PERSON, SESSION, TEAM_OF
from app.hub.tokens import (
    LEAST_PASSWORD,
    MOST_PASSWORD,
    PERSON_TOKEN,
    digest_of,
    is_password,
    new_token,
    password_digest,
)
from app.ports.ports import Clock

SESSION_HOURS = 10
_FREE_TRIES = 5
_LOCK_S = 30
_MOST_LOCK_S = 3600


@dataclass(frozen=True, slots=True)
class Person:
    """An account: ``team`` is of meaning for a lead, ``agent`` (work number) for an operator."""

    name: str
    role: Role
    team: str = ""
    agent: str = ""
    disabled: bool = False


class People:
    """Accounts and sessions."""

    def __init__(self, database: Database, clock: Clock, session_hours: int = SESSION_HOURS) -> None:
        self._database = database
        self._clock = clock
        self._session = timedelta(hours=session_hours)

    def put(self, person: Person, password: str) -> None:
        """Make an account or give it a new password and role; its sessions end.

        Raises:
            OperatorVisibleError: the password is too short or long, or the role lacks its team or work number.
        """
        if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
            raise OperatorVisibleError("hub.password_length", least=LEAST_PASSWORD, most=MOST_PASSWORD)
        if person.role not in PEOPLE or (person.role is Role.LEAD and not person.team) or (
                person.role is Role.OPERATOR and not person.agent):
            raise OperatorVisibleError("hub.role_needs", role=person.role.value)
        digest = password_digest(password)

        def work(connection: Connection) -> None:
            _end_sessions(connection, person.name)
            connection.execute(delete(PERSON).where(PERSON.c.name == person.name))
            connection.execute(insert(PERSON).values(
                name=person.name, role=person.role.value, team=person.team, agent=person.agent, password_digest=digest,
                disabled_at="", failures=0, locked_until=""))

        self._database.run(work)

    def disable(self, name: str) -> bool:
        """Close an account; whether there is one."""
        def work(connection: Connection) -> bool:
            _end_sessions(connection, name)
            done = connection.execute(update(PERSON).where(PERSON.c.name == name).values(disabled_at=self._now()))
            return done.rowcount > 0

        return self._database.run(work)

    def all(self) -> tuple[Person, ...]:
        """All accounts by name."""
        rows = self._database.run(lambda connection: connection.execute(select(PERSON).order_by(PERSON.c.name)).all(), reads=True)
        return tuple(Person(row.name, Role(row.role), row.team, row.agent, bool(row.disabled_at)) for row in rows)

    def log_in(self, name: str, password: str) -> tuple[str, Person, str] | None:
        """A new session's token, whose it is and until when; None for a wrong name or password, or a name that is closed."""
        row = self._database.run(
            lambda connection: connection.execute(select(PERSON).where(PERSON.c.name == name)).first(), reads=True)
        now = self._clock.now()
        is_open = row is not None and not row.disabled_at and row.locked_until <= now.isoformat()
        right = is_password(row.password_digest if row is not None and is_open else "", password)
        if row is None or not is_open:
            return None
        if not right:
            self._failed(name, now)
            return None
        token, until = new_token(PERSON_TOKEN), (now + self._session).isoformat()

        def work(connection: Connection) -> None:
            connection.execute(delete(SESSION).where(SESSION.c.expires_at < now.isoformat()))
            connection.execute(insert(SESSION).values(token_digest=digest_of(token), name=name, expires_at=until))
            connection.execute(update(PERSON).where(PERSON.c.name == name).values(failures=0, locked_until=""))

        self._database.run(work)
        return token, Person(row.name, Role(row.role), row.team, row.agent), until

    def log_out(self, token: str) -> None:
        """End a session."""
        self._database.run(lambda connection: connection.execute(delete(SESSION).where(SESSION.c.token_digest == digest_of(token))))

    def visitor(self, token: str) -> Visitor | None:
        """Whose session a token is; None where it is none any more."""
        joined = SESSION.join(PERSON, SESSION.c.name == PERSON.c.name)
        question = select(PERSON).select_from(joined).where(
            SESSION.c.token_digest == digest_of(token), SESSION.c.expires_at > self._now(), PERSON.c.disabled_at == "")
        row = self._database.run(lambda connection: connection.execute(question).first(), reads=True)
        return None if row is None else Visitor(Role(row.role), row.name, row.team, row.agent)

    def set_teams(self, team_of: dict[str, str]) -> None:
        """Work number to team; "" takes a number out. Calls that came before keep the team they came with."""
        def work(connection: Connection) -> None:
            for agent, team in team_of.items():
                connection.execute(delete(TEAM_OF).where(TEAM_OF.c.agent == agent))
                if team:
                    connection.execute(insert(TEAM_OF).values(agent=agent, team=team))

        self._database.run(work)

    def teams(self) -> dict[str, str]:
        """Work number to team."""
        rows = self._database.run(lambda connection: connection.execute(select(TEAM_OF)).all(), reads=True)
        return {row.agent: row.team for row in rows}

    def _failed(self, name: str, now: datetime) -> None:
        def work(connection: Connection) -> None:
            connection.execute(update(PERSON).where(PERSON.c.name == name).values(failures=PERSON.c.failures + 1))
            failures = connection.execute(select(PERSON.c.failures).where(PERSON.c.name == name)).scalar_one()
            if failures >= _FREE_TRIES:
                wait = min(_MOST_LOCK_S, _LOCK_S * 2 ** min(20, failures - _FREE_TRIES))
                connection.execute(update(PERSON).where(PERSON.c.name == name).values(
                    locked_until=(now + timedelta(seconds=wait)).isoformat()))

        self._database.run(work)

    def _now(self) -> str:
        return self._clock.now().isoformat()


def _end_sessions(connection: Connection, name: str) -> None:
    connection.execute(delete(SESSION).where(SESSION.c.name == name))
