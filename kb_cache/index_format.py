"""The index file: a SQLite database with entries as JSON and postings as blobs.

    meta(key, value)          format, version, shape, sizes, calibration inputs
    entry(n, id, record)      n counts from 0 in file order; record is our JSON
    posting(key, count, scale, ids, impacts)
                              key: a term of kb_cache.terms; ids: uint32 document numbers, ascending;
                              impacts: uint8, times scale is the term's BM25 contribution with all weights applied
    blob(name, data)          arrays: head_entry uint32, self_score float32 (see kb_cache.index_build)

Documents are numbered through: first every head (a title or a question variant) of every entry, then every entry's body
(answer text). The file's name in a cache carries a CRC-32 of its bytes, so that damage shows at open.
"""

from __future__ import annotations

FORMAT = 1

SCHEMA = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE entry(n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL);
CREATE TABLE posting(key INTEGER PRIMARY KEY, count INTEGER NOT NULL, scale REAL NOT NULL,
                     ids BLOB NOT NULL, impacts BLOB NOT NULL);
CREATE TABLE blob(name TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
"""

ID_TYPE = "<u4"
IMPACT_TYPE = "u1"
SCORE_TYPE = "<f4"
