"""TCP stream -> records: record marking (RFC 5531, section 11).

Theory of operation. A `RecordReader` is fed the bytes of one direction of a connection,
in stream order, and told of each gap. It is in one of these states:

    MARK     a record mark comes next; the four bytes collected so far are kept
    BODY     inside a fragment: `left` bytes of it remain
    HUNT     position unknown (start in the middle, or a gap swallowed a mark): look for
             a record (hunting.py); where a gap cuts its header off, its fragment must end
             exactly where the gap does
    DEAD     the marks made no sense: whatever this is, it is not RPC

A gap inside a fragment whose end is known costs that record only: the reader skips to
the fragment's end and goes on at the next mark. Any other gap leads to HUNT.

A position known from the connection's start is certain: a mark that makes no sense there
means DEAD. One found by hunting is not: when what follows makes no sense, the record in
progress was none, and the hunt goes on one byte behind where it was found. For that its
bytes are kept, as long as they are few.
"""

from __future__ import annotations

from netinfo_scapy.capture.events import (
    HEAD_BYTES,
    LAST_FRAGMENT,
    NOTHING,
    Gap,
    NotRpc,
    Placed,
    Record,
    make_marked,
    make_placed,
    make_record,
)
from netinfo_scapy.capture.flows import Lane
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.hunting import LEAST_OF_CUT, LONGEST_FOUND, find_cut_record, find_record
from netinfo_scapy.capture.pieces import Chunk, make_chunk, without_first
from netinfo_scapy.protocol import rpc, words
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.message import SMALLEST_MESSAGE, is_message

_LENGTH = 0x7FFFFFFF
_LAST, _REPLY, _SMALLEST = LAST_FRAGMENT, rpc.REPLY, SMALLEST_MESSAGE
_HEAD_BYTES = HEAD_BYTES
_MARK_COST, _MOST_MARKS = 120, 1 << 14
"""Bytes that are kept for a record mark, and how many are kept of one record at the most."""

_MOST_PARTS = 16
"""Pieces of a body that wait to be joined."""

_MOST_KEPT = 1 << 14
"""Pieces of a record found by hunting that are kept in case it is none."""

_MOST_REREAD = 8
"""How often the bytes of a stream are hunted through again, on the average."""


MARK, BODY, HUNT, DEAD = 0, 1, 2, 3
"""Where in the record structure the reader stands; see the top of this file."""


class RecordReader:
    """Reads the records of one direction of a connection.

    lane: the direction. longest: bytes of the longest record that makes sense.
    anchored: the first byte fed is the connection's first; else the reader hunts.
    position: the stream's position of the first byte fed; then of the byte that is read next.
    buffered: bytes held of a record, or of the stream hunted through, that is not whole yet.

    What it finds it appends to the list that it is given, as `Placed`.
    """

    def __init__(self, lane: Lane, longest: int, anchored: bool, position: int = 0) -> None:
        self.lane = lane
        self.longest = longest
        self.position = position
        self.buffered = 0
        self._state = MARK if anchored else HUNT
        self._certain = anchored
        self._mark = b""
        self._left = 0
        self._last = False
        self._body = bytearray()  # the beginning of a body in many pieces
        self._parts: list[bytes] = []  # what follows
        self._size = 0  # bytes of the body so far
        self._whole = True  # no hole in the record so far
        self._fragments = 0  # marks before the first hole
        self._begun = False  # a mark of the record was seen
        self._marks: list[tuple[int, int]] = []  # of the record
        self._ref: FrameRef | None = None  # highest frame of the record so far
        self._conflict = False
        self._todo: list[Chunk] = []  # a stack: what is read next stands last
        self._hunted: list[Chunk] = []  # not yet judged
        self._kept: list[Chunk] = []  # of an uncertain record in progress, to hunt through again
        self._kept_bytes = 0
        self._hunted_bytes = 0
        self._fed = self._reread_bytes = 0
        self._reread: list[Chunk] = []
        self._lost_start = False  # hunting behind a gap whose lost record is counted already
        self._after_gap = False
        self._seen = FrameRef(0, 0, 0)  # latest frame fed, for gaps

    def dispute(self) -> None:
        """Bytes already fed to the record in progress overlapped with others."""
        if self._begun or self._mark:
            self._conflict = True

    def feed(self, data: bytes, ref: FrameRef, conflict: bool, out: list[Placed]) -> None:
        """Take the stream's next bytes, which a frame first delivered."""
        if ref.is_later(self._seen):
            self._seen = ref
        if self._state == MARK and self._certain and not conflict and not self._begun and not self._mark:
            at = self._feed_whole(data, ref, out)
            if at == len(data):
                return
            if at:
                data = data[at:]
        self._fed += len(data)
        todo = self._todo
        chunk: Chunk | None = make_chunk(data, ref, conflict)
        while chunk is not None:
            if self._state == DEAD:
                todo.clear()
            elif self._state == HUNT:
                self._hunt(chunk, out)
            else:
                self._read(chunk, out)
            chunk = todo.pop() if todo else None
        self.buffered = self._size + self._hunted_bytes + self._kept_bytes + _MARK_COST * len(self._marks)

    def _feed_whole(self, data: bytes, ref: FrameRef, out: list[Placed]) -> int:
        """Read records of one fragment that lie whole in the bytes; how far that goes."""
        at, size = 0, len(data)
        while size - at >= 12:
            mark = words.u32(data, at)
            end = at + 4 + (mark & _LENGTH)
            if mark < _LAST or end > size or end - at < 12 or words.u32(data, at + 8) > _REPLY:
                break
            if end - at - 4 > self.longest:
                break
            record = make_marked(self.lane, ref, words.cut(data, at + 4, end), self.position)
            self.position += end - at
            out.append(make_placed(record, record, self.position))
            at = end
        return at

    def _again(self, chunks: list[Chunk]) -> None:
        """Put chunks before what is to be read next."""
        self._todo.extend([chunk for chunk in reversed(chunks) if chunk.data])

    def _out(self, out: list[Placed], event: Record | Gap | NotRpc) -> None:
        record = event if isinstance(event, Record) else None
        out.append(make_placed(event, record, self.position))

    # reading

    def _read(self, chunk: Chunk, out: list[Placed]) -> None:
        data, at, size = chunk.data, 0, len(chunk.data)
        while at < size and self._state <= BODY:
            if self._ref is None or chunk.ref.is_later(self._ref):
                self._ref = chunk.ref
            if chunk.conflict:
                self._conflict = True
            start = at
            wanted = 4 - len(self._mark) if self._state == MARK else self._left
            at = start + wanted if wanted < size - start else size
            self.position += at - start
            if not self._certain:
                self._keep(make_chunk(words.cut(data, start, at), chunk.ref, chunk.conflict))
            if self._state == MARK:
                if at - start == 4:
                    self._begin_fragment(words.u32(data, start), data, at, out)
                else:
                    self._mark += words.cut(data, start, at)
                    if len(self._mark) == 4:
                        self._begin_fragment(words.u32(self._mark, 0), data, at, out)
            else:
                self._left -= at - start
                if self._whole:
                    self._add(words.cut(data, start, at))
                    if not self._certain and not self._makes_sense():
                        self._lose_sense(self._head(), out)
                if self._state == BODY and not self._left:
                    self._end_fragment(out)
        # What follows is read in the new state, behind what has to be read again.
        if at < size or self._reread:
            self._again([*self._reread, make_chunk(data[at:], chunk.ref, chunk.conflict)])
            self._reread = []

    def _add(self, part: bytes) -> None:
        """The body goes on."""
        self._parts.append(part)
        self._size += len(part)
        # A piece by itself takes more than the byte that it may have.
        if len(self._parts) > _MOST_PARTS:
            self._body += b"".join(self._parts)
            self._parts.clear()

    def _head(self) -> bytes:
        """The record's first bytes, as far as they are there."""
        head = bytes(self._body[:_HEAD_BYTES])
        for part in self._parts:
            if len(head) >= _HEAD_BYTES:
                break
            head += part[:_HEAD_BYTES]
        return head[:_HEAD_BYTES]

    def _keep(self, chunk: Chunk) -> None:
        """Remember a piece of an uncertain record, unless it has grown too long to be one found by hunting."""
        if self._kept or not self._begun:
            self._kept.append(chunk)
            self._kept_bytes += len(chunk.data)
            if self._size > LONGEST_FOUND or len(self._kept) > _MOST_KEPT:
                self._forget_kept()

    def _forget_kept(self) -> None:
        self._kept = []
        self._kept_bytes = 0

    def _begin_fragment(self, mark: int, data: bytes, at: int, out: list[Placed]) -> None:
        """A mark was read. data, at: where in the bytes fed it ends."""
        length = mark & _LENGTH
        if length > self.longest - self._size:
            self._lose_sense(self._head() + mark.to_bytes(4, "big") + data[at : at + _HEAD_BYTES], out)
            return
        self._mark = b""
        self._begun = True
        if len(self._marks) < _MOST_MARKS:
            self._marks.append((self.position - 4, mark))
        self._fragments += self._whole
        self._left, self._last = length, mark >= _LAST
        self._state = BODY
        if not length:
            self._end_fragment(out)

    def _end_fragment(self, out: list[Placed]) -> None:
        self._state = MARK
        if self._last:
            self._end_record(out)

    def _end_record(self, out: list[Placed]) -> None:
        """Hand out the record, whole or not, and be ready for the next."""
        body, ref = b"".join([self._body, *self._parts] if self._body else self._parts), self._ref or self._seen
        anomalies = frozenset({Anomaly.OVERLAP_CONFLICT}) if self._conflict else NOTHING
        whole, fragments, marks = self._whole, self._fragments, tuple(self._marks)
        self._forget_record()
        sound = len(body) >= _SMALLEST and words.u32(body, 4) <= _REPLY
        if whole and not sound:
            self._out(out, NotRpc(self.lane.flow, ref, body[:_HEAD_BYTES], marks=marks))
        elif sound:
            if not whole:
                anomalies |= {Anomaly.INCOMPLETE_RECORD}
            record = make_record(self.lane, ref, body, False)
            record.fragments, record.anomalies, record.many_marks = fragments, anomalies, marks
            self._out(out, record)
        else:
            self._out(out, Gap(self.lane.flow, ref, 0, 1, marks=marks))

    def _forget_record(self) -> None:
        self._mark = b""
        if self._body:
            self._body = bytearray()
        self._parts = []
        self._size = self._left = self._fragments = 0
        self._last = self._begun = self._conflict = False
        self._marks = []
        self._whole = True
        self._ref = None
        self._forget_kept()

    def _makes_sense(self) -> bool:
        """Whether a record at an uncertain position can still be a message."""
        return self._size < SMALLEST_MESSAGE or is_message(self._head()[:SMALLEST_MESSAGE])

    def _lose_sense(self, head: bytes, out: list[Placed]) -> None:
        """A mark or a message type makes no sense here."""
        ref, certain, kept = self._ref or self._seen, self._certain, self._kept
        if certain:
            self._state = DEAD
            if is_message(self._head()):
                self._whole = False
                self._end_record(out)
            else:
                self._out(out, NotRpc(self.lane.flow, ref, head[:_HEAD_BYTES], marks=tuple(self._marks)))
            self._forget_record()
            return
        self._forget_record()
        self._state = HUNT
        # The first byte is known to begin no record. Who makes us read the same again and again is not followed.
        if self._reread_bytes <= _MOST_REREAD * self._fed + LONGEST_FOUND:
            self._reread = without_first(kept, 1)
            size = sum([len(each.data) for each in self._reread])
            self._reread_bytes += size
            self.position -= size

    # gaps

    def gap(self, size: int, out: list[Placed]) -> None:
        """`size` bytes of the stream are missing from the capture."""
        if self._state == DEAD:
            return
        if self._hunted_bytes >= LEAST_OF_CUT:
            self._trust_cut(size, out)
        self._out(out, Gap(self.lane.flow, self._ref or self._seen, size, 0))
        self.position += size + self._hunted_bytes
        if self._state == HUNT:
            self._hunted, self._hunted_bytes = [], 0
            self._after_gap = True
        else:
            self._forget_kept()
            if self._state == BODY:
                self._whole = False
            if self._state == BODY and size <= self._left:
                self._left -= size
                if not self._left:
                    self._end_fragment(out)
            else:
                self._lose_position(out)
        self.buffered = self._size + self._hunted_bytes + self._kept_bytes + _MARK_COST * len(self._marks)

    def _lose_position(self, out: list[Placed]) -> None:
        """A gap swallowed a mark: the record in progress is incomplete, the next position unknown."""
        if self._begun or self._mark:
            self._whole = False
            # Unless the record is known to end in the gap, what is skipped next may be its rest.
            self._lost_start = not (self._state == BODY and self._last)
            self._end_record(out)
        else:
            # The gap began where a record did: at least that one is lost.
            self._out(out, Gap(self.lane.flow, self._seen, 0, 1))
            self._lost_start = True
        self._state = HUNT
        self._certain = False
        self._after_gap = True

    def close(self, out: list[Placed]) -> None:
        """The stream has ended: a record in progress is incomplete."""
        if self._state == HUNT:
            if self._hunted_bytes:
                self._skipped(out)
        elif self._state != DEAD and (self._begun or self._mark):
            self._whole = False
            self._end_record(out)
        self._state = DEAD

    # hunting

    def _skipped(self, out: list[Placed]) -> None:
        """Bytes behind a gap belong to no record that can be read: one more record is incomplete."""
        if self._after_gap and not self._lost_start:
            self._lost_start = True
            self._out(out, Gap(self.lane.flow, self._seen, 0, 1))

    def _hunt(self, chunk: Chunk, out: list[Placed]) -> None:
        """Look for a plausible record in what is held and what came."""
        chunks = [*self._hunted, chunk]
        data = b"".join([each.data for each in chunks])
        at, found = find_record(data)
        if at:
            self._skipped(out)
        self.position += at
        kept = without_first(chunks, at)
        if found:
            self._end_hunt()
            self._again(kept)
        else:
            self._hunted, self._hunted_bytes = kept, len(data) - at

    def _trust_cut(self, size: int, out: list[Placed]) -> None:
        """Begin a record whose header a gap of `size` bytes cuts off, where one can be trusted."""
        at = find_cut_record(b"".join([each.data for each in self._hunted]), size, self.longest)
        if at < 0:
            return
        if at:
            self._skipped(out)
        self.position += at
        kept = without_first(self._hunted, at)
        self._end_hunt()
        for chunk in kept:
            self._read(chunk, out)

    def _end_hunt(self) -> None:
        self._hunted, self._hunted_bytes = [], 0
        self._state = MARK
        self._lost_start = self._after_gap = False
