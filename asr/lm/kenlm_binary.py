"""Reads a KenLM binary of type "quantised trie with array-compressed pointers" into plain numpy arrays.

Debian's ``libime-data-language-model`` is such a file, and the ``kenlm`` package needs a compiler on every machine; this
reader needs numpy only. The format (version 5) is KenLM's own: a sanity header, fixed parameters, n-gram counts, the
sorted vocabulary hashes, quantisation tables, unigrams, bit-packed higher orders, and the words as strings at the end.
The trie is stored backwards: below a word stand the words *before* it. Only order 3 is taken, which is what libime ships.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.domain.errors import EnvironmentFault

MAGIC = b"mmap lm http://kheafield.com/code format version 5\n\0"
_SANITY_BYTES = 0x58
_COUNTS_AT = 0x6C
_QUANT_ARRAY_TRIE = 5


@dataclass(frozen=True)
class TrigramTable:
    """All n-grams of a model, backward order as stored.

    Attributes:
        words: spelling by word number; 0 is ``<unk>``.
        unigram_prob, unigram_backoff: log10, shape (V,).
        bigram_before, bigram_word: word numbers of "before word", sorted by (word, before).
        bigram_prob_code, bigram_backoff_code: indices into the tables, uint8.
        trigram_bigram: row of the bigram "before word" that a trigram extends to the left.
        trigram_first: word number of its first word.
        trigram_prob_code: index into ``trigram_prob_table``.
        *_table: log10 values, float32.
    """

    words: list[str]
    unigram_prob: NDArray[np.float32]
    unigram_backoff: NDArray[np.float32]
    bigram_before: NDArray[np.int32]
    bigram_word: NDArray[np.int32]
    bigram_prob_code: NDArray[np.uint8]
    bigram_backoff_code: NDArray[np.uint8]
    bigram_prob_table: NDArray[np.float32]
    bigram_backoff_table: NDArray[np.float32]
    trigram_bigram: NDArray[np.int32]
    trigram_first: NDArray[np.int32]
    trigram_prob_code: NDArray[np.uint8]
    trigram_prob_table: NDArray[np.float32]


def read(path: Path) -> TrigramTable:
    """The whole model of ``path``.

    Raises:
        EnvironmentFault: unreadable, truncated, or another kind of file.
    """
    try:
        data = np.fromfile(path, dtype=np.uint8)
    except OSError as exc:
        raise EnvironmentFault("asr.lm_unreadable", file=path.name) from exc
    try:
        return _parse(data)
    except (ValueError, IndexError, struct.error, UnicodeDecodeError) as exc:
        raise EnvironmentFault("asr.lm_damaged", file=path.name) from exc


def _parse(data: NDArray[np.uint8]) -> TrigramTable:
    head = data[:_COUNTS_AT].tobytes()
    if not head.startswith(MAGIC):
        raise ValueError("not a KenLM binary")
    order = head[_SANITY_BYTES]
    model_type, has_words, _version = struct.unpack_from("<III", head, _SANITY_BYTES + 8)
    if order != 3 or model_type != _QUANT_ARRAY_TRIE or not has_words & 0xFF:
        raise ValueError("not a quantised array trie of order 3 with words")
    counts = struct.unpack_from("<3Q", data[_COUNTS_AT : _COUNTS_AT + 24].tobytes())
    vocabulary, bigrams, trigrams = counts
    at = _aligned(_COUNTS_AT + 24) + 8 * (1 + vocabulary)

    prob_bits, backoff_bits = int(data[at + 1]), int(data[at + 2])
    if prob_bits > 8 or backoff_bits > 8:
        raise ValueError("more than 8 bits of quantisation")
    tables = at + 8
    table2, tables = _floats(data, tables, 1 << prob_bits)
    backoff2, tables = _floats(data, tables, 1 << backoff_bits)
    table3, at = _floats(data, tables, 1 << prob_bits)

    unigrams = np.frombuffer(
        data[at : at + 16 * (vocabulary + 1)].tobytes(), dtype=[("prob", "<f4"), ("backoff", "<f4"), ("next", "<u8")]
    )
    at += 16 * (vocabulary + 2)
    word_bits = vocabulary.bit_length()

    pointer_limit = int(data[_aligned(at) + 1])
    inline, array_count = _pointer_layout(bigrams + 1, trigrams, pointer_limit)
    highs = np.frombuffer(
        data[_aligned(at) + 8 : _aligned(at) + 8 + 8 * array_count].tobytes(), dtype="<u8"
    ).astype(np.int64)
    at += 8 * (1 + array_count) + 7
    quant = prob_bits + backoff_bits
    width2 = word_bits + quant + inline
    packed2 = _packed(data, at, width2, bigrams + 1)
    at += ((1 + bigrams) * width2 + 7) // 8 + 8
    width3 = word_bits + prob_bits
    packed3 = _packed(data, at, width3, trigrams)
    at += ((1 + trigrams) * width3 + 7) // 8 + 8

    rows = np.arange(bigrams + 1)
    starts = ((np.searchsorted(highs, rows, side="right") - 1) << inline) | _bits(packed2, word_bits + quant, inline)
    per_bigram = np.diff(starts)
    per_word: NDArray[np.int64] = np.diff(unigrams["next"].astype(np.int64)).astype(np.int64)
    if per_bigram.min() < 0 or per_word.min() < 0 or starts[-1] != trigrams or per_word.sum() != bigrams:
        raise ValueError("pointers out of order")
    entries = packed2[:-1]
    return TrigramTable(
        words=_strings(data[at:], vocabulary),
        unigram_prob=unigrams["prob"][:vocabulary].copy(),
        unigram_backoff=unigrams["backoff"][:vocabulary].copy(),
        bigram_before=_bits(entries, 0, word_bits).astype(np.int32),
        bigram_word=np.repeat(np.arange(vocabulary, dtype=np.int32), per_word),
        bigram_backoff_code=_bits(entries, word_bits, backoff_bits).astype(np.uint8),
        bigram_prob_code=_bits(entries, word_bits + backoff_bits, prob_bits).astype(np.uint8),
        bigram_prob_table=table2,
        bigram_backoff_table=backoff2,
        trigram_bigram=np.repeat(np.arange(bigrams, dtype=np.int32), per_bigram),
        trigram_first=_bits(packed3, 0, word_bits).astype(np.int32),
        trigram_prob_code=_bits(packed3, word_bits, prob_bits).astype(np.uint8),
        trigram_prob_table=table3,
    )


def _aligned(at: int) -> int:
    return (at + 7) & ~7


def _floats(data: NDArray[np.uint8], at: int, count: int) -> tuple[NDArray[np.float32], int]:
    return np.frombuffer(data[at : at + 4 * count].tobytes(), dtype="<f4").copy(), at + 4 * count


def _pointer_layout(max_offset: int, max_next: int, limit: int) -> tuple[int, int]:
    """Bits of a pointer kept inline, and entries of the array of its high parts (KenLM's own minimisation)."""
    required = max_next.bit_length()
    costs = [((max_next >> (required - chop)) * 64 - max_offset * chop, chop) for chop in range(min(required, limit) + 1)]
    chop = min(costs)[1]
    return required - chop, (max_next >> (required - chop)) + 1


def _packed(data: NDArray[np.uint8], at: int, width: int, count: int) -> NDArray[np.uint64]:
    """``count`` little-endian bit fields of ``width`` bits, each shifted down to bit 0 of a 64-bit word."""
    offsets = np.arange(count, dtype=np.int64) * width
    first = at + (offsets >> 3)
    if width > 57 or int(first[-1]) + 8 > data.size:
        raise ValueError("packed array beyond the file")
    value = np.zeros(count, dtype=np.uint64)
    for byte in range(8):
        value |= data[first + byte].astype(np.uint64) << np.uint64(8 * byte)
    return value >> (offsets & 7).astype(np.uint64)


def _bits(packed: NDArray[np.uint64], shift: int, width: int) -> NDArray[np.int64]:
    return ((packed >> np.uint64(shift)) & np.uint64((1 << width) - 1)).astype(np.int64)


def _strings(tail: NDArray[np.uint8], count: int) -> list[str]:
    words = tail.tobytes().split(b"\0")[:count]
    if len(words) != count or words[0] != b"<unk>":
        raise ValueError("vocabulary strings missing")
    return [word.decode("utf-8") for word in words]
