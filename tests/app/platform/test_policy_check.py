"""`tingdan doctor --policy FILE`: what an administrator is told, with the line, before a thousand desks read the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli import main
from app.domain.errors import OperatorVisibleError
from app.platform.policy_check import check_policy, key_lines
from app.platform.settings import REGISTRY, Settings

EXAMPLE = Path(__file__).resolve().parents[3] / "installer" / "linux" / "policy.example.toml"


def found(tmp_path: Path, text: str) -> list[tuple[int, str]]:
    file = tmp_path / "policy.toml"
    file.write_text(text, "utf-8")
    return [(finding.line, finding.key) for finding in check_policy(file)]


def test_a_good_policy_has_nothing_to_tell(tmp_path: Path) -> None:
    assert found(tmp_path, '[desk]\ncity = "深圳市"\n\n[retention]\ndaily = true\ndrafts_days = 10\n') == []


def test_each_fault_is_told_at_its_line(tmp_path: Path) -> None:
    text = ('[desk]\ncity = 5            # a text\nthema = "dark"\n\n[retention]\ndaily = "yes"\naudio_days = 99999\n'
            '[nonsense.deep]\nkey = 1\n')
    assert found(tmp_path, text) == [(2, "policy.bad_value"), (3, "policy.unknown_key_near"), (6, "policy.bad_value"),
                                     (7, "policy.bad_value"), (9, "policy.unknown_key")]


def test_the_nearest_known_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text('[desk]\nthema = "dark"\n', "utf-8")
    (finding,) = check_policy(tmp_path / "p.toml")
    assert finding.params["near"] == "desk.theme"


def test_what_toml_does_not_take_is_told_at_its_line(tmp_path: Path) -> None:
    assert found(tmp_path, '[desk]\n\ncity = \n') == [(3, "policy.not_toml")]
    assert found(tmp_path, '[desk]\ncity = "a"\ncity = "b"\n')[0][1] == "policy.not_toml"
    assert found(tmp_path, '[desk]\ncity = "never closed') == [(2, "policy.not_toml")]


def test_dotted_keys_quoted_names_and_texts_over_lines_keep_the_count(tmp_path: Path) -> None:
    text = 'desk.city = 1\n"desk"."theme" = 2\n[retention]\nnote = """\n[desk]\nlanguage = 3\n"""\nlist = [\n  1,\n]\ndaily = 4\n'
    assert [line for line, _key in found(tmp_path, text)] == [1, 2, 4, 8, 11]


def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_bytes("[desk]\ncity = \"深圳市\"\n".encode("gb18030"))
    assert [(finding.line, finding.key) for finding in check_policy(file)] == [(2, "policy.not_utf8")]


def test_a_named_file_that_is_not_here_is_a_warning_only(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text('[delivery]\nmapping = "/nowhere/mapping.json"\n', "utf-8")
    (finding,) = check_policy(tmp_path / "p.toml")
    assert (finding.line, finding.key, finding.is_error) == (2, "policy.no_such_file", False)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(OperatorVisibleError) as caught:
        check_policy(tmp_path / "none.toml")
    assert caught.value.key == "policy.unreadable"


def test_the_judgement_is_that_of_the_desk(tmp_path: Path) -> None:
    """A desk notes a fault exactly where the check finds an error."""
    for text in ('[desk]\ncity = "深圳市"\n', "[desk]\ncity = 5\n", "[desk]\nfont_percent = 1000\n", "[x]\ny = 1\n", "= 3\n",
                 '[privacy]\nrole = "lead"\n'):
        file = tmp_path / "policy.toml"
        file.write_text(text, "utf-8")
        has_notes = bool(Settings(tmp_path / "none.toml", file).notes)
        assert has_notes == any(finding.is_error for finding in check_policy(file)), text


@given(st.lists(st.sampled_from(REGISTRY), min_size=1, max_size=12, unique=True), st.integers(0, 3))
def test_every_setting_is_found_at_its_own_line(settings: list, gap: int) -> None:  # type: ignore[type-arg]
    lines, expected = [], {}
    for setting in settings:
        table, _, name = setting.key.partition(".")
        lines += [""] * gap + [f"[{table}.sub]", "# note", f"  {name} = 1 # = [x]"]
        expected[f"{table}.sub.{name}"] = len(lines)
    told = key_lines("\n".join(lines))
    assert {key: told[key] for key in expected} == expected


def test_the_command_says_it_in_both_languages_and_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                           capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TINGDAN_HOME", str(tmp_path / "home"))
    file = tmp_path / "policy.toml"
    file.write_text('[desk]\nthema = "dark"\n', "utf-8")
    for language, word in (("zh", "是不是 desk.theme"), ("en", "is it desk.theme")):
        monkeypatch.setenv("TINGDAN_LANG", language)
        assert main(["doctor", "--policy", str(file)]) == 2
        told = capsys.readouterr().out
        assert word in told
        assert "policy.toml" in told and "2" in told.splitlines()[0]
    assert main(["doctor", "--policy", str(file), "--json"]) == 2
    report = json.loads(capsys.readouterr().out)
    assert report["good"] is False
    assert report["findings"][0]["line"] == 2
    file.write_text('[desk]\ntheme = "dark"\n', "utf-8")
    assert main(["doctor", "--policy", str(file)]) == 0


def test_the_example_policy_is_good_with_every_line_that_is_offered(tmp_path: Path) -> None:
    assert check_policy(EXAMPLE) == ()
    offered = "\n".join(line.removeprefix("# ") if " = " in line and line.startswith("# ") else line
                        for line in EXAMPLE.read_text("utf-8").splitlines())
    file = tmp_path / "policy.toml"
    file.write_text(offered, "utf-8")
    assert [finding for finding in check_policy(file) if finding.is_error] == []
