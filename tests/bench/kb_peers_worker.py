"""Search engines beside ours: runs in ``.var/bench``, where nothing of the product is installed.

Reads ``{"entries": [[id, text]], "sets": {name: [question]}, "timed": [question]}`` from standard input, writes ``{"versions",
"missing", "built_s", "ms": {peer: [p50, p95]}, "found": {peer: {name: [[id]]}}}``. Each engine is used as its manual shows and
ranks by its BM25. None brings words for Chinese: tantivy, Xapian and bm25s get characters and character pairs, FTS5 cuts its own
trigrams. All terms of a question are joined by OR.
"""

from __future__ import annotations

import importlib.metadata
import json
import sqlite3
import sys
import time
import unicodedata

LIMIT = 5


def pieces(text):
    """Characters and pairs of neighbouring characters."""
    clean = [letter if letter.isalnum() else " " for letter in unicodedata.normalize("NFKC", text).lower()]
    runs = "".join(clean).split()
    return [letter for run in runs for letter in run] + [run[at:at + 2] for run in runs for at in range(len(run) - 1)]


def with_tantivy(entries):
    """An index in memory with a white-space tokenizer over our pieces."""
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("number", stored=True, tokenizer_name="raw")
    builder.add_text_field("text", stored=False, tokenizer_name="whitespace", index_option="freq")
    schema = builder.build()
    index = tantivy.Index(schema)
    writer = index.writer(heap_size=128_000_000, num_threads=1)
    for number, text in entries:
        writer.add_document(tantivy.Document(number=number, text=" ".join(pieces(text))))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def search(question):
        terms = [(tantivy.Occur.Should, tantivy.Query.term_query(schema, "text", piece)) for piece in set(pieces(question))]
        hits = searcher.search(tantivy.Query.boolean_query(terms), LIMIT, count=False).hits
        return [searcher.doc(address)["number"][0] for _, address in hits]
    return search


def with_xapian(entries):
    """A database in memory; its terms are our pieces (its own cutting of Chinese joins a question's pieces by AND and finds little)."""
    import xapian

    database = xapian.WritableDatabase("", xapian.DB_BACKEND_INMEMORY)
    for number, text in entries:
        document = xapian.Document()
        document.set_data(number)
        for piece in pieces(text):
            document.add_term(piece)
        database.add_document(document)
    enquire = xapian.Enquire(database)

    def search(question):
        enquire.set_query(xapian.Query(xapian.Query.OP_OR, sorted(set(pieces(question)))))
        return [match.document.get_data().decode() for match in enquire.get_mset(0, LIMIT)]
    return search


def with_bm25s(entries):
    """Scores of all documents in sparse matrices."""
    import bm25s

    retriever = bm25s.BM25()
    retriever.index([pieces(text) for _, text in entries], show_progress=False)
    numbers = [number for number, _ in entries]

    def search(question):
        found, _ = retriever.retrieve([pieces(question)], k=min(LIMIT, len(numbers)), show_progress=False, n_threads=0)
        return [numbers[int(place)] for place in found[0]]
    return search


def with_trigram(entries):
    """SQLite's FTS5 with its trigram tokenizer."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE t USING fts5(number UNINDEXED, text, tokenize='trigram')")
    database.executemany("INSERT INTO t VALUES(?,?)", entries)

    def search(question):
        clean = "".join(letter for letter in question if letter.isalnum())
        found = sorted({clean[at:at + 3] for at in range(len(clean) - 2)})
        if not found:
            return []
        match = " OR ".join(f'"{piece}"' for piece in found)
        return [row[0] for row in database.execute(f"SELECT number FROM t WHERE t MATCH ? ORDER BY rank LIMIT {LIMIT}", (match,))]
    return search


PEERS = {"tantivy": (with_tantivy, "tantivy"), "Xapian": (with_xapian, "xapian-bindings-binary"), "bm25s": (with_bm25s, "bm25s"),
         "FTS5 trigram": (with_trigram, "")}


def main():
    """Answer one order."""
    order = json.load(sys.stdin)
    told = {"versions": {}, "missing": {}, "built_s": {}, "ms": {}, "found": {}}
    for name, (make, package) in PEERS.items():
        try:
            start = time.process_time()
            search = make(order["entries"])
            told["built_s"][name] = time.process_time() - start
            told["found"][name] = {each: [search(question) for question in asked] for each, asked in order["sets"].items()}
            taken = []
            for question in order["timed"]:
                start = time.process_time()
                search(question)
                taken.append((time.process_time() - start) * 1000)
            taken.sort()
            told["ms"][name] = [taken[len(taken) // 2], taken[int(len(taken) * 0.95)]] if taken else [0, 0]
            told["versions"][name] = importlib.metadata.version(package) if package else sqlite3.sqlite_version
        except ImportError as error:
            told["missing"][name] = str(error)
    json.dump(told, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
