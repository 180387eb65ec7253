"""The user's folders. ``TINGDAN_HOME`` puts all of them below one folder (tests, portable use).

A folder that cannot be made is an EnvironmentFault (``platform.folder_unwritable``).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs

from app.domain.errors import EnvironmentFault

APP = "tingdan"


def data_dir() -> Path:
    """Store, knowledge base and models of this user; created at first use."""
    return _made("data", platformdirs.user_data_dir(APP, appauthor=False))


def config_dir() -> Path:
    """The user's settings."""
    return _made("config", platformdirs.user_config_dir(APP, appauthor=False))


def log_dir() -> Path:
    """Logs and crash reports, without personal data."""
    return _made("log", platformdirs.user_log_dir(APP, appauthor=False))


def cache_dir() -> Path:
    """What can be made again."""
    return _made("cache", platformdirs.user_cache_dir(APP, appauthor=False))


def machine_dir() -> Path:
    """What an administrator put on this PC for all of its users (models, knowledge); read only here, need not exist."""
    if sys.platform == "win32":
        return Path(platformdirs.site_data_dir(APP, appauthor=False))
    return Path("/var/lib") / APP


def knowledge_dir() -> Path:
    """Where knowledge was put by hand: this user's folder where there is one, else what the administrator put on this PC."""
    own, shared = data_dir() / "kb", machine_dir() / "knowledge"
    return shared if shared.exists() and not own.exists() else own


def _made(kind: str, usual: str) -> Path:
    home = os.environ.get("TINGDAN_HOME")
    path = Path(home) / kind if home else Path(usual)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentFault("platform.folder_unwritable", folder=kind, reason=type(error).__name__) from error
    return path
