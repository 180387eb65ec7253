"""Train the item classifier: ``python -m app.extraction.train_items`` (set-up does it, ``tingdan train-items`` too; half a minute).

Reads the phrase bank and the item tree, makes noisy copies (characters replaced by others of the same sound, dropped
characters, two sayings joined, talk around it), fits a softmax layer with Adagrad and writes
``resources/items/model.npz``: int8 weights of features that occur in two sayings or more. Deterministic: same bank, same file.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pypinyin.contrib.tone_convert import to_normal
from pypinyin.pinyin_dict import pinyin_dict

from app.domain.catalogue import Item
from app.extraction.item_features import SYLLABLE_BASE, features, fuzzy_syllable
from app.extraction.item_model import shipped_place
from app.extraction.items import ItemEntry, inverse_frequency, read_bank, saturated, term_lines, tree, weight_of
from app.platform.resource_files import resource

MIN_SAYINGS = 1
COPIES = 4
FEW = 12
EPOCHS = 10
BATCH = 192
RATE = 0.2
DECAY = 2e-6
SMOOTHING = 0.08
SEED = 20261121
Bag = tuple[NDArray[np.int64], NDArray[np.float32]]


def bank_digest() -> str:
    """Fingerprint of what the model is trained on; a test compares it with the shipped model's."""
    files = [*sorted(resource("items").glob("*.toml")), resource("taxonomy_gz.csv")]
    joined = b"".join(path.read_bytes().replace(b"\r\n", b"\n") for path in files)
    return hashlib.sha256(joined).hexdigest()


def syllable_table() -> tuple[str, list[int], dict[str, str]]:
    """All characters of GB 2312 with the number of their (first, fuzzy) syllable."""
    numbers: dict[str, int] = {}
    chars: list[str] = []
    ids: list[int] = []
    for point, readings in sorted(pinyin_dict.items()):
        char = chr(point)
        try:
            char.encode("gb2312")
        except UnicodeEncodeError:
            continue
        sound = fuzzy_syllable(str(to_normal(readings.split(",")[0])))
        chars.append(char)
        ids.append(numbers.setdefault(sound, len(numbers)))
    table = {char: chr(SYLLABLE_BASE + number) for char, number in zip(chars, ids, strict=True)}
    return "".join(chars), ids, table


def training_texts(bank: dict[str, ItemEntry], leaves: dict[str, Item]) -> dict[str, list[str]]:
    """Clean sayings by leaf: the bank's, the tree's typical ones, and the names of the leaf."""
    texts: dict[str, list[str]] = {}
    for code, leaf in leaves.items():
        entry = bank.get(code, ItemEntry(code, ()))
        texts[code] = [*entry.sayings, *leaf.sayings, leaf.name, f"{leaf.path[1]} {leaf.name}"]
    return texts


class Noise:
    """Errors as a recogniser makes them, and talk as a caller makes it."""

    def __init__(self, texts: dict[str, list[str]], table: dict[str, str], seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._texts = texts
        self._table = table
        seen: dict[str, list[str]] = {}
        for char in sorted({c for group in texts.values() for text in group for c in text}):
            if char in table:
                seen.setdefault(table[char], []).append(char)
        self._same = seen
        self._sounds = sorted(seen)

    def corrupt(self, text: str, rate: float) -> str:
        """Replace by same sound (60 %), by another character (25 %), or drop (15 %)."""
        out: list[str] = []
        for char in text:
            if self._random.random() >= rate or char not in self._table:
                out.append(char)
                continue
            kind = self._random.random()
            if kind < 0.6:
                out.append(str(self._random.choice(self._same.get(self._table[char], [char]))))
            elif kind < 0.85:
                out.append(str(self._random.choice(self._same[str(self._random.choice(self._sounds))])))
        return "".join(out)

    def copy(self, code: str, number: int, text: str) -> str:
        """One noisy copy of a saying."""
        if self._random.random() < 0.35:
            text = f"{text} {self._random.choice(self._texts[code])}"
        if self._random.random() < 0.3:
            text = f"{text} {self._random.choice(CHATTER)}"
        return self.corrupt(text, (0.0, 0.08, 0.16, 0.25)[number % 4])


CHATTER = (
    "我住在这里十几年了", "打了好几次电话都没有用", "你们到底管不管", "希望尽快处理", "麻烦派人来看一下",
        "在白云区那边", "就在地铁站旁边",
    "从上个星期开始", "每天晚上都这样", "已经一个多月了", "我家小孩还小", "老人家身体不好", "影响很大", "去哪里办",
        "要什么材料",
    "需要带什么", "多久能办好", "我找过他们了", "他们不理人", "叫我打你们电话", "具体在几栋几楼", "小区门口那里",
        "我是外地户口",
    "我在公司上班", "请尽快给我一个答复", "要求赔偿", "把钱退给我", "一共花了几千块", "当时签了合同", "我有照片", "没有人受伤",
)


def vocabulary(texts: dict[str, list[str]], table: dict[str, str], min_sayings: int) -> tuple[list[str], NDArray[np.float32]]:
    """Features in ``min_sayings`` texts or more, and their weights."""
    sayings: dict[str, int] = {}
    classes: dict[str, set[str]] = {}
    for code, group in texts.items():
        for text in group:
            for feature in features(text, table):
                sayings[feature] = sayings.get(feature, 0) + 1
                classes.setdefault(feature, set()).add(code)
    kept = sorted(f for f, count in sayings.items() if count >= min_sayings)
    idf = [weight_of(f, inverse_frequency(len(texts), len(classes[f]))) for f in kept]
    return kept, np.asarray(idf, np.float32)


def vector(text: str, index: dict[str, int], idf: NDArray[np.float32], table: dict[str, str]) -> Bag:
    """Normalised sparse vector of a text."""
    found = {index[f]: saturated(c) for f, c in features(text, table).items() if f in index}
    rows = np.asarray(list(found), np.int64)
    values = np.asarray(list(found.values()), np.float32) * idf[rows]
    norm = float(np.linalg.norm(values)) or 1.0
    return rows, (values / norm).astype(np.float32)


def fit(bags: list[Bag], labels: NDArray[np.int64], size: int, classes: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Softmax regression with label smoothing, Adagrad on the rows a batch touches."""
    random = np.random.default_rng(SEED)
    weights = np.zeros((size, classes), np.float32)
    squares = np.full((size, classes), 1e-6, np.float32)
    bias = np.zeros(classes, np.float32)
    for epoch in range(EPOCHS):
        loss = 0.0
        order = random.permutation(len(bags))
        rate = RATE * (1 - epoch / EPOCHS * 0.8)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            columns, dense = _dense([bags[i] for i in batch])
            scores = dense @ weights[columns] + bias
            scores -= scores.max(axis=1, keepdims=True)
            shares = np.exp(scores)
            shares /= shares.sum(axis=1, keepdims=True)
            rows = np.arange(len(batch))
            loss -= float(np.log(shares[rows, labels[batch]] + 1e-9).sum())
            shares -= SMOOTHING / classes
            shares[rows, labels[batch]] -= 1 - SMOOTHING
            gradient = dense.T @ shares / len(batch) + DECAY * weights[columns]
            squares[columns] += gradient * gradient
            weights[columns] -= rate * gradient / np.sqrt(squares[columns] + 1e-8)
        sys.stderr.write(f"epoch {epoch + 1} of {EPOCHS}: loss {loss / len(bags):.3f}\n")
    return weights, bias


def _dense(bags: list[Bag]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    columns = np.unique(np.concatenate([rows for rows, _ in bags]))
    dense = np.zeros((len(bags), len(columns)), np.float32)
    for number, (rows, values) in enumerate(bags):
        dense[number, np.searchsorted(columns, rows)] = values
    return columns, dense


def train(target: Path) -> None:
    """Read the bank, fit, write the model; the file is replaced in one step."""
    target.parent.mkdir(parents=True, exist_ok=True)
    leaves = {item.code: item for item in tree().items}
    bank = read_bank(resource("items"))
    texts = training_texts(bank, leaves)
    extra = {"terms": np.asarray(term_lines(bank)), "bank": np.asarray(bank_digest())}
    fit_model(texts, target, copies=COPIES, min_sayings=MIN_SAYINGS, extra=extra)


def fit_model(texts: dict[str, list[str]], target: Path, *, copies: int, min_sayings: int,
              extra: dict[str, Any]) -> None:
    """Fit labels to their texts and write a model that ``ItemClassifier`` reads.

    Args:
        texts: clean texts by label.
        target: file to write; replaced in one step.
        copies: noisy copies of each text (twice as many for a label with few texts); 0 fits the clean texts only.
        min_sayings: a feature must occur in so many texts.
        extra: further arrays of the file; must hold "terms".
    """
    table = syllable_table()[2]
    words, idf = vocabulary(texts, table, min_sayings)
    index = {word: number for number, word in enumerate(words)}
    noise = Noise(texts, table, SEED)
    bags: list[Bag] = []
    labels: list[int] = []
    for label, (code, group) in enumerate(texts.items()):
        times = copies if len(group) >= FEW else copies * 2
        for text in group:
            copied = [noise.copy(code, number, text) for number in range(times)] if copies else [text]
            bags += [vector(copy, index, idf, table) for copy in copied]
            labels += [label] * len(copied)
    weights, bias = fit(bags, np.asarray(labels), len(words), len(texts))
    write_model(target, list(texts), words, idf, weights, bias, extra)
    sys.stderr.write(f"{len(bags)} texts, {len(words)} features, {target.stat().st_size // 1000} kB\n")


def write_model(target: Path, labels: list[str], words: list[str], idf: NDArray[np.float32], weights: NDArray[np.float32],
                bias: NDArray[np.float32], extra: dict[str, Any]) -> None:
    """Write what ``ItemClassifier`` reads: int8 weights, shape (features, labels); the file is replaced in one step."""
    chars, ids, _ = syllable_table()
    scale = np.float32(np.abs(weights).max() / 127)
    weights = np.where(np.abs(weights) < scale * 0.75, np.float32(0), weights)
    fresh = target.with_name(f"fresh-{target.name}")  # a program that starts meanwhile reads the old model whole
    arrays: dict[str, Any] = {
        "codes": np.asarray(labels), "vocabulary": np.asarray("\n".join(words)), "idf": idf.astype(np.float16),
        "weights": np.round(weights / scale).astype(np.int8), "scale": scale, "bias": bias,
        "chars": np.asarray(chars), "syllables": np.asarray(ids, np.uint16), **extra,
    }
    np.savez_compressed(fresh, **arrays)
    fresh.replace(target)


if __name__ == "__main__":
    train(shipped_place())
