"""Readings that dictionaries do not prefer: surnames (任 rén), places of the south (涌 chōng), given names.

Facts of ``resources/hotline_language/readings.toml``; a class of words has its own table. The dictionary's reading stays, at a
cost, because callers from elsewhere use it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from itertools import product

from app.domain.errors import EnvironmentFault
from app.platform.resource_files import resource

SURNAME, PLACE, GIVEN = "姓", "地", "名"
FILE = "readings.toml"
DICTIONARY_COST = 0.7
"""Natural log: the dictionary's reading where another one is usual."""
_MOST = 4


@lru_cache(maxsize=1)
def tables() -> dict[str, dict[str, str]]:
    """Reading by character, by class.

    Raises:
        EnvironmentFault: the file is missing or damaged.
    """
    try:
        found = tomllib.loads(resource("hotline_language", FILE).read_text("utf-8"))
        return {str(kind): {str(c): str(s) for c, s in table.items()} for kind, table in found.items()}
    except (OSError, tomllib.TOMLDecodeError, AttributeError) as error:
        raise EnvironmentFault("asr.lexicon_resources_damaged", file=FILE) from error


def variants(word: str, usual: Sequence[str], kinds: Sequence[str]) -> tuple[tuple[tuple[str, ...], float], ...]:
    """Readings of a word with costs, the likeliest first.

    Args:
        word: spelling.
        usual: the dictionary's syllables, one a character.
        kinds: the class of each character; "" for none. A shorter list leaves the characters at the end alone.
    """
    options = []
    for place, (character, syllable) in enumerate(zip(word, usual, strict=False)):
        local = tables().get(kinds[place], {}).get(character, syllable) if place < len(kinds) else syllable
        options.append([(local, 0.0)] + ([(syllable, DICTIONARY_COST)] if local != syllable else []))
    found = [(tuple(s for s, _ in choice), sum(cost for _, cost in choice)) for choice in product(*options)]
    return tuple(sorted(found, key=lambda reading: reading[1])[:_MOST])
