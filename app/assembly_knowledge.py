"""Knowledge updates put together from the settings: trust, transport, updater, thread. For the desk and for ``tingdan kb``. Without Qt.

The desk looks in another process: what verifies and fetches (python-tuf, network libraries) is loaded here only where it is used.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from app.assembly import updates_folder
from app.domain.errors import AppError, EnvironmentFault, OperatorVisibleError
from app.domain.knowledge_update import KnowledgeAge, UpdateNews, UpdateReceipt
from app.platform import paths
from app.platform.settings import Settings, load_settings
from app.ports.assist import AssistStore
from app.ports.ports import Clock
from app.services.knowledge_recalls import RecallWatch
from app.signed.line import UpdateLine
from kb_cache.installed import InstalledFolder
from kb_cache.receipts import Carry, ReceiptFolder, carry_to_folder
from kb_cache.update_child import UpdateChild
from kb_cache.update_order import UpdatePlan
from kb_cache.update_poll import UpdatePoll, UpdateTold, state_of

if TYPE_CHECKING:
    from kb_cache.updater import KnowledgeUpdater, Step


def update_line(settings: Settings, given: str = "") -> UpdateLine:
    """How to reach the publisher: the address that was given, else the one of the settings.

    Raises:
        OperatorVisibleError: there is none.
    """
    address = given or settings.text("knowledge.address")
    if not address:
        raise OperatorVisibleError("kb_update.no_address")
    authority = settings.text("knowledge.ca_file")
    return UpdateLine(address, Path(authority).expanduser() if authority else None, settings.text("knowledge.proxy"))


def new_updater(installed: InstalledFolder, clock: Clock, given: str = "", step: Step = lambda name: None) -> KnowledgeUpdater:
    """The updater of this user.

    Raises:
        OperatorVisibleError: no address.
        EnvironmentFault: the administrator's root file cannot be read.
    """
    from kb_cache.updater import KnowledgeUpdater  # noqa: PLC0415 - see the module

    return KnowledgeUpdater(installed, paths.cache_dir() / "kb", _plan(installed, given), clock, receipt_folder(installed), step)


def new_update_child(installed: InstalledFolder, clock: Clock) -> UpdateChild:
    """The same in a process of its own: the desk's.

    Raises:
        AppError: as ``new_updater``.
    """
    return UpdateChild(installed, paths.cache_dir() / "kb", _plan(installed), clock, receipt_folder(installed))


def receipt_folder(installed: InstalledFolder) -> ReceiptFolder:
    """Receipts of this user that nobody took yet."""
    return ReceiptFolder(installed.folder / "receipts")


def blank_receipt(clock: Clock) -> UpdateReceipt:
    """A receipt of this desk as of now that tells nothing yet."""
    installed = updates_folder()
    now = installed.state().current
    version, number = (now.version, now.number) if now is not None else ("", 0)
    return UpdateReceipt(installed.desk(), clock.now().isoformat(timespec="seconds"), "", version, number, number, 0.0, 0)


def recall_watch(assist: AssistStore, clock: Clock) -> RecallWatch:
    """Tells operator and IT what a recall means for this PC."""
    return RecallWatch(assist, receipt_folder(updates_folder()), lambda: blank_receipt(clock))


def receipt_carrier(clock: Clock) -> Carry | None:
    """Who takes receipts to IT; None where the settings name nobody."""
    settings = load_settings()
    goal = settings.text("knowledge.receipts")
    if not goal:
        return None
    if not goal.startswith(("http://", "https://")):
        return carry_to_folder(Path(goal).expanduser())
    line = update_line(settings, goal)

    def carry(receipt: UpdateReceipt) -> bool:
        from app.signed.transport import Transport  # noqa: PLC0415 - on the update thread, when there is something to carry

        with contextlib.closing(Transport(line, clock)) as transport:
            return transport.post(goal, asdict(receipt))

    return carry


def knowledge_age(clock: Clock) -> KnowledgeAge:
    """How fresh the knowledge base of this user is; never raises."""
    return state_of(updates_folder(), clock, load_settings().text("knowledge.pin"))


@contextlib.contextmanager
def running_updates(clock: Clock, trouble: Callable[[AppError], None], news: Callable[[UpdateNews], None],
                    age: Callable[[KnowledgeAge], None]) -> Iterator[UpdatePoll | None]:
    """The thread that looks for updates, where the settings name an address; trouble is told and never keeps the desk from opening.

    Args:
        clock: time.
        trouble: told what went wrong, once for each kind; on the update thread.
        news: told what was installed or recalled; on the update thread.
        age: told after every look how fresh the knowledge base is; also at once.
    """
    with contextlib.ExitStack() as cleanup:
        poll: UpdatePoll | None = None
        settings = load_settings()
        if settings.text("knowledge.address") and not settings.text("knowledge.path"):
            installed = updates_folder()
            told = UpdateTold(news, lambda fault: trouble(fault) if fault is not None else None, age)
            try:
                updater = new_update_child(installed, clock)
                poll = UpdatePoll(updater, installed, settings.whole("knowledge.poll_minutes") * 60.0, clock, told, receipt_carrier(clock))
            except AppError as error:
                trouble(error)
            age(knowledge_age(clock))
        if poll is not None:
            cleanup.callback(poll.stop)
            poll.start()
        yield poll


def _plan(installed: InstalledFolder, given: str = "") -> UpdatePlan:
    settings = load_settings()
    line = update_line(settings, given)
    _trust_policy(installed, settings.text("knowledge.root"))
    return UpdatePlan(line, settings.text("knowledge.channel"), settings.text("knowledge.pin"))


def _trust_policy(installed: InstalledFolder, file: str) -> None:
    if not file:
        return
    try:
        root = Path(file).read_bytes()
    except OSError as error:
        raise EnvironmentFault("kb_update.bad_root", file=Path(file).name) from error
    if root != installed.root():
        installed.trust(root)
