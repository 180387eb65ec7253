"""Tables of what is followed to its end (``app.domain.cases``).

    matter_case   one row a case; ``version`` counts its steps, so that two people who act at once do not both succeed
    case_step     who did what and when, never changed
"""

from __future__ import annotations

from sqlalchemy import Index, Table

from app.hub.columns import text_column as _text
from app.hub.columns import whole_column as _whole
from app.hub.tables import METADATA

CASE = Table(
    "matter_case", METADATA, _text("case_id", key=True), _text("kind"), _text("subject"), _text("code"), _text("team"), _text("agent"),
    _text("state"), _whole("is_open"), _text("opened"), _text("due"), _whole("rounds"), _whole("tries"), _text("answers"),
    _whole("estimated"), _whole("version"), _text("changed_at"),
    Index("case_by_team", "team", "is_open", "due"), Index("case_by_agent", "agent", "is_open", "due"),
    Index("case_by_subject", "subject", "code"), Index("case_by_due", "is_open", "due"))
CASE_STEP = Table("case_step", METADATA, _text("case_id", key=True), _whole("step", key=True), _text("at"), _text("by"), _text("role"),
                  _text("act"), _text("state"), _text("due"))
