"""One reading of one sensor's files, or of a share of its conversations: the work that is divided among processes.

The conversations of a sensor can be dealt out to several decoders (`decode.bucket_of`): each
reads all files, but looks only at its share. Their facts, merged, are those of one decoder
that had it all. What several sensors' files hold can be counted by one `Account`, one sensor after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from netinfo_scapy.analysis.account import Account
from netinfo_scapy.analysis.facts import Facts
from netinfo_scapy.analysis.filters import Filter
from netinfo_scapy.capture.captures import Capture
from netinfo_scapy.capture.decode import Decoder
from netinfo_scapy.capture.flows import ALL_BUCKETS, Buckets
from netinfo_scapy.capture.frames import Frame
from netinfo_scapy.capture.interest import Interest
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Event, Message
from netinfo_scapy.capture.sieve import Sieve


class Watch:
    """Watched while a reading is under way: how far it is, and whether it is to end early.

    walked: bytes of the files gone through so far, each reading of them counted. stopped: it is to end early.
    """

    def __init__(self) -> None:
        self.walked = 0
        self.stopped = False

    def add(self, size: int) -> None:
        """So many bytes more."""
        self.walked += size


class PartReading:
    """One decoder on its way through the files of a sensor.

    interest: what is wanted; learns. hurry: what is learned counts from the next frame on.
    account: counts. wanted: the filter, or None. buckets: as in `Decoder`.
    watch: told how far it is, asked whether to end.
    source: gives a capture's frames, without those that need not be seen.
    """

    def __init__(
        self,
        captures: Sequence[Capture],
        interest: Interest,
        limits: Limits,
        account: Account,
        hurry: bool = False,
        wanted: Filter | None = None,
        buckets: Buckets = ALL_BUCKETS,
        watch: Watch | None = None,
        source: Callable[[Capture, Sieve], Iterator[list[Frame]]] = Capture.batches,
    ) -> None:
        self.messages_read = self.passed = 0
        self.decoder = Decoder(interest, limits, buckets)
        self._account = account
        self._captures = captures
        self._interest = interest
        self._sieve = Sieve(interest.ports, buckets, hurry=hurry, packets=self.decoder.reassembler)
        self._wanted = wanted
        self._is_first = buckets.first == 0
        self._uncounted = False  # what passes is counted by the account
        self._source = source
        self._watch = watch or Watch()

    def events(self) -> Iterator[list[Event]]:
        """Everything of interest, in capture order, filtered, as much at a time as comes at a time."""
        try:
            for batch in self._frames():
                yield self._filtered(self.decoder.feed_all(batch))
            yield self._filtered(self.decoder.finish())
        finally:
            # Whoever asked may have seen enough before the end.
            self.decoder.connections.finish([])
            self.decoder.pairing.finish()

    def counted(self) -> Iterator[list[Event]]:
        """The same, and counted by the account."""
        for events in self.events():
            self._account.feed_all(events)
            yield events

    def count(self) -> None:
        """Have everything of interest counted."""
        self._uncounted = True
        for _ in self.counted():
            pass

    def told(self) -> Facts:
        """What is counted beside the events, so far. What each decoder of a sensor sees alike, the first one tells."""
        facts, decoder = Facts(), self.decoder
        totals = facts.totals
        totals.evicted = decoder.connections.evicted + decoder.pairing.evicted
        totals.bad_checksums = decoder.connections.bad_checksums
        totals.stray_segments = decoder.connections.stray_segments
        if self._is_first:
            frames = decoder.reassembler
            totals.evicted += frames.evicted
            totals.cut_frames = frames.cut_frames + self._sieve.cut_frames
            totals.lost_fragment_bytes = frames.lost_bytes
            facts.not_understood.update(frames.unknown)
            facts.not_understood.update({f"malformed: {name}": count for name, count in frames.malformed.items()})
        return facts

    def _frames(self) -> Iterator[list[Frame]]:
        for capture in self._captures:
            at = 0
            for batch in self._source(capture, self._sieve):
                self._watch.add(capture.position - at)
                at = capture.position
                if batch:
                    yield batch
                # Not before: what the capture counts as read is to be what was looked at.
                if self._watch.stopped:
                    return

    def _filtered(self, events: list[Event]) -> list[Event]:
        if self._wanted is None and self._uncounted:
            return events
        self.messages_read += sum(isinstance(event, Message) and not event.record.incomplete for event in events)
        passing = events if self._wanted is None else list(self._wanted.select(events, self._interest))
        self.passed += sum(isinstance(event, Message) for event in passing)
        return passing
