"""What one process of the hub works with, built from its settings once: database, desks, people, ingest."""

from __future__ import annotations

from dataclasses import dataclass

from app.hub.answers import LeadAnswers
from app.hub.config import HubConfig
from app.hub.database import Database
from app.hub.desks import Desks
from app.hub.granted import Granted
from app.hub.ingest import Ingest
from app.hub.people import People
from app.hub.portions import CountInMemory, Portions
from app.hub.rights import Role, Visitor
from app.hub.shared_texts import SharedTexts, read_key
from app.hub.tokens import DESK_TOKEN, PERSON_TOKEN
from app.ports.ports import Clock


@dataclass(frozen=True, slots=True)
class HubServices:
    """The parts behind the routes."""

    config: HubConfig
    clock: Clock
    database: Database
    desks: Desks
    people: People
    ingest: Ingest
    portions: Portions
    texts: SharedTexts
    granted: Granted

    @classmethod
    def of(cls, config: HubConfig, clock: Clock, count: CountInMemory) -> HubServices:
        """Built; nothing is connected yet.

        Raises:
            AppError: the database's URL or the key of the texts cannot be used.
        """
        database = Database(config.db)
        portions = Portions(database, count)
        return cls(config, clock, database, Desks(database, clock), People(database, clock, config.session_hours),
                   Ingest(database, clock, config.keep_days), portions,
                   SharedTexts(database, clock, config.keep_texts_days, read_key(config.text_key_file)),
                   Granted(database))

    def visitor(self, authorization: str) -> Visitor:
        """Who shows this ``Authorization`` header; NOBODY where it is none, or none that holds."""
        scheme, _, token = authorization.partition(" ")
        found = None
        if scheme.lower() == "bearer" and token.startswith(DESK_TOKEN + "."):
            found = self.desks.visitor(token)
        elif scheme.lower() == "bearer" and token.startswith(PERSON_TOKEN + "."):
            found = self.people.visitor(token)
        return found or Visitor(Role.NOBODY)

    def answers(self, visitor: Visitor) -> LeadAnswers:
        """What this visitor may know of calls."""
        return LeadAnswers(self.database, visitor, self.portions, lambda: self.desks.on_the_floor(visitor, self.people.teams()),
                           lambda asked, by: self.granted.of(visitor, asked, by))
