"""An intranet's authority with its certificates, made by openssl, for tests that speak TLS on loopback."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

_CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def openssl(folder: Path, *words: str) -> None:
    """Run it in a folder."""
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True, timeout=60)


def make_authority(folder: Path, certificates: Mapping[str, tuple[str, int]]) -> Path:
    """``ca.pem`` and, for each name, ``NAME.pem`` and ``NAME.key`` in ``folder``.

    Args:
        folder: exists.
        certificates: name to (subject's alternative name, days; 0 expires within the second).
    """
    openssl(folder, "req", "-x509", *_CURVE, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test CA", "-days", "30",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    for name, (subject, days) in certificates.items():
        (folder / "ext").write_text(f"subjectAltName={subject}\nauthorityKeyIdentifier=keyid\n")
        openssl(folder, "req", *_CURVE, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out",
                f"{name}.pem", "-extfile", "ext", "-days", str(days))
    return folder
