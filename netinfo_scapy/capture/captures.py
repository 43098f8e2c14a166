"""One capture: its frames, what is known of it, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from decimal import Decimal
from operator import index as whole_number
from typing import IO, Any, NamedTuple, TypeAlias

from netinfo_scapy.capture import pcap, pcapng
from netinfo_scapy.capture.compression import Chunks
from netinfo_scapy.capture.errors import CaptureError, Truncated
from netinfo_scapy.capture.frames import Frame, FrameRef
from netinfo_scapy.capture.links import link_name
from netinfo_scapy.capture.pcap import Tally
from netinfo_scapy.capture.recognition import LOOKED_AT, unknown_format
from netinfo_scapy.capture.sieve import Sieve

PacketTuple: TypeAlias = tuple[Any, int, "bytes | bytearray | memoryview"]
"""Time in seconds (int, float, Decimal), LINKTYPE_ number, bytes."""

_Batches: TypeAlias = Generator[list[Frame], None, None]
_BATCH = 1024


class Report(NamedTuple):
    """What a reading of a capture told: counts, decimals of its times, why it ended early."""

    tally: Tally
    digits: int
    warning: str | None
    error: str | None


class Capture:
    """One capture of the input.

    name: as given or found; "-" for standard input.
    address: where other processes find it, wherever they run; None for what is only here.
    index: its place in the input, which its frames' refs carry (see `order`).
    rereadable: whether `frames` may be called again.
    unreadable: nothing of it can be read; `failure` is the exception that says why.
    format: "pcap", "pcapng", "packets" (from memory) or None. compression: "gzip", "zstd" or None.
    size, position: bytes of the file, as far as known, and how many of them the latest reading has taken.
    whole: the latest reading went to its end.
    repeated: it was given more than once, and is read once.
    warning, error: why the latest reading ended early. Only an error means that
        something is lost that the file should hold.
    """

    def __init__(self, name: str, index: int = 0) -> None:
        self.name = name
        self.address: str | None = None
        self.index = index
        self.rereadable = True
        self.format: str | None = None
        self.compression: str | None = None
        self.warning: str | None = None
        self.error: str | None = None
        self.failure: CaptureError | OSError | None = None
        self.repeated = False
        self._digits = 6
        self._tally = Tally(index)
        self._begun: _Batches | None = None  # the one reading of what cannot be reread
        self._peeked: list[list[Frame]] = []
        self._used = False
        self.whole = False
        self._sieve: Sieve | None = None
        self.size: int | None = None
        self.position = 0
        self._span: tuple[int, int] | None = None

    def __repr__(self) -> str:
        return f"<Capture {self.name!r}: {self.error or self.format}>"

    @property
    def unreadable(self) -> bool:
        """Whether there is nothing in it that can be read."""
        return self.failure is not None

    @property
    def frames_read(self) -> int:
        """Frames of the latest reading, as Wireshark numbers them."""
        return self._tally.frames

    @property
    def bytes_read(self) -> int:
        """Captured bytes of these frames."""
        return self._tally.bytes

    @property
    def first_ns(self) -> int | None:
        """The least time among these frames."""
        return self._tally.first_ns

    @property
    def last_ns(self) -> int | None:
        """The greatest time among these frames."""
        return self._tally.last_ns

    @property
    def link_types(self) -> set[str]:
        """Names of the link types seen."""
        return {link_name(link) for link in self._tally.links}

    @property
    def digits(self) -> int:
        """Decimals of a second that its times have: 6 or 9, as far as known; it never shrinks."""
        self._digits = max(self._digits, self._tally.digits)
        return self._digits

    def frames(self) -> Iterator[Frame]:
        """The frames from the start; counts and link types begin anew.

        What is wrong with the content ends the reading and is told by `error` or
        `warning`. Raises CaptureError if the capture was read and cannot be read again.
        """
        for batch in self.batches():
            yield from batch

    def batches(self, sieve: Sieve | None = None) -> _Batches:
        """The frames as `frames` gives them, many at a time. sieve: leaves out those that need not be seen."""
        if self.unreadable:
            return
        if not self.rereadable:
            if self._used:
                raise CaptureError("a stream can be read only once; save it to a file first")
            self._used = True
            self._tally.capture = self.index
            for batch in self._peeked:
                yield [frame.in_capture(self.index) for frame in batch]
            self._peeked = []
            self._sieve = sieve
            yield from self._begin()
            return
        self._digits = self.digits
        self._tally = Tally(self.index)
        self._sieve = sieve
        self.whole = False
        try:
            yield from self._guarded(self._tally, keep=True)
            self.whole = True
        finally:
            self._sieve = None

    def report(self) -> Report:
        """What the latest reading told."""
        return Report(self._tally, self._digits, self.warning, self.error)

    def adopt(self, report: Report) -> None:
        """Take over what another reading of the same capture, in another process, told."""
        self._tally, self._digits, self.warning, self.error = report
        self.whole = True

    def first_time(self) -> int | None:
        """The first frame's time; None if there is none."""
        if self.unreadable or self._used:
            return None
        if self.rereadable:
            batches = self._guarded(Tally(), keep=True)
            first = next(filter(None, batches), None)
            batches.close()
        else:
            first = self._peeked[0] if self._peeked else next(filter(None, self._begin()), None)
            if first and not self._peeked:
                self._peeked.append(first)
        return first[0].ref.time_ns if first else None

    def span(self) -> tuple[int, int] | None:
        """The least and the greatest time; None without frames, or if it can be read only once."""
        tally = self._tally
        if self._span is None and self.whole and tally.first_ns is not None and tally.last_ns is not None:
            self._span = tally.first_ns, tally.last_ns
        if self._span is None and self.rereadable and not self.unreadable:
            tally = Tally()
            for _ in self._guarded(tally, keep=False):
                pass
            if tally.first_ns is not None and tally.last_ns is not None:
                self._span = tally.first_ns, tally.last_ns
        return self._span

    def _begin(self) -> _Batches:
        if self._begun is None:
            self._begun = self._guarded(self._tally, keep=True)
        return self._begun

    def _guarded(self, tally: Tally, keep: bool) -> _Batches:
        self.warning = self.error = None
        try:
            yield from self._read(tally, keep)
        except Truncated as error:
            self.warning = str(error)
        except CaptureError as error:
            self.error = str(error)
        except OSError as error:
            self.error = f"reading failed: {error.strerror or error}; what precedes it was read"

    def _read(self, tally: Tally, keep: bool) -> _Batches:  # noqa: ARG002 - what is readable overrides it
        """The frames in batches, counted in `tally`; only counted unless they are to be kept. Here, none."""
        yield from ()

    def fail(self, failure: CaptureError | OSError) -> None:
        """Note that nothing of it can be read."""
        self.failure = failure
        self.error = str(failure) if isinstance(failure, CaptureError) else failure.strerror or str(failure)


class StreamCapture(Capture):
    """A capture in a file or a stream. begin: gives the stream, from where the capture starts."""

    def __init__(self, name: str, begin: Callable[[], IO[bytes]], rereadable: bool, closes: bool) -> None:
        super().__init__(name)
        self._open = begin
        self._closes = closes
        self._sniffed: tuple[IO[bytes], Chunks] | None = None
        stream: IO[bytes] | None = None
        try:
            stream = begin()
            chunks = Chunks(stream)
            self.compression = chunks.compression
            self.format = self._recognize(chunks)
            if not rereadable:
                self.rereadable = False
                self._sniffed = stream, chunks
        except (CaptureError, OSError) as error:
            self.fail(error)
        finally:
            if stream is not None and closes and (rereadable or self.unreadable):
                stream.close()

    def _recognize(self, chunks: Chunks) -> str:
        head = chunks.peek(4)
        if head in pcap.VARIANTS:
            self._digits = 9 if pcap.VARIANTS[head].unit_ns == 1 else 6
            return "pcap"
        if head == pcapng.MAGIC:
            return "pcapng"
        head = chunks.peek(LOOKED_AT)
        raise chunks.failure or unknown_format(self.name, head)

    def _read(self, tally: Tally, keep: bool) -> _Batches:
        batches = pcap.batches if self.format == "pcap" else pcapng.batches
        if self._sniffed is not None:
            stream, chunks = self._sniffed
        else:
            stream = self._open()
            chunks = Chunks(stream)
        try:
            for batch in batches(chunks, tally, keep, self._sieve):
                self.position = chunks.taken
                yield batch
        finally:
            if self._closes:
                stream.close()


class PacketsCapture(Capture):
    """A capture of (time, link type, bytes) tuples. An iterator is read once, anything else again and again."""

    def __init__(self, packets: Iterable[PacketTuple]) -> None:
        super().__init__("packets")
        self.format = "packets"
        self.rereadable = iter(packets) is not packets
        self._packets = packets

    def _read(self, tally: Tally, keep: bool) -> _Batches:
        # From an iterator each frame is handed on at once: it may be a live capture.
        size = _BATCH if self.rereadable else 1
        batch: list[Frame] = []
        for number, packet in enumerate(self._packets, 1):
            try:
                time, link, data = packet
                time_ns, link, content = nanoseconds(time), whole_number(link), bytes(memoryview(data))
            except (TypeError, ValueError, ArithmeticError) as error:
                raise TypeError(f"packet {number} is no (time, link type, bytes): {error}") from error
            if time_ns % 1000:
                tally.digits = 9
            tally.links.add(link)
            tally.add(number, len(content), time_ns, time_ns)
            if keep:
                batch.append(Frame(FrameRef(tally.capture, number, time_ns), link, len(content), content))
                if len(batch) >= size:
                    yield batch
                    batch = []
        yield batch


def nanoseconds(time: Any) -> int:
    """A time in seconds as integer nanoseconds: a float to the microsecond, a Decimal to the nanosecond.

    Raises TypeError, ValueError, OverflowError for what is no finite number.
    """
    if isinstance(time, int):
        return time * 10**9
    if isinstance(time, Decimal):
        # Scapy's times are a subclass whose arithmetic rounds.
        return int((Decimal(time) * 10**9).to_integral_value())
    return round(float(time) * 10**6) * 1000
