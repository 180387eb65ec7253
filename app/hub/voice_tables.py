"""The roll-up of voice indicators in the hub's database: a cube like the others (``app.hub.cubes.VOICE``), which came after them."""

from __future__ import annotations

from sqlalchemy import Connection

from app.hub.later_tables import later_tables


def m007_voice_sums(connection: Connection) -> None:
    """Indicators by day, team and operator. Calls rolled up before have none that were recorded."""
    later_tables("m007").create_all(connection)
