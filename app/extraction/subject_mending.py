"""A recognised name of a subject with the characters that the citizen spells (宏伟的宏).

A spelled character replaces one of the same sound only, and none that was itself spelled. Pure.
"""

from __future__ import annotations

import functools

from app.extraction.item_model import classifier
from app.extraction.sound import Sound
from app.extraction.spelling import Spelling
from app.platform.resource_files import resource


def mended_by_spelling(name: str, text: str) -> tuple[str, int]:
    """The name with the characters that the citizen spelled (宏伟的宏), and how many of them it has."""
    said = _spelled_characters(text)
    sounds = classifier().syllables
    for char in said:
        if char in name or char not in sounds:
            continue
        at = next((n for n, other in enumerate(name) if sounds.get(other) == sounds[char] and other not in said), None)
        if at is not None:
            name = name[:at] + char + name[at + 1:]
    return name, sum(char in name for char in said)


@functools.lru_cache(maxsize=256)
def _spelled_characters(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact.character for fact in _spelling().facts(text)))


@functools.cache
def _spelling() -> Spelling:
    sound = Sound.load(resource("readings.csv"))
    return Spelling.load(resource("spelled_components.csv"), resource("spelling_words.csv"), sound)
