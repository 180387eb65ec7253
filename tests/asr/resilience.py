"""Faults that are caused for real in the middle of a call, for the tests and for docs/benchmarks/asr_resilience.md.

Each is a function of a running client; what it does is done to the living worker: signals, its memory limit, its pipe, its files.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import psutil

from app.domain.dialogue import (
    Channel,
    ChannelFinished,
    HypothesisRevised,
    RecogniserFailed,
    SpeechEvent,
    UtteranceFinal,
)
from app.ports.ports import AudioBlock
from asr.client import RecogniserClient

Fault = Callable[[RecogniserClient], None]


def pid_of(client: RecogniserClient) -> int:
    pid = client.worker_pid
    assert pid is not None
    return pid


def killed(client: RecogniserClient) -> None:
    """kill -9."""
    os.kill(pid_of(client), signal.SIGKILL)


def hung(client: RecogniserClient) -> None:
    """The process stands still and holds its pipes."""
    os.kill(pid_of(client), signal.SIGSTOP)


def garbage(client: RecogniserClient) -> None:
    """Bytes that are no frame, into the pipe that the worker reads."""
    with Path(f"/proc/{pid_of(client)}/fd/0").open("wb", buffering=0) as pipe:
        pipe.write(os.urandom(64) * 20)


def out_of_memory(client: RecogniserClient) -> None:
    """Its address space may not grow any more, and new context words need some."""
    import resource  # POSIX only

    process = psutil.Process(pid_of(client))
    resource.prlimit(process.pid, resource.RLIMIT_AS, (process.memory_info().vms, resource.RLIM_INFINITY))
    client.set_context([f"{first}{second}牌子" for first in "甲乙丙丁戊己庚辛" for second in "鼎鑫磊淼犇骉羴"])


@dataclass
class Heard:
    """A call's events and when they came."""

    events: list[SpeechEvent] = field(default_factory=list)
    failed_s: list[float] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def __call__(self, event: SpeechEvent) -> None:
        self.events.append(event)
        if isinstance(event, RecogniserFailed):
            self.failed_s.append(time.monotonic())
        if sum(isinstance(e, ChannelFinished) for e in self.events) == len(Channel):
            self.over.set()

    @property
    def finals(self) -> list[UtteranceFinal]:
        """In the order in which they came."""
        return [e for e in self.events if isinstance(e, UtteranceFinal)]

    @property
    def failures(self) -> list[RecogniserFailed]:
        """Lines that the operator reads."""
        return [e for e in self.events if isinstance(e, RecogniserFailed)]

    @property
    def partials(self) -> list[HypothesisRevised]:
        """Revisions."""
        return [e for e in self.events if isinstance(e, HypothesisRevised)]

    def turns(self) -> list[tuple[str, int, int]]:
        """Id and place of every final, sorted by id: channels may overtake each other after a fault."""
        return sorted((f.utterance_id, f.utterance.start_ms, f.utterance.end_ms) for f in self.finals)

    def text(self) -> str:
        """All words, by utterance."""
        return "".join(f.utterance.text for f in sorted(self.finals, key=lambda f: f.utterance_id))


@dataclass(frozen=True, slots=True)
class Recovery:
    """Seconds from the fault to the line that the operator reads, and to a new worker that is ready."""

    told_s: float
    ready_s: float

    @property
    def start_s(self) -> float:
        """From the worker's end to the next one's being ready."""
        return self.ready_s - self.told_s


def call(client: RecogniserClient, blocks: list[AudioBlock], fault: Fault | None = None, at: int = 0) -> tuple[Heard, Recovery]:
    """A whole call with a fault before block ``at``."""
    heard, recovery, rest = Heard(), Recovery(0.0, 0.0), iter(blocks)
    client.start(heard)
    for block in islice(rest, at):
        client.accept(block)
    if fault is not None:
        assert client.drain(180)
        recovery = strike(client, heard, fault, rest)
    for block in rest:
        client.accept(block)
    client.finish()
    assert heard.over.wait(400)
    return heard, recovery


def strike(client: RecogniserClient, heard: Heard, fault: Fault, rest: Iterator[AudioBlock]) -> Recovery:
    """Do it, and go on with the call (some five times as fast as it was spoken) until a new worker is ready."""
    first, wait, before = client.worker_pid, threading.Event(), len(heard.failed_s)
    began = time.monotonic()
    fault(client)
    while client.worker_pid in (None, first):
        if (block := next(rest, None)) is not None:
            client.accept(block)
        wait.wait(0.01)
        assert time.monotonic() - began < 180, [f.key for f in heard.failures]
    assert client.wait_ready(180)
    return Recovery(heard.failed_s[before] - began, time.monotonic() - began)


def until(holds: Callable[[], bool], patience_s: float) -> bool:
    """Wait for something; False where the time is up."""
    wait, began = threading.Event(), time.monotonic()
    while not holds():
        if time.monotonic() - began > patience_s:
            return False
        wait.wait(0.02)
    return True
