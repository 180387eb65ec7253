"""The frozen folder as .deb and .rpm, with bill of materials, licence notices and checksums, in dist/ (docs/adr/0009).

Standard library only; run by `make dist` after installer/freeze.py. nfpm and cyclonedx-py come from installer/locks/dist.txt
into an environment of their own. What a package depends on is read where it is kept already: Debian names from
installer/system-packages.txt (purpose `run`), library names for RPM from `app.platform.machine_health`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from bill_of_materials import write_bill, write_notices
from freeze import (
    ENV,
    FROZEN,
    PYTHON,
    ROOT,
    SOURCE,
    WORK,
    build_settings,
    commit_time,
    glibc_needed,
    package_version,
    run,
    say,
)
from prepare import wanted_packages

OUT = ROOT / "dist"
TOOLS = WORK / "tools"
DOCS = WORK / "docs"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
#: What RPM distributions pack apart from baresip itself (docs/telephony.md: The softphone).
SOFTPHONE_PARTS = ("alsa", "g722", "mqtt", "plc", "sndfile")


def main() -> int:
    """Pack; 0 where every asked format was made."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--format", action="append", choices=("deb", "rpm"), help="default: both")
    parser.add_argument("--documents", action="store_true", help="only the bill of materials and the notices")
    parser.add_argument("--quick", action="store_true", help="gzip instead of xz: for trials, a third larger")
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    tools()
    documents()
    plan = WORK / "nfpm.json"
    plan.write_text(json.dumps(nfpm_plan(package_version(), "gzip" if arguments.quick else "xz"), ensure_ascii=False, indent=1), "utf-8")
    for form in () if arguments.documents else arguments.format or ("deb", "rpm"):
        say(f"packing the .{form}")
        run([str(TOOLS / "bin" / "nfpm"), "package", "--config", str(plan), "--packager", form, "--target", str(arguments.out)],
            f"nfpm-{form}.log", build_settings())
    checksums(arguments.out)
    for path in sorted(arguments.out.iterdir()):
        if path.is_file():
            say(f"{path.stat().st_size / 1e6:8.1f} MB  {path.name}")
    return 0


def tools() -> None:
    """The locked packing tools, made anew where their lock changed."""
    lock = SOURCE / "installer" / "locks" / "dist.txt"
    mark, state = TOOLS / ".state", hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    if mark.exists() and mark.read_text("utf-8") == state:
        return
    say("making the environment of the packing tools")
    run([sys.executable, "-m", "venv", "--clear", str(TOOLS)], "venv-tools.log", os.environ)
    run([str(TOOLS / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--require-hashes",
         "-r", str(lock)], "pip-dist.txt.log", os.environ)
    mark.write_text(state, "utf-8")


def documents() -> None:
    """Bill of materials, notices, change log and example policy: into the package and beside it."""
    shutil.rmtree(DOCS, ignore_errors=True)
    DOCS.mkdir(parents=True)
    say("writing bill of materials and licence notices")
    write_bill(TOOLS / "bin" / "cyclonedx-py", PYTHON, DOCS / "sbom.cdx.json", FROZEN)
    write_notices(PYTHON, DOCS / "THIRD-PARTY-NOTICES.txt")
    for name in ("CHANGELOG.md", "installer/linux/policy.example.toml"):
        shutil.copyfile(SOURCE / name, DOCS / Path(name).name)


def nfpm_plan(version: str, compression: str = "xz") -> dict[str, object]:
    """What nfpm is told; JSON is YAML."""
    linux = SOURCE / "installer" / "linux"
    when = datetime.fromtimestamp(commit_time(), UTC).isoformat().replace("+00:00", "Z")

    def file(source: Path, target: str, mode: int = 0o644) -> dict[str, object]:
        return {"src": str(source), "dst": target, "file_info": {"mode": mode, "mtime": when}}

    contents: list[dict[str, object]] = [
        {"src": str(FROZEN), "dst": "/usr/lib/tingdan", "type": "tree", "file_info": {"mtime": when}},
        {"src": "../lib/tingdan/tingdan", "dst": "/usr/bin/tingdan", "type": "symlink", "file_info": {"mtime": when}},
        file(linux / "tingdan.desktop", "/usr/share/applications/tingdan.desktop"),
        file(linux / "tingdan.svg", "/usr/share/icons/hicolor/scalable/apps/tingdan.svg"),
        file(DOCS / "THIRD-PARTY-NOTICES.txt", "/usr/share/doc/tingdan/copyright"),
        *(file(DOCS / name, f"/usr/share/doc/tingdan/{name}") for name in ("sbom.cdx.json", "CHANGELOG.md", "policy.example.toml")),
        *(file(SOURCE / "installer" / "examples" / name, f"/usr/share/doc/tingdan/examples/{name}")
          for name in ("ansible/tingdan.yml", "apparmor/usr.lib.tingdan.tingdan", "group-policy/tingdan-startup.cmd")),
    ]
    told = "/usr/share/doc/tingdan"  # folders are named too: rpm leaves behind what no package owns
    for folder in ("/etc/tingdan", "/var/lib/tingdan", "/var/lib/tingdan/models", told, f"{told}/examples",
                   *(f"{told}/examples/{name}" for name in ("ansible", "apparmor", "group-policy"))):
        contents.append({"dst": folder, "type": "dir", "file_info": {"mode": 0o755, "mtime": when}})
    return {
        "name": "tingdan", "arch": ARCHITECTURES[platform.machine()], "platform": "linux", "version": version,
        "version_schema": "none", "section": "misc", "priority": "optional", "mtime": when,
        "maintainer": "Tingdan <support@tingdan.invalid>", "vendor": "Tingdan", "license": "LicenseRef-Proprietary",
        "description": "Agent assist for public hotlines, all on this PC\n"
                       "Recognises both sides of a call, prefills the ticket with its evidence and shows\n"
                       "matching knowledge. Nothing leaves the PC but what the operator submits.",
        "contents": contents,
        "scripts": {"preinstall": str(linux / "preinstall.sh"), "postinstall": str(linux / "postinstall.sh"),
                    "preremove": str(linux / "preinstall.sh"), "postremove": str(linux / "postremove.sh")},
        "overrides": {
            "deb": {"depends": debian_depends(), "recommends": ["gnome-keyring", "baresip-core", "libasound2-plugins", "libcups2"]},
            # Weak ones: a desk without a softphone needs none; a distribution that does not know a name leaves it out.
            "rpm": {"depends": rpm_depends(), "recommends": ["baresip", *(f"baresip-{part}" for part in SOFTPHONE_PARTS),
                                                             "alsa-plugins-pulseaudio", "cups-libs"]},
        },
        "deb": {"compression": compression},
        "rpm": {"compression": compression, "group": "Applications/Productivity", "buildhost": "localhost"},
    }


def debian_depends() -> list[str]:
    """Names for Debian: the C library as new as the frozen files need it, then the list of what a desk needs to run."""
    listed = (SOURCE / "installer" / "system-packages.txt").read_text("utf-8")
    return [f"libc6 (>= {glibc_needed(FROZEN)})", *wanted_packages(["run"], listed)]


def rpm_depends() -> list[str]:
    """Library names, which every RPM distribution provides alike, whatever its packages are called."""
    program = ("from app.platform.machine_health import QT_LIBRARIES, SCREEN_LIBRARIES\n"
               "print('\\n'.join([*QT_LIBRARIES, *SCREEN_LIBRARIES]))")
    names = subprocess.run([str(PYTHON), "-c", program], cwd=SOURCE, capture_output=True, text=True, check=True).stdout.split()
    return [f"libc.so.6(GLIBC_{glibc_needed(FROZEN)})(64bit)", *(f"{name}()(64bit)" for name in names)]


def checksums(folder: Path) -> None:
    """SHA256SUMS over what lies in ``folder``; also the bill and the notices beside the packages."""
    for name in ("sbom.cdx.json", "THIRD-PARTY-NOTICES.txt"):
        shutil.copyfile(DOCS / name, folder / name)
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
             for path in sorted(folder.iterdir()) if path.is_file() and path.name != "SHA256SUMS"]
    (folder / "SHA256SUMS").write_text("".join(lines), "utf-8")


if __name__ == "__main__":
    if not ENV.exists():
        sys.exit("dist: run installer/freeze.py first")
    sys.exit(main())
