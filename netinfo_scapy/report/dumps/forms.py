"""The forms that a directory is dumped in, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from netinfo_scapy.analysis.directory.tree import Directory
from netinfo_scapy.report.dumps.flat import FLAT, Flat, flat
from netinfo_scapy.report.dumps.john import john
from netinfo_scapy.report.dumps.known import shown_tree
from netinfo_scapy.report.dumps.ldif import ldif
from netinfo_scapy.report.dumps.raw import raw
from netinfo_scapy.report.escape import printable_bytes


class Settings(NamedTuple):
    """What a form may depend on. utf8: raw text stays. base: of LDIF. terminal: controls must not be printed."""

    utf8: bool
    base: str
    terminal: bool


class Form(NamedTuple):
    """A form of one tree. where: the directory it is of, if none is asked for. write: its lines, each with its end."""

    where: str
    write: Callable[[Directory, Settings], Iterator[bytes]]


def _safe(lines: Iterator[bytes], settings: Settings) -> Iterator[bytes]:
    """Lines in which nothing but their ends is a control character, if they are for a terminal."""
    return (printable_bytes(each[:-1]) + each[-1:] for each in lines) if settings.terminal else lines


def _raw(directory: Directory, settings: Settings) -> Iterator[bytes]:
    return _safe(raw(directory, settings.utf8), settings)


def _ldif(directory: Directory, settings: Settings) -> Iterator[bytes]:
    return ldif(directory, settings.base)


def _john(directory: Directory, settings: Settings) -> Iterator[bytes]:
    return _safe(john(directory), settings)


def _flat(form: Flat) -> Callable[[Directory, Settings], Iterator[bytes]]:
    # Their tabs and line ends are controls, too: so it is the values that are made safe.
    return lambda directory, settings: flat(form, shown_tree(directory) if settings.terminal else directory)


FORMS = {
    "raw": Form("/", _raw),
    "ldif": Form("/", _ldif),
    "john": Form("/users", _john),
    **{name: Form(form.where.decode(), _flat(form)) for name, form in FLAT.items()},
}
"""Name -> form. JSON, which holds several domains, and property lists, which are files, are no such forms."""
