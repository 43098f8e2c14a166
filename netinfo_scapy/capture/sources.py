"""Where the frames come from: files, directories, URLs, streams, packets in memory.

`open_captures` makes `Capture`s of what the user named, `order` puts them into the order
in which they are read, `sensors` tells which of them belong together.
"""

from __future__ import annotations

import io
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from errno import ENOENT
from pathlib import Path
from typing import IO, Any, Literal, TypeAlias, cast

from netinfo_scapy.capture import remote
from netinfo_scapy.capture.captures import Capture, PacketsCapture, PacketTuple, StreamCapture
from netinfo_scapy.capture.errors import CaptureError, UnknownFormat
from netinfo_scapy.capture.recognition import is_foreign, is_named_so

__all__ = ["Capture", "PacketTuple", "Source", "natural_key", "open_captures", "order", "sensors"]

Source: TypeAlias = "str | os.PathLike[str] | IO[bytes] | Iterable[str | os.PathLike[str] | IO[bytes] | PacketTuple]"

_STDIN = "-"


def open_captures(source: Source) -> list[Capture]:
    """The captures of an input, each opened as far as to know its format.

    source: a path, "-" (standard input), an open binary stream, several of these in a list
    or tuple, or an iterable of (time, link type, bytes). A path may be a URL that fsspec opens.
    A directory means every capture in it, at any depth, in natural order. What cannot be read
    comes as a `Capture` that is `unreadable`. Raises FileNotFoundError for a path that does not
    exist, CaptureError for a URL that needs what is not installed, both before anything is read,
    and TypeError for what is none of these.
    """
    if isinstance(source, (list, tuple)) and all(_is_one(each) for each in source):
        sources: list[Any] = list(source)
    elif _is_one(source):
        sources = [source]
    elif isinstance(source, (bytes, bytearray, memoryview)) or not isinstance(source, Iterable):
        raise TypeError(f"no source of captures: {type(source).__name__}; bytes can be wrapped in io.BytesIO")
    else:
        return [PacketsCapture(cast("Iterable[PacketTuple]", source))]
    sources = [_looked_up(each) for each in sources]
    captures = list(_each_once(capture for each in sources for capture in _open_one(each)))
    for index, capture in enumerate(captures):
        capture.index = index
    return captures


def _each_once(captures: Iterable[Capture]) -> Iterator[Capture]:
    """The captures without those that are the same file as an earlier one, which is marked as repeated."""
    known: dict[object, Capture] = {}
    for capture in captures:
        key: object = capture.name if capture.name == _STDIN or remote.is_url(capture.name) else id(capture)
        with suppress(OSError, ValueError):
            found = os.stat(capture.name.removeprefix("file://"))  # noqa: PTH116 - the name is as given
            key = (found.st_dev, found.st_ino)
        if key in known:
            known[key].repeated = True
        else:
            known[key] = capture
            yield capture


def _is_one(source: Any) -> bool:
    return isinstance(source, (str, os.PathLike)) or hasattr(source, "read")


def _looked_up(source: Any) -> Any:
    """A source that exists, as far as can be told; of a URL, what it means."""
    if not isinstance(source, (str, os.PathLike)) or source == _STDIN:
        return source
    path = os.fspath(source)
    try:
        if remote.is_url(path):
            return remote.expand(path)
        os.stat(path)  # noqa: PTH116 - keeps the path as given
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise FileNotFoundError(ENOENT, os.strerror(ENOENT), path) from error
    except CaptureError as error:
        raise CaptureError(f"{path}: {error}") from error
    except OSError as error:
        # It may exist; opening it will tell what is wrong.
        return _failed(path, error) if remote.is_url(path) else source
    return source


def _open_one(source: Any) -> Iterator[Capture]:
    if isinstance(source, Capture):
        yield source
    elif isinstance(source, remote.Meant):
        yield from map(_from_url, source.files) if source.is_one else _in_directory_of_url(source)
    elif source == _STDIN:
        yield _from_stream(_STDIN, sys.stdin.buffer)
    elif not isinstance(source, (str, os.PathLike)):
        name = getattr(source, "name", None)
        yield _from_stream(name if isinstance(name, str) else "stream", source)
    else:
        path = os.fspath(source)
        try:
            yield from _in_directory(path) if Path(path).is_dir() else (_from_path(path),)
        except OSError as error:
            yield _failed(path, error)


def open_named(name: str, index: int) -> Capture:
    """The capture of a path that `open_captures` has found before; its place in the input is `index`."""
    try:
        capture = _from_url(remote.Found(name, name, None)) if remote.is_url(name) else _from_path(name)
    except OSError as error:
        capture = _failed(name, error)
    capture.index = index
    return capture


def _failed(name: str, failure: CaptureError | OSError) -> Capture:
    capture = Capture(name)
    capture.fail(failure)
    return capture


def _from_path(path: str) -> Capture:
    # What is no regular file, as a named pipe, would lose what is read from it when it is closed.
    status = os.stat(path)  # noqa: PTH116 - the path is as given
    regular = stat.S_ISREG(status.st_mode)
    capture = StreamCapture(path, lambda: open(path, "rb"), rereadable=regular, closes=True)  # noqa: PTH123, SIM115 - likewise
    capture.size = status.st_size if regular else None
    capture.address = os.path.abspath(path) if regular else None  # noqa: PTH100 - nothing more is to be resolved
    return capture


def _from_url(found: remote.Found) -> Capture:
    capture = StreamCapture(found.url, lambda: remote.open_url(found.url), rereadable=True, closes=True)
    capture.size = found.size
    capture.address = found.url
    return capture


def _from_stream(name: str, stream: IO[bytes]) -> Capture:
    if isinstance(stream, io.TextIOBase):
        raise TypeError("a capture is read from a binary stream, not from text")
    try:
        start = stream.tell() if stream.seekable() else None
    except (AttributeError, OSError):
        start = None
    if start is None:
        return StreamCapture(name, lambda: stream, rereadable=False, closes=False)

    def begin() -> IO[bytes]:
        stream.seek(start)
        return stream

    return StreamCapture(name, begin, rereadable=True, closes=False)


def _in_directory(directory: str) -> Iterator[Capture]:
    failures: list[OSError] = []
    found = (Path(where) / name for where, _, names in os.walk(directory, onerror=failures.append) for name in names)
    captures: list[Capture] = []
    for path in sorted(found, key=lambda path: natural_key(str(path))):
        try:
            if not path.is_file():
                continue
            capture = _from_path(str(path))
        except OSError:
            continue  # it has gone meanwhile
        if _concerns(capture, path.name):
            captures.append(capture)
    captures += [_failed(str(failure.filename or directory), failure) for failure in failures]
    yield from captures or [_failed(directory, UnknownFormat("there is no capture in this directory"))]


def _in_directory_of_url(meant: remote.Meant) -> Iterator[Capture]:
    files = sorted(meant.files, key=lambda found: natural_key(found.url))
    captures = [capture for found in files if _concerns(capture := _from_url(found), found.name)]
    yield from captures or [_failed(meant.url, UnknownFormat("there is no capture in it"))]


def _concerns(capture: Capture, name: str) -> bool:
    """Whether a file of a directory is of concern: what has the name of a capture and is none is told, no other."""
    return not isinstance(capture.failure, CaptureError) or is_foreign(capture.failure) or is_named_so(name)


def natural_key(name: str) -> list[tuple[int, str]]:
    """Sorts names as people do: "trace9" before "trace10"."""
    parts = re.split(r"([0-9]+)", name)
    # Every other part is digits. Without leading zeros, the longer number is the greater one.
    parts[1::2] = (digits.lstrip("0") for digits in parts[1::2])
    return [(len(part) if at % 2 else 0, part) for at, part in enumerate(parts)]


def order(captures: Iterable[Capture]) -> list[Capture]:
    """The captures by their first frame's time, then by natural name; those without frames last.

    Sets each one's `index` to its place. Looks at the first frame only where there are several.
    """
    ordered = list(captures)
    if len(ordered) > 1:
        times = {id(capture): capture.first_time() for capture in ordered}

        def key(capture: Capture) -> tuple[bool, int, list[tuple[int, str]], str]:
            time = times[id(capture)]
            return time is None, time or 0, natural_key(capture.name), capture.name

        ordered.sort(key=key)
    for index, capture in enumerate(ordered):
        capture.index = index
    return ordered


def are_alike(captures: Sequence[Capture]) -> bool:
    """Whether several files lie in one directory and are called alike but for digits, as rotated ones are."""
    return len(captures) > 1 and len({_stem(capture.name) for capture in captures}) == 1


class _Group:
    """Files of one sensor. last_ns: the end of the file that lasts longest, which began at first_ns."""

    def __init__(self) -> None:
        self.captures: list[Capture] = []
        self.first_ns: int | None = None
        self.last_ns: int | None = None
        self.latest: Capture | None = None

    def is_free(self, first_ns: int, last_ns: int) -> bool:
        """Whether a file that begins no earlier than those here overlaps none of them."""
        if self.first_ns is None or self.last_ns is None or first_ns >= self.last_ns:
            return True
        return self.first_ns == first_ns == last_ns  # a moment that touches the other's start

    def likeness(self, capture: Capture) -> int:
        """How much a file's name looks like the next one here: 2 in the same directory, 1 elsewhere, 0 not."""
        if self.latest is None:
            return 0
        mine, its = _stem(self.latest.name), _stem(capture.name)
        return 0 if mine[1] != its[1] else 2 if mine[0] == its[0] else 1

    def add(self, capture: Capture, first_ns: int, last_ns: int) -> None:
        """Take a file in."""
        self.captures.append(capture)
        self.latest = capture
        if self.last_ns is None or last_ns > self.last_ns:
            self.first_ns, self.last_ns = first_ns, last_ns


def _stem(name: str) -> tuple[str, str]:
    """A file's directory, and its name without digits and endings."""
    path = Path(re.sub(r"\.(gz|zst|zstd)$", "", name))
    return str(path.parent), re.sub(r"[0-9]+", "", path.stem)


def sensors(captures: Sequence[Capture], mode: Literal["auto", "one", "each"] = "auto") -> list[list[Capture]]:
    """Which captures belong together, because one sensor took them one after the other.

    "one": all; "each": every one is a sensor of its own. "auto": files whose times overlap
    (touching ends do not count) are of different sensors. In order of time, each file
    joins a sensor that it does not overlap, rather one whose last file is called alike
    but for digits. Files without frames join the first; a stream that can be read
    only once, whose end nobody knows, stands alone. Within a sensor the order stays.
    """
    captures = list(captures)
    if mode == "each":
        return [[capture] for capture in captures]
    if mode == "one" or len(captures) < 2:
        return [captures] if captures else []
    spans = {id(capture): capture.span() for capture in captures}
    timed = [(span, at) for at, capture in enumerate(captures) if (span := spans[id(capture)])]
    groups: list[_Group] = []
    for (first_ns, last_ns), at in sorted(timed, key=lambda each: (each[0][0], each[1])):
        free = [group for group in groups if group.is_free(first_ns, last_ns)]
        if not free:
            groups.append(_Group())
            free = groups[-1:]
        # The first of the most alike.
        max(free, key=lambda group: group.likeness(captures[at])).add(captures[at], first_ns, last_ns)
    found = [group.captures for group in groups] or [[]]
    for capture in captures:
        if spans[id(capture)] is None:
            if capture.rereadable:
                found[0].append(capture)
            else:
                found.append([capture])
    place = {id(capture): at for at, capture in enumerate(captures)}
    found = [sorted(group, key=lambda capture: place[id(capture)]) for group in found if group]
    return sorted(found, key=lambda group: place[id(group[0])])
