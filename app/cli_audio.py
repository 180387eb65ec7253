"""``tingdan audio``: microphones, headsets and programs with the ids that the settings take; ``tingdan audio check`` tries them."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from app.audio.device_source import list_devices
from app.audio.sound_check import try_sound
from app.platform import messages
from app.platform.clock import SystemClock
from app.platform.settings import load_settings

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction


def add_audio(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Register the command."""
    audio = commands.add_parser("audio", help=messages.text("sound.about"), description=messages.text("sound.about"))
    audio.add_argument("--json", action="store_true", help=messages.text("cli.json"))
    audio.add_argument("act", nargs="?", choices=("list", "check"), default="list", help=messages.text("sound.check_about"))
    audio.set_defaults(run=_audio)


def _audio(arguments: argparse.Namespace) -> int:
    return _check(arguments) if arguments.act == "check" else _list(arguments)


def _check(arguments: argparse.Namespace) -> int:
    """Exit code 2 where something is to be done."""
    settings = load_settings()
    if not arguments.json:
        print(messages.text("sound.check_speak"), flush=True)
    lines = try_sound(settings.text("audio.microphone"), settings.text("audio.speaker"), SystemClock())
    if arguments.json:
        print(json.dumps([{**asdict(line), "text": messages.text(line.key, line.params)} for line in lines], ensure_ascii=False, indent=1))
    else:
        print("\n".join(messages.text(line.key, line.params) for line in lines))
    return 0 if all(line.is_well for line in lines) else 2


def _list(arguments: argparse.Namespace) -> int:
    found = list_devices()
    if arguments.json:
        print(json.dumps([asdict(device) for device in found], ensure_ascii=False, indent=1))
        return 0
    for device in found:
        mark = f"  [{messages.text('sound.is_default')}]" if device.is_default else ""
        print(f"{messages.text(f'sound.kind_{device.kind}')}: {device.name}{mark}\n    {device.id}")
    return 0
