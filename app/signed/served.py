"""A publisher's served folder, which several publishers share: knowledge (``kb_cache.publisher``) and program (``app.program.publisher``).

    REPO/public/metadata/    signed metadata      } what is served; copy or mount it read-only
    REPO/public/targets/     what it names        }

Each publisher owns the targets of which its ``owns`` says so and leaves the others' alone. New files are written first and
the timestamp last (``app.signed.metadata``); then what no signed list names any more is forgotten, but for the publication before, which
clients may still be reading. One program at a time.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from tuf.api.metadata import TargetFile

from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.platform.atomic_file import write_atomically
from app.platform.single_instance import InstanceLock
from app.ports.ports import Clock
from app.signed.keys import KeyFolders
from app.signed.metadata import PUBLIC_MODE, SignedFolder

PROGRAM = "program/"
"""Targets of the program's own releases begin so; a knowledge channel cannot have this name."""


class ServedFolder:
    """See the module.

    Args:
        folder: REPO.
        keys: private keys.
        clock: time.
        days: for how long each role's metadata holds; kept by reference.
        owns: whether a target of this name is this publisher's.
    """

    def __init__(self, folder: Path, keys: KeyFolders, clock: Clock, days: Mapping[str, int], owns: Callable[[str], bool]) -> None:
        self.folder, self.public, self.targets = folder, folder / "public", folder / "public" / "targets"
        self.signed = SignedFolder(self.public / "metadata", keys, clock, days)
        self._owns = owns

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """No other program publishes here meanwhile.

        Raises:
            OperatorVisibleError: one does.
            EnvironmentFault: the disk refuses what is done inside.
        """
        lock = InstanceLock(self.folder / "publish.lock")
        if not lock.try_acquire():
            raise OperatorVisibleError("kb_publish.busy")
        try:
            yield
        except OSError as error:
            raise EnvironmentFault("kb_publish.unwritable", path=self.folder.name, reason=error.strerror or "") from error
        finally:
            lock.release()

    def put(self, name: str, data: bytes) -> None:
        """A target: under its name, and under the name with its hash by which clients ask."""
        path = self.targets / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path.parent / f"{hashlib.sha256(data).hexdigest()}.{path.name}", data, PUBLIC_MODE)
        write_atomically(path, data, PUBLIC_MODE)

    def take(self, name: str, file: Path) -> None:
        """A large target from a file in this folder, which is gone then; one copy on the disk, two names."""
        path = self.targets / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        file.chmod(PUBLIC_MODE)
        hashed = path.parent / f"{digest}.{path.name}"
        hashed.unlink(missing_ok=True)
        try:
            hashed.hardlink_to(file)
        except OSError:  # a file system without hard links
            shutil.copy2(file, hashed)
        file.replace(path)

    def publish(self, names: Iterable[str]) -> None:
        """Sign these as all of this publisher's targets; forget what neither this publication nor the one before names.

        Raises:
            OperatorVisibleError: a key is not plugged in.
        """
        before = self.signed.in_force()
        named = {name: TargetFile.from_file(name, str(self.targets / name), ["sha256"]) for name in names}
        self.signed.publish({**{name: one for name, one in before.items() if not self._owns(name)}, **named})
        self._forget({_file_of(one) for one in (*before.values(), *named.values())} | set(named))

    def size(self, name: str) -> int:
        """Bytes of a target."""
        return (self.targets / name).stat().st_size

    def _forget(self, wanted: set[str]) -> None:
        for path in self.targets.rglob("*"):
            name = path.relative_to(self.targets).as_posix()
            if path.is_file() and self._owns(name) and name not in wanted:
                path.unlink()


def _file_of(target: TargetFile) -> str:
    folder, _, name = target.path.rpartition("/")
    return f"{folder}/{target.hashes['sha256']}.{name}"
