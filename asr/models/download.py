"""Fetches one file over HTTP(S) so that a broken line costs only what was missing.

Bytes go to ``<name>.part`` in a folder that outlives the program; a later try, or a later run, asks for the rest with Range and
If-Range. A server that stalls or cuts off is tried again; one that answers nonsense is not. What the bytes are worth is the
caller's to check: nothing fetched here is used before its checksum was compared.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests

from app.domain.errors import EnvironmentFault

Progress = Callable[[int, int | None], None]
_CHUNK_BYTES = 1 << 13


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, and how often to try again after a break in the middle."""

    connect_s: float = 6.0
    stall_s: float = 20.0
    tries: int = 4
    pause_s: float = 1.0


class _BrokenOffError(Exception):
    """The transfer ended early; what came is kept."""


def fetch(address: str, target: Path, max_bytes: int, progress: Progress, patience: Patience | None = None) -> None:
    """Fetch ``address`` into ``target`` (replaced at the end, whole).

    Args:
        address: http or https.
        target: file to make; ``target`` + ".part" holds what came so far.
        max_bytes: more is refused.
        progress: called with bytes so far and the whole length where the server tells it.
        patience: waiting times.

    Raises:
        EnvironmentFault: unreachable, refused, too large, cut off again and again, or the disk is full.
    """
    patience = patience or Patience()
    if urlsplit(address).scheme not in ("http", "https"):
        raise EnvironmentFault("asr.download_address", address=address)
    part = target.with_name(target.name + ".part")
    wait = threading.Event()
    for attempt in range(1, patience.tries + 1):
        try:
            _once(address, part, max_bytes, progress, patience)
            part.replace(target)
            _memo(part).unlink(missing_ok=True)
            return
        except _BrokenOffError:
            if attempt < patience.tries:
                wait.wait(patience.pause_s * attempt)
        except OSError as error:
            problem = error.strerror or type(error).__name__
            raise EnvironmentFault("asr.disk", path=str(target.parent), problem=problem) from error
    raise EnvironmentFault("asr.download_cut", address=address)


def _once(address: str, part: Path, max_bytes: int, progress: Progress, patience: Patience) -> None:
    have, tag = _kept(part, address)
    headers = {"Accept-Encoding": "identity"}
    if have and tag:
        headers |= {"Range": f"bytes={have}-", "If-Range": tag}
    with requests.Session() as session:
        session.max_redirects = 5
        with _asked(session, address, headers, patience) as answer:
            _check(answer, address, part)
            try:
                start = _start(answer, have)
                length = answer.headers.get("Content-Length", "")
                total = start + int(length) if length.isdigit() else None
                if total is not None and total > max_bytes:
                    raise EnvironmentFault("asr.download_too_large", address=address)
                _memo(part).write_text(json.dumps({"address": address, "tag": _tag(answer)}), "utf-8")
                _write(answer, part, start, total, max_bytes, progress)
            except requests.RequestException as error:
                raise _BrokenOffError from error


def _asked(session: requests.Session, address: str, headers: dict[str, str], patience: Patience) -> requests.Response:
    """The answer's head."""
    try:
        return session.get(address, headers=headers, stream=True, timeout=(patience.connect_s, patience.stall_s))
    except requests.ReadTimeout as error:
        raise _BrokenOffError from error
    except requests.ConnectionError as error:
        raise EnvironmentFault("asr.download_unreachable", address=address) from error
    except requests.TooManyRedirects as error:
        raise EnvironmentFault("asr.download_refused", address=address, status="redirects") from error
    except requests.RequestException as error:
        raise EnvironmentFault("asr.download_refused", address=address, status=type(error).__name__) from error


def _check(answer: requests.Response, address: str, part: Path) -> None:
    if urlsplit(address).scheme == "https" and urlsplit(answer.url).scheme != "https":
        raise EnvironmentFault("asr.download_refused", address=address, status="http")
    if answer.status_code == requests.codes.requested_range_not_satisfiable:
        part.unlink(missing_ok=True)
        raise _BrokenOffError
    if answer.status_code >= requests.codes.server_error:
        raise _BrokenOffError
    if answer.status_code not in (requests.codes.ok, requests.codes.partial_content):
        raise EnvironmentFault("asr.download_refused", address=address, status=answer.status_code)


def _start(answer: requests.Response, have: int) -> int:
    """Where the body begins in the file: ``have`` for the rest that was asked for, else 0."""
    if answer.status_code != requests.codes.partial_content:
        return 0
    given = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    if given is None or int(given.group(1)) != have:
        raise _BrokenOffError
    return have


def _write(answer: requests.Response, part: Path, start: int, total: int | None, max_bytes: int, progress: Progress) -> None:
    done = start
    with part.open("r+b" if start else "wb") as stream:
        stream.seek(start)
        for chunk in answer.iter_content(_CHUNK_BYTES):
            stream.write(chunk)
            done += len(chunk)
            if done > max_bytes:
                raise EnvironmentFault("asr.download_too_large", address=answer.url)
            progress(done, total)
        stream.truncate()
    if total is not None and done < total:
        raise _BrokenOffError


def _memo(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _tag(answer: requests.Response) -> str:
    """A validator for If-Range: a strong ETag, else the date."""
    tag = answer.headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified", "")


def _kept(part: Path, address: str) -> tuple[int, str]:
    """Bytes kept of the same address and their validator; (0, "") where they cannot be continued."""
    try:
        memo = json.loads(_memo(part).read_text("utf-8"))
        if memo["address"] == address and memo["tag"]:
            return part.stat().st_size, str(memo["tag"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return 0, ""
