"""Signing keys of a publisher: Ed25519, one PEM file each, found by the number that the root metadata knows them by.

Offline keys (root, targets) are wrapped behind a passphrase and lie where nobody's server sees them: on sticks in two safes.
Online keys (snapshot, timestamp) are plain files readable by their owner, because a nightly job signs with them; what a
thief can do with them is to keep desks on what is published, for as long as the root lets him.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner, Key, Signer, SSlibKey

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.platform.atomic_file import write_atomically

SHORTEST_PASSPHRASE = 8
_NAMED = 16

#: Asks for the passphrase of the offline keys; told a file's name, "" for new keys.
AskPassphrase = Callable[[str], str]


class KeyFolders:
    """Private keys, wherever they are plugged in.

    Args:
        folders: looked through in order; those that are absent are left out.
        ask: passphrase of wrapped keys; asked once.
    """

    def __init__(self, folders: Sequence[Path], ask: AskPassphrase) -> None:
        self._folders = tuple(folders)
        self._ask = ask
        self._passphrase: str | None = None

    def make(self, role: str, folder: Path, is_wrapped: bool) -> Key:
        """A new key, written as ``<role>-<number>.pem``; gives its public half.

        Raises:
            OperatorVisibleError: the passphrase is too short.
            EnvironmentFault: the disk refuses.
        """
        private = Ed25519PrivateKey.generate()
        public = CryptoSigner(private).public_key
        wrapping: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if is_wrapped:
            wrapping = serialization.BestAvailableEncryption(self._known_passphrase("").encode())
        data = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, wrapping)
        try:
            write_atomically(folder / _file_name(role, public.keyid), data)
        except OSError as error:
            raise EnvironmentFault("kb_publish.unwritable", path=folder.name, reason=error.strerror or "") from error
        return public

    def holds(self, role: str, key: Key) -> bool:
        """Whether the private half is plugged in."""
        return self._find(role, key.keyid) is not None

    def signers(self, role: str, keys: Iterable[Key]) -> list[Signer]:
        """Signers of those keys of a role whose private halves are plugged in.

        Raises:
            OperatorVisibleError: the passphrase is wrong.
            EnvironmentFault: a key file is damaged.
        """
        found: list[Signer] = []
        for key in keys:
            path = self._find(role, key.keyid)
            if path is not None:
                found.append(CryptoSigner(self._opened(path), cast("SSlibKey", key)))
        return found

    def _find(self, role: str, keyid: str) -> Path | None:
        paths = (folder / _file_name(role, keyid) for folder in self._folders)
        return next((path for path in paths if path.is_file()), None)

    def _opened(self, path: Path) -> Ed25519PrivateKey:
        try:
            data = path.read_bytes()
            password = self._known_passphrase(path.name).encode() if b"ENCRYPTED" in data else None
            private = serialization.load_pem_private_key(data, password)
        except OSError as error:
            raise EnvironmentFault("kb_publish.key_damaged", file=path.name) from error
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            wrapped = b"ENCRYPTED" in data
            self._passphrase = None
            if wrapped:
                raise OperatorVisibleError("kb_publish.passphrase_wrong", file=path.name) from error
            raise EnvironmentFault("kb_publish.key_damaged", file=path.name) from error
        if not isinstance(private, Ed25519PrivateKey):
            raise EnvironmentFault("kb_publish.key_damaged", file=path.name)
        return private

    def _known_passphrase(self, file: str) -> str:
        if self._passphrase is None:
            given = self._ask(file)
            if len(given) < SHORTEST_PASSPHRASE:
                raise OperatorVisibleError("kb_publish.passphrase_short", least=SHORTEST_PASSPHRASE)
            self._passphrase = given
        return self._passphrase


def passphrase_from(variable: str, otherwise: AskPassphrase) -> AskPassphrase:
    """Asks the environment first: for a job, and for tests."""
    return lambda file: os.environ.get(variable) or otherwise(file)


def _file_name(role: str, keyid: str) -> str:
    return f"{role}-{keyid[:_NAMED]}.pem"
