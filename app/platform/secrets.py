"""The key of the ticket store: in the operating system's keyring, or behind a passphrase where there is none.

    keyring     the random key is an entry of the system's keyring (``app.platform.os_keyring``)
    passphrase  the random key is wrapped behind a passphrase (``app.platform.passphrase``) that is asked at start or
                comes in the environment variable ``TINGDAN_PASSPHRASE``
    ephemeral   a random key that lives as long as the process, for a store that is thrown away

``secrets.json`` in the data folder says which kind this store uses and holds nothing secret (the name of the keyring entry,
or the wrapped key). The kind is fixed at first use: where it is no longer there, the program says so instead of making
another key that would not open the store. A copied store opens nowhere else without keyring or passphrase. At first use
a passphrase in the environment wins over a keyring: whoever sets it wants it. Any thread, one at a time.
"""

from __future__ import annotations

import os
import secrets as randomness
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.platform.os_keyring import accepted_keyring, delete_entry, keyring_name, read_entry, write_entry
from app.platform.passphrase import KEY_BYTES, USUAL_COST, Cost, Wrapped, unwrap, wrap
from app.platform.secret_record import RECORD_NAME, Place, Record, read_record, write_record
from app.platform.single_instance import held

PASSPHRASE_VARIABLE = "TINGDAN_PASSPHRASE"  # noqa: S105
MIN_PASSPHRASE_CHARS = 8
_PROMPT_TRIES = 3

#: Asks a person for the passphrase (True: a new one is being set); None where the person gives up.
Prompt = Callable[[bool], str | None]


@dataclass(frozen=True, slots=True, repr=False)
class HeldSecrets:
    """Secrets whose key is at hand. Never shows it in a traceback or log."""

    backend: str
    _key: bytes

    def store_key(self) -> bytes:
        """The store's raw 32-byte key."""
        return self._key

    def __repr__(self) -> str:
        return f"HeldSecrets({self.backend})"


def ephemeral_secrets() -> HeldSecrets:
    """A key for a store that is thrown away: kept nowhere."""
    return HeldSecrets("ephemeral", randomness.token_bytes(KEY_BYTES))


def open_secrets(folder: Path, store_exists: bool, prompt: Prompt | None = None, cost: Cost = USUAL_COST,
                 opens: Callable[[bytes], bool] | None = None) -> HeldSecrets:
    """The key of the store in ``folder``, made at first use.

    Args:
        folder: where the store and ``secrets.json`` lie (the data folder).
        store_exists: whether there is a store already: its key must be found then, not made.
        prompt: asks a person where a passphrase is needed and the environment has none.
        cost: of a passphrase set now.
        opens: whether a key opens the store; asked only after a rotation of the key that did not end, to settle it.

    Raises:
        EnvironmentFault: ``platform.no_secrets`` (neither keyring nor passphrase), ``platform.keyring_gone``,
            ``platform.keyring_failed``, ``platform.key_missing``, ``platform.record_missing``, ``platform.record_damaged``.
        OperatorVisibleError: ``platform.passphrase_wrong``, ``platform.passphrase_short``.
    """
    with held(folder / "secrets.lock"):  # two programs at their first start must not make two keys
        record = read_record(folder)
        if record is None and store_exists:
            raise EnvironmentFault("platform.record_missing", file=RECORD_NAME)
        if record is None:
            return _first_use(folder, prompt, cost)
        (present, *others), backend = keys_at(record, prompt, store_exists)
        if record.following is None or opens is None or others[0] is None:
            return HeldSecrets(backend, present)
        return HeldSecrets(backend, _settled(folder, record, present, others[0], opens))


def keys_at(record: Record, prompt: Prompt | None, store_exists: bool = True) -> tuple[tuple[bytes, *tuple[bytes | None, ...]], str]:
    """The present key, then the next and the former ones as far as the record names them (None: not to be had), and the kind.

    Raises:
        AppError: as ``open_secrets``, for the present key.
    """
    others = ((record.following,) if record.following is not None else ()) + record.former
    if record.present.wrapped is not None:
        passphrase, key = _asked(record.present.wrapped, prompt)
        further = [unwrap(each.wrapped, passphrase) if each.wrapped is not None else None for each in others]
        return (key, *further), "passphrase"
    held_key, backend = _with_keyring(record.present, store_exists)
    ring = accepted_keyring()
    further = [_key_of(read_entry(ring, each.entry)) if ring is not None and each.entry else None for each in others]
    return (held_key, *further), backend


def _settled(folder: Path, record: Record, present: bytes, following: bytes, opens: Callable[[bytes], bool]) -> bytes:
    """End a rotation that was cut off: the key that opens the store is the present one."""
    assert record.following is not None
    if opens(following):
        write_record(folder, Record(record.following, None, (record.present, *record.former)))
        return following
    if opens(present):
        write_record(folder, Record(record.present, None, record.former))
        forget_place(record.following)
    return present


def forget_place(place: Place) -> None:
    """Remove a key from the keyring; a wrapped one is gone with its record."""
    ring = accepted_keyring()
    if place.entry and ring is not None:
        delete_entry(ring, place.entry)


def new_place(like: Place, passphrase: str, cost: Cost) -> tuple[Place, bytes]:
    """A place of the same kind with a new key in it, and the key."""
    key = randomness.token_bytes(KEY_BYTES)
    if like.wrapped is not None:
        return Place(wrapped=wrap(key, passphrase, cost)), key
    ring = accepted_keyring()
    if ring is None:
        raise EnvironmentFault("platform.keyring_gone")
    entry = f"store-{randomness.token_hex(8)}"
    write_entry(ring, entry, key.hex())
    return Place(entry=entry), key


def change_passphrase(folder: Path, old: str, new: str, cost: Cost = USUAL_COST) -> None:
    """Wrap the same key (and former ones) behind another passphrase; the store is not touched.

    Raises:
        OperatorVisibleError: the old one is wrong or the new one too short.
        EnvironmentFault: this store uses no passphrase.
    """
    with held(folder / "secrets.lock"):
        record = read_record(folder)
        if record is None or record.present.wrapped is None:
            raise EnvironmentFault("platform.no_passphrase_in_use")
        _refuse_short(new)
        present = _rewrapped(record.present, old, new, cost)
        if present is None:
            raise OperatorVisibleError("platform.passphrase_wrong")
        following = record.following and (_rewrapped(record.following, old, new, cost) or record.following)
        former = tuple(_rewrapped(place, old, new, cost) or place for place in record.former)
        write_record(folder, Record(present, following, former))


def _rewrapped(place: Place, old: str, new: str, cost: Cost) -> Place | None:
    key = unwrap(place.wrapped, old) if place.wrapped is not None else None
    return None if key is None else Place(wrapped=wrap(key, new, cost))


def passphrase_in_environment() -> str | None:
    """The passphrase that the environment brings, None where it brings none."""
    return os.environ.get(PASSPHRASE_VARIABLE) or None


def backend_in_use(folder: Path) -> str:
    """Which kind this PC uses or would use, without asking for any key: keyring:<name>, passphrase, or none.

    Raises:
        EnvironmentFault: ``secrets.json`` cannot be read.
    """
    record = read_record(folder)
    by_passphrase = bool(os.environ.get(PASSPHRASE_VARIABLE)) if record is None else record.present.wrapped is not None
    if by_passphrase:
        return "passphrase"
    ring = accepted_keyring()
    return f"keyring:{keyring_name(ring)}" if ring is not None else "none"


def _first_use(folder: Path, prompt: Prompt | None, cost: Cost) -> HeldSecrets:
    ring = None if os.environ.get(PASSPHRASE_VARIABLE) else accepted_keyring()
    fault: EnvironmentFault | None = None
    if ring is not None:
        key, entry = randomness.token_bytes(KEY_BYTES), f"store-{randomness.token_hex(8)}"
        try:
            write_entry(ring, entry, key.hex())
        except EnvironmentFault as error:
            fault = error  # a keyring that nobody can unlock (a session without a screen): a passphrase will do
        else:
            write_record(folder, Record(Place(entry=entry)))
            return HeldSecrets(f"keyring:{keyring_name(ring)}", key)
    passphrase = os.environ.get(PASSPHRASE_VARIABLE) or (prompt(True) if prompt is not None else None)
    if not passphrase:
        raise EnvironmentFault("platform.no_secrets", variable=PASSPHRASE_VARIABLE) from fault
    _refuse_short(passphrase)
    key = randomness.token_bytes(KEY_BYTES)
    write_record(folder, Record(Place(wrapped=wrap(key, passphrase, cost))))
    return HeldSecrets("passphrase", key)


def _asked(wrapped: Wrapped, prompt: Prompt | None) -> tuple[str, bytes]:
    """The passphrase of a wrapped key, from the environment or a person, and the key."""
    given = os.environ.get(PASSPHRASE_VARIABLE)
    if given:
        key = unwrap(wrapped, given)
        if key is None:
            raise OperatorVisibleError("platform.passphrase_wrong")
        return given, key
    for _ in range(_PROMPT_TRIES if prompt is not None else 0):
        assert prompt is not None
        given = prompt(False)
        if given is None:
            break
        key = unwrap(wrapped, given)
        if key is not None:
            return given, key
    if given:
        raise OperatorVisibleError("platform.passphrase_wrong")
    raise EnvironmentFault("platform.passphrase_needed", variable=PASSPHRASE_VARIABLE)


def _with_keyring(place: Place, store_exists: bool) -> tuple[bytes, str]:
    ring = accepted_keyring()
    if ring is None:
        raise EnvironmentFault("platform.keyring_gone")
    name = f"keyring:{keyring_name(ring)}"
    kept = read_entry(ring, place.entry)
    if kept is None:
        if store_exists:
            raise EnvironmentFault("platform.key_missing", backend=keyring_name(ring))
        kept = randomness.token_bytes(KEY_BYTES).hex()  # the store is gone too: nothing is locked out by a new key
        write_entry(ring, place.entry, kept)
    key = _key_of(kept)
    if key is None:
        raise EnvironmentFault("platform.keyring_failed", backend=keyring_name(ring), reason="format")
    return key, name


def _key_of(kept: str | None) -> bytes | None:
    try:
        key = bytes.fromhex(kept or "")
    except ValueError:
        return None
    return key if len(key) == KEY_BYTES else None


def _refuse_short(passphrase: str) -> None:
    if len(passphrase) < MIN_PASSPHRASE_CHARS:
        raise OperatorVisibleError("platform.passphrase_short", least=MIN_PASSPHRASE_CHARS)

