"""Delivery put together from the settings: mapping file, secrets, courier, thread. For the desk and for ``tingdan outbox``.

One process at a time delivers (``outbox.lock``): the open desk, else the command. Without Qt.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from app.assembly import opened_store
from app.domain.delivery import Refused
from app.domain.errors import AppError, OperatorVisibleError
from app.platform import paths
from app.platform.catalogue_files import load_fields
from app.platform.clock import SystemClock
from app.platform.named_secrets import NamedSecrets
from app.platform.settings import load_settings
from app.platform.single_instance import InstanceLock
from app.ports.ports import Clock
from app.services.delivery import Attempt, Delivery, DeliveryThread
from app.store.outbox import SqliteOutbox
from app.store.ticket_store import SqliteTicketStore

if TYPE_CHECKING:
    from app.delivery.drop_folder import DropFolder
    from app.delivery.http_courier import HttpCourier

LOCK_NAME = "outbox.lock"


def mapping_path(given: Path | None = None) -> Path | None:
    """The mapping file that was asked for, else the one of the settings; None where there is none."""
    named = load_settings().text("delivery.mapping")
    return given or (Path(named).expanduser() if named else None)


def named_secrets(outbox: SqliteOutbox) -> NamedSecrets:
    """Passwords of the ticket system."""
    return NamedSecrets(paths.data_dir(), outbox)


@contextlib.contextmanager
def opened_secrets() -> Iterator[NamedSecrets]:
    """The same for a command that needs nothing else of the store.

    Raises:
        AppError: the store cannot be opened.
    """
    clock = SystemClock()
    with opened_store(clock, rehearsal=False, on_health=lambda fault: None) as (store, _):
        yield named_secrets(SqliteOutbox(store, clock))


def courier_of(outbox: SqliteOutbox, clock: Clock, given: Path | None = None) -> HttpCourier | DropFolder:
    """The courier of the mapping file.

    Raises:
        OperatorVisibleError: no mapping is set, or it is wrong.
        EnvironmentFault: a file of it cannot be used.
    """
    from app.delivery.opening import open_courier  # noqa: PLC0415 - with network libraries; a desk without a mapping has no use for them

    path = mapping_path(given)
    if path is None:
        raise OperatorVisibleError("delivery.not_configured")
    return open_courier(path, load_fields(), named_secrets(outbox), clock)


@contextlib.contextmanager
def sending_alone() -> Iterator[None]:
    """The right to deliver; OperatorVisibleError ``delivery.busy`` where another process has it."""
    lock = InstanceLock(paths.data_dir() / LOCK_NAME)
    if not lock.try_acquire():
        raise OperatorVisibleError("delivery.busy")
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def running_delivery(store: SqliteTicketStore, clock: Clock, tell: Callable[[AppError], None],
                     heard: Callable[[Attempt], None] = lambda attempt: None) -> Iterator[DeliveryThread | None]:
    """The thread that delivers, where the settings name a mapping; trouble is told and never keeps the desk from opening.

    Args:
        store: tickets and outbox; must outlive this.
        clock: time.
        tell: told what a person should know (a wrong mapping, a refused ticket), on any thread.
        heard: told every attempt after it is on the disk, on the thread "network".
    """

    def told(attempt: Attempt) -> None:
        heard(attempt)
        if isinstance(attempt.outcome, Refused):
            tell(OperatorVisibleError("delivery.was_refused", ticket_no=attempt.message.ticket_no))

    with contextlib.ExitStack() as cleanup:
        thread: DeliveryThread | None = None
        if mapping_path() is not None:
            try:
                cleanup.enter_context(sending_alone())
                outbox = SqliteOutbox(store, clock)
                courier = courier_of(outbox, clock)
                thread = DeliveryThread(Delivery(outbox, courier, clock, told), courier,
                                        lambda fault: tell(fault) if fault is not None else None)
            except AppError as error:
                tell(error)
        if thread is not None:
            cleanup.callback(thread.stop)
            store.on_queued = thread.wake
            thread.start()
        yield thread
