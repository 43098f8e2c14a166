"""nidump's flat forms: the files of Unix, one line a directory, values as they are.

"First" is a property's first value, nothing where it is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from netinfo_scapy.analysis.directory.tree import Directory

_WIDTH, _TAB = 72, 8
"""Characters of a line that is folded, and what a tab at its start counts."""


class Flat(NamedTuple):
    """A flat form. where: the directory whose children it has. needs: the property without which a child is left out.

    line: a child's line, without its end. head: lines before all others.
    """

    where: bytes
    line: Callable[[Directory], bytes]
    needs: bytes | None = None
    head: tuple[bytes, ...] = ()


def flat(form: Flat, directory: Directory) -> Iterator[bytes]:
    """The lines of a directory's children, each with its end."""
    for line in form.head:
        yield line + b"\n"
    for child in directory.children:
        if form.needs is None or child.values(form.needs):
            yield form.line(child) + b"\n"


def _first(directory: Directory, name: bytes, otherwise: bytes = b"") -> bytes:
    found = directory.first(name)
    return otherwise if found is None else found


def _all(directory: Directory, name: bytes) -> list[bytes]:
    return directory.values(name) or []


def _passwd(user: Directory) -> bytes:
    return b":".join(_first(user, name, otherwise) for name, otherwise in PASSWD)


PASSWD = (
    (b"name", b""),
    (b"passwd", b""),
    (b"uid", b""),
    (b"gid", b""),
    (b"class", b""),
    (b"change", b"0"),
    (b"expire", b"0"),
    (b"realname", b""),
    (b"home", b""),
    (b"shell", b""),
)
"""The fields of a line of master.passwd, and what stands for a missing one."""


def _group(group: Directory) -> bytes:
    members = b",".join(_all(group, b"users"))
    return b":".join([*(_first(group, name) for name in (b"name", b"passwd", b"gid")), members])


def _addressed(address: bytes) -> Callable[[Directory], bytes]:
    """Lines of an address and the names it has."""

    def line(machine: Directory) -> bytes:
        return _first(machine, address) + b"\t" + b" ".join(_all(machine, b"name"))

    return line


def _numbered(*numbers: bytes) -> Callable[[Directory], bytes]:
    """Lines of a name, what it stands for, and its further names."""

    def line(entry: Directory) -> bytes:
        stands_for = b"/".join(_first(entry, number) for number in numbers)
        return b"\t".join([_first(entry, b"name"), stands_for]) + b"\t" + b"\t".join(_all(entry, b"name")[1:])

    return line


def _folded(head: bytes, width: int, parts: Iterable[bytes], fold: bytes, continued: int, mark: bytes = b"") -> bytes:
    """A line, folded before each part that would take it past the width; marks between parts stay on the old line.

    width, continued: of what precedes the first part, and of what begins a continued line.
    """
    made = [head]
    for at, part in enumerate(parts):
        if at:
            made.append(mark)
            width += len(mark)
        if width + len(part) > _WIDTH:
            made.append(fold)
            width = continued
        made.append(part)
        width += len(part)
    return b"".join(made)


def _alias(alias: Directory) -> bytes:
    head = _first(alias, b"name") + b": "
    return _folded(head, len(head), _all(alias, b"members"), b"\n\t", _TAB, b",")


def _fstab(mount: Directory) -> bytes:
    fields = [
        _first(mount, b"name"),
        _first(mount, b"dir"),
        _first(mount, b"vfstype", b"nfs"),
        b",".join(_all(mount, b"opts")) or b"rw",
        _first(mount, b"freq", b"0"),
        _first(mount, b"passno", b"0"),
    ]
    return b" ".join(fields)


def _exports(export: Directory) -> bytes:
    names = _all(export, b"name")
    options = (b"-" + each for each in _all(export, b"opts"))
    parts = [b"".join(names[:1]), b" ".join(names[1:]), b" ".join(options), b" ".join(_all(export, b"clients"))]
    return b" ".join(parts)


def _capability(name: bytes, values: list[bytes]) -> bytes:
    if not values:
        return name + b":"
    return name + (b"" if values[0].startswith(b"#") else b"=") + values[0] + b":"


def _printcap(printer: Directory) -> bytes:
    head = b"|".join(_all(printer, b"name")) + b": \\\n\t:"
    found = [_capability(each.name, each.values or []) for each in printer.properties if each.name != b"name"]
    return _folded(head, _TAB + 1, found, b" \\\n\t:", _TAB + 1)


def _bootparams(machine: Directory) -> bytes:
    return _first(machine, b"name") + b" " + b" \\\n\t".join(_all(machine, b"bootparams"))


def _bootptab(machine: Directory) -> bytes:
    fields = [
        _first(machine, b"name"),
        b"1",
        _first(machine, b"en_address", b"0:0:0:0:0:0"),
        _first(machine, b"ip_address", b"0.0.0.0"),
        _first(machine, b"bootfile", b"mach"),
    ]
    return b"\t".join(fields)


FLAT = {
    "passwd": Flat(b"/users", _passwd, needs=b"name"),
    "group": Flat(b"/groups", _group),
    "hosts": Flat(b"/machines", _addressed(b"ip_address"), needs=b"ip_address"),
    "ethers": Flat(b"/machines", _addressed(b"en_address"), needs=b"en_address"),
    "aliases": Flat(b"/aliases", _alias, needs=b"members"),
    "networks": Flat(b"/networks", _numbered(b"address")),
    "services": Flat(b"/services", _numbered(b"port", b"protocol")),
    "protocols": Flat(b"/protocols", _numbered(b"number")),
    "rpc": Flat(b"/rpcs", _numbered(b"number")),
    "fstab": Flat(b"/mounts", _fstab),
    "exports": Flat(b"/exports", _exports),
    "printcap": Flat(b"/printers", _printcap),
    "bootparams": Flat(b"/machines", _bootparams, needs=b"bootparams"),
    "bootptab": Flat(b"/machines", _bootptab, head=(b"/private/tftpboot:/", b"mach", b"%%")),
}
"""Name -> flat form."""
