"""Writes the list of tickets and its search index (tables of ``app.store.record_schema``).

Every ticket is listed in the transaction that submits it; tickets of a program that knew no list are listed when the
store is opened. The index holds pairs of neighbouring characters of the folded text: it finds every word of two characters,
and the search compares the text itself afterwards, so that pairs from different places never count. What an index row was
made of stands in ``listed``; it must be given to FTS5 again to take the row out, so the making is one function.
Functions take the writer's connection inside a transaction.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlite_utils import Database

from app.domain import json_form
from app.domain.ticket_search import TicketRow, digits_of, folded

IDS_A_SECOND = 64
COLUMNS = ("ticket_no, parent_no, call_id, submitted_at, status, request_type, item_code, title, name, org, phones, district,"
           " place, subject, urgency, due_date, answers, follow_up, agent_id")
_PLACE = ("region_street", "region_community", "address_detail", "landmark")
_PHONES = ("contact_phone", "alt_phone", "caller_number")
UNKNOWN_STATUS = "待派遣"
_PAGES_A_PIECE, _LEAST_CHANGES = 500, 2


def has_unlisted(db: Database) -> bool:
    """Whether some tickets are not listed yet."""
    return db.execute("SELECT 1 FROM unlisted LIMIT 1").fetchone() is not None


def list_some(db: Database, most: int) -> int:
    """List at most so many of the tickets that are not listed yet; how many that were."""
    held = db.execute("SELECT ticket_no FROM unlisted ORDER BY ticket_no LIMIT ?", [most]).fetchall()
    for (number,) in held:
        put(db, row_of(db, number))
        db.execute("DELETE FROM unlisted WHERE ticket_no = ?", [number])
    return len(held)


def row_of(db: Database, number: str) -> TicketRow:
    """The list's row of a submitted ticket, from its fields."""
    call_id, at, parent, context = db.execute(
        "SELECT t.call_id, t.submitted_at, t.parent_no, c.context FROM tickets t JOIN calls c USING (call_id)"
        " WHERE t.ticket_no = ?", [number]).fetchone()
    fields = {name: json_form.loads(submitted) for name, submitted in
              db.execute("SELECT name, submitted FROM fields WHERE ticket_no = ?", [number])}

    def text(name: str) -> str:
        held = fields.get(name)
        return held if isinstance(held, str) else ""

    caller = json_form.context_from_json(json_form.loads(context)).caller_number
    phones = dict.fromkeys(digits for each in (*(text(name) for name in _PHONES), caller) if (digits := digits_of(each)))
    return TicketRow(
        number, parent or "", call_id, at, text("status") or UNKNOWN_STATUS, text("request_type"), text("item_code"),
        text("title"), text("requester_name"), text("org_name"), tuple(phones), text("region_district"),
        "".join(text(name) for name in _PLACE), text("subject"), text("urgency"), text("due_date"), text("prev_ticket_no"),
        text("follow_up"), text("agent_id"))


def put(db: Database, row: TicketRow) -> int:
    """Add a row to the list and the index; its id."""
    place = _free_id(db, row.submitted_at)
    db.execute(f"INSERT INTO listed (id, number_end, {COLUMNS}) VALUES (?, ?, {', '.join('?' * 19)})",  # noqa: S608
               [place, _first_number(row)[::-1], row.ticket_no, row.parent_no, row.call_id, row.submitted_at, row.status,
                row.request_type, row.item_code, row.title, row.name, row.org, " ".join(row.phones), row.district, row.place,
                row.subject, row.urgency, row.due_date, row.answers, row.follow_up, row.agent_id])
    for digits in row.phones:
        db.execute("INSERT OR IGNORE INTO listed_phones (digits, id, reversed) VALUES (?, ?, ?)", [digits, place, digits[::-1]])
    db.execute("INSERT INTO listed_words (rowid, name, place, words, marks) VALUES (?, ?, ?, ?, ?)", [place, *_grams(row)])
    return place


def remove(db: Database, number: str) -> None:
    """Take a ticket out of list and index; nothing where it is not there."""
    found = find(db, number)
    if found is not None:
        place, row = found
        _unindex(db, place, row)
        db.execute("DELETE FROM listed_phones WHERE id = ?", [place])
        db.execute("DELETE FROM listed WHERE id = ?", [place])
    db.execute("DELETE FROM unlisted WHERE ticket_no = ?", [number])


def set_state(db: Database, number: str, status: str, due_date: str | None = None) -> bool:
    """A new status (and date of the centre) of a listed ticket; False where there is no such ticket."""
    found = find(db, number)
    if found is None:
        return False
    place, row = found
    _unindex(db, place, row)
    db.execute("UPDATE listed SET status = ?, due_date = coalesce(?, due_date) WHERE id = ?", [status, due_date, place])
    changed = find(db, number)
    assert changed is not None
    db.execute("INSERT INTO listed_words (rowid, name, place, words, marks) VALUES (?, ?, ?, ?, ?)",
               [place, *_grams(changed[1])])
    return True


def tidy(db: Database, is_first: bool) -> bool:
    """Rewrite a piece of the index without words that no ticket has any more; whether there is more to do.

    What ``optimize`` does at once (a minute for a million tickets, while drafts wait), in pieces: SQLite's documentation
    of FTS5, "merge": a negative number begins, and fewer than two changes mean the end.
    """
    before = db.execute("SELECT total_changes()").fetchone()[0]
    db.execute("INSERT INTO listed_words (listed_words, rank) VALUES ('merge', ?)", [-_PAGES_A_PIECE if is_first else _PAGES_A_PIECE])
    return bool(db.execute("SELECT total_changes()").fetchone()[0] - before >= _LEAST_CHANGES)


def find(db: Database, number: str) -> tuple[int, TicketRow] | None:
    """Id and row of a ticket by its whole number."""
    held = db.execute(f"SELECT id, {COLUMNS} FROM listed WHERE ticket_no = ?", [number]).fetchone()  # noqa: S608
    return None if held is None else (int(held[0]), as_row(held[1:]))


def as_row(held: tuple[object, ...]) -> TicketRow:
    """A row of ``COLUMNS`` as a value."""
    number, parent, call_id, at, status, kind, item, title, name, org, phones, *rest = (cast("str", each) for each in held)
    district, place, subject, urgency, due_date, answers, follow_up, agent = rest
    return TicketRow(number, parent, call_id, at, status, kind, item, title, name, org, tuple(phones.split()), district, place,
                     subject, urgency, due_date, answers, follow_up, agent)


def first_id(at: datetime) -> int:
    """The smallest id that a ticket submitted at this time can have."""
    return max(1, int(at.timestamp())) * IDS_A_SECOND


def pairs(text: str) -> list[str]:
    """Pairs of neighbouring characters of a text, the single character where there is only one."""
    flat = folded(text)
    return list(dict.fromkeys(flat[place: place + 2] for place in range(max(1, len(flat) - 1)))) if flat else []


def item_mark(code: str) -> str:
    """The index's word for an item or a group of items."""
    return f"i{code}"


def type_mark(request_type: str) -> str:
    """The index's word for a type."""
    return f"t{folded(request_type)}"


def status_mark(status: str) -> str:
    """The index's word for a status."""
    return f"s{folded(status)}"


def _grams(row: TicketRow) -> list[str]:
    names = [*folded(row.name), *pairs(row.name), *pairs(row.org)]
    places = [*pairs(row.district + row.place), *pairs(row.place)]
    words = [*pairs(row.title), *pairs(row.subject)]
    marks = [item_mark(row.item_code[:length]) for length in (2, 4, 6) if len(row.item_code) >= length]
    marks += [type_mark(row.request_type)] * bool(row.request_type) + [status_mark(row.status)]
    return [" ".join(dict.fromkeys(column)) for column in (names, places, words, marks)]


def _unindex(db: Database, place: int, row: TicketRow) -> None:
    db.execute("INSERT INTO listed_words (listed_words, rowid, name, place, words, marks) VALUES ('delete', ?, ?, ?, ?, ?)",
               [place, *_grams(row)])


def _first_number(row: TicketRow) -> str:
    return row.ticket_no.partition("-")[0]


def _free_id(db: Database, submitted_at: str) -> int:
    try:
        base = first_id(datetime.fromisoformat(submitted_at))
    except ValueError:  # a stamp that a foreign hand wrote: listed as oldest
        base = IDS_A_SECOND
    while True:
        taken = db.execute("SELECT max(id) FROM listed WHERE id >= ? AND id < ?", [base, base + IDS_A_SECOND]).fetchone()[0]
        if taken is None:
            return base
        if taken + 1 < base + IDS_A_SECOND:
            return int(taken) + 1
        base += IDS_A_SECOND
