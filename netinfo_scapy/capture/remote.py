"""Captures that fsspec opens: object stores, web servers, members of archives.

`s3://bucket/2003/`, `https://host/a.pcap.gz`, `zip://*.pcap::s3://bucket/a.zip`: whatever
fsspec has a driver for, with the settings and credentials that it finds by itself. Nothing
is fetched but what is read, and nothing is decompressed by its name.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOENT
from os import strerror
from typing import IO, Any, NamedTuple

from netinfo_scapy.capture.errors import CaptureError

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(://|::.*://)", re.DOTALL)

_BLOCK = 4 << 20
"""Bytes asked for at a time where a server gives ranges: what a look at a file's beginning costs."""

_HTTP = ("http", "https")
_NOT_FOUND = (404, 410)
"""Of a web server: its protocols, and its status codes for what is not there."""


class Found(NamedTuple):
    """A file. name: its own, without what leads to it. size: its bytes, where known."""

    url: str
    name: str
    size: int | None


class Meant(NamedTuple):
    """The files that a URL means: itself, or all that a directory or pattern has."""

    url: str
    files: list[Found]
    is_one: bool


def is_url(name: str) -> bool:
    """Whether fsspec is to open what is named so."""
    return _URL.match(name) is not None


def expand(url: str) -> Meant:
    """The files that are meant.

    A directory (on a web server: an address that ends in a slash) has those in it, at any depth;
    a pattern (`*`, `?`, `[`) is for what is not there by that very name. Raises FileNotFoundError where
    there is nothing, OSError where that cannot be told, CaptureError where fsspec or a driver is missing.
    """
    files, path = _file_system(url)
    with _errors(url):
        if _protocol(url) in _HTTP and path.endswith("/"):
            return Meant(url, _within(files, url, path, path), False)
        try:
            about = files.info(path)
        except FileNotFoundError:
            if re.search(r"[*?\[]", path) is None:
                raise
            matches = files.glob(path, detail=True)
        else:
            if about["type"] != "directory":
                return Meant(url, [Found(url, path, about.get("size"))], True)
            return Meant(url, _within(files, url, path, path), False)
    found: list[Found] = []
    for match, about in matches.items():
        with _errors(url):
            one = Found(_url(url, path, match), match, about.get("size"))
            found += _within(files, url, path, match) if about["type"] == "directory" else [one]
    if not found:
        raise FileNotFoundError(ENOENT, strerror(ENOENT), url)
    return Meant(url, found, False)


def open_url(url: str) -> IO[bytes]:
    """The bytes of a file, from its start, as they are stored. Raises OSError, CaptureError."""
    files, path = _file_system(url)
    with _errors(url):
        # A web server sends a file in one go; asked for ranges, not each can do that.
        opened = files.open(path, "rb", block_size=0 if _protocol(url) in _HTTP else _BLOCK)
    # What is asked of the buffer is more than it holds, so nothing is copied through it.
    return io.BufferedReader(_Stream(url, files, opened), 4096)


class _Stream(io.RawIOBase):
    """A file of fsspec's, whose errors are all OSError. files: its file system, which may end when nobody has it."""

    def __init__(self, url: str, files: Any, opened: Any) -> None:
        self._url, self._files, self._opened = url, files, opened

    def readable(self) -> bool:
        """It is for reading only."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read as much as fits and comes at a time."""
        window = memoryview(buffer).cast("B")
        with _errors(self._url):
            data = self._opened.read(len(window))
        window[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close it."""
        if not self.closed:
            with _errors(self._url):
                self._opened.close()
        super().close()


def _file_system(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path in it."""
    try:
        import fsspec.core  # noqa: PLC0415 - needed for URLs only
    except ImportError as error:
        raise CaptureError("it needs fsspec to be opened: pip install 'netinfo-scapy[dask]'") from error
    with _errors(url):
        try:
            files, path = fsspec.core.url_to_fs(url)
        except ImportError as error:
            raise CaptureError(f"fsspec lacks the driver for it: {_line(error)}") from error
        except ValueError as error:
            raise CaptureError(f"fsspec cannot open it: {_line(error)}") from error
    return files, str(path)


@contextmanager
def _errors(url: str) -> Iterator[None]:
    """Around calls of fsspec: what a driver raises, of whatever kind, comes out as OSError with one line."""
    try:
        yield
    except CaptureError:
        raise
    except FileNotFoundError as error:
        cause = error.__cause__
        if _protocol(url) in _HTTP and cause is not None and getattr(cause, "status", None) not in _NOT_FOUND:
            raise OSError(_line(cause)) from error  # the server did not say that there is none
        raise FileNotFoundError(ENOENT, strerror(ENOENT), url) from error
    except OSError as error:
        raise OSError(error.strerror or _line(error)) from error
    except Exception as error:  # each driver has exceptions of its own
        raise OSError(_line(error)) from error


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _protocol(url: str) -> str:
    return re.split("://|::", url, maxsplit=1)[0].lower()


def _within(files: Any, url: str, path: str, directory: str) -> list[Found]:
    """The files in a directory, at any depth. path: what the URL means in its file system."""
    found = files.find(directory, detail=True)
    return [Found(_url(url, path, name), name, about.get("size")) for name, about in found.items()]


def _url(url: str, path: str, name: str) -> str:
    """The URL of a file of which its file system tells the name; `path` is what it makes of `url`."""
    links = url.split("::")
    # Of a chain, the first link with an address is the one that names files: zip://a.pcap::simplecache::s3://b/c.zip
    at = next(at for at, link in enumerate(links) if "://" in link)
    if not name.startswith(links[at].partition("://")[0] + "://"):
        address, path = links[at].rstrip("/"), path.rstrip("/")
        name = (address.removesuffix(path) if path else links[at]) + name
    links[at] = name
    return "::".join(links)
