"""Tables beside ``app.hub.case_tables`` for callbacks.

    callback_about  what the matter of a callback is, where the call's record or a desk told it: item code, district
    callback_told   results that desks told, by their own ids: told again they change nothing
"""

from __future__ import annotations

from sqlalchemy import Connection, Index, Table

from app.hub.columns import text_column as _text
from app.hub.later_tables import later_tables
from app.hub.tables import METADATA

ABOUT = Table("callback_about", METADATA, _text("case_id", key=True), _text("item"), _text("district"))
TOLD = Table("callback_told", METADATA, _text("result_id", key=True), _text("case_id"), _text("desk"), _text("at"),
             Index("callback_told_by_case", "case_id"))


def m003_callbacks(connection: Connection) -> None:
    """What callbacks are about, and which results were told."""
    later_tables("m003").create_all(connection)
