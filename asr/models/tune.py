"""``tingdan models tune``: a vocabulary is measured on calls of known words, and installed only where it does no harm.

The test set is the shipped sample calls and, where named, a folder of the centre's own: two-channel recordings (``*.flac``,
``*.wav``) with a script of the same name beside each (``turns[]`` with ``speaker`` and ``text``, docs/replay-format.md). Each
channel is recognised as in a call, once without and once with the words, and compared with all that its side says in
the script. More wrong characters than before: refused, and nothing changes. Nothing of the calls is kept or logged.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from app.domain.dialogue import Channel, UtteranceFinal
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.platform.atomic_file import write_atomically
from app.platform.resource_files import resource
from asr.engine import SAMPLE_RATE_HZ, Engine
from asr.lexicon.vocabulary import BadLineError, Word, parse
from asr.loading import EngineSpec
from asr.models.find import vocabulary_file
from asr.protocol import Mark
from asr.silero import SileroDetector
from asr.track import ChannelTrack
from asr.zipformer import engine as zipformer

ENDINGS = (".flac", ".wav")
MOST_WORDS = 50_000
_BLOCK_S = 0.1
_SILENT = re.compile(r"[^0-9A-Za-z\u3400-\u9fff]")
_SAME = str.maketrans({"幺": "一", "两": "二", "〇": "零"})


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a test call: sound at 16 kHz, and what is said there, only what counts."""

    channel: Channel
    sound: NDArray[np.float32]
    said: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What one run gave.

    Attributes:
        characters: said.
        errors: inserted, left out or taken for another (Levenshtein).
        words: how often words of the vocabulary are said.
        words_right: how many of these were recognised whole.
        cpu_s: computing time.
    """

    characters: int = 0
    errors: int = 0
    words: int = 0
    words_right: int = 0
    cpu_s: float = 0.0

    def plus(self, other: Counts) -> Counts:
        """Sum."""
        return Counts(self.characters + other.characters, self.errors + other.errors, self.words + other.words,
                      self.words_right + other.words_right, self.cpu_s + other.cpu_s)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Without and with the vocabulary, on the same sound."""

    without: Counts
    with_words: Counts

    @property
    def worse(self) -> bool:
        """More wrong characters, or fewer of its own words right."""
        return (self.with_words.errors, -self.with_words.words_right) > (self.without.errors, -self.without.words_right)


def read_vocabulary(file: Path) -> list[Word]:
    """Words of a file, a line each; empty lines and those with # are for people.

    Raises:
        OperatorVisibleError: no such file, not UTF-8, a line that means nothing (its number is told), too many words, none.
    """
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorVisibleError("asr.vocabulary_unreadable", file=file.name) from error
    found: dict[str, Word] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            word = parse(line)
        except BadLineError as error:
            raise OperatorVisibleError("asr.vocabulary_line", file=file.name, line=number) from error
        found[word.text] = word
    if not found or len(found) > MOST_WORDS:
        raise OperatorVisibleError("asr.vocabulary_size", file=file.name, count=len(found), most=MOST_WORDS)
    return list(found.values())


def test_sides(folder: Path | None) -> Iterator[Side]:
    """The shipped sample calls, then those of a folder.

    Raises:
        OperatorVisibleError: the folder holds no recording with a script, or one that cannot be read.
    """
    yield from _sides(resource("sample_calls"))
    if folder is None:
        return
    count = 0
    for side in _sides(folder):
        count += 1
        yield side
    if not count:
        raise OperatorVisibleError("asr.tune_no_calls", path=str(folder))


def engines(spec: EngineSpec, words: Sequence[Word]) -> tuple[Engine, Engine]:
    """The recogniser without any vocabulary of the centre's, and with these words.

    Raises:
        OperatorVisibleError: the engine of this PC takes no such vocabulary.
        EnvironmentFault: missing or damaged model files.
    """
    if spec.name != zipformer.NAME:
        raise OperatorVisibleError("asr.tune_engine", engine=spec.name)
    base = zipformer.load(spec.arguments["model_folder"], spec.arguments["lm_folder"], accent=spec.arguments.get("accent", ""))
    return base, base.with_words(base.words.with_words(words))


def compare(base: Engine, extended: Engine, words: Sequence[Word], sides: Iterator[Side],
            told: Callable[[int], None] = lambda _count: None) -> Comparison:
    """Recognise every side with both engines; ``told`` hears how many sides are done."""
    spellings = sorted({_spoken(word.text) for word in words})
    without, with_words = Counts(), Counts()
    for number, side in enumerate(sides, start=1):
        without = without.plus(_measured(base, side, spellings))
        with_words = with_words.plus(_measured(extended, side, spellings))
        told(number)
    return Comparison(without, with_words)


def install(file: Path) -> Path:
    """Make the file the centre's vocabulary, whole or not at all; the next start of the engine takes it.

    Raises:
        EnvironmentFault: the disk does not take it; what was there before is as it was.
    """
    target = vocabulary_file()
    try:
        write_atomically(target, file.read_bytes())
    except OSError as error:
        raise EnvironmentFault("asr.disk", path=str(target), problem=type(error).__name__) from error
    return target


def remove() -> Path:
    """Forget the centre's vocabulary; gives the file that is gone.

    Raises:
        OperatorVisibleError: there is none.
        EnvironmentFault: the disk says no.
    """
    target = vocabulary_file()
    try:
        target.unlink()
    except FileNotFoundError:
        raise OperatorVisibleError("asr.vocabulary_none") from None
    except OSError as error:
        raise EnvironmentFault("asr.disk", path=str(target), problem=type(error).__name__) from error
    return target


def _sides(folder: Path) -> Iterator[Side]:
    recordings = sorted(file for file in folder.iterdir() if file.suffix in ENDINGS) if folder.is_dir() else []
    for file in recordings:
        script = file.with_suffix(".json")
        if not script.is_file():
            continue
        try:
            turns = [(Channel(turn["speaker"]), str(turn["text"])) for turn in json.loads(script.read_text("utf-8"))["turns"]]
            sound, rate_hz = soundfile.read(file, dtype="float32", always_2d=True)
        except (OSError, ValueError, KeyError, TypeError, soundfile.SoundFileError) as error:
            raise OperatorVisibleError("asr.tune_call_unusable", path=str(file)) from error
        if sound.shape[1] != len(Channel):
            raise OperatorVisibleError("asr.tune_call_unusable", path=str(file))
        for place, channel in enumerate(Channel):
            said = _spoken("".join(text for who, text in turns if who is channel))
            yield Side(channel, soxr.resample(np.ascontiguousarray(sound[:, place]), rate_hz, SAMPLE_RATE_HZ), said)


def _measured(engine: Engine, side: Side, spellings: Sequence[str]) -> Counts:
    began_s = time.process_time()
    heard = _heard(engine, side)
    cpu_s = time.process_time() - began_s
    right = right_places(side.said, heard)
    spans = [match.span() for word in spellings if word in side.said for match in re.finditer(word, side.said)]
    whole = sum(bool(right[start:end].all()) for start, end in spans)
    return Counts(len(side.said), int(Levenshtein.distance(side.said, heard)), len(spans), whole, cpu_s)


def right_places(said: str, heard: str) -> NDArray[np.bool_]:
    """Which characters of ``said`` were recognised."""
    right = np.zeros(len(said), dtype=bool)
    for step in Levenshtein.opcodes(said, heard):
        if step.tag == "equal":
            right[step.src_start : step.src_end] = True
    return right


def _heard(engine: Engine, side: Side) -> str:
    """All finals of one channel, cut as in a call."""
    track = ChannelTrack(Mark(side.channel), 0, engine.open_utterance, SileroDetector(), wants_partials=lambda: False)
    pcm = (np.clip(side.sound, -1.0, 1.0) * 32767.0).astype("<i2")
    block = int(_BLOCK_S * SAMPLE_RATE_HZ)
    events = [event for start in range(0, pcm.size, block)
              for event in track.accept(start * 1000 // SAMPLE_RATE_HZ, pcm[start : start + block].tobytes(), SAMPLE_RATE_HZ)]
    events += track.finish()
    return _spoken("".join(event.utterance.text for event in events if isinstance(event, UtteranceFinal)))


def _spoken(text: str) -> str:
    """What counts of a text: no punctuation, one letter case, one way to write 1 and 2."""
    return _SILENT.sub("", text).upper().translate(_SAME)
