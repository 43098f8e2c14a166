"""Both directions of a connection bring events forth; here is which goes out first.

What a side sends can answer all that it has acknowledged. So a record is handed out only
after the other direction's records that its segment acknowledges: where those wait for a
hole, the answers behind them wait, too, and find their calls.
"""

from __future__ import annotations

from collections import deque

from netinfo_scapy.capture.events import Placed, Record, StreamEvent
from netinfo_scapy.capture.flows import Lane
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.streams import FARTHEST, Stream

_FARTHEST = FARTHEST


class Turns:
    """Hands out the events of two streams. A side is 0, that of the first stream, or 1.

    size: what the events cost that are held back, in bytes.
    to_server: the direction towards the side that the connection was made to; None where no SYN was seen.
    """

    __slots__ = ("_ahead", "_behind", "_queue_ahead", "_queue_behind", "size", "to_server")

    def __init__(self, ahead: Stream, behind: Stream) -> None:
        self._ahead, self._behind = ahead, behind
        # One queue a side, made with the first event that is held back.
        self._queue_ahead: deque[Placed] | None = None
        self._queue_behind: deque[Placed] | None = None
        self.size = 0
        self.to_server: Lane | None = None

    def give(self, side: int, events: list[Placed], out: list[StreamEvent]) -> None:
        """Hand a stream's new events out, at once where nothing waits and nothing holds them back."""
        waits = self.size > 0
        if not waits:
            for placed in events:
                acknowledges = placed.acknowledges
                if not (acknowledges < 0 or self._has_read(side, acknowledges)):
                    waits = True
                    break
        if not waits:
            for placed in events:
                self._hand_out(placed, out)
            return
        self.keep(side, events)
        self.release(out)

    def keep(self, side: int, events: list[Placed]) -> None:
        """Put a stream's events in its queue."""
        if self._queue_ahead is None or self._queue_behind is None:
            self._queue_ahead, self._queue_behind = deque(), deque()
        queue = self._queue_behind if side else self._queue_ahead
        for placed in events:
            queue.append(placed)
            self.size += placed.size

    def release(self, out: list[StreamEvent], whatever: bool = False) -> None:
        """Hand out what answers nothing that is still to come; in the end, whatever is left."""
        if self._queue_ahead is None or self._queue_behind is None:
            return
        queues = (self._queue_ahead, self._queue_behind)
        while queues[0] or queues[1]:
            ready = [side for side in (0, 1) if queues[side] and self._may_go(side)]
            if not ready:
                if not whatever and not (self._is_blocked(0) and self._is_blocked(1)):
                    return
                # The end; or each waits for the other, as where a call was sent again after its answer.
                ready = [side for side in (0, 1) if queues[side]]
                if len(ready) == 2 and _rank(queues[1][0]) < _rank(queues[0][0]):
                    ready = [1]
            placed = queues[ready[0]].popleft()
            self.size -= placed.size
            self._hand_out(placed, out)

    def _hand_out(self, placed: Placed, out: list[StreamEvent]) -> None:
        if placed.record is not None:
            out.append(placed.record)
        elif not isinstance(placed.event, Record):
            server = None if self.to_server is None else self.to_server.target
            out.append(placed.event._replace(server=server))

    def _may_go(self, side: int) -> bool:
        """Whether all that the first event of a queue can answer has been handed out."""
        mine, waiting = self._queue_ahead, self._queue_behind
        if side:
            mine, waiting = waiting, mine
        if mine is None:
            return True
        peer = self._ahead if side else self._behind
        acknowledges = mine[0].acknowledges
        if acknowledges < 0 or peer.next < 0:
            return True
        if waiting and waiting[0].end <= peer.unwrap(acknowledges):
            return False
        return self._has_read(side, acknowledges)

    def _is_read_up_to(self, side: int) -> bool:
        """Whether the other direction is read as far as the first event of a queue acknowledges."""
        queue = self._queue_behind if side else self._queue_ahead
        return queue is None or queue[0].acknowledges < 0 or self._has_read(side, queue[0].acknowledges)

    def _is_blocked(self, side: int) -> bool:
        """Whether a queue's first event waits only for what the other side has yet to hand out."""
        queue = self._queue_behind if side else self._queue_ahead
        return bool(queue) and self._is_read_up_to(side)

    def _has_read(self, side: int, acknowledges: int) -> bool:
        """Whether the other direction is read as far as a number that this side acknowledged."""
        peer = self._ahead if side else self._behind
        if peer.next < 0 or peer.finished:
            return True
        distance = peer.unwrap(acknowledges) - peer.next
        return distance <= 0 or distance > _FARTHEST


def _rank(placed: Placed) -> tuple[bool, FrameRef]:
    """Which of two comes first that wait for each other: a call, then what came earlier."""
    is_call = placed.record is not None and placed.record.data[7:8] == b"\0"
    return not is_call, placed.event.at
