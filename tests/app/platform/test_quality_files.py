"""A centre's own rules of the quality check: each thing that is wrong in a file is told at its line, and the desk goes on with ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app import cli
from app.assembly_call_records import quality_checks, quality_rules
from app.domain.errors import AppError, EnvironmentFault, OperatorVisibleError
from app.platform import messages, paths
from app.platform.quality_files import check_quality_rules, load_quality_rules
from app.platform.resource_files import resource
from app.platform.settings import load_settings

SHIPPED = resource("quality_rules.toml")
HEAD = 'version = "7"\n\n# ours\n[[rule]]\nid = "greeting"\n'
GOOD = HEAD + "kind = 'says'\nfirst = 2\nwords = ['工号',\n  '您好',\n]\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "rules.toml"
    file.write_text(text, "utf-8")
    return file


def told(folder: Path, text: str) -> list[tuple[int, str]]:
    return [(each.line, each.key.partition(".")[2]) for each in check_quality_rules(written(folder, text))]


def test_the_rules_that_ship_and_those_of_a_centre_are_good(tmp_path: Path) -> None:
    assert check_quality_rules(SHIPPED) == ()
    assert told(tmp_path, GOOD) == []
    held = load_quality_rules(tmp_path / "rules.toml")
    assert (held.version, [rule.id for rule in held.rules], held.rules[0].figures) == ("7", ["greeting"], {"first": 2})


@pytest.mark.parametrize(("text", "wanted"), [
    ("\x00", [(1, "not_toml")]), ("version = '1'\nrule = 1\n", [(0, "no_rules")]), ("version = '1'\n", [(0, "no_rules")]),
    (GOOD.replace('version = "7"\n', ""), [(1, "no_version")]), ("colour = 1\n" + GOOD, [(1, "unknown_key")]),
    (HEAD + "kind = 'guesses'\n", [(6, "bad_kind")]), (HEAD + "words = ['a']\n", [(4, "bad_kind")]),
    (GOOD.replace("'您好'", "'('"), [(8, "bad_pattern")]), (GOOD.replace("'您好'", "'.*'"), [(8, "matches_all")]),
    (GOOD + "sounds = ['工号']\n", [(11, "bad_sound")]), (GOOD + "excused = 'x'\n", [(11, "bad_texts")]),
    (GOOD + "points = 'five'\n", [(11, "bad_points")]), (GOOD + "points = 101\n", [(11, "bad_points")]),
    (GOOD + "remind = 1\n", [(11, "bad_remind")]), (GOOD + "remind = true\n", [(11, "no_reminder")]),
    (GOOD + "least_said = nan\n", [(11, "bad_figure")]), (GOOD + "frist = 2\n", [(11, "unknown_key_near")]),
    (GOOD + "slowest = 2\n", [(11, "not_of_kind")]), (GOOD + GOOD.replace('version = "7"\n', ""), [(14, "double_id")]),
    (GOOD.replace("greeting", "Greeting!"), [(5, "bad_id")]), (HEAD + "kind = 'never'\n", [(4, "lacks_words")]),
    (HEAD + "kind = 'silence'\nlongst_ms = 20\n", [(4, "lacks_figure"), (7, "unknown_key_near")]),
    (HEAD + "kind = 'rate'\nslowest = 8\nfastest = 2\n", [(7, "slow_over_fast")]),
])
def test_what_is_wrong_is_told_at_its_line_and_the_file_is_not_used(tmp_path: Path, text: str, wanted: list[tuple[int, str]]) -> None:
    assert told(tmp_path, text) == wanted
    with pytest.raises(EnvironmentFault, match="rules_unusable") as caught:
        load_quality_rules(tmp_path / "rules.toml")
    assert caught.value.params["line"] == wanted[0][0]
    for each in check_quality_rules(tmp_path / "rules.toml"):
        for language in ("zh", "en"):
            said = messages.text(each.key, each.params, language)
            assert said != each.key
            assert "{name}" not in said and "{rule}" not in said and "{given}" not in said


def test_a_file_that_is_no_text_or_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_bytes(b"version = 1\n# \xb9\xa4\n")
    assert [(each.line, each.key) for each in check_quality_rules(tmp_path / "rules.toml")] == [(2, "policy.not_utf8")]
    with pytest.raises(EnvironmentFault, match="rules_unreadable"):
        load_quality_rules(tmp_path / "none.toml")
    with pytest.raises(OperatorVisibleError, match="file_unreadable"):
        check_quality_rules(tmp_path / "none.toml")


def test_a_desk_with_a_wrong_file_is_told_and_keeps_the_rules_that_ship(tmp_path: Path) -> None:
    wrong = written(tmp_path, GOOD + "points = 'five'\n")
    paths.config_dir().mkdir(parents=True, exist_ok=True)
    (paths.config_dir() / "settings.toml").write_text(f"[quality]\nrules = {json.dumps(str(wrong))}\n", "utf-8")
    faults: list[AppError] = []
    assert quality_rules(load_settings(), faults.append) == load_quality_rules().rules
    assert [(fault.key, fault.params["line"]) for fault in faults] == [("quality.rules_unusable", 11)]
    check, = quality_checks()
    assert (check.ok, check.params["line"], check.remedy) == (False, 11, f"tingdan doctor --quality {wrong}")
    written(tmp_path, GOOD)
    check, = quality_checks()
    assert (check.ok, check.params["count"], check.params["version"]) == (True, 1, "7")
    assert [rule.id for rule in quality_rules(load_settings(), faults.append)] == ["greeting"]
    assert len(faults) == 1


def test_the_command_tells_a_line_each_and_its_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINGDAN_LANG", "en")
    wrong = written(tmp_path, GOOD + "points = 'five'\n")
    assert cli.main(["doctor", "--quality", str(wrong)]) == 2
    out = capsys.readouterr().out
    assert f"{wrong}:11: [error] rule greeting: points takes a number" in out
    assert cli.main(["doctor", "--quality", str(wrong), "--json"]) == 2
    held = json.loads(capsys.readouterr().out)
    assert (held["good"], held["findings"][0]["line"]) == (False, 11)
    assert cli.main(["doctor", "--quality", str(written(tmp_path, GOOD))]) == 0
    assert "version 7" in capsys.readouterr().out
    assert cli.main(["doctor", "--quality", str(tmp_path / "none.toml")]) == 2
