"""The signed metadata of a publisher's folder (The Update Framework, specification 1.0): roles, keys, versions, expiry.

    root       three keys, two of them sign; offline; a year
    targets    one key; offline; half a year; signs every publication, roll-out step, rollback and recall
    snapshot   one key; online; a month
    timestamp  one key; online; a week: a nightly ``tingdan kb keys refresh`` renews both

A client that is offered an older page, a mixture or nothing new for too long notices by these. What is written here is
written in an order in which a client that looks in between sees either the old state or the new one: targets, snapshot,
and the timestamp last. One writer at a time (``publisher`` holds the lock).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from securesystemslib.exceptions import StorageError
from securesystemslib.signer import Key
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.serialization import DeserializationError
from tuf.api.serialization.json import JSONSerializer

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.platform.atomic_file import write_atomically
from app.ports.ports import Clock
from app.signed.keys import KeyFolders

ROLES = (Root.type, Targets.type, Snapshot.type, Timestamp.type)
ONLINE = (Snapshot.type, Timestamp.type)
ROOT_KEYS, ROOT_THRESHOLD = 3, 2
PUBLIC_MODE = 0o644
DEFAULT_DAYS: Mapping[str, int] = {Root.type: 365, Targets.type: 180, Snapshot.type: 30, Timestamp.type: 7}


@dataclass(frozen=True, slots=True)
class RoleState:
    """How a role stands, for people: metadata version, expiry, and (number of key, is it plugged in)."""

    role: str
    version: int
    expires: datetime
    threshold: int
    keys: tuple[tuple[str, bool], ...]


class SignedFolder:
    """``metadata/`` of a public folder.

    Args:
        folder: ``metadata``.
        keys: private keys.
        clock: for expiry.
        days: for how long each role's metadata holds.
    """

    def __init__(self, folder: Path, keys: KeyFolders, clock: Clock, days: Mapping[str, int] = DEFAULT_DAYS) -> None:
        self._folder, self._keys, self._clock, self._days = folder, keys, clock, days

    def create(self, online: Path, offline: Path) -> str:
        """New keys and a first, empty state; gives the root's fingerprint.

        Raises:
            OperatorVisibleError: there is one already.
        """
        if self._folder.exists() and not self._is_half_made():
            raise OperatorVisibleError("kb_publish.exists", path=self._folder.parent.parent.name)
        root = Root(version=1, expires=self._until(Root.type), consistent_snapshot=True)
        for role, count, wrapped in ((Root.type, ROOT_KEYS, True), (Targets.type, 1, True), (Snapshot.type, 1, False),
                                     (Timestamp.type, 1, False)):
            for _ in range(count):
                root.add_key(self._keys.make(role, offline if wrapped else online, wrapped), role)
        root.roles[Root.type].threshold = ROOT_THRESHOLD
        whole = Metadata(root)
        self._sign(whole, root, Root.type, ROOT_THRESHOLD)
        self._put(whole, "1.root.json")
        self._publish(Metadata(Targets()), root, is_first=True)
        return self.fingerprint()

    def _is_half_made(self) -> bool:
        """Whether all that is there is what a first command, killed, may leave: first versions, and nothing was ever published."""
        names = {path.name for path in self._folder.iterdir() if not path.name.startswith(".")}  # a dot: half-written
        return names <= {"1.root.json", "1.targets.json", "1.snapshot.json", "timestamp.json"}

    def fingerprint(self) -> str:
        """SHA-256 over the first root's bytes: what IT compares when a desk is told to trust it."""
        return hashlib.sha256((self._folder / "1.root.json").read_bytes()).hexdigest()

    def publish(self, targets: Mapping[str, TargetFile]) -> None:
        """Sign a new list of targets (offline key), then snapshot and timestamp (online keys).

        Raises:
            OperatorVisibleError: a key is not plugged in.
        """
        root = self.root().signed
        listed = cast("Metadata[Targets]", self._newest(Targets.type))
        listed.signed.targets = dict(targets)
        self._publish(listed, root)

    def require_keys(self) -> None:
        """Whether a publication can be signed, before anything is written.

        Raises:
            OperatorVisibleError: a key is not plugged in, or the passphrase is wrong.
        """
        root = self.root().signed
        for role in (Targets.type, *ONLINE):
            if not self._keys.signers(role, _keys_of(root, role)):
                raise OperatorVisibleError("kb_publish.keys_missing", role=role)

    def in_force(self) -> dict[str, TargetFile]:
        """The targets that desks are offered: what the timestamp leads to, whatever else a killed program wrote."""
        stamp = cast("Timestamp", self._newest(Timestamp.type).signed)
        snapshot = cast("Snapshot", self._read(f"{stamp.snapshot_meta.version}.snapshot.json").signed)
        return dict(cast("Targets", self._read(f"{snapshot.meta['targets.json'].version}.targets.json").signed).targets)

    def targets(self) -> dict[str, TargetFile]:
        """The newest list of targets."""
        return dict(cast("Metadata[Targets]", self._newest(Targets.type)).signed.targets)

    def refresh(self) -> None:
        """Renew snapshot and timestamp with the online keys alone."""
        self._sign_online(self.root().signed, cast("Metadata[Targets]", self._newest(Targets.type)).signed.version)

    def renew(self) -> None:
        """Renew every role's expiry, root and targets included (offline keys)."""
        self._new_root(self.root().signed)
        self.publish(self.targets())

    def rotate(self, role: str, folder: Path, lost: str = "") -> str:
        """Put a new key in the place of a role's key; gives the new one's number.

        Args:
            role: one of ``ROLES``.
            folder: where the new private key goes.
            lost: number (or its beginning) of the key to take out; "" for one that is not plugged in, else the first.

        Raises:
            OperatorVisibleError: no such key, or too few keys of the root are plugged in.
        """
        root = self.root().signed
        before = [root.keys[keyid] for keyid in root.roles[role].keyids]
        gone = self._to_replace(role, before, lost)
        if len(self._keys.signers(Root.type, _keys_of(root, Root.type))) < root.roles[Root.type].threshold:
            raise OperatorVisibleError("kb_publish.keys_missing", role=Root.type)
        new = self._keys.make(role, folder, role not in ONLINE)
        old_keys = _keys_of(root, Root.type)
        root.revoke_key(gone.keyid, role)
        root.add_key(new, role)
        self._new_root(root, old_keys)
        if role in ONLINE:
            self.refresh()
        elif role == Targets.type:
            self.publish(self.targets())
        return new.keyid

    def states(self) -> tuple[RoleState, ...]:
        """All roles, for people."""
        root = self.root().signed
        found: list[RoleState] = []
        for role in ROLES:
            signed = cast("Root | Targets | Snapshot | Timestamp", self._newest(role).signed)
            keys = tuple((key.keyid, self._keys.holds(role, key)) for key in _keys_of(root, role))
            found.append(RoleState(role, signed.version, signed.expires, root.roles[role].threshold, keys))
        return tuple(found)

    def root(self) -> Metadata[Root]:
        """The newest root."""
        return cast("Metadata[Root]", self._newest(Root.type))

    def _publish(self, listed: Metadata[Targets], root: Root, is_first: bool = False) -> None:
        self._renewed(listed, root, Targets.type, is_first)
        for role in ONLINE:  # asked before anything is written: a missing key leaves the folder as it was
            self._some_signer(root, role)
        self._put(listed, f"{listed.signed.version}.targets.json")
        self._sign_online(root, listed.signed.version, is_first)

    def _sign_online(self, root: Root, targets_version: int, is_first: bool = False) -> None:
        snapshot = Metadata(Snapshot()) if is_first else cast("Metadata[Snapshot]", self._newest(Snapshot.type))
        snapshot.signed.meta = {"targets.json": MetaFile(targets_version)}
        self._renewed(snapshot, root, Snapshot.type, is_first)
        timestamp = Metadata(Timestamp()) if is_first else cast("Metadata[Timestamp]", self._newest(Timestamp.type))
        timestamp.signed.snapshot_meta = MetaFile(snapshot.signed.version)
        self._renewed(timestamp, root, Timestamp.type, is_first)
        self._put(snapshot, f"{snapshot.signed.version}.snapshot.json")
        self._put(timestamp, "timestamp.json")

    def _renewed(self, whole: Metadata[Any], root: Root, role: str, is_first: bool) -> None:
        """The next version of a role's metadata, signed."""
        whole.signed.version += 0 if is_first else 1
        whole.signed.expires = self._until(role)
        self._sign(whole, root, role)

    def _some_signer(self, root: Root, role: str) -> None:
        if not any(self._keys.holds(role, key) for key in _keys_of(root, role)):
            raise OperatorVisibleError("kb_publish.keys_missing", role=role)

    def _new_root(self, root: Root, former: list[Key] | None = None) -> None:
        """Sign the root's next version with the former keys and with those it names itself."""
        root.version += 1
        root.expires = self._until(Root.type)
        whole = Metadata(root)
        now = _keys_of(root, Root.type)
        keys = {key.keyid: key for key in (*(former or now), *now)}
        self._sign(whole, root, Root.type, root.roles[Root.type].threshold, list(keys.values()))
        self._put(whole, f"{root.version}.root.json")

    def _sign(self, whole: Metadata[Any], root: Root, role: str, needed: int = 1, keys: list[Key] | None = None) -> None:
        signers = self._keys.signers(role, keys or _keys_of(root, role))
        if len(signers) < needed:
            raise OperatorVisibleError("kb_publish.keys_missing", role=role)
        whole.signatures.clear()
        for signer in signers:
            whole.sign(signer, append=True)

    def _to_replace(self, role: str, keys: list[Key], lost: str) -> Key:
        if lost:
            named = [key for key in keys if key.keyid.startswith(lost)]
            if len(named) != 1:
                raise OperatorVisibleError("kb_publish.no_such_key", role=role, key=lost)
            return named[0]
        return next((key for key in keys if not self._keys.holds(role, key)), keys[0])

    def _newest(self, role: str) -> Metadata[Any]:
        return self._read("timestamp.json" if role == Timestamp.type else self._newest_path(role).name)

    def _read(self, name: str) -> Metadata[Any]:
        try:
            return Metadata.from_file(str(self._folder / name))
        except (OSError, StorageError, DeserializationError, RepositoryError) as error:
            raise EnvironmentFault("kb_publish.folder_damaged", file=name) from error

    def _newest_path(self, role: str) -> Path:
        versions = [int(path.name.split(".")[0]) for path in self._folder.glob(f"*.{role}.json")
                    if path.name.split(".")[0].isdigit()]
        return self._folder / f"{max(versions, default=0)}.{role}.json"

    def _until(self, role: str) -> datetime:
        return (self._clock.now() + timedelta(days=self._days[role])).astimezone(UTC).replace(microsecond=0)

    def _put(self, whole: Metadata[Any], name: str) -> None:
        try:
            write_atomically(self._folder / name, whole.to_bytes(JSONSerializer(compact=True)), PUBLIC_MODE)
        except OSError as error:
            raise EnvironmentFault("kb_publish.unwritable", path=name, reason=error.strerror or "") from error


def _keys_of(root: Root, role: str) -> list[Key]:
    return [root.keys[keyid] for keyid in root.roles[role].keyids]
