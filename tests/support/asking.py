"""Calls put to the responder's core without a socket, and what it says to them."""

from typing import Any, NamedTuple

from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.live.responder.dialects import DIALECTS
from netinfo_scapy.live.responder.host import Host
from netinfo_scapy.live.responder.nibindd import Ports
from netinfo_scapy.live.responder.service import Caller, Service, answer
from netinfo_scapy.protocol.codec import encode
from netinfo_scapy.protocol.message import ReplyHeader, read_header, read_result
from netinfo_scapy.protocol.netinfo import NETINFO, NI_STATUS
from netinfo_scapy.protocol.table import Procedure
from tests.support import rpc
from tests.support.start import start_objects

SERVER = Endpoint(bytes((127, 0, 0, 1)), 700)
ROOT = Endpoint(bytes((127, 0, 0, 1)), 1023)
"""Root of the server's own host."""
STRANGER = Endpoint(bytes((192, 0, 2, 9)), 40000)
ELSEWHERE = Endpoint(bytes((192, 0, 2, 1)), 700)
"""The server, as a stranger reaches it."""


def host_of(*tags: str, dialect: str = "apple-208", **given: Any) -> Host:
    """A host with domains as the recordings began with, where everybody who may can write."""
    host = Host(**({"name": b"vm", "refusal": None, "dialect": DIALECTS[dialect]} | given))
    for port, tag in zip(range(700, 800, 2), tags or ("network",), strict=False):
        host.add(tag.encode(), start_objects(tag))
        host.nibindd.register(tag.encode(), Ports(port, port + 1))
    return host


class Said(NamedTuple):
    """An answer: the names of its statuses, and the result."""

    accepted: int | None
    denied: int | None
    status: str | None
    value: dict[str, Any]


def row_of(service: Service, name: str) -> Procedure:
    return next(each for each in service.program.procedures if each.name == name)


def ask(
    service: Service,
    name: str,
    arguments: dict[str, Any] | None = None,
    *,
    peer: Endpoint = STRANGER,
    credential: bytes = rpc.NULL_AUTH,
    over: Transport = Transport.TCP,
) -> Said | None:
    """What a server says to a call; None: nothing."""
    row = row_of(service, name)
    body = encode(row.arguments, arguments or {}) if row.arguments else b""
    call = rpc.call(7, service.program.number, service.program.version, row.number, body, credential=credential)
    local = SERVER if peer.address == SERVER.address else ELSEWHERE
    said = answer({service.program.number: service}, call, Caller(peer, local, over))
    return heard(said[-1], row) if said else None


def heard(reply: bytes, row: Procedure) -> Said:
    """A reply, read."""
    header = read_header(reply)
    assert isinstance(header, ReplyHeader)
    if header.accept_status != 0:
        return Said(header.accept_status, header.auth_status, None, {})
    result = read_result(row, None, reply, header.end, set())
    return Said(0, None, None if result.status is None else NI_STATUS.label(result.status), result.value or {})


def password(uid: int, text: str) -> bytes:
    """A credential as NetInfo's clients send it."""
    return rpc.auth_sys(rpc.inverted(text), uid=uid)


def ni(number: int, instance: int = 0) -> dict[str, int]:
    return {"object": number, "instance": instance}


def prop(name: str, *values: str) -> dict[str, Any]:
    return {"name": name.encode(), "values": [each.encode() for each in values]}


END = 0xFFFFFFFF
NETINFO_NUMBER = NETINFO.number
