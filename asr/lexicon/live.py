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

    def with_phrases(self, phrases: Sequence[str]) -> Lexicon:
        """The base with a call's phrases; lines that mean nothing are left out."""
        words = usable(phrases)
        return self._extended(words) if words else self.lexicon

    def with_words(self, words: Sequence[Word], version: str = "") -> LiveWords:
        """Another base, with these words for every call."""
        lexicon = self._extended(words) if words else self.lexicon
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

    def _extended(self, words: Sequence[Word]) -> Lexicon:
        if self._table is None:
            self._table = reading_table.load(self._folder)
        return with_words(self.lexicon, words, self._table)
