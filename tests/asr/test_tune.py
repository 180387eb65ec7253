"""A vocabulary is measured before it is taken: the table, the refusal, the installation, on the shipped sample calls."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
import soundfile

from app import cli
from app.domain.errors import OperatorVisibleError
from app.platform.resource_files import resource
from asr.loading import EngineSpec
from asr.models import tune
from asr.models.find import vocabulary_file
from asr.models.tune import Comparison, Counts


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TINGDAN_HOME", str(tmp_path / "home"))
    return tmp_path


def written(folder: Path, text: str) -> Path:
    file = folder / "words.txt"
    file.write_text(text, "utf-8")
    return file


def test_a_vocabulary_is_read_with_classes_weights_and_remarks(home: Path) -> None:
    words = tune.read_vocabulary(written(home, "\ufeff# ours\n棠德南路 地名\n\n锦悦物业\torganisation\t3\n低保\n"))
    assert [(w.text, w.kind, w.weight) for w in words] == [
        ("棠德南路", "place", 1.0), ("锦悦物业", "organisation", 3.0), ("低保", "term", 1.0)]


@pytest.mark.parametrize(("text", "key", "told"), [("低保\nabc\n", "asr.vocabulary_line", 2), ("低保 动词", "asr.vocabulary_line", 1),
                                                   ("# nothing\n", "asr.vocabulary_size", None)])
def test_a_line_that_means_nothing_is_named(home: Path, text: str, key: str, told: int | None) -> None:
    with pytest.raises(OperatorVisibleError, match=key) as caught:
        tune.read_vocabulary(written(home, text))
    assert caught.value.params.get("line") == told


def test_worse_is_more_errors_or_as_many_with_fewer_of_its_words() -> None:
    before = Counts(100, 10, 5, 4)
    assert Comparison(before, Counts(100, 11, 5, 5)).worse
    assert Comparison(before, Counts(100, 10, 5, 3)).worse
    assert not Comparison(before, Counts(100, 10, 5, 4)).worse
    assert not Comparison(before, Counts(100, 9, 5, 3)).worse


def test_only_the_engine_that_takes_words_is_tuned() -> None:
    with pytest.raises(OperatorVisibleError, match=r"asr\.tune_engine"):
        tune.engines(EngineSpec("whisper", "x:y"), [])


def test_a_folder_without_calls_is_told(tmp_path: Path) -> None:
    with pytest.raises(OperatorVisibleError, match=r"asr\.tune_no_calls"):
        list(tune.test_sides(tmp_path))


def test_the_sample_calls_are_there_and_a_folder_adds_its_own(tmp_path: Path) -> None:
    shutil.copy(resource("sample_calls", "left-turn-light.flac"), tmp_path / "own.flac")
    (tmp_path / "own.json").write_text(json.dumps({"turns": [{"speaker": "operator", "text": "您好，请讲。"},
                                                             {"speaker": "citizen", "text": "你好，一二三。"}]}), "utf-8")
    sides = list(tune.test_sides(tmp_path))
    assert len(sides) == len(list(tune.test_sides(None))) + 2
    assert [side.said for side in sides[-2:]] == ["您好请讲", "你好一二三"]
    (tmp_path / "own.json").write_text("{}", "utf-8")
    with pytest.raises(OperatorVisibleError, match=r"asr\.tune_call_unusable"):
        list(tune.test_sides(tmp_path))


@pytest.mark.shared
def test_good_words_are_installed_bad_ones_refused_and_nothing_is_changed(
        home: Path, shared: Path, language_model: Path, lexicon_cache: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    """The real engine on one sample call; the harmful list holds homophones of what is said there."""
    (home / "home" / "cache").mkdir(parents=True)
    (home / "home" / "cache" / "lexicon").symlink_to(lexicon_cache, target_is_directory=True)
    monkeypatch.setenv("TINGDAN_MODELS", os.pathsep.join([str(shared / "models"), str(language_model.parent)]))
    calls = home / "sample_calls"
    calls.mkdir()
    sound, rate_hz = soundfile.read(resource("sample_calls", "left-turn-light.flac"))
    soundfile.write(calls / "begin.flac", sound[: 20 * rate_hz], rate_hz)
    turns = json.loads(resource("sample_calls", "left-turn-light.json").read_text("utf-8"))["turns"][:4]
    (calls / "begin.json").write_text(json.dumps({"turns": turns}), "utf-8")
    monkeypatch.setattr(tune, "resource", home.joinpath)

    good = written(home, "左转灯 term 0.1\n")
    assert cli.main(["models", "tune", str(good)]) == 0
    assert vocabulary_file().read_text("utf-8") == "左转灯 term 0.1\n"
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 4 and "/" in told[1]

    homophones = ("十字路扣", "左传的录灯", "太断了", "提个见义", "是哪个方相左传", "有什么可以邦您", "车陂路根中山大倒中")
    bad = written(home, "".join(f"{word} 10\n" for word in homophones))
    assert cli.main(["models", "tune", str(bad)]) == 4
    assert vocabulary_file().read_text("utf-8") == "左转灯 term 0.1\n", "the one before stays"
    assert cli.main(["models", "tune", "--remove"]) == 0
    assert not vocabulary_file().exists()
    assert cli.main(["models", "tune", "--remove"]) == 2
