"""Bodies of requests: read up to a limit, unpacked up to a limit, and JSON or refused. A bomb costs what the limits allow."""

import json
import threading
import zlib
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from starlette.requests import ClientDisconnect

_MOST_DEPTH = 40
#: Some 2,500 records of calls. An object of one key takes thirty times its seven bytes.
_MOST_VALUES = 400_000
#: Bodies that a process reads at the same time: more would take their memory at once, and be no faster.
_ROOM = threading.BoundedSemaphore(4)


def body_reader(most_bytes: int, most_inflated_bytes: int) -> Callable[..., object]:
    """A dependency that gives a request's body as plain JSON values; it is unpacked and read beside the event loop.

    It raises 413 for too much (bytes, or values), 415 for an encoding but gzip, 400 for what is not gzip, not UTF-8, not JSON or nested
    too deep.
    """

    async def raw_body(request: Request) -> bytes:
        declared = request.headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > most_bytes:
            raise HTTPException(413, "too_large")
        raw = bytearray()
        try:
            async for chunk in request.stream():
                raw += chunk
                if len(raw) > most_bytes:
                    raise HTTPException(413, "too_large")
        except ClientDisconnect:
            raise HTTPException(400, "broken_off") from None
        return bytes(raw)

    def read(request: Request, raw: Annotated[bytes, Depends(raw_body)]) -> object:
        with _ROOM:
            return _parsed(_unpacked(raw, request.headers.get("content-encoding", "").lower(), most_inflated_bytes))

    return read


def _unpacked(raw: bytes, encoding: str, most: int) -> bytes:
    if encoding in ("", "identity"):
        return raw
    if encoding != "gzip":
        raise HTTPException(415, "unknown_encoding")
    inflating = zlib.decompressobj(wbits=31)
    try:
        text = inflating.decompress(raw, most + 1)
    except zlib.error:
        raise HTTPException(400, "not_gzip") from None
    if len(text) > most:
        raise HTTPException(413, "too_large")
    if not inflating.eof:
        raise HTTPException(400, "not_gzip")
    return text


def _parsed(text: bytes) -> object:
    if sum(text.count(each) for each in (b",", b"[", b"{")) > _MOST_VALUES:  # more in texts than in any that a program of ours sends
        raise HTTPException(413, "too_many_values")
    try:
        held: object = json.loads(text)
    except (ValueError, RecursionError):
        raise HTTPException(400, "not_json") from None
    if _is_deeper(held, _MOST_DEPTH):
        raise HTTPException(400, "too_deep")
    return held


def _is_deeper(held: object, most: int) -> bool:
    layer = [held]
    for _ in range(most):
        layer = [part for each in layer if isinstance(each, dict | list) for part in (each.values() if isinstance(each, dict) else each)]
        if not layer:
            return False
    return True
