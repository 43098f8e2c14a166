"""TCP segments -> connections: which segments belong together, within limits.

On flows whose SYN has a right checksum a segment with a wrong one is dropped. A closed
connection is remembered for as long as there is room in its bucket (`Lane.asks_bucket`),
so that late copies of its segments are known for what they are.
"""

from __future__ import annotations

from collections import OrderedDict

from netinfo_scapy.capture.connection import TcpConnection
from netinfo_scapy.capture.events import Placed, StreamEvent
from netinfo_scapy.capture.flows import BUCKETS, Lane
from netinfo_scapy.capture.frames import ACK, SYN, Packet
from netinfo_scapy.capture.ip import checksum_ok
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.lines import Line, Place

_ACK, _SYN = ACK, SYN


class Connections:
    """Follows TCP connections, within limits.

    evicted: connections let go before their end, and conflicts that came after their record had to be handed out.
    bad_checksums: segments dropped because their checksum was wrong and their flow's SYN had a right one.
    stray_segments: segments that fit nowhere in their connection.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.evicted = 0
        self.bad_checksums = 0
        self.stray_segments = 0
        self._most, self._most_bytes = limits.connections, limits.buffered_bytes
        self._open: dict[bytes, TcpConnection] = {}
        self._used = Line()
        self._events: list[Placed] = []  # used for each segment anew
        self._closed: list[OrderedDict[bytes, TcpConnection]] = [OrderedDict() for _ in range(BUCKETS)]
        self._most_closed = max(1, limits.connections // BUCKETS)
        self._holding = Line()
        self._held = 0

    def feed(self, packet: Packet, out: list[StreamEvent]) -> None:
        """Take a TCP segment; what it completes is appended."""
        events = self._events
        events.clear()
        connection = self._find(packet.lane)
        side = 0  # that of a connection's first segment
        if connection is not None:
            side = connection.side(packet)
            stream = connection.stream(side)
            if stream.judge_checksums and checksum_ok(packet) is False:
                self.bad_checksums += 1
                return
            if connection.is_new_connection(packet, stream):
                connection.finish(connection.closed, out)
                earlier = connection.leads_to(packet)
                self._count_strays(connection, sum([each in connection.strays for each in earlier]))
                connection = self._begin(packet, connection)
                side = 0
                for each in earlier:
                    connection.feed(each, connection.side(each), events, out)
        if connection is None:
            if not packet.length and not packet.flags & (_SYN | _ACK):
                return
            connection = self._begin(packet, None)
        connection.feed(packet, side, events, out)
        self._keep_account(connection, out)

    def _find(self, lane: Lane) -> TcpConnection | None:
        """The connection of which a lane is a direction, if it is known."""
        connection: TcpConnection | None = lane.connection
        if connection is None or connection.home is not self:
            key = lane.pair()
            connection = self._open.get(key)
            if connection is None:
                connection = self._closed[lane.asks_bucket].get(key)
            if connection is not None:
                lane.connection = connection
                if connection.lane is not lane:
                    connection.other_lane = lane
        return connection

    def follows(self, lane: Lane) -> bool:
        """Whether a segment's connection is followed already."""
        return lane.pair() in self._open

    def _begin(self, packet: Packet, old: TcpConnection | None) -> TcpConnection:
        lane = packet.lane
        key = lane.pair()
        connection = TcpConnection(self, lane, packet.ref, self.limits)
        if old is not None:
            self._closed[lane.asks_bucket].pop(key, None)
            self._hold(old, 0)
            self._forget(old)
        self._open[key] = lane.connection = connection
        self._used.put_last(connection.use)
        return connection

    def _forget(self, connection: TcpConnection) -> None:
        """Nothing leads to a connection any more."""
        self._used.remove(connection.use)
        connection.leave()

    def _hold(self, connection: TcpConnection, size: int) -> None:
        """Note how many bytes a connection holds."""
        self._held += size - connection.held
        connection.held = size
        hold = connection.hold
        if size:
            if hold is None:
                hold = connection.hold = Place(connection)
            self._holding.put_last(hold)
        elif hold is not None:
            self._holding.remove(hold)

    def _keep_account(self, connection: TcpConnection, out: list[StreamEvent]) -> None:
        """Note what the connection holds; let the oldest go where it is too much."""
        if connection.stray_count:
            self._count_strays(connection, 0)
        self.evicted += connection.unnoticed()
        buffered = 0
        if connection.closed:
            self._keep_closed(connection)
        else:
            buffered = connection.buffered()
            self._used.put_last(connection.use)
        if buffered or connection.held:
            self._hold(connection, buffered)
        while self._held > self._most_bytes:
            self._evict(self._holding.first(), out)
        while len(self._open) > self._most:
            self._evict(self._used.first(), out)

    def _keep_closed(self, connection: TcpConnection) -> None:
        """Remember a closed connection, as one of its bucket."""
        lane = connection.lane
        key = lane.pair()
        if self._open.pop(key, None) is not None:
            self._used.remove(connection.use)
        closed = self._closed[lane.asks_bucket]
        closed[key] = connection
        if len(closed) > self._most_closed:
            self._forget(closed.popitem(last=False)[1])

    def _count_strays(self, connection: TcpConnection, found_home: int) -> None:
        self.stray_segments += connection.stray_count - found_home
        connection.stray_count = 0

    def _evict(self, connection: TcpConnection, out: list[StreamEvent]) -> None:
        self.evicted += 1
        del self._open[connection.lane.pair()]
        self._hold(connection, 0)
        self._forget(connection)
        connection.finish(False, out)

    def finish(self, out: list[StreamEvent]) -> None:
        """The input ends; what that completes is appended."""
        for connection in self._used.all():
            connection.finish(False, out)
            connection.leave()
        self._open.clear()
        self._used.clear()
        for closed in self._closed:
            for connection in closed.values():
                connection.leave()
            closed.clear()
        self._holding.clear()
        self._held = 0
