"""Finds tickets in the list (``app.store.listing``): one index gives candidates, newest first, each is compared with the whole query.

Which index leads: a number or a phone where one is asked for, else the full-text index (words, item, type and status in
one expression), else status or time. Never a scan of all rows: after ``MOST_LOOKED_AT`` candidates the search ends and
says so. Functions take a reading connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlite_utils import Database

from app.domain.ticket_search import LEAST_BEGINNING, LEAST_END, Found, TicketQuery, TicketRow, digits_of, folded
from app.store import listing

MOST_LOOKED_AT = 2000
_LAST_ID = (1 << 62) - 1


def search(db: Database, query: TicketQuery) -> Found:
    """The newest tickets that hold all parts of the query."""
    rows: list[TicketRow] = []
    for looked, row in enumerate(_candidates(db, query)):
        if looked >= MOST_LOOKED_AT:
            return Found(tuple(rows), is_cut=True)
        if _holds(row, query):
            if len(rows) == query.limit:
                return Found(tuple(rows), is_cut=True)
            rows.append(row)
    return Found(tuple(rows))


def numbers(db: Database, since: datetime | None, until: datetime | None) -> tuple[str, ...]:
    """Numbers of all tickets submitted in a stretch of time, oldest first."""
    query = TicketQuery(since=since, until=until)
    held = db.execute(f"SELECT {listing.COLUMNS} FROM listed WHERE id BETWEEN ? AND ? ORDER BY id", [*_id_bounds(query)])  # noqa: S608
    return tuple(row.ticket_no for row in map(listing.as_row, held) if _in_time(row, query))


def _candidates(db: Database, query: TicketQuery) -> Iterator[TicketRow]:
    for place in _ids(db, query):
        held = db.execute(f"SELECT {listing.COLUMNS} FROM listed WHERE id = ?", [place]).fetchone()  # noqa: S608
        if held is not None:
            yield listing.as_row(held)


def _ids(db: Database, query: TicketQuery) -> Iterator[int]:
    """Ids of candidates, newest first; read one by one, so that a search that has enough stops."""
    text_digits = digits_of(query.text) if _is_number(query.text) else ""
    if query.number:
        yield from _by_number(db, query.number)
    elif query.phone:
        yield from _by_phone(db, digits_of(query.phone))
    elif text_digits:
        yield from sorted({*_by_number(db, text_digits), *_by_phone(db, text_digits)}, reverse=True)
    else:
        bounds, expression = _id_bounds(query), _expression(query)
        if query.answers:
            held = db.execute("SELECT id FROM listed WHERE answers = ? AND answers <> '' AND id BETWEEN ? AND ? ORDER BY id DESC",
                              [query.answers, *bounds])
        elif expression:
            held = db.execute("SELECT rowid FROM listed_words WHERE listed_words MATCH ? AND rowid BETWEEN ? AND ?"
                              " ORDER BY rowid DESC", [expression, *bounds])
        else:
            held = db.execute("SELECT id FROM listed WHERE id BETWEEN ? AND ? ORDER BY id DESC", [*bounds])
        for (place,) in held:
            yield int(place)


def _is_number(text: str) -> bool:
    """Whether a text can only be a number: digits and what people write between them."""
    flat = folded(text)
    return len(flat) >= LEAST_END and flat.isascii() and flat.isdecimal()


def _by_number(db: Database, number: str) -> list[int]:
    digits = digits_of(number.partition("-")[0]) or digits_of(number)
    found: set[int] = set()
    if digits:
        top = digits + "\x7f"
        held = db.execute("SELECT id FROM listed WHERE ticket_no >= ? AND ticket_no < ? LIMIT ?", [digits, top, MOST_LOOKED_AT])
        found.update(each for (each,) in held)
    if len(digits) >= LEAST_END:
        end = digits[::-1]
        held = db.execute("SELECT id FROM listed WHERE number_end >= ? AND number_end < ? LIMIT ?",
                          [end, end + "\x7f", MOST_LOOKED_AT])
        found.update(each for (each,) in held)
    return sorted(found, reverse=True)


def _by_phone(db: Database, digits: str) -> list[int]:
    found: set[int] = set()
    if digits:
        held = db.execute("SELECT id FROM listed_phones WHERE digits = ? ORDER BY id DESC LIMIT ?", [digits, MOST_LOOKED_AT])
        found.update(each for (each,) in held)
    for least, column, asked in ((LEAST_END, "reversed", digits[::-1]), (LEAST_BEGINNING, "digits", digits)):
        if len(digits) >= least:
            held = db.execute(f"SELECT id FROM listed_phones WHERE {column} >= ? AND {column} < ? LIMIT ?",  # noqa: S608
                              [asked, asked + "\x7f", MOST_LOOKED_AT])
            found.update(each for (each,) in held)
    return sorted(found, reverse=True)


def _expression(query: TicketQuery) -> str:
    parts = [*_all("name", query.name), *_all("place", query.place)]
    if query.text and not _is_number(query.text):
        parts += _all("{name place words}", query.text)
    marks = [listing.item_mark(query.item_code)] * bool(query.item_code)
    marks += [listing.type_mark(query.request_type)] * bool(query.request_type)
    marks += [listing.status_mark(query.status)] * bool(query.status)
    parts += [f'marks : "{mark}"' for mark in marks]
    return " AND ".join(parts)


def _all(columns: str, text: str) -> list[str]:
    """All pairs of a text; a single character stands alone only in names, elsewhere as the beginning of a pair."""
    grams = listing.pairs(text)
    if len(grams) == 1 and len(grams[0]) == 1:
        return [f'{columns} : "{grams[0]}" *']
    if len(grams) > 4:  # every second pair says nearly as much and costs half; the text itself is compared anyway
        grams = [*grams[::2], grams[-1]]
    return [f'{columns} : "{gram}"' for gram in grams]


def _id_bounds(query: TicketQuery) -> tuple[int, int]:
    least = listing.first_id(query.since) if query.since else 0
    last = listing.first_id(query.until) + listing.IDS_A_SECOND if query.until else _LAST_ID
    return least, last


def _holds(row: TicketRow, query: TicketQuery) -> bool:
    return (
        _text_holds(row, query.text)
        and (not query.number or _is_number_of(row, digits_of(query.number)))
        and (not query.phone or any(_is_part(digits_of(query.phone), phone) for phone in row.phones))
        and folded(query.name) in folded(row.name) + "\n" + folded(row.org)
        and folded(query.place) in folded(row.district + row.place)
        and row.item_code.startswith(query.item_code)
        and query.request_type in ("", row.request_type)
        and query.status in ("", row.status)
        and query.answers in ("", row.answers)
        and _in_time(row, query)
    )


def _text_holds(row: TicketRow, text: str) -> bool:
    if not text:
        return True
    if _is_number(text):
        digits = digits_of(text)
        return _is_number_of(row, digits) or any(_is_part(digits, phone) for phone in row.phones)
    flat = folded(text)
    return any(flat in folded(each) for each in (row.name, row.org, row.district + row.place, row.title, row.subject))


def _is_number_of(row: TicketRow, digits: str) -> bool:
    first = row.ticket_no.partition("-")[0]
    return bool(digits) and (digits_of(row.ticket_no).startswith(digits) or (len(digits) >= LEAST_END and first.endswith(digits)))


def _is_part(digits: str, phone: str) -> bool:
    return bool(digits) and (
        digits == phone or (len(digits) >= LEAST_END and phone.endswith(digits))
        or (len(digits) >= LEAST_BEGINNING and phone.startswith(digits)))


def _in_time(row: TicketRow, query: TicketQuery) -> bool:
    if query.since is None and query.until is None:
        return True
    try:
        at = datetime.fromisoformat(row.submitted_at)
    except ValueError:
        return False
    return (query.since is None or at >= query.since) and (query.until is None or at < query.until)
