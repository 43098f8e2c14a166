"""Captures that fsspec opens, with file systems of its own and a web server on this machine."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

import netinfo_scapy
from netinfo_scapy.capture import remote
from netinfo_scapy.capture.errors import CaptureError
from netinfo_scapy.capture.sources import open_captures
from tests.support.captures import capture_path

fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed; `make test` installs it")

PLAIN = capture_path("02-ni-read-tcp").read_bytes()
FILES = {
    "t10.pcap": PLAIN,
    "t9.pcap.gz": gzip.compress(PLAIN),
    "deep/er/x": PLAIN,
    "notes.txt": b"no capture",
    "broken.pcap": b"no capture either",
}
FOUND = ["broken.pcap", "deep/er/x", "t9.pcap.gz", "t10.pcap"]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_words: Any) -> None:
        pass


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / "captures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "captures"


def of_files(folder: Path) -> Iterator[str]:
    yield f"file://{folder}/"


def of_memory(folder: Path) -> Iterator[str]:
    memory = fsspec.filesystem("memory")
    for name, content in FILES.items():
        memory.pipe(f"/captures/{name}", content)
    yield "memory://captures/"
    memory.rm("/captures", recursive=True)


def of_archive(folder: Path) -> Iterator[str]:
    archive = folder.parent / "all.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for name, content in FILES.items():
            target.writestr(name, content)
    yield f"zip://::file://{archive}"


def of_server(folder: Path) -> Iterator[str]:
    pytest.importorskip("aiohttp", reason="aiohttp is not installed; `make test` installs it")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        serving = Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        serving.join()


@pytest.fixture(params=[of_files, of_memory, of_archive, of_server])
def url(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    yield from request.param(folder)


def inside(url: str, name: str) -> str:
    link, chained, rest = url.partition("::")
    return link + name + chained + rest


def test_what_is_a_url() -> None:
    for name in ("s3://b/a.pcap", "zip://*.pcap::s3://b/a.zip", "simplecache::https://host/a", "file:///a"):
        assert remote.is_url(name)
    for name in ("a.pcap", "/a:/b", "./s3://b/a.pcap", "-", "C:\\a.pcap", "a::b.pcap"):
        assert not remote.is_url(name)


def test_a_directory_is_read_like_one_of_this_machine(url: str, folder: Path) -> None:
    captures = open_captures(url)
    assert [capture.name for capture in captures] == [inside(url, name) for name in FOUND]
    local = open_captures(folder)
    for attribute in ("format", "compression", "unreadable"):
        assert [getattr(each, attribute) for each in captures] == [getattr(each, attribute) for each in local]


def test_a_file_is_read_like_one_of_this_machine(url: str, folder: Path) -> None:
    for name in ("t10.pcap", "t9.pcap.gz", "deep/er/x"):
        (capture,) = open_captures(inside(url, name))
        assert capture.size == len(FILES[name])
        found = list(netinfo_scapy.messages(inside(url, name)))
        assert [each | {"capture": ""} for each in found] == [
            each | {"capture": ""} for each in netinfo_scapy.messages(folder / name)
        ]
        assert {each["capture"] for each in found} == {inside(url, name)}


def test_a_pattern_means_what_it_matches(url: str) -> None:
    assert [capture.name for capture in open_captures(inside(url, "t*"))] == [
        inside(url, name) for name in ("t9.pcap.gz", "t10.pcap")
    ]
    assert [capture.name for capture in open_captures(inside(url, "deep/*/x"))] == [inside(url, "deep/er/x")]


def test_what_is_not_there_is_not_found(url: str) -> None:
    for name in ("nothing.pcap", "nothing*.pcap"):
        with pytest.raises(FileNotFoundError) as raised:
            open_captures(["-", inside(url, name)])
        assert raised.value.filename == inside(url, name)


def test_a_file_given_twice_is_read_once(url: str) -> None:
    (capture,) = open_captures([inside(url, "t10.pcap")] * 2)
    assert capture.repeated


def test_a_file_and_its_url_are_one(folder: Path) -> None:
    (capture,) = open_captures([folder / "t10.pcap", f"file://{folder}/t10.pcap"])
    assert capture.repeated


def test_a_directory_without_captures() -> None:
    fsspec.filesystem("memory").pipe("/nothing/notes.txt", b"no capture")
    (capture,) = open_captures("memory://nothing")
    assert capture.error == "there is no capture in it"


@pytest.mark.parametrize("url", ["nosuch://a/b.pcap", "zip://a.pcap::nosuch://b.zip"])
def test_what_fsspec_does_not_know_is_one_line(url: str) -> None:
    with pytest.raises(CaptureError, match="nosuch") as raised:
        open_captures(url)
    assert "\n" not in str(raised.value)


def test_a_missing_driver_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(CaptureError, match=r"s3://b/a\.pcap: .*s3fs"):
        open_captures("s3://b/a.pcap")


def test_without_fsspec_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(CaptureError, match=r"pip install 'netinfo-scapy\[dask\]'"):
        open_captures("file:///a.pcap")


class Refusing(Quiet):
    def do_HEAD(self) -> None:
        self.send_error(403)

    do_GET = do_HEAD  # noqa: N815 - named by http.server


def test_a_server_that_refuses_is_told_and_others_are_read(folder: Path) -> None:
    pytest.importorskip("aiohttp", reason="aiohttp is not installed; `make test` installs it")
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        serving = Thread(target=server.serve_forever)
        serving.start()
        url = f"http://127.0.0.1:{server.server_port}/a.pcap"
        refused, read = open_captures([url, folder / "t10.pcap"])
        server.shutdown()
        serving.join()
    assert refused.unreadable
    assert "403" in (refused.error or "")
    assert not read.unreadable
    (gone,) = open_captures(url)
    assert "onnect" in (gone.error or "")


def test_a_driver_error_in_the_middle_ends_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a driver raises: what precedes it was read."""
    fsspec.filesystem("memory").pipe("/big.pcap", PLAIN)
    (capture,) = open_captures("memory://big.pcap")
    from fsspec.implementations.memory import MemoryFile

    whole = MemoryFile.read

    def read(self: Any, size: int = -1) -> bytes:
        if self.tell():
            raise LookupError("the line\nis dead")
        return whole(self, min(size, 5000))

    monkeypatch.setattr(MemoryFile, "read", read)
    assert list(capture.frames())
    assert capture.error == "reading failed: the line is dead; what precedes it was read"


def test_commands_take_urls(url: str) -> None:
    if url.startswith("memory:"):
        return
    name = inside(url, "t10.pcap")
    for words in (
        ("messages", name),
        ("analyze", name),
        ("analyze", name, "--jobs", "2"),
        ("extract", name, "-o", "-"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "netinfo_scapy", *words], capture_output=True, timeout=60, check=False
        )
        assert (done.returncode, done.stderr) == (0, b"")
