"""What is particular to Vosk and sherpa-onnx, and which engine is chosen; the common promises are in test_engine_contract.py."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.domain.errors import EnvironmentFault
from asr import sherpa_engine, vosk_engine
from asr.client import RecogniserClient
from asr.health import speech_checks
from asr.models.choice import choose_engine, engine_names
from asr.models.find import models_dir
from asr.models.layouts import sherpa_files, vosk_problems
from asr.models.vosk_folder import deterministic, remove_views
from tests.asr import real_engines, sounds
from tests.asr.sounds import call_blocks
from tests.asr.test_client import whole_call

# ------------------------------------------------------------------ Vosk


def kaldi_folder(folder: Path, mfcc: str = "--num-mel-bins=40\n", flat: bool = False) -> Path:
    """The files that tell a Vosk model, without what is in them."""
    names = ("final.mdl", "mfcc.conf", "HCLG.fst") if flat else ("am/final.mdl", "conf/mfcc.conf", "graph/HCLr.fst", "graph/Gr.fst")
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(mfcc if name.endswith("mfcc.conf") else "x", "utf-8")
    return folder


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("mfcc", ["--num-mel-bins=40\n", "--dither=1.0\n--num-mel-bins=40", "# --dither=0\n"])
def test_results_never_hang_on_chance(home: Path, tmp_path: Path, mfcc: str, flat: bool) -> None:
    folder = kaldi_folder(tmp_path / "vosk-model-x", mfcc, flat)
    view = deterministic(folder)
    assert view.parent.parent == models_dir()
    conf = (view / ("mfcc.conf" if flat else "conf/mfcc.conf")).read_text("utf-8")
    assert conf.splitlines()[-1] == "--dither=0" and "--dither=1.0" not in conf
    assert (folder / ("mfcc.conf" if flat else "conf/mfcc.conf")).read_text("utf-8") == mfcc
    assert deterministic(folder) == view
    relative = {p.relative_to(folder) for p in folder.rglob("*")}
    assert {p.relative_to(view) for p in view.rglob("*")} == relative
    remove_views(folder.name)
    assert not view.exists() and vosk_problems(folder) == []


def test_a_model_that_says_so_itself_is_taken_as_it_is(home: Path, tmp_path: Path) -> None:
    folder = kaldi_folder(tmp_path / "m", "--dither=0\n")
    assert deterministic(folder) == folder


def test_a_changed_model_gets_a_new_view(home: Path, tmp_path: Path) -> None:
    folder = kaldi_folder(tmp_path / "m")
    before = deterministic(folder)
    (folder / "am" / "final.mdl").write_text("another", "utf-8")
    after = deterministic(folder)
    assert after != before and (after / "am" / "final.mdl").read_text("utf-8") == "another"


@pytest.mark.parametrize("missing", ["am/final.mdl", "conf/mfcc.conf", "graph/Gr.fst"])
def test_a_torn_vosk_folder_is_told_by_file(home: Path, tmp_path: Path, missing: str) -> None:
    folder = kaldi_folder(tmp_path / "m")
    (folder / missing).unlink()
    with pytest.raises(EnvironmentFault) as told:
        choose_engine("vosk", folder)
    assert told.value.key == "asr.model_file_missing"


def test_kaldi_that_cannot_read_a_model_is_no_crash(home: Path, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as told:
        vosk_engine.load(str(kaldi_folder(tmp_path / "m")))
    assert told.value.key == "asr.engine_does_not_load"


def test_a_chinese_word_becomes_characters_that_share_its_time() -> None:
    words = [{"word": "车陂", "start": 1.0, "end": 1.4, "conf": 0.9}, {"word": "street", "start": 1.5, "end": 1.8, "conf": 0.5},
             {"word": "one", "start": 1.8, "end": 2.0, "conf": 1.0}]
    text = vosk_engine.joined([str(w["word"]) for w in words])
    tokens = vosk_engine._tokens(words, 0.5)
    assert text == "车陂street one"
    assert [(text[t.start:t.end], t.start_ms, t.end_ms) for t in tokens] == [
        ("车", 500, 700), ("陂", 700, 900), ("street", 1000, 1300), ("one", 1300, 1500)]
    assert vosk_engine.joined(["喂", "[unk]", "你好"]) == "喂你好"


def test_the_first_utterance_finds_a_warm_recogniser() -> None:
    """A third one, made for a third open utterance, is cold: it has its networks to compile first."""
    engine = real_engines.loaded("vosk")
    spent = []
    open_at_once = [engine.open_utterance() for _ in range(vosk_engine.WARM + 1)]
    for utterance in open_at_once:
        began = time.process_time()
        utterance.accept(real_engines.speech())
        spent.append(time.process_time() - began)
    engine.close()
    assert spent[0] < 0.85 * spent[-1]


@pytest.mark.parametrize("name", ["vosk", "sherpa"])
def test_it_serves_a_call_through_the_speech_process(name: str) -> None:
    client = RecogniserClient(real_engines.spec(name))
    try:
        assert client.wait_ready(120)
        assert client.versions["engine"] == name and client.capabilities.partials
        listener = whole_call(client, call_blocks(sounds.sample_call(), 9.0))
    finally:
        client.close()
    assert listener.finals and not listener.failures
    assert all(t.end_ms <= f.utterance.end_ms + 900 for f in listener.finals for t in f.utterance.tokens)


# ------------------------------------------------------------------ sherpa-onnx


@pytest.mark.parametrize(("names", "picked"), [
    (["encoder-e.onnx", "encoder-e.int8.onnx", "decoder-e.onnx", "decoder-e.int8.onnx", "joiner-e.onnx", "joiner-e.int8.onnx"],
     ["encoder-e.int8.onnx", "decoder-e.onnx", "joiner-e.int8.onnx", None]),
    (["encoder.onnx", "decoder.int8.onnx", "joiner.onnx"], ["encoder.onnx", "decoder.int8.onnx", "joiner.onnx", None]),
    (["model.int8.onnx"], [None, None, None, "model.int8.onnx"]),
    (["ctc-epoch-20.onnx", "ctc-epoch-20.int8.onnx"], [None, None, None, "ctc-epoch-20.int8.onnx"]),
    (["encoder.onnx", "decoder.onnx"], None),
])
def test_the_networks_of_a_release_are_picked(tmp_path: Path, names: list[str], picked: list[str | None] | None) -> None:
    for name in [*names, "tokens.txt"]:
        (tmp_path / name).touch()
    files = sherpa_files(tmp_path)
    if picked is None:
        assert files is None
        return
    assert files is not None
    assert [p.name if p else None for p in (files.encoder, files.decoder, files.joiner, files.ctc)] == picked


@pytest.mark.shared
def test_hotwords_change_what_is_heard(tmp_path: Path, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no sherpa model of Chinese characters here, so a real one gets Chinese characters for names of its tokens."""
    folder = real_engines._sherpa()
    names: dict[str, str] = {}
    lines = []
    for line in (folder / "tokens.txt").read_text("utf-8").splitlines():
        token, number = line.rsplit(maxsplit=1)
        names[token] = token if token[0] in "<#" else chr(0x4E00 + int(number))
        lines.append(f"{names[token]} {number}")
    for network in folder.glob("*.onnx"):
        (tmp_path / network.name).symlink_to(network)
    (tmp_path / "tokens.txt").write_text("\n".join(lines) + "\n", "utf-8")
    monkeypatch.setattr(sherpa_engine, "_MANY_CHARACTERS", 100)
    engine = sherpa_engine.load(str(tmp_path))
    assert engine.capabilities.vocabulary
    word = "".join(names[token] for token in ("g", "òu", "m", "ǎi", "l", "ì"))
    sound, _ = soundfile.read(shared / "speech" / "aishell_s0150" / "BAC009S0150W0128.flac", dtype="float32")

    def heard() -> str:
        utterance = engine.open_utterance()
        utterance.accept(np.asarray(sound, np.float32))
        return utterance.finish().text

    without = heard()
    engine.set_context(["不认识的词龘", word])
    assert word not in without and word in heard()
    engine.set_context([])
    assert heard() == without
    engine.close()


def test_without_the_package_the_way_out_is_told(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asr.models.choice.SHERPA_PACKAGE", "sherpa_onnx_that_nobody_has")
    with pytest.raises(EnvironmentFault) as told:
        choose_engine("sherpa", tmp_path)
    assert told.value.key == "asr.engine_packages_missing"


# ------------------------------------------------------------------ which one


def test_auto_goes_through_the_table(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert engine_names() == ("zipformer", "sherpa", "vosk", "whisper")
    monkeypatch.setenv("TINGDAN_MODELS", str(tmp_path))
    monkeypatch.setattr("asr.models.choice.engine_installed", lambda: False)
    monkeypatch.setattr("asr.models.choice.SHERPA_PACKAGE", "json")  # something that is installed everywhere
    kaldi_folder(tmp_path / "vosk-model-small-cn-0.22")
    chosen = choose_engine()
    assert (chosen.name, Path(chosen.arguments["model_folder"]).name) == ("vosk", "vosk-model-small-cn-0.22")
    kaldi_folder(tmp_path / "vosk-model-cn-0.22")
    assert Path(choose_engine().arguments["model_folder"]).name == "vosk-model-cn-0.22"
    assert speech_checks()[0].key == "asr.doctor_engine_vosk"
    release = tmp_path / "sherpa-onnx-streaming-zipformer-zh-14M-2023-02-23"
    release.mkdir()
    for name in ("tokens.txt", "encoder-e.int8.onnx", "decoder-e.onnx", "joiner-e.int8.onnx"):
        (release / name).touch()
    assert choose_engine().name == "sherpa"
    own = kaldi_folder(tmp_path / "my own model")
    assert choose_engine("auto", own).arguments == {"model_folder": str(own)}
    with pytest.raises(EnvironmentFault) as told:
        choose_engine("vosk", tmp_path / "nowhere")
    assert told.value.key == "asr.model_missing"
