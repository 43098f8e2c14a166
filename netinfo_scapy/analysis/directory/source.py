"""Where directories come from: captures, files, and what a scheme such as `netinfo://` names.

`open_source` tells what is named, and gives it as a `DirectorySource`. A capture is known by its
magic bytes; a file that begins with `{` is nidump's raw form, or JSON where a colon follows the first string.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path as FilePath
from typing import IO, Any, Protocol, cast

from netinfo_scapy.analysis.directory.captures import domains_at, parse_until
from netinfo_scapy.analysis.directory.document import Captured
from netinfo_scapy.analysis.directory.errors import DirectoryFileError, MisuseError
from netinfo_scapy.analysis.directory.json_file import read_json
from netinfo_scapy.analysis.directory.paths import Path, find
from netinfo_scapy.analysis.directory.raw_file import read_raw
from netinfo_scapy.analysis.directory.tree import Directory, Domain
from netinfo_scapy.analysis.directory.until import Until
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.compression import Chunks
from netinfo_scapy.capture.remote import is_url

LARGEST_FILE = 256 << 20
"""Bytes of a file with a directory that are read, decompressed."""

_STDIN = "-"
_BLANK = b" \t\r\n"
_MAGIC_BYTES, _LOOKED_AT = 4, 4096
"""Bytes looked at to tell a capture, and to find a file's first that is not blank."""

_IS_JSON = re.compile(rb'[ \t\r\n]*\{[ \t\r\n]*"(?:[^"\\]++|\\.)*+"[ \t\r\n]*:', re.DOTALL)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


class DirectorySource(Protocol):
    """What has directories.

    name: as it was given.
    """

    name: str

    @property
    def reading(self) -> Reading | None:
        """Of the captures that it is; None where it is something else."""

    @property
    def captures(self) -> Sequence[Captured]:
        """The captures that anything in it was learned from: what the `FrameRef`s in its trees count."""

    def domains(self) -> list[Domain]:
        """The domains it has. Of a server their trees may be empty: `directory` asks for what is wanted.

        Raises CaptureError, OSError.
        """

    def directory(
        self, domain: Domain, path: Path | int, *, depth: int | None = None, key: bytes | None = None
    ) -> Directory:
        """The directory at a path of one of its domains.

        depth: how many levels below it are wanted, None for all; there may be more. key: of the
        lowest level this property is enough, so that a server can be asked once for all.
        Raises NoSuchDirectoryError.
        """


class HeldSource:
    """A source whose domains are all there."""

    def __init__(self, name: str, domains: list[Domain], captures: Sequence[Captured] = ()) -> None:
        self.name = name
        self.captures = captures
        self._domains = domains

    @property
    def reading(self) -> Reading | None:
        """None."""
        return None

    def domains(self) -> list[Domain]:
        """The domains."""
        return self._domains

    def directory(
        self,
        domain: Domain,
        path: Path | int,
        *,
        depth: int | None = None,  # noqa: ARG002 - everything is there
        key: bytes | None = None,  # noqa: ARG002 - as above
    ) -> Directory:
        """The directory at a path. Raises NoSuchDirectoryError."""
        return find(domain, path)


Rebuild = Callable[[Reading, Sequence[Until | None]], list[list[Domain]]]
"""Reads captures, and gives the domains as of each moment: `domains_at`, or who has others do the work."""


class _Rebuilding:
    """The domains of captures as of moments, all of one reading, which is made when they are first asked for."""

    def __init__(self, reading: Reading, moments: Sequence[Until | None], rebuild: Rebuild) -> None:
        self.reading = reading
        self.rebuild = rebuild
        self.moments = moments
        self._made: list[list[Domain]] | None = None

    def domains(self, at: int) -> list[Domain]:
        """Those of a moment."""
        if self._made is None:
            self._made = self.rebuild(self.reading, self.moments)
        return self._made[at]


class CaptureSource(HeldSource):
    """What captures show, in the end or as of a moment."""

    def __init__(self, name: str, rebuilding: _Rebuilding, at: int = 0) -> None:
        super().__init__(name, [])
        self._rebuilding = rebuilding
        self._at = at

    @classmethod
    def of(cls, name: str, reading: Reading, rebuild: Rebuild = domains_at) -> CaptureSource:
        """Captures as they are in the end."""
        return cls(name, _Rebuilding(reading, [None], rebuild))

    @property
    def reading(self) -> Reading:
        """Of the captures."""
        return self._rebuilding.reading

    @property
    def moment(self) -> Until | None:
        """As of when; None: in the end."""
        return self._rebuilding.moments[self._at]

    def as_of(self, moments: Sequence[str]) -> list[CaptureSource]:
        """The same captures, read once, as of each moment. Raises MisuseError for what is none of theirs."""
        try:
            every = [parse_until(each, self.reading.captures) for each in moments]
        except ValueError as error:
            raise MisuseError(str(error)) from error
        rebuilding = _Rebuilding(self.reading, every, self._rebuilding.rebuild)
        return [CaptureSource(self.name, rebuilding, at) for at in range(len(every))]

    def domains(self) -> list[Domain]:
        """The domains; the captures are read when they are first asked for."""
        self._domains = self._rebuilding.domains(self._at)
        self.captures = [Captured(each.name, each.digits) for each in self.reading.captures]
        return self._domains


Opener = Callable[[str], DirectorySource]
"""Makes a source of what is named by a scheme."""


def open_source(
    names: Sequence[str],
    read_captures: Callable[[list[Any]], Reading],
    *,
    rebuild: Rebuild = domains_at,
    schemes: Mapping[str, Opener | None] | None = None,
) -> DirectorySource:
    """The source that is named.

    names: several only of captures. read_captures: opens paths, URLs and streams as captures; rebuild reads
    them. schemes: what opens a name that begins with `SCHEME://`, None where nothing does yet; other URLs are of
    captures.
    Raises CaptureError, FileNotFoundError, OSError, and MisuseError for what cannot be meant.
    """
    inputs: list[Any] = []
    schemes = schemes or {}
    for name in names:
        found = _SCHEME.match(name)
        scheme = found[1].lower() if found else ""
        opener = schemes.get(scheme)
        if scheme in schemes and opener is None:
            raise MisuseError(f"{name}: {scheme}:// cannot be opened by this version; give captures or a file")
        content: Any = b"" if opener else _look(name)
        if not isinstance(content, bytes):
            inputs.append(content)
            continue
        if len(names) > 1:
            raise MisuseError(f"{name} is no capture; only captures can be several, give it alone")
        return opener(name) if opener else _from_file(name, content)
    try:
        return CaptureSource.of(" ".join(names), read_captures(inputs), rebuild)
    except ValueError as error:
        raise MisuseError(f"--{error}") from error


def _from_file(name: str, data: bytes) -> HeldSource:
    if _IS_JSON.match(data):
        return HeldSource(name, *read_json(data, name))
    return HeldSource(name, [Domain(root=read_raw(data, name))])


class _Rejoined:
    """A stream of which the first bytes have been read."""

    def __init__(self, stream: IO[bytes], head: bytes, name: str) -> None:
        self.name = name
        self._stream = stream
        self._head = head

    def read(self, size: int) -> bytes:
        """As many bytes as there are, at most `size`; empty at the end."""
        head, self._head = self._head[:size], self._head[size:]
        read: Callable[[int], bytes] = getattr(self._stream, "read1", self._stream.read)
        return head or read(size)


class _Recorded(_Rejoined):
    """A stream that keeps what was read of it."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(stream, b"", "")
        self.kept = b""

    def read(self, size: int) -> bytes:
        """As above."""
        data = super().read(size)
        self.kept += data
        return data


def _look(name: str) -> Any:
    """The bytes of a file that begins as one with a directory does, decompressed; else what opens it as a capture."""
    if name == _STDIN:
        return _look_at_stdin(sys.stdin.buffer)
    if is_url(name) or not FilePath(name).is_file():
        return name
    with FilePath(name).open("rb") as stream:
        return _taken(name, Chunks(stream)) or name


def _look_at_stdin(stream: IO[bytes]) -> Any:
    if stream.seekable():
        start = stream.tell()
        found = _taken(_STDIN, Chunks(stream))
        stream.seek(start)
        return found or _STDIN
    recorded = _Recorded(stream)
    chunks = Chunks(cast("IO[bytes]", recorded))
    if not _begins_as_file(chunks):
        return _Rejoined(stream, recorded.kept, _STDIN)
    recorded.kept = b""
    return _taken(_STDIN, chunks)


def _begins_as_file(chunks: Chunks) -> bool:
    head = chunks.peek(_MAGIC_BYTES)
    if head != head.lstrip(_BLANK):
        head = chunks.peek(_LOOKED_AT)
    return head.lstrip(_BLANK).startswith(b"{")


def _taken(name: str, chunks: Chunks) -> bytes | None:
    """All bytes of what begins as a file with a directory. Raises DirectoryFileError where it is too large."""
    if not _begins_as_file(chunks):
        return None
    parts: list[bytes] = []
    size = 0
    while part := chunks.read():
        parts.append(part)
        size += len(part)
        if size > LARGEST_FILE:
            raise DirectoryFileError(f"{name}: more than {LARGEST_FILE >> 20} MiB; no directory is as large")
    return b"".join(parts)
