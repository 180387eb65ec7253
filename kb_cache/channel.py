"""The signed page of a channel: which releases it offers, to what share of the desks, and which entries are recalled.

Publisher and desk share this module. A desk takes the newest release that is meant for it: its place in the order of desks is a
hash (``app.signed.rollout``). A pinned desk takes the release it is pinned to. Recalls hold for every desk at once, whatever
release it runs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from app.signed.rollout import place

FORMAT = 1
DEFAULT_CHANNEL = "stable"
CHANNEL_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
VERSION_NAME = re.compile(r"[0-9A-Za-z\u4e00-\u9fff][0-9A-Za-z._\u4e00-\u9fff-]{0,63}")
_TARGET = re.compile(r"[a-z][a-z0-9-]{0,31}/(?:full|delta)-[0-9-]{1,40}\.jsonl\.zst")
_MAX_RELEASES = 64
_MAX_RECALLS = 10_000
_MAX_TEXT = 500


class ChannelPageError(ValueError):
    """A channel page is not what it should be."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A target file: its name, and the size of what is in it."""

    target: str
    plain_bytes: int


@dataclass(frozen=True, slots=True)
class Release:
    """One release.

    Attributes:
        number: counts up over all channels of a publisher.
        version: its name for people.
        rows: entries in it.
        row_hash: ``kb_cache.rows.set_hash`` of them.
        share: percent of the desks that take it.
        full: the file from nothing.
        deltas: release number to the file that leads from there to here.
        published_at: ISO time.
        note: for people.
    """

    number: int
    version: str
    rows: int
    row_hash: str
    share: int
    full: Packed
    deltas: Mapping[int, Packed] = field(default_factory=dict)
    published_at: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Recall:
    """An entry that must not be used: which, why, since when."""

    id: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class ChannelPage:
    """The page; releases are in the order of their numbers."""

    channel: str
    releases: tuple[Release, ...] = ()
    recalled: tuple[Recall, ...] = ()

    def named(self, name: str) -> Release | None:
        """The release of a version's name or number, None where it is not offered."""
        return next((release for release in reversed(self.releases) if name in (release.version, str(release.number))), None)


def page_target(channel: str) -> str:
    """The target's name of a channel's page."""
    return f"{channel}/channel.json"


def meant_for(page: ChannelPage, desk: str, pinned: str = "") -> Release | None:
    """The release that a desk should have, None where there is none for it."""
    if pinned:
        return page.named(pinned)
    return next((release for release in reversed(page.releases) if place(desk, release.number) < release.share), None)


def to_bytes(page: ChannelPage) -> bytes:
    """The page as it is signed."""
    whole = {"format": FORMAT, **asdict(page)}
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True).encode()


def from_bytes(data: bytes) -> ChannelPage:
    """Read a page; every name in it is checked, though it was signed.

    Raises:
        ChannelPageError: not such a page.
    """
    try:
        whole = json.loads(data)
        if whole["format"] != FORMAT:
            raise ChannelPageError("format")
        releases = sorted((_release(one) for one in _few(whole["releases"], _MAX_RELEASES)), key=lambda one: one.number)
        recalled = tuple(Recall(_text(one["id"]), _text(one["reason"], empty=True), _text(one["at"]))
                         for one in _few(whole["recalled"], _MAX_RECALLS))
        if len({release.number for release in releases}) != len(releases):
            raise ChannelPageError("number")
        return ChannelPage(_matching(whole["channel"], CHANNEL_NAME), tuple(releases), recalled)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ChannelPageError(str(error)) from error


def _release(given: Mapping[str, object]) -> Release:
    deltas = given["deltas"]
    if not isinstance(deltas, dict):
        raise ChannelPageError("deltas")
    return Release(
        number=_count(given["number"], least=1), version=_matching(given["version"], VERSION_NAME),
        rows=_count(given["rows"], least=1), row_hash=_matching(given["row_hash"], re.compile("[0-9a-f]{64}")),
        share=_count(given["share"], most=100), full=_packed(given["full"]),
        deltas={int(number): _packed(one) for number, one in deltas.items()},
        published_at=_text(given["published_at"], empty=True), note=_text(given["note"], empty=True))


def _packed(given: object) -> Packed:
    if not isinstance(given, dict):
        raise ChannelPageError("file")
    return Packed(_matching(given["target"], _TARGET), _count(given["plain_bytes"], least=1))


def _few(given: object, most: int) -> Sequence[Mapping[str, object]]:
    if not isinstance(given, list) or len(given) > most:
        raise ChannelPageError("list")
    return given


def _text(given: object, empty: bool = False) -> str:
    if not isinstance(given, str) or len(given) > _MAX_TEXT or not (given or empty):
        raise ChannelPageError("text")
    return given


def _matching(given: object, pattern: re.Pattern[str]) -> str:
    if not isinstance(given, str) or not pattern.fullmatch(given):
        raise ChannelPageError("name")
    return given


def _count(given: object, least: int = 0, most: int = 2**53) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= most:
        raise ChannelPageError("number")
    return given
