"""Reads an encrypted store's pages in the clear, free ones and leftovers included: what is deleted must not stand in them."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE, RESERVED, SALT = 4096, 80, 16


def clear_pages(path: Path, key: bytes) -> bytes:
    """All pages of a database file (its log must be empty), decrypted as SQLCipher 4 lays them out."""
    raw, out = path.read_bytes(), []
    for number in range(len(raw) // PAGE):
        page = raw[number * PAGE: (number + 1) * PAGE]
        begin = SALT if number == 0 else 0
        iv = page[-RESERVED: -RESERVED + 16]
        decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
        out.append(decryptor.update(page[begin:-RESERVED]) + decryptor.finalize())
    return b"".join(out)
