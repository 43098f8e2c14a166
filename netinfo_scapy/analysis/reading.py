"""Input -> events or facts: which files, in which order, read how often, by how many processes.

One `Reading` is one look at an input. With `learn="exact"` the input is read until a
reading teaches no endpoint that the one before did not know; normally that is the
second, and where nothing beyond the well-known and given ports is found, the first.

Files that are called alike are taken for those of one sensor; should the first reading show
that their times overlap, they are grouped anew and read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from netinfo_scapy.analysis import lots
from netinfo_scapy.analysis.account import Account
from netinfo_scapy.analysis.directory.until import Until
from netinfo_scapy.analysis.facts import Facts, merge
from netinfo_scapy.analysis.filters import Filter
from netinfo_scapy.analysis.part import PartReading, Watch
from netinfo_scapy.capture.interest import Interest, PortNumber
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Event, Message
from netinfo_scapy.capture.sources import Capture, are_alike, open_captures, order, sensors

if TYPE_CHECKING:
    from concurrent.futures import Executor

Learn = Literal["exact", "once"]
Sensors = Literal["auto", "one", "each"]

_MOST_READINGS = 4
"""Readings that only learn, at the most: each endpoint taught late could call for another."""


class Reading:
    """An input, ready to be read.

    source: as `capture.sources.open_captures` takes it. netinfo_ports: beside 961 and 111.
    learn: "exact" or "once" (an endpoint counts from the frame that taught it; the only way
        where the input cannot be read twice). as_sensors: whether files whose times overlap
        are one sensor. counts_only: nothing is learned of directories, and no clues of findings are noted.
    Raises CaptureError, FileNotFoundError.
    """

    def __init__(
        self,
        source: Any,
        *,
        netinfo_ports: Iterable[PortNumber] = (),
        learn: Learn = "exact",
        as_sensors: Sensors = "auto",
        wanted: Filter | None = None,
        limits: Limits | None = None,
        counts_only: bool = False,
    ) -> None:
        self.limits = limits or Limits()
        self.wanted = wanted
        self.captures: list[Capture] = order(open_captures(source))
        self.learn: Learn = learn if all(capture.rereadable for capture in self.captures) else "once"
        self._sensors: Sensors = as_sensors
        self._guessed = as_sensors == "auto" and self.learn == "exact" and are_alike(self.captures)
        self.groups = sensors(self.captures, "one" if self._guessed else as_sensors)
        self.interest = Interest(netinfo_ports, self.limits.learned_endpoints, at_once=self.learn == "once")
        self.passed = 0
        """Messages of the latest reading that passed the filter, incomplete ones among them."""
        self.readings = 0
        """Readings begun."""
        self.shares = 1
        """How often the files are walked through in the present reading."""
        self.watch = Watch()
        self.joins = False
        """Where other processes take shares of the work, this one takes one, too, and does not only wait."""
        self.cuts: tuple[Until | None, ...] = () if counts_only else (None,)
        """Where what is learned of directories ends, each apart: for a look at how it was. Nowhere: as `Account`."""
        self._walked = self._messages_read = self._refused = 0
        self._account: Account | None = None
        self._under_way: PartReading | None = None

    def settle_sensors(self) -> None:
        """Tell for certain which files are of one sensor, before anything is read: by their times."""
        if self._guessed:
            self._guessed = False
            self.groups = sensors(self.captures, self._sensors)

    @property
    def messages_read(self) -> int:
        """Messages of the latest reading, before the filter; no incomplete ones."""
        return self._messages_read + (self._under_way.messages_read if self._under_way else 0)

    @property
    def size(self) -> int | None:
        """Bytes of all files; None where that is not known."""
        sizes = [capture.size for capture in self.captures if not capture.unreadable]
        return None if None in sizes else sum(size or 0 for size in sizes)

    @property
    def walked(self) -> int:
        """Bytes of the files that the present reading has gone through, each share apart."""
        return self.watch.walked - self._walked

    def _begin(self) -> Account:
        self._walked = self.watch.walked
        self._under_way = None
        self.interest.refused = self._messages_read = self._refused = self.passed = 0
        self.readings += 1
        self.shares = 1
        self._account = Account(self.limits, self.cuts)
        return self._account

    def _read(self, wanted: Filter | None) -> Iterator[PartReading]:
        """One reading: its parts, each to be gone through before the next is asked for."""
        account = self._begin()
        for group in self.groups:
            part = self._part(group, wanted, account=account)
            yield part
            self._end(part, account)

    def _part(self, group: list[Capture], wanted: Filter | None, **others: Any) -> PartReading:
        hurry = self.learn == "once"
        part = PartReading(group, self.interest, self.limits, hurry=hurry, wanted=wanted, watch=self.watch, **others)
        self._under_way = part
        return part

    def _end(self, part: PartReading, account: Account) -> None:
        """A part was gone through: what it knows is told, so it can be let go."""
        account.add(part.told())
        self._messages_read += part.messages_read
        self._under_way = None

    def _again(self) -> bool:
        """Whether the input has to be read again, after a reading whose lessons count from here on."""
        found = self.interest.take_up()
        if self._guessed:
            self._guessed = False
            groups = sensors(self.captures, self._sensors)
            if groups != self.groups:
                self.groups = groups
                return True
        return found

    def _learn_first(self) -> None:
        """Read the input only to learn from it, if it may be read again."""
        if self.learn == "exact":
            for _ in range(_MOST_READINGS):
                for part in self._read(None):
                    for _events in part.events():
                        pass
                if self.watch.stopped or not self._again():
                    return

    def events(self, counted: bool = False) -> Iterator[Event]:
        """Everything of interest, in capture order, filtered. counted: `so_far` tells what it adds up to."""
        self._learn_first()
        for part in self._read(self.wanted):
            for events in part.counted() if counted else part.events():
                for event in events:
                    self.passed += isinstance(event, Message)
                    yield event

    def facts(self, executor: Executor | None = None, jobs: int = 1) -> Facts:
        """Everything of interest, counted. One reading is enough where nothing was learned in it.

        executor, jobs: where the work is done beside this process, and in how many parts.
        """
        if self.wanted and self.wanted.tags:
            # A tag may be learned on a port that is of interest anyway: that makes no second reading below.
            self._learn_first()
        for _ in range(_MOST_READINGS + 1):
            account = self._begin()
            groups = [[capture for capture in group if not capture.unreadable] for group in self.groups]
            alone = self.learn == "once" or any(each.address is None for group in groups for each in group)
            if executor is None or alone:
                for group in groups:
                    self._count(group, account)
            else:
                self._divide([group for group in groups if group], account, executor, jobs)
            if self.watch.stopped or not self._again():
                break
        return self._finished(account.finish())

    def so_far(self) -> Facts:
        """What the present reading has counted until now, of the work done in this process.

        It can be asked for between any two batches, and changes nothing.
        """
        facts = Facts()
        if self._account is not None:
            facts = merge(facts, self._account.facts())
        if self._under_way is not None:
            facts = merge(facts, self._under_way.told())
        refused = self._refused
        facts = self._finished(facts)
        self._refused = refused
        return facts

    def _finished(self, facts: Facts) -> Facts:
        """Facts with what is known of the reading as a whole."""
        facts.totals.evicted += self.interest.refused - self._refused
        self._refused = self.interest.refused
        facts.filtered_from = self.messages_read if self.wanted else None
        facts.counts_only = not self.cuts
        return facts

    def _count(self, group: list[Capture], account: Account, **others: Any) -> None:
        """Count what the files of a sensor hold, in this process."""
        part = self._part(group, self.wanted, account=account, **others)
        part.count()
        self.passed += part.passed
        self._end(part, account)

    def _divide(self, groups: list[list[Capture]], account: Account, executor: Executor, jobs: int) -> None:
        """Count what the files of all sensors hold, in several processes where that takes less time."""
        if not lots.is_sparse([capture for group in groups for capture in group], self.interest):
            dealt = lots.by_conversation(groups, jobs, self.joins)
            self.shares = len(dealt)
            self._share(dealt, account, executor)
            return
        dealt = lots.by_sensor(groups, jobs)
        if dealt:
            self._share(dealt, account, executor)
            return
        for group in groups:
            if len(group) == 1:
                self._count(group, account)
                continue
            from netinfo_scapy.analysis.parallel import Sifting  # noqa: PLC0415 - takes as long as many captures

            sifting = Sifting(executor, group, self.interest, jobs, self.watch, self.joins)
            self._count(group, account, source=sifting.batches)

    def _share(self, dealt: list[lots.Lot], account: Account, executor: Executor) -> None:
        """Have each process count one lot; this one, too, if it joins in."""
        from netinfo_scapy.analysis.parallel import SharedReading  # noqa: PLC0415 - as above

        shared = SharedReading(self.interest, self.limits, self.wanted, self.cuts, self.watch, self.joins)
        shared.count(dealt, account, executor)
        self._messages_read += shared.messages_read
        self.passed += shared.passed
