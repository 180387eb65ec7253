"""What the desk's panels can use beside the call's own inbox: sound, terms, time, the shape of what is copied.

All of it is optional: a window without sound (a draft, a picture, a test) or without a table of terms shows less and breaks nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from app.domain.deadlines import DeadlineRules, WorkCalendar
from app.domain.form_profile import FormProfile
from app.domain.listening import Stretch


@dataclass(frozen=True, slots=True)
class CallTools:
    """See the module.

    Attributes:
        listen: plays a stretch of the call at hand; returns at once.
        hush: stops that.
        rules: the city's terms.
        calendar: working days.
        today: the day on which a ticket submitted now would be dispatched.
        origin: place of a calling number, "" for unknown.
        profile: how a ticket is copied for a system without interface.
    """

    listen: Callable[[Stretch], None] | None = None
    hush: Callable[[], None] | None = None
    rules: DeadlineRules | None = None
    calendar: WorkCalendar | None = None
    today: Callable[[], date] | None = None
    origin: Callable[[str], str] = lambda number: ""
    profile: FormProfile = field(default_factory=FormProfile)
