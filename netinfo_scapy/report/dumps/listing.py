"""Directories as niutil and nireport list them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netinfo_scapy.analysis.directory.tree import Directory, Property

NO_VALUE = b"#NoValue#"
_NO_NUMBER = b"-"


def listed(children: Iterable[Directory], key: bytes) -> Iterator[bytes]:
    """As `niutil -list`: a line a directory, its number, a tab, and the values of a property, each behind a blank."""
    for each in children:
        number = _NO_NUMBER if each.object is None else b"%d" % each.object
        yield number + b"\t" + _values(each.values(key)) + b"\n"


def reported(children: Iterable[Directory], keys: Sequence[bytes]) -> Iterator[bytes]:
    """As nireport: a line a directory, its properties' values joined by commas, each property with a tab behind it."""
    for each in children:
        values = (each.values(key) for key in keys)
        yield b"".join((b",".join(found) if found else NO_VALUE) + b"\t" for found in values) + b"\n"


def read(properties: Iterable[Property]) -> Iterator[bytes]:
    """As `niutil -read`: a line a property, its name and its values. Of those not known only the names are there."""
    for each in properties:
        yield each.name + b":" + _values(each.values) + b"\n"


def _values(values: list[bytes] | None) -> bytes:
    return b"".join(b" " + each for each in values or [])
