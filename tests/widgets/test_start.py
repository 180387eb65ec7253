"""The way from exec to a window that answers: what it loads, by name and not by the clock; and a call that comes before all is loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from app.assembly import open_knowledge

#: Each of these takes longer to load than a widget to paint, and none is needed before the first call, search, download or update.
HEAVY = ("app.assembly_hub_line", "app.assembly_sip", "app.cli_parser", "app.delivery.http_courier", "app.extraction",
         "app.signed.transport", "app.telephony.cti_listener", "asr.models.download", "asr.zipformer", "chinese_calendar",
         "kb_cache.updater", "keyring", "onnxruntime", "openpyxl", "pypinyin", "rapidfuzz", "requests", "rjieba", "securesystemslib",
         "tuf", "urllib3", "websockets", "widgets.first_start_dialog", "widgets.settings_dialog", "yaml")

DESK = """
import sys
import threading
from pathlib import Path

import app.cli
import app.desk
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from app.domain.call import Phase

gate, real = threading.Event(), app.desk.warming
app.desk.warming = lambda *given: (lambda: gate.wait(120) and None, *real(*given))  # first what may be loaded later waits for our word


def until(holds):
    for _ in range(6000):
        if holds():
            return
        QTest.qWait(20)
    raise AssertionError("not within two minutes")


script, heavy = Path(sys.argv[1]), sys.argv[2].split(",")

with app.desk.opened_desk(realtime=False) as desk:
    state = lambda: desk.presenters.bridge.state
    until(lambda: state() is not None and desk.window.isVisible())
    desk.window.repaint()
    QTest.keyClick(desk.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    until(desk.window.tools.palette.isVisible)
    loaded = [name for name in heavy if any(known == name or known.startswith(name + ".") for known in sys.modules)]
    print("loaded", *loaded)
    QTest.keyClick(desk.window.tools.palette, Qt.Key.Key_Escape)
    desk.calls.open_recording(script)  # a call comes while nothing for it is there
    gate.set()
    until(lambda: state().phase is Phase.RINGING)
    desk.calls.answer()
    until(lambda: state().phase is Phase.WRAP_UP)
    print("heard", len(state().dialogue), "filled", len(state().draft.matters[0]) > 3)
    print("then", *[name for name in ("app.extraction", "pypinyin", "rjieba") if any(known.startswith(name) for known in sys.modules)])
"""


def test_the_window_answers_before_what_only_calls_need_is_loaded_and_the_call_that_comes_then_loses_nothing(home: Path) -> None:
    open_knowledge(None).close()  # a later start: its index is there
    script = Path(__file__).resolve().parents[2] / "resources" / "sample_calls" / "left-turn-light.json"
    env = {**os.environ, "TINGDAN_PASSPHRASE": "correct horse battery", "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", DESK, str(script), ",".join(HEAVY)], env=env,
                          capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    told = dict(line.partition(" ")[::2] for line in done.stdout.splitlines())
    assert told["loaded"] == "", "the way to the window loads these now: load them where they are used (docs/architecture.md)"
    assert told["heard"].endswith("filled True") and told["heard"].split()[0] == "19"
    assert told["then"] == "app.extraction pypinyin rjieba"
