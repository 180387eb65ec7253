"""``Courier`` into a folder: each message becomes one file that appears whole and exactly once, whenever the program dies.

    1. the file is written to ``.tingdan/<name>`` inside the folder and forced to the disk
    2. an empty ``.tingdan/<name>.moved`` is made: from here on only the move is missing
    3. the file is moved to its place, in one step of the file system
    4. the outcome reaches the store; then the mark of step 2 goes (``settled``)

Found again after a crash: a mark and the file - move it; a mark and no file - it was moved, whoever took it away since; no mark -
begin anew. So another program may take files at once, and a file never comes twice. One thread at a time.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Sequence
from pathlib import Path

from app.delivery.mapping import FolderMapping
from app.delivery.scope import scope_of
from app.delivery.spreadsheet import as_csv, as_xlsx
from app.delivery.template import Unrenderable
from app.domain.delivery import Delivered, Failed, MessageKind, Outcome, Refused, safe_words
from app.domain.json_values import Json
from app.platform.atomic_file import sync_folder, write_atomically
from app.ports.outbox import Consignment

WORK_FOLDER = ".tingdan"
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_MOST_NAME = 80


class DropFolder:
    """See the module.

    Args:
        mapping: folder, form and columns.
    """

    def __init__(self, mapping: FolderMapping) -> None:
        self._mapping = mapping
        self._work = mapping.folder / WORK_FOLDER

    @property
    def name(self) -> str:
        """The mapping's name and the folder."""
        return f"{self._mapping.name} ({self._mapping.folder.name})"

    def deliver(self, consignment: Consignment) -> Outcome:
        """One attempt; see the port. The receipt is the file's name."""
        try:
            if consignment.message.kind is MessageKind.ATTACHMENT and not self._mapping.attachments:
                return Refused("delivery.no_attachments")
            name = self.file_name(consignment)
            staged, mark = self._work / name, self._mark(name)
            if not mark.exists():
                write_atomically(staged, self.content(consignment))
                write_atomically(mark, b"")
            was_moved = not staged.exists()
            if not was_moved:
                staged.replace(self._mapping.folder / name)
                sync_folder(self._mapping.folder)
            return Delivered(name, was_known=was_moved)
        except Unrenderable as error:
            return Refused(error.reason, safe_words(f"{error.name} {error.found}".strip()))
        except OSError as error:
            return Failed("delivery.folder", errno.errorcode.get(error.errno or 0, type(error).__name__), is_line=True)

    def carried(self, consignment: Consignment) -> Sequence[int]:
        """Attachments are files of their own."""
        return ()

    def settled(self, consignment: Consignment) -> None:
        """The store knows: the mark can go. Where it cannot be removed it only stays."""
        try:
            self._mark(self.file_name(consignment)).unlink(missing_ok=True)
        except OSError:
            return

    def close(self) -> None:
        """Nothing is open."""

    def rendered(self, consignment: Consignment) -> Json:
        """The rows that would be written; Unrenderable where a ticket lacks something."""
        return self._rows(consignment)

    def file_name(self, consignment: Consignment) -> str:
        """Ticket number and revision; an attachment adds its row and its own name."""
        message = consignment.message
        base = f"{message.ticket_no}-r{message.revision}"
        if message.kind is MessageKind.TICKET:
            return f"{base}.{self._mapping.kind}"
        return f"{base}-{message.row_id}-" + (_UNSAFE.sub("_", consignment.attachments[0].name).strip(". ")[-_MOST_NAME:] or "file")

    def content(self, consignment: Consignment) -> bytes:
        """The file's bytes."""
        if consignment.message.kind is MessageKind.ATTACHMENT:
            return consignment.attachments[0].body
        rows = self._rows(consignment)
        if self._mapping.kind == "xlsx":
            return as_xlsx(rows)
        return as_csv(rows, self._mapping.encoding, self._mapping.delimiter, self._mapping.guard_formulas)

    def _rows(self, consignment: Consignment) -> list[list[str]]:
        """A heading, then a row for the ticket and each of its children."""
        titles = [title for title, _ in self._mapping.columns]
        tickets = [[cell(scope_of(consignment, matter)) for _, cell in self._mapping.columns]
                   for matter in range(len(consignment.tickets))]
        return [titles, *tickets]

    def _mark(self, name: str) -> Path:
        return self._work / f"{name}.moved"
