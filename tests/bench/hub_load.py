"""What 1,200 desks send to a hub, made fast: templates of a call with eighteen fields, filled with ids, desks and moments.

Used by ``tests.bench.hub``. A sender is a process that posts batches of fifty as desks do (gzip, bearer token) and repeats a batch
until it is answered with 200; ``Cuts`` is a TCP relay between them that breaks every connection off at a random place.
"""

from __future__ import annotations

import contextlib
import gzip
import itertools
import json
import multiprocessing
import random
import socket
import struct
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import date

import requests

from app.domain.call_record import CallRecord, CardRecord, ChoiceRecord, FieldOutcome, FieldRecord
from app.domain.call_record_form import to_json
from app.services.lead_sample import SampleOrder, sample_records

BATCH = 50
#: A connection of the relay lasts for fewer bytes than these: some answers, some batches.
MOST_ANSWERED, MOST_SENT = 1_000, 60_000
TEAM_SIZE = 30
TEMPLATES = 3000
ITEMS = 400
ENTRIES = 4000
DISTRICTS = [f"区{n:02}" for n in range(11)]
MORE_FIELDS = ("requester_kind", "community", "handling_unit", "urgency", "is_secret", "reply_wanted", "event_place", "title")


def templates(seed: int = 5) -> list[CallRecord]:
    """Calls as the sample has them, with more fields, items, streets and cards, as a large centre has."""
    dice = random.Random(seed)
    order = SampleOrder(date(2026, 11, 20), days=30, operators=40, calls_a_day=3, seed=seed, last_hour=24, stories=False)
    made = []
    for record in sample_records(order):
        made.append(_richer(record, dice))
        if len(made) == TEMPLATES:
            break
    return made


def _richer(record: CallRecord, dice: random.Random) -> CallRecord:
    item = f"{min(int(dice.paretovariate(0.6)), ITEMS):06}"
    more = tuple(FieldRecord(name, dice.choices(list(FieldOutcome)[:3], (90, 8, 2))[0], "filled", round(dice.uniform(0.6, 0.99), 3), 0.0, f"rule.{name}")
                 for name in MORE_FIELDS)
    district = dice.choice(DISTRICTS)
    cards = tuple(CardRecord(f"kb-{min(int(dice.paretovariate(0.7)), ENTRIES):05}", 2, "push", ("shown", "opened"), 1, dice.randrange(150, 2500), 9000)
                  for _ in range(dice.choice((1, 2, 3))))
    unit = ChoiceRecord("handling_unit", f"U{dice.randrange(40):02}", tuple(f"U{dice.randrange(40):02}" for _ in range(3)), 0, 0.7)
    choices = tuple(replace(each, submitted=item) if each.name == "item_code" else each for each in record.choices)
    return replace(record, district=district, street=f"{district}{dice.randrange(16):02}街", fields=record.fields + more, cards=cards,
                   choices=(*choices, unit))


def events_of(record: CallRecord) -> int:
    """Field outcomes, choices, cards and findings."""
    return len(record.fields) + len(record.choices) + len(record.cards) + len(record.quality)


def desk_id(number: int) -> str:
    return f"desk{number:05}"


def agent_of(number: int) -> str:
    return f"{20000 + number}"


def team_of(number: int) -> str:
    return f"T{number // TEAM_SIZE:02}"


@dataclass
class Load:
    """What one sender sends: whose desks, how many calls of each on which day."""

    url: str
    tokens: dict[int, str]
    calls: int
    day: str
    seed: int
    again: float = 0.0  # share of batches sent twice though they were answered
    batch: int = BATCH
    deadline_s: float = 3600.0


@dataclass
class Sent:
    """What a sender counted."""

    records: int = 0
    events: int = 0
    batches: int = 0
    repeats: int = 0
    failures: int = 0
    refused: int = 0
    known: int = 0
    accepted: int = 0
    seconds: float = 0.0
    batch_ms: list[float] = field(default_factory=list)


def send(load: Load, results: multiprocessing.Queue[Sent]) -> None:
    """Runs in a process."""
    dice, sent = random.Random(load.seed), Sent()
    pool = [(json.dumps(to_json(record), ensure_ascii=False), events_of(record), record) for record in templates()]
    session = requests.Session()
    began = time.monotonic()
    desks = list(load.tokens)
    rounds = [(desk, first) for first in range(0, load.calls, load.batch) for desk in desks]
    for desk, first in rounds:
        texts = []
        for _ in range(min(load.batch, load.calls - first)):
            text, events, record = dice.choice(pool)
            texts.append(text.replace(record.record_id, f"{dice.getrandbits(128):032x}").replace(f'"{record.desk}"', f'"{desk_id(desk)}"')
                         .replace(f'"agent": "{record.agent}"', f'"agent": "{agent_of(desk)}"').replace(record.at[:10], load.day))
            sent.events += events
        sent.records += len(texts)
        sent.batches += 1
        body = gzip.compress(('{"records": [' + ",".join(texts) + "]}").encode(), 1)
        deliver(session, load, body, desk, sent, began)
        if dice.random() < load.again:
            sent.repeats += 1
            deliver(session, load, body, desk, sent, began)
    sent.seconds = time.monotonic() - began
    results.put(sent)


def deliver(session: requests.Session, load: Load, body: bytes, desk: int, sent: Sent, began: float) -> None:
    """Post until it is answered with 200, as a desk's sender does."""
    headers = {"Authorization": f"Bearer {load.tokens[desk]}", "Content-Encoding": "gzip", "Content-Type": "application/json"}
    pause = threading.Event()
    while time.monotonic() - began < load.deadline_s:
        at = time.monotonic()
        try:
            answer = session.post(load.url + "/v1/records", data=body, headers=headers, timeout=30)
            if answer.status_code == 200:
                told = answer.json()
                sent.batch_ms.append((time.monotonic() - at) * 1000)
                sent.accepted += told["accepted"]
                sent.known += told["known"]
                sent.refused += len(told["refused"])
                return
        except (requests.RequestException, ValueError):
            session.close()
        sent.failures += 1
        pause.wait(0.2)
    raise TimeoutError("the hub did not take a batch")


def send_all(loads: list[Load]) -> Sent:
    """All senders at once; their counts together."""
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[Sent] = context.Queue()
    workers = [context.Process(target=send, args=(load, results)) for load in loads]
    for worker in workers:
        worker.start()
    whole = Sent()
    for each in [results.get(timeout=load.deadline_s + 60) for load in loads]:
        for name in ("records", "events", "batches", "repeats", "failures", "refused", "known", "accepted"):
            setattr(whole, name, getattr(whole, name) + getattr(each, name))
        whole.seconds = max(whole.seconds, each.seconds)
        whole.batch_ms += each.batch_ms
    for worker in workers:
        worker.join()
    return whole


class Cuts:
    """A TCP relay on which no connection lasts: each is broken off (reset, not closed) after some bytes of one way or the other.

    Every other one breaks in what the hub answers, where the hub has taken the batch and the sender cannot know it; the rest break in
    what is sent. ``in_answers`` and ``in_requests`` count those that did break while bytes were on the way.
    """

    def __init__(self, port: int, seed: int = 3) -> None:
        self._target = ("127.0.0.1", port)
        self._dice = random.Random(seed)
        self._turn = itertools.count()
        self._counts = threading.Lock()
        self.in_requests, self.in_answers = 0, 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                inner, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(inner,), daemon=True).start()

    def _relay(self, inner: socket.socket) -> None:
        try:
            outer = socket.create_connection(self._target, timeout=10)
        except OSError:
            inner.close()
            return
        outer.settimeout(None)
        is_answer = next(self._turn) % 2 == 0
        after = self._dice.randrange(1, MOST_ANSWERED) if is_answer else self._dice.randrange(1, MOST_SENT)
        back = threading.Thread(target=self._pump, args=(outer, inner, after if is_answer else None, True), daemon=True)
        back.start()
        self._pump(inner, outer, None if is_answer else after, False)
        back.join()
        inner.close()
        outer.close()

    def _pump(self, source: socket.socket, sink: socket.socket, cut_after: int | None, is_answer: bool) -> None:
        passed = 0
        try:
            while data := source.recv(4096):
                if cut_after is not None and passed + len(data) > cut_after:
                    sink.sendall(data[:cut_after - passed])
                    self._count(is_answer)
                    for each in (source, sink):
                        each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    break
                sink.sendall(data)
                passed += len(data)
        except OSError:
            pass
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _count(self, is_answer: bool) -> None:
        with self._counts:
            if is_answer:
                self.in_answers += 1
            else:
                self.in_requests += 1
