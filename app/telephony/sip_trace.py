"""What baresip prints of its SIP messages (``-s``), read for what its events do not tell: dialog tags, whether the server still answers.

The text comes over a pipe of this process alone and is never kept: messages hold numbers and digests. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_BEGIN, _END = "\x1b[36;1m#", "\x1b[;m"
_MOST_LINES = 200
_REMEMBERED = 32


@dataclass(frozen=True, slots=True)
class SipMessage:
    """One message: its start line and what is needed of its headers. ``is_ours``: this PC asked (request or answer to it)."""

    start: str
    method: str
    call_id: str
    from_tag: str
    to_tag: str

    @property
    def status(self) -> int:
        """Of an answer; 0 for a request."""
        found = re.match(r"SIP/2\.0 (\d{3})", self.start)
        return int(found.group(1)) if found else 0


class SipTrace:
    """Feeds on lines; keeps the tags of dialogs. One thread."""

    def __init__(self) -> None:
        self._lines: list[str] | None = None
        self._tags: dict[str, set[str]] = {}
        self._ours: dict[str, str] = {}

    def feed(self, line: str) -> SipMessage | None:
        """One line, without its end; a message where it is whole now."""
        if line.startswith(_BEGIN):
            self._lines = []
            return None
        if self._lines is None:
            return None
        if _END in line or len(self._lines) > _MOST_LINES:
            lines, self._lines = self._lines, None
            return self._message(lines)
        self._lines.append(line.rstrip("\r"))
        return None

    def tags(self, call_id: str) -> tuple[str, str]:
        """Tags of the other side and of this one in a dialog that this PC began; "" where they are not known yet."""
        ours = self._ours.get(call_id, "")
        others = self._tags.get(call_id, set()) - {ours, ""}
        return (next(iter(others)), ours) if ours and others else ("", "")

    def _message(self, lines: list[str]) -> SipMessage | None:
        if len(lines) < 2:
            return None
        headers: dict[str, str] = {}
        for each in lines[2:]:
            if not each:
                break
            name, _, value = each.partition(":")
            headers.setdefault(name.strip().lower(), value.strip())
        call_id = headers.get("call-id", "")
        method = headers.get("cseq", "").rpartition(" ")[2]
        message = SipMessage(lines[1], method, call_id, _tag(headers.get("from", "")), _tag(headers.get("to", "")))
        if method == "INVITE" and call_id:
            self._note(message)
        return message

    def _note(self, message: SipMessage) -> None:
        if not message.status and not message.to_tag:  # the INVITE that began the dialog
            self._ours.setdefault(message.call_id, message.from_tag)
        if message.to_tag and (not message.status or message.status == 200):
            self._tags[message.call_id] = {message.from_tag, message.to_tag}
        while len(self._tags) > _REMEMBERED:
            del self._tags[next(iter(self._tags))]
        while len(self._ours) > _REMEMBERED:
            del self._ours[next(iter(self._ours))]


def _tag(header: str) -> str:
    found = re.search(r";tag=([^;,\s]+)", header)
    return found.group(1) if found else ""
