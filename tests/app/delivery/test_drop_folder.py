"""Files in a folder: whole, once, whenever the program dies; and what spreadsheets make of them."""

from __future__ import annotations

import csv
import io
import os
import random
import signal
import subprocess
import sys
import threading
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from app.delivery.spreadsheet import as_xlsx
from app.domain.delivery import Delivered, Failed, MessageKind, Refused
from app.platform.atomic_file import write_atomically
from app.ports.outbox import Attachment
from tests.app.delivery import scenes

REPOSITORY = Path(__file__).resolve().parents[3]
COLUMNS = {"编号": "{{ticket_no}}", "标题": "{{title | required}}", "电话": "{{contact_phone}}"}


def mapping(folder: Path, **changes: Any) -> dict[str, Any]:
    return {"format": 1, "kind": "folder", "name": "试验", "folder": str(folder), "columns": COLUMNS, **changes}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "out"
    made.mkdir()
    return made


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_a_ticket_with_its_child_is_one_file_that_a_spreadsheet_reads(folder: Path, tmp_path: Path) -> None:
    courier = scenes.courier(tmp_path, mapping(folder))
    consignment = scenes.consignment({"title": '=cmd|"x",\n第二行', "contact_phone": "02083000000"})
    assert courier.deliver(consignment) == Delivered("T1-r1.csv")
    courier.settled(consignment)
    raw = (folder / "T1-r1.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert rows == [["编号", "标题", "电话"], ["T1", '\'=cmd|"x",\n第二行', "02083000000"], ["T1-01", "第二件", ""]]
    assert visible(folder / ".tingdan") == []


def test_gb18030_and_other_separators(folder: Path, tmp_path: Path) -> None:
    courier = scenes.courier(tmp_path, mapping(folder, encoding="gb18030", delimiter=";", guard_formulas=False))
    courier.deliver(scenes.consignment({"title": "-路灯"}))
    assert (folder / "T1-r1.csv").read_text("gb18030").splitlines()[1] == "T1;-路灯;"


def test_a_workbook_holds_texts_only(folder: Path, tmp_path: Path) -> None:
    courier = scenes.courier(tmp_path, mapping(folder, file="xlsx"))
    courier.deliver(scenes.consignment({"title": "=1+1 <&>\x01", "contact_phone": "00123"}))
    with zipfile.ZipFile(folder / "T1-r1.xlsx") as book:
        assert book.testzip() is None
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        for part in book.namelist():
            ElementTree.fromstring(book.read(part))
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    cells = {cell.get("r"): "".join(cell.itertext()) for cell in sheet.iter(f"{space}c")}
    assert {cell.get("t") for cell in sheet.iter(f"{space}c")} == {"inlineStr"}
    assert (cells["A2"], cells["B2"], cells["C2"]) == ("T1", "=1+1 <&>", "00123")
    assert 'r="AB1"' in zipfile.ZipFile(io.BytesIO(as_xlsx([["x"] * 28]))).read("xl/worksheets/sheet1.xml").decode()


def test_nothing_comes_twice_after_a_death_between_any_two_steps(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next life repeats the message; the importer may have taken the file meanwhile."""
    import app.delivery.drop_folder as room

    class DeathError(BaseException):
        pass

    steps = ("write staged", "write mark", "move", "settle")
    for number, _ in enumerate(steps):
        consignment = replace(scenes.consignment(), message=replace(scenes.consignment().message, ticket_no=f"N{number}"))
        left = [number]

        def dies(real: Any, left: list[int] = left) -> Any:
            def step(*words: Any) -> Any:
                if left[0] == 0:
                    raise DeathError
                left[0] -= 1
                return real(*words)
            return step

        with monkeypatch.context() as patched:
            patched.setattr(room, "write_atomically", dies(write_atomically))
            patched.setattr(Path, "replace", dies(Path.replace)) if number == 2 else None
            courier = scenes.courier(tmp_path, mapping(folder))
            try:
                courier.deliver(consignment)
            except DeathError:
                assert number < 3
        came = visible(folder)
        for name in came:
            (folder / name).unlink()  # the importer takes everything at once
        again = scenes.courier(tmp_path, mapping(folder))
        assert isinstance(again.deliver(consignment), Delivered)
        again.settled(consignment)
        assert came + visible(folder) == [f"N{number}-r1.csv"], steps[number]
        for name in visible(folder):
            (folder / name).unlink()
    assert visible(folder / ".tingdan") == []


WRITER = """
import os, sys
from dataclasses import replace
from pathlib import Path
from tests.app.delivery import scenes
from app.delivery.opening import open_courier
from app.platform.catalogue_files import load_fields
courier = open_courier(Path(sys.argv[1]), load_fields(), None, None)
for line in sys.stdin:
    begin = int(line)
    if os.fork() == 0:
        os.write(1, f"{os.getpid()}\\n".encode())
        for number in range(begin, 10**6):
            consignment = scenes.consignment()
            consignment = replace(consignment, message=replace(consignment.message, ticket_no=f"N{number}"))
            courier.deliver(consignment)
            os.write(1, f"{number}\\n".encode())
            courier.settled(consignment)
    os.wait()
    os.write(1, b"dead\\n")
"""


@pytest.mark.skipif(os.name != "posix", reason="forks")
def test_killed_at_random_moments_with_an_importer_at_work(folder: Path, tmp_path: Path) -> None:
    path = scenes.written(tmp_path, mapping(folder))
    taken: list[str] = []
    over = threading.Event()

    def importer() -> None:
        while not over.wait(0.002):
            for name in visible(folder):
                assert (folder / name).read_bytes().endswith(b"\r\n")  # never half a file
                (folder / name).unlink()
                taken.append(name)

    thread = threading.Thread(target=importer)
    thread.start()
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              cwd=REPOSITORY)
    assert writer.stdin is not None
    assert writer.stdout is not None
    try:
        done = -1
        for _ in range(20):
            writer.stdin.write(f"{done + 1}\n")  # the store knows what was reported; the message after it is repeated
            writer.stdin.flush()
            pid = int(writer.stdout.readline())
            over.wait(random.uniform(0.0, 0.1))
            os.kill(pid, signal.SIGKILL)
            for line in writer.stdout:
                if line.startswith("dead"):
                    break
                done = int(line)
        courier = scenes.courier(tmp_path, mapping(folder))
        last = scenes.consignment()
        courier.deliver(replace(last, message=replace(last.message, ticket_no=f"N{done + 1}")))
    finally:
        writer.stdin.close()
        writer.wait(10)
        writer.stdout.close()
        over.wait(0.05)
        over.set()
        thread.join()
    came = sorted(taken + visible(folder))
    assert came == sorted(f"N{number}-r1.csv" for number in range(done + 2))


def test_a_folder_that_is_not_there_holds_all_until_it_is(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file, not a folder")
    courier = scenes.courier(tmp_path, mapping(tmp_path / "out"))
    outcome = courier.deliver(scenes.consignment())
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.is_line) == ("delivery.folder", True)


def test_attachments_are_files_of_their_own_that_cannot_leave_the_folder(folder: Path, tmp_path: Path) -> None:
    held = Attachment(3, "../../etc/照片:1.jpg", "image/jpeg", b"photo")
    alone = scenes.consignment(kind=MessageKind.ATTACHMENT, attachments=(held,))
    assert scenes.courier(tmp_path, mapping(folder)).deliver(alone) == Refused("delivery.no_attachments")
    assert isinstance(scenes.courier(tmp_path, mapping(folder, attachments=True)).deliver(alone), Delivered)
    assert [(folder / name).read_bytes() for name in visible(folder)] == [b"photo"]
    assert visible(folder)[0].startswith("T1-r1-1-")


def test_a_missing_field_is_told(folder: Path, tmp_path: Path) -> None:
    outcome = scenes.courier(tmp_path, mapping(folder)).deliver(scenes.consignment({"title": None}))
    assert outcome == Refused("delivery.field_missing", "title")
