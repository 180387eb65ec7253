"""The streaming engine on real sound. Needs the shared model and the language model that set-up converts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import soxr
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from app.domain.errors import EnvironmentFault
from asr.zipformer.engine import ZipformerEngine, load
from asr.zipformer.hypotheses import one_kind_of_one
from tests.bench.asr_decoder import cleaned, digits, telephone

pytestmark = pytest.mark.shared
RATE_HZ = 16_000
LEAD = np.zeros(RATE_HZ // 2, dtype=np.float32)


@pytest.fixture(scope="module")
def engine(shared: Path, language_model: Path, lexicon_cache: Path) -> ZipformerEngine:
    return load(shared / "models" / "zipformer-zh-3.3m", language_model, lexicon_cache)


def spoken(shared: Path, kind: str) -> list[tuple[str, NDArray[np.float32]]]:
    rows = (shared / "speech" / "manifest.tsv").read_text("utf-8").splitlines()[1:]
    chosen = [row.split("\t")[:2] for row in rows if row.startswith(kind)]
    return [(text, np.concatenate([LEAD, sf.read(shared / "speech" / name, dtype="float32")[0]])) for name, text in chosen]


def heard(engine: ZipformerEngine, sound: NDArray[np.float32], block: int) -> tuple[str, list[str]]:
    decoder = engine.open_utterance()
    partials = []
    for at in range(0, sound.size, block):
        decoder.accept(sound[at : at + block])
        partials.append(decoder.partial().text)
    return decoder.finish().text, partials


def test_real_sentences_are_recognised(engine: ZipformerEngine, shared: Path) -> None:
    errors = length = 0
    for text, sound in spoken(shared, "aishell")[::6]:
        found, _ = heard(engine, sound, 1600)
        errors += Levenshtein.distance(cleaned(text), cleaned(found))
        length += len(cleaned(text))
    assert errors / length < 0.2


def test_phone_numbers_survive_the_telephone(engine: ZipformerEngine, shared: Path) -> None:
    errors = length = 0
    for text, sound in spoken(shared, "digits")[::3]:
        found, _ = heard(engine, telephone(sound), 1600)
        errors += Levenshtein.distance(digits(text), digits(found))
        length += len(digits(text))
    assert errors / length < 0.1


def test_a_number_that_was_misheard_is_mended_by_the_second_look(engine: ZipformerEngine, shared: Path) -> None:
    """Over the phone line, with digital silence between the digits, the first search loses digits of these."""
    mended = {"幺三九零八二九三三七幺", "幺九九八八六九九九三六", "幺五零幺九三五四八幺二"}
    said = [(text, sound) for text, sound in spoken(shared, "digits") if text in mended]
    assert len(said) == len(mended)
    right = [digits(heard(engine, telephone(sound), 1600)[0]) == digits(text) for text, sound in said]
    assert sum(right) >= 2


def test_words_that_come_in_the_middle_of_a_number_wait_for_the_next_utterance(engine: ZipformerEngine, shared: Path) -> None:
    """The second look at half a number speaks the language that its utterance began with; a corrected number joins behind it."""
    number, sound = spoken(shared, "digits")[0]
    sound = sound[: sound.size * 6 // 11]

    def said(words: list[str]) -> str:
        decoder = engine.open_expecting(lambda: True)
        decoder.accept(sound[: sound.size // 2])
        engine.set_context(words)
        decoder.accept(sound[sound.size // 2 :])
        return decoder.finish().text

    try:
        alone = said([])
        assert said([f"{alone[:length]} 100" for length in range(2, len(alone) + 1)]) == alone
    finally:
        engine.set_context(())
    assert digits(number).startswith(digits(alone)[:4])


def test_an_expected_number_swallows_no_words(engine: ZipformerEngine, shared: Path) -> None:
    for _, sound in spoken(shared, "aishell")[::12]:
        plain, expecting = engine.open_utterance(), engine.open_expecting(lambda: True)
        for decoder in (plain, expecting):
            decoder.accept(sound)
        assert expecting.finish().text == plain.finish().text


def test_one_is_written_as_it_was_said(engine: ZipformerEngine, shared: Path) -> None:
    """One speaker of the shared digits says yi, the other yao."""
    for kind in ("一", "幺"):
        said = [(text, sound) for text, sound in spoken(shared, "digits") if text[0] == kind][::4]
        found = "".join(heard(engine, telephone(sound), 1600)[0] for _, sound in said)
        other = "幺" if kind == "一" else "一"
        assert found.count(kind) >= sum(text.count(kind) for text, _ in said) - 2
        assert found.count(other) <= 1  # a first digit after digital silence is hard to tell


@pytest.mark.parametrize(
    ("text", "clear", "written"),
    [
        ("幺三八幺四", {0, 3}, "一三八一四"),
        ("一三八幺四", set(), "幺三八幺四"),
        ("一三八幺四一", {0, 5}, "一三八一四一"),
        ("二零一二年", set(), "二零一二年"),
        ("幺栋", {0}, "一栋"),
        ("一栋幺单元", set(), "一栋幺单元"),
        ("一一对应幺幺零", {0, 1}, "一一对应幺幺零"),
    ],
)
def test_a_number_has_one_kind_of_one(text: str, clear: set[int], written: str) -> None:
    assert one_kind_of_one(text, clear) == written


def test_the_result_does_not_depend_on_block_sizes(engine: ZipformerEngine, shared: Path) -> None:
    _, sound = spoken(shared, "aishell")[3]
    found = {heard(engine, sound, block)[0] for block in (160, 1601, 7000, sound.size)}
    assert len(found) == 1


def test_partials_grow_while_someone_speaks(engine: ZipformerEngine, shared: Path) -> None:
    _, sound = spoken(shared, "aishell")[3]
    final, partials = heard(engine, sound, 3200)
    assert len(set(partials)) > 3
    assert 0 < len(partials[2 * len(partials) // 3]) < len(final) + 2


def test_tokens_lie_on_the_text_and_on_the_sound(engine: ZipformerEngine, shared: Path) -> None:
    _, sound = spoken(shared, "aishell")[0]
    decoder = engine.open_utterance()
    decoder.accept(sound)
    final = decoder.finish()
    length_ms = sound.size * 1000 // RATE_HZ
    assert "".join(final.text[t.start : t.end] for t in final.tokens) == final.text
    for before, after in zip(final.tokens, final.tokens[1:], strict=False):
        assert before.end == after.start
        assert before.start_ms <= after.start_ms
        assert before.start_ms < before.end_ms
    assert all(0 <= t.start_ms < t.end_ms <= length_ms + 80 and 0 < t.confidence <= 1 and t.syllable for t in final.tokens)
    assert 0 < final.confidence <= 1
    assert final.alternatives
    assert final.text not in {other.text for other in final.alternatives}
    for other in final.alternatives:
        assert "".join(other.text[t.start : t.end] for t in other.tokens) == other.text
        assert all(t.syllable and t.end_ms <= length_ms + 80 for t in other.tokens)


def test_two_utterances_at_once_do_not_mix(engine: ZipformerEngine, shared: Path) -> None:
    (_, one), (_, two) = spoken(shared, "aishell")[:2]
    alone = [heard(engine, sound, 3200)[0] for sound in (one, two)]
    first, second = engine.open_utterance(), engine.open_utterance()
    for at in range(0, max(one.size, two.size), 3200):
        first.accept(one[at : at + 3200])
        second.accept(two[at : at + 3200])
    assert [first.finish().text, second.finish().text] == alone


def test_silence_and_noise_bring_no_words(engine: ZipformerEngine) -> None:
    noise = np.random.default_rng(1).normal(0, 0.003, 4 * RATE_HZ).astype(np.float32)
    for seconds in (1, 2, 3, 4, 8):
        assert heard(engine, np.zeros(seconds * RATE_HZ, dtype=np.float32), 1600)[0] == ""
    assert len(heard(engine, noise, 1600)[0]) <= 1


def test_a_phrase_of_the_call_is_preferred_and_forgotten(engine: ZipformerEngine, shared: Path) -> None:
    """A name that only the vocabulary knows: the sounds of a recorded turn, written in the call's own characters."""
    file = shared / "calls" / "dev" / "dev-001.flac"
    row = file.with_suffix(".tsv").read_text("utf-8").splitlines()[4].split("\t")
    piece = sf.read(file, dtype="float32")[0][int((float(row[2]) - 0.5) * 8000) : int(float(row[3]) * 8000), 1]
    sound = soxr.resample(np.ascontiguousarray(piece), 8000, RATE_HZ)
    plain, _ = heard(engine, sound, 3200)
    place = plain[2:5]
    engine.set_context([place[:2] + "邨"])
    try:
        assert heard(engine, sound, 3200)[0] != "" and engine.capabilities.vocabulary
    finally:
        engine.set_context([])
    assert heard(engine, sound, 3200)[0] == plain


def test_a_damaged_model_is_told_apart(tmp_path: Path, shared: Path) -> None:
    with pytest.raises(EnvironmentFault, match="part_missing"):
        load(tmp_path, tmp_path)
    for file in (shared / "models" / "zipformer-zh-3.3m").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes()[: 2000 if file.suffix == ".onnx" else None])
    with pytest.raises(EnvironmentFault, match="damaged"):
        load(tmp_path, tmp_path)
