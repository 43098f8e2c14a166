"""What an accepted answer teaches: of portmap, rpcbind or nibind, which program is served where, and under which tag.

A server of NetInfo names its own tag in STATISTICS.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any, TypeAlias

from netinfo_scapy.capture.flows import Endpoint, Flow, Transport
from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol import words
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.codec import decode
from netinfo_scapy.protocol.netinfo import NETINFO, NI_PROPERTY
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.portmap import PORTMAP
from netinfo_scapy.protocol.programs import KNOWN_NUMBERS

Lesson: TypeAlias = tuple[Transport, Endpoint, int, bytes | None]
"""An endpoint, the program that is served there, and its tag where one was named."""

_Values: TypeAlias = dict[str, Any]
_NI_OK = 0
STATISTICS = 1
"""NetInfo's procedure in whose answer a server names its tag."""
_MOST_STATISTICS = 64
"""Properties of it among which the tag is looked for; it is the third of some 45."""
_UNREADABLE = {Anomaly.TRUNCATED_RESULT, Anomaly.OVER_LIMIT, Anomaly.PROTECTED_BODY}
_UNSPECIFIED = (bytes(4), bytes(16))
_NETIDS = {b"udp": Transport.UDP, b"udp6": Transport.UDP, b"tcp": Transport.TCP, b"tcp6": Transport.TCP}


def lessons_of(reply: Message) -> Iterable[Lesson]:
    """What a reply teaches, whose call is known; nothing where it is not accepted, or another procedure's."""
    call = reply.call
    if call is not None and (call.program, call.version, call.procedure) == _NAMES_ITSELF:
        return _from_statistics(reply)
    teach = None if call is None else _TEACHERS.get((call.program, call.version, call.procedure))
    if call is None or teach is None or not reply.readable or reply.status not in (None, _NI_OK):
        return ()
    arguments, result = call.value(), reply.value()
    if result is None or (arguments is None and call.row is not None and call.row.arguments):
        return ()
    return teach(reply.record.flow, arguments or {}, result)


def _from_statistics(reply: Message) -> Iterable[Lesson]:
    """The answer is read no further than its tag, for it can be long."""
    if not reply.readable or reply.check() & _UNREADABLE:
        return
    data = reply.record.data
    at = reply.begin if reply.plain else reply.header.end
    count, at = words.u32(data, at), at + 4
    for _ in range(min(count, _MOST_STATISTICS)):
        told, at = decode(NI_PROPERTY, data, at)
        if told["name"] == b"tag":
            flow = reply.record.flow
            for tag in told["values"][:1]:
                yield flow.transport, flow.source, NETINFO.number, bytes(tag)
            return


def _mapping(flow: Flow, program: int, protocol: int, port: int) -> Iterable[Lesson]:
    if program in KNOWN_NUMBERS and protocol in (Transport.TCP, Transport.UDP):
        yield Transport(protocol), Endpoint(flow.source.address, port), program, None


def _from_getport(flow: Flow, arguments: _Values, result: _Values) -> Iterable[Lesson]:
    return _mapping(flow, arguments["program"], arguments["protocol"], result["port"])


def _from_dump(flow: Flow, _: _Values, result: _Values) -> Iterable[Lesson]:
    for row in result["mappings"]:
        yield from _mapping(flow, row["program"], row["protocol"], row["port"])


def _universal_address(flow: Flow, program: int, netid: bytes, address: bytes) -> Iterable[Lesson]:
    """RFC 5665, 5.2.3: the host, then the port's two bytes, separated by dots."""
    transport = _NETIDS.get(netid)
    parts = address.decode("ascii", "replace").rsplit(".", 2)
    if program not in KNOWN_NUMBERS or transport is None or len(parts) != 3 or len(address) > 64:
        return
    try:
        host, high, low = ip_address(parts[0]), int(parts[1]), int(parts[2])
    except ValueError:
        return
    if not (0 <= high <= 255 and 0 <= low <= 255):
        return
    packed = flow.source.address if host.packed in _UNSPECIFIED else host.packed
    yield transport, Endpoint(packed, high << 8 | low), program, None


def _from_getaddr(flow: Flow, arguments: _Values, result: _Values) -> Iterable[Lesson]:
    return _universal_address(flow, arguments["program"], arguments["netid"], result["address"])


def _from_rpcbind_dump(flow: Flow, _: _Values, result: _Values) -> Iterable[Lesson]:
    for row in result["mappings"]:
        yield from _universal_address(flow, row["program"], row["netid"], row["address"])


def _registration(flow: Flow, tag: bytes, ports: _Values) -> Iterable[Lesson]:
    for transport, port in ((Transport.UDP, ports["udp_port"]), (Transport.TCP, ports["tcp_port"])):
        yield transport, Endpoint(flow.source.address, port), NETINFO.number, tag


def _from_getregister(flow: Flow, arguments: _Values, result: _Values) -> Iterable[Lesson]:
    return _registration(flow, arguments["tag"], result)


def _from_listreg(flow: Flow, _: _Values, result: _Values) -> Iterable[Lesson]:
    for row in result["registrations"]:
        yield from _registration(flow, row["tag"], row)


_NAMES_ITSELF = NETINFO.number, NETINFO.version, STATISTICS
_TEACHERS = {
    (PORTMAP.number, 2, 3): _from_getport,
    (PORTMAP.number, 2, 4): _from_dump,
    (PORTMAP.number, 3, 3): _from_getaddr,
    (PORTMAP.number, 4, 3): _from_getaddr,
    (PORTMAP.number, 3, 4): _from_rpcbind_dump,
    (PORTMAP.number, 4, 4): _from_rpcbind_dump,
    (NIBIND.number, NIBIND.version, 3): _from_getregister,
    (NIBIND.number, NIBIND.version, 4): _from_listreg,
}
"""(program, version, procedure) -> what its answer teaches."""
