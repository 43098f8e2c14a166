"""How much of a capture is kept in memory at a time. What is let go is counted."""

from __future__ import annotations

from netinfo_scapy.protocol.value import Value


class Limits(Value):
    """Bounds of the decoder's memory; the oldest goes first.

    record_bytes: the longest record that is read; a longer one makes its connection no RPC.
    buffered_bytes: over all connections, bytes that wait for a hole or for their record's end.
    connections: TCP connections followed at once.
    pending_calls, pending_bytes: calls remembered for their replies.
    answered_ns: how long an answered call is remembered, to know duplicate replies and
        retransmissions; answered_calls_in_all, answered_bytes: how many, in equal parts for
        `flows.BUCKETS` parts of the client endpoints.
    learned_endpoints: endpoints found by calls and by the answers of portmap and nibind.
    unsettled_events, unsettled_bytes: messages held back until their bytes are beyond dispute.
    hole_bytes, hole_ns: once the peer acknowledged beyond a hole, it is given up after this
        much of the stream or of capture time.
    sighting_bytes, write_bytes: replies remembered for what they tell of directories, and writes.
    directories: objects of a domain that are counted at the end of a reading.
    settle_ns: a record the peer does not acknowledge is settled after this much capture time.
    """

    record_bytes: int = 16 << 20
    buffered_bytes: int = 48 << 20
    connections: int = 32_768
    pending_calls: int = 65_536
    pending_bytes: int = 64 << 20
    answered_calls_in_all: int = 16_384
    answered_bytes: int = 32 << 20
    answered_ns: int = 60 * 10**9
    learned_endpoints: int = 65_536
    sighting_bytes: int = 18 << 20
    write_bytes: int = 6 << 20
    directories: int = 50_000
    unsettled_events: int = 4_096
    unsettled_bytes: int = 8 << 20
    hole_bytes: int = 256 * 1024
    hole_ns: int = 60 * 10**9
    settle_ns: int = 10**9
