"""``tingdan models``: arguments and lines of text around ``asr.models.shelf``.

Exit codes as everywhere: 0 done, 2 wrong input, 3 the environment failed (network, disk, a damaged model); besides 4, a
vocabulary that makes recognition worse was refused. Results go to standard output, progress to standard error, so that a list can be piped.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.errors import OperatorVisibleError
from app.platform import messages
from app.platform.settings import load_settings
from asr.models import shelf
from asr.models.catalogue import LANGUAGE_MODEL, entries
from asr.models.choice import choose_engine
from asr.models.find import ModelStatus
from asr.models.tree import Trust

if TYPE_CHECKING:
    from asr.models.tune import Counts

DAMAGED_EXIT = 3
REFUSED_EXIT = 4
_TOLD_EVERY_BYTES = 1 << 20


def add_models(commands: Any) -> None:
    """Hang the sub-command and its own into the parser of ``tingdan``."""
    told = messages.text
    models = commands.add_parser("models", help=told("cli.models"), description=told("cli.models"))
    actions = models.add_subparsers(required=True, metavar="list|install|import|verify|remove|tune")

    def action(name: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        text = told(f"cli.models_{name}")
        parser: argparse.ArgumentParser = actions.add_parser(name, help=text, description=text)
        parser.set_defaults(run=run)
        return parser

    action("list", _list).add_argument("--json", action="store_true", help=told("cli.json"))
    install = action("install", _install)
    bring = action("import", _import)
    for parser in (install, bring, action("remove", _remove)):
        parser.add_argument("model", metavar="MODEL", help=told("cli.models_id"))
    install.add_argument("--address", default="", help=told("cli.models_address"))
    bring.add_argument("source", type=Path, metavar="FOLDER_OR_ARCHIVE", help=told("cli.models_source"))
    for parser in (install, bring):
        parser.add_argument("--sha256", default="", help=told("cli.models_sha256"))
        parser.add_argument("--unchecked", action="store_true", help=told("cli.models_unchecked"))
    tune = action("tune", _tune)
    tune.add_argument("vocabulary", type=Path, nargs="?", metavar="FILE", help=told("cli.models_vocabulary"))
    tune.add_argument("--calls", type=Path, metavar="FOLDER", help=told("cli.models_calls"))
    tune.add_argument("--dry-run", action="store_true", help=told("cli.models_dry_run"))
    tune.add_argument("--remove", action="store_true", help=told("cli.models_forget"))
    action("verify", _verify).add_argument("models", nargs="*", metavar="MODEL", help=told("cli.models_id"))


def _list(arguments: argparse.Namespace) -> int:
    found = shelf.shelf()
    if arguments.json:
        _say(json.dumps([_as_json(status) for status in found], ensure_ascii=False, indent=1))
        return 0
    for status in found:
        model = status.model
        size = f"{model.bytes / 1e6:.0f} MB" if model.bytes else "?"
        word = messages.text(f"asr.models_state_{shelf.state(status)}")
        _say(f"{model.id}\n    {model.engine}, {size}, {model.licence}, {word}\n    {model.title}")
        if status.folder is not None:
            _say(f"    {status.folder}")
    return 0


def _as_json(status: ModelStatus) -> dict[str, object]:
    model = status.model
    return {"id": model.id, "engine": model.engine, "title": model.title, "licence": model.licence,
            "publisher": model.publisher, "address": model.address, "bytes": model.bytes, "sha256": model.archive_sha256,
            "state": shelf.state(status), "folder": str(status.folder or "")}


def _install(arguments: argparse.Namespace) -> int:
    source = shelf.Source(load_settings().text("models.mirror"), arguments.address, _trust(arguments))
    _say(messages.text("asr.setup_installed", {"path": shelf.fetch_model(arguments.model, _Progress(), source)}))
    return 0


def _import(arguments: argparse.Namespace) -> int:
    folder = shelf.import_model(arguments.model, arguments.source, _trust(arguments))
    _say(messages.text("asr.setup_installed", {"path": folder}))
    return 0


def _remove(arguments: argparse.Namespace) -> int:
    _say(messages.text("asr.models_removed", {"path": shelf.remove_model(arguments.model)}))
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    code = 0
    for model_id in arguments.models or entries():
        status = shelf.status_of(model_id, full=True)
        if status.folder is None:
            if arguments.models:
                _say(f"{model_id}: {messages.text('asr.models_state_absent')}")
                code = DAMAGED_EXIT
            continue
        for problem in status.problems:
            _say(f"{model_id}: {messages.describe(problem)}")
            code = DAMAGED_EXIT
        if not status.problems:
            unchecked = shelf.state(status) == shelf.UNCHECKED or model_id == LANGUAGE_MODEL
            key = "asr.models_whole_unchecked" if unchecked else "asr.models_whole"
            _say(messages.text(key, {"model": model_id, "path": status.folder}))
    return code


def _tune(arguments: argparse.Namespace) -> int:
    from asr.models import tune  # noqa: PLC0415  (loads the recogniser's libraries; the other commands do without)

    if arguments.remove:
        _say(messages.text("asr.models_removed", {"path": tune.remove()}))
        return 0
    if arguments.vocabulary is None:
        raise OperatorVisibleError("asr.tune_no_file")
    words = tune.read_vocabulary(arguments.vocabulary)
    settings = load_settings()
    folder = settings.text("speech.model_folder")
    spec = choose_engine(settings.text("speech.engine"), Path(folder) if folder else None)
    base, extended = tune.engines(spec, words)
    found = tune.compare(base, extended, words, tune.test_sides(arguments.calls), _told_sides)
    _say(_tune_table(found.without, found.with_words))
    if found.worse:
        sys.stderr.write(messages.text("asr.tune_refused", {"file": arguments.vocabulary.name}) + "\n")
        return REFUSED_EXIT
    if not arguments.dry_run:
        _say(messages.text("asr.tune_installed", {"path": tune.install(arguments.vocabulary), "count": len(words)}))
    return 0


def _told_sides(count: int) -> None:
    sys.stderr.write(messages.text("asr.tune_progress", {"count": count}) + "\n")


def _tune_table(without: Counts, with_words: Counts) -> str:
    rows = [[messages.text(f"asr.tune_{name}") for name in ("measure", "characters", "errors", "words", "seconds")]]
    for name, counts in (("without", without), ("with", with_words)):
        errors = f"{counts.errors} ({counts.errors / max(1, counts.characters):.1%})"
        rows.append([messages.text(f"asr.tune_{name}"), str(counts.characters), errors,
                     f"{counts.words_right} / {counts.words}", f"{counts.cpu_s:.1f}"])
    return "\n".join("\t".join(row) for row in rows)


def _trust(arguments: argparse.Namespace) -> Trust:
    return Trust(arguments.sha256, arguments.unchecked)


class _Progress:
    """One line that is written over on a screen; a line a tenth otherwise."""

    def __init__(self) -> None:
        self._told = 0
        self._screen = sys.stderr.isatty()

    def __call__(self, done: int, total: int | None) -> None:
        step = _TOLD_EVERY_BYTES if self._screen else max(_TOLD_EVERY_BYTES, (total or 0) // 10)
        if done - self._told < step and done != total:
            return
        self._told = done
        whole = f"{total / 1e6:.1f}" if total else "?"
        line = messages.text("asr.setup_progress", {"done": f"{done / 1e6:.1f}", "total": whole})
        over = self._screen and done != total
        sys.stderr.write(f"{line}\r" if over else f"{line}\n")
        sys.stderr.flush()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
