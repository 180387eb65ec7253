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

import json
import os
import secrets as randomness
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.platform.atomic_file import write_atomically
from app.platform.os_keyring import accepted_keyring, keyring_name, read_entry, write_entry
from app.platform.passphrase import KEY_BYTES, USUAL_COST, Cost, Wrapped, unwrap, wrap
from app.platform.single_instance import held

PASSPHRASE_VARIABLE = "TINGDAN_PASSPHRASE"  # noqa: S105
RECORD_NAME = "secrets.json"
MIN_PASSPHRASE_CHARS = 8
_RECORD_VERSION = 1
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


@dataclass(frozen=True, slots=True)
class _Record:
    """``secrets.json``: exactly one of the two is set."""

    entry: str = ""
    wrapped: Wrapped | None = None


def ephemeral_secrets() -> HeldSecrets:
    """A key for a store that is thrown away: kept nowhere."""
    return HeldSecrets("ephemeral", randomness.token_bytes(KEY_BYTES))


def open_secrets(folder: Path, store_exists: bool, prompt: Prompt | None = None, cost: Cost = USUAL_COST) -> HeldSecrets:
    """The key of the store in ``folder``, made at first use.

    Args:
        folder: where the store and ``secrets.json`` lie (the data folder).
        store_exists: whether there is a store already: its key must be found then, not made.
        prompt: asks a person where a passphrase is needed and the environment has none.
        cost: of a passphrase set now.

    Raises:
        EnvironmentFault: ``platform.no_secrets`` (neither keyring nor passphrase), ``platform.keyring_gone``,
            ``platform.keyring_failed``, ``platform.key_missing``, ``platform.record_missing``, ``platform.record_damaged``.
        OperatorVisibleError: ``platform.passphrase_wrong``, ``platform.passphrase_short``.
    """
    with held(folder / "secrets.lock"):  # two programs at their first start must not make two keys
        record = _read(folder)
        if record is None and store_exists:
            raise EnvironmentFault("platform.record_missing", file=RECORD_NAME)
        if record is None:
            return _first_use(folder, prompt, cost)
        if record.wrapped is not None:
            return _with_passphrase(record.wrapped, prompt)
        return _with_keyring(folder, record, store_exists)


def change_passphrase(folder: Path, old: str, new: str, cost: Cost = USUAL_COST) -> None:
    """Wrap the same key behind another passphrase; the store is not touched.

    Raises:
        OperatorVisibleError: the old one is wrong or the new one too short.
        EnvironmentFault: this store uses no passphrase.
    """
    with held(folder / "secrets.lock"):
        record = _read(folder)
        if record is None or record.wrapped is None:
            raise EnvironmentFault("platform.no_passphrase_in_use")
        key = unwrap(record.wrapped, old)
        if key is None:
            raise OperatorVisibleError("platform.passphrase_wrong")
        _refuse_short(new)
        _write(folder, _Record(wrapped=wrap(key, new, cost)))


def backend_in_use(folder: Path) -> str:
    """Which kind this PC uses or would use, without asking for any key: keyring:<name>, passphrase, or none.

    Raises:
        EnvironmentFault: ``secrets.json`` cannot be read.
    """
    record = _read(folder)
    by_passphrase = bool(os.environ.get(PASSPHRASE_VARIABLE)) if record is None else record.wrapped is not None
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
            _write(folder, _Record(entry=entry))
            return HeldSecrets(f"keyring:{keyring_name(ring)}", key)
    passphrase = os.environ.get(PASSPHRASE_VARIABLE) or (prompt(True) if prompt is not None else None)
    if not passphrase:
        raise EnvironmentFault("platform.no_secrets", variable=PASSPHRASE_VARIABLE) from fault
    _refuse_short(passphrase)
    key = randomness.token_bytes(KEY_BYTES)
    _write(folder, _Record(wrapped=wrap(key, passphrase, cost)))
    return HeldSecrets("passphrase", key)


def _with_passphrase(wrapped: Wrapped, prompt: Prompt | None) -> HeldSecrets:
    given = os.environ.get(PASSPHRASE_VARIABLE)
    if given:
        key = unwrap(wrapped, given)
        if key is None:
            raise OperatorVisibleError("platform.passphrase_wrong")
        return HeldSecrets("passphrase", key)
    for _ in range(_PROMPT_TRIES if prompt is not None else 0):
        assert prompt is not None
        given = prompt(False)
        if given is None:
            break
        key = unwrap(wrapped, given)
        if key is not None:
            return HeldSecrets("passphrase", key)
    if given:
        raise OperatorVisibleError("platform.passphrase_wrong")
    raise EnvironmentFault("platform.passphrase_needed", variable=PASSPHRASE_VARIABLE)


def _with_keyring(folder: Path, record: _Record, store_exists: bool) -> HeldSecrets:
    ring = accepted_keyring()
    if ring is None:
        raise EnvironmentFault("platform.keyring_gone")
    name = f"keyring:{keyring_name(ring)}"
    kept = read_entry(ring, record.entry)
    if kept is None:
        if store_exists:
            raise EnvironmentFault("platform.key_missing", backend=keyring_name(ring))
        kept = randomness.token_bytes(KEY_BYTES).hex()  # the store is gone too: nothing is locked out by a new key
        write_entry(ring, record.entry, kept)
    try:
        key = bytes.fromhex(kept)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise EnvironmentFault("platform.keyring_failed", backend=keyring_name(ring), reason="format")
    return HeldSecrets(name, key)


def _refuse_short(passphrase: str) -> None:
    if len(passphrase) < MIN_PASSPHRASE_CHARS:
        raise OperatorVisibleError("platform.passphrase_short", least=MIN_PASSPHRASE_CHARS)


def _write(folder: Path, record: _Record) -> None:
    form: dict[str, object] = {"version": _RECORD_VERSION}
    if record.wrapped is None:
        form["keyring_entry"] = record.entry
    else:
        w = record.wrapped
        form["passphrase"] = {"salt": w.salt.hex(), "n": w.cost.n, "r": w.cost.r, "p": w.cost.p,
                              "masked": w.masked.hex(), "code": w.code.hex()}
    try:
        write_atomically(folder / RECORD_NAME, json.dumps(form, indent=1).encode())
    except OSError as error:
        raise EnvironmentFault("platform.record_unwritable", file=RECORD_NAME, reason=type(error).__name__) from error


def _read(folder: Path) -> _Record | None:
    try:
        form = json.loads((folder / RECORD_NAME).read_bytes())
        if form["version"] != _RECORD_VERSION:
            raise ValueError("version")
        if "keyring_entry" in form:
            return _Record(entry=str(form["keyring_entry"]))
        p = form["passphrase"]
        cost = Cost(int(p["n"]), int(p["r"]), int(p["p"]))
        return _Record(wrapped=Wrapped(bytes.fromhex(p["salt"]), cost, bytes.fromhex(p["masked"]),
                                       bytes.fromhex(p["code"])))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EnvironmentFault("platform.record_damaged", file=RECORD_NAME, reason=type(error).__name__) from error
