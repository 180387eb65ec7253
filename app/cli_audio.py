"""``tingdan audio``: microphones and headsets with the ids that the settings take."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from app.audio.device_source import list_devices
from app.platform import messages

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction


def add_audio(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Register the command."""
    audio = commands.add_parser("audio", help=messages.text("sound.about"), description=messages.text("sound.about"))
    audio.add_argument("--json", action="store_true", help=messages.text("cli.json"))
    audio.set_defaults(run=_list)


def _list(arguments: argparse.Namespace) -> int:
    found = list_devices()
    if arguments.json:
        print(json.dumps([asdict(device) for device in found], ensure_ascii=False, indent=1))
        return 0
    for device in found:
        mark = f"  [{messages.text('sound.is_default')}]" if device.is_default else ""
        print(f"{messages.text(f'sound.kind_{device.kind}')}: {device.name}{mark}\n    {device.id}")
    return 0
