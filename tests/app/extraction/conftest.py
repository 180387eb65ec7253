"""One extractor for all tests of the room: it is pure, and loading it reads the gazetteer."""

from __future__ import annotations

import pytest

from app.extraction.extractor import DialogueExtractor


@pytest.fixture(scope="session")
def extractor() -> DialogueExtractor:
    """With the shipped word lists; a failing rule module fails the test."""
    return DialogueExtractor.load(strict=True)
