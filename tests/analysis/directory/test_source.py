"""What is named is told apart by what it holds, and opened by what its scheme says."""

from __future__ import annotations

import gzip
import io
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from netinfo_scapy.analysis.directory import source as sources
from netinfo_scapy.analysis.directory.errors import DirectoryFileError, MisuseError
from netinfo_scapy.analysis.directory.paths import NoSuchDirectoryError, parse_path
from netinfo_scapy.analysis.directory.raw_file import read_raw
from netinfo_scapy.analysis.directory.source import CaptureSource, DirectorySource, HeldSource, open_source
from netinfo_scapy.analysis.directory.tree import Domain
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.errors import CaptureError
from netinfo_scapy.report.dumps.raw import raw
from tests.support.captures import RECORDED
from tests.support.trees import PRINTED, START

TOOLS = RECORDED / "06-tools.pcap"
RAW = PRINTED / "nidump-r-root.txt"
JSON = START / "network.json"
ROOT = read_raw(RAW.read_bytes(), "x")


def opened(*names: object, **others: Any) -> DirectorySource:
    return open_source([*map(str, names)], Reading, **others)


@contextmanager
def standard_input(data: bytes, pipe: bool, step: int = 1 << 20) -> Iterator[None]:
    """Bytes on standard input: from a file, or through a pipe, so many at a time."""
    if not pipe:
        with patch("sys.stdin", io.TextIOWrapper(io.BytesIO(data))):
            yield
        return
    end, other = os.pipe()

    def send() -> None:
        with os.fdopen(other, "wb", buffering=0) as stream:
            for at in range(0, len(data), step):
                stream.write(data[at : at + step])

    sender = threading.Thread(target=send)
    sender.start()
    with os.fdopen(end, "rb") as stream, patch("sys.stdin", io.TextIOWrapper(stream)):
        yield
        stream.read()
    sender.join()


@pytest.mark.parametrize("pipe", [False, True])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("file", [RAW, JSON, TOOLS], ids=["raw", "json", "pcap"])
def test_files_and_standard_input_give_the_same(file: Path, packed: bool, pipe: bool, tmp_path: Path) -> None:
    data = gzip.compress(file.read_bytes()) if packed else file.read_bytes()
    copy = tmp_path / "copy"
    copy.write_bytes(data)
    # Read once, nothing is known of the endpoints before they are named, so what captures show is compared by its kind.
    with standard_input(data, pipe, step=1000 if file is TOOLS else 1):
        piped = opened("-")
        domains = piped.domains()
    stored = opened(copy)
    assert type(stored) is type(piped) is (CaptureSource if file is TOOLS else HeldSource)
    assert [each.tag for each in domains] == [each.tag for each in stored.domains()]
    if file is not TOOLS:
        assert domains == stored.domains()


def test_a_blank_beginning_and_the_two_shapes_that_look_alike(tmp_path: Path) -> None:
    for text, shape in (
        (b' \n\t{ "a" = ( ); }', "raw"),
        (b"\n" * 5000 + b"{}", "capture"),
        (b'{ "a\\" = (" : ( "' + b'", "' * 3 + b'" ); }', "json"),
        (b"{ }", "raw"),
        (b"{ CHILDREN = ( ) }", "raw"),
        (b'{\n"objects"\n:\n[]}', "json"),
        (b'{ "x:" = ( "\\"y\\": 1" ); }', "raw"),
    ):
        file = tmp_path / "file"
        file.write_bytes(text)
        with (
            patch.object(sources, "read_raw", side_effect=DirectoryFileError("raw")),
            patch.object(sources, "read_json", side_effect=DirectoryFileError("json")),
        ):
            if shape == "capture":
                assert isinstance(opened(file), CaptureSource)
            else:
                with pytest.raises(DirectoryFileError, match=f"^{shape}$"):
                    opened(file)


def test_a_file_is_bounded(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb"
    bomb.write_bytes(gzip.compress(b"{" + b" " * (1 << 20)))
    with patch.object(sources, "LARGEST_FILE", 1 << 20), pytest.raises(DirectoryFileError, match="no directory is"):
        opened(bomb)


def test_only_captures_can_be_several() -> None:
    assert isinstance(opened(TOOLS, RECORDED / "04-auth.pcap"), CaptureSource)
    assert isinstance(opened(RECORDED), CaptureSource)
    for names in ((TOOLS, RAW), (JSON, RAW)):
        with pytest.raises(MisuseError, match="alone"):
            opened(*names)
    with pytest.raises(FileNotFoundError):
        opened("nosuch")


def test_schemes_are_a_table() -> None:
    asked: list[str] = []

    def server(name: str) -> DirectorySource:
        asked.append(name)
        return HeldSource(name, [Domain(root=ROOT)])

    assert opened("NetInfo://10.0.0.1/network", schemes={"netinfo": server}).domains()[0].root is ROOT
    assert asked == ["NetInfo://10.0.0.1/network"]
    with pytest.raises(MisuseError, match="alone"):
        opened("netinfo://a/b", TOOLS, schemes={"netinfo": server})
    with pytest.raises(MisuseError, match="cannot be opened by this version"):
        opened("netinfo://a/b", schemes={"netinfo": None})
    with pytest.raises(CaptureError, match="fsspec"):
        opened("nosuch://a/b", schemes={"netinfo": None})


def test_a_directory_at_a_path() -> None:
    source = opened(RAW)
    (domain,) = source.domains()
    users = source.directory(domain, parse_path(b"/users"), depth=1, key=b"name")
    assert [each.first(b"name") for each in users.children] == [b"root", b"admin", b"nopass", b"open"]
    with pytest.raises(NoSuchDirectoryError):
        source.directory(domain, parse_path(b"/nosuch"))


def test_moments_are_of_one_reading() -> None:
    readings: list[Reading] = []

    def read(captures: list[Any]) -> Reading:
        readings.append(Reading(captures))
        return readings[-1]

    source = open_source([str(TOOLS)], read)
    assert isinstance(source, CaptureSource)
    before, after = source.as_of(["frame:796", "2038-01-01"])
    found = [{each.tag: each for each in side.domains()}[b"network"].root for side in (before, after)]
    assert found[0] is not None
    assert b"".join(raw(found[0])) == RAW.read_bytes()
    assert found[0] != found[1]
    assert len(readings) == 1
    for moment in ("frame:x", "frame:other.pcap:1", "never"):
        with pytest.raises(MisuseError, match=r"^--at"):
            source.as_of([moment])
