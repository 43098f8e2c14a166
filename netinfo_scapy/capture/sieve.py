"""Which frames the decoder has to see: keep or drop, by a walk over the headers.

A frame is dropped only if it is of the common kind (Ethernet, IPv4 without options, whole;
in it TCP or UDP that is no tunnel) and nothing in it can concern the decoder:

* neither port is of interest anywhere (`Interest.ports`);
* its payload does not begin with a call of a known program, which would teach an endpoint;
* it does not look like a UDP reply, where somebody may have asked the port mapper to
  forward a call (`replies`).

So the sieve keeps more than is wanted, never less: a property test holds it against the
decoder. One frame in each second of capture time is kept, too, for what waits for time to pass.
"""

from __future__ import annotations

from netinfo_scapy.capture.flows import ALL_BUCKETS, BUCKETS, Buckets
from netinfo_scapy.capture.frames import Frame, make_frame, make_ref
from netinfo_scapy.capture.ip import Reassembler, Taken
from netinfo_scapy.capture.links import VXLAN_PORT
from netinfo_scapy.protocol import rpc, words
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.portmap import PORTMAP
from netinfo_scapy.protocol.programs import KNOWN_NUMBERS

_ETHERNET, _IPV4, _TCP, _UDP = 1, 0x0800, 6, 17
_CALL, _REPLY, _RPC_VERSION = rpc.CALL, rpc.REPLY, rpc.RPC_VERSION
_NETINFO, _PORTMAP = NETINFO.number, PORTMAP.number
_VXLAN_PORT = VXLAN_PORT
_TICK_NS = 10**9
_BUCKETS = BUCKETS
_FIRST_FORWARDING = 5
"""Least procedure number of portmap and rpcbind that forwards a call."""


class Sieve:
    """One reading's decisions.

    ports: `Interest.ports`; what is learned later counts from then on.
    buckets: of the conversations, those of one decoder (`decode.bucket_of`); the others are dropped.
    replies: keep what looks like a UDP reply. Set by a call that may be forwarded, and by what the walk
        does not understand, which may hold such a call.
    hurry: a batch ends with the first frame kept, so that what it teaches counts for the next.
    packets: makes packets of the plain frames that are kept, where the reader of the file can; else they
        come as frames, as all others do.
    cut_frames: of the dropped frames, those that the snap length cut short. kept: frames kept.
    """

    __slots__ = ("_beyond", "_first", "_next_ns", "cut_frames", "hurry", "kept", "packets", "ports", "replies")

    def __init__(
        self,
        ports: bytearray,
        buckets: Buckets = ALL_BUCKETS,
        replies: bool = False,
        hurry: bool = False,
        packets: Reassembler | None = None,
    ) -> None:
        self.packets = packets
        self.ports = ports
        self._first, self._beyond = buckets
        self.replies = replies
        self.hurry = hurry
        self.cut_frames = 0
        self.kept = 0
        self._next_ns = 0

    def keeps(self, data: bytes, start: int, stop: int, link: int, time_ns: int) -> bool:
        """Whether the decoder has to see the frame that lies in `data` from `start` to `stop`."""
        ticks = time_ns >= self._next_ns or time_ns < self._next_ns - _TICK_NS
        concerns = self._concerns(data, start, stop) if link == _ETHERNET else self._odd()
        if not (concerns or ticks):
            return False
        self._next_ns = time_ns + _TICK_NS
        self.kept += 1
        return True

    def take(
        self, data: bytes, start: int, stop: int, link: int, wire_length: int, capture: int, number: int, time_ns: int
    ) -> Taken | None:
        """What the decoder gets of the frame that lies in `data` from `start` to `stop`; None where it is dropped.

        time_ns: one of this century, as for `make_ref`.
        """
        if not self.keeps(data, start, stop, link, time_ns):
            self.cut_frames += wire_length > stop - start
            return None
        ref = make_ref(capture, number, time_ns)
        if self.packets is not None and link == _ETHERNET and wire_length <= stop - start:
            taken: Taken | None = self.packets.taken(data, start, stop, ref)
            if taken is not None:
                return taken
        return make_frame(ref, link, wire_length, words.cut(data, start, stop))

    def takes(self, frame: Frame) -> bool:
        """Whether the decoder has to see a frame; one that is dropped is counted where it is cut short."""
        data = frame.data
        if self.keeps(data, 0, len(data), frame.link, frame.ref.ns):
            return True
        self.cut_frames += frame.is_cut
        return False

    def _concerns(self, data: bytes, start: int, stop: int) -> bool:
        if stop - start < 54:
            return self._odd()
        if words.u16(data, start + 12) != _IPV4 or data[start + 14] != 0x45:
            return self._odd()
        if words.u16(data, start + 20) & 0x3FFF:
            return self._odd()
        protocol = data[start + 23]
        end = start + 14 + words.u16(data, start + 16)
        source, target = words.two_u16(data, start + 34)
        if protocol == _UDP:
            payload = start + 42
            if end < payload or end > stop or target == _VXLAN_PORT or start + 34 + words.u16(data, start + 38) != end:
                return self._odd()
            return self._datagram(data, start, payload, end, self.ports[source] or self.ports[target])
        if protocol != _TCP:
            return True
        payload = start + 34 + (data[start + 46] >> 4) * 4
        if payload < start + 54 or payload > end or end > stop:
            return self._odd()
        if not (self.ports[source] or self.ports[target] or _is_call(data, payload + 4, end)):
            return False
        if self._beyond - self._first == _BUCKETS:
            return True
        both = words.mix(data, start + 26, start + 30, source) + words.mix(data, start + 30, start + 34, target)
        return self._first <= both % _BUCKETS < self._beyond

    def _odd(self) -> bool:
        """What is not of the common kind is kept, and may forward a call."""
        self.replies = True
        return True

    def _datagram(self, data: bytes, start: int, payload: int, end: int, wanted: int) -> bool:
        is_reply = end - payload >= 8 and words.u32(data, payload + 4) == _REPLY
        if _is_call(data, payload, end):
            wanted = 1
            if words.u32(data, payload + 12) == _PORTMAP and words.u32(data, payload + 20) >= _FIRST_FORWARDING:
                self.replies = True
        if not (wanted or (is_reply and self.replies)):
            return False
        if self._beyond - self._first == _BUCKETS:
            return True
        address, port = (start + 30, start + 36) if is_reply else (start + 26, start + 34)
        bucket = words.mix(data, address, address + 4, words.u16(data, port)) % _BUCKETS
        return self._first <= bucket < self._beyond


def _is_call(data: bytes, at: int, end: int) -> bool:
    """Whether a call of a known program begins at an offset."""
    if end - at < 40 or words.u32(data, at + 4) != _CALL or words.u32(data, at + 8) != _RPC_VERSION:
        return False
    program = words.u32(data, at + 12)
    return program == _NETINFO or program in KNOWN_NUMBERS
