"""Chinese is the source, English is complete, and the window switches without a restart."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel

from app.platform.catalogue_files import load_fields
from app.presenters.form_layout import form_slots
from tests.widgets import refresh_translations as tool
from tests.widgets import sample_call
from tests.widgets.conftest import Desk
from widgets.field_labels import KNOWN_LABELS
from widgets.language import LanguageName

HAN = re.compile(r"[\u4e00-\u9fff]")
# Not for translation: the product's name, a language's own name.
NOT_TEXTS = {"听单", "中文"}


def test_every_string_has_an_english_text_and_the_binary_is_current(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.ts"
    fresh.write_bytes(tool.CATALOGUE.read_bytes())
    tool.extract(fresh)
    assert tool.untranslated(fresh) == []
    compiled = tmp_path / "fresh.qm"
    tool.compile_to(fresh, compiled)
    assert compiled.read_bytes() == tool.COMPILED.read_bytes(), "run: python -m tests.widgets.refresh_translations"


def test_no_chinese_literal_of_the_widgets_escapes_translation() -> None:
    escaped = []
    for source in tool.sources():
        tree = ast.parse((tool.REPOSITORY / source).read_text("utf-8"))
        allowed: set[int] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
                    "tr", "translate", "QT_TRANSLATE_NOOP"):
                allowed |= {id(part) for part in ast.walk(node) if isinstance(part, ast.Constant)}
                assert all(isinstance(part, ast.Constant | ast.Name | ast.Call) for part in node.args), ast.unparse(node)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body:
                first = node.body[0]
                if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                    allowed.add(id(first.value))
            if isinstance(node, ast.Dict):  # keys of the customer's field table
                allowed |= {id(key) for key in node.keys}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and HAN.search(node.value) \
                    and id(node) not in allowed and node.value not in NOT_TEXTS and not _is_doc(tree, node):
                escaped.append((source, node.value))
    assert escaped == []


def _is_doc(tree: ast.AST, constant: ast.Constant) -> bool:
    """A string that stands as a statement documents an attribute."""
    return any(isinstance(node, ast.Expr) and node.value is constant for node in ast.walk(tree))


def test_every_field_of_the_form_has_a_translatable_label() -> None:
    fields = load_fields()
    assert {fields.label(slot.name) for slot in form_slots(fields)} <= {str(label) for label in KNOWN_LABELS}


def test_the_window_switches_without_a_restart(desk: Desk) -> None:
    desk.presenters.deliver(sample_call.talking())
    desk.wait_for(lambda: desk.window.ticket.editors["requester_name"].text() == "陈建华")
    desk.window.use_language(LanguageName.ENGLISH)
    QTest.qWait(20)
    assert desk.window.call_bar.answer.text() == "Answer F2"
    assert desk.window.ticket.editors["contact_phone"].label.text() == "Phone *"
    entry = sample_call.entries()[0]  # what knowledge says stays as it is
    data = {"广州市", *(section.title for section in entry.sections), *(step.text for step in entry.steps)}
    chinese = [widget.text() for kind in (QLabel, QAbstractButton) for widget in desk.window.findChildren(kind)
               if HAN.search(widget.text()) and not any(word in widget.text() for word in data)
               and not widget.property("holdsData")]
    assert chinese == []
    desk.window.use_language(LanguageName.CHINESE)
    QTest.qWait(20)
    assert desk.window.call_bar.answer.text() == "接听 F2"
    assert desk.window.ticket.editors["contact_phone"].label.text() == "联系电话 *"
