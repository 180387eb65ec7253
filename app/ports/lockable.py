"""The port ``Lockable``: something that can forget its key while nobody is there (room: app.store)."""

from __future__ import annotations

from typing import Protocol


class Lockable(Protocol):
    """A store that can be locked. Any thread, one at a time."""

    @property
    def is_locked(self) -> bool:
        """Whether it is."""

    def lock(self) -> None:
        """Write what is kept, close, forget the key; safe to call twice.

        Raises:
            EnvironmentFault: something could not be written; it stays open.
        """

    def unlock(self) -> None:
        """Fetch the key again and open; safe to call twice.

        Raises:
            AppError: why not; it stays locked.
        """
