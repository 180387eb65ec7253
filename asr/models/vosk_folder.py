"""A view of a Vosk model whose results do not change from run to run.

Kaldi adds random noise (dither) to the features unless ``mfcc.conf`` says ``--dither=0``, which published models do not: the
same sound then gives other words at times. Publishers' files are not edited (their checksums must hold); instead a folder of
links with a corrected ``mfcc.conf`` is made beside the installed models, once.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path

from app.domain.errors import EnvironmentFault
from asr.models.find import models_dir
from asr.models.install import disk_faults
from asr.models.layouts import mfcc_file

VIEWS = ".deterministic"
_DITHER = re.compile(r"^\s*--dither\b.*$", re.MULTILINE)
_NO_DITHER = re.compile(r"^\s*--dither=0(\.0*)?\s*(#.*)?$", re.MULTILINE)


def deterministic(folder: Path) -> Path:
    """A folder with the same model that gives the same words for the same sound every time.

    Args:
        folder: a model without ``vosk_problems``; not changed.

    Returns:
        ``folder`` itself where its own configuration says so, else a view of it made of links.

    Raises:
        EnvironmentFault: configuration unreadable, or the disk says no.
    """
    conf = mfcc_file(folder)
    if conf is None:
        raise EnvironmentFault("asr.model_file_missing", path=str(folder), file="conf/mfcc.conf")
    with disk_faults(folder):
        text = conf.read_text("utf-8", "replace")
        if _NO_DITHER.search(text):
            return folder
        corrected = _DITHER.sub("", text).rstrip() + "\n--dither=0\n"
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        view = models_dir() / VIEWS / f"{folder.name}-{_state(folder, files)}"
        if not view.is_dir():
            _make(view, folder, files, conf, corrected)
        return view


def _state(folder: Path, files: list[Path]) -> str:
    """Changes when a file of the model does."""
    told = [str(folder.resolve())]
    told += [f"{path.relative_to(folder)} {(stat := path.stat()).st_size} {stat.st_mtime_ns}" for path in files]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:12]


def _make(view: Path, folder: Path, files: list[Path], conf: Path, corrected: str) -> None:
    view.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{view.name}-", dir=view.parent))
    try:
        for path in files:
            target = staging / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            if path == conf:
                target.write_text(corrected, "utf-8")
            else:
                _link(path.resolve(), target)
        if not view.is_dir():  # another process may have made it in the meantime
            staging.rename(view)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _link(source: Path, target: Path) -> None:
    """A hard link, else a symbolic one, else (another volume on Windows) a copy: a large model has 1.9 GB."""
    for way in (os.link, os.symlink):
        try:
            way(source, target)
            return
        except OSError:
            continue
    shutil.copy2(source, target)


def remove_views(name: str) -> None:
    """Forget the views of a model folder of that name; links only, the model stays."""
    for view in (models_dir() / VIEWS).glob(f"{name}-????????????"):
        shutil.rmtree(view, ignore_errors=True)
