"""The program that `make torture` kills: takes calls, saves drafts, submits, delivers; everything real but telephone and speech.

Imports once, then forks a desk for every line it reads (starting Python anew would be most of the time). A desk says, each in one
write: ``draft CALL LENGTH TIME`` once the store was told of a change, ``ticket NUMBER CALL 0`` once a submission came back. ``dead``
follows its last line. Waits between attempts are shortened: a life lasts a second here, not a day.
"""

from __future__ import annotations

import itertools
import os
import random
import sys
import threading
import time
import traceback
from pathlib import Path

from app.assembly import new_session, open_knowledge
from app.delivery.opening import open_courier
from app.desk_calls import CallParts, DeskCall
from app.domain.call import CallAnswered, CallReleased, CallState, FieldConfirmed, FieldEdited, Phase
from app.domain.dialogue import CallContext
from app.platform.catalogue_files import load_fields, load_taxonomy
from app.platform.clock import SystemClock
from app.services import delivery, sending
from app.services.replay import read_script
from app.services.ticket_submit import TicketSubmit
from app.store.outbox import SqliteOutbox
from app.store.ticket_store import SqliteTicketStore
from tests.bench.torture_server import KEY

SCRIPTS = sorted((Path(__file__).resolve().parents[2] / "resources" / "sample_calls").glob("*.json"))
SHORTEST_S, LONGEST_S = 0.05, 1.0


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def desk(folder: Path, life: str) -> None:
    sending.FIRST_WAIT_S, sending.LONGEST_WAIT_S = SHORTEST_S, LONGEST_S
    clock = SystemClock()
    store = SqliteTicketStore(folder / "tickets.db", KEY, clock)
    say("open", 0, 0, 0)
    outbox = SqliteOutbox(store, clock)
    courier = open_courier(folder / "mapping.json", load_fields(), lambda name: "torture", clock)
    sender = delivery.DeliveryThread(delivery.Delivery(outbox, courier, clock), courier, lambda fault: say("fault", fault, 0, 0))
    store.on_queued = sender.wake
    sender.start()
    parts = CallParts(open_knowledge(None), store, TicketSubmit(store, load_fields(), load_taxonomy(), clock, "A1"), clock, bug)
    for number in itertools.count():
        take_call(parts, outbox, f"{life}-{number}")


def bug(error: BaseException, where: str) -> None:
    say("bug", type(error).__name__, where, 0)


def take_call(parts: CallParts, outbox: SqliteOutbox, call_id: str) -> None:
    script = read_script(random.choice(SCRIPTS))
    context = CallContext(call_id, parts.clock.now().isoformat(timespec="seconds"), "广州市", "13800000000")
    call, over, filed = DeskCall(new_session(context, parts.knowledge), parts), threading.Event(), threading.Event()

    def deliver(state: CallState) -> None:
        if state.ticket_no:
            say("ticket", state.ticket_no, call_id, 0)
            filed.set()
        elif state.dialogue:
            say("draft", call_id, len(state.dialogue), time.monotonic())
        if state.phase is Phase.WRAP_UP:
            over.set()

    call.deliver = deliver
    call.start()
    call.post(CallAnswered())
    for final in script.finals[: random.randint(3, 10)]:
        call.post(final)
        over.wait(random.expovariate(1 / 0.02))
    call.post(FieldEdited("title", f"试验{call_id}"))
    if random.random() < 0.3:
        call.post(FieldEdited("title", "试验第二件事", 1))
    if random.random() < 0.2:
        outbox.attach(call_id, "录音.txt", "text/plain", call_id.encode())
    call.post(CallReleased(1000))
    over.wait(30)
    call.post(FieldConfirmed("title"))
    call.submit()
    if not filed.wait(30):
        say("bug", "unsubmitted", call_id, 0)
    call.close()


def warm() -> None:
    """Load words, gazetteer and classifier once; a desk of a day has them too."""
    knowledge = open_knowledge(None)
    for path in SCRIPTS:
        session = new_session(CallContext("warm", "2026-11-22T09:00:00+08:00", "广州市"), knowledge)
        for final in read_script(path).finals:
            session.apply(final)
    knowledge.close()


def main() -> None:
    folder = Path(sys.argv[1])
    warm()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            try:
                random.seed(line)
                desk(folder, line.strip())
            except BaseException:
                traceback.print_exc()
                say("bug", "desk", "ended", 0)
            os._exit(1)
        say("life", pid, 0, 0)
        os.waitpid(pid, 0)
        os.write(1, b"\ndead 0 0 0\n")


if __name__ == "__main__":
    main()
