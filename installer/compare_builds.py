"""Are two packages or folders of two builds equal, and where not? For reproducible builds (docs/operations.md).

    python3 installer/compare_builds.py A B        two .deb files, or two folders; exit code 1 where they differ
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path


def main(first: str, second: str) -> int:
    """Print the files that differ; 0 for equal."""
    if Path(first).is_file() and Path(first).read_bytes() == Path(second).read_bytes():
        print("equal, byte for byte")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        sides = [digests(unpacked(Path(name), Path(folder) / side)) for side, name in (("a", first), ("b", second))]
    differing = sorted(name for name in sides[0].keys() | sides[1].keys() if sides[0].get(name) != sides[1].get(name))
    for name in differing:
        print(f"differs: {name}")
    print(f"{len(differing)} of {len(sides[0].keys() | sides[1].keys())} files differ")
    return 1 if differing else 0


def unpacked(package: Path, place: Path) -> Path:
    """A folder as it is; a .deb with its control files."""
    if package.is_dir():
        return package
    subprocess.run(["dpkg-deb", "-R", str(package), str(place)], check=True)
    return place


def digests(folder: Path) -> dict[str, str]:
    """Relative path to SHA-256 of the content, or the link's target."""
    return {str(path.relative_to(folder)): str(path.readlink()) if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*") if path.is_symlink() or path.is_file()}


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
