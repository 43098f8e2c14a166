"""tshark's packets, as pyshark has them of PDML -> the RPC messages in them.

PDML alone tells several messages in a frame apart, and it has the raw bytes of every field.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from netinfo_scapy.capture.flows import Endpoint, Flow, Transport
from netinfo_scapy.protocol import rpc
from netinfo_scapy.witness.compare import Credential, Seen

_QUOTING = ("icmp", "icmpv6")
_ADDRESSES = ("ip", "ipv6")
_TRANSPORTS = {"udp": Transport.UDP, "tcp": Transport.TCP}
_UDP_HEADER = 8
_RECORD_MARK = 4


class _Piece(NamedTuple):
    """A segment's part of what tshark put together from several: [start, end) in it, and the segment's frame."""

    start: int
    end: int
    frame: int


class _Place:
    """Where a message stands: the nearest addresses and ports in the layers before it.

    number: the frame in which tshark shows it. flow: None before UDP or TCP, and inside a quoted
    packet, whose layers are part of ICMP's. datagram: bytes of the UDP datagram. note: as in `Seen`.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.addresses: tuple[bytes, bytes] | None = None
        self.flow: Flow | None = None
        self.datagram: int | None = None
        self.note = ""
        self._pieces: list[_Piece] = []
        self._reached = 0  # in what the pieces make up
        self._fragments: list[int] = []  # frames of those of a record that is not complete yet

    def enter(self, layer: Any) -> None:
        """A layer that is not RPC."""
        name = layer.layer_name
        if name in _QUOTING:
            self.note = "quoted in an ICMP error"
        elif name in _ADDRESSES:
            source, target = _bytes(layer, f"{name}.src"), _bytes(layer, f"{name}.dst")
            self.addresses = None if source is None or target is None else (source, target)
        elif name in _TRANSPORTS:
            self._enter_transport(layer, name)
        else:
            self._enter_pieces(_fields(layer, "tcp.segment"))

    def _enter_transport(self, layer: Any, name: str) -> None:
        source, target = _number(layer, f"{name}.srcport"), _number(layer, f"{name}.dstport")
        if self.addresses is None or source is None or target is None:
            return
        ends = (Endpoint(self.addresses[0], source), Endpoint(self.addresses[1], target))
        self.flow = Flow(_TRANSPORTS[name], *ends)
        length = _number(layer, "udp.length") if name == "udp" else None
        self.datagram = None if length is None else length - _UDP_HEADER
        self._pieces = []

    def _enter_pieces(self, segments: list[Any]) -> None:
        if segments:
            spans = ((int(each.pos), int(each.size), int(each.show)) for each in segments)
            self._pieces = [_Piece(start, start + size, frame) for start, size, frame in spans]
            self._reached = 0

    def frame_of(self, layer: Any) -> int:
        """The frame that brought the last of a message.

        Where segments come out of order, tshark shows a message in the frame that filled the hole before it.
        """
        fragment, length = _fields(layer, "rpc.fraglen"), _number(layer, "rpc.fraglen")
        if not fragment or length is None or int(fragment[0].pos) != self._reached:
            # Not in what was put together, but in the frame itself.
            self._pieces = []
        frame = self.number
        if self._pieces and length is not None:
            start, self._reached = self._reached, self._reached + _RECORD_MARK + length
            frame = max(each.frame for each in self._pieces if each.start < self._reached and each.end > start)
        self._fragments.append(frame)
        if not _fields(layer, "rpc.xid"):
            return frame
        # Of a record in fragments this is the last. Of the others it tells where they were shown.
        elsewhere = {_value(each) for each in _fields(layer, "rpc.fragment")} - {self.number, None}
        frame = max(self._fragments + [number for number in elsewhere if number is not None])
        self._fragments = []
        return frame


_NOWHERE = Flow(Transport.UDP, Endpoint(bytes(4), 0), Endpoint(bytes(4), 0))


def messages_of(packet: Any) -> Iterator[Seen]:
    """The messages of a packet: each is a layer of its own that has an xid; others are parts of records."""
    place = _Place(int(packet.number))
    for layer in packet.layers:
        if layer.layer_name != "rpc":
            place.enter(layer)
            continue
        xid, kind = _number(layer, "rpc.xid"), _number(layer, "rpc.msgtyp")
        frame = place.frame_of(layer)
        if xid is not None and kind in (rpc.CALL, rpc.REPLY):
            yield _message(frame, place, layer, xid, kind == rpc.CALL)


def _message(frame: int, place: _Place, layer: Any, xid: int, is_call: bool) -> Seen:
    flow, note = place.flow, place.note
    if flow is None:
        flow, note = _NOWHERE, note or "over neither UDP nor TCP"
    # A reply without its call gets a made-up one, all zeros.
    known = is_call or bool(_fields(layer, "rpc.repframe"))
    names = ("rpc.program", "rpc.programversion", "rpc.procedure")
    program, version, procedure = (_number(layer, name) if known else None for name in names)
    kind: Literal["call", "reply"] = "call" if is_call else "reply"
    credential = _credential(layer) if is_call else None
    length = place.datagram if flow.transport is Transport.UDP else _record_length(layer)
    return Seen(frame, flow, xid, kind, program, version, procedure, credential, length, note)


def _record_length(layer: Any) -> int | None:
    """Bytes of a record: what its fragments hold together, or its only one."""
    together = _number(layer, "rpc.reassembled.length")
    return _number(layer, "rpc.fraglen") if together is None else together


def _credential(layer: Any) -> Credential | None:
    """The credential of a call: the first flavor, and the fields in the body that follows it."""
    flavors, length = _fields(layer, "rpc.auth.flavor"), _number(layer, "rpc.auth.length")
    flavor = _value(flavors[0]) if flavors else None
    if flavor is None or flavor != rpc.AUTH_SYS or length is None:
        return None if flavor is None else Credential(flavor)
    # The verifier behind it may hold fields of the same names.
    start = int(flavors[0].pos) + 8
    body = range(start, start + length)

    def within(name: str) -> list[Any]:
        return [each for each in _fields(layer, f"rpc.auth.{name}") if int(each.pos) in body]

    stamp, uid = ([_value(each) for each in within(name)] or [None] for name in ("stamp", "uid"))
    names = [bytes.fromhex(each.raw_value or "") for each in within("machinename")]
    gid, *gids = [_value(each) for each in within("gid")] or [None]
    further = None if gid is None else tuple(each for each in gids if each is not None)
    return Credential(flavor, stamp[0], names[0] if names else None, uid[0], gid, further)


def _fields(layer: Any, name: str) -> list[Any]:
    found = layer.get_field(name)
    return [] if found is None else list(found.all_fields)


def _value(field: Any) -> int | None:
    """A number as PDML shows it, decimal or with 0x."""
    try:
        return int(field.show, 0)
    except (TypeError, ValueError):
        return None


def _number(layer: Any, name: str) -> int | None:
    """The first field of a name, as a number."""
    fields = _fields(layer, name)
    return _value(fields[0]) if fields else None


def _bytes(layer: Any, name: str) -> bytes | None:
    """The first field of a name, as its bytes."""
    fields = _fields(layer, name)
    return bytes.fromhex(fields[0].raw_value or "") if fields else None
