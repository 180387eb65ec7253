"""Secrets of the hub: tokens and codes that it makes, of which it keeps digests only, and people's passwords (Argon2id).

Tokens have 256 random bits: a plain SHA-256 of them cannot be searched. Passwords are what people think of: they go through
argon2-cffi with the parameters of RFC 9106 for little memory (64 MiB, three passes).
"""

from __future__ import annotations

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

DESK_TOKEN, PERSON_TOKEN = "desk", "person"
LEAST_PASSWORD = 10
MOST_PASSWORD = 200
_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
#: Of a password that nobody has: an unknown name must take as long as a wrong password.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def new_token(kind: str) -> str:
    """A token for a header; only its digest is kept. ``kind`` stands before it: whose it is."""
    return f"{kind}.{secrets.token_urlsafe(32)}"


def new_code() -> str:
    """An enrolment code that a person can read out: 25 letters and digits without look-alikes, in fives; 123 bits."""
    letters = "".join(secrets.choice("23456789ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(25))
    return "-".join(letters[first:first + 5] for first in range(0, 25, 5))


def digest_of(secret: str) -> str:
    """What is kept of a token or code."""
    return hashlib.sha256(secret.strip().encode("utf-8", "surrogatepass")).hexdigest()


def password_digest(password: str) -> str:
    """What is kept of a password."""
    return _HASHER.hash(password)


def is_password(digest: str, password: str) -> bool:
    """Whether the password is the one; without a digest as slow as with one, and false."""
    try:
        return _HASHER.verify(digest or _NOBODY, password) and bool(digest)
    except (VerificationError, InvalidHashError):
        return False
