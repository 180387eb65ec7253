"""How the program and its speech process talk: frames of a JSON header and raw sound over a pair of pipes.

A frame is the magic, two lengths (32 bit, little endian), a UTF-8 JSON object and a payload. Both sides begin with
``hello`` and its ``version``; a stranger on the pipe, a newer peer or damaged bytes raise ``ProtocolFault`` at once instead of
being interpreted. Headers carry texts of a call: nobody logs them.

Program to worker: hello(engine), begin(call, channels, said; the last finals as channel, text, end_ms), audio(call, seq, channel,
start_ms, rate_hz)+pcm, context(phrases), effort(call, partials; taken ahead of the sound that waits), finish(call), quit. Worker to
program: hello(name, versions, capabilities), event(call, event, mark), done(call, seq, mark), beat(usage), failed(key, params). ``mark``
says, for one channel, up to where everything is decided, so that a successor goes on without losing or doubling.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass
from typing import Any, BinaryIO

from app.domain.dialogue import (
    Alternative,
    Channel,
    ChannelFinished,
    HypothesisRevised,
    RecogniserFailed,
    SpeechEvent,
    Token,
    Utterance,
    UtteranceFinal,
)
from app.domain.errors import EnvironmentFault

VERSION = 1
_MAGIC = b"TDs1"
_HEAD = struct.Struct("<4sII")
_MAX_HEADER_BYTES = 4 << 20
_MAX_PAYLOAD_BYTES = 8 << 20


class ProtocolFault(EnvironmentFault):
    """Bytes on the pipe that are no frame of ours, or a pipe that broke in the middle of one."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message: its JSON header, with ``type`` in it, and raw bytes."""

    header: dict[str, Any]
    payload: bytes = b""

    @property
    def type(self) -> str:
        """The message's name."""
        return str(self.header["type"])


@dataclass(frozen=True, slots=True)
class Mark:
    """How far one channel is decided.

    Attributes:
        channel: side of the call.
        heard_ms: sound taken.
        settled_ms: before it everything is decided; a successor opens no utterance before it.
        ended_ms: end of the last utterance; no later utterance reaches back over it.
        next_utterance: number of the next utterance of this channel.
    """

    channel: Channel
    heard_ms: int = 0
    settled_ms: int = 0
    ended_ms: int = 0
    next_utterance: int = 1


def write_frame(stream: BinaryIO, header: Mapping[str, object], payload: bytes = b"") -> None:
    """Write one frame and flush it.

    Raises:
        OSError: the pipe is gone.
    """
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    stream.write(_HEAD.pack(_MAGIC, len(text), len(payload)) + text + payload)
    stream.flush()


def read_frame(stream: BinaryIO) -> Frame | None:
    """The next frame; None where the stream ended between frames.

    Raises:
        ProtocolFault: garbage, too large, or cut within a frame.
    """
    head = stream.read(_HEAD.size)
    if not head:
        return None
    if len(head) < _HEAD.size:
        raise ProtocolFault("asr.pipe_cut")
    magic, header_bytes, payload_bytes = _HEAD.unpack(head)
    if magic != _MAGIC or header_bytes > _MAX_HEADER_BYTES or payload_bytes > _MAX_PAYLOAD_BYTES:
        raise ProtocolFault("asr.pipe_garbage")
    text, payload = _exactly(stream, header_bytes), _exactly(stream, payload_bytes)
    try:
        header = json.loads(text)
    except ValueError as error:
        raise ProtocolFault("asr.pipe_garbage") from error
    if not isinstance(header, dict) or not isinstance(header.get("type"), str):
        raise ProtocolFault("asr.pipe_garbage")
    return Frame(header, payload)


def _exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count) if count else b""
    if len(data) < count:
        raise ProtocolFault("asr.pipe_cut")
    return data


def mark_to_json(mark: Mark) -> list[object]:
    """A mark as a short list."""
    return [mark.channel.value, mark.heard_ms, mark.settled_ms, mark.ended_ms, mark.next_utterance]


def mark_from_json(values: list[Any]) -> Mark:
    """The inverse of ``mark_to_json``."""
    return Mark(Channel(values[0]), int(values[1]), int(values[2]), int(values[3]), int(values[4]))


def event_to_json(event: SpeechEvent) -> dict[str, object]:
    """Any speech event as JSON-able values; ``kind`` is the class's name."""
    if isinstance(event, UtteranceFinal):
        u = event.utterance
        body: dict[str, object] = {
            "utterance_id": event.utterance_id, "heard_ms": event.heard_ms, "compute_ms": event.compute_ms,
            "index": u.index, "channel": u.channel.value, "start_ms": u.start_ms, "end_ms": u.end_ms, "text": u.text,
            "display": u.display, "confidence": u.confidence, "tokens": [list(astuple(t)) for t in u.tokens],
            "alternatives": [[a.text, a.confidence, [list(astuple(t)) for t in a.tokens]] for a in u.alternatives],
        }
    else:
        body = asdict(event)
    return {"kind": type(event).__name__, **body}


def event_from_json(body: Mapping[str, Any]) -> SpeechEvent:
    """The inverse of ``event_to_json``.

    Raises:
        ProtocolFault: no such event.
    """
    values = dict(body)
    kind = values.pop("kind", "")
    try:
        if kind == "UtteranceFinal":
            return _final(values)
        if kind == "RecogniserFailed":
            return RecogniserFailed(**values)
        values["channel"] = Channel(values["channel"])
        if kind == "HypothesisRevised":
            return HypothesisRevised(**values)
        if kind == "ChannelFinished":
            return ChannelFinished(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise ProtocolFault("asr.pipe_garbage") from error
    raise ProtocolFault("asr.pipe_garbage")


def _final(v: Mapping[str, Any]) -> UtteranceFinal:
    utterance = Utterance(
        index=v["index"], channel=Channel(v["channel"]), start_ms=v["start_ms"], end_ms=v["end_ms"], text=v["text"],
        display=v["display"], confidence=v["confidence"], tokens=tuple(Token(*t) for t in v["tokens"]),
        alternatives=tuple(Alternative(text, sure, tuple(Token(*t) for t in tokens)) for text, sure, tokens in v["alternatives"]))
    return UtteranceFinal(v["utterance_id"], utterance, v["heard_ms"], v["compute_ms"])
