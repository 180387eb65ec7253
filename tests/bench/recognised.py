"""What our recogniser hears in the recordings of call scripts, kept under ``.var/bench/recognised``.

A recording is recognised once for a state of the speech rooms (their code, word lists and hotline language decide the file's
name), one call at a time; extraction can then be measured anew in seconds. The sound takes the product's own way: the
two-channel file, the speech process, the call session, as ``tingdan replay FILE --speed max`` does. Kept files hold
utterances with tokens and alternatives.
"""

from __future__ import annotations

import contextlib
import hashlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.assembly import ReplayOrder, engine_spec
from app.audio.two_channel_file import TwoChannelFile
from app.domain.dialogue import CallContext, Utterance
from app.domain.json_form import dumps, loads, utterance_from_json, utterance_to_json
from app.domain.ticket import Hit
from app.platform.clock import SystemClock
from app.services.call_session import CallSession, NoPush
from app.services.replay import replay_audio
from asr.client import RecogniserClient

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".var" / "bench" / "recognised"


class _NoFields:
    """An extractor that finds nothing: only the words are wanted."""

    def extract(self, dialogue: Sequence[Utterance], context: CallContext) -> tuple[Hit, ...]:
        return ()

    def display(self, utterance: Utterance) -> str:
        return utterance.text


def speech_state() -> str:
    """Digest of everything of ours that decides what is heard."""
    files = [
        *(ROOT / "asr").rglob("*.py"),
        *(ROOT / "resources" / "hotline_language").iterdir(),
        ROOT / "resources" / "models.toml",
    ]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def recognised(recordings: Sequence[Path], state: str | None = None) -> Iterator[tuple[str, list[Utterance]]]:
    """Name and utterances of each recording, heard now where nothing is kept.

    Args:
        recordings: two-channel files.
        state: which kept state to take; None is the present one. Of another state only what is kept is given.
    """
    folder = KEPT / (state or speech_state())
    folder.mkdir(parents=True, exist_ok=True)
    for path in recordings:
        kept = folder / f"{path.stem}.json"
        if not kept.exists() and state is None:
            print(f"hearing {path.stem}", file=sys.stderr, flush=True)
            kept.write_bytes(dumps([utterance_to_json(utterance) for utterance in hear(path)]))
        if kept.exists():
            held = loads(kept.read_bytes())
            assert isinstance(held, list)
            yield path.stem, [utterance_from_json(each) for each in held]


def hear(recording: Path) -> list[Utterance]:
    """Recognise one recording."""
    clock = SystemClock()
    with contextlib.ExitStack() as cleanup:
        source = TwoChannelFile(recording)
        cleanup.callback(source.close)
        recogniser = RecogniserClient(engine_spec(ReplayOrder(recording=recording)))
        cleanup.callback(recogniser.close)
        recogniser.warm()
        recogniser.wait_ready()
        session = CallSession(CallContext("bench", "2026-11-16T09:00:00+08:00", "广州市"), _NoFields(), NoPush())
        result = replay_audio(source, recogniser, session, clock, realtime=False)
    if result.fault is not None:
        raise result.fault
    return list(result.state.dialogue)


def latest_state() -> str | None:
    """The kept state with the most recent hearing; None where nothing is kept."""
    kept = [folder for folder in KEPT.iterdir() if folder.is_dir() and any(folder.iterdir())] if KEPT.is_dir() else []
    return max(kept, key=lambda folder: folder.stat().st_mtime).name if kept else None
