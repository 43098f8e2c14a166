"""One reading of one sensor's files, or of a share of its conversations: the work that is divided among processes.

The conversations of a sensor can be dealt out to several decoders (`decode.share_of`): each
reads all files, but looks only at its share. Their facts, merged, are those of one decoder
that had it all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from netinfo_scapy.analysis.account import Account
from netinfo_scapy.analysis.facts import Facts
from netinfo_scapy.analysis.filters import Filter
from netinfo_scapy.capture.captures import Capture
from netinfo_scapy.capture.decode import Decoder
from netinfo_scapy.capture.frames import Frame
from netinfo_scapy.capture.interest import Interest
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Event, Message
from netinfo_scapy.capture.sieve import Sieve

Stop = Callable[[], bool]


def never() -> bool:
    """Do not stop."""
    return False


@dataclass
class Part:
    """What a reading came to.

    facts: of the events that passed the filter, and what the decoder itself counted.
    messages_read: messages before the filter; incomplete ones left out.
    """

    facts: Facts
    messages_read: int


class PartReading:
    """One decoder on its way through the files of a sensor.

    interest: what is wanted; learns. hurry: what is learned counts from the next frame on.
    wanted: the filter, or None. share, shares: as in `Decoder`. stop: asked now and then whether to end early.
    """

    def __init__(
        self,
        captures: Sequence[Capture],
        interest: Interest,
        limits: Limits,
        hurry: bool = False,
        wanted: Filter | None = None,
        share: int = 0,
        shares: int = 1,
        stop: Stop = never,
    ) -> None:
        self.messages_read = self.passed = 0
        self.decoder = Decoder(interest, limits, share, shares)
        self._captures = captures
        self._interest = interest
        self._sieve = Sieve(interest.ports, share, shares, hurry=hurry)
        self._wanted = wanted
        self._share = share
        self._stop = stop

    def events(self) -> Iterator[list[Event]]:
        """Everything of interest, in capture order, filtered, as much at a time as comes at a time."""
        for batch in self._frames():
            yield self._filtered(self.decoder.feed_all(batch))
        yield self._filtered(self.decoder.finish())

    def part(self) -> Part:
        """Everything of interest, counted."""
        account = Account()
        for events in self.events():
            account.feed_all(events)
        return Part(self.complete(account.facts()), self.messages_read)

    def complete(self, facts: Facts) -> Facts:
        """Add what the decoder counted. What each decoder of a sensor sees alike, the first one tells."""
        totals, decoder = facts.totals, self.decoder
        totals.evicted += decoder.connections.evicted + decoder.pairing.evicted
        totals.bad_checksums = decoder.connections.bad_checksums
        totals.stray_segments = decoder.connections.stray_segments
        if self._share == 0:
            frames = decoder.reassembler
            totals.evicted += frames.evicted
            totals.cut_frames = frames.cut_frames + self._sieve.cut_frames
            totals.lost_fragment_bytes = frames.lost_bytes
            facts.not_understood.update(frames.unknown)
            facts.not_understood.update({f"malformed: {name}": count for name, count in frames.malformed.items()})
        return facts

    def _frames(self) -> Iterator[list[Frame]]:
        for capture in self._captures:
            for batch in capture.batches(self._sieve):
                if self._stop():
                    return
                yield batch

    def _filtered(self, events: list[Event]) -> list[Event]:
        if self._wanted is None:
            return events
        self.messages_read += sum(isinstance(event, Message) and not event.record.incomplete for event in events)
        passing = list(self._wanted.select(events, self._interest))
        self.passed += sum(isinstance(event, Message) for event in passing)
        return passing
