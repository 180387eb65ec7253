"""`make bundle`: one folder for a stick, from which a PC without a network is installed (docs/deploy.md).

    make bundle [KNOWLEDGE=FOLDER] [POLICY=FILE] [KEY=ed25519.pem] [MODELS="zipformer-zh-3.3m libime-zh"]

Holds the packages of dist/, Debian's packages that they depend on (for this builder's Debian), the models as found on the builder,
knowledge, policy, install.sh, a README, licence notices, SHA256SUMS and, with KEY, its Ed25519 signature. Policy and
knowledge are checked by the program first: a wrong one is not written. Standard library only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from freeze import PROGRAM, ROOT, WORK, commit_time, date_alike, say
from pack import OUT, debian_depends

DEFAULT_MODELS = ("zipformer-zh-3.3m", "libime-zh")
TEXTS = ROOT / "installer" / "bundle"


def main() -> int:
    """Make the folder; 0 where it is whole."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT / "bundle")
    parser.add_argument("--models", nargs="*", default=DEFAULT_MODELS, metavar="MODEL")
    parser.add_argument("--knowledge", type=Path)
    parser.add_argument("--policy", type=Path)
    parser.add_argument("--key", type=Path, help="Ed25519 private key (openssl genpkey -algorithm ed25519)")
    parser.add_argument("--without-system", action="store_true", help="leave Debian's packages out")
    order = parser.parse_args()
    target: Path = order.out
    staging = target.with_name(target.name + ".new")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    packages(staging)
    models(staging, order.models)
    own_content(staging, order.knowledge, order.policy)
    if not order.without_system and shutil.which("apt-get"):
        system_packages(staging / "system")
    for name in ("install.sh", "README.txt"):
        shutil.copy2(TEXTS / name, staging / name)
    for path in staging.rglob("*"):  # whoever holds the stick may look at it
        path.chmod(0o755 if path.is_dir() or path.name == "install.sh" else 0o644)
    seal(staging, order.key)
    date_alike(staging, commit_time())
    shutil.rmtree(target, ignore_errors=True)
    staging.rename(target)
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    say(f"bundle: {size / 1e6:.0f} MB in {target}, {'signed' if order.key else 'NOT signed (KEY=… signs it)'}")
    return 0


def packages(staging: Path) -> None:
    """The newest .deb and .rpm of dist/, notices and bill."""
    (staging / "packages").mkdir()
    for pattern in ("tingdan_*.deb", "tingdan-*.rpm"):
        newest = sorted(OUT.glob(pattern), key=lambda path: path.stat().st_mtime)[-1:]
        for path in newest:
            shutil.copy2(path, staging / "packages" / path.name)
    if not any((staging / "packages").iterdir()):
        sys.exit("bundle: no package in dist/; run make dist first")
    for name in ("THIRD-PARTY-NOTICES.txt", "sbom.cdx.json"):
        shutil.copy2(OUT / name, staging / name)


def models(staging: Path, wanted: Sequence[str]) -> None:
    """The chosen models, as the program finds them on this builder and as it found them whole."""
    listed = subprocess.run([str(PROGRAM), "models", "list", "--json"], capture_output=True, text=True, check=True).stdout
    found = {model["id"]: model for model in json.loads(listed)}
    for name in wanted:
        if name not in found or not found[name]["folder"]:
            sys.exit(f"bundle: no model {name} on this PC; `tingdan models install {name}` brings it")
        whole = subprocess.run([str(PROGRAM), "models", "verify", name], capture_output=True, text=True, check=False)
        if whole.returncode:
            sys.exit(f"bundle: {whole.stdout.strip()}")
        folder = Path(found[name]["folder"])
        shutil.copytree(folder, staging / "models" / folder.name)


def own_content(staging: Path, knowledge: Path | None, policy: Path | None) -> None:
    """The centre's knowledge and policy, judged by the program that will read them."""
    if knowledge is not None:
        judged = subprocess.run([str(PROGRAM), "kb", "check", str(knowledge)], capture_output=True, text=True, check=False)
        if judged.returncode:
            sys.exit(f"bundle: knowledge not taken:\n{judged.stdout}{judged.stderr}")
        if knowledge.is_dir():
            shutil.copytree(knowledge, staging / "knowledge")
        else:
            (staging / "knowledge").mkdir()
            shutil.copy2(knowledge, staging / "knowledge" / "entries.jsonl")
    if policy is not None:
        judged = subprocess.run([str(PROGRAM), "doctor", "--policy", str(policy)], capture_output=True, text=True, check=False)
        if judged.returncode:
            sys.exit(f"bundle: policy not taken:\n{judged.stdout}{judged.stderr}")
        shutil.copy2(policy, staging / "policy.toml")


def system_packages(folder: Path) -> None:
    """What Debian must have for the program, with everything beneath it, as a small repository that apt reads offline."""
    say("fetching Debian's packages for PCs that lack them")
    cache = WORK / "apt"
    (cache / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    names = [name.split()[0] for name in debian_depends()]
    # an empty status: all that is needed beneath, not only what this builder lacks
    status = cache / "status"
    status.write_text("", "utf-8")
    subprocess.run(["apt-get", "-qq", "-o", f"Dir::State::status={status}", "-o", f"Dir::Cache::archives={cache / 'archives'}",
                    "-o", "APT::Install-Recommends=0", "-o", "APT::Sandbox::User=root", "--download-only", "-y", "install", *names],
                   check=True, stdout=subprocess.DEVNULL)
    folder.mkdir()
    paragraphs = []
    for path in sorted((cache / "archives").glob("*.deb")):
        name = path.name.replace("%3a", "_")
        shutil.copy2(path, folder / name)
        control = subprocess.run(["dpkg-deb", "-f", str(path)], capture_output=True, text=True, check=True).stdout.rstrip("\n")
        paragraphs.append(f"{control}\nFilename: ./{name}\nSize: {path.stat().st_size}\nSHA256: {sha256(path)}\n")
    (folder / "Packages").write_text("\n".join(paragraphs), "utf-8")


def seal(staging: Path, key: Path | None) -> None:
    """SHA256SUMS over every file, and its signature."""
    if key is not None:
        public = subprocess.run(["openssl", "pkey", "-in", str(key), "-pubout"], capture_output=True, check=True).stdout
        (staging / "publisher.pem").write_bytes(public)
    lines = [f"{sha256(path)}  {path.relative_to(staging).as_posix()}\n" for path in sorted(staging.rglob("*")) if path.is_file()]
    sums = staging / "SHA256SUMS"
    sums.write_text("".join(lines), "utf-8")
    if key is not None:
        subprocess.run(["openssl", "pkeyutl", "-sign", "-inkey", str(key), "-rawin", "-in", str(sums), "-out", f"{sums}.sig"], check=True)
        der = subprocess.run(["openssl", "pkey", "-in", str(key), "-pubout", "-outform", "DER"], capture_output=True, check=True).stdout
        say(f"bundle: the key's fingerprint, to be told by another way than the stick: {hashlib.sha256(der).hexdigest()}")


def sha256(path: Path) -> str:
    """Of a file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


if __name__ == "__main__":
    os.environ.setdefault("TINGDAN_LANG", "en")
    sys.exit(main())
