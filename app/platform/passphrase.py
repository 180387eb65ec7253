"""A 32-byte key behind a passphrase: wrapped, not derived, so that a new passphrase needs no new key.

scrypt stretches the passphrase to 64 bytes with a fresh salt: 32 mask the key (a mask used once), 32 authenticate salt, cost
and masked key with HMAC-SHA256, so that a wrong passphrase is told and never opens anything. Standard library only. Pure
but for randomness.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass

KEY_BYTES = 32
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Cost:
    """scrypt's cost; memory is 128 * n * r bytes."""

    n: int = 1 << 17
    r: int = 8
    p: int = 1


#: The figure OWASP gives for scrypt: 128 MB and about half a second, once a start.
USUAL_COST = Cost()
# A damaged or planted record must not make the program ask for all memory.
_LARGEST_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A key that only its passphrase gives back. Nothing in it is secret."""

    salt: bytes
    cost: Cost
    masked: bytes
    code: bytes


def wrap(key: bytes, passphrase: str, cost: Cost = USUAL_COST) -> Wrapped:
    """Hide ``key`` (32 bytes) behind ``passphrase``."""
    salt = secrets.token_bytes(_SALT_BYTES)
    mask, mac_key = _stretch(passphrase, salt, cost)
    masked = bytes(a ^ b for a, b in zip(key, mask, strict=True))
    return Wrapped(salt, cost, masked, _code(mac_key, salt, cost, masked))


def unwrap(wrapped: Wrapped, passphrase: str) -> bytes | None:
    """The key, or None where the passphrase is another (or the record was changed)."""
    if len(wrapped.masked) != KEY_BYTES or 128 * wrapped.cost.n * wrapped.cost.r > _LARGEST_BYTES:
        return None
    mask, mac_key = _stretch(passphrase, wrapped.salt, wrapped.cost)
    if not hmac.compare_digest(_code(mac_key, wrapped.salt, wrapped.cost, wrapped.masked), wrapped.code):
        return None
    return bytes(a ^ b for a, b in zip(wrapped.masked, mask, strict=True))


def _stretch(passphrase: str, salt: bytes, cost: Cost) -> tuple[bytes, bytes]:
    # Input methods write the same characters in different code points.
    given = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    room = 128 * cost.r * (cost.n + cost.p + 2)
    stretched = hashlib.scrypt(given, salt=salt, n=cost.n, r=cost.r, p=cost.p, maxmem=room, dklen=2 * KEY_BYTES)
    return stretched[:KEY_BYTES], stretched[KEY_BYTES:]


def _code(mac_key: bytes, salt: bytes, cost: Cost, masked: bytes) -> bytes:
    return hmac.digest(mac_key, salt + f"{cost.n},{cost.r},{cost.p},".encode() + masked, "sha256")
