"""The base of words that an engine starts with, and how words of a call join it; loads what it needs for that when needed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.domain.errors import EnvironmentFault
from asr.lexicon import reading_table
from asr.lexicon.assembly import Lexicon
from asr.lexicon.reading_table import ReadingTable
from asr.lexicon.vocabulary import Word, usable, with_words

_LONG = 200
"""Phrases; fewer are no trouble to add anew."""


class LiveWords:
    """A lexicon that can be extended; never changes itself.

    Args:
        lexicon: the base.
        folder: cache for the table of readings.
        table: the table where it is loaded already.
    """

    def __init__(self, lexicon: Lexicon, folder: Path, table: ReadingTable | None = None) -> None:
        self.lexicon = lexicon
        self._folder = folder
        self._table = table
        self._kept: tuple[tuple[str, ...], Lexicon] = (), lexicon

    def with_phrases(self, phrases: Sequence[str]) -> Lexicon:
        """The base with a call's phrases; lines that mean nothing are left out.

        The last long list is kept: every call begins with the same one, and a phrase more behind it costs only itself.
        """
        wanted = tuple(phrases)
        kept, lexicon = self._kept
        if not kept or wanted[: len(kept)] != kept:
            lexicon = self._extended(self.lexicon, usable(wanted))
            if len(wanted) >= _LONG:
                self._kept = wanted, lexicon
            return lexicon
        return self._extended(lexicon, usable(wanted[len(kept) :]))

    def with_words(self, words: Sequence[Word], version: str = "") -> LiveWords:
        """Another base, with these words for every call."""
        lexicon = self._extended(self.lexicon, words)
        versions = {**lexicon.versions, "vocabulary": version} if version else lexicon.versions
        return LiveWords(replace(lexicon, versions=versions), self._folder, self._table)

    def with_file(self, file: Path) -> LiveWords:
        """Another base, with the words of a vocabulary file.

        Raises:
            EnvironmentFault: the file cannot be read.
        """
        try:
            data = file.read_bytes()
            lines = data.decode("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise EnvironmentFault("asr.vocabulary_unreadable", file=file.name) from error
        return self.with_words(usable(lines), hashlib.sha256(data).hexdigest()[:12])

    def _extended(self, lexicon: Lexicon, words: Sequence[Word]) -> Lexicon:
        if not words:
            return lexicon
        if self._table is None:
            self._table = reading_table.load(self._folder)
        return with_words(lexicon, words, self._table)
