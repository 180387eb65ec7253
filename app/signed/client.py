"""What every client of signed files does alike: verify the metadata, fetch a target whole, tell a fault in words.

Knowledge (``kb_cache.updater``) and the program itself (``app.program.updater``) come over the same signed channel
(docs/adr/0017, 0019). Rollback, freeze, mix and match and wrong keys end in ``verified``; a length or hash that is not the signed one
ends in ``fetched``. ``told`` translates at the room's edge: its keys begin with the room's name for updates ("kb_update",
"program_update"). One thread at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from securesystemslib.exceptions import StorageError
from tuf.api.exceptions import (
    DownloadError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    SlowRetrievalError,
)
from tuf.api.metadata import Metadata, Root, TargetFile
from tuf.api.serialization import DeserializationError
from tuf.ngclient import Updater as TufClient
from tuf.ngclient import UpdaterConfig

from app.domain.errors import AppError, EnvironmentFault
from app.signed.transport import Transport

MAX_TARGET_BYTES = 256 << 20
_CLIENT = UpdaterConfig(max_root_rotations=64, root_max_length=256_000, timestamp_max_length=16_384,
                        snapshot_max_length=64_000, targets_max_length=2_000_000)

#: What can go wrong between the first byte and the last, before it is told in words.
FAULTS = (AppError, DownloadError, RepositoryError, DeserializationError, StorageError, OSError)


def verified(transport: Transport, base: str, folder: Path, root: bytes) -> TufClient:
    """A client whose metadata is refreshed and kept in ``folder``.

    Args:
        transport: fetches.
        base: address of the publisher, with a slash at its end.
        folder: where metadata is kept between two looks.
        root: the root that this PC was told to trust.

    Raises:
        RepositoryError, DownloadError, DeserializationError, StorageError, OSError: see ``told``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    client = TufClient(str(folder), base + "metadata/", None, base + "targets/", transport, _CLIENT, bootstrap=root)
    client.refresh()
    return client


def versions_seen(folder: Path, seen: Mapping[str, int]) -> dict[str, int]:
    """The versions of root and timestamp in ``folder``, which may not lie below those that were ever seen.

    Raises:
        RolledBackError: our own copy of the metadata was lost, or set back with the server's.
    """
    now = {role: Metadata.from_file(str(folder / f"{role}.json")).signed.version for role in ("root", "timestamp")}
    if now["root"] < seen.get("root", 0) or (now["root"] == seen.get("root") and now["timestamp"] < seen.get("timestamp", 0)):
        raise RolledBackError
    return now


class RolledBackError(RepositoryError):
    """The metadata is older than what was verified here before."""


def fetched(transport: Transport, base: str, info: TargetFile, folder: Path, step: Callable[[str], None] = lambda name: None) -> Path:
    """A target, whole and verified, in ``folder``; a piece from an earlier try is taken up. ``step`` is told "fetched" in between.

    Raises:
        DownloadError, LengthOrHashMismatchError, OSError: see ``told``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / sha256_of(info)
    transport.resume(target_url(base, info), part, info.length)
    step("fetched")
    with part.open("rb") as stream:
        try:
            info.verify_length_and_hashes(stream)
        except LengthOrHashMismatchError:
            part.unlink()
            raise
    return part


def target_url(base: str, info: TargetFile) -> str:
    """Where a target lies: its name carries its hash."""
    folder, _, name = info.path.rpartition("/")
    return f"{base}targets/{folder}/{sha256_of(info)}.{name}"


def sha256_of(info: TargetFile) -> str:
    """The signed hash.

    Raises:
        RepositoryError: no such hash was signed.
    """
    digest = info.hashes.get("sha256", "")
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise RepositoryError("targets.json names no hash")
    return digest


def told(error: Exception, about: str) -> AppError:
    """A fault in our words.

    Args:
        error: one of ``FAULTS``.
        about: begins the message keys, "kb_update" or "program_update".
    """
    kinds: tuple[tuple[type[Exception], str], ...] = (
        (RolledBackError, "rollback"), (ExpiredMetadataError, "expired"), (SlowRetrievalError, "slow"),
        (DownloadLengthMismatchError, "too_long"), (DownloadError, "unreachable"), (RepositoryError, "untrusted"),
        (DeserializationError, "untrusted"))
    if isinstance(error, AppError):
        return error
    for kind, key in kinds:
        if isinstance(error, kind):
            return EnvironmentFault(f"{about}.{key}", reason=type(error).__name__)
    if isinstance(error, OSError | StorageError):
        reason = getattr(error, "strerror", "") or type(error).__name__
        return EnvironmentFault("kb_cache.cache_unwritable" if about == "kb_update" else f"{about}.unwritable", path=about, reason=reason)
    return EnvironmentFault(f"{about}.damaged", what=str(error))


def fingerprint(root: bytes) -> str:
    """What people compare before they trust a root: its SHA-256."""
    return hashlib.sha256(root).hexdigest()


def is_root(data: bytes) -> bool:
    """Whether these are bytes of a root that can be trusted: one that its own keys have signed."""
    try:
        whole: Metadata[Root] = Metadata[Root].from_bytes(data)
        return isinstance(whole.signed, Root) and whole.signed.get_verification_result(
            Root.type, whole.signed_bytes, whole.signatures).verified
    except (RepositoryError, DeserializationError, ValueError, KeyError):
        return False
