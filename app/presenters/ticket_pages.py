"""Pages of the store's list of tickets, newest first: what a list of 100,000 is read by. On the thread "records".

A page follows the one before by time; tickets of one moment (a call's children) that stood on it are left out of the next.
A text that names items is looked for as text and as these items; the answers are merged by time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.catalogue import Taxonomy
from app.domain.ticket_search import TicketQuery, TicketRow
from app.ports.records import TicketRecords

PAGE = 100
_MOST_ITEMS = 6
_GROUP_DIGITS = (2, 4, 6)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and where the next page begins: ``until`` is None where there is none.

    Attributes:
        rows: newest first.
        until: to be given to ``next_page``.
        seen: numbers of this page's last moment.
        is_cut: the search looked at all it may and there may be more.
    """

    rows: tuple[TicketRow, ...] = ()
    until: datetime | None = None
    seen: frozenset[str] = frozenset()
    is_cut: bool = False


NO_PAGE = Page()


def items_named(text: str, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Codes of the items that a text names, none where it names too many; a code stands for itself."""
    text = text.strip()
    if text.isdecimal():
        return (text,) if len(text) in _GROUP_DIGITS and any(item.code.startswith(text) for item in taxonomy.items) else ()
    if len(text) < 2:
        return ()
    codes = tuple(item.code for item in taxonomy.items if text in item.path_name)
    return codes if len(codes) <= _MOST_ITEMS else ()


def next_page(records: TicketRecords, queries: tuple[TicketQuery, ...], before: Page | None = None, most: int = PAGE) -> Page:
    """The page after ``before``, the first one for None.

    Args:
        records: the store.
        queries: what is looked for; a ticket that one of them finds is listed.
        before: the page before.
        most: rows a page.

    Raises:
        EnvironmentFault: the store cannot be read.
    """
    until, seen = (before.until, before.seen) if before is not None else (None, frozenset[str]())
    found = [records.search(replace(query, until=until or query.until, limit=most + len(seen))) for query in queries]
    merged = {row.ticket_no: row for each in found for row in each.rows if row.ticket_no not in seen}
    rows = tuple(sorted(merged.values(), key=_at, reverse=True)[:most])
    is_cut = any(each.is_cut for each in found)
    if not rows or not (is_cut or len(merged) > len(rows)):
        return Page(rows, is_cut=is_cut and not rows)
    last = rows[-1].submitted_at
    same = frozenset(row.ticket_no for row in rows if row.submitted_at == last)
    if before is not None and before.rows and before.rows[-1].submitted_at == last:
        same |= before.seen
    after = _moment(last)
    return Page(rows, after + timedelta(microseconds=1) if after is not None else None, same)


def _at(row: TicketRow) -> tuple[str, str]:
    return row.submitted_at, row.ticket_no


def _moment(stamp: str) -> datetime | None:
    try:
        return datetime.fromisoformat(stamp)
    except ValueError:
        return None
