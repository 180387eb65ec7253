"""Every command has words in both languages; usual keys do not collide; the operator's own keys are kept, checked, taken back."""

from __future__ import annotations

import pytest

from app.domain.commands import BY_ID, COMMANDS, GROUPS
from app.domain.keymap import Keymap, is_usable, read_keymap
from app.platform import messages


def test_every_command_and_group_has_words_in_both_languages_and_no_id_comes_twice() -> None:
    keys = [command.words_key for command in COMMANDS] + [f"commands.group_{group}" for group in GROUPS]
    for lang in ("zh", "en"):
        words = [messages.text(key, lang=lang) for key in keys]
        assert not [word for word in words if word.startswith("commands.")]
        assert len(set(words[: len(COMMANDS)])) == len(COMMANDS), "two commands of one name cannot be told apart"
    assert len(BY_ID) == len(COMMANDS)
    assert {command.group for command in COMMANDS} == set(GROUPS)


def test_usual_keys_do_not_collide_and_type_nothing() -> None:
    usual = Keymap()
    assert [(command.id, key) for command in COMMANDS for key in command.keys if usual.conflicts(command.id, key)] == []
    assert [command.id for command in COMMANDS if not command.is_fixed and not all(map(is_usable, command.keys))] == []


def test_a_changed_key_survives_the_settings_file() -> None:
    changed = Keymap().with_key("call.answer", "Ctrl+;").with_key("call.hold", "").with_key("call.hang_up", "Alt+=")
    again = read_keymap(changed.dump())
    assert [again.keys(name) for name in ("call.answer", "call.hold", "call.hang_up")] == [("Ctrl+;",), (), ("Alt+=",)]
    assert read_keymap(Keymap().with_key("call.answer", "Alt+,").dump()).keys("call.answer") == ("Alt+,",)
    assert changed.without_change("call.answer").keys("call.answer") == ("F2",)
    assert Keymap().with_key("call.answer", "F2").dump() == ""


def test_a_key_that_is_taken_names_its_owner_and_two_may_change_places() -> None:
    assert [other.id for other in Keymap().conflicts("call.answer", "F8")] == ["call.hang_up"]
    assert Keymap().conflicts("call.summary", "Ctrl+I") == (), "conversation and my tickets are never there at once"
    swapped = Keymap().with_key("call.answer", "F8").with_key("call.hang_up", "F2")
    assert read_keymap(swapped.dump()) == swapped


@pytest.mark.parametrize("line", ["call.answer=F8", "call.answer=A", "no.such=F2", "ticket.take=F2", ";;=;x", "call.answer"])
def test_a_bad_line_changes_nothing(line: str) -> None:
    assert read_keymap(line).dump() == ""
