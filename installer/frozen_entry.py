"""Entry of the frozen program: one binary is the desk, the command line, the speech process and the process of knowledge updates.

The frozen program starts itself again as its speech process (``asr/worker_process.py``) and for knowledge updates
(``kb_cache/update_child.py``); these calls must reach their workers before anything else is imported. PyInstaller's
bootloader puts the program's own folder into ``LD_LIBRARY_PATH``; the loader has read it by now, and programs of the system
that we start (apt-get, dpkg-deb, fc-list) must not get our libraries. For the same reason a child that is this program again must
begin from the start: its bootloader would take our environment for its own, and look for libraries that it was not told of.
"""

from __future__ import annotations

import os
import sys

WORKER_FLAG = "--asr-worker"
"""As in ``asr/worker_process.py``; not imported from there, since that costs the window's start."""
UPDATE_FLAG = "--kb-update-worker"
"""As in ``kb_cache/update_child.py``."""
CAPTURE_FLAG = "--capture-worker"
"""As in ``app/audio/capture_worker_name.py``."""
_LIBRARIES = "LD_LIBRARY_PATH"
_FROM_THE_START = "PYINSTALLER_RESET_ENVIRONMENT"
"""Read, and taken out, by the bootloader of a child."""


def main() -> int:
    """A worker where its flag is the first word, else the command ``tingdan``; returns the exit code."""
    _give_back_library_path()
    if sys.argv[1:2] == [WORKER_FLAG]:
        from asr.worker import main as worker  # noqa: PLC0415  (the desk does without the recogniser's libraries)

        return int(worker())
    if sys.argv[1:2] == [UPDATE_FLAG]:
        from kb_cache.update_worker import main as update  # noqa: PLC0415

        return int(update())
    if sys.argv[1:2] == [CAPTURE_FLAG]:
        from app.audio.capture_worker import main as capture  # noqa: PLC0415

        return int(capture(sys.argv[2:]))
    from app.program_start import start_newer  # noqa: PLC0415  (the workers do without all of this)

    code = start_newer(sys.argv[1:])
    if code is not None:
        return code
    from app.cli import main as command  # noqa: PLC0415

    return int(command())


def _give_back_library_path() -> None:
    before = os.environ.pop(f"{_LIBRARIES}_ORIG", None)
    if before is not None:
        os.environ[_LIBRARIES] = before
    else:
        os.environ.pop(_LIBRARIES, None)
    os.environ[_FROM_THE_START] = "1"


if __name__ == "__main__":
    sys.exit(main())
