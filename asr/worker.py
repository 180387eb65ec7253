"""The speech process: takes sound of both channels over stdin, gives events on stdout, in one thread, in order.

Why a process: two busy Python threads make the window tick 40 ms late, a native crash must not take the ticket with it, and a
worker that hangs can be killed. Rules: stdout belongs to the protocol (whatever a library prints goes to stderr); the worker
ends when its stdin ends or its stdout breaks, so that no orphan lives on; nothing said in a call goes to stderr.

Threads: ``asr-reader`` reads frames into a bounded queue, ``asr-beat`` tells four times a second that the process lives, the main
thread recognises. Whatever goes wrong in one of them ends the process with an exit code at once: a worker that is half alive
would be worse than none, and its successor is up in about a second.
"""

from __future__ import annotations

import logging
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from app.domain.dialogue import Channel, SpeechEvent
from app.domain.errors import AppError
from asr.crosstalk import Crosstalk
from asr.engine import Engine
from asr.expectation import NumberTalk
from asr.loading import load_engine, spec_from_json
from asr.protocol import (
    VERSION,
    Frame,
    Mark,
    ProtocolFault,
    event_to_json,
    mark_from_json,
    mark_to_json,
    read_frame,
    write_frame,
)
from asr.silero import SileroDetector
from asr.track import ChannelTrack
from asr.usage import own_usage

BEAT_S = 0.25
QUEUE_FRAMES = 256
EXIT_FAILED = 3
EXIT_BROKEN = 4
log = logging.getLogger(__name__)


class Outlet:
    """The one way out: frames from several threads, one after the other."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, kind: str, **values: object) -> None:
        """Write one frame; a broken pipe ends the process at once, nobody is left to work for."""
        try:
            with self._lock:
                write_frame(self._stream, {"type": kind, **values})
        except (OSError, ValueError):
            os._exit(0)


class Worker:
    """Carries out what the program asks; all methods on the main thread."""

    def __init__(self, engine: Engine, out: Outlet) -> None:
        self._engine = engine
        self._out = out
        self._call = 0
        self._tracks: dict[Channel, ChannelTrack] = {}
        self._talk = NumberTalk()
        self._detectors = {channel: SileroDetector() for channel in Channel}
        self.quiet_call = 0
        """The call that gets finals only; set from the reader's thread, ahead of the sound that waits."""

    def handle(self, frame: Frame) -> None:
        """One message of the program."""
        header = frame.header
        if frame.type == "begin":
            self._begin(header)
        elif frame.type == "context":
            self._engine.set_context([str(p) for p in header["phrases"]])
        elif header.get("call") != self._call:
            log.warning("message for another call ignored")
        elif frame.type == "audio":
            self._audio(header, frame.payload)
        elif frame.type == "finish":
            for track in self._tracks.values():
                self._send(track.finish(), track)
            self._tracks = {}

    def _begin(self, header: dict[str, Any]) -> None:
        self._call = int(header["call"])
        self._tracks = {}
        self._engine.set_context(())
        self._talk = NumberTalk((Channel(channel), str(text), int(end_ms)) for channel, text, end_ms in header.get("said", ()))
        crosstalk = Crosstalk()
        for item in header["channels"]:
            mark = mark_from_json(item["mark"])
            detector = self._detectors[mark.channel]
            detector.reset()
            self._tracks[mark.channel] = ChannelTrack(mark, int(item["from_ms"]), self._talk.opener(self._engine, mark.channel),
                                                      detector,
                                                      wants_partials=lambda: self.quiet_call != self._call,
                                                      crosstalk=crosstalk)

    def _audio(self, header: dict[str, Any], pcm: bytes) -> None:
        channel = Channel(header["channel"])
        track = self._tracks.get(channel)
        mark = Mark(channel)
        if track is not None:
            self._send(track.accept(int(header["start_ms"]), pcm, int(header["rate_hz"])), track)
            mark = track.mark
        self._out.send("done", call=self._call, seq=header["seq"], mark=mark_to_json(mark))

    def _send(self, events: Iterator[SpeechEvent], track: ChannelTrack) -> None:
        for event in events:
            self._talk.hear(event)
            self._out.send("event", call=self._call, event=event_to_json(event), mark=mark_to_json(track.mark),
                           usage=own_usage())


def main() -> int:
    """Serve one program until it goes away.

    Returns:
        Exit code 3 where the engine or the peer is of no use; else ``_read`` ends the process.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source, sink = _private_pipes()
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    out = Outlet(sink)
    try:
        hello = read_frame(source)
        if hello is None:
            return 0
        if hello.type != "hello" or hello.header.get("version") != VERSION:
            out.send("failed", key="asr.peer_version", params={})
            return EXIT_FAILED
        _start(_beat, "asr-beat", out)
        began = time.perf_counter()
        spec = spec_from_json(hello.header["engine"])
        engine = load_engine(spec)
        worker = Worker(engine, out)
    except AppError as error:
        out.send("failed", key=error.key, params={k: str(v) for k, v in error.params.items()})
        return EXIT_FAILED
    out.send("hello", version=VERSION, name=engine.name, versions=engine.versions,
             capabilities=asdict(engine.capabilities), load_ms=round((time.perf_counter() - began) * 1000))
    frames: queue.Queue[Frame] = queue.Queue(QUEUE_FRAMES)
    _start(_read, "asr-reader", source, frames, worker)
    try:
        while True:
            worker.handle(frames.get())
    except BaseException as error:  # memory, native code, a bug of ours: all end here
        _break(error)
    return EXIT_BROKEN


def _break(error: BaseException) -> None:
    """End now; the log gets where and what kind, not the message, which may hold words of the call."""
    try:
        places = [f"{Path(f.filename).name}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)[-4:]]
        log.error("%s at %s", type(error).__name__, ", ".join(places))
        logging.shutdown()
    finally:
        os._exit(EXIT_BROKEN)


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Stdin and stdout for the protocol alone; whatever else prints lands on stderr."""
    source = os.fdopen(os.dup(0), "rb", buffering=1 << 16)
    sink = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return source, sink


def _start(target: Any, name: str, *args: object) -> None:
    def run() -> None:
        try:
            target(*args)
        except BaseException as error:
            _break(error)
    threading.Thread(target=run, name=name, daemon=True).start()


def _beat(out: Outlet) -> None:
    wait = threading.Event()
    while not wait.wait(BEAT_S):
        out.send("beat", usage=own_usage())


def _read(source: BinaryIO, frames: queue.Queue[Frame], worker: Worker) -> None:
    """Frames into the queue; what a busy PC shall leave out must not wait there.

    A quit or the end of stdin ends the worker in the middle of its work: nobody waits for it.
    """
    try:
        while (frame := read_frame(source)) is not None:
            if frame.type == "quit":
                break
            if frame.type == "effort":
                worker.quiet_call = 0 if frame.header.get("partials", True) else int(frame.header["call"])
            else:
                frames.put(frame)
    except ProtocolFault as error:
        log.error("stdin: %s", error.key)
        logging.shutdown()
        os._exit(EXIT_FAILED)
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
