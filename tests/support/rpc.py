"""XDR and ONC RPC, put together with struct: just enough to say what stands on the wire, right or wrong."""

import struct
from collections.abc import Iterable, Sequence

PORTMAP, BOOTPARAM, NETINFO, NIBIND = 100000, 100026, 200100000, 200100001
NULL_AUTH = b"\0" * 8
LAST = 1 << 31


def words(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *(value & 0xFFFFFFFF for value in values))


def opaque(value: bytes | str, *, fill: bytes = b"\0") -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return words(len(raw)) + raw + fill * (-len(raw) % 4)


def array(items: Iterable[bytes]) -> bytes:
    parts = list(items)
    return words(len(parts)) + b"".join(parts)


def names(values: Iterable[bytes | str]) -> bytes:
    return array(opaque(value) for value in values)


def properties(props: Iterable[tuple[str, Sequence[str]]]) -> bytes:
    return array(opaque(name) + names(values) for name, values in props)


def auth(flavor: int, body: bytes = b"") -> bytes:
    return words(flavor) + opaque(body)


def auth_sys(
    machine: bytes | str = "host", uid: int = 0, gid: int = 0, gids: Sequence[int] = (), stamp: int = 1
) -> bytes:
    return auth(1, words(stamp) + opaque(machine) + words(uid, gid, len(gids), *gids))


def inverted(password: str) -> bytes:
    return bytes(byte ^ 0xFF for byte in password.encode())


def call(
    xid: int,
    program: int,
    version: int,
    procedure: int,
    arguments: bytes = b"",
    *,
    credential: bytes = NULL_AUTH,
    verifier: bytes = NULL_AUTH,
    rpc_version: int = 2,
) -> bytes:
    return words(xid, 0, rpc_version, program, version, procedure) + credential + verifier + arguments


def accepted(xid: int, result: bytes = b"", status: int = 0, *, verifier: bytes = NULL_AUTH) -> bytes:
    return words(xid, 1, 0) + verifier + words(status) + result


def denied(xid: int, status: int, *rest: int) -> bytes:
    return words(xid, 1, 1, status, *rest)


def record(message: bytes, *sizes: int) -> bytes:
    """The message with record marks; `sizes` are those of all fragments but the last."""
    out, at = b"", 0
    for size in sizes:
        out += words(size) + message[at : at + size]
        at += size
    return out + words(LAST | (len(message) - at)) + message[at:]


# The few calls and results that most tests speak.
def ni_id(object_: int = 0, instance: int = 0) -> bytes:
    return words(object_, instance)


def ping(xid: int, program: int = NETINFO) -> bytes:
    return call(xid, program, 1 if program == NIBIND else 2, 0)


def read(xid: int, object_: int = 0) -> bytes:
    return call(xid, NETINFO, 2, 7, ni_id(object_))


def read_reply(
    xid: int, object_: int = 0, props: Iterable[tuple[str, Sequence[str]]] = (("name", ("root",)),)
) -> bytes:
    return accepted(xid, words(0) + ni_id(object_, 1) + properties(props))


def root(xid: int) -> bytes:
    return call(xid, NETINFO, 2, 2)


def root_reply(xid: int, instance: int = 9) -> bytes:
    return accepted(xid, words(0) + ni_id(0, instance))


def statistics(xid: int) -> bytes:
    return call(xid, NETINFO, 2, 1)


def getport(xid: int, program: int = NIBIND, version: int = 1, protocol: int = 17) -> bytes:
    return call(xid, PORTMAP, 2, 3, words(program, version, protocol, 0))


def getregister(xid: int, tag: str = "network") -> bytes:
    return call(xid, NIBIND, 1, 3, opaque(tag))


def listreg(xid: int) -> bytes:
    return call(xid, NIBIND, 1, 4)
