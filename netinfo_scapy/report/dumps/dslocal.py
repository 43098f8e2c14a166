"""Property lists as Mac OS X 10.5 keeps its local directory in: a folder a top directory, a file a record.

Each file is a dictionary of the record's properties, each an array of its values, as 10.5's
/var/db/dslocal/nodes/Default/users/NAME.plist is. A value that an XML property list cannot hold as text is data.
"""

from __future__ import annotations

import plistlib
from collections.abc import Iterator
from pathlib import PurePath
from typing import NamedTuple
from unicodedata import normalize

from netinfo_scapy.analysis.directory.tree import Directory
from netinfo_scapy.report.dumps.depth import check_depth
from netinfo_scapy.report.dumps.distinct import Distinct

_ENDING = ".plist"
_ROOT = "domain"
_LONGEST_NAME = 200
"""Bytes of a file's name without its ending and a number; 255 are what file systems take."""

_UNSAFE = frozenset('/\\:%*?"<>|')
_NAME_ONLY = ["name"]

DEEPEST = 24
"""Folders within each other, so that no path becomes too long for a system."""


class Record(NamedTuple):
    """A file to be written. path: below the node's folder."""

    path: PurePath
    content: bytes


def dslocal(directory: Directory) -> Iterator[Record]:
    """The files of a tree whose root is the node itself: `users/root.plist`, a parent before its children.

    Directories right below the root are folders; they have a file beside them only where they hold more than a
    name, as has the root (`domain.plist`). Names are made safe: what could leave the folder or be taken for something
    else is %NN, and of names that are alike to a file system the later ones get a number. Raises TooDeepError.
    """
    check_depth(directory, DEEPEST, "more than paths allow")
    left: list[tuple[Directory, PurePath, int]] = [(directory, PurePath(_ROOT), 0)]
    while left:
        found, path, depth = left.pop()
        record = _record(found)
        if depth > 1 or list(record) not in ([], _NAME_ONLY):
            yield Record(path.with_name(path.name + _ENDING), plistlib.dumps(record, sort_keys=False))
        folder = path if depth else PurePath()
        names = Distinct(_alike, [] if depth else [_ROOT])
        below = [
            (child, folder / names.name(_file_name(child.first(b"name") or b"")), depth + 1) for child in found.children
        ]
        left += reversed(below)


def _record(directory: Directory) -> dict[str, list[str | bytes]]:
    """The properties as a property list has them; of those of one name, the later ones have a number behind it."""
    keys = Distinct()
    known = ((each.name, each.values) for each in directory.properties if each.values is not None)
    return {keys.name(_key(name)): [_value(value) for value in values] for name, values in known}


def _key(name: bytes) -> str:
    return "".join(each if _is_text(each) else f"%{ord(each):02X}" for each in name.decode("utf-8", "backslashreplace"))


def _value(value: bytes) -> str | bytes:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return value
    return text if all(map(_is_text, text)) else value


def _is_text(character: str) -> bool:
    r"""Whether XML 1.0 can hold a character and gives it back: no control (\r becomes \n), no surrogate, no U+FFFE."""
    return character in "\t\n" or not (character < " " or "\x7f" <= character < "\xa0" or character in "\ufffe\uffff")


def _file_name(name: bytes) -> str:
    """What a file system takes for one name and no path, without the ending."""
    text = name.decode("utf-8", "backslashreplace")
    made = "".join(each if each.isprintable() and each not in _UNSAFE else _percent(each) for each in text)
    made = made.encode()[:_LONGEST_NAME].decode(errors="ignore")
    if made.startswith("."):
        made = _percent(".") + made[1:]
    stem, dot, ending = made.rpartition(".")
    if dot + ending.lower() == _ENDING:
        # Or the folder of this one and the file of another could be called the same.
        made = stem + _percent(".") + ending
    return made or "unnamed"


def _alike(name: str) -> str:
    """What the file systems of a Mac take for the same name."""
    return normalize("NFD", normalize("NFD", name).casefold())


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
