"""The index file: a SQLite database with entries as JSON, and behind its last page the arrays that a search reads.

    meta(key, value)          format, version, shape, sizes; ``arrays``: JSON, name -> [offset behind the database, dtype, length];
                              ``means``: JSON, mean length of documents by view and field
    entry(n, id, brief, record, parent)   n counts from 0 in file order; record is our JSON, brief what the order of results needs of
                              it; parent NULL where there is none, indexed

The arrays (little endian, each at a multiple of 64 bytes) are mapped into memory, never read whole:

    keys int64                all terms of kb_cache.terms, ascending; a term's number is its place
    starts int64              term n owns ids[starts[n]:starts[n + 1]]
    scale float32             times an impact of term n is its BM25 contribution with all weights applied
    ids uint32, impacts uint8 postings: document numbers, ascending in each term
    doc_starts int64          document d owns doc_terms[doc_starts[d]:doc_starts[d + 1]]
    doc_terms uint32, doc_impacts uint8   the same postings by document
    head_entry, head_start uint32, self_score float32    see kb_cache.ranking.Layout

Documents are numbered through: first every head (a title or a question variant) of every entry, then every entry's body
(answer text). SQLite takes no notice of bytes behind its last page (sqlite.org/fileformat: the size in the header counts).
The file's name in a cache carries a CRC-32 of its bytes, so that damage shows at open.
"""

from __future__ import annotations

FORMAT = 6

SCHEMA = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE entry(n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, brief TEXT NOT NULL, record TEXT NOT NULL, parent TEXT);
CREATE INDEX entry_by_parent ON entry(parent, n) WHERE parent IS NOT NULL;
"""

ARRAYS = "arrays"
MEANS = "means"
ALIGN = 64
KEY_TYPE = "<i8"
ID_TYPE = "<u4"
IMPACT_TYPE = "u1"
SCORE_TYPE = "<f4"
