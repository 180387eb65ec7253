"""A new key for the store, in steps that a crash may part anywhere: begin, re-encrypt the store, finish.

``begin`` puts a new key beside the present one (keyring entry or wrapped) and notes it as ``next``; the caller then gives the
store its new key in one atomic replacement of the file; ``finish`` makes it the present one. Whatever is cut off in
between, ``open_secrets`` finds out at the next start which of the two opens the file. The former key stays where it was, so
that backups made before still open, until ``forget_former``. Under the lock of the record; any thread, one at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import EnvironmentFault
from app.platform.passphrase import USUAL_COST, Cost
from app.platform.secret_record import RECORD_NAME, Record, read_record, write_record
from app.platform.secrets import Prompt, forget_place, keys_at, new_place, passphrase_in_environment
from app.platform.single_instance import held


@dataclass(frozen=True, slots=True, repr=False)
class KeyPair:
    """The present key and the one that takes its place."""

    present: bytes
    following: bytes


def begin(folder: Path, prompt: Prompt | None, cost: Cost = USUAL_COST) -> KeyPair:
    """Make the new key, after an earlier rotation was settled (``open_secrets``).

    Raises:
        AppError: as ``open_secrets``; nothing was changed.
    """
    given: list[str] = []
    with held(folder / "secrets.lock"):
        record = _record(folder)
        (present, *_), _kind = keys_at(record, _noting(prompt, given))
        place, following = new_place(record.present, given[-1] if given else "", cost)
        write_record(folder, Record(record.present, place, record.former))
    return KeyPair(present, following)


def finish(folder: Path) -> None:
    """The store has its new key: it is the present one now."""
    with held(folder / "secrets.lock"):
        record = _record(folder)
        if record.following is not None:
            write_record(folder, Record(record.following, None, (record.present, *record.former)))


def give_up(folder: Path) -> None:
    """The store could not be given the new key: forget it."""
    with held(folder / "secrets.lock"):
        record = _record(folder)
        if record.following is not None:
            write_record(folder, Record(record.present, None, record.former))
            forget_place(record.following)


def is_pending(folder: Path) -> bool:
    """Whether a rotation was begun and neither finished nor given up."""
    record = read_record(folder)
    return record is not None and record.following is not None


def former_keys(folder: Path, prompt: Prompt | None) -> tuple[bytes, ...]:
    """Keys of earlier rotations, newest first, as far as they can be had."""
    with held(folder / "secrets.lock"):
        record = read_record(folder)
        if record is None or not record.former:
            return ()
        (_, *others), _kind = keys_at(record, prompt)
    return tuple(key for key in others[len(others) - len(record.former):] if key is not None)


def forget_former(folder: Path) -> int:
    """Remove all former keys for good: what only they open can never be read again. How many there were."""
    with held(folder / "secrets.lock"):
        record = _record(folder)
        write_record(folder, Record(record.present, record.following))
        for place in record.former:
            forget_place(place)
    return len(record.former)


def _record(folder: Path) -> Record:
    record = read_record(folder)
    if record is None:
        raise EnvironmentFault("platform.record_missing", file=RECORD_NAME)
    return record


def _noting(prompt: Prompt | None, given: list[str]) -> Prompt | None:
    """A prompt whose answer is needed again to wrap the new key; the environment's is taken where it has one."""
    if (from_environment := passphrase_in_environment()) is not None:
        given.append(from_environment)
    if prompt is None:
        return None
    ask: Callable[[bool], str | None] = prompt

    def asked(is_new: bool) -> str | None:
        answer = ask(is_new)
        if answer is not None:
            given.append(answer)
        return answer

    return asked
