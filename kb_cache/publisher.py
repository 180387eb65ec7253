"""The publisher's side: a folder from which any web server, share or stick serves a channel's releases.

    REPO/
      repository.json     days of validity, channel pages as last published, all releases ever (their files in archive/)
      keys/               online keys; offline ones only until they are moved to their safes
      archive/            one packed file a release: what rollback and deltas are made from
      public/metadata/    signed metadata      } what is served; copy or mount it read-only
      public/targets/     pages and packed files }

Every operation writes new files first and the timestamp last (``publish_metadata``), then forgets what no page names any more
but for the publication before, which clients may still be reading. A rollback is a new release with old rows: a desk never goes
back, so a stolen old folder is worth nothing. One program at a time.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.platform.atomic_file import write_atomically
from app.ports.ports import Clock
from app.signed.keys import KeyFolders
from app.signed.metadata import DEFAULT_DAYS
from app.signed.served import PROGRAM, ServedFolder
from kb_cache.channel import (
    CHANNEL_NAME,
    VERSION_NAME,
    ChannelPage,
    Packed,
    Recall,
    Release,
    from_bytes,
    page_target,
    to_bytes,
)
from kb_cache.rows import PackedFileError, Rows, changes_between, pack, set_hash, unpack

STATE = "repository.json"
DELTAS_KEPT = 8
RELEASES_OFFERED = 4


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication brought, for people."""

    release: Release
    channel: str
    full_bytes: int
    delta_bytes: int
    changed: int
    removed: int


@dataclass(frozen=True, slots=True)
class _Archived:
    """A release that was made once: enough to make it again."""

    version: str
    channel: str
    plain_bytes: int


class Publisher:
    """See the module.

    Args:
        folder: REPO.
        keys: private keys.
        clock: time.
    """

    def __init__(self, folder: Path, keys: KeyFolders, clock: Clock) -> None:
        self.folder, self._keys, self._clock = folder, keys, clock
        self._days = dict(DEFAULT_DAYS)
        self._pages: dict[str, ChannelPage] = {}
        self._archive: dict[int, _Archived] = {}
        if (folder / STATE).is_file():
            self._load()
        self._served = ServedFolder(folder, keys, clock, self._days, lambda name: not name.startswith(PROGRAM))
        self.public, self.signed = self._served.public, self._served.signed

    def create(self, offline: Path) -> str:
        """A new repository with new keys; gives the root's fingerprint. What a killed first try left is no repository: it is done anew.

        Raises:
            OperatorVisibleError: there is one.
        """
        with self._alone():
            if is_repository(self.folder) or any((self.public / "targets").glob("*")):
                raise OperatorVisibleError("kb_publish.exists", path=self.folder.name)
            fingerprint = self.signed.create(self.folder / "keys", offline)
            (self.public / "targets").mkdir(parents=True, exist_ok=True)
            self._save()
        return fingerprint

    def page(self, channel: str) -> ChannelPage:
        """A channel's page as last published; empty for a new channel.

        Raises:
            OperatorVisibleError: no name for a channel.
        """
        if not CHANNEL_NAME.fullmatch(channel) or f"{channel}/" == PROGRAM:
            raise OperatorVisibleError("kb_publish.bad_channel", channel=channel)
        return self._pages.get(channel, ChannelPage(channel))

    def channels(self) -> tuple[ChannelPage, ...]:
        """All channels."""
        return tuple(self._pages.values())

    def history(self) -> tuple[tuple[int, str, str], ...]:
        """(number, version, channel) of every release there ever was, oldest first."""
        return tuple((number, kept.version, kept.channel) for number, kept in sorted(self._archive.items()))

    def publish(self, rows: Rows, channel: str, version: str = "", share: int = 100, note: str = "") -> Published:
        """A new release.

        Args:
            rows: all of its rows.
            channel: where.
            version: its name; "" for the day with a count.
            share: percent of desks that take it for now.
            note: for people.

        Raises:
            OperatorVisibleError: a bad or taken name, or nothing to publish.
        """
        with self._alone():
            page = self.page(channel)
            row_hash = set_hash(rows.items())
            release = self._unfinished(page, version, row_hash)
            delta_bytes = 0
            if release is None:
                self._check(rows, version, share)
                release, delta_bytes = self._make(rows, page, Release(
                    max(self._archive, default=0) + 1, version or self._day_version(), len(rows), row_hash, share, Packed("", 1),
                    published_at=self._clock.now().isoformat(timespec="seconds"), note=note))
                page = replace(page, releases=_offered((*page.releases, release)))
            former = [one.number for one in page.releases if one.number < release.number]
            gone = self._rows_of(former[-1]) if former else {}
            changes = changes_between(gone, rows, former[-1] if former else 0, release.number)
            self._put_page(page)
            return Published(release, channel, self._served.size(release.full.target), delta_bytes,
                             len(changes.puts), len(changes.drops))

    def stage(self, channel: str, name: str, share: int) -> Release:
        """Widen (or narrow: desks that have it keep it) the share of desks that take a release.

        Raises:
            OperatorVisibleError: the channel does not offer it, or no share.
        """
        with self._alone():
            page, release = self._offered_release(channel, name)
            if not 0 <= share <= 100:
                raise OperatorVisibleError("kb_publish.bad_share", share=share)
            wider = replace(release, share=share)
            self._put_page(replace(page, releases=_offered(tuple(wider if one is release else one for one in page.releases))))
            return wider

    def rollback(self, channel: str, name: str, note: str = "") -> Published:
        """The rows of a former release as a new one, for all desks.

        Raises:
            OperatorVisibleError: there never was such a release.
            EnvironmentFault: its archive is damaged.
        """
        number = next((number for number, kept in sorted(self._archive.items(), reverse=True)
                       if name in (kept.version, str(number))), None)
        if number is None:
            raise OperatorVisibleError("kb_publish.no_such_release", name=name)
        return self.publish(self._rows_of(number), channel, note=note or f"= {self._archive[number].version}")

    def recall(self, channel: str, entry: str, reason: str) -> str:
        """Mark an entry wrong on every desk; gives its title, "" where no offered release has it.

        Raises:
            OperatorVisibleError: no entry of that id was ever offered here.
        """
        with self._alone():
            page = self.page(channel)
            title = self._title(page, entry)
            others = tuple(one for one in page.recalled if one.id != entry)
            at = self._clock.now().isoformat(timespec="seconds")
            self._put_page(replace(page, recalled=(*others, Recall(entry, reason[:400], at))))
            return title

    def end_recall(self, channel: str, entry: str) -> None:
        """The entry may be used again.

        Raises:
            OperatorVisibleError: it is not recalled.
        """
        with self._alone():
            page = self.page(channel)
            left = tuple(one for one in page.recalled if one.id != entry)
            if len(left) == len(page.recalled):
                raise OperatorVisibleError("kb_publish.not_recalled", entry=entry)
            self._put_page(replace(page, recalled=left))

    def refresh(self) -> None:
        """Renew snapshot and timestamp with the online keys alone: a nightly job."""
        with self._alone():
            self.signed.refresh()

    def renew(self) -> None:
        """Renew every role; root and targets keys must be plugged in."""
        with self._alone():
            self.signed.renew()

    def rotate(self, role: str, folder: Path, lost: str = "") -> str:
        """A new key in the place of one; see ``SignedFolder.rotate``."""
        with self._alone():
            return self.signed.rotate(role, folder, lost)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with self._served.alone():
            if (self.folder / STATE).is_file():
                self._load()  # another program may have published since
            yield

    def _unfinished(self, page: ChannelPage, version: str, row_hash: str) -> Release | None:
        """The same release where an earlier try was killed before it was signed: it is signed now."""
        release = page.named(version) if version else None
        if release is None or release.row_hash != row_hash or release.full.target in self.signed.in_force():
            return None
        return release

    def _check(self, rows: Rows, version: str, share: int) -> None:
        if not rows:
            raise OperatorVisibleError("kb_publish.nothing")
        if version and (not VERSION_NAME.fullmatch(version) or version.isdigit()):
            raise OperatorVisibleError("kb_publish.bad_version", version=version)
        if version in {kept.version for kept in self._archive.values()}:
            raise OperatorVisibleError("kb_publish.version_taken", version=version)
        if not 0 <= share <= 100:
            raise OperatorVisibleError("kb_publish.bad_share", share=share)

    def _day_version(self) -> str:
        taken = {kept.version for kept in self._archive.values()}
        day = f"{self._clock.now():%Y.%m.%d}"
        return next(name for count in range(1, len(taken) + 2) if (name := f"{day}-{count}") not in taken)

    def _make(self, rows: Rows, page: ChannelPage, release: Release) -> tuple[Release, int]:
        """Packed files of a release: from nothing, and from each of the last releases of this channel."""
        data, plain = pack(changes_between({}, rows, 0, release.number))
        archive = self.folder / "archive" / f"{release.number}.jsonl.zst"
        write_atomically(archive, data)
        self._archive[release.number] = _Archived(release.version, page.channel, plain)
        full = Packed(f"{page.channel}/full-{release.number}.jsonl.zst", plain)
        self._served.put(full.target, data)
        deltas: dict[int, Packed] = {}
        newest_bytes = 0
        of_channel = [number for number, kept in sorted(self._archive.items()) if kept.channel == page.channel]
        for number in of_channel[-DELTAS_KEPT - 1:-1]:
            packed, size = pack(changes_between(self._rows_of(number), rows, number, release.number))
            newest_bytes = len(packed)
            if len(packed) < len(data):
                deltas[number] = Packed(f"{page.channel}/delta-{number}-{release.number}.jsonl.zst", size)
                self._served.put(deltas[number].target, packed)
        return replace(release, full=full, deltas=deltas), newest_bytes

    def _rows_of(self, number: int) -> Rows:
        path = self.folder / "archive" / f"{number}.jsonl.zst"
        try:
            return unpack(path, self._archive[number].plain_bytes).puts
        except (OSError, PackedFileError, KeyError) as error:
            raise EnvironmentFault("kb_publish.archive_damaged", file=path.name) from error

    def _offered_release(self, channel: str, name: str) -> tuple[ChannelPage, Release]:
        page = self.page(channel)
        release = page.named(name)
        if release is None:
            raise OperatorVisibleError("kb_publish.no_such_release", name=name)
        return page, release

    def _title(self, page: ChannelPage, entry: str) -> str:
        for release in reversed(page.releases):
            line = self._rows_of(release.number).get(entry)
            if line is not None:
                return str(json.loads(line).get("title", ""))
        raise OperatorVisibleError("kb_publish.no_such_entry", entry=entry)

    def _put_page(self, page: ChannelPage) -> None:
        self.signed.require_keys()
        self._pages[page.channel] = page
        self._save()  # first: a number that a killed program has signed must not be given again
        self._served.put(page_target(page.channel), to_bytes(page))
        self._served.publish(self._named())

    def _named(self) -> Iterator[str]:
        for page in self._pages.values():
            yield page_target(page.channel)
            for release in page.releases:
                yield release.full.target
                yield from (packed.target for packed in release.deltas.values())

    def _save(self) -> None:
        state = {"days": self._days, "pages": {name: json.loads(to_bytes(page)) for name, page in self._pages.items()},
                 "archive": {str(number): asdict(kept) for number, kept in self._archive.items()}}
        write_atomically(self.folder / STATE, json.dumps(state, ensure_ascii=False, indent=1).encode())

    def _load(self) -> None:
        try:
            state = json.loads((self.folder / STATE).read_bytes())
            self._days.update({role: int(days) for role, days in state["days"].items()})
            self._pages = {name: from_bytes(json.dumps(page).encode()) for name, page in state["pages"].items()}
            self._archive = {int(number): _Archived(**kept) for number, kept in state["archive"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise EnvironmentFault("kb_publish.folder_damaged", file=STATE) from error


def _offered(releases: Sequence[Release]) -> tuple[Release, ...]:
    """The newest few, and those which some desks still take because newer ones are not for all."""
    everybody = max((index for index, release in enumerate(releases) if release.share == 100), default=0)
    first = min(everybody, max(0, len(releases) - RELEASES_OFFERED))
    return tuple(releases[first:])


def is_repository(folder: Path) -> bool:
    """Whether a publisher's folder is there and can be read."""
    return os.access(folder / STATE, os.R_OK)
