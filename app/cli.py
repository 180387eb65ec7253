"""The command ``tingdan``: arguments in, one service of the composition root called, exit code out.

Exit codes: 0 done, 2 wrong or unusable input, 3 the environment failed (disk, network, model, file cut off), 70 a bug of
ours, 130 interrupted. Errors go to standard error as one line in the user's language; a traceback never does (it goes to
the crash folder, without personal data). What the commands are stands in ``app.cli_parser``.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

from app import window_half
from app.domain.errors import AppError
from app.platform import crash, logs, messages, paths
from app.platform.clock import SystemClock
from app.platform.settings import load_settings

INTERRUPTED = 130
BUG = 70


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of ``tingdan``; returns the exit code."""
    hooks = crash.install()
    _prepare()
    try:
        return _run(sys.argv[1:] if argv is None else argv, hooks)
    except AppError as error:
        print(messages.describe(error), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:  # the last line of defence: report without a traceback on the screen
        report = hooks.report(error, "cli")
        print(messages.text("cli.bug", {"report": report}), file=sys.stderr)
        return BUG


def _prepare() -> None:
    """Logs and language; a folder that cannot be written must not keep a command from running (doctor tells it)."""
    with contextlib.suppress(OSError, AppError):
        logs.start(paths.log_dir(), SystemClock())
    with contextlib.suppress(AppError):
        os.environ.setdefault("TINGDAN_LANG", load_settings().text("desk.language"))


def _run(words: Sequence[str], hooks: crash.CrashHooks) -> int:
    """The desk where no word was given: it does without the arguments of all commands, which take longer to load than the window."""
    if not words:
        fault = window_half.run_desk(hooks)
        if fault is not None:
            raise fault
        return 0
    from app.cli_parser import parser  # noqa: PLC0415 - see above

    arguments = parser().parse_args(words)
    arguments.hooks = hooks
    return int(arguments.run(arguments))


if __name__ == "__main__":
    sys.exit(main())
