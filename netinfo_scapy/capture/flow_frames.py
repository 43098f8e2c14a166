"""Frames -> the frames of some flows, whole: whatever is around their IP packets, with all fragments.

A fragment alone seldom says whose it is, so it waits for its datagram, and behind it waits
what was chosen already: the order stays. Which fragments are one datagram, and when one is
given up, is decided as in ip.py: by source, target, protocol and identification. A datagram
in a fragmented tunnel may be fragmented itself; then the fates of the two are one.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Collection, Iterable, Iterator
from struct import Struct
from typing import TypeAlias

from netinfo_scapy.capture.flows import Endpoint, Flow, Transport
from netinfo_scapy.capture.fragments import Datagram, Datagrams, Key
from netinfo_scapy.capture.frames import Frame, FrameRef
from netinfo_scapy.capture.links import Unwrapped, unwrap, unwrap_tunnel
from netinfo_scapy.capture.protocols import AUTHENTICATION, FRAGMENT, TCP, UDP, ipv6_extensions

FlowKey: TypeAlias = bytes
"""A flow, both directions: the IP protocol, then both ends, each an address and a port; the lesser end first."""

EndKey: TypeAlias = bytes
"""One end of it: the IP protocol, address, port."""

_MOST_HELD_BYTES = 32 << 20
"""Of frames that wait for fragments, bookkeeping included. Beyond, the oldest goes by what its datagram looks like."""

_FRAME_COST = 512
_MOST_DATAGRAMS, _MOST_FRAGMENT_BYTES = 8192, 64 << 20
_MOST_TUNNELS = 8
_LONGEST, _LONGEST_FRAME = 65535, 1 << 20
_CARRIED = frozenset({TCP, UDP, AUTHENTICATION, 4, 41, 47})
"""IP protocols in which there are TCP, UDP, or a tunnel."""

_ipv4 = Struct(">BxHHHxBxx4s4s").unpack_from
_ipv6 = Struct(">4xHBx16s16s").unpack_from
_fragment = Struct(">BxHI").unpack_from


def end_key(transport: Transport, end: Endpoint) -> EndKey:
    """The key of an endpoint."""
    return bytes((transport,)) + end.address + end.port.to_bytes(2, "big")


def flow_key(flow: Flow) -> FlowKey:
    """The key of a flow, the same for both directions."""
    ends = sorted(end.address + end.port.to_bytes(2, "big") for end in (flow.source, flow.target))
    return bytes((flow.transport,)) + ends[0] + ends[1]


def ends_of(key: FlowKey) -> tuple[EndKey, EndKey]:
    """The keys of a flow's two endpoints."""
    middle = 1 + (len(key) - 1) // 2
    return key[:middle], key[:1] + key[middle:]


def frames_of(frames: Iterable[Frame], flows: Collection[FlowKey]) -> Iterator[Frame]:
    """The frames that belong to the flows, in their order. Never raises. flows: best a set."""
    sieve = _Sieve(flows)
    for frame in frames:
        yield from sieve.feed(frame)
    yield from sieve.finish()


class _Fate:
    """Whether the frames of one datagram are wanted.

    wanted: None while it is not known. likely: what it looks like until then.
    protocol, tunnels: by the fragment at 0, where that came; tunnels: fragmented ones around it.
    inner: the datagram that this one is a part of.
    """

    __slots__ = ("inner", "likely", "protocol", "tunnels", "wanted")

    def __init__(self, likely: bool) -> None:
        self.wanted: bool | None = None
        self.likely = likely
        self.protocol: int | None = None
        self.tunnels = 0
        self.inner: _Fate | None = None

    def last(self) -> _Fate:
        """The fate that decides. On the way the path to it is shortened."""
        fate = self
        while fate.inner is not None:
            if fate.inner.inner is not None:
                fate.inner = fate.inner.inner
            fate = fate.inner
        return fate


_Verdict: TypeAlias = bool | _Fate


class _Sieve:
    def __init__(self, flows: Collection[FlowKey]) -> None:
        self._flows = flows
        self._datagrams = Datagrams(_MOST_DATAGRAMS, _MOST_FRAGMENT_BYTES)
        self._latest: OrderedDict[Key, _Fate] = OrderedDict()  # what became of the datagrams before
        self._held: deque[tuple[Frame, _Fate | None]] = deque()
        self._held_bytes = 0

    def feed(self, frame: Frame) -> Iterator[Frame]:
        """The frames whose turn it is after a further one."""
        verdict = self._judge(frame)
        if verdict is False:
            return
        if verdict is True and not self._held:
            yield frame
            return
        self._held.append((frame, None if verdict is True else verdict))
        self._held_bytes += len(frame.data) + _FRAME_COST
        yield from self._decided()

    def finish(self) -> Iterator[Frame]:
        """The input ends: what its datagrams look like decides."""
        for datagram in self._datagrams.drain():
            self._conclude(datagram)
        yield from self._decided()

    def _decided(self) -> Iterator[Frame]:
        """The wanted frames before the first whose fate is open."""
        held = self._held
        while held:
            frame, fate = held[0]
            last = fate and fate.last()
            wanted = True if last is None else last.wanted
            if wanted is None and self._held_bytes <= _MOST_HELD_BYTES:
                return
            held.popleft()
            self._held_bytes -= len(frame.data) + _FRAME_COST
            if wanted or (wanted is None and last and last.likely):
                yield frame

    def _judge(self, frame: Frame) -> _Verdict:
        ref, link, wire_length, data = frame.ref, frame.link, frame.wire_length, frame.data
        size = len(data)
        return self._ip(ref, data, unwrap(link, data), max(size, min(wire_length, _LONGEST_FRAME)), 0)

    def _ip(self, ref: FrameRef, data: bytes, found: Unwrapped, wire_end: int, tunnels: int) -> _Verdict:
        if found.kind != "ip" or len(data) < found.offset + (20 if found.version == 4 else 40):
            return False
        if found.version == 4:
            return self._by_ipv4(ref, data, found.offset, wire_end, tunnels)
        return self._by_ipv6(ref, data, found.offset, wire_end, tunnels)

    def _by_ipv4(self, ref: FrameRef, data: bytes, offset: int, wire_end: int, tunnels: int) -> _Verdict:
        head, total, identification, place, protocol, source, target = _ipv4(data, offset)
        start, end = offset + (head & 0x0F) * 4, offset + total if total else wire_end
        if not offset + 20 <= start <= end or protocol not in _CARRIED:
            return False
        if not place & 0x3FFF:
            return self._is_wanted(source, target, protocol, data[start:end])
        key = (source, target, protocol, identification)
        at, more = (place & 0x1FFF) * 8, bool(place & 0x2000)
        return self._by_fragment(key, protocol, ref, at, more, data[start:end], end - start, tunnels)

    def _by_ipv6(self, ref: FrameRef, data: bytes, offset: int, wire_end: int, tunnels: int) -> _Verdict:
        length, protocol, source, target = _ipv6(data, offset)
        start = offset + 40
        end = start + length if length else wire_end
        found = ipv6_extensions(protocol, data, start, min(end, len(data)))
        if found.malformed or found.offset > end:
            return False
        start = found.offset
        if found.protocol != FRAGMENT:
            return self._is_wanted(source, target, found.protocol, data[start:end])
        protocol, place, identification = _fragment(data, start)
        start += 8
        key = (source, target, FRAGMENT, identification)
        return self._by_fragment(
            key, protocol, ref, place & 0xFFF8, bool(place & 1), data[start:end], end - start, tunnels
        )

    def _is_wanted(self, source: bytes, target: bytes, protocol: int, segment: bytes) -> bool:
        """Whether a segment, or the beginning of one, is of a wanted flow."""
        while protocol == AUTHENTICATION and len(segment) >= 8:
            protocol, segment = segment[0], segment[(segment[1] + 2) * 4 :]  # RFC 4302, 2.2
        if protocol not in (TCP, UDP) or len(segment) < 4:
            return False
        source, target = source + segment[:2], target + segment[2:4]
        return bytes((protocol,)) + (source + target if source < target else target + source) in self._flows

    # fragments

    def _by_fragment(
        self, key: Key, protocol: int, ref: FrameRef, at: int, more: bool, data: bytes, length: int, tunnels: int
    ) -> _Verdict:
        if at + length > _LONGEST:
            return False
        old = self._datagrams.overdue(key, ref.time_ns)
        if old:
            self._conclude(old)
        datagram = self._datagrams.add(key, ref, at, more, data, length)
        if datagram.head is None:
            before = self._latest.get(key)
            datagram.head = _Fate(likely=bool(before and before.last().wanted))
        fate: _Fate = datagram.head
        if at == 0 and fate.protocol is None:
            fate.protocol, fate.tunnels = protocol, tunnels
            fate.likely = self._is_wanted(key[0], key[1], protocol, data)
        if datagram.is_complete:
            self._datagrams.remove(datagram)
            self._conclude(datagram)
        for evicted in self._datagrams.evict():
            self._conclude(evicted)
        return fate

    def _conclude(self, datagram: Datagram) -> None:
        """Decide on a datagram that is whole, or never will be."""
        fate: _Fate = datagram.head
        verdict = self._look_into(datagram)
        if isinstance(verdict, _Fate):
            fate.inner = verdict
        else:
            fate.wanted = verdict
        self._latest[datagram.key] = fate
        self._latest.move_to_end(datagram.key)
        if len(self._latest) > _MOST_DATAGRAMS:
            self._latest.popitem(last=False)

    def _look_into(self, datagram: Datagram) -> _Verdict:
        fate: _Fate = datagram.head
        source, target, _, _ = datagram.key
        protocol, data, length = fate.protocol, datagram.bytes_from_start(), datagram.length
        if protocol is None or not data:
            return fate.likely
        ref = datagram.ref_of(len(data))
        if len(source) == 16:
            found = ipv6_extensions(protocol, data, 0, len(data))
            if found.malformed or found.protocol == FRAGMENT or found.offset > len(data):
                return False
            protocol, data, length = found.protocol, data[found.offset :], length - found.offset
        if len(data) == length and fate.tunnels < _MOST_TUNNELS:
            inner = unwrap_tunnel(protocol, data)
            if inner is not None:
                return self._ip(ref, data, inner, len(data), fate.tunnels + 1)
        return self._is_wanted(source, target, protocol, data)
