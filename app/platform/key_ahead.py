"""The store's key fetched while the window's half of the program is still being loaded: stretching a passphrase takes half a second.

scrypt and the keyring's bus let other threads run, so what they take costs the start nothing on a PC with a second core. Only
what needs nobody is done ahead: a key that exists, with a passphrase from the environment or a keyring. Whatever goes wrong
here is left to ``open_secrets``, which does it again and tells. The thread "key-ahead" ends with the key.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from app.domain.errors import AppError
from app.platform.secret_record import read_record
from app.platform.secrets import HeldSecrets, open_secrets, passphrase_in_environment


class KeyAhead:
    """See the module. ``start`` at once, ``take`` where the store is opened; one thread takes.

    Args:
        folder: tells where the store and ``secrets.json`` lie; asked on the thread, because it may fail.
    """

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder
        self._found: HeldSecrets | None = None
        self._thread = threading.Thread(target=self._fetch, name="key-ahead", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def take(self) -> HeldSecrets | None:
        """The key, or None where ``open_secrets`` has to be asked; waits until that is known. Not kept after."""
        self._thread.join()
        found, self._found = self._found, None
        return found

    def _fetch(self) -> None:
        try:
            folder = self._folder()
            record = read_record(folder)
            # A rotation that was cut off is settled by who opens the store; a person is asked by who shows the window.
            if record is None or record.following is not None:
                return
            if record.present.wrapped is not None and passphrase_in_environment() is None:
                return
            self._found = open_secrets(folder, True)
        except AppError:
            return
