"""Reads the words out of a PDF file that Qt wrote: glyphs of each font by its table to Unicode, pieces in the order of their drawing."""

from __future__ import annotations

import re
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj\s(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_FONT = re.compile(rb"/(F\d+) (\d+) 0 R")
_TABLE = re.compile(rb"/ToUnicode (\d+) 0 R")
_RUN = re.compile(rb"<([0-9A-Fa-f]{4})> <[0-9A-Fa-f]{4}> \[([^\]]*)\]")
_DRAWN = re.compile(rb"/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)> Tj|/Span.*?BDC.*?EMC", re.DOTALL)


def words_of_pdf(file: bytes) -> str:
    """All words, without what stands between them."""
    objects = {int(number): body for number, body in _OBJECT.findall(file)}
    fonts = {name: _unicode_of(objects, int(number)) for body in objects.values() for name, number in _FONT.findall(body)}
    pieces = []
    for body in objects.values():
        letters: dict[int, str] = {}
        for found in _DRAWN.finditer(_stream(body)):
            if found[1]:
                letters = fonts.get(found[1], {})
            elif found[2]:
                codes = (int(found[2][place:place + 4], 16) for place in range(0, len(found[2]), 4))
                pieces.append("".join(letters.get(code, "") for code in codes))
    return "".join(pieces)


def _unicode_of(objects: dict[int, bytes], font: int) -> dict[int, str]:
    table = _TABLE.search(objects[font])
    made: dict[int, str] = {}
    for first, listed in _RUN.findall(_stream(objects[int(table[1])]) if table else b""):
        for place, letter in enumerate(re.findall(rb"<([0-9A-Fa-f]+)>", listed)):
            made[int(first, 16) + place] = bytes.fromhex(letter.decode()).decode("utf-16-be")
    return made


def _stream(body: bytes) -> bytes:
    found = _STREAM.search(body)
    if found is None:
        return b""
    return zlib.decompress(found[1]) if b"/FlateDecode" in body[:found.start()] else found[1]
