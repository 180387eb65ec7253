"""The back-off trigram: probabilities worked out by hand, and libime's own file read without KenLM."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from app.domain.errors import EnvironmentFault
from asr.lm import convert, kenlm_binary, ngram, train


def hand_made() -> ngram.Ngram:
    """Words 0 <unk>, 1 a, 2 b, 3 c; bigrams a b, b c; trigram a b c."""
    size = 4
    return ngram.Ngram(
        uni_prob=np.array([-3.0, -1.0, -1.5, -2.0], dtype=np.float32),
        uni_backoff=np.array([0.0, -0.5, -0.25, 0.0], dtype=np.float32),
        bi_key=np.array([1 * size + 2, 2 * size + 3], dtype=np.int64),
        bi_prob=np.array([-0.5, -0.75], dtype=np.float16),
        bi_backoff=np.array([-0.125, 0.0], dtype=np.float16),
        tri_key=np.array([0 * size + 3], dtype=np.int64),
        tri_prob=np.array([-0.25], dtype=np.float16),
    )


def say(model: ngram.Ngram, words: list[int]) -> list[float]:
    state, found = np.array([0]), []
    for word in words:
        prob, state = model.advance(state, np.array([word]))
        found.append(float(prob[0]))
    return found


def test_probabilities_as_an_arpa_file_defines_them() -> None:
    model = hand_made()
    assert say(model, [1, 2, 3]) == pytest.approx([-1.0, -0.5, -0.25])
    # a b a: no trigram, no bigram b a: backoff(a b) + backoff(b) + p(a)
    assert say(model, [1, 2, 1])[2] == pytest.approx(-0.125 - 0.25 - 1.0)
    # b c a: the bigram b c extends nothing, so its state is c's, which has no backoff
    assert say(model, [2, 3, 1]) == pytest.approx([-1.5, -0.75, -1.0])
    # c b: backoff(c) is 0
    assert say(model, [3, 2])[1] == pytest.approx(-1.5)


def test_a_batch_gives_what_single_queries_give() -> None:
    model = hand_made()
    states = np.array([0, 1, 2, 3, 4, 4])
    words = np.array([1, 2, 3, 1, 3, 1])
    prob, after = model.advance(states, words)
    for i in range(states.size):
        one, then = model.advance(states[i : i + 1], words[i : i + 1])
        assert (float(one[0]), int(then[0])) == (float(prob[i]), int(after[i]))


def test_grown_model_is_a_distribution_and_prefers_what_was_said() -> None:
    model = train.train([[3, 4, 5], [3, 4, 5], [3, 4, 6], [4, 5]], 8)
    words = np.arange(8)
    history = np.array([train.BEGIN])
    for said in (3, 4, 5):
        prob, _ = model.advance(np.repeat(history, 8), words)
        assert float((10.0**prob).sum()) == pytest.approx(1.0, abs=0.01)
        _, history = model.advance(history, np.array([said]))
    three, state = model.advance(np.array([train.BEGIN]), np.array([3]))
    _, state = model.advance(state, np.array([4]))
    prob, _ = model.advance(np.repeat(state, 2), np.array([5, 6]))
    assert prob[0] > prob[1]
    assert three[0] > model.advance(np.array([train.BEGIN]), np.array([6]))[0][0]


def test_saved_and_mapped_again(tmp_path: Path) -> None:
    ngram.save(hand_made(), tmp_path)
    (tmp_path / ngram.WORDS_FILE).write_text("<unk>\na\nb\nc", encoding="utf-8")
    model, words = ngram.load(tmp_path)
    assert words == ["<unk>", "a", "b", "c"]
    assert say(model, [1, 2, 3]) == pytest.approx([-1.0, -0.5, -0.25])
    (tmp_path / "bi_key.npy").write_bytes(b"torn")
    with pytest.raises(EnvironmentFault):
        ngram.load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a model", kenlm_binary.MAGIC, kenlm_binary.MAGIC + bytes(400)])
def test_a_file_that_is_no_model_is_named_as_such(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "zh_CN.lm"
    file.write_bytes(content)
    with pytest.raises(EnvironmentFault):
        convert.convert(file, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def libime_file() -> Path | None:
    named = os.environ.get("TINGDAN_LIBIME_LM")
    return Path(named) if named else None


@pytest.mark.skipif(libime_file() is None, reason="TINGDAN_LIBIME_LM names no zh_CN.lm")
def test_libime_probabilities_are_kenlms() -> None:
    """Figures of the kenlm package 0.3.0 on Debian's file of 2022-11 (log10, no sentence marks)."""
    source = libime_file()
    assert source is not None
    table = kenlm_binary.read(source)
    model = convert.forward(table)
    number = {word: i for i, word in enumerate(table.words)}
    for text, expected in KENLM:
        found = say(model, [number[word] for word in text.split()])
        assert found == pytest.approx(expected, abs=0.01), text


KENLM = [
    ("请问 您 贵 姓", [-5.0237, -1.7599, -3.6081, -2.7473]),
    ("我 要 投诉", [-3.0692, -2.3457, -2.5496]),
    ("广州 市 天河区 的 工地", [-4.3209, -4.6116, -6.0114, -1.2616, -4.7161]),
    ("电话 号码 是 多少", [-4.2191, -1.734, -1.2471, -1.2708]),
    ("中国 人民 银行", [-3.6238, -2.1461, -1.1138]),
    ("小 明 的 妈妈 在 做饭", [-3.3604, -4.8238, -1.7066, -3.8077, -1.5555, -4.5406]),
]
