"""``tingdan train-items``: train the item classifier from the phrase banks, where set-up could not or its file was lost."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.errors import EnvironmentFault
from app.extraction.item_model import own_place, shipped_place
from app.platform import messages

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_train_items(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    told = messages.text("items.training")
    commands.add_parser("train-items", help=told, description=told).set_defaults(run=_train)


def _train(_: argparse.Namespace) -> int:
    from app.extraction.train_items import train  # noqa: PLC0415 - pypinyin's tables, only here

    target = _writable_place()
    try:
        train(target)
    except OSError as error:
        raise EnvironmentFault("items.unwritable", path=str(target), reason=type(error).__name__) from error
    print(messages.text("items.trained", {"path": str(target)}))
    return 0


def _writable_place() -> Path:
    """Beside the phrase bank, else the user's data folder."""
    beside = shipped_place()
    return beside if os.access(beside.parent, os.W_OK) and (not beside.exists() or os.access(beside, os.W_OK)) else own_place()
