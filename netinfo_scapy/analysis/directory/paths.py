"""Paths of directories, as the tools of NetInfo take them.

A path is steps, each behind a `/`: `VALUE`, which is `name=VALUE`, or `KEY=VALUE`. A backslash
makes the byte behind it an ordinary one. Slashes in a row are one, and one at the end is none. What
begins without a slash begins at the root all the same; digits alone are the number of a directory.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from netinfo_scapy.analysis.directory.tree import Directory, Domain
from netinfo_scapy.protocol.netinfo import NONE_INDEX

NAME = b"name"
_SLASH, _EQUALS, _BACKSLASH = b"/=\\"


class Step(NamedTuple):
    """One step down: to the first child of which a property has a value."""

    key: bytes
    value: bytes


Path = tuple[Step, ...]
"""From the root down; the root itself has no steps."""


class NoSuchDirectoryError(LookupError):
    """A path leads nowhere.

    Its text says where it ends. certain: the directory is not there, and not just not known.
    """

    def __init__(self, text: str, certain: bool) -> None:
        super().__init__(text)
        self.certain = certain


def parse_path(text: bytes) -> Path | int:
    """The steps of a path, or the number of a directory. Raises ValueError, with what is wrong."""
    if text.isdigit():
        if int(text[:11]) >= NONE_INDEX:
            raise ValueError(f"path {_shown(text)} is no directory: numbers are below {NONE_INDEX}")
        return int(text)
    steps: list[Step] = []
    key: bytes | None = None
    part = bytearray()
    bytes_left = iter(text + b"/")
    for byte in bytes_left:
        if byte == _BACKSLASH:
            part.append(next(bytes_left))
        elif byte == _EQUALS and key is None:
            key = bytes(part)
            part.clear()
        elif byte != _SLASH:
            part.append(byte)
        else:
            if key is not None or part:
                steps.append(Step(NAME if key is None else key, bytes(part)))
            key = None
            part.clear()
    if part:  # the slash put behind it was taken for an ordinary byte
        raise ValueError(f"path {_shown(text)} ends in a lone backslash: write two for one that is meant")
    return tuple(steps)


def print_path(path: Iterable[Step]) -> bytes:
    """A path as `parse_path` takes it; the root is `/`."""
    return b"".join(b"/" + _printed(step) for step in path) or b"/"


def _printed(step: Step) -> bytes:
    if step.key == NAME and step.value:
        return _escaped(step.value)
    return _escaped(step.key) + b"=" + _escaped(step.value)


def _escaped(part: bytes) -> bytes:
    for byte in (b"\\", b"/", b"="):
        part = part.replace(byte, b"\\" + byte)
    return part


def step_to(directory: Directory) -> Step | None:
    """The step that leads to a directory: by its name, else by the first value it has; None without any."""
    name = directory.first(NAME)
    if name is not None:
        return Step(NAME, name)
    return next((Step(each.name, each.values[0]) for each in directory.properties if each.values), None)


def find(domain: Domain, path: Path | int) -> Directory:
    """The directory at the end of a path, or that of a number. Raises NoSuchDirectoryError.

    Each step is one LOOKUP of the server: the first child of which the property has the value, byte by byte.
    """
    if isinstance(path, int):
        return _numbered(domain, path)
    directory = domain.root
    if directory is None:
        raise NoSuchDirectoryError("nothing is known of the root directory", certain=False)
    for at, step in enumerate(path):
        child = next((each for each in directory.children if step.value in (each.values(step.key) or ())), None)
        if child is None:
            raise _missing(directory, path, at)
        directory = child
    return directory


def _numbered(domain: Domain, number: int) -> Directory:
    for directory in domain.directories():
        if directory.object == number:
            return directory
    root = domain.root
    certain = root is not None and root.complete and all(each.object is not None for each in root.walk())
    raise NoSuchDirectoryError(
        f"there is no directory {number}" if certain else f"nothing is known of directory {number}", certain
    )


def _missing(parent: Directory, path: Path, at: int) -> NoSuchDirectoryError:
    step, above = path[at], _shown(print_path(path[:at]))
    wanted = f"{_shown(step.key)}={_shown(step.value)}"
    certain = parent.all_children and all(_is_known(child, step.key) for child in parent.children)
    if certain:
        return NoSuchDirectoryError(f"no directory below {above} has {wanted}", certain)
    return NoSuchDirectoryError(
        f"no directory below {above} is known to have {wanted}; not all of it is known", certain
    )


def _is_known(directory: Directory, key: bytes) -> bool:
    """Whether it is known which values a property has, or that there is none."""
    found = next((each for each in directory.properties if each.name == key), None)
    return directory.whole if found is None else found.values is not None and found.whole


def _shown(part: bytes) -> str:
    return part.decode(errors="backslashreplace")
