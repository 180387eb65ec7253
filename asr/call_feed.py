"""One call as the client keeps it: the sound fed, what is decided of it, and what a new worker must be told to go on.

Pure bookkeeping under the client's lock, no threads and no pipes. Its rule: whatever happens to workers, each final reaches the
listener once. Sound stays in the backlog until a mark of the worker says that it is decided; ``replay`` is the whole state
of the call as messages, so that a fresh worker needs nothing else.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from app.domain.dialogue import Channel, ChannelFinished, HypothesisRevised, SpeechEvent, UtteranceFinal
from app.ports.ports import AudioBlock
from asr.backlog import Backlog
from asr.expectation import KEPT, Said, said
from asr.overload import Effort, LoadControl, OverloadSettings
from asr.protocol import mark_from_json, mark_to_json

log = logging.getLogger(__name__)
OnEvent = Callable[[SpeechEvent], None]
Message = tuple[dict[str, object], bytes]


class CallFeed:
    """See the module.

    Args:
        number: of the call; frames of another number are not for it.
        on_event: who listens.
        overload: what a live call gives up when the PC is too busy; None for replays.
        now_s: a monotonic time.
    """

    def __init__(self, number: int, on_event: OnEvent, overload: OverloadSettings | None, now_s: float) -> None:
        self.number = number
        self.on_event = on_event
        self.backlog = Backlog()
        self.finishing = False
        self.given_up = False
        self._load = LoadControl(overload, now_s)
        self._phrases: list[str] = []
        self._revisions: dict[str, int] = {}
        self._said: deque[Said] = deque(maxlen=KEPT)

    @property
    def active(self) -> bool:
        """Whether a channel has not ended yet."""
        return len(self.backlog.finished) < len(Channel)

    @property
    def waits(self) -> bool:
        """Whether the worker owes something: sound to recognise or the last finals."""
        return self.backlog.pending_ms > 0 or (self.finishing and self.active)

    @property
    def effort(self) -> Effort:
        """How much is recognised at present."""
        return self._load.effort

    # ------------------------------------------------------------------ in

    def accept(self, block: AudioBlock) -> list[Message]:
        """Take sound; gives what to send now (nothing where the block is set aside)."""
        return [] if self._load.sets_aside(block) else [self._numbered(block)]

    def set_context(self, phrases: Sequence[str]) -> Message:
        """Words likely from now on."""
        self._phrases = list(phrases)
        return self._context()

    def finish(self) -> list[Message]:
        """No more sound: what was set aside, then the end."""
        self.finishing = True
        return [*self.taken_up(), self._end()]

    def taken_up(self) -> list[Message]:
        """Sound that was set aside and has its turn now."""
        messages = []
        while (block := self._load.next_aside(self.backlog.pending_ms, self.finishing)) is not None:
            messages.append(self._numbered(block))
        return messages

    def replay(self) -> list[Message]:
        """All that a fresh or reused worker must be told."""
        channels = [{"mark": mark_to_json(mark), "from_ms": at} for mark, at in self.backlog.begin_channels()]
        messages: list[Message] = [({"type": "begin", "call": self.number, "channels": channels,
                                     "said": [[channel.value, text, end_ms] for channel, text, end_ms in self._said]}, b"")]
        if self._load.effort:
            messages.append(self.effort_message())
        if self._phrases:
            messages.append(self._context())
        messages += [self._audio(item.seq, item.block) for item in self.backlog.replay()]
        return [*messages, self._end()] if self.finishing else messages

    def effort_message(self) -> Message:
        """Tells the worker how much to do."""
        return {"type": "effort", "call": self.number, "partials": self._load.effort is Effort.FULL}, b""

    # ------------------------------------------------------------------ out

    def heard(self, event: SpeechEvent) -> SpeechEvent | None:
        """An event of a worker as the listener may have it: revisions go on counting, a final that comes twice is None."""
        if isinstance(event, HypothesisRevised):
            revision = max(event.revision, self._revisions.get(event.utterance_id, 0) + 1)
            self._revisions[event.utterance_id] = revision
            return replace(event, revision=revision)
        if isinstance(event, UtteranceFinal):
            number = int(event.utterance_id.rpartition("-")[2])
            if number < self.backlog.marks[event.utterance.channel].next_utterance:
                log.error("final %s came twice; the second is dropped", event.utterance_id)
                return None
            self._revisions.pop(event.utterance_id, None)
            self._said.append(said(event))
        elif isinstance(event, ChannelFinished):
            self.backlog.finished.add(event.channel)
        return event

    def advance(self, header: Mapping[str, object]) -> bool:
        """Take the mark and the acknowledgement of a frame; True where a block is recognised for the first time."""
        values, seq = header["mark"], header.get("seq")
        assert isinstance(values, list)
        news = isinstance(seq, int) and self.backlog.done(seq)
        self.backlog.advance(mark_from_json(values))
        return news

    def adapted(self, now_s: float) -> bool:
        """Fit the effort to the sound that waits; True where it has changed."""
        return self.active and not self.finishing and self._load.observe(self.backlog.pending_ms, now_s)

    def give_up(self) -> int:
        """Recognition of this call is over; gives the length of what is lost by that, in milliseconds."""
        self.given_up = True
        return self.backlog.drop_all() + self._load.drop_all()

    def unfinished(self) -> list[ChannelFinished]:
        """Ends of the channels that no worker will end any more; they count as told."""
        open_marks = [mark for channel, mark in self.backlog.marks.items() if channel not in self.backlog.finished]
        self.backlog.finished.update(mark.channel for mark in open_marks)
        return [ChannelFinished(mark.channel, mark.heard_ms) for mark in open_marks]

    # ------------------------------------------------------------------ messages

    def _numbered(self, block: AudioBlock) -> Message:
        return self._audio(self.backlog.add(block).seq, block)

    def _audio(self, seq: int, block: AudioBlock) -> Message:
        header: dict[str, object] = {"type": "audio", "call": self.number, "seq": seq, "channel": block.channel.value,
                                     "start_ms": block.start_ms, "rate_hz": block.rate_hz}
        return header, block.pcm

    def _context(self) -> Message:
        return {"type": "context", "phrases": self._phrases}, b""

    def _end(self) -> Message:
        return {"type": "finish", "call": self.number}, b""
