"""Small captures of writes: calls to NetInfo's ten writing procedures, and a domain to write to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.analysis.findings.making import OK, READALL, Properties, ask, user
from tests.support import rpc
from tests.support.conversation import SERVER, Talk
from tests.support.packets import Address

CREATE, DESTROY, WRITE, CREATEPROP, DESTROYPROP, WRITEPROP, RENAMEPROP = 5, 6, 8, 12, 13, 15, 16
CREATENAME, DESTROYNAME, WRITENAME = 18, 19, 21
END = 0xFFFFFFFF
ROOT_USER = user("root", 0, ["*"])
ADMIN = user("admin", 501, ["*"])
OTHER = Address("192.0.2.66", 40000)
OTHER_RESERVED = Address("192.0.2.66", 700)

Object = tuple[int, int, Properties]
"""Number, number of the directory above, properties."""

HOME: tuple[Object, ...] = (
    (0, 0, [("master", ["oak/network"])]),
    (1, 0, [("name", ["users"])]),
    (2, 1, ROOT_USER),
    (3, 1, ADMIN),
    (4, 0, [("name", ["groups"])]),
    (5, 4, [("name", ["wheel"]), ("passwd", ["*"]), ("gid", ["0"])]),
    (6, 0, [("name", ["machines"])]),
    (7, 6, [("name", ["oak"]), ("ip_address", ["192.0.2.20"]), ("serves", ["./network", "oak/local"])]),
    (8, 6, [("name", ["elm"]), ("ip_address", ["192.0.2.21"]), ("serves", ["./network"])]),
    (9, 6, [("name", ["ash"]), ("ip_address", ["192.0.2.22"]), ("serves", ["ash/local"])]),
)
"""A domain whose master is 192.0.2.20; 192.0.2.21 is its clone, 192.0.2.22 only serves a domain of its own."""


def readall(talk: Talk, objects: Sequence[Object] = HOME, instance: int = 3, **how: object) -> None:
    """A READALL and its answer; every object has the same instance."""
    said = b""
    for number, above, props in objects:
        children = [other for other, parent, _ in objects if parent == number and other != number]
        said += rpc.words(1) + rpc.ni_id(number, instance) + rpc.properties(props)
        said += rpc.words(above) + rpc.words(len(children), *children)
    ask(talk, READALL, rpc.words(0), rpc.words(OK, 9, len(objects)) + said + rpc.words(0), **how)


def known(objects: Sequence[Object] = HOME, server: Address = SERVER) -> Talk:
    """A conversation that begins with the host itself reading all there is."""
    talk = Talk()
    readall(talk, objects, client=Address(server.ip, 700), server=server)
    return talk


def create(
    talk: Talk,
    above: int,
    number: int,
    props: Properties,
    *,
    instance: int = 4,
    target: int | None = None,
    **how: object,
) -> None:
    """A CREATE; instance: of the directory above, after it."""
    goal = rpc.words(0) if target is None else rpc.words(1) + rpc.ni_id(target)
    arguments = rpc.ni_id(above, instance - 1) + rpc.properties(props) + rpc.words(END) + goal
    ask(talk, CREATE, arguments, rpc.words(OK) + rpc.ni_id(number, 0) + rpc.ni_id(above, instance), **how)


def change(
    talk: Talk, procedure: int, number: int, rest: bytes, *, instance: int = 4, status: int = OK, **how: object
) -> None:
    """A write of one directory; instance: its own, after it."""
    result = rpc.words(status) + (rpc.ni_id(number, instance) if status == OK else b"")
    ask(talk, procedure, rpc.ni_id(number, instance - 1) + rest, result, **how)


def createprop(talk: Talk, number: int, name: str, values: Iterable[str], **how: object) -> None:
    change(talk, CREATEPROP, number, rpc.opaque(name) + rpc.names(values) + rpc.words(END), **how)


def writeprop(talk: Talk, number: int, place: int, values: Iterable[str], **how: object) -> None:
    change(talk, WRITEPROP, number, rpc.words(place) + rpc.names(values), **how)
