"""Passwords by name (of the ticket system, of a certificate's key): in the system's keyring, where this PC uses one.

On a PC that uses a passphrase instead, the caller keeps them in the encrypted store (``fallback``). They are never in a file that
can be read, never in the environment. Calls may wait for a person who unlocks the keyring. Any thread, one at a time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from app.platform.os_keyring import accepted_keyring, delete_entry, read_entry, write_entry
from app.platform.secrets import backend_in_use

_PREFIX = "delivery-"


class SecretStore(Protocol):
    """Where secrets go without a keyring."""

    def secret(self, name: str) -> str | None:
        """One, or None."""

    def put_secret(self, name: str, value: str | None) -> None:
        """Keep or forget one."""


class NamedSecrets:
    """See the module.

    Args:
        folder: the data folder, whose ``secrets.json`` says which kind this PC uses.
        fallback: for a PC without a keyring.
    """

    def __init__(self, folder: Path, fallback: SecretStore) -> None:
        self._fallback = fallback
        self._ring = accepted_keyring() if backend_in_use(folder).startswith("keyring:") else None

    @property
    def is_keyring(self) -> bool:
        """Whether the system's keyring holds them."""
        return self._ring is not None

    def __call__(self, name: str) -> str | None:
        """A secret, None where there is none of that name; EnvironmentFault where the keyring fails."""
        if self._ring is None:
            return self._fallback.secret(name)
        return read_entry(self._ring, _PREFIX + name)

    def put(self, name: str, value: str | None) -> None:
        """Keep one, or forget it (None)."""
        if self._ring is None:
            self._fallback.put_secret(name, value)
        elif value is None:
            delete_entry(self._ring, _PREFIX + name)
        else:
            write_entry(self._ring, _PREFIX + name, value)
