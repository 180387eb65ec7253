"""The error tree of the whole program.

    AppError
    ├── OperatorVisibleError   told to the person in front of the PC, by message key
    ├── EnvironmentFault       disk, network, device, damaged file: told, retried or reported; not our bug
    └── BugError               a promise of our own code is broken

Every room translates foreign exceptions at its edge into one of these. ``key`` names a text in
``app.platform.messages``; ``params`` fill it. Parameters never hold personal data.
"""

from __future__ import annotations


class AppError(Exception):
    """Root of all errors that the program raises on purpose.

    Args:
        key: message key, resolved to zh_CN or English text where it is shown.
        params: values for the text's placeholders; never personal data.
        exit_code: what a command ends with when nothing above handles the error.
    """

    exit_code = 1

    def __init__(self, key: str, /, **params: object) -> None:
        super().__init__(key, params)
        self.key = key
        self.params = params


class OperatorVisibleError(AppError):
    """Wrong or unusable input, to be told in plain words (exit code 2)."""

    exit_code = 2


class EnvironmentFault(AppError):  # noqa: N818 (a fault of the environment is the word of this house)
    """Disk, network, device, missing or damaged file (exit code 3)."""

    exit_code = 3


class BugError(AppError):
    """A broken promise of our own code (exit code 70)."""

    exit_code = 70
