"""The operating system's keyring, and which of Python's keyring backends count as one.

Only the five that hand the secret to the system's own encrypted keeper are taken, by module name. What the ``keyring``
package's configuration file or environment variable say is not asked: they can name a backend that keeps nothing
(``null``) or keeps it readable (``keyrings.alt``), and the store's key would be lost or open. Calls may wait for a person
who unlocks the keyring; call from the thread that may wait. The library is loaded at the first use: a store behind a passphrase does
without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "tingdan"
ACCEPTED = frozenset({
    "keyring.backends.SecretService", "keyring.backends.libsecret", "keyring.backends.kwallet",
    "keyring.backends.Windows", "keyring.backends.macOS",
})


def accepted_keyring() -> KeyringBackend | None:
    """The best accepted backend that works on this machine, or None."""
    import keyring.backend  # noqa: PLC0415 - see the module

    found = [ring for ring in keyring.backend.get_all_keyring() if type(ring).__module__ in ACCEPTED]
    return max(found, key=lambda ring: float(ring.priority), default=None)


def keyring_name(ring: KeyringBackend) -> str:
    """Short name for people ("SecretService")."""
    return type(ring).__module__.rpartition(".")[2]


def read_entry(ring: KeyringBackend, entry: str) -> str | None:
    """An entry of ours, None where there is none; EnvironmentFault where the keyring is locked or fails."""
    with _translated(ring):
        return ring.get_password(SERVICE, entry)


def write_entry(ring: KeyringBackend, entry: str, value: str) -> None:
    """Write an entry and read it back, so that a keyring that keeps nothing is noticed before it matters."""
    with _translated(ring):
        ring.set_password(SERVICE, entry, value)
        if ring.get_password(SERVICE, entry) != value:
            raise EnvironmentFault("platform.keyring_failed", backend=keyring_name(ring), reason="not kept")


def delete_entry(ring: KeyringBackend, entry: str) -> None:
    """Forget an entry; nothing where there is none."""
    with _translated(ring):
        if ring.get_password(SERVICE, entry) is not None:
            ring.delete_password(SERVICE, entry)


@contextmanager
def _translated(ring: KeyringBackend) -> Iterator[None]:
    try:
        yield
    except EnvironmentFault:
        raise
    except Exception as error:  # backends let errors of their bus and their system calls through, of any class
        raise EnvironmentFault("platform.keyring_failed", backend=keyring_name(ring),
                               reason=type(error).__name__) from error
