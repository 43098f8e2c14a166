"""What packets come to: records, and what else is found on the way.

A record becomes a message (message.py); that and all else here, `message.Event`, is what capture/ gives.
Between the parts of TCP an event is passed along as `Placed`.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from netinfo_scapy.capture.flows import Endpoint, Flow, Lane
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.pieces import COST
from netinfo_scapy.protocol import words
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.dhcp import DhcpBinding

NOTHING: frozenset[Anomaly] = frozenset()
"""No anomalies."""

LAST_FRAGMENT = 0x80000000
"""The bit of a record mark that says so (RFC 5531, 11)."""

HEAD_BYTES = 64
"""How much is shown of what is no RPC."""

Marks: TypeAlias = tuple[tuple[int, int], ...]
"""Record marks: each one's position in its stream (modulo 2^32 its sequence number), and the mark."""


class Record:
    """The bytes of one RPC message: a UDP datagram, or the fragments of a TCP record.

    lane, flow: between which endpoints.
    at: the highest-numbered frame among those that first delivered a byte of it, marks included.
    fragments: record fragments seen; 1 on UDP.
    data: the message without record marks; up to the first hole where the record is incomplete.
    anomalies: of the reassembly; `Stream` may add `overlap-conflict` until the peer has
        acknowledged the record.
    settled: nothing can be added any more.
    marks: the record marks and where in the stream they stand, the first 16,384; empty on UDP.
    """

    __slots__ = ("_start", "anomalies", "at", "data", "fragments", "lane", "many_marks", "settled")

    def __init__(
        self, lane: Lane, at: FrameRef, fragments: int, data: bytes, anomalies: frozenset[Anomaly], settled: bool
    ) -> None:
        self.lane = lane
        self.at = at
        self.fragments = fragments
        self.data = data
        self.anomalies = anomalies
        self.settled = settled
        self._start = -1
        self.many_marks: Marks = ()

    @property
    def marks(self) -> Marks:
        """The record marks."""
        return self.many_marks if self._start < 0 else ((self._start, LAST_FRAGMENT | len(self.data)),)

    @property
    def flow(self) -> Flow:
        """Between which endpoints."""
        return self.lane.flow

    @property
    def incomplete(self) -> bool:
        """Whether bytes of it are missing from the capture."""
        return bool(self.anomalies) and Anomaly.INCOMPLETE_RECORD in self.anomalies


class Gap(NamedTuple):
    """Bytes of a flow that the capture does not have.

    incomplete_records: records known to be touched of which fewer than 8 bytes are there;
    those of which more is there come as incomplete messages.
    server: the side that the connection was made to; None on UDP, and where no SYN was seen.
    marks: of the record that is touched, as in `Record`.
    """

    flow: Flow
    at: FrameRef
    missed_bytes: int
    incomplete_records: int
    server: Endpoint | None = None
    marks: Marks = ()


class NotRpc(NamedTuple):
    """What travels on an endpoint of interest and is no RPC.

    head: its first bytes, at most `HEAD_BYTES`. server, marks: as in `Gap`.
    """

    flow: Flow
    at: FrameRef
    head: bytes
    server: Endpoint | None = None
    marks: Marks = ()


class Placed:
    """What a stream brought forth, and where.

    start, end: the stream's position where it begins, of a record that is not settled, and that behind it.
    acknowledges: the acknowledgment number of the segment that completed it, -1 without one.
    """

    __slots__ = ("acknowledges", "end", "event", "record", "start")

    event: Record | Gap | NotRpc
    record: Record | None
    start: int
    end: int
    acknowledges: int

    @property
    def size(self) -> int:
        """Bytes it costs."""
        return COST + (len(self.record.data) if self.record is not None else 0)


def make_placed(event: Record | Gap | NotRpc, record: Record | None, end: int) -> Placed:
    """An event and, where it is one, the record; nothing acknowledged."""
    placed = Placed.__new__(Placed)
    words.untrack(placed)
    placed.event = event
    placed.record = record
    placed.end = end
    placed.acknowledges = -1
    return placed


class Connection(NamedTuple):
    """A TCP connection that has ended, or was let go.

    opened: its SYN was seen; only then the rest is known.
    flow: from the client to the server. refused: a reset answered the SYN.
    server_bytes: payload that the server is known to have sent.
    closed: by FIN or RST, else the capture ended first.
    by_server: the server was the first to close.
    """

    flow: Flow
    at: FrameRef
    opened: bool
    refused: bool
    accepted: bool
    closed: bool
    server_bytes: int
    by_server: bool


StreamEvent: TypeAlias = Record | Gap | NotRpc | Connection
"""What comes of TCP."""


class Offer(NamedTuple):
    """A DHCP or BOOTP reply that names a NetInfo parent. flow: from the server, or a relay."""

    flow: Flow
    at: FrameRef
    binding: DhcpBinding


def make_record(lane: Lane, at: FrameRef, data: bytes, settled: bool) -> Record:
    """A record of one fragment in which nothing is odd; as `Record(...)`, faster where it is compiled."""
    record = Record.__new__(Record)
    words.untrack(record)
    record.lane = lane
    record.at = at
    record.fragments = 1
    record.data = data
    record.anomalies = NOTHING
    record.settled = settled
    record._start = -1
    record.many_marks = ()
    return record


def make_marked(lane: Lane, at: FrameRef, data: bytes, start: int) -> Record:
    """The same of a stream, at a position."""
    record = make_record(lane, at, data, False)
    record._start = start
    return record
