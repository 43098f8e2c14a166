"""A message as the capture shows it: a record, its header, and for a reply its call."""

from __future__ import annotations

from typing import Any, NamedTuple

from netinfo_scapy.capture.flows import Endpoint, Flow
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.message import (
    CallHeader,
    ReplyHeader,
    Result,
    forwarded_procedure,
    read_body,
)
from netinfo_scapy.protocol.programs import find_procedure
from netinfo_scapy.protocol.table import Procedure


class Record:
    """The bytes of one RPC message: a UDP datagram, or the fragments of a TCP record.

    at: the highest-numbered frame among those that first delivered a byte of it, marks included.
    fragments: record fragments seen; 1 on UDP.
    data: the message without record marks; up to the first hole where the record is incomplete.
    anomalies: of the reassembly; `tcp.Stream` may add `overlap-conflict` until the peer has
        acknowledged the record.
    settled: nothing can be added any more.
    """

    __slots__ = ("anomalies", "at", "data", "flow", "fragments", "settled")

    def __init__(
        self, flow: Flow, at: FrameRef, fragments: int, data: bytes, anomalies: frozenset[Anomaly], settled: bool
    ) -> None:
        self.flow = flow
        self.at = at
        self.fragments = fragments
        self.data = data
        self.anomalies = anomalies
        self.settled = settled

    @property
    def incomplete(self) -> bool:
        """Whether bytes of it are missing from the capture."""
        return Anomaly.INCOMPLETE_RECORD in self.anomalies


class Gap(NamedTuple):
    """Bytes of a flow that the capture does not have.

    incomplete_records: records known to be touched of which fewer than 8 bytes are there;
    those of which more is there come as incomplete messages.
    server: the side that the connection was made to; None on UDP, and where no SYN was seen.
    """

    flow: Flow
    at: FrameRef
    missed_bytes: int
    incomplete_records: int
    server: Endpoint | None = None


class NotRpc(NamedTuple):
    """What travels on an endpoint of interest and is no RPC.

    head: its first bytes, at most 64. server: as in `Gap`.
    """

    flow: Flow
    at: FrameRef
    head: bytes
    server: Endpoint | None = None


class Connection(NamedTuple):
    """A TCP connection that has ended, or was let go.

    opened: its SYN was seen; only then the rest is known.
    flow: from the client to the server. refused: a reset answered the SYN.
    server_bytes: payload that the server is known to have sent.
    closed: by FIN or RST, else the capture ended first.
    """

    flow: Flow
    at: FrameRef
    opened: bool
    refused: bool
    accepted: bool
    closed: bool
    server_bytes: int


class Message:
    """One RPC call or reply. The body is checked and decoded when it is asked for.

    call: a reply's call, where it was seen; None on a call.
    first: on a call that is a UDP retransmission, the first transmission; else None.
    duplicate: the reply's call had been answered before.
    counted: the call is among those that analysis counts; a filter may leave it out.
    """

    __slots__ = ("_found", "_result", "call", "counted", "duplicate", "first", "header", "record")

    def __init__(self, record: Record, header: CallHeader | ReplyHeader) -> None:
        self.record = record
        self.header = header
        self.call: Message | None = None
        self.first: Message | None = None
        self.duplicate = False
        self.counted = False
        self._found: frozenset[Anomaly] | None = None
        self._result: Result | None = None

    @property
    def is_call(self) -> bool:
        """Whether this is a call; else it is a reply."""
        return isinstance(self.header, CallHeader)

    @property
    def xid(self) -> int:
        """The transaction id."""
        return self.header.xid

    @property
    def called(self) -> CallHeader | None:
        """The call's header: this message's own, or that of the call it answers."""
        if isinstance(self.header, CallHeader):
            return self.header
        return self.call.called if self.call else None

    @property
    def row(self) -> Procedure | None:
        """The procedure called, where it is known."""
        header = self.called
        if header is None or header.program is None or header.version is None or header.procedure is None:
            return None
        return find_procedure(header.program, header.version, header.procedure)

    @property
    def server(self) -> Endpoint:
        """The side that calls are sent to."""
        flow = self.record.flow
        return flow.target if self.is_call else flow.source

    @property
    def client(self) -> Endpoint:
        """The side that sends the calls."""
        flow = self.record.flow
        return flow.source if self.is_call else flow.target

    @property
    def asked_server(self) -> Endpoint:
        """The endpoint the call was sent to; differs from `server` on an answer to CALLIT from another port."""
        return self.call.server if self.call else self.server

    @property
    def rtt_ns(self) -> int | None:
        """Nanoseconds from the call's first transmission to this reply."""
        return self.record.at.time_ns - self.call.record.at.time_ns if self.call else None

    @property
    def readable(self) -> bool:
        """Whether there is a body to decode, or a void one."""
        header = self.header
        if self.record.incomplete or not header.whole:
            return False
        return isinstance(header, CallHeader) or header.accept_status == rpc.SUCCESS

    def check(self) -> frozenset[Anomaly]:
        """Walk the message to its end; every anomaly, those of reassembly and pairing included."""
        if self._found is None:
            found: set[Anomaly] = set()
            self._read_body(found, make=False)
            self._found = frozenset(found)
        found = set(self._found | self.record.anomalies | self.header.anomalies)
        if self.record.incomplete:
            found.discard(Anomaly.TRUNCATED_HEADER)
        if not self.is_call and self.call is None:
            found.add(Anomaly.REPLY_WITHOUT_CALL)
        if self.duplicate:
            found.add(Anomaly.DUPLICATE_REPLY)
        return frozenset(found)

    @property
    def status(self) -> int | None:
        """The ni_status of a reply that has one."""
        if self._result is None:
            self.check()
        return self._result.status if self._result else None

    def value(self) -> dict[str, Any] | None:
        """The decoded arguments or result; None where void, status only or undecodable."""
        return self._read_body(set(), make=True).value

    def _read_body(self, found: set[Anomaly], make: bool) -> Result:
        result = Result(None, None)
        if not self.record.incomplete:
            row = self.row
            inner = self._forwarded(row) if row else None
            result = read_body(self.header, self.record.data, row, self.called, inner, found, make)
        if self._result is None:
            self._result = result
        return result

    def _forwarded(self, row: Procedure) -> Procedure | None:
        call = self.call
        if not row.forwards or call is None:
            return None
        return forwarded_procedure(row, call.record.data, call.header.end)


Event = Message | Gap | NotRpc | Connection
