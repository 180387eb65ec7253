"""All commands of the desk in one table: what an operator can do by key, from the menu or from the palette.

A command stands here once: its id, where it is alive, its usual keys. Its words stand in ``resources/messages/commands.toml``
under the same id with "_" for "." (``zh``, ``en``). The widget that does it binds it in one line (``widgets/shortcuts.py``)::

    Command("call.mute", CALLS, ("Ctrl+M",)),                   # here
    [commands.call_mute]  zh = "静音"  en = "Mute"                # commands.toml
    bind_key(self.mute, "call.mute")                            # a button: the key presses it
    bind_act(self, "call.mute", self._on_mute)                  # no button: the key calls the slot

Menus, the palette (Ctrl+K), the sheet (?) and the editor of keys then show it. Keys are written as Qt's portable text.
A test fails on a key that is not in this table, on a command without words, and on usual keys that get in each other's way.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """Where a command is alive. What is not there at the same time may use the same key."""

    ANYWHERE = "anywhere"
    DESK = "desk"
    CALL = "call"
    FIELD = "field"
    TICKETS = "tickets"

    def meets(self, other: Place) -> bool:
        """Whether both can be alive at once."""
        return {self, other} not in ({Place.CALL, Place.TICKETS}, {Place.FIELD, Place.TICKETS})


#: Groups, in the order in which menu and sheet show them.
CALLS, TICKET, KNOWLEDGE, TICKETS, WINDOW, PROGRAM = "call", "ticket", "knowledge", "tickets", "window", "program"
GROUPS = (CALLS, TICKET, KNOWLEDGE, TICKETS, WINDOW, PROGRAM)


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        id: "group.name"; never changes, settings hold it.
        group: see ``GROUPS``.
        keys: usual keys, portable text; () for none.
        place: where it is alive.
        is_fixed: the key cannot be changed: a widget of its own takes it (Enter, Esc) or the system does.
    """

    id: str
    group: str
    keys: tuple[str, ...] = ()
    place: Place = Place.DESK
    is_fixed: bool = False

    @property
    def words_key(self) -> str:
        """Message key of its name."""
        return f"commands.{self.id.replace('.', '_')}"


COMMANDS: tuple[Command, ...] = (
    Command("call.answer", CALLS, ("F2",)),
    Command("call.hold", CALLS, ("F4",)),
    Command("call.hang_up", CALLS, ("F8",)),
    Command("call.next", CALLS, ("Ctrl+N",)),
    Command("call.open_recording", CALLS, ("Ctrl+O",)),
    Command("call.to_110", CALLS, ("Ctrl+F1",)),
    Command("call.to_119", CALLS, ("Ctrl+F2",)),
    Command("call.to_120", CALLS, ("Ctrl+F3",)),
    Command("call.to_122", CALLS, ("Ctrl+F4",)),
    Command("call.conversation", CALLS, ("F5",)),
    Command("call.summary", CALLS, ("Alt+S",), Place.CALL),
    Command("call.copy_summary", CALLS, ("Ctrl+Shift+C",), Place.CALL),
    Command("call.read_back", CALLS, ("Alt+R",), Place.CALL),
    Command("call.read_back_right", CALLS, ("Alt+Shift+R",), Place.CALL),
    Command("call.find", CALLS, ("Ctrl+F",), Place.CALL),
    Command("call.citizen_only", CALLS, ("Alt+K",), Place.CALL),
    Command("call.flag", CALLS, ("Alt+B",), Place.CALL),
    Command("call.next_flag", CALLS, ("Alt+Shift+B",), Place.CALL),
    Command("call.latest", CALLS, ("Alt+End",), Place.CALL),
    Command("call.mute", CALLS, ("Ctrl+M",)),
    Command("call.pause_recognition", CALLS, ("Ctrl+P",)),
    Command("call.keypad", CALLS, ("Ctrl+D",)),
    Command("call.transfer", CALLS, ("Ctrl+Shift+T",)),
    Command("call.consult", CALLS, ("Ctrl+Shift+I",)),
    Command("call.complete", CALLS, ("Ctrl+Shift+W",)),
    Command("call.go_back", CALLS, ("Ctrl+Shift+B",)),
    Command("call.confer", CALLS, ("Ctrl+Shift+G",)),
    Command("call.dial", CALLS, ("Ctrl+Shift+D",)),
    Command("ticket.form", TICKET, ("F6",)),
    Command("ticket.next_open", TICKET, ("F7",)),
    Command("ticket.next_matter", TICKET, ("Ctrl+PgDown",)),
    Command("ticket.add_matter", TICKET, ("Alt+N",), Place.CALL),
    Command("ticket.drop_matter", TICKET, ("Alt+Shift+N",), Place.CALL),
    Command("ticket.submit", TICKET, ("Ctrl+Return", "Ctrl+Enter")),
    Command("ticket.take", TICKET, ("Return",), Place.FIELD, is_fixed=True),
    Command("ticket.clear", TICKET, ("Ctrl+Del",), Place.FIELD, is_fixed=True),
    Command("ticket.give_back", TICKET, ("Ctrl+R",), Place.FIELD, is_fixed=True),
    Command("ticket.options", TICKET, ("Alt+Down",), Place.FIELD, is_fixed=True),
    Command("ticket.undo_typing", TICKET, ("Esc",), Place.FIELD, is_fixed=True),
    Command("ticket.listen", TICKET, ("Alt+P",)),
    Command("ticket.items", TICKET, ("Alt+I",), Place.CALL),
    Command("ticket.copy_field", TICKET, ("Alt+C",)),
    Command("ticket.copy_all", TICKET, ("Alt+Shift+C",)),
    Command("ticket.copy_next", TICKET, ("Alt+V",)),
    Command("ticket.see_earlier", TICKET, ("F9",)),
    Command("ticket.other_earlier", TICKET, ("Shift+F9",)),
    Command("ticket.add_to_earlier", TICKET, ("F11",)),
    Command("ticket.press_earlier", TICKET, ("F12",)),
    Command("ticket.see_named", TICKET, ("Ctrl+F9",), Place.CALL),
    Command("knowledge.search", KNOWLEDGE, ("F3",)),
    Command("knowledge.card_1", KNOWLEDGE, ("Alt+1",)),
    Command("knowledge.card_2", KNOWLEDGE, ("Alt+2",)),
    Command("knowledge.card_3", KNOWLEDGE, ("Alt+3",)),
    Command("knowledge.dismiss", KNOWLEDGE, ("Alt+X",), Place.CALL),
    Command("knowledge.used", KNOWLEDGE, ("Alt+U",), Place.CALL),
    Command("knowledge.not_useful", KNOWLEDGE, ("Alt+J",), Place.CALL),
    Command("knowledge.wrong", KNOWLEDGE, ("Alt+W",), Place.CALL),
    Command("knowledge.outdated", KNOWLEDGE, ("Alt+O",), Place.CALL),
    Command("knowledge.favourite", KNOWLEDGE, ("Alt+D",), Place.CALL),
    Command("knowledge.quiet", KNOWLEDGE, ("Alt+M",), Place.CALL),
    Command("knowledge.waiting", KNOWLEDGE, ("Alt+H",), Place.CALL),
    Command("knowledge.copy_answer", KNOWLEDGE, ("Alt+Y",), Place.CALL),
    Command("knowledge.page_answer", KNOWLEDGE, ("Ctrl+1",), Place.CALL),
    Command("knowledge.page_guide", KNOWLEDGE, ("Ctrl+2",), Place.CALL),
    Command("knowledge.page_details", KNOWLEDGE, ("Ctrl+3",), Place.CALL),
    Command("knowledge.page_family", KNOWLEDGE, ("Ctrl+4",), Place.CALL),
    Command("knowledge.page_changes", KNOWLEDGE, ("Ctrl+5",), Place.CALL),
    Command("knowledge.page_note", KNOWLEDGE, ("Ctrl+6",), Place.CALL),
    Command("knowledge.favourites", KNOWLEDGE, ("Alt+Shift+D",), Place.CALL),
    Command("knowledge.recent", KNOWLEDGE, ("Alt+Shift+Z",), Place.CALL),
    Command("knowledge.sorting", KNOWLEDGE, ("Alt+Shift+X",), Place.CALL),
    Command("tickets.open", TICKETS, ("Ctrl+T",)),
    Command("tickets.callbacks", TICKETS, ("Ctrl+Shift+Y",)),
    Command("tickets.close", TICKETS, ("Esc",), Place.TICKETS, is_fixed=True),
    Command("tickets.search", TICKETS, ("Ctrl+F",), Place.TICKETS, is_fixed=True),
    Command("tickets.show_whole", TICKETS, ("Ctrl+I",), Place.TICKETS),
    Command("tickets.resend", TICKETS, ("Ctrl+Shift+R",), Place.TICKETS),
    Command("tickets.send_now", TICKETS, ("Ctrl+Shift+S",), Place.TICKETS),
    Command("tickets.attach", TICKETS, ("Ctrl+Shift+A",), Place.TICKETS),
    Command("tickets.call_back", TICKETS, ("Ctrl+Shift+H",), Place.TICKETS),
    Command("window.larger", WINDOW, ("Ctrl++", "Ctrl+=")),
    Command("window.smaller", WINDOW, ("Ctrl+-",)),
    Command("window.toggle_conversation", WINDOW, ("Ctrl+Shift+F5",)),
    Command("window.toggle_knowledge", WINDOW, ("Ctrl+Shift+F3",)),
    Command("window.compact", WINDOW, ("Ctrl+Shift+M",)),
    Command("window.strip", WINDOW, ("Ctrl+Shift+K",)),
    Command("window.reset", WINDOW),
    Command("program.palette", PROGRAM, ("Ctrl+K",)),
    Command("program.keys", PROGRAM, ("?", "F1")),
    Command("window.light", WINDOW),
    Command("window.dark", WINDOW),
    Command("window.contrast", WINDOW),
    Command("window.language", WINDOW),
    Command("program.settings", PROGRAM, ("Ctrl+,",)),
    Command("program.notices", PROGRAM, ("Ctrl+Shift+N",)),
    Command("program.training", PROGRAM, ("Ctrl+Shift+L",)),
    Command("program.first_start", PROGRAM),
    Command("program.lock", PROGRAM, ("Ctrl+L",)),
    Command("program.quit", PROGRAM, ("Ctrl+Q",), Place.ANYWHERE),
)

BY_ID = {command.id: command for command in COMMANDS}
